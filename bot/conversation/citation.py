"""Citations: a point that was shown goes in, a Reply that says whose it is, of when and where to read it comes out.

Replies to it are not replies to the answer, so that it does not take the answer's place in the log.
"""

from collections.abc import Sequence

from bot.render.answer import RenderContext, render_date, render_single, render_title
from bot.render.callback_data import AnswerView, Operation, encode
from bot.render.html import escape, italic, link, single_line, truncate
from bot.render.reply import Button, ButtonRow, Reply
from retrieval.model.documents import Document
from retrieval.model.results import Hit

MAX_LABEL_UNITS = 40  # of a button's label
MAX_QUOTED_CHARS = 300  # UTF-16 units of the point


def cite(hit: Hit, style: RenderContext, view: AnswerView) -> Reply:
    """The original is linked where its address is known; else a search for its title is."""
    say, document = style.say, hit.document
    original = style.address(document, "article")
    lines = [
        italic(say("in-quotes", word=truncate(single_line(hit.point.text), MAX_QUOTED_CHARS))),
        f"{render_title(document, style)}\n{escape(render_date(document, style))}",
        link(say("cite-original"), original) if original else escape(say("cite-no-original")),
    ]
    return Reply("\n\n".join(lines), (summary_row(document, style, view),))


def cite_all(hits: Sequence[Hit], style: RenderContext, view: AnswerView) -> Reply:
    """The points with their sources, as in an answer."""
    text = "\n\n".join(render_single(hit, style) for hit in hits)
    return Reply(text, (summary_row(hits[0].document, style, view),))


def summary_row(document: Document, style: RenderContext, view: AnswerView, label: str = "") -> ButtonRow:
    code = encode(Operation.SUMMARY, document.id, 0, *view.parts)
    return (Button(truncate(single_line(label), MAX_LABEL_UNITS) or style.say("button-summary"), code),)
