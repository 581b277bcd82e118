"""Pictures as bytes: what an image's view is drawn from, small enough to be saved in a notebook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.errors import ContractError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from retrust.domains.image import ImageRepresentation
    from retrust.representation import Floats

    Shown = NDArray[np.uint8]

SIDE = 1024
"""Pixels a side that cross at most; a larger picture crosses reduced."""

_QUALITY = 90
_MOST = 50_000_000  # pixels of a picture that comes from the page
_FOR, _AGAINST = np.array([31.0, 102, 173]), np.array([224.0, 130, 20])
_STRENGTH = 0.6


def sides(representation: ImageRepresentation) -> tuple[int, int]:
    """Return rows and columns of the picture as it crosses."""
    step = _step(representation)
    rows, columns = representation.photo.shape
    return -(-rows // step), -(-columns // step)


def pixels(representation: ImageRepresentation) -> bytes:
    """Encode what a person sees: WebP, or PNG where that is smaller."""
    shown = _thin(representation.photo.shown, _step(representation))
    return min(encoded(shown, "WEBP", quality=_QUALITY), encoded(shown, "PNG", optimize=True), key=len)


def labels(representation: ImageRepresentation) -> bytes:
    """Encode the superpixel of each pixel: a PNG whose red + 256 × green is its number."""
    numbers = _thin(representation.labels, _step(representation))
    colours = np.stack([numbers & 0xFF, numbers >> 8, np.zeros_like(numbers)], axis=-1)
    return encoded(colours.astype(np.uint8), "PNG", optimize=True)


def backdrop(representation: ImageRepresentation) -> tuple[str, bytes]:
    """Encode what stands behind: a colour for each superpixel where each has one, else a picture."""
    behind = representation.behind.shown
    flat = representation.labels.ravel()
    first = np.unique(flat, return_index=True)[1]
    colours = behind.reshape(-1, 3)[first]
    if (colours[flat] == behind.reshape(-1, 3)).all():
        return "colours", colours.tobytes()
    return "picture", encoded(_thin(behind, _step(representation)), "WEBP", quality=_QUALITY)


def evidence(representation: ImageRepresentation, coefficients: Floats) -> Shown:
    """Draw weights over the picture: blue for, orange against, the stronger the larger."""
    largest = max(float(np.abs(coefficients).max(initial=0)), 1e-300)
    strength = (_STRENGTH * np.abs(coefficients) / largest)[representation.labels][..., None]
    tint = np.where((coefficients > 0)[representation.labels][..., None], _FOR, _AGAINST)
    return np.asarray(np.round(representation.photo.shown * (1 - strength) + tint * strength), dtype=np.uint8)


def encoded(shown: NDArray[Any], kind: str, **options: Any) -> bytes:
    """Encode an array of bytes, (M, N, 3)."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(shown).save(file, kind, **options)
    return file.getvalue()


def decoded(data: bytes) -> Shown:
    """Decode a PNG from the page to (m, n, 4).

    Raises
    ------
    ContractError
        It is none, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as file:
            if file.width * file.height > _MOST:
                raise ContractError(f"the painted picture has {file.width} × {file.height} pixels, too many to read")
            return np.asarray(file.convert("RGBA"))
    except (OSError, UnidentifiedImageError, ValueError) as error:
        if isinstance(error, ContractError):
            raise
        raise ContractError(f"what was painted cannot be read as a PNG: {error}") from error


def thumbnail(shown: Shown, side: int, quality: int) -> bytes:
    """Encode a small copy for readers without a kernel."""
    from PIL import Image

    file = io.BytesIO()
    small = Image.fromarray(shown)
    small.thumbnail((side, side))
    small.save(file, "WEBP", quality=quality)
    return file.getvalue()


def _step(representation: ImageRepresentation) -> int:
    return -(-max(representation.photo.shape) // SIDE)


def _thin(array: NDArray[Any], step: int) -> NDArray[Any]:
    return np.ascontiguousarray(array[::step, ::step])
