"""Records become documents and passages: clean text, stable ids, exact offsets, whole sentences, no section
crossed.
"""

from __future__ import annotations

import pickle
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.text.clean import clean, count_tokens
from ingest.text.normalise import clean_block, normalise, to_document
from ingest.text.sentences import sentences
from ingest.text.split import MAX_TOKENS, split
from kgrag.language.names import plain
from kgrag.types import Author, Block, Line, Passage, Record, Source

SOURCE = Source("folder/file.txt", "0" * 64, "text")
PROSE = (
    "The library keeps papers of many kinds. Readers ask questions about them every day. Each answer names"
    " its source. "
)


def passages(record: Record) -> tuple[Passage, ...]:
    """The record's passages."""
    found = normalise(record)
    return split(found.document, found.blocks)


def test_clean() -> None:
    """Ligatures, composed letters, soft hyphens, odd spaces and control characters are put right; a
    superscript stays.
    """
    assert clean("  of\ufb01ce\u00a0e\u0301t\u00ade \u200b x\u00b2\x00 ") == "office éte x²"


def test_ids() -> None:
    """A DOI gives the id; without identifiers the content does, and equal content gives an equal id wherever
    it lay.
    """
    assert (
        to_document(Record(SOURCE, title="T", identifiers={"doi": "10.1000/a", "pmid": "1"})).id
        == "doi:10.1000/a"
    )
    one = to_document(Record(SOURCE, title="T", abstract="Words."))
    other = to_document(Record(Source("elsewhere", "1" * 64, "ris"), title="T ", abstract="Words. "))
    assert one.id == other.id
    assert one.id.startswith("sha256:")


def test_title_and_abstract_share_a_passage() -> None:
    """A record of title and abstract is searchable by both: its first passage opens with the title, which is
    no quotable sentence.
    """
    (passage,) = passages(Record(SOURCE, title="Cats and dogs", abstract="They differ. They sleep."))
    assert passage.text == "Cats and dogs\n\nThey differ. They sleep."
    assert [passage.text[item.start : item.end] for item in passage.sentences] == [
        "They differ.",
        "They sleep.",
    ]


def test_title_alone() -> None:
    """A record of a title only has one passage with one sentence."""
    (passage,) = passages(Record(SOURCE, title="Cats and dogs"))
    assert (passage.text, len(passage.sentences)) == ("Cats and dogs", 1)


def test_nothing_at_all() -> None:
    """A record without text has no passages."""
    assert passages(Record(SOURCE)) == ()


def test_sections_are_not_crossed() -> None:
    """Passages keep to their section; headings are none; captions stand alone and do not cut the text around
    them.
    """
    blocks = (
        Block("Methods", "heading"),
        Block(PROSE, section=("Methods",)),
        Block("Figure 1. A cat.", "caption", ("Methods",)),
        Block(PROSE, section=("Methods",)),
        Block("Results", "heading"),
        Block(PROSE, section=("Results",)),
        Block("Smith 2001", "reference", ("References",)),
    )
    found = passages(Record(SOURCE, title="T", blocks=blocks))
    assert [passage.section for passage in found if passage.kind == "paragraph"] == [
        ("Methods",),
        ("Results",),
    ]
    assert [passage.text for passage in found if passage.kind == "caption"] == ["Figure 1. A cat."]
    assert not any("Smith 2001" in passage.text for passage in found)


def test_size_of_passages() -> None:
    """Long sections are cut into parts of about equal size, none above what the embedder reads, at ends of
    sentences.
    """
    found = passages(Record(SOURCE, title="T", blocks=(Block(PROSE * 40, section=("A",)),)))[1:]
    sizes = [count_tokens(passage.text) for passage in found]
    assert max(sizes) <= MAX_TOKENS
    assert min(sizes) > 100
    assert all(passage.text.endswith(".") for passage in found)


def test_chinese() -> None:
    """Chinese is counted by characters, cut at its own full stops, and keeps quotation marks with their
    sentence.
    """
    text = "车前子多糖有什么作用？研究认为：“它有益。”结果如下。" * 30
    found = passages(Record(SOURCE, title="多糖研究", abstract=text))
    assert len(found) > 2
    assert all(count_tokens(passage.text) <= MAX_TOKENS for passage in found)
    assert found[0].text.startswith("多糖研究\n\n车前子")
    assert all(passage.text[-1] in "。？”" for passage in found)


