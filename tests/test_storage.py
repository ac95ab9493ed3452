"""Files appear whole or not at all; one writer at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from neurosym.errors import UsageError
from neurosym.storage import Folder


def test_write_and_read(tmp_path):
    folder = Folder(tmp_path / "deep" / "er")
    folder.write("a/b.bin", b"\x00\x01")
    assert folder.read("a/b.bin") == b"\x00\x01" and folder.files("a") == ["a/b.bin"]
    folder.remove("a")
    folder.remove("a")
    assert not folder.exists("a/b.bin")


def test_a_failed_write_leaves_the_old_file_and_no_scraps(tmp_path, monkeypatch):
    folder = Folder(tmp_path)
    folder.write("file", b"old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError):
        folder.write("file", b"new")
    assert folder.read("file") == b"old" and folder.files("") == ["file"]


def test_a_second_writer_is_refused_and_a_dead_one_is_not_in_the_way(tmp_path):
    code = (
        "import sys, time\nfrom neurosym.storage import Folder\n"
        f"with Folder({str(tmp_path)!r}).locked():\n    print('held', flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout and other.stdout.readline() == "held\n"
        with pytest.raises(UsageError, match="another process"), Folder(tmp_path).locked():
            pass
        other.kill()
    with Folder(tmp_path).locked():
        pass


def test_an_unwritable_place_is_named():
    with pytest.raises(UsageError, match="cannot write to /proc/nowhere"), Folder("/proc/nowhere").locked():
        pass


def test_an_unknown_scheme_is_refused():
    with pytest.raises(UsageError, match="cannot open"):
        Folder("gopher://host/lake")


def test_a_relative_path_is_where_the_user_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Folder("lake").write("x", b"1")
    assert Path("lake/x").read_bytes() == b"1"
