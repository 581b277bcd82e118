"""Visual words: superpixels that look alike share a key, wherever they are and in whatever picture."""

from __future__ import annotations

import gc
import json
import pickle
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage.data import astronaut, chelsea, coffee
from tiles import COAL, GREENS, GRID, PICTURES, SIDE, SKY, SNOW, STRIPES, colours, keys, tiled, tiles

import retrust as rt
from retrust.descriptors import described
from retrust.errors import (
    ContractError,
    DetachedError,
    InstanceError,
    InstanceTypeError,
    ModelOutputError,
    OptionError,
)
from retrust.photo import read
from retrust.sheet import LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def words() -> rt.Vocabulary:
    return rt.visual_words(PICTURES, 3, domain=GRID)


# --- words -----------------------------------------------------------------------------------------------------------


def test_two_colours_are_two_words_in_all_pictures() -> None:
    pictures = [tiled([SNOW, COAL], [COAL, COAL]), tiled([COAL, SNOW], [SNOW, SNOW])]
    words = rt.visual_words(pictures, 2, domain=GRID)
    first, second = (words.words(picture, tiles(picture)).tolist() for picture in pictures)
    assert second == [1 - word for word in first]
    assert first[1] == first[2] == first[3] != first[0]
    assert words.counts.tolist() == [4, 4]


def test_a_texture_is_one_word_at_whatever_place(words: rt.Vocabulary) -> None:
    found = [words.words(picture, tiles(picture)) for picture in PICTURES]
    greens = {word for each, where in zip(found, GREENS, strict=True) for word in each[where]}
    others = {word for each, where in zip(found, GREENS, strict=True) for word in np.delete(each, where)}
    assert len(greens) == 1
    assert greens.isdisjoint(others)
    assert len(others) == 2


def test_stripes_and_their_mean_are_told_apart_and_so_are_their_directions() -> None:
    upright, lying, grey = STRIPES, STRIPES.transpose(1, 0, 2), STRIPES * 0 + 128
    pictures = [tiled([upright, lying], [grey, lying]), tiled([lying, grey], [grey, upright])]
    words = rt.visual_words(pictures, 3, domain=GRID)
    first, second = (words.words(picture, tiles(picture)).tolist() for picture in pictures)
    assert first == [second[3], second[0], second[1], second[0]]
    assert len(set(first)) == 3


def saved(picture: Pillow.Image, path: Path) -> Path:
    picture.save(path)
    return path


@pytest.mark.parametrize("form", ["small", "large", "floats", "channels first", "Pillow", "negative", "a path"])
def test_a_picture_has_the_same_words_in_every_size_and_layout(words: rt.Vocabulary, form: str, tmp_path: Path) -> None:
    picture = Pillow.fromarray(PICTURES[0])
    forms: dict[str, Callable[[], Any]] = {
        "small": lambda: np.asarray(picture.resize((70, 60))),
        "large": lambda: np.asarray(picture.resize((900, 1100))),
        "floats": lambda: PICTURES[0] / 255,
        "channels first": lambda: PICTURES[0].transpose(2, 0, 1),
        "Pillow": lambda: picture,
        "negative": lambda: PICTURES[0] / 127.5 - 1,
        "a path": lambda: saved(picture, tmp_path / "a.png"),
    }
    seen = rt.Image(tiles, vocabulary=words).represent(forms[form]())
    assert keys(seen) == [words.names[word] for word in words.words(PICTURES[0], tiles(PICTURES[0]))]


def test_a_grey_picture_has_words_too() -> None:
    grey = STRIPES[..., 0]
    pictures = [np.vstack([grey, grey * 0 + 9]), np.vstack([grey * 0 + 9, grey])]
    words = rt.visual_words(pictures, 2, domain=rt.Image(tiles))
    assert (
        words.words(pictures[0], tiles(pictures[0])).tolist() == [*words.words(pictures[1], tiles(pictures[1]))][::-1]
    )


