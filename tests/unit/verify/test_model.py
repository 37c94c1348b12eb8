"""The shipped verifier and its parts: selection, encoder file, verdicts in English and Chinese."""

from __future__ import annotations

import numpy as np
import pytest

from kgrag.errors import NotFound
from kgrag.models.minilm import load_tokenizer, load_weights
from kgrag.verify.encoder import GROUP, POSITIONS, WORDS, pack, unpack
from kgrag.verify.features import NAMES
from kgrag.verify.model import FOLDER, DefaultVerifier, tempered
from kgrag.verify.select import MAX_CLAIM, MAX_EVIDENCE, Selector

EVIDENCE = (
    "We ran a trial with 300 adults. Aspirin reduced the risk of stroke by 20% compared with placebo. "
    "Headaches did not differ between the groups. The study was funded by a university."
)


@pytest.fixture(scope="module")
def verifier() -> DefaultVerifier:
    return DefaultVerifier()


@pytest.fixture(scope="module")
def selector() -> Selector:
    return Selector(
        load_tokenizer(2048),
        load_weights()["embeddings.word_embeddings.weight"],
        np.load(FOLDER / "idf.npy").astype(np.float32),
    )


def test_the_sentence_that_says_it_is_selected_wherever_it_stands(selector: Selector) -> None:
    """Among 60 sentences in three texts the right one is the best, and its text's index is told."""
    filler = " ".join(f"The library holds {i} shelves of old newspapers and maps." for i in range(20))
    found = selector.select("Aspirin lowered stroke risk.", [filler, filler + " " + EVIDENCE, filler])
    assert "Aspirin reduced" in found.texts[found.best]
    assert found.origins[found.best] == 1
    assert found.n_sentences == 64


def test_selection_keeps_its_budget_and_the_order_of_the_text(selector: Selector) -> None:
    """Pieces stay within the limits for any length, and chosen sentences stand in the evidence's order."""
    found = selector.select("aspirin " * 200, [EVIDENCE * 30])
    assert len(found.claim) <= MAX_CLAIM
    assert len(found.evidence) <= MAX_EVIDENCE
    first = selector.select("Funded by a university, with 300 adults.", [EVIDENCE])
    positions = [EVIDENCE.index(text) for text in first.texts]
    assert positions == sorted(positions)


def test_packing_is_exact_to_its_codes() -> None:
    """Unpacked tensors differ from the originals by at most half a code, and packing them again changes
    nothing.
    """
    rng = np.random.default_rng(0)
    tensors = {
        "layer.weight": rng.normal(size=(8, 16)).astype(np.float32),
        "layer.bias": rng.normal(size=8).astype(np.float32),
    }
    packed = pack(tensors)
    again = unpack(packed)
    assert (
        np.abs(again["layer.weight"] - tensors["layer.weight"]).max()
        <= np.abs(tensors["layer.weight"]).max() / 127
    )
    assert np.array_equal(pack(again)["layer.weight:codes"], packed["layer.weight:codes"])


def test_word_vectors_are_packed_to_four_bits() -> None:
    """A word vector comes back to half a code of its group, in a quarter of the bytes of 16 bits; positions
    that are never read are left out.
    """
    table = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float32)
    packed = pack({WORDS: table, POSITIONS: np.ones((512, 384), np.float32)})
    again = unpack(packed)
    groups, rounded = table.reshape(-1, GROUP), again[WORDS].reshape(-1, GROUP)
    assert (np.abs(groups - rounded).max(axis=1) <= np.abs(groups).max(axis=1) / 13.9).all()
    assert packed[WORDS + ":nibbles"].nbytes == table.size // 2
    assert len(again[POSITIONS]) == MAX_CLAIM + MAX_EVIDENCE + 3


def test_a_quote_scores_above_its_opposite_and_above_another_subject(verifier: DefaultVerifier) -> None:
    """The order that everything rests on."""
    claims = [
        "Aspirin reduced the risk of stroke by 20% compared with placebo.",
        "Aspirin increased the risk of stroke by 20% compared with placebo.",
        "Bees communicate by dancing.",
    ]
    quote, opposite, other = verifier.verify(claims, [[EVIDENCE]] * 3)
    assert quote.label == "supported"
    assert quote.score > opposite.score
    assert quote.score > other.score
    assert other.label != "supported"
    assert "direction" in opposite.checks


