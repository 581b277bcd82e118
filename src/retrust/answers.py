"""What a model has answered, kept: in memory, or in a file that other processes and days share.

For models that are slow or paid for. A pipeline whose first steps explanations replace by arithmetic is asked through
its inputs when it is cached, and loses that short cut: where a model answers in microseconds, a cache does not pay.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from types import MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.cachefiles import AnswerFile
from retrust.errors import ModelOutputError, OptionError
from retrust.keys import SIZE, digest_of, keys_of, taken
from retrust.model import as_model, checked

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from retrust.model import Model
    from retrust.representation import Floats

_METHODS = ("predict_proba", "decision_function", "predict")
_TRAINING = {"fit", "partial_fit", "fit_predict", "fit_transform", "set_params"}
_INSIDE = {"best_estimator_"}  # a way around the cache
_LIMIT = 1 << 28
_ENTRY = 240  # bytes that Python takes for one entry, beside its floats


def cached(
    model: Any, path: str | os.PathLike[str] | None = None, *, name: str | None = None, limit: int = _LIMIT
) -> Any:
    """Return a model that asks the given one only about inputs which it has not answered before.

    Within a batch, across batches and explanations; with ``path`` also across processes and days.

    Parameters
    ----------
    model : estimator or callable
        As :func:`explain` takes it: an estimator is asked by one method, and all else of it is there as before.
    path : path, optional
        A file to keep the answers in, made where there is none. Several processes and models may share it.
    name : str, optional
        What tells the model from others in the file; another name, or another version of it in the name, starts anew.
        Default: a digest of the estimator as it is now. Callables need one.
    limit : int
        Bytes of memory for answers; those that were not asked for the longest leave first. The file has no limit.

    Returns
    -------
    Cached
        An estimator where an estimator was given, else a callable.

    Raises
    ------
    OptionError

    Notes
    -----
    Inputs are told apart by 128 bits of BLAKE2b over their bytes and types; the index of a frame's rows does not count.
    What cannot be told apart is asked about each time. Answers that are not finite are not kept. A model that is
    trained again after it was cached goes on with its old answers: train it, then cache it. A model that answers the
    same input differently each time answers the same from then on, and looks more certain than it is.

    Examples
    --------
    >>> import retrust as rt
    >>> slow = rt.cached(lambda texts: np.array([float("good" in text) for text in texts]))
    >>> first, again = (rt.explain(slow, "a good film", n_samples=50) for _ in range(2))
    >>> slow.asked, slow.hits >= 8
    (8, True)
    """
    if not isinstance(limit, int | np.integer) or isinstance(limit, bool) or limit < 0:
        raise OptionError(f"limit={limit!r}; a number of bytes is expected, 0 to keep nothing in memory")
    if name is not None and (not isinstance(name, str) or not name):
        raise OptionError(f"name={name!r}; a text is expected that tells this model from others, such as 'prices-2'")
    found = as_model(model)
    file = None if path is None else AnswerFile(path, _named(found, name))
    kind = CachedCallable if found.method is None or _is_labels(model) else Cached
    given, method = (model, None) if kind is CachedCallable else (found.given, found.method)
    return kind(given, method, file, int(limit))


def _is_labels(model: Any) -> bool:
    """Tell whether this is the method ``predict`` itself, of which no names of classes are taken."""
    return getattr(model, "__self__", None) is not None and getattr(model, "__name__", None) == "predict"


def _named(model: Model, name: str | None) -> str:
    """Tell a model from others by its name or its digest, and by how it is asked."""
    if name is not None:
        return f"{model.method or 'call'} name {name}"
    if model.method is None:
        raise OptionError(
            "path is given for a callable, and no name; what a callable does cannot be read from it, so that another's "
            "answers could be taken for its own – give name='…', and another when it changes"
        )
    try:
        return f"{model.method} digest {digest_of(model.given)}"
    except Exception as error:
        raise OptionError(
            f"path is given, and no name; the {type(model.given).__name__} cannot be told from others by its contents "
            f"({type(error).__name__}: {error}) – give name='…', and another when it changes"
        ) from error


class Memory:
    """Answers by key, as bytes; those not asked for the longest leave when there are too many.

    Examples
    --------
    >>> memory = Memory(600)
    >>> memory.add({b"a": bytes(8), b"b": bytes(8)})
    >>> memory.add({b"c": bytes(8)})
    >>> list(memory.found([b"a", b"b", b"c"]))
    [b'b', b'c']
    """

    def __init__(self, limit: int) -> None:
        self.limit, self._held, self._size = limit, OrderedDict[bytes, bytes](), 0

    def __len__(self) -> int:
        return len(self._held)

    def found(self, keys: list[bytes]) -> dict[bytes, bytes]:
        """Return the answers to those keys that are there."""
        found = {key: self._held[key] for key in keys if key in self._held}
        for key in found:
            self._held.move_to_end(key)
        return found

    def add(self, answers: Mapping[bytes, bytes]) -> None:
        """Keep answers, and let the oldest go."""
        for key, answer in answers.items():
            self._size += 0 if key in self._held else len(answer) + SIZE + _ENTRY
            self._held[key] = answer
        while self._size > self.limit:
            _, answer = self._held.popitem(last=False)
            self._size -= len(answer) + SIZE + _ENTRY


class Cached:
    """An estimator with its answers; made by :func:`cached`.

    It is asked by one method; all else is the estimator's own, but what would train it.

    Attributes
    ----------
    given : object
        The model that is asked.
    hits : int
        How many inputs were answered without it.
    asked : int
        How many it was asked about.
    """

    def __init__(self, given: Any, method: str | None, file: AnswerFile | None, limit: int) -> None:
        self.given, self.method = given, method
        self._file, self._limit = file, limit
        self._begin()

    def _begin(self) -> None:
        self.hits = self.asked = 0
        self._memory = Memory(self._limit)
        self._outputs: int | None = None  # 0: one number for each input, in an array (n,)
        self._lock = threading.RLock()

    @property
    def path(self) -> Path | None:
        """The file of answers, where there is one."""
        return None if self._file is None else self._file.path

    def __getattr__(self, name: str) -> Any:
        own = name.startswith("_") and not name.startswith("__sklearn_") and name != "_estimator_type"
        if own or name in _TRAINING or name in _INSIDE or name in self._better():
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}{_why(name)}")
        return MethodType(_method(name), self) if name == self.method else getattr(self.given, name)

    def __sklearn_clone__(self) -> Any:
        """Return the estimator alone, untrained: what is trained anew answers anew."""
        from sklearn.base import clone

        return clone(self.given)

    def _better(self) -> tuple[str, ...]:
        """Name the methods that would be asked before the one that is."""
        return _METHODS[: _METHODS.index(self.method)] if self.method in _METHODS else ()

    def __getstate__(self) -> tuple[Any, str | None, AnswerFile | None, int]:
        """Return what travels: the model and the name of the file, not what is in memory."""
        return self.given, self.method, self._file, self._limit

    def __setstate__(self, state: tuple[Any, str | None, AnswerFile | None, int]) -> None:
        self.given, self.method, self._file, self._limit = state
        self._begin()

    def __repr__(self) -> str:
        return f"<cached {self.given!r}: {self.asked} inputs asked about, {self.hits} answered from the cache>"

    def answers(self, inputs: Any) -> Floats:
        """Return the model's answer to a batch: floats in the shape that it has.

        Raises
        ------
        ModelOutputError
            The model gives what cannot be used, or another number of outputs than before.
        """
        keys = keys_of(inputs)
        with self._lock:
            return self._asked_whole(inputs) if not keys else self._pieced(inputs, keys)

    def _pieced(self, inputs: Any, keys: list[bytes]) -> Floats:
        """Ask about what is new, once, and put the answers together."""
        found = self._recalled(keys)
        new = {key: row for row, key in enumerate(keys) if key not in found}
        if new:
            rows = sorted(new.values())
            found |= self._learned(
                [keys[row] for row in rows], inputs if len(rows) == len(keys) else taken(inputs, rows)
            )
        self.hits += len(keys) - len(new)
        answer = np.frombuffer(b"".join([found[key] for key in keys])).copy()
        return answer.reshape(len(keys), self._outputs) if self._outputs else answer

    def _recalled(self, keys: list[bytes]) -> dict[bytes, bytes]:
        """Return the answers that are known, from memory and from the file."""
        found = self._memory.found(keys)
        missing = {key for key in keys if key not in found} if self._file is not None else set()
        if self._file is not None and missing:
            filed = self._file.read(missing)
            if self._outputs is None and filed:
                self._outputs = next(iter(filed.values()))[0]
            fitting = {
                key: answer for key, (_, answer) in filed.items() if len(answer) == 8 * max(self._outputs or 0, 1)
            }
            self._memory.add(fitting)
            found |= fitting
        return found

    def _learned(self, keys: list[bytes], inputs: Any) -> dict[bytes, bytes]:
        """Ask about inputs, and keep the answers that are finite."""
        answer = self._asked_whole(inputs)
        rows = [row.tobytes() for row in answer]
        sound = np.all(np.isfinite(answer.reshape(len(keys), -1)), axis=1)
        kept = {key: row for key, row, is_sound in zip(keys, rows, sound, strict=True) if is_sound}
        self._memory.add(kept)
        if self._file is not None and kept:
            self._file.write(kept, self._outputs or 0)
        return dict(zip(keys, rows, strict=True))

    def _asked_whole(self, inputs: Any) -> Floats:
        """Ask about each input of a batch."""
        answer = (self.given if self.method is None else getattr(self.given, self.method))(inputs)
        n = inputs.shape[0] if hasattr(inputs, "shape") else len(inputs)
        read = _read(answer, n, self.method)
        outputs = 0 if np.ndim(answer) == 1 else read.shape[1]
        if n:
            self._see(outputs)
        self.asked += n
        return read.reshape(-1) if (outputs if self._outputs is None else self._outputs) == 0 else read

    def _see(self, outputs: int) -> None:
        """Learn the number of outputs, and see that it stays."""
        if self._outputs is None:
            self._outputs = outputs
        if max(self._outputs, 1) != max(outputs, 1):
            before = max(self._outputs, 1)
            where = "" if self._file is None else f" in {self._file.path.name!r}"
            raise ModelOutputError(
                f"the model returned {before} output{'s' * (before != 1)} for each input{where} and now "
                f"{max(outputs, 1)}; it must keep its number of outputs – give rt.cached another name= where it is "
                "another model"
            )


class CachedCallable(Cached):
    """A callable with its answers; made by :func:`cached`."""

    def __call__(self, inputs: Any) -> Floats:
        """Return the callable's answer to a batch."""
        return self.answers(inputs)


def _method(name: str) -> Callable[[Cached, Any], Floats]:
    """Return a method with an estimator's name for it, by which :func:`as_model` knows it."""

    def asked(self: Cached, inputs: Any) -> Floats:
        return self.answers(inputs)

    asked.__name__ = name
    return asked


def _why(name: str) -> str:
    return ": what a trained model answers is not what is kept – train it, then cache it" if name in _TRAINING else ""


def _read(answer: Any, n: int, method: str | None) -> Floats:
    """Return an answer as (n, k) floats that need not be finite, or say what is wrong with it."""
    holes = ~np.isfinite(answer) if isinstance(answer, np.ndarray) and answer.dtype.kind == "f" else np.zeros(0, bool)
    if not holes.any():
        return checked(answer, n, None, method)
    whole = np.asarray(answer, dtype=np.float64)
    checked(np.where(holes, 0.0, whole), n, None, method)
    return whole.reshape(n, -1)
