"""Pictures of four tiles, sky, grass or stripes, that are cut along the tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable

    from retrust.domains.image import ImageRepresentation

SIDE = 64
ROWS, COLUMNS = np.indices((SIDE, SIDE))
SKY = np.stack([ROWS + 90, ROWS + 130, 0 * ROWS + 235], axis=-1).astype(np.uint8)
STRIPES = np.repeat((COLUMNS // 4 % 2 * 255)[..., None], 3, axis=-1).astype(np.uint8)
SNOW, COAL = (np.full((SIDE, SIDE, 3), grey, dtype=np.uint8) for grey in (245, 20))


def grass(seed: int) -> Any:
    """Draw green noise."""
    blades = np.random.default_rng(seed).integers(0, 90, (SIDE, SIDE, 1))
    return np.concatenate([blades + 20, blades + 110, blades // 2], axis=-1).astype(np.uint8)


def tiled(*rows: list[Any]) -> Any:
    """Join tiles to a picture, row by row."""
    return np.concatenate([np.concatenate(row, axis=1) for row in rows])


def tiles(shown: Any) -> Any:
    """Cut along the tiles: two a row, whatever the size of the picture."""
    rows, columns = (np.arange(size) * 2 // size for size in shown.shape[:2])
    return rows[:, None] * 2 + columns


GRID = rt.Image(tiles)
PICTURES = [
    tiled([SKY, SKY], [grass(0), STRIPES]),
    tiled([STRIPES, SKY], [grass(1), grass(2)]),
    tiled([grass(3), STRIPES], [STRIPES, SKY]),
]
GREENS = [[2], [2, 3], [0]]  # where the grass is


def keys(representation: ImageRepresentation) -> list[str]:
    return [feature.key for feature in representation.features]


def colours(size: int) -> Callable[[list[Any]], Any]:
    """Make an embedding: mean colours, over and over."""
    return lambda crops: np.array([np.resize(crop.mean(axis=(0, 1)), size) for crop in crops])


def brightness(batch: Any) -> Any:
    return batch.mean(axis=(1, 2, 3)) / 255
