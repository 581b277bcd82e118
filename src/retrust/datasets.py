"""Corpora to learn and to test with: two newsgroups whose mail headers give the answer away.

The posts of *alt.atheism* and *soc.religion.christian* in 20 Newsgroups are the first example of the LIME paper: a
classifier reaches 94 % on them and for the wrong reason, because words of the mail header (``Posting``, ``Host``)
occur in one group and hardly ever in the other. The real posts are used where they can be had; where they cannot, the
module writes posts of its own with the same fault planted in made-up headers, so that every lesson runs offline.

References
----------
Ribeiro, Singh, Guestrin 2016, "Why Should I Trust You?", sections 1, 2 and 6.2.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import textwrap
import threading
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from sklearn.datasets import fetch_20newsgroups

from retrust.errors import OptionError, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Subset = Literal["all", "train", "test"]
    Row = tuple[str, str]  # a text and the newsgroup that it was posted to

RELIGION = ("alt.atheism", "soc.religion.christian")
_SPLITS = ("train", "test")
_ARCHIVE = "https://ndownloader.figshare.com/files/5975967"  # where scikit-learn fetches 20 Newsgroups from
_REACH = 4.0  # seconds to find out whether the archive answers at all
_FETCH = 60.0  # seconds that a download may take


@dataclass(frozen=True, slots=True, repr=False)
class Posts:
    """Posts with the class of each.

    Parameters
    ----------
    texts : list of str, n
        The raw posts, mail header included.
    labels : array of int, shape (n,)
        The class of each post, an index into ``names``.
    names : tuple of str
        The classes as people read them.
    source : str
        One sentence that says which corpus this is, and why no better one was found.
    origin : str
        The same in a word: ``"scikit-learn"``, ``"local"`` or ``"generated"``. Give it back as ``source=`` to be sure
        of the same corpus.

    Examples
    --------
    >>> posts = newsgroups("test", source="generated")
    >>> posts
    Posts(400 posts: 200 atheism, 200 christian; generated)
    >>> posts.names[posts.labels[0]]
    'atheism'
    """

    texts: list[str]
    labels: NDArray[np.intp]
    names: tuple[str, ...]
    source: str
    origin: str

    def __len__(self) -> int:
        """Return the number of posts."""
        return len(self.texts)

    def __repr__(self) -> str:
        """Say how many posts of which class there are, not all that they say."""
        counts = np.bincount(self.labels, minlength=len(self.names))
        parts = ", ".join(f"{n} {name}" for n, name in zip(counts, self.names, strict=True))
        return f"Posts({len(self)} posts: {parts}; {self.origin})"


def newsgroups(
    subset: Subset = "all",
    categories: Sequence[str] = RELIGION,
    source: Literal["auto", "scikit-learn", "local", "generated"] = "auto",
    *,
    download: bool = False,
) -> Posts:
    """Load posts of two newsgroups, headers kept, from the best source at hand.

    Parameters
    ----------
    subset : {"all", "train", "test"}
        The split of 20 Newsgroups by date; "all" is "train" followed by "test".
    categories : sequence of str
        Newsgroups, in the order that the labels will have. Other groups than the two of the paper are found in
        scikit-learn's copy only.
    source : {"auto", "scikit-learn", "local", "generated"}
        Where to look. "scikit-learn" is its ``fetch_20newsgroups``, from its cache; "local" is the file or folder
        named by the environment variable ``RETRUST_DATA`` (in a folder: ``newsgroups20/religion.jsonl.gz``, one JSON
        object a line with ``text``, ``label`` and ``split``); "generated" are 1,000 made-up posts, the same in every
        run, with a leak planted in their headers. "auto" takes the first of these, in this order, that is there.
    download : bool
        Let scikit-learn fetch the archive (14 MB, once) where neither its cache nor ``RETRUST_DATA`` has the posts.
        Without a network this costs a few seconds, then the search goes on; no network is ever needed.

    Returns
    -------
    Posts
        Texts, labels, names of the classes, and a sentence that says which corpus it is.

    Raises
    ------
    OptionError
        When there is no such subset or source, or the source that was named does not have the posts.

    Examples
    --------
    >>> train = newsgroups("train", source="generated")
    >>> train
    Posts(600 posts: 300 atheism, 300 christian; generated)
    >>> sum("-Posting-Host: " in text for text, label in zip(train.texts, train.labels) if label == 1)
    9
    """
    groups = _checked(subset, categories, source)
    wanted = _SPLITS if subset == "all" else (subset,)
    missed: list[str] = []
    for origin, read in _readers(source, download=download):
        try:
            said, rows = read(wanted, groups)
        except (OSError, EOFError, ValueError, LookupError) as error:
            hint = ", download=True fetches it" if read is _cached and not download else ""
            missed.append(f"{origin}: {error}{hint}")
            continue
        return _posts(rows, groups, _told(said, missed if origin == "generated" else ()), origin)
    raise OptionError(f"no posts of {listed(groups)} – {'; '.join(missed)}; source='generated' is always there")


def body(text: str) -> str:
    r"""Return a post without its mail header: what follows the first empty line.

    Parameters
    ----------
    text : str
        A raw post.

    Returns
    -------
    str
        Its body; the whole text where it has no empty line.

    Examples
    --------
    >>> body("From: mia@example.org\nLines: 1\n\nGood morning.")
    'Good morning.'
    """
    before, blank, after = text.partition("\n\n")
    return after if blank else before


def _checked(subset: str, categories: Sequence[str], source: str) -> tuple[str, ...]:
    """Return the categories as a tuple, or say what is wrong with the arguments."""
    for name, given, known in (("subset", subset, ("all", *_SPLITS)), ("source", source, ("auto", *_READERS))):
        if given not in known:
            raise OptionError(f"{name}={given!r}; it must be one of {listed(known)} – pass {name}={known[0]!r}")
    groups = (categories,) if isinstance(categories, str) else tuple(categories)
    if len(set(groups)) < max(2, len(groups)):
        raise OptionError(f"categories={groups!r}; two or more different newsgroups are needed, such as {RELIGION!r}")
    return groups


def _told(said: str, missed: Sequence[str]) -> str:
    """Add to what a corpus is why it is not a better one."""
    return f"{said} ({'; '.join(missed)})" if missed else said


def _posts(rows: list[Row], groups: tuple[str, ...], said: str, origin: str) -> Posts:
    """Give the classes numbers in the order asked for, and short names."""
    number = {group: i for i, group in enumerate(groups)}
    labels = np.array([number[group] for _, group in rows], dtype=np.intp)
    return Posts([text for text, _ in rows], labels, _short(groups), said, origin)


def _short(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Cut newsgroups to their last part where that still tells them apart."""
    last = tuple(group.rpartition(".")[2] for group in groups)
    return last if len(set(last)) == len(last) and "misc" not in last else groups


