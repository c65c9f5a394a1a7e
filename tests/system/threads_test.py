"""Programs with threads, signals and saved stacks, in a process of their own."""

import select
import signal
import subprocess

from process import BINARY, DEADLINE, guest, run_to_end

COMMAND = ("run", "--quiet", "--mode", "command")


def threads(what):
    return run_to_end(*COMMAND, guest("threads"), "--", what)


def start(what):
    """A program that waits, once it has said that it is ready."""
    process = subprocess.Popen([BINARY, *COMMAND, guest("threads"), "--", what],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    return process


def test_threads_count_together_under_a_lock():
    done = threads("count")
    assert (done.returncode, done.stdout) == (0, b"20000\n"), done


def test_any_thread_ends_the_process_with_its_code():
    assert threads("exit").returncode == 7


def test_even_while_another_one_waits_for_ever_in_an_instruction():
    assert threads("stuck").returncode == 7


def test_a_trap_in_any_thread_ends_the_process():
    done = threads("crash")
    assert done.returncode == 134
    assert done.stderr.count(b"the program crashed") == 1
    assert b"thread_main" in done.stderr or b"crash" in done.stderr


def test_the_process_outlives_its_first_thread():
    done = threads("outlived")
    assert (done.returncode, done.stdout) == (0, b"still here\n"), done


def test_the_return_of_the_first_thread_ends_the_others():
    assert threads("return").returncode == 0


def test_threads_are_as_many_as_the_limit_allows():
    done = threads("limit")
    assert done.returncode == 0
    assert int(done.stdout) == 64


def test_a_thread_signals_another_one_that_waits():
    done = threads("signal")
    assert (done.returncode, done.stdout) == (0, b"10\n"), done


def test_a_signal_to_the_command_is_the_programs():
    process = start("terminate")
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == b"signal 15\n"
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 3


def test_a_handled_signal_ends_a_read():
    process = start("read")
    # One that comes before the read is handled, and forgotten.
    while not select.select([process.stdout], [], [], 0.1)[0]:
        process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == b"27\n"
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 0


def test_a_timer_ends_a_read():
    process = subprocess.Popen([BINARY, *COMMAND, guest("threads"), "--", "alarm"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"27\n"
    assert process.stdout.readline() == b"14\n"
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 0


def test_setjmp_and_longjmp_of_asyncified_programs():
    done = run_to_end(*COMMAND, guest("saved_stack"))
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        b"came with 0", b"came with 1", b"came with 2", b"came with 3",
        b"saved in a handler: 1", b"came with 4", b"handled: 1"]


def test_a_longjmp_made_of_exceptions_leaves_a_handler():
    done = run_to_end(*COMMAND, guest("handler_jump"))
    assert (done.returncode, done.stdout) == (0, b"a\na\nb\n"), done
