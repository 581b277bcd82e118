"""Backdrops: what stands in the place of an absent superpixel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import ndimage

from retrust.errors import OptionError, listed
from retrust.photo import read, reduced

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from retrust.photo import Photo, Pixels

    Labels = NDArray[np.intp]

_RGB, _RGBA, _BYTE = 3, 4, 255
_SIDE = 512
_COLOURS = {"black": 0.0, "grey": 0.5, "gray": 0.5, "white": 1.0}


def checked(backdrop: Any) -> None:
    """Refuse a name that stands for nothing.

    Raises
    ------
    OptionError
    """
    if isinstance(backdrop, str) and backdrop not in {*_MADE, *_COLOURS}:
        raise OptionError(
            f"backdrop={backdrop!r}; expected one of {listed([*_MADE, *_COLOURS])}, a number, a colour or a picture"
        )


def behind(photo: Photo, labels: Labels, backdrop: Any) -> Pixels:
    """Make a backdrop with the picture's own shape, type and transparency.

    Parameters
    ----------
    photo : Photo
    labels : ndarray of int, shape (M, N)
    backdrop : str, number, colour or picture
        As for :class:`retrust.Image`.

    Examples
    --------
    >>> behind(read(np.array([[0, 100, 200]], dtype=np.uint8)), np.array([[0, 0, 1]]), "mean")[..., 0]
    array([[ 50,  50, 200]], dtype=uint8)
    """
    made = _MADE.get(backdrop) if isinstance(backdrop, str) else None
    return _opaque(photo, _coloured(photo, backdrop)) if made is None else made(photo, labels)


def own_mean(photo: Photo, labels: Labels) -> Pixels:
    """Give each superpixel its mean colour."""
    flat = labels.ravel()
    sums = [np.bincount(flat, channel) for channel in photo.pixels.reshape(flat.size, -1).T]
    return _opaque(photo, photo.fitted(np.stack(sums, axis=-1) / np.bincount(flat)[:, None])[labels])


def resized(lent: Photo, photo: Photo) -> Pixels:
    """Bring another picture to the size, channels, range and type of this one (nearest pixels)."""
    sizes = zip(photo.shape, lent.shape, strict=True)
    rows, columns = (np.arange(size) * other // size for size, other in sizes)
    channels = photo.pixels.shape[2]
    place = np.ix_(rows, columns)
    alike = (lent.low, lent.high) == (photo.low, photo.high) or (lent.low < 0 and photo.low < 0)
    if lent.pixels.shape[2] == channels and alike:
        return photo.fitted(lent.pixels[place])
    if lent.pixels.shape[2] == channels:
        return photo.fitted(photo.ranged((lent.pixels[place] - lent.low) / (lent.high - lent.low)))
    shown = photo.ranged(lent.shown[place] / _BYTE)
    if channels == 1:
        return photo.fitted(shown.mean(axis=2, keepdims=True))
    opaque = np.full((*photo.shape, channels - _RGB), photo.high)
    return photo.fitted(np.concatenate([shown, opaque], axis=2))


def _image_mean(photo: Photo, labels: Labels) -> Pixels:
    del labels
    return _opaque(photo, photo.fitted(photo.pixels.mean(axis=(0, 1), dtype=np.float64)))


def _blur(photo: Photo, labels: Labels) -> Pixels:
    """Blur so far that a superpixel's content goes: by a sixteenth of the picture, a large one on a reduced copy."""
    del labels
    step = -(-max(photo.shape) // _SIDE)
    small = photo.pixels.astype(np.float64) if step == 1 else reduced(photo.pixels, step)
    width = max(photo.shape) / step / 16
    blurred = ndimage.gaussian_filter(small, (width, width, 0), mode="nearest")
    return _opaque(photo, photo.fitted(_enlarged(_enlarged(blurred, photo.shape[0], step, 0), photo.shape[1], step, 1)))


def _enlarged(values: NDArray[np.float64], size: int, step: int, axis: int) -> NDArray[np.float64]:
    """Undo a reduction along one axis, linearly."""
    last = values.shape[axis] - 1
    place = np.clip((np.arange(size) + 0.5) / step - 0.5, 0, last)
    before = place.astype(np.intp)
    share = np.expand_dims(place - before, tuple(range(1, values.ndim - axis)))
    lower, upper = np.take(values, before, axis), np.take(values, np.minimum(before + 1, last), axis)
    return np.asarray(lower + share * (upper - lower))


_MADE: dict[str, Callable[[Photo, Labels], Pixels]] = {"mean": own_mean, "image mean": _image_mean, "blur": _blur}


def _coloured(photo: Photo, backdrop: Any) -> Pixels:
    """Read a colour in the picture's own range, or another picture in its size."""
    if isinstance(backdrop, str):
        return photo.fitted(photo.ranged(np.array(_COLOURS[backdrop])))
    if np.ndim(backdrop) > 1 or hasattr(backdrop, "convert") or hasattr(backdrop, "__fspath__"):
        return resized(read(backdrop), photo)
    colour = _numbers(backdrop)
    channels = photo.pixels.shape[2]
    if len(colour) == _RGB and channels == _RGBA:
        colour = np.append(colour, photo.high)
    if len(colour) not in {1, channels}:
        raise OptionError(
            f"backdrop={backdrop!r} has {len(colour)} values; one, or one for each of the {channels} channels of the "
            "picture, is expected"
        )
    return photo.fitted(colour)


def _numbers(backdrop: Any) -> NDArray[np.float64]:
    try:
        colour = np.asarray(backdrop, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        colour = np.array([np.nan])
    if not np.isfinite(colour).all():
        raise OptionError(f"backdrop={backdrop!r}; a name, a number, a colour or a picture is expected")
    return colour


def _opaque(photo: Photo, behind: Pixels) -> Pixels:
    """Give a backdrop the picture's shape and, where it has any, its transparency."""
    behind = np.array(np.broadcast_to(behind, photo.pixels.shape))
    if photo.pixels.shape[2] == _RGBA:
        behind[..., _RGB] = photo.pixels[..., _RGB]
    return behind
