"""Drop: marked words and columns leave training and prediction."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from toys import Notes

import retrust as rt
from retrust.errors import OptionError, UnknownFeature
from retrust.ledger import digest
from retrust.model import as_model
from retrust.scoring import Fused, scorer_for

TEXTS = [
    "Posting about a red sky",
    "posting of the blue sea",
    "a red sea of posts",
    "the blue sky",
    "nntp Posting host red",
    "sand and sea",
]
LABELS = ["day", "night", "day", "night", "day", "night"]
DATA = rt.Dataset(TEXTS, LABELS)
POSTING = rt.Ledger((rt.Mark("Posting"),))


def marks(*keys: str) -> rt.Ledger:
    return rt.Ledger(tuple(map(rt.Mark, keys)))


def told(preview: Any) -> str:
    return str(preview)


MODELS = {
    "counts": make_pipeline(CountVectorizer(), MultinomialNB()),
    "tf-idf": make_pipeline(TfidfVectorizer(sublinear_tf=True), LogisticRegression()),
    "n-grams": make_pipeline(CountVectorizer(ngram_range=(1, 2)), LogisticRegression()),
    "a machine": make_pipeline(TfidfVectorizer(), SVC()),
    "a union": make_pipeline(make_union(CountVectorizer(), TfidfVectorizer(ngram_range=(2, 2))), LogisticRegression()),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_pipeline_is_as_if_the_word_had_never_been_in_its_vocabulary(kind: str) -> None:
    model = MODELS[kind]
    dropped = rt.Drop().fitted(model, DATA, POSTING, rt.Text())
    matrix = model[0].fit(TEXTS).transform(TEXTS)
    names = model[0].get_feature_names_out()
    kept = [i for i, name in enumerate(names) if "posting" not in name.split("__")[-1].split(" ")]
    assert 0 < len(kept) < len(names)
    assert len(dropped[0].get_feature_names_out()) == len(kept)
    if kind in {"counts", "n-grams"}:  # counts of the others are what they were; the rest weighs by what there is
        plain = model[-1].fit(matrix[:, kept], LABELS)
        assert np.allclose(dropped[-1].predict_proba(dropped[0].transform(TEXTS)), plain.predict_proba(matrix[:, kept]))
    assert type(dropped) is type(model)
    assert hasattr(dropped, "predict_proba") == hasattr(model, "predict_proba")
    assert dropped.classes_.tolist() == ["day", "night"]


def test_tf_idf_weighs_what_is_left_as_if_there_had_never_been_more() -> None:
    dropped = rt.Drop().fitted(MODELS["tf-idf"], DATA, POSTING, rt.Text())
    kept = [name for name in TfidfVectorizer().fit(TEXTS).get_feature_names_out() if name != "posting"]
    bound = make_pipeline(TfidfVectorizer(sublinear_tf=True, vocabulary=kept), LogisticRegression()).fit(TEXTS, LABELS)
    assert np.allclose(dropped.predict_proba(TEXTS), bound.predict_proba(TEXTS))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["aa", "bb", "cc", "dd", "ee"]), min_size=1, max_size=6), min_size=4, max_size=8),
    st.sampled_from([(1, 1), (1, 2), (2, 2)]),
)
def test_whatever_the_texts_dropping_is_the_bound(rows: list[list[str]], ngrams: tuple[int, int]) -> None:
    texts = [" ".join(["aa", "zz", *row]) for row in rows] + ["zz yy xx"]
    labels = [i % 2 for i in range(len(texts))]
    model = make_pipeline(CountVectorizer(ngram_range=ngrams), MultinomialNB())
    dropped = rt.Drop().fitted(model, rt.Dataset(texts, labels), marks("aa"), rt.Text())
    names = model[0].fit(texts).get_feature_names_out()
    bound = make_pipeline(
        CountVectorizer(ngram_range=ngrams, vocabulary=[name for name in names if "aa" not in name.split()]),
        MultinomialNB(),
    ).fit(texts, labels)
    assert np.allclose(dropped.predict_proba(texts), bound.predict_proba(texts))
    assert np.allclose(dropped.predict_proba(["aa zz"]), bound.predict_proba(["aa zz"]))


def test_a_dropped_pipeline_is_still_answered_without_writing_texts() -> None:
    for kind in ("counts", "tf-idf", "a machine"):
        dropped = rt.Drop().fitted(MODELS[kind], DATA, POSTING, rt.Text())
        seen = rt.Text().represent(TEXTS[0])
        scorer = scorer_for(as_model(dropped), seen, np.random.default_rng(0))
        assert isinstance(scorer, Fused)
        masks = np.random.default_rng(1).random((40, len(seen.features))) < 0.5
        assert np.allclose(scorer(masks, np.random.default_rng(0))[0], as_model(dropped).ask(seen.perturb(masks)))


def test_a_dropped_word_has_no_weight_in_any_explanation() -> None:
    dropped = rt.Drop().fitted(MODELS["tf-idf"], DATA, POSTING, rt.Text())
    e = rt.explain(dropped, TEXTS[0], n_samples=400)
    assert dict(zip([f.key for f in e.features], e.coefficients, strict=True))["Posting"] == pytest.approx(0, abs=0.01)
    assert e.probe("Posting") == pytest.approx(e.prediction)


def test_a_dropped_pipeline_pickles_and_is_cloned_without_the_word() -> None:
    for kind in ("tf-idf", "n-grams"):
        dropped = rt.Drop().fitted(MODELS[kind], DATA, POSTING, rt.Text())
        again = pickle.loads(pickle.dumps(dropped))
        assert np.array_equal(again.predict(TEXTS), dropped.predict(TEXTS))


def test_the_given_model_stays_as_it_is() -> None:
    model = make_pipeline(CountVectorizer(), MultinomialNB()).fit(TEXTS, LABELS)
    rt.Drop().fitted(model, DATA, POSTING, rt.Text())
    assert "posting" in model[0].vocabulary_
    assert model[0].stop_words is None


def test_a_search_drops_the_word_in_every_fit() -> None:
    search = GridSearchCV(MODELS["counts"], {"multinomialnb__alpha": [0.1, 1]}, cv=2)
    dropped = rt.Drop().fitted(search, DATA, POSTING, rt.Text())
    assert "posting" not in dropped.best_estimator_[0].vocabulary_


def test_weights_are_kept() -> None:
    heavy = rt.Dataset(["Posting sky", "Posting sky"], [0, 1], [1, 9])
    dropped = rt.Drop().fitted(MODELS["counts"], heavy, POSTING, rt.Text())
    assert dropped.predict_proba(["sky"])[0] == pytest.approx([0.1, 0.9])


# --- other models: texts are rewritten ------------------------------------------------------------------------------


def trainer(data: rt.Dataset) -> Any:
    """Remember all words; tell for a text how many it has."""
    known = {word for text in data.X for word in text.split()}
    return lambda texts: np.array([sum(word in known for word in text.split()) for text in texts], dtype=float)


def test_a_trainer_never_sees_the_word_neither_in_training_nor_in_prediction() -> None:
    dropped = rt.Drop().fitted(trainer, DATA, POSTING, rt.Text())
    assert dropped(["Posting a red sky", "posting"]).tolist() == [3, 1]
    assert rt.explain(dropped, "Posting a red sky", n_samples=30).prediction.tolist() == [3]


OTHERS = {
    "characters": make_pipeline(CountVectorizer(analyzer="char"), MultinomialNB()),
    "hashed characters": make_pipeline(HashingVectorizer(n_features=256, analyzer="char_wb"), LogisticRegression()),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_models_that_do_not_read_words_see_rewritten_texts(kind: str) -> None:
    model = OTHERS[kind]
    dropped = rt.Drop().fitted(model, DATA, POSTING, rt.Text())
    plain = model.fit([text.replace("Posting", "") for text in TEXTS], LABELS)
    assert np.allclose(dropped.predict_proba(TEXTS), plain.predict_proba([t.replace("Posting", "") for t in TEXTS]))
    again = pickle.loads(pickle.dumps(dropped))
    assert again.predict(TEXTS).tolist() == dropped.predict(TEXTS).tolist()
    assert again.classes_.tolist() == ["day", "night"]


def test_a_key_of_two_words_is_rewritten_for_its_words_may_stand_elsewhere() -> None:
    data = rt.Dataset(["New York is new", "old York", "a new day", "old"], [0, 1, 0, 1])
    domain = rt.Text(unit="phrase", phrases=["New York"])
    dropped = rt.Drop().fitted(MODELS["counts"], data, marks("New York"), domain)
    assert dropped.model[0].get_feature_names_out().tolist() == ["day", "is", "new", "old", "york"]
    assert np.array_equal(dropped.predict_proba(["New York"]), dropped.predict_proba([""]))
    by_tokens = rt.Drop().fitted(MODELS["counts"], data, marks("New York"), rt.Text(tokenizer="New York|[a-z]+"))
    assert np.array_equal(by_tokens.predict_proba(["New York"]), by_tokens.predict_proba([""]))


def test_a_character_leaves_the_texts_though_the_vectoriser_reads_words() -> None:
    dropped = rt.Drop().fitted(MODELS["counts"], DATA, marks("e"), rt.Text(unit="char"))
    assert "the" not in dropped.model[0].vocabulary_


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, pl.Series], ids=str)
def test_rewritten_texts_come_in_the_container_that_was_given(kind: Any) -> None:
    given_texts = kind(TEXTS)
    change = rt.Drop().at_prediction(POSTING, rt.Text())
    assert type(change(given_texts)) is type(given_texts)
    assert next(iter(change(given_texts))) == " about a red sky"
    assert list(rt.Drop().apply(rt.Dataset(given_texts, LABELS), POSTING, rt.Text()).X)[4] == "nntp  host red"


def test_a_mask_token_stands_where_the_word_was() -> None:
    change = rt.Drop().at_prediction(POSTING, rt.Text(mask_token="[MASK]"))
    assert change(["Posting a", "", "!"]) == ["[MASK] a", "", "!"]


def test_notes_fall_silent() -> None:
    tunes = rt.Dataset([(60, 62), (62, 64), (64, 60)], [0, 1, 0])
    assert rt.Drop().apply(tunes, marks("60"), Notes()).X == [(0, 62), (62, 64), (64, 0)]


# --- tables ---------------------------------------------------------------------------------------------------------

FRAME = pd.DataFrame(
    {"age": [31, 40, 22, 31], "city": pd.Categorical(["Bonn", "Köln", "Köln", "Bonn"]), "pay": [1.0, np.nan, 3.0, 2.0]}
)
ROWS = rt.Dataset(FRAME, [0, 1, 0, 1])


def test_a_column_is_what_it_mostly_is_in_training_and_in_prediction() -> None:
    changed = rt.Drop().apply(ROWS, marks("age", "city"), None).X
    assert changed["age"].tolist() == [31] * 4
    assert changed["city"].tolist() == ["Bonn"] * 4
    assert changed["pay"].equals(FRAME["pay"])
    assert list(changed.dtypes) == list(FRAME.dtypes)
    change = rt.Drop().at_prediction(marks("pay"), None, ROWS)
    assert change(FRAME.iloc[:1])["pay"].tolist() == [2.0]


def test_a_polars_frame_and_an_array_keep_their_types() -> None:
    frame = pl.DataFrame({"age": [31, 40, 22], "city": ["b", "k", "k"], "pay": [1.0, 2.0, 3.0]})
    changed = rt.Drop().apply(rt.Dataset(frame, [0, 1, 0]), marks("age", "city"), None).X
    assert changed.schema == frame.schema
    assert changed["age"].to_list() == [31] * 3
    assert changed["city"].to_list() == ["k"] * 3
    array = np.array([[1, 5], [2, 6], [9, 7]])
    assert rt.Drop().apply(rt.Dataset(array, [0, 1, 0]), marks("0"), None).X.tolist() == [[2, 5], [2, 6], [2, 7]]
    assert array[0, 0] == 1


def test_a_column_transformer_keeps_its_column() -> None:
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough"),
        DecisionTreeClassifier(random_state=0),
    )
    dropped = rt.Drop().fitted(model, ROWS, marks("city"), None)
    moved = FRAME.assign(city=FRAME["city"].cat.rename_categories(["Köln", "Bonn"]))
    assert dropped.predict(moved).tolist() == dropped.predict(FRAME).tolist()
    assert dropped.model[0].transformers_[0][2] == ["city"]


def test_columns_need_the_training_rows() -> None:
    with pytest.raises(OptionError, match=r"what stands for a column .* pass dataset="):
        rt.Drop().at_prediction(marks("age"), None)


def test_all_columns_marked_is_refused() -> None:
    with pytest.raises(OptionError, match=r"every row of the label 0 consists of marked parts alone"):
        rt.Drop().apply(ROWS, marks("age", "city", "pay"), None)


# --- what is refused ------------------------------------------------------------------------------------------------


def test_pictures_are_refused_and_swap_is_offered() -> None:
    picture = np.zeros((4, 8, 3), dtype=np.uint8)
    picture[:, 4:] = 200
    domain = rt.Image(segment=lambda shown: shown[..., 0] > 100, backdrop="grey")
    key = domain.represent(picture).features[0].key
    with pytest.raises(OptionError, match="Drop cannot take parts out of pictures.*use Swap"):
        rt.Drop().apply(rt.Dataset([picture], [0]), marks(key), domain)


@pytest.mark.parametrize(
    "mark", [rt.Mark("red", "label", label="day"), rt.Mark("red", "instance", instance=digest("x"))]
)
def test_narrow_marks_are_refused_and_swap_is_offered(mark: rt.Mark) -> None:
    ledger = rt.Ledger((rt.Mark("sky"), mark))
    for act in (
        lambda: rt.Drop().apply(DATA, ledger, rt.Text()),
        lambda: rt.Drop().fitted(MODELS["counts"], DATA, ledger, rt.Text()),
        lambda: rt.Drop().at_prediction(ledger, rt.Text()),
    ):
        with pytest.raises(OptionError, match=r"as 'red' would: at prediction nobody knows the label.*use Swap"):
            act()


def test_a_class_of_marked_words_alone_is_refused_and_a_single_row_is_told() -> None:
    data = rt.Dataset(["red", "blue sea", "Red", "red sky"], [0, 1, 0, 1])
    with pytest.raises(OptionError, match=r"every text of the label 0 consists of marked parts alone, and nothing"):
        rt.Drop().fitted(MODELS["counts"], data, marks("red"), rt.Text())
    assert rt.Drop().apply(data, marks("red"), rt.Text()).X == ["", "blue sea", "Red", " sky"]
    assert "1 text has nothing left." in told(rt.Drop().describe(data, marks("red"), rt.Text()))


def test_nothing_marked_and_unknown_words_are_errors() -> None:
    with pytest.raises(OptionError, match="nothing is marked"):
        rt.Drop().fitted(MODELS["counts"], DATA, rt.Ledger(), rt.Text())
    with pytest.raises(UnknownFeature, match="did you mean 'Posting', 'posting'"):
        rt.Drop().fitted(MODELS["counts"], DATA, marks("POSTING"), rt.Text())


# --- in words -------------------------------------------------------------------------------------------------------


def test_it_says_what_else_falls_and_shows_examples() -> None:
    found = rt.Drop().describe(DATA, marks("Posting", "host"), rt.Text(), MODELS["n-grams"].fit(TEXTS, LABELS))
    assert (found.correction, found.touched, found.of) == ("Drop", 3, 6)
    assert found.falls["Posting"][:2] == ("posting", "nntp posting")
    assert found.falls["host"] == ("host red", "posting host")
    assert found.sentences == (
        "Drop: the 2 marked words leave training and prediction; 3 of 6 texts change.",
        "The pipeline's own vectoriser stops reading: the model is trained as if it had never seen them.",
        (
            "With 'Posting' goes what the model cannot tell from it: 'posting', 'nntp posting', 'posting about', "
            "'posting host', 'posting of'."
        ),
        "With 'host' goes what the model cannot tell from it: 'host red', 'posting host'.",
    )
    assert [(one.row, one.before, one.after) for one in found.examples] == [
        (0, TEXTS[0], " about a red sky"),
        (1, TEXTS[1], " of the blue sea"),
        (4, TEXTS[4], "nntp   red"),
    ]


def test_it_says_what_stays_where_texts_are_rewritten() -> None:
    assert rt.Drop().describe(DATA, POSTING, rt.Text(), trainer).sentences == (
        "Drop: the marked word leaves training and prediction; 2 of 6 texts change.",
        "They are taken out, as written, before the model sees an input.",
        "Written otherwise, 'posting' stays.",
    )


def test_it_says_what_the_vectoriser_does_not_read() -> None:
    assert "The vectoriser does not read 'a' anyway" in told(
        rt.Drop().describe(DATA, marks("a", "red"), rt.Text(), MODELS["counts"])
    )


def test_it_says_what_stands_in_a_column() -> None:
    assert rt.Drop().describe(ROWS, marks("age"), None).sentences == (
        "Drop: the marked column leaves training and prediction; 4 of 4 rows change.",
        "'age' is 31 in every row, what it mostly is.",
    )
