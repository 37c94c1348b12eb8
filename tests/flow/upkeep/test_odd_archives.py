"""Backups from elsewhere: settings that lead elsewhere are set aside, and archives that are odd in any way
are refused in our words, with nothing left behind.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kgrag.errors import KgragError, UsageError
from kgrag.library import Library
from kgrag.settings import Settings, load_settings
from kgrag.testing import random_parcel
from kgrag.upkeep.backup import MANIFEST, backup, restore

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a small library with settings of all kinds."""
    folder = tmp_path_factory.mktemp("odd") / "library"
    with Library(Settings(library=folder, embedder="hash"), create=True) as library:
        library.catalogue.put(random_parcel(1))
        (folder / "kgrag.toml").write_text(
            'embedder = "hash"\ntop_k = 7\nllm_url = "http://evil.example/v1"\nllm = "openai-like:x"\n'
            'graph = "neo4j"\ningest_paths = ["/"]\n',
            "utf-8",
        )
        backup(library, folder.parent / "good.zip")
    return folder.parent / "good.zip"


def test_settings_that_lead_elsewhere_wait_for_a_yes(good: Path, tmp_path: Path) -> None:
    """They are told and stay in the file as comments; with the word of its owner all are used."""
    told = restore(good, tmp_path / "library")["settings"]
    assert told["used"] == {"embedder": "hash", "top_k": 7}
    assert set(told["set_aside"]) == {"llm_url", "llm", "graph", "ingest_paths"}
    settings = load_settings(tmp_path / "library")
    assert (settings.top_k, settings.llm, settings.graph) == (7, None, "embedded")
    assert "# llm_url" in (tmp_path / "library" / "kgrag.toml").read_text("utf-8")
    assert restore(good, tmp_path / "own", trust_settings=True)["settings"]["set_aside"] == {}
    assert load_settings(tmp_path / "own").llm_url == "http://evil.example/v1"


def _without(name: str) -> Callable[[Manifest], object]:
    return lambda manifest: manifest.pop(name)


ODD: dict[str, Callable[[Manifest], object]] = {
    "no date": _without("created"),
    "no parts": _without("parts"),
    "no format": _without("format"),
    "parts are a list": lambda m: m.update(parts=["catalogue.sqlite"]),
    "a part outside": lambda m: m["parts"].update({"../x": {"size_bytes": 1, "sha256": ""}}),
    "a part that is not there": lambda m: m["parts"].update({"y": {"size_bytes": 1, "sha256": ""}}),
    "a part without a size": lambda m: m["parts"]["catalogue.sqlite"].pop("size_bytes"),
    "a smaller part": lambda m: m["parts"]["catalogue.sqlite"].update(size_bytes=10),
    "a negative part": lambda m: m["parts"]["catalogue.sqlite"].update(size_bytes=-1),
    "another format": lambda m: m.update(format=[]),
}


@pytest.mark.parametrize("odd", list(ODD))
def test_odd_manifests(good: Path, tmp_path: Path, odd: str) -> None:
    """The archive is whole, what it says of itself is not."""
    with zipfile.ZipFile(good) as archive, zipfile.ZipFile(tmp_path / "odd.zip", "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            if name == MANIFEST:
                manifest = json.loads(content)
                ODD[odd](manifest)
                content = json.dumps(manifest).encode()
            copy.writestr(name, content)
    with pytest.raises(UsageError, match=r"Nothing was restored|Install the kgrag"):
        restore(tmp_path / "odd.zip", tmp_path / "library")
    assert not (tmp_path / "library").exists()
    assert not list(tmp_path.glob(".restore-*"))


@pytest.mark.parametrize("cut", [0, 10, 1_000, -1_000, -10, -1])
def test_archives_cut_short(good: Path, tmp_path: Path, cut: int) -> None:
    """At any place."""
    content = good.read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[:cut])
    with pytest.raises(KgragError, match="Nothing was restored"):
        restore(tmp_path / "cut.zip", tmp_path / "library")
    assert not (tmp_path / "library").exists()
