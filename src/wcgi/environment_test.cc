#include "wcgi/environment.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "wcgi/test_support.h"

namespace brink::wcgi {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::StartsWith;

constexpr ConnectionInfo kConnection = {.remote_addr = "192.0.2.7",
                                        .remote_port = 50123,
                                        .local_addr = "198.51.100.1",
                                        .local_port = 8443,
                                        .scheme = Scheme::https};

EnvironmentBuilder builder_for(AppVariables app) {
  auto builder = EnvironmentBuilder::create(std::move(app));
  EXPECT_TRUE(builder) << builder.error().text();
  return std::move(*builder);
}

/// The environment that a request makes for an app.
class Environment : public testing::Test {
 protected:
  void build(const http::RequestHead& request, BodyLength body = BodyLength::none(),
             const ConnectionInfo& connection = kConnection) {
    auto builder = builder_for(app_);
    const auto built = builder.build(request, connection, body, block_);
    ASSERT_TRUE(built) << built.error().text();
  }

  std::optional<std::string> get(std::string_view name) { return variable(block_, name); }

  AppVariables app_;
  wasi::StringBlock block_;
};

// The variables of RFC 3875, in the order of section 4.1.

TEST_F(Environment, AuthTypeIsTheSchemeOnly) {
  const std::vector<http::Field> fields = {{"Authorization", "Basic dXNlcjpwYXNz"}};
  build(request_for("GET", "/", fields));
  EXPECT_THAT(get("AUTH_TYPE"), Optional(std::string("Basic")));
  for (const auto& text : strings_of(block_)) EXPECT_THAT(text, Not(HasSubstr("dXNlcjpwYXNz")));
}

TEST_F(Environment, AuthTypeIsUnsetWithoutAuthorizationOrWithAMalformedOne) {
  build(request_for("GET", "/"));
  EXPECT_EQ(get("AUTH_TYPE"), std::nullopt);
  const std::vector<http::Field> fields = {{"Authorization", "(Basic) x"}};
  build(request_for("GET", "/", fields));
  EXPECT_EQ(get("AUTH_TYPE"), std::nullopt);
}

TEST_F(Environment, ContentLengthIsTheBodysAndNotTheFields) {
  const std::vector<http::Field> fields = {{"Content-Length", "999"}};
  build(request_for("POST", "/", fields), BodyLength::known(12));
  EXPECT_THAT(get("CONTENT_LENGTH"), Optional(std::string("12")));
  EXPECT_EQ(get("HTTP_CONTENT_LENGTH"), std::nullopt);
}

TEST_F(Environment, ContentLengthIsUnsetWithoutABodyAndForAStreamedOne) {
  const std::vector<http::Field> fields = {{"Content-Length", "999"}};
  for (const auto body : {BodyLength::none(), BodyLength::streaming()}) {
    build(request_for("POST", "/", fields), body);
    EXPECT_EQ(get("CONTENT_LENGTH"), std::nullopt);
  }
}

TEST_F(Environment, ContentLengthOfAnEmptyBodyIsZero) {
  build(request_for("POST", "/"), BodyLength::known(0));
  EXPECT_THAT(get("CONTENT_LENGTH"), Optional(std::string("0")));
}

TEST_F(Environment, ContentLengthHoldsSixtyFourBits) {
  build(request_for("POST", "/"), BodyLength::known(18446744073709551615ULL));
  EXPECT_THAT(get("CONTENT_LENGTH"), Optional(std::string("18446744073709551615")));
}

TEST_F(Environment, ContentTypeIsTheFieldsAndHasNoSecondVariable) {
  const std::vector<http::Field> fields = {{"content-type", "text/plain; charset=utf-8"}};
  build(request_for("POST", "/", fields), BodyLength::known(1));
  EXPECT_THAT(get("CONTENT_TYPE"), Optional(std::string("text/plain; charset=utf-8")));
  EXPECT_EQ(get("HTTP_CONTENT_TYPE"), std::nullopt);
}

TEST_F(Environment, ContentTypeIsUnsetWhenTheClientSendsNone) {
  build(request_for("POST", "/"), BodyLength::known(1));
  EXPECT_EQ(get("CONTENT_TYPE"), std::nullopt);
}

TEST_F(Environment, GatewayInterfaceIsCgi11) {
  build(request_for("GET", "/"));
  EXPECT_THAT(get("GATEWAY_INTERFACE"), Optional(std::string("CGI/1.1")));
}

TEST_F(Environment, PathInfoIsTheDecodedPathBelowTheMount) {
  app_.script_name = "/api";
  build(request_for("GET", "/api/a%20b/c?d=%20"));
  EXPECT_THAT(get("PATH_INFO"), Optional(std::string("/a b/c")));
}

TEST_F(Environment, PathInfoOfAWholeHostIsTheWholePath) {
  build(request_for("GET", "/a/b"));
  EXPECT_THAT(get("PATH_INFO"), Optional(std::string("/a/b")));
}

TEST_F(Environment, PathInfoIsEmptyAtTheMountItself) {
  app_.script_name = "/api";
  build(request_for("GET", "/api"));
  EXPECT_THAT(get("PATH_INFO"), Optional(std::string()));
}

TEST_F(Environment, PathInfoKeepsAnEncodedSlashEncoded) {
  build(request_for("GET", "/a%2Fb"));
  EXPECT_THAT(get("PATH_INFO"), Optional(std::string("/a%2Fb")));
}

TEST_F(Environment, PathInfoWithAnEncodedNulIsABadRequest) {
  auto builder = builder_for({});
  const auto built =
      builder.build(request_for("GET", "/a%00b"), kConnection, BodyLength::none(), block_);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::bad_request);
}

