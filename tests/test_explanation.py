"""One result, read, asked, kept and shown in every way that is promised."""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from toys import TEXT, Counting, Notes, linear, wavy

import retrust as rt
from retrust.errors import DetachedError, ModelFailure, ModelOutputError, OptionError, UnknownFeature, UnknownTarget
from retrust.explanation import resolve
from retrust.stream import more

if TYPE_CHECKING:
    from retrust.representation import Masks


@pytest.fixture(scope="module")
def e() -> rt.Explanation:
    return rt.explain(wavy, TEXT, classes=["x", "y", "z"], n_features=4, n_samples=600)


def test_coefficients_belong_to_features_and_are_zero_where_not_selected(e: rt.Explanation) -> None:
    assert [feature.name for feature in e.features] == ["a", "good", "film", "with", "bad", "end", "very", "indeed"]
    assert e.coefficients.shape == e.stderr.shape == (8,)
    assert np.count_nonzero(e.coefficients) == len(e.fit.selected) == 4
    assert (e.coefficients == 0).tolist() == np.isnan(e.stderr).tolist()
    assert (e.stderr[e.fit.selected] > 0).all()


def test_top_lists_the_largest_weights_first_with_their_names(e: rt.Explanation) -> None:
    top = e.top()
    assert [e.features[i].name for i in e.fit.selected] == [name for name, _ in top]
    assert np.all(np.diff(np.abs([weight for _, weight in top])) <= 0)
    assert e.top(2) == top[:2]
    assert e.top(0) == []
    assert e.top(99) == top


def test_prediction_and_local_prediction_are_the_models_and_the_surrogates_answer(e: rt.Explanation) -> None:
    assert e.prediction == pytest.approx(wavy([TEXT])[0], abs=1e-15)
    assert e.local_prediction == pytest.approx(e.intercept + e.coefficients.sum(), abs=1e-12)
    masks = np.array([[True] * 8, [False] * 8])
    assert e.predict(masks) == pytest.approx([e.local_prediction, e.intercept], abs=1e-12)
    assert e.predict(masks[0]) == pytest.approx([e.local_prediction], abs=1e-12)


def test_row_zero_of_the_neighbourhood_is_the_instance(e: rt.Explanation) -> None:
    assert e.neighbourhood.masks[0].all()
    assert e.n_samples == len(e.neighbourhood) == 600


def test_shares_of_one_are_probabilities_and_other_outputs_scores(e: rt.Explanation) -> None:
    assert e.scale == "probability"
    assert rt.explain(lambda t: 2 * wavy(t), TEXT, n_samples=50).scale == "score"
    assert rt.explain(lambda t: wavy(t) - [[1, 0, -1]], TEXT, n_samples=50).scale == "score"


# --- reading in another way ------------------------------------------------------------------------------------------


def test_reading_never_asks_the_model() -> None:
    model = Counting(wavy)
    e = rt.explain(model, TEXT, n_samples=300)
    calls = len(model.batches)
    e.read(0)
    e.read(kernel=rt.exponential(80))
    e.read(surrogate=rt.Lasso(2))
    e.read(n_features=1)
    assert len(model.batches) == calls


def test_reading_it_in_another_way_is_explaining_it_so(e: rt.Explanation) -> None:
    kernel, surrogate = rt.exponential(80), rt.Lasso(3)
    explainer = rt.Explainer(wavy, kernel=kernel, surrogate=surrogate)
    right = explainer.explain(TEXT, target=0, n_samples=600)
    read = e.read("x", kernel=kernel, surrogate=surrogate)
    assert read.coefficients == pytest.approx(right.coefficients, abs=1e-9)
    assert read.fidelity == pytest.approx(right.fidelity, abs=1e-9)
    assert (read.target, read.kernel, read.surrogate) == (0, kernel, surrogate)
    assert read.read("y", n_features=1).surrogate == rt.Lasso(1)
    assert not np.allclose(read.coefficients, e.coefficients)


def test_reading_leaves_the_explanation_as_it_was(e: rt.Explanation) -> None:
    before = (e.coefficients.copy(), e.target, e.kernel, e.surrogate)
    e.read("x", kernel=rt.exponential(3), surrogate=rt.Lasso(1))
    assert np.array_equal(before[0], e.coefficients)
    assert (e.target, e.kernel, e.surrogate) == before[1:]
    assert np.array_equal(e.read().coefficients, e.coefficients)


def test_reading_says_what_it_cannot_read(e: rt.Explanation) -> None:
    with pytest.raises(UnknownTarget, match="target='w'; the model has 3 outputs: 'x', 'y', 'z'"):
        e.read("w")
    with pytest.raises(OptionError, match="n_features=0"):
        e.read(n_features=0)


