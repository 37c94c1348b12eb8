"""Keeps the threshold of one library, from labelled claims (the shipped ones, or given ones) and its own
people's verdicts, which count more the more there are.

Knows the folder ``calibration`` of a library (``v0001.json`` …; ``in_use.json`` names the version in use) and
how both kinds of claims are joined. Quotes are left out: they are supported by identity, and people's word on
them says nothing of scores. Below the threshold under which a claim was shown people have judged nothing, so
there their verdicts can raise the threshold and never lower it. The shipped claims hold the shipped
verifier's scores; for another verifier labelled claims must be given, and until then only quotes are shown.
Does not know the formula (``kgrag.verify.calibrate``). Source of the weights: Tibshirani, Foygel Barber,
Candès, Ramdas 2019 (conformal prediction under covariate shift).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kgrag.protocols import Verifier
from kgrag.system.files import Versions, digest, read_json
from kgrag.verify.calibrate import (
    QUOTES_ONLY,
    SHIPPED,
    Calibration,
    calibrate_over_sets,
    shipped_calibration,
    shipped_claims,
    threshold_for,
)
from kgrag.verify.model import FOLDER, DefaultVerifier

HALF = 200
"""With so many verdicts of its own people these count as much as the shipped claims."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A stored version: each judged claim's score and whether people call it right, the verifier and shipped
    file it belongs to, and the threshold under which they were shown; and the scores and labels of the claims
    that were given in place of the shipped ones.
    """

    version: str
    created: str
    verifier: str
    shipped: str
    shown_from: float
    scores: tuple[float, ...]
    right: tuple[bool, ...]
    given_scores: tuple[float, ...] = ()
    given_supported: tuple[bool, ...] = ()

    def at(self, alpha: float) -> Calibration:
        """The threshold for α, in [0, ``QUOTES_ONLY``]."""
        base = (
            (list(self.given_scores), list(self.given_supported), [0] * len(self.given_scores))
            if self.given_scores
            else shipped_claims()
        )
        found = calibrate_over_sets(
            *base,
            alpha,
            own_scores=self.scores,
            own_supported=self.right,
            own_share=len(self.scores) / (HALF + len(self.scores)),
        )
        floor = min(calibrate_over_sets(*base, alpha).threshold, self.shown_from)
        return Calibration(
            alpha, min(max(found.threshold, floor), QUOTES_ONLY), found.n, found.shown, found.unsupported
        )


def is_shipped(verifier: Verifier) -> bool:
    """Whether a verifier is the shipped one, whose calibration claims ship too."""
    return isinstance(verifier, DefaultVerifier) and verifier.folder == FOLDER


def in_use(folder: Path, verifier: Verifier) -> Recalibration | None:
    """The version in use; None where there is none, or where it was made with another verifier than this
    one.
    """
    return _current(folder, verifier.identity, is_shipped(verifier))


def _current(folder: Path, identity: str, shipped: bool) -> Recalibration | None:
    stored = stored_versions(folder)
    version = stored.chosen()
    if version is None:
        return None
    held: dict[str, Any] = read_json(stored.path(version))
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in held.items()
    }
    found = Recalibration(**values)
    return (
        found if found.verifier == identity and (found.shipped == digest([SHIPPED]) or not shipped) else None
    )


def library_threshold(folder: Path, alpha: float, verifier: Verifier) -> float:
    """The threshold for α in a library: of its own version in use, else the shipped one; for another verifier
    without a version only quotes pass.
    """
    marker = stored_versions(folder).marker
    shipped = is_shipped(verifier)
    found = (
        _threshold(folder, alpha, marker.stat().st_mtime_ns, verifier.identity, shipped)
        if marker.is_file()
        else None
    )
    return found if found is not None else threshold_for(alpha) if shipped else QUOTES_ONLY


@lru_cache(maxsize=64)
def _threshold(folder: Path, alpha: float, changed: int, identity: str, shipped: bool) -> float | None:
    """Read once for each α and change of the marker."""
    found = _current(folder, identity, shipped)
    return found.at(alpha).threshold if found else None


def reset(folder: Path) -> None:
    """Back to the shipped threshold; the versions stay."""
    stored_versions(folder).marker.unlink(missing_ok=True)


def report(folder: Path, alphas: Sequence[float], verifier: Verifier) -> dict[str, Any]:
    """``version`` in use (``shipped`` where none is), ``n_verdicts``, ``n_wrong``, ``n_given`` (labelled
    claims in place of the shipped ones), and for each α the ``threshold``, the ``shipped_threshold`` beside
    it, and what it does on the claims it was made from: shares ``shown`` and ``unsupported``.
    """
    found = in_use(folder, verifier)
    rows = [(alpha, found.at(alpha) if found else shipped_calibration(alpha)) for alpha in alphas]
    return {
        "version": found.version if found else "shipped",
        "n_verdicts": len(found.scores) if found else 0,
        "n_wrong": sum(not right for right in found.right) if found else 0,
        "n_given": len(found.given_scores) if found else 0,
        "alphas": [
            {
                "alpha": alpha,
                "threshold": round(row.threshold, 6),
                "shipped_threshold": round(threshold_for(alpha), 6),
                "shown": round(row.shown, 4),
                "unsupported": round(row.unsupported, 4),
            }
            for alpha, row in rows
        ],
    }


def stored_versions(folder: Path) -> Versions:
    """The folder of versions in a library's folder; ``in_use.json`` names the one in use."""
    return Versions(folder / "calibration", "in_use.json")
