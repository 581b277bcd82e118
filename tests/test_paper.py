"""The paper's experiments: their procedure and baselines against independent answers, and a tiny run of all."""

from __future__ import annotations

import doctest
import importlib
import json
import sys
from typing import TYPE_CHECKING, Any

import authors
import baselines
import drawings
import faithful
import forests
import machines
import numpy as np
import predictions
import pytest
import report
import running
from absences import Kept, Masks
from corpora import Known
from scipy.special import expit
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, lars_path, lars_path_gram
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

import retrust as rt

if TYPE_CHECKING:
    from pathlib import Path

    from running import Desk

SECTIONS = {
    "5.2": "faithful",
    "5.3": "predictions",
    "5.4": "forests",
    "6.2": "choosing",
    "6.3": "mending",
    "6.4": "insight",
}
TEXTS = ["good fine dull", "good bad", "fine plain dull", "bad dull plain", "good fine plain", "bad plain"] * 5
LABELS = np.array([1, 1, 1, 0, 1, 0] * 5)


@pytest.fixture(scope="module")
def model() -> Any:
    return make_pipeline(CountVectorizer(binary=True, lowercase=False), LogisticRegression()).fit(TEXTS, LABELS)


# --- the authors' procedure


def test_the_authors_masks_keep_a_uniform_number_of_words() -> None:
    masks = Kept()(6, 30_000, np.random.default_rng(0))
    shares = np.bincount(masks.sum(axis=1), minlength=7)[1:] / len(masks)
    assert shares[:5] == pytest.approx(np.full(5, 0.2), abs=0.01)
    assert shares[5] == 0


def test_k_lasso_is_the_lasso_on_weighted_rows_with_outputs_less_their_plain_mean() -> None:
    push = np.array([0.9, -0.6, 0.4, 0.2, -0.1, 0.05, 0.0, 0.02])

    def answer(masks: Any) -> Any:
        return expit(masks.astype(float) @ push)

    e = authors.explainer(answer, Masks(), authors.KLasso(3)).explain(8, 0, 4000)
    masks, outputs = e.neighbourhood.masks, e.neighbourhood.outputs[:, 0]
    far = 100 * (1 - np.sqrt(masks.sum(axis=1) / 8))
    root = np.sqrt(np.exp(-(far**2) / 25**2))
    rows, aim = masks * root[:, None], (outputs - outputs.mean()) * root
    _, _, path = lars_path(rows, aim, method="lasso")
    chosen = [np.flatnonzero(step) for step in path.T if np.count_nonzero(step) <= 3][-1]
    beta = LinearRegression(fit_intercept=False).fit(rows[:, chosen], aim).coef_
    assert sorted(e.fit.selected) == chosen.tolist()
    assert e.coefficients[chosen] == pytest.approx(beta, abs=1e-9)
    assert e.intercept == pytest.approx(outputs.mean())
    left = (outputs - e.intercept - masks[:, chosen] @ beta) * root
    level = np.average(outputs, weights=root**2)
    assert e.fidelity == pytest.approx(1 - (left**2).sum() / (((outputs - level) * root) ** 2).sum())


def test_the_path_is_followed_as_far_as_it_matters() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows = rng.random((200, 60)) < 0.6
        aim = rows @ rng.normal(size=60) + rng.normal(size=200)
        gram, cross = rows.T.astype(float) @ rows, rows.T @ aim
        _, _, path = lars_path_gram(cross, gram, n_samples=200, method="lasso")
        whole = np.flatnonzero(path[:, np.flatnonzero(np.count_nonzero(path, axis=0) <= 10)[-1]])
        assert authors.last_step(gram, cross, 10).tolist() == whole.tolist()


@pytest.mark.filterwarnings("ignore::retrust.errors.ConstantModelWarning")
def test_where_nothing_moves_the_authors_code_names_all_words_and_the_strict_one_none() -> None:
    e = authors.explainer(lambda masks: np.full(len(masks), 0.25), Masks()).explain(5, 0, 200)
    assert sorted(e.fit.selected) == [0, 1, 2, 3, 4]
    assert not e.coefficients.any()
    assert len(e.read(surrogate=authors.KLasso(whole=False)).fit.selected) == 0


