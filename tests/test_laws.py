"""The laws of the house, over every domain and one that the house does not know: a list of notes."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from toys import TEXT, Notes, linear, wavy

import retrust as rt

if TYPE_CHECKING:
    from collections.abc import Callable

MELODY = (60, 62, 64, 60, 67, 69)


def bright(tunes: Any) -> Any:
    """Like high notes, and the first two together."""
    return np.array([sum(note / 100 for note in tune) + (tune[0] > 0) * (tune[1] > 0) for tune in tunes])


@dataclass(frozen=True)
class Case:
    """A domain with an instance, a donor and a model."""

    domain: Any
    instance: Any
    donor: Any
    model: Callable[[Any], Any]

    @property
    def seen(self) -> Any:
        return self.domain.represent(self.instance)

    def plain(self, inputs: Any) -> list[Any]:
        """List inputs as instances are given: rows of tables as tuples."""
        if not isinstance(self.domain, rt.Table):
            return list(inputs)
        rows: Any = inputs.toarray() if hasattr(inputs, "toarray") else np.atleast_2d(inputs)
        return [tuple(row) for row in rows.tolist()]

    def swapped(self, keys: Any, donor: Any) -> Any:
        """Return the instance with parts of another."""
        found = self.seen.swap(keys, donor, np.random.default_rng(0))
        return self.plain(found)[0] if isinstance(self.domain, rt.Table) else found


ROWS = [(float(n % 7), n % 3 * 10.0, "red" if n % 2 else "blue") for n in range(40)]
NUMBERS = csr_array(np.arange(60).reshape(10, 6) % 7 * (np.arange(6) % 4 != 3) + 0.0)


def tabular(rows: Any) -> Any:
    """Like high numbers, and red, together."""
    return np.array([row[0] / 10 + (row[1] > 10) * (row[2] == "red") for row in rows.tolist()])


def weighing(rows: Any) -> Any:
    """Like some columns, and two of them together."""
    dense = rows.toarray()
    return np.tanh(dense @ np.linspace(-0.3, 0.5, 6)) + (dense[:, 0] > 0) * (dense[:, 1] > 0)


DONOR = "a bad day, good host, a bad one"
CASES = {
    "text": Case(rt.Text(), TEXT, DONOR, wavy),
    "text, occurrences": Case(rt.Text(bag=False, mask_token="[MASK]"), TEXT, DONOR, wavy),
    "text, characters": Case(rt.Text(unit="char"), TEXT, DONOR, wavy),
    "text, sentences": Case(rt.Text(unit="sentence"), "A good film. A bad end. Very bad!", "A bad end. No.", wavy),
    "text, phrases": Case(rt.Text(unit="phrase", phrases=["bad end"]), TEXT, DONOR, wavy),
    "table": Case(rt.Table(ROWS), ROWS[1], ROWS[12], tabular),
    "table, around": Case(rt.Table(ROWS, neighbours="around"), ROWS[1], ROWS[12], tabular),
    "sparse row": Case(rt.Table(NUMBERS), (1.0, 2.0, 3.0, 0.0, 5.0, 0.0), (2.0, 0.0, 1.0, 0.0, 0.0, 4.0), weighing),
    "notes": Case(Notes(), MELODY, (48, 50, 52, 53, 55, 57), bright),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture(params=[name for name, case in CASES.items() if not case.seen.random])
def fixed(request: pytest.FixtureRequest) -> Case:
    """Give a case in which one mask has one input."""
    return CASES[request.param]


def masks_for(case: Case, n: int = 40) -> Any:
    return np.random.default_rng(0).random((n, len(case.seen.features))) < 0.5


def test_a_domain_and_its_representation_follow_the_protocols(case: Case) -> None:
    assert isinstance(case.domain, rt.Domain)
    assert isinstance(case.seen, rt.Representation)
    assert all(isinstance(feature, rt.Feature) for feature in case.seen.features)
    names = [feature.name for feature in case.seen.features]
    assert len(set(names)) == len(names)


def test_everything_present_is_the_instance_itself(case: Case) -> None:
    seen = case.seen.perturb(np.ones((1, len(case.seen.features)), bool), np.random.default_rng(0))
    assert case.plain(seen) == [case.instance]


def test_perturbing_changes_neither_masks_nor_instance_and_is_the_same_again(case: Case) -> None:
    masks, seen = masks_for(case), case.seen
    before = masks.copy()
    first = case.plain(seen.perturb(masks, np.random.default_rng(0)))
    assert case.plain(seen.perturb(masks, np.random.default_rng(0))) == first
    assert np.array_equal(masks, before)
    assert len(set(first)) > len(first) / 8


def test_inputs_are_in_the_order_of_the_masks(fixed: Case) -> None:
    masks, seen = masks_for(fixed), fixed.seen
    first, last = (fixed.plain(seen.perturb(some, np.random.default_rng(0))) for some in (masks, masks[::-1]))
    assert last == first[::-1]


def test_the_design_is_the_masks(case: Case) -> None:
    masks, seen = masks_for(case), case.seen
    assert seen.design(masks, seen.perturb(masks, np.random.default_rng(0))) is masks


def test_to_swap_with_oneself_changes_nothing(case: Case) -> None:
    seen = case.seen
    keys = [feature.key for feature in seen.features]
    assert case.swapped(keys, seen) == case.instance
    assert case.swapped(keys[:1], seen) == case.instance
    assert case.swapped([], case.domain.represent(case.donor)) == case.instance


def keys(representation: Any) -> list[str]:
    """List the key of each occurrence, in order."""
    features = representation.features
    if not hasattr(representation, "owner"):
        return [feature.key for feature in features]
    return [features[i].key for i in representation.owner]


def test_after_a_swap_the_marked_part_is_the_donors_and_all_others_are_as_they_were(case: Case) -> None:
    donor, key = case.domain.represent(case.donor), case.seen.features[1].key
    after = keys(case.domain.represent(case.swapped([key], donor)))
    if isinstance(case.domain, Notes):
        assert after == [
            theirs if ours == key else ours for ours, theirs in zip(keys(case.seen), keys(donor), strict=True)
        ]
    else:
        assert after.count(key) == keys(donor).count(key)
        assert [other for other in after if other != key] == [other for other in keys(case.seen) if other != key]


def test_equal_seeds_give_equal_explanations_and_others_do_not(case: Case) -> None:
    def explained(seed: int) -> Any:
        return rt.Explainer(case.model, case.domain, seed=seed).explain(case.instance, target=0, n_samples=130)

    assert np.array_equal(explained(1).coefficients, explained(1).coefficients)
    assert not np.array_equal(explained(1).neighbourhood.packed, explained(2).neighbourhood.packed)


def test_one_explainer_gives_the_same_answer_twice(case: Case) -> None:
    explainer = rt.Explainer(case.model, case.domain)
    first, second = (explainer.explain(case.instance, n_samples=200) for _ in range(2))
    assert np.array_equal(first.coefficients, second.coefficients)
    assert np.array_equal(first.stderr, second.stderr, equal_nan=True)


def test_a_model_linear_in_the_masks_is_recovered(fixed: Case) -> None:
    seen = fixed.seen
    d = len(seen.features)
    right = np.linspace(-1, 1, d) ** 3 + 0.1
    masks = (
        np.array([[bool(row >> j & 1) for j in range(d)] for row in range(2**d)]) if d < 12 else masks_for(fixed, 999)
    )
    masks = np.concatenate([np.ones((1, d), bool), masks])
    value = dict(zip(fixed.plain(seen.perturb(masks, np.random.default_rng(0))), masks @ right, strict=True))

    def sampled(size: int, n: int, rng: np.random.Generator) -> Any:
        assert size == d
        return masks[rng.integers(0, len(masks), n)]

    if len(value) < len(np.unique(masks, axis=0)):  # two masks that look the same: parts cannot be told apart
        pytest.skip("parts of this instance write the same text")
    explainer = rt.Explainer(
        lambda inputs: np.array([value[one] for one in fixed.plain(inputs)]),
        fixed.domain,
        sampler=sampled,  # type: ignore[arg-type]
        surrogate=rt.Ridge(d, alpha=0, select="none"),
    )
    assert explainer.explain(fixed.instance, n_samples=900).coefficients == pytest.approx(right, abs=1e-7)


@pytest.mark.parametrize("way", ["pickle", "json"])
def test_results_travel_and_read_the_same(case: Case, way: str) -> None:
    e = rt.explain(case.model, case.instance, domain=case.domain, n_samples=150)
    again = (
        pickle.loads(pickle.dumps(e))
        if way == "pickle"
        else rt.from_dict(json.loads(json.dumps(e.to_dict(), allow_nan=False)))
    )
    assert again.top() == e.top()
    narrow = rt.exponential(9)
    assert again.read(kernel=narrow).coefficients == pytest.approx(e.read(kernel=narrow).coefficients, abs=1e-9)


def test_the_model_is_asked_by_hand_as_it_was_while_sampling(fixed: Case) -> None:
    e = rt.explain(fixed.model, fixed.instance, domain=fixed.domain, n_samples=60)
    for mask, outputs in zip(e.neighbourhood.masks[:20], e.neighbourhood.outputs, strict=False):
        assert np.array_equal(e.probe(np.flatnonzero(~mask).tolist()), outputs)


def test_it_is_shown_and_tabled(case: Case) -> None:
    e = rt.explain(case.model, case.instance, domain=case.domain, n_samples=150)
    assert e.top()[0][0].split()[0] in str(e)
    assert e.to_frame()["key"].tolist() == [e.features[i].key for i in e.fit.selected]


def test_notes_are_explained_by_the_notes_that_matter() -> None:
    e = rt.explain(bright, MELODY, domain=Notes(), n_features=2, n_samples=2000)
    assert {name for name, _ in e.top()} == {"note 1: 60", "note 2: 62"}
    assert e.probe("note 1: 60") == pytest.approx([bright([MELODY])[0] - 0.6 - 1])
    assert e.probe("60") == pytest.approx([bright([MELODY])[0] - 0.6 - 0.6 - 1])  # a key names both


def test_notes_that_travelled_say_what_did_not() -> None:
    e = rt.explain(bright, MELODY, domain=Notes(), n_samples=100)
    again = rt.from_dict(e.to_dict()).attach(bright)
    with pytest.raises(rt.errors.DetachedError, match="did not travel"):
        again.probe("60")


def test_a_linear_model_on_words_is_its_own_explanation() -> None:
    e = rt.explain(linear({"good": 0.25, "end": -0.5}), TEXT, n_features=2, n_samples=2000)
    assert dict(e.top()) == pytest.approx({"good": 0.25, "end": -0.5}, abs=0.01)
