"""Photographs of huskies and wolves, the animals' outlines, a classifier that looks at the ground, and a better one.

``animals.json`` has the outlines of the forty photographs that are explained: polygons in shares of width and height,
drawn by eye for this comparison, and right within a few per cent. Where the photographs are not at hand, animals are
drawn on grounds, and the same is done with those.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import decoys
import numpy as np
from PIL import Image, ImageDraw
from skimage import data
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

OUTLINES = Path(__file__).with_name("animals.json")
NETWORK = Path("cnn_imagenet", "mobilenetv2-12-dequantized.onnx")
PHOTOGRAPHS, DRAWINGS = "photographs", "drawings"
GROUPS = ("different_backgrounds/test", "background_swap")
MAPS, SQUARES = 24, 7
SIDE, HALF = 224, 112
DRAWN, EACH, LEARNED = 56, 3, 4
GROUNDS = {"grass": ((90, 150, 60), 0.45), "snow": ((238, 242, 250), 0.15)}
COATS = {"husky": (70, 75, 85), "wolf": (150, 115, 80)}


@dataclass(frozen=True)
class Collection:
    """Pictures to learn from, pictures of the same kind, as many with swapped grounds; and where these show no animal.

    Labels are True for a wolf. ``names`` and ``outside`` are of those shown: of the same kind, then swapped.
    """

    photos: decoys.Photos
    names: tuple[str, ...]
    outside: Array

    @property
    def shown(self) -> tuple[Array, Array]:
        """The pictures that are explained, and their labels."""
        test, swapped = self.photos.test, self.photos.swapped
        return np.concatenate([test[0], swapped[0]]), np.concatenate([test[1], swapped[1]])

    @property
    def snowy(self) -> Array:
        """Which of these have snow, by the group that they are in."""
        return np.concatenate([self.photos.test[1], ~self.photos.swapped[1]])


@cache
def collection(source: str) -> Collection:
    """Return the photographs, or the drawings."""
    return _photographs() if source == PHOTOGRAPHS else _drawings()


def source(size: str) -> str:
    """Return what there is: photographs and a network to look at them, else drawings; "tiny" has drawings anyway."""
    home = decoys.folder()
    there = home is not None and (home / NETWORK).is_file() and decoys.photos() is not None
    return PHOTOGRAPHS if there and size != "tiny" else DRAWINGS


# --- photographs


def _photographs() -> Collection:
    home, photos = decoys.folder(), decoys.photos()
    if home is None or photos is None:
        raise FileNotFoundError("RETRUST_DATA has no photographs of huskies and wolves; ask for the drawings instead")
    with zipfile.ZipFile(home / "husky_wolf" / "husky_wolf.zip") as file:
        listed = [name for name in file.namelist() if not name.endswith("/")]
    names = [name for start in GROUPS for name in listed if name.startswith(start)]
    outlines = json.loads(OUTLINES.read_text("utf-8"))
    return Collection(photos, tuple(names), np.stack([outside(outlines[name], SIDE) for name in names]))


def outside(polygons: list[list[list[float]]], side: int) -> Array:
    """Return where no polygon is, on a square (side, side).

    >>> outside([[[0, 0], [0.4, 0], [0.4, 1], [0, 1]]], 4).mean()
    np.float64(0.5)
    """
    drawn = Image.new("1", (side, side), 1)
    for polygon in polygons:
        ImageDraw.Draw(drawn).polygon([(x * side, y * side) for x, y in polygon], fill=0)
    return np.asarray(drawn)


# --- drawings


def ground(name: str, side: int) -> Array:
    """Return a picture of a ground: a texture that comes with scikit-image, tinted."""
    tint, contrast = GROUNDS[name]
    texture = (data.grass() if name == "grass" else data.gravel())[:side, :side, None] / 255
    return np.asarray(np.clip((1 - 0.8 * contrast + contrast * texture) * tint, 0, 255).astype(np.uint8))


def _drawings() -> Collection:
    rng = np.random.default_rng(0)
    parts = [_drawn(rng, n, snow) for n, snow in ((LEARNED, "wolf"), (EACH, "wolf"), (EACH, "husky"))]
    rows = [(pictures, labels) for pictures, labels, _ in parts]
    names = [f"{part} {'wolf' if label else 'husky'} {i}" for part in (1, 2) for i, label in enumerate(rows[part][1])]
    return Collection(decoys.Photos(*rows), tuple(names), np.concatenate([parts[1][2], parts[2][2]]))


def _drawn(rng: np.random.Generator, n: int, snow: str) -> tuple[Array, Array, Array]:
    """Draw n pictures of each animal, one of the two on snow; return them, their labels and where no animal is."""
    animals, at = np.repeat(["husky", "wolf"], n), np.indices((DRAWN, DRAWN)) / DRAWN
    centres, sizes = rng.uniform(0.4, 0.6, (2, 2 * n, 1, 1)), rng.uniform(0.2, 0.3, (2, 2 * n, 1, 1))
    inside = (((at[:, None] - centres) / sizes) ** 2).sum(axis=0) < 1
    grounds = np.stack([ground("snow" if animal == snow else "grass", DRAWN) for animal in animals])
    coats = np.array([COATS[animal] for animal in animals])[:, None, None]
    noisy = np.where(inside[..., None], coats, grounds) + rng.normal(0, 6, grounds.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), animals == "wolf", ~inside


# --- models


def detector(source: str) -> Pipeline:
    """Return logistic regression on what the ground looks like, unfitted: the bad classifier of the paper.

    It sees 24 maps of 7 × 7 from the first layers of the network; of drawings, the colours of 7 × 7 squares.
    """
    home = decoys.folder()
    if source == PHOTOGRAPHS and home is not None:
        seen: Callable[[Array], Array] = partial(fours, rt.onnx(home / NETWORK, decoys.normalised, output="early"))
    else:
        seen = colours
    return make_pipeline(FunctionTransformer(seen), StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def knower(source: str) -> Pipeline:
    """Return logistic regression on what knows animals, unfitted: the network's last layer but one, or the middle."""
    home = decoys.folder()
    if source == PHOTOGRAPHS and home is not None:
        seen: Callable[[Array], Array] = rt.onnx(home / NETWORK, decoys.normalised, output="features")
    else:
        seen = middle
    return make_pipeline(FunctionTransformer(seen), StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def fours(early: Any, batch: Array) -> Array:
    """Return the first layers' maps, averaged over squares, of pictures halved; four of them fill the network's canvas.

    These layers look at places of some twenty pixels, so the four hardly see each other, and they cost as one.
    """
    n = len(batch)
    halved = np.asarray(batch).reshape(n, HALF, 2, HALF, 2, 3).mean(axis=(2, 4)).astype(np.uint8)
    filled = np.pad(halved, ((0, -n % 4), (0, 0), (0, 0), (0, 0)))
    canvas = filled.reshape(-1, 2, 2, HALF, HALF, 3).swapaxes(2, 3).reshape(-1, SIDE, SIDE, 3)
    cells = early(canvas).reshape(-1, MAPS, 2, SQUARES, 4, 2, SQUARES, 4).mean(axis=(4, 7))
    return np.asarray(cells.transpose(0, 2, 4, 1, 3, 5).reshape(len(filled), -1)[:n])


def colours(batch: Array) -> Array:
    """Return the mean colour of each of 7 × 7 squares."""
    side = DRAWN // SQUARES
    squares = np.asarray(batch).reshape(len(batch), SQUARES, side, SQUARES, side, 3)
    return np.asarray(squares.mean(axis=(2, 4)).reshape(len(batch), -1))


def middle(batch: Array) -> Array:
    """Return the mean colour in the middle, where the animal is."""
    a, b = int(0.4 * DRAWN), int(0.6 * DRAWN)
    return np.asarray(np.asarray(batch)[:, a:b, a:b].mean(axis=(1, 2)))


KINDS = {"detector": detector, "knower": knower}


@cache
def trained(kind: str, source: str) -> Pipeline:
    """Return a model that has learned from the confounded pictures."""
    return KINDS[kind](source).fit(*collection(source).photos.train)
