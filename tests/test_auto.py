"""Explanations that end when they are settled, or when calls or time are spent; noise, ties and bad models told."""

from __future__ import annotations

import json
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from estimates import explainer, tune
from scipy.special import expit
from toys import TEXT, Notes, wavy

import retrust as rt
from retrust import job
from retrust.errors import ConstantModelWarning, ModelFailure, ModelOutputError, OptionError, PartialWarning

D = 24
WEIGHTS = np.concatenate([[3.0, -2.5, 2, 1.5, -1.2], np.linspace(0.6, 0.02, D - 5)])
LONG = " ".join(f"word{i}" for i in range(30)) + " good bad end"


def bent(m: Any) -> Any:
    return expit(m @ WEIGHTS[: m.shape[1]] - 2.5)


class Asked:
    """A model of masks that counts what it is asked, and may waver or give up."""

    def __init__(self, answer: Any = bent, noise: float = 0.0, breaks: int = 1 << 60) -> None:
        self.answer, self.noise, self.breaks = answer, noise, breaks
        self.inputs = self.calls = 0
        self.rng = np.random.default_rng(0)

    def __call__(self, m: Any) -> Any:
        self.inputs += len(m)
        self.calls += 1
        if self.calls > self.breaks:
            raise RuntimeError("out of service")
        return self.answer(m) + self.noise * self.rng.normal(size=len(m))


def same(one: rt.Explanation, other: rt.Explanation) -> bool:
    return (
        np.array_equal(one.coefficients, other.coefficients)
        and np.array_equal(one.stderr, other.stderr, equal_nan=True)
        and one.n_samples == other.n_samples
        and one.settled == other.settled
    )


# --- when it ends ----------------------------------------------------------------------------------------------------


def test_it_ends_at_the_first_count_at_which_it_is_settled() -> None:
    values = list(explainer(bent, surrogate=rt.Ridge(7)).stream(tune(D)))
    assert [value.settled for value in values] == [False] * (len(values) - 1) + [True]
    assert [value.n_samples for value in values] == [128 * 2**i for i in range(len(values))]
    assert values[-1].n_samples < 5000
    assert "settled" in str(values[-1])


def test_the_last_of_a_stream_is_what_explain_returns() -> None:
    ours = explainer(bent)
    *_, last = ours.stream(tune(D))
    whole = ours.explain(tune(D))
    assert same(last, whole)
    assert last.stability == whole.stability
    assert [move.n_samples for move in whole.moves] == [move.n_samples for move in last.moves]


def test_equal_seeds_give_equal_answers_and_others_others() -> None:
    first, again, other = (explainer(bent, seed=seed).explain(tune(D)) for seed in (1, 1, 2))
    assert same(first, again)
    assert first.stability == again.stability
    assert not np.array_equal(first.coefficients, other.coefficients)


def test_moves_tell_how_the_top_coefficients_came_to_where_they_are() -> None:
    e = explainer(bent, surrogate=rt.Ridge(7)).explain(tune(D))
    assert e.moves[-1].n_samples == e.n_samples
    assert [each[0] for each in e.moves[-1].weights] == e.fit.selected.tolist()
    errors = [max(each[2] for each in move.weights) for move in e.moves]
    assert errors[-1] < errors[0]


def test_a_constant_model_is_told_and_never_settled() -> None:
    with pytest.warns(ConstantModelWarning, match="do not move"):
        e = explainer(lambda m: np.full(len(m), 0.3)).explain(tune(D), max_calls=300)
    assert not e.settled
    assert np.isnan(e.stability)
    assert "does not move" in str(e.doubt)
    assert "0.00" in str(e) or not len(e.fit.selected)


def test_one_part_is_answered_by_two_masks() -> None:
    model = Asked(lambda m: 2.0 + m[:, 0])
    e = explainer(model, surrogate=rt.Ridge(1, alpha=0)).explain([7])
    assert e.coefficients == pytest.approx([1.0])
    assert (e.n_samples, e.model_calls, model.inputs) == (2, 3, 3)
    assert e.exact
    assert e.settled
    assert e.doubt is None


def test_parts_that_the_model_never_tells_apart_share_alike() -> None:
    """Two parts count only by their sum of squares, so that neither can be favoured but by chance."""
    e = explainer(lambda m: (m[:, 0] + m[:, 1]) ** 2 + m[:, 2], surrogate=rt.Ridge(4)).explain(tune(16))
    first, second = e.coefficients[:2]
    assert abs(first - second) <= 1.96 * np.hypot(e.stderr[0], e.stderr[1]) + 1e-6
    assert set(e.fit.selected[:2].tolist()) == {0, 1}


