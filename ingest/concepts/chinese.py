"""The concepts and statements of a Chinese document: runs of nouns that recur or stand in the title, author
keywords, defined terms and tagged medical names.

Knows words cut with their parts of speech, and which words abstracts of all disciplines use. Does not know
English sentences.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from ingest.concepts.document import METHOD, Found, is_aside
from ingest.text.abbreviations import find_abbreviations
from kgrag.language.phrase_keys import concept_id, phrase_key
from kgrag.language.wordlists import ordered_words
from kgrag.language.words import has_han
from kgrag.models.kinds import UNKNOWN
from kgrag.types import Document, Entity, Mention, Passage, Stance, Statement

LONGEST, MOST_WORDS, FEW = 14, 4, 2
N_COMMON, N_VERY_COMMON = 900, 250
_INSIDE = ("n", "nz", "vn", "ng", "nt", "l", "j", "eng", "b", "an", "v", "k", "nrt", "nr", "ns", "a")
_ACTS = ("v", "a", "l", "b")
_LAST = ("n", "nz", "vn", "ng", "nt", "l", "j", "eng", "an", "nrt", "ns", "nr", "k", "v")
_CORE = ("n", "nz", "vn", "nt", "j", "eng", "l", "an", "nr", "ns", "nrt", "b")
_ONE = frozenset("的与和及其在对是为了中上下等从由以于不有无各该此")
_KINDS = {
    "Disease": "disease",
    "Symptom": "disease",
    "Drug": "chemical",
    "Procedure": "method_or_instrument",
    "Test": "method_or_instrument",
    "Body part": "anatomy_or_cell",
}
_ENDINGS = (
    ("disease", "病 症 癌 瘤 炎 综合征 感染 损伤 障碍 肿瘤 衰竭"),
    ("chemical", "酸 酮 素 剂 药 药物 醇 酯 盐 化合物 合金 涂层 溶液"),
    ("gene_or_protein", "基因 蛋白 酶 受体 抗体 因子"),
    ("organism", "菌 病毒 植物 动物 大鼠 小鼠 昆虫 作物"),
    ("anatomy_or_cell", "细胞 组织 肌 骨 神经 血管 器官"),
    ("method_or_instrument", "法 方法 算法 模型 技术 仪 疗法 手术 试验 控制器 检测 测定 传感器 分析"),
    ("software", "软件 平台 信息系统 管理系统 搜索引擎"),
    ("dataset_or_cohort", "数据库 数据集 语料库 年鉴"),
    ("measure_or_outcome", "率 度 量 指数 系数 强度 水平 值 效率 性能"),
    ("population", "患者 学生 教师 居民 儿童 农民 老年人 读者 用户 妇女"),
    ("place", "省 市 县 地区 盆地 流域 高原"),
    ("organisation", "图书馆 大学 医院 学院 企业 公司 银行 政府 机构"),
    ("process", "过程 反应 生长 代谢 迁移 发育 演化 机制 教育 合作 创新"),
)
_RELATIONS: tuple[tuple[str, str], ...] = (
    ("decreases", "抑制|阻断|降低|减少|减轻|削弱|下调"),
    ("increases", "提高|促进|增强|增加|提升|上调|改善"),
    ("causes", "导致|引起|诱发|诱导|造成"),
    ("treats", "治疗"),
    ("prevents", "预防|防止|避免"),
    ("affects", "影响|调节|调控|制约"),
    ("associated_with", "与.{0,12}(?:相关|有关)"),
    ("uses", "采用|利用|运用|使用"),
    ("part_of_r", "包括|包含|由.{0,8}组成"),
)
_DENIED = re.compile(r"不能|未能|没有|未见|并不|不会|无法|未|无明显|无显著")
_ASKED = re.compile(r"是否|探讨|目的|旨在|拟|探究|[？?]|尚不清楚|尚不明确|有待")
_HEDGED = re.compile(r"可能|或许|也许|似乎|推测|有望|潜在")
_OTHERS = re.compile(r"等(?:认为|报道|发现|指出)|据报道|已有研究|有学者|以往研究|前人研究|文献报道")
MAX_GAP = 16
_NUMBER = re.compile(r"^\d|\d+(?:kg|mm|cm|m|g|%)|[年月日]$|^[A-Za-z]{1,2}$")


@dataclass(slots=True)
class _Term:
    forms: Counter[str] = field(default_factory=Counter)
    places: list[tuple[Passage, int, int, int]] = field(default_factory=list)
    prominent: bool = False
    whole: bool = False
    kind: str | None = None


def find_chinese(
    document: Document, passages: Sequence[Passage], tagged: Mapping[str, str]
) -> tuple[Found, tuple[Statement, ...]]:
    """Concepts with mentions, and what is said between two of one clause.

    Args:
        document: its title and keywords name what matters.
        passages: in order.
        tagged: the tagger's kind of each name that it found.
    """
    prose = [p for p in passages if not is_aside(p)]
    terms = _counted(prose)
    title = {text for text, _, _, _ in _runs(document.record.title or "") if _is_worth(text, terms)}
    for text, term in terms.items():
        term.prominent = text in title or text in document.record.keywords
        term.kind = _KINDS.get(tagged[text], UNKNOWN) if text in tagged else None
    kept = {text: term for text, term in terms.items() if _is_concept(text, term)}
    kept = {text: term for text, term in kept.items() if term.prominent or not _is_inner(text, term, kept)}
    found = _found(prose, kept)
    return found, tuple(_statements(prose, found))


def _runs(text: str) -> Iterator[tuple[str, int, int, bool]]:
    """Every stretch of up to ``MOST_WORDS`` words of one run of nouns that may be a term: text,
    start, end, and whether it is the whole run.
    """
    import rjieba

    place, run = 0, []
    for word, part in [*rjieba.tag(text), ("", "x")]:
        if part in _INSIDE and word not in _ONE and word.strip() and not (part in _ACTS and _is_common(word)):
            run.append((word, part, place))
        else:
            yield from _stretches(run, text)
            run = []
        place += len(word)


def _stretches(run: Sequence[tuple[str, str, int]], text: str) -> Iterator[tuple[str, int, int, bool]]:
    for a in range(len(run)):
        for b in range(a, min(a + MOST_WORDS, len(run))):
            start, end = run[a][2], run[b][2] + len(run[b][0])
            if 2 <= end - start <= LONGEST and run[b][1] in _LAST and _may_begin(run[a], a == b):
                yield text[start:end], start, end, b - a + 1 == len(run)


def _is_worth(text: str, terms: dict[str, _Term]) -> bool:
    """Whether what the title names is a term of its text: a whole run there, or twice."""
    term = terms.get(text)
    return term is not None and (term.whole or len(term.places) >= FEW or len(_words(text)) == 1)


def _may_begin(word: tuple[str, str, int], alone: bool) -> bool:
    return word[1] in _CORE or (not alone and word[1] in ("a", "v", "m"))


def _counted(passages: Sequence[Passage]) -> dict[str, _Term]:
    terms: dict[str, _Term] = {}
    number = 0
    for passage in passages:
        for sentence in passage.sentences:
            number += 1
            for text, start, end, whole in _runs(passage.text[sentence.start : sentence.end]):
                term = terms.setdefault(text, _Term())
                term.whole |= whole and passage.kind == "abstract"
                term.forms[text] += 1
                term.places.append((passage, sentence.start + start, sentence.start + end, number))
    return terms


def _is_concept(text: str, term: _Term) -> bool:
    words = _words(text)
    if _NUMBER.search(text):
        return False
    common = [_rank(word) for word in words]
    if len(words) == 1 and common[0] < N_COMMON:
        return False
    if min(common) < N_VERY_COMMON and all(rank < N_COMMON for rank in common):
        return False
    if len(words) > 1 and (common[0] < N_VERY_COMMON and words[0] not in ("数据", "信息", "系统")):
        return False
    if term.prominent or term.kind is not None or len(term.places) >= FEW:
        return True
    return term.whole and (len(words) > 1 or common[0] >= N_COMMON)


def _is_inner(text: str, term: _Term, kept: dict[str, _Term]) -> bool:
    """Whether a term stands only inside one longer term."""
    return any(
        text != other and text in other and len(longer.places) >= len(term.places)
        for other, longer in kept.items()
    )


def _words(text: str) -> list[str]:
    import rjieba

    return list(rjieba.cut(text))


def _rank(word: str) -> int:
    """The word's place among common words; beyond them where it is none."""
    return _ranks().get(word, N_COMMON)


