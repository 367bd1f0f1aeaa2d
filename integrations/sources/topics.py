"""Counts configured phrases in a text, and tells "we need X" from "we do not need X".

Words are looked up as n-grams in a table: no dependency, and every language at once. A phrase
matches as written, in its plural and with its words joined ("multi-site", "multi sites", "multisite").
A mention is negated by a negating word up to six words before it, or a phrase such as "is not needed"
right after it, in the same clause (after NegEx: Chapman et al. 2001). "Can't live without X" and
"decided against X" are read wrongly; what is negated is therefore counted apart, and not dropped.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_REACH_BEFORE = 6
_REACH_AFTER = 5
_SHORT = 3
"""Phrases of one word up to this length, such as HA, count only in the letters' own case."""

_CLAUSE_ENDS = re.compile(
    r"[.;:?!\n]+(?:\s|$)|\b(?:but|however|although|aber|jedoch|sondern|mais|cependant)\b", re.IGNORECASE
)
_ELISION = re.compile(r"^(?:l|d|qu|n|j|s|c|m)'", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "`": "'"})
_TO_BLANK = str.maketrans(dict.fromkeys('-‐‑‒–—/\\_,()[]{}<>"“”„«»*|+=#&', " "))
_NEGATORS = frozenset(
    {
        "no", "not", "never", "without", "cannot", "neither", "nor", "none", "dont",
        "kein", "keine", "keinen", "keinem", "keiner", "keines", "nicht", "nie", "niemals", "ohne", "weder",
        "pas", "sans", "jamais", "aucun", "aucune", "ni",
    }
)  # fmt: skip
_NEGATING_PAIRS = frozenset({("instead", "of"), ("rather", "than"), ("au", "lieu"), ("anstatt", "von")})
_HARMLESS = frozenset(
    {
        ("not", "only"), ("no", "problem"), ("no", "doubt"), ("no", "question"), ("nicht", "nur"),
        ("kein", "problem"), ("kein", "zweifel"), ("keine", "frage"), ("pas", "seulement"),
        ("pas", "de", "problème"), ("sans", "problème"), ("without", "doubt"),
    }
)  # fmt: skip
"""Negating words that deny nothing."""

_DENIALS = frozenset(
    {
        ("not", "needed"), ("not", "required"), ("not", "necessary"), ("not", "relevant"), ("not", "planned"),
        ("not", "a", "priority"), ("out", "of", "scope"), ("no", "topic"), ("nicht", "nötig"),
        ("nicht", "geplant"), ("nicht", "erforderlich"), ("nicht", "relevant"), ("kein", "thema"),
        ("wir", "nicht"), ("pas", "nécessaire"), ("pas", "prévu"), ("pas", "prévue"), ("hors", "sujet"),
    }
)  # fmt: skip
"""What denies a mention that stands before it."""


@dataclass(frozen=True)
class Mentions:
    """How often a text speaks of a topic. negated: how many of the mentions are denied."""

    mentions: int
    negated: int


class TopicIndex:
    """The configured topics, ready to be looked up."""

    def __init__(self, topics: Mapping[str, Sequence[str]]) -> None:
        """topics: name to phrases, in any language."""
        self._topic_of: dict[tuple[str, ...], str] = {}
        self._exact: dict[str, str] = {}
        for topic, phrases in topics.items():
            for phrase in phrases:
                words = _words(phrase)
                if len(words) == 1 and len(words[0]) <= _SHORT:
                    self._exact[words[0]] = topic
                    continue
                for variant in _variants(tuple(word.casefold() for word in words)):
                    self._topic_of.setdefault(variant, topic)
        self._longest: dict[str, int] = {}
        for first, *rest in self._topic_of:
            self._longest[first] = max(self._longest.get(first, 1), 1 + len(rest))

    def count(self, text: str) -> dict[str, Mentions]:
        """Topics that the text mentions."""
        found: dict[str, Mentions] = {}
        for clause in _CLAUSE_ENDS.split(text.translate(_APOSTROPHES)):
            words = _words(clause)
            folded = [word.casefold() for word in words]
            for topic, start, end in self._matches(words, folded):
                so_far = found.get(topic, Mentions(0, 0))
                denied = _denied(folded, start, end)
                found[topic] = Mentions(so_far.mentions + 1, so_far.negated + denied)
        return found

    def _matches(self, words: list[str], folded: list[str]) -> Iterator[tuple[str, int, int]]:
        """Topic, start and end of each mention; the longest phrase wins, and none overlaps another."""
        end = 0
        for at, word in enumerate(folded):
            if at < end:
                continue
            for length in range(self._longest.get(word, 0), 0, -1):
                topic = self._topic_of.get(tuple(folded[at : at + length]))
                if topic is not None:
                    end = at + length
                    yield topic, at, end
                    break
            else:
                if words[at] in self._exact:
                    yield self._exact[words[at]], at, at + 1


def _words(text: str) -> list[str]:
    words = text.translate(_APOSTROPHES).translate(_TO_BLANK).split()
    return [_ELISION.sub("", word.strip("'.:;!?")) if "'" in word else word.strip(".:;!?") for word in words]


def _variants(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for last in (words[-1], f"{words[-1]}s", f"{words[-1]}es"):
        variant = (*words[:-1], last)
        yield variant
        yield ("".join(variant),)


def _denied(folded: list[str], start: int, end: int) -> bool:
    before = folded[max(0, start - _REACH_BEFORE) : start]
    after = folded[end : end + _REACH_AFTER]
    return any(_negates(before, at) for at in range(len(before))) or any(
        _has(after, at, denial) for denial in _DENIALS for at in range(len(after))
    )


def _negates(words: list[str], at: int) -> bool:
    if any(_has(words, at, harmless) for harmless in _HARMLESS):
        return False
    negating = words[at] in _NEGATORS or words[at].endswith("n't")
    return negating or any(_has(words, at, pair) for pair in _NEGATING_PAIRS)


def _has(words: list[str], at: int, sequence: tuple[str, ...]) -> bool:
    return tuple(words[at : at + len(sequence)]) == sequence
