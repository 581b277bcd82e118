"""What Python writes to the page, for a few explanations made by hand: the files in ``tests/contract``.

``python tests/contract_cases.py`` writes them anew; ``test_contract.py`` holds them against what is written today.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import session_cases

import retrust as rt
from retrust import contract, panels
from retrust.comparison import Comparison, Comparisons
from retrust.explanation import Explanation, Plan
from retrust.neighbourhood import Neighbourhood, Weighted
from retrust.representation import Parts
from retrust.settling import UNKNOWN, Outlook
from retrust.study import study

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from retrust.domains.image import ImageRepresentation
    from retrust.explanation import Partial
    from retrust.representation import Representation

    Weights = Mapping[str, tuple[float, float | None]]

FOLDER = Path(__file__).parent / "contract"
CAN = ("probe", "sample")
HEADER = "a mail header, not content"

POST = """\
From: reader@news.example.edu
Subject: Another request for Darwin Fish
Organization: A university
Lines: 11
NNTP-Posting-Host: news.example.edu

Hello Gang,

There have been some notes recently asking where to obtain the DARWIN fish. \
This is the same question I have and I have not seen an answer on the net. \
If anyone has a contact please post on the net or email me.

Thanks, john
"""
DRIVE = """\
Subject: fitting a second drive
Keywords: SCSI, cache, firmware

Has anyone put a second drive on the old controller? The cache is set in the firmware, and my mouse driver – \
a serial one – stops as soon as both are on the bus. I would sell the old drive, or trade it for a modem in working \
order. No goalie jokes, please: the league starts in October.
"""
FLAT = (
    "Bright corner flat on the third floor, two balconies, lift. The kitchen is new; the bathroom waits for somebody "
    "with plans. Ten minutes to the harbour on foot, quiet street, no garden.\n"
)
STRANGE = (
    '<script>document.title="broken"</script> & </script> said "quotes" <img src=x onerror=alert(1)>\n'
    "שלום abc def עולם, مرحبا بالعالم\tand 👩‍👩‍👧 e\u0301clair &amp; naïve\n"
)
STRANGE_WORDS = (
    *("script", "broken", '"quotes"', "<img src=x onerror=alert(1)>", "שלום", "abc", "def", "עולם", "مرحبا"),
    *("بالعالم", "and", "👩‍👩‍👧", "e\u0301clair", "naïve"),
)
STRANGE_WORD = re.compile("|".join(map(re.escape, STRANGE_WORDS)))
CHORD = Parts(
    tuple(
        rt.Feature(f"{note} at {beat + 1}", note)
        for beat, note in enumerate(("C4", "E4", "G4", "B♭4", "A4", "F♯4", "C5"))
    )
)


def explained(
    representation: Representation,
    prediction: Mapping[str, float],
    intercept: float,
    weights: Weights,
    fidelity: float,
    n_samples: int = 5000,
    calls: int = 4991,
    partial: Partial | None = None,
    *,
    alike: bool = False,
    known: Outlook = UNKNOWN,
) -> Explanation:
    """Make an explanation of the first output whose numbers are given; its samples weigh alike where it is global."""
    d = len(representation.features)
    names = [feature.name for feature in representation.features]
    chosen = np.array([names.index(name) for name in weights])
    coefficients, stderr = np.zeros(d), np.full(d, np.nan)
    coefficients[chosen] = [coefficient for coefficient, _ in weights.values()]
    stderr[chosen] = [np.nan if error is None else error for _, error in weights.values()]
    outputs = np.tile(list(prediction.values()), (n_samples, 1))
    near = Neighbourhood.of(np.ones((n_samples, d), dtype=bool), outputs, calls=calls)
    plan = Plan(rt.UniformCount(), rt.exponential(25), rt.Ridge(n_features=len(weights)))
    fit = rt.Fit(intercept, coefficients, stderr, fidelity, chosen)
    proximity = np.ones(n_samples) if alike else np.linspace(1, 0.02, n_samples)
    weighted = Weighted(near, plan.kernel, None, proximity)
    return Explanation(representation, weighted, fit, 0, tuple(prediction), plan, partial, known=known)


def verbs(part: int, edits: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """List what the page may ask: one of each."""
    return [
        {"verb": "aim", "id": 1, "target": 0, "n_features": 6},
        {"verb": "probe", "id": 2, "off": [part], "edits": dict(edits or {})},
        {"verb": "sample", "id": 3, "n": 5000},
        {"verb": "stop", "id": 4},
        {"verb": "mark", "id": 5, "features": [part], "scope": "everywhere", "because": HEADER},
        {"verb": "withdraw", "id": 6, "features": [part]},
    ]


def file(
    e: Explanation,
    asked: list[dict[str, Any]],
    marks: Sequence[rt.Mark] = (),
    probe: dict[str, Any] | None = None,
    look: Mapping[str, Any] | None = None,
    **status: Any,
) -> dict[str, Any]:
    """Write all that crosses for one explanation."""
    of: dict[str, Any] = {"done": e.n_samples, "of": e.n_samples, "can": CAN}
    return {
        "scene": contract.scene(e),
        "readings": [contract.reading(e)],
        "marks": contract.marks(rt.Ledger(tuple(marks)), e),
        "probe": probe,
        "status": contract.status(**(of | status)),
        "look": {"off": [], "edits": {}, "top": None, **(look or {})},
        "verbs": asked,
    }


def text() -> dict[str, Any]:
    """Two classes; marks, and words away with the model's answer to that."""
    weights: Weights = {
        "Posting": (0.214, 0.0102),
        "Host": (0.176, 0.0111),
        "NNTP": (0.118, 0.0097),
        "please": (-0.083, 0.0108),
        "DARWIN": (0.062, 0.0121),
        "There": (0.045, 0.0113),
        "john": (-0.041, 0.0104),
        "have": (0.027, 0.0118),
    }
    e = explained(
        rt.Text().represent(POST),
        {"atheism": 0.87, "christian": 0.13},
        0.352,
        weights,
        0.82,
        n_samples=640,
        calls=640,
        known=Outlook(0.97, 0.11),
    )
    off = [17, 18, 16]
    return file(
        e,
        verbs(17, {"51": "kindly"}),
        [rt.Mark("Posting", because=HEADER), rt.Mark("Host")],
        contract.probe(off, {}, [[0.41, 0.59]]),
        {"off": off},
    )


