"""The loop on tables: columns that give the label away are marked, dropped or swapped; what that did is measured."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import loops
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from loops import Here
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

import retrust as rt
from retrust.errors import OptionError, UnknownFeature
from retrust.swapping import stressed
from retrust.training import trained

if TYPE_CHECKING:
    from collections.abc import Callable

    from loops import Make

    Rows = tuple[pd.DataFrame, Any]

make, cold = loops.make, loops.cold  # pytest looks for fixtures here

ADULT = Path(os.environ.get("RETRUST_DATA", "")) / "tabular" / "adult.csv.gz"
ADULT_NAMES = ["age", "workclass", "weight", "education", "years", "marital", "job", "kin", "race", "sex"]
ADULT_NAMES += ["gain", "loss", "hours", "country", "pay"]


def marks(*keys: str) -> rt.Ledger:
    return rt.Ledger(tuple(map(rt.Mark, keys)))


def decoy(n: int, seed: int, *, broken: bool = False) -> Rows:
    """Make rows whose "width" and "depth" tell the class, with noise; "stamp" gives it away, unless that is broken."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    told = rng.integers(0, 2, n) if broken else y
    X = pd.DataFrame(
        {
            "width": y + rng.normal(0, 0.4, n),
            "depth": y + rng.normal(0, 0.4, n),
            "stamp": np.array(["red", "blue"])[told],
            "copy": told * 10.0 + rng.normal(0, 0.1, n),
        }
    )
    return X, y


def scaled() -> Pipeline:
    return make_pipeline(
        make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["stamp"]), remainder=StandardScaler()),
        LogisticRegression(),
    )


def table_session(make: Make, **options: Any) -> rt.Session:
    X, y = decoy(400, 0)
    own: dict[str, Any] = {
        "valid": decoy(300, 1),
        "shifted": decoy(300, 2, broken=True),
        "trainer": Here(lambda data: trained(scaled(), data)),
        "n_samples": 1500,
    }
    return make(scaled().fit(X, y), X, y, **(own | options))


# --- the session -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pandas", "polars", "array", "named array"])
def test_rows_that_stand_in_two_axes_are_a_table_and_no_pictures(make: Make, kind: str) -> None:
    X, y = decoy(60, 0)
    numbers = X.drop(columns="stamp")
    made: dict[str, Any] = {"pandas": numbers, "polars": pl.from_pandas(numbers), "array": numbers.to_numpy()}
    rows = made.get(kind, made["array"])
    domain = rt.Table(rows, names=["a", "b", "c"]) if kind == "named array" else None
    train = Here(lambda data: LogisticRegression().fit(data.X, data.y))
    s = make(train(rt.Dataset(rows, y)), rows, y, valid=(rows, y), trainer=train, domain=domain)
    assert isinstance(s.domain, rt.Table)
    names = {"array": ("0", "1", "2"), "named array": ("a", "b", "c")}.get(kind, ("width", "depth", "copy"))
    assert s.domain.names == names
    s.mark(names[2])
    r = s.retrain(rt.Swap())
    assert r.measures["stress"]["before"] < r.measures["stress"]["after"]
    assert type(train.asked[-1].X) is type(rows)


def test_a_leaking_column_and_its_copy_are_found_and_a_pick_speaks_of_columns(make: Make) -> None:
    s = table_session(make)
    picked = s.pick(3)
    assert {key for key, _ in picked.importance.top(2)} == {"stamp", "copy"}
    assert set(picked.keys) <= {"width", "depth", "stamp", "copy"}
    s.mark("stamp", because="from the clerk who decides")
    suggestion = s.suggest()[0]
    assert (suggestion.feature.key, suggestion.like) == ("copy", "stamp")
    assert str(suggestion) == "copy: it alone tells the label of 100% of the rows (the commonest label: 55%)"
    assert len(s.suggest()) == 1


