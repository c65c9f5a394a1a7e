#!/usr/bin/env python3
"""What WASIX programs cost beside the same C source compiled natively: calls,
threads, futexes, fork, files, starting. Each program prints one number; guest and
native take turns, and the medians and their ratio are what counts."""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BRINK = ROOT / "build/release/brink"
OUT = ROOT / "build/bench-wasix"
CLANG = "clang-22"
GUEST = [CLANG, "--target=wasm32", "-O2", "-ffreestanding", "-nostdlib", "-I", str(ROOT / "tests/guests"),
         "-Wl,--no-entry", "-Wl,-z,stack-size=65536"]
SHARED = ["-matomics", "-mbulk-memory", "-Wl,--import-memory", "-Wl,--shared-memory",
          "-Wl,--max-memory=268435456"]
NATIVE = [CLANG, "-O2", "-pthread"]
TIMEOUT = 60  # seconds for one run of one program

# (program, what, unit, divisor of what it prints)
PROGRAMS = [("host_call", "a call that cannot block (native: getppid)", "ns", 1e3),
            ("thread_spawn", "thread: start, run, join", "us", 1e3),
            ("ping_pong", "futex: round trip of two threads", "us", 1e3),
            ("fork", "fork, exit, wait; 32 MiB touched", "ms", 1e6),
            ("file", "64 MiB written and read, processor time", "ms", 1e6)]


def build():
    OUT.mkdir(parents=True, exist_ok=True)
    sources = HERE / "wasix"
    for name in [*(program for program, *_ in PROGRAMS), "http_server"]:
        source = str(sources / f"{name}.c")
        subprocess.run([*GUEST, *SHARED, "-o", str(OUT / f"{name}.wasm"), source], check=True)
        subprocess.run([*NATIVE, "-o", str(OUT / name), source], check=True)
    hello = str(sources / "cgi_hello.c")
    subprocess.run([*GUEST, "-o", str(OUT / "cgi_hello.wasm"), hello], check=True)
    subprocess.run([*GUEST, *SHARED, "-DWASIX", "-o", str(OUT / "cgi_hello_wasix.wasm"), hello], check=True)


def command(program):
    return [str(BRINK), "run", str(OUT / f"{program}.wasm"), "--mode", "command", "--quiet"]


def number(arguments, cpus):
    done = subprocess.run(["taskset", "-c", cpus, *arguments], capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} failed: {done.stderr.strip()}")
    return int(done.stdout)


def wall(arguments, cpus):
    begin = time.monotonic_ns()
    subprocess.run(["taskset", "-c", cpus, *arguments], check=True, capture_output=True, timeout=TIMEOUT)
    return time.monotonic_ns() - begin


def measure(options):
    for program, what, unit, divisor in PROGRAMS:
        pairs = []
        number(command(program), options.cpus)  # compiled, caches warm
        for _ in range(options.rounds):
            pairs.append((number(command(program), options.cpus), number([str(OUT / program)], options.cpus)))
        guest, native = (statistics.median(side) / divisor for side in zip(*pairs))
        yield {"what": what, "unit": unit, "guest": guest, "native": native,
               "ratio": statistics.median(a / b for a, b in pairs)}
    hello = [str(BRINK), "run", str(ROOT / "build/release/guests/hello.wasm"), "--mode", "command", "--quiet"]
    wall(hello, options.cpus)
    times = [wall(hello, options.cpus) / 1e6 for _ in range(4 * options.rounds)]
    yield {"what": "C hello in command mode, start to end", "unit": "ms", "guest": statistics.median(times),
           "native": None, "ratio": None}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cpus", default="0,1", help="what the programs may run on (taskset)")
    parser.add_argument("--json", type=Path, help="write the figures there, too")
    parser.add_argument("--build-only", action="store_true")
    options = parser.parse_args()
    build()
    if options.build_only:
        return
    rows = []
    print(f"{'':46}{'guest':>10}{'native':>10}{'ratio':>8}")
    for row in measure(options):
        rows.append(row)
        native = "" if row["native"] is None else f"{row['native']:.2f}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        print(f"{row['what']:46}{row['guest']:10.2f}{native:>10}{ratio:>8}  {row['unit']}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    sys.exit(main())
