"""Tagged exports besides RIS: Web of Science, RefWorks (CNKI, WanFang, CQVIP too), Refer/EndNote %-tags,
NoteExpress.

Knows the tags of each and the habits of the Chinese databases. Source: the exports themselves, and each
product's list of tags.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.readers.base import BrokenRecord, decoded_head
from ingest.readers.exports.tagged import Dialect, Pairs, gathered, read_tagged
from kgrag.types import Record

_CHINESE = re.compile(r"[\u3400-\u9fff]")

WOS = Dialect(
    "wos",
    re.compile(r"^\ufeff?([A-Z][A-Z0-9])(?=\s|$)\s?(.*)$"),
    frozenset({"PT"}),
    frozenset({"ER", "EF"}),
    {
        "AU": "author",
        "AF": "author_full",
        "CA": "author_group",
        "TI": "title",
        "SO": "venue",
        "JI": "venue_short",
        "J9": "venue_short_29",
        "VL": "volume",
        "IS": "issue",
        "BP": "page_first",
        "EP": "page_last",
        "AR": "article_number",
        "PS": "pages",
        "DI": "doi",
        "D2": "doi",
        "PM": "pmid",
        "PY": "year",
        "PD": "date",
        "AB": "abstract",
        "DE": "keyword",
        "ID": "keyword_plus",
        "SN": "sn",
        "EI": "issn",
        "BN": "isbn",
        "LA": "language",
        "DT": "kind",
        "PU": "publisher",
        "PI": "place",
        "UT": "wos",
        "PT": "publication_type",
        "C1": "affiliation",
        "OR": "organism",
        "BD": "broad_terms",
        "CC": "concept_codes",
        "MC": "concept_codes",
        "CN": "chemicals",
        "TC": "times_cited",
        "WC": "heading",
        "CR": "reference",
        "MQ": "keyword_method",
        "MH": "keyword_mesh",
        "MA": "meeting_abstract",
        "GN": "gene",
        "SQ": "sequence",
        "TA": "keyword_taxa",
        "DS": "keyword_disease",
        "TN": "keyword_taxa",
        "PR": "keyword_part",
    },
    repeats=frozenset({"AU", "AF", "CR", "C1"}),
    ignored=frozenset({"FN", "VR"}),
)
REFWORKS = Dialect(
    "refworks",
    re.compile(r"^\ufeff?([A-Za-z][A-Za-z0-9])\s(?!-\s)\s*(.*)$"),
    frozenset({"RT"}),
    frozenset(),
    {
        "RT": "kind",
        "A1": "author",
        "AU": "author",
        "A2": "editor",
        "A3": "contributor",
        "AD": "affiliation",
        "T1": "title",
        "TI": "title",
        "JF": "venue",
        "JO": "venue",
        "T2": "venue",
        "YR": "year",
        "PY": "year",
        "FD": "date",
        "IS": "issue",
        "VO": "volume",
        "OP": "pages",
        "SP": "page_first",
        "EP": "page_last",
        "K1": "keyword",
        "KW": "keyword",
        "AB": "abstract",
        "SN": "sn",
        "PB": "publisher",
        "PP": "place",
        "LA": "language",
        "DO": "doi",
        "LK": "url",
        "UL": "url",
        "DS": "database",
        "DB": "database",
        "CN": "call_number",
        "NO": "note",
        "CL": "degree",
        "ED": "edition",
        "SR": "source_type",
        "ID": "record_id",
        "LL": "language",
    },
)
REFER = Dialect(
    "refer",
    re.compile(r"^\ufeff?%([A-Z0-9@+*$!#&<>^=~(\[?])\s?(.*)$", re.I),
    frozenset({"0"}),
    frozenset(),
    {
        "0": "kind",
        "A": "author",
        "E": "editor",
        "Y": "contributor",
        "H": "author_translated",
        "+": "affiliation",
        "T": "title",
        "O": "title_alternative",
        "Q": "title_translated",
        "J": "venue",
        "B": "venue_book",
        "S": "series",
        "D": "year",
        "8": "date",
        "V": "volume",
        "N": "issue",
        "P": "pages",
        "I": "publisher",
        "C": "place",
        "K": "keyword",
        "X": "abstract",
        "@": "sn",
        "G": "language",
        "U": "url",
        "R": "doi_text",
        "W": "database",
        "~": "database",
        "Z": "note",
        "9": "degree",
        "F": "label",
        "L": "call_number",
        "M": "accession",
        "7": "edition",
        "!": "short_title",
    },
    joint="\n",
)
_NE_FIELDS = {
    "REFERENCE TYPE": "kind",
    "AUTHOR": "author",
    "TITLE": "title",
    "JOURNAL": "venue",
    "YEAR": "year",
    "VOLUME": "volume",
    "ISSUE": "issue",
    "PAGES": "pages",
    "KEYWORDS": "keyword",
    "ABSTRACT": "abstract",
    "ISBN/ISSN": "sn",
    "ISSN": "sn",
    "ISBN": "isbn",
    "NOTES": "note",
    "URL": "url",
    "DOI": "doi",
    "DATABASE PROVIDER": "database",
    "AUTHOR ADDRESS": "affiliation",
    "PUBLISHER": "publisher",
    "PLACE PUBLISHED": "place",
    "LANGUAGE": "language",
    "TERTIARY AUTHOR": "contributor",
    "TYPE OF WORK": "degree",
    "SUBJECT": "heading",
    "DATE": "date",
    "AUTHORS": "author",
    "SECONDARY TITLE": "venue",
    "TERTIARY TITLE": "series",
    "PUBLICATION DATE": "date",
    "ISBN/ISSN NO": "sn",
    "TUTOR": "contributor",
    "UNIVERSITY": "publisher",
    "CONFERENCE NAME": "venue",
    "LINK": "url",
    "SECONDARY AUTHOR": "editor",
}
NOTE_EXPRESS = Dialect(
    "noteexpress",
    re.compile(r"^\ufeff?\{([^{}:]{2,40})\}\s*[:：]\s*(.*)$"),
    frozenset({"REFERENCE TYPE"}),
    frozenset(),
    _NE_FIELDS,
)

_LABELS = {
    "title": "title 题名 标题 篇名 论文题名 中文题名",
    "author": "author 作者 论文作者 著者",
    "affiliation": "organ 单位 机构 作者单位 机构单位",
    "venue": "source 来源 刊名 期刊 文献来源 期刊名 期刊名称 出处 来源期刊",
    "year": "year 年 年份 出版年 发表年份",
    "date": "pubtime 发表时间 出版时间 出版日期",
    "volume": "volume roll 卷 卷号",
    "issue": "period issue 期 期号",
    "pages": "pagecount page 页码 页 起止页码 页码范围",
    "keyword": "keyword 关键词 中文关键词",
    "abstract": "summary abstract 摘要 文摘 中文摘要",
    "sn": "issn 国际标准刊号",
    "isbn": "isbn",
    "doi": "doi",
    "url": "link url 链接 网址 来源网址",
    "database": "srcdatabase 来源库 数据库 来源数据库",
    "publisher": "publisher 出版社 学位授予单位",
    "kind": "文献类型 类型",
    "heading": "class clc 分类号 中图分类号",
    "fund": "fund 基金",
    "contributor": "teacher 导师",
}
_LABEL_FIELDS = {label.upper(): field for field, labels in _LABELS.items() for label in labels.split()}
_CHINESE_LABELS = "|".join(
    sorted((label for label in _LABEL_FIELDS if _CHINESE.search(label)), key=len, reverse=True)
)
CNKI_TEXT = Dialect(
    "cnki-text",
    re.compile(r"^\ufeff?([A-Za-z]+)-[\u4e00-\u9fff]{1,8}\s*[:：]\s*(.*)$"),
    frozenset({"SRCDATABASE"}),
    frozenset(),
    _LABEL_FIELDS,
)
LABELLED = Dialect(
    "chinese-labels",
    re.compile(
        rf"""
          ^\ufeff?(?:\[?\d+\]?[.、]?\s*)?  # [1].
          [【\[]?({_CHINESE_LABELS}|DOI|ISSN|ISBN)[】\]]?\s*(?:[:：]|(?<=[】\]]))\s*(.*)$  # 【题名】…
        """,
        re.X,
    ),
    frozenset({"题名", "标题", "篇名", "论文题名", "中文题名"}),
    frozenset(),
    _LABEL_FIELDS,
)

_KINDS = {
    "journal article": "article-journal",
    "article": "article-journal",
    "j": "article-journal",
    "thesis": "thesis",
    "dissertation": "thesis",
    "dissertation/thesis": "thesis",
    "学位论文": "thesis",
    "book": "book",
    "b": "book",
    "s": "book",
    "conference proceedings": "paper-conference",
    "conference paper": "paper-conference",
    "newspaper article": "article-newspaper",
    "book section": "chapter",
    "patent": "patent",
    "p": "patent",
    "standard": "standard",
    "report": "report",
    "generic": "document",
    "review": "article-journal",
    "期刊": "article-journal",
    "会议论文": "paper-conference",
    "专利": "patent",
    "标准": "standard",
    "报纸": "article-newspaper",
    "图书": "book",
}


class TaggedReader:
    """One tagged format; records stream, and one that lacks everything is broken."""

    def __init__(self, dialect: Dialect, mark: re.Pattern[str], score: float) -> None:
        self.name = dialect.name
        self._dialect, self._mark, self._score = dialect, mark, score

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where the tag that opens a record stands at a line's start, with its usual neighbours."""
        return self._score if self._mark.search(decoded_head(head)) else 0.0

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        return read_tagged(path, self._dialect, self._shape)

    def _shape(self, pairs: Pairs) -> dict[str, list[str]]:
        fields = gathered(pairs, self._dialect)
        fields["keyword"] = [part for value in fields.get("keyword", []) for part in value.split("\n")]
        _mend(fields)
        return fields


