"""The form of the question plans the answer: a cause first, a named paper in its parts, a gap by its name."""

from __future__ import annotations

import pytest

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.render.as_text import answer_as_text
from kgrag.settings import Settings
from ui.html.answer import turn_html

RECORDS = """TY  - JOUR
TI  - Badger setts along the chalk ridge
AU  - Hale, Mirta
PY  - 2011
AB  - We aimed to count badger setts along the chalk ridge. We surveyed 140 badgers by night. Badger numbers
 fell from 140 to 90 between 2001 and 2010. Building of the bypass explained most of the fall, because it cut
 the paths. We conclude that tunnels under roads should be built.
ER  -

TY  - JOUR
TI  - Badger diet in orchards
AU  - Orme, Pieter
PY  - 2014
AB  - Badgers ate windfall apples in half of all autumn meals. Badger numbers may rise further in orchards.
ER  -
"""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Over two papers."""
    place = tmp_path_factory.mktemp("plans")
    (place / "two.ris").write_text(RECORDS, "utf-8")
    library = Library(Settings(library=place / "library"), create=True)
    ingest(library, [place / "two.ris"])
    return Asker(library)


def test_a_cause_comes_first_where_a_reason_is_asked_for(asker: Asker) -> None:
    """Not the sentence that is nearest by its words."""
    answer = asker.ask("Why did the badger numbers fall?")
    assert answer.claims[0].text.startswith("Building of the bypass explained most of the fall")


def test_a_paper_named_by_its_title_is_summarised(asker: Asker) -> None:
    """Its aim, sample and conclusion, and nothing of another paper."""
    answer = asker.ask("What does the paper Badger setts along the chalk ridge say?")
    said = [claim.text for claim in answer.claims]
    assert said[0].startswith("We aimed to count")
    assert said[-1] == "We conclude that tunnels under roads should be built."
    assert len(set(said)) == len(said)
    assert {e.document.title for c in answer.claims for e in c.evidence} == {
        "Badger setts along the chalk ridge"
    }
    plain = answer_to_json(answer)
    assert [part["heading"] for part in plain["sections"]][::2] == ["Aim"]
    assert sorted(i for part in plain["sections"] for i in part["claims"]) == sorted(
        claim["id"] for claim in plain["claims"]
    )
    assert "Aim:\nWe aimed to count" in answer_as_text(plain)
    assert "<h3 class='kg-heading'>Conclusion</h3>" in turn_html(plain, 0, "en")


def test_a_part_without_an_answer_is_named(asker: Asker) -> None:
    """The other part is answered."""
    answer = asker.ask("What does Badger diet in orchards say and what is blockchain sharding?")
    assert answer.claims
    assert answer.missing == ("What is blockchain sharding?",)
    plain = answer_to_json(answer)
    assert "Nothing was found on: What is blockchain sharding?" in answer_as_text(plain)
    assert "Nothing was found on: What is blockchain sharding?" in turn_html(plain, 0, "en")
