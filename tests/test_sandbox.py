"""Each promise of the sandbox, with real processes that would break it: inside namespaces, and where there are none."""

from __future__ import annotations

import gc
import os
import resource
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import tracemalloc
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from neurosym import sandbox
from neurosym.core import Reason, Undecided
from neurosym.sandbox import Finished, Limits, Session, network_is_closed, run

LIMITS = Limits(seconds=20.0, memory_mb=1024)
PYTHON = sys.executable


@pytest.fixture(params=["namespaces", "process group"], autouse=True)
def walls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "process group":
        monkeypatch.setattr(sandbox, "_namespaces", tuple)
    elif not network_is_closed():
        pytest.skip("this kernel gives an ordinary user no namespaces")
    return str(request.param)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files: no test leaves any there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    assert not list(tmp_path.glob("neurosym-*"))


@pytest.fixture
def mark() -> Iterator[str]:
    """A word to put into the command line of processes, by which `running` finds them."""
    yield (word := f"mark-{uuid.uuid4().hex}")
    for pid in running(word):
        os.kill(pid, 9)


def running(mark: str) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command, state = (process / "cmdline").read_bytes(), (process / "stat").read_text().rpartition(")")[2]
        except OSError:
            continue
        if mark.encode() in command and state.split()[0] != "Z":
            found.append(int(process.name))
    return found


def wait_for(mark: str, count: int) -> None:
    """Wait until that many processes have the mark."""
    deadline = time.monotonic() + 15
    while (found := len(running(mark))) != count:
        assert time.monotonic() < deadline, f"{found} processes instead of {count}"
        time.sleep(0.02)


def open_descriptors() -> list[int]:
    return [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]


def python(program: str, limits: Limits = LIMITS, *arguments: str, stdin: bytes = b"") -> Finished:
    return run([PYTHON, "-c", textwrap.dedent(program), *arguments], limits, stdin=stdin)


def sh(script: str, limits: Limits = LIMITS, *arguments: str) -> Finished:
    return run(["sh", "-c", script, "sh", *arguments], limits)


def test_a_tool_reads_its_input_and_ends_with_its_code() -> None:
    found = run(["sh", "-c", "cat - sub/a; echo moan >&2; exit 7"], LIMITS, stdin=b"in ", files={"sub/a": b"\0file"})
    assert found == Finished(7, b"in \0file", b"moan\n", None, "moan")


def test_arguments_arrive_as_they_are() -> None:
    arguments = ["", " ", "$HOME `id` \"'\\", "-n", "--", "a\nb", "ü"]
    found = python("import sys; print(ascii(sys.argv[1:]))", LIMITS, *arguments)
    assert found.stdout.decode() == ascii(arguments) + "\n"


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "1")
    program = "import os; print('\\n'.join(sorted(k + '=' + v for k, v in os.environ.items())))"
    found = run([PYTHON, "-P", "-c", program], LIMITS, environment={"GIVEN": "2", "LANG": "C"})
    variables = dict(line.split("=", 1) for line in found.stdout.decode().splitlines())
    assert set(variables) <= {"PATH", "LANG", "HOME", "TMPDIR", "GIVEN", "PWD", "LC_CTYPE", "SHLVL", "OLDPWD", "_"}
    assert variables["GIVEN"] == "2" and variables["LANG"] == "C" and variables["PATH"] == os.environ["PATH"]
    assert variables["HOME"] == variables["TMPDIR"]


def test_the_folder_is_its_own_and_goes_away() -> None:
    found = sh('pwd; stat -c %a .; ls -A; mkdir -p a/b; : >a/b/c; test "$HOME" = "$PWD"')
    folder, mode = found.stdout.decode().splitlines()
    assert found.returncode == 0 and mode == "700" and not Path(folder).exists()