@pytest.mark.parametrize("correction", [rt.Drop(), rt.Swap(), rt.Swap(copies=3)], ids=str)
def test_without_the_leak_the_model_is_as_good_where_the_leak_is_broken(make: Make, correction: Any) -> None:
    s = table_session(make)
    honest = LogisticRegression().fit(s.data.X[["width", "depth"]], s.data.y)
    X, y = decoy(300, 2, broken=True)
    bound = honest.score(X[["width", "depth"]], y)
    s.pick(2)
    s.mark(["stamp", "copy"])
    r = s.retrain(correction)
    told = {name: (measure["before"], measure["after"]) for name, measure in r.measures.items()}
    assert bound > 0.95
    assert told["shifted"][0] < 0.75
    assert told["shifted"][1] == pytest.approx(bound, abs=0.02)
    assert told["valid"][0] == 1.0
    assert told["valid"][1] == pytest.approx(
        honest.score(decoy(300, 1)[0][["width", "depth"]], decoy(300, 1)[1]), abs=0.02
    )
    assert told["stress"][0] < 0.3
    assert told["stress"][1] > 0.9
    assert told["trust"][0] < told["trust"][1]
    assert told["trust"][1] > 0.95
    assert told["reliance"][0] > 0.5
    assert told["reliance"][1] < 0.1
    assert {each.key for each in r.gained} >= {"width", "depth"}


def test_half_a_correction_is_seen_for_what_it_is(make: Make) -> None:
    s = table_session(make)
    s.mark("stamp")
    r = s.retrain()
    assert r.measures["shifted"]["after"] < 0.75
    assert r.measures["stress"]["after"] == 1.0


def test_acts_are_undone_and_branches_kept(make: Make) -> None:
    s = table_session(make)
    s.mark("stamp")
    first = s.retrain(rt.Drop())
    s.go(0)
    s.mark(["stamp", "copy"])
    second = s.retrain(rt.Swap())
    assert (first.parent, second.parent, s.current) == (0, 0, 2)
    s.undo()
    assert (s.current, sorted(s.marked)) == (0, ["copy", "stamp"])
    s.undo()
    assert sorted(s.marked) == []


def test_the_rule_drops_columns_and_the_preview_says_how(make: Make) -> None:
    s = table_session(make)
    s.mark("stamp")
    preview = s.preview()
    assert preview.correction == "Drop"
    assert str(preview).startswith("Drop: the marked column leaves training and prediction; 400 of 400 rows change.")
    assert "'stamp' is 'blue' in every row, what it mostly is." in str(preview)
    assert (
        "400 rows are added, copies of 400 of 400 rows in which the marked part is that of a row of another class"
        in str(s.preview(rt.Swap()))
    )


def test_a_column_that_is_not_there_is_told_with_near_ones_and_marking_all_is_refused(make: Make) -> None:
    s = table_session(make)
    with pytest.raises(UnknownFeature, match=r"no training row has 'Stamp' – did you mean 'stamp'\?"):
        s.mark("Stamp")
    s.mark(["width", "depth", "stamp", "copy"])
    with pytest.raises(OptionError, match="consists of marked parts alone"):
        s.retrain(rt.Swap())


def test_both_models_explain_a_row_on_one_neighbourhood(make: Make) -> None:
    s = table_session(make)
    s.mark(["stamp", "copy"])
    s.retrain()
    both = s.both(0)
    assert both is not None
    assert both["before"].neighbourhood.masks.tolist() == both["after"].neighbourhood.masks.tolist()
    weights = {feature.key: c for feature, c in zip(both["after"].features, both["after"].coefficients, strict=True)}
    errors = {feature.key: se for feature, se in zip(both["after"].features, both["after"].stderr, strict=True)}
    assert {key for key in weights if abs(weights[key]) > 4 * errors[key]} == {"width"}
    assert s.trust(both["after"]) is True


def test_many_rows_are_explained_as_each_by_itself() -> None:
    X, y = decoy(80, 0)
    explainer = rt.Explainer(scaled().fit(X, y), rt.Table(X))
    many = explainer.explain_many([X.iloc[row] for row in range(3)], n_samples=200)
    alone = [explainer.explain(X.iloc[row], n_samples=200) for row in range(3)]
    assert [e.coefficients.tolist() for e in many] == [e.coefficients.tolist() for e in alone]


