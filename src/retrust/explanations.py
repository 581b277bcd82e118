"""Many explanations: a sequence that remembers which instances they are of, and which could not be explained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from retrust.explanation import Explanation

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, eq=False, repr=False)
class Explanations(Sequence[Explanation]):
    """Explanations of many instances, in the instances' order.

    Made by :meth:`retrust.Explainer.explain_many` and :func:`retrust.load`; never changed afterwards.

    Parameters
    ----------
    items : iterable of Explanation
    indices : iterable of int, optional
        Which instance each is of; default: the first, the second, …
    failures : mapping of int to str, optional
        What was wrong with instances that could not be explained.
    of : int, optional
        How many instances there are; default: as many as were explained or failed.
    job : mapping, optional
        What was asked for, as plain JSON values.

    Examples
    --------
    >>> import numpy as np, retrust as rt
    >>> explainer = rt.Explainer(lambda texts: np.array([float("fish" in t) for t in texts]), rt.Text())
    >>> found = explainer.explain_many(["a fish", "no fish here"], n_samples=50, progress=False)
    >>> found
    <Explanations of 2 instances>
    >>> found[1].top(1)[0][0], len(found[:1])
    ('fish', 1)
    """

    items: tuple[Explanation, ...] = ()
    indices: tuple[int, ...] = ()
    failures: Mapping[int, str] = field(default_factory=dict)
    of: int = 0
    job: Mapping[str, Any] = field(default_factory=dict)

    def __init__(
        self,
        items: Iterable[Explanation] = (),
        indices: Iterable[int] | None = None,
        failures: Mapping[int, str] | None = None,
        *,
        of: int | None = None,
        job: Mapping[str, Any] | None = None,
    ) -> None:
        explained, failed = tuple(items), dict(failures or {})
        numbers = tuple(range(len(explained))) if indices is None else tuple(map(int, indices))
        if len(numbers) != len(explained):
            raise ValueError(f"{len(numbers)} indices were given for {len(explained)} explanations; one each is needed")
        found = {
            "items": explained,
            "indices": numbers,
            "failures": failed,
            "of": len(explained) + len(failed) if of is None else int(of),
            "job": dict(job or {}),
        }
        for name, value in found.items():
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """Return how many were explained."""
        return len(self.items)

    @overload
    def __getitem__(self, at: int) -> Explanation: ...
    @overload
    def __getitem__(self, at: slice) -> Explanations: ...
    def __getitem__(self, at: int | slice) -> Explanation | Explanations:
        """Return one explanation, or some of them."""
        if isinstance(at, slice):
            return Explanations(self.items[at], self.indices[at], of=self.of, job=self.job)
        return self.items[at]

    @property
    def complete(self) -> bool:
        """Whether every instance was explained, or found to be one that cannot be."""
        return len(self) + len(self.failures) == self.of

    def to_frame(self, backend: str = "pandas") -> Any:
        """Return the selected parts of all as one data frame, a row for each part.

        Columns: instance, feature, key, coefficient, stderr, target, prediction, fidelity.

        Parameters
        ----------
        backend : {"pandas", "polars", "pyarrow"}
            Whose data frame; it must be installed.
        """
        from narwhals import Float64, Int64, String, from_dict

        numbers = dict.fromkeys(("coefficient", "stderr", "prediction", "fidelity"), Float64)
        kinds = {"instance": Int64, "feature": String, "key": String, "target": String} | numbers
        order = ("instance", "feature", "key", "coefficient", "stderr", "target", "prediction", "fidelity")
        rows = [row for index, one in zip(self.indices, self.items, strict=True) for row in _rows(index, one)]
        columns = dict(zip(order, map(list, zip(*rows, strict=True)), strict=True)) if rows else {n: [] for n in order}
        return from_dict(columns, {name: kinds[name] for name in order}, backend=backend).to_native()  # type: ignore[arg-type]

    def save(self, path: str | Path) -> None:
        """Write all of it to a file that :func:`retrust.load` reads.

        Parameters
        ----------
        path : str or Path
            Parquet where it ends in ``.parquet`` (extra ``parquet``), else JSON lines. A file that is there already is
            replaced once the new one is whole.

        Raises
        ------
        RetrustError
            It cannot be written.
        """
        from retrust.files import save

        save(self, path)

    def __repr__(self) -> str:
        """Say how many there are, of how many instances."""
        done = "" if len(self) == self.of else f"{len(self):,} of "
        failed = f", {len(self.failures):,} cannot be explained" if self.failures else ""
        return f"<Explanations of {done}{self.of:,} instance{'s' * (self.of != 1)}{failed}>"


def _rows(index: int, one: Explanation) -> list[tuple[Any, ...]]:
    """List the selected parts of one explanation."""
    common = (one.classes[one.target], float(one.prediction[one.target]), one.fidelity)
    return [(index, *_part(one, i), *common) for i in one.fit.selected]


def _part(one: Explanation, i: int) -> tuple[str, str, float, float]:
    """Return name, key, coefficient and standard error of one part."""
    return one.features[i].name, one.features[i].key, float(one.coefficients[i]), float(one.stderr[i])
