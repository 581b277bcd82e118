"""Penalty: networks that must not move with what is marked."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import retrust as rt
from retrust.correction import corrected
from retrust.errors import OptionError, UnknownFeature
from retrust.penalising import penalty, regions

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")


class Halves:
    """Pictures whose left and right halves are words that all pictures share."""

    def represent(self, instance: Any) -> Any:
        labels = np.zeros(instance.shape[:2], dtype=int)
        labels[:, instance.shape[1] // 2 :] = 1
        seen = rt.Image(labels, backdrop="black").represent(instance)
        return replace(seen, features=(rt.Feature("left", "left"), rt.Feature("right", "right")))


def pictures(left: Any, right: Any) -> Any:
    """Make pictures (n, 2, 4) of two grey halves."""
    halves = np.stack([left, right], axis=1).astype(np.float32)
    return np.repeat(np.repeat(halves, 2, axis=1)[:, None], 2, axis=1)


DATA = rt.Dataset(pictures([0.1, 0.9], [0.2, 0.8]), [0, 1])
LEFT = rt.Ledger((rt.Mark("left"),))


def test_rows_stay_and_say_what_is_marked_in_them() -> None:
    told = rt.Penalty(strength=3).apply(DATA, rt.Ledger((rt.Mark("left", "label", label=1),)), Halves())
    assert told.X is DATA.X
    assert told.y is DATA.y
    assert told.marked == (frozenset(), frozenset({"left"}))
    assert told.strength == 3


def test_regions_are_the_pixels_of_the_marked_superpixels() -> None:
    told = rt.Penalty().apply(DATA, LEFT, Halves())
    assert regions(told, Halves())[1].tolist() == [[True, True, False, False]] * 2
    assert not regions(DATA, Halves()).any()
    assert regions(DATA, Halves()).shape == (2, 2, 4)


def test_pictures_of_different_sizes_have_no_common_regions() -> None:
    data = rt.Dataset([np.ones((2, 4)), np.ones((4, 4))], [0, 1])
    with pytest.raises(OptionError, match="different sizes; bring them to one size"):
        regions(data, Halves())


def test_what_a_trainer_would_be_told_is_said_and_shown() -> None:
    found = rt.Penalty(strength=3).describe(DATA, LEFT, Halves())
    assert found.sentences == (
        (
            "Penalty: all rows stay as they are; in 2 of 2 pictures the trainer is told what is marked, and punishes a "
            "network whose answer moves with it (strength 3)."
        ),
        "A trainer that does not read data.marked changes nothing.",
    )
    assert found.examples[0].after.tolist() == pytest.approx(np.array([[0, 0, 0.2, 0.2]] * 2))


def test_nothing_everything_and_unknown_parts_are_refused() -> None:
    with pytest.raises(OptionError, match="nothing is marked"):
        rt.Penalty().apply(DATA, rt.Ledger(), Halves())
    with pytest.raises(OptionError, match="every picture of the label 0 consists of marked parts alone"):
        rt.Penalty().apply(DATA, rt.Ledger((rt.Mark("left"), rt.Mark("right"))), Halves())
    with pytest.raises(UnknownFeature, match="did you mean 'left'"):
        rt.Penalty().apply(DATA, rt.Ledger((rt.Mark("Left"),)), Halves())
    with pytest.raises(OptionError, match=r"strength=0; a number above 0"):
        rt.Penalty(strength=0)


@needs_torch
def test_of_one_linear_output_the_penalty_is_the_squared_weights_of_what_is_marked() -> None:
    import torch

    weights = torch.tensor([[1.0, 2.0, 3.0]])
    inputs, masks = torch.ones(5, 3), np.array([[True, False, True]] * 5)
    for net in (lambda x: x @ weights.T, lambda x: (x @ weights.T)[:, 0]):
        assert penalty(net, inputs, masks).item() == pytest.approx(1 + 9)
    assert not inputs.requires_grad


@needs_torch
def test_of_two_classes_it_is_the_gradient_of_their_log_probabilities() -> None:
    """At even odds: the sum's gradient is (w₀ + w₁) − 2 · mean = 0; that of class 0 alone is (w₀ − w₁) / 2."""
    import torch

    weights = torch.tensor([[1.0, -4.0], [3.0, 2.0]])
    inputs, masks = torch.zeros(1, 2), torch.tensor([[True, True]])

    def net(x: Any) -> Any:
        return x @ weights.T

    assert penalty(net, inputs, masks).item() == pytest.approx(0)
    assert penalty(net, inputs, masks, torch.tensor([0])).item() == pytest.approx(1 + 9)


@needs_torch
def test_a_mask_of_pixels_holds_for_all_channels_and_the_penalty_can_be_learned_from() -> None:
    import torch

    weights = torch.full((3, 2, 2), 2.0, requires_grad=True)
    masks = torch.tensor([[[True, False], [False, False]]])
    found = penalty(lambda x: (x * weights).sum(dim=(1, 2, 3))[:, None], torch.ones(1, 3, 2, 2), masks)
    assert found.item() == 3 * 4
    found.backward()
    assert weights.grad is not None
    assert weights.grad[:, 0, 0].tolist() == [4, 4, 4]
    assert weights.grad[:, 1].abs().sum() == 0


def learned(data: rt.Dataset) -> Any:
    """Train a small network, with the penalty where something is marked."""
    import torch

    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(8, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    x, y = torch.as_tensor(np.asarray(data.X)), torch.as_tensor(np.asarray(data.y))
    masks, step = torch.as_tensor(regions(data, Halves())), torch.optim.Adam(net.parameters(), lr=0.05)
    for _ in range(100):
        loss = torch.nn.functional.cross_entropy(net(x), y)
        if data.strength:
            loss = loss + data.strength * penalty(net, x, masks, y)
        step.zero_grad()
        loss.backward()
        step.step()
    return rt.torch(net)


@needs_torch
def test_a_network_learns_from_the_unmarked_half() -> None:
    """Both halves tell the label in training; only the right one does afterwards."""
    rng = np.random.default_rng(0)
    labels, wrong = rng.integers(0, 2, 80), rng.integers(0, 2, 80)
    noise = rng.normal(0, 0.05, (2, 80))
    data = rt.Dataset(pictures(labels + noise[0], labels * 0.4 + noise[1]), labels)
    later = pictures(wrong + noise[0], labels * 0.4 + noise[1])

    def accuracy(correction: Any) -> float:
        model = corrected(learned, data, LEFT, Halves(), correction) if correction else learned(data)
        return float(np.mean(model(later).argmax(axis=1) == labels))

    assert accuracy(None) < 0.7
    assert accuracy(rt.Penalty(strength=100)) > 0.95
