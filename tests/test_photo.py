"""Pictures come in as people have them: the model gets what it would have got, a person sees the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image as Pillow

from retrust.errors import InstanceError, InstanceTypeError
from retrust.photo import read

if TYPE_CHECKING:
    from pathlib import Path

RGB = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
RGB[0, 0] = 255
ALPHA = np.dstack([RGB, np.full((5, 7), 255, dtype=np.uint8)])
GREY = RGB[..., 0]

KINDS: dict[str, tuple[Any, Any]] = {  # as given, and what a person sees
    "uint8": (RGB, RGB),
    "floats, 0 to 1": (RGB / 255, RGB),
    "floats, 0 to 255": (RGB.astype(np.float32), RGB),
    "half floats": ((RGB > 9).astype(np.float16), (RGB > 9) * 255),
    "uint16": (RGB.astype(np.uint16) * 257, RGB),
    "int64": (RGB.astype(np.int64), RGB),
    "int16": (RGB.astype(np.int16), RGB),
    "grey": (GREY, np.dstack([GREY] * 3)),
    "one channel": (GREY[..., None], np.dstack([GREY] * 3)),
    "transparency": (ALPHA, RGB),
    "channels first": (RGB.transpose(2, 0, 1), RGB),
    "one channel first": (GREY[None], np.dstack([GREY] * 3)),
    "turned": (RGB[::-1, ::-1], RGB[::-1, ::-1]),
    "big endian": (RGB.astype(">f4"), RGB),
    "lists": (RGB.tolist(), RGB),
    "Pillow": (Pillow.fromarray(RGB), RGB),
    "Pillow, grey": (Pillow.fromarray(GREY), np.dstack([GREY] * 3)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_sees_the_picture_and_the_model_gets_it_as_it_was(kind: str) -> None:
    given, shown = KINDS[kind]
    photo = read(given)
    assert photo.shown.dtype == np.uint8
    assert np.array_equal(photo.shown, shown)
    assert photo.shape == photo.shown.shape[:2]
    back = photo.given(photo.pixels[None])[0]
    if not isinstance(given, Pillow.Image):
        assert back.dtype == np.asarray(given).dtype
        assert np.array_equal(back, given)


@pytest.mark.parametrize("suffix", ["png", "webp", "gif"])
@pytest.mark.parametrize("named", [str, lambda path: path], ids=["text", "path"])
def test_a_file_is_read_as_colours(tmp_path: Path, suffix: str, named: Any) -> None:
    path = tmp_path / f"picture.{suffix}"
    flat = np.full((4, 6, 3), (10, 200, 30), dtype=np.uint8)
    Pillow.fromarray(flat).save(path, lossless=True)
    photo = read(named(path))
    assert photo.pixels.shape == (4, 6, 3)
    assert np.array_equal(photo.pixels, flat)


def test_a_transparent_pixel_is_seen_on_white() -> None:
    clear = ALPHA.copy()
    clear[1, 1, 3] = 0
    assert read(clear).shown[1, 1].tolist() == [255, 255, 255]
    assert np.array_equal(read(clear).shown[2:], RGB[2:])


def test_negative_values_are_seen_from_the_smallest_to_the_largest() -> None:
    photo = read(np.array([[-1.0, 0.0, 1.0]]))
    assert photo.shown[0, :, 0].tolist() == [0, 128, 255]


def test_values_beyond_the_range_of_bytes_are_seen_from_black_to_white() -> None:
    assert read(np.array([[0, 2000, 4000]], dtype=np.int32)).shown[0, :, 0].tolist() == [0, 128, 255]


def test_computed_values_are_rounded_and_cut_to_the_type() -> None:
    assert read(RGB).fitted(np.array([-3.0, 1.6, 300.0])).tolist() == [0, 2, 255]
    assert read(RGB / 255).fitted(np.array([0.25])).tolist() == [0.25]


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "a batch": (
        np.zeros((2, 5, 5, 3)),
        InstanceTypeError,
        r"shape \(2, 5, 5, 3\); one picture is expected.*not a batch",
    ),
    "a row": (np.zeros(9), InstanceTypeError, r"the instance is shape \(9,\)"),
    "nothing": (None, InstanceTypeError, "the instance is NoneType; one picture is expected"),
    "two channels": (np.zeros((5, 5, 2)), InstanceError, r"shape \(5, 5, 2\); 1, 3 or 4 channels are expected"),
    "text values": (np.full((3, 3), "a"), InstanceTypeError, "values are <U1; whole or floating numbers"),
    "complex values": (np.zeros((3, 3), complex), InstanceTypeError, "values are complex128"),
    "truth values": (np.zeros((3, 3), bool), InstanceTypeError, "values are bool; whole or floating numbers"),
    "no rows": (np.zeros((0, 5, 3)), InstanceError, r"the picture is empty: its shape is \(0, 5, 3\)"),
    "a hole": (np.array([[1.0, np.nan], [np.inf, 0.0]]), InstanceError, "2 values of the picture are NaN or infinite"),
    "no file": ("nowhere.png", InstanceError, r"'nowhere.png' cannot be read as a picture .*No such file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_picture_is_refused_with_a_way_out(kind: str) -> None:
    given, error, match = BAD[kind]
    with pytest.raises(error, match=match):
        read(given)


def test_a_file_that_is_no_picture_is_told_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture", encoding="utf-8")
    with pytest.raises(InstanceError, match=r"notes.png' cannot be read as a picture .*pass a JPEG, PNG or WebP file"):
        read(path)
