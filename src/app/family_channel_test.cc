#include "app/family_channel.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

namespace brink::app {
namespace {

class FamilyChannelTest : public testing::Test {
 protected:
  FamilyChannelTest() {
    auto ends = FamilyChannel::pair();
    EXPECT_TRUE(ends);
    one = std::move(ends->first);
    other = std::move(ends->second);
  }
  FamilyChannel one, other;
};

TEST_F(FamilyChannelTest, ALargeMessageWithManyDescriptorsArrivesWhole) {
  std::vector<std::byte> message(1 << 20);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i % 251);
  const std::vector<int> fds(300, STDERR_FILENO);
  std::thread sender([&] { EXPECT_TRUE(one.send(message, fds)); });
  const auto parcel = other.receive();
  sender.join();
  ASSERT_TRUE(parcel);
  EXPECT_EQ(parcel->bytes, message);
  EXPECT_EQ(parcel->fds.size(), 300U);
}

TEST_F(FamilyChannelTest, AMessageIsNothingUntilItIsWhole) {
  FamilyParcel parcel;
  const std::vector<std::byte> half = {std::byte{0}, std::byte{7}};  // "more follows"
  ASSERT_EQ(::write(one.fd(), half.data(), half.size()), 2);
  EXPECT_EQ(other.try_receive(parcel), net::Transfer::would_block);
  ASSERT_TRUE(one.send(std::vector{std::byte{8}}));
  EXPECT_EQ(other.try_receive(parcel), net::Transfer::done);
  EXPECT_EQ(parcel.bytes, (std::vector{std::byte{7}, std::byte{8}}));
}

TEST_F(FamilyChannelTest, TooLargeAMessageIsRefused) {
  std::thread sender(
      [&] { (void)one.send(std::vector<std::byte>(FamilyChannel::kMostBytes + 1)); });
  EXPECT_FALSE(other.receive());
  other = FamilyChannel();
  sender.join();
}

TEST_F(FamilyChannelTest, TheOtherEndsEndIsSeen) {
  one = FamilyChannel();
  FamilyParcel parcel;
  EXPECT_EQ(other.try_receive(parcel), net::Transfer::closed);
  EXPECT_FALSE(other.receive());
  EXPECT_FALSE(other.send(std::vector{std::byte{1}}));
}

}  // namespace
}  // namespace brink::app
