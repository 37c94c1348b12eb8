"""Frames in which the text of a page stands upright: quarter turns, and the small tilt of a scan.

Knows geometry. Does not know text. Coordinates are PDF points, origin at the bottom left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kgrag.types import Box

QUARTER = math.pi / 2
MAX_TILT = 0.2
"""Radians; text that leans more is a watermark or a label of a figure."""


def quarter_of(angle: float) -> int | None:
    """How many quarter turns counter-clockwise text at this angle has made, or None where it stands askew."""
    quarters = round(angle / QUARTER)
    return quarters % 4 if abs(angle - quarters * QUARTER) <= MAX_TILT else None


def tilt_of(angle: float) -> float:
    """What is left of an angle without its quarter turns, in radians."""
    return angle - round(angle / QUARTER) * QUARTER


@dataclass(frozen=True, slots=True)
class Frame:
    """A page turned so that text of ``quarters`` turns and a ``tilt`` runs from left to right.

    ``page`` is the page's own box, before any turn.
    """

    page: Box
    quarters: int = 0
    tilt: float = 0.0

    @property
    def plain(self) -> bool:
        """True where nothing is turned: coordinates stay as they are."""
        return not self.quarters and not self.tilt

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the turned page."""
        width, height = self.page[2] - self.page[0], self.page[3] - self.page[1]
        return (height, width) if self.quarters % 2 else (width, height)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of the page in this frame."""
        if self.plain:
            return x, y
        left, bottom, right, top = self.page
        if self.tilt:
            x, y = _rotated(x, y, -self.tilt, (left + right) / 2, (bottom + top) / 2)
        turned = ((x - left, y - bottom), (y - bottom, right - x), (right - x, top - y), (top - y, x - left))
        return turned[self.quarters] if self.quarters else (x, y)

    def box(self, box: Box) -> Box:
        """A box of the page in this frame; a tilted one keeps its size around its middle."""
        if self.plain:
            return box
        if not self.tilt:
            return _around([self.point(box[0], box[1]), self.point(box[2], box[3])])
        return _centred(self.point((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), box, self.quarters % 2 == 1)

    def back(self, box: Box) -> Box:
        """A box of this frame on the page."""
        if self.plain:
            return box
        left, bottom, right, top = self.page
        corners = [(box[0], box[1]), (box[2], box[1]), (box[0], box[3]), (box[2], box[3])]
        turned = [
            ((x + left, y + bottom), (right - y, x + bottom), (right - x, top - y), (y + left, top - x))[
                self.quarters
            ]
            if self.quarters
            else (x, y)
            for x, y in corners
        ]
        middle = (left + right) / 2, (bottom + top) / 2
        return _around([_rotated(x, y, self.tilt, *middle) if self.tilt else (x, y) for x, y in turned])


def _rotated(x: float, y: float, angle: float, about_x: float, about_y: float) -> tuple[float, float]:
    cos, sin = math.cos(angle), math.sin(angle)
    dx, dy = x - about_x, y - about_y
    return about_x + dx * cos - dy * sin, about_y + dx * sin + dy * cos


def _around(points: list[tuple[float, float]]) -> Box:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _centred(middle: tuple[float, float], box: Box, turned: bool) -> Box:
    width, height = box[2] - box[0], box[3] - box[1]
    if turned:
        width, height = height, width
    return middle[0] - width / 2, middle[1] - height / 2, middle[0] + width / 2, middle[1] + height / 2
