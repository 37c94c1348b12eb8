"""How the predicates of statements read, from either end, in English and Chinese.

Knows words only; which kinds a predicate joins is ``ingest.statements.predicates``' business. A predicate of
another origin (a language model's) reads as it is named.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands between subject and object, and between object and subject."""

    reads: str
    inverse: str
    reads_zh: str
    inverse_zh: str


READINGS = {
    "treats": Reading("treats", "is treated by", "治疗", "由其治疗"),
    "prevents": Reading("prevents", "is prevented by", "预防", "由其预防"),
    "diagnoses": Reading("detects", "is detected by", "检出", "由其检出"),
    "predisposes": Reading("is a risk factor for", "has as risk factor", "是其危险因素", "的危险因素为"),
    "causes": Reading("causes", "is caused by", "引起", "由其引起"),
    "complicates": Reading("complicates", "is complicated by", "并发于", "并发"),
    "manifestation_of": Reading("is a sign of", "shows as", "是其表现", "表现为"),
    "infects": Reading("infects", "is infected by", "感染", "被其感染"),
    "administered_to": Reading("is given to", "is given", "给予", "接受"),
    "occurs_in": Reading("occurs in", "has", "见于", "有"),
    "location_of": Reading("is the place of", "is in", "是其部位", "位于"),
    "part_of": Reading("is part of", "has part", "属于其一部分", "含有"),
    "isa": Reading("is a", "has as kind", "是一种", "包括"),
    "produces": Reading("produces", "is produced by", "产生", "由其产生"),
    "converts_to": Reading("becomes", "comes from", "转化为", "来自"),
    "increases": Reading("increases", "is increased by", "增加", "由其增加"),
    "decreases": Reading("decreases", "is decreased by", "减少", "由其减少"),
    "interacts_with": Reading("interacts with", "interacts with", "与之相互作用", "与之相互作用"),
    "affects": Reading("affects", "is affected by", "影响", "受其影响"),
    "associated_with": Reading("is associated with", "is associated with", "与之相关", "与之相关"),
    "coexists_with": Reading("occurs together with", "occurs together with", "与之并存", "与之并存"),
    "precedes": Reading("precedes", "follows", "先于", "后于"),
    "predicts": Reading("predicts", "is predicted by", "预测", "由其预测"),
    "measures": Reading("measures", "is measured by", "测量", "由其测量"),
    "method_of": Reading("is a method of", "has as method", "是其方法", "的方法为"),
    "uses": Reading("uses", "is used by", "使用", "被其使用"),
    "requires": Reading("requires", "is required by", "需要", "为其所需"),
    "enables": Reading("supports", "is supported by", "支持", "由其支持"),
    "provides": Reading("provides", "is provided by", "提供", "由其提供"),
    "resists": Reading("resists", "is resisted by", "抵抗", "被其抵抗"),
    "compared_with": Reading("is compared with", "is compared with", "与之比较", "与之比较"),
    "higher_than": Reading("is higher than", "is lower than", "高于", "低于"),
    "better_than": Reading("does better than", "does worse than", "优于", "劣于"),
    "differs_from": Reading("differs from", "differs from", "不同于", "不同于"),
}
SYMMETRIC = frozenset(("associated_with", "coexists_with", "interacts_with", "compared_with", "differs_from"))
"""Predicates that say the same from either end."""


def reading(predicate: str, inverse: bool = False, language: str = "en") -> str:
    """How a predicate reads.

    >>> reading("treats"), reading("treats", inverse=True)
    ('treats', 'is treated by')
    """
    known = READINGS.get(predicate)
    if known is None:
        name = predicate.replace("_", " ")
        return f"{name} (←)" if inverse else name
    if language == "zh":
        return known.inverse_zh if inverse else known.reads_zh
    return known.inverse if inverse else known.reads
