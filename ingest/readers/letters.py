"""In which encoding bytes are text: of a whole file, or record by record where exports of several programs
were put into one file.

Knows encodings and where records begin in exports of lines. Does not know what the lines mean.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from kgrag.errors import ReadError

MAX_LINE = 16 << 20
"""The longest line of text that is read, in characters; a longer one is no text that people wrote."""
BLOCK_BYTES = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(sample: bytes) -> str | None:
    """The encoding of text: byte order mark, UTF-8, a Chinese encoding, or what a detector says; None for no
    text.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if _is_utf8(sample):
        return "utf-8" if not _looks_binary(sample) else None
    if _looks_binary(sample):
        return None
    return own_encoding(sample) or _detected(sample)


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


_CONTROLS = bytes([*range(9), *range(14, 27)])


def _looks_binary(sample: bytes) -> bool:
    part = sample[:8192]
    return b"\x00" in part or len(part) - len(part.translate(None, _CONTROLS)) > len(part) // 200 + 2


MIN_FREQUENT = 0.6
"""Of the Chinese characters of a text so many stand in the first part of its code, which holds the frequent
ones.
"""
MAX_ALONE = 0.3
"""More characters than this alone among Latin letters are accented letters read as Chinese."""


def _chinese(sample: bytes) -> str | None:
    """gb18030 or big5 where nearly all that is not ASCII decodes to Chinese characters and signs, most of
    them frequent, and few alone in a Latin word.
    """
    part = sample[:65536]
    scores = []
    for name in ("gb18030", "big5"):
        text = codecs.getincrementaldecoder(name)("replace").decode(part, final=False)
        foreign = [sign for sign in text if sign > "\x7f"]
        good = sum(
            "\u4e00" <= sign <= "\u9fa5" or sign in "，。、；：“”（）《》【】？！—…·－" for sign in foreign
        )
        if len(foreign) >= 4 and good >= 0.9 * len(foreign) and "\ufffd" not in text[:-2]:
            alone = len(_ALONE.findall(text)) / len(foreign)
            scores.append((_frequent(text, name) if alone <= MAX_ALONE else 0.0, name))
    best = max(scores, default=(0.0, ""))
    return best[1] if best[0] >= MIN_FREQUENT else None


_ALONE = re.compile(r"(?<=[a-z])[^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f](?=[a-z])", re.I)


def _frequent(text: str, name: str) -> float:
    """The share of the Chinese characters that are frequent ones: those of level 1 in GB 2312 or Big5."""
    codes = [sign.encode(name, "replace") for sign in text if "\u4e00" <= sign <= "\u9fa5"]
    if name == "big5":
        n = sum(0xA4 <= code[0] <= 0xC6 for code in codes)
    else:
        n = sum(len(code) == 2 and 0xB0 <= code[0] <= 0xD7 and code[1] >= 0xA1 for code in codes)
    return n / max(1, len(codes))


_WESTERN = frozenset("äöüßÄÖÜéèêëàâçñíóúáîïôûùœæøåÅØÆÉÈÀÇãõìòÿ“”‘’„–—…«»°§©®·•™±µ£€¿¡ªº²³×½¼ \u00a0")


_RUN = re.compile(r"[^\W\d_a-zA-Z]{3,}")
_FREQUENT_CYRILLIC = frozenset("оеаинтсрвлкмдпуыья")


def _cyrillic(sample: bytes) -> str | None:
    """Windows-1251 or KOI8-R where what is not ASCII stands in whole words of frequent small letters."""
    shares = []
    for name in ("cp1251", "koi8-r"):
        text = sample.decode(name, "replace")
        foreign = sum(sign > "\x7f" for sign in text)
        words = "".join(
            word for word in _RUN.findall(text) if min(word) >= "\u0400" and max(word) <= "\u04ff"
        )
        n = sum(sign in _FREQUENT_CYRILLIC for sign in words)
        shares.append((n / max(1, foreign) if 10 * len(words) >= 7 * foreign else 0.0, name))
    share, name = max(shares)
    return name if share >= 0.5 else None


_SIGN_IN_WORD = re.compile(r"[£¹³¯¥](?=[^\W\d_])|(?<=[^\W\d_])[¿£¯¥¡](?=[^\W\d_])")
"""Letters of central Europe look so where they are read as western ones (``Wa³êsa``)."""


def _western(sample: bytes) -> bool:
    """True where nearly all that is not ASCII is a letter or sign of western Europe in Windows-1252, and no
    sign stands inside a word.
    """
    text = sample.decode("cp1252", "replace")
    foreign = [sign for sign in text if sign > "\x7f"]
    if 20 * len(_SIGN_IN_WORD.findall(text)) > len(foreign):
        return False
    return 20 * sum(sign in _WESTERN for sign in foreign) >= 19 * len(foreign) and 3 * len(foreign) < len(
        sample
    )


_CENTRAL = frozenset(
    "ąćęłńóśźżĄĆĘŁŃÓŚŹŻčďěňřšťůžýáéíúČĎĚŇŘŠŤŮŽÝÁÉÍÚäôľĺŕÄÔĽőűöüŐŰÖÜâăîşţđß„“”’–—…«»°§ \u00a0"
)


