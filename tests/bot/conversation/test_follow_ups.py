"""What names only what changes inherits the rest of the question before it."""

import pytest

from bot.conversation import follow_ups
from tests.conftest import Chat
from tests.support.telegram import ME


@pytest.mark.parametrize(
    ("before", "text", "asks"),
    [
        ("北京的研发投入强度是多少?", "那湖北呢?", "湖北的研发投入强度是多少?"),
        ("北京的研发投入强度是多少?", "上海呢", "上海的研发投入强度是多少?"),
        ("2024年技术合同成交额是多少?", "那2023年呢？", "2023年技术合同成交额是多少?"),
        ("湖北有多少家企业", "那北京2023年呢?", "北京有多少家企业 2023年"),
        ("What was Beijing's R&D intensity in 2024?", "and in 2023?", "What was Beijing's R&D intensity in 2023?"),
        ("How many platforms are there in Hubei?", "what about Beijing", "How many platforms are there in Beijing?"),
        ("What is BYD's revenue?", "What about CATL?", "What is CATL's revenue?"),
        ("创新药出海情况", "那医保呢", "创新药出海情况 医保"),
        ("人民日报 科创高地", "换成经济日报", "经济日报 科创高地"),
    ],
)
def test_what_is_named_takes_its_kind_s_place(before: str, text: str, asks: str) -> None:
    named = follow_ups.follow_up_subject(text)
    assert named
    assert follow_ups.complete_question(before, named) == asks


@pytest.mark.parametrize(
    "text",
    [
        "怀柔科学城面积多大?",
        "那有多少用户?",
        "R&D intensity of Beijing",
        "and what is the R&D intensity?",
        "",
        "呢",
        "how about it",
        "今天天气怎么样呢",
        "那" + "很" * 40 + "呢",
    ],
)
def test_a_question_of_its_own_inherits_nothing(text: str) -> None:
    assert follow_ups.follow_up_subject(text) is None


@pytest.mark.parametrize(
    ("text", "named"),
    [("湖北", "湖北"), ("in 2023", "2023"), ("怀柔科学城面积多大?", None), ("为什么?", None), ("怀柔科学城", None)],
)
def test_a_reply_may_be_briefer(text: str, named: str | None) -> None:
    assert follow_ups.reply_subject(text) == named


async def test_a_follow_up_says_so_and_offers_only_this_sentence(chat: Chat) -> None:
    await chat.private("北京有哪些科技创新平台?")
    [message] = await chat.private("那湖北呢?")
    assert message.text.startswith("接着上一问：湖北有哪些科技创新平台?")
    _, shown = chat.last()
    await chat.press("更多")
    assert "接着上一问" in chat.last()[1].text
    await chat.press("返回")
    assert chat.last()[1] == shown
    await chat.press("只查这一句")
    assert "接着上一问" not in chat.last()[1].text
    assert "只查这一句" not in str(chat.last()[1].labels)
    [message] = await chat.private("那广东呢?")
    assert message.text.startswith("接着上一问：广东有哪些科技创新平台?")


async def test_a_reply_to_an_answer_inherits_from_that_answer_s_question(chat: Chat) -> None:
    await chat.private("怀柔科学城面积多大?")
    first = chat.last()[0]
    await chat.private("创新药出海 授权交易额")
    original = {"message_id": first, "date": 1, "chat": {"id": 7, "type": "private"}, "from": ME, "text": "…"}
    [message] = await chat.private("北京", reply_to_message=original)
    assert message.text.startswith("接着上一问：")
    assert "面积多大" in message.text.splitlines()[0]


async def test_a_follow_up_without_a_question_before_it_is_a_question(chat: Chat) -> None:
    [message] = await chat.private("那湖北呢?")
    assert "接着上一问" not in message.text


async def test_what_somebody_else_asked_is_not_inherited_in_a_group(chat: Chat) -> None:
    await chat.group("/ask 北京有哪些科技创新平台?")
    other = {"id": 8, "is_bot": False, "first_name": "王", "language_code": "zh-hans"}
    [message] = await chat.group("/ask 那湖北呢?", **{"from": other})
    assert "接着上一问" not in message.text


async def test_editing_a_question_edits_its_answer(chat: Chat) -> None:
    asked = chat.updates.private("怀柔科学城面积多大?")
    await chat.send(asked)
    number, before = chat.last()
    edited = asked["message"] | {"text": "创新药授权交易额", "edit_date": asked["message"]["date"] + 5}
    assert not await chat.send({"update_id": 9999, "edited_message": edited})
    assert chat.last()[0] == number
    after = chat.last()[1]
    assert after.text != before.text
    await chat.send({"update_id": 9999, "edited_message": edited})  # an edit that nobody sees
    assert chat.last()[1] == after
    original = {"message_id": 4711, "date": 1, "chat": {"id": 7, "type": "private"}, "from": asked["message"]["from"]}
    assert not await chat.send({"update_id": 9999, "edited_message": original | {"text": "x", "edit_date": 2}})