def test_a_superpixel_too_small_for_the_copy_that_is_looked_at_is_described_by_its_pixel() -> None:
    labels = np.zeros((900, 900), dtype=int)
    labels[700, 800], labels[0, 0] = 1, 2
    picture = np.zeros((900, 900, 3), dtype=np.uint8)
    picture[690:710, 790:810] = 255
    rows = described(read(picture), labels)
    assert np.isfinite(rows).all()
    assert rows[:, 0].round().tolist() == [0, 100, 0]


# --- the same again --------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_words_and_another_hash_says_that_they_are_others(words: rt.Vocabulary) -> None:
    photos = [picture[::3, ::3] for picture in (astronaut(), chelsea(), coffee())]
    one, same, other = (rt.visual_words(photos, 12, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.centres, same.centres)
    assert one.hash == same.hash
    assert len({one.hash, other.hash, words.hash}) == 3
    assert one.counts.sum() == sum(len(rt.Image().represent(photo).features) for photo in photos)
    assert sorted(one.counts, reverse=True) == one.counts.tolist()


def test_pictures_are_read_one_by_one_and_none_is_kept(words: rt.Vocabulary) -> None:
    given: list[weakref.ref[Any]] = []

    def some() -> Iterator[Any]:
        for picture in PICTURES:
            copy = picture.copy()
            given.append(weakref.ref(copy))
            yield copy
            del copy
            gc.collect()
            assert all(earlier() is None for earlier in given[:-1])

    assert rt.visual_words(some(), 3, domain=GRID).hash == words.hash
    assert len(given) == 3


def test_of_many_superpixels_some_are_shown_and_all_are_counted(
    words: rt.Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrust.descriptors._ALBUM", 5)
    fewer = rt.visual_words(PICTURES, 3, domain=GRID)
    assert sum(map(len, words.pictures)) == 6
    assert sum(map(len, fewer.pictures)) < 6
    assert (fewer.hash, fewer.counts.tolist()) == (words.hash, words.counts.tolist())


def test_very_many_superpixels_are_clustered_in_batches(words: rt.Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrust.vocabulary._SOME", 10)
    batches = rt.visual_words(PICTURES, 3, domain=GRID)
    assert sorted(batches.counts) == sorted(words.counts) == [4, 4, 4]


# --- what words look like --------------------------------------------------------------------------------------------


def test_the_pictures_of_a_word_show_it_bright_and_what_is_around_it_dimmed(words: rt.Vocabulary) -> None:
    green = words.words(PICTURES[0], tiles(PICTURES[0]))[2]
    shown = words.pictures[green]
    assert (shown.shape, shown.dtype) == ((2, 32, 32, 3), np.uint8)
    middle, corner = shown[:, 8:24, 8:24].mean(axis=(1, 2)), shown.reshape(2, -1, 3).astype(float)
    assert (middle[:, 1] > middle[:, 0] + 60).all()
    assert np.abs(corner - 128).mean() < np.abs(shown[:, 8:24, 8:24] - 128.0).mean()


def test_a_word_is_shown_by_two_pictures_where_it_is_in_two() -> None:
    dark, light = (np.full((SIDE, SIDE, 3), grey, dtype=np.uint8) for grey in (100, 104))
    words = rt.visual_words([tiled([SNOW, dark], [dark, dark]), tiled([SNOW, light], [light, light])], 2, domain=GRID)
    assert {int(patch[16, 16, 0]) for patch in words.pictures[0]} == {100, 104}


def test_a_sheet_shows_every_word_and_stays_small(words: rt.Vocabulary) -> None:
    html = words._repr_html_()
    assert html.count("<img") == 3
    assert all(name in html for name in words.names)
    assert words.hash in html
    squares = [photo[at:, at:] for photo in (astronaut(), coffee(), chelsea()) for at in (0, 20)]
    many = rt.visual_words(squares, 250, domain=rt.Image("grid"), embed=colours(9))
    sheet = many._repr_html_()
    assert len(sheet.encode()) <= LIMIT
    assert f"of which the {sheet.count('<img')} most frequent are shown" in sheet


def test_a_sheet_of_names_and_kinds_from_elsewhere_is_escaped(words: rt.Vocabulary) -> None:
    odd = replace(words, names=("<script>", "\ud83d", '"'), kind="<b>", pictures=())
    html = odd._repr_html_()
    assert "<script>" not in html
    assert "<b>," not in html
    assert "<img" not in html
    assert html.encode()


def test_a_terminal_reads_how_many_words_there_are_and_of_what(words: rt.Vocabulary) -> None:
    assert repr(words) == (
        f"3 visual words ({words.hash}) of 12 superpixels: visual word 0 × 4, visual word 1 × 4, visual word 2 × 4"
    )
    assert len(words) == 3


# --- travelling ------------------------------------------------------------------------------------------------------


def test_a_vocabulary_travels_as_plain_values_and_as_a_pickle(words: rt.Vocabulary) -> None:
    for again in (rt.Vocabulary.from_dict(json.loads(json.dumps(words.to_dict()))), pickle.loads(pickle.dumps(words))):
        assert again.hash == words.hash
        assert again.counts.tolist() == words.counts.tolist()
        assert all(map(np.array_equal, again.pictures, words.pictures))
        assert np.array_equal(
            again.words(PICTURES[1], tiles(PICTURES[1])), words.words(PICTURES[1], tiles(PICTURES[1]))
        )


DAMAGED: dict[str, tuple[dict[str, Any], str]] = {
    "something else": ({"retrust": "explanation"}, "no vocabulary; an object"),
    "a later version": ({"version": 9}, "version 9, recipe 1 of the format"),
    "another recipe": ({"recipe": 0}, "recipe 0 .* make the vocabulary again"),
    "a changed number": ({"shift": [0.0] * 21}, "hash is .* something in it was changed"),
    "a name too few": ({"names": ["a", "b"]}, "do not fit together"),
    "a missing picture": ({"pictures": [""]}, "do not fit together"),
    "half a picture": ({"pictures": ["AAAA"] * 3}, "damaged: ValueError"),
    "no centres": ({"centres": None}, "damaged: "),
    "words for numbers": ({"counts": ["many"]}, "damaged: ValueError"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_vocabulary_is_told(words: rt.Vocabulary, kind: str) -> None:
    changed, match = DAMAGED[kind]
    with pytest.raises(ContractError, match=match):
        rt.Vocabulary.from_dict(words.to_dict() | changed)


# --- embeddings ------------------------------------------------------------------------------------------------------


def test_an_embedding_takes_the_place_of_the_descriptors_and_sees_crops() -> None:
    crops: list[Any] = []

    def redness(given: list[Any]) -> Any:
        crops.extend(given)
        return np.array([[crop[..., 0].mean()] for crop in given])

    red, blue = (np.full((SIDE, SIDE, 3), colour, dtype=np.uint8) for colour in ((200, 10, 10), (10, 10, 200)))
    picture = tiled([red, blue], [blue, STRIPES // 255 + 199])
    words = rt.visual_words([picture], 2, domain=GRID, embed=redness)
    assert words.words(picture, tiles(picture)).tolist() == [1, 0, 0, 1]
    assert words.kind == "embedding"
    assert {(crop.shape, crop.dtype.name) for crop in crops} == {((SIDE, SIDE, 3), "uint8")}


def test_a_crop_has_grey_for_what_is_around_the_superpixel() -> None:
    crops: list[Any] = []
    corner = np.zeros((SIDE, SIDE), dtype=int)
    corner[:20, :20] = corner[10:30, :4] = 1

    def kept(given: list[Any]) -> Any:
        crops.extend(given)
        return np.arange(len(given))[:, None]

    rt.visual_words([SNOW], 2, domain=rt.Image(corner), embed=kept)
    assert [crop.shape for crop in crops] == [(SIDE, SIDE, 3), (30, 20, 3)]
    assert (crops[1][:20] == 245).all()
    assert (crops[1][25, 10] == 128).all()


def test_an_embedding_does_not_travel_and_is_given_back() -> None:
    words = rt.visual_words(PICTURES, 3, domain=GRID, embed=colours(3))
    again = rt.Vocabulary.from_dict(words.to_dict())
    with pytest.raises(DetachedError, match=r"attach\(embed\) gives it back"):
        again.words(PICTURES[0], tiles(PICTURES[0]))
    found = again.attach(colours(3)).words(PICTURES[0], tiles(PICTURES[0]))
    assert np.array_equal(found, words.words(PICTURES[0], tiles(PICTURES[0])))
    with pytest.raises(ModelOutputError, match="has 4 numbers; 3, as for the pictures"):
        again.attach(colours(4)).words(PICTURES[0], tiles(PICTURES[0]))


EMBEDDINGS: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "too few": (lambda crops: np.zeros((len(crops) - 1, 2)), r"shape \(3, 2\) .* for 4 crops; an array \(4, m\)"),
    "flat": (lambda crops: np.zeros(len(crops)), r"shape \(4,\)"),
    "no numbers": (lambda crops: np.array([["a"]] * len(crops)), "type <U1 for 4 crops"),
    "NaN": (lambda crops: np.full((len(crops), 2), np.nan), "8 numbers of the embedding are NaN .* resize them first"),
    "changing": (lambda crops: np.zeros((len(crops), int(crops[0][0, 0, 0]))), "numbers for the crops of one picture"),
}


@pytest.mark.parametrize("kind", EMBEDDINGS)
def test_an_embedding_of_no_use_is_told(kind: str) -> None:
    embed, match = EMBEDDINGS[kind]
    with pytest.raises(ModelOutputError, match=match):
        rt.visual_words([PICTURES[0], tiled([SNOW, COAL], [COAL, COAL])], 2, domain=GRID, embed=embed)


# --- bad input -------------------------------------------------------------------------------------------------------


BAD: dict[str, tuple[Any, Any, type[Exception], str]] = {
    "more words than superpixels": (PICTURES[:1], 5, OptionError, "k=5 words of 4 superpixels.* give k=4 at most"),
    "superpixels that are alike": ([SNOW], 4, OptionError, "k=4 words of 4 superpixels"),
    "one word": (PICTURES, 1, OptionError, "k=1; a whole number of words, 2 or more"),
    "half a word": (PICTURES, 2.5, OptionError, r"k=2\.5; a whole number"),
    "no pictures": ([], 2, OptionError, "there are no pictures"),
    "one picture": (PICTURES[0], 2, InstanceTypeError, r"single picture .* in brackets: \[picture\]"),
    "one path": ("a.png", 2, InstanceTypeError, r"in brackets: \[picture\]"),
    "one Pillow image": (Pillow.fromarray(SKY), 2, InstanceTypeError, r"in brackets: \[picture\]"),
    "no file": ([PICTURES[0], "nowhere.png"], 2, InstanceError, "picture 1: 'nowhere.png' cannot be read"),
    "no picture": ([PICTURES[0], None], 2, InstanceTypeError, "picture 1: the instance is NoneType"),
    "a single pixel": ([PICTURES[0][:1, :1]], 2, InstanceError, "picture 0: the picture is a single pixel"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_cannot_work_is_told_with_a_way_out(kind: str) -> None:
    images, k, error, match = BAD[kind]
    domain = rt.Image(tiles) if kind != "superpixels that are alike" else rt.Image(tiles(SNOW))
    embed = colours(3) if kind == "superpixels that are alike" else None
    with pytest.raises(error, match=match):
        rt.visual_words(images, k, domain=domain, embed=embed)


def test_a_picture_alone_has_words_too() -> None:
    assert len(rt.visual_words([chelsea()[::4, ::4]], 5)) == 5


def test_superpixels_that_are_none_are_told(words: rt.Vocabulary) -> None:
    for labels, match in (
        (tiles(SNOW), "shape"),
        (tiles(PICTURES[0]) - 1, "from 0"),
        (tiles(PICTURES[0]) * 2, "label 1"),
    ):
        with pytest.raises(OptionError, match=match):
            words.words(PICTURES[0], labels)


def test_what_is_no_vocabulary_is_told_at_once() -> None:
    with pytest.raises(OptionError, match=r"vocabulary is a list; .*rt\.visual_words\(pictures, 50\) makes one"):
        rt.Image(vocabulary=["snow"])  # type: ignore[arg-type]