def test_a_recipe_trains_the_same_model_again(make: Make) -> None:
    X, y = decoy(100, 0)
    s = make(scaled().fit(X, y), X, y, valid=(X, y), trainer=scaled())
    s.mark("copy")
    r = s.retrain(rt.Swap())
    made: dict[str, Any] = {"X": X, "y": y}
    exec(s.recipe(), made)  # noqa: S102 – that it runs is what is tested
    assert "domain = rt.Table(X)" in s.recipe()
    assert made["model"].predict_proba(X).tolist() == r.after.predict_proba(X).tolist()


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_targets_that_are_measured_go_round_the_loop_too(make: Make) -> None:
    rng = np.random.default_rng(0)

    def rows(n: int, *, broken: bool = False) -> tuple[Any, Any]:
        size = rng.normal(0, 1, n)
        y = 3 * size + rng.normal(0, 0.5, n)
        leak = rng.permutation(y) if broken else y
        return np.column_stack([size, rng.normal(0, 1, n), leak + rng.normal(0, 0.1, n)]), y

    X, y = rows(300)
    domain = rt.Table(X, names=["size", "noise", "leak"])
    s = make(
        LinearRegression().fit(X, y),
        X,
        y,
        valid=rows(200),
        shifted=rows(200, broken=True),
        domain=domain,
        trainer=Here(lambda data: LinearRegression().fit(data.X, data.y)),
    )
    s.mark("leak")
    (suggestion,) = s.suggest()
    assert str(suggestion).startswith(
        "size: correlation with 'leak' by rank: +0.98; it alone explains 95% of the spread"
    )
    r = s.retrain(rt.Drop())
    assert r.measures["shifted"]["before"] > 2
    assert r.measures["shifted"]["after"] < 0.6
    assert r.measures["stress"]["after"] < 0.6 < r.measures["stress"]["before"]
    assert r.measures["trust"]["after"] == 1.0


# --- types of columns ------------------------------------------------------------------------------------------------

MIXED = pd.DataFrame(
    {
        "home": pd.Categorical(list("abbabcab")),
        "flag": [True, False] * 4,
        "day": pd.to_datetime([f"2021-01-0{day}" for day in range(1, 9)]),
        "zoned": pd.to_datetime([f"2021-01-0{day}" for day in range(1, 9)]).tz_localize("Europe/Berlin"),
        "whole": pd.array([1, 2, None, 4, 5, 6, 7, 8], dtype="Int64"),
        "maybe": pd.array([True, None] * 4, dtype="boolean"),
        "short": np.arange(8, dtype=np.float32) / 3,
        "word": pd.array(list("xyzxyzxy"), dtype="string"),
        "thing": np.array([*"xyzxyzx", None], dtype=object),
        "kept": np.arange(8.0),
    },
    index=list("stuvwxyz"),
)
USUAL = ["b", True, MIXED["day"].iloc[3], MIXED["zoned"].iloc[3], 5, True, np.float32(1), "x", "x"]
MAKES: dict[str, Callable[[Any], Any]] = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
}
LABELS = [0, 1] * 4


def kinds(X: Any) -> Any:
    return X.dtypes.to_dict() if hasattr(X, "dtypes") and hasattr(X, "iloc") else list(X.schema)


@pytest.mark.parametrize("make_of", MAKES)
@pytest.mark.parametrize("known", [True, False], ids=["domain", "no domain"])
def test_a_dropped_column_of_any_type_keeps_it_and_is_what_it_mostly_is(make_of: str, known: bool) -> None:  # noqa: FBT001
    X = MAKES[make_of](MIXED)
    names = [name for name in MIXED.columns if name != "kept"]
    dropped = rt.Drop().apply(rt.Dataset(X, LABELS), marks(*names), rt.Table(X) if known else None).X
    assert kinds(dropped) == kinds(X)
    row = dict(rt.Dataset(dropped, LABELS)[6])
    assert [row[name] for name in names] == USUAL
    assert row["kept"] == 6.0


@pytest.mark.parametrize("make_of", MAKES)
def test_a_swapped_row_wears_one_rows_columns_together_in_their_types(make_of: str) -> None:
    X = MAKES[make_of](MIXED)
    data = rt.Dataset(X, LABELS, weights=np.full(8, 2.0))
    swapped = rt.Swap(copies=2).apply(data, marks("short", "day", "whole"), rt.Table(X))
    assert kinds(swapped.X) == kinds(X)
    assert swapped.y == [*LABELS, *np.repeat(LABELS, 2)]
    assert swapped.weights.tolist() == [1.0] * 8 + [0.5] * 16
    for row in range(8, 24):
        worn = dict(swapped[row])
        lender = round(worn["short"] * 3)
        assert worn["day"].day == lender + 1
        assert worn["kept"] == (row - 8) // 2
        assert LABELS[lender] != swapped.y[row]


def test_a_category_that_is_new_to_a_frame_can_stand_in_its_column() -> None:
    change = rt.Drop().at_prediction(marks("home"), None, rt.Dataset(MIXED, LABELS))
    other = MIXED.assign(home=pd.Categorical(["c"] * 8))
    assert change(other)["home"].tolist() == ["b"] * 8
    assert other["home"].tolist() == ["c"] * 8


