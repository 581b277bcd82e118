"""Section 6.4: whether explanations show that a classifier tells wolves by the snow, and whether it helps to say so.

How much of the positive weight lies outside the animal, whether the visual word "snow" comes first in the pick, what
a simulated reader names, and what marking snow and retraining does to photographs with swapped backgrounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import animals
import decoys
import numpy as np
import person
from running import Check, Piece, Result, mean_se
from snow import CONTROL, LIME, MEAN, MOST, OTHER, PICKED, RETRUST, mendings, per_picture, picks, readers, share, shares

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from running import Desk

    Array = NDArray[Any]
    Found = dict[str, Any]
    Ways = dict[tuple[str, str], list[Found]]

SECTION = "6.4"
TITLE = "Do explanations lead to insight?"
SHOWN = 10
HALVED = "It reads photographs halved to 112 × 112, four at once, so that it costs a quarter."
NOTES = (
    """The outlines of the animals were drawn by eye for this comparison (animals.json). A superpixel that is partly
    animal counts by its share of pixels. What is shown counts: the ten superpixels of largest weight.""",
    """By area: the background's share of the picture, which is what a model that looks anywhere alike would have; for
    the largest superpixel, the share of superpixels that are mostly background.""",
    """With the mean as the backdrop, snow that is taken away is replaced by the colour of snow, so that hardly
    anything is taken away, and such explanations cannot name it. Positive weight is the sum over a picture, to be
    held against that of the other backdrop; pictures without any are left out of n. The other backdrop is a picture
    of the other class's ground: grass for who is called a wolf, snow for who is called a husky; the latter are
    explained with that alone.""",
    """Visual words: those are snow whose pixels in the pictures to learn from are mostly bright and without colour.
    Importance counts the size of weights, not their sign, and takes a root, so that it is flatter than the weights
    are; by area is the share of superpixels that are such words.""",
    """lime's procedure: quickshift superpixels, masks with each part kept by chance, the lime package's kernel
    and ridge regression, the ten superpixels of highest weight. retrust: SLIC, as many masks as it wants, no
    more than lime's procedure. The better classifier is asked about fewer masks, since its network is read to the
    end.""",
    """The reader is simulated: of five pictures called wolf, four wolves and a husky on snow as in the paper, he names
    the snow where in most of them, or in all, the superpixel of largest weight is mostly background. Before
    explanations there is nothing that he could read, so that the 12 of 27 people have no counterpart. Snow covers
    most of these pictures: what a reader would say who took any superpixel for the largest is in a line of its own,
    and a rule tells something only as far as it differs. Standard errors there are over readers, who are shown the
    same few pictures again and again.""",
    """Of pictures with swapped backgrounds there are twenty, so that one is five points. Visual words and swaps are
    made anew for each repeat of marking and training.""",
)


@dataclass(frozen=True)
class Size:
    """How much is done.

    Parameters
    ----------
    pictures : int
        So many are explained, of the same kind and with swapped backgrounds.
    samples : int
        Masks of lime's procedure; the most that retrust's "auto" may take.
    control : int
        Masks for the classifier that knows animals.
    words, seeds : int
        Visual words, and how often they are made anew.
    copies : int
        Swapped copies of each picture to learn from.
    readers : int
    """

    pictures: int
    samples: int
    control: int
    words: int
    seeds: int
    copies: int
    readers: int


SIZES = {
    "tiny": Size(6, 48, 48, 6, 1, 1, 50),
    "quick": Size(4, 200, 64, 20, 1, 1, 200),
    "full": Size(40, 400, 100, 20, 2, 5, 1000),
}


def run(size: str, desk: Desk) -> Result:
    """Explain, pick, read, mark and retrain."""
    sized, source = SIZES[size], animals.source(size)
    snowy = animals.collection(source).snowy
    pictures = [int(i) for i in np.linspace(0, len(snowy) - 1, sized.pictures).round()]
    ways = [(name, behind) for behind in (MEAN, OTHER) for name in (LIME, RETRUST)]
    on_snow = [i for i in pictures if snowy[i]]
    asked = {way: pictures if way[1] == OTHER else on_snow for way in ways}
    pieces = [_piece(source, i, *way, sized.samples) for way, chosen in asked.items() for i in chosen]
    control = [_piece(source, i, CONTROL, OTHER, sized.control) for i in on_snow]
    mending = [
        Piece(f"mended {seed}", mended, (source, seed, sized.words, sized.copies, pictures))
        for seed in range(sized.seeds)
    ]
    *done, scored = desk.done([*mending, *pieces, *control, Piece("scores", scores, (source,))])
    mends, rest = done[: len(mending)], iter(done[len(mending) :])
    found = {way: [next(rest) for _ in chosen] for way, chosen in asked.items()}
    found[CONTROL, OTHER] = list(rest)
    rows = [*shares(found), *picks(found, mends), *readers(found, sized.readers), *mendings(mends, scored)]
    calls = sum(each["calls"] for part in found.values() for each in part)
    return Result(
        rows,
        checks(rows, found),
        {"explanations": 0, "visual words and swaps": list(range(sized.seeds)), "readers": 0},
        calls,
        {"pictures": per_picture(found)},
        notes(scored, source),
    )


# --- the pieces


def _piece(source: str, i: int, name: str, behind: str, samples: int) -> Piece:
    return Piece(f"{name} {behind} {i}", explained, (source, i, name, behind, samples))


def explained(source: str, i: int, name: str, behind: str, samples: int) -> Found:
    """Explain one picture: the weights of its superpixels, and how much of each is outside the animal."""
    data, model = animals.collection(source), animals.trained("knower" if name == CONTROL else "detector", source)
    picture = data.shown[0][i]
    wolf = bool(model.predict(picture[None])[0])
    domain = rt.Image(segment="quickshift" if name == LIME else "slic", backdrop=backdrop(behind, picture, wolf=wolf))
    explainer = rt.Explainer(model, domain, surrogate=rt.Ridge(n_features=SHOWN), seed=0)
    count: Any = "auto" if name == RETRUST else samples
    e = explainer.explain(picture, n_samples=count, max_calls=samples if name == RETRUST else None)
    parts: Any = e.representation
    labels = parts.labels.ravel()
    sizes = np.bincount(labels)
    return {
        "name": data.names[i],
        "wolf": wolf,
        "right": wolf == bool(data.shown[1][i]),
        "weights": np.asarray(e.fit.coefficients).tolist(),
        "outside": (np.bincount(labels, data.outside[i].ravel()) / sizes).tolist(),
        "area": float(data.outside[i].mean()),
        "fidelity": float(e.fit.fidelity),
        "calls": int(e.model_calls),
    }


def backdrop(behind: str, picture: Array, *, wolf: bool) -> Any:
    """Return what stands in an absent part's place: its mean, or grass for who is called a wolf, snow for a husky."""
    return "mean" if behind == MEAN else animals.ground("grass" if wolf else "snow", picture.shape[0])


