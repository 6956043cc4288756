"""Requests in groups, their buttons, and questions that must not be taken for requests."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.container import Services
from bot.conversation import frames as frames_module
from bot.conversation.content import own_content, points_back
from bot.conversation.recognizer import Recognizer
from bot.digest.schedule import DEFAULT_SCHEDULE
from bot.digest.subscribe_parser import parse_command
from bot.digest.subscription import Destination
from retrieval.evaluation import gold_questions
from tests.conftest import ROOT, Chat
from tests.support.telegram import NAME

COLLEAGUE = {"id": 8, "is_bot": False, "first_name": "王"}
SENTENCE = "怀柔科学城占地100.9平方公里,听说很大"
QUALITY = ROOT / "tests" / "quality"
FRAMES = [frame for name in frames_module._table()["frames"] for frame in frames_module.frames(name)]


def in_reply(text: str) -> dict[str, object]:
    where = {"id": -1007, "type": "supergroup", "title": "群"}
    return {"message_id": 4711, "date": 1, "chat": where, "from": COLLEAGUE, "text": text}


def mention() -> list[dict[str, object]]:
    return [{"type": "mention", "offset": 0, "length": len(NAME) + 1}]


async def test_a_mention_in_reply_to_a_colleague_asks_about_what_they_wrote(chat: Chat) -> None:
    [message] = await chat.group(f"@{NAME} 谁说的", reply_to_message=in_reply(SENTENCE), entities=mention())
    assert "100.9" in message.text


async def test_a_partial_quote_is_what_is_asked_about(chat: Chat) -> None:
    quote = {"text": "怀柔科学城占地100.9平方公里", "position": 0}
    whole = in_reply(f"创新药授权交易额是多少?{SENTENCE}")
    [message] = await chat.group("/ask 这是真的吗", reply_to_message=whole, quote=quote)
    assert "100.9" in message.text


async def test_a_quote_from_another_chat_is_asked_about(chat: Chat) -> None:
    quote = {"text": "怀柔科学城占地100.9平方公里", "position": 0}
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "某人"}
    [message] = await chat.group("/ask 来源", quote=quote, external_reply={"origin": origin})
    assert "100.9" in message.text


async def test_a_question_with_content_of_its_own_is_asked_as_it_is(chat: Chat) -> None:
    [message] = await chat.group("/ask 创新药授权交易额是多少?", reply_to_message=in_reply(SENTENCE))
    assert "45.5 billion" in message.text
    assert "接着上一问" not in message.text


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("中午十二点给我推冰雪经济", "冰雪经济"),
        ("ping me about ice and snow at noon", "ice and snow"),
        ("alert me on sodium batteries", "sodium batteries"),
    ],
)
def test_following_may_be_asked_for_by_what_is_sent(text: str, subject: str) -> None:
    request = Recognizer(lambda _, __: None).recognize(text)
    assert request
    assert (request.intent, request.subject) == ("follow", subject)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("每天下午三点一刻推送储能,东京时间", "Asia/Tokyo"),
        ("每晚九点给我推储能 伦敦时间", "Europe/London"),
        ("ping me at quarter past eight pm about 储能, New York time", "America/New_York"),
        ("subscribe to 储能 at noon, Berlin time", "Europe/Berlin"),
    ],
)
def test_a_zone_may_stand_apart_from_its_hour(text: str, zone: str) -> None:
    request = Recognizer(lambda _, __: None).recognize(text)
    assert request
    assert (request.intent, request.subject) == ("follow", "储能")
    assert parse_command(request.when, DEFAULT_SCHEDULE).schedule.zone == zone


@pytest.mark.parametrize("text", ["她还说了什么", "他都讲了些什么", "是谁运营的", "谁设计的", "给我推荐冰雪经济"])
def test_what_points_back_or_is_to_be_recommended_is_no_request(text: str) -> None:
    assert Recognizer(lambda _, __: None).recognize(text) is None


@pytest.mark.parametrize("text", ["比较怀柔和深圳", "对比一下怀柔跟深圳", "比一比怀柔与深圳", "怀柔和深圳对比"])
def test_two_may_be_compared_in_nothing_named(text: str) -> None:
    request = Recognizer(lambda _, __: None).recognize(text)
    assert request
    assert (request.intent, request.sides, request.subject) == ("compare", ("怀柔", "深圳"), "")


@pytest.mark.parametrize("frame", FRAMES, ids=[str(n) for n in range(len(FRAMES))])
@given(st.data())
@settings(max_examples=10)
def test_whatever_a_frame_takes_is_read(frame: re.Pattern[str], data: st.DataObject) -> None:
    Recognizer(lambda _, __: None).recognize(data.draw(st.from_regex(frame, fullmatch=True)))


@pytest.mark.parametrize("text", ["最近的数据新闻", "数据有什么新闻", "公司新闻", "2025年上半年的数据新闻"])
def test_a_common_word_may_be_a_subject_of_news(text: str) -> None:
    request = Recognizer(lambda _, __: None).recognize(text)
    assert request
    assert request.subject in ("数据", "公司")


async def test_following_in_words_is_confirmed_by_a_button(chat: Chat, services: Services) -> None:
    await chat.private("每天晚上八点半推送原始创新")
    assert not services.subscriptions.at(Destination(7))
    await chat.press("🔔")
    [one] = services.subscriptions.at(Destination(7))
    assert (one.spec.kind, one.spec.subject, f"{one.spec.schedule.at:%H:%M}") == ("topic", "原始创新", "20:30")


async def test_an_hour_that_is_typed_after_the_keyboard_moves_what_is_followed(chat: Chat, services: Services) -> None:
    await chat.private("/subscribe 原始创新 07:30")
    await chat.press("改时间")
    await chat.private("9点半")
    await chat.press("09:30")
    [one] = services.subscriptions.at(Destination(7))
    assert f"{one.spec.schedule.at:%H:%M}" == "09:30"


async def test_ending_in_words_is_confirmed_by_a_button(chat: Chat, services: Services) -> None:
    await chat.private("/subscribe 原始创新")
    await chat.private("退订原始创新")
    assert services.subscriptions.at(Destination(7))
    await chat.press("✕")
    assert not services.subscriptions.at(Destination(7))


async def test_what_is_not_followed_cannot_be_ended_and_is_said_to_be_so(chat: Chat) -> None:
    [message] = await chat.private("退订钠离子电池")
    assert "钠离子电池" in message.text
    assert not chat.last()[1].rows


@pytest.mark.parametrize("folder", [QUALITY, QUALITY / "second", QUALITY / "third"], ids=lambda folder: folder.name)
def test_real_questions_are_no_requests(folder: Path) -> None:
    """But for comparisons, which are answered as questions where one point names both sides."""
    recognizer = Recognizer(lambda _, __: None)
    asked = [one.question for one in gold_questions.read_answerable(folder / "questions.tsv")]
    taken = {question: found for question in asked if (found := recognizer.recognize(question))}
    assert len(asked) > 50
    assert not {question: one for question, one in taken.items() if one.intent != "compare"}
    assert len(taken) <= 3


@pytest.mark.parametrize(
    "text", ["stop the subsidies", "more jobs for nurses", "来源国有哪些", "继续教育经费是多少", "新闻出版业营收"]
)
def test_words_of_requests_within_questions(text: str) -> None:
    assert Recognizer(lambda _, __: None).recognize(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "谁买的",
        "哪些公司",
        "为什么",
        "which companies?",
        "compared to last year?",
        "and why?",
        "who pays?",
        "and who won",
        "是谁运营的",
        "谁买单",
    ],
)
def test_what_names_nothing(text: str) -> None:
    assert not own_content(text)


@pytest.mark.parametrize("text", ["谁在反对内卷", "谁来治理内涝", "怎么对内公开"])
def test_what_empty_words_cut_names_something(text: str) -> None:
    assert own_content(text)


def test_what_points_back_does_so_before_it_names_anything() -> None:
    assert points_back("它的产能多大")
    assert points_back("why did they invest in chips")
    assert points_back("what is its share in China")
    assert points_back("how many of its plants did it close")
    assert not points_back("how much of its revenue does Huawei spend on chips")
    assert not points_back("Huairou Science City: what is it about?")


class NearEncoder:
    """Finds every text near to one example; `asked` are the texts."""

    def __init__(self, example: str) -> None:
        self._example = example
        self.asked: list[str] = []
        self.is_loaded = True

    def __call__(self, text: str, examples: Sequence[str]) -> Sequence[float] | None:
        self.asked.append(text)
        return [0.8 if example == self._example else 0.1 for example in examples] if self.is_loaded else None


def test_an_example_that_is_near_names_the_request_and_is_asked_for_once() -> None:
    near = NearEncoder("who said that")
    recognizer = Recognizer(near)
    for _ in range(2):
        found = recognizer.recognize("whose statement would be such")
        assert found
        assert found.intent == "source"
    assert not recognizer.is_question("whose statement would be such")
    assert near.asked == ["whose statement would be such"]


@pytest.mark.parametrize("text", ["xqzbbfkf", "监利的小龙虾卖什么价?", "who runs the Manyou robotaxis", "很" * 300])
def test_a_name_or_a_subject_is_near_to_no_example(text: str) -> None:
    near = NearEncoder("who said that")
    recognizer = Recognizer(near)
    assert recognizer.is_question(text)
    assert recognizer.recognize(text) is None
    assert not near.asked


def test_where_there_is_no_encoder_nothing_waits_for_one() -> None:
    recognizer = Recognizer(None)
    assert recognizer.start_encoding()
    assert recognizer.is_question("whose statement would be such")
    assert recognizer.recognize("whose statement would be such") is None
    assert recognizer.recognize("who said that") == Recognizer(lambda _, __: None).recognize("who said that")


def test_what_is_warmed_compiles_what_messages_need() -> None:
    frames_module.frames.cache_clear()
    frames_module.piece.cache_clear()
    recognizer = Recognizer(None)
    recognizer.warm()
    compiled = frames_module.frames.cache_info().misses + frames_module.piece.cache_info().misses
    for text in (
        "how many patents",
        "北京有多少专利",
        "any news on chips",
        "发给我芯片的消息",
        "at 8 am send me chips",
    ):
        recognizer.recognize(text)
    more = frames_module.frames.cache_info().misses + frames_module.piece.cache_info().misses - compiled
    assert more <= 3, "lists of a frame's own"


def test_what_was_recognised_without_an_encoder_is_not_kept() -> None:
    near = NearEncoder("who said that")
    near.is_loaded = False
    recognizer = Recognizer(near)
    assert recognizer.recognize("whose statement would be such") is None
    near.is_loaded = True
    assert recognizer.recognize("whose statement would be such")


async def test_a_follow_up_passes_over_what_has_no_subject(chat: Chat) -> None:
    await chat.private("创新药授权交易额是多少?")
    await chat.private("最近有什么新闻")
    [message] = await chat.private("谁买的")
    assert "创新药授权交易额" in message.text
