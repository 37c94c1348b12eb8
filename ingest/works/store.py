"""Puts a settlement into the catalogue: documents, the files that gave them, and what people said of them.

Knows transactions. What a settlement holds is for ``ingest.works.unite`` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.extract.everything import DEFAULT
from ingest.files_seen import moved
from ingest.works.members import Member, move_home
from ingest.works.unite import Settlement, regroup
from kgrag.catalogue import Catalogue
from kgrag.catalogue.reading import Twins
from kgrag.protocols import Extractor


def stored(catalogue: Catalogue, settlement: Settlement, seen: Twins | None = None) -> None:
    """Store a settlement in one transaction.

    Args:
        catalogue: where.
        settlement: as ``settled`` or ``regroup`` made it.
        seen: the twins that it was made from; None where none were looked at.

    Raises:
        TwinsChanged: the twins are no longer those; settle again.
    """
    if settlement.source is not None:
        catalogue.set_source(settlement.id, settlement.source)
    if not settlement.parcels:
        return
    with catalogue.writing():
        for old, new in settlement.homes:
            move_home(catalogue, old, new)
        for number, parcel in enumerate(settlement.parcels):
            catalogue.put(parcel, settlement.gone if number == 0 else (), seen if number == 0 else None)
        for move in settlement.moves:
            moved(catalogue, move)


def put_again(catalogue: Catalogue, members: Sequence[Member], extractor: Extractor = DEFAULT) -> None:
    """Store documents once more from their sources, as corrections are now.

    Args:
        catalogue: where.
        members: all sources of the documents, taken before the corrections changed.
        extractor: for united texts.
    """
    anew = [replace(each, record=catalogue.corrected(each.document.record, [each.home])) for each in members]
    stored(catalogue, regroup(catalogue, anew, extractor=extractor, anew=True))
