"""Search strategies: what is printed is read again the same; what is built finds its seeds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kgrag.cli.main import app
from kgrag.errors import UsageError
from kgrag.library import Library
from kgrag.review.boolean.build import build
from kgrag.review.boolean.lint import check
from kgrag.review.boolean.match import SearchedRecord, Searcher, rows_in
from kgrag.review.boolean.parse import parse_pubmed
from kgrag.review.boolean.printers import DATABASES, print_query
from kgrag.review.boolean.query import Group, Query, Term, joined
from kgrag.settings import Settings
from kgrag.testing import random_parcel

PUBLISHED = [
    '("Urinary Tract Infections"[Mesh] OR “Urinary Tract Infection”[tiab] OR UTI*[tiab]) AND'
    " (Drinking[Mesh:NoExp] OR hydration[ti]) NOT (Animals[Mesh] not (Animals[Mesh] and Humans[Mesh]))",
    "Randomized controlled trial[pt] OR groups[tiab] AND heart failure[Title/Abstract]",
    'metformin[nm] AND "2010/01/01"[dp] : "2020"[dp] AND english[la] AND "drug therapy"[sh]',
    '"self management education"[tiab:~3] AND 2015:2020[dp]',
    "cancer therapy",
]


@pytest.mark.parametrize("text", PUBLISHED)
def test_printed_and_read_again_is_the_same(text: str) -> None:
    """PubMed → tree → PubMed → tree: the trees are equal and the printed text needs no mending."""
    parsed = parse_pubmed(text)
    again = parse_pubmed(print_query(parsed.query, "pubmed").text)
    assert again.query == parsed.query
    assert not again.problems


WORD = st.from_regex(r"[a-z]{3,8}\*?", fullmatch=True).filter(lambda w: w not in ("and", "not"))
TERM = st.builds(
    Term,
    st.lists(WORD, min_size=1, max_size=2).map(" ".join),
    st.sampled_from(["title_abstract", "title", "subject", "publication_type", "keyword", "author"]),
    st.booleans(),
)


def _trees(inner: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    return st.builds(joined, st.sampled_from(["AND", "OR", "NOT"]), st.lists(inner, min_size=2, max_size=4))


@settings(max_examples=60, deadline=None)
@given(st.recursive(TERM, _trees, max_leaves=12))
def test_any_tree_is_printed_and_read_again(tree: Query) -> None:
    """Whatever a query is, PubMed's text of it is read as the same query; other databases' texts have as many
    opening brackets as closing ones.
    """
    assert parse_pubmed(print_query(tree, "pubmed").text).query == tree
    for database in DATABASES:
        text = print_query(tree, database).text
        assert text.count("(") == text.count(")")


@pytest.mark.parametrize(
    ("text", "told", "fatal"),
    [
        ("(a[ti] OR b[ti]", "never closed", True),
        ("a[ti]) OR b[ti]", "no opening", True),
        ("a[ti] b[ti]", "no operator between", False),
        ("a[ti] OR", "no term after", True),
        ("AND a[ti]", "no term before", True),
        ("a[title word]", "no field [title word]", True),
        ("() OR a[ti]", "hold no term", True),
        ("a[ti] OR a[ti]", "twice", False),
        ("ab*[ti] OR c[ti]", "very many words", False),
    ],
)
def test_what_is_wrong_is_told(text: str, told: str, fatal: bool) -> None:
    """Each mistake has its words, and only what a database would refuse makes a strategy wrong."""
    checked = check(text, "pubmed")
    assert any(told in problem for problem in checked["problems"]), checked
    assert checked["ok"] is not fatal
    assert not parse_pubmed(checked["printed"]).problems


def test_no_term_is_an_error() -> None:
    """An empty query and hundreds of brackets are refused in words."""
    for text in ("", "()", "(" * 200 + "a" + ")" * 200):
        with pytest.raises(UsageError):
            parse_pubmed(text)


def test_each_database_in_its_way() -> None:
    """The same query as each database takes it; what one cannot say is told."""
    query = parse_pubmed('"Heart Failure"[Mesh] AND (bisoprolol*[tiab] OR 心力衰竭[ti]) NOT letter[pt]').query
    printed = {database: print_query(query, database) for database in DATABASES}
    assert printed["ovid"].text == (
        "(exp Heart Failure/ and (bisoprolol*.ti,ab. or 心力衰竭.ti.)) not letter.pt."
    )
    assert printed["wos"].text == '(TS=("Heart Failure") AND (TS=(bisoprolol*) OR TI=(心力衰竭)))'
    assert printed["wos"].lost == ("letter (publication_type)",)
    assert '(MH "Heart Failure+")' in printed["ebsco"].text
    assert printed["cnki"].text == "(SU%='Heart Failure' AND (TKA='bisoprolol?' OR TI='心力衰竭'))"
    assert printed["wanfang"].text == '(主题:("Heart Failure") and (主题:(bisoprolol*) or 题名:(心力衰竭)))'
    with pytest.raises(UsageError, match="found: pubmed"):
        print_query(query, "nowhere")


RECORDS = [
    SearchedRecord("1", "Bisoprolol in heart failure", "A randomised trial.", headings=("Heart Failure",)),
    SearchedRecord("2", "Failure of the heart", "Nothing on drugs.", headings=("Shock, Cardiogenic",)),
    SearchedRecord("3", "软件工程的系统综述", "软件需求", year=2015),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"heart failure"[ti]', [0]),
        ("heart failure[mh:noexp]", [0]),
        ("heart failure[mh]", [0, 1]),
        ("bisopr*[tiab] OR 软件[tiab]", [0, 2]),
        ("failure[ti] NOT randomised[tiab]", [1]),
        ('"failure heart"[ti:~2]', [0, 1]),
        ("2014:2016[dp]", [2]),
        ("(heart[ti] OR drugs[ab]) AND nothing[ab]", [1]),
    ],
)
def test_records_that_a_query_holds_of(text: str, found: list[int]) -> None:
    """Phrases, endings, narrower headings, nearness, years and operators."""
    searcher = Searcher(RECORDS, {"heart failure": ["shock, cardiogenic"]})
    assert list(rows_in(searcher.find(parse_pubmed(text).query))) == found


def test_built_from_seeds() -> None:
    """Blocks find the seeds and papers like them, leave others out, and are the same again."""
    records = [
        SearchedRecord(str(i), f"Bisoprolol trial {i} in heart failure", "We treated chronic heart failure.")
        if i < 30
        else SearchedRecord(str(i), f"Outsourcing survey {i}", f"Software requirements of company {i % 7}.")
        for i in range(400)
    ]
    searcher = Searcher(records)
    blocks = build("Beta blockers for heart failure", [0, 1, 2], searcher)
    query = joined("AND", [block.query for block in blocks])
    assert list(rows_in(searcher.find(query))) == list(range(30))
    assert build("Beta blockers for heart failure", [0, 1, 2], searcher) == blocks
    with pytest.raises(UsageError, match="no word"):
        build("?", [], searcher)


def test_commands(tmp_path: Path) -> None:
    """``query build`` counts in the library; ``query check`` and ``eval boolean`` print their objects."""
    with Library(Settings(library=tmp_path / "library", embedder="hash"), create=True) as library:
        for number in range(12):
            library.catalogue.put(random_parcel(number))
        title = next(iter(library.catalogue.documents())).title
    seeds, strategy = tmp_path / "seeds.txt", tmp_path / "strategy.txt"
    seeds.write_text(f"{title}\n10.9999/nowhere\n", encoding="utf-8")
    strategy.write_text("(a[ti] OR b[ti]", encoding="utf-8")
    run = CliRunner().invoke
    built = json.loads(
        run(
            app,
            [
                "query",
                "build",
                title,
                "--seeds",
                str(seeds),
                "--for",
                "pubmed",
                "--json",
                "--library",
                str(tmp_path / "library"),
            ],
        ).stdout
    )
    assert built["query"]
    assert built["lines"][0]["count"] >= 1
    assert built["seeds_unknown"] == ["10.9999/nowhere"]
    checked = run(app, ["query", "check", str(strategy), "--for", "wos", "--json"])
    assert (checked.exit_code, json.loads(checked.stdout)["printed"]) == (1, "TI=(a) OR TI=(b)")
    (tmp_path / "topics.jsonl").write_text(
        json.dumps({"title": "heart failure", "query": "heart[ti]", "included": ["1"], "seeds": ["1"]})
    )
    (tmp_path / "records.jsonl").write_text(
        "\n".join(json.dumps({"id": r.id, "title": r.title, "abstract": r.abstract}) for r in RECORDS)
    )
    figures = json.loads(
        run(
            app,
            ["eval", "boolean", str(tmp_path / "topics.jsonl"), str(tmp_path / "records.jsonl"), "--json"],
        ).stdout
    )
    assert (figures["equal"], figures["equal_sets"], figures["built"], figures["recall"]) == (1, 1, 1, 1.0)


def test_group_is_no_term() -> None:
    """One operand alone is itself; a first operand of the same operator is taken apart."""
    a, b, c = Term("a"), Term("b"), Term("c")
    assert joined("OR", [a]) == a
    assert joined("OR", [Group("OR", (a, b)), c]) == Group("OR", (a, b, c))
