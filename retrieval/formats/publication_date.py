"""When a page says that its article was published. What only may be that is not taken for it."""

import re
from datetime import datetime

from retrieval.model.documents import BEIJING

FORMAT = "%Y-%m-%dT%H:%M%z"
BESIDE = ("aside", "footer", "nav", "ul", "ol", "form")  # other articles' dates, and the years of a copyright
WRITTEN = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?日?(?:\s{0,3}(\d{1,2}:\d\d))?"
)
BYLINE = 80  # characters
HEAD = 400  # characters around a title in which a date is the article's


def published(html: str, title: str, first: str) -> datetime | None:
    """By the page's own data, else as it is written between the title and the `first` paragraph, in Beijing."""
    from htmldate import find_date
    from lxml import etree
    from lxml import html as pages

    try:
        tree = pages.document_fromstring(html)
        for beside in list(tree.iter(*BESIDE)):
            beside.drop_tree()
        found = find_date(tree, extensive_search=False, original_date=True, outputformat=FORMAT)
        text = "\n".join(" ".join(part.split()) for part in tree.itertext() if isinstance(part, str))
    except (etree.LxmlError, ValueError, TypeError, AssertionError, RecursionError, OverflowError, AttributeError):
        return None
    return _moment(found or "") or _written(text, title, first)


def byline(line: str) -> re.Match[str] | None:
    """The date of a line that says little else: when, from where, by whom."""
    return WRITTEN.search(line) if len(line) <= BYLINE and not re.search("[。！？]|[.!?] ", line) else None


def _written(text: str, title: str, first: str) -> datetime | None:
    end = text.find(first[:30]) + 1 or len(text)
    begin = max(text.rfind(title, 0, end), 0)
    lines = text[begin : min(end, begin + len(title) + HEAD)].split("\n")
    found = next((match for line in lines if (match := byline(line))), None)
    if found is None:
        return None
    year, month, day, clock = found.groups()
    return _moment(f"{year}-{int(month):02}-{int(day):02}T{(clock or '00:00').zfill(5)}")


def _moment(written: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=BEIJING)
