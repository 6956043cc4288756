"""Ordinals: 'open the second one', 第二条的原文 go in, which of the points shown is meant and the rest come out."""

import re
from dataclasses import replace

from bot.conversation.intents import recognize_words
from bot.conversation.request import ABOUT_ANSWER, Request
from bot.conversation.wording import without_courtesy

NUMBERS_HAN = "零一二三四五六七八九十"
NUMBER_WORDS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
CARDINALS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_SHOWN = "one|point|item|story|article|result|news|summary|link|answer|entry|headline|document"
ORDINAL = re.compile(
    r"(?:上面|刚才|里面?)?的?(?:第(?P<han>[一二两三四五六七八九十]|\d{1,2})|(?P<last_han>最后)一|(?P<up>头)一)"
    r"(?:[条个篇则项点份]|段)(?:新闻|消息|要点|结果|文章|内容)?的?"
    rf"|\b(?:the |that |this )?(?:(?P<word>{'|'.join(NUMBER_WORDS[1:])})|(?P<nth>\d{{1,2}})(?:st|nd|rd|th)"
    rf"|(?P<last>last|final|bottom)|(?P<top>top)) (?:{_SHOWN})(?:'s)?\b"
    r"|\b(?:number|no\.?|nr\.?|point|item|story|result|#) ?"
    rf"(?:(?P<digit>\d{{1,2}})|(?P<cardinal>{'|'.join(CARDINALS[1:])}))\b"
    rf"|\bthe (?P<whole>{'|'.join(NUMBER_WORDS[1:])})(?= (?:in (?:full|detail|whole)|fully|completely)$)"
    r"|(?:(?<=^open )|(?<=^show me )|(?<=^read )|(?<=^read me )|(?<=^see )|(?<=\bup )|(?<=^give me )|(?<=^expand ))"
    rf"the (?P<seen>{'|'.join(NUMBER_WORDS[1:])})$"
    rf"|^(?:the )?(?:(?P<alone>{'|'.join(NUMBER_WORDS[1:])})|(?P<last_alone>last))(?: please)?$"
)
# What is asked of the point besides; nothing is to see the whole summary.
OPENING = re.compile(
    r"(?:open|pull|bring|up|expand|click|show|read|see|expand|view|display|tell|give|me|us|of|about|in|on|full|fully|completely|detail|details|whole|more|i|want|would|like|to|please|and|the|what|is|that"
    r"|打开|点开|看看?|展开|显示|我|给|想|要|说说|讲讲|聊聊|详细|具体|来|选|读|是|呢|再|下|一下|把|仔细|细说)*"
)


def parse_item(bare: str) -> Request | None:
    """A request about one of the points shown; None where the rest asks a question of its own."""
    match = ORDINAL.search(bare)
    if not match:
        return None
    rest = without_courtesy(f"{bare[: match.start()]} {bare[match.end() :]}".strip())
    request = Request("details")
    if not OPENING.fullmatch("".join(rest.split())):
        intent = recognize_words(rest) or recognize_words(f"{rest} that")
        if intent not in ABOUT_ANSWER:
            return None
        request = Request(intent)
    return replace(request, item=_number(match))


def _number(match: re.Match[str]) -> int:
    if match["last"] or match["last_han"] or match["last_alone"]:
        return -1
    if word := match["word"] or match["whole"] or match["seen"] or match["alone"]:
        return NUMBER_WORDS.index(word)
    if match["cardinal"]:
        return CARDINALS.index(match["cardinal"])
    if digits := match["nth"] or match["digit"]:
        return int(digits)
    han = match["han"] or "一"
    if han.isdecimal():
        return int(han)
    return NUMBERS_HAN.index("二" if han == "两" else han)
