#include "sandbox/seccomp.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>
#include <string>

#include "sandbox/syscall_lists.h"

namespace brink::sandbox {
namespace {

constexpr std::uint32_t kKill = SCMP_ACT_KILL_PROCESS;
constexpr std::uint32_t kRefuse = SCMP_ACT_ERRNO(EPERM);
constexpr std::uint32_t kUnknown = SCMP_ACT_ERRNO(ENOSYS);
constexpr std::uint32_t kAllow = SCMP_ACT_ALLOW;

/// Numbers from here on are of kernels newer than this list: Linux 6.1's last is 450.
constexpr int kFirstNewCall = 451;
constexpr int kLastNewCall = 511;

/// Flags that make a new namespace; CLONE_NEWTIME shares a bit with the exit
/// signal and only clone3 takes it.
constexpr scmp_datum_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                        CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;

/// Collects rules; remembers the first that fails.
class Filter {
 public:
  explicit Filter(std::uint32_t default_action)
      : default_(default_action), context_(::seccomp_init(default_action)) {
    if (context_ == nullptr) error_ = ENOMEM;
  }

  /// No rule may repeat the default action; asking for one is no mistake.
  template <class... Compare>
  void add(std::uint32_t action, int call, Compare... compare) {
    if (error_ != 0 || action == default_ || call == __NR_SCMP_ERROR) return;
    const scmp_arg_cmp arguments[] = {compare..., scmp_arg_cmp{}};
    const int result =
        ::seccomp_rule_add_array(context_.get(), action, call, sizeof...(Compare), arguments);
    if (result < 0) error_ = -result;
  }

  void add_all(std::uint32_t action, std::span<const int> calls) {
    for (const int call : calls) add(action, call);
  }

  Result<void> load() {
    // A binary tree instead of a chain; calls allowed whatever their arguments never
    // reach it: the kernel keeps a bitmap of them.
    if (error_ == 0) error_ = -::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    if (error_ == 0) error_ = -::seccomp_load(context_.get());
    if (error_ == 0) return {};
    Error error = errno_error(ErrorCode::internal, "can't install the system call filter", error_);
    error.remedy = "the kernel needs CONFIG_SECCOMP_FILTER";
    return std::unexpected(std::move(error));
  }

 private:
  struct Release {
    void operator()(void* context) const { ::seccomp_release(context); }
  };
  std::uint32_t default_;
  std::unique_ptr<void, Release> context_;
  int error_ = 0;
};

scmp_arg_cmp equals(unsigned argument, scmp_datum_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
scmp_arg_cmp differs(unsigned argument, scmp_datum_t value) {
  return {argument, SCMP_CMP_NE, value, 0};
}
scmp_arg_cmp has_bits(unsigned argument, scmp_datum_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, bits};
}

/// Signals may go to the process itself only (abort, raise, pthread_kill).
void signals_to_self_only(Filter& filter) {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  for (const int call :
       {SCMP_SYS(kill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo)}) {
    filter.add(kRefuse, call, differs(0, self));
  }
  for (const int call : {SCMP_SYS(tkill), SCMP_SYS(pidfd_send_signal), SCMP_SYS(pidfd_open),
                         SCMP_SYS(pidfd_getfd)}) {
    filter.add(kRefuse, call);
  }
  // Limits of others; 0 means the caller itself.
  filter.add(kRefuse, SCMP_SYS(prlimit64), differs(0, 0));
}

/// No socket of the families beside the allowed ones.
void sockets(Filter& filter, const FilterOptions& options) {
  const bool internet = options.outbound == Outbound::allowed;
  const bool unix_sockets = options.role == FilterRole::app;
  filter.add(kRefuse, SCMP_SYS(socketpair), differs(0, AF_UNIX));
  if (!internet && !unix_sockets) {
    filter.add_all(kRefuse, kSocketCalls);
    return;
  }
  // A call is refused if its family differs from every allowed one: one rule per gap.
  if (!unix_sockets) filter.add(kRefuse, SCMP_SYS(socket), equals(0, AF_UNIX));
  if (!internet) {
    filter.add(kRefuse, SCMP_SYS(socket), differs(0, AF_UNIX));
  } else {
    filter.add(kRefuse, SCMP_SYS(socket), equals(0, AF_UNSPEC));
    filter.add(kRefuse, SCMP_SYS(socket), scmp_arg_cmp{0, SCMP_CMP_GT, AF_INET6, 0});
    for (scmp_datum_t family = AF_INET + 1; family < AF_INET6; ++family) {
      filter.add(kRefuse, SCMP_SYS(socket), equals(0, family));
    }
    // Raw sockets see other tenants' packets (they need CAP_NET_RAW besides).
    filter.add(kRefuse, SCMP_SYS(socket), scmp_arg_cmp{1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_RAW});
    filter.add(kRefuse, SCMP_SYS(socket), scmp_arg_cmp{1, SCMP_CMP_MASKED_EQ, 0xf, SOCK_PACKET});
  }
  if (options.role == FilterRole::worker) {
    filter.add(kRefuse, SCMP_SYS(bind));
    filter.add(kRefuse, SCMP_SYS(listen));
  }
}

void no_new_executable_pages(Filter& filter) {
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect)}) {
    filter.add(kRefuse, call, has_bits(2, PROT_EXEC));
  }
}

