"""Templates: a name and values go in, a page of HTML comes out; every value is escaped in one place, here."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request

from retrieval.language.plain_text import clean
from web.host import PageOptions
from web.render.assets import asset_addresses
from web.render.page_texts import page_texts
from web.request.reader import PageReader, read_reader

UNSET_VALUES: dict[str, object] = {
    **{"named": str, "feed": "", "question": "", "result": None, "listed": None, "compared": (), "bell": None},
    "topics": (),
}


def render_page(template: str, reader: PageReader, options: PageOptions, **values: object) -> bytes:
    page = render(
        template,
        say=page_texts(reader.language),
        language="zh-Hans" if reader.language == "zh" else "en",
        reader=reader,
        addresses=reader.addresses,
        options=options,
        assets=asset_addresses(),
        **(UNSET_VALUES | values),
    )
    return page.encode("utf-8", "replace")


def render_error(request: Request, options: PageOptions, status: int) -> bytes:
    """`outside`: refused since nobody knows who it is, and not since the page's own form was not in order; `away`:
    the library is on other machines, and cannot be reached."""
    outside, away = not (options.open or request.state.viewer), getattr(request.state, "away", False)
    reader = read_reader(request, options)
    return render_page("error.html", reader, options, status=status, outside=outside, away=away)


def render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("web.render"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_readable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["count"] = _count
    return environment


def _readable(value: object) -> object:
    """Text without control characters and direction overrides, which would turn around what follows them."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _count(number: int) -> str:
    return f"{number:,}"
