"""Visual words: superpixels that look alike are one word, in whatever picture they are.

The paper leaves the pick of images open, for a superpixel of one picture is no part of another. Words close that gap:
a key is what a superpixel looks like, not where it is; importance adds up over pictures, one mark says "snow" once.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from retrust.descriptors import PATCH, RECIPE, Album, crops, described, scaling
from retrust.domains.image import Image
from retrust.errors import (
    ContractError,
    DetachedError,
    InstanceError,
    InstanceTypeError,
    ModelOutputError,
    OptionError,
)
from retrust.photo import Photo, read
from retrust.superpixels import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from retrust.descriptors import Shown
    from retrust.representation import Floats
    from retrust.superpixels import Labels

    Embed = Callable[[list[Shown]], Any]
    Rows = NDArray[np.float32]

VERSION = 1

_DESCRIBED, _EMBEDDED = "colour, texture and place", "embedding"
_BLOCK = 1 << 14  # points at once
_SOME = 20_000  # superpixels that are clustered in one go, at most
_LISTED = 5
_MATRIX, _BATCH, _FEWEST, _DIGITS = 2, 4, 2, 4


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """Visual words, for ``rt.Image(vocabulary=…)``.

    Made by :func:`visual_words`. The last line of a cell, it shows what its words look like.

    Parameters
    ----------
    centres : ndarray, shape (k, m)
        The words, as scaled descriptors or embeddings.
    shift, factor : ndarray, shape (m,)
        The scaling: a descriptor x is compared as (x − shift) × factor.
    names : tuple of str, length k
        What people read, and the keys of superpixels; the most frequent word comes first.
    counts : ndarray of int, shape (k,)
        How many superpixels of each word there were.
    pictures : tuple of ndarray, length k
        Two superpixels of each word, (2, 32, 32, 3), of different pictures where there are any, those nearest to its
        centre; what is around them is dimmed.
    kind : {"colour, texture and place", "embedding"}
        What is compared.
    embed : callable, optional
        The embedding; it is not part of ``to_dict``, ``attach`` gives it back.

    Attributes
    ----------
    hash : str
        Says which vocabulary a key belongs to: a digest of all that decides which word a superpixel is.
    """

    centres: NDArray[np.float32]
    shift: NDArray[np.float32]
    factor: NDArray[np.float32]
    names: tuple[str, ...]
    counts: NDArray[np.intp]
    pictures: tuple[Shown, ...] = ()
    kind: str = _DESCRIBED
    embed: Embed | None = field(default=None)

    def __len__(self) -> int:
        return len(self.names)

    def __repr__(self) -> str:
        counted = zip(self.names[:_LISTED], self.counts, strict=False)
        listed = ", ".join(f"{name} × {count:,}" for name, count in counted)
        more = ", …" if len(self) > _LISTED else ""
        return f"{len(self)} visual words ({self.hash}) of {self.counts.sum():,} superpixels: {listed}{more}"

    def _repr_html_(self) -> str:
        from retrust.sheet import draw

        return draw(self)

    @cached_property
    def hash(self) -> str:
        """Say which vocabulary this is."""
        digest = blake2b(repr((self.kind, RECIPE, self.names, self.centres.shape)).encode(), digest_size=8)
        for part in (self.centres, self.shift, self.factor):
            digest.update(part.astype("<f4").tobytes())
        return digest.hexdigest()

    def words(self, picture: Any, labels: NDArray[Any]) -> Labels:
        """Tell the word of each superpixel.

        Parameters
        ----------
        picture : picture or Photo
            Of any size and layout.
        labels : ndarray of int, shape (M, N)
            Superpixels, 0 to d − 1.

        Returns
        -------
        ndarray of int, shape (d,)
            Indices into ``names``: the nearest centre.

        Raises
        ------
        DetachedError
            The words are those of an embedding that did not travel.
        """
        photo = picture if isinstance(picture, Photo) else read(picture)
        if self.kind == _EMBEDDED and self.embed is None:
            raise DetachedError("the embedding did not travel with this vocabulary – attach(embed) gives it back")
        found = _seen(photo, _numbered(photo, np.asarray(labels)), self.embed)
        if found.shape[1] != self.centres.shape[1]:
            raise ModelOutputError(
                f"the embedding has {found.shape[1]} numbers; {self.centres.shape[1]}, as for the pictures that the "
                "vocabulary was made of, are expected – attach the one that was used then"
            )
        return _nearest(_scaled(found, self.shift, self.factor), self.centres)

    def attach(self, embed: Embed) -> Vocabulary:
        """Return the vocabulary with its embedding, after it travelled without."""
        return replace(self, embed=embed)

    def bare(self) -> Vocabulary | None:
        """Return the vocabulary without its pictures; None where an embedding would have to come along."""
        return replace(self, pictures=()) if self.kind == _DESCRIBED else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values, to be kept or handed on; an embedding does not come along."""
        return {
            "retrust": "vocabulary",
            "version": VERSION,
            "recipe": RECIPE,
            "hash": self.hash,
            "kind": self.kind,
            "names": list(self.names),
            "counts": self.counts.tolist(),
            "shift": self.shift.tolist(),
            "factor": self.factor.tolist(),
            "centres": self.centres.tolist(),
            "pictures": [b64encode(shown.tobytes()).decode("ascii") for shown in self.pictures],
        }

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Vocabulary:
        """Read what :meth:`to_dict` wrote; nothing in it is executed.

        Raises
        ------
        ContractError
            It is something else, or damaged, or of another version.
        """
        if not isinstance(given, Mapping) or given.get("retrust") != "vocabulary":
            raise ContractError(
                'this is no vocabulary; an object with "retrust": "vocabulary" is expected (see to_dict)'
            )
        if (given.get("version"), given.get("recipe")) != (VERSION, RECIPE):
            raise ContractError(
                f"version {given.get('version')!r}, recipe {given.get('recipe')!r} of the format; this release reads "
                f"version {VERSION}, recipe {RECIPE} – make the vocabulary again with rt.visual_words"
            )
        try:
            return _from(given)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            message = f"the vocabulary is damaged: {type(error).__name__}: {error} – write it again with to_dict"
            raise ContractError(message) from error