# --- asking the model itself -----------------------------------------------------------------------------------------


def test_a_probe_is_the_models_own_answer_to_the_text_without_those_words(e: rt.Explanation) -> None:
    without = "a  film with a bad , a very bad  indeed"
    expected = wavy([without])[0]
    ways: tuple[Any, ...] = (["good", "end"], [1, 5], [e.features[1], 5], (np.int64(1), "end"), {"good", "end"})
    for off in ways:
        assert np.array_equal(e.probe(off), expected), off
    assert np.array_equal(e.probe(), e.prediction)


@pytest.mark.parametrize("off", ["good", 1, np.int64(1), rt.Feature("good", "good")])
def test_one_part_can_be_named_without_a_list(e: rt.Explanation, off: Any) -> None:
    assert np.array_equal(e.probe(off), wavy([TEXT.replace("good", "")])[0])


def test_a_probe_with_edits_is_the_answer_to_the_edited_text(e: rt.Explanation) -> None:
    edited = TEXT.replace("good", "nice").replace("very", "")
    assert np.array_equal(e.probe("very", {1: "nice"}), wavy([edited])[0])
    assert np.array_equal(e.probe("very", {"good": "nice"}), wavy([edited])[0])  # type: ignore[dict-item]
    with pytest.raises(UnknownFeature, match="no feature of this instance is called 'god'; near it: 'good'"):
        e.probe((), {"god": "nice"})  # type: ignore[dict-item]
    with pytest.raises(UnknownFeature):
        e.probe((), {99: "nice"})


def test_parts_of_other_domains_are_switched_off_but_not_edited() -> None:
    tune = rt.explain(lambda t: np.array([sum(notes) for notes in t], float), [5, 7], domain=Notes(), n_samples=20)
    assert tune.probe("5").tolist() == [7]
    with pytest.raises(OptionError, match=r"edits were given .*cannot"):
        tune.probe((), {0: "9"})


def test_an_unknown_part_is_told_with_those_near_it(e: rt.Explanation) -> None:
    with pytest.raises(UnknownFeature, match="no feature of this instance is called 'filn'; near it: 'film'"):
        e.probe(["filn"])
    with pytest.raises(UnknownFeature, match="it has 'a', 'good', 'film', 'with'"):
        e.probe("QQQ")
    for wrong in (8, -1, True, 1.0):
        with pytest.raises(UnknownFeature):
            e.probe([wrong])  # type: ignore[list-item]


def test_a_key_names_all_its_occurrences_and_a_name_one() -> None:
    features = rt.Text(bag=False).represent("no, no, yes").features
    assert resolve(features, "no (2)") == [1]
    assert resolve(features, "no") == [0]
    assert resolve((rt.Feature("A 1", "A"), rt.Feature("A 2", "A")), "A") == [0, 1]


def test_a_model_that_fails_on_a_probe_is_told_and_the_next_probe_works() -> None:
    fragile = linear({"good": 1.0})
    moods: list[Any] = []

    def model(texts: Any) -> Any:
        return moods.pop(0)() if moods else fragile(texts)

    e = rt.explain(model, TEXT, n_samples=100)
    moods[:] = [lambda: 1 / 0, lambda: np.array([np.nan])]
    with pytest.raises(ModelFailure, match="the model raised ZeroDivisionError"):
        e.probe("good")
    with pytest.raises(ModelOutputError, match="returned nan"):
        e.probe("good")
    assert e.probe("good").tolist() == [0]


class Drawn:
    """A domain in which absence is a draw: an absent number is drawn anew."""

    random = True
    features = (rt.Feature("left", "left"), rt.Feature("right", "right"))

    def represent(self, instance: Any) -> Any:
        del instance
        return self

    def perturb(self, masks: Masks, rng: np.random.Generator) -> Any:
        return np.where(masks, [3.0, 5.0], rng.normal(size=masks.shape))

    def design(self, masks: Masks, inputs: Any) -> Any:
        del inputs
        return masks

    def swap(self, keys: Any, donor: Any, rng: Any) -> Any:
        raise NotImplementedError


def test_where_absence_is_a_draw_every_mask_is_drawn_and_a_probe_is_the_mean_of_fifty() -> None:
    model = Counting(lambda rows: rows @ np.array([1.0, 2.0]))
    e = rt.explain(model, "anything", domain=Drawn(), n_samples=2000)
    assert len(model.inputs) == e.model_calls == 2000
    assert np.abs(e.coefficients - [3, 10]).max() < 4 * e.stderr.max()
    model.batches.clear()
    answer = e.probe("right")
    assert len(model.inputs) == 50
    assert answer == pytest.approx(np.mean([left + 2 * right for left, right in model.inputs]), abs=1e-12)
    assert np.array_equal(answer, e.probe("right"))
    again = rt.explain(model, "anything", domain=Drawn(), n_samples=2000)
    assert np.array_equal(again.coefficients, e.coefficients)


