"""The measuring programs measure: CPU time of whole process trees, and tables
from definitions that are read strictly."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[1] / "bench"
sys.path.insert(0, str(BENCH))
import processes  # noqa: E402
import server  # noqa: E402
import side_by_side  # noqa: E402

# Forks twice, so that the grandchild is an orphan, which burns 0.3 s of CPU.
DAEMON = """
import os, time
if os.fork(): time.sleep(60)
if os.fork(): os._exit(0)
end = time.process_time() + 0.3
while time.process_time() < end: pass
print("burnt", flush=True)
time.sleep(60)
"""


@pytest.fixture(name="supervised")
def start_daemon(tmp_path):
    with open(tmp_path / "log", "wb") as log:
        process = processes.start_supervised(
            [[sys.executable, "-c", DAEMON]], ",".join(map(str, os.sched_getaffinity(0))), tmp_path, os.environ, log)
    end = time.monotonic() + 20
    while b"burnt" not in (tmp_path / "log").read_bytes():
        assert time.monotonic() < end
        time.sleep(0.01)
    yield process
    process.terminate()
    process.wait(20)


def test_counts_the_cpu_time_of_orphans(supervised):
    user, system = processes.settled_cpu_time(supervised.pid)
    assert 0.25 <= user + system < 3


def test_stops_the_whole_tree(supervised):
    below = [p.pid for p in processes.tree(supervised.pid) if p.state != "Z"]
    assert len(below) == 3  # the supervisor, the program, the orphan
    supervised.terminate()
    supervised.wait(20)
    assert not [pid for pid in below if os.path.exists(f"/proc/{pid}")]


def test_a_supervisor_ends_when_its_program_cannot_be_run(tmp_path):
    with open(tmp_path / "log", "wb") as log:
        process = processes.start_supervised([["/no/such/program"]], "0", tmp_path, os.environ, log)
    assert process.wait(20) == 1
    assert "/no/such/program" in (tmp_path / "log").read_text()


def test_a_process_that_is_gone_counts_nothing():
    ended = subprocess.Popen(["true"])
    ended.wait()
    assert processes.cpu_time(ended.pid) == (0.0, 0.0)


@pytest.mark.parametrize("text, part", [
    ("", "no [[server]]"),
    ("[[server]]\nname = 'a'\n", "lacks start, url"),
    ("[[server]]\nname = 'a'\nstart = 'x'\nurl = 'y'\ncolour = 1\n", "unknown keys: colour"),
    ("[[server]]\nname = '../a'\nstart = 'x'\nurl = 'y'\n", "not plain"),
    ("[[server]\n", "definitions.toml"),
])
def test_definitions_are_read_strictly(tmp_path, text, part):
    path = tmp_path / "definitions.toml"
    path.write_text(text)
    with pytest.raises(server.Failure) as failure:
        side_by_side.load(path)
    assert part in str(failure.value)


def test_our_definitions_are_good_and_their_templates_exist():
    for spec in side_by_side.load(BENCH / "wcgi.toml")["server"]:
        for template in spec.get("templates", []):
            assert (BENCH / template).is_file(), template


def test_ratios_are_taken_within_each_round():
    def measured(*costs):
        found = type("Measured", (), {})()
        found.rounds = [{"cpu_us": c, "user_us": c, "rps": 1e6 / c, "p50_ms": 1, "p99_ms": 2, "bad": 0, "errors": 0,
                         "resident": 2**20, "mib_per_cpu_s": 1, "cpu_share": 1} for c in costs]
        return found

    # The second round was disturbed: both needed ten times as long.
    base, other = measured(10, 100, 10), measured(20, 200, 20)
    figures = side_by_side.summary(other, base)
    assert figures["cpu_ratio"] == 2 and figures["cpu_us"] == 20
    assert "2.00" in side_by_side.table({"other": figures})
