"""The package keeps its promises: light import, no foreign names, nothing undocumented, no address of a
package index.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml

from kgrag.errors import UsageError
from kgrag.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]


def test_import_is_light() -> None:
    """``import kgrag`` loads neither torch nor faiss, neo4j nor gradio."""
    code = (
        "import sys, kgrag; print([m for m in ('torch','faiss','neo4j','gradio','onnxruntime','sqlalchemy')"
        " if m in sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout.strip()
        == "[]"
    )


def test_no_other_distribution_claims_our_names() -> None:
    """The four package names belong to kgrag alone in this environment."""
    owners = packages_distributions()
    for name in ("kgrag", "ingest", "graph", "ui"):
        assert set(owners.get(name, ["kgrag"])) == {"kgrag"}, name


def test_every_setting_is_documented() -> None:
    """docs/SETTINGS.md names each setting."""
    text = (ROOT / "docs" / "SETTINGS.md").read_text("utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in text] == []


def test_every_command_is_documented() -> None:
    """The README or docs/COMMANDS.md names each command that ``--help`` lists."""
    from typer.main import get_command

    from kgrag.cli.main import app

    text = (ROOT / "docs" / "COMMANDS.md").read_text("utf-8")
    group = get_command(app)
    names = [f"kgrag {name}" for name in group.commands]
    names += [
        f"kgrag {name} {sub}"
        for name, command in group.commands.items()
        for sub in getattr(command, "commands", {})
    ]
    assert [name for name in names if name not in text] == []


def test_no_package_index_address_is_committed() -> None:
    """requirements.lock has hashes and no address."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in text
    assert not re.search(r"https?://", text)


def test_unknown_settings_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt key is an error that lists the known ones; a secret in the file is refused; the environment
    wins.
    """
    (tmp_path / "kgrag.toml").write_text("aplha = 0.2\n")
    with pytest.raises(UsageError, match=r"aplha.*Known keys: .*alpha"):
        load_settings(tmp_path)
    (tmp_path / "kgrag.toml").write_text('neo4j_password = "x"\n')
    with pytest.raises(UsageError, match="KGRAG_NEO4J_PASSWORD"):
        load_settings(tmp_path)
    (tmp_path / "kgrag.toml").write_text("alpha = 0.2\n")
    monkeypatch.setenv("KGRAG_ALPHA", "0.3")
    assert load_settings(tmp_path).alpha == 0.3


def test_compose_is_whole() -> None:
    """compose.yaml: Neo4j and kgrag, healthy in order, non-root, secrets from the environment, one published
    port on loopback by default.
    """
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    plain = {name for name, service in services.items() if "profiles" not in service}
    assert plain == {"kgrag", "neo4j"}
    assert services["kgrag"]["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert all("healthcheck" in service for service in services.values())
    assert not any("ports" in services[name] for name in ("neo4j", "postgres", "opensearch"))
    assert len(services["kgrag"]["ports"]) == 1
    assert services["kgrag"]["user"] != "root"
    assert "dockerfile_inline" in services["kgrag"]["build"]
    assert all(
        "${" in services["kgrag"]["environment"][name]
        for name in ("KGRAG_NEO4J_PASSWORD", "KGRAG_ADMIN_PASSWORD")
    )


@pytest.mark.parametrize(
    ("profile", "stores", "settings"),
    [
        ("laptop", [], {"graph": "embedded", "vectors": "faiss", "words": "tantivy"}),
        ("library", ["neo4j", "postgres"], {"graph": "neo4j", "vectors": "pgvector", "words": "tantivy"}),
        (
            "consortium",
            ["neo4j", "opensearch", "postgres"],
            {"graph": "neo4j", "vectors": "pgvector", "words": "opensearch"},
        ),
    ],
)
def test_each_size_of_compose_names_its_engines(
    profile: str, stores: list[str], settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each profile waits for its own stores, which come with it, and its settings are ours."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    service = services[profile]
    assert service["profiles"] == [profile]
    assert sorted(service["depends_on"]) == stores
    assert all(profile in services[name].get("profiles", [profile]) for name in stores)
    for name, value in service["environment"].items():
        if "${" not in value or name == "KGRAG_CATALOGUE_URL":
            monkeypatch.setenv(name, value)
    given = Settings()
    assert {name: getattr(given, name) for name in settings} == settings
    assert (given.catalogue_url or "").startswith("postgresql") == ("postgres" in stores)


def test_compose_is_valid_for_docker() -> None:
    """``docker compose config`` accepts the file, where that client exists."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("no docker compose client on this machine")
    done = subprocess.run(
        ["docker", "compose", "-f", "compose.yaml", "config", "-q"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NEO4J_PASSWORD": "a-test", "KGRAG_ADMIN_PASSWORD": "a-test-too"},
    )
    assert done.returncode == 0, done.stderr