def text_multiclass() -> dict[str, Any]:
    """Six classes; one weight without an error."""
    prediction = {
        "comp.hardware": 0.5412,
        "sci.electronics": 0.1204,
        "misc.forsale": 0.2107,
        "comp.graphics": 0.0821,
        "rec.hockey": 0.0452,
        "talk.politics": 0.0004,
    }
    weights: Weights = {
        "controller": (0.171, 0.0138),
        "drive": (0.149, 0.0125),
        "sell": (-0.112, 0.0141),
        "SCSI": (0.096, 0.0133),
        "firmware": (0.071, 0.0152),
        "goalie": (-0.055, 0.0137),
        "bus": (0.049, None),
        "trade": (-0.038, 0.0146),
        "modem": (0.031, 0.014),
        "mouse": (0.022, 0.0139),
    }
    e = explained(rt.Text().represent(DRIVE), prediction, 0.198, weights, 0.74)
    return file(e, verbs(34, {"43": "keeper"}))


def regression() -> dict[str, Any]:
    """One score; a fidelity that is unknown; no model at hand."""
    weights: Weights = {
        "harbour": (18250.0, 940.0),
        "balconies": (12410.0, 910.0),
        "no": (-9120.0, 985.0),
        "lift": (7300.0, 930.0),
        "waits": (-5810.0, None),
        "new": (4270.0, 955.0),
    }
    e = explained(rt.Text().represent(FLAT), {"price": 312480.0}, 284900.0, weights, float("nan"))
    return file(e, verbs(27), can=())


def together(texts: Sequence[str]) -> Any:
    """Answer by two words that count more together."""
    found = [(text.count("good"), text.count("film"), text.count("not")) for text in texts]
    p = np.array([0.25 + 0.25 * good + 0.25 * good * film - 0.125 * absent for good, film, absent in found])
    return np.column_stack([1 - p, p])


def shaped(surrogate: Any) -> dict[str, Any]:
    """All masks of a few words, read by a surrogate that has more than weights; laid open."""
    e = rt.Explainer(together, surrogate=surrogate, classes=("bad", "good")).explain("a good film, not long", "good")
    written: dict[str, Any] = rounded(file(e, verbs(1)) | {"study": study(e)})
    return written


