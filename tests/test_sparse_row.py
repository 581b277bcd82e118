"""Sparse rows: what is not 0 is a feature, and nothing is made dense."""

from __future__ import annotations

import pickle
import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

import retrust as rt
from retrust.errors import InstanceError, InstanceTypeError, OptionError

Table: Any = rt.Table  # what it makes of a row is dense or sparse

TEXTS = ["fish and chips", "chips and more chips", "no fish today", "more rain today", "fish and rain", "no chips"]
LABELS = [1, 0, 1, 0, 1, 0]
VECTORISER = CountVectorizer().fit(TEXTS)
COUNTS = VECTORISER.transform(TEXTS)
NAMES = VECTORISER.get_feature_names_out().tolist()
MODEL = LogisticRegression(C=100).fit(COUNTS, LABELS)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil"])
@pytest.mark.parametrize("make", [sparse.csr_array, sparse.csr_matrix])
def test_the_model_gets_rows_of_its_own_make_by_rows(make: Any, form: str) -> None:
    seen = Table(make(COUNTS).asformat(form)).represent(COUNTS[[1]])
    inputs = seen.perturb(np.array([[True, True, True], [True, False, False]]))
    assert type(inputs) is make
    assert inputs.dtype == COUNTS.dtype
    assert inputs.toarray().tolist() == [COUNTS[[1]].toarray()[0].tolist(), [1, 0, 0, 0, 0, 0, 0]]


def test_columns_that_are_not_0_are_features_by_name() -> None:
    table = Table(COUNTS, names=NAMES)
    seen = table.represent(COUNTS[[1]])
    assert [feature.name for feature in seen.features] == ["and = 1", "chips = 2", "more = 1"]
    assert [feature.key for feature in seen.features] == ["and", "chips", "more"]
    assert (seen.kind, seen.random) == ("table", False)
    assert table.represent({"chips": 2, "more": 1, "and": 1, "fish": 0}).features == seen.features
    assert table.represent(COUNTS[[1]].toarray()[0]).features == seen.features


def test_zeros_that_are_stored_and_entries_that_are_stored_twice_are_read_as_they_are_meant() -> None:
    row = sparse.coo_array(([2.0, 3.0, 0.0], ([0, 0, 0], [1, 1, 2])), shape=(1, 7))
    seen = Table(COUNTS).represent(row)
    assert [feature.name for feature in seen.features] == ["1 = 5"]
    assert row.nnz == 3


def test_the_explanation_is_that_of_the_words_of_a_text() -> None:
    row, text = COUNTS[[4]], TEXTS[4]
    of_row = rt.Explainer(MODEL, Table(COUNTS, names=NAMES)).explain(row, 1, 5000)
    pipeline = lambda texts: MODEL.predict_proba(VECTORISER.transform(texts))  # noqa: E731 – one line says it
    of_text = rt.Explainer(pipeline, rt.Text()).explain(text, 1, 5000)
    assert {feature.key: weight for feature, weight in zip(of_row.features, of_row.coefficients, strict=True)} == (
        pytest.approx(
            {feature.key: weight for feature, weight in zip(of_text.features, of_text.coefficients, strict=True)},
            abs=0.02,
        )
    )
    assert of_row.top(1)[0][0] == "fish = 1"


def test_what_a_reader_tries_is_asked_once() -> None:
    e: Any = rt.Explainer(MODEL, Table(COUNTS, names=NAMES)).explain(COUNTS[[1]], 0, 100)
    assert e.draws("chips").shape == (1, 2)
    assert e.probe("chips") == pytest.approx(MODEL.predict_proba(VECTORISER.transform(["and more"]))[0])
    assert e.probe(edits={"chips": "4"}) == pytest.approx(
        MODEL.predict_proba(VECTORISER.transform(["and more chips chips chips chips"]))[0]
    )
    with pytest.raises(OptionError, match="chips cannot be 'many'; a whole number is expected"):
        e.probe(edits={"chips": "many"})


