"""Checks of composed answers: sentences of a model and the points they cite go in, those that may be shown come out."""

import re
import unicodedata
from collections.abc import Sequence

from bot.language_model.figures import added_figures
from bot.language_model.proper_names import HAN_RUN, NameSource, find_names, foreign_words, stands, unknown_words
from bot.language_model.translation_check import MARKUP, added_addresses
from bot.render.composed import ComposedSentence
from bot.render.i18n import Language

MAX_SENTENCE_CHARS = 400
POINT_NUMBERS = re.compile(r"\s*[\[［【]\s*(\d+(?:\s*[,，、]\s*\d+)*)\s*[\]］】]")
# A sentence ends behind its citations, which stand before or behind the mark.
CITING_SENTENCE = re.compile(
    r".+?(?:[。！？!?]|(?<![\dA-Z])\.(?!\w)|(?<=\d)\.(?=\s|[\[［【]|$))(?:\s*[\[［【][\d\s,，、]+[\]］】])*|.+?(?:\n|$)",
    re.DOTALL,
)
# Days and years in words, of which a sentence may have none unless its points have one, in either language.
DATE_WORDS = re.compile(
    r"(?i)今天|昨天|前天|明天|今年|去年|明年|前年|上半年|下半年|(?<!\d)年初|(?<!\d)年底|本月|上月|近日|目前为止"
    r"|\b(?:today|yesterday|tomorrow|(?:this|last|next) (?:year|month|week|quarter)|(?:first|second) half)\b"
)
WIDER_DATE_WORDS = re.compile(r"(?i)\b(?:(?:this|last|next|early|late|past) \w+|a year (?:ago|earlier|before)|mid)\b")
REFUSALS = re.compile(
    r"(?i)\bas an? (?:ai|language model)\b|作为(?:一个|一款)?(?:ai|人工智能|语言模型)|system prompt|系统提示"
)


def split_sentences(said: str) -> list[str]:
    """With their citations; one that is not at its end yet counts, too."""
    return [sentence.strip() for sentence in CITING_SENTENCE.findall(said) if sentence.strip()]


def read_sentence(sentence: str) -> ComposedSentence:
    numbers = [int(number) for found in POINT_NUMBERS.findall(sentence) for number in re.findall(r"\d+", found)]
    return ComposedSentence(" ".join(POINT_NUMBERS.sub("", sentence).split()), tuple(dict.fromkeys(numbers)))


def sentence_faults(
    sentence: ComposedSentence, points: Sequence[str], language: Language, names: NameSource
) -> list[str]:
    """Empty where it may be shown; that a number or a name stands in the question is not enough."""
    if not sentence.cited or not all(0 < number <= len(points) for number in sentence.cited):
        return ["it does not cite"]
    cited = "\n".join(points[number - 1] for number in sentence.cited)
    text = unicodedata.normalize("NFKC", sentence.text)
    has_han = bool(HAN_RUN.search(text))
    faults = [
        "length" if not 0 < len(text) <= MAX_SENTENCE_CHARS else "",
        "language" if has_han != (language == "zh") else "",
        *added_addresses(text, cited),
        *(match[0] for match in MARKUP.finditer(text)),
        *(match[0] for match in REFUSALS.finditer(text)),
        *added_figures(cited, text, idioms=False),
        *(name for name in find_names(text, names) if not stands(name, cited, names)),
        *_unknown(text, cited, names),
        *_undated(text, cited),
    ]
    if has_han:
        faults += [word for word in foreign_words(text, cited) if len(word) > 1 and not stands(word, cited, names)]
    return [fault for fault in faults if fault]


def _unknown(text: str, cited: str, names: NameSource) -> list[str]:
    """Words that no dictionary has and the points neither, where those are in the same script."""
    if not HAN_RUN.search(cited):
        return []
    return [word for word in unknown_words(text, names) if not all(character in cited for character in word)]


def _undated(text: str, cited: str) -> list[str]:
    if DATE_WORDS.search(cited) or WIDER_DATE_WORDS.search(cited):
        return []
    return [match[0] for match in DATE_WORDS.finditer(text)]
