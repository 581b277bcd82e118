"""Pictures whose superpixels are called by visual words: keys, swaps, what travels, and snow."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw
from tiles import COAL, GRID, PICTURES, SIDE, SNOW, brightness, colours, keys, tiled, tiles

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from retrust.domains.image import ImageRepresentation

ARCHIVE = Path(os.environ.get("RETRUST_DATA", "")) / "husky_wolf" / "husky_wolf.zip"


@pytest.fixture(scope="module")
def words() -> rt.Vocabulary:
    return rt.visual_words(PICTURES, 3, domain=GRID)


@pytest.fixture(scope="module")
def seen(words: rt.Vocabulary) -> Any:
    return rt.Image(tiles, "black", vocabulary=words).represent(PICTURES[1])


# --- keys of superpixels ---------------------------------------------------------------------------------------------


def test_superpixels_are_called_by_number_and_word_and_share_the_words_key(seen: ImageRepresentation) -> None:
    assert [feature.name for feature in seen.features] == [
        f"superpixel {i} · {key}" for i, key in enumerate(keys(seen))
    ]
    assert keys(seen)[2] == keys(seen)[3]
    assert len(set(keys(seen))) == 3


def test_without_a_vocabulary_keys_are_private() -> None:
    assert len(set(keys(GRID.represent(PICTURES[1])))) == 4


def test_a_word_is_swapped_wherever_it_is_and_the_donor_need_not_have_it(seen: ImageRepresentation) -> None:
    donor = rt.Image(tiles, "white").represent(tiled([COAL, COAL], [COAL, SNOW]))
    after = seen.swap([keys(seen)[2]], donor)
    assert np.array_equal(after[SIDE:], donor.photo.pixels[SIDE:])
    assert np.array_equal(after[:SIDE], PICTURES[1][:SIDE])


def test_a_word_is_asked_about_by_its_key_and_all_its_superpixels_leave(words: rt.Vocabulary) -> None:
    e = rt.explain(brightness, PICTURES[1], domain=rt.Image(tiles, "black", vocabulary=words), n_samples=20)
    assert e.probe(e.features[2].key) == e.probe([2, 3])
    assert e.probe(e.features[2].name) == e.probe([2])


def test_superpixels_made_one_or_cut_get_the_words_of_what_they_are_now(words: rt.Vocabulary) -> None:
    picture = PICTURES[0]
    coarse = np.where(tiles(picture) == 3, 2, tiles(picture))  # grass and stripes as one superpixel
    seen = rt.Image(coarse, "black", vocabulary=words).represent(picture)
    finer, _ = seen.split([2], 2)
    own = rt.Image(tiles, "black", vocabulary=words).represent(picture)
    assert keys(finer) == keys(own)
    assert keys(finer.merged([[2, 3]])) == keys(seen)


def test_levels_keep_to_the_vocabulary(words: rt.Vocabulary) -> None:
    e = rt.Explainer(brightness, rt.Image(tiles, "black", levels=2, vocabulary=words)).explain(
        PICTURES[1], n_samples=60
    )
    assert len(e.features) == 16
    assert {feature.key for feature in e.features} <= set(words.names)


# --- travelling -----------------------------------------------------------------------------------------------------


def test_a_result_takes_the_words_along_but_not_their_pictures(seen: ImageRepresentation) -> None:
    again = pickle.loads(pickle.dumps(seen))
    assert again.vocabulary.pictures == ()
    assert again.vocabulary.hash == seen.vocabulary.hash  # type: ignore[union-attr]
    assert keys(again.split([1])[0]) == keys(seen.split([1])[0])


@pytest.mark.parametrize("way", ["json", "pickle"])
def test_a_result_that_left_its_vocabulary_behind_keeps_the_words_of_its_superpixels(way: str) -> None:
    words = rt.visual_words(PICTURES, 3, domain=GRID, embed=colours(3))
    e = rt.explain(brightness, PICTURES[1], domain=rt.Image(tiles, "black", vocabulary=words), n_samples=30)
    again = rt.from_dict(e.to_dict()) if way == "json" else pickle.loads(pickle.dumps(e))
    assert again.features == e.features
    seen: Any = again.representation
    finer, parents = seen.split([2], 2)
    assert keys(finer) == [e.features[parent].key for parent in parents]
    assert finer.features[4].name == f"superpixel 4 · {e.features[2].key}"
    assert keys(seen.merged([[1, 3]])) == [e.features[i].key for i in (0, 1, 2)]


def test_what_is_kept_of_a_result_here_keeps_the_pictures_of_its_words(words: rt.Vocabulary) -> None:
    explainer = rt.Explainer(brightness, rt.Image(segment="grid", vocabulary=words))
    kept = explainer.explain(PICTURES[0], n_samples=20).kept("fit").representation
    assert kept.vocabulary is not None  # type: ignore[attr-defined]
    assert len(kept.vocabulary.pictures) == len(words.names)  # type: ignore[attr-defined]


def test_an_explainer_travels_with_its_vocabulary(words: rt.Vocabulary) -> None:
    explainer = rt.Explainer(brightness, rt.Image(tiles, "black", vocabulary=words))
    one, other = (
        each.explain(PICTURES[1], n_samples=40) for each in (explainer, pickle.loads(pickle.dumps(explainer)))
    )
    assert one.features == other.features
    assert np.array_equal(one.coefficients, other.coefficients)


# --- the laws of the house -------------------------------------------------------------------------------------------


def test_with_everything_present_it_is_the_picture_and_to_swap_with_oneself_changes_nothing(
    seen: ImageRepresentation,
) -> None:
    assert np.array_equal(seen.perturb(np.ones((1, 4), dtype=bool))[0], PICTURES[1])
    for some in (keys(seen), keys(seen)[:1], []):
        assert np.array_equal(seen.swap(some, seen), PICTURES[1])


def test_a_model_that_is_linear_in_the_masks_is_recovered_part_by_part(words: rt.Vocabulary) -> None:
    explainer = rt.Explainer(
        brightness, rt.Image(tiles, "black", vocabulary=words), surrogate=rt.Ridge(4, alpha=0, select="none")
    )
    e = explainer.explain(PICTURES[1], n_samples=200)
    quarters = [PICTURES[1][tiles(PICTURES[1]) == i].mean() / 4 / 255 for i in range(4)]
    assert e.coefficients == pytest.approx(quarters, abs=1e-9)


@pytest.mark.parametrize("way", ["pickle", "json"])
def test_results_travel_and_read_the_same(words: rt.Vocabulary, way: str) -> None:
    e = rt.explain(brightness, PICTURES[1], domain=rt.Image(tiles, vocabulary=words), n_samples=50)
    again = pickle.loads(pickle.dumps(e)) if way == "pickle" else rt.from_dict(json.loads(json.dumps(e.to_dict())))
    assert again.features == e.features
    assert again.top() == e.top()
    assert e.to_frame()["key"].tolist() == [e.features[i].key for i in e.fit.selected]


# --- snow ------------------------------------------------------------------------------------------------------------

# Rough outlines of the animals, generous, drawn by hand for this test: (column, row) in tenths of the picture.
ANIMALS = {
    "wolf_0": [(0, 4), (1, 2), (2.5, 0.8), (7, 1.2), (9.6, 3.2), (9.3, 6.4), (8, 9.5), (5, 9), (2, 7.6), (1.6, 5)],
    "wolf_1": [(2.8, 4), (3, 2.7), (4.8, 1.5), (7.8, 1.5), (8.3, 7.5), (7.8, 8.3), (6, 8.2), (5, 9.8), (3.8, 9.8)],
    "wolf_2": [(0.5, 8.5), (1.4, 3.5), (2, 1), (5, 0.7), (6.5, 1.5), (7, 4), (6.5, 9.8), (4.3, 9.8), (4.3, 7)],
    "wolf_3": [(2.5, 10), (2.8, 5), (4.8, 4.3), (5, 2.2), (7, 2.2), (7.6, 4.5), (7.5, 10)],
    "wolf_4": [(1, 5), (2, 1.8), (4, 0.5), (7.5, 0.5), (8, 2), (10, 2.3), (10, 7.3), (9.7, 9.5), (1.5, 9.5), (1, 7)],
    "wolf_5": [(1, 7.7), (2.8, 6), (3.5, 3), (5, 3), (5, 8), (1.2, 7.8)],
    "wolf_6": [(3.3, 4), (3.5, 2.5), (4.8, 1.8), (6.8, 2.5), (8.5, 4.5), (10, 6), (10, 10), (6, 10), (3.8, 7)],
    "wolf_7": [(3.5, 5), (4.5, 3.6), (5, 1.2), (6.2, 1.2), (6.4, 4), (6.4, 7.5), (6, 9), (3.5, 9), (3.6, 6.5)],
    "wolf_8": [(1.8, 10), (2.2, 5), (5, 4), (5.5, 1), (7.5, 0.6), (8.2, 4.5), (7, 8), (6.8, 10)],
    "wolf_9": [(0.7, 5.4), (1, 2), (2, 0.5), (5, 0.5), (7, 1.8), (7.7, 4.8), (6, 5.6), (1.2, 5.7)],
}


def photographs(folder: str) -> Iterator[tuple[str, Any]]:
    """Give the photographs in a folder of the archive, of 256 pixels a side at most, and their names."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        for name in sorted(name for name in archive.namelist() if folder in name and name.endswith(("jpg", "jpeg"))):
            photo = Pillow.open(io.BytesIO(archive.read(name))).convert("RGB")
            photo.thumbnail((256, 256))
            yield Path(name).stem, np.asarray(photo)