# --- the baselines


def test_greedy_takes_the_strongest_word_first_and_ends_where_the_absence_of_all_others_would_raise_it(
    model: Any,
) -> None:
    said = baselines.Greedy(model).explain("good fine bad", 1)
    weight = dict(zip(model[0].get_feature_names_out(), model[1].coef_[0], strict=True))
    assert weight["good"] > weight["fine"] > 0 > weight["bad"]
    assert [word for word, _ in said.top(3)] == ["good", "fine"]
    with_it, without = (model.predict_proba([text])[0, 1] for text in ("good fine bad", "fine bad"))
    assert said.top(1)[0][1] == pytest.approx(with_it - without)
    assert said.calls == 1 + 3 + 2 + 1


def test_greedy_ends_below_one_half_where_it_is_told_to(model: Any) -> None:
    text = "good fine bad"
    assert model.predict_proba([text])[0, 1] > 0.5
    assert model.predict_proba(["fine bad"])[0, 1] < model.predict_proba([text])[0, 1]
    until = float(model.predict_proba([text])[0, 1]) - 1e-6
    assert baselines.Greedy(model, until=until).explain(text, 1).words == ["good"]


def test_many_texts_are_explained_as_each_alone(model: Any) -> None:
    texts = ["good fine bad", "plain dull", "bad bad good plain"]
    parzen = baselines.Parzen.fitted(model, TEXTS, LABELS, sigma=1.0)
    for each in (baselines.Greedy(model), baselines.Random(model), parzen):
        together = each.explain_many(texts, 1)
        for text, said in zip(texts, together, strict=True):
            alone = each.explain(text, 1)
            assert alone.words == said.words
            assert alone.coefficients == pytest.approx(said.coefficients)


def test_random_names_words_of_the_text_and_the_same_ones_each_time(model: Any) -> None:
    text = "good fine bad plain"
    said = baselines.Random(model, 2, seed=3).explain(text)
    assert set(said.words) <= set(text.split())
    assert 1 <= len(said.words) <= 2
    assert said.words == baselines.Random(model, 2, seed=3).explain(text).words
    assert len({tuple(sorted(baselines.Random(model, 2, seed=s).explain(text).words)) for s in range(20)}) > 3


def test_parzen_is_the_derivative_of_its_window(model: Any) -> None:
    parzen = baselines.Parzen.fitted(model, TEXTS, LABELS, sigma=0.8)
    said = parzen.explain("good dull plain", 1)
    rows, x = parzen.rows.toarray().astype(float), model[0].transform(["good dull plain"]).toarray()[0].astype(float)

    def share(point: Any) -> float:
        window = np.exp(-((rows - point) ** 2).sum(axis=1) / (2 * 0.8**2))
        return float(window @ parzen.labels / window.sum())

    for feature, slope in zip(said.features, said.coefficients, strict=True):
        step = 1e-5 * np.eye(len(x))[model[0].vocabulary_[feature.key]]
        assert slope == pytest.approx((share(x + step) - share(x - step)) / 2e-5, abs=1e-7)
    assert said.local_prediction == pytest.approx(share(x))
    other = parzen.explain("good dull plain", 0)
    assert other.coefficients == pytest.approx(-said.coefficients)
    assert other.local_prediction == pytest.approx(1 - share(x))


def test_the_chosen_width_disagrees_least(model: Any) -> None:
    parzen = baselines.Parzen.fitted(model, TEXTS, LABELS, seed=4)
    ours, held = train_test_split(np.arange(len(LABELS)), test_size=0.2, random_state=4)
    rows = parzen.rows.toarray().astype(float)
    far = ((rows[held][:, None] - rows[ours]) ** 2).sum(axis=2)

    def wrong(sigma: float) -> float:
        window = np.exp(-far / (2 * sigma**2))
        share = window @ parzen.labels[ours] / window.sum(axis=1)
        return float(np.mean((share > 0.5) != parzen.labels[held]))

    counts = [wrong(sigma) for sigma in baselines.SIGMAS]
    assert parzen.sigma == baselines.SIGMAS[int(np.argmin(counts))]