def test_parts_that_play_no_part_have_no_weight() -> None:
    e = explainer(lambda m: 3 * m[:, 0] - m[:, 4], surrogate=rt.Ridge(D, 0, "none")).explain(tune(D))
    rest, errors = np.delete(e.coefficients, [0, 4]), np.delete(e.stderr, [0, 4])
    assert np.abs(rest / errors).max() <= 4
    assert errors.max() < 0.1 * np.abs(e.coefficients).max()
    assert e.settled


# --- calls and seconds -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_calls", [2, 3, 20, 65, 129, 400])
def test_the_model_is_never_asked_more_often_than_was_allowed(max_calls: int) -> None:
    model = Asked(lambda m: m @ WEIGHTS + 3 * m[:, 0] * m[:, 9] * m[:, 11])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantModelWarning)
        e = explainer(model).explain(tune(D), max_calls=max_calls)
    assert model.inputs == e.model_calls <= max_calls
    assert e.n_samples <= max_calls
    assert e.n_samples >= max_calls - 3 or e.settled  # masks that came twice are asked about once


def test_more_calls_than_auto_would_spend_may_be_allowed() -> None:
    def hard(m: Any) -> Any:
        return np.sin(1e4 * m @ np.sqrt(np.arange(2, D + 2)))

    usual = explainer(hard).explain(tune(D))
    longer = explainer(hard).explain(tune(D), max_calls=9001)
    assert (usual.n_samples, longer.n_samples) == (5000, 9000)
    assert not longer.settled


def test_calls_bound_a_number_of_samples_too() -> None:
    assert explainer(bent).explain(tune(D), n_samples=500, max_calls=200).n_samples == 200
    assert explainer(bent).explain(tune(D), n_samples=100, max_calls=200).n_samples == 100


@pytest.mark.parametrize("given", [0, 1, -5, 2.5, True, "many"])
def test_calls_that_are_no_number_are_told(given: Any) -> None:
    with pytest.raises(OptionError, match=r"max_calls=.*a whole number of masks, 2 or more"):
        explainer(bent).explain(tune(D), max_calls=given)


@pytest.mark.parametrize("given", [0, -1, float("nan")])
def test_seconds_that_are_none_are_told(given: float) -> None:
    with pytest.raises(OptionError, match="a positive number of seconds"):
        explainer(bent).explain(tune(D), max_seconds=given)


def test_a_budget_below_the_number_of_parts_is_told() -> None:
    e = explainer(bent).explain(tune(D), max_calls=20)
    assert e.doubt == f"There are only {e.n_samples} masks for 24 parts; more are needed to tell them apart."
    assert not e.settled
    assert np.isnan(e.stability)


def test_where_the_time_is_spent_it_ends_with_what_is_known_and_says_so() -> None:
    """The clock is one's own: a second for each question to it."""
    seconds = iter(range(1000))
    stream = explainer(lambda m: np.sin(9 * m @ WEIGHTS)).stream(tune(D))
    stream.pace = lambda done, of: 50  # noqa: ARG005 – slices of fifty
    stream.late = job.Deadline(3.5, clock=lambda: float(next(seconds)))
    e = stream.last()
    assert e.partial == "time"
    assert e.n_samples == 178  # asked at 0, 1, 2 and 3 seconds: 50, 50 and 28 of the first batch, 50 of the second
    assert "out of time" in str(e)
    assert not e.settled
    assert list(stream) == []


def test_spent_time_warns_and_keeps_what_was_learned() -> None:
    with pytest.warns(PartialWarning, match="sampling was time after|out of time|time"):
        e = explainer(lambda m: np.sin(9 * m @ WEIGHTS)).explain(tune(D), max_seconds=1e-9)
    assert e.partial == "time"
    assert e.n_samples >= 1


def test_time_enough_changes_nothing() -> None:
    assert same(explainer(bent).explain(tune(D), max_seconds=1e6), explainer(bent).explain(tune(D)))


# --- noise, and models that fail -------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [5, D])
def test_a_model_that_answers_otherwise_the_second_time_is_told(d: int) -> None:
    e = explainer(Asked(noise=0.05)).explain(tune(d), max_calls=600)
    assert e.noisy
    assert "different answers to the same question" in str(e.doubt)
    assert not e.exact
    assert e.noisy == rt.from_dict(e.to_dict()).noisy


