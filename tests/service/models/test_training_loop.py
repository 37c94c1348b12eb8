"""The encoder's training can be stopped and taken up again: a checkpoint holds all that the next run
needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

if TYPE_CHECKING:
    from kgrag.train.steps.encoder import Pair

# only training needs torch; the full install of `make test` has it, so nothing is skipped there
pytestmark = pytest.mark.skipif(find_spec("torch") is None, reason="the extra `torch` is not installed")


def pools(_: int) -> Iterator[list[Pair]]:
    from kgrag.train.steps.encoder import Pair

    claim, evidence = np.arange(2000, 2004), np.arange(3000, 3006)
    yield [Pair(claim, evidence, target) for target in (0, 1, 2, 3)]


def test_a_run_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    """The second run starts with the steps, the time and the running mean of the first; without time left it
    saves what it found.
    """
    import torch

    from kgrag.train.steps.base import read_base
    from kgrag.train.steps.loop import train

    base = read_base(None, 3)
    first: list[dict[str, np.ndarray]] = []
    again: list[dict[str, np.ndarray]] = []
    state = tmp_path / "state.pt"
    train(base, pools, 0.002, first.append, batch_size=4, state=state)
    kept = torch.load(state, weights_only=True)["at"]
    train(base, pools, 0.002, again.append, batch_size=4, state=state)
    assert kept["step"] >= 1
    assert kept["epoch"] >= 1
    assert kept["spent"] >= 0.12
    assert all(np.array_equal(value, again[0][name]) for name, value in first[-1].items())
    assert torch.load(state, weights_only=True)["at"]["step"] == kept["step"]
