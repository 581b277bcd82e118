"""A revision as Python code: what the widget did, without the widget."""

from __future__ import annotations

import inspect
import sys
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from retrust.history import CORRECTIONS
from retrust.training import is_estimator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from retrust.history import Revision
    from retrust.ledger import Mark

_OWN = "  # your own"


def recipe(revision: Revision, trainer: Any, domain: Any) -> str:
    """Write Python code that trains a revision's model again from the rows X and y.

    Parameters
    ----------
    revision : Revision
    trainer : estimator or callable
        An estimator is written with what it was given; what is a user's own must be at hand under its name.
    domain : Domain

    Returns
    -------
    str
        It needs ``X`` and ``y``, retrust, and what is a user's own.
    """
    lines = ["import retrust as rt", *_trainer(trainer)]
    if revision.correction is None:
        fit = "trainer.fit(X, y)" if is_estimator(trainer) else "trainer(rt.Dataset(X, y))"
        return "\n".join([*lines, f"model = {fit}  # nothing was corrected"]) + "\n"
    marks = [f"    {_mark(mark)}," for mark in revision.ledger]
    made = "model = rt.corrected(trainer, rt.Dataset(X, y), ledger, domain, correction)"
    correction = f"correction = {_correction(revision.correction)}"
    return "\n".join([*lines, "ledger = rt.Ledger((", *marks, "))", _domain(domain), correction, made]) + "\n"


def _trainer(trainer: Any) -> list[str]:
    if not is_estimator(trainer):
        return ["", f"trainer = {_called(trainer)}{_OWN}, from a Dataset to a model"]
    names = sorted({(_home(kind), _name(kind).partition(".")[0]) for kind in _kinds(trainer)})
    imports = [f"from {home} import {name}" for home, name in names if name and home not in {"__main__", "builtins"}]
    return ["", *imports, "", f"trainer = {_written(trainer)}"]


def _kinds(value: Any) -> Iterator[Any]:
    """Go through the classes and functions that have to be imported for a value to be written."""
    if is_estimator(value) and not isinstance(value, type):
        yield type(value)
        yield from _kinds(list(_given(value).values()))
    elif isinstance(value, list | tuple | set | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _kinds(each)
    elif _has_name(value):
        yield value


def _written(value: Any) -> str:
    """Write a value as code, estimators with what differs from their defaults."""
    if is_estimator(value) and not isinstance(value, type):
        return (
            f"{type(value).__name__}({', '.join(f'{name}={_written(each)}' for name, each in _given(value).items())})"
        )
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_written(key)}: {_written(each)}' for key, each in value.items())}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))}{',' * (len(value) == 1)})"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return _name(value) if _has_name(value) else repr(value)


def _name(kind: Any) -> str:
    """Return what a class, function or method is called in its module; of what has no name, a gap to fill."""
    name = str(getattr(kind, "__qualname__", kind.__name__))
    return "..." if "<" in name else name


def _has_name(value: Any) -> bool:
    """Tell whether this is a class or a function, which is imported by its name."""
    return callable(value) and hasattr(value, "__name__")


def _given(estimator: Any) -> dict[str, Any]:
    """Return the arguments of an estimator that are not their defaults."""
    defaults = inspect.signature(type(estimator)).parameters
    given = estimator.get_params(deep=False)
    return {
        name: value
        for name, value in given.items()
        if name not in defaults or repr(defaults[name].default) != repr(value)
    }


def _home(kind: Any) -> str:
    """Name the package from which people import it: that above the first private module, where it is there as well."""
    owner = getattr(kind, "__objclass__", kind)  # of a method that is written in C
    module = str(getattr(owner, "__module__", "numpy"))
    parts = module.split(".")
    private = next((i for i, part in enumerate(parts) if part.startswith("_")), len(parts))
    public = ".".join(parts[:private])
    there = getattr(sys.modules.get(public), _name(kind).partition(".")[0], None)
    return public if there is not None else module


def _mark(mark: Mark) -> str:
    said = {"scope": mark.scope, "because": mark.because, "label": mark.label, "instance": mark.instance}
    usual = {"scope": "everywhere", "because": "", "label": None, "instance": None}
    given = [f"{name}={value!r}" for name, value in said.items() if value != usual[name]]
    return f"rt.Mark({', '.join([repr(mark.key), *given])})"


def _correction(correction: Any) -> str:
    return f"rt.{correction!r}" if type(correction) in CORRECTIONS.values() else f"{_called(correction)}{_OWN}"


def _domain(domain: Any) -> str:
    """Write a domain: one of the house by its plain options, another by its name."""
    if not type(domain).__module__.startswith("retrust."):
        return f"domain = {_called(domain)}{_OWN}"
    options = {each.name: (getattr(domain, each.name), each.default) for each in fields(domain) if each.init}
    rows = ["X"] if options.pop("data", None) else []  # a table is learned from the rows
    if rows and _named_by_rows(domain):
        options.pop("names")
    if any(value is not usual and not _plain(value) for value, usual in options.values()):
        return "domain = domain" + _OWN
    given = [f"{name}={value!r}" for name, (value, usual) in options.items() if value is not usual and value != usual]
    return f"domain = rt.{type(domain).__name__}({', '.join([*rows, *given])})"


def _named_by_rows(table: Any) -> bool:
    """Tell whether the names of a table's columns are those that the rows have anyway."""
    frame = getattr(table, "frame", None)
    return frame is not None and (frame.make != "array" or frame.names == tuple(map(str, range(len(frame.names)))))


def _plain(value: Any) -> bool:
    """Tell whether a value can be written as code."""
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return _plain([*value, *value.values()])
    return value is None or isinstance(value, str | int | float)


def _called(own: Any) -> str:
    """Return the name under which something of a user's should be at hand."""
    if isinstance(own, str):
        return f"{own}()"
    name = str(getattr(own, "__name__", ""))
    if name:
        return name if name.isidentifier() else "trainer"
    return f"{type(own).__name__}()"