TEST_F(Environment, PathInfoIsEmptyForARequestAboutNoPath) {
  build(request_for("OPTIONS", "*"));
  EXPECT_THAT(get("PATH_INFO"), Optional(std::string()));
  EXPECT_EQ(get("PATH_TRANSLATED"), std::nullopt);
}

TEST_F(Environment, PathTranslatedIsPathInfoBelowTheDocumentRoot) {
  app_.document_root = "/srv/";
  build(request_for("GET", "/a%20b"));
  EXPECT_THAT(get("PATH_TRANSLATED"), Optional(std::string("/srv/a b")));
}

TEST_F(Environment, PathTranslatedIsUnsetWithoutPathInfo) {
  app_.script_name = "/api";
  build(request_for("GET", "/api?x"));
  EXPECT_EQ(get("PATH_TRANSLATED"), std::nullopt);
}

TEST_F(Environment, QueryStringIsAsSent) {
  build(request_for("GET", "/a?b=%20c&d=+?e"));
  EXPECT_THAT(get("QUERY_STRING"), Optional(std::string("b=%20c&d=+?e")));
}

TEST_F(Environment, QueryStringIsSetAndEmptyWithoutAQuery) {
  build(request_for("GET", "/a"));
  EXPECT_THAT(get("QUERY_STRING"), Optional(std::string()));
}

TEST_F(Environment, RemoteAddrAndPortAreTheConnections) {
  build(request_for("GET", "/"));
  EXPECT_THAT(get("REMOTE_ADDR"), Optional(std::string("192.0.2.7")));
  EXPECT_THAT(get("REMOTE_PORT"), Optional(std::string("50123")));
}

TEST_F(Environment, RemoteHostIdentAndUserAreNotInvented) {
  const std::vector<http::Field> fields = {{"Authorization", "Basic dXNlcjpwYXNz"},
                                           {"Remote-User", "root"},
                                           {"Remote-Host", "trusted.example"}};
  build(request_for("GET", "/", fields));
  EXPECT_EQ(get("REMOTE_HOST"), std::nullopt);
  EXPECT_EQ(get("REMOTE_IDENT"), std::nullopt);
  EXPECT_EQ(get("REMOTE_USER"), std::nullopt);
}

TEST_F(Environment, RequestMethodKeepsItsCase) {
  for (const char* method : {"GET", "POST", "HEAD", "PROPFIND", "get"}) {
    build(request_for(method, "/"));
    EXPECT_THAT(get("REQUEST_METHOD"), Optional(std::string(method)));
  }
}

TEST_F(Environment, ScriptNameIsTheMount) {
  app_.script_name = "/api/v1";
  build(request_for("GET", "/api/v1/x"));
  EXPECT_THAT(get("SCRIPT_NAME"), Optional(std::string("/api/v1")));
}

TEST_F(Environment, ScriptNameIsSetAndEmptyForAWholeHost) {
  build(request_for("GET", "/x"));
  EXPECT_THAT(get("SCRIPT_NAME"), Optional(std::string()));
}

TEST_F(Environment, ServerNameIsTheHostWithoutItsPort) {
  auto request = request_for("GET", "/");
  request.authority = "www.example:8080";
  request.host = "www.example";
  build(request);
  EXPECT_THAT(get("SERVER_NAME"), Optional(std::string("www.example")));
}

TEST_F(Environment, ServerNameKeepsTheBracketsOfAnAddress) {
  auto request = request_for("GET", "/");
  request.authority = "[2001:db8::1]:80";
  request.host = "[2001:db8::1]";
  build(request);
  EXPECT_THAT(get("SERVER_NAME"), Optional(std::string("[2001:db8::1]")));
}

