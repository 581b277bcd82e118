"""What a scikit-learn vectoriser makes of a word, and how to keep it from reading one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from retrust.training import is_search

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

_RULES = (
    "analyzer",
    "lowercase",
    "ngram_range",
    "preprocessor",
    "stop_words",
    "strip_accents",
    "token_pattern",
    "tokenizer",
    "vocabulary",
)
_KNOWN = (CountVectorizer, HashingVectorizer, TfidfVectorizer)
_CHARACTERS = ("char", "char_wb")
_ALONE = {"ngram_range": (1, 1)}
_PLAIN = {
    "ngram_range": (1, 1),
    "preprocessor": None,
    "stop_words": None,
    "token_pattern": r"(?u)\b\w\w+\b",
    "tokenizer": None,
}


def vectorisers(model: Any) -> dict[str, Any]:
    """Find the vectorisers that read a model's texts, by the names of their options.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    dict of str to vectoriser
        Empty where something else reads the texts too, or reads them first, or where words are not what is read.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> list(vectorisers(make_pipeline(CountVectorizer(), "passthrough")))
    ['countvectorizer']
    """
    found = _heads(model, "")
    return {} if found is None else found


def _heads(step: Any, name: str) -> dict[str, Any] | None:
    """Follow the texts to the vectorisers, None where they go elsewhere as well."""
    if isinstance(step, CountVectorizer | HashingVectorizer):
        return {name: step} if name and _reads_words(step) else None
    if isinstance(step, Pipeline):
        first, head = step.steps[0]
        return _heads(head, _joined(name, first))
    if isinstance(step, FeatureUnion):
        parts = [_heads(part, _joined(name, each)) for each, part in step.transformer_list if part != "drop"]
        return (
            None if None in parts else {path: one for part in parts if part is not None for path, one in part.items()}
        )
    if hasattr(step, "estimator") and not isinstance(step.estimator, str):
        inside = _joined(name, "estimator")
        found = _heads(step.estimator, inside)
        return None if found is None or (is_search(step) and _searched(step, found, f"{inside}__")) else found
    return None


def _joined(name: str, part: str) -> str:
    return f"{name}__{part}" if name else part


def _reads_words(vectoriser: Any) -> bool:
    """Tell whether a vectoriser reads words; a class of the user's may do anything."""
    return type(vectoriser) in _KNOWN and vectoriser.input == "content" and vectoriser.analyzer not in _CHARACTERS


def _searched(search: Any, found: Iterable[str], inside: str) -> bool:
    """Tell whether a search tries other vectorisers or rules for reading words, which would bring the words back."""
    grid = getattr(search, "param_grid", None) or search.param_distributions
    tried = {option for part in ([grid] if hasattr(grid, "items") else grid) for option in part}
    paths = [path.removeprefix(inside) for path in found]
    steps = {part for path in paths for part in _beginnings(path)}
    return bool(tried & {*steps, *(f"{path}__{rule}" for path in paths for rule in _RULES)})


def _beginnings(path: str) -> list[str]:
    """List a name and those of what it is in.

    >>> _beginnings("union__words")
    ['union', 'union__words']
    """
    parts = path.split("__")
    return ["__".join(parts[: n + 1]) for n in range(len(parts))]


def words_of(vectoriser: Any) -> Callable[[str], list[str]]:
    """Return what tells the single words that a vectoriser makes of a text, n-grams aside."""
    alone = clone(vectoriser)
    if not callable(alone.analyzer):
        alone.set_params(**_ALONE)
    return alone.build_analyzer()  # type: ignore[no-any-return]


def grams_with(vectoriser: Any, words: Collection[str]) -> list[str]:
    """List the terms of a fitted vectoriser that hold a word among others."""
    known = getattr(vectoriser, "vocabulary_", None) or {}
    return sorted(term for term in known if term not in words and _holds(term, words))


def _holds(term: str, words: Collection[str]) -> bool:
    """Tell whether a term is one of some words, or an n-gram with one of them."""
    return term in words or any(word in words for word in term.split(" "))


def without(vectoriser: Any, words: Collection[str]) -> Any:
    """Return a vectoriser, unfitted, that never reads some words, nor any n-gram with one of them.

    Single words are stopped by its list of stop words, so that it stays as it was in all else; n-grams and words that
    a rule of the user's makes are stopped after its own analyzer.

    Examples
    --------
    >>> short = without(CountVectorizer(ngram_range=(1, 2)), ["bad"]).fit(["a bad good end"])
    >>> short.get_feature_names_out().tolist()
    ['end', 'good', 'good end']
    """
    short = clone(vectoriser)
    if getattr(short, "vocabulary", None) is not None:
        short.set_params(vocabulary=_left(short.vocabulary, words))
    if _simple(short):
        return short.set_params(stop_words=sorted({*(short.get_stop_words() or ()), *words}))
    return short.set_params(analyzer=Without(clone(vectoriser), frozenset(words)), **_PLAIN)


def _left(vocabulary: Any, words: Collection[str]) -> list[str]:
    """Return the terms of a vocabulary, in the order of its columns, that hold none of the words."""
    columns = vocabulary.get if hasattr(vocabulary, "items") else None
    terms = sorted(vocabulary, key=columns) if columns or isinstance(vocabulary, set) else list(vocabulary)
    return [term for term in terms if not _holds(term, words)]


def _simple(vectoriser: Any) -> bool:
    """Tell whether a vectoriser reads single words by rules of its own."""
    return (
        vectoriser.analyzer == "word"
        and tuple(vectoriser.ngram_range) == (1, 1)
        and vectoriser.tokenizer is None
        and vectoriser.preprocessor is None
    )


@dataclass
class Without:
    """A vectoriser's own analyzer that keeps no term with one of some words in it.

    Parameters
    ----------
    vectoriser : vectoriser, unfitted
    words : frozenset of str
    """

    vectoriser: Any
    words: frozenset[str]

    def __call__(self, text: str) -> list[str]:
        """Return the terms of a text."""
        return [term for term in self._analyze(text) if not _holds(term, self.words)]

    def __getstate__(self) -> Mapping[str, Any]:
        """Leave out what can be worked out again."""
        return {"vectoriser": self.vectoriser, "words": self.words}

    @cached_property
    def _analyze(self) -> Callable[[str], list[str]]:
        return self.vectoriser.build_analyzer()  # type: ignore[no-any-return]
