#include "app/family_messages.h"

#include <gtest/gtest.h>

namespace brink::app {
namespace {

Launch full_launch() {
  Launch launch;
  launch.as = Launch::As::replacement;
  launch.command = 3;
  launch.pid = 17;
  launch.arguments = {"sh", "-c", "echo \n"};
  launch.environment = {"A=b", ""};
  launch.working_directory = "/data";
  launch.dispositions = {{13, wasi::SignalDisposition::Action::ignore}};
  launch.table.descriptions = {{wasi::PortableDescription::Kind::standard_stream, 0, 1, "", -1},
                               {wasi::PortableDescription::Kind::pipe_read, 4, 0, "", 9},
                               {wasi::PortableDescription::Kind::directory, 0, 0, "/tmp", -1}};
  launch.table.descriptors = {{0, 0, ~0ULL, 1, ""}, {7, 2, 3, 4, "/"}};
  return launch;
}

template <class T>
T there_and_back(const T& message) {
  const auto out = decode_family_request(encode(FamilyRequest(message)));
  EXPECT_TRUE(out);
  return out ? std::get<T>(*out) : T{};
}

TEST(FamilyMessages, AProgramComesOutAsItWentIn) {
  const Launch in = full_launch();
  const Launch out = there_and_back(in);
  EXPECT_EQ(out.as, in.as);
  EXPECT_EQ(out.command, in.command);
  EXPECT_EQ(out.pid, in.pid);
  EXPECT_EQ(out.arguments, in.arguments);
  EXPECT_EQ(out.environment, in.environment);
  EXPECT_EQ(out.working_directory, in.working_directory);
  ASSERT_EQ(out.dispositions.size(), 1U);
  EXPECT_EQ(out.dispositions[0].signal, 13);
  EXPECT_EQ(out.dispositions[0].action, wasi::SignalDisposition::Action::ignore);
  ASSERT_EQ(out.table.descriptions.size(), 3U);
  EXPECT_EQ(out.table.descriptions[1].kind, wasi::PortableDescription::Kind::pipe_read);
  EXPECT_EQ(out.table.descriptions[1].flags, 4);
  EXPECT_EQ(out.table.descriptions[1].descriptor, 0) << "that there is one, not which";
  EXPECT_EQ(out.table.descriptions[2].descriptor, -1);
  EXPECT_EQ(out.table.descriptions[2].path, "/tmp");
  ASSERT_EQ(out.table.descriptors.size(), 2U);
  EXPECT_EQ(out.table.descriptors[0].base, ~0ULL);
  EXPECT_EQ(out.table.descriptors[1].preopen, "/");
}

TEST(FamilyMessages, SmallOnesComeOutAsTheyWentIn) {
  EXPECT_EQ(there_and_back(Forked{5, 4321}).host_pid, 4321U);
  EXPECT_EQ(there_and_back(Kill{5, 15}).signal, 15U);
  EXPECT_EQ(there_and_back(Reap{std::nullopt}).pid, std::nullopt);
  EXPECT_EQ(there_and_back(Reap{4}).pid, 4U);
  EXPECT_EQ(there_and_back(EndReserved{4, {wasi::ProcessExit::Reason::code, 300}}).exit.value,
            300U);
  const Started started = there_and_back(Started{Error{ErrorCode::io_error, "cause", "remedy"}});
  ASSERT_TRUE(started.failure);
  EXPECT_EQ(started.failure->text(), "cause; remedy");
  FamilyReply reply{wasi::Errno::again, 7, 3, {wasi::ProcessExit::Reason::signal, 9}};
  const auto back = decode_family_reply(encode(reply));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->error, wasi::Errno::again);
  EXPECT_EQ(back->slot, 3U);
  EXPECT_EQ(back->exit.status(), 137U);
}

TEST(FamilyMessages, NoPartOfAMessageIsAMessageAndNothingMayFollow) {
  std::vector<std::byte> bytes = encode(FamilyRequest(full_launch()));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_family_request(std::span(bytes).first(size))) << size;
  }
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode_family_request(bytes));
}

TEST(FamilyMessages, UnknownKindsAndValuesAreRefused) {
  EXPECT_FALSE(decode_family_request(std::vector{std::byte{9}}));
  std::vector<std::byte> ended = encode(FamilyRequest(Ended{}));
  ended[1] = std::byte{2};  // no such reason
  EXPECT_FALSE(decode_family_request(ended));
  EXPECT_FALSE(
      decode_family_request(encode(FamilyRequest(Ended{{wasi::ProcessExit::Reason::signal, 65}}))));
}

TEST(FamilyMessages, ACountBeyondWhatIsThereTakesNoMemory) {
  std::vector<std::byte> launch = encode(FamilyRequest(Launch{}));
  for (std::size_t i = 11; i < 15; ++i) launch[i] = std::byte{0xff};  // arguments
  EXPECT_FALSE(decode_family_request(launch));
}

}  // namespace
}  // namespace brink::app
