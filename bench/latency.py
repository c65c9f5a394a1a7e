#!/usr/bin/env python3
"""Latency of one brink worker on one CPU, seen from another CPU at a fixed rate.

Three parts: 70 % of the rate at which the worker is busy (the tail); hello
beside bad neighbours that spin, copy their memory and write 64 MiB at once (the
delay they cause); and the worker's memory after a million requests and 10,000
clients (the growth). Latency counts from the moment a request was due."""

import argparse
import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import processes

ROOT = Path(__file__).resolve().parents[1]
RELEASE = ROOT / "build" / "release"
NEIGHBOURS = ("spin", "copy", "burst")


class Brink:
    """`brink run` with one worker, pinned with all of its processes."""

    def __init__(self, guest, cpu, *options):
        command = [RELEASE / "brink", "run", RELEASE / "guests" / f"{guest}.wasm",
                   "--listen", "127.0.0.1:0", "--workers", "1", *options]
        self.process = subprocess.Popen(["taskset", "-c", str(cpu), *command], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        for line in self.process.stdout:
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise SystemExit("error: brink did not start")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def private_memory(self):
        """Bytes of the largest process below brink that no other one shares."""
        return max(private_memory(p.pid) for p in processes.tree(self.process.pid))


def private_memory(pid):
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return sum(int(kib) * 1024 for kib in re.findall(r"^Private_\w+:\s+(\d+) kB", text, re.M))


def open_loop(port, target, rate, seconds, connections):
    done = subprocess.run([RELEASE / "open_loop", str(port), target, f"{rate:.0f}", str(seconds), str(connections)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr.strip())
    return json.loads(done.stdout)


def top_rate(port, connections):
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", "-d4s", f"http://127.0.0.1:{port}/"],
                          capture_output=True, text=True, check=True)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def line(name, figures):
    print(f"{name:24}  p50 {figures['p50_us']:8.0f}  p99 {figures['p99_us']:8.0f}  p99.9 {figures['p999_us']:8.0f}"
          f"  max {figures['max_us']:8.0f} us   {figures['good']} good, {figures['bad']} bad, "
          f"{figures['errors']} errors, {figures['unsent']} unsent", flush=True)


def tail(options):
    with Brink("hello", options.server_cpu) as brink:
        top = top_rate(brink.port, options.connections)
        figures = open_loop(brink.port, "/", top * 0.7, options.seconds, options.connections)
    print(f"one worker answers at most {top:.0f} requests/s; at 70 %:")
    line("hello", figures)
    print(f"p99 is {figures['p99_us'] / figures['p50_us']:.1f} times the median")


def annoy(port, what, end):
    """Asks for one bad neighbour after the other until it is time."""
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", f"/?do={what}")
            connection.getresponse().read()
            connection.close()


def neighbours(options):
    limits = ("--wall-time", "2s", "--cpu-time", "1s")
    with Brink("neighbour", options.server_cpu, *limits) as brink:
        line("hello alone", open_loop(brink.port, "/?do=hello", 200, options.seconds, options.connections))
        for what in (*NEIGHBOURS, "all"):
            end = time.monotonic() + options.seconds + 2
            threads = [threading.Thread(target=annoy, args=(brink.port, each, end))
                       for each in (NEIGHBOURS if what == "all" else (what, what))]
            for thread in threads:
                thread.start()
            line(f"hello beside {what}", open_loop(brink.port, "/?do=hello", 200, options.seconds, options.connections))
            for thread in threads:
                thread.join()


def growth(options):
    def report(when):
        print(f"{when:32} {brink.private_memory() / 2**20:6.1f} MiB private", flush=True)

    with Brink("hello", options.server_cpu) as brink:
        open_loop(brink.port, "/", 1000, 1, 64)
        report("after 1,000 at 64 connections")
        rate = top_rate(brink.port, 64) * 0.8
        open_loop(brink.port, "/", rate, max(1, round(options.requests / rate)), 64)
        report(f"after {options.requests} more")
        for _ in range(options.clients):
            with socket.create_connection(("127.0.0.1", brink.port), 10) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                while client.recv(65536):
                    pass
        report(f"after {options.clients} clients")


PARTS = {"tail": tail, "neighbours": neighbours, "growth": growth}


def main():
    parser = argparse.ArgumentParser(description="Latency and memory of one worker; see bench/README.md.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="tail, neighbours, growth (default: all)")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--client-cpu", type=int, default=1)
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"unknown part {min(unknown)!r}")
    os.sched_setaffinity(0, {options.client_cpu})
    for part in options.parts or PARTS:
        print(f"-- {part}")
        PARTS[part](options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
