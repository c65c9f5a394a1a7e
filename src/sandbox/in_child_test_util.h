#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "sandbox/process.h"

namespace brink::sandbox {

/// Runs `body` in a forked child and returns how it ended; its int is the exit code.
/// _exit: neither the test's nor a sanitizer's end-of-process work may run there.
template <class Body>
ExitStatus in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  if (pid < 0 || ::waitpid(pid, &status, 0) != pid) std::abort();
  return WIFEXITED(status) ? ExitStatus::exited(WEXITSTATUS(status))
                           : ExitStatus::killed(WTERMSIG(status));
}

}  // namespace brink::sandbox
