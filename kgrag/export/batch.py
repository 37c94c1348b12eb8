"""Writes several answers into one archive, each as a file of the format asked for, with a list of what is in
it.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

from kgrag.export import export_answer, format_named
from kgrag.library import Library

DATE = (1980, 1, 1, 0, 0, 0)
"""The archive's own times say nothing, so that the same answers give the same bytes."""


def export_answers(library: Library, answer_ids: Sequence[str], format: str) -> bytes:
    """A zip of exports.

    Args:
        library: the open library that gave the answers.
        answer_ids: in the order of the list; each once.
        format: a name in ``FORMATS``.

    Raises:
        UsageError: no such format.
        NotFound: one of the answers is not there; nothing is written.
        MissingExtra: the format needs packages that are not installed.
    """
    from kgrag.catalogue.answers import stored_answer

    chosen, buffer, listed = format_named(format), io.BytesIO(), io.StringIO(newline="")
    rows = csv.writer(listed)
    rows.writerow(["file", "answer", "status", "question"])
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for identifier in dict.fromkeys(answer_ids):
            answer, name = stored_answer(library.catalogue, identifier), identifier + chosen.suffix
            archive.writestr(
                zipfile.ZipInfo(name, DATE), export_answer(library, identifier, format), zipfile.ZIP_DEFLATED
            )
            question = answer["question"]
            rows.writerow(
                [
                    name,
                    identifier,
                    answer["status"],
                    "'" + question if question.startswith(("=", "+", "-", "@")) else question,
                ]
            )
        archive.writestr(
            zipfile.ZipInfo("answers.csv", DATE), "\ufeff" + listed.getvalue(), zipfile.ZIP_DEFLATED
        )
    return buffer.getvalue()
