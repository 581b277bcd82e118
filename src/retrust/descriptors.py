"""What superpixels look like: in numbers (colour, texture and place) and in small pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from retrust.photo import Photo
    from retrust.representation import Floats
    from retrust.superpixels import Labels

    Shown = NDArray[np.uint8]

RECIPE = 1
"""Counts the ways in which :func:`described` has worked: a vocabulary of one way cannot be used in another."""

PATCH = 32
"""Pixels a side of the small pictures that show a word."""

_SIDE = 256  # of the copy that is looked at
_SCALES = (1, 2, 4)  # of gradients, in pixels of that copy
_EDGE, _INSIDE = (
    0.001,
    8,
)  # a pixel at a superpixel's edge, where gradients are its neighbours' too, counts almost nothing
_GREY = 128
_ALBUM = 8192  # patches that are kept
_BLOCKS = ((6, 1.0, 1.0), (4 * len(_SCALES), 1.0, 0.1), (3, 0.1, 0.1))  # colour, texture, place: size, weight, least


def described(photo: Photo, labels: Labels) -> Floats:
    """Describe superpixels.

    Parameters
    ----------
    photo : Photo
    labels : ndarray of int, shape (M, N)
        0 to d − 1.

    Returns
    -------
    ndarray, shape (d, 21)
        Colour: mean and spread in CIE Lab. Texture: the logarithm of gradients in four directions at three scales.
        Place: the row and column of its middle, as shares, and the logarithm of its share of the picture.

    Notes
    -----
    All is taken from a copy of 256 pixels along the longer side: a thumbnail and its original are described alike.

    Examples
    --------
    >>> from retrust.photo import read
    >>> shown = np.zeros((256, 256, 3), dtype=np.uint8)
    >>> shown[:, 128:] = 255
    >>> described(read(shown), np.indices((256, 256))[1] // 128)[:, 0].round()
    array([  0., 100.])
    """
    from skimage.color import rgb2lab

    shape = tuple(max(1, round(size * _SIDE / max(photo.shape))) for size in photo.shape)
    at, owner = _sampled(labels, shape)
    lab = rgb2lab(_sized(photo.shown, shape))
    weight = _inside(labels, shape).ravel()[at]
    total = np.bincount(owner, weight)

    def mean(plane: Floats) -> Floats:
        return np.asarray(np.bincount(owner, weight * plane.ravel()[at]) / total)

    colour = [mean(plane) for plane in np.moveaxis(lab, -1, 0)]
    spread = [
        np.sqrt(np.maximum(mean(plane**2) - middle**2, 0))
        for plane, middle in zip(np.moveaxis(lab, -1, 0), colour, strict=True)
    ]
    texture = [np.log1p(mean(energy)) for scale in _SCALES for energy in _energies(lab[..., 0], scale)]
    places = [mean((grid + 0.5) / size) for grid, size in zip(np.indices(shape), shape, strict=True)]
    share = np.log(np.bincount(labels.ravel()) / labels.size)
    return np.stack([*colour, *spread, *texture, *places, share], axis=1)


def scaling(rows: NDArray[Any]) -> tuple[Floats, Floats]:
    """Find shift and factor that give each block its weight, and within it each number the same.

    A number that hardly differs between superpixels is not blown up: a spread counts as a just noticeable one at least.
    """
    sizes, weights, least = (np.array(column) for column in zip(*_BLOCKS, strict=True))
    spread = np.maximum(rows.std(axis=0), np.repeat(least, sizes))
    return rows.mean(axis=0), np.sqrt(np.repeat(weights / sizes, sizes)) / spread


def crops(photo: Photo, labels: Labels) -> list[Shown]:
    """Cut each superpixel out, (H, W, 3), with grey for what is around it."""
    boxes = ndimage.find_objects(labels + 1)
    return [np.where((labels[box] == i)[..., None], photo.shown[box], np.uint8(_GREY)) for i, box in enumerate(boxes)]


def patches(photo: Photo, labels: Labels, chosen: Iterable[int]) -> Iterator[Shown]:
    """Show some superpixels small, (32, 32, 3), in a square with what is around them dimmed."""
    boxes = ndimage.find_objects(labels + 1)
    for i in chosen:
        square = _square(boxes[i], photo.shape)
        shown = photo.shown[square].astype(np.uint16)
        dimmed = (shown + 3 * _GREY) // 4
        yield _sized(np.where((labels[square] == i)[..., None], shown, dimmed).astype(np.uint8), (PATCH, PATCH))


class Album:
    """Small pictures of the superpixels of many pictures; of every n-th where there are too many to keep."""

    def __init__(self) -> None:
        self._seen, self._stride, self._number = 0, 1, 0
        # by a superpixel's place among all: the number of its picture, and what it looks like
        self._kept: dict[int, tuple[int, Shown]] = {}

    def add(self, photo: Photo, labels: Labels) -> None:
        """Take in a picture."""
        count = int(labels.max()) + 1
        chosen = range(-self._seen % self._stride, count, self._stride)
        for i, patch in zip(chosen, patches(photo, labels, chosen), strict=True):
            self._kept[self._seen + i] = self._number, patch
        self._seen, self._number = self._seen + count, self._number + 1
        while len(self._kept) > _ALBUM:
            self._stride *= 2
            self._kept = {place: kept for place, kept in self._kept.items() if place % self._stride == 0}

    def exemplars(self, word: Labels, away: Floats, k: int) -> tuple[Shown, ...]:
        """Choose for each word what lies nearest to its centre, of two pictures where there are."""
        places: list[list[int]] = [[] for _ in range(k)]
        for place in sorted(self._kept, key=lambda place: (away[place], place)):
            places[word[place]].append(place)
        return tuple(self._stacked(self._two(near)) for near in places)

    def _two(self, near: list[int]) -> list[int]:
        elsewhere = [place for place in near[1:] if self._kept[place][0] != self._kept[near[0]][0]]
        return [*near[:1], *(elsewhere or near[1:])[:1]]

    def _stacked(self, places: list[int]) -> Shown:
        return np.array([self._kept[place][1] for place in places], dtype=np.uint8).reshape(-1, PATCH, PATCH, 3)


def _square(box: tuple[slice, ...], shape: tuple[int, int]) -> tuple[slice, ...]:
    """Widen a box to a square with a margin of an eighth, as far as the picture goes."""
    half = max(part.stop - part.start for part in box) * 5 // 8 + 1
    middles = [(part.start + part.stop) // 2 for part in box]
    return tuple(slice(max(0, at - half), min(size, at + half)) for at, size in zip(middles, shape, strict=True))


def _sized(shown: Shown, shape: Any) -> Shown:
    """Bring a picture to a size: averaged where it shrinks, linear where it grows."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(shown))
    return np.asarray(picture.resize(shape[::-1], Image.Resampling.BILINEAR))


def _thinned(labels: Labels, shape: Any) -> Labels:
    rows, columns = ((2 * np.arange(n) + 1) * size // (2 * n) for n, size in zip(shape, labels.shape, strict=True))
    return labels[np.ix_(rows, columns)]


def _sampled(labels: Labels, shape: Any) -> tuple[Labels, Labels]:
    """Pair pixels of a copy with superpixels; one too small for the copy has the pixel that it would lie in."""
    owner = _thinned(labels, shape).ravel()
    seen = np.bincount(owner, minlength=int(labels.max()) + 1)
    at = np.arange(owner.size)
    if seen.all():
        return at, owner
    numbers, first = np.unique(labels, return_index=True)
    lost = seen[numbers] == 0
    row, column = np.unravel_index(first[lost], labels.shape)
    lies = row * shape[0] // labels.shape[0] * shape[1] + column * shape[1] // labels.shape[1]
    return np.concatenate([at, lies]), np.concatenate([owner, numbers[lost]])


def _inside(labels: Labels, shape: Any) -> Floats:
    """Weigh the pixels of a copy by how far inside their superpixel they are."""
    small = _thinned(labels, shape)
    edge = np.zeros(small.shape, dtype=bool)
    down, across = small[1:] != small[:-1], small[:, 1:] != small[:, :-1]
    edge[1:] |= down
    edge[:-1] |= down
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[0, 0] |= not edge.any()  # a distance is one to something
    depth = ndimage.distance_transform_cdt(~edge, "chessboard")
    return np.asarray((np.minimum(depth, _INSIDE) / _INSIDE) ** 2 + _EDGE)


def _energies(plane: Floats, scale: float) -> Iterator[Floats]:
    """Measure how strongly a plane changes downwards, across, and along either diagonal."""
    down, across = (ndimage.gaussian_filter(plane, scale, order, mode="nearest") for order in ((1, 0), (0, 1)))
    size = np.hypot(down, across) + 1e-9
    straight, slanted = (down**2 - across**2) / size, 2 * down * across / size
    for signed in (straight, -straight, slanted, -slanted):
        yield scale * np.maximum(signed, 0)
