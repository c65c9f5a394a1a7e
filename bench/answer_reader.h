#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace brink::bench {

/// Finds the end of one HTTP/1.1 answer in a byte stream: just enough of RFC
/// 9112 for a load generator that trusts the server (Content-Length, chunked
/// without trailers, or neither, which means an empty body). No I/O, one thread.
class AnswerReader {
 public:
  enum class State : std::uint8_t { more, done, broken };

  /// Takes the next bytes. After `done`, begin() starts the next answer.
  State feed(std::string_view bytes);

  [[nodiscard]] int status() const noexcept { return status_; }
  /// Whether the server will close the connection after this answer.
  [[nodiscard]] bool closes() const noexcept { return closes_; }
  void begin() noexcept;

 private:
  enum class Part : std::uint8_t { head, body, chunk_size, chunk_data, chunk_end, last_end };

  State line(std::string_view text);
  State head_line(std::string_view text);
  State end_of_head();

  Part part_ = Part::head;
  std::string line_;  // an unfinished line, at most kMaxLine
  std::uint64_t left_ = 0;
  int status_ = 0;
  bool chunked_ = false;
  bool closes_ = false;
};

}  // namespace brink::bench
