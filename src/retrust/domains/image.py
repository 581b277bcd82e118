"""Images: superpixels that can be taken away.

What stands in an absent superpixel's place is the backdrop; present ones are the original pixels exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from retrust.backdrop import behind, own_mean, resized
from retrust.backdrop import checked as backdrop_checked
from retrust.errors import InstanceError, OptionError
from retrust.photo import Photo, read
from retrust.sampling import Independent
from retrust.superpixels import Words, cut, inherited, named, pieces
from retrust.superpixels import checked as segment_checked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from retrust.photo import Pixels
    from retrust.representation import Feature, Masks
    from retrust.superpixels import Labels, Segment

_RGB, _BYTE = 3, 255
_CACHE = 1 << 20


@dataclass(frozen=True, eq=False)
class ImageRepresentation:
    """One picture as superpixels that are present or absent.

    Parameters
    ----------
    photo : Photo
        The picture as it was given.
    labels : ndarray of int, shape (M, N)
        The superpixel, 0 to d − 1, of each pixel.
    backdrop : ndarray, shape (M, N, C)
        What shows where a superpixel is absent, in the type of the picture.
    features : tuple of Feature, length d
    own_mean : bool
        Whether the backdrop is each superpixel's own mean, and so depends on the labels.
    vocabulary : Vocabulary, optional
        What names superpixels by visual words; it travels without its pictures, one with an embedding not at all.

    Examples
    --------
    >>> r = Image(segment=np.array([[1, 1, 5, 5]]), backdrop=0).represent(np.array([[10, 10, 90, 90]], dtype=np.uint8))
    >>> r.perturb(np.array([[True, False]]))
    array([[[10, 10,  0,  0]]], dtype=uint8)
    """

    photo: Photo
    labels: Labels
    backdrop: Pixels
    features: tuple[Feature, ...]
    own_mean: bool = False
    vocabulary: Words | None = None

    random = False
    kind = "image"

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what can be worked out again, and what a vocabulary has beside its words."""
        kept = {name: self.__dict__[name] for name in self.__dataclass_fields__}
        return kept if self.vocabulary is None else kept | {"vocabulary": self.vocabulary.bare()}

    def __copy__(self) -> ImageRepresentation:
        """Leave out what can be worked out again, and nothing else: a copy stays here."""
        return replace(self)

    @property
    def size(self) -> int:
        """How much memory one perturbed picture takes, in bytes."""
        return int(self.photo.pixels.nbytes)

    def perturb(self, masks: Masks, rng: np.random.Generator | None = None) -> Pixels:
        """Show the backdrop where superpixels are absent.

        Parameters
        ----------
        masks : ndarray of bool, shape (n, d)
            True = present.
        rng : Generator
            Not used: the backdrop is no draw.

        Returns
        -------
        ndarray, shape (n, …)
            A batch in the type, range and layout in which the picture was given.
        """
        del rng
        return self.photo.given(self._composed(masks))

    def design(self, masks: Masks, inputs: Pixels | None = None) -> Masks:
        """Return the masks: kernel and surrogate see presence alone."""
        del inputs
        return masks

    def swap(self, keys: Collection[str], donor: ImageRepresentation, rng: np.random.Generator | None = None) -> Pixels:
        """Show the donor's pixels, at the same place, where superpixels named by ``keys`` are.

        The donor is brought to the same size; it need not have such superpixels itself.
        """
        del rng
        named = np.array([feature.key in set(keys) for feature in self.features])
        lent = resized(donor.photo, self.photo)
        swapped: Pixels = self.photo.given(np.where(named[self.labels][..., None], lent, self.photo.pixels)[None])[0]
        return swapped

    @property
    def behind(self) -> Photo:
        """The backdrop as a picture."""
        return replace(self.photo, pixels=self.backdrop)

    def region(self, chosen: Iterable[int]) -> NDArray[np.bool_]:
        """Return where some superpixels are, (M, N)."""
        return np.isin(self.labels, list(chosen))

    def edit(self, mask: NDArray[np.bool_], painted: NDArray[np.uint8]) -> Pixels:
        """Show the picture with some superpixels absent and painted over.

        Parameters
        ----------
        mask : ndarray of bool, shape (d,)
        painted : ndarray of uint8, shape (m, n, 4)
            Colours, opaque where the reader painted; of any size, brought to that of the picture.
        """
        paint = read(painted)
        rows, columns = (np.arange(n) * m // n for n, m in zip(self.photo.shape, paint.shape, strict=True))
        opaque = paint.pixels[np.ix_(rows, columns)][..., _RGB] > _BYTE // 2
        coloured = replace(paint, pixels=paint.pixels[..., :_RGB])
        shown = np.where(opaque[..., None], resized(coloured, self.photo), self._composed(mask[None])[0])
        edited: Pixels = self.photo.given(shown[None])[0]
        return edited

    def merged(self, groups: Iterable[Sequence[int]]) -> ImageRepresentation:
        """Make the superpixels of each group one."""
        labels = self.labels.copy()
        for group in groups:
            labels[np.isin(labels, list(group))] = min(group)
        numbers, labels = np.unique(labels, return_inverse=True)
        if len(numbers) == 1:
            raise OptionError("all superpixels would be one, and nothing could be taken away – leave two at least")
        labels = labels.reshape(self.labels.shape)
        backdrop = own_mean(self.photo, labels) if self.own_mean else self.backdrop
        return replace(self, labels=labels, backdrop=backdrop, features=self._renamed(labels))

    def split(self, chosen: Collection[int], parts: int = 4) -> tuple[ImageRepresentation, Labels]:
        """Cut some superpixels into smaller ones.

        What stands in an absent one's place stays as it was, so that every answer of the model to a mask of the old
        superpixels is its answer to the mask of the new ones with all parts of the same parent alike.

        Returns
        -------
        representation : ImageRepresentation
        parents : ndarray of int, shape (d′,)
            The superpixel here that each one there is a part of.
        """
        labels, count = self.labels.copy(), len(self.features)
        parents = list(range(count))
        for feature in chosen:
            for piece in pieces(self.labels == feature, parts)[1:]:
                labels[piece] = len(parents)
                parents.append(feature)
        return replace(self, labels=labels, features=self._renamed(labels)), np.array(parents)

    def _renamed(self, labels: Labels) -> tuple[Feature, ...]:
        """Name other superpixels; without a vocabulary each keeps the word, if any, that its first pixel had."""
        features = named(self.photo, labels, self.vocabulary)
        if self.vocabulary is not None:
            return features
        first = np.unique(labels, return_index=True)[1]
        return inherited(features, [self.features[old] for old in self.labels.ravel()[first]])

    @cached_property
    def _runs(self) -> tuple[Labels, Labels]:
        """Stretches of equal labels in the flat picture: the label of each, and how many values it has."""
        flat = self.labels.ravel()
        starts = np.flatnonzero(np.diff(flat, prepend=-1))
        return flat[starts], np.diff(starts, append=len(flat)) * self.photo.pixels.shape[2]

    @cached_property
    def _bits(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The backdrop's bits, and those in which the picture differs from it."""
        kind = f"u{self.photo.pixels.dtype.itemsize}"
        behind = self.backdrop.view(kind).ravel()
        return behind, self.photo.pixels.view(kind).ravel() ^ behind

    def _composed(self, masks: Masks) -> Pixels:
        """Compose a batch (n, M, N, C): the backdrop's bits, turned where a present superpixel differs from it."""
        (labels, lengths), (behind, apart) = self._runs, self._bits
        present = np.zeros(masks.shape, dtype=apart.dtype)
        present[masks] = np.iinfo(apart.dtype).max
        batch = np.empty((len(masks), *self.photo.pixels.shape), dtype=self.photo.pixels.dtype)
        bits = batch.reshape(len(masks), -1).view(apart.dtype)
        step = max(1, _CACHE // self.size)
        for at in range(0, len(masks), step):
            shown = np.repeat(present[at : at + step, labels], lengths, axis=1)
            shown &= apart
            np.bitwise_xor(shown, behind, out=bits[at : at + step])
        return batch


@dataclass(frozen=True, eq=False)
class Image:
    """Pictures as superpixels that can be taken away.

    Parameters
    ----------
    segment : {"slic", "quickshift", "felzenszwalb", "grid"}, callable or ndarray
        How the picture is cut: a name, a callable from the picture as a person sees it, (M, N, 3) of 0 to 255, to
        labels (M, N), or labels themselves, of any numbering.
    backdrop : str, number, colour or picture
        What stands in an absent superpixel's place: "mean" (of the superpixel), "image mean", "blur", "black",
        "grey", "white", one number or a number for each channel in the picture's own range, or another picture.
    levels : int
        1, or how often to cut finer while sampling: each time the five superpixels of most weight are cut in four, and
        what the model has answered is kept ("hierarchical" explanations).
    vocabulary : Vocabulary, optional
        From :func:`retrust.visual_words`: superpixels that look alike share a key, in this picture and in others, so
        that one mark means them all. Without one a superpixel's key is its own.

    Notes
    -----
    The ``lime`` package cuts with quickshift; SLIC is the default here, it is faster and its superpixels are of one
    size. Pictures of more than 512 pixels a side are cut on a reduced copy and the labels are enlarged.

    References
    ----------
    Section 3.1 of the paper for superpixels; R. Achanta and others, "SLIC superpixels compared to state-of-the-art
    superpixel methods", IEEE TPAMI 34(11), 2012.

    Examples
    --------
    >>> picture = np.zeros((4, 8, 3), dtype=np.uint8)
    >>> picture[:, 4:] = 200
    >>> r = Image(segment=lambda shown: shown[..., 0] > 100, backdrop="black").represent(picture)
    >>> [f.name for f in r.features]
    ['superpixel 0', 'superpixel 1']
    """

    segment: Segment = "slic"
    backdrop: Any = "mean"
    levels: int = 1
    vocabulary: Words | None = None

    sampler = Independent(0.5)
    auto = 1000

    def __post_init__(self) -> None:
        """Check the options at once."""
        segment_checked(self.segment)
        if not isinstance(self.levels, int) or self.levels < 1:
            raise OptionError(f"levels={self.levels!r}; a whole number, 1 or more, is expected")
        if not (self.vocabulary is None or isinstance(self.vocabulary, Words)):
            raise OptionError(
                f"vocabulary is a {type(self.vocabulary).__name__}; a vocabulary is expected – "
                "rt.visual_words(pictures, 50) makes one"
            )
        backdrop_checked(self.backdrop)

    def represent(self, instance: Any) -> ImageRepresentation:
        """Read a picture as superpixels.

        Raises
        ------
        InstanceTypeError, InstanceError
            It is no picture; it has one superpixel only, or more than 65,536; or the backdrop changes none of it.
        """
        photo = read(instance)
        labels = cut(photo, self.segment)
        backdrop = behind(photo, labels, self.backdrop)
        if (backdrop == photo.pixels).all():
            other = next(name for name in ("grey", "black") if (behind(photo, labels, name) != photo.pixels).any())
            raise InstanceError(
                f"backdrop={self.backdrop!r} looks the same as the picture everywhere, so nothing can be taken away – "
                f'try backdrop="{other}" or another picture'
            )
        features = named(photo, labels, self.vocabulary)
        return ImageRepresentation(photo, labels, backdrop, features, self._own_mean, self.vocabulary)

    @property
    def _own_mean(self) -> bool:
        return isinstance(self.backdrop, str) and self.backdrop == "mean"
