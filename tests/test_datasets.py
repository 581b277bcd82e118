"""The corpora: the same in every run, offline, with a leak that a classifier learns."""

from __future__ import annotations

import codecs
import gzip
import json
import pickle
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.datasets import load_files
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from retrust import datasets
from retrust.datasets import Posts, body, newsgroups
from retrust.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ATHEISM, CHRISTIAN = "alt.atheism", "soc.religion.christian"


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No cache, no local data, no network: each test brings what it needs."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no network in these tests")

    monkeypatch.delenv("RETRUST_DATA", raising=False)
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "no cache"))
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def train() -> Posts:
    return newsgroups("train", source="generated")


@pytest.fixture(scope="module")
def test() -> Posts:
    return newsgroups("test", source="generated")


def rows() -> Iterator[dict[str, str]]:
    for split in ("train", "test"):
        for label in (ATHEISM, CHRISTIAN):
            yield {"id": "1", "split": split, "label": label, "text": f"a {split} post to {label}"}


def write(path: Path, posts: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, posts)).encode()))
    return path


# --- the generated corpus


def test_the_generated_corpus_is_the_same_in_every_run(train: Posts) -> None:
    again = newsgroups("train", source="generated")
    assert again.texts == train.texts
    assert np.array_equal(again.labels, train.labels)


def test_both_classes_have_the_same_number_of_posts(train: Posts, test: Posts) -> None:
    assert np.bincount(train.labels).tolist() == [300, 300]
    assert np.bincount(test.labels).tolist() == [200, 200]


def test_all_is_train_followed_by_test(train: Posts, test: Posts) -> None:
    both = newsgroups("all", source="generated")
    assert both.texts == train.texts + test.texts
    assert both.labels.tolist() == [*train.labels, *test.labels]


def test_no_test_post_was_trained_on(train: Posts, test: Posts) -> None:
    assert not set(train.texts) & set(test.texts)


def test_a_post_has_a_header_and_a_body_of_60_to_400_words(train: Posts, test: Posts) -> None:
    assert all(text.startswith("From: ") and "\nSubject: Re: " in text for text in train.texts)
    lengths = [len(body(text).split()) for text in train.texts + test.texts]
    assert 60 <= min(lengths) < 100
    assert 300 < max(lengths) <= 400


def test_posts_quote_and_sign(train: Posts) -> None:
    assert sum("\n> " in text for text in train.texts) > 200
    assert sum("\n--\n" in text for text in train.texts) > 200


@pytest.mark.parametrize("subset", ["train", "test"])
def test_the_posting_host_is_named_in_one_class_and_hardly_in_the_other(subset: Any) -> None:
    posts = newsgroups(subset, source="generated")
    named = np.array(["-Posting-Host: " in text for text in posts.texts])
    assert named[posts.labels == 0].mean() > 0.75
    assert named[posts.labels == 1].mean() < 0.05


def test_the_leak_is_in_the_header_only(train: Posts) -> None:
    assert not any(word in body(text) for text in train.texts for word in ("Posting", "Host", "NNTP", "Nntp"))


def test_a_classifier_learns_the_leak(train: Posts, test: Posts) -> None:
    model = make_pipeline(CountVectorizer(binary=True, lowercase=False), SVC(C=10, gamma=0.001))
    model.fit(train.texts, train.labels)
    whole = model.score(test.texts, test.labels)
    bare = model.score([text.replace("-Posting-Host: ", "") for text in test.texts], test.labels)
    assert whole > 0.92
    assert bare < whole - 0.1


def test_bodies_alone_tell_something(train: Posts, test: Posts) -> None:
    model = make_pipeline(CountVectorizer(binary=True, lowercase=False), SVC(C=10, gamma=0.001))
    model.fit([body(text) for text in train.texts], train.labels)
    assert 0.75 < model.score([body(text) for text in test.texts], test.labels) < 0.92


def test_labels_follow_the_order_of_the_categories(test: Posts) -> None:
    turned = newsgroups("test", (CHRISTIAN, ATHEISM), source="generated")
    assert turned.names == ("christian", "atheism")
    assert np.array_equal(turned.labels, 1 - test.labels)


# --- which source is taken


def test_offline_and_with_nothing_at_hand_the_corpus_is_generated_and_says_why() -> None:
    posts = newsgroups("test")
    assert posts.origin == "generated"
    assert "generates itself" in posts.source
    assert "RETRUST_DATA is not set" in posts.source
    assert "download=True" in posts.source


def test_a_download_without_a_network_is_given_up_soon() -> None:
    start = time.monotonic()
    posts = newsgroups("test", download=True)
    assert time.monotonic() - start < 10
    assert posts.origin == "generated"
    assert "cannot be reached" in posts.source


def test_a_name_server_that_never_answers_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        time.sleep(9)
        raise OSError("too late")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    monkeypatch.setattr(datasets, "_REACH", 0.1)
    start = time.monotonic()
    assert newsgroups("test", download=True).origin == "generated"
    assert time.monotonic() - start < 8


