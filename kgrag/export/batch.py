"""Writes several answers into one archive, each as a file of the format asked for, with a list of what is in
it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kgrag.export import format_named, write
from kgrag.export.material import Material, gather
from kgrag.export.records.bibtex import citation_keys
from kgrag.library import Library
from kgrag.render.csv_text import csv_text

DATE = (1980, 1, 1, 0, 0, 0)
"""The archive's own times say nothing, so that the same answers give the same bytes."""


def export_answers(
    library: Library,
    answer_ids: Sequence[str],
    format: str,
    told: Callable[[Material], Material] = lambda material: material,
) -> bytes:
    """A zip of exports.

    Args:
        library: the open library that gave the answers.
        answer_ids: in the order of the list; each once.
        format: a name in ``FORMATS``.
        told: leaves out what the person who exports is not told.

    Raises:
        UsageError: no such format.
        NotFound: one of the answers is not there; nothing is written.
        MissingExtra: the format needs packages that are not installed.
    """
    from kgrag.catalogue.answers import stored_answer

    chosen, buffer = format_named(format), io.BytesIO()
    rows, keys = [], _keys(library, answer_ids) if format == "bibtex" else {}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for identifier in dict.fromkeys(answer_ids):
            answer, name = stored_answer(library.catalogue, identifier), identifier + chosen.suffix
            content = write(replace(told(gather(library, identifier)), keys=keys), format)
            archive.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)
            rows.append((name, identifier, answer["status"], answer["question"]))
        listed = csv_text(("file", "answer", "status", "question"), rows)
        archive.writestr(zipfile.ZipInfo("answers.csv", DATE), "\ufeff" + listed, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _keys(library: Library, answer_ids: Sequence[str]) -> Mapping[str, str]:
    """Citation keys of all documents of the answers, so that their files can be put together: one key a work,
    and no key twice.
    """
    materials = (gather(library, identifier) for identifier in dict.fromkeys(answer_ids))
    return citation_keys(document for material in materials for document in material.documents.values())
