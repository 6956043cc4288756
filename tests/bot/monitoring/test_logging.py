"""What the log of the real process holds, and what never."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import bound_contextvars
from structlog.stdlib import ProcessorFormatter

from bot.monitoring.logging import RedactingFormatter, omit_update_data
from tests.support.process import PATIENCE, copied, running
from tests.support.telegram import TOKEN, BotApi, Updates
from tests.support.telegram_http import serving

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z ")
ASKED = "怀柔科学城面积多大?"


@pytest.mark.parametrize("texts", ["on", "off"])
def test_json_a_line_with_the_update_and_words_only_where_asked_for(data: Path, tmp_path: Path, texts: str) -> None:
    api, updates = BotApi(), Updates()
    update = updates.private(ASKED)
    api.deliver(update)
    settings = {"ZHIDIAN_LOG_FORMAT": "json", "ZHIDIAN_LOG_QUESTIONS": texts}
    with serving(api) as url, running(copied(data, tmp_path / "own"), url, tmp_path / "log", **settings):
        api.wait_for(1, PATIENCE)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    [line] = [line for line in lines if line["event"] == "question"]
    assert line.get("text") == (ASKED if texts == "on" else None)
    assert line["update"] == update["update_id"]
    assert (line["place"], line["verdict"], line["level"]) == ("private", "answer", "info")
    assert (ASKED in json.dumps(lines, ensure_ascii=False)) == (texts == "on")
    assert TOKEN not in json.dumps(lines)


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_trace_stands_in_the_record_without_the_token_and_without_variables(kind: str) -> None:
    wrong = "what somebody wrote"
    try:
        raise ValueError(f"bot{TOKEN}/getMe")
    except ValueError as error:
        record = logging.LogRecord("bot", logging.ERROR, "", 1, "no %s", ("way",), (ValueError, error, None))
    shown = RedactingFormatter([TOKEN], kind).format(record)  # type: ignore[arg-type]
    assert "no way" in shown
    assert "bot[token]/getMe" in shown
    assert TOKEN not in shown
    assert wrong not in shown
    assert kind == "text" or len(shown.splitlines()) == 1


FIELD_NAMES = st.text("abcdefgh_", min_size=1)

VALUES = st.text() | st.integers() | st.none() | st.floats() | st.lists(st.text())


@given(
    st.text(),
    st.sampled_from([logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL, 25]),
    st.dictionaries(FIELD_NAMES, VALUES, max_size=4),
    st.dictionaries(FIELD_NAMES, VALUES, max_size=2),
)
def test_a_line_is_as_structlog_has_it(
    message: str, level: int, fields: dict[str, Any], context: dict[str, Any]
) -> None:
    record = logging.getLogger("bot.handlers").makeRecord("bot", level, "", 1, message, (), None, None, fields)
    formatter = RedactingFormatter([])
    with bound_contextvars(**context):
        own, theirs = formatter.format(record), ProcessorFormatter.format(formatter, record)
    assert TIME.sub("", own, count=1) == TIME.sub("", theirs, count=1)


def test_a_field_that_structlog_shows_apart_is_left_to_it() -> None:
    record = logging.getLogger("bot").makeRecord("bot", logging.INFO, "", 1, "said", (), None, None, {"stack": "below"})
    assert RedactingFormatter([]).format(record).endswith("said [bot]\nbelow")


def test_updates_that_cannot_be_read_are_not_written_out() -> None:
    words = "Error while parsing updates! Received data was %r"
    record = logging.LogRecord("telegram", logging.CRITICAL, "", 1, words, ([{"text": ASKED}],), None)
    assert omit_update_data(record)
    assert record.getMessage() == "Error while parsing updates! (the data is left out)"
