"""A small static picture of a scene and a reading: plain HTML, no script, never above its limit."""

from __future__ import annotations

import math
from base64 import b64encode
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape as html_escape
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from retrust.representation import clipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Json = Mapping[str, Any]
    Span = tuple[int, int]

LIMIT = 20_000
"""The most bytes that a picture has."""

_BARS, _OUTPUTS = 20, 5  # at most so many
_NAME, _CONDITION, _SENTENCE = 30, 60, 300  # characters of a name, a condition on a column and a sentence
_SPARE = 400  # bytes around what stands on the left
_OPENING, _AROUND, _WORD, _BACK = 400, 120, 80, 40  # of the beginning, beside a telling word, of it, before a cut
_TURNS = 3  # occurrences of one telling word, at most
_HUGE = 1e9
_GAP = '<span class="rts-gap"> … </span>'

STYLE = """\
.rts{--bg:#fff;--ink:#1d2024;--soft:#5f6670;--line:#dfe1e4;--for:#1f66ad;--f:31,102,173;--against:#b35806;--a:224,130,20;\
font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums;color:var(--ink);background:var(--bg);\
border:1px solid var(--line);border-radius:10px;max-width:1080px;overflow:hidden}
@media(prefers-color-scheme:dark){.rts{--bg:#16181c;--ink:#e8eaed;--soft:#a2a9b3;--line:#343942;--for:#7db8f0;\
--f:88,160,230;--against:#f2a457;--a:230,140,50}}
.rts p{margin:4px 0;font-size:12.5px}.rts-head,.rts-body>*{box-sizing:border-box;padding:12px 16px}
.rts-head{border-bottom:1px solid var(--line)}.rts-body{display:flex;flex-wrap:wrap}
.rts-left{flex:1.25 1 320px;min-width:0}.rts-bars{flex:1 1 300px}
.rts img{display:block;max-width:100%}
.rts-text{max-height:300px;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;\
font:12.8px/1.75 ui-monospace,Menlo,monospace}
.rts-gap,.rts-soft,.rts small,.rts caption{color:var(--soft)}
.rts mark{color:inherit;padding:1px 2px;border-radius:3px;text-decoration:underline 2px;text-underline-offset:3px}
.rts mark.rts-f{background:rgba(var(--f),var(--w));text-decoration-color:var(--for)}
.rts mark.rts-a{background:rgba(var(--a),var(--w));text-decoration:underline wavy 1px var(--against)}
.rts table{border-collapse:collapse;table-layout:auto;width:100%;margin:0;font-size:12.5px}
.rts .rts-out{max-width:340px}.rts caption{text-align:start}.rts.rts.rts tr{background:none}
.rts.rts.rts :is(th,td){text-align:start}.rts.rts.rts td+td{text-align:end}
.rts th,.rts td{padding:3px 4px;border:0;text-align:start;font-weight:400}
.rts .rts-on>*{font-weight:600}.rts th{width:112px;overflow-wrap:anywhere}
.rts td+td{width:1%;text-align:end;white-space:nowrap}
.rts i{display:block;height:10px;border-radius:2px;background:var(--soft)}
.rts .rts-on i,.rts i.rts-f{background:var(--for)}.rts i.rts-a{background:var(--against)}"""


def draw(scene: Json, reading: Json, photo: bytes = b"") -> str:
    """Draw an explanation's card; a long text is cut around its strongest words, and the card says so.

    Parameters
    ----------
    scene, reading : mapping
        As they cross to the page.
    photo : bytes
        For images: a small WebP with the evidence drawn in it.

    Returns
    -------
    str
        A fragment of HTML with its own style, of at most ``LIMIT`` bytes.

    Examples
    --------
    >>> scene = {"kind": "text", "scale": "probability", "classes": ["no", "yes"], "features": [{"name": "good"}],
    ...          "pieces": [["good", 0], [" <day>", -1]]}
    >>> reading = {"target": 1, "prediction": [0.1, 0.9], "weights": [[0, 0.25, 0.01]], "fidelity": 0.98,
    ...            "model_calls": 2, "settled": True, "partial": None, "doubt": None}
    >>> html = draw(scene, reading)
    >>> "+0.250" in html, "&lt;day&gt;" in html
    (True, True)
    """
    weights = {feature: coefficient for feature, coefficient, _ in reading["weights"][:_BARS]}
    before = f'<section class="rts" aria-label="Explanation"><style>{STYLE}</style>{_head(scene, reading)}'
    after = f"{_bars(scene, reading)}</div></section>"
    left = ""
    if "pieces" in scene:
        passage = _Passage(scene["pieces"], weights)
        left = _left(passage, LIMIT - size(before + after) - _SPARE)
    if "columns" in scene:
        left = _cells(scene, list(weights), LIMIT - size(before + after) - _SPARE)
    if photo:
        left = _photo(photo, scene["classes"][reading["target"]])
    return f'{before}<div class="rts-body">{left}{after}'