def mended(source: str, seed: int, k: int, copies: int, pictures: Sequence[int]) -> Found:
    """Make visual words, mark snow and then green, retrain each time; also name the superpixels of some pictures."""
    data, model = animals.collection(source), animals.trained("detector", source)
    photos = data.photos
    words = rt.visual_words(photos.train[0], k=k, seed=seed)
    domain = rt.Image(backdrop="grey", vocabulary=words)
    grounds = person.of_grounds(photos.train[0], domain)
    s = rt.Session(model, *photos.train, valid=photos.test, shifted=photos.swapped, domain=domain, seed=seed)
    measured = []
    for name in ("snow", "green"):
        if grounds[name]:
            s.mark(grounds[name], because="it is ground")
        done = s.retrain(rt.Swap(copies=copies, seed=seed)).measures
        measured.append({"test": done["valid"]["after"], "swapped": done["shifted"]["after"]})
    s.close()
    parts = {data.names[i]: domain.represent(data.shown[0][i]).features for i in pictures}
    return {
        "snow": grounds["snow"],
        "keys": {name: [feature.key for feature in features] for name, features in parts.items()},
        "snow marked": measured[0],
        "snow and green marked": measured[1],
    }


def scores(source: str) -> Found:
    """Judge the models as they are, and the bound: backgrounds that say nothing in training."""
    data, model = animals.collection(source).photos, animals.trained("detector", source)
    bound, home = decoys.randomised(model, data, min(10, len(data.test[1]) // 2)), decoys.folder()
    found = {
        "no correction": _judged(model, data),
        "bound": {"test": bound["alike"], "swapped": bound["swapped"]},
        "knower": _judged(animals.trained("knower", source), data),
    }
    if source == animals.PHOTOGRAPHS and home is not None:
        found["whole photographs"] = _judged(decoys.head(home).fit(*data.train), data)
    return found


def _judged(model: Any, data: decoys.Photos) -> dict[str, float]:
    return {"test": float(model.score(*data.test)), "swapped": float(model.score(*data.swapped))}


# --- what comes of it


def checks(rows: list[Found], found: Ways) -> list[Check]:
    """Hold the figures against what is asked."""
    return [*(weighed(found, behind) for behind in (MEAN, OTHER)), first_word(rows), risen(rows)]


def weighed(found: Ways, behind: str) -> Check:
    """Tell whether wolf predictions have more of their weight on the background than its share of the area."""
    part = [one for one in found[RETRUST, behind] if one["wolf"]]
    more = [100 * (share(one) - one["area"]) for one in part if not np.isnan(share(one))]
    level, (mean, se) = mean_se([100 * share(one) for one in part if not np.isnan(share(one))])[0], mean_se(more)
    told = f"{level:.1f} %; {mean:+.1f} ± {se:.1f} points against the area, {len(more)} pictures"
    what = f"positive weight outside the animal, called wolf, backdrop: {behind}"
    return Check(what, "more than the background's share of the area", told, mean > 0 if more else None)


def first_word(rows: list[Found]) -> Check:
    """Tell whether snow comes first in the pick."""
    found = {each["what"]: each for each in rows if each["backdrop"] == OTHER and each["what"] in PICKED}
    important, reason = (found[what]["mean"] for what in PICKED[:2])
    told = f"in {important:.0f} % of {found[PICKED[0]]['n']} vocabularies; in the first picked in {reason:.0f} %"
    return Check("the snow visual word first in the pick", "first", told, bool(min(important, reason) > 100 * MOST))


def risen(rows: list[Found]) -> Check:
    """Tell whether the swapped backgrounds rise."""
    lines = [each for each in rows if each["photographs"] == "swapped"]
    before, snow, both = (float(each["mean"]) for each in lines[:3])
    told = f"{before:.0f} → {snow:.0f} % (snow) → {both:.0f} % (snow and green)"
    return Check("swapped backgrounds, snow marked and trained again", "more than before", told, before < snow < both)


def notes(scored: Found, source: str) -> list[str]:
    """Say what the table does not."""
    plain = {
        name: f"{100 * each['test']:.0f} % and {100 * each['swapped']:.0f} %"
        for name, each in scored.items()
        if name != "bound"
    }
    told = f"The pictures are {source}. The bad classifier is right on {plain['no correction']} (same kind, swapped)."
    if "whole photographs" in plain:
        told += f" {HALVED} On whole ones it would be {plain['whole photographs']}."
    return [told, *(" ".join(note.split()) for note in NOTES)]