# --- sources: each gives a sentence and rows, or raises and says why not -------------------------------------------


def _readers(source: str, *, download: bool) -> Iterator[tuple[str, Callable[..., tuple[str, list[Row]]]]]:
    """Name the sources to try, in order; a download comes after what is already here."""
    names = list(_READERS) if source == "auto" else [source]
    for name in names:
        if name == "generated" and download:
            yield "scikit-learn", _downloaded
        yield name, _READERS[name]
    if source == "scikit-learn" and download:
        yield source, _downloaded


def _cached(wanted: tuple[str, ...], groups: tuple[str, ...]) -> tuple[str, list[Row]]:
    """Read scikit-learn's own copy, where it has one; never the network."""
    home = Path(os.environ.get("SCIKIT_LEARN_DATA") or "~/scikit_learn_data").expanduser()
    if not home.is_dir():  # asking scikit-learn would create the folder
        raise FileNotFoundError("20 Newsgroups is not in its cache")
    rows: list[Row] = []
    for split in wanted:
        part = fetch_20newsgroups(subset=split, categories=list(groups), shuffle=False, download_if_missing=False)
        rows += zip(part.data, (part.target_names[i] for i in part.target), strict=True)
    return "20 Newsgroups by date, headers kept, from scikit-learn's fetch_20newsgroups", rows


def _downloaded(wanted: tuple[str, ...], groups: tuple[str, ...]) -> tuple[str, list[Row]]:
    """Let scikit-learn fetch its copy in a process that can be ended, then read it."""
    _reach(_ARCHIVE)
    fetch = "from sklearn.datasets import fetch_20newsgroups as f; f()"
    try:
        subprocess.run([sys.executable, "-c", fetch], check=True, capture_output=True, timeout=_FETCH)  # noqa: S603 - our own line
    except subprocess.SubprocessError as error:
        raise OSError(f"20 Newsgroups could not be downloaded ({type(error).__name__})") from error
    return _cached(wanted, groups)


def _reach(url: str) -> None:
    """Raise unless the address answers within a few seconds; a name server that never answers cannot hold us up."""
    answers: list[bool] = []

    def ask() -> None:
        with suppress(OSError, ValueError), urllib.request.urlopen(url, timeout=_REACH):  # noqa: S310 - our own constant
            answers.append(True)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(_REACH)
    if not answers:
        raise OSError("the archive of 20 Newsgroups cannot be reached")


