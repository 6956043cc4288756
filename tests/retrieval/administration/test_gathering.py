"""Topics by words gather what a person would, at once and when something comes in, and let go of no other."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.administration.gathering import TopicRuleError
from retrieval.administration.maintenance import backup, check
from retrieval.library import Library
from retrieval.model.documents import BEIJING, Document
from retrieval.model.factory import build_document
from retrieval.storage.topic_rules import TopicRule, TopicRules
from tests.conftest import ROOT

NOW = datetime(2025, 8, 20, 9, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def synthetic(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The seeds and the three synthetic topics."""
    folder = tmp_path_factory.mktemp("synthetic")
    (folder / "lexicon.bin").write_bytes((data / "lexicon.bin").read_bytes())
    with closing(Library(folder)) as library:
        library.ingest((ROOT / "seeds", *(ROOT / "tests" / "quality").glob("*.txt")))
        yield library


# By reading all 34 documents: words, the topic whose documents hold them, and those of it that do not.
READ = [
    (("原始创新", "original innovation"), "原始创新", ()),
    (("original innovation",), "原始创新", ()),
    (("储能",), "新型储能", ("钠离子电池走到规模化门口",)),
    (("energy storage",), "新型储能", ("钠离子电池走到规模化门口",)),
    (("冰雪", "滑雪"), "冰雪经济", ()),
]


@pytest.mark.parametrize(("words", "topic", "without"), READ)
def test_words_gather_what_a_reader_would(
    synthetic: Library, words: tuple[str, ...], topic: str, without: tuple[str, ...]
) -> None:
    found = list(synthetic.gathering.candidates(TopicRule("x", words)))
    wanted = {document.title for document in synthetic.recent(-1, topic)} - set(without)
    assert {document.title for document in found} == wanted


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        (("创新药",), {"创新药经不起大起大落"}),
        (("科创板",), {"对话中科创星李浩:硬科技投资要挖掘原始创新,找到愿意和技术“打交道”的企业|科创资本论"}),
        (("STAR Market",), {"对话中科创星李浩:硬科技投资要挖掘原始创新,找到愿意和技术“打交道”的企业|科创资本论"}),
    ],
)
def test_words_of_one_language_find_the_other(synthetic: Library, words: tuple[str, ...], titles: set[str]) -> None:
    assert titles <= {one.title for one in synthetic.gathering.candidates(TopicRule("x", words))}


def test_outlets_and_excluded_words_narrow(synthetic: Library) -> None:
    rule = TopicRule("x", ("储能",))
    every = {one.id: one for one in synthetic.gathering.candidates(rule)}
    outlet = next(iter(every.values())).outlet.name
    narrow = set(map(_id, synthetic.gathering.candidates(replace(rule, outlets=(outlet,)))))
    assert narrow == {id for id, one in every.items() if one.outlet.name == outlet}
    without = set(map(_id, synthetic.gathering.candidates(replace(rule, excluded=("压缩空气",)))))
    assert 0 < len(every) - len(without) < len(every)


def _id(document: Document) -> str:
    return document.id


def news(number: int, text: str, topic: str = "来源") -> Document:
    names = (f"消息{number}", "经济日报", topic)
    return build_document(names, NOW - timedelta(days=number), f"https://example.org/{number}", [("", text, ())])


def test_what_comes_in_later_joins_and_a_removed_rule_lets_go_of_what_it_gathered(fresh: Path) -> None:
    with closing(Library(fresh)) as library:
        library.add([news(0, "Solid-state batteries leave the pilot stage.")], "news")
        library.add([news(1, "固态电池今年装车。", "电池")], "news")
        library.add([news(2, "Nothing of the kind happened.")], "news")
        seen = library.counts().last_seen
        assert library.gathering.add(TopicRule("电池", ("固态电池",))) == 1
        assert [one.topics for one in library.recent(3)] == [("来源", "电池"), ("电池",), ("来源",)]
        library.add([news(3, "A solid state battery plant opens."), news(4, "A bakery opens.")], "news")
        assert [one.title for _, one in library.after(seen, "电池")] == ["消息3"]  # for the next digest
        assert library.gathering.gathered("电池") == 2
        library.add([replace(news(0, "Solid-state batteries leave the pilot stage."), topics=("电池",))], "news")
        assert library.gathering.gathered("电池") == 1  # a source put it there by now
        assert library.gathering.remove("电池") == 1
        assert library.gathering.remove("电池") is None
        assert {one.title for one in library.recent(-1, "电池")} == {"消息0", "消息1"}
        found = library.search("solid state battery plant", 3, now=NOW)
        assert found.hits[0].document.topics == ("来源",)
        assert not list(check(fresh))


def test_a_rule_that_is_changed_keeps_what_fits_it_only(fresh: Path) -> None:
    with closing(Library(fresh)) as library:
        library.add([news(0, "Copper prices rose."), news(1, "Aluminium prices fell.")], "news")
        assert library.gathering.add(TopicRule("金属", ("copper", "aluminium"))) == 2
        assert library.gathering.add(TopicRule("金属", ("copper",))) == 1
        assert [one.title for one in library.recent(-1, "金属")] == ["消息0"]


def test_a_rebuilt_corpus_and_a_backup_have_them_again(fresh: Path, tmp_path: Path) -> None:
    with closing(Library(fresh)) as library:
        library.gathering.add(TopicRule("金属", ("copper",), ("经济日报",), ("silver",)))
        library.add([news(0, "Copper prices rose."), news(1, "Copper and silver prices rose.")], "news")
    copy = backup(fresh, tmp_path / "backups", NOW)
    assert (copy / "topics.jsonl").read_bytes() == (fresh / "topics.jsonl").read_bytes()
    for path in fresh.glob("corpus.db*"):
        path.unlink()
    with closing(Library(fresh)) as library:
        assert library.rebuild()
        assert [one.title for one in library.recent(-1, "金属")] == ["消息0"]
        assert library.gathering.gathered("金属") == 1


@pytest.mark.parametrize("words", [(), ("的",), ("the",), ("药",), ("，",), ("copper", "?")])
def test_a_rule_that_says_too_little_is_refused(synthetic: Library, words: tuple[str, ...]) -> None:
    with pytest.raises(TopicRuleError):
        synthetic.gathering.add(TopicRule("x", words))
    assert not synthetic.gathering.rules()


def test_the_file_may_be_edited_and_a_bad_line_costs_no_other(tmp_path: Path) -> None:
    rules = TopicRules(tmp_path / "topics.jsonl")
    assert not rules.all()
    rules.put(TopicRule("甲", ("a",)))
    text = (tmp_path / "topics.jsonl").read_text("utf-8")
    bad = 'no json\n[1]\n{"topic": 7}\n{"topic": "x", "words": "y"}\n'
    (tmp_path / "topics.jsonl").write_text(f'\ufeff{bad}{text}{{"topic": "乙", "words": ["b"]}}\n', "utf-8")
    assert [rule.name for rule in rules.all()] == ["甲", "乙"]
    assert rules.remove("甲")
    assert not rules.remove("甲")
    assert [rule.name for rule in TopicRules(tmp_path / "topics.jsonl").all()] == ["乙"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_and_any_text_are_read(library: Library, word: str, text: str) -> None:
    gatherer = library._ingester._gatherer
    rule = TopicRule("x", (word,)) if word else TopicRule("x", ("copper",))
    document = build_document((text or "x", "经济日报", "t"), NOW, None, [("", f"{text} {word}.", ())])
    try:
        gatherer.check(rule)
    except TopicRuleError:
        return
    gatherer.fits(rule, document)
