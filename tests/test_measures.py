"""What a retraining did, in figures that can be worked out by hand."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.linear_model import LogisticRegression, Ridge
from toys import Notes, linear

import retrust as rt
from retrust.errors import OptionError
from retrust.measures import Answers, Judge, Turned, asks, bootstrap, grew, kept, mcnemar, reads, reliance, trusted
from retrust.reach import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retrust.comparison import Comparison

JUDGE = Judge(("no", "yes"))
Y = ["yes", "yes", "no", "no"]


def said(*answers: Any, outputs: Any = None) -> Answers:
    return Answers(np.array(answers), np.zeros((len(answers), 2)) if outputs is None else np.array(outputs, float))


def by_word(word: str) -> Any:
    """Make a classifier that says yes where a word is."""

    class Model:
        classes_ = np.array(["no", "yes"])

        def predict_proba(self, texts: Sequence[str]) -> Any:
            yes = np.array([0.9 if word in text.split() else 0.2 for text in texts])
            return np.column_stack([1 - yes, yes])

    return Model()


# --- who is judged how -----------------------------------------------------------------------------------------------


def test_a_classifier_is_judged_by_accuracy_over_its_own_classes_in_its_order() -> None:
    judge = Judge.of(by_word("good"), ["yes", "no"])
    assert (judge.labels, judge.figure) == (("no", "yes"), "accuracy")
    assert type(Judge.of(LogisticRegression().fit([[0], [1]], [3, 4]), [3, 4]).labels[0]) is int


@pytest.mark.parametrize("y", [[1, 2, 3], [0.5, 1.5, 2.5]], ids=["whole numbers", "fractions"])
def test_a_regressor_is_judged_by_its_error_whatever_its_targets_look_like(y: list[Any]) -> None:
    judge = Judge.of(Ridge().fit([[1], [2], [3]], y), y)
    assert (judge.labels, judge.figure) == ((), "error")


def test_a_callable_is_told_by_its_labels() -> None:
    assert Judge.of(len, ["spam", "ham", "spam"]).labels == ("ham", "spam")
    assert Judge.of(len, [1, 0, 1]).labels == (0, 1)
    assert Judge.of(len, [0.5, 1.0, 1.5]).labels == ()


def test_a_single_score_says_the_second_label_above_its_border() -> None:
    data = rt.Dataset(["good", "bad", "good bad"], [0, 1, 0])
    judge = Judge((0, 1))
    assert judge.ask(linear({"good": 1, "bad": -2}), data).said.tolist() == [1, 0, 0]
    assert judge.ask(linear({"good": 0.6, "bad": 0.2}), data).said.tolist() == [1, 0, 1]  # shares: the border is ½


def test_a_number_of_outputs_that_fits_no_label_is_told() -> None:
    with pytest.raises(OptionError, match=r"the model gives 2 outputs and there are 3 labels \('a', 'b', 'c'\)"):
        Judge(("a", "b", "c")).ask(by_word("good"), rt.Dataset(["good"], ["a"]))


def test_many_rows_are_asked_some_at_a_time_and_all_of_them_once() -> None:
    sizes: list[int] = []

    def model(texts: Sequence[str]) -> Any:
        sizes.append(len(texts))
        return np.array([[0.0, float(text)] for text in texts])

    between: list[int] = []
    rows = list(map(str, range(1, 601)))
    answers = JUDGE.ask(model, rt.Dataset(rows, rows), lambda: between.append(len(sizes)))
    assert (sizes, between) == ([256, 256, 88], [1, 2, 3])
    assert answers.outputs[:, 1].tolist() == list(range(1, 601))


# --- before and after ------------------------------------------------------------------------------------------------


def test_accuracy_before_and_after_with_mcnemars_interval() -> None:
    found = JUDGE.compared(said("yes", "no", "yes", "no"), said("yes", "yes", "no", "no"), Y)
    low, high, p = mcnemar(np.array([1, 0, 0, 1]) > 0, np.ones(4) > 0)
    assert found == {"before": 0.5, "after": 1.0, "low": low, "high": high, "n": 4, "of": "accuracy", "p": p} | {
        "auc": {"before": 0.5, "after": 0.5}
    }


def test_a_fall_is_told_as_plainly_as_a_rise() -> None:
    one, other = said("yes", "yes", "no", "no"), said("no", "yes", "yes", "no")
    rise, fall = JUDGE.compared(other, one, Y), JUDGE.compared(one, other, Y)
    assert (rise["before"], rise["after"]) == (fall["after"], fall["before"]) == (0.5, 1.0)
    assert (rise["low"], rise["high"]) == pytest.approx((-fall["high"], -fall["low"]))
    assert rise["p"] == fall["p"] == 0.5


@pytest.mark.parametrize(("gained", "lost", "n"), [(2, 0, 10), (0, 7, 50), (12, 5, 400), (3, 3, 8)])
def test_mcnemar_is_the_exact_binomial_and_agresti_and_mins_interval(gained: int, lost: int, n: int) -> None:
    before = np.array([False] * gained + [True] * (n - gained))
    after = np.array([True] * gained + [False] * lost + [True] * (n - gained - lost))
    low, high, p = mcnemar(before, after)
    assert p == pytest.approx(min(1.0, 2 * binom.cdf(min(gained, lost), gained + lost, 0.5)))
    b, c, total = (gained + 0.5) / (n + 2), (lost + 0.5) / (n + 2), n + 2
    error = sqrt((b + c - (b - c) ** 2) / total)
    assert (low, high) == pytest.approx((b - c - 1.959964 * error, b - c + 1.959964 * error), abs=1e-6)


def test_models_that_agree_everywhere_differ_by_nothing() -> None:
    low, high, p = mcnemar(np.ones(10) > 0, np.ones(10) > 0)
    assert p == 1.0
    assert low < 0 < high
    assert high == pytest.approx(-low)


def test_auc_stands_beside_accuracy_where_there_are_two_classes() -> None:
    scores = [[0.1, 0.9], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]
    found = JUDGE.compared(said(*Y, outputs=scores), said(*Y, outputs=1 - np.array(scores)), Y)
    assert found["auc"] == {"before": 0.5, "after": 0.5}  # of four pairs two are in order
    one_class = JUDGE.compared(said("yes", outputs=scores[:1]), said("no", outputs=scores[:1]), ["yes"])
    assert "auc" not in one_class


def test_numbers_are_compared_by_their_mean_absolute_error_with_a_paired_interval() -> None:
    judge, y = Judge(()), [1.0, 2.0, 3.0, 4.0]
    before, after = said(2.0, 3.0, 4.0, 5.0), said(1.0, 2.0, 3.0, 6.0)
    found = judge.compared(before, after, y)
    assert (found["before"], found["after"], found["n"], found["of"]) == (1.0, 0.5, 4, "mean absolute error")
    assert found["low"] == -1.0  # every resampling without the last row says so
    assert found["high"] == pytest.approx(0.5)  # three of four draws are the last row, or all are
    assert "p" not in found


def test_the_interval_of_a_bootstrap_is_that_of_its_mean() -> None:
    differences = np.random.default_rng(1).normal(0.3, 1, 400)
    low, high = bootstrap(differences, seed=0)
    error = differences.std() / 20
    assert (low, high) == pytest.approx(
        (differences.mean() - 1.96 * error, differences.mean() + 1.96 * error), abs=0.02
    )
    assert bootstrap(differences, seed=0) == (low, high)
    assert np.isnan(bootstrap(np.array([]))).all()
    assert bootstrap(np.full(5, 2.0)) == (2.0, 2.0)


def test_predictions_that_turned_are_listed_with_their_truth_numbers_never() -> None:
    turned = JUDGE.turned(said("yes", "no", "yes", "no"), said("yes", "yes", "no", "no"), Y)
    assert turned == [Turned(1, "no", "yes", "yes"), Turned(2, "yes", "no", "no")]
    assert type(Judge((0, 1)).turned(said(0), said(1), [1])[0].after) is int
    assert Judge(()).turned(said(1.0), said(2.0), [1.0]) == []


# --- reasons ---------------------------------------------------------------------------------------------------------


def both(old: dict[str, float], new: dict[str, float], text: str = "a b c") -> Comparison:
    explainer = rt.Explainer(linear(old), surrogate=rt.Ridge(3, alpha=0.0), kernel=lambda masks: np.ones(len(masks)))
    return explainer.compare({"before": linear(old), "after": linear(new)}, text, n_samples=200)


def test_reliance_is_the_share_of_weight_on_marked_features() -> None:
    pairs = [both({"a": 3.0, "b": -1.0}, {"a": 0.0, "b": 2.0, "c": 2.0}), both({"a": 1.0, "c": 1.0}, {"a": 1.0})]
    found = reliance(pairs, {"a"})
    assert found["before"] == pytest.approx((0.75 + 0.5) / 2, abs=1e-6)
    assert found["after"] == pytest.approx((0.0 + 1.0) / 2, abs=1e-6)
    assert (found["n"], found["of"]) == (2, "share of weight on marked features")
    assert found["low"] == pytest.approx(-0.75, abs=1e-6)
    assert found["high"] == pytest.approx(0.5, abs=1e-6)


def test_nothing_picked_has_no_reliance_and_nothing_that_grew() -> None:
    found = reliance([], {"a"})
    assert found["n"] == 0
    assert all(np.isnan(found[name]) for name in ("before", "after", "low", "high"))
    assert grew([]) == []


def test_what_grew_is_listed_by_growth_of_importance_and_what_shrank_is_not() -> None:
    found = grew([both({"a": 4.0, "b": 1.0}, {"a": 1.0, "b": 4.0, "c": 4.0})])
    assert [each.key for each in found] == ["c", "b"]
    assert found[0].before == pytest.approx(0.0, abs=1e-3)
    assert (found[1].before, found[1].after) == pytest.approx((1.0, 2.0), abs=1e-3)
    assert [each.key for each in grew([both({"a": 4.0}, {"b": 4.0, "c": 9.0})], most=1)] == ["c"]


# --- trust -----------------------------------------------------------------------------------------------------------


def test_a_prediction_is_trusted_where_it_stays_without_the_marked_parts() -> None:
    data = rt.Dataset(["good day", "bad day", "good"], ["yes", "no", "yes"])
    ledger, model = rt.Ledger((rt.Mark("good"),)), by_word("good")
    answers = JUDGE.ask(model, data)
    stays = trusted(JUDGE, model, answers, reach(data, ledger, rt.Text()), data)
    assert stays.tolist() == [0, 1, 0]  # turns; has no marked part; has nothing else
    other = by_word("day")
    assert trusted(JUDGE, other, JUDGE.ask(other, data), reach(data, ledger, rt.Text()), data).tolist() == [1, 1, 0]


def test_a_number_is_trusted_where_it_moves_by_less_than_a_tenth_of_their_spread() -> None:
    data, model = rt.Dataset(["a b", "b", "a c"], [1.0, 0.0, 1.0]), linear({"a": 0.01, "b": 1.0, "c": 2.0})
    judge, ledger = Judge(()), rt.Ledger((rt.Mark("a"),))
    answers = judge.ask(model, data)
    assert trusted(judge, model, answers, reach(data, ledger, rt.Text()), data).tolist() == [1, 1, 1]
    ledger = rt.Ledger((rt.Mark("b"),))
    assert trusted(judge, model, answers, reach(data, ledger, rt.Text()), data).tolist() == [0, 0, 1]


def test_trust_is_compared_like_accuracy() -> None:
    found = kept(np.array([1.0, 0.0, 0.0, 1.0]), np.ones(4))
    assert (found["before"], found["after"], found["p"], found["n"]) == (0.5, 1.0, 0.5, 4)
    assert found["of"] == "share of predictions that stay without the marked features"


def test_the_surrogate_and_the_model_say_alike_whether_a_prediction_turns() -> None:
    e = rt.explain(by_word("good"), "good day out", n_samples=200)
    assert (reads(e, {"good"}), asks(e, {"good"})) == (True, True)
    assert (reads(e, {"day"}), asks(e, {"day"})) == (False, False)
    assert (reads(e, set()), asks(e, set())) == (False, False)


def test_of_more_classes_the_largest_without_the_marked_decides() -> None:
    def model(texts: Sequence[str]) -> Any:
        return np.array([[0.2 + 0.5 * ("good" in t), 0.4, 0.4 - 0.5 * ("good" in t) + 0.2] for t in texts])

    e = rt.explain(model, "good day", n_samples=100)
    assert (reads(e, {"good"}), asks(e, {"good"})) == (True, True)
    assert (reads(e, {"day"}), asks(e, {"day"})) == (False, False)
    assert reads(e.kept("fit"), {"good"}) is None  # other classes cannot be read any more


def test_a_number_does_not_turn() -> None:
    e = rt.explain(linear({"good": 1.0, "bad": -3.0}), "good bad", n_samples=50)
    assert reads(e, {"good"}) is None
    assert asks(e, {"good"}) is None


def test_a_decision_turns_at_zero() -> None:
    class Margin:
        classes_ = np.array(["no", "yes"])

        def decision_function(self, texts: Sequence[str]) -> Any:
            return linear({"good": 2.0, "day": 0.5}, base=-1.0)(texts)

    e = rt.explain(Margin(), "good day", n_samples=200)
    assert e.classes == ("yes",)
    assert (reads(e, {"good"}), asks(e, {"good"})) == (True, True)
    assert (reads(e, {"day"}), asks(e, {"day"})) == (False, False)


def test_trust_holds_in_a_domain_of_ones_own() -> None:
    data = rt.Dataset([(60, 62), (60, 0), (5, 62)], [1, 1, 0])
    found = reach(data, rt.Ledger((rt.Mark("60"),)), Notes())

    def model(tunes: Sequence[Any]) -> Any:
        return np.array([[0.4, 0.6] if 60 in tune else [0.9, 0.1] for tune in tunes])

    judge = Judge((0, 1))
    assert trusted(judge, model, judge.ask(model, data), found, data).tolist() == [0, 0, 1]
