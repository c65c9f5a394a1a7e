#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/socket_address.h"

namespace brink::worker::testing {

/// A client that never blocks: what it gets is gathered in text().
class TestClient {
 public:
  enum class Receiving { normal, small };  ///< small: the kernel takes little for it

  explicit TestClient(const net::SocketAddress& server, Receiving receiving = Receiving::normal);

  /// Sends as much as the kernel takes; returns what it did not.
  std::string_view send(std::string_view bytes);
  void finish_sending();
  void close() { socket_.reset(); }
  /// Closes with a reset.
  void reset();

  /// Takes what has come, at most `most` bytes.
  void receive(std::size_t most = static_cast<std::size_t>(-1));

  enum class End { none, orderly, reset };
  [[nodiscard]] End end() const { return end_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  void clear() { text_.clear(); }
  [[nodiscard]] std::size_t count(std::string_view what) const;
  [[nodiscard]] bool has(std::string_view what) const {
    return text_.find(what) != std::string::npos;
  }

 private:
  UniqueFd socket_;
  std::string text_;
  End end_ = End::none;
};

}  // namespace brink::worker::testing
