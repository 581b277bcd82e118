"""Pictures as people have them: arrays in any layout and range, Pillow images, files.

The model must get what it would have got, the page must show what a person would see; a :class:`Photo` knows both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from retrust.errors import InstanceError, InstanceTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[Any]

Layout = Literal["MN", "MNC", "CMN"]

_CHANNELS = (1, 3, 4)
_FLAT, _DEEP, _RGBA = 2, 3, 4
_BYTE, _SHORT = 255, 2


@dataclass(frozen=True, eq=False)
class Photo:
    """A picture, channels last, and how it was given.

    Parameters
    ----------
    pixels : ndarray, shape (M, N, C)
        As given, in the type and range that the model reads.
    layout : {"MN", "MNC", "CMN"}
        The order of axes in which the model reads them.
    low, high : float
        The range in which they are given.

    Examples
    --------
    >>> photo = read(np.zeros((3, 4, 5)))
    >>> photo.layout, photo.pixels.shape, photo.given(photo.pixels[None]).shape
    ('CMN', (4, 5, 3), (1, 3, 4, 5))
    """

    pixels: Pixels
    layout: Layout
    low: float = 0.0
    high: float = 255.0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns (M, N)."""
        return self.pixels.shape[0], self.pixels.shape[1]

    def given(self, batch: Pixels) -> Pixels:
        """Turn a batch (n, M, N, C) into the layout in which the picture was given."""
        if self.layout == "MN":
            return batch[..., 0]
        return np.ascontiguousarray(np.moveaxis(batch, -1, 1)) if self.layout == "CMN" else batch

    @cached_property
    def shown(self) -> NDArray[np.uint8]:
        """What a person sees: (M, N, 3), 0 to 255; a transparent picture on white."""
        if self.pixels.dtype == np.uint8 and self.pixels.shape[2] < _RGBA:
            return np.broadcast_to(self.pixels, (*self.shape, 3))
        values = np.clip((self.pixels.astype(np.float64) - self.low) / (self.high - self.low), 0, 1)
        if values.shape[2] == _RGBA:
            values = values[..., :3] * values[..., 3:] + 1 - values[..., 3:]
        return np.round(_BYTE * np.broadcast_to(values, (*self.shape, 3))).astype(np.uint8)

    def ranged(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Bring values of 0 to 1 into the range of the picture."""
        return self.low + shares * (self.high - self.low)

    def fitted(self, values: NDArray[np.float64]) -> Pixels:
        """Bring computed values into the type of the picture."""
        if self.pixels.dtype.kind in "ui":
            limits = np.iinfo(self.pixels.dtype)
            values = np.clip(np.round(values), limits.min, limits.max)
        return values.astype(self.pixels.dtype)


def read(instance: Any) -> Photo:
    """Read a picture.

    Parameters
    ----------
    instance : ndarray, Pillow image or path
        (M, N), (M, N, 1), (M, N, 3), (M, N, 4) or channels first; whole numbers, 0–1 or 0–255. Pillow images and files
        are read as RGB, 0–255.

    Raises
    ------
    InstanceTypeError, InstanceError
        It is no picture, or one in which nothing can be told apart.
    """
    pixels = _opened(instance)
    if pixels.dtype.kind not in "uif":
        raise InstanceTypeError(f"the picture's values are {pixels.dtype}; whole or floating numbers are expected")
    layout = _layout(pixels)
    if not pixels.size:
        raise InstanceError(f"the picture is empty: its shape is {pixels.shape}")
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise InstanceError(f"{np.count_nonzero(~np.isfinite(pixels)):,} values of the picture are NaN or infinite")
    last = {"MN": lambda: pixels[..., None], "MNC": lambda: pixels, "CMN": lambda: np.moveaxis(pixels, 0, -1)}
    return Photo(np.ascontiguousarray(last[layout]()), layout, *_range(pixels))


def reduced(pixels: Pixels, step: int) -> NDArray[np.float64]:
    """Average blocks of pixels; what is left over at the edges is left out."""
    rows, columns = (max(1, size // step) for size in pixels.shape[:2])
    blocks = pixels[: rows * step, : columns * step]
    blocks = blocks.reshape(rows, blocks.shape[0] // rows, columns, blocks.shape[1] // columns, -1)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float64))


def _range(pixels: Pixels) -> tuple[float, float]:
    """Tell the range of a picture: its type's own, 0–1, 0–255, or what it has where it goes below 0."""
    low, high = float(pixels.min()), float(pixels.max())
    if pixels.dtype.kind == "u" and pixels.dtype.itemsize <= _SHORT:
        return 0.0, float(np.iinfo(pixels.dtype).max)
    if low < 0:
        return low, max(high, low + 1)
    return 0.0, 1.0 if pixels.dtype.kind == "f" and high <= 1 else max(high, float(_BYTE))


def _opened(instance: Any) -> Pixels:
    """Return an array, of a file or a Pillow image its colours."""
    if isinstance(instance, str | os.PathLike):
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(instance) as file:
                return np.asarray(file.convert("RGB"))
        except (OSError, UnidentifiedImageError) as error:
            message = f"{os.fspath(instance)!r} cannot be read as a picture ({error}) – pass a JPEG, PNG or WebP file"
            raise InstanceError(message) from error
    if hasattr(instance, "convert") and hasattr(instance, "getbands"):
        return np.asarray(instance.convert("RGB"))
    array = np.asarray(instance)
    if array.dtype.kind == "O" or array.ndim not in {_FLAT, _DEEP}:
        given = f"shape {array.shape}" if array.dtype.kind != "O" else type(instance).__name__
        message = (
            f"the instance is {given}; one picture is expected: an array (M, N), (M, N, 3) or (3, M, N), a Pillow "
            "image or a path – not a batch"
        )
        raise InstanceTypeError(message)
    return array


def _layout(pixels: Pixels) -> Layout:
    if pixels.ndim == _FLAT:
        return "MN"
    if pixels.shape[2] in _CHANNELS:
        return "MNC"
    if pixels.shape[0] in _CHANNELS:
        return "CMN"
    message = f"the picture has shape {pixels.shape}; 1, 3 or 4 channels are expected, last or first"
    raise InstanceError(message)
