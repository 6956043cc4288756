"""Times of day in words: 'half past nine', 晚上八点半, 0730 go in, a time comes out."""

import re
from datetime import time

NUMERALS_HAN = {word: n for n, word in enumerate("零一二三四五六七八九十")} | {"〇": 0, "两": 2}
_SPELT_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
)
ENGLISH_NUMBERS = {word: n for n, word in enumerate(_SPELT_NUMBERS.split())}
ENGLISH_NUMBERS |= {"thirty": 30, "forty": 40, "fifty": 50, "twenty-five": 25, "thirty-five": 35, "forty-five": 45}

# Each word for a part of the day, by how it changes the hour.
PARTS_OF_DAY = {
    "dawn": "凌晨|a.m.|am|in the morning|of the morning|this morning|every morning|each morning",
    "morning": "清晨|清早|早晨|早上|早|上午",
    "noon": "正午|中午",
    "afternoon": "午后|下午|傍晚|p.m.|pm|in the afternoon|this afternoon|every afternoon|each afternoon",
    "evening": "晚上|夜晚|晚|in the evening|this evening|every evening|each evening",
    "night": "夜里|夜间|深夜|半夜|午夜|at night|tonight|every night|each night",
}
PART_OF_WORD = {word: part for part, words in PARTS_OF_DAY.items() for word in words.split("|")}
_PART_HAN = "|".join(word for word in PART_OF_WORD if not word.isascii())
_DAY_PART = rf"(?P<part>{'|'.join(re.escape(word) for word in PART_OF_WORD if word.isascii())})"
_NUMBER_HAN = r"(?:\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
CLOCK_HAN = re.compile(
    rf"(?P<part>{_PART_HAN})?的?\s?(?P<hour>{_NUMBER_HAN})\s?(?:点钟?|时(?!间)|點鐘?)(?:整|(?P<minute>{_NUMBER_HAN})分?|(?P<half>半)"
    r"|(?P<quarters>[一三])刻钟?|过(?P<past>[一二三四五六七八九十\d]{1,3})分)?"
)
DIGITAL_HAN = re.compile(rf"(?P<part>{_PART_HAN})\s?(?P<hour>\d{{1,2}})(?:[:：.](?P<minute>\d{{2}}))?")
NAMED_HOURS = {
    **dict.fromkeys(("noon", "midday", "12 noon", "twelve noon", "正午", "中午"), time(12)),
    **dict.fromkeys(("midnight", "12 midnight", "零点", "午夜", "半夜"), time(0)),
}
_HOURS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_MINUTES = (
    "five|ten|fifteen|twenty|twenty-five|twenty five|thirty|thirty-five|thirty five|forty|forty-five|forty five|fifty"
)
DIGITAL_CLOCK = re.compile(
    rf"(?:(?P<at>at|@|around|by) ?)?(?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d{{2}}))?"
    rf"(?P<clock> ?o'?clock| ?h(?:rs)?)? ?{_DAY_PART}?"
)
FOUR_DIGITS = re.compile(rf"(?:at )?(?P<hour>\d{{2}})(?P<minute>\d{{2}})(?P<sure> ?(?:h|hrs|hours))? ?{_DAY_PART}?")
SPELT_CLOCK = re.compile(
    rf"(?:(?P<at>at|around|by) )?(?P<hour>{_HOURS})(?: (?P<minute>{_MINUTES}))?(?P<clock> o'?clock)? ?{_DAY_PART}?"
)
SIDES_OF_HOUR = ("past", "after", "to", "before", "till")
PAST_HOUR = re.compile(
    rf"(?:at )?(?P<minute>half|(?:a )?quarter|{_MINUTES}|\d{{1,2}})(?: minutes?)? ?(?P<side>{'|'.join(SIDES_OF_HOUR)}) "
    rf"(?P<hour>\d{{1,2}}|{_HOURS})(?: o'?clock)? ?{_DAY_PART}?"
)
HALF_OF = re.compile(rf"half (?P<hour>{_HOURS})")  # British: half nine
# What looks like a time; where it is none, it is a mistake rather than a subject.
LOOKS_LIKE_TIME = re.compile(
    rf"\d{{1,2}}[:：]\d{{1,2}}(?:[:：]\d{{2}})?|(?:{_PART_HAN})?{_NUMBER_HAN}{{1,2}}(?:点|點)(?:{_NUMBER_HAN}分?|半|整|[一二三]刻)?"
    rf"|\d{{1,3}} ?(?:am|pm|o'?clock)|0\d{{3}}|(?:half|quarter) (?:past|to) \w+|(?:\w+ )?o'?clock"
    rf"|(?:{_PART_HAN})\s?\d{{1,2}}(?:[:：.]\d{{1,2}})?|{_PART_HAN}",
    re.IGNORECASE,
)
YEARS = range(1900, 2100)


