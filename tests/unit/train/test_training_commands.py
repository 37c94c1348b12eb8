"""The training commands say what is missing before they begin: packages with their extra, data with the
folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.errors import MissingExtra, UsageError


def test_without_torch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verifier's encoder needs the extra ``train``; nothing is written."""
    monkeypatch.setitem(sys.modules, "torch", None)
    done = CliRunner().invoke(
        app, ["train", "verifier", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    )
    assert isinstance(done.exception, MissingExtra)
    assert "kgrag[train]" in str(done.exception)
    assert not (tmp_path / "out").exists()


def test_a_folder_without_the_data_is_refused(tmp_path: Path) -> None:
    """The error names what the folder lacks."""
    (tmp_path / "qa").mkdir()
    done = CliRunner().invoke(
        app, ["train", "reward", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    )
    assert isinstance(done.exception, UsageError)
    assert "no preferences" in str(done.exception)
