#include "worker/descriptor_watch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>

#include "base/unique_fd.h"

namespace brink::worker {
namespace {

class DescriptorWatchTest : public testing::Test, protected DescriptorWatch::Owner {
 protected:
  struct Pipe {
    UniqueFd in, out;
    Pipe() {
      std::array<int, 2> ends{};
      EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
      in = UniqueFd(ends[0]);
      out = UniqueFd(ends[1]);
    }
    void put() const { EXPECT_EQ(::write(out.get(), "x", 1), 1); }
  };

  void descriptor_ready() override { ++ready; }
  void turn() { loop.turn(Duration(0)); }

  SystemClock clock;
  net::EventLoop loop = net::EventLoop::create(clock).value();
  DescriptorWatch watch{loop, *this};
  Pipe first, second;
  int ready = 0;
};

TEST_F(DescriptorWatchTest, TellsOnceThatOneOfThemIsReady) {
  const std::array<wasm::WaitSet::Interest, 2> interests = {
      {{first.in.get(), POLLIN}, {second.in.get(), POLLIN}}};
  ASSERT_EQ(watch.watch(interests), DescriptorWatch::Watched::all);
  turn();
  EXPECT_EQ(ready, 0);
  first.put();
  second.put();
  turn();
  turn();
  EXPECT_EQ(ready, 1);
}

TEST_F(DescriptorWatchTest, TakesSeveralInterestsInOneDescriptor) {
  const std::array<wasm::WaitSet::Interest, 2> interests = {
      {{first.out.get(), POLLIN}, {first.out.get(), POLLOUT}}};
  ASSERT_EQ(watch.watch(interests), DescriptorWatch::Watched::all);
  turn();
  EXPECT_EQ(ready, 1);
}

TEST_F(DescriptorWatchTest, SaysThatFilesCannotBeWatchedAndWatchesNothingThen) {
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const std::array<wasm::WaitSet::Interest, 2> interests = {
      {{first.in.get(), POLLIN}, {file.get(), POLLIN}}};
  EXPECT_EQ(watch.watch(interests), DescriptorWatch::Watched::not_all);
  first.put();
  turn();
  EXPECT_EQ(ready, 0);
}

TEST_F(DescriptorWatchTest, HearsNothingAfterClear) {
  const std::array<wasm::WaitSet::Interest, 1> interests = {{{first.in.get(), POLLIN}}};
  ASSERT_EQ(watch.watch(interests), DescriptorWatch::Watched::all);
  first.put();
  watch.clear();
  turn();
  EXPECT_EQ(ready, 0);
}

}  // namespace
}  // namespace brink::worker