def rounded(value: Any) -> Any:
    """Write numbers with as many digits as every machine agrees on."""
    if isinstance(value, float):
        return round(value, 6) + 0.0
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list | tuple) else value


def parts() -> dict[str, Any]:
    """A domain without a view of its own; stopped early, poorly fitted."""
    weights: Weights = {
        "E4 at 2": (0.31, 0.041),
        "B♭4 at 4": (-0.188, 0.052),
        "G4 at 3": (0.092, 0.047),
        "F♯4 at 6": (-0.07, 0.049),
        "C4 at 1": (0.012, 0.05),
    }
    e = explained(
        CHORD,
        {"major": 0.63, "minor": 0.37},
        0.41,
        weights,
        0.31,
        n_samples=128,
        calls=128,
        partial="stopped",
    )
    return file(e, verbs(3), [rt.Mark("B♭4", scope="instance", because="a misprint in the score")], of=5000)


def still_life() -> ImageRepresentation:
    """A lemon and a brick before a sky, on a grid of nine superpixels."""
    rows, columns = np.mgrid[:32, :48]
    pixels = np.stack([90 + 2 * (columns // 2), 140 + 2 * (rows // 2), 200 - 2 * (rows // 2)], axis=-1).astype(np.uint8)
    labels = rows // 11 * 3 + columns // 16
    lemon = (rows - 16) ** 2 + (columns - 24) ** 2 < 60
    brick = (rows > 18) & (rows < 30) & (columns > 35) & (columns < 45)
    pixels[lemon], pixels[brick] = (230, 200, 60), (150, 40, 40)
    labels[lemon], labels[brick] = 9, 10
    return rt.Image(segment=labels).represent(pixels)


def image() -> dict[str, Any]:
    """A picture in eleven superpixels; one away, one marked, one painted over and one cut."""
    prediction = {"lemon": 0.81, "brick": 0.13, "sky": 0.06}
    weights: Weights = {
        "superpixel 9": (0.412, 0.0121),
        "superpixel 10": (-0.187, 0.0133),
        "superpixel 4": (0.094, 0.0118),
        "superpixel 0": (-0.041, None),
        "superpixel 2": (0.023, 0.0125),
    }
    e = explained(still_life(), prediction, 0.502, weights, 0.88, n_samples=1000, calls=871)
    asked = [*verbs(3), {"verb": "reshape", "id": 7, "merge": [[1, 2]], "split": [4]}]
    asked[1]["painted"] = True
    mark = rt.Mark(e.features[4].key, scope="instance", because="background")
    probe = contract.probe([10], {}, [[0.93, 0.02, 0.05]])
    pictures = {name: b64encode(data).decode("ascii") for name, data in contract.pictures(e).items()}
    return file(e, asked, [mark], probe, {"off": [10]}) | pictures


def hostile() -> dict[str, Any]:
    """Strings that a careless page would run: in the text, the classes, the reasons, the doubts and the errors."""
    prediction = {'<b>bold & "quoted"</b>': 0.7, "</script><script>alert(1)</script>": 0.3}
    weights: Weights = {
        "script": (0.21, 0.02),
        '"quotes"': (-0.12, None),
        "<img src=x onerror=alert(1)>": (0.09, 0.03),
        "שלום": (-0.07, 0.02),
        "👩‍👩‍👧": (0.05, 0.02),
    }
    e = explained(rt.Text(tokenizer=STRANGE_WORD).represent(STRANGE), prediction, 0.5, weights, 0.6)
    mark = rt.Mark(STRANGE_WORDS[3], scope="label", because='</script><script>alert("x")</script> & more')
    error = {"verb": "probe", "id": 7, "message": 'ValueError: <b>no</b> & "never" </script>'}
    edits = {"10": "<i>or</i>"}
    written = file(e, verbs(0, edits), [mark], look={"off": [0], "edits": edits}, error=error)
    written["readings"][0]["doubt"] = '<b>Poor</b> & "unsure" </script>'  # a later release's, say
    return written


STRANGE_COLUMN = '</script><script>alert("x")</script> & more'
STRANGE_OPTION = "<img src=x onerror=alert(1)>"
LETTERS = (
    "I want a refund at once",
    "the card came late and broken",
    "nobody answers when I call you",
    "I want to close my old account",
    "thank you for the quick reply",
)


def census(n: int = 40) -> list[list[Any]]:
    """Make training rows of every kind of column, by counting."""
    schools = ("HS-grad", "Bachelors", "HS-grad", STRANGE_OPTION, "Masters", "HS-grad", None)
    return [
        [
            17 + 7 * i % 60,
            schools[i % len(schools)],
            None if i % 8 == 0 else 20 + 11 * i % 45,
            f"{LETTERS[i % len(LETTERS)]}, {i}",
            date(2020 + i % 3, 1 + i % 12, 1 + i % 28),
            "US",
            (i * i % 17) / 4,
        ]
        for i in range(n)
    ]


def table() -> dict[str, Any]:
    """A row of every kind of column, strange names among them; one away, one edited, and the draws' spread."""
    names = ["age", "education", "hours", "complaint", "since", "country", STRANGE_COLUMN]
    beside = [census()[at] for at in (3, 17)]
    own = [34, "Bachelors", None, "I want a refund & <b>now</b>", date(2021, 3, 4), "US", 2.25]
    row = rt.Table(census(), names=names, text=["complaint"], beside=beside).represent(own)
    numbers = (0.21, 0.176, -0.083, 0.062, 0.045, -0.031)
    chosen = (0, 1, 2, 4, 8, 3)
    weights: Weights = {
        row.features[at].name: (weight, 0.011 if weight > 0 else None)
        for at, weight in zip(chosen, numbers, strict=True)
    }
    e = explained(row, {"<=50K": 0.72, ">50K": 0.28}, 0.352, weights, 0.64, calls=5000, alike=True)
    share = np.linspace(0.3, 0.7, 50)
    edits = {"1": STRANGE_OPTION}
    return file(
        e,
        verbs(0, edits),
        [rt.Mark("age", because="not to be used"), rt.Mark("complaint: refund", scope="instance")],
        contract.probe([0], {1: STRANGE_OPTION}, [np.column_stack([share, 1 - share])]),
        {"off": [0], "edits": edits},
    )


def table_slopes() -> dict[str, Any]:
    """Numbers as they are, with their slopes: one score; one value edited, so that the model is asked about one row."""
    rows = [[20 + 3 * i % 17, 60 + 7 * i % 60, "city" if i % 3 else "coast"] for i in range(30)]
    row = rt.Table(rows, names=["bmi", "pressure", "region"], bins=None, beside=rows[:1]).represent([31.5, 88, "city"])
    weights: Weights = {"bmi": (24.5, 1.9), "pressure": (11.25, 2.05), "region = city": (-3.5, None)}
    e = explained(row, {"progression": 187.3}, 148.2, weights, 0.71, n_samples=1000, calls=1000)
    edits = {"0": "25"}
    return file(e, verbs(0, edits), probe=contract.probe([], {0: "25"}, [[151.0]]), look={"edits": edits})


SERMON = """\
Subject: Re: Easter
NNTP-Posting-Host: parish.example.org

We sang of mercy, and afterwards someone asked what grace means. God knows, said the verger.
"""


def panel_verbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """List what the page of a panel may ask: one of each."""
    shared = [verb for verb in verbs(0) if verb["verb"] != "sample"]
    return [{"verb": "open", "id": 7, "row": 1}, *shared, {"verb": "hello", "id": 8}, *more]


def panel(
    scene: dict[str, Any], row: int, readings: list[dict[str, Any]], e: Explanation, **more: Any
) -> dict[str, Any]:
    """Write all that crosses for a panel in which one instance is open."""
    return {
        "scene": scene,
        "instance": {**contract.scene(e), "row": row},
        "picked": {},
        "readings": readings,
        "marks": [],
        "probe": None,
        "status": contract.status(can=("open", "mark", "aim", "probe")),
        "look": {"off": [], "edits": {}, "top": None},
        **more,
    }


def posts() -> list[Explanation]:
    """Three posts by a model that reads mail headers."""
    header: Weights = {"Posting": (0.214, 0.0102), "Host": (0.176, 0.0111), "DARWIN": (0.062, 0.0121)}
    drive: Weights = {"drive": (0.12, 0.01), "Keywords": (-0.09, 0.012), "old": (0.03, None)}
    sermon: Weights = {"God": (0.31, 0.02), "Posting": (-0.12, 0.011), "mercy": (0.08, 0.013), "Host": (-0.05, 0.01)}
    made = [
        explained(rt.Text().represent(POST), {"atheism": 0.87, "christian": 0.13}, 0.352, header, 0.82),
        explained(rt.Text().represent(DRIVE), {"atheism": 0.58, "christian": 0.42}, 0.5, drive, float("nan")),
        explained(rt.Text().represent(SERMON), {"atheism": 0.31, "christian": 0.69}, 0.41, sermon, 0.77),
    ]
    return [*made[:2], replace(made[2], target=1)]


def pick() -> dict[str, Any]:
    """Three posts, of which two are picked; the first is open, a column is marked that it has."""
    p = rt.pick(posts(), 2, titles=["Darwin fish", "a second drive", "Re: Easter"], labels=["atheism", None, "atheism"])
    columns = panels.columns(p)
    keys = [p.keys[column] for column in columns]
    e = p.explanations[0]
    column = keys.index("Posting")
    asked = panel_verbs(
        {"verb": "pick", "id": 9, "method": "random", "target": 1, "errors": True},
        {"verb": "mark", "id": 10, "features": [column], "scope": "everywhere", "because": HEADER, "of": "pick"},
        {"verb": "withdraw", "id": 11, "features": [column], "of": "pick"},
    )
    return panel(
        panels.pick_scene(p, columns),
        0,
        [contract.reading(e)],
        e,
        picked=panels.picked(p, p.again(panels.REACH), columns),
        marks=panels.marks(rt.Ledger((rt.Mark("Posting", because=HEADER),)), e, keys),
        status=contract.status(can=("open", "pick", "mark", "aim", "probe")),
        look={"off": [], "edits": {}, "top": None, "budget": 2},
        verbs=asked,
    )


def pair() -> dict[str, Any]:
    """Two models, of which the second orders its classes the other way round; the second instance is open."""
    first = [posts()[0], posts()[2]]
    read: Weights = {"mercy": (0.2, 0.01), "God": (0.15, 0.014), "Posting": (0.02, None)}
    cleaned: Weights = {"DARWIN": (-0.22, 0.01), "NNTP": (0.01, 0.009)}
    other = [
        replace(
            explained(rt.Text().represent(POST), {"christian": 0.38, "atheism": 0.62}, 0.4, cleaned, 0.9), target=1
        ),
        explained(rt.Text().represent(SERMON), {"christian": 0.81, "atheism": 0.19}, 0.3, read, 0.91),
    ]
    made = [
        Comparison({"with headers": one, "cleaned": two}, title, label)
        for one, two, title, label in zip(first, other, ["Darwin fish", "Re: Easter"], [0, None], strict=True)
    ]
    e = first[1]
    return panel(
        panels.pair_scene(Comparisons(tuple(made), seed=3)),
        1,
        panels.readings(made[1], e),
        e,
        probe=contract.probe([0], {}, [[0.4, 0.6], panels.arranged(e, other[1], np.array([0.7, 0.3]))]),
        marks=panels.marks(rt.Ledger((rt.Mark("God"),)), e, ()),
        look={"off": [0], "edits": {}, "top": None, "blind": True},
        verbs=panel_verbs(),
    )


def session() -> dict[str, Any]:
    """A round that took two headers out; both models of one post, and a plan for the next round."""
    return session_cases.written(session_cases.texts(), panel_verbs(*session_cases.verbs()))


def session_regression() -> dict[str, Any]:
    """The same of a model that gives numbers."""
    return session_cases.written(session_cases.numbers(), panel_verbs(*session_cases.verbs()))


PANELS = {"pick": pick, "pair": pair, "session": session, "session-regression": session_regression}
CASES = {
    "text": text,
    "text-multiclass": text_multiclass,
    "regression": regression,
    "tree": lambda: shaped(rt.Tree(2)),
    "pairs": lambda: shaped(rt.Pairs(3)),
    "parts": parts,
    "image": image,
    "hostile": hostile,
    "table": table,
    "table-slopes": table_slopes,
    **PANELS,
}


def write(folder: Path = FOLDER) -> None:
    """Write the files."""
    for name, case in CASES.items():
        written = json.dumps(case(), indent=1, ensure_ascii=False, allow_nan=False)
        (folder / f"{name}.json").write_text(f"{written}\n", "utf-8")


if __name__ == "__main__":
    write()