# --- travelling ------------------------------------------------------------------------------------------------------


def equal(one: rt.Explanation, other: rt.Explanation) -> None:
    assert (one.top(), one.classes, one.target, one.features) == (
        other.top(),
        other.classes,
        other.target,
        other.features,
    )
    assert (one.n_samples, one.model_calls, one.partial) == (other.n_samples, other.model_calls, other.partial)
    assert np.array_equal(one.stderr, other.stderr, equal_nan=True)
    assert np.array_equal(one.neighbourhood.masks, other.neighbourhood.masks)
    assert np.array_equal(one.neighbourhood.outputs, other.neighbourhood.outputs)
    assert one.read(0, n_features=2).coefficients == pytest.approx(other.read(0, n_features=2).coefficients, abs=1e-9)


def travelled(e: rt.Explanation, way: str) -> rt.Explanation:
    if way == "pickle":
        return pickle.loads(pickle.dumps(e))  # type: ignore[no-any-return]
    return rt.from_dict(json.loads(json.dumps(e.to_dict(), allow_nan=False)))


@pytest.mark.parametrize("way", ["pickle", "json"])
def test_it_travels_without_its_model_and_works_as_before_with_it(e: rt.Explanation, way: str) -> None:
    again = travelled(e, way)
    equal(again, e)
    assert not again.attached
    with pytest.raises(DetachedError, match=r"give it back with e\.attach\(model\), then probe"):
        again.probe("good")
    attached = again.attach(wavy)
    assert np.array_equal(attached.probe("good"), e.probe("good"))
    assert attached.classes == ("x", "y", "z")
    assert not again.attached


@pytest.mark.parametrize("way", ["pickle", "json"])
def test_going_on_after_a_journey_gives_the_same_as_without(e: rt.Explanation, way: str) -> None:
    with pytest.raises(DetachedError, match="then sample"):
        more(travelled(e, way), 10)
    one, other = (more(x, 200).last() for x in (e, travelled(e, way).attach(wavy)))
    assert np.array_equal(one.neighbourhood.packed, other.neighbourhood.packed)
    assert one.coefficients == pytest.approx(other.coefficients, abs=1e-9)


def test_a_pickle_holds_no_model_and_no_sums(e: rt.Explanation) -> None:
    class Large:
        def __call__(self, texts: Any) -> Any:
            return wavy(texts)

        def __reduce__(self) -> Any:
            raise TypeError("a model was pickled")

    assert len(pickle.dumps(rt.explain(Large(), TEXT, n_samples=600))) < 30_000
    assert e.attached


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("backend", "kind"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame), ("pyarrow", pa.Table)]
)
def test_a_frame_holds_the_selected_parts_largest_first(e: rt.Explanation, backend: str, kind: Any) -> None:
    frame = e.to_frame(backend)
    assert isinstance(frame, kind)
    columns = frame.to_pydict() if backend == "pyarrow" else {name: list(frame[name]) for name in frame.columns}
    assert list(columns) == ["feature", "key", "coefficient", "stderr"]
    assert list(zip(columns["feature"], columns["coefficient"], strict=True)) == e.top()
    assert columns["stderr"] == e.stderr[e.fit.selected].tolist()


def test_printed_it_is_a_table_with_signs_and_errors() -> None:
    printed = str(rt.Explainer(linear({"good": 0.5, "bad": -0.25}), surrogate=rt.Ridge(2)).explain(TEXT, n_samples=900))
    head, good, bad = printed.splitlines()
    assert head.startswith("output 0.25 · surrogate 0.2")
    assert head.endswith("· 900 samples")
    assert good.startswith("  good  +0.49")
    assert bad.startswith("  bad   -0.24")
    assert "█" in good
    assert "░" in bad


def test_names_cannot_move_the_cursor_of_a_terminal() -> None:
    e = rt.explain(linear({"a": 1.0}), "\x1b[2J a", domain=rt.Text(tokenizer=r"\S+"), n_samples=50)
    assert "\x1b" not in str(e)
    assert repr(e) == str(e)


def test_a_weak_fit_is_doubted_in_words_and_a_good_one_is_not(e: rt.Explanation) -> None:
    parity = rt.explain(lambda t: np.array([len(x.split()) % 2 for x in t], float), TEXT, n_samples=600)
    assert parity.fidelity < 0.5
    assert parity.doubt is not None
    assert f"follows only {round(100 * parity.fidelity)} %" in parity.doubt
    assert e.fidelity > 0.5
    assert e.doubt is None
