"""What crosses to the page, and what people keep: written exactly, read with suspicion."""

from __future__ import annotations

import copy
import io
import json
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from contract_cases import CASES, FOLDER, PANELS
from PIL import Image
from toys import TEXT, Notes, wavy

import retrust as rt
from retrust import contract
from retrust.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def e() -> rt.Explanation:
    return rt.explain(wavy, TEXT, classes=["x", "y", "z"], n_features=3, n_samples=40)


# --- the files in tests/contract -------------------------------------------------------------------------------------


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Name the places where two JSON values differ, numbers by more than 1e-9 of their size."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from differences(one[key], other[key], f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{path}/{index}")
    elif isinstance(one, float) and isinstance(other, float):
        if abs(one - other) > 1e-9 * max(1, abs(one)):
            yield f"{path}: {one} and {other}"
    elif type(one) is not type(other) or one != other:
        yield f"{path}: {one!r} and {other!r}"


def drawn(encoded: str) -> NDArray[np.uint8]:
    """Decode a picture that crosses as text in a file."""
    with Image.open(io.BytesIO(b64decode(encoded))) as file:
        return np.asarray(file.convert("RGB"))


def test_every_file_has_its_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_python_writes_exactly_these_files(name: str) -> None:
    written = json.loads(json.dumps(CASES[name](), allow_nan=False))
    kept = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    for encoded in {"pixels", "labels"} & written.keys():  # the same picture; its bytes are the encoder's affair
        assert np.array_equal(drawn(written.pop(encoded)), drawn(kept.pop(encoded)))
    assert list(differences(written, kept)) == [], "python tests/contract_cases.py writes them anew"


@pytest.mark.parametrize("name", CASES)
def test_python_reads_every_verb_of_the_files(name: str) -> None:
    asked = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["verbs"]
    read = [contract.parse_verb(verb) for verb in asked]
    whole = ["aim", "probe", "sample", "stop", "mark", "withdraw"]
    panel = ["open", "aim", "probe", "stop", "mark", "withdraw"]
    assert [verb.verb for verb in read][:6] == (panel if name in PANELS else whole)
    for verb, sent in zip(read, asked, strict=True):
        fields = {name: value for name, value in sent.items() if name not in {"verb", "id"}}
        if "edits" in fields:
            fields["edits"] = {int(part): text for part, text in fields["edits"].items()}
            fields["painted"] = None
        assert (verb.id, verb.fields) == (sent["id"], fields)


# --- real explanations -----------------------------------------------------------------------------------------------


def test_a_scene_is_the_text_in_pieces_with_its_features_and_classes(e: rt.Explanation) -> None:
    scene = contract.scene(e)
    assert (scene["version"], scene["kind"], scene["scale"]) == (1, "text", "probability")
    assert "".join(piece for piece, _ in scene["pieces"]) == TEXT
    assert [feature["name"] for feature in scene["features"]] == [feature.name for feature in e.features]
    assert all(scene["features"][i]["name"] == piece for piece, i in scene["pieces"] if i >= 0)
    assert scene["classes"] == ["x", "y", "z"]


def test_a_scene_of_another_domain_has_parts_only() -> None:
    tune = rt.explain(lambda t: np.array([sum(n) for n in t], float), [60, 62], domain=Notes(), n_samples=20)
    scene = contract.scene(tune)
    assert scene["kind"] == "parts"
    assert "pieces" not in scene
    assert scene["features"] == [{"name": "note 1: 60"}, {"name": "note 2: 62"}]


def test_a_reading_has_the_numbers_of_the_explanation_and_nulls_for_what_is_unknown(e: rt.Explanation) -> None:
    reading = json.loads(json.dumps(contract.reading(e, "mine"), allow_nan=False))
    assert reading["model"] == "mine"
    assert reading["prediction"] == e.prediction.tolist()
    assert [(e.features[i].name, weight) for i, weight, _ in reading["weights"]] == e.top()
    assert [error for *_, error in reading["weights"]] == e.stderr[e.fit.selected].tolist()
    assert (reading["n_samples"], reading["model_calls"], reading["n_features"]) == (40, e.model_calls, 3)
    assert (reading["stability"], reading["settled"], reading["partial"], reading["doubt"]) == (
        contract.number(e.stability),
        e.settled,
        None,
        e.doubt,
    )
    few = rt.explain(wavy, TEXT, n_samples=3, n_features=np.int64(3))  # type: ignore[arg-type]
    assert {error for *_, error in json.loads(json.dumps(contract.reading(few)))["weights"]} == {None}


