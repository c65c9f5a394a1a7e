#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "app/app.h"
#include "cli/report.h"
#include "cli/run_options.h"
#include "compiler/compiler.h"
#include "node/role_process.h"
#include "node/run.h"
#include "package/memory_size.h"
#include "worker/disk_helper.h"
#include "worker/worker.h"

namespace brink {
namespace {

/// Whoever starts a program may leave 0, 1 or 2 closed. The next file opened would
/// take the number, and a guest would read a file of ours as its input.
void open_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != fd) std::abort();
  }
}

int report(const Error& error) {
  std::fputs(cli::error_lines(error).c_str(), stderr);
  return cli::exit_code(error.code);
}

cli::Machine machine() {
  cpu_set_t set;
  const int cpus = ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  return {.cpus = static_cast<unsigned>(cpus), .memory = package::usable_memory()};
}

/// Children are this program, too; what they are stands in their first argument.
int run_role(ipc::Role role, std::uint32_t slot) {
  auto channel = node::join_node(role, slot);
  if (!channel) return report(channel.error());
  switch (role) {
    case ipc::Role::worker:
      return worker::run_worker(std::move(*channel));
    case ipc::Role::app:
      return app::run_app(std::move(*channel));
    case ipc::Role::compiler:
      return compiler::run_compiler(std::move(*channel));
  }
  return cli::kMachineRefuses;
}

int run_command(const cli::Command& command) {
  if (const auto* text = std::get_if<cli::ShowText>(&command)) {
    std::fputs(text->text.c_str(), stdout);
    return 0;
  }
  const auto code = node::run(std::get<cli::RunOptions>(command));
  return code ? *code : report(code.error());
}

int run_main(const std::vector<std::string>& arguments) {
  if (arguments.size() == 3 && arguments[0] == worker::kDiskHelperArgument) {
    return worker::run_disk_helper({static_cast<uid_t>(std::atoll(arguments[1].c_str())),
                                    static_cast<gid_t>(std::atoll(arguments[2].c_str()))});
  }
  if (arguments.size() == 2) {
    for (const ipc::Role role : {ipc::Role::worker, ipc::Role::app, ipc::Role::compiler}) {
      if (arguments[0] == node::role_argument(role)) {
        return run_role(role, static_cast<std::uint32_t>(std::atoi(arguments[1].c_str())));
      }
    }
  }
  const auto command = cli::parse_command_line(arguments, machine());
  return command ? run_command(*command) : report(command.error());
}

}  // namespace
}  // namespace brink

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// The engine handles SIGSEGV itself, and a sandboxed process can't be searched for
// leaks: that needs ptrace.
extern "C" const char* __asan_default_options() { return "handle_segv=0:detect_leaks=0"; }
#endif
#endif

int main(int argc, char** argv) {
  brink::open_standard_streams();
  return brink::run_main(std::vector<std::string>(argv + 1, argv + argc));
}
