"""What is asked and not found: what belongs together, and what of it may be seen."""

from collections.abc import Collection, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analytics.anonymizer import common_pieces, mask, pieces
from bot.analytics.queries import LoggedQuestion
from bot.analytics.unanswered import UnansweredGroup, group_alike, unanswered_report

DAY = date(2026, 7, 1)


def asked(text: str, person: int | None = 1, *nowhere: str, place: str = "private") -> LoggedQuestion:
    return LoggedQuestion(DAY, place, person, text, "zh", nowhere)


def shown(
    said: Sequence[LoggedQuestion], agreed: Collection[int] = (), most: int = 9
) -> list[tuple[str, tuple[str, ...]]]:
    return [(gap.wording, gap.words) for gap in unanswered_report(said, agreed, lambda _: True, most).groups]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (asked("宁德时代的股价", 1, "宁德时代"), asked("宁德时代现在股价多少?", 2, "宁德时代"), True),
        (asked("宁德时代的股价", 1, "宁德时代"), asked("寧德時代的股價", 2, "寧德時代"), True),
        (asked("宁德时代的股价", 1, "宁德时代"), asked("比亚迪的股价", 2, "比亚迪"), False),
        (asked("宁德时代2023年的产量", 1, "宁德时代"), asked("宁德时代2024年的产量", 2, "宁德时代"), False),
        (asked("宁德时代的股价", 1, "宁德时代"), asked("宁德时代有几个员工", 2, "宁德时代"), False),
        (
            asked("Neuralink implant price", 1, "neuralink"),
            asked("price of a neuralink implant?", 2, "neuralink"),
            True,
        ),
        (asked("how big is it really"), asked("How big is it, really?"), True),
        (asked("北京的研发强度"), asked("上海的研发强度"), False),
    ],
)
def test_near_duplicates_in_either_language(one: LoggedQuestion, other: LoggedQuestion, together: bool) -> None:
    assert len(list(group_alike([one, other]))) == (1 if together else 2)


def test_what_most_people_ran_into_comes_first_with_how_many_and_how_often() -> None:
    said = [asked("甲乙", 9, "甲")] * 5 + [asked("丙丁股价", n, "丙丁") for n in (1, 2, 3, 3)]
    [first] = unanswered_report(said, (), lambda _: True, 9).groups
    assert first == UnansweredGroup(4, 3, "丙丁股价", ("丙丁",))


def test_a_private_person_s_words_are_not_shown() -> None:
    said = [asked("我的病历号 4711", 1, "病历号"), asked("我的病历号 4711", 2, "病历号")]
    found = unanswered_report(said, (), lambda _: True, 9)
    assert (found.groups, found.words, found.unseen) == ((), (), 2)


def test_what_one_agreed_to_is_shown_as_it_was_asked() -> None:
    said = [asked("我的 Kubelet 怎么了", 1, "kubelet"), asked("查张三", 2, "张三")]
    assert shown(said, agreed={1}) == [("我的 Kubelet 怎么了", ("kubelet",))]
    assert shown([asked("私事", None, "私事", place="terminal")]) == [("私事", ("私事",))]


def test_whoever_is_not_known_is_no_third_person() -> None:
    assert (
        shown([asked("某事", 1, "某"), asked("某事", 2, "某"), asked("某事", None, "某"), asked("某事", None, "某")])
        == []
    )


def test_of_three_who_asked_alike_only_what_all_three_wrote_is_shown() -> None:
    said = [
        asked("量子雷达的价格, 我是张三 13812345678", 1, "量子", "张三", "13812345678"),
        asked("量子雷达的价格", 2, "量子"),
        asked("量子雷达的价格", 3, "量子"),
    ]
    told = str(unanswered_report(said, (), lambda _: True, 9))
    assert "张三" not in told
    assert "13812345678" not in told
    assert "量子" in told
    alike = [
        asked("张三的量子雷达价格", 1, "量子"),
        asked("量子雷达的价格", 2, "量子"),
        asked("量子雷达价格", 3, "量子"),
    ]
    [(wording, words)] = shown(alike)
    assert wording == "… 量子雷达价格"
    assert words == ("量子",)


def test_words_that_three_people_share_are_shown_without_a_question() -> None:
    said = [
        asked("甲公司去年卖了几台", 1, "甲公司"),
        asked("谁管甲公司", 2, "甲公司"),
        asked("甲公司 2024 财报", 3, "甲公司"),
    ]
    found = unanswered_report(said, (), lambda _: True, 9)
    assert (found.groups, found.words, found.unseen) == ((), (("甲公司", 3),), 3)


def test_what_is_found_by_now_is_no_gap() -> None:
    said = [asked(text, n, text) for text in ("甲甲", "乙乙") for n in (1, 2, 3)]
    found = unanswered_report(said, (), lambda text: "甲" not in text, 9)
    assert [gap.wording for gap in found.groups] == ["乙乙"]
    assert found.words == ()


texts = st.text("甲乙丙丁abc 12,.?张", max_size=12)


@given(st.lists(st.tuples(st.integers(1, 5), texts), max_size=12))
def test_nothing_is_shown_that_fewer_than_three_people_wrote(said: list[tuple[int, str]]) -> None:
    found = unanswered_report([asked(text, person, text[:2]) for person, text in said], (), lambda _: True, 99)
    for gap in found.groups:
        for part in gap.wording.split("…"):
            for piece in pieces(part):
                assert len({person for person, text in said if piece in text}) >= 3
        for word in gap.words:
            assert len({person for person, text in said if text[:2] == word}) >= 3


@given(st.text(max_size=40))
def test_a_text_of_which_all_is_known_is_shown_whole_and_of_which_nothing_is_not_at_all(text: str) -> None:
    assert mask(text, ()) == ""
    assert "…" not in mask(text.replace("…", ""), pieces(text))


def test_pieces_are_words_and_pairs_of_characters() -> None:
    assert pieces("研发强度 R&D, 2.4% 中") == {"研发", "发强", "强度", "r", "d", "2", "4", "中"}
    assert common_pieces([(1, ["a"]), (2, ["a"]), (2, ["b"]), (3, ["a"]), (None, ["b"])]) == {"a"}