TEST_F(Environment, ServerNameWithoutAHostIsTheLocalAddress) {
  auto request = request_for("GET", "/");
  request.host = request.authority = {};
  build(request);
  EXPECT_THAT(get("SERVER_NAME"), Optional(std::string("198.51.100.1")));
  auto connection = kConnection;
  connection.local_addr = "2001:db8::2";
  build(request, BodyLength::none(), connection);
  EXPECT_THAT(get("SERVER_NAME"), Optional(std::string("[2001:db8::2]")));
}

TEST_F(Environment, ServerPortIsTheConnectionsWhateverTheHostFieldSays) {
  auto request = request_for("GET", "/");
  request.authority = "app.example:1";
  request.port = 1;
  build(request);
  EXPECT_THAT(get("SERVER_PORT"), Optional(std::string("8443")));
}

TEST_F(Environment, ServerProtocolIsTheVersionReceived) {
  auto request = request_for("GET", "/");
  for (const auto minor : std::initializer_list<std::uint8_t>{0, 1}) {
    request.minor_version = minor;
    build(request);
    EXPECT_THAT(get("SERVER_PROTOCOL"), Optional("HTTP/1." + std::to_string(minor)));
  }
}

TEST_F(Environment, ServerSoftwareIsSet) {
  app_.server_software = "brink/1.2";
  build(request_for("GET", "/"));
  EXPECT_THAT(get("SERVER_SOFTWARE"), Optional(std::string("brink/1.2")));
}

// Variables beyond the RFC that programs rely on.

TEST_F(Environment, RequestUriIsTheTargetAsSent) {
  build(request_for("GET", "/a/%2e/b?c"));
  EXPECT_THAT(get("REQUEST_URI"), Optional(std::string("/a/%2e/b?c")));
}

TEST_F(Environment, HttpsIsOnForHttpsOnly) {
  build(request_for("GET", "/"));
  EXPECT_THAT(get("HTTPS"), Optional(std::string("on")));
  EXPECT_THAT(get("REQUEST_SCHEME"), Optional(std::string("https")));
  auto connection = kConnection;
  connection.scheme = Scheme::http;
  build(request_for("GET", "/"), BodyLength::none(), connection);
  EXPECT_EQ(get("HTTPS"), std::nullopt);
  EXPECT_THAT(get("REQUEST_SCHEME"), Optional(std::string("http")));
}

TEST_F(Environment, ScriptFilenameIsTheConfiguredOneOrThePathBelowTheRoot) {
  build(request_for("GET", "/x.php"));
  EXPECT_THAT(get("SCRIPT_FILENAME"), Optional(std::string("/app/x.php")));
  EXPECT_THAT(get("DOCUMENT_ROOT"), Optional(std::string("/app")));
  app_.script_filename = "/bin/main";
  build(request_for("GET", "/x.php"));
  EXPECT_THAT(get("SCRIPT_FILENAME"), Optional(std::string("/bin/main")));
}

// What an app may and may not set.

TEST_F(Environment, AnAppsOwnVariablesComeInOrderAndTheLaterOfTwoCounts) {
  app_.environment = {{"B", "1"}, {"A", "2"}, {"B", "3"}};
  build(request_for("GET", "/"));
  auto strings = strings_of(block_);
  strings.resize(2);
  EXPECT_THAT(strings, ElementsAre("B=3", "A=2"));
}

TEST_F(Environment, AnAppMayPinWhereItsFilesAndItsPathAre) {
  app_.environment = {{"DOCUMENT_ROOT", "/www"},
                      {"SCRIPT_FILENAME", "/www/index.php"},
                      {"SCRIPT_NAME", "/index.php"},
                      {"PATH_INFO", "/pinned"}};
  build(request_for("GET", "/real"));
  EXPECT_THAT(get("DOCUMENT_ROOT"), Optional(std::string("/www")));
  EXPECT_THAT(get("SCRIPT_FILENAME"), Optional(std::string("/www/index.php")));
  EXPECT_THAT(get("SCRIPT_NAME"), Optional(std::string("/index.php")));
  EXPECT_THAT(get("PATH_INFO"), Optional(std::string("/pinned")));
  EXPECT_THAT(get("PATH_TRANSLATED"), Optional(std::string("/www/pinned")));
}

TEST_F(Environment, AnAppCannotSayWhoTheClientIs) {
  const std::vector<std::string> names = {
      "REMOTE_ADDR",     "REMOTE_PORT",           "REMOTE_USER",     "REMOTE_HOST",
      "SERVER_NAME",     "SERVER_PORT",           "SERVER_PROTOCOL", "SERVER_SOFTWARE",
      "REQUEST_METHOD",  "REQUEST_URI",           "REQUEST_SCHEME",  "HTTPS",
      "CONTENT_LENGTH",  "CONTENT_TYPE",          "AUTH_TYPE",       "GATEWAY_INTERFACE",
      "HTTP_HOST",       "HTTP_ANYTHING",         "HTTP_PROXY",      "QUERY_STRING",
      "PATH_TRANSLATED", "__WCGI_REQUEST_JSON_V1"};
  for (const auto& name : names) app_.environment.emplace_back(name, "forged");
  build(request_for("GET", "/"));
  for (const auto& text : strings_of(block_)) EXPECT_THAT(text, Not(HasSubstr("forged")));
  EXPECT_EQ(builder_for(app_).ignored(), names);
}

