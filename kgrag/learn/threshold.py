"""Makes a library's own threshold from the claims that its people judged.

Knows the judgements and the files of versions. What a threshold promises is in ``kgrag.verify.calibrate``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kgrag.errors import UsageError
from kgrag.evaluate.claims import judge_claims
from kgrag.library import Library
from kgrag.people.feedback import claim_verdicts
from kgrag.protocols import Verifier
from kgrag.system.files import digest, now, write_whole
from kgrag.verify.calibrate import SHIPPED
from kgrag.verify.library_threshold import Recalibration, is_shipped, stored_versions

MIN_VERDICTS = 20


def recalibrate(library: Library, verifier: Verifier, files: Sequence[Path] = ()) -> Recalibration:
    """A version from the verdicts in the catalogue, stored and put to use.

    Each claim is scored again by the verifier that is in use now.

    Args:
        library: open.
        verifier: the one in use.
        files: labelled claims (JSON Lines) in place of the shipped ones.

    Raises:
        UsageError: without files, fewer than ``MIN_VERDICTS`` claims that are no quotes are judged, or the
            verifier is not the shipped one.
    """
    judged = [item for item in claim_verdicts(library) if not item.quoted and item.evidence]
    if not files and not is_shipped(verifier):
        raise UsageError(
            f"The shipped calibration claims are of the shipped verifier, not of '{verifier.identity}'. Give"
            " labelled claims: kgrag calibrate --claims FILE"
        )
    if not files and len(judged) < MIN_VERDICTS:
        raise UsageError(
            f"People judged {len(judged)} claims that are no quotes; at least {MIN_VERDICTS} are needed. Mark"
            " claims right or wrong in the chat."
        )
    labelled = [item for path in files for item in judge_claims(path, verifier)]
    verdicts = verifier.verify([item.claim for item in judged], [item.evidence for item in judged])
    stored = stored_versions(library.folder)
    found = Recalibration(
        stored.next(),
        now(),
        verifier.identity,
        digest([SHIPPED]),
        max((item.threshold for item in judged), default=1.0),
        tuple(round(float(v.score), 6) for v in verdicts),
        tuple(item.right for item in judged),
        tuple(round(float(item.verdict.score), 6) for item in labelled),
        tuple(item.supported for item in labelled),
    )
    stored.folder.mkdir(exist_ok=True)
    write_whole(stored.path(found.version), json.dumps(asdict(found)))
    stored.choose(found.version)
    return found