def escape(text: str) -> str:
    """Make any string safe between tags and inside attributes, also where half a surrogate pair stands in it."""
    return html_escape(text.encode("utf-8", "replace").decode("utf-8"))


def short(text: str, most: int = _NAME) -> str:
    """Cut a string where it is longer than that."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def size(html: str) -> int:
    """Count the bytes of a string."""
    return len(html.encode("utf-8"))


def _head(scene: Json, reading: Json) -> str:
    """Draw the verdict: the model's answer, then how far to believe the reasons."""
    outputs = reading["prediction"]
    order = sorted(range(len(outputs)), key=lambda i: (outputs[i] is None, -(outputs[i] or 0.0)))[:_OUTPUTS]
    if reading["target"] not in order:
        order[-1] = reading["target"]
    rows = "".join(_output(scene, outputs[i], i, on=i == reading["target"]) for i in order)
    rest = len(outputs) - len(order)
    more = f"<p><small>and {rest:,} more outputs</small></p>" if rest else ""
    sentences = [reading["doubt"], reading.get("locality"), _PARTIAL.get(reading["partial"])]
    notes = "".join(f"<p>{escape(short(sentence, _SENTENCE))}</p>" for sentence in sentences if sentence)
    return f'<div class="rts-head"><table class="rts-out">{rows}</table>{more}{_facts(scene, reading)}{notes}</div>'


_PARTIAL = {
    "stopped": "Stopped early: sampling was stopped.",
    "interrupted": "Stopped early: the kernel was interrupted.",
    "failed": "Stopped early: the model failed.",
}


def _output(scene: Json, value: float | None, i: int, *, on: bool) -> str:
    share = scene["scale"] == "probability"
    width = round(100 * (value or 0.0)) if share else 0
    shown = "–" if value is None else _plain(value, 2 if share else _decimals(abs(value)))
    bold = ' class="rts-on"' if on else ""
    return (
        f'<tr{bold}><th scope="row" dir="auto">{escape(short(scene["classes"][i]))}</th>'
        f'<td><i style="width:{width}%"></i></td><td>{shown}</td></tr>'
    )


def _facts(scene: Json, reading: Json) -> str:
    name = f'<b dir="auto">{escape(short(scene["classes"][reading["target"]]))}</b>'
    known = reading["fidelity"] is not None
    facts = [
        f"reasons for {name}",
        f"local fit R² <b>{_plain(reading['fidelity'], 2)}</b>" if known else "local fit unknown",
        f"<b>{reading['model_calls']:,}</b> model calls",
        "settled" if reading["settled"] else f"{reading['n_samples']:,} samples",
    ]
    return f'<p class="rts-soft">{" · ".join(facts)}</p>'


def _bars(scene: Json, reading: Json) -> str:
    weights = reading["weights"]
    if not weights:
        return '<div class="rts-bars"><p>No part was found to matter.</p></div>'
    largest = max(abs(coefficient) for _, coefficient, _ in weights)
    name = partial(clipped, most=_CONDITION) if "columns" in scene else short
    rows = "".join(_bar(name(scene["features"][i]["name"]), c, se, largest) for i, c, se in weights[:_BARS])
    hidden = len(weights) - _BARS
    more = f"<p><small>and {hidden:,} weaker ones</small></p>" if hidden > 0 else ""
    caption = "<caption>+ speaks for it, − against it</caption>"
    return f'<div class="rts-bars"><table>{caption}{rows}</table>{more}</div>'


def _bar(name: str, coefficient: float, stderr: float | None, largest: float) -> str:
    width = round(50 * abs(coefficient) / largest) if largest else 0
    left = 50 if coefficient >= 0 else 50 - width
    decimals = _decimals(largest)
    half = "" if stderr is None else f" <small>±{_plain(1.96 * stderr, decimals)}</small>"
    sign = "+" if coefficient >= 0 else ""
    return (
        f'<tr><th scope="row" dir="auto">{escape(name)}</th>'
        f'<td><i class="{_side(coefficient)}" style="margin-left:{left}%;width:{width}%"></i></td>'
        f"<td>{sign}{_plain(coefficient, decimals)}{half}</td></tr>"
    )


def _side(coefficient: float) -> str:
    return "rts-f" if coefficient >= 0 else "rts-a"


def _decimals(largest: float) -> int:
    """Count the decimals that leave the largest of some numbers three digits."""
    return min(max(2 - math.floor(math.log10(largest)), 0), 6) if largest else 3


def _plain(value: float, decimals: int) -> str:
    """Write a number with a true minus; a very long one by its power of ten."""
    return (f"{value:,.{decimals}f}" if abs(value) < _HUGE else f"{value:.2e}").replace("-", "−")


