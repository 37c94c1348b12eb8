"""Cover pages of archives are cut from the text, and the paper is cited as they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.readers.pdf.reader import PdfReader
from kgrag.types import Record

TITLE = "The Bucket Dredger and the Drought: Three Summers of Silt"
BIG, SMALL = 18.0, 9.0
Lines = Sequence[str | tuple[str, float]]
BODY = (
    "The bucket dredger worked on every dry day between May and September, and each bucket was",
    "weighed by the foreman, who wrote the weight into a red notebook kept in the office.",
)

JSTOR: Lines = (
    TITLE,
    "Author(s): Nora Silt and Piet Bagger",
    "Source: Canal Letters, Vol. 8, No. 2 (May, 1957), pp. 88-97",
    "Published by: Guild of Example Canals",
    "Stable URL: https://old-papers.example.org/stable/1234567",
    "Accessed: 11-11-2018 08:09 UTC",
    "",
    "OLDPAPERS is a not-for-profit service that helps scholars, researchers, and students discover, use, and",
    "build upon a wide range of content in a trusted digital archive. Your use of the OLDPAPERS archive",
    "indicates your acceptance of the Terms & Conditions of Use.",
    "",
    "Guild of Example Canals is collaborating with OLDPAPERS to digitize, preserve and extend access to",
    "Canal Letters",
    "",
    "This content downloaded from 192.0.2.9 on Sun, 11 Nov 2018 08:09:10 UTC",
    "All use subject to https://about.example.org/terms",
)
JSTOR_WRAPPED: Lines = (
    "The Bucket Dredger and the Drought: Three",
    "Summers of Silt",
    "Author(s): Nora Silt and Piet Bagger",
    "Source: Canal Letters , May, 1957, Vol. 8, No. 2 (May, 1957), pp. 88-97",
    "Published by: Guild of Example Canals on behalf of the Society for the History of Silt and",
    "Water",
    "Stable URL: http://old-papers.example.org/stable/1234567",
    "REFERENCES",
    "Linked references are available on OLDPAPERS for this article:",
    "http://old-papers.example.org/stable/1234567?seq=1&cid=pdf-reference#references_tab_contents",
    "You may need to log in to OLDPAPERS to access the linked references.",
)
HAL: Lines = (
    ("HAL Id: hal-09876543", SMALL),
    ("https://hal.example.org/hal-09876543v2", SMALL),
    ("Submitted on 11 Nov 2018 (v1), last revised 12 Nov 2019 (v2)", SMALL),
    "",
    (
        "HAL is a multi-disciplinary open access archive for the deposit and dissemination of scientific",
        SMALL,
    ),
    ("research documents, whether they are published or not.", SMALL),
    (
        "L’archive ouverte pluridisciplinaire HAL, est destinée au dépôt et à la diffusion de documents.",
        SMALL,
    ),
    "",
    ("The Bucket Dredger and the Drought: Three", BIG),
    ("Summers of Silt", BIG),
    "Nora Silt, Piet Bagger",
    "",
    ("To cite this version:", SMALL),
    "",
    (
        "Nora Silt, Piet Bagger. The Bucket Dredger and the Drought: Three Summers of Silt. Canal Letters,",
        SMALL,
    ),
    ("1957, 8 (2), pp.88-97. ⟨10.5555/silt.88⟩. ⟨hal-09876543v2⟩", SMALL),
    "",
    ("Distributed under a Creative Commons Attribution 4.0 International License", SMALL),
)
RESEARCHGATE: Lines = (
    ("See discussions, stats, and author profiles for this publication at:", SMALL),
    ("https://www.profiles.example.org/publication/30303030", SMALL),
    "",
    (TITLE, 15.0),
    "",
    ("Article in Canal Letters · May 1957", SMALL),
    ("DOI: 10.5555/silt.88", SMALL),
    "",
    ("CITATIONS", SMALL),
    ("14", SMALL),
    ("READS", SMALL),
    ("308", SMALL),
    "",
    ("2 authors:", SMALL),
    "",
    ("Nora Silt", SMALL),
    ("Institute of Example Canals", SMALL),
    ("21 PUBLICATIONS 140 CITATIONS", SMALL),
    ("SEE PROFILE", SMALL),
    "",
    ("Piet Bagger", SMALL),
    ("Institute of Example Canals", SMALL),
    ("9 PUBLICATIONS 33 CITATIONS", SMALL),
    ("SEE PROFILE", SMALL),
    "",
    ("All content following this page was uploaded by Nora Silt on 11 November 2018.", SMALL),
    ("The user has requested enhancement of the downloaded file.", SMALL),
)
EPRINTS: Lines = (
    (f"This is a repository copy of {TITLE}.", 14.0),
    "",
    "White Water Research Online URL for this paper:",
    "https://eprints.example.ac.uk/4242/",
    "",
    "Version: Accepted Version",
    "",
    "Article:",
    "Silt, N. orcid.org/0000-0001-2345-6789 and Bagger, P. (1957) The Bucket Dredger and the Drought:",
    "Three Summers of Silt. Canal Letters, 8 (2). pp. 88-97. ISSN 1234-5679",
    "",
    "https://doi.org/10.5555/silt.88",
    "",
    "Reuse",
    "Items deposited in White Water Research Online are protected by copyright, with all rights reserved.",
    "",
    "Takedown",
    "If you consider content in White Water Research Online to be in breach of UK law, please notify us.",
)
PURE: Lines = (
    ("Example Research Explorer", 22.0),
    "",
    (TITLE, 14.0),
    "",
    "Citation for published version:",
    "Silt, N & Bagger, P 1957, 'The Bucket Dredger and the Drought: Three Summers of Silt', Canal Letters,",
    "vol. 8, no. 2, pp. 88-97. https://doi.org/10.5555/silt.88",
    "",
    "Digital Object Identifier (DOI):",
    "10.5555/silt.88",
    "",
    "Link:",
    "Link to publication record in Example Research Explorer",
    "",
    "Document Version:",
    "Publisher's PDF, also known as Version of record",
    "",
    "Published In:",
    "Canal Letters",
    "",
    "General rights",
    "Copyright for the publications made accessible via the Example Research Explorer is retained.",
    "",
    "Take down policy",
    "The University of Example has made every reasonable effort to ensure that content is lawful.",
    "",
    "Download date: 11. Nov. 2018",
)
PURE_APA: Lines = (
    "Silt, N., & Bagger, P. (1957). The Bucket Dredger and the Drought: Three",
    "Summers of Silt. Canal Letters, 8(2), 88-97.",
    "https://doi.org/10.5555/silt.88",
    "",
    "Publisher's PDF, also known as Version of record",
    "License (if available):",
    "CC BY",
    "Link to published version (if available):",
    "10.5555/silt.88",
    "",
    "Link to publication record on the Example Research Portal",
    "PDF-document",
    "",
    ("University of Example – Example Research Portal", 12.0),
    ("General rights", 11.0),
    "This document is made available in accordance with publisher policies. Please cite only the",
    "published version using the reference above.",
)
LSE: Lines = (
    ("Nora Silt and Piet Bagger", 16.0),
    "",
    ("The Bucket Dredger and the Drought: Three Summers of Silt", 16.0),
    "",
    ("Article (Published version)", 14.0),
    ("(Refereed)", 14.0),
    "",
    ("Original citation:", 10.0),
    "Silt, Nora and Bagger, Piet (1957) The Bucket Dredger and the Drought: Three Summers of Silt. Canal",
    "Letters, 8 (2). pp. 88-97. ISSN 1234-5679",
    "DOI: 10.5555/silt.88",
    "",
    "© 1957 The Authors",
    "",
    "This version available at: http://eprints.example.ac.uk/4242/",
    "Available in Example Research Online: November 2018",
)
DSPACE: Lines = (
    "Example Open Access Articles",
    "",
    (TITLE, 13.0),
    "",
    "The Example Faculty has made this article openly available. Please share how this access benefits you.",
    "",
    "Citation: Silt, Nora, and Piet Bagger. “The Bucket Dredger and the Drought: Three Summers of Silt.”",
    "Canal Letters 8.2 (1957): 88–97.",
    "",
    "As Published: http://dx.doi.org/10.5555/silt.88",
    "",
    "Publisher: Guild of Example Canals",
    "",
    "Persistent URL: http://hdl.handle.net/1234.5/67890",
    "",
    "Version: Author's final manuscript: final author's manuscript post peer review",
    "",
    "Terms of Use: Creative Commons Attribution-Noncommercial-Share Alike",
)
ESCHOLARSHIP: Lines = (
    ("UC Example", 14.0),
    ("UC Example Previously Published Works", 12.0),
    "",
    "Title",
    TITLE,
    "",
    "Permalink",
    "https://escholarship.example.org/uc/item/0ab1c2d3",
    "",
    "Journal",
    "Canal Letters, 8(2)",
    "",
    "ISSN",
    "1234-5679",
    "",
    "Authors",
    "Silt, Nora",
    "Bagger, Piet",
    "",
    "Publication Date",
    "1957-05-01",
    "",
    "DOI",
    "10.5555/silt.88",
    "",
    "Peer reviewed",
    "",
    "eScholarship.org Powered by the California Digital Library",
)
BEPRESS: Lines = (
    ("University of Example", 16.0),
    ("DigitalCommons@Example", 16.0),
    "",
    "Faculty Publications",
    "",
    "5-1957",
    "",
    (TITLE, 16.0),
    "",
    ("Nora Silt", 11.0),
    ("Piet Bagger", 11.0),
    "",
    "Follow this and additional works at: https://digitalcommons.example.edu/canals",
    "Part of the Hydraulic Engineering Commons",
    "",
    ("Recommended Citation", 12.0),
    'Silt, Nora and Bagger, Piet, "The Bucket Dredger and the Drought: Three Summers of Silt" (1957).',
    "Faculty Publications. 42.",
    "https://digitalcommons.example.edu/canals/42",
    "",
    "This Article is brought to you for free and open access by the Department of Canals at",
    "DigitalCommons@Example.",
)
TAYLOR: Lines = (
    ("Canal Letters", 20.0),
    "ISSN: 1234-5679 (Print) 1234-5687 (Online) Journal homepage: https://journals.example.com/loi/canl20",
    "",
    (TITLE, 15.0),
    "",
    ("Nora Silt & Piet Bagger", 12.0),
    "",
    "To cite this article: Nora Silt & Piet Bagger (1957) The Bucket Dredger and the Drought: Three",
    "Summers of Silt, Canal Letters, 8:2, 88-97, DOI: 10.5555/silt.88",
    "",
    "To link to this article: https://doi.org/10.5555/silt.88",
    "",
    "Published online: 11 Nov 2018.",
    "",
    "Submit your article to this journal",
    "Article views: 77",
    "View related articles",
    "",
    "Full Terms & Conditions of access and use can be found at",
    "https://www.journals.example.com/action/journalInformation?journalCode=canl20",
)
ECONSTOR: Lines = (
    ("econexample", 24.0),
    "Make Your Publications Visible. A Service of the Example Library",
    "",
    ("Silt, Nora; Bagger, Piet", 11.0),
    "",
    "Article",
    ("The Bucket Dredger and the Drought: Three Summers of Silt", 13.0),
    "",
    "Canal Letters",
    "",
    "Provided in Cooperation with:",
    "Guild of Example Canals",
    "",
    "Suggested Citation: Silt, Nora; Bagger, Piet (1957) : The Bucket Dredger and the Drought: Three Summers",
    "of Silt, Canal Letters, ISSN 1234-5679, Guild of Example Canals, Ghent, Vol. 8, Iss. 2, pp. 88-97,",
    "https://doi.org/10.5555/silt.88",
    "",
    "This Version is available at:",
    "https://hdl.handle.net/10419/424242",
    "",
    "Standard-Nutzungsbedingungen:",
    "Die Dokumente auf EconExample dürfen zu eigenen wissenschaftlichen Zwecken gespeichert werden.",
)
PERIODICA: Lines = (
    "Objekttyp: Article",
    "",
    "Titel: The Bucket Dredger and the Drought: Three Summers of Silt",
    "",
    "Autor(en): Silt, Nora / Bagger, Piet",
    "",
    "Zeitschrift: Canal Letters",
    "",
    "Band (Jahr): 8 (1957)",
    "",
    "Heft 2",
    "",
    "PDF erstellt am: 11.11.2018",
    "",
    "Persistenter Link: https://doi.org/10.5555/silt.88",
    "",
    "Nutzungsbedingungen",
    "Die Beispielbibliothek ist Anbieterin der digitalisierten Zeitschriften.",
)
COVERS = {
    "jstor": JSTOR,
    "jstor wrapped": JSTOR_WRAPPED,
    "hal": HAL,
    "researchgate": RESEARCHGATE,
    "eprints": EPRINTS,
    "pure": PURE,
    "pure apa": PURE_APA,
    "lse": LSE,
    "dspace": DSPACE,
    "escholarship": ESCHOLARSHIP,
    "digital commons": BEPRESS,
    "taylor": TAYLOR,
    "econstor": ECONSTOR,
    "periodica": PERIODICA,
}
WITHOUT_SOURCE = {"digital commons"}
WITHOUT_PAGES = {"researchgate", "escholarship", "periodica", *WITHOUT_SOURCE}


def covered(path: Path, cover: Lines, headed: bool = True) -> Record:
    """A paper of two pages with a cover; one that is not headed begins in the middle of a journal's page."""
    canvas = Canvas(str(path), pagesize=(595, 842))
    top = 790.0
    for item in cover:
        text, size = item if isinstance(item, tuple) else (item, 10.0)
        canvas.setFont("Helvetica", size)
        canvas.drawString(60, top, text)
        top -= 1.3 * size if text else 14
    canvas.showPage()
    top = 780.0
    if headed:
        for text in (TITLE[:41], TITLE[42:]):
            canvas.setFont("Times-Bold", 17)
            canvas.drawCentredString(297, top, text)
            top -= 21
        canvas.setFont("Times-Roman", 12)
        canvas.drawCentredString(297, top - 8, "Nora Silt and Piet Bagger")
        top -= 50
    for number in range(2):
        canvas.setFont("Times-Bold", 12)
        canvas.drawString(70, top, ("1. Introduction", "2. Results")[number])
        canvas.setFont("Times-Roman", 10)
        for line in range(10):
            canvas.drawString(70, top - 14 - 12 * line, BODY[line % 2])
        canvas.showPage()
        top = 760.0
    canvas.save()
    record = next(PdfReader().read(path))
    assert isinstance(record, Record)
    return record


