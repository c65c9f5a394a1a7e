"""Process trees: keeping one together, counting its CPU time, ending it.

A server may fork, daemonise and double-fork. `python3 processes.py COMMANDS`
(JSON) therefore runs as a "child subreaper": every orphan below comes back to
it, so that the tree can be counted and stopped as a whole."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE = 3.0  # seconds between SIGTERM and SIGKILL


@dataclass
class Process:
    pid: int
    parent: int
    state: str
    user: float  # seconds, its own
    system: float
    ended_user: float  # seconds of children that were waited for
    ended_system: float
    resident: int  # bytes


def read(pid):
    """One process from /proc/PID/stat (proc(5)), or None when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    except OSError:
        return None
    times = [int(field) * TICK for field in fields[11:15]]
    return Process(pid, int(fields[1]), fields[0].decode(), *times, int(fields[21]) * PAGE)


def tree(root):
    """`root`, if it lives, and all its descendants."""
    everything = [p for name in os.listdir("/proc") if name.isdigit() and (p := read(int(name)))]
    below = {}
    for process in everything:
        below.setdefault(process.parent, []).append(process)
    found = [p for p in everything if p.pid == root]
    for process in found:  # grows while it is walked
        found += below.get(process.pid, [])
    return found


def cpu_time(supervisor):
    """(user, system) seconds that the supervisor's descendants have used, the
    ended ones too; what the supervisor itself used is left out."""
    found = tree(supervisor)
    own = next((p for p in found if p.pid == supervisor), None)
    if own is None:
        return 0.0, 0.0
    return (sum(p.user + p.ended_user for p in found) - own.user,
            sum(p.system + p.ended_system for p in found) - own.system)


def settled_cpu_time(supervisor):
    """cpu_time() as soon as two looks 50 ms apart agree; gives up after 2 s."""
    now = cpu_time(supervisor)
    for _ in range(40):
        time.sleep(0.05)
        before, now = now, cpu_time(supervisor)
        if before == now:
            break
    return now


def resident(supervisor):
    """Bytes of resident memory below the supervisor; shared pages count per process."""
    return sum(p.resident for p in tree(supervisor) if p.pid != supervisor)


def reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def end_descendants():
    started, told = time.monotonic(), set()
    while True:
        reap()
        living = [p for p in tree(os.getpid()) if p.pid != os.getpid() and p.state != "Z"]
        if not living:
            return
        late = time.monotonic() - started > GRACE
        for process in living:
            if late or process.pid not in told:
                told.add(process.pid)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL if late else signal.SIGTERM)
        time.sleep(0.02)


def supervise(commands):
    """Runs the commands until one of them ends or SIGTERM comes."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    def leave(*_):
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    started = {}
    try:
        for command in commands:
            try:
                started[subprocess.Popen(command, stdin=subprocess.DEVNULL).pid] = command[0]
            except OSError as error:
                print(f"{command[0]} cannot be run: {error.strerror}", flush=True)
                return 1
        while True:
            pid, status = os.wait()
            if pid in started:
                print(f"{started[pid]} ended with {os.waitstatus_to_exitcode(status)}", flush=True)
                return 1
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_descendants()


def start_supervised(commands, cpus, cwd, environment, log):
    """A supervisor over `commands`, all pinned to `cpus` ("0" or "0,1")."""
    return subprocess.Popen(
        ["taskset", "-c", cpus, sys.executable, __file__, json.dumps(commands)], cwd=cwd,
        env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        start_new_session=True)


if __name__ == "__main__":
    sys.exit(supervise(json.loads(sys.argv[1])))
