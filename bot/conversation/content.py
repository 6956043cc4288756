"""Content: a message goes in, the words by which it names anything itself come out; 'which companies?' has none."""

import re
from functools import cache, lru_cache

from bot.conversation.intents import empty_words
from bot.conversation.wording import MAX_READ_TEXTS, plain
from retrieval.language.han import has_han

WORD = re.compile(r"[a-z']+|\d[\d.,%]*|[^\W\d_]+", re.IGNORECASE)
# '咋赚的' names nothing: a single character after the question word is a verb. Two are what is left of words that empty
# ones cut: 谁在反对内卷.
ASKS_HOW = re.compile(
    r"^(?:那么?|都|又|他们?|它们?|她们?)?(?:咋|怎么|怎样|如何|为啥|为什么|谁|哪[儿里家些个]?|啥时候?|什么时候)"
)
# Words that point back to what was said before.
POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|that|those|these|this one"
    r"|the (?:company|firm|deal|project|same|former|latter|two|three|first|second|other))\b"
    r"|它|他们|她们|该(?:公司|项目|企业|机构)|[这那](?:家|个|些|项|款|种|笔|件|里)|^其|上述|前者|后者|^比(?:去年|上年|前年)"
)


# The same in a short question: 'who pays for it?', 'who leads them'.
POINTS_BACK_LAST = re.compile(
    r"\b(?:for|about|of|in|with|to|by|from|on|behind|at|into) (?:that|this|those|these|there)$|\b(?:it|them|him|her)$"
)
MAX_WORDS_BEFORE = 2  # that name something, in such a question
# 'who pays' and 是谁运营的 name nothing either: a single word after 'who' is a verb.
WHO_DOES = re.compile(
    r"(?:(?:and|but|so) )?who [a-z]+(?: (?:it|them|that|this))?"
    r"|(?:那么?|又|都)?(?:是|由)?谁(?:在|来)?(?!是)[^\W\d_a-z]{1,2}[的了]?[呢啊呀]?"
)
# 'How much of its GDP does Beijing spend': whose it is comes later. `plain` reads 'its' as 'it is'.
NAMED_LATER = re.compile(
    r"\b(?:its|it is|their|his|her)\b[^,;]*? (?:do|does|did) (?!(?:it|they|he|she|this|that|these|those)\b)"
)


def own_content(text: str) -> list[str]:
    """In plain form. Chinese is not cut into words: what remains between empty words is one."""
    return list(_own_content(text))


@lru_cache(MAX_READ_TEXTS)
def _own_content(text: str) -> tuple[str, ...]:
    found: list[str] = []
    if WHO_DOES.fullmatch(plain(text)):
        return ()
    for word in WORD.findall(plain(text)):
        if not word.isascii():
            rest = _empty_han().sub(" ", word).split()
            found += rest if len(rest) > 1 or not ASKS_HOW.match(word) else [one for one in rest if len(one) > 1]
        elif word.removesuffix("'s") not in empty_words() and (len(word) > 1 or word.isdigit()):
            found.append(word)
    return tuple(found)


def points_back(text: str) -> bool:
    """Whether 'it' or 这家 stands before all that the message names itself, or ends a message that names little."""
    folded, content = plain(text), own_content(text)
    before, _, _ = folded.partition(content[0]) if content else (folded, "", "")
    if len(content) <= MAX_WORDS_BEFORE and POINTS_BACK_LAST.search(folded):
        return True
    back = POINTS_BACK.search(before)
    return back is not None and not NAMED_LATER.match(folded, back.start())


@cache
def _empty_han() -> re.Pattern[str]:
    return re.compile("|".join(sorted(filter(has_han, empty_words()), key=len, reverse=True)))