def test_a_swap_takes_the_donors_columns_and_leaves_the_others() -> None:
    table = Table(COUNTS, names=NAMES)
    swapped = table.represent(COUNTS[[1]]).swap(["chips", "fish"], table.represent(COUNTS[[0]]))
    assert [feature.name for feature in table.represent(swapped).features] == [
        "and = 1",
        "chips = 1",
        "fish = 1",
        "more = 1",
    ]
    assert swapped.dtype == COUNTS.dtype


def test_ten_thousand_columns_are_never_made_dense() -> None:
    matrix: Any = sparse.random(2000, 10_000, density=0.005, format="csr", random_state=0)
    weights = np.random.default_rng(0).normal(size=10_000)
    tracemalloc.start()
    e: Any = rt.Explainer(lambda rows: np.tanh(rows @ weights), Table(matrix)).explain(matrix[[3]], n_samples=5000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 256 * 10_000 * 8  # one batch of the masks, dense
    true = weights[matrix[[3]].indices] * matrix[[3]].data
    assert np.corrcoef(e.read(n_features=99).coefficients, true)[0, 1] > 0.99


def test_a_row_travels_without_the_training_rows_of_other_columns() -> None:
    seen = Table(COUNTS, names=NAMES).represent(COUNTS[[1]])
    again = pickle.loads(pickle.dumps(seen))
    masks = np.array([[True, False, True]])
    assert (again.perturb(masks) != seen.perturb(masks)).nnz == 0
    assert len(seen.columns) == 3
    assert sum(seen.columns[1].counts[1]) == len(TEXTS)


def test_tables_of_the_same_rows_are_called_the_same_and_others_are_not() -> None:
    assert repr(Table(COUNTS)) == repr(Table(COUNTS.tocsc()))
    assert repr(Table(COUNTS)) != repr(Table(COUNTS * 2))


@pytest.mark.parametrize(
    ("row", "kind", "message"),
    [
        (COUNTS, InstanceTypeError, "6 rows were given; one is expected – explain_many"),
        (sparse.csr_array((1, 5)), InstanceError, "the row has 5 columns; the training rows have 7 – .*vectoriser"),
        ([1, 2], InstanceError, "the row has 2 columns; the training rows have 7"),
        ([0, 0, np.nan, 0, 0, 0, 0], InstanceError, "column 'fish' is nan; finite numbers are expected"),
        ([0, 0, 0, 0, np.inf, 0, 0], InstanceError, "column 'no' is inf"),
        ({"fish": 1, "sky": 1}, InstanceError, "the row has 'sky' besides.*leave out"),
        ({"fish": "one"}, InstanceError, "column 'fish' is 'one'; a number is expected"),
        ("fish", InstanceTypeError, r"the instance is str; a row of the sparse matrix is expected – X\[\[i\]\]"),
        (None, InstanceTypeError, "the instance is NoneType"),
        (3, InstanceTypeError, "the instance is int"),
    ],
)
def test_a_row_that_does_not_fit_is_told(row: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        Table(COUNTS, names=NAMES).represent(row)


def lost() -> Any:
    found = COUNTS.astype(float)
    found.data[found.indices == 1] = np.nan
    return found


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (COUNTS[[0]], {}, r"sparse of shape \(1, 7\); two training rows or more"),
        (COUNTS[:0], {}, r"sparse of shape \(0, 7\)"),
        (lost(), {"names": NAMES}, "column 'chips' has the value nan in its training rows; finite.*leave those rows"),
        (COUNTS.astype(complex), {}, "sparse of complex128; numbers are expected"),
        (COUNTS, {"names": ["a"]}, "names has 1 different entries for 7 columns"),
        (COUNTS, {"names": ["a"] * 7}, "names has 1 different entries for 7 columns"),
        (COUNTS, {"categorical": [1], "bins": None}, r"'categorical', 'bins' cannot be heeded.*data.toarray\(\)"),
        (COUNTS, {"neighbours": "nearest"}, "'neighbours' cannot be heeded"),
        (COUNTS, {"bins": [1, 2]}, "'bins' cannot be heeded"),
    ],
)
def test_sparse_training_rows_that_will_not_do_are_told(data: Any, options: Any, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        Table(data, **options)


def test_a_row_of_nothing_has_no_parts() -> None:
    with pytest.raises(InstanceError, match="no parts"):
        rt.Explainer(MODEL, Table(COUNTS)).explain(np.zeros(7))
