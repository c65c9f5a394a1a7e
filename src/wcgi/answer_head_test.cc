#include "wcgi/answer_head.h"

#include <gmock/gmock.h>

namespace brink::wcgi {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A head as values, that outlive the builder.
struct Seen {
  std::uint16_t status;
  std::string reason;
  Fields fields;
  std::optional<std::uint64_t> content_length;
  AnswerForm form;
  std::string local_target;
};

Result<Seen> answer(const Fields& fields) {
  AnswerHeadBuilder builder;
  for (const auto& [name, value] : fields) TRY_VOID(builder.add(name, value));
  TRY_VOID(builder.finish());
  const auto& head = builder.head();
  Seen seen{head.status, std::string(head.reason),      {}, head.content_length,
            head.form,   std::string(head.local_target)};
  for (const auto& field : head.fields) seen.fields.emplace_back(field.name, field.value);
  return seen;
}

std::string refusal(const Fields& fields) {
  const auto seen = answer(fields);
  if (seen) return "accepted";
  EXPECT_EQ(seen.error().code, ErrorCode::guest_bad_answer);
  return seen.error().message;
}

TEST(DocumentAnswer, HasStatus200UnlessItSaysOtherwise) {
  EXPECT_EQ(answer({{"Content-Type", "a/b"}})->status, 200);
  EXPECT_EQ(answer({{"Content-Type", "a/b"}, {"Status", "404"}})->status, 404);
}

TEST(DocumentAnswer, KeepsItsFieldsInOrderAndRepeated) {
  const auto seen =
      answer({{"Set-Cookie", "a=1"}, {"Content-Type", "a/b"}, {"X", ""}, {"Set-Cookie", " b=2\t"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->form, AnswerForm::document);
  EXPECT_THAT(
      seen->fields,
      (Fields{{"Set-Cookie", "a=1"}, {"Content-Type", "a/b"}, {"X", ""}, {"Set-Cookie", "b=2"}}));
}

TEST(DocumentAnswer, MayLeaveOutContentTypeWhenItHasAStatus) {
  const auto seen = answer({{"Status", "204 No Content"}});
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->fields, IsEmpty());
}

TEST(DocumentAnswer, WithoutAnyCgiFieldIsRefused) {
  EXPECT_THAT(refusal({{"X-Other", "x"}}), HasSubstr("none of Status, Content-Type and Location"));
  EXPECT_THAT(refusal({{"Content-Length", "1"}}), HasSubstr("none of"));
  EXPECT_THAT(refusal({}), HasSubstr("empty"));
}

TEST(StatusField, GivesCodeAndReasonAndIsNotPassedOn) {
  const auto seen = answer({{"status", "418 I'm a  teapot"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 418);
  EXPECT_EQ(seen->reason, "I'm a  teapot");
  EXPECT_THAT(seen->fields, IsEmpty());
}

TEST(StatusField, TakesTheWholeRangeOfFinalStatuses) {
  for (const char* status : {"200", "299", "404", "599"}) {
    EXPECT_EQ(refusal({{"Status", status}}), "accepted") << status;
  }
}

TEST(StatusField, RefusesInterimAndImpossibleStatuses) {
  for (const char* status : {"100", "101", "103", "199", "000", "600", "999"}) {
    EXPECT_THAT(refusal({{"Status", status}}), HasSubstr("not between 200 and 599")) << status;
  }
}

TEST(StatusField, RefusesWhatIsNotThreeDigits) {
  for (const char* status : {"", "OK", "20", "2000", "20x", "+20", "-20", "200OK", "2 00"}) {
    EXPECT_THAT(refusal({{"Status", status}}), HasSubstr("three digits")) << status;
  }
}

TEST(StatusField, RefusesASecondOneThatDiffers) {
  EXPECT_EQ(refusal({{"Status", "200 OK"}, {"Status", "404 Not Found"}}),
            "two statuses, 200 and 404");
  EXPECT_EQ(refusal({{"Status", "200 OK"}, {"Status", "200"}}), "accepted");
}

TEST(ContentTypeField, RefusesTwoAndAnEmptyOne) {
  EXPECT_EQ(refusal({{"Content-Type", "a/b"}, {"content-type", "a/b"}}), "two Content-Type fields");
  EXPECT_EQ(refusal({{"Content-Type", " "}}), "Content-Type is empty");
}

TEST(ContentLengthField, IsTakenOutAsANumber) {
  const auto seen = answer({{"Content-Type", "a/b"}, {"Content-Length", "18446744073709551615"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->content_length, 18446744073709551615ULL);
  EXPECT_THAT(seen->fields, (Fields{{"Content-Type", "a/b"}}));
}

TEST(ContentLengthField, RefusesWhatIsNoLength) {
  for (const char* length :
       {"", "-1", "+1", "1,1", "0x1", "1 2", "1.0", "18446744073709551616", "abc"}) {
    EXPECT_THAT(refusal({{"Status", "200"}, {"Content-Length", length}}),
                HasSubstr("is not a number of bytes"))
        << length;
  }
}

TEST(ContentLengthField, RefusesTwoEvenEqualOnes) {
  EXPECT_EQ(refusal({{"Status", "200"}, {"Content-Length", "1"}, {"Content-Length", "1"}}),
            "two Content-Length fields");
}

TEST(LocalRedirect, IsAPathAndNothingElse) {
  const auto seen = answer({{"Location", "/a/b?c=d"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->form, AnswerForm::local_redirect);
  EXPECT_EQ(seen->local_target, "/a/b?c=d");
  EXPECT_THAT(seen->fields, IsEmpty());
}

TEST(LocalRedirect, MayHaveExtensionFields) {
  const auto seen = answer({{"X-CGI-Debug", "1"}, {"Location", "/a"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->form, AnswerForm::local_redirect);
  EXPECT_THAT(seen->fields, (Fields{{"X-CGI-Debug", "1"}}));
}

TEST(LocalRedirect, RefusesWhatNoRequestCouldAskFor) {
  for (const char* target : {"/a b", "/\xc3\xa4", "/a#b"}) {
    EXPECT_THAT(refusal({{"Location", target}}), HasSubstr("a path cannot have")) << target;
  }
}

TEST(LocalRedirect, IsTheClientsWhenItNamesAStatusADocumentOrAnotherHost) {
  const auto with_status = answer({{"Status", "303 See Other"}, {"Location", "/a"}});
  ASSERT_TRUE(with_status);
  EXPECT_EQ(with_status->status, 303);
  EXPECT_EQ(with_status->form, AnswerForm::client_redirect);
  EXPECT_THAT(with_status->fields, (Fields{{"Location", "/a"}}));

  const auto with_document = answer({{"Location", "/a"}, {"Content-Type", "a/b"}});
  ASSERT_TRUE(with_document);
  EXPECT_EQ(with_document->status, 302);
  EXPECT_EQ(with_document->form, AnswerForm::client_redirect_document);

  EXPECT_EQ(answer({{"Location", "//other.example/a"}})->form, AnswerForm::client_redirect);
}

TEST(ClientRedirect, IsA302UnlessItSaysOtherwise) {
  const auto seen = answer({{"Location", "https://other.example/a#b"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 302);
  EXPECT_EQ(seen->form, AnswerForm::client_redirect);
  EXPECT_THAT(seen->fields, (Fields{{"Location", "https://other.example/a#b"}}));
}

TEST(ClientRedirect, MayHaveADocument) {
  const auto seen =
      answer({{"Status", "301 Moved"}, {"Location", "http://x/"}, {"Content-Type", "text/html"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 301);
  EXPECT_EQ(seen->form, AnswerForm::client_redirect_document);
}

TEST(ClientRedirect, RefusesALocationThatIsNeitherUriNorPath) {
  for (const char* target : {"page.html", "?q", "#f", "1http://x", ":x", "x/y:z"}) {
    EXPECT_THAT(refusal({{"Location", target}}), HasSubstr("neither an absolute URI nor a path"))
        << target;
  }
  EXPECT_EQ(refusal({{"Location", ""}}), "Location is empty");
  EXPECT_EQ(refusal({{"Location", "/a"}, {"location", "/b"}}), "two Location fields");
}

TEST(LocationField, IsAPlainFieldWithAStatusThatDoesNotRedirect) {
  const auto seen = answer({{"Status", "201 Created"}, {"Location", "/new"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 201);
  EXPECT_EQ(seen->form, AnswerForm::document);
  EXPECT_THAT(seen->fields, (Fields{{"Location", "/new"}}));
}

TEST(ProtocolFields, AboutTheConnectionAreDropped) {
  const auto seen = answer({{"Status", "200"},
                            {"Connection", "close, X-Hop"},
                            {"Keep-Alive", "x"},
                            {"Proxy-Authenticate", "x"},
                            {"Proxy-Connection", "x"},
                            {"TE", "x"},
                            {"Trailer", "x"},
                            {"Transfer-Encoding", "chunked"},
                            {"Upgrade", "x"},
                            {"X-Hop", "x"},
                            {"Date", "yesterday"},
                            {"Server", "kept"}});
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->fields, (Fields{{"Server", "kept"}}));
}

TEST(ProtocolFields, NamedInConnectionAreDroppedEvenWhenTheyCameBeforeIt) {
  const auto seen = answer({{"x-hop", "x"}, {"Status", "200"}, {"Connection", "X-Hop"}});
  ASSERT_TRUE(seen);
  EXPECT_THAT(seen->fields, IsEmpty());
}

TEST(FieldSyntax, RefusesNamesThatAreNoTokens) {
  for (const char* name : {"a b", "a ", "<html>", "\xc3\xa4", "a\x01"}) {
    EXPECT_THAT(refusal({{name, "x"}}), HasSubstr("not a header field's name")) << name;
  }
  EXPECT_EQ(refusal({{"", "x"}}), "a header field without a name");
}

TEST(FieldSyntax, RefusesControlBytesInValuesAndNamesTheField) {
  for (const auto& value : {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3),
                            std::string("\x1b[0m"), std::string("\x7f")}) {
    EXPECT_EQ(refusal({{"X-Bad", value}}), "the value of X-Bad has a control byte in it");
    EXPECT_NE(refusal({{"Status", "200 " + value}}), "accepted");
  }
  EXPECT_EQ(refusal({{"Status", "200"}, {"X", "tab\tand \xff"}}), "accepted");
}

TEST(FieldSyntax, BoundsTheNumberOfFields) {
  AnswerHeadBuilder builder(3);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(builder.add("X", "y"));
  const auto fourth = builder.add("X", "y");
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().message, "more than 3 header fields");
}

TEST(AnswerHeadReset, LeavesNothingOfTheLastAnswer) {
  AnswerHeadBuilder builder;
  for (const auto& [name, value] : Fields{{"Status", "404 Gone fishing"},
                                          {"Location", "/a"},
                                          {"Content-Type", "a/b"},
                                          {"Connection", "X"},
                                          {"Content-Length", "7"}}) {
    ASSERT_TRUE(builder.add(name, value));
  }
  ASSERT_TRUE(builder.finish());
  builder.reset();
  ASSERT_TRUE(builder.add("X", "kept"));
  ASSERT_TRUE(builder.add("Content-Type", "c/d"));
  ASSERT_TRUE(builder.finish());
  const auto& head = builder.head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.reason, "");
  EXPECT_EQ(head.content_length, std::nullopt);
  EXPECT_EQ(head.form, AnswerForm::document);
  EXPECT_EQ(head.local_target, "");
  ASSERT_EQ(head.fields.size(), 2);
  EXPECT_EQ(head.fields[0].value, "kept");
}

}  // namespace
}  // namespace brink::wcgi
