"""What a person follows: its list, and the forms of the bell, for who was let in by name; refused to all others."""

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from retrieval.language.plain_text import replace_surrogates, single_line
from web.addresses import Addresses
from web.admission.rate_limit import RateLimiter
from web.host import FollowedKind, Viewer
from web.render.page import render_page
from web.request.form import is_token, read_form
from web.request.language import chosen_language
from web.request.reader import PageReader, read_reader
from web.site.bell import MAX_FOLLOWED_CHARS
from web.site.responses import Body
from web.site.site import PageSite

CHANGES_A_MINUTE, CHANGES_AT_ONCE = 20, 30  # of one person: that many follow, and nobody presses so often
STATUS_OF = {"gone": 404, "full": 409, "refused": 403}
FOLLOWED_KINDS: tuple[FollowedKind, ...] = get_args(FollowedKind)


class FollowingPages:
    def __init__(self, site: PageSite) -> None:
        self._site, self._limiter = site, RateLimiter(CHANGES_A_MINUTE, CHANGES_AT_ONCE)

    async def list(self, request: Request) -> Response:
        return await self._site.respond(request, self._list)

    async def follow(self, request: Request) -> Response:
        viewer, reader, fields = await self._checked(request)
        kind, subject = _subject(fields)
        if kind is None or not any(map(str.isalnum, subject)) or len(subject) > MAX_FOLLOWED_CHARS:
            raise HTTPException(400)
        outcome = await run_in_threadpool(self._site.host.follow, viewer, kind, subject, reader.language)
        if outcome != "followed":
            raise HTTPException(STATUS_OF[outcome])
        return RedirectResponse(_page_of(reader.addresses, kind, subject), 303)

    async def unfollow(self, request: Request) -> Response:
        """What is not followed any more, such as after a second press, is as good as unfollowed now."""
        viewer, reader, fields = await self._checked(request)
        written = fields.get("id", "")
        if not (written.isascii() and written.isdigit() and len(written) <= 18):
            raise HTTPException(400)
        await run_in_threadpool(self._site.host.unfollow, viewer, int(written))
        kind, subject = _subject(fields)
        back = _page_of(reader.addresses, kind, subject) if kind and subject else reader.addresses.following()
        return RedirectResponse(back, 303)

    async def _checked(self, request: Request) -> tuple[Viewer, PageReader, dict[str, str]]:
        """A form of this page that was given to this person's session, and not one of too many."""
        reader = read_reader(request, self._site.options)
        fields = await read_form(request, self._site.options.url)
        if reader.viewer is None or not is_token(fields, reader.token):
            raise HTTPException(403)
        if seconds := self._limiter.wait(str(reader.viewer.user)):
            raise HTTPException(429, headers={"Retry-After": str(int(seconds) + 1)})
        chosen = chosen_language(fields.get("lang"))
        return reader.viewer, replace(reader, addresses=Addresses("", chosen)), fields

    def _list(self, reader: PageReader) -> Body:
        bot = self._site.host.bot_name()
        named = self._site.named(reader)
        return Body(render_page("following.html", reader, self._site.options, bot=bot, named=named))


def _subject(fields: Mapping[str, str]) -> tuple[FollowedKind | None, str]:
    kind = next((one for one in FOLLOWED_KINDS if one == fields.get("kind")), None)
    return kind, single_line(replace_surrogates(fields.get("subject", "")))


def _page_of(addresses: Addresses, kind: FollowedKind, subject: str) -> str:
    return addresses.topic(subject) if kind == "topic" else addresses.search(subject)
