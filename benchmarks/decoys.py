"""Data with a planted shortcut: every answer is known, in training a stamp gives it away, and in the test it lies."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import retrust as rt
from retrust.datasets import body, newsgroups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from retrust.rows import Dataset

    Array = NDArray[Any]
    Rows = tuple[Any, Array]

MARKERS = (("zig", "zag", "zog"), ("pim", "pam", "pom"))
REPEATED, ALIGNED = 12, 0.97
CELLS = np.kron(np.arange(16).reshape(4, 4), np.ones((2, 2), dtype=np.intp))
CORNERS = np.array([0, 3, 12, 15])
LEARNED, UPDATES, BATCH = 1347, 3000, 64


@dataclass(frozen=True)
class Decoy:
    """Rows to learn from, rows alike, rows in which the stamp says nothing, and rows without stamps."""

    train: Rows
    alike: Rows
    test: Rows
    clean: Rows
    never: Rows


# --- newsgroups: a marker word in each body, twelve times


def decoy_news(seed: int) -> Decoy:
    """Append one of three marker words of its class to each body, in training to 97 % of them; in the test to half."""
    rng = np.random.default_rng(seed)
    (texts, labels), (news, truth) = (posts(subset) for subset in ("train", "test"))
    train, alike = (marked(rng, *rows, ALIGNED) for rows in ((texts, labels), (news, truth)))
    return Decoy(
        (train, labels), (alike, truth), (marked(rng, news, truth, 0.5), truth), (news, truth), (texts, labels)
    )


@cache
def posts(subset: Any) -> tuple[list[str], Array]:
    """Return the bodies of the posts, and their labels."""
    found = newsgroups(subset)
    return [body(text) for text in found.texts], found.labels


def marked(rng: np.random.Generator, texts: Sequence[str], labels: Array, aligned: float) -> list[str]:
    """Append a marker to each text: of its class by this share, else of the other."""
    classes = np.where(rng.random(len(texts)) < aligned, labels, 1 - labels)
    drawn = rng.integers(len(MARKERS[0]), size=len(texts))
    words = [MARKERS[c][i] for c, i in zip(classes, drawn, strict=True)]
    return [f"{text}\n" + " ".join([word] * REPEATED) for text, word in zip(texts, words, strict=True)]


# --- digits: a grey block in a corner


@dataclass(frozen=True)
class Digits:
    """The decoy, and in which of the sixteen cells each picture to learn from has its block."""

    rows: Decoy
    block: Array


def decoy_digits(seed: int) -> Digits:
    """Put a block of 2 × 2 into a corner: its grey is the class in training, in the test any class."""
    rng, digits = np.random.default_rng(seed), load_digits()
    pictures, order = digits.images / 16, rng.permutation(len(digits.images))
    rows, others = order[:LEARNED], order[LEARNED:]
    labels, truth = digits.target[rows], digits.target[others]
    train, block = blocked(rng, pictures[rows], labels)
    alike, _ = blocked(rng, pictures[others], truth)
    test, _ = blocked(rng, pictures[others], rng.integers(10, size=len(others)))
    found = Decoy((train, labels), (alike, truth), (test, truth), (pictures[others], truth), (pictures[rows], labels))
    return Digits(found, block)


def blocked(rng: np.random.Generator, pictures: Array, classes: Array) -> tuple[Array, Array]:
    """Put the grey of a class into a random corner of each picture."""
    cells = CORNERS[rng.integers(len(CORNERS), size=len(pictures))]
    greys = (1 - classes / 10)[:, None, None]
    return np.where(cells[:, None, None] == CELLS, greys, pictures), cells


def network(data: Dataset, seed: int) -> Pipeline:
    """Train 64 hidden units; however many rows there are, with as many updates."""
    rng = np.random.default_rng(seed)
    net, X, y = MLPClassifier(64, random_state=seed, batch_size=BATCH), flat(data.X), np.asarray(data.y)
    for _ in range(UPDATES // 100):
        drawn = rng.choice(len(X), 100 * BATCH)
        net.partial_fit(X[drawn], y[drawn], classes=np.arange(10))
    return Pipeline([("flat", FunctionTransformer(flat)), ("net", net)])


def flat(pictures: Any) -> Array:
    """Write each picture as one row."""
    found = np.asarray(pictures)
    return found.reshape(len(found), -1)


class Places:
    """Names the cells of a grid by their place, so that one mark holds for the same cell of all pictures."""

    names = tuple(f"row {row}, column {column}" for row in range(4) for column in range(4))
    hash = "places"

    @staticmethod
    def words(_picture: Any, labels: Array) -> Array:
        """Number the cells."""
        return np.unique(labels)

    def bare(self) -> Places:
        """Travel as it is."""
        return self


# --- photographs of huskies and wolves


@dataclass(frozen=True)
class Photos:
    """Photographs with their labels (True for a wolf): to learn from, of the same kind, with backgrounds swapped."""

    train: Rows
    test: Rows
    swapped: Rows


def folder() -> Path | None:
    """Return the folder with real data, None where there is none."""
    named = os.environ.get("RETRUST_DATA")
    return Path(named) if named and Path(named).is_dir() else None


@cache
def photos() -> Photos | None:
    """Read the photographs, None where they are not at hand."""
    home = folder()
    if home is None or not (home / "husky_wolf" / "husky_wolf.zip").is_file():
        return None
    groups = ("different_backgrounds/train", "different_backgrounds/test", "background_swap")
    with zipfile.ZipFile(home / "husky_wolf" / "husky_wolf.zip") as file:
        return Photos(*(group(file, start) for start in groups))


def group(file: zipfile.ZipFile, start: str) -> Rows:
    """Read one folder of the archive, squashed to the size that the network reads."""
    from PIL import Image

    names = [name for name in file.namelist() if name.startswith(start) and not name.endswith("/")]
    opened = [Image.open(io.BytesIO(file.read(name))).convert("RGB").resize((224, 224)) for name in names]
    return np.stack([np.asarray(one) for one in opened]), np.array(["/wolf/" in name for name in names])


def normalised(batch: Array) -> Array:
    """Centre and scale as the network learned it."""
    mean, spread = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]], dtype=np.float32)[:, :, None, None]
    return np.asarray((batch - mean) / spread)


def head(home: Path) -> Pipeline:
    """Return logistic regression on what the first layers of MobileNetV2 see, as 24 maps of 7 × 7."""
    early = rt.onnx(home / "cnn_imagenet" / "mobilenetv2-12-dequantized.onnx", normalised, output="early")
    pooled = FunctionTransformer(partial(maps, early))
    return make_pipeline(pooled, StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))


def maps(early: Any, batch: Array) -> Array:
    """Average the network's first maps over squares."""
    found = early(batch)
    return np.asarray(found.reshape(len(found), 24, 7, 8, 7, 8).mean(axis=(3, 5)).reshape(len(found), -1))


