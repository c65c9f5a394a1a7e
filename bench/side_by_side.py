#!/usr/bin/env python3
"""Measures HTTP servers side by side, in interleaved rounds on one machine.

All servers of a definitions file run at the same time, pinned to one CPU and
idle but for the one whose turn it is; wrk loads them from another CPU (A B C,
B C A, …), so that whatever disturbs the machine disturbs all alike. The figure
to trust is CPU time of the server's process tree per good answer. README.md."""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import signal
import statistics
import sys
import tempfile
import tomllib
from pathlib import Path

from server import KEYS, LUA, Failure, Server


def load(path):
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise Failure(f"{path}: {error}") from None
    seen = set()
    for spec in data.get("server", []):
        name = spec.get("name", "")
        if missing := {"name", "start", "url"} - spec.keys():
            raise Failure(f"{path}: server {name!r} lacks {', '.join(sorted(missing))}")
        if unknown := spec.keys() - KEYS:
            raise Failure(f"{path}: server {name!r} has unknown keys: {', '.join(sorted(unknown))}")
        if name in seen or not re.fullmatch(r"[\w.+-]+", name):
            raise Failure(f"{path}: the name {name!r} is taken or not plain")
        seen.add(name)
    if not seen:
        raise Failure(f"{path}: no [[server]]")
    return data


def summary(server, base):
    """Medians; the ratios are medians of the ratios within each round."""
    def median(key):
        return statistics.median(r[key] for r in server.rounds)

    def ratio(key):
        return statistics.median(a[key] / b[key] for a, b in zip(server.rounds, base.rounds))

    figures = {key: median(key) for key in ("cpu_us", "user_us", "rps", "p50_ms", "p99_ms",
                                            "mib_per_cpu_s", "cpu_share")}
    return figures | {
        "cpu_us_min": min(r["cpu_us"] for r in server.rounds), "cpu_ratio": ratio("cpu_us"),
        "rps_ratio": ratio("rps"), "bad": sum(r["bad"] for r in server.rounds),
        "errors": sum(r["errors"] for r in server.rounds),
        "resident": max(r["resident"] for r in server.rounds)}


COLUMNS = [("us/req", "{cpu_us:.1f}"), ("min", "{cpu_us_min:.1f}"), ("user", "{user_us:.1f}"),
           ("x base", "{cpu_ratio:.2f}"), ("req/s", "{rps:.0f}"), ("x base", "{rps_ratio:.3f}"),
           ("p50 ms", "{p50_ms:.2f}"), ("p99 ms", "{p99_ms:.2f}"), ("MiB/cpu s", "{mib_per_cpu_s:.0f}"),
           ("non-2xx", "{bad}"), ("errors", "{errors}"), ("RSS MiB", "{mib:.1f}"), ("cpu %", "{share:.0f}")]


def table(summaries):
    rows = [["server", *(title for title, _ in COLUMNS)]]
    for name, figures in summaries.items():
        values = figures | {"mib": figures["resident"] / 2**20, "share": figures["cpu_share"] * 100}
        rows.append([name, *(text.format(**values) for _, text in COLUMNS)])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)


def check_machine(options):
    for program in ("wrk", "taskset"):
        if not shutil.which(program):
            raise Failure(f"{program} was not found")
    if missing := {options.server_cpu, options.client_cpu} - os.sched_getaffinity(0):
        raise Failure(f"CPU {min(missing)} cannot be used here; choose with --server-cpu and --client-cpu")
    os.sched_setaffinity(0, {options.client_cpu})


class Run:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.servers, self.left_out = [], {}
        self.definitions = load(options.definitions)
        names = [spec["name"] for spec in self.definitions["server"]]
        self.wanted = options.only.split(",") if options.only else names
        self.base = options.base or self.wanted[0]
        for name in [*self.wanted, self.base]:
            if name not in names:
                raise Failure(f"there is no server {name!r} (there are: {', '.join(names)})")

    def leave_out(self, server, error):
        server.stop()
        if not self.options.keep_going or server.name == self.base:
            raise error
        print(f"left out: {error}", file=sys.stderr)
        self.left_out[server.name] = str(error)
        self.servers.remove(server)

    def start(self):
        variables = self.definitions.get("vars", {}) | dict(pair.split("=", 1) for pair in self.options.set)
        for position, spec in enumerate(self.definitions["server"]):
            if spec["name"] not in self.wanted:
                continue
            port = self.options.port + 2 * position
            server = Server(spec, self.options.definitions.parent, self.scratch, (port, port + 1),
                            variables, self.options)
            self.servers.append(server)
            print(f"starting {server.name}", file=sys.stderr)
            try:
                server.start()
            except (Failure, OSError) as error:
                self.leave_out(server, error if isinstance(error, Failure) else Failure(f"{server.name}: {error}"))

    def measure(self):
        script = self.scratch / "wrk.lua"
        script.write_text(LUA)
        for number in range(self.options.rounds):
            turn = number % len(self.servers)
            for server in self.servers[turn:] + self.servers[:turn]:
                try:
                    server.measure(script)
                except Failure as error:
                    self.leave_out(server, error)
                    continue
                last = server.rounds[-1]
                print(f"round {number + 1}: {server.name}: {last['cpu_us']:.1f} us/req", file=sys.stderr)

    def report(self):
        base = next(server for server in self.servers if server.name == self.base)
        sums = {server.name: summary(server, base) for server in self.servers}
        return sums, {
            "machine": {"kernel": platform.release(), "cpus": os.cpu_count(), "load": os.getloadavg()[0]},
            "seconds": self.options.seconds, "base": self.base, "left_out": self.left_out,
            "servers": [{"name": s.name, "note": s.spec.get("note", ""), "version": s.version(),
                         "connections": s.connections, "summary": sums[s.name], "rounds": s.rounds}
                        for s in self.servers]}

    def stop(self):
        for server in self.servers:
            server.stop()


def arguments():
    parser = argparse.ArgumentParser(description="Measures HTTP servers side by side; see bench/README.md.")
    parser.add_argument("definitions", type=lambda p: Path(p).resolve(), help="TOML file with the servers")
    parser.add_argument("--only", metavar="A,B", help="these servers")
    parser.add_argument("--base", metavar="NAME", help="what the ratios refer to (default: the first)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="per round (default 4)")
    parser.add_argument("--connections", type=int, default=16, help="where a server names none")
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--client-cpu", type=int, default=1)
    parser.add_argument("--port", type=int, default=21000, help="the first of two per server")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--keep-going", action="store_true", help="leave out what does not start")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures")
    options = parser.parse_args()
    if min(options.rounds, options.seconds, options.connections) < 1:
        parser.error("--rounds, --seconds and --connections are at least 1")
    if any("=" not in pair for pair in options.set):
        parser.error("--set wants NAME=VALUE")
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        check_machine(options)
        with tempfile.TemporaryDirectory(prefix="brink-bench-") as scratch:
            os.chmod(scratch, 0o755)  # for servers that give up root
            run = Run(options, Path(scratch))
            with contextlib.ExitStack() as stack:
                stack.callback(run.stop)
                run.start()
                run.measure()
                sums, report = run.report()
    except Failure as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(table(sums))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