TEST_F(Environment, FieldsCannotOverrideWhatTheServerSets) {
  const std::vector<http::Field> fields = {{"REMOTE_ADDR", "forged"},
                                           {"Remote-Addr", "forged"},
                                           {"SERVER-NAME", "forged"},
                                           {"HTTPS", "forged"},
                                           {"X", "fine"}};
  build(request_for("GET", "/", fields));
  for (const auto& text : strings_of(block_)) {
    if (text.ends_with("=forged")) {
      EXPECT_THAT(text, StartsWith("HTTP_"));
    }
  }
}

TEST_F(Environment, TheServersOwnEnvironmentNeverLeaks) {
  ::setenv("BRINK_TEST_SECRET", "leaked", 1);
  build(request_for("GET", "/"));
  for (const auto& text : strings_of(block_)) EXPECT_THAT(text, Not(HasSubstr("leaked")));
  ::unsetenv("BRINK_TEST_SECRET");
}

TEST_F(Environment, OneRequestLeavesNothingForTheNext) {
  auto builder = builder_for({});
  const std::vector<http::Field> fields = {{"X-Secret", "one"}, {"X-Secret", "two"}};
  ASSERT_TRUE(builder.build(request_for("POST", "/first%20path?q", fields), kConnection,
                            BodyLength::known(3), block_));
  ASSERT_TRUE(builder.build(request_for("GET", "/"), kConnection, BodyLength::none(), block_));
  for (const auto& text : strings_of(block_)) {
    EXPECT_THAT(text, Not(HasSubstr("first")));
    EXPECT_THAT(text, Not(HasSubstr("one")));
  }
  EXPECT_EQ(get("CONTENT_LENGTH"), std::nullopt);
}

TEST_F(Environment, APathOutsideTheMountIsNotFound) {
  auto builder = builder_for({.script_name = "/api"});
  for (const char* path : {"/apix", "/", "/other"}) {
    const auto built =
        builder.build(request_for("GET", path), kConnection, BodyLength::none(), block_);
    ASSERT_FALSE(built) << path;
    EXPECT_EQ(built.error().code, ErrorCode::not_found);
  }
}

TEST_F(Environment, IsBounded) {
  const std::string large(3000, 'x');
  auto builder = builder_for({.max_environment = 4_KiB});
  const std::vector<http::Field> fields = {{"A", large}, {"B", large}};
  const auto built =
      builder.build(request_for("GET", "/", fields), kConnection, BodyLength::none(), block_);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().code, ErrorCode::headers_too_large);
}

TEST(EnvironmentOfAnApp, IsRefusedWhenNoProgramCouldReadIt) {
  const std::string nul("a\0b", 3);
  const std::vector<AppVariables> apps = {
      {.environment = {{"", "x"}}},  {.environment = {{"A=B", "x"}}},
      {.environment = {{nul, "x"}}}, {.environment = {{"A", nul}}},
      {.script_name = "api"},        {.script_name = "/api/"},
      {.script_name = "/"},          {.environment = {{"A", std::string(300 << 10, 'x')}}}};
  for (const auto& app : apps) {
    const auto builder = EnvironmentBuilder::create(app);
    ASSERT_FALSE(builder);
    EXPECT_EQ(builder.error().code, ErrorCode::config_invalid);
    EXPECT_FALSE(builder.error().remedy.empty());
  }
}

TEST(SearchWords, AreTheDecodedWordsOfAQueryWithoutEquals) {
  EXPECT_THAT(search_words("a+b%20c+%2B"), Optional(ElementsAre("a", "b c", "+")));
  EXPECT_THAT(search_words("one"), Optional(ElementsAre("one")));
  EXPECT_THAT(search_words("a++b"), Optional(ElementsAre("a", "", "b")));
  EXPECT_THAT(search_words("a%3Db"), Optional(ElementsAre("a=b")));
  EXPECT_THAT(search_words("%2e%2e%2f"), Optional(ElementsAre("../")));
}

TEST(SearchWords, AreNoneForAFormOrWhatCannotBeDecoded) {
  for (const char* query : {"", "a=b", "a+b=c", "a%", "a%2", "a%zz", "a%00"}) {
    EXPECT_EQ(search_words(query), std::nullopt) << query;
  }
}

}  // namespace
}  // namespace brink::wcgi
