"""HTML of answers and of the library: whatever a title, a passage or a question holds, it is text on the
page, never markup.
"""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from kgrag.export.evidence_table import Row
from kgrag.export.pages.chain_svg import chain_svg
from kgrag.holdings.facets import licence_name
from ui.html import answer as render
from ui.html import graph as graph_view
from ui.html import library as render_library
from ui.html import parts
from ui.html import ranking as render_ranking
from ui.html import reading as render_reading
from ui.html.reading import Room
from ui.words import WORDS, Language, word

UI = Path(render.__file__).parents[1]

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</svg><svg onload=alert(1)>",
    "[x](javascript:alert(1))",
    "{{7*7}}",
    "${7*7}",
    "&lt;b&gt;",
    "]]><!--",
    "javascript:alert(1)",
)


def hostile_answer(text: str) -> dict[str, Any]:
    """An answer in which every text that comes from data is hostile."""
    evidence = {
        "passage_id": text,
        "document_id": text,
        "section": text,
        "page": 1,
        "boxes": [],
        "span": [0, len(text)],
        "quote": text,
        "score": 1.0,
    }
    path = [
        {"node": {"id": text, "name": text, "kind": text}, "edge": {"type": text, "statement_id": None}},
        {"node": {"id": text, "name": text, "kind": "Passage"}, "edge": None},
    ]
    return {
        "id": text,
        "question": text,
        "language": "en",
        "status": "partial",
        "reason": text,
        "text": text,
        "record": [
            {"document_id": text, "title": text, "field": "authors", "value": text, "retracted": True}
        ],
        "withheld": [{"text": text, "reason": text}],
        "claims": [
            {
                "id": "c1",
                "text": text,
                "span": [0, len(text)],
                "support": {"label": "supported", "score": 1.0, "threshold": 0.5, "alpha": 0.1},
                "evidence": [evidence],
                "path": path,
            }
        ],
        "documents": [hostile_document(text)],
        "candidates": [
            {"text": text, "reward": 1.0, "supported": 1.0, "chosen": True, "maker": text},
            {"text": text + ".", "reward": 0.5, "supported": 1.0, "chosen": False, "maker": text},
        ],
        "models": {"generator": text},
        "trace": {
            "timings_ms": {text: 1.0},
            "retrieved": [],
            "understood": {"text": text, "repairs": [[text, text, text]], "entities": []},
        },
    }


def hostile_document(text: str) -> dict[str, Any]:
    """A document's JSON full of it."""
    return {
        "id": text,
        "title": text,
        "authors": [{"family": text, "given": text}],
        "year": 2000,
        "venue": text,
        "volume": text,
        "issue": text,
        "pages": text,
        "publisher": text,
        "identifiers": {"doi": text, text: text},
        "language": text,
        "kind": text,
        "licence": text,
        "retracted": True,
        "retraction": text,
        "abstract": text,
        "keywords": [text],
        "headings": [text],
        "source": {"path": text},
    }