@pytest.mark.parametrize("noise", [0.0, 1e-9])
def test_rounding_is_no_noise(noise: float) -> None:
    e = explainer(Asked(noise=noise)).explain(tune(D))
    assert not e.noisy
    assert e.doubt is None


def test_intervals_of_a_model_with_noise_hold_its_noise_too() -> None:
    quiet, loud = (explainer(Asked(noise=noise)).stream(tune(D)).upto(400) for noise in (0.0, 0.5))
    assert np.nanmean(loud.stderr) > 5 * np.nanmean(quiet.stderr)


def test_nan_is_told_before_anything_is_learned() -> None:
    with pytest.raises(ModelOutputError, match="finite numbers are expected"):
        explainer(lambda m: np.where(m.mean(axis=1) < 0.5, np.nan, 1.0)).explain(tune(D))


@pytest.mark.parametrize(("breaks", "learned"), [(1, 128), (2, 128)])
def test_a_model_that_breaks_off_leaves_what_was_learned(breaks: int, learned: int) -> None:
    """Even where it breaks off when it is asked about the instance once more, right after the first batch."""
    with pytest.raises(ModelFailure, match="out of service") as raised:
        explainer(Asked(lambda m: np.sin(9 * m @ WEIGHTS), breaks=breaks)).explain(tune(D))
    assert raised.value.partial is not None
    assert raised.value.partial.n_samples == learned  # type: ignore[attr-defined]


# --- doubt, by a stated rule -----------------------------------------------------------------------------------------


def test_a_surrogate_that_follows_less_than_half_is_doubted_and_one_that_follows_more_is_not() -> None:
    scrambled = explainer(lambda m: np.sin(1e4 * m @ np.sqrt(np.arange(2, D + 2)))).explain(tune(D), max_calls=1000)
    assert scrambled.fidelity < 0.5
    assert f"follows only {max(0, round(100 * scrambled.fidelity))} %" in str(scrambled.doubt)
    straight = explainer(lambda m: m @ WEIGHTS, surrogate=rt.Ridge(D)).explain(tune(D))
    assert straight.fidelity > 0.99
    assert straight.doubt is None


# --- more, many, several models --------------------------------------------------------------------------------------


def test_sampling_on_adds_so_many_masks_by_the_same_law_settled_or_not() -> None:
    e = explainer(bent).explain(tune(D))
    more = rt.more(e, 700).last()
    assert more.n_samples == e.n_samples + 700
    assert more.neighbourhood.law == e.neighbourhood.law == rt.UniformCount()
    assert np.nanmean(more.stderr) < np.nanmean(e.stderr)
    straight = explainer(bent).stream(tune(D)).upto(e.n_samples + 700)
    assert np.abs(more.coefficients - straight.coefficients).max() <= 6 * np.nanmax(e.stderr)


def test_narrow_kernels_go_on_by_their_own_law() -> None:
    e = explainer(bent, kernel=rt.exponential(6)).stream(tune(D)).upto(300)
    more = rt.more(e, 300).last()
    assert e.neighbourhood.odds is not None
    assert more.neighbourhood.odds is not None
    assert more.effective > 0.9 * 600


def test_two_models_are_compared_on_the_same_masks_until_both_are_settled() -> None:
    ours = explainer(bent, surrogate=rt.Ridge(7))

    def model(answer: Any) -> Any:
        return lambda tunes: answer((np.array(tunes) != 0).astype(float))

    found = ours.compare({"easy": model(bent), "hard": model(lambda m: bent(m) + 0.3 * m[:, 9] * m[:, 10])}, tune(D))
    easy, hard = found["easy"], found["hard"]
    assert easy.n_samples == hard.n_samples
    assert np.array_equal(easy.neighbourhood.packed, hard.neighbourhood.packed)
    assert easy.settled
    assert hard.settled
    alone = ours.explain(tune(D))
    assert alone.n_samples <= easy.n_samples
    assert easy.stability == easy.read().stability  # of all its masks, not of those when it was settled first


def test_many_are_explained_as_each_alone() -> None:
    ours = explainer(bent)
    tunes = [tune(D), tune(8), tune(15)]
    many = ours.explain_many(tunes, progress=False, keep="neighbourhood")
    for one, e in zip(tunes, many, strict=True):
        assert same(ours.explain(one), e)
    kept = ours.explain_many(tunes, progress=False)
    assert [e.settled for e in kept] == [e.settled for e in many]
    assert [e.stability for e in kept] == [e.stability for e in many]