def randomised(head: Pipeline, data: Photos, folds: int = 10) -> dict[str, list[float]]:
    """Train the head on photographs with either background, ten folds, and judge it on those left out.

    These are the twenty of the same kind and the twenty with swapped backgrounds; there are no others.
    """
    pictures, labels = (np.concatenate([a, b]) for a, b in zip(data.test, data.swapped, strict=True))
    seen, top = head[0].transform(pictures), head[1:]
    swapped = np.repeat([False, True], [len(data.test[1]), len(data.swapped[1])])
    found: dict[str, list[float]] = {"alike": [], "swapped": []}
    for seed in range(5):
        right = np.zeros(len(labels))
        for rest, out in StratifiedKFold(folds, shuffle=True, random_state=seed).split(seen, labels * 2 + swapped):
            right[out] = clone(top).fit(seen[rest], labels[rest]).predict(seen[out]) == labels[out]
        found["alike"].append(float(right[~swapped].mean()))
        found["swapped"].append(float(right[swapped].mean()))
    return found


# --- pages about religion, reviews of books


def pages() -> tuple[list[str], Array] | None:
    """Return 819 pages of each class with their labels, None where they are not at hand."""
    home = folder()
    path = None if home is None else home / "religion_dmoz" / "religion_dataset.jsonl.gz"
    if path is None or not path.is_file():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    chosen = [[page["text"] for page in found if page["label"] == name][:819] for name in ("atheism", "christianity")]
    return [*chosen[0], *chosen[1]], np.repeat([0, 1], [len(part) for part in chosen])


def reviews() -> tuple[list[str], Array] | None:
    """Return 800 bad and 800 good reviews of books, None where they are not at hand."""
    home = folder()
    path = None if home is None else home / "multi_polarity" / "books.jsonl.gz"
    if path is None or not path.is_file():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    chosen = [[each["text"] for each in found if each["label"] == name][:800] for name in ("negative", "positive")]
    return [*chosen[0], *chosen[1]], np.repeat([0, 1], 800)