def pieces(text: str) -> list[str]:
    """Every piece of HTML that the pages are made of."""
    answer, language = hostile_answer(text), "en"
    quote = {"text": text, "spans": [[0, 3]], "section": text, "page": 1}
    brief = {
        "id": text,
        "title": text,
        "authors": [text],
        "year": text,
        "venue": text,
        "kind": text,
        "retracted": True,
        "passages": [quote],
        "document_id": text,
        "text": text,
        "spans": [[0, 2]],
    }
    found = {"total": 90, "offset": 20, "limit": 20, "ranked": True, "documents": [brief]}
    page = {"base": f"/pages/{{page}}.png?document={text}", "page": 2, "pages": 3}
    paper = {
        "document": hostile_document(text),
        "objects": [{"role": "method", "text": text, "passage_id": text, "section": text, "page": 1}],
        "pages": 3,
        "passages": [{"id": text, "text": text, "section": text, "page": 1}],
        "duplicates": [{**brief, "first": text, "second": text, "reason": text}],
        "union": {
            "document": text,
            "may_split": True,
            "sources": [
                {"number": n, "path": text, "record": 0, "reader": text, "reason": text} for n in (1, 2, 3)
            ],
            "fields": [{"field": text, "value": text, "from": 1, "others": [{"value": text, "from": 2}]}],
        },
        "citations": {"cites": [brief], "cited_by": [brief], "outside": 3},
    }
    leaf = {"place": "0.0", "edge": text, "id": text, "name": text, "kind": text, "n": 2, "children": None}
    tree = {
        "place": "0",
        "edge": None,
        "id": text,
        "name": text,
        "kind": "Document",
        "n": 1,
        "children": [leaf, {**leaf, "kind": "Document"}],
    }
    entity = {
        "id": text,
        "name": text,
        "kind": text,
        "aliases": [text],
        "n_passages": 1,
        "n_documents": 1,
        "passages": [brief],
    }
    models = {
        "rankings": 1,
        "questions": 1,
        "raters": 1,
        "agreement": 0.5,
        "kappa": 0.1,
        "elo": [{"player": text, "rating": 1000.0, "games": 2, "won": 0.5}],
        "in_use": text,
        "may_train": True,
        "versions": [{"version": text, "figures": {"better": True}}],
    }
    room = Room(language, "/sets", text, text, True, text)
    plain_set = {"id": text, "name": text, "note": text, "shared": True, "changed": text, "items": 2}
    item = {"number": 1, "kind": "passage", "note": text, "where": text, "text": text, "document": text}
    item |= {"title": text, "address": "/?paper=1", "held": "full", "retracted": True, "notices": []}
    row = Row(text, text, text, "result", (text, text), text, text, "up", 3)
    return [
        render.turn_html(answer, 0, language),
        render.turn_html(answer, 0, language, held={text: "gone"}, typed=text),
        render.turn_html({**answer, "status": "abstained"}, 0, "zh"),
        render.evidence_html(answer, 0, {"text": text}, page, "zh"),
        render.error_html(text, text, language, admin=True),
        render.stopped_html(text, text, "zh"),
        render.working_html(text, ["draft", text], "zh", [{"title": text}]),
        render.follow_up_html(text, text, [(text, text)], language),
        render.empty_html({"documents": 1, "passages": 2}, [text], language),
        render.entity_html(entity, language),
        chain_svg(answer["claims"][0]["path"]),
        chain_svg(answer["claims"][0]["path"], {text: text}),
        render.page_html(answer, {text: text}, {text: text}, language),
        render_library.results_html(found, language),
        render_library.facets_html(
            {"venue": [(text, 1)] * 12, "licence": [(text, 2)]}, {"venue": [text]}, "zh"
        ),
        render_library.paper_html(paper, language),
        graph_view.tree_svg(tree, language),
        graph_view.tree_list(tree, "zh"),
        render_ranking.ranking_html(answer, language),
        render_ranking.picks_html([{"id": text, "question": text, "rankings": 2}], "zh"),
        render_ranking.models_html(models, language),
        render_reading.sets_html(room, [plain_set]),
        render_reading.set_html(room, plain_set, [item, {**item, "kind": "answer"}], own=True),
        render_reading.table_html(room, text, [row], {text: ["retracted"]}, "/sets"),
        render_reading.help_html(room, [(text, text)]),
    ]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_becomes_markup(text: str) -> None:
    """No script, no event handler, no foreign element and no link to a script appears in any rendered
    piece.
    """
    for piece in pieces(text):
        tree = lxml.html.fromstring(f"<div>{piece}</div>")
        assert tree.xpath("//script[not(@src='/reading/reading.js') or text()]") == []
        assert [
            name
            for element in tree.iter()
            for name in getattr(element, "attrib", {})
            if name.startswith("on")
        ] == []
        assert not any(
            address.strip().lower().startswith(("javascript", "data"))
            for address in tree.xpath("//@href | //@src")
        )
        assert tree.xpath("//img[not(contains(@class, 'kg-page'))]") == []


def test_the_pieces_show_what_they_were_given() -> None:
    """An escaped text reads as it was: nothing is lost on the way to the page."""
    text = "a < b & \"c\" 'd'"
    for piece in (
        render.question_html(text),
        parts.marked(text, [0, 3]),
        parts.all_marked(text, [[0, 1], [4, 5]]),
    ):
        assert lxml.html.fromstring(f"<div>{piece}</div>").text_content() == text


def test_overlapping_spans_are_marked_once() -> None:
    """Marks never nest, and their text is the text's."""
    assert parts.all_marked("abcdef", [[2, 4], [1, 3], [5, 6]]) == "a<mark>bc</mark>de<mark>f</mark>"


def test_a_sentence_says_whether_it_is_quoted() -> None:
    """Word for word or supported: the chip tells by sign and by name, not by colour alone."""
    answer = hostile_answer("plain")
    claim = answer["claims"][0]
    assert "data-kind='quoted'" in render.turn_html(answer, 0, "en")
    claim["evidence"][0]["quote"] = "another"
    assert "data-kind='reworded'" in render.turn_html(answer, 0, "en")


def test_what_the_record_says_stands_first_with_its_mark() -> None:
    """Before what the texts say, with the work's title as a link and the mark of a retraction."""
    fact = {
        "document_id": "d1",
        "title": "On drift",
        "field": "authors",
        "value": "Mark A Fisher",
        "retracted": True,
    }
    html = render.turn_html({**hostile_answer("plain"), "record": [fact]}, 0, "en")
    assert html.index("Mark A Fisher") < html.index("kg-claim")
    assert "kg-retracted" in html[html.index("Mark A Fisher") : html.index("On drift")]