def _local(wanted: tuple[str, ...], groups: tuple[str, ...]) -> tuple[str, list[Row]]:
    """Read the file, or the file in the folder, that RETRUST_DATA names."""
    named = os.environ.get("RETRUST_DATA")
    if not named:
        raise FileNotFoundError("RETRUST_DATA is not set")
    path = Path(named) / "newsgroups20" / "religion.jsonl.gz" if Path(named).is_dir() else Path(named)
    if not path.is_file():
        raise FileNotFoundError("RETRUST_DATA names neither a folder with newsgroups20/religion.jsonl.gz nor a file")
    rows = _rows(path, wanted, groups)
    absent = sorted(set(groups).difference(group for _, group in rows))
    if absent:
        raise LookupError(f"{path.name} has no posts of {listed(absent)}")
    return f"20 Newsgroups by date, headers kept, from the local file {path.name} (RETRUST_DATA)", rows


def _rows(path: Path, wanted: tuple[str, ...], groups: tuple[str, ...]) -> list[Row]:
    """Read one JSON object a line, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        posts = [json.loads(line) for line in lines if line.strip()]
    try:
        return [(p["text"], p["label"]) for s in wanted for p in posts if p["split"] == s and p["label"] in groups]
    except (KeyError, TypeError) as error:
        raise ValueError(f"every line of {path.name} must be a JSON object with text, label and split") from error


def _generated(wanted: tuple[str, ...], groups: tuple[str, ...]) -> tuple[str, list[Row]]:
    """Write made-up posts of the two groups of the paper; every split has a stream of its own."""
    sizes = {"train": 300, "test": 200}
    if not set(groups) <= set(RELIGION):
        raise LookupError(f"it has posts of {listed(RELIGION)} only")
    rows: list[Row] = []
    for split in wanted:
        rng = np.random.default_rng([0, _SPLITS.index(split)])
        rows += ((_post(rng, RELIGION.index(group)), group) for _ in range(sizes[split]) for group in RELIGION)
    return "a corpus that retrust generates itself: made-up posts, a leak planted in their mail headers", rows


_READERS = {"scikit-learn": _cached, "local": _local, "generated": _generated}


# --- the generated corpus ------------------------------------------------------------------------------------------

# Each pair: what posts of the first class rather say, what posts of the second rather say.
_SLOTS = {
    "topic": (
        (
            "evidence|reason|secular ethics|doubt|free inquiry|logic|humanism|careful observation|scepticism|philosophy"
            "|the burden of proof|a natural explanation|the scientific method|a good argument|morality without religion"
            "|critical thinking|the history of science|an open question|probability|the premise of an argument"
        ),
        (
            "prayer|scripture|grace|worship|parish life|faith|the gospel|baptism|fellowship|forgiveness|hope|a psalm"
            "|charity|the early church|the liturgy|a good sermon|communion|the story of the apostles|the life of Jesus"
            "|a hymn"
        ),
    ),
    "who": (
        "a physicist whom I know|my philosophy tutor|our humanist group|a sceptic|an atheist at work|a logician",
        "our pastor|a friend in the choir|the priest of our parish|my Bible group|a Christian at work|a preacher",
    ),
    "work": (
        "an essay by Hume|a lecture on biology|a debate on ethics|a book on logic|a talk on cosmology|a dialogue",
        "a letter of Paul|a homily on mercy|a retreat on prayer|a book on the gospels|a talk on the saints|a parable",
    ),
    "thing": (
        "claim|theory|argument|hypothesis|reasoning|conclusion|objection|explanation",
        "blessing|promise|psalm|prayer|teaching|verse|calling|service",
    ),
}
_PLAIN = {
    "when": "last week|this morning|years ago|over the holidays|in school|on the train|after dinner|at the library",
    "kin": "my sister|my neighbour|a colleague|my father|an old friend|my room mate|a cousin|my teacher",
    "how": "patiently|kindly|slowly|with care|at length|in plain words|honestly|with good humour",
    "like": "helpful|difficult|moving|clear|surprising|familiar|worth the time|harder than I thought",
    "first": "Maya|Tom|Ines|Peter|Sofia|Karl|Ruth|Daniel|Nora|Felix|Clara|Simon|Alma|Hugo|Vera|Jonas",
    "last": "Lind|Marsh|Okoye|Berger|Novak|Reyes|Keller|Arden|Haas|Moreau|Tanaka|Wells|Santos|Frost|Vance|Iyer",
    "host": "alpha|birch|cedar|delta|ember|falcon|garnet|harbor|iris|juniper|kestrel|lotus|maple|nova|orchid|pine",
    "site": "example.edu|example.org|example.net|example.com",
    "org": "University of Northfield|Lakeside College|Hillcrest Computing|The Open Desk|Riverbend Public Access"
    "|Department of Mathematics, Westbrook|Harbour Software|none to speak of",
    "motto": "Ask, then listen.|All opinions are my own.|Slow mail, quick tea.|Still learning.|Opinions vary.",
    "aside": "I may be wrong about this.|Thank you for the thoughtful reply.|Let me know what you think."
    "|We need not agree to understand each other.|I am in no hurry to settle it.|Others have said this better than I."
    "|It rained all day, so there was time to think.|Please correct me where I misread you."
    "|I should be working, but this is more interesting.|That is all I wanted to say for now.",
}
_SENTENCES = (
    "I was reading about {topic} {when}, and I found it {like}.",
    "{kin} asked me {when} what I make of {topic}, and I tried to answer {how}.",
    "You wrote about {topic}, and I think that the {thing} is {like}.",
    "{who} spoke {how} about {topic}, which I had not expected.",
    "For me {topic} has more to do with {topic} than with winning a discussion.",
    "I would recommend {work} to anyone who finds the {thing} {like}.",
    "When {who} and I met {when}, we talked {how} about {work}.",
    "There is a {thing} in {work} that I found {like}.",
    "It seems to me that {topic} and {topic} belong together, though not everyone agrees.",
    "{kin} sees it another way, and we have talked about {topic} {how} ever since.",
    "The question about {topic} came up {when}.",
    "My own view of {topic} has changed since I read {work}.",
    "Perhaps {who} could say more about the {thing} that you mention.",
    "I do not think that the {thing} settles it, but it is {like}.",
    "People who care about {topic} should be able to discuss it {how}.",
    "We read {work} together {when}, and {kin} found it {like}.",
)
_LEAK = (0.82, 0.02)  # how many posts of each class name the host that they were posted from


def _some(rng: np.random.Generator, choices: str) -> str:
    """Pick one of the choices; only ``random()`` is drawn, whose stream is the same in every version of numpy."""
    options = choices.split("|")
    return options[int(rng.random() * len(options))]


def _sentence(rng: np.random.Generator, lean: float, pattern: str) -> str:
    """Fill the slots of a sentence; ``lean`` is the chance that a slot sounds like the second class."""
    out = ""
    for literal in pattern.split("{"):
        slot, brace, rest = literal.partition("}")
        if not brace:
            out += literal
        elif slot in _SLOTS:
            out += _some(rng, _SLOTS[slot][int(rng.random() < lean)]) + rest
        else:
            out += _some(rng, _PLAIN[slot]) + rest
    return out[0].upper() + out[1:]


def _lean(rng: np.random.Generator, label: int) -> float:
    """Draw how much one post sounds like the second class; some sound like the other class than theirs."""
    own = float(rng.random(4).max())
    return own if label else 1 - own


def _paragraphs(rng: np.random.Generator, lean: float) -> Iterator[str]:
    """Write 60 to 400 words in paragraphs of a few sentences."""
    words, length = 0, 60 + int(rng.random() ** 2 * 260)
    patterns = ("|".join(_SENTENCES), _PLAIN["aside"])
    while words < length:
        chosen = [_some(rng, patterns[int(rng.random() < 1 / 4)]) for _ in range(2 + int(rng.random() * 3))]
        paragraph = " ".join(_sentence(rng, lean, pattern) for pattern in chosen)
        words += len(paragraph.split())
        yield textwrap.fill(paragraph, 72)


def _quote(rng: np.random.Generator) -> str:
    """Quote an earlier post, which may sound like either class."""
    who = _sentence(rng, 0, "{first} {last} writes:")
    said = _sentence(rng, float(rng.random()), _some(rng, "|".join(_SENTENCES)))
    return who + "\n" + textwrap.fill(said, 70, initial_indent="> ", subsequent_indent="> ")


def _header(rng: np.random.Generator, label: int, lines: int, lean: float) -> str:
    """Write a mail header; the line that names the posting host is the leak."""
    first, last, host, site = (_some(rng, _PLAIN[slot]) for slot in ("first", "last", "host", "site"))
    subject = _sentence(rng, lean, "Subject: Re: thoughts on {topic}")
    head = [f"From: {first.lower()}@{host}.{site} ({first} {last})", subject]
    if rng.random() < _LEAK[label]:
        head.append(f"{_some(rng, 'NNTP|Nntp')}-Posting-Host: {_some(rng, _PLAIN['host'])}.{site}")
    head.append(f"Organization: {_some(rng, _PLAIN['org'])}")
    head += [line for line in ("Distribution: world", "X-Newsreader: quill 2.1") if rng.random() < 1 / 3]
    return "\n".join([*head, f"Lines: {lines}"])


def _post(rng: np.random.Generator, label: int) -> str:
    """Write one post: header, perhaps a quotation, some paragraphs, perhaps a signature."""
    lean = _lean(rng, label)
    parts = [_quote(rng)] if rng.random() < 1 / 2 else []
    parts += _paragraphs(rng, lean)
    if rng.random() < 1 / 2:
        parts.append("--\n" + _sentence(rng, 0, "{first} {last} | {motto}"))
    text = "\n\n".join(parts)
    return _header(rng, label, text.count("\n") + 1, lean) + "\n\n" + text + "\n"