@pytest.mark.parametrize(
    "edited",
    [
        "Aspirin reduced the risk of stroke by 35% compared with placebo.",
        "Aspirin increased the risk of stroke by 20% compared with placebo.",
        "Aspirin did not reduce the risk of stroke by 20% compared with placebo.",
    ],
)
def test_an_edited_fact_never_passes(verifier: DefaultVerifier, edited: str) -> None:
    """A sentence of the evidence with its number, direction or negation changed is contradicted."""
    assert verifier.verify([edited], [[EVIDENCE]])[0].label == "contradicted"


def test_nothing_to_read_is_unsupported(verifier: DefaultVerifier) -> None:
    """No evidence, blank evidence, a blank claim, or only punctuation: unsupported, never an error."""
    verdicts = verifier.verify(
        ["Aspirin helps.", "Aspirin helps.", " ", "...", "Aspirin helps."],
        [[], ["", "  "], [EVIDENCE], [EVIDENCE], ["?!"]],
    )
    assert [v.label for v in verdicts[:3]] == ["unsupported"] * 3
    assert all(0 <= v.score <= 1 for v in verdicts)


def test_a_batch_equals_its_single_claims(verifier: DefaultVerifier) -> None:
    """Verdicts do not depend on what else is asked."""
    claims, evidence = (
        ["Aspirin reduced stroke.", "咖啡因提高记忆力。", "The trial had 300 adults."],
        [
            [EVIDENCE],
            ["研究显示咖啡因提高记忆力。"],
            [EVIDENCE, "x"],
        ],
    )
    together = verifier.verify(claims, evidence)
    alone = [verifier.verify([c], [e])[0] for c, e in zip(claims, evidence, strict=True)]
    assert together == alone


def test_chinese_claims_are_told_apart(verifier: DefaultVerifier) -> None:
    """A repeated sentence is supported, its negation is not."""
    evidence = [["一项研究显示，咖啡因提高记忆力。"]] * 2
    said, denied = verifier.verify(["咖啡因提高记忆力。", "咖啡因不能提高记忆力。"], evidence)
    assert said.label == "supported"
    assert said.score > denied.score


@pytest.mark.parametrize(
    "text",
    [
        "\x00\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "a" * 5000,
        "𝔘𝔫𝔦",
        "1" * 400,
        "ⅷ ½ ٣",
        "\n\n\t.",
    ],
)
def test_absurd_text_is_judged_without_error(verifier: DefaultVerifier, text: str) -> None:
    """Any Unicode, as claim and as evidence."""
    for verdict in verifier.verify([text, "Aspirin helps."], [[EVIDENCE], [text]]):
        assert 0 <= verdict.score <= 1


def test_features_are_finite_and_named(verifier: DefaultVerifier) -> None:
    """One column a name."""
    x, _, _ = verifier.measure(["Aspirin helps.", "x"], [[EVIDENCE], ["y"]])
    assert x.shape == (2, len(NAMES))
    assert np.isfinite(x).all()


def test_a_missing_model_names_the_command_that_trains_it(tmp_path: object) -> None:
    """NotFound says the folder and the next command."""
    with pytest.raises(NotFound, match=r"kgrag\.train\.verifier"):
        DefaultVerifier(tmp_path)  # type: ignore[arg-type]


def test_surety_above_one_half_needs_words_and_reading() -> None:
    """The label never changes; what is not covered, not read as support, or fails a check is held back; a
    copy and what lies below one half stay as they are.
    """
    x = np.zeros((6, len(NAMES)), np.float32)
    x[:, NAMES.index("coverage")] = (1.0, 0.3, 1.0, 1.0, 1.0, 0.7)
    x[:, NAMES.index("logit")] = (8.0, 8.0, -2.0, 8.0, 8.0, 0.0)
    x[:, NAMES.index("longest_run")] = (0.2, 0.2, 0.2, 0.9, 0.2, 0.8)
    x[3, NAMES.index("numbers_missing")] = 1
    close, uncovered, unread, failed, low, copied = tempered(np.array([0.9, 0.9, 0.9, 0.9, 0.3, 0.9]), x)
    assert close == pytest.approx(0.9, abs=1e-3)
    assert copied == 0.9
    assert all(0.5 < score < 0.8 for score in (uncovered, unread, failed))
    assert low == 0.3
