"""Calls a function in a fresh Python process with another hash seed: what depends on either comes out different."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1])\n"
    "from importlib import import_module; import_module(sys.argv[2]).serve()"
)


class NotPortable(Exception):
    """A function or an argument cannot be loaded in another process, such as a class defined within a function."""


def elsewhere(function: Callable[..., Any], *arguments: Any) -> Any:
    """What `function(*arguments)` returns there. Raises NotPortable, and RuntimeError where the call fails."""
    if any(type(argument).__module__ == "__main__" for argument in arguments):
        raise NotPortable("defined in the program that runs: put it into a module")
    try:
        call = pickle.dumps((function, arguments))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise NotPortable(str(error)) from None
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    done = subprocess.run(
        [sys.executable, "-P", "-c", _START, json.dumps(sys.path), __name__],
        input=call,
        capture_output=True,
        env=os.environ | {"PYTHONHASHSEED": seed},
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode(errors="replace").strip()[-500:])
    state, value = pickle.loads(done.stdout)
    if state == "not loaded":
        raise NotPortable(value)
    return value


def serve() -> None:
    """The other process's side: one call on standard input, one result on standard output."""
    reply = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a plugin prints is not the reply
    try:
        function, arguments = pickle.load(sys.stdin.buffer)
    except Exception as error:
        pickle.dump(("not loaded", f"{type(error).__name__}: {error}"), reply)
    else:
        pickle.dump(("done", function(*arguments)), reply)
    reply.close()
