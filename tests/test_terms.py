"""What vectorisers make of words."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer

from retrust.terms import grams_with, vectorisers, without, words_of


class Stemming(CountVectorizer):  # type: ignore[misc]
    """A vectoriser of the user's."""

    def build_analyzer(self) -> Any:
        return lambda text: [word[:4] for word in text.split()]


WORDS = make_pipeline(TfidfVectorizer(), MultinomialNB())
UNION = make_union(CountVectorizer(), HashingVectorizer())
FOUND: dict[str, tuple[Any, list[str]]] = {
    "a pipeline": (WORDS, ["tfidfvectorizer"]),
    "a pipeline in a pipeline": (Pipeline([("in", WORDS[:1]), ("out", MultinomialNB())]), ["in__tfidfvectorizer"]),
    "a union": (
        make_pipeline(UNION, MultinomialNB()),
        ["featureunion__countvectorizer", "featureunion__hashingvectorizer"],
    ),
    "a search": (GridSearchCV(WORDS, {"multinomialnb__alpha": [1, 2]}), ["estimator__tfidfvectorizer"]),
    "a calibrated one": (CalibratedClassifierCV(WORDS), ["estimator__tfidfvectorizer"]),
    "a search over other rules": (GridSearchCV(WORDS, {"tfidfvectorizer__lowercase": [True, False]}), []),
    "a random search over the vectoriser": (RandomizedSearchCV(WORDS, [{"tfidfvectorizer": [CountVectorizer()]}]), []),
    "characters": (make_pipeline(CountVectorizer(analyzer="char"), MultinomialNB()), []),
    "words and characters": (
        make_pipeline(make_union(TfidfVectorizer(), CountVectorizer(analyzer="char_wb")), MultinomialNB()),
        [],
    ),
    "words and something else": (
        make_pipeline(make_union(TfidfVectorizer(), FunctionTransformer()), MultinomialNB()),
        [],
    ),
    "something before": (make_pipeline(FunctionTransformer(), TfidfVectorizer(), MultinomialNB()), []),
    "files": (make_pipeline(CountVectorizer(input="filename"), MultinomialNB()), []),
    "a class of the user's": (make_pipeline(Stemming(), MultinomialNB()), []),
    "a callable": (len, []),
}


@pytest.mark.parametrize("kind", FOUND)
def test_vectorisers_are_found_where_they_alone_read_the_texts(kind: str) -> None:
    model, paths = FOUND[kind]
    assert list(vectorisers(model)) == paths


def test_a_dropped_part_of_a_union_reads_nothing() -> None:
    union = FeatureUnion([("a", CountVectorizer()), ("b", "drop")])
    assert list(vectorisers(Pipeline([("union", union), ("last", MultinomialNB())]))) == ["union__a"]


def split(text: str) -> list[str]:
    return text.split("-")


VECTORISERS = {
    "words": CountVectorizer(),
    "stop words": TfidfVectorizer(stop_words="english"),
    "n-grams": CountVectorizer(ngram_range=(1, 2)),
    "a tokenizer": CountVectorizer(tokenizer=str.split, token_pattern=None),
    "a preprocessor": CountVectorizer(preprocessor=str.upper, lowercase=False),
    "an analyzer": CountVectorizer(analyzer=str.split),
    "a pattern and stop words": TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 3), stop_words=["the"]),
}
TEXTS = ["the nntp posting host", "posting again and again", "the host is an nntp host"]


@pytest.mark.parametrize("kind", VECTORISERS)
def test_a_vectoriser_without_a_word_has_the_others_and_every_n_gram_of_them(kind: str) -> None:
    given = VECTORISERS[kind]
    word = words_of(given)("posting")
    full = set(clone(given).fit(TEXTS).vocabulary_)
    short = without(given, word).fit(TEXTS)
    assert set(short.vocabulary_) == {term for term in full if word[0] not in term.split(" ")}
    assert len(short.vocabulary_) < len(full)
    assert type(short) is type(given)
    again = pickle.loads(pickle.dumps(short))
    assert (again.transform(TEXTS) != short.transform(TEXTS)).nnz == 0
    assert set(clone(short).fit(TEXTS).vocabulary_) == set(short.vocabulary_)


@pytest.mark.parametrize("ngrams", [(1, 1), (1, 2)])
def test_a_hashing_vectoriser_does_not_count_the_word(ngrams: tuple[int, int]) -> None:
    given = HashingVectorizer(norm=None, alternate_sign=False, ngram_range=ngrams)
    short = without(given, ["posting"])
    assert short.transform(["posting"]).nnz == 0
    assert short.transform(["the nntp posting host"]).sum() == (3 if ngrams == (1, 1) else 4)


@pytest.mark.parametrize(
    "vocabulary", [["nntp", "posting", "host"], {"nntp": 2, "posting": 1, "host": 0}, {"nntp", "posting", "host"}]
)
def test_a_vocabulary_given_by_the_user_keeps_its_other_columns_in_order(vocabulary: Any) -> None:
    given = CountVectorizer(vocabulary=vocabulary)
    short = without(given, ["posting"])
    names = [name for name in given.get_feature_names_out() if name != "posting"]
    assert short.get_feature_names_out().tolist() == names
    assert short.transform(["nntp posting host host"]).toarray().tolist() == [
        [{"nntp": 1, "host": 2}[n] for n in names]
    ]


def test_the_words_of_a_text_are_told_without_n_grams() -> None:
    assert words_of(CountVectorizer(ngram_range=(2, 3)))("NNTP-Posting") == ["nntp", "posting"]
    assert words_of(CountVectorizer())("U.S.") == []
    assert words_of(CountVectorizer(analyzer=str.split))("NNTP-Posting") == ["NNTP-Posting"]


def test_n_grams_with_a_word_are_known_to_a_fitted_vectoriser_only() -> None:
    given = CountVectorizer(ngram_range=(1, 2))
    assert grams_with(given, ["posting"]) == []
    assert grams_with(given.fit(TEXTS), ["posting"]) == ["nntp posting", "posting again", "posting host"]


def test_an_analyzer_whose_terms_have_blanks_loses_the_whole_term() -> None:
    def phrases(text: str) -> list[str]:
        return text.split(", ")

    short = without(CountVectorizer(analyzer=phrases), ["new york"]).fit(["new york, old york"])
    assert list(short.vocabulary_) == ["old york"]