@pytest.mark.parametrize("headed", [True, False], ids=["headed", "unheaded"])
@pytest.mark.parametrize("name", COVERS)
def test_a_paper_is_cited_as_its_cover_says(tmp_path: Path, name: str, headed: bool) -> None:
    """Title, authors, year, journal, volume, issue, pages; nothing of the cover is text."""
    record = covered(tmp_path / "paper.pdf", COVERS[name], headed)
    assert record.title == TITLE
    assert [author.family for author in record.authors] == ["Silt", "Bagger"]
    assert record.year == 1957
    text = " ".join(block.text for block in record.blocks)
    assert text.startswith("1. Introduction")
    assert text.count("red notebook") == 10
    assert not any(word in text.lower() for word in ("example", "download", "accept", "citation", "cite"))
    if name not in WITHOUT_SOURCE:
        assert record.venue == "Canal Letters"
    if name not in WITHOUT_PAGES:
        assert (record.volume, record.issue, record.pages) == ("8", "2", "88-97")
    if not name.startswith("jstor") and name not in WITHOUT_SOURCE:
        assert record.identifiers["doi"] == "10.5555/silt.88"


def test_a_first_page_that_asks_to_be_cited_is_no_cover(tmp_path: Path) -> None:
    """A paper's own page with its journal's homepage, a request to cite and an abstract stays whole."""
    canvas = Canvas(str(tmp_path / "paper.pdf"), pagesize=(595, 842))
    lines: Lines = (
        "To cite this article: Nora Silt (1957) A dredger, Canal Letters 8 88",
        "View the article online for updates and enhancements. All rights reserved.",
        "",
        ("A dredger of the lower canal", BIG),
        ("Nora Silt", 12.0),
        "",
        ("Abstract", 12.0),
        *BODY,
        "",
        ("1. Introduction", 12.0),
        *BODY * 4,
    )
    top = 790.0
    for item in lines:
        text, size = item if isinstance(item, tuple) else (item, 10.0)
        canvas.setFont("Helvetica", size)
        canvas.drawString(60, top, text)
        top -= 1.3 * size if text else 14
    canvas.showPage()
    canvas.drawString(60, 700, "The second page goes on with what the dredger did in the summer.")
    canvas.save()
    record = next(PdfReader().read(tmp_path / "paper.pdf"))
    assert isinstance(record, Record)
    assert record.title == "A dredger of the lower canal"
    assert sum("red notebook" in block.text for block in record.blocks) == 2