def read_clock(text: str) -> time | None:
    """The whole text must be a time. A bare number is none, and four digits that may be a year are none."""
    text = " ".join(text.casefold().replace("：", ":").split())
    if (named := NAMED_HOURS.get(text.removeprefix("at "))) is not None:
        return named
    return _chinese(text) or _digital(text) or _spelt(text)


def _chinese(text: str) -> time | None:
    if match := CLOCK_HAN.fullmatch(text):
        minute = 30 if match["half"] else 15 * int(_number(match["quarters"] or "零"))
        minute = minute or _number(match["minute"] or match["past"] or "零")
        return _time(_number(match["hour"]), minute, match["part"] or "")
    if match := DIGITAL_HAN.fullmatch(text):
        return _time(int(match["hour"]), int(match["minute"] or 0), match["part"])
    return None


def _digital(text: str) -> time | None:
    if (match := FOUR_DIGITS.fullmatch(text)) and (
        match["part"] or match["sure"] or int(match["hour"] + match["minute"]) not in YEARS
    ):
        return _time(int(match["hour"]), int(match["minute"]), match["part"] or "")
    match = DIGITAL_CLOCK.fullmatch(text)
    if match and (match["at"] or match["minute"] or match["clock"] or match["part"]):
        return _time(int(match["hour"]), int(match["minute"] or 0), match["part"] or "")
    return None


def _spelt(text: str) -> time | None:
    if match := HALF_OF.fullmatch(text):
        return _time(_number(match["hour"]), 30, "")
    if match := PAST_HOUR.fullmatch(text):
        minutes = match["minute"].removeprefix("a ")
        count = 30 if minutes == "half" else 15 if minutes == "quarter" else _number(minutes)
        hour = _number(match["hour"])
        if match["side"] in {"to", "before", "till"}:
            hour, count = (hour - 1) % 24 or (12 if hour == 1 else 0), 60 - count
        return _time(hour, count, match["part"] or "")
    match = SPELT_CLOCK.fullmatch(text)
    if match and (match["at"] or match["minute"] or match["clock"] or match["part"]):
        return _time(_number(match["hour"]), _number(match["minute"] or "zero"), match["part"] or "")
    return None


def _time(hour: int, minute: int, word: str) -> time | None:
    """`word` is for a part of the day: '' for the hour as it is."""
    part = PART_OF_WORD.get(word, "")
    if hour == 12 and part in {"dawn", "evening", "night"}:
        hour = 0
    elif (part in {"afternoon", "evening"} and hour < 12) or (part == "night" and 6 <= hour < 12):
        hour += 12
    elif part == "noon" and hour < 10:
        hour += 12  # 中午一点, but 中午11点半
    return time(hour, minute) if 0 <= hour < 24 and 0 <= minute < 60 else None


def _number(word: str) -> int:
    if word.isdecimal():
        return int(word)
    if word in ENGLISH_NUMBERS or word.replace(" ", "-") in ENGLISH_NUMBERS:
        return ENGLISH_NUMBERS.get(word, ENGLISH_NUMBERS.get(word.replace(" ", "-"), 0))
    if "十" in word:
        tens, _, ones = word.partition("十")
        return 10 * (NUMERALS_HAN.get(tens, 99) if tens else 1) + (NUMERALS_HAN.get(ones, 99) if ones else 0)
    value = 0
    for digit in word:
        value = 10 * value + NUMERALS_HAN.get(digit, 99)
    return value
