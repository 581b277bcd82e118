"""A sheet of visual words: what each looks like and how often it is, as plain HTML without script."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import numpy as np

from retrust.encoding import encoded
from retrust.picture import escape, short, size

if TYPE_CHECKING:
    from retrust.vocabulary import Vocabulary

LIMIT = 60_000
"""The most bytes that a sheet has."""

_QUALITIES = (80, 50, 25)
_MOST = 200  # words on a sheet
_STYLE = """\
.rtv{--ink:#1d2024;--soft:#5f6670;--line:#dfe1e4;font:12.5px/1.4 system-ui,sans-serif;color:var(--ink);background:#fff;\
border:1px solid var(--line);border-radius:10px;max-width:1080px;padding:12px 16px;font-variant-numeric:tabular-nums}
@media(prefers-color-scheme:dark){.rtv{--ink:#e8eaed;--soft:#a2a9b3;--line:#343942;background:#16181c}}
.rtv p{margin:0 0 10px}.rtv small{color:var(--soft);font-size:inherit}
.rtv ol{display:flex;flex-wrap:wrap;gap:12px 14px;margin:0;padding:0;list-style:none}
.rtv li{margin:0;width:128px}.rtv img{display:block;height:56px;border-radius:3px;margin:0 0 2px;max-width:none}"""


def draw(vocabulary: Vocabulary) -> str:
    """Draw a vocabulary; of a large one the most frequent words, as many as there is room for.

    Parameters
    ----------
    vocabulary : Vocabulary

    Returns
    -------
    str
        A fragment of HTML with its own style, of at most ``LIMIT`` bytes.

    Examples
    --------
    >>> from retrust.domains.image import Image
    >>> from retrust.vocabulary import visual_words
    >>> words = visual_words([np.indices((40, 40))[0] * 6.0], k=2, domain=Image("grid"))
    >>> html = draw(words)
    >>> html.count("<img"), "visual word 1" in html, size(html) <= LIMIT
    (2, True, True)
    """
    shown = min(len(vocabulary), _MOST)
    sheets = (_sheet(vocabulary, shown, quality) for quality in _QUALITIES)
    html = next((html for html in sheets if size(html) <= LIMIT), None)
    while html is None:
        shown = shown * 3 // 4
        smaller = _sheet(vocabulary, shown, _QUALITIES[-1])
        html = smaller if size(smaller) <= LIMIT else None
    return html


def _sheet(vocabulary: Vocabulary, shown: int, quality: int) -> str:
    k = len(vocabulary)
    left = f", of which the {shown} most frequent are shown" if shown < k else ""
    head = (
        f"<p><b>{k} visual words</b> <small>of {vocabulary.counts.sum():,} superpixels, by {escape(vocabulary.kind)}"
        f"{left} · vocabulary {vocabulary.hash}</small></p>"
    )
    items = "".join(_item(vocabulary, word, quality) for word in range(shown))
    return f'<section class="rtv" aria-label="Visual words"><style>{_STYLE}</style>{head}<ol>{items}</ol></section>'


def _item(vocabulary: Vocabulary, word: int, quality: int) -> str:
    name = escape(short(vocabulary.names[word]))
    return f"<li>{_photo(vocabulary, word, quality)}{name} <small>× {vocabulary.counts[word]:,}</small></li>"


def _photo(vocabulary: Vocabulary, word: int, quality: int) -> str:
    """Show a word's superpixels side by side."""
    if not vocabulary.pictures or not len(vocabulary.pictures[word]):
        return ""
    strip = np.concatenate(list(vocabulary.pictures[word]), axis=1)
    data = b64encode(encoded(strip, "WEBP", quality=quality)).decode("ascii")
    return f'<img alt="superpixels of this word" src="data:image/webp;base64,{data}">'
