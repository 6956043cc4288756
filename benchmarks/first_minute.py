"""The first minute: the real process starts ten times in an empty folder, and the first question must be answered.

Run as python -m benchmarks.first_minute [DATA], with a data folder whose compiled dictionary is copied; without one
each start compiles it. Prints a line a start: the seconds from the start of the process to the first sign of life and
to the answer, whether it is right, and the waiting lines before it.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.support.process import PATIENCE, first_folder, running
from tests.support.telegram import BotApi, Updates
from tests.support.telegram_http import serving

STARTS = 10


def main(data: Path | None) -> None:
    wrong = 0
    for n in range(STARTS):
        api, updates = BotApi(), Updates()
        api.deliver(updates.private("怀柔科学城面积多大?"))
        with tempfile.TemporaryDirectory() as folder, serving(api) as url:
            own, began = empty_folder(data, Path(folder) / "first"), time.monotonic()
            with running(own, url, Path(folder) / "log", ZHIDIAN_SEEDS=str(ROOT / "seeds")):
                api.wait_until(lambda api=api: bool(shown(api)), 5 * PATIENCE)  # type: ignore[misc]
                sign = time.monotonic() - began
                answers = api.wait_for(1, 5 * PATIENCE)
                seconds = time.monotonic() - began
        right = bool(answers) and "100.9" in answers[0].text
        wrong += not right
        said = f"sign of life {sign:.1f} s, answer {seconds:.1f} s, {'right' if right else 'WRONG'}"
        print(f"{n + 1}: {said}, {len(api.waiting_lines())} waiting lines", flush=True)
    sys.exit(wrong > 0)


def empty_folder(data: Path | None, to: Path) -> Path:
    if data:
        return first_folder(data, to)
    to.mkdir()
    return to


def shown(api: BotApi) -> list[str]:
    return [call.method for call in api.calls if call.method in {"sendMessage", "sendChatAction"}]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
