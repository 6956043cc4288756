"""Proper names: a text to the names in it, and whether a name stands in a text of the other language.

A name stands in a text as it is written, in its pinyin, or under a name that the dictionary or the glossary has for it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from retrieval.language.han import HAN
from retrieval.language.lexicon import Alternative
from retrieval.language.quantities import MONTH_NUMBERS, SCALES
from retrieval.language.stopwords import STOPWORDS
from retrieval.language.tokenizer import simplify, stem

LATIN_WORD = re.compile(
    rf"[^\W\d_{HAN}][^\W_{HAN}]*(?:[&.][^\W_{HAN}]+)*|\d+(?!(?:st|nd|rd|th|s)\b)[A-Za-z][^\W_{HAN}]*"
)
HAN_RUN = re.compile(f"[{HAN}]+")
BRACKETED = re.compile(r"\s*\([^()]*\)\s*")
SENTENCE_START = re.compile(r"(?:^|[.!?:;。！？：；•–—]\s*|[-]\s+)[\"“”'‘’(（\[]*$")
LINKING = {"of", "and", "the", "for", "&", "de", "van", "von"}
# Capitals that are no names; measures are checked as figures.
_NO_NAMES = (
    "monday tuesday wednesday thursday friday saturday sunday i mr mrs ms dr ltd co inc corp celsius chinese s t"
    " gw gwh kwh mwh mw kw wh twh kg km cm mm nm ah rmb cny usd eur hkd yoy qoq pp sq h1 h2 q1 q2 q3 q4"
)
NO_NAMES = {*MONTH_NUMBERS, *SCALES, *_NO_NAMES.split()}
HAN_NO_NAMES = {"字节", "美元", "欧元", "日元", "港元", "人民币"}  # units, before they are a firm or a country
# What China calls itself, and the ends of names of places, which translations have as a word of their own or leave out.
OTHER_WORDS = {"china": ("国内", "我国", "全国", "国产")}
ENDING = re.compile(r"^(\w{5,}?)(?:age|ing|ness|ers?|ed|ly|able|ments?|ists?|ages)$")  # of words, that stems keep
PLACE_ENDS = "省市区县州盟旗镇乡村"
TITLE_SHARE = 0.6  # of long words with a capital: then capitals say nothing
LIKELY_ALTERNATIVES = 8  # of the dictionary's names of a term; later ones are far from it
LONGEST_HAN_NAME = 8
MAX_PHRASE_WORDS = 6
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆"
    "汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤裴温康施文牛樊葛邢安齐伍岳"
    "闵刀农岩宁佘詹骆巩焦谷桂柴阎洪单辛管祝左涂欧习柯梅盛鲍华翁苗池尚连简岑甄耿关兰霍裘褚蒲卓沙乐翟房屈项晏路凌冉井仇虞储靳晁鞠窦席支仲权时"
    "展阚冀盖佟柏芦苑"
)
_SAID = "说|认为|表示|指出|介绍|称|坦言|透露|告诉|建议|强调|判断|预计|估计|提醒|回忆|解释|希望|抱怨|主张|要求|呼吁"
_SAID += "|预测|警告|担心|承认"
_DOES = "想|把|在|用|将|也|还|则|让"
_POSTS = (
    "总经理|董事长|主任|院长|教授|研究员|研究者|专家|工程师|院士|负责人|所长|校长|总裁|总监|分析师|创始人"
    "|站长|局长|部长|经理|经济学家|会长|律师|设计师|规划师|建筑师|庄园主|店主|村民|农民|渔民|主席|书记|市长|省长"
)
PERSON = re.compile(
    rf"([{SURNAMES}][{HAN}]{{1,2}}?)(?={_SAID})"
    rf"|(?:{_POSTS})([{SURNAMES}][{HAN}]{{1,2}}?)(?=[，。、]|{_SAID}|{_DOES})"
)
ORGANISATION = re.compile(r"(?:公司|集团|科技|大学|学院|研究院|研究所|实验室|股份|银行|证券|能源|储能|医药|生物|汽车)$")


class NameSource(Protocol):
    """The lexicon, as far as names need it."""

    def known(self, term: str) -> bool: ...
    def is_name(self, term: str) -> bool: ...
    def alternatives(self, term: str) -> Sequence[Alternative]: ...
    def pinyin(self, word: str) -> str: ...


def missing_names(of: str, text: str, names: NameSource) -> list[str]:
    """The proper names of one text that do not stand in another, in either language."""
    return [name for name in find_names(of, names) if not stands(name, text, names)]


def find_names(text: str, names: NameSource) -> list[str]:
    """The proper names in a text, each once: Latin ones, then Chinese ones."""
    text = unicodedata.normalize("NFKC", text)
    return list(dict.fromkeys([*_latin_names(text, names), *_han_names(simplify(text), names)]))


def stands(name: str, text: str, names: NameSource) -> bool:
    """Also where an explanation in brackets parts it: 怀柔 (Huairou) 科学城."""
    text = simplify(unicodedata.normalize("NFKC", text))
    return _stands(name, text, names) or (")" in text and _stands(name, BRACKETED.sub("", text), names))


def _stands(name: str, text: str, names: NameSource) -> bool:
    if HAN_RUN.search(name):
        return name in text or _han_name_in(name, text, names)
    if _as_word(name, text) or _latin_name_in(name, text, names):
        return True
    words = [word for word in name.split() if word.casefold() not in NO_NAMES | STOPWORDS]
    telling = [word for word in words if not is_common(word, names)]
    stand = [_as_word(word, text) or _latin_name_in(word, text, names) for word in telling or words]
    return len(words) > 1 and (all(stand) if telling else any(stand))


def foreign_words(translation: str, original: str) -> list[str]:
    """Words in Latin letters of a Chinese translation that the original does not have: none is its own to add."""
    words = [match[0] for match in LATIN_WORD.finditer(unicodedata.normalize("NFKC", translation))]
    return [word for word in words if word.casefold() not in NO_NAMES and not _as_word(word, original)]


def _as_word(name: str, text: str) -> bool:
    before = "[a-z0-9]" if name[0].isdigit() else "[a-z]"
    return bool(re.search(rf"(?<!{before}){re.escape(name.casefold())}(?:s|'s|’s)?(?![a-z])", text.casefold()))


def _latin_names(text: str, names: NameSource) -> Iterator[str]:
    """By runs of capitalised words. At the start of a sentence and in a title a common word is no name."""
    words = list(LATIN_WORD.finditer(text))
    chinese = _is_chinese(text)
    titled = _is_title([word[0] for word in words])
    run: list[str] = []
    counted, end = False, 0  # `counted`: whether a capital in the run says that it is a name
    for match in words:
        word, gap = match[0], text[end : match.start()]
        if run and gap not in {" ", "-"}:
            yield from _names_of(run, counted, names)
            run = []
        capital = chinese or not word.islower()
        if not run:
            counted = not (titled or SENTENCE_START.search(text[: match.start()]))
        if capital or (run and word in LINKING):
            run.append(word)
        elif run:
            yield from _names_of(run, counted, names)
            run = []
        end = match.end()
    yield from _names_of(run, counted, names)


def _is_chinese(text: str) -> bool:
    return 2 * sum(map(len, HAN_RUN.findall(text))) > len(LATIN_WORD.findall(text))


def _is_title(words: Sequence[str]) -> bool:
    long = [word for word in words if len(word) > 3]
    return len(long) > 2 and sum(word[0].isupper() for word in long) > TITLE_SHARE * len(long)


def _names_of(run: Sequence[str], counted: bool, names: NameSource) -> Iterator[str]:
    """The longest names of the dictionary (Inner Mongolia), uncommon words, else a run of common ones (Star One)."""
    run = list(run)
    while run and run[-1] in LINKING:
        run.pop()
    found, at = 0, 0
    while at < len(run):
        ends = range(min(len(run), at + MAX_PHRASE_WORDS), at + 1, -1)
        phrase_end = next((end for end in ends if names.known(_key(run[at:end]))), at + 1)
        words = run[at:phrase_end]
        known_name = len(words) > 1 and names.is_name(_key(words))
        if known_name or any(_is_latin_name(word, names) for word in words):
            found += 1
            yield " ".join(words)
        at = phrase_end
    if counted and not found and len(run) > 1 and not all(word.casefold() in NO_NAMES | STOPWORDS for word in run):
        yield " ".join(run)


def _key(words: Sequence[str]) -> str:
    return " ".join(stem(word.casefold()) for word in words)


def _is_latin_name(word: str, names: NameSource) -> bool:
    lowered = word.casefold()
    if lowered in NO_NAMES or lowered in STOPWORDS or word in LINKING or len(word) == 1:
        return False
    shaped = any(character.isupper() for character in word[1:]) or any(character.isdigit() for character in word)
    return shaped or names.is_name(stem(lowered)) or not is_common(word, names)


def is_common(word: str, names: NameSource) -> bool:
    """Whether the dictionary has the word, and as no name."""
    lowered = word.casefold()
    forms = stem(lowered), lowered, re.sub("men$", "man", lowered), ENDING.sub(r"\1", lowered)
    return any(names.known(form) and not names.is_name(form) for form in forms)


def _han_names(text: str, names: NameSource) -> Iterator[str]:
    """Words that are names to the dictionary, persons who say something, and unknown words before 集团 and its like."""
    persons = [match[1] or match[2] for match in PERSON.finditer(text)]
    yield from persons
    for person in persons:
        text = text.replace(person, " ")
    for run in HAN_RUN.findall(text):
        loose = ""
        either_way = set(segment(run, names)) & set(segment_backward(run, names))
        for word in segment(run, names):
            if len(word) > 1 and word in either_way and names.is_name(word) and word not in HAN_NO_NAMES:
                yield word
            if len(word) == 1 and word not in _LOOSE:
                loose += word
                continue
            if (2 <= len(loose) <= 4 and ORGANISATION.search(word)) or _is_place(loose, names):
                yield loose
            loose = ""
        if _is_place(loose, names):
            yield loose


def _is_place(word: str, names: NameSource) -> bool:
    """Whether the dictionary has the word as a county's or a city's name only with its end (孟连县)."""
    return len(word) == 2 and any(names.is_name(word + end) for end in PLACE_ENDS)


def unknown_words(text: str, names: NameSource) -> list[str]:
    """Chinese characters in a row that no dictionary joins: names, as a rule."""
    found = []
    for run in HAN_RUN.findall(simplify(text)):
        pieces = "".join(word if len(word) == 1 and word not in _LOOSE else " " for word in segment(run, names))
        found += [piece for piece in pieces.split() if len(piece) > 1]
    return found


# Characters that are words by themselves, and no part of an unknown name.
_LOOSE = set("的了在是和与及为将较比等从到由以对把被让向并或也都就还又仅约超达近每各该本其这那个家项年月日")


def segment(run: str, names: NameSource) -> tuple[str, ...]:
    """Cut a run of Chinese characters into the longest words that the dictionary has."""
    words: list[str] = []
    at = 0
    while at < len(run):
        ends = range(min(len(run), at + LONGEST_HAN_NAME), at + 1, -1)
        end = next((end for end in ends if names.known(run[at:end])), at + 1)
        words.append(run[at:end])
        at = end
    return tuple(words)


def segment_backward(run: str, names: NameSource) -> list[str]:
    """Likewise from the end; where both differ (人社部 in 人社部门), neither is sure."""
    words: list[str] = []
    end = len(run)
    while end:
        starts = range(max(0, end - LONGEST_HAN_NAME), end - 1)
        start = next((start for start in starts if names.known(run[start:end])), end - 1)
        words.append(run[start:end])
        end = start
    return words


def _latin_name_in(name: str, text: str, names: NameSource) -> bool:
    """Whether a Latin name stands in a text as Chinese, or in other Latin words."""
    if any(word in text for word in OTHER_WORDS.get(name.casefold(), ())):
        return True
    for alternative in names.alternatives(_key(name.split()))[:LIKELY_ALTERNATIVES]:
        joined = "".join(alternative.terms)
        if HAN_RUN.fullmatch(joined):
            if joined in text:
                return True
        elif alternative.terms in _stems_in(text, len(alternative.terms)):
            return True
    return _sounds_in(re.sub(r"[^a-z]", "", name.casefold()), text, names)


def _sounds_in(letters: str, text: str, names: NameSource) -> bool:
    """Whether Chinese characters in a row sound like these letters."""
    if len(letters) < 2:
        return False
    for run in HAN_RUN.findall(text):
        sounds = [names.pinyin(character) for character in run]
        for start in range(len(run)):
            joined = ""
            for at in range(start, min(len(run), start + LONGEST_HAN_NAME)):
                joined += sounds[at]
                if joined == letters or (at > start and names.pinyin(run[start : at + 1]) == letters):
                    return True
                if len(joined) >= len(letters) + 4:
                    break
    return False


def _han_name_in(name: str, text: str, names: NameSource) -> bool:
    """Whether a Chinese name stands in a text in its pinyin, or under a name that the dictionary has for it."""
    if len(name) > 2 and name[-1] in PLACE_ENDS and _han_name_in(name[:-1], text, names):
        return True
    letters = re.sub(r"[^a-z]", "", text.casefold())
    sounds = {names.pinyin(name), "".join(map(names.pinyin, name))}
    if len(name) > 1 and any(len(sound) > 3 and sound in letters for sound in sounds):
        return True
    for alternative in names.alternatives(name)[:LIKELY_ALTERNATIVES]:
        joined = "".join(alternative.terms)
        if (
            joined in text
            if HAN_RUN.fullmatch(joined)
            else alternative.terms in _stems_in(text, len(alternative.terms))
        ):
            return True
    return False


@lru_cache(1024)
def _stems_in(text: str, length: int) -> frozenset[tuple[str, ...]]:
    """The runs of so many stems in a text, stop words left out."""
    words = (part for match in LATIN_WORD.finditer(text) for part in re.split(r"[-&.'’]", match[0].casefold()))
    stems = [stem(word) for word in words if word and word not in STOPWORDS]
    return frozenset(tuple(stems[at : at + length]) for at in range(len(stems) - length + 1))