/// The common part of worker and app: everything but what is refused.
Filter open_filter(const FilterOptions& options) {
  Filter filter(kAllow);
  filter.add_all(kKill, kKilledCalls);
  filter.add_all(kRefuse, kRefusedCalls);
  filter.add(kUnknown, SCMP_SYS(clone3));
  for (int call = kFirstNewCall; call <= kLastNewCall; ++call) filter.add(kUnknown, call);
  for (const auto request : kRefusedIoctls) {
    // The kernel reads 32 bits of the request; so must the rule.
    filter.add(kRefuse, SCMP_SYS(ioctl), scmp_arg_cmp{1, SCMP_CMP_MASKED_EQ, 0xffffffff, request});
  }
  signals_to_self_only(filter);
  sockets(filter, options);
  return filter;
}

Filter worker_filter(const FilterOptions& options) {
  Filter filter = open_filter(options);
  filter.add(kRefuse, SCMP_SYS(clone));
  filter.add(kRefuse, SCMP_SYS(fork));
  filter.add(kRefuse, SCMP_SYS(vfork));
  if (options.native_code == NativeCode::sealed) no_new_executable_pages(filter);
  return filter;
}

Filter app_filter(const FilterOptions& options) {
  Filter filter = open_filter(options);
  for (scmp_datum_t bit = 1; bit <= kNewNamespaces; bit <<= 1) {
    if ((kNewNamespaces & bit) != 0) filter.add(kKill, SCMP_SYS(clone), has_bits(0, bit));
  }
  no_new_executable_pages(filter);
  return filter;
}

Filter compiler_filter() {
  Filter filter(kRefuse);
  filter.add_all(kKill, kKilledCalls);
  filter.add_all(kAllow, kCompilerCalls);
  filter.add(kUnknown, SCMP_SYS(clone3));
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    filter.add(kAllow, call, scmp_arg_cmp{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
  }
  // Threads, to compile on all cores; no process, which clone makes without this bit.
  filter.add(kAllow, SCMP_SYS(clone), has_bits(0, CLONE_THREAD));
  filter.add(kAllow, SCMP_SYS(prctl), equals(0, PR_SET_NAME));
  const auto self = static_cast<scmp_datum_t>(::getpid());
  filter.add(kAllow, SCMP_SYS(tgkill), equals(0, self));
  filter.add(kAllow, SCMP_SYS(prlimit64), equals(0, 0), equals(2, 0));
  return filter;
}

Filter disk_filter() {
  Filter filter(kRefuse);
  filter.add_all(kKill, kKilledCalls);
  filter.add_all(kAllow, kDiskCalls);
  for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)}) {
    filter.add(kAllow, call, scmp_arg_cmp{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0});
  }
  return filter;
}

}  // namespace

Result<void> apply_seccomp(const FilterOptions& options) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return std::unexpected(errno_error(ErrorCode::internal, "PR_SET_NO_NEW_PRIVS", errno));
  }
  switch (options.role) {
    case FilterRole::worker:
      return worker_filter(options).load();
    case FilterRole::app:
      return app_filter(options).load();
    case FilterRole::disk:
      return disk_filter().load();
    case FilterRole::compiler:
      break;
  }
  return compiler_filter().load();
}

}  // namespace brink::sandbox