# --- travel ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [6, D])
@pytest.mark.parametrize("way", ["records", "pickle"])
@pytest.mark.parametrize("kernel", [None, rt.exponential(6)], ids=["usual", "narrow"])
def test_what_travels_is_as_sure_as_before_and_is_read_alike(d: int, way: str, kernel: Any) -> None:
    e = explainer(wide, kernel=kernel).explain(tune(d), 0)
    there = rt.from_dict(json.loads(json.dumps(e.to_dict()))) if way == "records" else pickle.loads(pickle.dumps(e))
    assert same(there, e)
    assert (there.stability, there.exact, there.moves, there.tied) == (e.stability, e.exact, e.moves, e.tied)
    for reading in ({"n_features": 3}, {"target": 1}, {"kernel": rt.exponential(9)}):
        ours, theirs = e.read(**reading), there.read(**reading)
        assert theirs.coefficients == pytest.approx(ours.coefficients, abs=1e-9)
        assert theirs.stderr == pytest.approx(ours.stderr, abs=1e-9, nan_ok=True)
        assert theirs.stability == pytest.approx(ours.stability, nan_ok=True)


def wide(m: Any) -> Any:
    return np.stack([bent(m), 1 - bent(m)], axis=1)


def test_reading_settles_anew() -> None:
    """Three parts are surer than ten of the same neighbourhood."""
    e = explainer(bent).stream(tune(D)).upto(150)
    assert e.read(n_features=3).stability > e.stability
    assert e.read(n_features=3).moves == ()


# --- words, pictures, rows -------------------------------------------------------------------------------------------


def test_a_long_text_is_settled_with_fewer_masks_than_published_lime_takes() -> None:
    three = rt.Ridge(3, select="highest")
    e = rt.Explainer(wavy, surrogate=three).explain(LONG)
    assert e.settled
    assert e.n_samples < 2500
    many = rt.Explainer(wavy, surrogate=three).explain(LONG, n_samples=20_000)
    assert set(e.fit.selected.tolist()) == set(many.fit.selected.tolist())
    gap = np.abs(e.coefficients - many.coefficients)[e.fit.selected]
    assert np.all(gap <= 4 * np.hypot(e.stderr, many.stderr)[e.fit.selected] + 1e-4)


def test_pictures_draw_by_halves_and_end_when_settled() -> None:
    rows, columns = np.indices((20, 20))
    labels = rows // 5 * 4 + columns // 5
    e = rt.Explainer(
        lambda batch: batch[:, :5, :5].mean(axis=(1, 2, 3)) / 255 + batch[:, 5:10, :5].mean(axis=(1, 2, 3)) / 600,
        rt.Image(labels, "black"),
        surrogate=rt.Ridge(2),
    ).explain(np.full((20, 20, 3), 200, np.uint8))
    assert e.settled
    assert e.n_samples <= rt.Image.auto
    assert e.neighbourhood.law == rt.Independent(0.5)
    assert e.fit.selected.tolist() == [0, 4]


def test_pictures_in_levels_take_the_whole_budget_and_promise_nothing() -> None:
    rows, columns = np.indices((16, 16))
    e = rt.Explainer(
        lambda batch: batch[:, :4, :4].mean(axis=(1, 2)) / 255.0,
        rt.Image(rows // 8 * 2 + columns // 8, "black", levels=2),
    ).explain(np.full((16, 16), 200, np.uint8))
    assert e.n_samples == rt.Image.auto
    assert e.neighbourhood.law is None


def test_rows_of_tables_draw_by_their_columns_chances() -> None:
    data = np.random.default_rng(0).normal(size=(300, 12))
    table = rt.Table(data)
    e = rt.Explainer(lambda rows: np.asarray(rows, float) @ np.linspace(2, 0.1, 12), table).explain(data[3])
    assert e.neighbourhood.law is not None
    assert not e.exact
    assert not e.noisy
    assert np.isfinite(e.stability)


def test_a_custom_law_and_kernel_are_settled_by_robust_errors_alone() -> None:
    def halves(d: int, n: int, rng: np.random.Generator) -> Any:
        return rng.random((n, d)) < 0.5

    e = rt.Explainer(
        lambda tunes: bent((np.array(tunes) != 0).astype(float)),
        Notes(),
        sampler=halves,
        kernel=lambda design: np.exp(design.mean(axis=1)),
        surrogate=rt.Ridge(3),
    ).explain(tune(D))
    assert e.settled
    assert set(e.fit.selected.tolist()) == {0, 1, 2}


def test_a_short_text_is_exact() -> None:
    e = rt.explain(wavy, TEXT)
    assert e.exact
    assert e.neighbourhood.outputs.shape == (2 ** len(e.features), 3)