def wos_reader() -> TaggedReader:
    """Web of Science, tagged."""
    return TaggedReader(
        WOS,
        re.compile(
            r"^\ufeff?(?:FN (?:Thomson|Clarivate|ISI)|PT [JBSPCRA]\s*$\n(?:AU|AF|TI|CA|BA|ED|GP) )", re.M
        ),
        0.97,
    )


def refworks_reader() -> TaggedReader:
    """RefWorks, tagged."""
    return TaggedReader(
        REFWORKS, re.compile(r"^\ufeff?RT \S.*$\n(?:\s*\n)?(?:[A-Za-z][A-Z0-9a-z] .*$\n?){1,}", re.M), 0.9
    )


def refer_reader() -> TaggedReader:
    """Refer, ENW, EndNote's %-tags."""
    return TaggedReader(REFER, re.compile(r"^\ufeff?%0 \S", re.M), 0.95)


def note_express_reader() -> TaggedReader:
    """NoteExpress."""
    return TaggedReader(NOTE_EXPRESS, re.compile(r"^\ufeff?\{Reference Type\}\s*[:：]", re.M | re.I), 0.97)


def cnki_text_reader() -> TaggedReader:
    """CNKI's own text export (``Title-题名: …``)."""
    return TaggedReader(CNKI_TEXT, re.compile(r"^\ufeff?Title-题名\s*[:：]", re.M), 0.97)


