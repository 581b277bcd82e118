"""Many explanations: a sequence, a data frame, and what is let go of to hold so many."""

from __future__ import annotations

import json
import pickle
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from toys import TEXT, Notes, linear, wavy

import retrust as rt
from retrust.errors import DetachedError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

KEEPS = ("fit", "neighbourhood", "weights")


@pytest.fixture(scope="module")
def whole() -> rt.Explanation:
    """One explanation with three outputs."""
    return rt.Explainer(wavy, surrogate=rt.Ridge(3), seed=1).explain(TEXT, n_samples=300)


def same_face(a: rt.Explanation, b: rt.Explanation) -> bool:
    """Tell whether two explanations say the same in figures."""
    figures: list[Callable[[rt.Explanation], Any]] = [
        lambda e: e.top(),
        lambda e: e.prediction.tolist(),
        lambda e: (e.intercept, e.fidelity, e.target, e.classes, e.n_samples, e.model_calls, e.scale, e.doubt),
        lambda e: round(e.local_prediction, 12),
        lambda e: e.stderr[e.fit.selected].tolist(),
        str,
    ]
    return all(figure(a) == figure(b) for figure in figures)


def arrays(thing: Any) -> list[np.ndarray[Any, Any]]:
    """List all arrays that hang on a thing, model and kernel aside."""
    if isinstance(thing, np.ndarray):
        return [thing]
    if isinstance(thing, tuple | list):
        return [array for part in thing for array in arrays(part)]
    if is_dataclass(thing) and type(thing).__name__ != "Model":
        known = {field.name for field in fields(thing)} | set(vars(thing) if hasattr(thing, "__dict__") else ())
        return [array for name in known for array in arrays(getattr(thing, name))]
    return []


@pytest.mark.parametrize("keep", KEEPS)
def test_what_is_kept_says_the_same(whole: rt.Explanation, keep: Any) -> None:
    kept = whole.kept(keep)
    assert same_face(kept, whole)
    assert kept.to_frame().equals(whole.to_frame())
    assert same_face(pickle.loads(pickle.dumps(kept)), whole)


@pytest.mark.parametrize("keep", KEEPS)
def test_what_is_kept_travels_as_json(whole: rt.Explanation, keep: Any) -> None:
    kept = whole.kept(keep)
    read = rt.from_dict(json.loads(json.dumps(kept.to_dict())))
    assert same_face(read, whole)
    assert read.whole == kept.whole == (keep == "neighbourhood")
    assert json.dumps(read.to_dict()) == json.dumps(kept.to_dict())


def test_a_file_from_before_rows_could_be_let_go_of_still_reads(whole: rt.Explanation) -> None:
    written = whole.to_dict()
    assert "dropped" not in written["neighbourhood"]
    assert rt.from_dict(written).whole


@pytest.mark.parametrize("keep", ["fit", "weights"])
def test_what_was_let_go_of_cannot_be_read_in_another_way(whole: rt.Explanation, keep: Any) -> None:
    kept = whole.kept(keep)
    uses: list[Callable[[], object]] = [
        lambda: kept.read(0),
        lambda: kept.read(n_features=1),
        lambda: kept.read(kernel=rt.exponential(5)),
        lambda: rt.more(kept, 10),
        lambda: kept.weighted.moments,
    ]
    for use in uses:
        with pytest.raises(DetachedError, match=r'299 of the 300 masks .* were let go.*keep="neighbourhood"'):
            use()


def test_the_neighbourhood_reads_as_before_where_it_is_kept(whole: rt.Explanation) -> None:
    other = whole.read(0, n_features=2)
    assert whole.kept("neighbourhood").read(0, n_features=2).coefficients == pytest.approx(
        other.coefficients, abs=1e-12
    )


def test_scores_that_are_shares_only_at_the_instance_are_still_scores() -> None:
    def model(texts: Any) -> Any:
        return np.array([[0.5, 0.5] if "bad" in text else [3.0, -1.0] for text in texts])

    e = rt.Explainer(model).explain("good and bad", n_samples=50)
    assert [e.kept(keep).scale for keep in KEEPS] == ["score"] * 3  # type: ignore[arg-type]


