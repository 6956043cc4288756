"""Both languages have a text for whatever keeps something out, with the same variables, and nothing raises another."""

import re
from pathlib import Path
from typing import get_args

import pytest

from feeds.interruption import interruption, reason_of
from retrieval.formats.problem_texts import describe, read_texts
from retrieval.language.han import has_han
from retrieval.runtime.sandbox import Interruption, SandboxError
from tests.support.exports import parsed, refused

NAME = re.compile(r"^([a-z][a-z0-9-]*) =", re.MULTILINE)
RAISED = re.compile(r'Problem(?:\.of)?\(\s*"([a-z0-9-]+)"')
BROKEN_EXPORT = """Workflow
科创
icon
Search documents
没有媒体
· 2026-01-01 08:00
Core Viewpoint - 一个要点 [1].
日期不对
央视新闻· 2026-02-30 08:00
Core Viewpoint - 一个要点 [1].
"""


def test_both_languages_have_all_texts() -> None:
    chinese, english = ({name: variables(text) for name, text in texts(language)} for language in ("zh", "en"))
    assert chinese == english


def test_the_code_asks_for_these_and_no_others() -> None:
    """`read-` are made of the kinds of an interruption."""
    files = [path for folder in ("bot", "feeds", "retrieval") for path in Path(folder).rglob("*.py")]
    raised = {name for path in files for name in RAISED.findall(path.read_text("utf-8"))}
    assert raised == {name for name, _ in texts("en") if not name.startswith("read-")}


@pytest.mark.parametrize(("line", "chinese"), [(6, "缺媒体名"), (9, "没有 2026-02-30 08:00 这个时间")])
def test_a_part_of_an_export_is_refused_in_either_language(line: int, chinese: str) -> None:
    [problem] = [one.problem for one in refused(parsed(BROKEN_EXPORT)) if one.line == line]
    assert chinese in describe(problem, "zh")
    assert not has_han(describe(problem, "en"))


def test_a_problem_within_another_is_said_in_the_same_language() -> None:
    [refusal] = refused(parsed("---\ntitle: x\noutlet: y\npublished: 2026-13-01\ntopic: z\n---\ntext\n", "a.md"))
    assert "2026-13-01" in describe(refusal.problem, "zh")
    assert "must be" not in describe(refusal.problem, "zh")
    assert "must be ISO 8601" in refusal.message


@pytest.mark.parametrize("kind", get_args(Interruption))
def test_every_interruption_is_said_in_both_languages(kind: Interruption) -> None:
    error = SandboxError(kind, 3.2)
    assert reason_of(error) == describe(interruption(error), "en")
    assert not has_han(reason_of(error))
    assert has_han(describe(interruption(error), "zh"))
    assert ("3 s" in reason_of(error)) == (kind == "slow")


def texts(language: str) -> list[tuple[str, str]]:
    catalogue = read_texts(language)  # type: ignore[arg-type]
    names = list(NAME.finditer(catalogue))
    ends = [match.start() for match in names[1:]] + [len(catalogue)]
    return [(match[1], catalogue[match.end() : end]) for match, end in zip(names, ends, strict=True)]


def variables(text: str) -> set[str]:
    return set(re.findall(r"\{ \$(\w+)", text))
