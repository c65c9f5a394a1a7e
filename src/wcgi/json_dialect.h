#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"
#include "wasi/string_block.h"
#include "wcgi/answer_head.h"
#include "wcgi/answer_parser.h"
#include "wcgi/environment.h"

namespace brink::wcgi {

/// How a program and the server speak: by annotation (`dialect` of a wcgi
/// command) or by the module's custom section `cgi-dialect`.
enum class Dialect : std::uint8_t {
  rfc3875,  ///< "rfc-3875": meta-variables and a header block; the default
  json,     ///< "wcgi": the JSON heads of the Rust crate `wcgi`, version 1
};

inline constexpr std::string_view kDialectSection = "cgi-dialect";

/// The dialect of that name, or nothing.
std::optional<Dialect> parse_dialect(std::string_view name) noexcept;

inline constexpr std::string_view kRequestJsonVariable = "__WCGI_REQUEST_JSON_V1";

/// Appends the variable __WCGI_REQUEST_JSON_V1:
///
///     {"method":"GET","uri":"/a?b","headers":{"host":"x","accept":["a","b"]},"body":null}
///
/// Names in lower case; a repeated field's values as an array, in order. The
/// body is on stdin, always. Values that are not UTF-8 are read as Latin-1.
/// Left out are hop-by-hop fields and those that Connection names, Proxy, and
/// Authorization unless asked for; content-length is `body`'s. `scratch` is
/// overwritten; pass the same one again to save allocations.
void add_request_json(wasi::StringBlock& out, const http::RequestHead& request, BodyLength body,
                      Credentials credentials, std::string& scratch);

/// Reads the first line a program prints as the answer's head in JSON:
///
///     {"status":200,"headers":{"content-type":"text/html","set-cookie":["a","b"]}}
///
/// `status` is required, `headers` is not; other and repeated members are an
/// error. What follows the line is the body. A Location is a plain field: this
/// dialect has no local redirects. Limits and errors as for AnswerParser.
class JsonHeadParser {
 public:
  explicit JsonHeadParser(AnswerLimits limits = {})
      : limits_(limits), builder_(limits.max_fields) {}

  /// Not to be called again once it returned a head or an error.
  Result<Fed> feed(std::string_view bytes);

  [[nodiscard]] const AnswerHead& head() const { return builder_.head(); }
  /// What it means that the output ends before the first line did.
  [[nodiscard]] Error end_of_output() const;

  void reset();

 private:
  Result<void> take_line(std::string_view line);

  AnswerLimits limits_;
  AnswerHeadBuilder builder_;
  std::string partial_;
};

}  // namespace brink::wcgi
