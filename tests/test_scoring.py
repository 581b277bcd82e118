"""Fused scorers give the plain answer or are not used; each distinct input is asked once."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, MaxAbsScaler, StandardScaler
from sklearn.svm import LinearSVC
from toys import Counting, Notes, opaque

import retrust as rt
from retrust import Text
from retrust.model import as_model
from retrust.scoring import Distinct, Fused, Plain, fuse, scorer_for

if TYPE_CHECKING:
    from retrust.model import Model

CORPUS = [
    "From: Ann (ann@host.com)\nThe Café was good, the film was not; don't go to the U.S.",
    "From: Bob\nA bad, bad film. naïve and good: the cafe's end",
    "Subject: film\nnot a good end, 3.14 of 10, I said it was bad",
    "a very good café in the host city, go go go",
]
LABELS = ["ann", "bob", "ann", "carl"]
DOCUMENT = CORPUS[0] + " The film, THE Film: good café; Café bad un-known words and good end 3.14"
RIGHT_TO_LEFT = "שלום לך film טוב, good film"


def frame(texts: Any) -> pd.DataFrame:
    return pd.DataFrame({"text": list(texts), "again": list(texts)})


def columns(texts: Any) -> Any:
    return np.column_stack([np.array(texts, dtype=object)] * 2)


def in_columns(head: Any, *names: Any, **options: Any) -> Pipeline:
    parts = [(f"p{i}", [TfidfVectorizer(), CountVectorizer(binary=True)][i % 2], name) for i, name in enumerate(names)]
    return make_pipeline(FunctionTransformer(head), ColumnTransformer(parts, **options))


FIRST_STEPS: dict[str, Any] = {
    "counts": CountVectorizer(),
    "binary counts": CountVectorizer(binary=True),
    "stop words": CountVectorizer(stop_words="english"),
    "accents stripped": CountVectorizer(strip_accents="unicode"),
    "ascii": CountVectorizer(strip_accents="ascii", lowercase=False),
    "max features": CountVectorizer(max_features=5),
    "min df": CountVectorizer(min_df=2),
    "a vocabulary": CountVectorizer(vocabulary=["good", "café", "bad"]),
    "one letter": CountVectorizer(token_pattern=r"(?u)\b\w+\b"),
    "letters only": CountVectorizer(token_pattern=r"[a-z]+"),
    "float32": CountVectorizer(dtype=np.float32),
    "tf-idf": TfidfVectorizer(),
    "tf-idf without norm": TfidfVectorizer(norm=None),
    "tf-idf l1": TfidfVectorizer(norm="l1"),
    "tf without idf": TfidfVectorizer(use_idf=False),
    "sublinear tf-idf": TfidfVectorizer(sublinear_tf=True),
    "unsmoothed idf": TfidfVectorizer(smooth_idf=False),
    "binary tf-idf": TfidfVectorizer(binary=True, norm=None),
    "all of it": TfidfVectorizer(
        sublinear_tf=True, strip_accents="unicode", stop_words="english", min_df=1, max_features=9
    ),
    "hashing": HashingVectorizer(n_features=64),
    "hashing, clashes": HashingVectorizer(n_features=4, alternate_sign=True, norm="l1"),
    "hashing, no norm, binary": HashingVectorizer(n_features=256, norm=None, alternate_sign=False, binary=True),
    "union": make_union(TfidfVectorizer(), CountVectorizer(binary=True)),
    "weighted union": FeatureUnion(
        [("a", TfidfVectorizer()), ("b", HashingVectorizer(n_features=32)), ("c", "drop")], transformer_weights={"b": 3}
    ),
    "union of pipelines": make_union(make_pipeline(CountVectorizer(), TfidfTransformer()), TfidfVectorizer()),
    "columns of a frame": in_columns(frame, "text", "again"),
    "columns by number": in_columns(columns, 0, 1),
    "weighted columns": in_columns(frame, "text", 1, transformer_weights={"p0": 0.5}, sparse_threshold=0),
}
FIRST = {
    name: step if isinstance(step, Pipeline) and isinstance(step[0], FunctionTransformer) else make_pipeline(step)
    for name, step in FIRST_STEPS.items()
}
TEXTS = {
    "words": (Text(), DOCUMENT),
    "occurrences": (Text(bag=False), DOCUMENT),
    "masked": (Text(mask_token="film"), DOCUMENT),
    "masked occurrences": (Text(mask_token="[MASK]", bag=False), DOCUMENT),
    "sentences": (Text(unit="sentence"), DOCUMENT),
    "phrases": (Text(unit="phrase", phrases=["good end", "the film"]), DOCUMENT),
    "lower-cased": (Text(tokenizer=lambda t: re.findall(r"\w+", t.lower())), DOCUMENT),
    "right to left": (Text(), RIGHT_TO_LEFT),
}


def piped(first: Pipeline, *then: Any) -> Pipeline:
    return Pipeline([*first.steps, *make_pipeline(*then, LogisticRegression(C=10)).steps]).fit(CORPUS, LABELS)


def draws(d: int, n: int = 60) -> Any:
    return np.concatenate([np.ones((1, d), bool), np.random.default_rng(0).random((n, d)) < 0.5])


@cache
def model_on(first: str) -> Model:
    return as_model(piped(FIRST[first]))


EACH = ("words", "masked occurrences")  # with every first step; the others with two
PAIRS = [
    (first, text)
    for first in FIRST
    for text in TEXTS
    if text in EACH or first in ("sublinear tf-idf", "hashing, clashes")
]


@pytest.mark.parametrize(("first", "text"), PAIRS)
def test_fused_answers_are_the_plain_ones_and_fusion_is_used(first: str, text: str) -> None:
    domain, document = TEXTS[text]
    representation, model = domain.represent(document), model_on(first)
    scorer = scorer_for(model, representation, np.random.default_rng(0))
    assert isinstance(scorer, Fused)
    masks = draws(len(representation.features))
    plain = Plain(model, representation)(masks, np.random.default_rng(0))[0]
    assert np.abs(scorer(masks, np.random.default_rng(0))[0] - plain).max() < 1e-9
    assert np.ptp(plain, axis=0).min() > 1e-6


THEN: dict[str, list[Any]] = {
    "tf-idf as a second step": [TfidfTransformer()],
    "scaled": [MaxAbsScaler(), StandardScaler(with_mean=False)],
    "reduced": [TruncatedSVD(2, random_state=0)],
    "passed through": ["passthrough"],
}


@pytest.mark.parametrize("then", THEN)
def test_what_follows_a_vectoriser_is_the_pipelines_own(then: str) -> None:
    representation, model = Text().represent(DOCUMENT), as_model(piped(make_pipeline(CountVectorizer()), *THEN[then]))
    scorer = scorer_for(model, representation, np.random.default_rng(0))
    assert isinstance(scorer, Fused)
    masks, rng = draws(len(representation.features)), np.random.default_rng(0)
    assert np.abs(scorer(masks, rng)[0] - Plain(model, representation)(masks, rng)[0]).max() < 1e-9


MODELS: dict[str, Any] = {
    "decision function": make_pipeline(TfidfVectorizer(), LinearSVC()).fit(CORPUS, [0, 1, 0, 1]),
    "regressor": make_pipeline(TfidfVectorizer(), Ridge()).fit(CORPUS, [0.5, 1, 0, 7]),
    "bound method": make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(CORPUS, LABELS).decision_function,
    "grid search": GridSearchCV(
        make_pipeline(TfidfVectorizer(), LogisticRegression()), {"logisticregression__C": [1]}, cv=2
    ).fit(CORPUS, [0, 1, 0, 1]),
}


@pytest.mark.parametrize("kind", MODELS)
def test_every_way_of_asking_a_pipeline_is_fused(kind: str) -> None:
    representation, model = Text().represent(DOCUMENT), as_model(MODELS[kind])
    scorer = scorer_for(model, representation, np.random.default_rng(0))
    assert isinstance(scorer, Fused)
    masks, rng = draws(len(representation.features)), np.random.default_rng(0)
    assert np.abs(scorer(masks, rng)[0] - Plain(model, representation)(masks, rng)[0]).max() < 1e-9


REFUSED: dict[str, tuple[Any, Text, str]] = {
    "bigrams": (CountVectorizer(ngram_range=(1, 2)), Text(), DOCUMENT),
    "characters": (CountVectorizer(analyzer="char", ngram_range=(2, 3)), Text(), DOCUMENT),
    "characters in words": (TfidfVectorizer(analyzer="char_wb"), Text(), DOCUMENT),
    "an analyzer": (CountVectorizer(analyzer=str.split), Text(), DOCUMENT),
    "a tokenizer": (CountVectorizer(tokenizer=str.split, token_pattern=None), Text(), DOCUMENT),
    "a preprocessor": (CountVectorizer(preprocessor=str.upper), Text(), DOCUMENT),
    "tokens with stops": (CountVectorizer(token_pattern=r"\S+"), Text(), DOCUMENT),
    "neighbours without a gap": (CountVectorizer(token_pattern=r"\w+"), Text(), "good 電影 bad film"),
    "letters as units": (CountVectorizer(), Text(unit="char"), "good film"),
    "parts of words": (CountVectorizer(), Text(tokenizer=r"\w{1,2}"), "good film"),
    "a part of a union": (make_union(CountVectorizer(), CountVectorizer(ngram_range=(1, 2))), Text(), DOCUMENT),
    "a length beside": (
        make_union(CountVectorizer(), FunctionTransformer(lambda t: np.array([[len(x) / 99] for x in t]))),
        Text(),
        DOCUMENT,
    ),
    "other columns": (
        in_columns(lambda t: pd.DataFrame({"text": t, "title": [x[:9] for x in t]}), "text", "title"),
        Text(),
        DOCUMENT,
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_where_fusion_would_not_be_exact_the_plain_way_is_taken(kind: str) -> None:
    first, domain, document = REFUSED[kind]
    pipeline = piped(first if isinstance(first, Pipeline) else make_pipeline(first))
    representation = domain.represent(document)
    scorer = scorer_for(as_model(pipeline), representation, np.random.default_rng(0))
    assert isinstance(scorer, Plain)
    masks = draws(len(representation.features), 9)
    outputs, _ = scorer(masks, np.random.default_rng(0))
    assert np.array_equal(outputs, pipeline.predict_proba(representation.perturb(masks)))


@pytest.mark.parametrize("first", [CountVectorizer(token_pattern=r"(?u)\w+"), CountVectorizer(token_pattern=r"(?u).")])
def test_emoji_and_adjacent_scripts_give_the_plain_answer_whichever_way_is_taken(first: Any) -> None:
    pipeline = make_pipeline(first, LogisticRegression()).fit(
        ["good👍film", "我爱北京 bad", "👍👍", "電影"], [0, 1, 0, 1]
    )
    representation = Text().represent("good👍film我爱北京👍👍🏽 電影 bad")
    masks = draws(len(representation.features), 40)
    scorer = scorer_for(as_model(pipeline), representation, np.random.default_rng(0))
    expected = pipeline.predict_proba(representation.perturb(masks))
    assert np.abs(scorer(masks, np.random.default_rng(0))[0] - expected).max() < 1e-12


def test_a_part_that_joins_only_where_its_neighbour_is_gone_is_found_out() -> None:
    pipeline = make_pipeline(CountVectorizer(token_pattern=r"\S+", vocabulary=[",b", "c"]), Ridge())
    pipeline.fit([",b", "c", "b"], [5, 0, 0])
    words = " ".join(f"w{i}" for i in range(40))
    representation = Text().represent(f"a,b {words}")
    assert isinstance(scorer_for(as_model(pipeline), representation, np.random.default_rng(0)), Plain)


def test_small_outputs_are_compared_by_their_own_size() -> None:
    pipeline = make_pipeline(CountVectorizer(token_pattern=r"\S+"), Ridge()).fit(["bad,", "bad", "x"], [1e-12, 0, 0])
    representation = Text().represent("bad, x")
    assert isinstance(scorer_for(as_model(pipeline), representation, np.random.default_rng(0)), Plain)


def test_a_short_cut_that_breaks_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("retrust.bag.Counts.counted", broken)
    model = as_model(piped(make_pipeline(CountVectorizer())))
    assert isinstance(scorer_for(model, Text().represent(DOCUMENT), np.random.default_rng(0)), Plain)


def test_only_pipelines_on_texts_are_fused() -> None:
    pipeline = piped(make_pipeline(CountVectorizer()))
    assert fuse(as_model(pipeline), Notes().represent([1, 2])) is None
    assert fuse(as_model(opaque(pipeline.predict_proba)), Text().represent(DOCUMENT)) is None
    assert fuse(as_model(LogisticRegression().fit([[0], [1]], [0, 1])), Text().represent(DOCUMENT)) is None


@pytest.mark.parametrize("first", ["tf-idf", "union"])
def test_an_explanation_is_the_same_fused_or_plain(first: str) -> None:
    pipeline = piped(FIRST[first])
    fused = rt.explain(pipeline, DOCUMENT, n_samples=300)
    plain = rt.explain(opaque(pipeline.predict_proba), DOCUMENT, n_samples=300, classes=pipeline.classes_)
    assert np.abs(fused.coefficients - plain.coefficients).max() < 1e-9
    assert fused.top()[0][0] == plain.top()[0][0]
    assert fused.model_calls == len(np.unique(fused.neighbourhood.masks, axis=0)) + 5  # the comparison's


# --- each distinct input once ----------------------------------------------------------------------------------------


def test_each_distinct_text_is_asked_once_and_all_of_them_are() -> None:
    model = Counting(lambda texts: np.array([len(t) for t in texts], dtype=float))
    e = rt.explain(model, "one two two three three three", n_samples=3000)
    assert len(model.inputs) == len(set(model.inputs)) == 2**3
    assert e.model_calls == 8
    assert e.n_samples == 3000


def test_words_with_the_same_effect_on_the_text_are_asked_once() -> None:
    model = Counting(lambda texts: np.array([len(t) for t in texts], dtype=float))
    rt.explain(model, "aa", n_samples=100, domain=Text(unit="char", bag=False))
    assert sorted(model.inputs) == ["", "a", "aa"]


def test_inputs_that_are_no_strings_are_asked_once_for_each_mask() -> None:
    model = Counting(lambda tunes: np.array([sum(tune) for tune in tunes], dtype=float))
    e = rt.explain(model, [60, 64, 67], domain=Notes(), n_samples=500)
    assert len(model.inputs) == len(set(model.inputs)) == 8
    assert e.model_calls == 8


def test_distinct_masks_are_scored_once_and_answers_come_back_in_order() -> None:
    asked: list[Any] = []

    def score(masks: Any, rng: object) -> tuple[Any, Any]:
        del rng
        asked.append(masks.copy())
        return masks @ np.array([[1.0], [2.0], [4.0]]), masks

    scorer, rng = Distinct(score), np.random.default_rng(0)
    first, second = draws(3, 30), draws(3, 50)
    for masks in (first, second):
        outputs, design = scorer(masks, rng)
        assert np.array_equal(outputs[:, 0], masks @ [1, 2, 4])
        assert design is masks
    everything = np.concatenate(asked)
    assert len(np.unique(everything, axis=0)) == len(everything)


def test_a_design_of_its_own_comes_back_for_masks_that_come_back() -> None:
    scorer = Distinct(lambda masks, _: (masks @ np.ones((2, 1)), masks * 7.0))
    masks = np.array([[True, False], [True, True], [True, False]])
    outputs, design = scorer(masks, np.random.default_rng(0))
    assert design.tolist() == [[7, 0], [7, 7], [7, 0]]
    assert outputs.tolist() == [[1], [2], [1]]


def test_a_model_that_runs_out_of_memory_is_asked_in_halves() -> None:
    sizes: list[int] = []

    def small(texts: list[str]) -> Any:
        sizes.append(len(texts))
        if len(texts) > 40:
            raise MemoryError
        return np.array([len(text) / 100 for text in texts])

    e = rt.explain(small, "one two three four five six seven eight nine", n_samples=200)
    assert np.isfinite(e.fidelity)
    assert max(sizes) > 40
    assert sum(size for size in sizes if size <= 40) == e.model_calls
