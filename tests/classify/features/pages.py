"""Pages for property tests: real words, every mark, and what breaks readers of text."""

from __future__ import annotations

from hypothesis import strategies as st

from annotate.classify.features.lexicon import read_lexicon
from tests.classify.features.written import reading

_WORDS = sorted({word for name in read_lexicon("en").names for word in read_lexicon("en").words(name)})
_NAMES = ("Jane", "Smith", "O’Neil", "U.S.", "NATO", "R-Ohio", "d-Texas", "Mr.", "İstanbul", "ΑΣ", "Ⅷ", "ⓐ", "iPhone")
_NUMBERS = ("2024", "1999", "20", "10:30", "4,000", "٣٤٥", "２０２４", "½", "²")
_LINKS = ("http://x.y/z", "www.a.com", "a@b.co", "@who", "#tag", "||", "•")
_ODD = ("don't", "e-mail", "中文", "हिन्दी", "👩‍👩‍👧", "\u2028", "\u00a0", "\x00", "\ud800", "_", "ß", "ﬁ")
_MARKS = tuple("“”\"'‘’«»„()[]—–-…．.?!:;,`|#@")

_piece = st.one_of(
    st.sampled_from(_WORDS),
    st.sampled_from(_WORDS).map(str.title),
    st.sampled_from(_WORDS).map(str.upper),
    st.sampled_from((*_NAMES, *_NUMBERS, *_LINKS, *_ODD)),
    st.sampled_from(_MARKS),
)
sentences = st.builds(
    lambda pieces, space: space.join(pieces), st.lists(_piece, max_size=20), st.sampled_from((" ", ""))
)
paragraphs = st.lists(st.lists(sentences, min_size=1, max_size=4), min_size=1, max_size=5)
pages = paragraphs.map(lambda written: reading(*written))
