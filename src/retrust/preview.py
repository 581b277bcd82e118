"""What a correction would change, in words and examples, before it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_BEFORE, _LONG = 30, 160


@dataclass(frozen=True)
class Example:
    """One row before and after: texts cut to where they differ, other instances whole.

    Parameters
    ----------
    row : int
        Its number in the training rows.
    before, after : object
    """

    row: int
    before: Any
    after: Any

    @classmethod
    def of(cls, row: int, before: Any, after: Any) -> Example:
        """Make an example, and cut texts to where they first differ.

        >>> Example.of(3, "x" * 99 + "Posting here", "x" * 99 + " here").after
        '…xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx here'
        """
        if not isinstance(before, str) or not isinstance(after, str):
            return cls(row, before, after)
        pairs = enumerate(zip(before, after, strict=False))
        same = next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))
        start = max(0, same - _BEFORE)
        return cls(row, _cut(before, start), _cut(after, start))


@dataclass(frozen=True)
class Preview:
    """What a correction would change. Printed, it says it in plain words.

    Parameters
    ----------
    correction : str
        Its name.
    touched, of : int
        How many training rows change, of how many.
    falls : mapping of str to tuple of str
        For each marked key, what else goes with it.
    examples : tuple of Example
    sentences : tuple of str

    Examples
    --------
    >>> print(Preview("Drop", 1, 3, sentences=("Drop: one word leaves.", "1 of 3 texts changes.")))
    Drop: one word leaves.
    1 of 3 texts changes.
    """

    correction: str
    touched: int
    of: int
    falls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    sentences: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.sentences)


def counted(n: int, noun: str) -> str:
    """Say how many of something.

    >>> counted(1, "text"), counted(1079, "text")
    ('1 text', '1,079 texts')
    """
    return f"{n:,} {noun}{'s' * (n != 1)}"


def _cut(text: str, start: int) -> str:
    """Cut a text for reading."""
    shown = text[start : start + _LONG]
    return "…" * (start > 0) + shown + "…" * (start + _LONG < len(text))