def labelled_reader() -> TaggedReader:
    """Text exports with Chinese labels, as WanFang and CQVIP write them."""
    return TaggedReader(
        LABELLED,
        re.compile(
            r"""
              ^\ufeff?(?:\[?\d+\]?[.、]?\s*)?[【\[]?(?:论文|中文)?(?:题名|标题|篇名)[】\]]?\s*
              (?:[:：]|(?<=[】\]])).*\n(?:[^\n]*\n){0,3}?[【\[]?(?:论文|第一)?作者  # 1. 【题名】 …【作者】
            """,
            re.M | re.X,
        ),
        0.9,
    )


def _mend(fields: dict[str, list[str]]) -> None:
    """What all these formats leave to the reader: kinds by one name, DOI in addresses, dates, Chinese texts
    without stray spaces.
    """
    if kind := fields.get("kind"):
        fields["kind"] = [_KINDS.get(kind[0].strip().lower(), kind[0].strip())]
    elif published := fields.get("publication_type"):
        fields["kind"] = [_KINDS.get(published[0].strip().lower(), published[0])]
    fields.pop("publication_type", None)
    for value in fields.pop("doi_text", []):
        fields.setdefault("doi" if "10." in value else "record_id", []).append(value)
    if not fields.get("year"):
        fields["year"] = list(fields.get("date", []))
    if not fields.get("venue") and fields.get("venue_book"):
        fields["venue"] = fields.pop("venue_book")
    if fields.get("kind") == ["thesis"] and fields.get("venue"):
        fields.setdefault("publisher", fields["venue"])
    if not fields.get("pages") and not fields.get("page_first") and fields.get("article_number"):
        fields["pages"] = list(fields["article_number"])
    for name in ("author", "author_full", "contributor", "editor"):
        if name in fields:
            fields[name] = [value.strip(" ;；,，") for value in fields[name]]
    _terms(fields)
    if not fields.get("language") and _CHINESE.search("".join(fields.get("title", []))):
        fields["language"] = ["zh"]


