#include "http/error_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace brink::http {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string text(ErrorCode code, const ErrorPageOptions& options = {}) {
  return error_page_text(Error{code, "the cause", "the remedy"}, options);
}

TEST(ErrorPage, NamesTheReasonAndWhoseFaultItIs) {
  EXPECT_EQ(text(ErrorCode::bad_request),
            "400 Bad Request: the cause; the remedy\nThe request is at fault.\n");
}

TEST(ErrorPage, KeepsInnerCausesForTheLog) {
  EXPECT_EQ(text(ErrorCode::guest_trap),
            "502 Bad Gateway\nThe program behind this address is at fault.\n");
  EXPECT_EQ(text(ErrorCode::internal), "500 Internal Server Error\nThe server is at fault.\n");
  EXPECT_EQ(text(ErrorCode::config_invalid),
            "500 Internal Server Error\nThe server's configuration is at fault.\n");
}

TEST(ErrorPage, ShowsInnerCausesToADeveloper) {
  EXPECT_THAT(text(ErrorCode::guest_trap, {.detail = Detail::full, .fields = {}}),
              HasSubstr("502 Bad Gateway: the cause; the remedy\n"));
}

TEST(ErrorPage, SaysWhenToTryAgain) {
  const ErrorPageOptions options{.retry_after = std::chrono::seconds(7), .fields = {}};
  EXPECT_EQ(text(ErrorCode::queue_full, options),
            "503 Service Unavailable\nThe server is busy. Try again in 7 s.\n");
  std::string out;
  append_error_page(out, Error{ErrorCode::queue_full, "", ""}, Exchange{}, Persistence::close,
                    kDate, options);
  EXPECT_THAT(out, HasSubstr("\r\nRetry-After: 7\r\n"));
  out.clear();
  append_error_page(out, Error{ErrorCode::not_found, "", ""}, Exchange{}, Persistence::close, kDate,
                    options);
  EXPECT_THAT(out, Not(HasSubstr("Retry-After")));
}

TEST(ErrorPage, IsACompleteAnswer) {
  std::string out;
  const Persistence persistence =
      append_error_page(out, Error{ErrorCode::bad_request, "two Host fields", ""}, Exchange{},
                        Persistence::close, kDate);
  EXPECT_EQ(persistence, Persistence::close);
  EXPECT_EQ(out,
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 58\r\nConnection: close\r\n\r\n"
            "400 Bad Request: two Host fields\nThe request is at fault.\n");
}

TEST(ErrorPage, HasNoBodyForHead) {
  std::string out;
  const Exchange head{Version::http11, MethodKind::head, Persistence::keep_alive};
  const Persistence persistence = append_error_page(out, Error{ErrorCode::not_found, "", ""}, head,
                                                    Persistence::keep_alive, kDate);
  EXPECT_EQ(persistence, Persistence::keep_alive);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
  EXPECT_THAT(out, HasSubstr("Content-Length: 39\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("Connection:")));
}

TEST(ErrorPage, TakesFurtherFieldsAndLeavesOutBrokenOnes) {
  const std::vector<Field> fields = {{"Allow", "GET, HEAD"}, {"X", "a\r\nSet-Cookie: b"}};
  std::string out;
  append_error_page(out, Error{ErrorCode::method_not_allowed, "", ""}, Exchange{},
                    Persistence::close, kDate, {.fields = fields});
  EXPECT_THAT(out, HasSubstr("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_THAT(out, HasSubstr("\r\nAllow: GET, HEAD\r\n"));
  EXPECT_THAT(out, Not(HasSubstr("Set-Cookie")));
}

TEST(ErrorPage, CanBeWrittenForEveryCode) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const Error error{static_cast<ErrorCode>(code), "m", "r"};
    std::string out;
    append_error_page(out, error, Exchange{}, Persistence::close, kDate);
    EXPECT_THAT(out, Not(HasSubstr("Unknown"))) << code;
  }
}

}  // namespace
}  // namespace brink::http