def test_marks_hold_for_all_features_with_their_key() -> None:
    e = rt.explain(wavy, "bad, bad end", domain=rt.Text(bag=False), n_samples=20)
    ledger = rt.Ledger((rt.Mark("bad", because="why not"), rt.Mark("elsewhere", scope="label")))
    assert contract.marks(ledger, e) == [
        {"name": "bad", "scope": "everywhere", "because": "why not", "features": [0, 1]},
        {"name": "elsewhere", "scope": "label", "because": "", "features": []},
    ]


def test_a_probe_and_a_status_are_plain_json() -> None:
    assert contract.probe((1, 2), {3: "x"}, np.array([[0.5, np.nan]])) == {
        "off": [1, 2],
        "edits": {"3": "x"},
        "painted": False,
        "id": None,
        "outputs": [[0.5, None]],
        "spread": None,
    }
    blank = {"phase": "idle", "done": 0, "of": 0, "message": "", "error": None, "can": []}
    assert contract.status() == blank
    assert contract.status("sampling", done=2, of=9, can=("probe",)) == blank | {
        "phase": "sampling",
        "done": 2,
        "of": 9,
        "can": ["probe"],
    }


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, "a message is NoneType"),
        ([], "a message is list"),
        ({"verb": "teach", "id": 1}, "unknown verb: 'teach'; expected one of 'aim', 'probe'"),
        ({"verb": ["aim"], "id": 1}, r"unknown verb: \['aim'\]"),
        ({"verb": "stop"}, "stop has id None"),
        ({"verb": "stop", "id": True}, "stop has id True"),
        ({"verb": "stop", "id": "1"}, "stop has id '1'"),
        ({"verb": "aim", "id": 1, "target": 0}, "aim lacks 'n_features'; it takes 'target', 'n_features'"),
        ({"verb": "aim", "id": 1, "target": -1, "n_features": 1}, "aim has target=-1"),
        ({"verb": "aim", "id": 1, "target": 0, "n_features": 0}, "aim has n_features=0"),
        ({"verb": "aim", "id": 1, "target": 0.5, "n_features": 1}, "aim has target=0.5"),
        ({"verb": "sample", "id": 1, "n": 0}, "sample has n=0"),
        ({"verb": "probe", "id": 1, "off": ["a"], "edits": {}}, r"probe has off=\['a'\]"),
        ({"verb": "probe", "id": 1, "off": {}, "edits": {}}, "probe has off={}"),
        ({"verb": "probe", "id": 1, "off": [], "edits": {"0": 1}}, "probe has edits="),
        ({"verb": "probe", "id": 1, "off": [], "edits": {"x": "y"}}, "probe has edits="),
        ({"verb": "probe", "id": 1, "off": [], "edits": []}, r"probe has edits=\[\]"),
        ({"verb": "mark", "id": 1, "features": [0], "scope": "here", "because": ""}, "mark has scope='here'"),
        ({"verb": "mark", "id": 1, "features": [0], "scope": [], "because": ""}, r"mark has scope=\[\]"),
        ({"verb": "mark", "id": 1, "features": [0], "scope": "label", "because": None}, "mark has because=None"),
        ({"verb": "withdraw", "id": 1, "features": [True]}, r"withdraw has features=\[True\]"),
        ({"verb": "withdraw", "id": 1, "features": [0], "of": "moon"}, "withdraw has of='moon'"),
        ({"verb": "mark", "id": 1, "features": [0], "scope": "label", "because": "", "of": None}, "mark has of=None"),
        ({"verb": "open", "id": 1}, "open lacks 'row'; it takes 'row'"),
        ({"verb": "open", "id": 1, "row": -1}, "open has row=-1"),
        ({"verb": "open", "id": 1, "row": 1.0}, r"open has row=1\.0"),
        ({"verb": "open", "id": 1, "row": None}, "open has row=None"),
        ({"verb": "pick", "id": 1, "method": "exact", "target": None, "errors": True}, "pick has method='exact'"),
        ({"verb": "pick", "id": 1, "method": [], "target": None, "errors": True}, r"pick has method=\[\]"),
        ({"verb": "pick", "id": 1, "method": "random", "target": -1, "errors": True}, "pick has target=-1"),
        ({"verb": "pick", "id": 1, "method": "random", "target": False, "errors": True}, "pick has target=False"),
        ({"verb": "pick", "id": 1, "method": "random", "target": 0, "errors": 1}, "pick has errors=1"),
        ({"verb": "pick", "id": 1, "method": "random", "target": 0, "errors": None}, "pick has errors=None"),
        (
            {"verb": "pick", "id": 1, "method": "random", "target": 0},
            "pick lacks 'errors'; it takes 'method', 'target'",
        ),
    ],
    ids=str,
)
def test_a_message_that_is_no_verb_is_told_what_is_wrong_with_it(message: Any, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        contract.parse_verb(message)


# --- results that are kept -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "explainer",
    [
        rt.Explainer(wavy, sampler=rt.Independent(0.3), surrogate=rt.Lasso(2), kernel=rt.exponential(9, "euclidean")),
        rt.Explainer(wavy, surrogate=rt.Ridge(np.int64(2), np.float32(2.0), "forward")),  # type: ignore[arg-type]
        rt.Explainer(wavy, rt.Text(mask_token="[MASK]", bag=False), kernel=rt.exponential(np.float32(30)), seed=5),  # type: ignore[arg-type]
    ],
    ids=["others", "numpy", "masked"],
)
def test_it_comes_back_from_json_with_its_plan(explainer: rt.Explainer) -> None:
    e = explainer.explain(TEXT, n_samples=60)
    again = rt.from_dict(json.loads(json.dumps(e.to_dict(), allow_nan=False)))
    assert again.plan == e.plan
    assert again.top() == e.top()
    assert again.representation.perturb(~e.neighbourhood.masks, np.random.default_rng(0)) == e.representation.perturb(
        ~e.neighbourhood.masks, np.random.default_rng(0)
    )
    assert again.to_dict() == e.to_dict()


