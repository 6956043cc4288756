"""Where else a point stands: a hit goes in, lines with other outlets and its version in the other language come out."""

from collections.abc import Callable, Iterator

from bot.render.html import escape, link, single_line, truncate
from bot.render.i18n import Language, say_in
from bot.render.query_echo import outlet_name
from retrieval.language.han import is_chinese
from retrieval.model.documents import Document
from retrieval.model.results import Hit

MAX_CONFIRMING_OUTLETS = 3
MAX_VERSION_TITLE_CHARS = 60


def elsewhere(hit: Hit, language: Language, summary_address: Callable[[Document], str | None]) -> Iterator[str]:
    say = say_in(language)
    versions = {version.document.id for version in hit.versions}
    # An outlet that printed the point twice does not confirm it.
    others = [document for document in hit.also if document.id not in versions]
    outlets = [one.outlet for one in others if one.outlet.name != hit.document.outlet.name]
    if names := list(dict.fromkeys(outlet_name(outlet, language) for outlet in outlets)):
        yield escape(say("also", outlets=say("between-words").join(names[:MAX_CONFIRMING_OUTLETS])))
    if hit.versions and (other := hit.versions[0]).document.id != hit.document.id:
        document = other.document
        title = truncate(single_line(document.title), MAX_VERSION_TITLE_CHARS)
        address = summary_address(document)
        named = link(title, address) if address else escape(say("link-summary-typed", summary=title, id=document.id))
        yield f"{escape(say('in-language', language='zh' if is_chinese(other.point.text) else 'en'))} {named}"