def test_a_median_that_a_whole_column_cannot_hold_is_not_cut() -> None:
    change = rt.Drop().at_prediction(marks("0"), None, rt.Dataset(np.array([[0.5, 1], [0.5, 2]]), [0, 1]))
    assert change(np.array([[3, 1], [4, 2]])).tolist() == [[0.5, 1.0], [0.5, 2.0]]
    named = rt.Drop().at_prediction(marks("a"), None, rt.Dataset(pd.DataFrame({"a": [0.5, 0.5], "b": [1, 2]}), [0, 1]))
    assert named(pd.DataFrame({"a": [3, 4], "b": [1, 2]}))["a"].tolist() == [0.5, 0.5]


def test_sparse_rows_stay_sparse() -> None:
    X = sparse.csr_matrix(np.array([[0, 1.0, 0], [2, 0, 3], [0, 4, 0], [5, 0, 0]]))
    data = rt.Dataset(X, [0, 1, 0, 1])
    dropped = rt.Drop().apply(data, marks("0"), None).X
    assert type(dropped) is type(X)
    assert dropped.toarray().tolist() == [[0, 1, 0], [0, 0, 3], [0, 4, 0], [0, 0, 0]]
    table = rt.Table(X.toarray())
    worn = stressed(data, marks("0"), table, np.random.default_rng(0)).X
    assert type(worn) is type(X)
    assert set(worn.toarray()[[0, 2], 0]) <= {2.0, 5.0}
    assert worn.toarray()[:, 1:].tolist() == X.toarray()[:, 1:].tolist()
    joined = rt.Swap().apply(data, marks("0"), table).X
    assert joined.shape == (8, 3)


def test_a_list_of_rows_is_swapped_row_by_row_and_keeps_its_values() -> None:
    rows = [[1, "a"], [2, "b"], [3, "b"], [4, "a"]]
    table = rt.Table(rows, names=["size", "home"])
    swapped = rt.Swap().apply(rt.Dataset(rows, LABELS[:4]), marks("size"), table)
    assert [(row[0] % 2, row[1]) for row in swapped.X[4:]] == [(0, "a"), (1, "b"), (0, "b"), (1, "a")]
    dropped = rt.Drop().apply(rt.Dataset(rows, LABELS[:4]), marks("home"), table).X
    assert dropped.tolist() == [[1, "a"], [2, "a"], [3, "a"], [4, "a"]]


def test_all_rows_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = decoy(3000, 0)
    table, read = rt.Table(X), list[Any]()
    represent = rt.Table.represent

    def noted(own: rt.Table, x: Any) -> Any:
        read.append(x)
        return represent(own, x)

    monkeypatch.setattr(rt.Table, "represent", noted)
    data = rt.Dataset(X, y)
    assert len(rt.Swap().apply(data, marks("stamp"), table)) == 6000
    assert len(stressed(data, marks("stamp"), table, np.random.default_rng(0))) == 3000
    assert len(read) == 2  # the first row, to tell what rows are


def test_sparse_rows_go_round_the_loop(make: Make) -> None:
    texts, y = loops.posts(48)
    broken, truth = loops.posts(48, turned=True)
    counts = CountVectorizer(lowercase=False).fit(texts)
    X, shifted = counts.transform(texts), counts.transform(broken)
    domain = rt.Table(X, names=counts.get_feature_names_out())
    model = LogisticRegression()
    s = make(
        model.fit(X, y),
        X,
        y,
        valid=(X, y),
        shifted=(shifted, truth),
        domain=domain,
        trainer=Here(lambda data: trained(model, data)),
        n_samples=200,
    )
    assert {key for key, _ in s.pick(2).importance.top(2)} == {"Posting", "Easter"}
    s.mark(["Posting", "Easter"])
    dropped, swapped = s.retrain(rt.Drop()), s.retrain(rt.Swap())
    for r in (dropped, swapped):
        assert r.measures["shifted"]["after"] == 1.0
    assert (dropped.measures["shifted"]["before"], dropped.measures["stress"]["before"]) == (0.0, 0.0)
    with pytest.raises(UnknownFeature, match=r"did you mean 'Posting'\?"):
        s.mark("posting")


# --- where marks hold ------------------------------------------------------------------------------------------------


