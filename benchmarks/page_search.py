"""What the page's searches cost the bot's: the bot's latency alone and beside 40 uncached searches a second, in turns.

    .venv/bin/python -m benchmarks.page_search

prints medians and the ratio of one run. Both ask one searching process, as `zhidian run` with ZHIDIAN_WEB does.
"""

import itertools
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from retrieval.library import Library
from retrieval.model.search_request import SearchRequest
from retrieval.search_process import SearchProcess
from retrieval.search_socket import SharedSearch

ROOT = Path(__file__).parent.parent
ROUNDS, ROUND_SECONDS = 6, 2.0
GUESTS_A_SECOND, BOT_A_SECOND = 40, 10
NOW = datetime(2025, 8, 20, tzinfo=UTC)


def questions(titles: list[str]) -> Iterator[str]:
    """None is asked twice, so that none is answered from the cache."""
    for number in itertools.count():
        yield f"{titles[number % len(titles)]} {number}"


def ask_for(search: SearchProcess | SharedSearch, asked: Iterator[str], a_second: int, seconds: float) -> list[float]:
    """Milliseconds of each search; they begin at fixed times, whether or not the one before took long."""
    took, started = [], time.perf_counter()
    for number in range(int(a_second * seconds)):
        time.sleep(max(0.0, started + number / a_second - time.perf_counter()))
        begun = time.perf_counter()
        search.search(SearchRequest(next(asked), 10, NOW))
        took.append((time.perf_counter() - begun) * 1000)
    return took


def main() -> None:
    with TemporaryDirectory() as folder:
        data = Path(folder)
        with closing(Library(data)) as library:
            library.ingest((ROOT / "seeds", ROOT / "tests" / "quality"))
            asked = questions([document.title for document in library.recent(-1)])
        with closing(SearchProcess(data, "off")) as bot, closing(SharedSearch(data)) as page:
            bot.warm()
            page.wait(5)
            alone, beside, guests = [], [], []
            ask_for(bot, asked, BOT_A_SECOND, ROUND_SECONDS)
            for _ in range(ROUNDS):
                alone += ask_for(bot, asked, BOT_A_SECOND, ROUND_SECONDS)

                def visit() -> None:
                    guests.extend(ask_for(page, asked, GUESTS_A_SECOND, ROUND_SECONDS))

                thread = threading.Thread(target=visit)
                thread.start()
                beside += ask_for(bot, asked, BOT_A_SECOND, ROUND_SECONDS)
                thread.join()
    quiet, busy = statistics.median(alone), statistics.median(beside)
    print(f"the bot's search: {quiet:.1f} ms alone, {busy:.1f} ms beside the page's, ratio {busy / quiet:.2f}")
    print(f"the page's search: {statistics.median(guests):.1f} ms, {len(guests)} searches")


if __name__ == "__main__":
    main()