# --- models whose words are known


def test_gold_words_of_a_tree_are_those_that_are_tested_and_there(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["aa bb", "aa", "bb cc", "cc", "aa bb cc", "dd", "cc dd", "bb dd"] * 3
    labels = np.array([int("aa" in text or ("bb" in text and "cc" in text)) for text in texts])
    tree = make_pipeline(CountVectorizer(binary=True), DecisionTreeClassifier(random_state=1)).fit(texts, labels)
    monkeypatch.setattr(faithful, "model", lambda *_: tree)
    words = tree[0].get_feature_names_out()
    golden = set()
    for text in texts:
        way = tree[1].decision_path(tree[0].transform([text])).indices
        tested = {words[j] for j in tree[1].tree_.feature[way] if j >= 0}
        golden.add(frozenset(tested & set(text.split())))
        assert faithful.gold("made up", "tree", text) == tested & set(text.split())
    assert frozenset({"aa"}) in golden
    assert len(golden) > 2


def test_sparse_models_have_at_most_ten_words_in_a_text_and_the_one_before_has_more() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(40)])
    labels = np.arange(300) % 2
    there = rng.random((300, 40)) < np.where(labels[:, None] == 1, 0.6, 0.4)
    texts = [" ".join(words[line]) for line in there]
    most = []
    for before in (False, True):
        asked = faithful.sparse_model(texts, labels, before=before)
        most.append(max(len(faithful.weighty(asked, text)) for text in texts))
    assert most[0] <= 10 < most[1]


# --- persons


def test_a_person_distrusts_what_changes_sides_without_the_distrusted_words() -> None:
    view = predictions.View([0, 2], [0.3, -0.1], 0.6, "sides", 1)
    words = np.array([[True, False, False], [False, True, True], [False, True, False]])
    assert view.trusted(words, side=True).tolist() == [False, True, True]
    assert view.trusted(words, side=False).tolist() == [True, False, False]
    anything = predictions.View([0, 2], [0.3, -0.1], 0.6, "any", 1)
    assert anything.trusted(words, side=True).tolist() == [False, False, True]


def test_parzen_is_compared_with_its_own_side_and_lime_with_the_black_box() -> None:
    view = predictions.View([0], [0.3], 0.6, "sides", 1)
    words = np.array([[True], [False]])
    assert predictions.concluded("parzen", view, words, side=False).tolist() == [False, True]
    assert predictions.concluded("auto", view, words, side=False).tolist() == [True, False]


def test_the_oracle_asks_the_black_box_without_the_words(model: Any) -> None:
    texts = baselines.Texts(model, ["good fine bad"])
    names = model[0].get_feature_names_out().tolist()
    words = np.zeros((2, len(names)), dtype=bool)
    words[0, [names.index("good"), names.index("fine")]] = True
    side = bool(texts.first[0, 1] > 0.5)
    same = bool(model.predict_proba(["bad"])[0, 1] > 0.5) == side
    assert not same
    assert predictions._unmoved(texts, 0, words, side=side).tolist() == [same, True]


def test_f1_of_a_difference_is_nothing_where_both_conclude_alike() -> None:
    rng = np.random.default_rng(0)
    truth, told = (rng.random((30, 5)) < 0.7 for _ in range(2))
    assert predictions.mean_f1(truth, told) == pytest.approx(
        np.mean([f1_score(truth[:, i], told[:, i]) for i in range(5)]) * 100
    )
    assert predictions.redrawn(truth, told, told) == 0
    assert predictions.redrawn(truth, truth, told) > 0


def test_artificial_words_go_with_exactly_their_share_of_each_class() -> None:
    labels = np.repeat([0, 1], [50, 100])
    texts = forests.noised(["x"] * 150, labels, (0.1, 0.2), np.random.default_rng(0))
    for word in forests.ARTIFICIAL:
        there = np.array([word in text.split() for text in texts])
        assert (there[labels == 0].sum(), there[labels == 1].sum()) == (5, 20)


