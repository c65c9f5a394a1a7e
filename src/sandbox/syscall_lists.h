#pragma once

#include <seccomp.h>
#include <sys/ioctl.h>

#include <array>
#include <cstdint>

/// Private to seccomp.cc: which system calls each filter names.
namespace brink::sandbox {

/// No code of ours or of a library calls these after the start: whoever does has
/// taken the process over. SIGSYS.
inline constexpr std::array kKilledCalls = {
    // Another program, another process's memory.
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise), SCMP_SYS(kcmp), SCMP_SYS(move_pages),
    SCMP_SYS(migrate_pages),
    // Namespaces, mounts.
    SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(chroot), SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig), SCMP_SYS(fsmount), SCMP_SYS(fspick), SCMP_SYS(mount_setattr),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(quotactl), SCMP_SYS(quotactl_fd),
    // The large or young parts of the kernel that escapes are made of.
    SCMP_SYS(bpf), SCMP_SYS(userfaultfd), SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(keyctl), SCMP_SYS(add_key),
    SCMP_SYS(request_key), SCMP_SYS(modify_ldt), SCMP_SYS(fanotify_init), SCMP_SYS(lookup_dcookie),
    SCMP_SYS(vmsplice), SCMP_SYS(remap_file_pages),
    // The machine.
    SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(delete_module), SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load), SCMP_SYS(reboot), SCMP_SYS(iopl), SCMP_SYS(ioperm), SCMP_SYS(acct),
    SCMP_SYS(syslog), SCMP_SYS(vhangup), SCMP_SYS(sethostname), SCMP_SYS(setdomainname),
    SCMP_SYS(settimeofday), SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex),
    // Files by handle: past every path rule.
    SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at)};

/// Libraries may try these and do without: EPERM.
inline constexpr std::array kRefusedCalls = {
    SCMP_SYS(setsid),      SCMP_SYS(setpgid),     SCMP_SYS(setuid),     SCMP_SYS(setgid),
    SCMP_SYS(setreuid),    SCMP_SYS(setregid),    SCMP_SYS(setresuid),  SCMP_SYS(setresgid),
    SCMP_SYS(setgroups),   SCMP_SYS(setfsuid),    SCMP_SYS(setfsgid),   SCMP_SYS(capset),
    SCMP_SYS(personality), SCMP_SYS(setpriority), SCMP_SYS(ioprio_set), SCMP_SYS(process_mrelease),
    SCMP_SYS(shmget),      SCMP_SYS(shmat),       SCMP_SYS(msgget),     SCMP_SYS(semget),
    SCMP_SYS(mq_open),     SCMP_SYS(mq_unlink),   SCMP_SYS(mknod),      SCMP_SYS(mknodat)};

/// Typing into the terminal that brink was started from.
inline constexpr std::array<std::uint64_t, 2> kRefusedIoctls = {TIOCSTI, TIOCLINUX};

inline constexpr std::array kSocketCalls = {SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind),
                                            SCMP_SYS(listen)};

/// All that a worker's disk helper may do, beside mapping pages that are not executable
/// (the C library's memory).
inline constexpr std::array kDiskCalls = {
    SCMP_SYS(recvmsg),     SCMP_SYS(sendmsg),      SCMP_SYS(poll),
    SCMP_SYS(ppoll),       SCMP_SYS(pread64),      SCMP_SYS(readahead),
    SCMP_SYS(fsync),       SCMP_SYS(fdatasync),    SCMP_SYS(close),
    SCMP_SYS(brk),         SCMP_SYS(munmap),       SCMP_SYS(mremap),
    SCMP_SYS(madvise),     SCMP_SYS(futex),        SCMP_SYS(exit),
    SCMP_SYS(exit_group),  SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield), SCMP_SYS(sigaltstack)};

/// All that the compiler may do, beside mapping pages that are not executable:
/// memory, descriptors that it already has, time, waiting, ending.
inline constexpr std::array kCompilerCalls = {SCMP_SYS(brk),
                                              SCMP_SYS(munmap),
                                              SCMP_SYS(mremap),
                                              SCMP_SYS(madvise),
                                              SCMP_SYS(mincore),
                                              SCMP_SYS(memfd_create),
                                              SCMP_SYS(read),
                                              SCMP_SYS(write),
                                              SCMP_SYS(readv),
                                              SCMP_SYS(writev),
                                              SCMP_SYS(pread64),
                                              SCMP_SYS(pwrite64),
                                              SCMP_SYS(lseek),
                                              SCMP_SYS(fstat),
                                              SCMP_SYS(ftruncate),
                                              SCMP_SYS(fallocate),
                                              SCMP_SYS(fsync),
                                              SCMP_SYS(fdatasync),
                                              SCMP_SYS(fcntl),
                                              SCMP_SYS(close),
                                              SCMP_SYS(dup),
                                              SCMP_SYS(recvmsg),
                                              SCMP_SYS(sendmsg),
                                              SCMP_SYS(recvfrom),
                                              SCMP_SYS(sendto),
                                              SCMP_SYS(shutdown),
                                              SCMP_SYS(poll),
                                              SCMP_SYS(ppoll),
                                              SCMP_SYS(epoll_wait),
                                              SCMP_SYS(epoll_pwait),
                                              SCMP_SYS(epoll_ctl),
                                              SCMP_SYS(clock_gettime),
                                              SCMP_SYS(clock_getres),
                                              SCMP_SYS(clock_nanosleep),
                                              SCMP_SYS(nanosleep),
                                              SCMP_SYS(gettimeofday),
                                              SCMP_SYS(getrusage),
                                              SCMP_SYS(getrandom),
                                              SCMP_SYS(sched_yield),
                                              SCMP_SYS(sched_getaffinity),
                                              SCMP_SYS(getcpu),
                                              SCMP_SYS(futex),
                                              SCMP_SYS(rt_sigaction),
                                              SCMP_SYS(rt_sigprocmask),
                                              SCMP_SYS(rt_sigreturn),
                                              SCMP_SYS(sigaltstack),
                                              SCMP_SYS(restart_syscall),
                                              SCMP_SYS(getpid),
                                              SCMP_SYS(gettid),
                                              SCMP_SYS(getppid),
                                              SCMP_SYS(getuid),
                                              SCMP_SYS(geteuid),
                                              SCMP_SYS(getgid),
                                              SCMP_SYS(getegid),
                                              SCMP_SYS(membarrier),
                                              SCMP_SYS(set_robust_list),
                                              SCMP_SYS(rseq),
                                              SCMP_SYS(exit),
                                              SCMP_SYS(exit_group)};

}  // namespace brink::sandbox
