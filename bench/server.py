"""One server of a definitions file: started, checked, loaded, stopped."""

import contextlib
import http.client
import os
import re
import shlex
import shutil
import subprocess
import time
import urllib.parse
from pathlib import Path

import processes

# Every key of a [[server]] table; README.md explains them.
KEYS = {"name", "note", "start", "behind", "url", "expect", "env", "vars", "prepare", "templates",
        "needs", "warmup", "connections", "cpus", "start_timeout", "version"}
RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+) (\d+)$", re.M)
# wrk calls done() at the end: counts, µs, and latencies in µs.
LUA = """
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("\\nRESULT %d %d %d %d %.1f %.1f %d\\n", summary.requests, summary.duration,
    e.status, e.connect + e.read + e.write + e.timeout, latency:percentile(50),
    latency:percentile(99), summary.bytes))
end
"""


class Failure(Exception):
    """What the user has to know, in one message."""


class Server:
    def __init__(self, spec, folder, scratch, ports, variables, options):
        self.spec, self.folder, self.options = spec, folder, options
        self.name = spec["name"]
        self.connections = spec.get("connections", options.connections)
        self.work = scratch / self.name
        self.log = self.work / "server.log"
        self.running = []
        self.rounds = []
        self.values = {"dir": str(folder), "root": str(folder.parent), "work": str(self.work),
                       "port": str(ports[0]), "port2": str(ports[1])}
        for key, value in {**variables, **spec.get("vars", {})}.items():
            self.values[key] = self.fill(str(value))
        self.url = self.fill(spec["url"])
        if not self.url.startswith("http://127.0.0.1:"):
            raise Failure(f"{self.name}: only http://127.0.0.1: is measured, not {self.url}")

    def fill(self, text, pattern=r"\{(\w+)\}"):
        """`text` with every {name} (or what `pattern` matches) replaced."""
        def value(match):
            if match[1] in self.values:
                return self.values[match[1]]
            raise Failure(f"{self.name}: {match[0]} has no value; give it with --set {match[1]}=VALUE")
        return re.sub(pattern, value, text)

    def commands(self, key):
        given = self.spec.get(key, [])
        return [shlex.split(self.fill(line)) for line in ([given] if isinstance(given, str) else given)]

    def check_needs(self):
        programs = [c[0] for key in ("prepare", "behind", "start") for c in self.commands(key)]
        for need in [self.fill(n) for n in self.spec.get("needs", [])] + programs:
            if not (Path(need).exists() or shutil.which(need)):
                raise Failure(f"{self.name}: {need} was not found")

    def start(self):
        self.check_needs()
        self.work.mkdir(mode=0o755)
        for name in self.spec.get("templates", []):
            source, target = self.folder / name, self.work / Path(name).name
            target.write_text(self.fill(source.read_text(), r"@(\w+)@"))
            shutil.copymode(source, target)
        environment = {**os.environ, **{k: self.fill(v) for k, v in self.spec.get("env", {}).items()}}
        for command in self.commands("prepare"):
            done = subprocess.run(command, cwd=self.work, env=environment, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode:
                raise Failure(f"{self.name}: {shlex.join(command)} failed\n{done.stdout[-2000:]}")
        # The counted tree comes first; a back end only has to keep up, so it gets
        # the client's CPU and is not counted.
        sides = [("start", str(self.spec.get("cpus", self.options.server_cpu)))]
        if "behind" in self.spec:
            sides.append(("behind", str(self.options.client_cpu)))
        with open(self.log, "wb") as log:
            for key, cpus in sides:
                self.running.append(processes.start_supervised(
                    self.commands(key), cpus, self.work, environment, log))
        self.wait_until_ready()
        self.request(self.spec.get("warmup", 200))

    def wait_until_ready(self):
        seconds = self.spec.get("start_timeout", 20)
        end, problem = time.monotonic() + seconds, "no answer"
        while time.monotonic() < end:
            self.check_alive()
            try:
                return self.request(1)
            except (OSError, http.client.HTTPException, Failure) as error:
                problem = str(error) or type(error).__name__
            time.sleep(0.05)
        raise Failure(f"{self.name}: not ready after {seconds} s: {problem}{self.log_tail()}")

    def request(self, count):
        """`count` requests in turn, each to be answered 2xx and as expected."""
        url = urllib.parse.urlsplit(self.url)
        target = url._replace(scheme="", netloc="").geturl() or "/"
        with contextlib.closing(http.client.HTTPConnection(url.hostname, url.port, timeout=10)) as connection:
            for _ in range(count):
                connection.request("GET", target)
                response = connection.getresponse()
                body = response.read().decode(errors="replace")
                if response.status // 100 != 2 or self.spec.get("expect", "") not in body:
                    raise Failure(f"{self.name}: unexpected answer {response.status} {body[:200]!r}")

    def check_alive(self):
        if any(process.poll() is not None for process in self.running):
            raise Failure(f"{self.name}: the server has ended{self.log_tail()}")

    def log_tail(self):
        lines = self.log.read_text(errors="replace").splitlines()[-15:]
        return "".join(f"\n    | {line}" for line in lines)

    def measure(self, script):
        """One round of wrk; appends its figures to `rounds`."""
        self.check_alive()
        counted, options = self.running[0].pid, self.options
        before, started, peak = processes.settled_cpu_time(counted), time.monotonic(), 0
        with subprocess.Popen(
                ["taskset", "-c", str(options.client_cpu), "wrk", "-t1", f"-c{self.connections}",
                 f"-d{options.seconds}s", "--timeout", "10s", "-s", script, self.url],
                text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT) as wrk:
            while True:
                peak = max(peak, processes.resident(counted))
                try:
                    output = wrk.communicate(timeout=0.5)[0]
                    break
                except subprocess.TimeoutExpired:
                    if time.monotonic() - started > options.seconds + 30:
                        wrk.kill()
                        raise Failure(f"{self.name}: wrk does not end") from None
        wall = time.monotonic() - started
        self.check_alive()
        after = processes.settled_cpu_time(counted)
        if not (found := RESULT.search(output)):
            raise Failure(f"{self.name}: wrk failed: {output.strip()[-500:]}")
        total, duration, bad, errors, p50, p99, size = map(float, found.groups())
        if not (good := int(total - bad)):
            raise Failure(f"{self.name}: not one good answer in a round")
        user, system = after[0] - before[0], after[1] - before[1]
        self.rounds.append({
            "cpu_us": (user + system) / good * 1e6, "user_us": user / good * 1e6, "requests": good,
            "rps": good / duration * 1e6, "p50_ms": p50 / 1e3, "p99_ms": p99 / 1e3,
            "bad": int(bad), "errors": int(errors), "resident": peak,
            "mib_per_cpu_s": size / 2**20 / max(user + system, 1e-9), "cpu_share": (user + system) / wall})

    def version(self):
        commands = self.commands("version")
        if not commands:
            return ""
        done = subprocess.run(commands[0], text=True, stdin=subprocess.DEVNULL, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return (done.stdout.strip().splitlines() or [""])[0]

    def stop(self):
        for process in self.running:
            if process.poll() is None:
                process.terminate()  # its supervisor ends the whole tree
        for process in self.running:
            process.wait()
