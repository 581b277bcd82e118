"""The words of a text that is one value among others in a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, eq=False)
class Prose:
    """The words of one text column of a row.

    Parameters
    ----------
    column : int
    text : str
    spans : tuple of (int, int)
        Where words stand.
    owner : tuple of int
        The feature of each.
    """

    column: int
    text: str
    spans: tuple[tuple[int, int], ...]
    owner: tuple[int, ...]

    def without(self, gone: Mapping[int, str]) -> str:
        """Return the text with words of some features replaced."""
        parts, at = [], 0
        for (start, end), feature in zip(self.spans, self.owner, strict=True):
            if feature in gone:
                parts += [self.text[at:start], gone[feature]]
                at = end
        return "".join([*parts, self.text[at:]])

    def pieces(self) -> list[tuple[str, int]]:
        """Return strings that together are the text, with the feature of each, −1 for none."""
        found, at = [], 0
        for (start, end), feature in zip(self.spans, self.owner, strict=True):
            found += [(self.text[at:start], -1), (self.text[start:end], feature)]
            at = end
        return [(text, feature) for text, feature in [*found, (self.text[at:], -1)] if text]

    def spoken(self, features: Collection[int]) -> list[str]:
        """Return the words of some features, in order."""
        pairs = zip(self.spans, self.owner, strict=True)
        return [self.text[start:end] for (start, end), feature in pairs if feature in features]

    def wearing(self, features: Collection[int], lent: list[str]) -> str:
        """Return the text with other words in the places of some features, then at the end.

        >>> Prose(0, "a red sky", ((0, 1), (2, 5), (6, 9)), (0, 1, 2)).wearing({1}, ["blue", "deep"])
        'a blue sky deep'
        """
        own = [at for at, feature in enumerate(self.owner) if feature in features]
        parts, end = [], 0
        for turn, at in enumerate(own):
            start, stop = self.spans[at]
            parts += [self.text[end:start], *lent[turn : turn + 1]]
            end = stop
        return " ".join(["".join([*parts, self.text[end:]]), *lent[len(own) :]])