def _photo(photo: bytes, name: str) -> str:
    """Draw a picture that carries its evidence."""
    words = escape(f"The picture: blue speaks for {short(name)}, orange against it")
    data = b64encode(photo).decode("ascii")
    return f'<div class="rts-left"><img alt="{words}" src="data:image/webp;base64,{data}"></div>'


def _cells(scene: Json, weighed: Sequence[int], budget: int) -> str:
    """Draw what the row holds, the columns that matter first, as many as the bytes allow."""
    first = [scene["features"][feature]["column"] for feature in weighed]
    order = list(dict.fromkeys([*first, *range(len(scene["columns"]))]))
    rows = [_cell(scene["columns"][at]) for at in order]
    fits = bisect_right(list(accumulate(map(size, rows))), budget)
    more = f"<p><small>and {len(rows) - fits:,} more columns</small></p>" if fits < len(rows) else ""
    return f'<div class="rts-left"><table><caption>The row</caption>{"".join(rows[:fits])}</table>{more}</div>'


def _cell(column: Json) -> str:
    value = escape(clipped(column["value"], _WORD)) if column["value"] else '<span class="rts-soft">missing</span>'
    name = escape(clipped(column["name"], _CONDITION))
    return f'<tr><th scope="row" dir="auto">{name}</th><td dir="auto">{value}</td></tr>'


def _left(passage: _Passage, budget: int) -> str:
    html, shown = passage.cut(budget)
    note = ""
    if shown < passage.length:
        note = f"<p><small>{shown:,} of {passage.length:,} characters, around the strongest words</small></p>"
    box = '<div class="rts-text" dir="auto" tabindex="0" role="group" aria-label="Text">'
    return f'<div class="rts-left">{box}{html}</div>{note}</div>'


@dataclass(frozen=True)
class _Passage:
    """A text as pieces, with the coefficients of those features that are to be seen in it, strongest first."""

    pieces: Sequence[tuple[str, int]]
    weights: Mapping[int, float]

    @cached_property
    def starts(self) -> list[int]:
        return [0, *accumulate(len(string) for string, _ in self.pieces)]

    @property
    def length(self) -> int:
        return self.starts[-1]

    def cut(self, budget: int) -> tuple[str, int]:
        """Return as much HTML as the bytes allow, and how many characters of the text it shows."""
        spans = self._spans(budget)
        html = _GAP.join(self._html(*span) for span in spans)
        open_end = not spans or spans[-1][1] < self.length
        return html + _GAP * open_end, sum(stop - start for start, stop in spans)

    def _spans(self, budget: int) -> list[Span]:
        if self.length <= budget and size(self._html(0, self.length)) <= budget:
            return [(0, self.length)]
        spans, spent = [], size(_GAP)
        for span in self._windows():
            spent += size(self._html(*span)) + size(_GAP)
            if spent > budget:
                break
            spans.append(span)
        return _merged(spans)

    def _windows(self) -> Iterator[Span]:
        """Yield what to show: the beginning, then the strongest words in turn."""
        yield 0, self._snap(_OPENING)
        for turn in range(_TURNS):
            yield from (self._around(at[turn]) for at in self._places.values() if turn < len(at))

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        """Where the first few occurrences of each telling feature are."""
        places: dict[int, list[int]] = {feature: [] for feature in self.weights}
        for i, (_, feature) in enumerate(self.pieces):
            if feature in places and len(places[feature]) < _TURNS:
                places[feature].append(i)
        return places

    def _around(self, i: int) -> Span:
        start, stop = self.starts[i], self.starts[i + 1]
        if stop - start > _WORD:
            return start, start + _WORD
        return self._snap(max(start - _AROUND, 0)), self._snap(stop + _AROUND)

    def _snap(self, at: int) -> int:
        """Go back to where a piece begins, if that is not far."""
        at = min(at, self.length)
        begin = self.starts[bisect_right(self.starts, at) - 1]
        return begin if at - begin <= _BACK else at

    def _html(self, start: int, stop: int) -> str:
        pieces = range(bisect_right(self.starts, start) - 1, bisect_left(self.starts, stop))
        return "".join(self._piece(i, start, stop) for i in pieces)

    def _piece(self, i: int, start: int, stop: int) -> str:
        string, feature = self.pieces[i]
        shown = escape(string[max(start - self.starts[i], 0) : stop - self.starts[i]])
        coefficient = self.weights.get(feature)
        if coefficient is None or not shown:
            return shown
        strength = 0.6 * abs(coefficient) / self._largest
        return f'<mark class="{_side(coefficient)}" style="--w:{strength:.2f}">{shown}</mark>'

    @cached_property
    def _largest(self) -> float:
        return max(map(abs, self.weights.values())) or 1.0


def _merged(spans: list[Span]) -> list[Span]:
    """Join the spans that touch."""
    merged: list[Span] = []
    for start, stop in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged
