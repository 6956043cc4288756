"""Style and script: their addresses change with their content, so that browsers keep them for a year."""

import hashlib
from functools import cache
from importlib.resources import files

ASSET_TYPES = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
ASSET_TYPES["icon.svg"] = "image/svg+xml"


@cache
def read_asset(name: str) -> bytes | None:
    return files("web.render").joinpath("static", name).read_bytes() if name in ASSET_TYPES else None


@cache
def asset_addresses() -> dict[str, str]:
    """By file name."""
    return {name: f"/static/{name}?v={_version(name)}" for name in ASSET_TYPES}


def _version(name: str) -> str:
    return hashlib.blake2b(read_asset(name) or b"", digest_size=6).hexdigest()
