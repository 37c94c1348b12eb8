"""The words by which a cover page is known, and the labels of what it says.

Knows how archives, repositories and publishers speak on such pages. ``STRONG`` signs stand on no paper's own
pages, ``WEAK`` ones rarely several together.
"""

from __future__ import annotations

import re

STRONG = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        r"\bstable url\s*:",
        r"not-for-profit (?:service|organi[sz]ation) that helps",
        r"your use of the .{1,60} (?:archive|service|repository) indicates",
        r"is collaborating with .{1,60} to digiti[sz]e",
        r"^hal id\s*:",
        r"(?:multi-?disciplinary )?open access archive for the deposit",
        r"archive ouverte pluridisciplinaire",
        r"to cite this (?:version|article|document|paper)\s*:",
        r"see discussions, stats,? and author profiles",
        r"all content following this page was uploaded by",
        r"requested enhancement of the downloaded file",
        r"^see profile\b",
        r"this is (?:a|the) (?:repository|archived|accepted|author\W?s?|peer[- ]reviewed)\W",
        r"this is (?:a|the) (?:pre-?print|post-?print)\W",
        r"repository copy of",
        r"citation for (?:the )?(?:published|original|final) (?:version|publication|paper)",
        r"link to (?:the )?publication(?: record)? in\b|link to (?:the )?published version",
        r"also known as version of record",
        r"copyright and (?:moral rights|re-?use)|^general rights$|^take ?down policy",
        r"brought to you (?:for free and open access |for free |with open access )?by",
        r"follow this and additional works at",
        r"recommended citation|suggested citation|^please cite (?:this|the|as)",
        r"has made this article openly available",
        r"provided in cooperation with",
        r"this version is available at",
        r"(?:citable|permanent|persistent|persistenter) (?:link|url|address|identifier)\b",
        r"^permalink$|^handle\s*:",
        r"journal homepage\s*:",
        r"submit your article to this journal|view related articles",
        r"full terms (?:&|and) conditions of access",
        r"the online version of this article (?:can|may) be found",
        r"^(?:pdf )?(?:erstellt|heruntergeladen) am|^nutzungsbedingungen|standard-nutzungsbedingungen",
        r"(?:deposited|archived|available) (?:in|at|via) .{0,60}(?:repositor|eprints|e-?archive)",
        r"(?:research|institutional|open access|digital|university) (?:repository|archive|commons)\b",
        r"research (?:explorer|portal|online)\b",
        r"for additional information about this article",
        r"\baccess provided (?:at|by|to)\b",
        r"dies ist (?:die|eine) (?:zweit|online)?(?:veröffentlichung|version)",
        r"^originalveröffentlichung in",
        r"citer ce document",
        r"^fichier pdf généré le",
        r"^date downloaded\s*:|content downloaded from",
        r"your use of this pdf indicates",
    )
)
WEAK = tuple(
    re.compile(pattern, re.I | re.M)
    for pattern in (
        r"^author\(?s?\)?\s*:|^autor(?:en|\(en\))?\s*:",
        r"^source\s*:|^zeitschrift\s*:",
        r"^published (?:by|in|version)\b",
        r"^(?:accessed|download(?:ed)?(?: date| on| from)?|retrieved|date deposited|submitted on)\b",
        r"terms (?:and conditions )?of use|conditions of use",
        r"^(?:document |article )?version\s*:|accepted (?:version|manuscript)",
        r"publisher\W?s pdf|version of record",
        r"^(?:citations|reads)\b|\breads\b",
        r"\b(?:eprints|repository|archive|dspace|hal|escholarship|portal|pure)[\w.-]*\.[a-z]{2,}",
        r"\burn:nbn:|dokumentenserver|^source\s*:\s*content",
        r"hdl\.handle\.net|/handle/|/stable/",
        r"all rights reserved|for personal use|non-?commercial",
        r"may be (?:freely )?(?:downloaded|distributed|reproduced)",
        r"^digital object identifier|^doi\s*:|^link to",
        r"^(?:publication date|date|year|issn|peer reviewed|citation|reference)\b\s*:?",
    )
)
_LABELS = {
    "title": r"(?:chapter |article |document )?title|titel|titre",
    "authors": r"(?:chapter )?author\(?s?\)?|review(?:ed)? by|autor(?:\(?en\)?)?|auteurs?|creators?|by(?=:)",
    "source": (
        r"source(?!: content)|published in|originalveröffentlichung in|journal|zeitschrift|publication|revue"
        r"|in(?=:)"
    ),
    "publisher": r"published by|publisher|éditeur|verlag",
    "year": r"publication date|published(?=:)|year|date of publication|date(?=:)|issue date",
    "volume": r"band(?: \(jahr\))?|volume",
    "issue": r"heft|issue",
    "pages": r"pages?|seiten",
    "doi": r"digital object identifier(?: \(doi\))?|doi",
    "cite": (
        r"(?:please |to |how to )*cite (?:this )?(?:version|article|paper|document|as|the \w+ version|it as)"
        r"(?:[^:]{0,40})?|(?:suggested |recommended |original |full |published )?citation"
        r"(?: for (?:the )?(?:published|original|final) (?:version|publication|paper))?(?: \([^)]*\))?"
        r"|citer ce document(?: / cite this document)?|(?:apa|chicago|mla)\b[^:]{0,12}\bed\."
        r"|bibliographic citation|reference(?=:)|article(?=:)|citer cet article"
        r"|citation \(published version\)"
    ),
}
LABEL = re.compile(
    r"^(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _LABELS.items()) + r")\s*(?::|$)\s*",
    re.I,
)
OTHER_LABEL = re.compile(r"^[A-Z][\w()/'’-]*(?:\s[\w()/'’-]+){0,3}\s?:(?!\d)\s*")
NOTICE = re.compile(
    r"""
      ^(?:permalink|peer\ reviewed|general\ rights|take\ ?down\ policy|reuse|rights|licen[cs]e|copyright
            | abstract|issn|escholarship|terms\ of\ use|nutzungsbedingungen|link\ to\b.*|hal\ is\b.*
            | hal\ id\b.*|https?://\S+|submitted\ on\b.*|distributed\ under\b.*|powered\ by\b.*
            | document\ version|published\ version|your\ use\ of\b.*|.{2,40}\bis\ a\ not-for-profit\b.*
            | this\ (?:article|paper|version|content|is|document)\b.*|see\ profile|\d+\ publications?\b.*
            | citations?|reads?|\d+\ authors?.*|some\ of\ the\ authors\b.*|all\ content\b.*|download\ date\b.*
            | part\ of\ the\b.*|follow\ this\b.*|version\b.*|available\b.*|©.*
        | (?:[\w-]+\s)?references?\ are\ available\b.*|you\ may\ need\ to\b.*)\s*$
    """,
    re.I | re.X,
)
