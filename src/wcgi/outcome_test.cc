#include "wcgi/outcome.h"

#include <gmock/gmock.h>

#include <set>

namespace brink::wcgi {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<Ending> all_endings() {
  std::vector<Ending> endings;
  for (int i = 0; i <= static_cast<int>(Ending::internal); ++i) {
    endings.push_back(static_cast<Ending>(i));
  }
  return endings;
}

std::uint16_t status(Ending ending) { return traits(error_code(ending).value()).status; }

TEST(Outcome, ProgramsFaultsAreBadGatewayAndTimesAreGatewayTimeout) {
  for (const auto ending :
       {Ending::trapped, Ending::exited_early, Ending::no_header, Ending::bad_header,
        Ending::short_body, Ending::redirect_loop, Ending::memory, Ending::output_limit}) {
    EXPECT_EQ(status(ending), 502) << label(ending);
  }
  EXPECT_EQ(status(Ending::wall_time), 504);
  EXPECT_EQ(status(Ending::cpu_time), 504);
}

TEST(Outcome, OverloadIsUnavailableAndOnlyOurOwnFaultIs500) {
  for (const auto ending : {Ending::queue_full, Ending::queue_timeout, Ending::draining}) {
    EXPECT_EQ(status(ending), 503) << label(ending);
  }
  for (const auto ending : all_endings()) {
    if (ending == Ending::answered) continue;
    EXPECT_EQ(status(ending) == 500, ending == Ending::internal) << label(ending);
  }
}

TEST(Outcome, OfACompleteAnswerIsNoError) { EXPECT_EQ(error_code(Ending::answered), std::nullopt); }

TEST(Outcome, LabelsAreDistinctWords) {
  std::set<std::string_view> labels;
  for (const auto ending : all_endings()) {
    EXPECT_EQ(label(ending).find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos);
    EXPECT_TRUE(labels.insert(label(ending)).second) << label(ending);
  }
}

TEST(OutcomePage, ShowsDetailsOnlyWhenAsked) {
  for (const auto ending : all_endings()) {
    if (ending == Ending::answered) continue;
    const Outcome outcome{ending, "secret detail", 3};
    const auto shown = to_error(outcome, Details::show);
    const auto hidden = to_error(outcome, Details::hide);
    EXPECT_THAT(shown.text(), HasSubstr("secret detail")) << label(ending);
    EXPECT_THAT(hidden.text(), Not(HasSubstr("secret"))) << label(ending);
    EXPECT_FALSE(hidden.message.empty()) << label(ending);
    EXPECT_EQ(shown.text().find('\n'), std::string::npos);
  }
}

TEST(OutcomePage, NamesTheExitCode) {
  EXPECT_THAT(page_text({Ending::exited_early, "", 71}, Details::show),
              HasSubstr("exit code 71, with which wasi-libc ends a program that it"));
  const Outcome outcome{Ending::exited_early, "", 42};
  EXPECT_EQ(page_text(outcome, Details::show),
            "the program ended before its answer began: exit code 42");
  EXPECT_THAT(page_text(outcome, Details::hide), Not(HasSubstr("42")));
}

TEST(OutcomePage, TellsTheAuthorButNotTheClientWhatToChange) {
  const Outcome outcome{Ending::memory, "128MiB", 0};
  EXPECT_THAT(to_error(outcome, Details::show).remedy, HasSubstr("limits.memory"));
  EXPECT_EQ(to_error(outcome, Details::hide).remedy, "");
  EXPECT_EQ(to_error({Ending::queue_full, "", 0}, Details::hide).remedy, "try again later");
}

TEST(OutcomeOfAnError, KeepsItsCodeAndMessage) {
  for (const auto ending :
       {Ending::trapped, Ending::exited_early, Ending::bad_header, Ending::wall_time,
        Ending::cpu_time, Ending::memory, Ending::output_limit, Ending::client_gone,
        Ending::queue_full, Ending::queue_timeout, Ending::draining, Ending::internal}) {
    const auto outcome = outcome_of(Error{error_code(ending).value(), "what", "do this"});
    EXPECT_EQ(outcome.ending, ending);
    EXPECT_EQ(outcome.detail, "what; do this");
  }
  EXPECT_EQ(outcome_of(Error{ErrorCode::io_error, "disk", ""}).ending, Ending::internal);
}

}  // namespace
}  // namespace brink::wcgi