def outline(name: str, shape: tuple[int, int]) -> Any:
    """Tell which pixels are the animal's."""
    drawn = Pillow.new("1", shape[::-1])
    ImageDraw.Draw(drawn).polygon([(x * shape[1] / 10, y * shape[0] / 10) for x, y in ANIMALS[name]], fill=1)
    return np.asarray(drawn)


def coverage(words: rt.Vocabulary, wanted: Any, folder: str) -> Any:
    """Measure, in pixels, how much of the background and of the animals some words cover, and all of both."""
    counts = np.zeros(4)
    for name, photo in photographs(folder):
        labels = rt.Image().represent(photo).labels
        is_word = wanted[words.words(photo, labels)][labels]
        animal = outline(name, photo.shape[:2]) if name in ANIMALS else np.zeros(labels.shape, dtype=bool)
        parts = (is_word & ~animal, is_word & animal, ~animal, animal)
        counts += [part.mean() for part in parts]
    return counts


@pytest.mark.skipif(not ARCHIVE.is_file(), reason="needs RETRUST_DATA")
def test_the_words_that_look_like_snow_are_the_background_of_pictures_that_were_not_seen(
    figure: Callable[[str], None],
) -> None:
    pictures = (photo for _, photo in islice(photographs("backgrounds/train/"), 0, None, 2))
    words = rt.visual_words(pictures, 40)
    light, *hue = (words.centres / words.factor + words.shift).T[:3]
    snow = (light > 75) & (np.hypot(*hue) < 12)
    behind, on_animals, background, animals = coverage(words, snow, "backgrounds/test/wolf/")
    purity, base = behind / (behind + on_animals), background / (background + animals)
    green = coverage(words, snow, "backgrounds/test/husky/")[0] / 10
    figure(
        f"{snow.sum()} of 40 visual words look like snow: {purity:.0%} of their pixels in wolf pictures are background "
        f"(of all pixels {base:.0%}), {behind / background:.0%} of that is theirs; of pictures without snow {green:.0%}"
    )
    assert purity > base + 0.1
    assert behind / background > 0.3
    assert behind + on_animals > 30 * green  # of ten pictures
