"""Signed links and sessions: a day, one browser, taken back at will."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.page.sessions import KEY_FILE, PageSessions

START = datetime(2026, 7, 1, 12, tzinfo=UTC)


class SessionClock:
    now = START


@pytest.fixture
def sessions(tmp_path: Path) -> PageSessions:
    SessionClock.now = START
    return PageSessions(tmp_path, lambda: SessionClock.now)


def mini_app(sessions: PageSessions, user: int) -> str:
    opened = sessions.open_mini_app(user, "en", f"signature {user}")
    assert opened
    return opened[0]


def test_a_mini_app_s_signature_opens_one_session_also_after_it_was_taken_back(sessions: PageSessions) -> None:
    first = mini_app(sessions, 7)
    assert sessions.open_mini_app(7, "en", "signature 7") is None
    sessions.revoke(7)
    assert sessions.open_mini_app(7, "en", "signature 7") is None
    assert sessions.user(first) is None
    assert sessions.open_mini_app(7, "en", "another") is not None


def test_the_bot_s_name_is_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.page.sessions.BOT_NAME_SECONDS", 0.0)
    sessions = PageSessions(tmp_path)
    assert sessions.bot_name() == ""
    for name in ("old_bot", "new_bot"):
        sessions.set_bot_name(name)
        assert PageSessions(tmp_path).bot_name() == name
    assert sessions.bot_name() == "new_bot"


def test_a_link_opens_one_session_that_ends_with_the_link_s_day(sessions: PageSessions) -> None:
    link = sessions.give_link(7)
    SessionClock.now += timedelta(hours=20)
    opened = sessions.open_link(link)
    assert opened
    session, seconds = opened
    assert seconds == 4 * 3600
    assert sessions.user(session) == (7, "")
    assert sessions.open_link(link) is None  # in a second browser
    assert sessions.user(link) is None
    SessionClock.now += timedelta(hours=4, seconds=1)
    assert sessions.user(session) is None


def test_an_unopened_link_ends_too(sessions: PageSessions) -> None:
    link = sessions.give_link(7)
    SessionClock.now += timedelta(days=1)
    assert sessions.open_link(link) is None


@pytest.mark.parametrize("forged", ["", ".", "x", "x.y", "x.é", "\udc80.x", "a" * 5000])
def test_what_was_not_signed_here_opens_nothing(sessions: PageSessions, forged: str) -> None:
    sessions.give_link(7)
    assert sessions.open_link(forged) is None
    assert sessions.user(forged) is None


def test_taken_back_and_forgotten_sessions_end(sessions: PageSessions) -> None:
    link, session, other = sessions.give_link(7), mini_app(sessions, 7), mini_app(sessions, 8)
    assert sessions.export(7)["page_sessions"]
    assert sessions.revoke(7) == 2
    assert sessions.user(session) is None
    assert sessions.open_link(link) is None
    assert sessions.user(other) == (8, "en")
    assert sessions.forget(8) == 1


def test_neither_the_file_nor_another_folder_s_key_lets_anybody_in(sessions: PageSessions, tmp_path: Path) -> None:
    link = sessions.give_link(7)
    assert link.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("bot.db*"))
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / KEY_FILE).unlink()
    assert PageSessions(tmp_path, lambda: SessionClock.now).open_link(link) is None