def test_a_folder_that_resists_goes_away_and_takes_nothing_with_it(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    (tmp_path / "kept").chmod(0o640)
    program = """
        import os, sys
        print(os.getcwd(), flush=True)
        os.symlink(sys.argv[1], "link")
        os.symlink(sys.argv[1] + "/kept", "file")
        os.makedirs("closed/inner")
        os.chmod("closed", 0)
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
    """
    found = python(program, LIMITS, str(tmp_path))
    assert found.returncode == 0 and not Path(found.stdout.decode().strip()).exists()
    assert (tmp_path / "kept").read_text() == "kept" and (tmp_path / "kept").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["../a", "/tmp/a", "a/../../b"])
def test_no_file_outside_the_folder(name: str) -> None:
    with pytest.raises(ValueError, match="outside the folder"):
        run(["true"], LIMITS, files={name: b""})


def test_a_missing_program_is_undecided(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no program")
    for name in ("no-such-program", str(tmp_path / "none"), str(tmp_path / "data"), str(tmp_path)):
        with pytest.raises(Undecided, match="there is no program") as caught:
            run([name], LIMITS)
        assert caught.value.reason is Reason.TOOL_MISSING
        with pytest.raises(Undecided):
            Session([name], 512)


def test_a_program_is_looked_for_on_the_path_given(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("#!/bin/sh\necho here\n")
    (tmp_path / "tool").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    assert run(["tool"], LIMITS, environment={"PATH": path}).stdout == b"here\n"


def test_late_is_a_timeout_with_the_output_so_far(mark: str) -> None:
    start = time.monotonic()
    found = sh('echo begun; exec sleep 1000 # "$1"', Limits(0.3, 512), mark)
    assert time.monotonic() - start < 5
    assert found == Finished(None, b"begun\n", b"", Reason.TIMEOUT, "stopped after 0.3 s: begun")


def test_descendants_that_ignore_signals_end_with_the_tool(mark: str) -> None:
    program = """
        import os, signal, time
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.fork(), os.fork()
        print("up", flush=True)
        time.sleep(1000)
    """
    found = python(program, Limits(1.0, 512), mark)
    assert found.stopped is Reason.TIMEOUT and found.stdout == b"up\n" * 4
    wait_for(mark, 0)


def test_a_child_that_outlives_its_parent_does_not_hold_us_up(mark: str) -> None:
    start = time.monotonic()
    found = sh(
        'sh -c "trap : TERM HUP; echo child; while :; do sleep 1000; done" "$1" & sleep 0.3; exit 4', LIMITS, mark
    )
    assert (found.returncode, found.stdout) == (4, b"child\n")
    assert time.monotonic() - start < 5
    wait_for(mark, 0)


def test_a_child_that_prints_on_does_not_hold_us_up(mark: str) -> None:
    start = time.monotonic()
    found = sh('sh -c "while echo on; do :; done" "$1" & exit 4', LIMITS, mark)
    assert found.returncode == 4
    assert time.monotonic() - start < 5
    wait_for(mark, 0)


def test_a_process_in_another_session_does_not_escape_a_namespace(walls: str, mark: str) -> None:
    program = """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                print("away", flush=True)
                time.sleep(1000)
            os._exit(0)
        time.sleep(2)
    """
    start = time.monotonic()
    assert python(program, LIMITS, mark).stdout == b"away\n"
    assert time.monotonic() - start < 8
    wait_for(mark, 0 if walls == "namespaces" else 1)


def test_a_fork_bomb_ends(mark: str) -> None:
    program = """
        import os, time
        for _ in range(7):
            os.fork()
        print("x", flush=True)
        time.sleep(1000)
    """
    found = python(program, Limits(1.5, 512), mark)
    assert found.stopped is Reason.TIMEOUT and len(found.stdout) > 100
    wait_for(mark, 0)


def test_processes_that_keep_forking_end(mark: str) -> None:
    """There are never more than some twenty, and none of them lives long: a race with whoever kills."""
    program = """
        import os
        for _ in range(4):
            os.fork()
        while True:
            if os.fork():
                os._exit(0)
    """
    sh('"$1" -c "$2" "$3"; sleep 1000', Limits(1.0, 512), PYTHON, textwrap.dedent(program), mark)
    wait_for(mark, 0)


def test_a_tool_that_kills_all_it_can_reach_is_a_crash(walls: str) -> None:
    """Its own group with SIGTERM, its parent, and in a namespace everything."""
    scripts = ["kill 0; sleep 1000", "kill -9 0; sleep 1000", "kill -9 $PPID; sleep 1000"]
    if walls == "namespaces":
        scripts.append("kill -9 -1; sleep 1000")
    reasons = {Reason.TOOL_CRASHED, Reason.MEMORY}
    if Path("/bin/sh").resolve().name == "bash":  # it reads on when its child has died
        reasons.add(Reason.TIMEOUT)
    for script in scripts:
        assert sh(script, Limits(5, 512)).stopped in reasons, script


def test_a_forged_exit_status_is_a_crash() -> None:
    """The guard's end of the pipe for the status can be opened through /proc, by a process of the same namespace."""
    for forged in ("garbage", "-1", "0x0", "٠", "99999", "0\n0"):
        found = sh('read -r _ _ _ parent _ </proc/self/stat; echo "$1" >/proc/$parent/fd/1; sleep 1000', LIMITS, forged)
        assert found.stopped is Reason.TOOL_CRASHED and "without an exit code" in found.last_words, forged


def test_a_tool_cannot_look_into_us(walls: str) -> None:
    found = sh('cat "/proc/$1/environ" && echo seen', LIMITS, str(os.getpid()))
    assert (found.returncode != 0 and not found.stdout) == (walls == "namespaces")


def test_output_without_end_is_stopped_and_kept_small(mark: str) -> None:
    for script in ['exec yes "$1"', 'exec yes "$1" >&2', "exec head -c 1G /dev/zero"]:
        tracemalloc.start()
        start = time.monotonic()
        found = sh(script, Limits(60, 512, output_bytes=1 << 20), mark)
        seconds, (_, peak) = time.monotonic() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found.stopped is Reason.TOOL_CRASHED and found.returncode is None
        assert len(found.stdout) + len(found.stderr) == 1 << 20
        assert found.last_words.startswith("more than 1048576 bytes of output: ")
        assert seconds < 5 and peak < 8 << 20
        wait_for(mark, 0)


def test_output_up_to_the_limit_is_whole() -> None:
    limits = Limits(20, 512, output_bytes=100_000)
    assert len(sh("head -c 100000 /dev/zero", limits).stdout) == 100_000
    assert sh("head -c 100001 /dev/zero", limits).stopped is Reason.TOOL_CRASHED
    assert sh("head -c 60000 /dev/zero; head -c 40001 /dev/zero >&2", limits).stopped is Reason.TOOL_CRASHED


@pytest.mark.parametrize(
    "script",
    [
        '"$1" -c "bytearray(4 << 30)"',
        '"$1" -c "x = []\nwhile True: x.append(bytearray(1 << 20))"',
        "head -c 4G /dev/zero | tail -c 3G",
        'exec 3>&1; sh -c "\\"$1\\" -c \\"bytearray(4 << 30)\\"" sh "$1"; exit $?',
    ],
)
def test_four_gigabytes_are_too_many(script: str) -> None:
    found = sh(script, Limits(20, 512), PYTHON)
    assert found.stopped is Reason.MEMORY and found.returncode is None
    assert found.last_words.startswith("out of memory: ")


def test_the_limit_on_memory_is_that_of_each_process() -> None:
    assert sh("ulimit -v; ulimit -H -v; sh -c 'ulimit -v'", Limits(9, 300)).stdout == b"307200\n" * 3


def test_too_little_memory_to_start_is_undecided() -> None:
    assert sh("true", Limits(9, 1)).stopped in (Reason.MEMORY, Reason.TOOL_CRASHED)
    assert run([PYTHON, "-c", ""], Limits(9, 3)).stopped in (Reason.MEMORY, Reason.TOOL_CRASHED)


def test_a_message_that_quotes_is_no_want_of_memory() -> None:
    """A model must not turn "wrong" into "undecided" with words that a tool repeats."""
    for words in ("Error: Tactic failure: Out of memory", "a.lean:1:2: error: out of memory", "not MemoryError"):
        assert sh('echo "$1" >&2; exit 1', LIMITS, words).returncode == 1
    assert sh("echo MemoryError; exit 1").returncode == 1
    assert sh("echo MemoryError >&2; exit 0").returncode == 0


@pytest.mark.parametrize(
    ("signal", "reason", "words"),
    [
        ("SEGV", Reason.TOOL_CRASHED, "ended by signal 11 (Segmentation fault): last"),
        ("ABRT", Reason.TOOL_CRASHED, "ended by signal 6 (Aborted): last"),
        ("KILL", Reason.MEMORY, "killed from outside: last"),
    ],
)
def test_a_signal_is_a_crash(signal: str, reason: Reason, words: str) -> None:
    found = sh(f"echo last >&2; kill -{signal} $$")
    assert found == Finished(None, b"", b"last\n", reason, words)


def test_last_words_are_one_printable_line() -> None:
    found = run(["cat"], LIMITS, stdin="first\n\x1b[2J \u202eab\0\t".encode() + b"\xff" + b"c" * 500 + b"\n \n")
    assert found.last_words == (r"\x1b[2J \u202eab\x00\t\xff" + "c" * 500)[:200]
    assert run(["true"], LIMITS).last_words == ""
    assert len(run(["cat"], LIMITS, stdin=b"\x01" * (1 << 20)).last_words) == 200


def test_input_that_is_never_read_does_not_block() -> None:
    start = time.monotonic()
    assert run(["true"], LIMITS, stdin=b"x" * (8 << 20)).returncode == 0
    assert run(["head", "-c", "3"], LIMITS, stdin=b"x" * (8 << 20)).stdout == b"xxx"
    assert run(["cat"], LIMITS).stdout == b""
    assert run(["wc", "-c"], LIMITS, stdin=b"x" * (8 << 20)).stdout.strip() == b"8388608"
    assert time.monotonic() - start < 10


def test_no_core_and_no_large_file() -> None:
    assert sh("ulimit -c; ulimit -H -c").stdout == b"0\n0\n"
    found = sh("exec dd if=/dev/zero of=large bs=1 count=1 seek=2G")
    assert found.stopped is Reason.TOOL_CRASHED and "File size limit exceeded" in found.last_words


DESCRIPTORS = """
import os
for fd in range(256):
    try:
        print(os.readlink(f"/proc/self/fd/{fd}"))
    except OSError:
        pass
"""


def test_no_descriptor_of_ours_is_inherited() -> None:
    reading, writing = os.pipe()
    try:
        for fd in (reading, writing):
            os.set_inheritable(fd, True)
        ours = subprocess.run(
            [PYTHON, "-c", DESCRIPTORS], close_fds=False, capture_output=True, text=True
        ).stdout.split()
        assert len(set(ours)) > 3
        theirs = set(run([PYTHON, "-c", DESCRIPTORS], LIMITS).stdout.decode().replace(" (deleted)", "").split())
        assert len(theirs) == 3 and not theirs & set(ours)
    finally:
        os.close(reading)
        os.close(writing)


def test_the_network_is_closed(walls: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = (
            "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), timeout=5); print('in')"
        )
        found = python(program, LIMITS, str(server.getsockname()[1]))
    assert network_is_closed() == (walls == "namespaces")
    assert (found.stdout == b"") == network_is_closed()


def test_without_unshare_there_are_no_namespaces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    for program in (None, "#!/bin/sh\nexit 1\n", '#!/bin/sh\nshift 8; exec "$@"\n'):
        sandbox._namespaces.cache_clear()
        if program is not None:
            (tmp_path / "unshare").write_text(program)
            (tmp_path / "unshare").chmod(0o755)
        with monkeypatch.context() as patch:
            patch.setenv("PATH", f"{tmp_path}" if program is None else f"{tmp_path}:{os.environ['PATH']}")
            assert not network_is_closed()
            assert run(["/bin/sh", "-c", "echo runs"], LIMITS).stdout == b"runs\n"
    sandbox._namespaces.cache_clear()


PARENT = """
    import os, sys, threading, time
    from neurosym import sandbox
    walls, begin, end, how = sys.argv[1:]
    mark = begin + end
    if walls == "process group":
        sandbox._namespaces = tuple
    command = ["sh", "-c", 'trap "" TERM HUP INT; sleep 1000; sleep 1000 # "$1"', "sh", mark]
    def start():
        global session
        session = sandbox.Session(command, 512)
        print("started", flush=True)
    if how == "run":
        threading.Thread(target=sandbox.run, args=(command, sandbox.Limits(1000, 512))).start()
        print("started", flush=True)
    else:
        thread = threading.Thread(target=start)
        thread.start()
        thread.join()
    if how == "exit":
        sys.exit()
    if how == "fork" and os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    time.sleep(1000)
"""


@pytest.mark.parametrize("how", ["run", "session", "fork", "exit"])
def test_the_tool_ends_with_a_parent_that_is_killed(how: str, walls: str, mark: str, temporary: Path) -> None:
    """And not with the thread that started it."""
    command = [PYTHON, "-c", textwrap.dedent(PARENT), walls, mark[:9], mark[9:], how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": str(temporary)}) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == b"started\n"
        if how == "exit":
            assert parent.wait(20) == 0 and not list(temporary.iterdir())
        else:
            time.sleep(0.3)
            assert running(mark)
            parent.kill()
        wait_for(mark, 0)
    deadline = time.monotonic() + 5
    while left := list(temporary.iterdir()):
        if walls == "process group":
            left[0].rmdir()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_many_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: run(["echo", str(number)], LIMITS).stdout, range(80)))
    assert found == [b"%d\n" % number for number in range(80)]


def test_nothing_is_left_behind(temporary: Path) -> None:
    def state() -> tuple[int, int]:
        gc.collect()  # others' sessions may be open in this process, such as those of warm checkers
        return len(open_descriptors()), len(sandbox._lifelines)

    before = state()
    for _ in range(3):
        run(["true"], LIMITS, files={"file": b""})
        sh("sleep 1000", Limits(0.05, 512))
        Session(["cat"], 512, files={"file": b""}).close()
        Session(["cat"], 512, files={"file": b""})
        with pytest.raises(ValueError):
            Session(["cat"], 512, files={"file": b"", "../a": b""})
        with pytest.raises(ValueError):
            run(["echo", "\0"], LIMITS, files={"file": b""})
    assert state() == before and not list(temporary.iterdir())


def test_no_descriptors_left_is_undecided() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    top = max(open_descriptors())
    kept = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (top + 24, hard))
        while True:
            try:
                kept.append(os.dup(0))
            except OSError:
                break
        for _ in range(20):
            try:
                run(["true"], LIMITS)
                break
            except Undecided as error:
                assert error.reason is Reason.TOOL_CRASHED and "Too many open files" in error.detail
            os.close(kept.pop())
        else:
            pytest.fail("never enough")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in kept:
            os.close(fd)


def test_a_session_answers() -> None:
    session = Session(["cat"], 512, files={"given": b"here"}, environment={"A": "b"})
    assert session.alive() and (session.folder / "given").read_bytes() == b"here"
    session.write(b"one\ntwo\n\n12345")
    assert [session.read_line(9), session.read_line(9), session.read_line(9)] == [b"one", b"two", b""]
    assert session.read_exactly(3, 9) + session.read_exactly(2, 9) + session.read_exactly(0, 9) == b"12345"
    session.close()
    session.close()
    assert not session.alive() and not session.folder.exists()
    for use in (lambda: session.write(b"x"), lambda: session.read_line(1), lambda: session.read_exactly(1, 1)):
        with pytest.raises(Undecided, match="closed"):
            use()


def test_a_session_takes_and_gives_much_at_once() -> None:
    session = Session(["cat"], 512)
    data = bytes(range(256)) * 16384
    session.write(data)
    session.write(b"\nend\n")
    assert session.read_exactly(len(data), 20) == data
    assert (session.read_line(9), session.read_line(9)) == (b"", b"end")
    session.close()


def test_a_session_that_never_reads_does_not_block_us(mark: str) -> None:
    session = Session(["sh", "-c", "sleep 1000", mark], 512)
    start = time.monotonic()
    session.write(b"x" * (8 << 20))
    with pytest.raises(Undecided, match=r"no answer within 0\.2 s") as caught:
        session.read_line(0.2)
    assert caught.value.reason is Reason.TIMEOUT and not session.alive()
    assert time.monotonic() - start < 5
    wait_for(mark, 0)


def test_a_session_that_closes_its_input_and_ends_is_noticed() -> None:
    session = Session(["sh", "-c", "exec <&-; echo up; sleep 0.2; echo down; echo moan >&2; exit 5"], 512)
    assert session.read_line(9) == b"up"
    session.write(b"x" * (1 << 20))
    assert session.read_line(9) == b"down"
    start = time.monotonic()
    with pytest.raises(Undecided, match="exit code 5: moan") as caught:
        session.read_line(60)
    assert caught.value.reason is Reason.TOOL_CRASHED and time.monotonic() - start < 5


def test_a_session_that_ended_still_gives_its_lines() -> None:
    session = Session(["printf", "a\\nb\\nrest"], 512)
    deadline = time.monotonic() + 9
    while session.alive():
        assert time.monotonic() < deadline
    assert (session.read_line(0), session.read_line(0)) == (b"a", b"b")
    with pytest.raises(Undecided, match="exit code 0: rest"):
        session.read_line(9)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -SEGV $$", Reason.TOOL_CRASHED),
        ("kill -KILL $$", Reason.MEMORY),
        ("echo MemoryError >&2; exit 1", Reason.MEMORY),
        ("kill -KILL 0", Reason.TOOL_CRASHED),
        ("yes | tr -d '\\n'", Reason.TOOL_CRASHED),
        ("yes >&2", Reason.TIMEOUT),
    ],
)
def test_how_a_session_ends(script: str, reason: Reason) -> None:
    session = Session(["sh", "-c", script], 512)
    tracemalloc.start()
    with pytest.raises(Undecided) as caught:
        session.read_line(1.0, 1 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.reason is reason
    assert not session.alive() and not session.folder.exists() and peak < 8 << 20


def test_an_answer_of_at_most_so_many_bytes() -> None:
    session = Session(["printf", "1234\\n12345\\n"], 512)
    assert session.read_line(9, 4) == b"1234"
    with pytest.raises(Undecided, match="beyond the limit"):
        session.read_line(9, 4)


def test_a_session_ends_when_it_is_dropped(mark: str) -> None:
    session = Session(["sh", "-c", "sleep 1000; :", mark], 512)
    folder = session.folder
    while not running(mark):
        time.sleep(0.01)
    del session
    gc.collect()
    wait_for(mark, 0)
    assert not folder.exists()


def test_a_session_belongs_to_the_process_that_started_it() -> None:
    session = Session(["cat"], 512)
    child = os.fork()
    if child == 0:
        try:
            asked = session.alive()
            session.close()
        finally:
            os._exit(int(asked))
    assert os.waitpid(child, 0)[1] == 0
    session.write(b"mine\n")
    assert session.read_line(9) == b"mine"
    session.close()


def test_a_session_outlives_the_thread_that_started_it() -> None:
    made: list[Session] = []
    thread = threading.Thread(target=lambda: made.append(Session(["cat"], 512)))
    thread.start()
    thread.join()
    time.sleep(0.1)
    made[0].write(b"still\n")
    assert made[0].read_line(9) == b"still"
    made[0].close()
