"""The real binary as a child process: its address, its log, its end."""

import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

BINARY = os.environ.get("BRINK_BINARY", "")
GUESTS = Path(os.environ.get("BRINK_GUESTS", ""))
# Generous: machines under load are slow, and a hang is found all the same.
DEADLINE = 20.0


def guest(name):
    """The path of tests/guests/NAME.c, built."""
    path = GUESTS / f"{name}.wasm"
    assert path.is_file(), f"{path} is not built (BRINK_GUESTS names the folder)"
    return str(path)


class Output:
    """The lines of a pipe, collected by a thread; readers wait for a pattern."""

    def __init__(self):
        self.lines = []
        self.changed = threading.Condition()
        self.open = 0

    def collect(self, pipe):
        with self.changed:
            self.open += 1
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()

    def _read(self, pipe):
        for line in pipe:
            with self.changed:
                self.lines.append(line.decode(errors="replace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.open -= 1
            self.changed.notify_all()

    def wait_for(self, pattern, deadline=DEADLINE, after=0):
        """The first match of `pattern` in the lines from number `after` on."""
        def match():
            return next((m for line in self.lines[after:] if (m := re.search(pattern, line))), None)

        with self.changed:
            self.changed.wait_for(lambda: match() or not self.open, deadline)
            found = match()
            assert found, f"no line matches {pattern!r}\n{self.text()}"
            return found

    def text(self):
        return "\n".join(f"    | {line}" for line in self.lines)


def children(pid):
    """The living descendants of `pid`, as {pid: command line}."""
    parents, names = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_bytes().rpartition(b") ")[2].split()
            names[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if fields[0] != b"Z":
            parents[int(entry.name)] = int(fields[1])
    found, queue = {}, [pid]
    while queue:
        above = queue.pop()
        for child, parent in parents.items():
            if parent == above:
                found[child] = names[child]
                queue.append(child)
    return found


class Brink:
    """`brink run` on a port of its own. Use through the `brink` fixture."""

    def __init__(self, path, *options, arguments=(), environment=None):
        command = [BINARY, "run", str(path), "--listen", "127.0.0.1:0", *map(str, options)]
        if arguments:
            command += ["--", *arguments]
        self.output = Output()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})}, start_new_session=True)
        self.output.collect(self.process.stdout)
        self.output.collect(self.process.stderr)
        try:
            self.port = int(self.output.wait_for(r"listening on http://127\.0\.0\.1:(\d+)")[1])
        except AssertionError:
            self.kill()
            raise

    def workers(self):
        return [pid for pid, name in children(self.process.pid).items() if "worker" in name]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=DEADLINE):
        return self.process.wait(deadline)

    def stop(self):
        """SIGTERM; everything must be gone in time, with exit code 0."""
        below = children(self.process.pid)
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            code = self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"brink did not end after SIGTERM\n{self.output.text()}") from None
        assert code == 0, f"exit code {code}\n{self.output.text()}"
        end = time.monotonic() + DEADLINE
        while left := [pid for pid in below if Path(f"/proc/{pid}").exists() and alive(pid)]:
            assert time.monotonic() < end, f"processes outlived brink: {[below[p] for p in left]}"
            time.sleep(0.01)

    def kill(self):
        for pid in [self.process.pid, *children(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2][:1] != b"Z"
    except OSError:
        return False


def cpu_seconds(pid):
    """User and system time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_to_end(*arguments, stdin=b"", deadline=DEADLINE, cwd=None):
    """Runs brink with these arguments and returns the finished process."""
    return subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True,
                          timeout=deadline, check=False, cwd=cwd)
