"""A citation as archives print it on their cover pages, taken apart: authors, title, journal, volume, pages,
year.

Knows the usual styles (APA, Harvard, MLA, Chicago, Vancouver, HAL, EPrints, Pure, Taylor & Francis) by their
punctuation, and takes help from titles that stand elsewhere on the page. Does not know who cites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.base import author_of
from ingest.text import identifiers
from ingest.text.clean import clean
from kgrag.language.names import plain
from kgrag.types import Author

_YEAR = r"(?<!\d)(?:1[5-9]\d\d|20\d\d)(?!\d)"
_QUOTED = re.compile(
    r"[“\"‘«]([^“”\"«»]{6,400}?)[,.?!]?[”\"’»](?=[\s,.;(]|$)|(?<=\s)'(.{6,400}?)[,.]?'(?=[\s,.;]|$)"
)
_INITIALS = re.compile(r"^(?:[A-Z]\.?[\s-]?){1,4}$")
_ORCID = re.compile(r"\(?\s*(?:https?://)?orcid\.org/\S+|\bORCID(?:\s*iD)?:?\s*\S*", re.I)
_VOLUME = re.compile(
    r"""
      \b(?:vol(?:ume)?|band|bd|tome)\b\.?\s*(?P<v1>[\w-]+)
        (?:\s*[,;.(]?\s*\(?(?:no|nr|num(?:ber)?|numéro|issue|iss|heft|h|n°)\b\.?\s*(?P<i1>[\w/–-]+)\)?)?
    | (?<![\d.])(?P<v2>\d{1,4}),\s*no\.\s*(?P<i2>[\w/–-]+)
    | (?<![\d.])(?P<v3>\d{1,4})\s*\((?P<i3>(?!(?:1[5-9]|20)\d\d\))\w[\w/–-]{0,11})\)
    | ^\W*(?P<v8>\d{1,3})\.\s+(?:pp?\.|\w?\d+\.)
    | (?<![\d.])(?P<v4>\d{1,4})\.(?P<i4>\d{1,3})\s*\(
    | (?<![\d.])(?P<v5>\d{1,4}):(?P<i5>\d{1,3}),\s*\d
    | (?:(?:1[5-9]|20)\d\d)[;,]?\s+(?P<v6>\d{1,4})(?=\s*[,:])
    | (?<![\d.(])(?P<v7>\d{1,4})(?=\s*(?:\((?:1[5-9]|20)\d\d\)|,\s*(?:pp?\.\s*)?\d+\s*[-–]|:\s*\d+\s*[-–]))
    """,
    re.I | re.X,
)
_PAGES = re.compile(
    r"""
      \b(?:pp?|pages?|s|seiten?)\.?\s*(?P<a>[A-Z]?\d+(?:\s*[-–—]\s*[A-Z]?\d+)?)
    | [:,]\s*(?P<b>[A-Z]?\d+\s*[-–—]\s*[A-Z]?\d+)
    """,
    re.I | re.X,
)
_MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|fall|winter)[a-z]*\.?"
    r"(?:\s*[-–/]\s*[a-z]+\.?)?"
)
_VANCOUVER = re.compile(r"^((?:(?:[a-z]{1,4}\s)*[A-Z][\w'’-]+\s[A-Z]{1,3}(?:,\s|(?=\.)))+)\.\s+")
_BEFORE_JOURNAL = re.compile(
    r"^(.{12,}?)[,.]\s+(?=[A-Z][\w&'’]*(?:\s+(?:[A-Z][\w&'’]*|of|and|the|for|in|on|de|der|des|la))*,?\s+"
    r"(?:\d|vol|issn|bd|no\.))",
    re.I,
)
_END_OF_VENUE = re.compile(
    r"""
      [\s,.;:(⟨]*(?:
          \b(?:vol(?:ume)?|no|nr|issn|isbn|pp?|doi|article|art|heft|band|bd|tome|iss(?:ue)?|part|ser(?:ies)?
            |supplement)\b
        | https?:// | ⟨ | \d | \[ | \( | $
      )
    """,
    re.I | re.X,
)


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation says; what it does not say is None or empty."""

    title: str | None = None
    authors: tuple[Author, ...] = ()
    year: int | None = None
    venue: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None

    @property
    def n_fields(self) -> int:
        """How much it says."""
        values = (self.title, self.authors, self.year, self.venue, self.volume, self.pages, self.doi)
        return sum(bool(value) for value in values)


def citation_of(text: str, titles: Sequence[str] = ()) -> Citation:
    """A citation, taken apart.

    Args:
        text: on one line.
        titles: titles that may be its own, the likeliest first.
    """
    text = clean(_ORCID.sub(" ", text))
    text = re.sub(r"[⟨⟩<>■□]+", " ", text)
    before, title, after = _divided(text, titles)
    doi = next(iter(identifiers.dois(text)), None)
    rest = re.sub(r"https?://\S+|\bdoi:?\s*\S+|\bhal-\d+\S*|\S*10\.\d{4,}/\S+", " ", after, flags=re.I)
    year = re.search(_YEAR, before[-12:]) or re.search(rf"\(\D{{0,12}}({_YEAR})\)", rest)
    year = year or re.search(_YEAR, before) or re.search(_YEAR, rest)
    return Citation(
        title=title,
        authors=tuple(names_of(before)),
        year=int(re.sub(r"\D", "", year.group())[-4:]) if year else None,
        doi=doi,
        **source_of(rest),
    )


def _divided(text: str, titles: Sequence[str]) -> tuple[str, str | None, str]:
    """What stands before the title, the title, and what stands behind it."""
    for title in titles:
        if place := title_in(text, title):
            return text[: place[0]], clean(text[place[0] : place[1]]).strip(" .,"), text[place[1] :]
    if quoted := _QUOTED.search(text):
        title = quoted.group(1) or quoted.group(2)
        return text[: quoted.start()], title.strip(" ,."), text[quoted.end() :]
    dated = re.search(rf"\(\s*{_YEAR}[a-z]?[^)]{{0,20}}\)\s*[:.,]?\s*", text)
    if dated and dated.start() < 0.6 * len(text):
        behind = text[dated.end() :]
        title, rest = _first_sentence(behind)
        if cut := _BEFORE_JOURNAL.match(title):
            title, rest = cut.group(1), behind[cut.end() :]
        return text[: dated.end()], title, rest
    if listed := _VANCOUVER.match(text):
        head, rest = listed.group(1), text[listed.end() :]
    else:
        head, rest = _first_sentence(text)
    title, rest = _first_sentence(rest)
    return head, title or None, rest


def title_in(text: str, title: str) -> tuple[int, int] | None:
    """Where a text holds a title, whatever its letters' case and its punctuation."""
    words = re.findall(r"\w+", title)
    if len(words) < 2:
        return None
    match = re.search(r"\b" + r"[\W_]+".join(map(re.escape, words)) + r"\b[?!]?", text, re.I)
    return match.span() if match else None


def _first_sentence(text: str) -> tuple[str, str]:
    """A text up to its first full stop that ends no initial, and the rest."""
    for stop in re.finditer(r"[.?!]\s+", text):
        if not re.search(r"(?:^|[\s(])(?:\w|vol|no|pp|st|dr|vs|jr|ed|eds)$", text[: stop.start()], re.I):
            end = stop.start() + (text[stop.start()] in "?!")
            return text[:end].strip(), text[stop.end() :]
    return text.strip(" ."), ""


def source_of(text: str) -> dict[str, str | None]:
    """Journal, volume, issue and pages of ``River Notes, Vol. 12, No. 3 (Aug., 1961), pp. 201-209``."""
    text = re.sub(r"^[\s.,;:’”\"'»)]+", "", text)
    text = re.sub(r"^(?:in|article in|published in)\b:?\s+", "", text, flags=re.I)
    end = _END_OF_VENUE.search(text)
    venue = clean(text[: end.start()] if end else text).strip(" .,;:-–—·")
    venue = re.sub(rf"\s*[,·(]\s*{_MONTHS}$", "", venue, flags=re.I)
    rest = text[end.start() :] if end else ""
    volume = _VOLUME.search(rest)
    parts = {name: value for name, value in (volume.groupdict() if volume else {}).items() if value}
    pages = _PAGES.search(rest)
    span = (pages.group("a") or pages.group("b")) if pages else None
    return {
        "venue": venue if 2 <= len(venue) <= 160 else None,
        "volume": next((value for name, value in parts.items() if name[0] == "v"), None),
        "issue": next((value for name, value in parts.items() if name[0] == "i"), None),
        "pages": re.sub(r"\s*[-–—]\s*", "-", span) if span else None,
    }


def names_of(text: str) -> list[Author]:
    """The authors of ``Fenn, M. & Aalst, J.``, ``Marta Fenn, Joris Aalst`` and what lies between."""
    text = re.sub(rf"\(?\s*{_YEAR}[a-z]?[^)]{{0,20}}\)?\s*[.:,]?\s*$", "", text.strip())
    text = re.sub(r"\(?\b(?:eds?|editors?|authors?)\b\.?\)?|\bet al\b\.?", " ", text, flags=re.I)
    text = text.strip(" ,;:“”\"'‘’«»")
    text = re.sub(r"\s+/\s+", "; ", text)
    if ";" in text:
        return [author for part in text.split(";") if (author := _name(part))]
    out: list[Author] = []
    for part in re.split(r"\s+(?:and|und|et|y)\s+|\s*[&·]\s*", text):
        out += _names_in(part)
    return out


def _names_in(part: str) -> Iterator[Author]:
    """The names of a part of a list without *and*: in natural order, or each family name before its given
    names.
    """
    tokens = [token.strip() for token in part.split(",") if token.strip(" .")]
    natural = all(len(token.split()) >= 2 and not _INITIALS.match(token) for token in tokens)
    if natural or len(tokens) == 1:
        yield from (author for token in tokens if (author := _name(token)))
        return
    place = 0
    while place < len(tokens):
        pair = tokens[place : place + 2]
        if (
            len(pair) == 2
            and len(pair[0].split()) >= 2
            and _is_natural(pair[0])
            and not _INITIALS.match(pair[1])
        ):
            pair = pair[:1]
        if author := _name(", ".join(pair)):
            yield author
        place += len(pair)


def _is_natural(token: str) -> bool:
    """True where a name of several words can be no family name alone: it begins with a capital and has no
    particle.
    """
    words = token.split()
    return len(words) >= 2 and words[0][0].isupper() and words[-1][0].isupper() and len(words) != 2


def _name(text: str) -> Author | None:
    text = re.sub(r"[*†‡§¹²³\d]+", "", text).strip(' ,;:·“”"‘’«»')
    if not text or len(text) > 80 or not re.search(r"[^\W\d_]{2}", text) or len(text.split()) > 8:
        return None
    return author_of(re.sub(r"(?<=[^\W\d_]{2})\.$", "", text))


def fuller(one: Sequence[Author], other: Sequence[Author]) -> tuple[Author, ...]:
    """The same people by the fuller of two lists: initials give way to given names."""
    same = len(one) == len(other) and all(
        plain(a.family or a.name).split()[-1:] == plain(b.family or b.name).split()[-1:]
        for a, b in zip(one, other, strict=True)
    )
    longer = same and sum(len(a.name) for a in other) > sum(len(a.name) for a in one)
    return tuple(other if longer else one)
