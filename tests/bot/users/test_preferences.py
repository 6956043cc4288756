"""What people chose, read from memory or from the disk."""

from contextlib import closing
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
            with closing(PreferenceStore(Path(folder) / "bot.db")) as fresh:
                for owner in (7, 8, -100, None):
                    assert kept.known_language([owner], "en") in (None, fresh.language([owner], "en"))
                    assert kept.preferences(owner) == fresh.preferences(owner)


def test_a_choice_of_one_leaves_the_others_in_memory(tmp_path: Path) -> None:
    with closing(PreferenceStore(tmp_path / "bot.db")) as kept:
        kept.choose(8, Preferences("zh"))
        kept.remember_all()
        assert kept.hint(7, date(2026, 11, 30))
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