def test_a_forest_is_explained_alike_as_text_and_as_masks() -> None:
    made = make_pipeline(CountVectorizer(binary=True), machines.QuickForest(10, max_depth=3, random_state=0))
    made.fit(TEXTS, LABELS)
    text = "good fine bad plain dull"
    (by_masks,) = forests.theirs(made, [text])
    by_text = authors.explainer(made, rt.Text(tokenizer=Known(made[0])), seed=0).explain(text, 1, forests.SAMPLES)
    named = {feature.key: w for feature, w in zip(by_text.features, by_text.coefficients, strict=True)}
    for feature, weight in zip(by_masks.features, by_masks.coefficients, strict=True):
        assert weight == pytest.approx(named[feature.key], abs=0.02)  # other masks


def test_pairs_are_alike_on_validation_and_apart_on_the_test() -> None:
    rng = np.random.default_rng(0)
    found = [(round(a, 2), round(b, 3)) for a, b in rng.uniform(0.6, 0.8, (60, 2))]
    both = forests.pairs(found, 12, 0)
    assert len(both) == 12
    assert max(abs(found[i][0] - found[j][0]) for i, j in both) <= 0.001 + 1e-12
    assert min(abs(found[i][1] - found[j][1]) for i, j in both) >= 0.05
    assert np.bincount(np.ravel(both)).max() == 3


def looked_at(weights: Any, level: float = 0.6) -> forests.Seen:
    named = weights[:, :10] != 0
    return forests.Seen(weights, weights[:, :10], named, np.full(len(weights), level), 0)


def test_the_forest_whose_predictions_hang_on_artificial_words_is_not_chosen() -> None:
    rng = np.random.default_rng(0)
    weights = np.concatenate([np.zeros((20, 10)), rng.uniform(0.1, 0.2, (20, 5))], axis=1)
    other = weights.copy()
    other[:, 0] = 0.3
    clean, tricked = looked_at(weights), looked_at(other)
    for pick in forests.PICKS:
        assert set(forests.right((tricked, clean), 1, pick, rng)) == {1.0}
        assert set(forests.right((clean, tricked), 1, pick, rng)) == {0.0}
        assert set(forests.right((clean, clean), 1, pick, rng)) == {0.5}


def test_without_a_surrogate_any_named_artificial_word_is_distrusted_whatever_it_weighs() -> None:
    weights, words = np.zeros((4, 12)), np.arange(10) == 2
    named = np.zeros((4, 10), dtype=bool)
    named[1:3, 2] = True
    assert forests.Seen(weights, weights[:, :10], named, np.full(4, np.nan), 0).distrusted(words) == 2
    assert forests.Seen(weights, weights[:, :10], named, np.full(4, 0.6), 0).distrusted(words) == 0


def test_weights_of_named_words_are_joined_with_artificial_ones_first() -> None:
    found = forests.joined([{"good": 0.5, "artificial3": -0.25}, {}, {"artificial3": 0.0}], np.zeros(3), 7)
    assert found.weights.shape == (3, 11)
    assert found.artificial[:, 3].tolist() == [-0.25, 0, 0]
    assert found.named[:, 3].tolist() == [True, False, True]
    assert found.weights[0, 10] == 0.5


# --- work in pieces


def counted(folder: str, value: int) -> int:
    with open(f"{folder}/{value}.log", "a", encoding="utf-8") as file:  # noqa: PTH123 – it appends
        file.write("x")
    return value**2


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    def pieces(values: range) -> list[running.Piece]:
        return [running.Piece(f"piece {i}", counted, (str(tmp_path), i)) for i in values]

    def desk() -> Desk:
        return running.Desk(tmp_path / "work", 1, quiet=True)

    assert desk().done(pieces(range(2))) == [0, 1]
    assert desk().done(pieces(range(3))) == [0, 1, 4]
    assert [(tmp_path / f"{i}.log").read_text() for i in range(3)] == ["x", "x", "x"]
    again = desk()
    assert again.done([running.Piece("piece 0", counted, (str(tmp_path), 5))]) == [25]  # other arguments
    assert again.seconds > 0


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    pieces = [running.Piece(f"squares {i}", pow, (i, 2)) for i in range(6)]
    alone, together = (running.Desk(tmp_path / str(jobs), jobs, quiet=True).done(pieces) for jobs in (1, 2))
    assert alone == together == [0, 1, 4, 9, 16, 25]


