"""Pictures as superpixels that can be taken away."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from lime.lime_base import LimeBase
from PIL import Image as Pillow
from skimage.data import astronaut
from sklearn.metrics import pairwise_distances

import retrust as rt
from retrust.errors import ConstantModelWarning, InstanceError, InstanceTypeError, OptionError
from retrust.sampling import Independent

if TYPE_CHECKING:
    from pathlib import Path

    from retrust.domains.image import ImageRepresentation

DRAW = np.random.default_rng(0)
RGB = DRAW.integers(0, 256, (6, 8, 3), dtype=np.uint8)
QUARTERS = np.kron([[0, 1], [2, 3]], np.ones((3, 4), dtype=int))
TWO = np.zeros((40, 60, 3), dtype=np.uint8)
TWO[:, 30:] = 200
FACE = np.asarray(Pillow.fromarray(astronaut()).resize((96, 96)))


def kinds() -> dict[str, Any]:
    return {
        "uint8": RGB,
        "floats, 0 to 1": RGB / 255,
        "single floats": (RGB / 255).astype(np.float32),
        "half floats": (RGB / 255).astype(np.float16),
        "floats, 0 to 255": RGB.astype(float),
        "uint16": RGB.astype(np.uint16) * 257,
        "int32": RGB.astype(np.int32),
        "big endian": RGB.astype(">i4"),
        "grey": RGB[..., 0],
        "one channel": RGB[..., :1],
        "transparency": np.dstack([RGB, RGB[..., 0]]),
        "channels first": RGB.transpose(2, 0, 1),
        "turned": RGB[::-1, ::-1],
        "odd size": RGB[:5, :7],
        "negative": RGB / 100 - 1,
    }


def cut_for(picture: Any) -> Any:
    """Label the quarters of a picture, whatever its layout."""
    shape = picture.shape[1:] if picture.shape[0] == 3 else picture.shape[:2]
    return QUARTERS[: shape[0], : shape[1]]


def seen(picture: Any, backdrop: Any = "mean", segment: Any = None) -> ImageRepresentation:
    return rt.Image(cut_for(picture) if segment is None else segment, backdrop).represent(picture)


def row(*values: float, kind: Any = np.uint8) -> Any:
    """Make a grey picture of one row."""
    return np.array([values], dtype=kind)


def off(representation: ImageRepresentation, *features: int) -> Any:
    """Show the picture without some superpixels."""
    mask = np.ones((1, len(representation.features)), dtype=bool)
    mask[0, list(features)] = False
    return representation.perturb(mask)[0]


# --- the model gets what it would have got ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds())
def test_with_everything_present_it_is_the_picture_exactly(kind: str) -> None:
    picture = kinds()[kind]
    back = seen(picture, backdrop="blur").perturb(np.ones((2, 4), bool))
    assert back.dtype == picture.dtype
    assert np.array_equal(back, np.stack([picture, picture]))


@pytest.mark.parametrize("kind", kinds())
def test_present_parts_are_the_picture_and_absent_ones_the_backdrop(kind: str) -> None:
    representation = seen(kinds()[kind], backdrop="image mean")
    masks = DRAW.random((9, 4)) < 0.5
    shown = masks[:, representation.labels][..., None]
    expected = np.where(shown, representation.photo.pixels, representation.backdrop)
    assert np.array_equal(representation.perturb(masks), representation.photo.given(expected))


def test_a_batch_is_the_readers_own_and_changes_nothing() -> None:
    picture = RGB.copy()
    representation = seen(picture)
    batch = representation.perturb(np.ones((1, 4), bool))
    batch[:] = 0
    assert np.array_equal(picture, RGB)
    assert np.array_equal(representation.perturb(np.ones((1, 4), bool))[0], RGB)


def test_many_masks_are_composed_in_slices_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    masks, representation = DRAW.random((50, 4)) < 0.5, seen(RGB)
    whole = representation.perturb(masks)
    monkeypatch.setattr("retrust.domains.image._CACHE", 3 * RGB.nbytes)
    assert np.array_equal(representation.perturb(masks), whole)


@pytest.mark.parametrize("given", ["Pillow", "a path"])
def test_pillow_images_and_files_come_as_colours(given: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Pillow.fromarray(RGB).save(path)
    picture = Pillow.open(path) if given == "Pillow" else path
    representation = rt.Image(QUARTERS).represent(picture)
    assert np.array_equal(representation.perturb(np.ones((1, 4), bool))[0], RGB)


# --- superpixels -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("segment", [lambda shown: shown[..., 0] // 100, TWO[..., 0] > 0])
def test_a_picture_of_two_colours_has_two_superpixels(segment: Any) -> None:
    representation = seen(TWO, "black", segment)
    assert [feature.name for feature in representation.features] == ["superpixel 0", "superpixel 1"]
    assert np.array_equal(representation.labels, TWO[..., 0] > 0)


@pytest.mark.parametrize("segment", ["slic", "quickshift", "felzenszwalb", "grid"])
def test_every_way_to_cut_gives_whole_numbers_from_0_without_gaps_and_again_the_same(segment: str) -> None:
    first, second = (seen(FACE, segment=segment) for _ in range(2))
    d = len(first.features)
    assert set(first.labels.ravel()) == set(range(d))
    assert 5 <= d <= 100
    assert np.array_equal(first.labels, second.labels)
    assert first.features == second.features


@pytest.mark.parametrize("numbers", [(1, 2, 3, 4), (-7, 0, 5, 900), (255, 3, 70, 4)])
@pytest.mark.parametrize("kind", [np.int64, np.int16])
def test_labels_of_any_numbering_are_numbered_anew(numbers: tuple[int, ...], kind: Any) -> None:
    labels = np.array(numbers)[QUARTERS].astype(kind)
    representation = seen(RGB, "black", labels)
    assert set(representation.labels.ravel()) == {0, 1, 2, 3}
    for quarter in range(4):
        number = representation.labels[quarter == QUARTERS][0]
        assert np.array_equal(np.all(off(representation, number) == 0, axis=-1), quarter == QUARTERS)


def test_the_grid_has_eight_squares_along_the_longer_side() -> None:
    representation = seen(np.tile(RGB, (2, 4, 1)), segment="grid")
    assert representation.labels[0, ::4].tolist() == list(range(8))
    assert len(representation.features) == 8 * 3


@pytest.mark.parametrize("segment", ["slic", "felzenszwalb", "grid"])
def test_a_picture_of_twelve_megapixels_is_cut_on_a_reduced_copy(segment: str) -> None:
    sizes: list[Any] = []
    picture = np.kron(FACE[:75], np.ones((40, 42, 1), dtype=np.uint8))[:3000, :4000]

    def model(batch: Any) -> Any:
        sizes.append(batch.shape[1:])
        return batch[:, ::50, ::50].mean(axis=(1, 2, 3))

    e = rt.explain(model, picture, domain=rt.Image(segment, "image mean"), n_samples=12)
    assert set(sizes) == {(3000, 4000, 3)}
    assert e.representation.labels.shape == (3000, 4000)  # type: ignore[attr-defined]
    assert 5 <= len(e.features) <= 400


def test_a_large_picture_is_blurred_like_a_small_one() -> None:
    small = np.asarray(Pillow.fromarray(FACE).resize((512, 512), Pillow.Resampling.BILINEAR))
    large = np.kron(small, np.ones((2, 2, 1), dtype=np.uint8))
    apart = seen(large, "blur", "grid").backdrop[::2, ::2].astype(float) - seen(small, "blur", "grid").backdrop
    assert np.abs(apart).max() <= 2


# --- what stands in their place --------------------------------------------------------------------------------------


STANDING: dict[str, tuple[Any, Any, Any, list[float]]] = {  # picture, labels, backdrop, the picture without part 0
    "mean": (row(10, 20, 90, 70), row(0, 0, 1, 1), "mean", [15, 15, 90, 70]),
    "mean, of floats": (row(0.1, 0.2, 0.9, 0.7, kind=float), row(0, 0, 1, 1), "mean", [0.15, 0.15, 0.9, 0.7]),
    "mean, rounded": (row(10, 21, 90, 70), row(0, 0, 1, 1), "mean", [16, 16, 90, 70]),
    "mean of the image": (row(10, 20, 90, 80), row(0, 0, 1, 1), "image mean", [50, 50, 90, 80]),
    "black": (row(10, 20, 90), row(0, 1, 1), "black", [0, 20, 90]),
    "grey": (row(10, 20, 90), row(0, 1, 1), "grey", [128, 20, 90]),
    "grey, by its other name": (row(10, 20, 90), row(0, 1, 1), "gray", [128, 20, 90]),
    "white": (row(10, 20, 90), row(0, 1, 1), "white", [255, 20, 90]),
    "white, of floats": (row(0.1, 0.2, 1, kind=float), row(0, 1, 1), "white", [1, 0.2, 1]),
    "white, of sixteen bits": (row(9, 20, kind=np.uint16), row(0, 1), "white", [65535, 20]),
    "a number": (row(10, 20, 90), row(0, 1, 1), 7, [7, 20, 90]),
    "a number too large": (row(10, 20, 90), row(0, 1, 1), 700, [255, 20, 90]),
    "another picture": (row(10, 20, 90, 70), row(0, 1, 0, 1), row(1, 2, 3, 4), [1, 20, 3, 70]),
    "a smaller picture": (row(10, 20, 90, 70), row(0, 0, 0, 1), row(1, 2), [1, 1, 2, 70]),
    "a picture of floats": (row(10, 20), row(0, 1), row(0.2, 1, kind=float), [51, 20]),
}


@pytest.mark.parametrize("kind", STANDING)
def test_an_absent_part_is_what_the_backdrop_says(kind: str) -> None:
    picture, labels, backdrop, expected = STANDING[kind]
    assert off(seen(picture, backdrop, labels), 0)[0].tolist() == pytest.approx(expected)


def test_a_blurred_superpixel_takes_the_colour_of_its_neighbours() -> None:
    picture = np.zeros((16, 64), dtype=np.uint8)
    picture[:, 30:34] = 240
    shown = off(seen(picture, "blur", picture > 0), 1)
    assert 20 < shown[8, 31] < 150
    assert (shown[:, :30] == 0).all()


def test_a_colour_stands_for_every_pixel_and_keeps_the_transparency() -> None:
    assert (off(seen(RGB, (1, 2, 3)), 0)[:3, :4] == (1, 2, 3)).all()
    clear = np.dstack([RGB, RGB[..., 0]])
    shown = off(seen(clear, (1, 2, 3)), 0)
    assert (shown[:3, :4, :3] == (1, 2, 3)).all()
    assert np.array_equal(shown[..., 3], clear[..., 3])


def test_another_picture_is_brought_to_size_range_and_channels() -> None:
    grey = seen(RGB[..., 0], np.full((2, 2, 3), (30, 60, 90), dtype=np.uint8))
    assert (off(grey, 0)[:3, :4] == 60).all()
    clear = seen(np.dstack([RGB, RGB[..., 0]]), np.full((2, 2), 1.0))
    assert (off(clear, 0)[:3, :4, :3] == 255).all()
    floats = seen(RGB / 255, Pillow.fromarray(np.full((9, 9, 3), 51, dtype=np.uint8)))
    assert off(floats, 0)[0, 0].tolist() == pytest.approx([0.2] * 3)


# --- swap, merge, split ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", kinds())
def test_to_swap_with_oneself_changes_nothing(kind: str) -> None:
    picture = kinds()[kind]
    representation = seen(picture)
    after = representation.swap([feature.key for feature in representation.features], representation)
    assert np.array_equal(after, picture)


def test_a_swapped_part_is_the_donors_at_the_same_place_brought_to_size() -> None:
    representation, donor = seen(RGB), seen(np.full((3, 2, 3), 9, dtype=np.uint8), "black", [[0, 1]] * 3)
    after = representation.swap([representation.features[1].key], donor)
    assert (after[:3, 4:] == 9).all()
    assert np.array_equal(after[QUARTERS != 1], RGB[QUARTERS != 1])


def test_superpixels_that_are_made_one_leave_together() -> None:
    merged = seen(RGB, "black").merged([[1, 3]])
    assert len(merged.features) == 3
    assert np.array_equal((off(merged, 1) == 0).all(axis=-1), QUARTERS % 2 == 1)
    assert np.array_equal(merged.perturb(np.ones((1, 3), bool))[0], RGB)
    with pytest.raises(OptionError, match="all superpixels would be one"):
        seen(RGB).merged([[0, 1, 2, 3]])


def test_the_mean_of_a_merged_superpixel_is_its_own() -> None:
    merged = seen(row(10, 20, 90, 70), "mean", row(0, 1, 2, 2)).merged([[0, 1]])
    assert off(merged, 0)[0].tolist() == [15, 15, 90, 70]


def test_a_split_superpixel_falls_into_parts_and_the_others_stay() -> None:
    representation = seen(RGB, "black")
    finer, parents = representation.split([2])
    assert parents.tolist() == [0, 1, 2, 3, 2, 2, 2]
    assert np.array_equal(parents[finer.labels], QUARTERS)
    assert np.bincount(finer.labels.ravel())[[2, 4, 5, 6]].tolist() == [4, 2, 4, 2]
    assert {feature.key for feature in representation.features} - {feature.key for feature in finer.features} == {
        representation.features[2].key
    }
    masks = DRAW.random((9, 4)) < 0.5
    assert np.array_equal(finer.perturb(masks[:, parents]), representation.perturb(masks))


@pytest.mark.parametrize("labels", [row(0, 1, 1, 2), row(0, 0, 0, 1), [[0, 1]], [[0], [1], [1], [1]]])
def test_a_superpixel_is_split_down_to_its_pixels_and_no_further(labels: Any) -> None:
    labels = np.array(labels)
    finer, parents = seen(np.zeros(labels.shape, dtype=np.uint8), "white", labels).split(range(labels.max() + 1), 9)
    assert len(finer.features) == labels.size
    assert np.array_equal(parents[finer.labels], labels)


# --- bad input -------------------------------------------------------------------------------------------------------


BAD: dict[str, tuple[Any, Any, Any, type[Exception], str]] = {
    "labels of another shape": (RGB, QUARTERS.T, "mean", OptionError, r"shape \(8, 6\).* of shape \(6, 8\)"),
    "labels of floats": (RGB, QUARTERS / 2, "mean", OptionError, "type float64; whole numbers"),
    "one label": (RGB, QUARTERS * 0, "mean", InstanceError, r"has 1 superpixel; 2 to 65,536 .*segment=\"grid\""),
    "a callable of nonsense": (RGB, lambda _: None, "mean", OptionError, r"shape \(\) and type object"),
    "too many labels": (
        np.zeros((257, 256)),
        np.arange(257 * 256).reshape(257, 256),
        "white",
        InstanceError,
        "65,792 superpixels; 2 to",
    ),
    "one pixel": (RGB[:1, :1], "grid", "mean", InstanceError, "a single pixel"),
    "one value": (np.full((9, 9), 7.0), "grid", "mean", InstanceError, r"backdrop='mean' looks the same.*\"grey\""),
    "black on black": (RGB * 0, "grid", "black", InstanceError, r"backdrop='black' looks.*try backdrop=\"grey\""),
    "grey on grey": (RGB * 0 + 128, "grid", "grey", InstanceError, r"backdrop='grey' looks.*try backdrop=\"black\""),
    "one colour": (RGB * 0, "felzenszwalb", "white", InstanceError, "1 superpixel"),
    "a hole": (
        np.where(QUARTERS > 2, np.nan, 0.5),
        QUARTERS,
        "mean",
        InstanceError,
        "12 values of the picture are NaN",
    ),
    "no picture": ("a path that leads nowhere", "grid", "mean", InstanceError, "cannot be read as a picture"),
    "a batch": (RGB[None], "grid", "mean", InstanceTypeError, "not a batch"),
    "an unknown way to cut": (
        RGB,
        "slick",
        "mean",
        OptionError,
        "segment='slick'; expected one of 'slic', 'quickshift'",
    ),
    "an unknown backdrop": (
        RGB,
        "grid",
        "beige",
        OptionError,
        "backdrop='beige'; expected one of 'mean', 'image mean'",
    ),
    "two channels of three": (RGB, "grid", (1, 2), OptionError, "has 2 values; one, or one for each of the 3 channels"),
    "a colour of NaN": (RGB / 255, "grid", np.nan, OptionError, "a name, a number, a colour or a picture is expected"),
    "no colour": (RGB, "grid", [None], OptionError, "a name, a number, a colour or a picture is expected"),
    "a backdrop that is no file": (RGB, "grid", rt.__file__, OptionError, "expected one of"),
}


@pytest.mark.filterwarnings("ignore::UserWarning:skimage")
@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_work_is_told_with_a_way_out(kind: str) -> None:
    picture, segment, backdrop, error, match = BAD[kind]
    with pytest.raises(error, match=match):
        rt.Image(segment, backdrop).represent(picture)


@pytest.mark.parametrize("size", [(1, 2), (2, 1), (1, 40), (3, 3), (40, 1)])
@pytest.mark.parametrize("segment", ["slic", "grid"])
def test_tiny_pictures_are_explained_or_told(size: tuple[int, int], segment: str) -> None:
    picture = np.arange(np.prod(size), dtype=np.uint8).reshape(size)
    try:
        representation = rt.Image(segment, "white").represent(picture)
    except InstanceError as error:
        assert "superpixel" in str(error)  # noqa: PT017 – one of the two is right
    else:
        assert np.array_equal(off(representation), picture)


def test_a_model_that_sees_no_difference_is_told() -> None:
    with pytest.warns(ConstantModelWarning, match="backdrop"):
        e = rt.explain(lambda batch: np.zeros(len(batch)), RGB, domain=rt.Image(QUARTERS), n_samples=20)
    assert np.isnan(e.fidelity)


# --- explanations ----------------------------------------------------------------------------------------------------


def brightness(batch: Any) -> Any:
    """Answer by the first quarter and, half as much, against the last; linear in the masks."""
    quarters = [batch[:, i == QUARTERS].mean(axis=(1, 2)) / 255 for i in range(4)]
    return np.column_stack([0.5 - quarters[0] + 0.5 * quarters[3], 0.5 + quarters[0] - 0.5 * quarters[3]])


def test_a_model_that_is_linear_in_the_masks_is_recovered() -> None:
    domain = rt.Image(QUARTERS, "black")
    explainer = rt.Explainer(brightness, domain, surrogate=rt.Ridge(4, alpha=0, select="none"))
    e = explainer.explain(RGB, target=1, n_samples=200)
    means = [RGB[i == QUARTERS].mean() / 255 for i in range(4)]
    assert e.coefficients == pytest.approx([means[0], 0, 0, -0.5 * means[3]], abs=1e-9)
    assert e.intercept == pytest.approx(0.5)
    assert e.fidelity == pytest.approx(1)


@pytest.mark.parametrize("given", ["array", "Pillow", "path"])
def test_pictures_are_explained_as_they_are(given: str, tmp_path: Path) -> None:
    path = tmp_path / "face.png"
    Pillow.fromarray(FACE).save(path)
    picture = {"array": FACE, "Pillow": Pillow.fromarray(FACE), "path": path}[given]
    e = rt.explain(lambda batch: batch[:, :48].mean(axis=(1, 2, 3)) / 255, picture)
    assert e.settled
    assert e.n_samples <= rt.Image.auto
    top = [feature for feature in np.argsort(-np.abs(e.coefficients))[:5] if e.coefficients[feature]]
    labels = e.representation.labels  # type: ignore[attr-defined]
    assert all((labels[:48] == feature).any() for feature in top)


def test_equal_seeds_give_equal_explanations_and_others_do_not() -> None:
    def explained(seed: int) -> Any:
        return rt.Explainer(brightness, rt.Image(QUARTERS), seed=seed).explain(RGB, n_samples=100)

    assert np.array_equal(explained(1).coefficients, explained(1).coefficients)
    assert not np.array_equal(explained(1).neighbourhood.packed, explained(2).neighbourhood.packed)


def test_masks_are_drawn_by_the_law_of_the_lime_package() -> None:
    e = rt.explain(brightness, RGB, domain=rt.Image(QUARTERS), n_samples=2000)
    masks = e.neighbourhood.masks
    assert isinstance(e.plan.sampler, Independent)
    assert masks[0].all()
    assert np.abs(masks[1:].mean(axis=0) - 0.5).max() < 4 * 0.5 / np.sqrt(2000)
    together = np.corrcoef(masks[1:].T.astype(float))
    assert np.abs(together[~np.eye(4, dtype=bool)]).max() < 0.1


@pytest.mark.parametrize("n_features", [5, 10, 1000])
def test_weights_are_those_of_the_lime_package_on_the_same_masks(n_features: int) -> None:
    def model(batch: Any) -> Any:
        share = 1 / (1 + np.exp(-batch[:, 20:60, 30:70].mean(axis=(1, 2, 3)) / 20 + 6))
        return np.column_stack([1 - share, share])

    e = rt.Explainer(model, rt.Image("grid"), surrogate=rt.Ridge(n_features)).explain(FACE, target=1, n_samples=400)
    masks = e.neighbourhood.masks.astype(float)
    distances = pairwise_distances(masks, masks[:1], metric="cosine").ravel()
    base = LimeBase(lambda distance: np.sqrt(np.exp(-(distance**2) / 0.25**2)), random_state=0)
    intercept, weights, fidelity, _ = base.explain_instance_with_data(
        masks, e.neighbourhood.outputs, distances, 1, n_features, feature_selection="auto"
    )
    expected = np.zeros(len(e.features))
    for feature, weight in weights:
        expected[feature] = weight
    assert np.abs(e.coefficients - expected).max() < 1e-8
    assert e.intercept == pytest.approx(intercept, abs=1e-8)
    assert e.fidelity == pytest.approx(fidelity, abs=1e-8)


def test_a_model_of_one_region_is_explained_by_its_superpixels() -> None:
    inside = np.zeros((96, 96), dtype=bool)
    inside[10:40, 30:60] = True
    for segment in ("slic", "quickshift", "felzenszwalb", "grid"):
        for backdrop in ("mean", "image mean", "blur", "black"):
            e = rt.explain(
                lambda batch: batch[:, inside].mean(axis=(1, 2)) / 255, FACE, domain=rt.Image(segment, backdrop)
            )
            touched = np.bincount(e.representation.labels.ravel(), inside.ravel()) > 0  # type: ignore[attr-defined]
            weights = np.abs(e.coefficients)
            assert weights[touched].sum() >= 0.95 * weights.sum(), (segment, backdrop)
            assert touched[weights.argmax()]


def test_a_representation_travels_and_composes_the_same() -> None:
    representation = seen(RGB)
    masks = DRAW.random((9, 4)) < 0.5
    before = representation.perturb(masks)
    assert np.array_equal(pickle.loads(pickle.dumps(representation)).perturb(masks), before)
