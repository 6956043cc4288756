from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.language.aliases import Aliases
from retrieval.language.bilingual_names import other_names, topic_of_part, topics_by_other_name
from retrieval.language.han import has_han


@pytest.fixture
def aliases(tmp_path: Path) -> Aliases:
    return Aliases(tmp_path / "aliases.tsv")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("冰雪经济", "ice and snow economy"),
        ("新型储能", "new-type energy storage"),
        ("low-altitude economy", "低空经济"),
        ("Core Viewpoint", "核心观点"),
        ("核心观点", "Core Viewpoint"),
        ("Group 2", "第 2 组"),
        ("Group 12: Future Outlook", "第 12 组：未来展望"),
    ],
)
def test_the_shipped_glossaries_name_topics_and_headings(aliases: Aliases, name: str, other: str) -> None:
    assert other_names(name, aliases)[0] == other


@pytest.mark.parametrize("name", ["", "  ", "本地杂记", "Group 3: Zhongke Chuangxing", "\t", "="])
def test_what_no_glossary_has_stays_as_it_is(aliases: Aliases, name: str) -> None:
    assert other_names(name, aliases) == ()


def test_the_operator_s_name_comes_first_as_it_was_written(aliases: Aliases) -> None:
    aliases.add("冰雪经济 = Winter Economy")
    aliases.add("本地杂记 = Local Notes")
    assert other_names("冰雪经济", aliases)[0] == "Winter Economy"
    assert other_names("本地杂记", aliases) == ("Local Notes",)
    aliases.remove("本地杂记")
    assert other_names("本地杂记", aliases) == ()


def test_a_name_of_several_topics_leads_to_none(aliases: Aliases) -> None:
    aliases.add("甲 = Common")
    aliases.add("乙 = Common")
    assert topics_by_other_name(("甲", "乙", "冰雪经济"), aliases)["snow economy"] == "冰雪经济"
    assert "Common" not in topics_by_other_name(("甲", "乙"), aliases)


@given(st.text(max_size=12))
def test_other_names_are_in_the_other_language(name: str) -> None:
    assert all(has_han(other) != has_han(name) for other in other_names(name, Aliases(Path("nowhere.tsv"))))


TOPICS = ["新型储能", "数据要素", "冰雪经济", "低空经济", "原始创新"]


@pytest.mark.parametrize(
    ("part", "topic"),
    [
        ("energy storage", "新型储能"),
        ("Energy  Storage", "新型储能"),
        ("储能", "新型储能"),
        ("data elements", "数据要素"),
        ("Data Element", "数据要素"),
        ("数据", "数据要素"),
        ("snow economy", "冰雪经济"),
        ("new energy", None),  # another thing
        ("economy", None),
        ("storage", None),
        ("经济", None),  # two topics
        ("能", None),
        ("the", None),
        ("", None),
    ],
)
def test_a_part_of_a_name_names_the_only_topic_that_has_it(aliases: Aliases, part: str, topic: str | None) -> None:
    names = topics_by_other_name(TOPICS, aliases) | {name: name for name in TOPICS}
    assert topic_of_part(part, names) == topic


def test_a_whole_name_beats_those_that_have_it_within(aliases: Aliases) -> None:
    topics = ["储能", "新型储能", "new-type energy storage policy"]
    names = topics_by_other_name(topics, aliases) | {name: name for name in topics}
    assert topic_of_part("储能", names) == "储能"
    assert topic_of_part("energy storage", names) == "储能"


@given(st.text(), st.lists(st.text(), max_size=4))
def test_a_part_names_a_topic_that_is_there(part: str, topics: list[str]) -> None:
    assert topic_of_part(part, {topic: topic for topic in topics}) in {None, *topics}
