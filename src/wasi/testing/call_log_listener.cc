// Writes each test's name into the log of calls, so that it tells which tests make
// which call.

#include <gtest/gtest.h>

#include <string>

#include "wasi/testing/call_probe.h"

namespace brink::wasi::testing {
namespace {

class Listener final : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo& test) override {
    log_line("test", std::string(test.test_suite_name()) + "." + test.name());
  }
};

class Registration final : public ::testing::Environment {
  void SetUp() override { ::testing::UnitTest::GetInstance()->listeners().Append(new Listener); }
};

const ::testing::Environment* const kRegistered =
    ::testing::AddGlobalTestEnvironment(new Registration);

}  // namespace
}  // namespace brink::wasi::testing