def test_figures_that_are_none_are_written_as_null(tmp_path: Path) -> None:
    result = running.Result([{"mean": 1 / 3, "se": float("nan")}], [], {"seed": 0}, 7)
    running.written(tmp_path / "x" / "9.9.json", {"section": "9.9"}, result, {"wall": 1.23})
    told = json.loads((tmp_path / "x" / "9.9.json").read_text("utf-8"))
    assert told["rows"] == [{"mean": 0.333333, "se": None}]
    assert (told["section"], told["model_calls"], told["seconds"]) == ("9.9", 7, {"wall": 1.2})
    assert {"python", "numpy", "scikit-learn", "retrust"} <= set(told["versions"])


@pytest.mark.parametrize("module", [machines, predictions, report, running])
def test_examples_in_docstrings_hold(module: Any) -> None:
    found = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0


# --- everything, tiny


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("paper")
    for section, name in SECTIONS.items():
        module = importlib.import_module(name)
        desk = running.Desk(place / "work" / section, 1, quiet=True)
        result = module.run("tiny", desk)
        about = {"section": section, "title": module.TITLE, "size": "tiny"}
        running.written(place / "results" / f"{section}.json", about, result, {"wall": 0, "pieces": desk.seconds})
    return place / "results"


def read(results: Path, section: str) -> Any:
    return json.loads((results / f"{section}.json").read_text("utf-8"))


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.filterwarnings("ignore::retrust.errors.RetrustWarning")
def test_each_section_has_figures_checks_and_calls(results: Path, section: str) -> None:
    found = read(results, section)
    assert found["rows"]
    assert found["checks"]
    assert found["model_calls"] > 500
    assert all(check["what"] and check["measured"] for check in found["checks"])


@pytest.mark.filterwarnings("ignore::retrust.errors.RetrustWarning")
def test_explanations_of_a_sparse_model_name_its_words(results: Path) -> None:
    recall = {row["way"]: row["recall"] for row in read(results, "5.2")["rows"] if row["model"] == "LR"}
    assert recall["auto"] == 100
    assert recall["authors, with an intercept"] == 100
    assert recall["authors"] > recall["random"]


@pytest.mark.filterwarnings("ignore::retrust.errors.RetrustWarning")
def test_the_page_is_made_of_the_files_alone(results: Path, tmp_path: Path) -> None:
    page = tmp_path / "docs" / "paper.md"
    report.written(results, page)
    text = page.read_text("utf-8")
    for section in SECTIONS:
        assert f"## {section} {read(results, section)['title']}" in text
    drawn = sorted(path.name for path in (tmp_path / "docs" / "images").iterdir())
    assert drawn == [f"paper-{section}.svg" for section in drawings.PLOTS]
    assert all(f"images/{name}" in text for name in drawn)
    before = {path: path.read_bytes() for path in (tmp_path / "docs").rglob("*.*")}
    report.written(results, page)
    assert {path: path.read_bytes() for path in before} == before


def test_a_section_that_was_not_run_says_so(tmp_path: Path) -> None:
    page = tmp_path / "paper.md"
    report.written(tmp_path / "nothing", page)
    assert page.read_text("utf-8").count("Not run") == len(SECTIONS)


def test_the_program_knows_its_sections(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["paper", "--only", "7.1"])
    program = importlib.import_module("benchmarks.paper.__main__")
    with pytest.raises(SystemExit):
        program.main()
    assert "7.1: the sections are 5.2, 5.3, 5.4, 6.2, 6.3, 6.4" in capsys.readouterr().err
    assert program.SECTIONS == SECTIONS
