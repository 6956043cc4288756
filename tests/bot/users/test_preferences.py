"""What people chose, read from memory or from the disk."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.users import preferences as preferences_module
from bot.users.preferences import Preferences, PreferenceStore

OWNERS = st.sampled_from([7, 8, -100])
CHOICES = st.builds(
    Preferences, st.sampled_from(["en", "zh", None]), st.sampled_from(["07:30", None]), open=st.booleans()
)
CHANGES = st.one_of(
    st.tuples(st.just("choose"), OWNERS, CHOICES),
    st.tuples(st.just("hint"), OWNERS, st.dates()),
    st.tuples(st.just("remember_all")),
    st.tuples(st.just("forget"), OWNERS),
    st.tuples(st.just("left"), OWNERS),
    st.tuples(st.just("move"), OWNERS, OWNERS),
)


@given(st.lists(CHANGES, max_size=8))
def test_memory_says_what_the_disk_does(changes: list[tuple[str, *tuple[object, ...]]]) -> None:
    with TemporaryDirectory() as folder, closing(PreferenceStore(Path(folder) / "bot.db")) as kept:
        for name, *arguments in changes:
            getattr(kept, name)(*arguments)
            kept.export(7)  # which writes what waits
            with closing(PreferenceStore(Path(folder) / "bot.db")) as fresh:
                for owner in (7, 8, -100, None):
                    assert kept.known_language([owner], "en") in (None, fresh.language([owner], "en"))
                    assert kept.preferences(owner) == fresh.preferences(owner)
                    assert kept.known(owner) in (None, fresh.preferences(owner))


def test_a_choice_of_one_leaves_the_others_in_memory(tmp_path: Path) -> None:
    with closing(PreferenceStore(tmp_path / "bot.db")) as kept:
        kept.choose(8, Preferences("zh"))
        kept.remember_all()
        kept.hint(7, date(2026, 11, 30))
        assert [kept.known_language([owner], "en") for owner in (7, 8, 9)] == ["en", "zh", "en"]


def test_of_more_than_are_kept_memory_does_not_say_that_they_chose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preferences_module, "MAX_KNOWN_OWNERS", 2)
    with closing(PreferenceStore(tmp_path / "bot.db")) as kept:
        kept.remember_all()
        for owner in (7, 8, 9):
            kept.choose(owner, Preferences("zh"))
        assert [kept.known_language([owner], "en") for owner in (7, 8, 9)] == [None, "zh", "zh"]
        assert kept.language([7], "en") == "zh"


def test_a_hint_is_known_at_once_and_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences_module, "HINT_SECONDS", 3600)
    path, day = tmp_path / "bot.db", date(2026, 11, 30)
    with closing(PreferenceStore(path)) as kept, closing(PreferenceStore(path)) as fresh:
        kept.remember_all()
        kept.hint(7, day)
        kept.choose(7, replace(kept.preferences(7), language="zh"))
        kept.hint(8, day)
        assert kept.known(7) == Preferences("zh", hinted="2026-11-30")
        assert kept.preferences(8).hinted == "2026-11-30"
        assert not fresh.preferences(8).hinted
    with closing(PreferenceStore(path)) as kept:
        assert [kept.preferences(owner).hinted for owner in (7, 8, 9)] == ["2026-11-30", "2026-11-30", ""]


def test_a_hint_to_somebody_who_is_erased_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with closing(PreferenceStore(path)) as kept:
        kept.hint(7, date(2026, 11, 30))
        kept.forget(7)
        assert not kept.preferences(7).hinted
    with closing(PreferenceStore(path)) as kept:
        assert kept.export(7) == {"preferences": []}


def test_a_hint_that_the_disk_refuses_waits_for_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preferences_module, "HINT_SECONDS", 0)
    path, day = tmp_path / "bot.db", date(2026, 11, 30)
    with closing(PreferenceStore(path)) as kept:
        kept.remember_all()
        db = sqlite3.connect(path)
        db.execute("CREATE TRIGGER full BEFORE INSERT ON preferences BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
        kept.hint(7, day)
        with pytest.raises(sqlite3.Error):
            kept.export(7)
        assert kept.preferences(7).hinted == "2026-11-30"
        db.execute("DROP TRIGGER full")
        db.close()
        kept.hint(8, day)
        assert kept.export(7)["preferences"][0]["hinted"] == "2026-11-30"