def _is_common(word: str) -> bool:
    return word in _ranks()


@cache
def _ranks() -> dict[str, int]:
    return {word: place for place, word in enumerate(ordered_words("common_chinese", __file__))}


def _found(passages: Sequence[Passage], kept: dict[str, _Term]) -> Found:
    aliases: dict[str, set[str]] = {}
    for passage in passages:
        for item in find_abbreviations(passage.text):
            if item.long in kept:
                aliases.setdefault(item.long, set()).add(item.short)
    concepts, mentions = [], []
    for text in sorted(kept):
        identifier = concept_id(phrase_key(text) or text)
        kind = kept[text].kind or _kind(text)
        concepts.append(Entity(identifier, text, kind, tuple(sorted(aliases.get(text, ())))))
        mentions += [Mention(identifier, p.id, start, end, METHOD) for p, start, end, _ in kept[text].places]
    unique = {one.id: one for one in concepts}
    order = {passage.id: i for i, passage in enumerate(passages)}
    mentions.sort(key=lambda m: (order[m.passage_id], m.start, m.end))
    return Found(tuple(unique[i] for i in sorted(unique)), tuple(mentions))


def _kind(text: str) -> str:
    if not has_han(text):
        return UNKNOWN
    return next((k for k, ends in _ENDINGS if any(text.endswith(end) for end in ends.split())), UNKNOWN)


