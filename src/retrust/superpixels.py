"""Superpixels: how a picture is cut, what its parts are called, and how one is cut again."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from retrust.errors import InstanceError, OptionError, listed
from retrust.photo import reduced
from retrust.representation import Feature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from retrust.photo import Photo, Pixels

    Labels = NDArray[np.intp]
    Segment = str | Callable[[Pixels], Any] | NDArray[Any]

_MOST = 1 << 16
_SIDE = 512
_GRID = 8
_BETWEEN = " · "


@runtime_checkable
class Words(Protocol):
    """What tells the visual word of each superpixel: a :class:`retrust.Vocabulary`, or anything like it."""

    @property
    def names(self) -> Sequence[str]:
        """The words, which are keys too."""

    def words(self, picture: Any, labels: Labels) -> Labels:
        """Return the number of the word, (d,), of each superpixel."""

    def bare(self) -> Words | None:
        """Return a small one that still tells words and travels with a result, or None."""


def checked(segment: Segment) -> None:
    """Refuse a name that stands for nothing.

    Raises
    ------
    OptionError
    """
    if isinstance(segment, str) and segment not in _CUTTERS:
        raise OptionError(f"segment={segment!r}; expected one of {listed(_CUTTERS)}, a callable or labels")


def cut(photo: Photo, segment: Segment) -> Labels:
    """Cut a picture, and number the superpixels 0 to d − 1.

    Parameters
    ----------
    photo : Photo
    segment : str, callable or ndarray
        As for :class:`retrust.Image`.

    Returns
    -------
    ndarray of int, shape (M, N)

    Raises
    ------
    InstanceError, OptionError
        There is one superpixel only, or too many; or the labels do not fit the picture.
    """
    made = _by_name(segment, photo) if isinstance(segment, str) else segment
    found = np.asarray(made(photo.shown) if callable(made) else made)
    if found.shape != photo.shape or found.dtype.kind not in "uib":
        raise OptionError(
            f"the labels have shape {found.shape} and type {found.dtype}; whole numbers of shape {photo.shape}, "
            "one for each pixel, are expected"
        )
    if found.size == 1:
        raise InstanceError("the picture is a single pixel; nothing in it can be taken away")
    numbers, labels = np.unique(found, return_inverse=True)
    if not 1 < len(numbers) <= _MOST:
        raise InstanceError(
            f"the picture has {len(numbers):,} superpixel{'s' * (len(numbers) != 1)}; 2 to {_MOST:,} are expected"
            ' – try segment="grid", or labels of your own'
        )
    return labels.reshape(photo.shape).astype(np.intp)


def named(photo: Photo, labels: Labels, vocabulary: Words | None = None) -> tuple[Feature, ...]:
    """Name superpixels by number.

    Their keys are private to this picture and to where they are in it; with a vocabulary they are its words, and
    several superpixels may share one.
    """
    digest = blake2b(photo.pixels.tobytes(), digest_size=6).hexdigest()
    flat = labels.ravel()
    sizes = np.bincount(flat)
    first = np.full(len(sizes), flat.size)
    np.minimum.at(first, flat, np.arange(flat.size))
    own = tuple(Feature(f"superpixel {i}", f"{digest}/{first[i]}+{sizes[i]}") for i in range(len(sizes)))
    if vocabulary is None:
        return own
    words = vocabulary.words(photo, labels)
    return tuple(_called(part, vocabulary.names[word]) for part, word in zip(own, words, strict=True))


def inherited(features: Sequence[Feature], before: Sequence[Feature]) -> tuple[Feature, ...]:
    """Let each superpixel keep the word, where it had one, of the superpixel that it was before."""
    return tuple(
        _called(part, old.key) if old.name.endswith(_BETWEEN + old.key) else part
        for part, old in zip(features, before, strict=True)
    )


def pieces(region: NDArray[np.bool_], parts: int) -> list[NDArray[np.bool_]]:
    """Cut a region in halves, across its longer side, until it has so many parts."""
    found = [region]
    while len(found) < parts:
        largest = max(range(len(found)), key=lambda i: int(found[i].sum()))
        halves = _halves(found[largest])
        if halves is None:
            break
        found[largest : largest + 1] = halves
    return found


def _called(part: Feature, word: str) -> Feature:
    return Feature(f"{part.name}{_BETWEEN}{word}", word)


def _by_name(name: str, photo: Photo) -> Labels:
    """Cut a picture by a named method, on a reduced copy where it is large."""
    step = -(-max(photo.shape) // _SIDE)
    small = photo.shown if step == 1 else reduced(photo.shown, step).astype(np.uint8)
    labels = np.asarray(_CUTTERS[name](small), dtype=np.intp)
    rows, columns = (
        np.minimum(np.arange(size) // step, limit - 1) for size, limit in zip(photo.shape, labels.shape, strict=True)
    )
    return labels[np.ix_(rows, columns)]


def _slic(shown: NDArray[np.uint8]) -> Any:
    from skimage.segmentation import slic

    return slic(shown, n_segments=60, compactness=10, sigma=1, start_label=0)


def _quickshift(shown: NDArray[np.uint8]) -> Any:
    from skimage.segmentation import quickshift

    return quickshift(shown, kernel_size=4, max_dist=200, ratio=0.2, rng=0)


def _felzenszwalb(shown: NDArray[np.uint8]) -> Any:
    from skimage.segmentation import felzenszwalb

    return felzenszwalb(shown, scale=200, sigma=0.5, min_size=max(20, shown.shape[0] * shown.shape[1] // 400))


def _grid(shown: NDArray[np.uint8]) -> Labels:
    """Cut into squares, eight along the longer side."""
    side = max(1, -(-max(shown.shape[:2]) // _GRID))
    rows, columns = (np.arange(size) // side for size in shown.shape[:2])
    return np.asarray(rows[:, None] * (columns.max() + 1) + columns, dtype=np.intp)


_CUTTERS: dict[str, Callable[[NDArray[np.uint8]], Any]] = {
    "slic": _slic,
    "quickshift": _quickshift,
    "felzenszwalb": _felzenszwalb,
    "grid": _grid,
}


def _halves(region: NDArray[np.bool_]) -> list[NDArray[np.bool_]] | None:
    places = np.argwhere(region)
    if len(places) <= 1:
        return None
    axis = int(np.argmax(np.ptp(places, axis=0)))
    along = places[:, axis]
    middle = np.median(along)
    chosen = along <= middle if (along > middle).any() else along < middle
    first = np.zeros_like(region)
    first[tuple(places[chosen].T)] = True
    return [first, region & ~first]