def test_weights_keep_the_selected_parts_and_no_instance(whole: rt.Explanation) -> None:
    kept = whole.kept("weights")
    assert [feature.name for feature in kept.features] == [name for name, _ in whole.top()]
    assert not hasattr(kept.representation, "text")
    with pytest.raises(DetachedError, match="did not travel"):
        kept.probe([0])


def test_kept_fits_hold_no_large_arrays() -> None:
    text = " ".join(f"word{i}" for i in range(100)) + " good bad end"
    e = rt.Explainer(linear({"good": 1, "bad": -1})).explain(text, n_samples=2000)
    before = sum(array.nbytes for array in arrays(e))
    fit, weights = (sum(array.nbytes for array in arrays(kept)) for kept in (e.kept("fit"), e.kept("weights")))
    assert before > 100_000
    assert fit < 103 * 50
    assert weights < 1000


def test_another_thing_to_keep_is_told(whole: rt.Explanation) -> None:
    with pytest.raises(OptionError, match="keep='all'; one of 'fit', 'neighbourhood', 'weights' is expected"):
        whole.kept("all")  # type: ignore[arg-type]


# --- the sequence


@pytest.fixture
def found(whole: rt.Explanation) -> rt.Explanations:
    """Instances 0 and 2 of three; the other cannot be explained."""
    return rt.Explanations([whole, whole.kept("weights")], [0, 2], {1: "it is empty"}, of=3)


def test_it_is_a_sequence(found: rt.Explanations, whole: rt.Explanation) -> None:
    assert len(found) == 2
    assert found[0] is whole
    assert found[-1] is list(found)[1]
    assert whole in found
    assert found.indices == (0, 2)
    with pytest.raises(IndexError):
        _ = found[2]


def test_a_slice_is_a_sequence_too(found: rt.Explanations) -> None:
    assert isinstance(found[1:], rt.Explanations)
    assert found[1:].indices == (2,)
    assert found[1:].of == 3


def test_it_says_in_a_line_what_it_is(found: rt.Explanations) -> None:
    assert repr(found) == "<Explanations of 2 of 3 instances, 1 cannot be explained>"
    assert repr(rt.Explanations()) == "<Explanations of 0 instances>"
    assert found.complete
    assert not rt.Explanations([], of=2).complete


def test_one_index_is_needed_for_each(whole: rt.Explanation) -> None:
    with pytest.raises(ValueError, match="2 indices were given for 1 explanations"):
        rt.Explanations([whole], [0, 1])


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_the_frame_has_a_row_for_each_part(found: rt.Explanations, whole: rt.Explanation, backend: str) -> None:
    frame = found.to_frame(backend)
    rows = frame.to_pylist() if backend == "pyarrow" else frame.to_dict(*(["records"] if backend == "pandas" else []))
    column = [row["coefficient"] for row in rows] if isinstance(rows, list) else rows["coefficient"].to_list()
    assert column == [weight for _, weight in whole.top()] * 2


def test_the_frame_says_which_instance_and_output() -> None:
    e = rt.Explainer(wavy, classes=["a", "b", "c"], surrogate=rt.Ridge(1)).explain(TEXT, target="b", n_samples=50)
    row = rt.Explanations([e], [7]).to_frame().to_dict("records")[0]
    name, weight = e.top()[0]
    expected = {"instance": 7, "feature": name, "key": name, "coefficient": weight, "target": "b"}
    assert expected.items() <= row.items()
    assert (row["prediction"], row["fidelity"]) == (e.prediction[1], e.fidelity)


def test_the_frame_of_nothing_has_the_same_columns() -> None:
    empty, full = (
        rt.Explanations(items).to_frame("polars")
        for items in ([], [rt.Explainer(linear({"a": 1})).explain("a b", n_samples=9)])
    )
    assert empty.schema == full.schema
    assert len(empty) == 0


def test_a_domain_of_ones_own_is_kept_likewise() -> None:
    e = rt.Explainer(lambda tunes: np.array([float(sum(t)) for t in tunes]), Notes()).explain((3, 0, 7), n_samples=50)
    assert same_face(e.kept("weights"), e)
    assert e.kept("fit").probe([2])[0] == 3
