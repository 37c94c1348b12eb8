"""Text that a PDF holds and nobody sees: drawn in the colour of what lies under it, invisibly, smaller than a
point, or beside the page.

Knows pypdfium2's text objects and page pictures. Does not know what the text says. The invisible text that
OCR lays over the picture of a scanned page is kept: it stands on an image, where there is ink. A page is
drawn only where some of its text is suspicious.
"""

from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgrag.types import Box

MIN_SIZE = 1.0
"""Points; the smallest type that anybody sets is about three."""
LIGHT = 225
"""Luminance from which type is looked at twice, 0 … 255."""
MIN_DIFFERENCE = 12
OVERRUN = 0.05
"""Of the page's width: commands and addresses that LaTeX could not break."""
INK = 24
"""How much lighter and darker a place with ink is, at most; faint scans have less (``Sight.inked``)."""
MIN_INK, INK_SHARE = 6, 0.35
SCANNED = 0.3
"""The share of a page that pictures cover where it is taken for a scan."""
CELLS = 20
SCALE = 1.5
_INVISIBLE = (3, 7)
"""Render modes: neither fill nor stroke; clip only. ISO 32000-1, table 106."""


class Sight:
    """What can be seen of one page's text.

    Args:
        page: ``pypdfium2.PdfPage``.
        text_page: its text.
    """

    def __init__(self, page: Any, text_page: Any) -> None:
        self.page, self.text_page = page, text_page
        self.box: Box = page.get_bbox()
        self.n_hidden = 0
        self.angle = 0.0
        """Of the last character asked for, in radians counter-clockwise."""
        self._object, self._light = 0, -1

    def doubt(self, index: int) -> int:
        """Of a character: -1 where nothing is suspicious, -2 where it is drawn invisibly, else the luminance
        of light type, 225 … 255.
        """
        from pypdfium2 import raw

        drawn = raw.FPDFText_GetTextObject(self.text_page.raw, index)
        address = ctypes.addressof(drawn.contents) if drawn else 0
        if address != self._object or not address:
            self._object, self._light = address, self._doubt(drawn, index)
            self.angle = -raw.FPDFText_GetCharAngle(self.text_page.raw, index)
        return self._light

    def _doubt(self, drawn: Any, index: int) -> int:
        from pypdfium2 import raw

        red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
        told = raw.FPDFText_GetFillColor(
            self.text_page.raw, index, *map(ctypes.byref, (red, green, blue, alpha))
        )
        mode = raw.FPDFTextObj_GetTextRenderMode(drawn) if drawn else 0
        if mode in _INVISIBLE or (told and alpha.value == 0):
            return -2
        light = round(0.299 * red.value + 0.587 * green.value + 0.114 * blue.value) if told else 0
        return light if light >= LIGHT and mode == 0 else -1

    def beside(self, box: Box) -> bool:
        """Whether a box lies outside the page."""
        left, bottom, right, top = self.box
        return box[2] < left or box[0] > right or box[3] < bottom or box[1] > top

    def overrun(self, box: Box) -> bool:
        """Whether a box begins so near beyond the right edge that a line set too long may end in it."""
        left, _, right, _ = self.box
        return right <= box[0] < right + OVERRUN * (right - left)

    def seen(self, box: Box, doubt: int) -> bool:
        """Whether type that ``doubt`` found suspicious can be seen in its place."""
        under = self._under(box)
        if under.size == 0:
            return False
        if doubt == -2:
            return self._on_image(box) and self.inked(box)
        return abs(float(np.median(under)) - doubt) >= MIN_DIFFERENCE

    def inked(self, box: Box, reach: float = 0.0) -> bool:
        """Whether the page's picture has ink in a box.

        Args:
            box: on the page, before any turn.
            reach: how far around the box it may lie, in points.
        """
        left, bottom, right, top = box
        under = self._under((left - reach / 2, bottom - reach, right + reach / 2, top + reach))
        return under.size > 0 and int(under.max()) - int(under.min()) > self._ink

    @cached_property
    def _ink(self) -> float:
        """The difference of light that ink makes on this page: less where the scan is faint, more than the
        grain of its paper.
        """
        dark, middle, light = np.percentile(self._picture, (0.5, 50, 99.5))
        return float(np.clip(INK_SHARE * max(middle - dark, light - middle), max(MIN_INK, self._grain), INK))

    @cached_property
    def _grain(self) -> float:
        """The difference of light within the quietest tenth of the page's small squares, and a little
        more.
        """
        side = 12
        height, width = (n // side * side for n in self._picture.shape)
        if not height or not width:
            return 0.0
        squares = self._picture[:height, :width].reshape(height // side, side, width // side, side)
        spread = squares.max(axis=(1, 3)).astype(int) - squares.min(axis=(1, 3))
        return 1.5 * float(np.percentile(spread, 10))

    @cached_property
    def scanned(self) -> bool:
        """Whether pictures cover so much of the page that its text is what OCR laid over them."""
        left, bottom, right, top = self.box
        width, height = (right - left) / CELLS, (top - bottom) / CELLS
        if not self._images or width <= 0 or height <= 0:
            return False
        middles = [
            (left + (x + 0.5) * width, bottom + (y + 0.5) * height)
            for x in range(CELLS)
            for y in range(CELLS)
        ]
        covered = sum(any(i[0] <= x <= i[2] and i[1] <= y <= i[3] for i in self._images) for x, y in middles)
        return covered >= SCANNED * len(middles)

    def _under(self, box: Box) -> NDArray[np.uint8]:
        """The picture of the page in a box, grey, (height, width)."""
        xs, ys = zip(*(self._pixel(box[0], box[1]), self._pixel(box[2], box[3])), strict=True)
        return self._picture[max(0, min(ys)) : max(ys) + 1, max(0, min(xs)) : max(xs) + 1]

    def _pixel(self, x: float, y: float) -> tuple[int, int]:
        from pypdfium2 import raw

        height, width = self._picture.shape
        at_x, at_y = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(
            self.page.raw, 0, 0, width, height, 0, x, y, ctypes.byref(at_x), ctypes.byref(at_y)
        )
        return at_x.value, at_y.value

    @cached_property
    def _picture(self) -> NDArray[np.uint8]:
        picture: NDArray[np.uint8] = self.page.render(scale=SCALE, grayscale=True).to_numpy()
        return picture.reshape(picture.shape[:2])

    def _on_image(self, box: Box) -> bool:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return any(left <= x <= right and bottom <= y <= top for left, bottom, right, top in self._images)

    @cached_property
    def _images(self) -> list[Box]:
        from pypdfium2 import raw

        images = self.page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
        # the bounds of a picture inside a form are told in the form's own coordinates: it may be anywhere
        return [self.box if image.level else image.get_bounds() for image in images]
