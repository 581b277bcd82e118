"""The loop: read, mark what you do not trust, train again, see what changed. The one mutable object of the house."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.apart import check_labels, first, fitted, split
from retrust.correction import chosen
from retrust.diary import Diary
from retrust.domains.image import Image
from retrust.errors import InstanceError, OptionError, RetrustError, UnknownFeature, listed
from retrust.explainer import Explainer
from retrust.history import Revision, State, figures, path_to
from retrust.journal import Journal, mark_to, to_json
from retrust.ledger import Ledger, digest
from retrust.marking import Ground, Known, domain_for, known, marks_from, siblings
from retrust.measures import Judge, asks, reads, trusted
from retrust.naming import each_titled, short_title
from retrust.picking import Pick, pick
from retrust.preview import Preview, counted
from retrust.reach import reach
from retrust.recipe import recipe
from retrust.revising import Round, Stage, Stages, completed, refuse_partial
from retrust.rows import Dataset
from retrust.surrogate import Ridge
from retrust.training import is_estimator
from retrust.vocabulary import visual_words
from retrust.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from os import PathLike

    from retrust.comparison import Comparison
    from retrust.explanation import Explanation
    from retrust.representation import Domain, Feature
    from retrust.siblings import Suggestion
    from retrust.vocabulary import Vocabulary

_POOL = 200
_SAMPLES = 500
_ROUGH = 16


class Session:
    """The loop around one model: pick, read, mark, retrain, compare, repeat.

    ``rt.view(session)`` is the same on a page.

    Parameters
    ----------
    model : estimator or callable
        Fitted; an estimator that is not is fitted on X and y.
    X, y : sequence, array or frame
        The rows that it is trained on, and their labels or targets.
    valid : (X, y), optional
        Rows held out. Default: a fifth of X and y is set aside, and the model is trained again on the rest, so that
        before and after are judged alike.
    shifted : (X, y), optional
        Rows on which the shortcut no longer holds.
    domain : Domain, optional
        Default: ``rt.Table(X)`` for a frame or an array of two axes, else told from the first row.
    trainer : callable, optional
        From a :class:`~retrust.Dataset` to a model; it may take ``progress``, to be called with (done, of). Default:
        ``clone(model).fit``.
    path : path, optional
        A file to which marks and figures are written as they come; where it is there, the session goes on from it.
    seed : int
    classes : sequence of str, optional
        Names of the outputs.
    titles : sequence of str, optional
        What people call the rows of X.
    n_features : int
        Reasons for each instance.
    n_samples : int or "auto"
        Masks for each explanation.
    pool : int
        How many rows are explained to pick from.

    Attributes
    ----------
    model : the model now
    ledger : Ledger
    revisions : tuple of Revision
        A tree: each knows its parent.
    picked : Pick or None
    rows : list of int
        The training rows that are picked.
    data, valid, shifted : Dataset
        The rows, as they are trained on and judged by.

    Raises
    ------
    OptionError, InstanceTypeError, ContractError

    Examples
    --------
    >>> from sklearn.feature_extraction.text import CountVectorizer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> X = ["Posting fish", "Posting bird", "Posting cat", "Easter fish", "Easter bird", "Easter cat"] * 4
    >>> y = ["atheism", "atheism", "atheism", "christian", "christian", "christian"] * 4
    >>> model = make_pipeline(CountVectorizer(lowercase=False), LogisticRegression()).fit(X, y)
    >>> s = Session(model, X, y, valid=(X[:6], y[:6]))
    >>> s.mark("Posting", because="a mail header")
    >>> s.mark("Easter", because="gives it away")
    >>> r = s.retrain()
    >>> r.measures["valid"]["before"], r.measures["valid"]["after"], s.model is r.after
    (1.0, 0.5, True)
    """

    def __init__(
        self,
        model: Any,
        X: Any,
        y: Any,
        *,
        valid: tuple[Any, Any] | None = None,
        shifted: tuple[Any, Any] | None = None,
        domain: Domain | None = None,
        trainer: Any = None,
        path: str | PathLike[str] | None = None,
        seed: int = 0,
        classes: Sequence[str] | None = None,
        titles: Sequence[str] | None = None,
        n_features: int = 10,
        n_samples: Any = _SAMPLES,
        pool: int = _POOL,
    ) -> None:
        if trainer is None and not is_estimator(model):
            name = type(model).__name__
            raise OptionError(f"{name} cannot be cloned – pass trainer=, a callable from a Dataset to a fitted model")
        self.trainer = model if trainer is None else trainer
        self._titles = None if titles is None else each_titled(titles, len(Dataset(X, y)))
        root = self._given(model, Dataset(X, y), valid, seed)
        self.shifted = None if shifted is None else Dataset(*shifted)
        self.domain: Domain = domain if domain is not None else domain_for(self.data)
        self.seed, self.classes, self.pool, self.n_samples = seed, classes, pool, n_samples
        self._surrogate = Ridge(n_features=n_features)
        self.judge = Judge.of(root, self.data.labels, seed)
        check_labels(self.judge, self.valid)
        self._shop, self._busy = Workshop(), False
        self.picked: Pick | None = None
        self.rows: list[int] = []
        self._seen: set[str] = set()
        self._picks = 0
        self._open: int | None = None
        self._opened: frozenset[str] = frozenset()
        state = State((Revision(0, None, None, root, Ledger(), name="as given"),))
        self._diary = Diary(state, None if path is None else Journal(path, self._head()))

    def _given(self, model: Any, data: Dataset, valid: tuple[Any, Any] | None, seed: int) -> Any:
        """Lay out the rows, and return a model that was trained on those to train on."""
        if not len(data):
            raise OptionError("there are no rows to train on")
        if valid is not None:
            self.data, self.valid = data, Dataset(*valid)
            return fitted(model, self.trainer, data)
        rest, held = split(data.labels, seed)
        self.data, self.valid = data.take(rest), data.take(held)
        self._titles = None if self._titles is None else [self._titles[row] for row in rest]
        return first(self.trainer, self.data)

    # What is known now.

    @property
    def ledger(self) -> Ledger:
        """The marks."""
        return self._diary.state.ledger

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """All that was trained, the model as given first."""
        return self._diary.state.revisions

    @property
    def current(self) -> int:
        """The number of the current revision."""
        return self._diary.state.current

    @property
    def model(self) -> Any:
        """The model now: that of the current revision.

        Raises
        ------
        RetrustError
            The session was read from its file, which has no models; ``rebuild`` trains it again.
        """
        found = self.revisions[self.current].after
        if found is None:
            raise RetrustError(f"revision {self.current} was read from a file, without its model – s.rebuild()")
        return found

    @property
    def explainer(self) -> Explainer:
        """What explains the model now."""
        return self._explaining(self.model)

    @property
    def marked(self) -> frozenset[str]:
        """The marked keys."""
        return frozenset(mark.key for mark in self.ledger)

    @property
    def undoes(self) -> str | None:
        """What ``undo`` would take back, None where there is nothing."""
        return self._diary.state.past[-1][0] if self._diary.state.past else None

    @property
    def busy(self) -> bool:
        """Whether a training is under way."""
        return self._busy

    def known(self, revision: object) -> int:
        """Return the number of a revision, or say that there is none."""
        return self._diary.state.known(revision)

    @cached_property
    def census(self) -> Known:
        """What the training rows have: their keys, how often, where; of a table what its columns say of one another."""
        return known(self.data, list(map(self.called, self.data.labels)), self.domain, self.judge)

    def called(self, label: Any) -> Any:
        """Return what people call a label: the name of its class, where there are names."""
        at = {own: i for i, own in enumerate(self.judge.labels)}
        return str(self.classes[at[label]]) if self.classes is not None and label in at else label

    def title(self, row: int) -> str:
        """Return what people call a training row."""
        return self._titles[row] if self._titles is not None else short_title(self.data[row], f"row {row}")

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Have a callback called after every act, with its name; returns what ends that."""
        return self._diary.subscribe(callback)

    # Read.

    def pick(self, budget: int = 10, method: Any = "submodular") -> Pick:
        """Pick the instances to read next: those that cover most of what has not been read.

        Parameters
        ----------
        budget : int
        method : {"submodular", "random"}
            By chance, each pick of a session is another draw.

        Returns
        -------
        Pick
            From explanations of up to ``pool`` training rows; ``rows`` says which training rows are chosen.
        """
        return completed(self.picking(budget, method))

    def picking(self, budget: int = 10, method: Any = "submodular") -> Generator[Stage, None, Pick]:
        """Do the same step by step."""
        explainer, pool = (
            self.explainer,
            np.sort(np.random.default_rng(self.seed).permutation(len(self.data))[: self.pool]),
        )
        found: dict[int, Explanation] = {}
        for done, row in enumerate(pool.tolist(), 1):
            with suppress(InstanceError):
                found[row] = explainer.explain(self.data[row], n_samples=self.n_samples).kept("fit")
                refuse_partial(found[row])
            yield Stage("sampling", "explaining rows to pick from", done, len(pool))
        if not found:
            raise InstanceError("none of the rows can be explained – look at one with s.read(0)")
        rows = list(found)
        picked = pick(
            list(found.values()),
            min(budget, len(found)),
            method,
            titles=[self.title(row) for row in rows],
            labels=self._truths(rows),
            seen=self._seen,
            seed=self.seed + self._picks,
        )
        with self._diary.lock:
            self._picks += 1
            self.picked, self.rows = picked, [rows[i] for i in picked.chosen]
            self._seen |= {each.features[i].key for each in picked.picked for i in each.fit.selected}
        self._diary.tell("pick")
        return picked

    def both(self, row: int) -> Comparison | None:
        """Explain a training row by the current model and the one that it was trained from, on one neighbourhood.

        None where there is no such model.
        """
        revision = self.revisions[self.current]
        if revision.before is None:
            return None
        both = self.explainer.compare(
            {"before": revision.before, "after": self.model}, self.data[self._row(row)], n_samples=self.n_samples
        )
        self._reading(row, both["after"])
        return both

    def read(self, row: int) -> Explanation:
        """Explain a training row with the model as it is now; marks of a narrower scope are made on it."""
        explanation = self.explainer.explain(self.data[self._row(row)], n_samples=self.n_samples)
        self._reading(row, explanation)
        return explanation

    def example(self) -> Explanation:
        """Explain some training row, roughly: the first in which anything can be taken away."""
        explainer = self.explainer
        for row in range(len(self.data)):
            with suppress(InstanceError):
                return explainer.stream(self.data[row], n_samples=_ROUGH).last()
        raise InstanceError("none of the rows can be explained – look at one with s.read(0)")

    def trust(self, explanation: Explanation, *, ask: bool = False) -> bool | None:
        """Say whether a prediction can be trusted: whether it stays without the marked features.

        Parameters
        ----------
        explanation : Explanation
        ask : bool
            Ask the model itself; else the surrogate says, at no cost.

        Returns
        -------
        bool or None
            None where the surrogate cannot tell.

        References
        ----------
        Section 5.3 of the paper.
        """
        turns = asks(explanation, self.marked) if ask else reads(explanation, self.marked)
        return None if turns is None else not turns

    def standing(self) -> dict[str, float]:
        """Return how the model does on the held-out rows now.

        Returns
        -------
        dict
            "accuracy" (for numbers "error"), and "trust", the share to be trusted, where something is marked.
        """
        said = self.judge.ask(self.model, self.valid)
        found = {self.judge.figure: float(self.judge.right(said, self.valid.y).mean())}
        if len(self.ledger):
            touched = reach(self.valid, self.ledger, self.domain, strict=False)
            found["trust"] = float(trusted(self.judge, self.model, said, touched, self.valid).mean())
        return found

    # Mark.

    def mark(
        self,
        key: str | Feature | Iterable[Any],
        because: str = "",
        scope: str = "everywhere",
        *,
        row: int | None = None,
    ) -> None:
        """Declare parts untrustworthy.

        Parameters
        ----------
        key : str, Feature or several
            As a person reads it: a word, a column, "column: word" for a word of a text column, a visual word.
        because : str
        scope : {"everywhere", "label", "instance"}
            Where it holds: in every instance, in those with the label of ``row``, in that row alone.
        row : int, optional
            On which training row the mark was made; default: the one read last.

        Raises
        ------
        UnknownFeature
            No training row has it; the near ones are named.
        OptionError
            A narrower scope, and no row.
        """
        given = [key] if isinstance(key, str) or not isinstance(key, Iterable) else list(key)
        if not given:
            raise OptionError('no key was given – s.mark("a word"), or several in a list')
        on = self._open if row is None else self._row(row)
        ground = self._ground
        marks = [ground.mark(str(getattr(each, "key", each)), because, scope, on) for each in given]
        self._diary.do({"act": "mark", "marks": [mark_to(mark) for mark in marks]})
        self._shop.warm()

    def withdraw(self, key: str | Iterable[str]) -> None:
        """Trust parts again."""
        keys = [key] if isinstance(key, str) else list(key)
        unknown = [each for each in keys if each not in self.marked]
        if not keys:
            raise OptionError('no key was given – s.withdraw("a word"), or several in a list')
        if unknown:
            raise UnknownFeature(f"{unknown[0]!r} is not marked; marked are {listed(sorted(self.marked))}")
        self._diary.do({"act": "withdraw", "keys": keys})

    def undo(self) -> None:
        """Take back the last act, a mark or a retraining; a revision stays in the history."""
        self._diary.do({"act": "undo"})

    def go(self, revision: int) -> None:
        """Go back to a revision and its marks; what is trained from there is a branch."""
        self._diary.do({"act": "go", "revision": revision})

    def name(self, revision: int, name: str) -> None:
        """Give a revision a name."""
        self._diary.do({"act": "name", "revision": revision, "name": str(name)})

    def learn_words(self, k: int = 50) -> Vocabulary:
        """Make a visual vocabulary of the training pictures, so that one mark can hold in all of them.

        Parameters
        ----------
        k : int
            How many visual words.

        Raises
        ------
        OptionError
            The instances are no pictures, or something is marked already: keys without a vocabulary are their own.
        """
        if not isinstance(self.domain, Image):
            raise OptionError(
                f"the domain is {type(self.domain).__name__}; pictures alone are described by visual words"
            )
        if len(self.ledger):
            raise OptionError("marks are on superpixels of single pictures – withdraw them, then s.learn_words()")
        vocabulary = visual_words(self.data.X, k, domain=self.domain, seed=self.seed)
        with self._diary.lock:
            self.domain = replace(self.domain, vocabulary=vocabulary)
            self.__dict__.pop("census", None)
            self.picked, self.rows, self._seen = None, [], set()
        self._diary.tell("words")
        return vocabulary

    def suggest(self, most: int = 10) -> list[Suggestion]:
        """Suggest siblings of what is marked, with the evidence: half a correction can be worse than none."""
        if not len(self.ledger):
            return []
        model = self.revisions[self.current].after
        return siblings(self.census, sorted(self.marked), model, self.data, self.domain, most=most)

    def save_marks(self, path: str | PathLike[str]) -> None:
        """Write the marks as JSON, for other people."""
        written = json.dumps(to_json(self.ledger), ensure_ascii=False, indent=1)
        Path(path).write_bytes(written.encode("utf-8", "surrogatepass"))

    def load_marks(self, given: str | PathLike[str] | dict[str, Any]) -> list[str]:
        """Take marks from a file, or from what it holds.

        Returns
        -------
        list of str
            The keys that no training row has, or that hold for an instance or a label that is not here, or are words of
            another visual vocabulary: they are left out.
        """
        fitting, others = self._ground.fitting(marks_from(given))
        if fitting:
            self._diary.do({"act": "mark", "marks": [mark_to(mark) for mark in fitting]})
        return others

    # Retrain.

    def preview(self, correction: Any = None) -> Preview:
        """Say what a correction would change, in rows and words, before it runs."""
        found = self.chosen(correction)
        if not hasattr(found, "describe"):
            return Preview(type(found).__name__, len(self.data), len(self.data), sentences=("It does not say.",))
        preview: Preview = found.describe(self.data, self.ledger, self.domain, self.trainer)
        return preview

    def chosen(self, correction: Any = None) -> Any:
        """Return a correction, or the one that the rule chooses.

        Raises
        ------
        OptionError
            Nothing is marked.
        """
        if not len(self.ledger):
            raise OptionError('nothing is marked, so there is nothing to correct – s.mark("a word") first')
        return chosen(self.trainer, self.domain, self.ledger).correction if correction is None else correction

    def because(self) -> str:
        """Say which correction the rule chooses, and why; nothing while nothing is marked."""
        return chosen(self.trainer, self.domain, self.ledger).because if len(self.ledger) else ""

    def retrain(
        self, correction: Any = None, *, name: str = "", timeout: float | None = None, memory: int | None = None
    ) -> Revision:
        """Train again with a correction, and measure what that did.

        Parameters
        ----------
        correction : Correction, optional
            ``rt.Drop()``, ``rt.Swap()``, … ; default: chosen by rule, see :meth:`preview`.
        name : str
        timeout : float, optional
            Seconds that training may take.
        memory : int, optional
            Bytes that it may take, where it runs in a child process.

        Returns
        -------
        Revision

        Raises
        ------
        OptionError
            Nothing is marked, or everything; another training is under way.
        RetrustError
            The trainer failed; the model is as it was.
        KeyboardInterrupt
            It was interrupted, and stopped; the model is as it was.
        """
        return completed(self.retraining(correction, name=name, timeout=timeout, memory=memory))

    def retraining(
        self, correction: Any = None, *, name: str = "", timeout: float | None = None, memory: int | None = None
    ) -> Stages:
        """Do the same step by step; closing the generator stops it."""
        with self._diary.lock:
            if self._busy:
                raise OptionError("a training is under way – wait for it, or stop it")
            order = replace(self._order(self.chosen(correction), self.model), name=name, timeout=timeout, memory=memory)
            self._busy = True
        try:
            revision = yield from order.run(self._shop)
        finally:
            self._busy = False
        with self._diary.lock:
            revision = replace(revision, number=len(self.revisions))
            self._diary.do({"act": "revision", **figures(revision)}, revision)
        return revision

    def rebuild(self) -> Any:
        """Train the current revision's model, and those that lead to it, again, after a session was read from its file.

        Raises
        ------
        RetrustError
            A correction was a user's own, which is not in the file; or the trainer failed.
        """
        before = self.revisions[0].after
        for revision in path_to(self.revisions, self.current)[1:]:
            after = self._again(revision) if revision.after is None else revision.after
            with self._diary.lock:
                self._diary.state = self._diary.state.with_revision(
                    replace(self.revisions[revision.number], before=before, after=after)
                )
            before = after
        self._diary.tell("rebuild")
        return self.model

    def recipe(self) -> str:
        """Return Python code that trains the current revision's model without the widget."""
        return recipe(self.revisions[self.current], self.trainer, self.domain)

    def to_html(self, path: str | PathLike[str] | None = None) -> str:
        """Return one HTML file that shows marks, picks and what changed, offline; written to ``path`` where given."""
        from retrust.export import panel_html

        return panel_html(self, path)

    def close(self) -> None:
        """End the child process."""
        self._shop.close()

    def __str__(self) -> str:
        """Return a table for terminals."""
        rows, marked = counted(len(self.data), "row"), counted(len(self.ledger), "mark")
        head = f"session on {rows}, {marked}, revision {self.current}"
        marks = [f"  {mark.key} ({mark.scope}) {mark.because}" for mark in self.ledger]
        return "\n".join([head, *marks, *map(str, self.revisions[1:])])

    __repr__ = __str__

    # Inside.

    def _row(self, row: int) -> int:
        if not 0 <= row < len(self.data):
            raise OptionError(f"there is no training row {row}; there are 0 to {len(self.data) - 1:,}")
        return row

    def _reading(self, row: int, explanation: Explanation) -> None:
        """Remember which row is read, and what it has."""
        self._open, self._opened = row, frozenset(feature.key for feature in explanation.features)

    def _explaining(self, model: Any) -> Explainer:
        return Explainer(model, self.domain, surrogate=self._surrogate, classes=self.classes, seed=self.seed)

    def _again(self, revision: Revision) -> Any:
        """Train a revision's model once more."""
        if isinstance(revision.correction, str):
            raise RetrustError(
                f"revision {revision.number} was made with your own {revision.correction}, which is not in the file – "
                f"s.go({revision.parent}), s.rebuild(), and retrain with it"
            )
        order = self._order(revision.correction, self.revisions[0].after)
        return completed(replace(order, ledger=revision.ledger).train(self._shop))[0]

    def _order(self, correction: Any, before: Any) -> Round:
        first = [] if self._open is None else [self._open]
        rows = [*first, *(row for row in self.rows if row not in first)]
        return Round(
            number=len(self.revisions),
            parent=self.current,
            before=before,
            trainer=self.trainer,
            data=self.data,
            valid=self.valid,
            shifted=self.shifted,
            ledger=self.ledger,
            correction=correction,
            domain=self.domain,
            judge=self.judge,
            explainer=self._explaining(before),
            instances=[self.data[row] for row in rows],
            titles=[self.title(row) for row in rows],
            n_samples=self.n_samples,
        )

    def _truths(self, rows: list[int]) -> list[int | None] | None:
        at = {label: i for i, label in enumerate(self.judge.labels)}
        return [at.get(self.data.labels[row]) for row in rows] if at else None

    @property
    def _ground(self) -> Ground:
        """Where marks can be made."""
        picked = self.picked.picked if self.picked is not None else []
        shown = {feature.key for explanation in picked for feature in explanation.features}
        return Ground(self.data, self.domain, shown | self._opened, lambda: self.census)

    def _head(self) -> dict[str, Any]:
        some = [digest(self.data[row]) for row in range(0, len(self.data), max(1, len(self.data) // 64))]
        return {"rows": len(self.data), "data": digest([*some, *map(str, self.data.labels)])}
