"""The loop headless: pick, read, mark, retrain, compare, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import loops
import numpy as np
import pytest
from loops import Here, posts, reader
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import retrust as rt
from retrust.errors import ContractError, InstanceTypeError, OptionError, RetrustWarning, UnknownFeature
from retrust.ledger import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loops import Make

make, cold = loops.make, loops.cold  # pytest looks for fixtures here


def keys(s: rt.Session) -> list[str]:
    return [mark.key for mark in s.ledger]


# --- what it is given ------------------------------------------------------------------------------------------------


def test_it_begins_with_the_model_as_it_was_given(make: Make) -> None:
    model = reader().fit(*posts(24))
    s = make(model)
    assert s.model is model
    assert (s.current, len(s.revisions), len(s.ledger), s.undoes) == (0, 1, 0, None)
    assert (s.revisions[0].name, s.picked, s.rows, s.busy) == ("as given", None, [], False)
    assert str(s) == "session on 24 rows, 0 marks, revision 0"


def test_without_held_out_rows_a_fifth_is_set_aside_and_the_model_trained_on_the_rest(make: Make) -> None:
    texts, labels = posts(50)
    trainer, model = Here(), reader().fit(texts, labels)
    s = make(model, texts, labels, valid=None, trainer=trainer, titles=[f"post {i}" for i in range(50)])
    assert (len(s.data), len(s.valid)) == (40, 10)
    assert sorted(s.valid.labels) == ["atheism"] * 5 + ["christian"] * 5
    assert s.model is not model
    assert trainer.asked[0].X == s.data.X
    rows = [int(s.title(row).removeprefix("post ")) for row in range(40)]
    assert [texts[row] for row in rows] == s.data.X


def test_the_split_follows_the_seed_alone(make: Make) -> None:
    one, other, third = (make(valid=None, seed=seed) for seed in (3, 3, 4))
    assert one.valid.X == other.valid.X
    assert one.data.X != third.data.X or one.valid.X != third.valid.X


def test_too_few_rows_are_not_split(make: Make) -> None:
    with pytest.raises(OptionError, match=r"4 rows are too few to set a fifth of them aside – pass valid="):
        make(None, *posts(4), valid=None)


def test_an_estimator_that_is_not_fitted_is_fitted(make: Make) -> None:
    model = reader()
    s = make(model, trainer=None)
    assert s.model.predict(["sun"]).tolist() == ["christian"]
    assert not hasattr(model[-1], "classes_")


def test_a_callable_comes_with_its_trainer(make: Make) -> None:
    def train(data: rt.Dataset) -> Any:
        return reader().fit(data.X, data.y).predict_proba

    s = make(train(rt.Dataset(*posts(24))), trainer=Here(train), classes=["no god", "god"])
    s.mark(["Posting", "Easter"])
    r = s.retrain()
    assert r.measures["valid"]["after"] == 1.0
    assert s.read(0).classes == ("no god", "god")
    assert s.called("christian") == "god"
    with pytest.raises(OptionError, match="cannot be cloned – pass trainer="):
        make(train, trainer=None)


def test_a_trainer_that_wants_to_say_how_far_it_is_gets_whom_to_tell(make: Make) -> None:
    here = Here()

    def train(data: rt.Dataset, progress: Any) -> Any:
        progress(2, 7)
        return here(data)

    s = make(loops.reader(), trainer=train, valid=None)
    s.mark("Posting")
    here.open.clear()
    steps = s.retraining()
    stages = [next(steps)]
    while (stages[-1].done, stages[-1].of) != (2, 7):
        stages.append(next(steps))
    here.open.set()
    assert list(steps)[-1].phase == "measuring"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"y": posts(23)[1]}, "X has 24 rows and y has 23"),
        ({"valid": (posts(6)[0], posts(5)[1])}, "X has 6 rows and y has 5"),
        ({"valid": ([], [])}, "there are no held-out rows"),
        (
            {"valid": (["moon"], ["budhist"])},
            "the held-out rows have the label 'budhist', which the model does not know",
        ),
        ({"X": [], "y": []}, "there are no rows to train on"),
        ({"titles": ["one"]}, "1 titles were given for 24 instances"),
        ({"domain": "text"}, "a domain has a method represent"),
    ],
    ids=range(7),
)
def test_what_does_not_fit_is_refused(make: Make, given: dict[str, Any], told: str) -> None:
    texts, labels = posts(24)
    with pytest.raises(OptionError, match=told):
        make(**{"X": texts, "y": labels} | given).read(0)


def test_a_row_of_no_known_domain_is_refused(make: Make) -> None:
    with pytest.raises(InstanceTypeError):
        make(DummyClassifier().fit([[0], [1]], [0, 1]), [[0], [1]], [0, 1], valid=([[0], [1]], [0, 1]))


def test_a_class_that_no_held_out_row_has_is_told_as_a_warning(make: Make) -> None:
    with pytest.warns(
        RetrustWarning, match="no held-out row has the label 'christian'; the figures say nothing about it"
    ):
        make(valid=(["moon"], ["atheism"]))


# --- pick and read ---------------------------------------------------------------------------------------------------


def varied() -> tuple[list[str], list[str], Any]:
    """Write eight posts with two telling words each, and make a model that reads them all alike."""
    words = [f"word{i}" for i in range(16)]
    texts = [f"{words[2 * i]} {words[2 * i + 1]} and" for i in range(8)]
    return texts, ["a", "b"] * 4, make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, ["a", "b"] * 4)


def test_a_second_pick_brings_what_has_not_been_read(make: Make) -> None:
    texts, labels, model = varied()
    s = make(model, texts, labels, valid=(texts, labels), n_features=2)
    first = s.pick(3)
    rows = set(s.rows)
    assert first.titles[first.chosen[0]] == texts[s.rows[0]]
    assert (len(rows), s.picked) == (3, first)
    s.pick(3)
    assert rows.isdisjoint(s.rows)
    rows |= set(s.rows)
    s.pick(2)
    assert rows.isdisjoint(s.rows)


def test_everything_may_have_been_read(make: Make) -> None:
    s = make()
    s.pick(8)
    assert len(s.pick(50).chosen) == 8
    assert np.isnan(s.picked.share).all() if s.picked else False


def test_a_pick_knows_true_classes_and_titles_and_takes_only_the_pool(make: Make) -> None:
    s = make(titles=[f"post {i}" for i in range(24)], pool=5)
    p = s.pick(2)
    assert len(p.explanations) == 5
    assert [p.titles[chosen] for chosen in p.chosen] == [f"post {row}" for row in s.rows]
    assert p.labels is not None
    assert [p.labels[chosen] for chosen in p.chosen] == [row % 2 for row in s.rows]
    assert s.pick(2, method="random").method == "random"


def test_each_random_pick_of_a_session_is_another_draw_and_the_same_in_the_next_session(make: Make) -> None:
    first, again = make(pool=20), make(pool=20)
    drawn = [first.pick(4, "random").chosen for _ in range(3)]
    assert len(set(drawn)) == 3
    assert [again.pick(4, "random").chosen for _ in range(3)] == drawn


def test_rows_that_cannot_be_explained_are_left_out(make: Make) -> None:
    texts, labels = posts(24)
    texts[::2] = [""] * 12
    s = make(None, texts, labels, pool=24)
    assert len(s.pick(30).explanations) == 12
    assert all(row % 2 for row in s.rows)
    assert {feature.key for feature in s.example().features} == set(texts[1].split())


def test_nothing_can_be_picked_where_nothing_can_be_explained(make: Make) -> None:
    s = make(DummyClassifier().fit(["", ""], ["a", "b"]), ["", ""], ["a", "b"], valid=(["", ""], ["a", "b"]))
    for doing in (s.pick, s.example):
        with pytest.raises(rt.errors.InstanceError, match="none of the rows can be explained"):
            doing()


def test_picking_can_be_ended_at_every_row(make: Make) -> None:
    s = make(pool=5)
    steps = s.picking(2)
    seen = [next(steps) for _ in range(3)]
    steps.close()
    assert [(stage.phase, stage.done, stage.of) for stage in seen] == [("sampling", i, 5) for i in (1, 2, 3)]
    assert s.picked is None
    assert s.pick(2)


@pytest.mark.filterwarnings("ignore::retrust.errors.PartialWarning")
@pytest.mark.parametrize("at", range(1, 6))
def test_an_interruption_ends_a_pick_and_not_one_explanation_only(make: Make, at: int) -> None:
    calls: list[int] = []

    def model(texts: Sequence[str]) -> Any:
        calls.append(len(texts))
        if len(calls) == at:
            raise KeyboardInterrupt
        return np.array([[0.3, 0.7] if "moon" in text else [0.6, 0.4] for text in texts])

    s = make(model)
    with pytest.raises(KeyboardInterrupt):
        s.pick(3)
    assert s.picked is None
    assert len(calls) == at


def test_a_row_is_read_by_the_model_now_and_after_a_retraining_by_both(make: Make) -> None:
    s = make()
    assert s.both(3) is None
    assert s.read(3).top(1)[0][0] == "Easter"
    s.mark(["Posting", "Easter"])
    s.retrain()
    both = s.both(3)
    assert both is not None
    assert both["before"].top(1)[0][0] == "Easter"
    assert both["after"].top(1)[0][0] == "sun"
    assert np.array_equal(both["before"].neighbourhood.masks, both["after"].neighbourhood.masks)
    assert s.read(3).top(1)[0][0] == "sun"


@pytest.mark.parametrize("row", [-1, 24])
def test_a_row_that_is_not_there_is_told(make: Make, row: int) -> None:
    s = make()
    for doing in (s.read, lambda row: s.mark("moon", scope="label", row=row)):
        with pytest.raises(OptionError, match=f"there is no training row {row}; there are 0 to 23"):
            doing(row)
    assert keys(s) == []


# --- mark ------------------------------------------------------------------------------------------------------------


def test_a_mark_takes_a_word_a_feature_or_several(make: Make) -> None:
    s = make()
    s.mark("Posting", because="a mail header")
    s.mark(rt.Feature("Easter, as people read it", "Easter"))
    s.mark(["moon", rt.Feature("sun", "sun")])
    assert keys(s) == ["Posting", "Easter", "moon", "sun"]
    assert next(iter(s.ledger)) == rt.Mark("Posting", because="a mail header")
    assert s.marked == {"Posting", "Easter", "moon", "sun"}
    for nothing in (s.mark, s.withdraw):
        with pytest.raises(OptionError, match="no key was given"):
            nothing([])


def test_a_mark_on_what_no_row_has_names_those_near_it(make: Make) -> None:
    s = make()
    with pytest.raises(UnknownFeature, match=r"no training row has 'posting' – did you mean 'Posting'\?"):
        s.mark("posting")
    with pytest.raises(UnknownFeature, match=r"no training row has 'Eastr' – did you mean 'Easter'\?"):
        s.mark(["moon", "Eastr"])
    with pytest.raises(UnknownFeature, match=r"no training row has 'quux'$"):
        s.mark("quux")
    assert keys(s) == []


def test_a_mark_is_edited_by_marking_again(make: Make) -> None:
    s = make()
    s.mark("Posting")
    s.mark("Posting", because="a header", scope="label", row=0)
    assert list(s.ledger) == [rt.Mark("Posting", "label", "a header", label="atheism")]


def test_a_narrower_scope_holds_for_the_row_that_is_named_or_was_read_last(make: Make) -> None:
    s = make()
    for scope in ("label", "instance"):
        with pytest.raises(OptionError, match=f"scope='{scope}' needs the row"):
            s.mark("moon", scope=scope)
    s.read(1)
    s.mark("sun", scope="label")
    s.mark("Easter", scope="instance", row=3)
    said = [(mark.scope, mark.label, mark.instance) for mark in s.ledger]
    assert said == [("label", "christian", None), ("instance", None, digest(s.data[3]))]
    with pytest.raises(OptionError, match="a mark's scope was 'world'"):
        s.mark("sun", scope="world")


def test_what_only_the_open_or_a_picked_instance_has_can_be_marked(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, labels = posts(24)
    texts[5] += " singular"
    s = make(None, texts, labels, pool=24)
    real = s.census
    left = [i for i, key in enumerate(real.keys) if key != "singular"]
    known = dict(zip([real.keys[i] for i in left], left, strict=True))
    monkeypatch.setitem(real.__dict__, "number", known)  # as if the census had not met the row
    with pytest.raises(UnknownFeature):
        s.mark("singular")
    s.read(5)
    s.mark("singular")
    s.undo()
    s.read(0)
    with pytest.raises(UnknownFeature):
        s.mark("singular")
    s.pick(24)
    s.mark("singular")


def test_withdrawing_trusts_again(make: Make) -> None:
    s = make()
    s.mark(["Posting", "Easter", "moon"])
    s.withdraw("Easter")
    assert keys(s) == ["Posting", "moon"]
    s.withdraw(["Posting", "moon"])
    assert keys(s) == []
    with pytest.raises(UnknownFeature, match="'Easter' is not marked"):
        s.withdraw("Easter")


def test_undo_takes_back_the_last_act_whatever_it_was(make: Make) -> None:
    s = make()
    s.mark("Posting")
    s.mark(["Easter", "moon"])
    s.retrain()
    s.withdraw("moon")
    assert s.undoes == "withdrawing 'moon'"
    s.undo()
    assert (keys(s), s.undoes) == (["Posting", "Easter", "moon"], "the retraining")
    s.undo()
    assert (s.current, len(s.revisions)) == (0, 2)
    s.undo()
    assert (keys(s), s.undoes) == (["Posting"], "the mark on 'Posting'")
    s.undo()
    with pytest.raises(OptionError, match="there is nothing to undo"):
        s.undo()


def test_who_listens_hears_every_act_until_the_end_of_listening(make: Make) -> None:
    s, heard = make(), list[str]()
    end = s.subscribe(heard.append)
    s.mark("Posting")
    s.withdraw("Posting")
    s.undo()
    s.retrain()
    s.name(1, "first")
    s.go(0)
    s.pick(2)
    assert heard == ["mark", "withdraw", "undo", "revision", "name", "go", "pick"]
    end()
    end()
    s.mark("moon")
    assert len(heard) == 7


# --- trust and suggestions -------------------------------------------------------------------------------------------


def test_a_prediction_that_turns_without_what_is_marked_cannot_be_trusted(make: Make) -> None:
    s = make(None, *posts(24, honest=False))
    e = s.read(1)
    assert e.classes[e.target] == "christian"
    assert (s.trust(e), s.trust(e, ask=True)) == (True, True)
    s.mark(["Posting", "Easter"])
    assert s.trust(e, ask=True) is False
    assert s.trust(s.read(0)) in {True, False}


def test_standing_says_accuracy_and_once_something_is_marked_trust(make: Make) -> None:
    s = make(valid=posts(12, honest=False))
    assert s.standing() == {"accuracy": 1.0}
    s.mark("soon")
    assert s.standing() == {"accuracy": 1.0, "trust": 1.0}
    s.mark(["Posting", "Easter"])
    assert s.standing()["trust"] == 0.5  # without its header every post is of one class


def test_siblings_of_marked_words_are_suggested_and_nothing_without_marks(make: Make) -> None:
    rng = np.random.default_rng(0)
    plain = [" ".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 30)) for _ in range(90)]
    texts = [text if i % 3 else f"{text} zig zag" for i, text in enumerate(plain)]
    labels = ["x" if i % 2 else "y" for i in range(90)]
    model = make_pipeline(CountVectorizer(token_pattern=r"\w+"), LogisticRegression()).fit(texts, labels)
    s = make(model, texts, labels, valid=(texts[:9], labels[:9]))
    assert s.suggest() == []
    s.mark("zig")
    assert [each.feature.key for each in s.suggest()] == ["zag"]
    assert s.suggest(most=0) == []


# --- marks of other people -------------------------------------------------------------------------------------------


def test_marks_are_written_and_read_by_another_session(make: Make, tmp_path: Path) -> None:
    s, other = make(), make()
    s.mark("Posting", because="entête\ud800")
    s.mark("moon", scope="label", row=0)
    s.mark("sun", scope="instance", row=1)
    s.save_marks(tmp_path / "marks.json")
    assert other.load_marks(tmp_path / "marks.json") == []
    assert other.ledger == s.ledger
    other.undo()
    assert keys(other) == []


def test_marks_that_cannot_hold_here_are_left_out_and_named(make: Make) -> None:
    s = make()
    marks = [
        {"key": "Posting"},
        {"key": "elsewhere"},
        {"key": "moon", "scope": "label", "label": "buddhism"},
        {"key": "sun", "scope": "instance", "instance": "0123456789ab"},
        {"key": "Easter", "vocabulary": "another"},
    ]
    left = s.load_marks({"retrust": "ledger", "version": 1, "marks": marks})
    assert left == ["elsewhere", "moon", "sun", "Easter"]
    assert keys(s) == ["Posting"]
    assert s.load_marks({"retrust": "ledger", "version": 1, "marks": marks[1:2]}) == ["elsewhere"]
    assert s.undoes == "the mark on 'Posting'"


@pytest.mark.parametrize("written", ["", "my thesis", "[]", '{"retrust": "session"}'])
def test_a_file_that_holds_no_marks_is_told(make: Make, tmp_path: Path, written: str) -> None:
    (tmp_path / "marks.json").write_text(written)
    with pytest.raises(ContractError, match="no JSON|no marks"):
        make().load_marks(tmp_path / "marks.json")
