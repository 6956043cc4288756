"""Grammar of requests: a message goes in, the request that its frame names and its subject come out.

A frame is what stands around the subject: 'any news on …', '…最近怎么样'. A message whose frame leaves a question
behind ('最新的研发投入强度是多少') is no request.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from bot.conversation.frames import frames, piece
from bot.conversation.request import Intent, Request
from retrieval.language.answer_types import ASKS_SOMETHING
from retrieval.language.han import has_han
from retrieval.model.outlets import all_names

MAX_SUBJECT_HAN = 20  # characters of a Chinese subject
MAX_SUBJECT_WORDS = 7  # words of an English one
MAX_SIDE_HAN = 10  # characters of what is compared
MAX_SIDE_WORDS = 4
SUBJECT_MARKS = ' ,，、:：的“”"「」『』'
# Words for days that the filters of the search do not read, as those they do.
SPOKEN_DAYS = {"今儿": "今天", "今儿个": "今天", "昨儿": "昨天", "昨儿个": "昨天", "这两天": "最近两天"}
FRAMED_INTENTS: tuple[Intent, ...] = ("news", "overview")
PERSON_SAID_BEFORE = re.compile("[他她它]们?(?:还|又|都|也|后来|当时|到底|究竟)*")  # 他还说了什么
# At the end of a subject a bare year may be of a name, and May a person.
DAYS_FOR_CERTAIN = re.compile("[月年季]|^in ")
# Lists of frames without a subject.
BARE_FRAMES: Mapping[str, Intent] = {"beyond": "beyond", "settings": "settings", "reschedule_open": "reschedule"}


def parse_request(bare: str) -> Request | None:
    """`bare` is what `wording` leaves of the message. Only requests with a subject, and what is new without one."""
    for name, bare_intent in BARE_FRAMES.items():
        if any(pattern.fullmatch(bare) for pattern in frames(name)):
            return Request(bare_intent)
    for intent in FRAMED_INTENTS:
        for pattern in frames(intent):
            if (match := pattern.fullmatch(bare)) and (request := _request(intent, match)):
                return request
    return _outlet_news(bare)


def _outlet_news(bare: str) -> Request | None:
    """'What has Xinhua written': such a frame is one of a question unless its subject is a publisher."""
    for pattern in frames("outlet_news"):
        if (match := pattern.fullmatch(bare)) and (request := _request("news", match)) and is_outlet(request.subject):
            return replace(request, subject="", outlet=request.subject)
    return None


def parse_comparison(bare: str) -> Request | None:
    """The subject is what the sides are compared in, or ''."""
    for pattern in frames("compare"):
        if match := pattern.fullmatch(bare):
            found = match.groupdict("")
            second = found["b"].strip(SUBJECT_MARKS)
            sides = found["a"].strip(SUBJECT_MARKS), second.removesuffix("比")  # 昌平和怀柔比
            if all(map(_is_side, sides)) and sides[0] != sides[1]:
                said = piece("comparing").sub(" ", f"{found.get('s1', '')} {found.get('s', '')}".strip())
                return Request("compare", " ".join(said.split()).strip(SUBJECT_MARKS), sides=sides)
    return None


def _is_side(text: str) -> bool:
    if not text or piece("no_side").fullmatch(text) or not is_subject(text):
        return False
    return len(text) <= MAX_SIDE_HAN if has_han(text) else len(text.split()) <= MAX_SIDE_WORDS


def _request(intent: Intent, match: re.Match[str]) -> Request | None:
    found = {name: value for name, value in match.groupdict().items() if value}
    subject = piece("subject_tail").sub("", found.get("s", "").strip(SUBJECT_MARKS)).strip(SUBJECT_MARKS)
    times = " ".join(value for name, value in sorted(found.items()) if name.startswith("t"))
    when = day[0] if (day := piece("day_words").search(times)) else ""
    if piece("calendar").fullmatch(subject) or piece("day_words").fullmatch(subject):
        subject, when = "", subject
    elif intent == "news" and not when:
        subject, when = _without_days(subject)
    when = SPOKEN_DAYS.get(when, when)
    if piece("no_subject").fullmatch(subject):
        return Request("news", when=when) if intent == "news" or times or when else None
    return Request(intent, subject, when) if is_subject(subject) else None


def _without_days(subject: str) -> tuple[str, str]:
    """The subject without the month that it begins or ends with (9月份的冰雪, 'ice in September'), and the month."""
    if (first := piece("calendar").match(subject)) and subject.startswith("的", first.end()):
        return subject[first.end() + 1 :], first[0]
    if (last := _days_last().fullmatch(subject)) and DAYS_FOR_CERTAIN.search(last["days"]):
        return last["s"].strip(SUBJECT_MARKS), last["days"].removeprefix("in ")
    return subject, ""


@cache
def _days_last() -> re.Pattern[str]:
    return re.compile(rf"(?P<s>.+?)(?:在|的)? ?(?P<days>{piece('calendar').pattern})")


def is_outlet(text: str) -> bool:
    return text.casefold() in all_names()


def is_subject(text: str) -> bool:
    """Whether it is a name of something rather than a pronoun, a question or a clause."""
    if (
        piece("pronoun").fullmatch(text)
        or PERSON_SAID_BEFORE.fullmatch(text)
        or ASKS_SOMETHING.search(text)
        or piece("clause").search(text)
    ):
        return False
    return len(text) <= MAX_SUBJECT_HAN if has_han(text) else len(text.split()) <= MAX_SUBJECT_WORDS