def _terms(fields: dict[str, list[str]]) -> None:
    """Keywords by the author first, then those that databases add; kept apart under their own names too."""
    if "extra:BD" in fields or any(
        name in fields
        for name in (
            "keyword_plus",
            "organism",
            "broad_terms",
            "keyword_method",
            "keyword_taxa",
            "keyword_disease",
            "keyword_part",
            "keyword_mesh",
            "gene",
        )
    ):
        added = [
            value
            for name in (
                "organism",
                "broad_terms",
                "keyword_plus",
                "keyword_method",
                "keyword_taxa",
                "keyword_disease",
                "keyword_part",
                "keyword_mesh",
                "gene",
            )
            for value in fields.get(name, [])
        ]
        fields["keyword"] = [
            part
            for value in fields.get("keyword", []) + added
            for part in re.split(r";\s*", value)
            if part.strip()
        ]


class EndNoteXmlReader:
    """EndNote's XML export."""

    name = "endnote-xml"

    def sniff(self, path: Path, head: bytes) -> float:
        """Sure where EndNote's records open the file."""
        from ingest.readers.xml import root_name

        text = decoded_head(head)
        return (
            0.97
            if root_name(text) in {"xml", "records"}
            and re.search(r"<records?>\s*<record>|<ref-type\b|<source-app\b", text)
            else 0.0
        )

    def read(self, path: Path) -> Iterator[Record | BrokenRecord]:
        """Each record of the file."""
        from ingest.readers.exports.tagged import to_record
        from ingest.readers.xml import child, descendants, stream, text_of

        places = {
            "title": ("titles", "title"),
            "venue_short": ("periodical", "abbr-1"),
            "volume": ("volume",),
            "issue": ("number",),
            "pages": ("pages",),
            "publisher": ("publisher",),
            "sn": ("isbn",),
            "doi": ("electronic-resource-num",),
            "language": ("language",),
            "abstract": ("abstract",),
            "year": ("dates", "year"),
            "accession": ("accession-num",),
            "database": ("remote-database-name",),
            "note": ("notes",),
            "pmcid": ("custom2",),
            "affiliation": ("auth-address",),
        }
        for number, item in enumerate(stream(path, "record")):
            fields = {
                name: [text] for name, steps in places.items() if (text := text_of(child(item, *steps)))
            }
            fields["author"] = [
                text_of(one) for one in descendants(child(item, "contributors", "authors"), "author")
            ]
            fields["keyword"] = [text_of(one) for one in descendants(child(item, "keywords"), "keyword")]
            fields["url"] = [text_of(one) for one in descendants(child(item, "urls"), "url")]
            venue = text_of(child(item, "periodical", "full-title")) or text_of(
                child(item, "titles", "secondary-title")
            )
            kind = child(item, "ref-type")
            fields["venue"] = [venue] if venue else []
            fields["kind"] = (
                [_KINDS.get((kind.get("name") or "").lower(), kind.get("name") or "")]
                if kind is not None
                else []
            )
            if re.search("PubMed|Medline|NLM", " ".join(fields.get("database", []))) or re.fullmatch(
                r"\d{7,8}", " ".join(fields.get("accession", []))
            ):
                fields["pmid"] = fields.get("accession", [])
            fields = {name: [value for value in values if value] for name, values in fields.items()}
            if fields.get("title") or fields.get("author") or fields.get("abstract"):
                yield to_record(
                    {name: values for name, values in fields.items() if values}, path, self.name, number
                )
            else:
                yield BrokenRecord(
                    path, number, f"Record {number} of {path.name} has neither title, authors nor abstract."
                )
