"""Publication dates: a page to the time its article was published, None rather than a doubtful one."""

import re
from datetime import datetime

from retrieval.model.documents import BEIJING

TIME_FORMAT = "%Y-%m-%dT%H:%M%z"
ASIDE_TAGS = ("aside", "footer", "nav", "ul", "ol", "form")  # they hold other articles' dates and copyright years
WRITTEN_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)\s?日?(?:\s{0,3}(\d{1,2}:\d\d))?"
)
MAX_BYLINE_CHARS = 80
MAX_HEAD_CHARS = 400  # so close to the title a date is the article's


def find_published(html: str, title: str, first: str) -> datetime | None:
    """From the page's metadata, else as written between the title and the `first` paragraph, in Beijing."""
    from htmldate import find_date
    from lxml import etree
    from lxml import html as pages

    try:
        tree = pages.document_fromstring(html)
        for element in list(tree.iter(*ASIDE_TAGS)):
            element.drop_tree()
        found = find_date(tree, extensive_search=False, original_date=True, outputformat=TIME_FORMAT)
        text = "\n".join(" ".join(part.split()) for part in tree.itertext() if isinstance(part, str))
    except (etree.LxmlError, ValueError, TypeError, AssertionError, RecursionError, OverflowError, AttributeError):
        return None
    return _parse_time(found or "") or _written_date(text, title, first)


def is_byline(line: str) -> re.Match[str] | None:
    """The date in a line that says only when, where and by whom."""
    short = len(line) <= MAX_BYLINE_CHARS and not re.search("[。！？]|[.!?] ", line)
    return WRITTEN_DATE.search(line) if short else None


def _written_date(text: str, title: str, first: str) -> datetime | None:
    end = text.find(first[:30]) + 1 or len(text)
    begin = max(text.rfind(title, 0, end), 0)
    lines = text[begin : min(end, begin + len(title) + MAX_HEAD_CHARS)].split("\n")
    found = next((match for line in lines if (match := is_byline(line))), None)
    if found is None:
        return None
    year, month, day, clock = found.groups()
    return _parse_time(f"{year}-{int(month):02}-{int(day):02}T{(clock or '00:00').zfill(5)}")


def _parse_time(written: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=BEIJING)
