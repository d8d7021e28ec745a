"""The tokens met so far, by number: what is true of a token wherever it stands is found out once, as words come back.

What a group of features asks of tokens by themselves is a *trait*: a function from tokens and word lists to a few
numbers each. A page's traits are then one look-up in an array.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from annotate.classify.features.lexicon import Lexicon

Integers = NDArray[np.int64]
Answer = TypeVar("Answer", bound=np.generic)
Trait = Callable[[Sequence[str], "Lexicon"], Sequence[Sequence[int]]]
"""A row of answers for each token, all of one length."""

MARKS: Final = "“”.?!…:),—–-"
"""Each mark's number is its place here, in every vocabulary."""

# Words keep inner apostrophes, hyphens and dots (don't, e-mail, U.S); numbers keep inner separators; a URL or an e-mail
# address is one token; whatever else is not a space stands alone.
_TOKEN = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.]+|[@#]\w+"
    r"|[^\W\d_]+(?:['.&-][^\W\d_]+)*|\d+(?:[.,:/-]\d+)*|[^\w\s]|\w+"
)
# A vocabulary of this many pieces of text is some 20 MB.
_MOST_PIECES = 2**16


class Vocabulary:
    """Tokens numbered in order of appearance, and what was asked of them.

    Parameters
    ----------
    lexicon
        The word lists that traits may look into.

    Attributes
    ----------
    tokens, lower
        Each number's token, and the same in lower case.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._lock = Lock()
        self._number: dict[str, int] = {}
        self._pieces: dict[str, list[int]] = {}
        self._folded: dict[str, int] = {}
        self._answers: dict[Trait, NDArray[Any]] = {}
        self._answered: dict[Trait, int] = {}
        self.tokens: list[str] = []
        self.lower: list[str] = []
        for mark in MARKS:
            self._add(mark)

    @property
    def is_full(self) -> bool:
        """Tell whether it is time for a new one."""
        return len(self._pieces) >= _MOST_PIECES

    def read(self, text: str) -> list[int]:
        """Return the numbers of a text's tokens.

        No token holds a space, and none depends on what stands beyond one: pieces between spaces are read one by one.
        """
        numbers: list[int] = []
        pieces = self._pieces
        for piece in text.split():
            found = pieces.get(piece)
            numbers += self._read_piece(piece) if found is None else found
        return numbers

    def each(self, trait: Trait, numbers: Integers, dtype: type[Answer]) -> NDArray[Answer]:
        """Return a trait of each token, shape (n_tokens, n_answers)."""
        with self._lock:
            if self._answered.get(trait, 0) < len(self.tokens):
                self._ask(trait, dtype)
            answers = self._answers[trait]
        return answers.take(numbers, axis=0)

    def folded(self, numbers: Integers) -> Integers:
        """Return other numbers, the same for tokens that differ in case only."""
        return self.each(self._fold, numbers, np.int64)[:, 0]

    def _fold(self, tokens: Sequence[str], _: Lexicon) -> list[tuple[int]]:
        folded = self._folded
        return [(folded.setdefault(word, len(folded)),) for word in map(str.lower, tokens)]

    def _read_piece(self, piece: str) -> list[int]:
        tokens = [piece] if piece.isalpha() else _TOKEN.findall(piece)
        with self._lock:
            found = self._pieces[piece] = [self._add(token) for token in tokens]
        return found

    def _add(self, token: str) -> int:
        number = self._number.get(token)
        if number is None:
            number = self._number[token] = len(self.tokens)
            self.lower.append(token.lower())
            self.tokens.append(token)
        return number

    def _ask(self, trait: Trait, dtype: type[np.generic]) -> None:
        known, size = self._answered.get(trait, 0), len(self.tokens)
        new = np.array(trait(self.tokens[known:size], self._lexicon), dtype=dtype)
        answers = self._answers.get(trait)
        if answers is None or size > len(answers):
            grown = np.zeros((2 * size, new.shape[1]), dtype=dtype)
            grown[:known] = 0 if answers is None else answers[:known]
            answers = self._answers[trait] = grown
        answers[known:size] = new
        self._answered[trait] = size
