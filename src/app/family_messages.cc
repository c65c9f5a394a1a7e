#include "app/family_messages.h"

#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace brink::app {
namespace {

constexpr std::size_t kMostDescriptors = 65'536;

class Writer {
 public:
  template <class T>
    requires std::is_integral_v<T>
  void number(T value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof value);
  }
  template <class E>
    requires std::is_enum_v<E>
  void number(E value) {
    number(std::to_underlying(value));
  }
  void text(std::string_view text) {
    number(static_cast<std::uint32_t>(text.size()));
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    bytes_.insert(bytes_.end(), begin, begin + text.size());
  }
  void optional(const std::optional<std::uint32_t>& value) {
    number(static_cast<std::uint8_t>(value.has_value()));
    number(value.value_or(0));
  }
  void exit(const wasi::ProcessExit& exit) {
    number(exit.reason);
    number(exit.value);
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads in the order of writing. After the first thing that does not fit all is
/// zero, and good() says so in the end.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
    requires std::is_integral_v<T>
  T number() {
    T value{};
    if (rest_.size() < sizeof value) return spoil(), T{};
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_ = rest_.subspan(sizeof value);
    return value;
  }
  template <class E>
  E choice(E last) {
    const auto value = number<std::underlying_type_t<E>>();
    if (value > std::to_underlying(last)) return spoil(), E{};
    return static_cast<E>(value);
  }
  std::string text(std::size_t most) {
    const auto size = number<std::uint32_t>();
    if (size > most || size > rest_.size()) return spoil(), std::string();
    std::string out(reinterpret_cast<const char*>(rest_.data()), size);
    rest_ = rest_.subspan(size);
    return out;
  }
  std::size_t count(std::size_t most) {
    const auto value = number<std::uint32_t>();
    // Each element has a byte at least: no list is longer than what is left.
    if (value > most || value > rest_.size()) return spoil(), 0;
    return value;
  }
  std::optional<std::uint32_t> optional() {
    const auto there = number<std::uint8_t>();
    const auto value = number<std::uint32_t>();
    if (there > 1) spoil();
    return there == 1 ? std::optional(value) : std::nullopt;
  }
  wasi::ProcessExit exit() {
    wasi::ProcessExit out{};
    out.reason = choice(wasi::ProcessExit::Reason::signal);
    out.value = number<std::uint32_t>();
    if (out.reason == wasi::ProcessExit::Reason::signal && out.value > 64) spoil();
    return out;
  }
  void spoil() {
    good_ = false;
    rest_ = {};
  }
  [[nodiscard]] bool good() const { return good_ && rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
  bool good_ = true;
};

void write_list(Writer& out, const std::vector<std::string>& list) {
  out.number(static_cast<std::uint32_t>(list.size()));
  for (const std::string& text : list) out.text(text);
}

std::vector<std::string> read_list(Reader& in) {
  std::vector<std::string> out;
  for (std::size_t left = in.count(kMostListed); left > 0; --left) {
    out.push_back(in.text(kMostStrings));
  }
  return out;
}

void write_table(Writer& out, const wasi::PortableTable& table) {
  out.number(static_cast<std::uint32_t>(table.descriptions.size()));
  for (const wasi::PortableDescription& open : table.descriptions) {
    out.number(open.kind);
    out.number(open.flags);
    out.number(open.detail);
    out.text(open.path);
    out.number(static_cast<std::uint8_t>(open.descriptor >= 0));
  }
  out.number(static_cast<std::uint32_t>(table.descriptors.size()));
  for (const wasi::PortableDescriptor& descriptor : table.descriptors) {
    out.number(descriptor.number);
    out.number(descriptor.description);
    out.number(descriptor.base);
    out.number(descriptor.inheriting);
    out.text(descriptor.preopen);
  }
}

wasi::PortableTable read_table(Reader& in) {
  wasi::PortableTable out;
  for (std::size_t left = in.count(kMostDescriptors); left > 0; --left) {
    wasi::PortableDescription open;
    open.kind = in.choice(wasi::PortableDescription::kLastKind);
    open.flags = in.number<std::uint16_t>();
    open.detail = in.number<std::uint32_t>();
    open.path = in.text(wasi::PortableDescription::kMaxPath);
    const auto has = in.number<std::uint8_t>();
    if (has > 1) in.spoil();
    open.descriptor = has == 1 ? 0 : -1;
    out.descriptions.push_back(std::move(open));
  }
  for (std::size_t left = in.count(kMostDescriptors); left > 0; --left) {
    wasi::PortableDescriptor descriptor;
    descriptor.number = in.number<std::uint32_t>();
    descriptor.description = in.number<std::uint32_t>();
    descriptor.base = in.number<std::uint64_t>();
    descriptor.inheriting = in.number<std::uint64_t>();
    descriptor.preopen = in.text(wasi::PortableDescription::kMaxPath);
    out.descriptors.push_back(std::move(descriptor));
  }
  return out;
}

struct Body {
  Writer& out;

  void operator()(const ForkBegin&) const {}
  void operator()(const Reserve&) const {}
  void operator()(const Forked& message) const {
    out.number(message.pid);
    out.number(message.host_pid);
  }
  void operator()(const Launch& message) const {
    out.number(message.as);
    out.number(message.command);
    out.optional(message.pid);
    write_list(out, message.arguments);
    write_list(out, message.environment);
    out.text(message.working_directory);
    out.number(static_cast<std::uint32_t>(message.dispositions.size()));
    for (const wasi::SignalDisposition& disposition : message.dispositions) {
      out.number(disposition.signal);
      out.number(disposition.action);
    }
    write_table(out, message.table);
  }
  void operator()(const EndReserved& message) const {
    out.number(message.pid);
    out.exit(message.exit);
  }
  void operator()(const Reap& message) const { out.optional(message.pid); }
  void operator()(const Kill& message) const {
    out.number(message.pid);
    out.number(message.signal);
  }
  void operator()(const Started& message) const {
    out.number(static_cast<std::uint8_t>(message.failure.has_value()));
    if (!message.failure) return;
    out.number(message.failure->code);
    out.text(message.failure->message);
    out.text(message.failure->remedy);
  }
  void operator()(const Ended& message) const { out.exit(message.exit); }
};

Launch read_launch(Reader& in) {
  Launch out;
  out.as = in.choice(Launch::As::replacement);
  out.command = in.number<std::uint32_t>();
  out.pid = in.optional();
  out.arguments = read_list(in);
  out.environment = read_list(in);
  out.working_directory = in.text(wasi::PortableDescription::kMaxPath);
  for (std::size_t left = in.count(64); left > 0; --left) {
    wasi::SignalDisposition disposition{};
    disposition.signal = in.number<std::uint8_t>();
    disposition.action = in.choice(wasi::SignalDisposition::Action::ignore);
    out.dispositions.push_back(disposition);
  }
  out.table = read_table(in);
  return out;
}

Started read_started(Reader& in) {
  const auto failed = in.number<std::uint8_t>();
  if (failed > 1) in.spoil();
  if (failed != 1) return {};
  Error error{};
  error.code = in.choice(ErrorCode::internal);
  error.message = in.text(kMostStrings);
  error.remedy = in.text(kMostStrings);
  return {std::move(error)};
}

FamilyRequest read_request(Reader& in) {
  switch (in.number<std::uint8_t>()) {
    case 0:
      return ForkBegin{};
    case 1: {
      const auto pid = in.number<std::uint32_t>();
      return Forked{pid, in.number<std::uint32_t>()};
    }
    case 2:
      return read_launch(in);
    case 3:
      return Reserve{};
    case 4: {
      const auto pid = in.number<std::uint32_t>();
      return EndReserved{pid, in.exit()};
    }
    case 5:
      return Reap{in.optional()};
    case 6: {
      const auto pid = in.number<std::uint32_t>();
      return Kill{pid, in.number<std::uint32_t>()};
    }
    case 7:
      return read_started(in);
    case 8:
      return Ended{in.exit()};
    default:
      in.spoil();
      return Reserve{};
  }
}

}  // namespace

std::vector<std::byte> encode(const FamilyRequest& request) {
  Writer out;
  out.number(static_cast<std::uint8_t>(request.index()));
  std::visit(Body{out}, request);
  return out.take();
}

std::vector<std::byte> encode(const FamilyReply& reply) {
  Writer out;
  out.number(reply.error);
  out.number(reply.pid);
  out.number(reply.slot);
  out.exit(reply.exit);
  return out.take();
}

Result<FamilyRequest> decode_family_request(std::span<const std::byte> bytes) {
  Reader in(bytes);
  FamilyRequest request = read_request(in);
  if (!in.good()) return fail(ErrorCode::bad_request, "a malformed message of a guest process");
  return request;
}

Result<FamilyReply> decode_family_reply(std::span<const std::byte> bytes) {
  Reader in(bytes);
  FamilyReply reply;
  reply.error = in.choice(wasi::Errno::notcapable);
  reply.pid = in.number<std::uint32_t>();
  reply.slot = in.number<std::uint32_t>();
  reply.exit = in.exit();
  if (!in.good()) return fail(ErrorCode::internal, "a malformed answer of init");
  return reply;
}

}  // namespace brink::app
