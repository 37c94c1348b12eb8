"""The ranker's file fits the features, and the graph counts only where something is linked."""

from __future__ import annotations

import numpy as np

from kgrag.language.question_form import read_form
from kgrag.language.words import content_words_unstemmed as content_words
from kgrag.language.words import word_stem
from kgrag.search.features import GRAPH_NAMES, NAMES, TEXT_NAMES
from kgrag.search.ranker import graph_share, load_ranker, standardised


def test_without_links_the_order_is_that_of_the_control() -> None:
    """A question that names no document and links nothing is ranked as if there were no graph."""
    chance = np.random.default_rng(0)
    text, graph = chance.random((30, len(TEXT_NAMES))), np.zeros((30, len(GRAPH_NAMES)))
    ranker = load_ranker()
    assert graph_share(text, graph) == 0.0
    assert np.array_equal(ranker.score(text, graph), standardised(ranker.score_text(text)))


def test_the_shipped_trees_read_only_features_that_exist() -> None:
    """Every split is on a named feature, every child is a node."""
    trees = load_ranker().graph_trees
    assert trees.feature.max() < len(NAMES)
    assert max(trees.left.max(), trees.right.max()) < trees.feature.shape[1]


def test_no_candidates_no_scores() -> None:
    """An empty library gives an empty ranking."""
    empty = load_ranker().score(np.zeros((0, len(TEXT_NAMES))), np.zeros((0, len(GRAPH_NAMES))))
    assert empty.shape == (0,)


def test_function_words_are_left_out_unless_there_is_nothing_else() -> None:
    """Content words keep their order and repeats."""
    assert content_words("Who is the father of the father of Ada?") == ["father", "father", "ada"]
    assert content_words("Who is he?") == ["who", "is", "he"]
    assert read_form("Which film is older, A or B?").side_by_side
    assert word_stem("directors")[:6] == word_stem("directed")[:6]