def _statements(passages: Sequence[Passage], found: Found) -> Iterator[Statement]:
    by: dict[str, list[Mention]] = {}
    for mention in found.mentions:
        by.setdefault(mention.passage_id, []).append(mention)
    for passage in passages:
        longest = _longest(by.get(passage.id, []))
        for sentence in passage.sentences:
            inside = [m for m in longest if sentence.start <= m.start and m.end <= sentence.end]
            for left, right in itertools.pairwise(inside):
                gap = passage.text[left.end : right.start]
                relation = _between(gap) if left.entity_id != right.entity_id else None
                if relation:
                    text = passage.text[sentence.start : sentence.end]
                    subject, object_ = (right, left) if relation.endswith("_r") else (left, right)
                    yield Statement(
                        f"s:{passage.id}/{left.start}-{right.end}/{relation}",
                        subject.entity_id,
                        relation.removesuffix("_r"),
                        object_.entity_id,
                        passage.id,
                        sentence.start,
                        sentence.end,
                        "negative" if _DENIED.search(gap) else "positive",
                        "pattern",
                        0.65,
                        _modality(text),
                    )


def _longest(mentions: Sequence[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _between(gap: str) -> str | None:
    if len(gap) > MAX_GAP or re.search(r"[，。；,;]", gap):
        return None
    return next((name for name, verbs in _RELATIONS if re.search(verbs, gap)), None)


def _modality(sentence: str) -> Stance:
    signs: tuple[tuple[re.Pattern[str], Stance], ...] = (
        (_ASKED, "asked"),
        (_HEDGED, "hedged"),
        (_OTHERS, "of others"),
    )
    return next((name for pattern, name in signs if pattern.search(sentence)), "asserted")
