"""Tables: the weights of the ``lime`` package on its own samples, neighbours, slopes, words, models of every kind."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lime.lime_tabular import LimeTabularExplainer
from scipy.sparse import csr_array, csr_matrix
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

import retrust as rt
from retrust.errors import InstanceError, ModelFailure, OptionError
from retrust.neighbourhood import Neighbourhood, Weighted

Table: Any = rt.Table  # what it makes of a row is dense or sparse

IRIS, CANCER = load_iris(), load_breast_cancer()
FOREST = RandomForestClassifier(30, random_state=0).fit(IRIS.data, IRIS.target)
CANCER_MODEL = make_pipeline(StandardScaler(), LogisticRegression()).fit(CANCER.data, CANCER.target)


def pandas_frame(data: Any) -> Any:
    return pd.DataFrame(data)


def arrow_table(data: Any) -> Any:
    return pl.DataFrame(data).to_arrow()


def lime_sampled(model: Any, data: Any, row: Any, n_features: int, **options: Any) -> tuple[Any, ...]:
    """Explain as lime does; return its samples, answers, weights and coefficients."""
    explainer = LimeTabularExplainer(data, random_state=0, **options)
    seen: list[Any] = []
    fit = explainer.base.explain_instance_with_data

    def spying(*given: Any, **named: Any) -> Any:
        seen.extend(given[:3])
        return fit(*given, **named)

    explainer.base.explain_instance_with_data = spying
    found = explainer.explain_instance(row, model.predict_proba, labels=(1,), num_features=n_features, num_samples=900)
    coefficients = np.zeros(data.shape[1])
    for at, weight in found.local_exp[1]:
        coefficients[at] = weight
    return *seen, explainer.base.kernel_fn(seen[2]), coefficients, found.intercept[1]


@pytest.mark.parametrize("n_features", [5, 10])
@pytest.mark.parametrize("bins", ["quartile", "decile", "entropy", None])
def test_weights_on_the_samples_of_the_lime_package_are_its_own(bins: Any, n_features: int) -> None:
    row = CANCER.data[17]
    options = {"discretizer": bins, "training_labels": CANCER.target} if bins else {"discretize_continuous": False}
    samples, answers, _, weights, coefficients, intercept = lime_sampled(
        CANCER_MODEL, CANCER.data, row, n_features, **options
    )
    seen = Table(CANCER.data, bins=bins, labels=CANCER.target).represent(row)
    masks = samples.astype(bool)
    near = Neighbourhood.of(masks, answers, None if bins else samples)
    weighted = Weighted(near, seen.kernel)
    assert weighted.weights == pytest.approx(weights, rel=1e-9, abs=1e-15)
    fit = rt.Ridge(n_features=n_features).fit(weighted, 1)
    assert np.abs(fit.coefficients - coefficients).max() < 1e-8
    assert fit.intercept == pytest.approx(intercept, abs=1e-8)
    assert np.count_nonzero(coefficients) == n_features


def test_the_default_kernel_keeps_nearly_all_samples_and_that_is_said() -> None:
    e = rt.Explainer(FOREST, Table(IRIS.data)).explain(IRIS.data[77], n_samples=5000)
    assert e.effective > 0.9 * 5000
    narrow = e.read(kernel=rt.exponential(0.5, "euclidean"))
    assert narrow.effective < e.effective / 2
    assert narrow.locality is None
    wide = e.read(kernel=rt.exponential(50, "euclidean"))
    assert wide.effective == pytest.approx(5000, rel=1e-3)
    assert "5,000 count" in str(wide.locality) or "of 5,000 count" in str(wide.locality)


@pytest.mark.parametrize(
    ("bins", "neighbours"),
    [
        *[(bins, "columns") for bins in ("quartile", "decile", "entropy", [1.5, 4.9], None)],
        *[(bins, neighbours) for bins in ("quartile", "entropy", None) for neighbours in ("around", "nearest")],
    ],
)
def test_petals_come_out_on_top_of_iris(bins: Any, neighbours: Any) -> None:
    table = Table(IRIS.data, names=IRIS.feature_names, bins=bins, labels=IRIS.target, neighbours=neighbours)
    for at in (0, 140):
        e = rt.Explainer(FOREST, table).explain(IRIS.data[at], n_samples=5000)
        top = [e.features[i].key for i in e.fit.selected[:2]]
        assert set(top) == {"petal length (cm)", "petal width (cm)"}, (at, e.top())


# --- neighbours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bins", ["quartile", None])
@pytest.mark.parametrize("neighbours", ["around", "nearest"])
def test_what_is_present_keeps_its_own_value(neighbours: Any, bins: Any) -> None:
    row = IRIS.data[77]
    seen = Table(IRIS.data, neighbours=neighbours, bins=bins).represent(row)
    masks = np.random.default_rng(0).random((300, 4)) < 0.5
    inputs = seen.perturb(masks, np.random.default_rng(0))
    assert np.array_equal(inputs[masks], np.broadcast_to(row, masks.shape)[masks])
    assert (inputs[~masks] != np.broadcast_to(row, masks.shape)[~masks]).mean() > 0.8


def test_nearest_lends_what_belongs_together() -> None:
    """Where one of two columns that always agree is kept, the other agrees with it; by columns it does not."""
    rng = np.random.default_rng(0)
    twin = rng.normal(size=800)
    data = np.column_stack([twin, twin * 2 + 1, rng.normal(size=800)])
    row, masks = data[5], np.tile([True, False, False], (500, 1))
    gaps = {}
    for neighbours in ("columns", "nearest"):
        inputs = Table(data, neighbours=neighbours).represent(row).perturb(masks, np.random.default_rng(0))
        gaps[neighbours] = np.abs(inputs[:, 1] - (row[0] * 2 + 1)).mean()
    assert gaps["nearest"] < gaps["columns"] / 2
    loose = Table(data, neighbours="nearest").represent(row).perturb(masks & False, np.random.default_rng(0))
    assert np.abs(loose[:, 1] - loose[:, 0] * 2 - 1).max() < 1e-12


def test_nearest_shows_the_surrogate_which_conditions_hold() -> None:
    table = Table(IRIS.data, neighbours="nearest")
    seen = table.represent(IRIS.data[77])
    masks = np.random.default_rng(0).random((200, 4)) < 0.5
    inputs = seen.perturb(masks, np.random.default_rng(0))
    design = seen.design(masks, inputs)
    holds = [
        [c.state(v) == own for c, v, own in zip(table.columns, row, seen.draws.own, strict=True)] for row in inputs
    ]
    assert np.array_equal(design, np.array(holds, dtype=float))
    assert (design >= masks).all()
    assert (design > masks).any()


# --- slopes ----------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(0.1, 3).map(lambda x: round(x, 3)), min_size=3, max_size=3),
    st.integers(0, 49),
    st.sampled_from(["columns", "around", "nearest"]),
)
def test_without_bins_the_slopes_of_a_linear_model_are_recovered_in_the_datas_units(
    slopes: list[float], at: int, neighbours: Any
) -> None:
    rng = np.random.default_rng(0)
    data = rng.normal(size=(50, 3)) * [1, 30, 0.01] + [5, -200, 0]
    right = np.array(slopes) / [1, 30, 0.01]
    e = rt.Explainer(
        lambda X: X @ right + 7,
        Table(data, bins=None, neighbours=neighbours),
        surrogate=rt.Ridge(alpha=0, select="none"),
    ).explain(data[at], 0, 300)
    assert e.slopes * [1, 30, 0.01] == pytest.approx(slopes, abs=1e-7)
    assert e.coefficients == pytest.approx(right * data.std(axis=0), abs=1e-7)
    assert e.local_prediction == pytest.approx(data[at] @ right + 7, abs=1e-6)
    own = e.neighbourhood.own
    assert own is not None
    assert e.predict(np.ones((1, 3), bool)) == pytest.approx([e.local_prediction])
    assert e.predict(own[:5]) == pytest.approx(e.neighbourhood.outputs[:5, 0], abs=1e-6)
    assert e.predict(np.zeros((1, 3), bool)) == pytest.approx([data.mean(axis=0) @ right + 7], abs=1e-6)


def test_slopes_stand_beside_conditions_and_only_columns_without_bins_have_them() -> None:
    data = pd.DataFrame({"age": [20.0, 30, 40, 50], "job": ["a", "b", "a", "b"]})
    e = rt.explain(lambda X: X["age"] / 10 + (X["job"] == "a"), data.iloc[0], data=Table(data, bins=None))
    assert e.slopes[0] == pytest.approx(0.1, abs=0.01)
    assert np.isnan(e.slopes[1])
    assert e.read(surrogate=rt.Ridge(alpha=0)).coefficients[1] == pytest.approx(1)


def test_a_missing_number_has_a_condition_in_place_of_a_slope() -> None:
    data = pd.DataFrame({"age": [20.0, np.nan, 40, 50], "n": [1.0, 2, 3, 5]})
    seen = Table(data, bins=None).represent([None, 2.0])
    assert [feature.name for feature in seen.features] == ["age missing", "n"]
    masks = np.array([[True, True], [False, True]] * 10)
    inputs = seen.perturb(masks, np.random.default_rng(0))
    assert inputs["age"].isna().tolist() == masks[:, 0].tolist()


# --- models ----------------------------------------------------------------------------------------------------------


def people(n: int = 300) -> Any:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": np.where(rng.random(n) < 0.1, np.nan, rng.integers(18, 80, n)),
            "job": pd.Categorical(rng.choice(["nurse", "clerk", "cook"], n)),
            "town": rng.choice(np.array(["Ely", "Bath", None]), n, p=[0.5, 0.4, 0.1]),
            "hours": rng.integers(1, 60, n),
            "paid": rng.random(n) < 0.5,
        }
    )
    return frame, ((frame["job"] == "nurse") & (frame["hours"] > 20)).astype(int)


def pipeline(last: Any) -> Any:
    columns = ColumnTransformer(
        [
            ("words", OneHotEncoder(sparse_output=False), ["job", "town", "paid"]),
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "hours"]),
        ]
    )
    return make_pipeline(columns, last)


@pytest.mark.parametrize(
    ("last", "neighbours"),
    [
        *[(LogisticRegression(), neighbours) for neighbours in ("columns", "around", "nearest")],
        (HistGradientBoostingClassifier(max_iter=5), "columns"),
    ],
)
def test_a_pipeline_on_a_frame_gets_a_frame_with_missing_values_and_warns_of_nothing(
    last: Any, neighbours: Any
) -> None:
    frame, paid = people()
    model = pipeline(last).fit(frame, paid)
    table = Table(frame, neighbours=neighbours)
    for at in (0, int(frame["town"].isna().argmax()), int(frame["age"].isna().argmax())):
        e = rt.Explainer(model, table).explain(frame.iloc[at], 1, 300)
        assert e.prediction == pytest.approx(model.predict_proba(frame.iloc[[at]])[0], abs=1e-12)
        assert {e.features[i].key for i in e.fit.selected[:2]} & {"job", "hours"}


def test_gradient_boosting_takes_pandas_categories_as_they_are() -> None:
    frame, paid = people()
    frame = frame.astype({"town": "category"})
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=10).fit(frame, paid)
    e = rt.explain(model, frame.iloc[0], data=frame, n_samples=300)
    assert {e.features[i].key for i in e.fit.selected[:2]} == {"job", "hours"}


@pytest.mark.parametrize("make", ["polars", "arrow"])
def test_a_callable_gets_the_frame_that_it_was_written_for(make: str) -> None:
    frame, _ = people()
    plain = pl.from_pandas(frame)
    data = plain if make == "polars" else plain.to_arrow()

    def model(rows: Any) -> Any:
        assert type(rows) is type(data)
        held: Any = pl.from_arrow(rows) if make == "arrow" else rows
        return (held["job"].cast(pl.String) == "nurse").to_numpy() * 0.5 + held["hours"].to_numpy() / 100

    e = rt.explain(model, plain.row(0, named=True), data=data, n_samples=400, n_features=2)
    assert {e.features[i].key for i in e.fit.selected} == {"job", "hours"}


def test_classes_scores_numbers_and_several_outputs_are_explained() -> None:
    table = Table(IRIS.data, names=IRIS.feature_names)
    kinds = {
        "probabilities": (FOREST, 3, "probability"),
        "scores": (SVC(random_state=0).fit(IRIS.data, IRIS.target), 3, "score"),
        "one score": (SVC(random_state=0).fit(IRIS.data, IRIS.target == 2), 1, "score"),
        "a number": (Ridge().fit(IRIS.data, IRIS.target), 1, "score"),
        "two numbers": (LinearRegression().fit(IRIS.data, IRIS.data[:, 2:] * 2), 2, "score"),
    }
    for name, (model, outputs, scale) in kinds.items():
        e = rt.Explainer(model, table).explain(IRIS.data[77], outputs - 1, 800)
        assert (len(e.classes), e.scale) == (outputs, scale), name
        assert np.isfinite(e.coefficients).all()
        assert "petal" in e.top(1)[0][0], name


def test_diabetes_is_regressed() -> None:
    found = load_diabetes(as_frame=True)
    e = rt.explain(Ridge(alpha=0.01).fit(found.data, found.target), found.data.iloc[3], data=found.data)
    assert {e.features[i].key for i in e.fit.selected[:5]} >= {"bmi", "s5", "bp"}


class Fussy:
    """A model without traces of how it was fitted, that takes one make only."""

    def __init__(self, make: type) -> None:
        self.make = make

    def __call__(self, rows: Any) -> Any:
        if type(rows) is not self.make:
            raise TypeError(f"no {self.make.__name__}")
        return np.asarray(rows, dtype=float)[:, 0]


FRAME = pd.DataFrame(IRIS.data, columns=["a", "b", "c", "d"])


def test_a_model_that_wants_an_array_gets_one_and_one_that_wants_a_frame_too() -> None:
    for data in (FRAME, pl.from_pandas(FRAME), pl.from_pandas(FRAME).to_arrow()):
        assert rt.explain(Fussy(np.ndarray), IRIS.data[0], data=data, n_samples=99).top(1)[0][0].endswith("a ≤ 5.1")
    table = Table(IRIS.data, names=["a", "b", "c", "d"])
    assert rt.explain(Fussy(pd.DataFrame), IRIS.data[0], data=table, n_samples=99).top(1)[0][0] == "a ≤ 5.1"


def test_estimators_say_themselves_what_they_were_fitted_on() -> None:
    on_array, on_frame = Ridge().fit(IRIS.data, IRIS.target), Ridge().fit(FRAME, IRIS.target)
    for model in (on_array, on_frame):
        for data in (IRIS.data, FRAME):
            assert rt.explain(model, IRIS.data[0], data=data, n_samples=99).fidelity > 0.5


def test_a_model_that_takes_no_make_at_all_is_told_by_its_own_words() -> None:
    with pytest.raises(ModelFailure, match="no list"):
        rt.explain(Fussy(list), IRIS.data[0], data=FRAME, n_samples=99)


# --- words -----------------------------------------------------------------------------------------------------------

LETTERS = pd.DataFrame(
    {
        "said": [
            f"{text} {at}"
            for at in range(10)
            for text in ("I want a refund now", "All is well with me", "Where is my refund today", "Thanks to you all")
        ],
        "age": np.arange(40.0),
    }
)
ASKED = make_pipeline(
    ColumnTransformer([("words", CountVectorizer(), "said"), ("age", StandardScaler(), ["age"])]),
    LogisticRegression(C=10),
).fit(LETTERS, [1, 0, 1, 0] * 10)


@pytest.mark.parametrize("neighbours", ["columns", "around", "nearest"])
def test_words_of_a_text_are_features_beside_the_conditions(neighbours: Any) -> None:
    table = Table(LETTERS, neighbours=neighbours)
    e: Any = rt.explain(ASKED, LETTERS.iloc[0], data=table, n_samples=2000)
    assert [feature.key for feature in e.features] == [
        "age",
        *[f"said: {word}" for word in ["I", "want", "a", "refund", "now", "0"]],
    ]
    assert e.top(1)[0][0] == "refund"
    assert e.probe("refund") == pytest.approx(ASKED.predict_proba(LETTERS[:1].assign(said="I want a  now 0"))[0])
    assert e.probe(edits={"refund": "thanks"}) == pytest.approx(
        ASKED.predict_proba(LETTERS[:1].assign(said="I want a thanks now 0"))[0]
    )
    assert e.draws("refund").shape == (1, 2)
    assert e.draws("age").shape == (50, 2)


def test_a_swap_of_a_word_takes_the_donors() -> None:
    table = Table(LETTERS)
    own, donor = table.represent(LETTERS.iloc[0]), table.represent(LETTERS.iloc[2])
    assert own.swap(["said: refund"], donor) == {"said": "I want a refund now 0", "age": 0.0}
    assert own.swap(["age"], donor) == {"said": "I want a refund now 0", "age": 2.0}
    assert own.swap(["said: I", "age"], donor)["said"] == " want a refund now 0"


def test_words_that_are_the_name_of_a_column_are_told_apart_by_key() -> None:
    data = pd.DataFrame({"age": [1.0, 2, 3, 4], "said": [f"my age is not {at}" for at in range(4)]})
    keys = [feature.key for feature in Table(data).represent(data.iloc[0]).features]
    assert len(set(keys)) == len(keys)
    assert {"age", "said: age"} <= set(keys)


# --- probes ----------------------------------------------------------------------------------------------------------


def explained(**options: Any) -> Any:
    frame, _ = people()
    return rt.explain(
        lambda X: X["hours"] / 60 + (X["job"] == "nurse"), frame.iloc[0], data=frame, n_samples=300, **options
    )


def test_a_probe_is_the_mean_of_draws_in_which_what_is_present_keeps_its_value() -> None:
    e = explained()
    frame, _ = people()
    assert e.draws().tolist() == [[frame["hours"][0] / 60 + (frame["job"][0] == "nurse")]]
    off = e.draws("job")
    assert off.shape == (50, 1)
    assert set(np.round(off[:, 0] - frame["hours"][0] / 60, 9)) <= {0.0, 1.0}
    assert e.probe("job") == pytest.approx(off.mean(axis=0))
    assert np.array_equal(e.draws("job"), off)


def test_an_edited_value_is_asked_about_as_it_was_typed() -> None:
    e = explained()
    assert e.probe(edits={"hours": "30", "job": "cook"}) == pytest.approx([0.5])
    assert e.probe("hours", edits={"hours": "30", "job": "nurse"}) == pytest.approx([1.5])
    assert e.probe(edits={"age": ""}).shape == (1,)
    with pytest.raises(OptionError, match="hours cannot be 'many'; a whole number is expected"):
        e.probe(edits={"hours": "many"})
    with pytest.raises(OptionError, match="job cannot be 'king'; one of 'clerk', 'cook', 'nurse' is expected"):
        e.probe(edits={"job": "king"})


# --- streams ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"bins": None}, {"neighbours": "nearest"}])
def test_the_answer_is_the_same_however_the_stream_is_paced(options: Any) -> None:
    explainer = rt.Explainer(FOREST, Table(IRIS.data, **options))
    plain = explainer.explain(IRIS.data[77], 1, 700)
    sizes = iter([1, 3, 200, 7, *[50] * 99])
    paced = explainer.stream(IRIS.data[77], 1, 700)
    paced.pace = lambda done, of: next(sizes)  # noqa: ARG005 – a pace is told both
    for e in (paced.last(), *list(explainer.stream(IRIS.data[77], 1, 700))[-1:]):
        assert np.array_equal(e.neighbourhood.outputs, plain.neighbourhood.outputs)
        assert np.array_equal(e.neighbourhood.packed, plain.neighbourhood.packed)
        assert np.array_equal(e.coefficients, plain.coefficients)


def test_a_stop_inside_a_batch_keeps_the_first_of_the_same_draws() -> None:
    explainer = rt.Explainer(FOREST, Table(IRIS.data, bins=None))
    plain = explainer.explain(IRIS.data[77], 1, 700)
    stream = explainer.stream(IRIS.data[77], 1, 700)
    stream.pace = lambda done, of: 60 if done < 200 else 0  # noqa: ARG005
    e = stream.last()
    assert e.partial == "stopped"
    n = e.n_samples
    assert 128 < n < 256
    assert np.array_equal(e.neighbourhood.outputs, plain.neighbourhood.outputs[:n])
    assert e.neighbourhood.own is not None
    assert plain.neighbourhood.own is not None
    assert np.array_equal(e.neighbourhood.own, plain.neighbourhood.own[:n])


def test_more_samples_go_on_where_the_others_ended() -> None:
    explainer = rt.Explainer(FOREST, Table(IRIS.data))
    e = rt.more(explainer.explain(IRIS.data[77], 1, 256), 256).last()
    assert e.n_samples == 512
    assert np.array_equal(e.neighbourhood.outputs, explainer.explain(IRIS.data[77], 1, 512).neighbourhood.outputs)


def test_draws_of_two_samplings_with_one_mask_differ() -> None:
    seen = Table(IRIS.data).represent(IRIS.data[77])
    masks = np.zeros((2, 4), bool)
    first, second = seen.perturb(masks, np.random.default_rng(0))
    assert not np.array_equal(first, second)
    assert np.array_equal(seen.perturb(masks, np.random.default_rng(0))[0], first)


# --- what travels, and what stays ------------------------------------------------------------------------------------


def test_a_table_travels_without_its_rows() -> None:
    frame, _ = people(2000)
    table = Table(frame)
    again = pickle.loads(pickle.dumps(table))
    assert again.data is None
    assert repr(again) == repr(table)
    assert len(pickle.dumps(table)) < frame.memory_usage(deep=True).sum() / 4
    masks = np.random.default_rng(0).random((20, 5)) < 0.5
    pd.testing.assert_frame_equal(
        again.represent(frame.iloc[1]).perturb(masks, np.random.default_rng(0)),
        table.represent(frame.iloc[1]).perturb(masks, np.random.default_rng(0)),
    )


def test_tables_of_the_same_rows_are_called_the_same_and_others_are_not() -> None:
    assert repr(Table(IRIS.data)) == repr(Table(IRIS.data.copy()))
    assert repr(Table(IRIS.data)) != repr(Table(IRIS.data[:-1]))
    assert repr(Table(IRIS.data)) != repr(Table(IRIS.data, bins="decile"))


def test_rows_to_compare_with_are_training_rows_or_those_given() -> None:
    frame, _ = people()
    assert len(Table(frame).others) == 12
    (title, values), *_ = Table(frame, beside=frame[3:5]).others
    assert title == "row 0"
    assert values[3] == str(frame["hours"][3])


@pytest.mark.parametrize("make", [np.asarray, pandas_frame, pl.DataFrame, arrow_table, csr_array, csr_matrix])
def test_many_rows_are_explained_whatever_their_make(make: Any) -> None:
    data = make(IRIS.data)
    model = {"csr_array": lambda rows: rows @ np.ones(4), "csr_matrix": lambda rows: rows @ np.ones(4)}.get(
        make.__name__, lambda rows: np.asarray(rows.to_pandas() if hasattr(rows, "to_pandas") else rows).sum(axis=1)
    )
    found = rt.Explainer(model, Table(data)).explain_many(data[:3], n_samples=60, progress=False)
    assert not found.failures
    assert [e.prediction[0] for e in found] == pytest.approx(IRIS.data[:3].sum(axis=1))


def test_a_constant_column_has_no_feature_and_is_kept() -> None:
    data = np.column_stack([IRIS.data, np.full(150, 7.0)])
    e = rt.explain(lambda X: X[:, 0] * X[:, 4], data[0], data=data, n_samples=200)
    assert len(e.features) == 4
    assert e.prediction == pytest.approx([data[0, 0] * 7])


def test_an_instance_without_parts_is_told() -> None:
    data = pd.DataFrame({"said": [f"so many words in {at}" for at in range(5)]})
    with pytest.raises(InstanceError, match="the instance has no parts"):
        rt.explain(lambda X: np.ones(len(X)), [""], data=data)
