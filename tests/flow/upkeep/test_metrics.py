"""Prometheus' own parser reads the metrics, and they are the catalogue's figures."""

from __future__ import annotations

from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from ingest.run import ingest
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.testing import random_parcel
from kgrag.upkeep.metrics import metrics_text

ENTRY = (
    "TY  - JOUR\nTI  - A study of reading rooms\nAU  - Doe, J.\nPY  - 2001\nAB  - Rooms were read in.\nER "
    " - \n"
)


def test_metrics_are_the_figures(tmp_path: Path) -> None:
    """Holdings, files of the batch by state, and how far the followers are behind."""
    (tmp_path / "one.ris").write_text(ENTRY)
    (tmp_path / "empty.pdf").write_bytes(b"")
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        ingest(library, [tmp_path / "one.ris", tmp_path / "empty.pdf"])
        library.catalogue.put(random_parcel(1))
        found = {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(metrics_text(library))
            for sample in family.samples
        }
    assert found["kgrag_holdings", "documents"] == 2
    assert found["kgrag_follower_lag_changes", "words"] == found["kgrag_follower_lag_changes", "graph"] == 1
    assert (found["kgrag_job_files", "1", "done"], found["kgrag_job_files", "1", "quarantined"]) == (1, 1)
    assert found["kgrag_jobs", "done"] == found["kgrag_job_documents_total", "1"] == 1
