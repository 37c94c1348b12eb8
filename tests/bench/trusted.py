"""Issue D: what may be trusted over a library: quotes, the promise of α, silence where evidence is missing,
no silence on hard topics, sameness.

Run: ``python -m tests.bench.trusted [N] [DATA]`` (default 300 questions). Two parts, each one JSON object:

- *library*: PubMedQA's contexts as records; two thirds of the documents are in. Questions of documents that
  are in must be answered, the others' abstained from; every quote is its passage's text at its span; the
  first 20 questions are asked twice; every stored answer is read back byte for byte; 100 sensitive topics (50
  English, 50 Chinese) must get search results: for these the library has 300 Chinese abstracts too, put in
  after the questions.
- *curve*: labelled claims are verified against the evidence they came with; for α = .05, .10, .20 the share
  shown and the share of these that the labels call unsupported. The claims of ExpertQA are sentences that
  real systems answered. ExpertQA and SciFact were trained on in part (development figures); AttributionBench
  and HealthVer never.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.run import ingest
from kgrag.ask.asker import Asker
from kgrag.catalogue.answers import stored_text
from kgrag.evaluate.claims import canonical
from kgrag.evaluate.lines import as_texts, read_lines
from kgrag.library import Library
from kgrag.render.as_json import answer_to_json
from kgrag.search.understand import understand
from kgrag.settings import Settings
from kgrag.verify.calibrate import threshold_for
from kgrag.verify.model import DefaultVerifier
from tests.bench.laws import quote_holds

DATA = Path(__file__).parents[2].parent / "shared" / "data"
ALPHAS = (0.05, 0.10, 0.20)
ENGLISH = (
    "Tulsa race massacre",
    "suicide prevention among adolescents",
    "suicide methods and means restriction",
    "heroin overdose treatment",
    "cocaine use in pregnancy",
    "history of lynching",
    "sexual assault of students",
    "child abuse reporting",
    "domestic violence screening",
    "genocide in Rwanda",
    "Holocaust survivors",
    "terrorism and mental health",
    "mass shootings",
    "gun violence in cities",
    "abortion access",
    "female genital mutilation",
    "HIV among sex workers",
    "torture survivors",
    "self-harm in prisons",
    "euthanasia and assisted dying",
    "opioid addiction",
    "cannabis legalisation",
    "human trafficking",
    "slavery and colonial archives",
    "war crimes tribunals",
    "nuclear weapons testing",
    "chemical weapons exposure",
    "police brutality",
    "political extremism online",
    "election fraud claims",
    "eating disorders in athletes",
    "alcohol poisoning",
    "drug smuggling",
    "child soldiers",
    "forced sterilisation",
    "racism in medicine",
    "homophobic bullying",
    "transgender health care",
    "refugee deaths",
    "hate speech moderation",
    "apartheid history",
    "pornography and adolescents",
    "bomb blast injuries",
    "death penalty",
    "infanticide",
    "bullying and suicide",
    "methamphetamine psychosis",
    "intimate partner homicide",
    "religious violence",
    "revolution and censorship",
)
CHINESE = (
    "自杀预防",
    "青少年自残",
    "毒品成瘾治疗",
    "海洛因过量",
    "家庭暴力",
    "性侵害受害者",
    "儿童虐待",
    "种族屠杀历史",
    "战争罪行",
    "恐怖主义心理创伤",
    "枪支暴力",
    "堕胎政策",
    "艾滋病与性工作者",
    "酷刑幸存者",
    "安乐死",
    "大麻合法化",
    "人口贩卖",
    "奴隶制档案",
    "核武器试验",
    "化学武器",
    "警察暴力",
    "政治极端主义",
    "选举舞弊",
    "厌食症",
    "酒精中毒",
    "走私毒品",
    "童兵",
    "强制绝育",
    "医学种族主义",
    "校园霸凌",
    "跨性别医疗",
    "难民死亡",
    "仇恨言论",
    "种族隔离",
    "色情与青少年",
    "爆炸伤",
    "死刑",
    "杀婴",
    "冰毒精神病",
    "亲密伴侣谋杀",
    "宗教暴力",
    "革命与审查制度",
    "政治运动史",
    "饥荒与死亡",
    "抑郁与自杀",
    "监狱自杀",
    "吸毒与怀孕",
    "战俘",
    "慰安妇历史",
    "反犹主义",
)


def library_part(data: Path, n: int, place: Path) -> dict[str, Any]:
    """Fill a library with two thirds of the documents, ask about all."""
    rows = read_lines(data / "qa" / "pubmedqa_train500.jsonl", ("id", "question", "contexts"))[:n]
    folder = place / "records"
    folder.mkdir()
    inside = [number % 3 != 2 for number in range(len(rows))]
    for row, held in zip(rows, inside, strict=True):
        if held:
            text = " ".join(" ".join(row["contexts"]).split())
            (folder / f"{row['id']}.ris").write_text(
                f"TY  - JOUR\nTI  - {text[:70]}\nAB  - {text}\nAN  - {row['id']}\nER  - \n", encoding="utf-8"
            )
    with Library(Settings(library=place / "library", extractors=()), create=True) as library:
        ingest(library, [folder])
        asker = Asker(library)
        tally: Counter[str] = Counter()
        for number, (row, held) in enumerate(zip(rows, inside, strict=True)):
            plain = answer_to_json(asker.ask(row["question"]))
            where = "in" if held else "removed"
            tally[f"{where}, asked"] += 1
            tally[f"{where}, abstained"] += plain["status"] == "abstained"
            quotes = [evidence for claim in plain["claims"] for evidence in claim["evidence"]]
            tally["claims"] += len(plain["claims"])
            tally["verdicts given"] += "verdict" in plain
            tally["claims without an exact quote"] += sum(
                not claim["evidence"] for claim in plain["claims"]
            ) + sum(not quote_holds(library, quote) for quote in quotes)
            tally["read back otherwise"] += stored_text(library.catalogue, plain["id"]) != json.dumps(
                plain, ensure_ascii=False
            )
            if number < 20:
                again = answer_to_json(asker.ask(row["question"]))
                tally["asked twice"] += 1
                tally["answered otherwise"] += any(
                    again[name] != plain[name] for name in ("id", "text", "claims", "status", "candidates")
                )
        ingest(library, [chinese_records(data, place)])
        for topic in (*ENGLISH, *CHINESE):
            tally["sensitive topics"] += 1
            tally["sensitive topics with results"] += bool(
                asker.retriever.search(understand(topic, library), top_k=10)
            )
    return {
        "part": "library",
        "documents": sum(inside),
        **{name: tally[name] for name in sorted(tally)},
        "removed_abstained": round(tally["removed, abstained"] / max(tally["removed, asked"], 1), 3),
        "in_abstained": round(tally["in, abstained"] / max(tally["in, asked"], 1), 3),
    }


def chinese_records(data: Path, place: Path) -> Path:
    """300 Chinese abstracts as one file of records."""
    with (data / "papers" / "zh_abstracts.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for _, line in zip(range(300), lines, strict=False)]
    path = place / "chinese.ris"
    texts = [" ".join(str(row.get("abstract") or row.get("text")).split()) for row in rows]
    path.write_text(
        "\n".join(f"TY  - JOUR\nTI  - {text[:30]}\nAB  - {text}\nER  - \n" for text in texts),
        encoding="utf-8",
    )
    return path


def curve_part(path: Path, n: int, verifier: DefaultVerifier) -> dict[str, Any]:
    """The promise of α on labelled claims."""
    rows = read_lines(path, ("claim", "evidence", "label"))
    rows = rows[:: max(len(rows) // n, 1)][:n]
    verdicts = verifier.verify([row["claim"] for row in rows], [as_texts(row["evidence"]) for row in rows])
    supported = [canonical(row["label"]) == "supported" for row in rows]
    return {
        "part": "curve",
        "file": path.name,
        "n": len(rows),
        "unsupported": round(1 - sum(supported) / len(rows), 3),
        "alphas": [
            _at(
                alpha,
                [(v.label == "supported" and v.score >= threshold_for(alpha)) for v in verdicts],
                supported,
            )
            for alpha in ALPHAS
        ],
    }


def _at(alpha: float, shown: Sequence[bool], supported: Sequence[bool]) -> dict[str, float]:
    wrong = sum(s and not good for s, good in zip(shown, supported, strict=True))
    return {
        "alpha": alpha,
        "threshold": round(threshold_for(alpha), 3),
        "shown": round(sum(shown) / len(shown), 3),
        "unsupported_of_shown": round(wrong / max(sum(shown), 1), 3),
    }


def main() -> None:
    """Both parts."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    data = Path(sys.argv[2]) if len(sys.argv) > 2 else DATA
    verifier = DefaultVerifier()
    for name in ("expertqa", "scifact_train", "attributionbench_dev", "healthver_dev"):
        print(json.dumps(curve_part(data / "claims" / f"{name}.jsonl", n, verifier)), flush=True)
    with tempfile.TemporaryDirectory() as place:
        print(json.dumps(library_part(data, n, Path(place)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
