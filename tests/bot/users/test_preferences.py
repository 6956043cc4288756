"""What people chose, read from memory or from the disk."""

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from bot.users.preferences import Preferences, PreferenceStore

OWNERS = st.sampled_from([7, 8, -100])
CHOICES = st.builds(
    Preferences, st.sampled_from(["en", "zh", None]), st.sampled_from(["07:30", None]), open=st.booleans()
)
CHANGES = st.one_of(
    st.tuples(st.just("choose"), OWNERS, CHOICES),
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
                    assert kept.preferences(owner) == fresh.preferences(owner)