def visual_words(
    images: Iterable[Any], k: int = 50, *, domain: Image | None = None, embed: Embed | None = None, seed: int = 0
) -> Vocabulary:
    """Cluster the superpixels of many pictures to visual words.

    Parameters
    ----------
    images : iterable of pictures
        Arrays, Pillow images or paths, of any size; they are read one by one, and none is kept.
    k : int
        How many words, 2 or more.
    domain : Image, optional
        How pictures are cut; as ``rt.Image()`` does where none is given.
    embed : callable, optional
        From a list of crops (H, W, 3), 0–255, of any sizes, grey around the superpixel, to an array (n, m). It stands
        for colour, texture and place; a network's last layer but one says more of what things are.
    seed : int
        Of the clustering: the same pictures and seed give the same words, on the same versions of the libraries.

    Returns
    -------
    Vocabulary

    Raises
    ------
    InstanceError
        A picture cannot be read or cut; the message says which.
    OptionError
        There are fewer superpixels, or fewer different ones, than words.
    ModelOutputError
        The embedding is no array (n, m) of finite numbers.

    Notes
    -----
    Colour, texture and place are three blocks. Each number is standardised; colour and texture have the same total
    weight, place a tenth of it, so that a word is what is there rather than where. The paper has no vocabulary: it
    explains a picture by superpixels of its own, and picks among texts only.

    References
    ----------
    J. Sivic and A. Zisserman, "Video Google", ICCV 2003, and G. Csurka and others, "Visual categorization with bags of
    keypoints", ECCV workshop 2004: words are clusters of descriptors, by k-means. There a descriptor is of a keypoint's
    surroundings (SIFT), here of a superpixel (SLIC; R. Achanta and others, IEEE TPAMI 34(11), 2012), so that a word can
    be taken away. A. Ghorbani and others, "Towards automatic concept-based explanations", NeurIPS 2019, cluster
    superpixels by a network's activations, as ``embed`` does.

    Examples
    --------
    >>> day, night = np.full((40, 40, 3), 250, dtype=np.uint8), np.full((40, 40, 3), 9, dtype=np.uint8)
    >>> day[20:] = night[20:] = 90, 160, 40
    >>> words = visual_words([day, night], k=3, domain=Image(lambda shown: np.indices(shown.shape[:2])[0] // 20))
    >>> words
    3 visual words (...) of 4 superpixels: visual word 0 × 2, visual word 1 × 1, visual word 2 × 1
    """
    if not isinstance(k, int) or k < _FEWEST:
        raise OptionError(f"k={k!r}; a whole number of words, 2 or more, is expected")
    rows, album = [], Album()
    for photo, labels in _pictures(images, Image() if domain is None else domain):
        rows.append(_seen(photo, labels, embed))
        album.add(photo, labels)
    points = _joined(rows)
    shift, factor = (part.astype(np.float32) for part in (scaling if embed is None else _sized)(points))
    scaled = _scaled(points, shift, factor)
    centres = _clustered(scaled, k, seed)
    word = np.concatenate([_nearest(part, centres) for part in np.array_split(scaled, 1 + len(scaled) // _BLOCK)])
    return Vocabulary(
        centres,
        shift,
        factor,
        tuple(f"visual word {number}" for number in range(k)),
        np.bincount(word, minlength=k),
        album.exemplars(word, np.linalg.norm(scaled - centres[word], axis=1), k),
        _DESCRIBED if embed is None else _EMBEDDED,
        embed,
    )


def _nearest(points: NDArray[np.float32], centres: NDArray[np.float32]) -> Labels:
    """Return the centre nearest to each point; for a few points, so that no threads are woken."""
    nearness = 2 * np.einsum("nm,km->nk", points, centres) - (centres**2).sum(axis=1)
    return np.asarray(nearness.argmax(axis=1))


def _pictures(images: Iterable[Any], domain: Image) -> Iterator[tuple[Photo, Labels]]:
    """Read and cut pictures, one by one."""
    flat = isinstance(images, np.ndarray) and images.ndim < _BATCH
    if flat or isinstance(images, str | os.PathLike) or not hasattr(images, "__iter__"):
        raise InstanceTypeError(
            "images is a single picture or nothing that gives pictures; a list of pictures is expected – put it in "
            "brackets: [picture]"
        )
    for number, image in enumerate(images):
        yield _opened(number, image, domain)


def _opened(number: int, image: Any, domain: Image) -> tuple[Photo, Labels]:
    try:
        photo = read(image)
        return photo, cut(photo, domain.segment)
    except InstanceError as error:
        raise type(error)(f"picture {number}: {error}") from error


def _seen(photo: Photo, labels: Labels, embed: Embed | None) -> Rows:
    """Describe superpixels, or have them embedded."""
    if embed is None:
        return described(photo, labels).astype(np.float32)
    pieces = crops(photo, labels)
    found = np.asarray(embed(pieces))
    if found.ndim != _MATRIX or len(found) != len(pieces) or found.dtype.kind not in "uif":
        raise ModelOutputError(
            f"the embedding returned shape {found.shape} and type {found.dtype} for {len(pieces)} crops; an array "
            f"({len(pieces)}, m) of numbers is expected"
        )
    if not np.isfinite(found).all():
        raise ModelOutputError(
            f"{np.count_nonzero(~np.isfinite(found)):,} numbers of the embedding are NaN or infinite; finite ones are "
            "expected – crops differ in size and may be a single pixel: resize them first"
        )
    return found.astype(np.float32)


def _joined(rows: list[Rows]) -> Rows:
    widths = sorted({part.shape[1] for part in rows})
    if not rows:
        raise OptionError("there are no pictures; a list of some, or anything that gives them one by one, is expected")
    if len(widths) > 1:
        raise ModelOutputError(
            f"the embedding returned {widths[0]} numbers for the crops of one picture and {widths[-1]} for those of "
            "another; as many for all are expected"
        )
    return np.concatenate(rows)


def _sized(points: Rows) -> tuple[Floats, Floats]:
    """Centre embeddings and bring them to one scale; what they make of distances stays."""
    size = float(points.std(axis=0).max())
    return points.mean(axis=0), np.full(points.shape[1], 1 / size if size > 0 else 1.0)


def _scaled(points: Rows, shift: Rows, factor: Rows) -> Rows:
    return np.asarray((points - shift) * factor)


def _clustered(points: Rows, k: int, seed: int) -> Rows:
    """Find centres by k-means, the one with most superpixels first."""
    different = len(np.unique(points.round(_DIGITS), axis=0)) if len(points) < _SOME else len(points)
    if different < k:
        raise OptionError(
            f"k={k} words of {len(points):,} superpixels, of which {different:,} look different; give k={different} at "
            "most, or more pictures"
        )
    state = int(np.random.default_rng(seed).integers(1 << 31))
    means = (
        KMeans(k, n_init=4, random_state=state)
        if len(points) < _SOME
        else MiniBatchKMeans(k, n_init=4, batch_size=4096, random_state=state)
    ).fit(points)
    sizes = np.bincount(means.labels_, minlength=k)
    sums = np.stack([np.bincount(means.labels_, column, k) for column in points.T], axis=1)  # threads add in any order
    centres = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], means.cluster_centers_)
    return centres[np.argsort(-sizes, kind="stable")].astype(np.float32)


def _numbered(photo: Photo, labels: NDArray[Any]) -> Labels:
    """Check superpixels that were given."""
    if labels.shape != photo.shape or labels.dtype.kind not in "ui" or labels.min() < 0:
        raise OptionError(
            f"the labels have shape {labels.shape} and type {labels.dtype}; whole numbers from 0 on, of shape "
            f"{photo.shape}, are expected"
        )
    empty = np.flatnonzero(np.bincount(labels.ravel()) == 0)
    if len(empty):
        raise OptionError(f"no pixel has label {empty[0]}; superpixels are numbered 0 to d − 1 without gaps")
    return labels.astype(np.intp)


def _from(given: Mapping[str, Any]) -> Vocabulary:
    names = tuple(map(str, given["names"]))
    made = Vocabulary(
        np.array(given["centres"], dtype=np.float32),
        np.array(given["shift"], dtype=np.float32),
        np.array(given["factor"], dtype=np.float32),
        names,
        np.array(given["counts"], dtype=np.intp),
        tuple(_patches(text) for text in given["pictures"]),
        str(given["kind"]),
    )
    shapes = [part.shape for part in (made.centres, made.shift, made.factor, made.counts)]
    k, m = shapes[0]
    if shapes[1:] != [(m,), (m,), (k,)] or k != len(names) or len(made.pictures) not in {0, k}:
        raise ContractError("the vocabulary is damaged: its words, centres and pictures do not fit together")
    if made.hash != given["hash"]:
        raise ContractError(
            f"the vocabulary's hash is {made.hash}, and it says {given['hash']!r}: something in it was changed – keep "
            "what to_dict wrote"
        )
    return made


def _patches(text: str) -> Shown:
    return np.frombuffer(b64decode(text, validate=True), dtype=np.uint8).reshape(-1, PATCH, PATCH, 3)
