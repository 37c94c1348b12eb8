"""A review as one zip (RO-Crate 1.1) that another library opens with the same counts.

Knows a review's trail and what is written beside it for people. Equal reviews give equal bytes. The trail
alone is read back; the other files are made from it and are compared with it on opening.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kgrag.errors import ReadError
from kgrag.render.csv_text import csv_text
from kgrag.review.project.flow import as_svg, flow, methods
from kgrag.review.project.state import STAGES, Review, read
from kgrag.review.project.trail import Event

METADATA = "ro-crate-metadata.json"
EPOCH = (1980, 1, 1, 0, 0, 0)
MOST_BYTES = 1 << 30
COLUMNS = ("record", "title", "year", "venue", "identifiers", "sets", "abstract_outcome", "full_outcome")


def pack(review: Review, events: list[Event]) -> bytes:
    """The zip of a review."""
    counted = flow(review)
    files = {
        "trail.jsonl": "".join(json.dumps(asdict(e), ensure_ascii=False) + "\n" for e in events),
        "flow.json": json.dumps(counted, ensure_ascii=False, indent=1),
        "flow.svg": as_svg(counted),
        "records.csv": "\ufeff" + _records(review),
        "methods.en.txt": methods(review),
        "methods.zh.txt": methods(review, "zh"),
    }
    content = {name: text.encode("utf-8", "replace") for name, text in files.items()}
    described = json.dumps(_described(review, content), ensure_ascii=False, indent=1).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in {METADATA: described, **content}.items():
            zipped.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unpack(file: Path) -> tuple[str, list[Event]]:
    """The id and the trail of a zip of ``pack``.

    Raises:
        ReadError: it is none, or its trail does not give the counts that it tells.
    """
    try:
        with zipfile.ZipFile(file) as zipped:
            if sum(one.file_size for one in zipped.infolist()) > MOST_BYTES:
                raise ReadError(f"'{file.name}' unpacks to more than a gigabyte; no review is that long.")
            identifier = str(json.loads(zipped.read(METADATA))["@graph"][1]["identifier"])
            lines = zipped.read("trail.jsonl").decode().splitlines()
            told = json.loads(zipped.read("flow.json"))
        events = [Event(**json.loads(line)) for line in lines]
        counted = flow(read(identifier, events))
    except (zipfile.BadZipFile, KeyError, IndexError, TypeError, ValueError) as error:
        raise ReadError(f"'{file.name}' is no review that kgrag exported: {error}.") from error
    if counted != told:
        raise ReadError(f"'{file.name}' was changed: its trail counts other than its flow tells.")
    return identifier, events


def _records(review: Review) -> str:
    outcomes = {stage: review.outcomes(stage) for stage in STAGES}
    names = {one.number: one.name for one in review.sets}
    return csv_text(
        COLUMNS,
        (
            (
                r.id,
                r.title,
                r.year or "",
                r.venue,
                "; ".join(f"{kind}:{value}" for kind, value in sorted(r.identifiers.items())),
                "; ".join(names[number] for number in r.sets),
                outcomes["abstract"].get(r.id, ""),
                outcomes["full"].get(r.id, ""),
            )
            for r in review.records.values()
        ),
    )


def _described(review: Review, files: dict[str, bytes]) -> dict[str, Any]:
    return {
        "@context": ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}],
        "@graph": [
            {
                "@id": METADATA,
                "@type": "CreativeWork",
                "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
                "about": {"@id": "./"},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "identifier": review.id,
                "name": review.question,
                "description": "A systematic review: the trail of its decisions and what it comes to.",
                "datePublished": review.begun,
                "license": "the exporting library's",
                "hasPart": [{"@id": name} for name in files],
            },
            *(
                {
                    "@id": name,
                    "@type": "File",
                    "contentSize": str(len(content)),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
                for name, content in files.items()
            ),
        ],
    }
