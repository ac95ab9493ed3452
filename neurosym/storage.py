"""A folder on any pyarrow file system (local, S3, …), with writes that are whole or not there.

Contract: `write` leaves either the old file or the new one, whatever kills the process: on a local disk by an
fsynced temporary file and a rename, on an object store by its own all-or-nothing upload.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neurosym.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator


TEMPORARY = ".tmp"


class Folder:
    """The folder at `location`: a local path or a URI that `pyarrow.fs` knows."""

    def __init__(self, location: str | Path) -> None:
        from pyarrow import fs

        self.location = str(location)
        try:
            if "://" in self.location:
                self.fs, self.root = fs.FileSystem.from_uri(self.location)
            else:
                self.fs, self.root = fs.LocalFileSystem(), str(Path(location).absolute())
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot open {self.location}: {error}") from None
        self.local = self.fs.type_name == "local"

    def full(self, path: str) -> str:
        """The path of a file of this folder on `self.fs`."""
        return f"{self.root}/{path}" if path else self.root

    def exists(self, path: str = "") -> bool:
        from pyarrow import fs

        return bool(self.fs.get_file_info(self.full(path)).type != fs.FileType.NotFound)

    def files(self, path: str) -> list[str]:
        """The files below `path`, relative to this folder, sorted."""
        from pyarrow import fs

        selector = fs.FileSelector(self.full(path), recursive=True, allow_not_found=True)
        found = (info.path for info in self.fs.get_file_info(selector) if info.type == fs.FileType.File)
        return sorted(name[len(self.root) :].lstrip("/") for name in found)

    def read(self, path: str) -> bytes:
        with self.fs.open_input_stream(self.full(path)) as stream:
            return bytes(stream.read())

    def write(self, path: str, content: bytes | Any, durable: bool = True) -> None:
        """Write a whole file, or leave what was there. `content` is bytes or a pyarrow buffer.

        What is not `durable` outlives this process, but perhaps not the machine: a power cut may leave a torn file.
        """
        target = self.full(path)
        self.fs.create_dir(target.rpartition("/")[0], recursive=True)
        if not self.local:
            with self.fs.open_output_stream(target) as stream:
                stream.write(content)
            return
        temporary = Path(f"{target}.{os.getpid()}{TEMPORARY}")
        try:
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def sweep(self) -> None:
        """Remove what writers that were killed left half written. Only the holder of the lock may."""
        for path in self.files(""):
            if path.endswith(TEMPORARY):
                self.remove(path)

    def remove(self, path: str) -> None:
        """Remove a file, or a folder with all that is in it. Nothing there is no error."""
        from pyarrow import fs

        kind = self.fs.get_file_info(self.full(path)).type
        if kind == fs.FileType.File:
            self.fs.delete_file(self.full(path))
        elif kind == fs.FileType.Directory:
            self.fs.delete_dir(self.full(path))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for one writer; the lock dies with the process. Local folders only.

        Raises UsageError where another process holds it, or where the folder cannot be written.
        """
        if not self.local:
            yield
            return
        import fcntl

        try:
            Path(self.root).mkdir(parents=True, exist_ok=True)
            handle = (Path(self.root) / ".lock").open("w")
        except OSError as error:
            raise UsageError(f"cannot write to {self.location}: {error.strerror}; choose another --out") from None
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"{self.location} is being written by another process; wait, or choose another --out"
                ) from None
            yield
