#include "worker/request_body.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>

namespace brink::worker {
namespace {

constexpr std::size_t kHead = 4;

class RequestBodyTest : public testing::Test {
 protected:
  RequestBodyTest() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
    peer.reset(fds[0]);
    client.emplace(UniqueFd(fds[1]));
  }

  void send(std::string_view bytes) {
    ASSERT_EQ(::send(peer.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    while (client->read(4096) == ClientStream::Status::ok) {
    }
  }
  void begin(http::BodyFraming framing, std::uint64_t length) {
    send("head");
    http::RequestHead head;
    head.bytes = kHead;
    head.framing = framing;
    head.content_length = length;
    body.begin(*client, head, {});
  }

  UniqueFd peer;
  std::optional<ClientStream> client;
  RequestBody body;
};

TEST_F(RequestBodyTest, WantsNoMoreThanTheStatedLength) {
  begin(http::BodyFraming::length, 4);
  EXPECT_TRUE(body.wants_bytes());
  send("abc");
  EXPECT_TRUE(body.wants_bytes());
  send("d");
  EXPECT_FALSE(body.wants_bytes()) << "the client owes nothing, though nobody has read it";
}

TEST_F(RequestBodyTest, WantsMoreOfAChunkedBodyUntilItsEnd) {
  begin(http::BodyFraming::chunked, 0);
  send("1\r\na\r\n");
  EXPECT_TRUE(body.wants_bytes());
  send("0\r\n\r\n");
  body.discard();
  EXPECT_FALSE(body.wants_bytes());
}

}  // namespace
}  // namespace brink::worker