def test_a_download_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: object, timeout: float, **_: object) -> None:
        raise subprocess.TimeoutExpired(str(args), timeout)

    monkeypatch.setattr(datasets, "_reach", lambda _: None)
    monkeypatch.setattr(subprocess, "run", slow)
    assert "could not be downloaded (TimeoutExpired)" in newsgroups("test", download=True).source


@pytest.mark.parametrize("folder", [True, False], ids=["folder", "file"])
def test_local_data_are_used_when_they_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: Any) -> None:
    path = write(tmp_path / "newsgroups20" / "religion.jsonl.gz", list(rows()))
    monkeypatch.setenv("RETRUST_DATA", str(tmp_path if folder else path))
    posts = newsgroups("test")
    assert posts.origin == "local"
    assert posts.texts == [f"a test post to {ATHEISM}", f"a test post to {CHRISTIAN}"]
    assert posts.labels.tolist() == [0, 1]
    assert posts.names == ("atheism", "christian")
    assert "RETRUST_DATA" in posts.source


def test_a_local_file_need_not_be_zipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(map(json.dumps, rows())) + "\n", encoding="utf-8")
    monkeypatch.setenv("RETRUST_DATA", str(path))
    assert len(newsgroups("all")) == 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "names neither a folder"),
        (b"not gzip", "Not a gzipped file"),
        (gzip.compress(b"not json"), "Expecting value"),
        (gzip.compress(b'{"text": "no label"}'), "must be a JSON object with text, label and split"),
        (gzip.compress(json.dumps(next(rows())).encode()), f"has no posts of '{CHRISTIAN}'"),
    ],
    ids=["missing", "not gzip", "not json", "no label", "one class"],
)
def test_broken_local_data_are_passed_over_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / "posts.jsonl.gz").write_bytes(content)
    monkeypatch.setenv("RETRUST_DATA", str(tmp_path / "posts.jsonl.gz"))
    posts = newsgroups("train")
    assert posts.origin == "generated"
    assert reason in posts.source


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache of scikit-learn's, written the way it writes it, with three small newsgroups."""
    for split in ("train", "test"):
        for group in (ATHEISM, "sci.space", CHRISTIAN):
            (tmp_path / split / group).mkdir(parents=True)
            (tmp_path / split / group / "1").write_text(f"a {split} post to {group}", encoding="latin-1")
    whole = {split: load_files(tmp_path / split, encoding="latin-1") for split in ("train", "test")}
    home = tmp_path / "scikit-learn"
    home.mkdir()
    (home / "20news-bydate_py3.pkz").write_bytes(codecs.encode(pickle.dumps(whole), "zlib_codec"))
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(home))


@pytest.mark.usefixtures("cache")
def test_what_scikit_learn_has_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RETRUST_DATA", str(write(tmp_path / "local.jsonl.gz", list(rows()))))
    posts = newsgroups("all")
    assert posts.origin == "scikit-learn"
    assert sorted(posts.texts[:2]) == [f"a train post to {ATHEISM}", f"a train post to {CHRISTIAN}"]
    assert [posts.texts[i].endswith(CHRISTIAN) for i in range(4)] == posts.labels.astype(bool).tolist()
    assert newsgroups("all", source="local").origin == "local"


@pytest.mark.usefixtures("cache")
def test_other_newsgroups_come_from_scikit_learn() -> None:
    posts = newsgroups("test", ("sci.space", ATHEISM))
    assert posts.names == ("space", "atheism")
    assert [posts.names[i] in text for i, text in zip(posts.labels, posts.texts, strict=True)] == [True, True]


# --- what it says when it cannot


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"subset": "valid"}, ["subset='valid'", "'all', 'train', 'test'", "pass subset='all'"]),
        ({"source": "web"}, ["source='web'", "'scikit-learn', 'local', 'generated'", "pass source='auto'"]),
        ({"categories": "alt.atheism"}, ["('alt.atheism',)", "two or more different newsgroups", CHRISTIAN]),
        ({"categories": [ATHEISM, ATHEISM]}, ["two or more different newsgroups"]),
        ({"categories": [ATHEISM, "sci.space"]}, ["sci.space", "has posts of", "download=True"]),
        ({"source": "local"}, ["local: RETRUST_DATA is not set", "source='generated' is always there"]),
        ({"source": "scikit-learn"}, ["not in its cache", "download=True", "source='generated'"]),
        ({"source": "scikit-learn", "download": True}, ["cannot be reached", "source='generated'"]),
    ],
)
def test_an_error_says_what_was_given_what_is_expected_and_the_way_out(options: Any, parts: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        newsgroups(**options)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_ambiguous_newsgroups_keep_their_whole_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    groups = ("talk.politics.misc", "talk.religion.misc")
    posts = [{"split": "train", "label": group, "text": group} for group in groups]
    monkeypatch.setenv("RETRUST_DATA", str(write(tmp_path / "misc.jsonl.gz", posts)))
    assert newsgroups("train", groups).names == groups


def test_a_text_without_an_empty_line_is_all_body() -> None:
    assert body("one line") == "one line"
    assert body("From: a\n\nfirst\n\nsecond") == "first\n\nsecond"
