"""The cover of a message by words equals that of a plain reference, which tries every word at every place."""

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.intents import intent_words
from bot.conversation.word_cover import BLANK, CoverWords, WordCover

TABLE: dict[str, CoverWords] = {words.intent: words for words in intent_words()}
ODD = {"odd": CoverWords(frozenset({"卡拉ok", "ok", "5g", "a股"}), frozenset({"bar", "唱", "let's", "of the"}))}
WORDS = sorted({word for words in [*TABLE.values(), *ODD.values()] for word in words.keys | words.fillers})
STRANGE = ["subsidies", "储能", "ſtop", "x", "7", "_", "’", "ok2", "İ", "\ud800", "𠀀"]
JOINTS = ["", " ", ", ", ",", "-", "_"]


def count_keys(text: str, words: CoverWords) -> int:
    """Of any cover, the one with most characters of keys; 0 without any."""
    best: dict[int, int] = {0: 0}
    for start in range(len(text)):
        if start not in best:
            continue
        if blank := BLANK.match(text, start):
            best[blank.end()] = max(best[start], best.get(blank.end(), 0))
            continue
        for end in range(start + 1, len(text) + 1):
            word = text[start:end]
            neighbours = text[start - 1 : start] + text[end : end + 1]
            within = word[0].isascii() and any(sign.isascii() and sign.isalnum() for sign in neighbours)
            if not within and word in words.keys | words.fillers:
                gained = len(word) if word in words.keys else 0
                best[end] = max(best[start] + gained, best.get(end, 0))
    return best.get(len(text), 0)


@st.composite
def messages(draw: st.DrawFn) -> str:
    parts = draw(st.lists(st.one_of(st.sampled_from(WORDS), st.sampled_from(WORDS + STRANGE), st.text(max_size=3))))
    return "".join(f"{part}{draw(st.sampled_from(JOINTS))}" for part in parts[:8])


@given(messages())
def test_the_cover_is_that_of_a_plain_reference(text: str) -> None:
    for names in (TABLE, ODD):
        counts = {name: count_keys(text, words) for name, words in names.items()}
        assert WordCover(names).covered(text) == {name: count for name, count in counts.items() if count}