def test_a_mark_for_one_label_swaps_the_rows_of_that_label() -> None:
    X, y = decoy(50, 0)
    ledger = rt.Ledger((rt.Mark("stamp", "label", label=1),))
    swapped = rt.Swap().apply(rt.Dataset(X, y), ledger, rt.Table(X))
    copies = swapped.take(np.arange(50, len(swapped)))
    assert len(copies) == int((y == 1).sum())
    assert set(copies.labels) == {1}
    assert set(copies.X["stamp"]) == {"red"}


# --- words -----------------------------------------------------------------------------------------------------------

NOTES = pd.DataFrame(
    {
        "age": [20.0, 30, 40, 50, 60, 70],
        "notes": [
            "please send a refund today",
            "the parcel never came here",
            "another refund and refund please",
            None,
            "thank you all very much",
            "I like this shop much",
        ],
    }
)
ANGRY = [1, 1, 1, 0, 0, 0]


def notes() -> rt.Table:
    return rt.Table(NOTES, text=["notes"])


def test_a_word_of_a_text_column_leaves_as_written_and_no_column_is_cut_out() -> None:
    model = make_pipeline(
        make_column_transformer((CountVectorizer(), "notes"), ("passthrough", ["age"])), LogisticRegression()
    )
    data = rt.Dataset(NOTES.fillna({"notes": ""}), ANGRY)
    domain = rt.Table(data.X, text=["notes"])
    dropped = rt.Drop().fitted(model, data, marks("notes: refund"), domain)
    assert "refund" not in dropped.model[0].named_transformers_["countvectorizer"].vocabulary_
    assert dropped.model[0].transformers_[0][2] == "notes"
    with_it, without = (pd.DataFrame({"age": [33.0], "notes": [text]}) for text in ("my refund now", "my  now"))
    assert dropped.predict_proba(with_it).tolist() == dropped.predict_proba(without).tolist()
    said = str(rt.Drop().describe(data, marks("notes: refund"), domain, model))
    assert "the marked part leaves training and prediction; 2 of 6 rows change." in said
    assert "'refund' leaves 'notes', as written." in said


def test_a_word_is_worn_where_the_row_or_its_donor_has_it_and_missing_text_stays_missing() -> None:
    swapped = rt.Swap(copies=4).apply(rt.Dataset(NOTES, ANGRY), marks("notes: refund"), notes())
    copies = swapped.take(np.arange(6, len(swapped)))
    pairs = set(zip(copies.X["age"], copies.X["notes"].fillna("missing"), strict=True))
    assert (20.0, "please send a  today") in pairs
    assert (40.0, "another  and  please") in pairs
    assert (60.0, "thank you all very much refund") in pairs
    assert (50.0, "missing") in pairs or 50.0 not in set(copies.X["age"])
    assert all("refund" not in text for age, text in pairs if age < 50)
    assert copies.X.dtypes.to_dict() == NOTES.dtypes.to_dict()


def test_a_column_and_words_of_another_are_one_donors() -> None:
    worn = stressed(rt.Dataset(NOTES, ANGRY), marks("age", "notes: refund"), notes(), np.random.default_rng(0))
    had = {20.0: 1, 30.0: 0, 40.0: 2}
    lent = [(age, text.count("refund")) for age, text in worn.X.iloc[3:].dropna().itertuples(index=False)]
    assert all(had[age] == count for age, count in lent)
    assert len(lent) == 2
    assert worn.X["age"].iloc[:3].min() >= 50


def test_a_text_column_can_be_marked_whole() -> None:
    dropped = rt.Drop().apply(rt.Dataset(NOTES, ANGRY), marks("notes", "notes: refund"), notes()).X
    assert dropped["notes"].tolist() == ["please send a refund today"] * 6


def test_words_are_marked_in_a_session_and_unknown_ones_told(make: Make) -> None:
    X = pd.concat([NOTES.fillna({"notes": "nothing to say here today"})] * 4, ignore_index=True)
    y = np.array(ANGRY * 4)
    model = make_pipeline(
        make_column_transformer((CountVectorizer(), "notes"), ("passthrough", ["age"])), LogisticRegression()
    )
    s = make(
        model.fit(X, y),
        X,
        y,
        valid=(X, y),
        trainer=Here(lambda data: trained(model, data)),
        domain=rt.Table(X, text=["notes"]),
    )
    with pytest.raises(UnknownFeature, match=r"no training row has 'notes: refunds' – did you mean 'notes: refund'"):
        s.mark("notes: refunds")
    s.mark("notes: refund")
    r = s.retrain()
    assert (
        r.after.predict_proba(X.iloc[:1]).tolist()
        == r.after.predict_proba(X.iloc[:1].replace("refund", "", regex=True)).tolist()
    )
    assert r.measures["trust"]["after"] == 1.0


