"""Much goes wrong at once; benchmarks/faults.py has the long version."""

from pathlib import Path

from bot.transport.http_client import READ_SECONDS
from tests.support import faults
from tests.support.mixed_faults import Mixed
from tests.support.process import copied
from tests.support.telegram import BotApi
from tests.support.telegram_http import serving
from tests.support.troubles import FAKETIME, disk


def test_every_question_is_answered_once_whatever_happens(data: Path, tmp_path: Path) -> None:
    api = BotApi(fault=faults.some_of_them(0.1, [*faults.MADE_CLEAR, "lost"], seed=4), late=READ_SECONDS)
    kinds = ["locked", "behind", "killed", "full", "ahead", "swapped"]
    with disk(tmp_path / "disk", 400) as small, serving(api) as url:
        left_out = ({"full"} if small is None else set()) | ({"ahead", "behind"} if FAKETIME is None else set())
        own = copied(data, (small or tmp_path) / "own")
        mixed = Mixed(
            api, url, own, tmp_path / "log", range(1, 30), [one for one in kinds if one not in left_out], (0.5, 1.5)
        )
        tally = mixed.run(rate=5)
    assert not tally.missing, str(tally)
    assert not tally.apologised, str(tally)
    assert set(tally.doubled) <= tally.in_flight, str(tally)
    assert tally.asked > 20
