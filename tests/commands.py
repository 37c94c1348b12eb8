"""Runs the command line for tests, in this process (which spares a start) or in one of its own."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {
    **os.environ,
    "KGRAG_EMBEDDER": "hash",
    "KGRAG_EXTRACTORS": '["roles"]',  # what is read of a sentence is tested elsewhere
    "PYTHONPATH": str(ROOT),
}
"""Of the commands, here and in processes of their own."""
COMMAND = (sys.executable, "-c", "from kgrag.cli.main import main; main()")
"""The start of a command in a process of its own."""


def kgrag(*arguments: str) -> CompletedProcess[str]:
    """A command as ``main`` runs it, with its exit code and what it printed."""
    from kgrag.cli.main import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    umask = os.umask(0o077)
    try:
        with (
            mock.patch.dict(os.environ, ENVIRONMENT),
            mock.patch.object(sys, "argv", ["kgrag", *arguments]),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        os.umask(umask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return CompletedProcess(["kgrag", *arguments], code, out.getvalue(), err.getvalue())
