#include "sandbox/privileges.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace brink::sandbox {
namespace {

std::unexpected<Error> failed(std::string_view what) {
  return std::unexpected(errno_error(ErrorCode::internal, what, errno));
}

/// No program executed later can regain what is dropped. Needs CAP_SETPCAP, so
/// before the user changes; a process without it has nothing to regain from
/// (no_new_privs besides).
void empty_bounding_set() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

Result<void> empty_capability_sets() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return failed("capset");
  return {};
}

Result<void> switch_user(const Identity& identity) {
  if (::setgroups(0, nullptr) != 0) return failed("setgroups");
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) return failed("setresgid");
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) return failed("setresuid");
  if (identity.uid != 0 && (::setresuid(0, 0, 0) == 0 || ::setresgid(0, 0, 0) == 0)) {
    return fail(ErrorCode::internal, "dropping root's rights did not last");
  }
  return {};
}

Result<void> set_limit(int resource, rlim_t soft, rlim_t hard) {
  rlimit inherited{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &inherited) != 0) {
    return failed("getrlimit");
  }
  const rlimit limit{std::min(soft, inherited.rlim_max), std::min(hard, inherited.rlim_max)};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) {
    return failed("setrlimit");
  }
  return {};
}

}  // namespace

Result<Identity> find_identity(const std::string& user) {
  std::vector<char> buffer(16 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  const int error = ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    if (error != 0) {
      return std::unexpected(errno_error(ErrorCode::config_invalid, "user " + user, error));
    }
    return fail(ErrorCode::config_invalid, "there is no user \"" + user + "\"",
                "create it (useradd --system), or name another");
  }
  if (entry.pw_uid == 0 || entry.pw_gid == 0) {
    return fail(ErrorCode::config_invalid, "user \"" + user + "\" is root or in root's group",
                "name another user, such as nobody");
  }
  return Identity{entry.pw_uid, entry.pw_gid};
}

Result<void> drop_privileges(const Identity& identity) {
  empty_bounding_set();
  if (::geteuid() == 0) TRY_VOID(switch_user(identity));
  TRY_VOID(empty_capability_sets());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("PR_SET_NO_NEW_PRIVS");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("PR_SET_DUMPABLE");
  return {};
}

Result<std::uint64_t> raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return failed("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return failed("setrlimit");
  return limit.rlim_cur;
}

Result<void> apply_resource_limits(const ResourceLimits& limits) {
  TRY_VOID(set_limit(RLIMIT_CORE, 0, 0));
  if (limits.address_space) {
    TRY_VOID(set_limit(RLIMIT_AS, limits.address_space->bytes(), limits.address_space->bytes()));
  }
  if (limits.cpu_time) {
    const auto seconds = static_cast<rlim_t>(limits.cpu_time->count());
    TRY_VOID(set_limit(RLIMIT_CPU, seconds, seconds + 1));
  }
  if (limits.file_size) {
    TRY_VOID(set_limit(RLIMIT_FSIZE, limits.file_size->bytes(), limits.file_size->bytes()));
  }
  return {};
}

}  // namespace brink::sandbox