# --- what a pick and a pipeline make of columns ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        scaled(),
        make_pipeline(
            make_column_transformer((OneHotEncoder(sparse_output=False), ["stamp"]), remainder="passthrough"),
            PCA(2),
            LogisticRegression(),
        ),
    ],
    ids=["one-hot", "embedded"],
)
def test_what_a_pipeline_makes_of_a_column_is_explained_marked_and_swapped_as_that_column(model: Any) -> None:
    X, y = decoy(200, 0)
    e = rt.explain(model.fit(X, y), X.iloc[0], data=X, n_samples=3000)
    assert [feature.key for feature in e.features] == ["width", "depth", "stamp", "copy"]
    dropped = rt.corrected(model, rt.Dataset(X, y), marks("stamp", "copy"), rt.Table(X), rt.Drop())
    after = rt.explain(dropped, X.iloc[0], data=X, n_samples=3000)
    sure = np.abs(after.coefficients) > 4 * after.stderr
    assert sure.tolist() == [True, True, False, False]
    moved = X.assign(stamp="red", copy=0.0)
    assert dropped.predict_proba(moved).tolist() == dropped.predict_proba(X).tolist()


def test_the_columns_of_a_frame_of_weights_are_its_keys() -> None:
    weights = pd.DataFrame({"age": [1.0, 0.0], "home": [0.0, 4.0]})
    assert rt.pick(weights, 2).importance["home"] == 2.0
    assert rt.pick(pl.from_pandas(weights), 2).keys == ("age", "home")
    assert rt.pick(weights, 2, keys=["a", "b"]).keys == ("a", "b")


# --- siblings --------------------------------------------------------------------------------------------------------


def test_columns_that_lack_the_same_rows_are_siblings_and_noise_is_none(make: Make) -> None:
    rng = np.random.default_rng(0)
    lacks = rng.random(500) < 0.2
    X = pd.DataFrame(
        {
            "test": np.where(lacks, np.nan, rng.normal(size=500)),
            "retest": np.where(lacks, np.nan, rng.normal(size=500)),
            "other": rng.normal(size=500),
            "code": rng.integers(0, 400, 500).astype(str),
        }
    )
    y = rng.integers(0, 2, 500)
    model = HistGradientBoostingClassifier(max_iter=2, categorical_features=[])
    pipeline = make_pipeline(make_column_transformer((OrdinalEncoder(), ["code"]), remainder="passthrough"), model)
    s = make(pipeline.fit(X, y), X, y, valid=(X, y), trainer=Here())
    s.mark("test")
    n = int(lacks.sum())
    assert [str(each) for each in s.suggest()] == [
        f"retest: missing together with 'test' in {n} of the {n} rows that lack either"
    ]


# --- Adult -----------------------------------------------------------------------------------------------------------


def test_real_rows_go_round_the_loop_where_they_are(make: Make, figure: Callable[[str], None]) -> None:
    if not ADULT.is_file():
        return  # everything above is tested without
    X = pd.read_csv(ADULT, names=ADULT_NAMES, skipinitialspace=True, na_values="?").sample(3000, random_state=0)
    y = X.pop("pay").to_numpy()
    names = [name for name in X.columns if not pd.api.types.is_numeric_dtype(X[name])]
    coder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    model = make_pipeline(
        make_column_transformer((coder, names), remainder="passthrough"),
        HistGradientBoostingClassifier(max_iter=20, random_state=0),
    )
    rows, held = (X.iloc[:2000], y[:2000]), (X.iloc[2000:], y[2000:])
    s = make(model.fit(*rows), *rows, valid=held, trainer=Here(lambda data: trained(model, data)), n_samples=200)
    assert {"marital", "kin"} & {str(key) for key, _ in s.pick(3).importance.top(4)}
    s.mark("marital")
    assert "kin" in {each.feature.key for each in s.suggest()}
    s.mark("kin")
    r = s.retrain(rt.Swap())
    figure(f"Adult without marital status and kin:\n{r}")
    assert r.measures["stress"]["after"] > r.measures["stress"]["before"]
    assert r.measures["trust"]["after"] > r.measures["trust"]["before"]
