"""The recognizer: a message goes in, the request that it makes comes out, or None for a question to be searched.

Grammar and table come first. What they do not know is compared with the table's examples, where there is an encoder,
if it is short and its words are those of requests.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.conversation.content import own_content
from bot.conversation.follow_grammar import parse_following, parse_scheduled
from bot.conversation.intents import intent_words, recognize_words
from bot.conversation.ordinals import parse_item
from bot.conversation.request import Intent, Request
from bot.conversation.request_grammar import is_outlet, parse_comparison, parse_request
from bot.conversation.wording import has_letters, plain, simplified, without_courtesy
from retrieval.language.han import count_han, has_han
from retrieval.runtime.cache import BoundedCache

MAX_REQUEST_HAN = 40  # Chinese characters of a request
MAX_REQUEST_WORDS = 18  # English words of one
# A cosine. Chosen on half of the utterances of tests/conversation, with the other half and all questions of
# tests/quality looked at afterwards: see benchmarks/conversation.md.
MIN_NEARNESS = 0.6
MIN_NEARNESS_OF_STRANGE = 0.72  # with a word that the whole table lacks, so likely a name: 'NASUWT是什么'
MAX_NEAR_HAN = 12  # a longer message has content of its own, whatever it is near to
MAX_NEAR_WORDS = 9
# Two words that the whole table lacks are a subject. Of 434 utterances and 442 questions none that has as many came
# near enough to an example; of questions that are asked 39 in 40 need no comparison then.
MAX_STRANGE_WORDS = 1
MAX_KNOWN_MESSAGES = 4_000  # whose requests are kept: a message is recognised several times on its way
MAX_KNOWN_CHARS = 200  # of such a message

WARMING_MESSAGES = ("what is new at 8 in the morning?", "每天早上八点有什么新消息")  # which take all tables

TONGUES = (("zh", ("chinese", "mandarin", "中文", "汉语", "普通话")), ("en", ("english", "英文", "英语")))

# The cosines of a text to each of the examples; None where there is no encoder yet.
Nearness = Callable[[str, Sequence[str]], Sequence[float] | None]


class Recognizer:
    """`nearness` compares by meaning; None where there will be no encoder. Safe for threads."""

    def __init__(self, nearness: Nearness | None) -> None:
        self._nearness = nearness
        self._examples = tuple(example for words in intent_words() for example in words.examples)
        self._intents = tuple(words.intent for words in intent_words() for _ in words.examples)
        known = (one for words in intent_words() for one in (*words.keys, *words.fillers, *words.examples))
        self._known = " ".join(known).casefold()
        self._known_words = frozenset(self._known.split())
        self._recognized: BoundedCache[str, tuple[Request | None]] = BoundedCache(MAX_KNOWN_MESSAGES)

    def warm(self) -> None:
        """Reads the tables and compiles the frames, for which the first message would wait a tenth of a second."""
        for text in WARMING_MESSAGES:
            self._by_grammar(text)

    def start_encoding(self) -> bool:
        """Begins to encode the examples in the background, where there is an encoder; whether that is done."""
        return self._nearness is None or self._nearness("", self._examples) is not None

    def recognize(self, text: str) -> Request | None:
        """Blocks where an encoder must be asked."""
        if known := self._recognized.get(text):
            return known[0]
        found, to_compare = self._by_grammar(text)
        if to_compare and self._nearness:
            nearness = self._nearness(to_compare, self._examples)
            if nearness is None:  # no encoder yet: later there may be one
                return None
            found = self._nearest(to_compare, nearness)
        self._keep(text, found)
        return found

    def is_question(self, text: str) -> bool:
        """Whether it is no request for certain; never blocks. Else `recognize` knows more."""
        if known := self._recognized.get(text):
            return known[0] is None
        found, to_compare = self._by_grammar(text)
        if to_compare:
            return False
        self._keep(text, found)
        return found is None

    def _keep(self, text: str, found: Request | None) -> None:
        if len(text) <= MAX_KNOWN_CHARS:
            self._recognized[text] = (found,)

    def _by_grammar(self, text: str) -> tuple[Request | None, str]:
        """The request, and without one what must be compared with the examples, if anything."""
        if not has_letters(text):
            return Request("chat"), ""
        message = plain(text)
        if _is_long(message):
            return None, ""
        bare = without_courtesy(message)
        if bare.isdecimal() and not 1900 <= int(bare) < 2100:
            return Request("chat"), ""
        found = parse_scheduled(message) or self._by_words(message, bare) or parse_item(bare)
        found = found or parse_following(message, bare)
        found = found or parse_comparison(bare) or parse_request(bare)
        if found is None:
            return None, bare if self._nearness and self._may_be_near(bare) else ""
        sides = (as_written(found.sides[0], text), as_written(found.sides[1], text)) if found.sides else None
        subject, outlet = as_written(found.subject, text), as_written(found.outlet, text)
        return replace(found, subject=subject, outlet=outlet, sides=sides), ""

    def _by_words(self, message: str, bare: str) -> Request | None:
        """Courtesy counts only where there is nothing else: 'thanks'."""
        intent = recognize_words(bare) or (recognize_words(message) if message != bare else None)
        return _request(intent, bare or message) if intent else None

    def _may_be_near(self, bare: str) -> bool:
        """Whether an example can be near: not to a name alone, nor to what has a subject."""
        if is_outlet(bare):
            return False
        if count_han(bare) > MAX_NEAR_HAN or (not has_han(bare) and len(bare.split()) > MAX_NEAR_WORDS):
            return False
        words = own_content(bare)
        strange = self._strange(words)
        return len(strange) < len(words) and len(strange) <= MAX_STRANGE_WORDS

    def _nearest(self, bare: str, nearness: Sequence[float]) -> Request | None:
        nearest = max(range(len(nearness)), key=nearness.__getitem__)
        least = MIN_NEARNESS_OF_STRANGE if self._strange(own_content(bare)) else MIN_NEARNESS
        return _request(self._intents[nearest], bare) if nearness[nearest] >= least else None

    def _strange(self, words: Sequence[str]) -> list[str]:
        """Those that the whole table lacks."""
        return [word for word in words if not self._knows(word)]

    def _knows(self, word: str) -> bool:
        """A Chinese one, which is not cut into words, where two of its characters stand side by side in the table."""
        if word.isascii():
            return word in self._known_words
        return any(word[at : at + 2] in self._known for at in range(max(1, len(word) - 1)))


def _request(intent: Intent, bare: str) -> Request:
    if intent == "news":
        return parse_request(bare) or Request("news")
    to = next((language for language, names in TONGUES if any(name in bare for name in names)), "")
    return Request(intent, to=to if intent == "translate" else "")


def _is_long(text: str) -> bool:
    return count_han(text) > MAX_REQUEST_HAN or len(text.split()) > MAX_REQUEST_WORDS


def as_written(subject: str, text: str) -> str:
    """With the capitals and the traditional characters that the message has."""
    folded = unicodedata.normalize("NFKC", text)
    plain_text = simplified(folded).casefold()
    at = plain_text.find(subject) if len(plain_text) == len(folded) else -1
    return folded[at : at + len(subject)] if subject and at >= 0 else subject