def test_abbreviations_do_not_end_sentences() -> None:
    """Citations, figures, initials and Latin abbreviations stay inside their sentence."""
    text = (
        "We follow Smith et al. (2009) and J. K. Rowling. Fig. 3 shows it, e.g. in E. coli. It was p < 0.05"
        " (cf. Table 2). Done."
    )
    assert [text[start:end] for start, end in sentences(text)] == [
        "We follow Smith et al. (2009) and J. K. Rowling.",
        "Fig. 3 shows it, e.g. in E. coli.",
        "It was p < 0.05 (cf. Table 2).",
        "Done.",
    ]


def test_labels_stay_with_their_sentence() -> None:
    """The label of a caption and a file type behind it are no sentences of their own."""
    text = "Figure 3. Cats sleep. They dream. (TIF)"
    assert [text[start:end] for start, end in sentences(text)] == [
        "Figure 3. Cats sleep.",
        "They dream. (TIF)",
    ]
    listed = "2. Chung et al. [25] observed the number of the list."
    assert [listed[start:end] for start, end in sentences(listed)] == [
        "Chung et al. [25] observed the number of the list."
    ]


def test_lines_follow_cleaning() -> None:
    """The offsets of a block's lines point at the same words after cleaning."""
    text = "The of\ufb01ce  was\u00ad closed and open"
    block = clean_block(
        Block(text, lines=(Line(0, 14, 1, (0, 0, 10, 10)), Line(15, len(text), 1, (0, 0, 10, 10))))
    )
    assert [block.text[line.start : line.end] for line in block.lines] == [
        "The office was",
        "closed and open",
    ]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=400),
            st.sampled_from(["paragraph", "heading", "caption", "abstract", "table"]),
            st.sampled_from([(), ("A",), ("A", "B")]),
        ),
        max_size=8,
    ),
    st.text(max_size=40),
)
def test_any_record(parts: list[tuple[str, str, tuple[str, ...]]], title: str) -> None:
    """Whatever the text, passages are exact, ordered, do not overlap, and equal records give equal
    results.
    """
    record = Record(
        SOURCE, title=title, blocks=tuple(Block(text, kind, section) for text, kind, section in parts)
    )  # type: ignore[arg-type]
    found = normalise(record)
    result = split(found.document, found.blocks)
    assert result == split(*pickle.loads(pickle.dumps((found.document, found.blocks))))
    end = 0
    for passage in result:
        assert passage.start >= end
        end = passage.end
        assert passage.text == found.document.text[passage.start : passage.end]
        assert passage.sentences
        assert all(passage.text[item.start : item.end].strip() for item in passage.sentences)


def test_fold() -> None:
    """The key of a text has no case, accents, punctuation or width."""
    assert plain("  Ｃafé—Müller, 2nd ") == "cafe muller 2nd"


def test_what_was_escaped_twice_is_read() -> None:
    """Entities in bibliographic fields, once or twice escaped, with the tags that come to light; what is no
    entity stays.
    """
    record = Record(
        Source("a.json", "0" * 64, "json"),
        title="Ticks&amp;nbsp;and &amp;lt;i&amp;gt;Borrelia&amp;lt;/i&amp;gt; at AT&T;, p &lt; .05",
        abstract="One&nbsp;line\nx&y; z",
        authors=(Author(family="\u2019t&amp;nbsp;Hart", given="Jan"),),
        keywords=("R&amp;D",),
    )
    document = to_document(record)
    assert document.record.title == "Ticks and Borrelia at AT&T;, p < .05"
    assert document.record.abstract == "One line\nx&y; z"
    assert (document.record.authors[0].family, document.record.keywords) == ("\u2019t Hart", ("R&D",))
    broken = replace(record, abstract=r"AIM To see. \n METHODS We used \nu and \rho.")
    assert to_document(broken).record.abstract == "AIM To see. METHODS We used \\nu and \\rho."


def test_a_wrapped_line_cuts_no_sentence() -> None:
    """A break inside a sentence is how the export was printed; one after a sentence divides paragraphs."""
    record = Record(
        Source("a.ris", "0" * 64, "ris"),
        title="Setts",
        abstract="Numbers fell\nfrom 140 to 90.\nRoads killed.",
    )
    assert to_document(record).text == "Setts\n\nNumbers fell from 140 to 90.\n\nRoads killed."
