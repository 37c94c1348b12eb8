"""A question in one language is answered from papers in the other, or says which are near."""

from __future__ import annotations

import pytest

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.library import Library
from kgrag.settings import Settings
from kgrag.types import Filters

RECORDS = """TY  - JOUR
TI  - 图书馆RFID智能管理系统述评
AU  - 王伟
PY  - 2013
LA  - chi
AB  - RFID系统提高了图书馆的服务效率。但新技术也存在不成熟的问题,主要体现在防盗功能等方面。
ER  -

TY  - JOUR
TI  - 绿茶保鲜品质研究
AU  - 李娜
PY  - 2012
LA  - chi
AB  - 绿茶包装240d后,维生素C和茶多酚的保留量高于普通包装绿茶。包装材料对绿茶的品质有显著影响。
ER  -

TY  - JOUR
TI  - Sleep and memory in nurses on night shift
AU  - Hale, Mirta
PY  - 2011
AB  - We studied the sleep of 140 nurses. Night work reduced the sleep of nurses by two hours and impaired
 their memory. We conclude that night work harms memory.
ER  -
"""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    """Over two Chinese records and an English one."""
    place = tmp_path_factory.mktemp("across")
    (place / "three.ris").write_text(RECORDS, "utf-8")
    library = Library(Settings(library=place / "library"), create=True)
    ingest(library, [place / "three.ris"])
    return Asker(library)


@pytest.mark.parametrize(
    ("question", "language", "title"),
    [
        ("What problems does RFID have in libraries?", "en", "图书馆RFID智能管理系统述评"),
        ("护士夜班对睡眠有什么影响？", "zh", "Sleep and memory in nurses on night shift"),
    ],
)
def test_answered_from_the_other_language(asker: Asker, question: str, language: str, title: str) -> None:
    """With the words that were searched, in the language of the question, and no verdict of yes or no."""
    answer = asker.ask(question)
    assert answer.status == "answered"
    assert answer.language == language
    assert {item.document.title for claim in answer.claims for item in claim.evidence} == {title}
    assert answer.understood is not None
    assert any(why == "dictionary CC-CEDICT" for _, _, why in answer.understood.repairs)


@pytest.mark.parametrize(
    "question",
    ["How are quantum computers cooled?", "宋代瓷器的釉料成分是什么？", "What did nurses in Peru eat?"],
)
def test_silent_where_no_paper_has_the_words(asker: Asker, question: str) -> None:
    """A passage with half of the words is about something else."""
    assert asker.ask(question).status == "abstained"


def test_a_search_kept_to_one_language_stays_there(asker: Asker) -> None:
    """The filter of the person outweighs."""
    answer = asker.ask("What problems does RFID have in libraries?", filters=Filters(languages=("en",)))
    assert answer.status == "abstained"
