"""The chart of /stats: counts by day go in, a PNG drawn by matplotlib in a process of its own comes out.

Loading matplotlib takes a second of CPU and 60 MB that the bot's process would never give back.
"""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Sequence
from importlib.resources import as_file, files
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the drawing process must not load them
    from bot.analytics.queries import DayCounts
    from bot.render.i18n import Say

log = logging.getLogger(__name__)

CHART_SECONDS = 60.0  # the first time, matplotlib scans all fonts
COLOURS = ("#0072B2", "#E69F00", "#D55E00")  # Okabe and Ito's palette, safe for colour-blind readers
FONT_FILE = "labels.otf"  # Noto Sans SC with the characters of these labels only: few servers have a Chinese font
INCHES, DPI = (7.2, 6.0), 150  # 1080 pixels wide, as a phone
SMALL, MIDDLE, LARGE = 16, 18, 22  # font sizes in points


async def render_chart(days: "Sequence[DayCounts]", say: "Say") -> bytes | None:
    """A PNG; None where matplotlib is not installed or drawing failed."""
    if find_spec("matplotlib") is None:
        return None
    rows = [(f"{day.date:%m-%d}", day.answer, day.maybe, day.none) for day in days]
    chart = json.dumps({"days": rows, "labels": chart_labels(days, say)}).encode()
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-P", "-m", "bot.analytics.chart")
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        log.warning("the chart of /stats could not be drawn: %s", error)
        return None
    try:
        png, errors = await asyncio.wait_for(process.communicate(chart), CHART_SECONDS)
    except TimeoutError:
        log.warning("the chart of /stats took more than %d seconds", CHART_SECONDS)
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.warning("the chart of /stats could not be drawn: %s", errors.decode("utf-8", "replace")[-500:])
    return png or None


def chart_labels(days: "Sequence[DayCounts]", say: "Say") -> dict[str, str]:
    return {
        "title": say("chart-title", days=len(days)),
        "answer": say("chart-answer", questions=sum(day.answer for day in days)),
        "maybe": say("chart-maybe", questions=sum(day.maybe for day in days)),
        "none": say("chart-none", questions=sum(day.none for day in days)),
    }


def draw_chart(days: Sequence[tuple[str, int, int, int]], labels: dict[str, str]) -> bytes:
    """`days` are a label and the counts of answer, maybe and none."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import MaxNLocator

    with as_file(files("bot.render").joinpath("texts", FONT_FILE)) as font:
        small, middle, large = (FontProperties(fname=str(font), size=size) for size in (SMALL, MIDDLE, LARGE))
        figure = Figure(INCHES, DPI, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.12))
        axes: Any = figure.subplots()
        places, under = range(len(days)), [0] * len(days)
        for column, (name, colour) in enumerate(zip(("answer", "maybe", "none"), COLOURS, strict=True), 1):
            counts: list[Any] = [day[column] for day in days]
            axes.bar(places, counts, 0.85, under, color=colour, label=labels[name])
            under = [low + count for low, count in zip(under, counts, strict=True)]
        axes.set_title(labels["title"], fontproperties=large, pad=54)
        spacing = {"borderpad": 0.2, "handlelength": 0.8, "handletextpad": 0.4, "columnspacing": 1.2}
        axes.legend(prop=small, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False, **spacing)
        axes.set_xticks(*_ticks(days), fontproperties=middle)
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.set_xlim(-0.7, len(days) - 0.3)
        axes.set_ylim(0, max(1, *under) * 1.05)
        for label in axes.get_yticklabels():
            label.set_fontproperties(middle)
        axes.yaxis.grid(visible=True, color="#DDDDDD")
        axes.set_axisbelow(True)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        file = io.BytesIO()
        figure.savefig(file, format="png")
    return file.getvalue()


def _ticks(days: Sequence[tuple[str, int, int, int]]) -> tuple[list[int], list[str]]:
    """At most five labels, a week or more apart, back from the last day."""
    places = list(range(len(days) - 1, -1, -max(7, len(days) // 5)))
    return places, [days[place][0] for place in places]


if __name__ == "__main__":
    chart = json.load(sys.stdin)
    sys.stdout.buffer.write(draw_chart(chart["days"], chart["labels"]))
