#include "sandbox/landlock.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/unique_fd.h"

namespace brink::sandbox {
namespace {

// The kernel's interface (include/uapi/linux/landlock.h of Linux 6.12), written out
// because the headers we build with may know less than the kernel we run on.
struct RulesetAttr {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};
struct [[gnu::packed]] PathBeneathAttr {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};
constexpr int kRulePathBeneath = 1;
constexpr unsigned kQueryVersion = 1;

constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t kExecute = bit(0);
constexpr std::uint64_t kWriteFile = bit(1);
constexpr std::uint64_t kReadFile = bit(2);
constexpr std::uint64_t kReadDir = bit(3);
constexpr std::uint64_t kRemoveDir = bit(4);
constexpr std::uint64_t kRemoveFile = bit(5);
constexpr std::uint64_t kMakeDir = bit(7);
constexpr std::uint64_t kMakeRegular = bit(8);
constexpr std::uint64_t kMakeSocket = bit(9);
constexpr std::uint64_t kMakeFifo = bit(10);
constexpr std::uint64_t kMakeSymlink = bit(12);
constexpr std::uint64_t kAllOfAbi1 = bit(13) - 1;
constexpr std::uint64_t kRefer = bit(13);
constexpr std::uint64_t kTruncate = bit(14);
constexpr std::uint64_t kIoctlDevice = bit(15);

constexpr std::uint64_t kRead = kReadFile | kReadDir;
constexpr std::uint64_t kWrite = kRead | kWriteFile | kRemoveDir | kRemoveFile | kMakeDir |
                                 kMakeRegular | kMakeSocket | kMakeFifo | kMakeSymlink | kRefer |
                                 kTruncate;
/// The rights that a rule on a file, not a directory, may have.
constexpr std::uint64_t kOnFiles = kExecute | kWriteFile | kReadFile | kTruncate | kIoctlDevice;

constexpr std::uint64_t kBindTcp = bit(0);
constexpr std::uint64_t kConnectTcp = bit(1);
constexpr std::uint64_t kScopeAll = bit(0) | bit(1);  ///< abstract sockets, signals

constexpr int kAbiRefer = 2;
constexpr int kAbiTruncate = 3;
constexpr int kAbiTcp = 4;
constexpr int kAbiIoctl = 5;
constexpr int kAbiScopes = 6;

std::uint64_t handled_files(int abi) {
  std::uint64_t handled = kAllOfAbi1;
  if (abi >= kAbiRefer) handled |= kRefer;
  if (abi >= kAbiTruncate) handled |= kTruncate;
  if (abi >= kAbiIoctl) handled |= kIoctlDevice;
  return handled;
}

std::uint64_t handled_tcp(TcpAccess tcp) {
  switch (tcp) {
    case TcpAccess::refused:
      return kBindTcp | kConnectTcp;
    case TcpAccess::connect_only:
      return kBindTcp;
    case TcpAccess::unrestricted:
      break;
  }
  return 0;
}

Error landlock_error(std::string_view what, int error) {
  return errno_error(ErrorCode::internal, "landlock: " + std::string(what), error);
}

Result<void> add_rule(int ruleset, const FileRule& rule, std::uint64_t handled) {
  struct stat info{};
  if (::fstat(rule.fd, &info) != 0) {
    return std::unexpected(landlock_error("a rule's descriptor", errno));
  }
  std::uint64_t access = (rule.access == FileAccess::write ? kWrite : kRead) & handled;
  if (!S_ISDIR(info.st_mode)) access &= kOnFiles;
  const PathBeneathAttr attributes{access, rule.fd};
  if (::syscall(SYS_landlock_add_rule, ruleset, kRulePathBeneath, &attributes, 0) != 0) {
    return std::unexpected(landlock_error("can't add a rule", errno));
  }
  return {};
}

LandlockReport report_for(int abi, const LandlockOptions& options) {
  LandlockReport report;
  report.abi = abi;
  report.files = abi >= 1;
  report.tcp = abi >= kAbiTcp && options.tcp != TcpAccess::unrestricted;
  report.ioctl = abi >= kAbiIoctl;
  report.scoped = abi >= kAbiScopes;
  if (abi < 1) report.missing.emplace_back("all file rules (kernel 5.13, lsm=landlock)");
  if (abi >= 1 && abi < kAbiRefer) {
    report.missing.emplace_back("renaming between directories is refused (kernel 5.19)");
  }
  if (abi < kAbiTruncate) report.missing.emplace_back("truncate (kernel 6.2)");
  if (abi < kAbiTcp && options.tcp != TcpAccess::unrestricted) {
    report.missing.emplace_back("tcp bind and connect (kernel 6.7)");
  }
  if (abi < kAbiIoctl) report.missing.emplace_back("ioctl on devices (kernel 6.10)");
  if (abi < kAbiScopes) {
    report.missing.emplace_back("signals and abstract sockets (kernel 6.12)");
  }
  return report;
}

/// Older kernels take only the attributes they know.
std::size_t attribute_size(int abi) {
  if (abi >= kAbiScopes) return sizeof(RulesetAttr);
  return abi >= kAbiTcp ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
}

}  // namespace

std::string LandlockReport::text() const {
  std::string text = "landlock abi " + std::to_string(abi) + ":";
  if (files) text += " files";
  if (tcp) text += " tcp";
  if (ioctl) text += " ioctl";
  if (scoped) text += " scopes";
  if (abi == 0) text += " nothing restricted";
  for (std::size_t i = 0; i < missing.size(); ++i)
    text += (i == 0 ? "; missing: " : ", ") + missing[i];
  return text;
}

int landlock_abi() noexcept {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kQueryVersion);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

Result<LandlockReport> apply_landlock(const LandlockOptions& options) {
  return apply_landlock(options, landlock_abi());
}

Result<LandlockReport> apply_landlock(const LandlockOptions& options, int abi) {
  LandlockReport report = report_for(abi, options);
  if (abi < 1) return report;
  RulesetAttr attributes{};
  attributes.handled_access_fs = handled_files(abi);
  if (abi >= kAbiTcp) attributes.handled_access_net = handled_tcp(options.tcp);
  if (abi >= kAbiScopes) attributes.scoped = kScopeAll;
  const UniqueFd ruleset(static_cast<int>(
      ::syscall(SYS_landlock_create_ruleset, &attributes, attribute_size(abi), 0)));
  if (!ruleset) return std::unexpected(landlock_error("can't create a ruleset", errno));
  for (const FileRule& rule : options.files) {
    TRY_VOID(add_rule(ruleset.get(), rule, attributes.handled_access_fs));
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return std::unexpected(landlock_error("PR_SET_NO_NEW_PRIVS", errno));
  }
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return std::unexpected(landlock_error("can't restrict the process", errno));
  }
  return report;
}

}  // namespace brink::sandbox
