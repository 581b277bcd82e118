"""The widget of an image: pictures as bytes, paint, and superpixels that are cut and joined."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import glass
import numpy as np
import pytest
from glass import Desk, idle, until
from PIL import Image

import retrust as rt
from retrust import encoding
from retrust.export import static_html, to_html

if TYPE_CHECKING:
    from numpy.typing import NDArray

bundle, desk, model = glass.bundle, glass.desk, glass.model  # pytest looks for fixtures here

CORNER = 5  # the superpixel at the lower right
SIZE = (24, 36)


def brightness(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How bright the lower right of each picture is, and how dark."""
    share = pictures[:, 12:, 24:].mean(axis=(1, 2, 3)) / 255
    return np.column_stack([share, 1 - share])


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    """Six superpixels of 12 × 12 that grow lighter to the right, the last one bright."""
    pixels = np.repeat((10 + np.indices(SIZE)[1])[..., None], 3, axis=2).astype(np.uint8)
    pixels[12:, 24:] += 190
    return pixels


@pytest.fixture
def explanation(picture: NDArray[np.uint8]) -> rt.Explanation:
    rows, columns = np.indices(SIZE) // 12
    explainer = rt.Explainer(brightness, rt.Image(segment=rows * 3 + columns, backdrop="black"))
    return explainer.explain(picture, target=0, n_samples=200)


def png(pixels: NDArray[np.uint8]) -> bytes:
    return encoding.encoded(pixels, "PNG")


def opened(data: bytes) -> NDArray[np.int64]:
    with Image.open(io.BytesIO(data)) as file:
        return np.asarray(file.convert("RGB")).astype(np.int64)


def test_a_picture_crosses_with_its_labels_and_a_colour_for_each_superpixel(
    desk: Desk, explanation: rt.Explanation, picture: NDArray[np.uint8]
) -> None:
    widget, page = desk.show(explanation)
    assert page.opened["_esm"] == "/* image.js */"
    assert (widget.scene["kind"], widget.scene["height"], widget.scene["width"]) == ("image", *SIZE)
    assert np.abs(opened(widget.pixels) - picture).mean() < 4  # WebP keeps what a person sees
    red, green, _ = np.moveaxis(opened(widget.labels), -1, 0)
    assert np.array_equal(red + 256 * green, explanation.representation.labels)  # type: ignore[attr-defined]
    assert (widget.scene["backdrop"], widget.backdrop) == ("colours", bytes(3 * 6))


def test_a_superpixel_switched_off_is_answered_by_the_model(desk: Desk, explanation: rt.Explanation) -> None:
    widget, page = desk.show(explanation)
    page.say("probe", off=[CORNER], edits={}, painted=False)
    until(lambda: widget.probe)
    assert widget.probe["outputs"] == [[0.0, 1.0]]


def test_what_was_painted_is_answered_by_the_model(desk: Desk, explanation: rt.Explanation) -> None:
    paint = np.zeros((*SIZE, 4), dtype=np.uint8)
    paint[12:, 24:30] = (255, 255, 255, 255)
    widget, page = desk.show(explanation)
    page.raw({"verb": "probe", "id": 1, "off": [CORNER], "edits": {}, "painted": True}, png(paint))
    until(lambda: widget.probe)
    known = {"off": [CORNER], "edits": {}, "painted": True, "id": 1, "outputs": [[0.5, 0.5]], "spread": None}
    assert widget.probe == known


@pytest.mark.parametrize("data", [b"no picture", b""])
def test_paint_that_cannot_be_read_is_told_and_the_next_probe_works(
    desk: Desk, explanation: rt.Explanation, data: bytes
) -> None:
    widget, page = desk.show(explanation)
    page.raw({"verb": "probe", "id": 4, "off": [], "edits": {}, "painted": True}, data)
    until(lambda: widget.status["error"])
    assert widget.status["error"]["id"] == 4
    assert not widget.probe
    assert "PNG" in widget.status["error"]["message"]
    page.say("probe", off=[], edits={}, painted=False)
    until(lambda: widget.probe)
    assert widget.status["error"] is None


def test_a_superpixel_that_is_cut_keeps_what_was_learned_and_other_marks(
    desk: Desk, explanation: rt.Explanation
) -> None:
    widget, page = desk.show(explanation)
    page.say("mark", features=[2], scope="instance", because="sky")
    page.say("reshape", merge=[], split=[CORNER])
    until(lambda: idle(widget) and len(widget.scene["features"]) == 9)
    assert widget.readings[0]["n_samples"] == 400
    assert {weight[0] for weight in widget.readings[0]["weights"][:4]} == {CORNER, 6, 7, 8}
    assert [mark["features"] for mark in widget.marks] == [[2]]
    assert opened(widget.labels)[..., 0].max() == 8


def test_superpixels_that_are_joined_are_one_and_sampling_starts_over(desk: Desk, explanation: rt.Explanation) -> None:
    widget, page = desk.show(explanation)
    page.say("reshape", merge=[[0, 1, 3]], split=[])
    until(lambda: idle(widget) and len(widget.scene["features"]) == 4)
    assert widget.readings[0]["n_samples"] == 200
    assert widget.readings[0]["weights"][0][0] == 3  # the bright corner has a new number


def test_to_join_all_of_them_is_refused_and_nothing_changes(desk: Desk, explanation: rt.Explanation) -> None:
    widget, page = desk.show(explanation)
    page.say("reshape", 6, merge=[list(range(6))], split=[])
    assert widget.status["error"]["id"] == 6
    assert (len(widget.scene["features"]), widget.status["phase"]) == (6, "idle")


def test_words_cannot_be_cut(desk: Desk) -> None:
    widget, page = desk.show()
    page.say("reshape", merge=[], split=[0])
    assert "images" in widget.status["error"]["message"]


def test_a_still_picture_is_small_and_says_what_its_colours_mean(explanation: rt.Explanation) -> None:
    html = static_html(explanation)
    assert len(html.encode()) <= 20_000
    assert 'alt="The picture: blue speaks for 0, orange against it"' in html
    assert "<script" not in html


def test_a_large_picture_crosses_reduced() -> None:
    large = np.random.default_rng(0).integers(0, 255, (1500, 2100), dtype=np.uint8)
    representation = rt.Image(segment="grid").represent(large)
    assert encoding.sides(representation) == (500, 700)
    assert (
        opened(encoding.pixels(representation)).shape == opened(encoding.labels(representation)).shape == (500, 700, 3)
    )


def test_a_file_of_an_image_holds_its_pictures_and_forbids_all_networks(
    bundle: Any, explanation: rt.Explanation
) -> None:
    page = to_html(explanation)
    assert bundle.exists()
    assert "/* page-image.js */" in page
    assert "default-src 'none'" in page
    assert '"labels":"' in page
    assert "http:" not in page.replace("http-equiv", "")
