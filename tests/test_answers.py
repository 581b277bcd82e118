"""A cached model gives the model's answers, and asks it about nothing twice."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import TYPE_CHECKING, Any

import cloudpickle
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps
from scipy import sparse
from sklearn.base import clone, is_classifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import retrust as rt
from retrust.answers import Cached, Memory
from retrust.errors import ModelOutputError, OptionError, RetrustWarning
from retrust.keys import keys_of, taken
from retrust.model import as_model
from retrust.scoring import Plain, scorer_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TEXTS = ["good film", "bad film", "good plot", "bad plot", "film", "plot good"] * 3
LABELS = ["+", "-", "+", "-", "-", "+"] * 3


class Lengths:
    """A model of texts that says how long they are, and keeps what it was asked about."""

    def __init__(self, outputs: int = 1) -> None:
        self.seen: list[str] = []
        self.outputs = outputs

    def __call__(self, texts: Sequence[str]) -> Any:
        self.seen.extend(texts)
        return np.array([[len(text) + output for output in range(self.outputs)] for text in texts])


def fitted() -> Any:
    """Return a text classifier."""
    return make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)


def counting(batch: Any) -> Any:
    """Answer any batch with the position of each input in it."""
    return np.arange(batch.shape[0] if hasattr(batch, "shape") else len(batch), dtype=float)


# --- what is asked, and what is answered ------------------------------------------------------------------------------


def test_a_model_is_asked_about_each_input_once() -> None:
    model = Lengths(2)
    slow = rt.cached(model)
    assert slow(["a", "bb", "a"]).tolist() == [[1, 2], [2, 3], [1, 2]]
    assert slow(["ccc", "bb"]).tolist() == [[3, 4], [2, 3]]
    assert sorted(model.seen) == ["a", "bb", "ccc"]
    assert (slow.asked, slow.hits) == (3, 2)


@given(st.lists(st.lists(st.text(max_size=3), min_size=1, max_size=8), max_size=6))
def test_whatever_the_batches_the_answers_are_the_models_own(batches: list[list[str]]) -> None:
    model = Lengths(3)
    slow = rt.cached(model)
    for batch in batches:
        np.testing.assert_array_equal(slow(batch), Lengths(3)(batch))
    texts = [text for batch in batches for text in batch]
    assert sorted(model.seen) == sorted(set(texts))
    assert slow.asked + slow.hits == len(texts)


@pytest.mark.parametrize("shape", [(), (1,), (3,)])
def test_an_answer_keeps_its_shape(shape: tuple[int, ...]) -> None:
    slow = rt.cached(lambda texts: np.random.default_rng(len(texts)).random((len(texts), *shape)))
    assert slow([]).shape == (0, *shape)
    first = slow(["a", "b"])
    assert first.shape == (2, *shape)
    assert slow(["b", "a"]).tolist() == first[::-1].tolist()
    assert slow([]).shape == (0, *shape)


def test_what_is_done_to_an_answer_does_not_change_what_is_kept() -> None:
    slow = rt.cached(Lengths())
    slow(["a", "bb"])[:] = 7
    slow(["a", "bb"])[:] = 8
    assert slow(["a", "bb"]).tolist() == [[1], [2]]


def test_answers_that_are_not_finite_are_asked_for_again() -> None:
    asked: list[str] = []

    def model(texts: list[str]) -> Any:
        asked.extend(texts)
        return np.array([[np.nan if "?" in text else np.inf if "!" in text else 1.0, 2.0] for text in texts])

    slow = rt.cached(model)
    for _ in range(2):
        np.testing.assert_array_equal(slow(["a", "?", "!", "b"]), [[1, 2], [np.nan, 2], [np.inf, 2], [1, 2]])
    assert asked == ["a", "?", "!", "b", "?", "!"]
    with pytest.raises(ModelOutputError, match=r"nan as output 0 of input 1 in a batch of 2"):
        as_model(slow).ask(["a", "?"])


def test_what_was_answered_before_a_model_raised_stays() -> None:
    model = Lengths()

    def failing(texts: list[str]) -> Any:
        if "poison" in texts:
            raise ConnectionError("gone")
        return model(texts)

    slow = rt.cached(failing)
    slow(["a", "bb"])
    with pytest.raises(ConnectionError, match="gone"):
        slow(["a", "poison", "ccc"])
    assert slow(["a", "bb"]).tolist() == [[1], [2]]
    assert model.seen == ["a", "bb"]
    assert (slow.asked, slow.hits) == (2, 2)


def test_another_number_of_outputs_is_told() -> None:
    slow = rt.cached(lambda texts: np.ones((len(texts), len(texts))))
    slow(["a", "b"])
    with pytest.raises(ModelOutputError, match=r"returned 2 outputs for each input and now 1; it must keep"):
        slow(["c"])
    assert slow(["a", "b"]).shape == (2, 2)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda texts: [1.0] * len(texts), "returned a list"),
        (lambda _: np.ones(7), r"shape \(7,\) for 2 inputs"),
        (lambda texts: np.array(["spam"] * len(texts)), "labels or objects"),
        (lambda _: np.array([np.nan, 1.0, 2.0]), r"shape \(3,\) for 2 inputs"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_as_it_is_without_a_cache(
    answer: Callable[[Any], Any], message: str
) -> None:
    with pytest.raises(ModelOutputError, match=message):
        rt.cached(answer)(["a", "b"])


def test_inputs_that_cannot_be_told_apart_are_asked_about_each_time() -> None:
    slow = rt.cached(counting)
    hooks = [lambda: 1, lambda: 2]
    assert [slow(hooks).tolist() for _ in range(2)] == [[0, 1], [0, 1]]
    assert (slow.asked, slow.hits) == (4, 0)


def test_threads_ask_about_each_input_once() -> None:
    model = Lengths(2)

    def asked(texts: list[str]) -> Any:
        sleep(0.002)
        return model(texts)

    slow = rt.cached(asked)
    batches = [[f"text {(start + at) % 50}" for at in range(20)] for start in range(64)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(slow, batches))
    for batch, answer in zip(batches, answers, strict=True):
        np.testing.assert_array_equal(answer, Lengths(2)(batch))
    assert len(model.seen) == slow.asked == 50
    assert slow.hits == 64 * 20 - 50


# --- memory -----------------------------------------------------------------------------------------------------------


def test_memory_keeps_what_was_asked_for_last() -> None:
    model = Lengths()
    slow = rt.cached(model, limit=600)
    for text in ["a", "bb", "a", "ccc", "a", "bb"]:
        slow([text])
    assert model.seen == ["a", "bb", "ccc", "bb"]


@given(st.integers(0, 5000), st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.integers(1, 5)), max_size=60))
def test_memory_stays_within_its_limit(limit: int, added: list[tuple[bytes, int]]) -> None:
    memory = Memory(limit)
    sizes = dict(reversed(added))
    for key, _ in added:
        memory.add({key: bytes(8 * sizes[key])})
    held = memory.found(list(sizes))
    assert sum(len(answer) + 256 for answer in held.values()) <= limit
    assert len(held) == len(memory)


def test_a_cache_without_memory_asks_each_time_and_still_answers() -> None:
    slow = rt.cached(Lengths(), limit=0)
    assert [slow(["a", "a", "bb"]).tolist() for _ in range(2)] == [[[1], [1], [2]]] * 2
    assert slow.asked == 4


@pytest.mark.parametrize("limit", [-1, 1.5, "1 MB", True, None])
def test_a_limit_is_a_number_of_bytes(limit: Any) -> None:
    with pytest.raises(OptionError, match=r"limit=.*a number of bytes is expected"):
        rt.cached(Lengths(), limit=limit)


# --- estimators -------------------------------------------------------------------------------------------------------


def test_a_cached_estimator_is_explained_as_the_estimator_is() -> None:
    model = fitted()
    slow = rt.cached(model)
    plain, kept, again = (
        rt.explain(given, "a good film with a bad plot", n_samples=300) for given in (model, slow, slow)
    )
    np.testing.assert_allclose(kept.coefficients, plain.coefficients, atol=1e-6)
    np.testing.assert_array_equal(again.coefficients, kept.coefficients)
    assert kept.classes == plain.classes == ("+", "-")
    asked = slow.asked
    rt.explain(slow, "a good film with a bad plot", n_samples=300)
    assert slow.asked == asked > 0


def test_all_else_of_an_estimator_is_there() -> None:
    model = fitted()
    slow: Any = rt.cached(model)
    assert slow.classes_.tolist() == ["+", "-"]
    assert slow.steps is model.steps
    assert slow.predict(["good"]).tolist() == ["+"]
    assert is_classifier(slow)
    np.testing.assert_array_equal(slow.predict_proba(["good", "bad"]), model.predict_proba(["good", "bad"]))
    assert slow.asked == 2
    with pytest.raises(AttributeError, match="nonsense"):
        _ = slow.nonsense


def test_columns_are_those_of_the_estimator() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 1.0, 2.0]})
    model = LinearRegression().fit(frame, [1.0, 2.0, 3.0])
    slow: Any = rt.cached(model)
    assert (slow.n_features_in_, slow.feature_names_in_.tolist()) == (2, ["a", "b"])
    np.testing.assert_array_equal(slow.predict(frame), model.predict(frame))
    np.testing.assert_array_equal(slow.predict(frame.iloc[::-1]), model.predict(frame)[::-1])
    assert (slow.asked, slow.hits) == (3, 3)


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
def test_a_method_stands_for_the_estimator_asked_by_it(method: str) -> None:
    model = fitted()
    slow = rt.cached(getattr(model, method))
    found = as_model(slow)
    assert (found.method, found.names) == (method, ("+", "-"))
    np.testing.assert_array_equal(found.ask(["good"]).ravel(), getattr(model, method)(["good"]).ravel())
    again = as_model(getattr(slow, method))
    assert (again.given, again.method, again.names) == (slow, method, ("+", "-"))


def test_predict_of_a_classifier_is_a_callable_as_it_is_without_a_cache() -> None:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, [1, 0] * 9)
    slow = rt.cached(model.predict)
    assert as_model(slow).method is None
    np.testing.assert_array_equal(as_model(slow).ask(["good", "bad"]), as_model(model.predict).ask(["good", "bad"]))


def test_no_short_cut_goes_around_the_cache() -> None:
    search = GridSearchCV(make_pipeline(CountVectorizer(), LogisticRegression()), {"logisticregression__C": [1.0]})
    for model in (fitted(), search.fit(TEXTS, LABELS)):
        text = rt.Text().represent("good film")
        rng = np.random.default_rng(0)
        assert not isinstance(scorer_for(as_model(model), text, rng), Plain)
        assert isinstance(scorer_for(as_model(rt.cached(model)), text, rng), Plain)


@pytest.mark.parametrize("name", ["fit", "partial_fit", "set_params"])
def test_a_cached_model_is_not_trained(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"no attribute '{name}': .*train it, then cache it"):
        getattr(rt.cached(fitted()), name)


def test_a_clone_is_the_estimator_itself_untrained() -> None:
    found = clone(rt.cached(fitted()))
    assert isinstance(found, type(fitted()))
    assert not hasattr(found, "classes_")


def test_what_is_no_model_is_told() -> None:
    with pytest.raises(OptionError, match="an estimator with predict_proba"):
        rt.cached(5)


# --- keys -------------------------------------------------------------------------------------------------------------

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=6)
NUMBERS = nps.scalar_dtypes().flatmap(
    lambda kind: nps.arrays(kind, nps.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
)


@given(st.lists(ANY_TEXT, min_size=1, max_size=6))
def test_texts_have_one_key_each_whatever_their_characters(texts: list[str]) -> None:
    keys = keys_of(texts)
    assert keys is not None
    assert len(set(keys)) == len(set(texts))
    assert [keys_of([text]) for text in texts] == [[key] for key in keys]


@given(NUMBERS)
def test_rows_of_arrays_have_one_key_for_their_bytes(rows: Any) -> None:
    keys = keys_of(rows)
    assert keys is not None
    assert len(set(keys)) == len({row.tobytes() for row in rows})
    assert keys_of(rows[::-1]) == keys[::-1]
    assert keys_of(np.repeat(rows, 2, axis=0)[::2]) == keys


@given(NUMBERS)
def test_rows_of_another_type_or_shape_have_other_keys(rows: Any) -> None:
    keys = set(keys_of(rows) or ())
    assert keys
    assert keys.isdisjoint(keys_of(rows[..., None]) or ())
    assert keys.isdisjoint(keys_of(rows.astype(object)) or ())
    assert keys.isdisjoint(keys_of(rows.astype(np.clongdouble)) or ())


@given(
    nps.arrays(np.float64, (3, 4), elements=st.sampled_from([0.0, 1.0, -2.5])), st.sampled_from(["csr", "csc", "coo"])
)
def test_rows_of_sparse_matrices_have_one_key_for_their_values(rows: Any, make: str) -> None:
    matrix: Any = getattr(sparse.csr_matrix(rows), f"to{make}")()
    keys = keys_of(matrix)
    assert keys is not None
    assert len(set(keys)) == len({tuple(row) for row in rows.tolist()})
    assert keys_of(taken(matrix, [2, 0])) == [keys[2], keys[0]]
    assert taken(matrix, [2, 0]).format == make


CELLS: dict[str, tuple[Any, list[Any]]] = {
    "numbers": ("float64", [1.0, 2.0, float("nan"), -0.0]),
    "whole": ("Int64", [1, 2, None, 0]),
    "words": ("object", ["a", "b", None, "None"]),
    "moments": ("datetime64[ns]", ["2020-01-01", "2020-01-02", None, "1999-12-31"]),
    "kinds": ("category", ["a", "b", None, "a b"]),
    "several": ("object", [1, 1.0, True, "1"]),
}
MAKES: list[tuple[str, Callable[[Any], Any]]] = [
    ("pandas", lambda frame: frame),
    ("polars", lambda frame: pl.from_pandas(frame.drop(columns="several"))),
    ("pyarrow", lambda frame: pa.Table.from_pandas(frame.drop(columns="several"), preserve_index=False)),
]


def frame_of(rows: Sequence[int]) -> Any:
    """Return a frame of columns of every type, with values by their number."""
    frame = pd.DataFrame({name: pd.Series(cells, dtype=kind) for name, (kind, cells) in CELLS.items()})
    return frame.iloc[list(rows)].reset_index(drop=True)


@pytest.mark.parametrize(("make", "made"), MAKES)
@given(rows=st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_rows_of_frames_have_one_key_for_their_values(make: str, made: Callable[[Any], Any], rows: list[int]) -> None:
    whole = made(frame_of([0, 1, 2, 3]))
    frame = taken(whole, rows)
    keys = keys_of(frame)
    assert keys is not None, make
    assert [keys_of(taken(frame, [at])) for at in range(len(rows))] == [[key] for key in keys]
    assert len(set(keys)) == len(set(rows))
    assert (keys_of(whole) or [])[rows[0]] == keys[0]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(("make", "made"), MAKES)
def test_each_column_of_a_frame_counts_and_so_do_its_missing_values(
    make: str, made: Callable[[Any], Any], name: str
) -> None:
    frame = frame_of([0, 0, 0, 0])
    frame[name] = pd.Series(CELLS[name][1], dtype=CELLS[name][0])
    expected = 1 if name == "several" and make != "pandas" else 4
    assert len(set(keys_of(made(frame)) or ())) == expected


def test_frames_of_other_types_have_other_keys() -> None:
    frames: list[Any] = [
        pd.DataFrame({"a": [1, 2]}),
        pd.DataFrame({"a": [1.0, 2.0]}),
        pd.DataFrame({"b": [1, 2]}),
        pd.DataFrame({"a": pd.array([1, 2], dtype="Int64")}),
        pd.DataFrame({"a": pd.Categorical([1, 2])}),
        pd.DataFrame({"a": pd.Categorical([1, 2], [2, 1])}),
        pl.DataFrame({"a": [1, 2]}),
        pa.table({"a": [1, 2]}),
        np.array([[1], [2]]),
        [[1], [2]],
    ]
    keys = [key for frame in frames for key in keys_of(frame) or ()]
    assert len(set(keys)) == len(keys) == 2 * len(frames)


def test_equal_bytes_of_other_types_have_other_keys() -> None:
    batches: list[Any] = [np.zeros((1, 2), kind) for kind in ("f8", "i8", "u8", "M8[s]", "M8[ns]", "c8")]
    batches += [[None], ["NoneType None"], [1], ["1"], [b"1"], ["int 1"], [True], [1.0]]
    keys = [key for batch in batches for key in keys_of(batch) or ()]
    assert len(set(keys)) == len(keys) == len(batches)


def test_the_order_in_which_a_sparse_row_is_written_does_not_count() -> None:
    one = sparse.csr_matrix(([1.0, 2.0], [0, 2], [0, 2]), shape=(1, 3))
    other = sparse.csr_matrix(([2.0, 1.0], [2, 0], [0, 2]), shape=(1, 3))
    assert keys_of(one) == keys_of(other)
    assert other.indices.tolist() == [2, 0]


def test_the_index_of_a_frame_does_not_count() -> None:
    frame = frame_of([0, 1, 2])
    assert keys_of(frame.set_axis([7, 8, 9])) == keys_of(frame)


def test_a_series_of_texts_is_a_batch() -> None:
    slow = rt.cached(Lengths())
    texts = pd.Series(["a", "bb", "a"])
    assert slow(texts).tolist() == [[1], [2], [1]]
    assert slow(texts.iloc[1:]).tolist() == [[2], [1]]
    assert slow.asked == 2


@pytest.mark.parametrize(
    "batch",
    [
        ["a", "b", "c"],
        ("a", "b", "c"),
        [{"a": 1}, {"a": [2]}, {"b": 1}],
        [np.zeros((2, 2)), np.ones((2, 2)), np.zeros(4)],
        np.arange(24.0).reshape(3, 2, 4),
        np.array(["x", "yy", "z"]),
        np.array([[1, "a"], [2, None], [1, "b"]], dtype=object),
        np.array([(1, 2.0), (1, 3.0), (2, 2.0)], dtype=[("a", int), ("b", float)]),
        sparse.csr_array(np.eye(3)),
        frame_of([0, 1, 2]),
        pl.from_pandas(frame_of([0, 1, 2]).drop(columns="several")),
        pa.table({"a": ["x", "y", "z"]}),
    ],
    ids=[
        "list",
        "tuple",
        "dicts",
        "arrays",
        "pictures",
        "strings",
        "objects",
        "records",
        "sparse",
        "pandas",
        "polars",
        "pyarrow",
    ],
)
def test_a_model_sees_the_rest_of_a_batch_in_the_batch_s_own_type(batch: Any) -> None:
    seen: list[Any] = []

    def model(inputs: Any) -> Any:
        seen.append(inputs)
        return counting(inputs)

    slow = rt.cached(model)
    assert slow(taken(batch, [1])).tolist() == [0]
    assert slow(batch).tolist() == [0, 0, 1]
    assert slow.asked == 3
    assert type(seen[1]) is type(batch)
    assert keys_of(seen[1]) == keys_of(taken(batch, [0, 2]))


def test_what_a_mask_hides_is_never_taken_for_what_it_shows() -> None:
    rows = np.ma.MaskedArray([[1.0, 2.0]], mask=[[True, False]])
    assert keys_of(rows) is None
    assert keys_of([rows[0]]) is None


def test_long_rows_have_the_same_keys_as_ever() -> None:
    pictures = np.zeros((5, 128, 128, 3), np.uint8)
    pictures[3, 5, 5] = 9
    keys = keys_of(pictures)
    assert keys is not None
    assert keys[0] == keys[1] == keys[2] == keys[4] != keys[3]
    assert keys_of(pictures[3:4]) == [keys[3]]


def test_keys_are_the_same_in_every_process() -> None:
    code = (
        "import json, numpy as np, pandas as pd; from retrust.keys import keys_of\n"
        "batches = [['a', '\\udc80'], np.eye(2), [{'a', 'b', 'c'}, {'b': 1, 'a': 2}],\n"
        "           pd.DataFrame({'a': pd.Categorical(['x', 'y'])})]\n"
        "print(json.dumps([key.hex() for batch in batches for key in keys_of(batch)]))"
    )
    said = [ran(code, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    assert said[0] == said[1]
    assert len(set(said[0])) == 8


# --- on disk ----------------------------------------------------------------------------------------------------------


def ran(code: str, *arguments: str, **environment: str) -> Any:
    """Run code in another process and read what it prints as JSON."""
    with started(code, *arguments, **environment) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def started(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Start code in another process."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def integrity(path: Path) -> str:
    """Let SQLite look at all of a file."""
    with sqlite3.connect(path) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return str(said)


def test_answers_on_disk_are_there_for_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    code = (
        "import sys, json, numpy as np, retrust as rt\n"
        "slow = rt.cached(lambda texts: np.array([len(t) for t in texts]), sys.argv[1], name='lengths')\n"
        "found = slow(['a', 'bb', '\\udc80']).tolist(); print(json.dumps([found, slow.asked, slow.hits]))"
    )
    assert ran(code, str(path)) == [[1, 2, 1], 3, 0]
    assert ran(code, str(path)) == [[1, 2, 1], 0, 3]


def test_answers_on_disk_need_no_memory(tmp_path: Path) -> None:
    model = Lengths(2)
    slow = rt.cached(model, tmp_path / "answers.db", name="lengths", limit=0)
    texts = [f"text {at}" for at in range(1200)]
    for _ in range(2):
        np.testing.assert_array_equal(slow(texts), Lengths(2)(texts))
    assert len(model.seen) == slow.asked == slow.hits == 1200


def test_another_model_s_answers_are_not_taken(tmp_path: Path) -> None:
    path, texts = tmp_path / "answers.db", ["good", "bad"]
    one, other = fitted(), make_pipeline(CountVectorizer(), LogisticRegression(C=0.01)).fit(TEXTS, LABELS)
    for model in (one, other, one.decision_function):
        slow = rt.cached(model, path)
        np.testing.assert_array_equal(as_model(slow).ask(texts), as_model(model).ask(texts))
        assert slow.asked == 2
    again: Any = rt.cached(pickle.loads(pickle.dumps(one)), path)
    np.testing.assert_array_equal(again.predict_proba(texts), one.predict_proba(texts))
    assert (again.asked, again.hits) == (0, 2)


def test_a_model_is_known_again_after_it_was_fitted_alike_used_saved_and_loaded(tmp_path: Path) -> None:
    code = (
        "import sys, json, pickle; from pathlib import Path; import retrust as rt\n"
        "from sklearn.feature_extraction.text import CountVectorizer; from sklearn.pipeline import make_pipeline\n"
        "from sklearn.linear_model import LogisticRegression; file = Path(sys.argv[2])\n"
        "model = make_pipeline(CountVectorizer(stop_words=['a', 'the']), LogisticRegression())\n"
        "model.fit(['a good film', 'the bad one'] * 3, [1, 0] * 3)\n"
        "models = [model, pickle.loads(file.read_bytes()) if file.exists() else model]\n"
        "file.write_bytes(pickle.dumps(model)); slow = [rt.cached(model, sys.argv[1]) for model in models * 2]\n"
        "for one in slow: one.predict_proba(['good', 'bad'])\n"
        "models[1].predict(['the end']); slow.append(rt.cached(models[1], sys.argv[1]))\n"
        "slow[-1].predict_proba(['good']); print(json.dumps([one.asked for one in slow]))"
    )
    assert ran(code, str(tmp_path / "answers.db"), str(tmp_path / "model")) == [2, 0, 0, 0, 0]
    assert ran(code, str(tmp_path / "answers.db"), str(tmp_path / "model")) == [0, 0, 0, 0, 0]


def test_a_name_tells_models_apart(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    assert rt.cached(lambda texts: np.full(len(texts), 1.0), path, name="one")(["a"]).tolist() == [1]
    assert rt.cached(lambda texts: np.full(len(texts), 2.0), path, name="two")(["a"]).tolist() == [2]
    assert rt.cached(lambda texts: np.full(len(texts), 3.0), path, name="one")(["a"]).tolist() == [1]


def test_a_callable_on_disk_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"path is given for a callable, and no name; .* give name='…'"):
        rt.cached(Lengths(), tmp_path / "answers.db")


def test_an_estimator_that_cannot_be_told_by_its_contents_needs_a_name(tmp_path: Path) -> None:
    model = make_pipeline(
        CountVectorizer(tokenizer=lambda text: text.split(), token_pattern=None), LogisticRegression()
    )
    model.fit(TEXTS, LABELS)
    with pytest.raises(OptionError, match=r"the Pipeline cannot be told from others by its contents .*give name='…'"):
        rt.cached(model, tmp_path / "answers.db")
    slow: Any = rt.cached(model, tmp_path / "answers.db", name="split")
    assert slow.predict_proba(["good"]).shape == (1, 2)


@pytest.mark.parametrize("name", ["", 5])
def test_a_name_is_a_text(name: Any) -> None:
    with pytest.raises(OptionError, match=r"name=.*a text is expected"):
        rt.cached(Lengths(), name=name)


def test_another_number_of_outputs_than_on_disk_is_told(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    rt.cached(Lengths(2), path, name="lengths")(["a"])
    changed = rt.cached(Lengths(3), path, name="lengths")
    assert changed(["a"]).shape == (1, 2)
    with pytest.raises(ModelOutputError, match=r"2 outputs for each input in 'answers.db' and now 3; .*another name="):
        changed(["bb"])


def test_a_cached_model_travels_with_its_file_and_without_its_memory(tmp_path: Path) -> None:
    slow = rt.cached(Lengths(), tmp_path / "answers.db", name="lengths")
    slow(["a", "bb"])
    for there in (pickle.loads(pickle.dumps(slow)), cloudpickle.loads(cloudpickle.dumps(slow))):
        assert there.path == slow.path == tmp_path / "answers.db"
        assert there(["a", "bb"]).tolist() == [[1], [2]]
        assert (there.asked, there.hits) == (0, 2)
    alone = pickle.loads(pickle.dumps(rt.cached(Lengths())))
    assert alone(["a"]).tolist() == [[1]]
    assert alone.path is None


def test_a_file_that_is_not_there_any_more_is_done_without(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    slow = rt.cached(Lengths(), folder / "answers.db", name="lengths")
    packed = pickle.dumps(slow)
    slow._file.close()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    with pytest.warns(RetrustWarning, match=r"the file of answers answers.db: .* it goes on without the file"):
        there = pickle.loads(packed)
    assert [there(["a"]).tolist() for _ in range(2)] == [[[1]], [[1]]]


def test_workers_explain_with_a_cached_model(tmp_path: Path) -> None:
    slow = rt.cached(fitted(), tmp_path / "answers.db")
    texts = ["a good film", "a bad plot"]
    found = [rt.explain(slow, text, n_samples=60) for text in texts]
    there: Any = pickle.loads(cloudpickle.dumps(slow))
    again = [rt.explain(there, text, n_samples=60) for text in texts]
    assert there.asked == 0
    for one, other in zip(found, again, strict=True):
        np.testing.assert_array_equal(one.coefficients, other.coefficients)


def test_a_process_that_was_forked_opens_the_file_itself(tmp_path: Path) -> None:
    slow = rt.cached(Lengths(), tmp_path / "answers.db", name="lengths", limit=0)
    slow(["a"])
    file = slow._file
    before = file._connection
    file._process = -1
    assert slow(["a", "bb"]).tolist() == [[1], [2]]
    assert slow.asked == 2
    assert file._connection is not before
    before.close()


def test_several_processes_share_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    code = (
        "import sys, json, numpy as np, retrust as rt\n"
        "slow = rt.cached(lambda texts: np.array([[len(t), int(t)] for t in texts]), sys.argv[1], name='m', limit=0)\n"
        "for at in range(0, 400, 20):\n"
        "    batch = [str((int(sys.argv[2]) * 100 + at + more) % 400) for more in range(40)]\n"
        "    assert slow(batch).tolist() == [[len(t), int(t)] for t in batch]\n"
        "print(json.dumps(slow.asked + slow.hits))"
    )
    running = [started(code, str(path), str(number)) for number in range(4)]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        assert json.loads(out) == 800
    assert integrity(path) == "ok"
    after = rt.cached(lambda texts: np.zeros((len(texts), 2)), path, name="m")
    after([str(number) for number in range(400)])
    assert after.hits == 400


def test_a_process_killed_while_it_writes_leaves_what_it_had_written(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    code = (
        "import sys, numpy as np, retrust as rt\n"
        "slow = rt.cached(lambda ts: np.array([[float(t)] * 50 for t in ts]), sys.argv[1], name='m', limit=0)\n"
        "for start in range(0, 10**9, 1000):\n"
        "    slow([str(start + at) for at in range(1000)]); print(start, flush=True)"
    )
    with started(code, str(path)) as process:
        assert process.stdout is not None
        while int(process.stdout.readline()) < 3000:
            pass
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert integrity(path) == "ok"
    after = rt.cached(lambda texts: np.array([[float(text)] * 50 for text in texts]), path, name="m")
    texts = [str(at) for at in range(8000)]
    np.testing.assert_array_equal(after(texts), np.array([[float(text)] * 50 for text in texts]))
    assert after.hits >= 4000
    assert after.hits % 1000 == 0


def test_a_full_disk_is_told_once_and_done_without(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    model = Lengths(50)
    slow = rt.cached(model, path, name="lengths", limit=0)
    slow(["first"])
    pages = slow._file._connection.execute("PRAGMA page_count").fetchone()[0]
    slow._file._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    texts = [f"text {at}" for at in range(1000)]
    with pytest.warns(RetrustWarning, match=r"answers.db: .*full; the answers in it are read, and new ones are not"):
        answer = slow(texts)
    np.testing.assert_array_equal(answer, Lengths(50)(texts))
    asked = slow.asked
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(slow(["first", *texts]), Lengths(50)(["first", *texts]))
    assert slow.asked == asked + 1000
    assert integrity(path) == "ok"


def test_a_file_damaged_on_the_way_is_told_once_and_done_without(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    slow = rt.cached(Lengths(), path, name="lengths", limit=0)
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE answers")
    other.close()
    with pytest.warns(RetrustWarning, match=r"no such table: answers; it goes on without the file"):
        assert slow(["a"]).tolist() == [[1]]
    assert slow(["a"]).tolist() == [[1]]


def test_answers_cut_short_are_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "answers.db"
    rt.cached(Lengths(2), path, name="lengths")(["a", "bb"])
    with sqlite3.connect(path) as other:
        other.execute("UPDATE answers SET answer = x'00'")
    other.close()
    slow = rt.cached(Lengths(2), path, name="lengths")
    assert slow(["a", "bb"]).tolist() == [[1, 2], [2, 3]]
    assert slow.asked == 2


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one " * 50, "table", "newer"])
def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "answers.db"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE mine (a)" if content == "table" else "PRAGMA user_version = 99")
        other.close()
    before = path.read_bytes()
    with pytest.raises(OptionError, match=r"path='answers.db' (is a database, and none|cannot be opened)"):
        rt.cached(Lengths(), path, name="lengths")
    assert path.read_bytes() == before


@pytest.mark.parametrize("path", ["no/folder/answers.db", "."])
def test_a_path_that_can_be_no_file_is_told(tmp_path: Path, path: str) -> None:
    with pytest.raises(OptionError, match="the name of a file in a folder that exists is expected"):
        rt.cached(Lengths(), tmp_path / path, name="lengths")


def test_it_says_what_it_has_done() -> None:
    slow = rt.cached(fitted().predict_proba)
    assert isinstance(slow, Cached)
    as_model(slow).ask(["a", "a", "b"])
    assert repr(slow).startswith("<cached Pipeline(")
    assert repr(slow).endswith("2 inputs asked about, 1 answered from the cache>")
