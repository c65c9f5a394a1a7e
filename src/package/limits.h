#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/units.h"

namespace brink::package {

/// A time that nothing bounds: a command's, unless a limit is set for it.
inline constexpr Duration kUnbounded = Duration::max();

/// What one program may use at most. The initial values are the defaults; names,
/// bounds and meanings stand in kLimits below, docs/limits.md is compared with it.
struct Limits {
  Duration wall_time = std::chrono::seconds(30);
  Duration cpu_time = std::chrono::seconds(10);
  ByteSize memory = 128_MiB;
  ByteSize output = 64_MiB;
  ByteSize body = 64_MiB;
  ByteSize spool = 1_GiB;
  ByteSize header_bytes = 32_KiB;
  std::uint64_t open_files = 256;
  std::uint64_t processes = 64;
  std::uint64_t threads = 256;
  ByteSize scratch = 64_MiB;
  std::uint64_t scratch_inodes = 4096;
  std::uint64_t instances = 256;
  ByteSize memory_sum{};  ///< 0 until assemble() has put half of the machine's there
  std::uint64_t queue = 1024;
  Duration queue_wait = std::chrono::seconds(10);
  Duration grace = std::chrono::seconds(10);
  Duration compile_time = std::chrono::minutes(4);
  ByteSize compile_memory = 6_GiB;

  bool operator==(const Limits&) const = default;
};

/// One row of the table: the key is the name in app.yaml's `limits:`, in
/// `--limit NAME=VALUE` and in metrics. Bounds are in the member's own unit:
/// nanoseconds, bytes, or a count.
struct LimitRow {
  std::string_view key;
  std::variant<Duration Limits::*, ByteSize Limits::*, std::uint64_t Limits::*> member;
  std::uint64_t min;
  std::uint64_t max;
  std::string_view description;
};

namespace detail {
inline constexpr std::uint64_t kMillisecond = 1'000'000;
inline constexpr std::uint64_t kMinute = 60'000 * kMillisecond;
inline constexpr std::uint64_t kDay = 1440 * kMinute;
}  // namespace detail

inline constexpr std::array kLimits = {
    LimitRow{"wall_time", &Limits::wall_time, detail::kMillisecond, detail::kDay,
             "time from the start of an instance to its end; 504 beyond it"},
    LimitRow{"cpu_time", &Limits::cpu_time, detail::kMillisecond, detail::kDay,
             "processor time of an instance; 504 beyond it"},
    LimitRow{"memory", &Limits::memory, 64 << 10, 4ULL << 30,
             "linear memory of an instance; memory.grow fails beyond it"},
    LimitRow{"output", &Limits::output, 1 << 10, 1ULL << 40,
             "bytes of the body that an instance may answer with"},
    LimitRow{"body", &Limits::body, 0, 1ULL << 40, "bytes of a request's body; 413 beyond it"},
    LimitRow{"spool", &Limits::spool, 0, 1ULL << 40,
             "bodies of unknown length that are kept at once, shared evenly by the workers; 503 "
             "beyond it"},
    LimitRow{"header_bytes", &Limits::header_bytes, 1 << 10, 1 << 20,
             "header block of a request (431 beyond it) and of a program's answer (502)"},
    LimitRow{"open_files", &Limits::open_files, 16, 10'000,
             "descriptors an instance may have open at once"},
    LimitRow{"processes", &Limits::processes, 1, 512,
             "processes of an instance at once, ended ones that nobody has waited for among them"},
    LimitRow{"threads", &Limits::threads, 1, 4096, "threads of each process of an instance"},
    LimitRow{"scratch", &Limits::scratch, 0, 1ULL << 40,
             "bytes an instance may have written to files that vanish with it"},
    LimitRow{"scratch_inodes", &Limits::scratch_inodes, 0, 1'000'000,
             "files and directories an instance may have made"},
    LimitRow{"instances", &Limits::instances, 1, 10'000,
             "instances at once, over all workers; more requests queue"},
    LimitRow{"memory_sum", &Limits::memory_sum, 16 << 20, 1ULL << 50,
             "memory of all instances together; more requests queue"},
    LimitRow{"queue", &Limits::queue, 0, 65'536,
             "requests that wait at once, shared evenly by the workers; 503 beyond it"},
    LimitRow{"queue_wait", &Limits::queue_wait, 0, 10 * detail::kMinute,
             "time a request waits in the queue; 503 beyond it"},
    LimitRow{"grace", &Limits::grace, 0, 10 * detail::kMinute,
             "time that requests in flight have to end when the server stops or reloads"},
    LimitRow{
        "compile_time", &Limits::compile_time, 1000 * detail::kMillisecond, detail::kDay,
        "processor time of compiling the program, once before it starts; four times that in all"},
    LimitRow{"compile_memory", &Limits::compile_memory, 64 << 20, 1ULL << 40,
             "address space of the process that compiles"},
};

/// The row of that name, or nullptr.
const LimitRow* find_limit(std::string_view key) noexcept;

/// Settings that replace defaults, checked against the table when they are made.
class LimitOverrides {
 public:
  /// Reads a value as app.yaml and the command line write it: "30s", "128MiB",
  /// "256". An unknown name, an unreadable value or one out of bounds is an
  /// error of `code` that says which values are allowed.
  Result<void> set(std::string_view key, std::string_view text,
                   ErrorCode code = ErrorCode::config_invalid);

  /// The setting of that name, in the row's unit, if it was made.
  [[nodiscard]] std::optional<std::uint64_t> get(std::string_view key) const;

  /// Puts the settings into `limits`; the others stay.
  void apply(Limits& limits) const;

 private:
  std::array<std::optional<std::uint64_t>, kLimits.size()> values_{};
};

/// The value of one row in `limits`, in the form that LimitOverrides reads.
std::string value_text(const LimitRow& row, const Limits& limits);
/// A bound of one row in the same form: bound_text(row, row.max).
std::string bound_text(const LimitRow& row, std::uint64_t value);

/// The names of all limits, for suggestions and help texts.
std::array<std::string_view, kLimits.size()> limit_names() noexcept;

}  // namespace brink::package
