"""Programs of several processes: fork, vfork, exec, spawn, wait and kill."""

from pathlib import Path

from process import guest, run_to_end

COMMAND = ("run", "--quiet", "--mode", "command")


def family(what, *options):
    return run_to_end(*COMMAND, *options, guest("family"), "--", what)


def lines(done):
    return done.stdout.decode().splitlines()


def test_a_fork_has_a_number_a_parent_and_a_status():
    done = family("forks")
    assert lines(done) == [
        "parent is 1", "child is 2", "its parent is 1", "grandchild is 3",
        "joined 3", " tag 1", " code 0", "joined 2", " tag 1", " code 7", "join error 12"], done


def test_a_wait_that_must_not_hang_finds_nothing_and_pipes_end_with_their_last_end():
    assert lines(family("hangs")) == ["joined 0", " tag 0", "joined 2", " tag 1", " code 5"]


def test_a_killed_child_is_told_from_one_that_ended():
    assert lines(family("killed")) == [
        "kill 0", "joined 2", " tag 2", " signal 9", "kill 71",
        "term 0", "joined 3", " tag 2", " signal 15"]


def test_a_trap_in_a_child_is_the_childs():
    done = family("trapped")
    assert lines(done) == ["joined 2", " tag 2", " signal 6"]
    assert done.stderr.count(b"the program crashed") == 1
    assert done.returncode == 0


def test_the_first_processs_end_is_everybodys():
    done = family("orphans")
    assert (done.returncode, lines(done)) == (4, ["leaves 3"])


def test_processes_are_counted():
    assert lines(family("bombs", "--limit", "processes=8")) == ["children 7", "error 6"]


def test_a_vfork_without_a_process_has_descriptors_of_its_own_until_it_ends_or_runs():
    assert lines(family("borrows")) == [
        "acts as 2", "again 1", "descriptor 2 0", "joined 2", " tag 1", " code 9",
        "missing 44", "exec 0", "is 1", "echo is 3", "joined 3", " tag 1", " code 11"]


def test_exec_keeps_the_number_and_the_status():
    done = family("execs")
    assert (done.returncode, lines(done)) == (11, ["before 1", "echo is 1"])


def test_spawn_finds_a_command_and_its_pipe():
    assert lines(family("spawns")) == [
        "spawn 0", "echo is 2", "joined 2", " tag 1", " code 11", "missing 44"]


def test_nothing_is_left_of_a_family():
    before = processes()
    assert family("orphans").returncode == 4
    assert processes() == before


def processes():
    """How many processes of brink's app role there are."""
    count = 0
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            count += b"--role=app" in line.read_bytes()
        except OSError:
            continue  # it has just ended
    return count
