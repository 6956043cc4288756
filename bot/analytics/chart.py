"""The picture of /stats: questions a day by verdict, drawn by matplotlib in a process of its own.

Loading it takes a second of the processor, and 60 MB that would never be given back: nobody's answer is to wait for it.
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

if TYPE_CHECKING:  # what is only said to mypy need not be loaded in the process that draws
    from bot.analytics.queries import DayCounts
    from bot.render.i18n import Say

log = logging.getLogger(__name__)

CHART_SECONDS = 60.0  # seconds: the first time, matplotlib looks at all fonts there are
COLOURS = ("#0072B2", "#E69F00", "#D55E00")  # Okabe and Ito's: told apart by everybody
FONT_FILE = "labels.otf"  # Noto Sans SC with the characters of these labels only: few servers have a Chinese font
INCHES, DPI = (7.2, 6.0), 150  # 1080 pixels: a phone's width
SMALL, MIDDLE, LARGE = 16, 18, 22  # points; the largest numbers still fit beside each other in the smallest


async def render_chart(days: "Sequence[DayCounts]", say: "Say") -> bytes | None:
    """A PNG; None where the extra is not installed, or nothing came of it."""
    if find_spec("matplotlib") is None:
        return None
    order = json.dumps({"days": [_row(day) for day in days], "labels": labels(days, say)}).encode()
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-P", "-m", "bot.analytics.chart")
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        log.warning("the picture of /stats could not be drawn: %s", error)
        return None
    try:
        picture, complaints = await asyncio.wait_for(process.communicate(order), CHART_SECONDS)
    except TimeoutError:
        log.warning("the picture of /stats took more than %d seconds", CHART_SECONDS)
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        log.warning("the picture of /stats could not be drawn: %s", complaints.decode("utf-8", "replace")[-500:])
    return picture or None


def labels(days: "Sequence[DayCounts]", say: "Say") -> dict[str, str]:
    return {
        "title": say("chart-title", days=len(days)),
        "answer": say("chart-answer", questions=sum(day.answer for day in days)),
        "maybe": say("chart-maybe", questions=sum(day.maybe for day in days)),
        "none": say("chart-none", questions=sum(day.none for day in days)),
    }


def draw_picture(days: Sequence[tuple[str, int, int, int]], labels: dict[str, str]) -> bytes:
    """`days` are a label and the numbers by verdict."""
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
        columns = ([day[1] for day in days], [day[2] for day in days], [day[3] for day in days])
        for name, counts, colour in zip(("answer", "maybe", "none"), columns, COLOURS, strict=True):
            axes.bar(places, counts, 0.85, under, color=colour, label=labels[name])
            under = [low + count for low, count in zip(under, counts, strict=True)]
        axes.set_title(labels["title"], fontproperties=large, pad=54)
        legend: dict[str, Any] = {
            "ncols": 3,
            "frameon": False,
            "handlelength": 0.8,
            "handletextpad": 0.4,
            "columnspacing": 1.2,
        }
        axes.legend(prop=small, loc="lower center", bbox_to_anchor=(0.5, 1.0), borderpad=0.2, **legend)
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
    """Each week's day, back from the last one: more would not be read."""
    places = list(range(len(days) - 1, -1, -max(7, len(days) // 5)))
    return places, [days[place][0] for place in places]


def _row(day: "DayCounts") -> tuple[str, int, int, int]:
    return f"{day.date:%m-%d}", day.answer, day.maybe, day.none


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    sys.stdout.buffer.write(draw_picture(asked["days"], asked["labels"]))