def test_what_is_the_users_own_is_named_and_defaults_stand_in() -> None:
    def mine(masks: Any) -> Any:
        return masks.mean(axis=1)

    e = rt.Explainer(wavy, kernel=mine).explain(TEXT, n_samples=60)
    kept = e.to_dict()
    assert kept["plan"]["kernel"] == {"own": "mine"}
    again = rt.from_dict(kept)
    assert again.kernel == rt.exponential(25)
    assert np.array_equal(again.weighted.weights, e.weighted.weights)
    assert again.read(n_features=2).coefficients == pytest.approx(e.read(n_features=2).coefficients, abs=1e-9)


def test_a_partial_and_a_constant_result_come_back_as_such() -> None:
    stream = rt.Explainer(lambda t: np.full(len(t), 0.5)).stream(TEXT, n_samples=900)
    stream.pace = lambda done, _: 0 if done else 50
    again = rt.from_dict(json.loads(json.dumps(next(stream).to_dict(), allow_nan=False)))
    assert (again.partial, again.n_samples, again.top()) == ("stopped", 50, [])
    assert np.isnan(again.fidelity)


@pytest.mark.parametrize("given", [None, [], "x", {}, {"retrust": "pick"}, {"retrust": ["explanation"]}], ids=str)
def test_something_else_is_no_explanation(given: Any) -> None:
    with pytest.raises(ContractError, match="this is no explanation"):
        rt.from_dict(given)


def test_a_later_version_is_told_so(e: rt.Explanation) -> None:
    with pytest.raises(ContractError, match="version 2 of the format; this release reads version 1"):
        rt.from_dict(e.to_dict() | {"version": 2})


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List every place in a JSON value."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from paths(part, (*path, key))


def damaged(kept: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """Return a copy with junk, or nothing, at one place."""
    copied = copy.deepcopy(kept)
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    if junk is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = junk
    return copied


JUNK = [
    None,
    True,
    -1,
    99,
    10**30,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "AAAA",
    [],
    {},
    [1],
    [[0, 1]],
    {"name": "Ridge"},
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_a_damaged_file_is_told_so_or_still_works_wholly(e: rt.Explanation, junk: Any) -> None:
    kept = e.to_dict()
    for path in paths(kept):
        try:
            again = rt.from_dict(damaged(kept, path, junk))
        except ContractError:
            continue
        assert str(again)
        assert contract.scene(again)
        assert contract.reading(again)
        assert len(again.read(2, n_features=2).top()) <= 2
        assert again.attach(wavy).probe().shape == (3,)


def test_nothing_in_a_file_is_executed_and_strings_stay_strings(e: rt.Explanation) -> None:
    kept = e.to_dict()
    kept["plan"]["kernel"] = {"name": "__import__", "width": "os"}
    with pytest.raises(ContractError, match="damaged"):
        rt.from_dict(kept)
    kept = e.to_dict() | {"classes": ["<script>", 1, None]}
    assert rt.from_dict(kept).classes == ("<script>", "1", "None")
