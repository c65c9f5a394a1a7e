#include "node/preparation.h"

#include <gtest/gtest.h>

#include <semaphore>
#include <string>
#include <vector>

namespace brink::node {
namespace {

class PreparationTest : public testing::Test {
 protected:
  PreparationTest() {
    preparation = Preparation::create(
                      loop,
                      [this](const std::atomic<bool>& cancelled) -> Result<PreparedApp> {
                        begun.release();
                        may_end.acquire();
                        if (cancelled) return fail(ErrorCode::draining, "cancelled");
                        PreparedApp app;
                        app.spec.name = std::to_string(++count);
                        return app;
                      },
                      [this](Result<PreparedApp> app) {
                        done.push_back(app ? app->spec.name : app.error().text());
                      })
                      .value();
  }
  void finish() {
    may_end.release();
    loop.turn(std::chrono::seconds(20));
  }

  SystemClock clock;
  net::EventLoop loop = net::EventLoop::create(clock).value();
  std::counting_semaphore<> begun{0};
  std::counting_semaphore<> may_end{0};
  int count = 0;
  std::vector<std::string> done;
  std::unique_ptr<Preparation> preparation;
};

TEST_F(PreparationTest, WorksBesideTheLoopAndReportsOnIt) {
  preparation->begin();
  begun.acquire();
  loop.turn(Duration(0));  // not held up
  EXPECT_TRUE(preparation->under_way());
  EXPECT_TRUE(done.empty());
  finish();
  EXPECT_EQ(done, (std::vector<std::string>{"1"}));
  EXPECT_FALSE(preparation->under_way());
}

TEST_F(PreparationTest, RemembersOneMoreHoweverOftenItIsAsked) {
  preparation->begin();
  begun.acquire();
  for (int i = 0; i < 3; ++i) preparation->begin();
  finish();
  begun.acquire();
  finish();
  EXPECT_EQ(done, (std::vector<std::string>{"1", "2"}));
  EXPECT_FALSE(preparation->under_way());
}

TEST_F(PreparationTest, ReportsNothingOnceItIsCancelled) {
  preparation->begin();
  begun.acquire();
  preparation->begin();
  preparation->cancel();
  finish();
  EXPECT_TRUE(done.empty());
  preparation->begin();
  EXPECT_FALSE(preparation->under_way());
}

TEST_F(PreparationTest, ItsEndWaitsForWhatIsUnderWay) {
  preparation->begin();
  begun.acquire();
  may_end.release();
  preparation.reset();
  EXPECT_TRUE(done.empty());
}

}  // namespace
}  // namespace brink::node
