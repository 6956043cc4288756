"""Templates: a name and values go in, a page of HTML comes out; every value is escaped in one place, here."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from retrieval.language.plain_text import clean


def render(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("web"),
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
