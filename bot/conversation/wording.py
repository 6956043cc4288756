"""Wording: a message as typed goes in, the same without contractions, politeness and marks at its ends comes out."""

import re
import unicodedata
from functools import lru_cache

from retrieval.language.han import HAN
from retrieval.language.tokenizer import simplify

_WHO = "what|who|where|when|how|that|there|here|why"
_SPELLED: tuple[tuple[str, str], ...] = (
    (rf"\b({_WHO}|it)'?s\b", r"\1 is"),
    (rf"\b({_WHO})'d\b", r"\1 did"),
    (rf"\b({_WHO}|you|they)'?re\b", r"\1 are"),
    (r"\b(today|yesterday|tonight|week|month|year|morning)'s\b", r"\1"),
    (r"\b(let)'?s\b", r"\1 us"),
    (r"\bits (?=from|about|said)", "it is "),
    (r"\bi'?m\b", "i am"),
    (r"\b(i|you|we|they)'ve\b", r"\1 have"),
    (r"\bi'd\b", "i would"),
    (r"\b(do|does|did|is|are|was|were|ca|wo|could|would|should)n'?t\b", r"\1 not"),
    (r"\bca not\b", "can not"),
    (r"\bgimme\b", "give me"),
    (r"\blemme\b", "let me"),
    (r"\b(?:wanna)\b", "want to"),
    (r"\b(?:pl[sz]|plz)\b", "please"),
    (r"\babt\b", "about"),
    (r"\bthx\b|\bty\b", "thanks"),
    (r"\bu\b", "you"),
    (r"\binfos\b", "info"),
    (r"\bgonna\b", "going to"),
    (r"\bgotta\b", "have to"),
    (r"\bgot(?= (?:anything|something|any|some|more)\b)", "have you got"),
    (r"\bw(?:hat|ut|at)s\b", "what is"),
    (r"\b(?:em)\b", "them"),
    (r"\b(?:anymore)\b", "any more"),
    (r"\bdunno\b", "do not know"),
    (r"\bur\b", "your"),
)
SPELLED = tuple((re.compile(pattern), plain) for pattern, plain in _SPELLED)
MARKS_AT_ENDS = re.compile(r"^[\W_]+|(?<![+#])[\W_]+$")
LEADING_COURTESY = re.compile(
    r"^(?:(?:please|kindly|hey|hi|hello|ok|okay|so|well|and|now then|sorry|excuse me|bot|just|quickly"
    r"|yo|hm+|um+|uh|oh|ah|nah|nope|yeah|yep|right|alright|anyway|dude|man|bro|mate|actually|btw"
    r"|by the way|also|lol|omg|wow"
    r"|(?:can|could|would|will|may) (?:you|i|we)(?: please| just| kindly| maybe)?"
    r"|i (?:want|need|would like|would love|wish)(?: to(?! know (?:how|what|why|who|when|where)\b))?(?: know)?"
    r"|i am (?:looking for|interested in|curious about)|help me(?: to)?|let me(?: (?:see|know|have|get))?"
    r"|let us(?: see| have)?|do you (?:know|have)|have you got|got|mind)(?:\s+|(?:\s*[,:]\s*))"
    r"|(?:请问|请你|请您|请|麻烦你?|劳驾|帮我|帮忙|帮个忙|给我|替我|为我|能不能|能否|可不可以|可否|可以|你能不能|你能|你可以|您能"
    r"|能(?=[帮给讲说告总介])|我想要?|我要|我需要|想要?(?=[看听问查知了总])|对了[,，]|话说|我说|哎呀?|诶|嗯+|呃|哦|那个[,，]|你好|您好|嗨|喂|那么|快(?=[给说讲帮])|来(?=[点个一份些]))"
    r"(?=.)[,、 ]*)+"
)
TRAILING_COURTESY = re.compile(
    r"(?:[\s,]+(?:please|thanks?|thank you(?: very much)?|for me|now|then|ok|okay|bot|asap|if you can|could you"
    r"|will you|right now|at the moment|btw|by the way|lol|haha|dude|man|bro|mate|tho|though|again"
    r"|buddy|pal|folks|guys|huh|eh"
    r"|like i am (?:five|5|a child|stupid)"
    r"|in (?:simple|plain|easy|layman'?s?)(?: (?:terms|words|english|language))+"
    r"|in (?:one|a few|two|three) (?:sentences?|words|lines)"
    r"|(?:for|to) (?:beginners|dummies|a (?:child|beginner|layman|five year old)))"
    r"|[,, ]*(?:谢谢你?|多谢|好吗|好不好|可以吗|行吗|行不行|吗|嘛|呢|吧|啊|呀|哦|噢|哈+|啦|呗"
    r"|哎|诶|嘞|咯|喽|谢啦|谢谢啦|么(?<!什么)(?<!怎么)))+$"
)
MAX_READ_TEXTS = 256  # a message and its parts are read several times on its way
LETTER_OR_DIGIT = re.compile(rf"[a-z0-9{HAN}]", re.IGNORECASE)


@lru_cache(MAX_READ_TEXTS)
def plain(text: str) -> str:
    """Lower case, full-width forms folded, Chinese in simplified characters, "what's" and 'whats' as 'what is', without
    marks at the ends."""
    folded = simplified(unicodedata.normalize("NFKC", text)).casefold().replace("’", "'").replace("‘", "'")
    for pattern, spelled in SPELLED:
        folded = pattern.sub(spelled, folded)
    return MARKS_AT_ENDS.sub("", " ".join(folded.split()))


def simplified(text: str) -> str:
    """As long as the text, so that a part of one is found in the other."""
    if text.isascii():
        return text
    simple = simplify(text)
    return simple if len(simple) == len(text) else text


def without_courtesy(text: str) -> str:
    """`text` is `plain`; 'can you please summarize …' becomes 'summarize …'. Empty where there is nothing else."""
    before = None
    while text != before:
        before = text
        text = MARKS_AT_ENDS.sub("", TRAILING_COURTESY.sub("", LEADING_COURTESY.sub("", text)))
    return text


def has_letters(text: str) -> bool:
    """Whether there is a letter, digit or Chinese character, and not just signs and emoji."""
    return LETTER_OR_DIGIT.search(text) is not None