def test_records_alone_are_an_answer() -> None:
    """Works listed without a sentence: their records and how to go on, in both languages, and no word that
    nothing was found.
    """
    facts = [
        {
            "document_id": f"d{n}",
            "title": f"On drift {n}",
            "field": "work",
            "value": f"Fisher, 201{n}",
            "retracted": False,
        }
        for n in range(2)
    ]
    answer = {
        **hostile_answer("plain"),
        "status": "abstained",
        "reason": "Ask about a work.",
        "record": facts,
        "claims": [],
        "documents": [],
        "withheld": [],
    }
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        html = render.turn_html(answer, 0, language)
        assert all(fact["value"] in html and fact["title"] in html for fact in facts)
        assert "Ask about a work." in html
        assert word("abstained", language) not in html
        assert word("abstained", language) in render.turn_html({**answer, "record": []}, 0, language)


def test_every_node_has_its_box_and_lines_end_at_boxes() -> None:
    """Boxes of one column never overlap, whatever is open."""
    leaf = {
        "edge": "BY",
        "id": "x",
        "name": "A very long name " * 6,
        "kind": "Person",
        "n": 1,
        "children": None,
    }
    inner = {**leaf, "place": "0.1", "children": [{**leaf, "place": f"0.1.{i}"} for i in range(5)]}
    tree = {
        **leaf,
        "place": "0",
        "edge": None,
        "children": [{**leaf, "place": "0.0"}, inner, {**leaf, "place": "0.2"}],
    }
    boxes = [
        (float(x), float(y))
        for x, y in zip(
            *(
                lxml.html.fromstring(graph_view.tree_svg(tree, "en")).xpath(f"//rect/@{name}")
                for name in ("x", "y")
            ),
            strict=True,
        )
    ]
    assert len(boxes) == 9
    for column in {x for x, _ in boxes}:
        tops = sorted(y for x, y in boxes if x == column)
        assert all(lower - upper >= graph_view.HEIGHT for upper, lower in itertools.pairwise(tops))


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("http://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/3.0/us/", "CC BY-NC-ND 3.0"),
        ("… free of all copyright … the Creative Commons CC0 public domain dedication.", "CC0"),
        ("© Elsevier", "© Elsevier"),
        ("x" * 100, "x" * 59 + "…"),
    ],
)
def test_licences_have_short_names(licence: str, name: str) -> None:
    """A facet is not filled by the licence's whole text."""
    assert licence_name(licence) == name


def test_every_word_exists_in_both_languages() -> None:
    """No key lacks a language, no Chinese word is left in English, and both have the same {places}."""

    assert all(en and zh and en != zh for en, zh in WORDS.values())
    assert all(
        set(re.findall(r"\{\w+\}", en)) == set(re.findall(r"\{\w+\}", zh)) for en, zh in WORDS.values()
    )


def test_a_comparison_is_a_table() -> None:
    """A column for each thing; a cell holds its sentence with the chip, an empty one holds nothing."""
    given = hostile_answer("plain")
    claim = given["claims"][0]
    cells = [{"text": claim["text"], "evidence": claim["evidence"]}, {"text": "", "evidence": []}]
    given["table"] = {"columns": ["nets & <b>", "sprays"], "rows": [cells]}
    page = render.turn_html(given, 0, "en")
    assert page.count("<th scope='col'>") == 2
    assert "nets &amp; &lt;b&gt;" in page
    assert page.count("kg-chip-0-0") == 1
    assert "<td></td>" in page


def test_what_a_model_was_asked_is_told() -> None:
    """Requests and tokens stand below the answer in both languages, and nothing where no model was asked."""
    given = hostile_answer("plain")
    assert "requests to the model" not in render.turn_html(given, 0, "en")
    given["trace"]["model"] = {"requests": 4, "prompt_tokens": 2400, "reply_tokens": 20}
    assert "4 requests to the model, 2420 tokens" in render.turn_html(given, 0, "en")
    assert "共 2420 个词元" in render.turn_html(given, 0, "zh")


@pytest.mark.parametrize("sheet", sorted(UI.glob("**/*.css")), ids=lambda path: path.name)
def test_every_rule_of_a_style_sheet_is_closed(sheet: Path) -> None:
    """One brace that is missing takes the look of all pages."""
    text = sheet.read_text("utf-8")
    depths = list(itertools.accumulate({"{": 1, "}": -1}.get(sign, 0) for sign in text))
    assert (depths[-1], min(depths), max(depths) <= 2) == (0, 0, True)
