"""Explaining in one go and in steps, comparing, going on, and what happens where it ends early."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from toys import TEXT, Counting, Notes, linear, opaque, wavy

import retrust as rt
from retrust.errors import (
    ConstantModelWarning,
    InstanceError,
    InstanceTypeError,
    ModelFailure,
    ModelOutputError,
    OptionError,
    PartialWarning,
    RetrustError,
    UnknownTarget,
)
from retrust.stream import more

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG = " ".join(f"w{i}" for i in range(40))


def same(one: rt.Explanation, other: rt.Explanation) -> bool:
    return (
        np.array_equal(one.coefficients, other.coefficients)
        and np.array_equal(one.stderr, other.stderr, equal_nan=True)
        and (one.intercept, one.fidelity, one.n_samples) == (other.intercept, other.fidelity, other.n_samples)
        and np.array_equal(one.neighbourhood.outputs, other.neighbourhood.outputs)
    )


# --- answers ---------------------------------------------------------------------------------------------------------


def test_a_model_linear_in_the_words_is_recovered() -> None:
    weights = {"good": 0.5, "bad": -0.25, "very": 0.125}
    explainer = rt.Explainer(linear(weights, 2), surrogate=rt.Ridge(3, alpha=0))
    e = explainer.explain(TEXT, n_samples=500)
    assert dict(e.top()) == pytest.approx(weights, abs=1e-9)
    assert (e.intercept, e.local_prediction, e.fidelity) == pytest.approx((2, 2.375, 1), abs=1e-9)
    assert e.prediction.tolist() == [2.375]


def test_every_class_is_read_from_one_neighbourhood_without_another_call() -> None:
    model = Counting(wavy)
    e = rt.explain(model, TEXT, n_samples=800, classes=["x", "y", "z"])
    calls = len(model.inputs)
    others = [e.read(name) for name in ("x", "y", "z")]
    assert len(model.inputs) == calls
    for index, other in enumerate(others):
        alone = rt.explain(lambda texts, k=index: wavy(texts)[:, k], TEXT, n_samples=800)
        assert other.coefficients == pytest.approx(alone.coefficients, abs=1e-12)
        assert (other.target, other.classes[other.target]) == (index, "xyz"[index])


def test_the_predicted_class_is_explained_unless_another_is_named() -> None:
    e = rt.explain(wavy, TEXT, n_samples=50)
    assert e.target == int(np.argmax(wavy([TEXT])[0]))
    assert rt.explain(wavy, TEXT, n_samples=50, classes=list("abc"), target="b").target == 1
    assert rt.explain(wavy, TEXT, n_samples=50, target=-1).target == 2


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_a_regressor_may_answer_with_one_column_or_none(shape: tuple[int, ...]) -> None:
    model = linear({"good": 2.0})
    e = rt.explain(lambda texts: model(texts).reshape(shape), TEXT, n_samples=100)
    assert (e.classes, e.target, e.scale) == (("output",), 0, "score")
    assert e.top(1)[0][0] == "good"


def test_a_text_of_one_word_is_explained_by_it() -> None:
    e = rt.explain(linear({"good": 1.0}), "good", n_samples=100)
    assert [name for name, _ in e.top()] == ["good"]


def test_the_same_call_gives_the_same_answer_and_another_seed_another() -> None:
    explainer = rt.Explainer(wavy, seed=3)
    first = explainer.explain(TEXT, n_samples=400)
    assert same(first, explainer.explain(TEXT, n_samples=400))
    assert same(first, rt.Explainer(wavy, seed=np.int64(3)).explain(TEXT, n_samples=np.int64(400)))  # type: ignore[arg-type]
    assert not np.array_equal(first.coefficients, rt.Explainer(wavy, seed=4).explain(TEXT, n_samples=400).coefficients)


def test_auto_is_all_masks_of_a_short_text() -> None:
    e = rt.explain(wavy, TEXT)
    assert e.exact
    assert e.settled
    assert e.n_samples == 2 ** len(e.features) == 256


# --- streams ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_samples", [2, 127, 128, 129, 1000])
def test_the_last_value_of_a_stream_is_what_explain_returns(n_samples: int) -> None:
    explainer = rt.Explainer(wavy)
    values = list(explainer.stream(TEXT, n_samples=n_samples))
    assert same(values[-1], explainer.explain(TEXT, n_samples=n_samples))
    counts = [value.n_samples for value in values]
    assert counts == [128 * 2**i for i in range(len(counts) - 1)] + [n_samples]


def test_a_longer_stream_begins_like_a_shorter_one() -> None:
    explainer = rt.Explainer(wavy)
    short, long = (list(explainer.stream(TEXT, n_samples=n)) for n in (512, 2000))
    assert all(same(a, b) for a, b in zip(short, long, strict=False))


@pytest.mark.parametrize("sizes", [[1], [7, 300], [2048]])
def test_the_pace_cuts_calls_of_the_model_and_changes_no_answer(sizes: list[int]) -> None:
    model = Counting(wavy)
    stream = rt.Explainer(model).stream(LONG, n_samples=300)
    asked: list[tuple[int, int]] = []

    def pace(done: int, of: int) -> int:
        asked.append((done, of))
        return sizes[len(asked) % len(sizes)]

    stream.pace = pace
    values = list(stream)
    assert same(values[-1], rt.explain(wavy, LONG, n_samples=300))
    assert [value.n_samples for value in values] == [128, 256, 300]
    assert max(map(len, model.batches)) <= max(sizes)
    assert asked[0] == (0, 300)
    assert [done for done, _ in asked] == sorted({done for done, _ in asked})


def test_memory_is_bounded_by_cutting_batches_and_the_answer_is_still_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrust.stream._BULK", 600)  # bytes of text at a time
    model = Counting(wavy)
    e = rt.explain(model, LONG, n_samples=300)
    assert max(map(len, model.batches)) <= 600 // len(LONG)
    monkeypatch.undo()
    assert same(e, rt.explain(wavy, LONG, n_samples=300))


def test_class_names_may_be_anything_that_can_be_gone_through_once() -> None:
    explainer = rt.Explainer(wavy, classes=iter(np.array(["x", "y", "z"])))  # type: ignore[arg-type]
    assert explainer.classes == ("x", "y", "z")
    assert explainer.explain(TEXT, n_samples=20).classes == ("x", "y", "z")


def test_a_stopped_stream_gives_what_it_has_and_ends() -> None:
    stream = rt.Explainer(wavy).stream(LONG, n_samples=1000)
    stream.pace = lambda done, of: 0 if done >= 200 else min(50, of)
    values = list(stream)
    assert [(value.n_samples, value.partial) for value in values] == [(128, None), (228, "stopped")]
    assert np.isfinite(values[-1].stderr[values[-1].fit.selected]).all()
    assert next(stream, None) is None


def test_a_stream_stopped_before_its_first_answer_is_empty() -> None:
    stream = rt.Explainer(wavy).stream(TEXT, n_samples=1000)
    stream.pace = lambda *_: 0
    assert list(stream) == []


# --- ending early ----------------------------------------------------------------------------------------------------


def after(calls: int, act: Callable[[], Any]) -> Counting:
    """Make a model that does something else from its so-manieth call on."""
    count: Iterator[int] = iter(range(10**9))
    return Counting(lambda texts: wavy(texts) if next(count) < calls else act())


def interrupt() -> None:
    raise KeyboardInterrupt


def break_down() -> None:
    raise ZeroDivisionError("no luck")


def paced(model: Any, n_samples: int = 2000) -> rt.Stream:
    stream = rt.Explainer(model).stream(LONG, n_samples=n_samples)
    stream.pace = lambda *_: 10
    return stream


def test_an_interrupted_kernel_leaves_a_partial_explanation_and_a_warning() -> None:
    with pytest.warns(PartialWarning, match=r"sampling was interrupted after [\d,]+ masks; what was learned is kept"):
        e = rt.explain(after(3, interrupt), LONG, n_samples=5000)
    assert e.partial == "interrupted"
    assert 128 <= e.n_samples < 5000
    assert "(interrupted early)" in str(e)


def test_an_interruption_before_anything_was_learned_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        rt.explain(after(0, interrupt), TEXT)


def test_a_model_that_raises_at_the_hundredth_batch_leaves_what_was_learned_on_the_error() -> None:
    model = after(99, break_down)
    with pytest.raises(ModelFailure, match="the model raised ZeroDivisionError: no luck") as raised:
        paced(model).last()
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    partial = raised.value.partial
    assert isinstance(partial, rt.Explanation)
    assert partial.partial == "failed"
    assert len(model.batches) == 100
    assert partial.model_calls == sum(map(len, model.batches[:99])) <= partial.n_samples < 1000
    assert same(partial.read(), partial)
    assert partial.fidelity > 0


def test_a_model_that_raises_at_once_leaves_nothing() -> None:
    with pytest.raises(ModelFailure) as raised:
        rt.explain(after(0, break_down), TEXT)
    assert raised.value.partial is None


BAD: dict[str, Callable[[], Any]] = {
    "NaN": lambda: np.full((10, 3), np.nan),
    "rows": lambda: np.ones((9999, 3)),
    "columns": lambda: np.ones((10, 2)),
    "list": lambda: [[0.1, 0.2, 0.7]] * 10,
    "labels": lambda: np.array(["ham"] * 10),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_answer_later_on_keeps_what_was_learned(kind: str) -> None:
    with pytest.raises(ModelOutputError) as raised:
        paced(after(20, BAD[kind])).last()
    assert isinstance(raised.value.partial, rt.Explanation)
    assert raised.value.partial.partial == "failed"


@pytest.mark.parametrize("kind", BAD.keys() - {"columns"})
def test_a_bad_answer_is_told_after_the_first_batch(kind: str) -> None:
    model = after(0, BAD[kind])
    with pytest.raises(ModelOutputError):
        paced(model).last()
    assert len(model.batches) == 1


def test_not_a_number_where_much_is_taken_away_is_told_early_with_its_place() -> None:
    model = Counting(lambda texts: np.array([np.nan if len(t) < 100 else 1.0 for t in texts]))
    with pytest.raises(ModelOutputError, match=r"returned nan as output 0 of input \d+ in a batch of"):
        rt.explain(model, LONG)
    assert len(model.inputs) <= 128


@pytest.mark.parametrize("options", [{"target": "d"}, {"target": 7}, {"classes": ["a", "b"]}])
def test_an_unknown_class_is_told_after_the_first_batch(options: Any) -> None:
    model = Counting(wavy)
    with pytest.raises((UnknownTarget, OptionError), match=r"the model (has|gives) 3 outputs"):
        rt.explain(model, LONG, **options)
    assert len(model.inputs) <= 128


def test_a_constant_model_is_news() -> None:
    with pytest.warns(ConstantModelWarning, match=r"outputs do not move .* fidelity is NaN .* mask_token"):
        e = rt.explain(lambda texts: np.full(len(texts), 0.7), TEXT, n_samples=100)
    assert np.isnan(e.fidelity)
    assert e.top() == []
    assert e.intercept == 0.7
    assert not e.coefficients.any()
    assert e.doubt is not None
    assert "no local fit" in str(e)


# --- bad input -------------------------------------------------------------------------------------------------------

MISTAKES: dict[str, tuple[dict[str, Any], type[RetrustError], str]] = {
    "an empty text": ({"x": ""}, InstanceError, "is empty"),
    "a blank text": ({"x": " \n"}, InstanceError, "is empty"),
    "no words": ({"x": "?!"}, InstanceError, "has no words"),
    "no string": ({"x": 3}, InstanceTypeError, "the instance is int; a text .str. "),
    "several texts": ({"x": ["a", "b"]}, InstanceTypeError, "the instance is list"),
    "training rows without columns": ({"x": "a", "data": []}, OptionError, "data has shape .0,.; a table is expected"),
    "no features": ({"n_features": 0}, OptionError, "n_features=0; a whole number, 1 or more"),
    "one sample": ({"n_samples": 1}, OptionError, 'n_samples=1; "auto" or a whole number of masks, 2 or more'),
    "part of a sample": ({"n_samples": 99.5}, OptionError, "n_samples=99.5"),
    "a word for samples": ({"n_samples": "many"}, OptionError, "n_samples='many'"),
    "a negative seed": ({"seed": -1}, OptionError, "seed=-1; a whole number, 0 or more"),
    "no seed": ({"seed": None}, OptionError, "seed=None"),
    "no model": ({"model": 7}, OptionError, "the model is int"),
    "no domain": ({"domain": "text"}, OptionError, "domain='text'; a domain has a method represent"),
    "no parts": ({"domain": Notes(), "x": []}, InstanceError, "has no parts"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_bad_input_is_told_before_the_model_is_asked(mistake: str) -> None:
    options, error, said = MISTAKES[mistake]
    model = Counting(wavy)
    with pytest.raises(error, match=said):
        rt.explain(**{"model": model, "x": TEXT, **options})
    assert model.inputs == []


# --- more, compare, travel -------------------------------------------------------------------------------------------


def test_sampling_goes_on_from_an_explanation() -> None:
    model = Counting(wavy)
    first = rt.explain(model, LONG, n_samples=200)
    longer = more(first, 300).last()
    assert (longer.n_samples, longer.partial, longer.target) == (500, None, first.target)
    assert np.array_equal(longer.neighbourhood.masks[:200], first.neighbourhood.masks)
    assert len(np.unique(longer.neighbourhood.masks[200:], axis=0)) > 290
    assert longer.model_calls == len(model.inputs) > first.model_calls
    assert longer.coefficients == pytest.approx(longer.read().coefficients, abs=1e-12)
    fresh = rt.Ridge().fit(type(longer.weighted)(longer.neighbourhood, longer.kernel), longer.target)
    assert longer.coefficients == pytest.approx(fresh.coefficients, abs=1e-9)


def test_going_on_needs_a_whole_number_of_masks() -> None:
    with pytest.raises(OptionError, match="1 or more, is expected"):
        more(rt.explain(wavy, TEXT, n_samples=50), 0)


def test_models_are_compared_on_the_same_masks() -> None:
    both = rt.Explainer(wavy).compare({"old": wavy, "new": lambda t: wavy(t)[:, ::-1]}, TEXT, n_samples=300)
    assert list(both) == ["old", "new"]
    assert np.array_equal(both["old"].neighbourhood.packed, both["new"].neighbourhood.packed)
    assert both["new"].target == both["old"].target
    mirrored = both["new"].read(2 - both["old"].target)
    assert mirrored.coefficients == pytest.approx(both["old"].coefficients, abs=1e-12)


def ordered(labels: list[str]) -> Any:
    texts = ["good", "bad", "good film", "bad film"]
    return make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, labels)


def test_a_class_is_found_by_its_name_where_models_order_them_differently() -> None:
    models = {"a": ordered(["yes", "no", "yes", "no"]), "b": ordered(["yes", "a no", "yes", "zero"])}
    found = rt.Explainer(models["a"]).compare(models, "a good film", n_samples=100)
    assert [e.classes[e.target] for e in found.values()] == ["yes", "yes"]
    assert [e.target for e in found.values()] == [1, 1]
    found = rt.Explainer(models["a"]).compare(models, "a bad film", target_class="yes", n_samples=100)
    assert [e.classes[e.target] for e in found.values()] == ["yes", "yes"]


def test_where_the_others_do_not_know_the_name_the_index_says_which_output() -> None:
    named = ordered(["yes", "no", "yes", "no"])
    models = {"named": named, "unnamed": opaque(named.predict_proba)}
    found = rt.Explainer(named).compare(models, "a good film", n_samples=100)
    assert [e.target for e in found.values()] == [1, 1]
    assert found["unnamed"].coefficients == pytest.approx(found["named"].coefficients, abs=1e-9)


def test_comparing_needs_a_mapping_and_one_way_to_say_which_class() -> None:
    explainer = rt.Explainer(wavy)
    with pytest.raises(OptionError, match="a mapping of names to models"):
        explainer.compare([wavy], TEXT)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="a mapping of names to models"):
        explainer.compare({}, TEXT)
    with pytest.raises(OptionError, match="both target and target_class"):
        explainer.compare({"a": wavy}, TEXT, target=1, target_class="b")
    with pytest.raises(UnknownTarget, match="target='spam'"):
        explainer.compare({"a": wavy}, TEXT, target_class="spam", n_samples=50)


def test_an_explainer_travels_with_a_model_that_can() -> None:
    explainer = rt.Explainer(wavy, rt.Text(bag=False), kernel=rt.exponential(50), surrogate=rt.Lasso(3), seed=2)
    again = pickle.loads(pickle.dumps(explainer))
    assert same(again.explain(TEXT, n_samples=200), explainer.explain(TEXT, n_samples=200))


def test_sampler_kernel_and_surrogate_of_ones_own_are_used() -> None:
    def none_or_one(d: int, n: int, rng: np.random.Generator) -> Any:
        return ~np.eye(d, dtype=bool)[rng.integers(0, d, n)]

    e = rt.Explainer(
        linear({"good": 1.0}), sampler=none_or_one, kernel=lambda m: np.ones(len(m)), surrogate=rt.Lasso(1)
    ).explain(TEXT, n_samples=400)
    assert (~e.neighbourhood.masks[1:]).sum(axis=1).tolist() == [1] * 399
    assert dict(e.top()) == pytest.approx({"good": 1}, abs=1e-9)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"kernel": 25}, "kernel=25"),
        ({"sampler": "uniform"}, "sampler='uniform'"),
        ({"surrogate": "ridge"}, "method fit"),
    ],
)
def test_an_explainer_says_at_once_what_cannot_work(options: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError, match=said):
        rt.Explainer(wavy, **options)


def test_a_kernel_that_cannot_be_used_is_told_at_the_first_batch() -> None:
    model = Counting(wavy)
    with pytest.raises(OptionError, match="a kernel gives one finite weight"):
        rt.Explainer(model, kernel=lambda m: m.sum(axis=1) - 5.0).explain(LONG)
    assert len(model.inputs) <= 128