def _central(sample: bytes) -> str | None:
    """Windows-1250 or ISO 8859-2 where nearly all that is not ASCII is a letter of central Europe."""
    shares = []
    for name in ("cp1250", "iso8859-2"):
        foreign = [sign for sign in sample.decode(name, "replace") if sign > "\x7f"]
        shares.append((sum(sign in _CENTRAL for sign in foreign) / max(1, len(foreign)), name))
    share, name = max(shares, key=lambda pair: pair[0])
    return name if share >= 0.95 else None


def _detected(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample[:65536], threshold=0.3).best()
    return str(best.encoding) if best is not None else None


_STARTS = re.compile(
    rb"""
      ^\s*$ | ^\s{0,3}(?:ER|TY|PMID)\s{0,2}- | ^ER\s*$ | ^PT\ [JBSPC]\s*$ | ^RT\ \S | ^%0\ | ^@\w+\s*[{(]
      | ^\{Reference\ Type\} | ^SrcDatabase- | ^Record\ \#\d | ^=LDR\b
    """,
    re.X,
)
"""Lines that begin a record, end one, or stand between two."""
WHOLE_SHARE = 0.9
"""From this share of lines that are no UTF-8 on, a file is in one Chinese encoding throughout."""


def decoded_lines(raw: BinaryIO, encoding: str, name: str, max_line: int = MAX_LINE) -> Iterator[str]:
    """The lines of a stream without their ends.

    Lines that are UTF-8 are read so; a record that is not is read in the encoding that its own bytes tell,
    else in the file's. What decodes in neither becomes U+FFFD.

    Args:
        raw: the bytes.
        encoding: of the file as ``encoding_of`` tells it from its beginning.
        name: of the file, for messages.
        max_line: in characters.

    Raises:
        ReadError: a longer line.
    """
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        yield from _wide_lines(raw, encoding, name, max_line)
        return
    for number, block in enumerate(_blocks(raw, name, max_line)):
        if number == 0 and _throughout(block, encoding):
            yield from _split(block.decode(encoding, "replace"), name, max_line)
            for rest in _blocks(raw, name, max_line):
                yield from _split(rest.decode(encoding, "replace"), name, max_line)
            return
        yield from _split(_decoded(block, encoding), name, max_line)


def _wide_lines(raw: BinaryIO, encoding: str, name: str, max_line: int) -> Iterator[str]:
    """Lines of a text whose characters have two or four bytes."""
    text = io.TextIOWrapper(raw, encoding, errors="replace", newline=None)
    try:
        while line := text.readline(max_line + 1):
            if len(line) > max_line:
                raise _too_long(name, max_line)
            yield line.rstrip("\n")
    finally:
        text.detach()


def _blocks(raw: BinaryIO, name: str, max_line: int) -> Iterator[bytes]:
    """Bytes of about a MiB, cut behind a line's end."""
    held: list[bytes] = []
    size = 0
    while chunk := raw.read(BLOCK_BYTES):
        cut = max(chunk.rfind(b"\n"), chunk.rfind(b"\r", 0, len(chunk) - 1)) + 1
        if cut:
            yield b"".join([*held, chunk[:cut]])
            held, size = [], 0
        held.append(chunk[cut:])
        size += len(chunk) - cut
        if size > 4 * max_line + 8:
            raise _too_long(name, max_line)
    if any(held):
        yield b"".join(held)


def _throughout(block: bytes, encoding: str) -> bool:
    """Whether all of a file is in one Chinese encoding: short Chinese words may be UTF-8 by accident."""
    if encoding not in ("gb18030", "big5"):
        return False
    foreign = [line for line in block.splitlines() if not line.isascii()]
    return sum(not _is_utf8(line) for line in foreign) >= WHOLE_SHARE * len(foreign)


def _decoded(block: bytes, encoding: str) -> str:
    try:
        return block.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(_record_text(record, encoding) for record in _records(block))


def _records(block: bytes) -> Iterator[list[bytes]]:
    """The lines of each record, as far as lines tell where one begins."""
    held: list[bytes] = []
    for line in block.splitlines(keepends=True):
        if held and _STARTS.match(line):
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def _record_text(lines: list[bytes], encoding: str) -> str:
    foreign = [line for line in lines if not line.isascii()]
    wrong = [line for line in foreign if not _is_utf8(line)]
    if not wrong:
        return b"".join(lines).decode("utf-8").replace("\ufeff", "")
    other = own_encoding(b"".join(wrong)) or (encoding if not encoding.startswith("utf") else "cp1252")
    if 2 * len(wrong) > len(foreign) or (2 * len(wrong) == len(foreign) and other in ("gb18030", "big5")):
        return b"".join(lines).decode(other, "replace")
    return "".join(line.decode(other if line in wrong else "utf-8", "replace") for line in lines)


def own_encoding(lines: bytes) -> str | None:
    """The encoding of a few lines that are no UTF-8, where they tell it."""
    if found := _chinese(lines) or _cyrillic(lines):
        return found
    return "cp1252" if _western(lines) else _central(lines)


def _split(text: str, name: str, max_line: int) -> Iterator[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    for line in lines:
        if len(line) > max_line:
            raise _too_long(name, max_line)
        yield line


def _too_long(name: str, max_line: int) -> ReadError:
    return ReadError(
        f"{name} has a line longer than {max_line:,} characters. It is not a file of records or of prose."
    )
