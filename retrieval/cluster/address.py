"""Where the cluster is: a setting goes in, hosts, login and prefix come out; the password is never shown."""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote

DEFAULT_PORT = 9200
SCHEMES = {"opensearch+https": True, "opensearch+http": False}
ADDRESS_FORM = "write opensearch+https://USER:PASSWORD@host1:9200,host2:9200/PREFIX"
ADDRESS_PARTS = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<user>[^:@/]*):(?P<password>[^@/]*)@)?(?P<hosts>[^@/]+)/(?P<prefix>[^/]*)"
)
HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>\d{1,5}))?")
PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # of what OpenSearch takes as the beginning of an index's name


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """`hosts` are nodes of one cluster, each with its port; `ca` is a file with the authority of their certificates."""

    hosts: tuple[tuple[str, int], ...]
    prefix: str
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None

    @classmethod
    def parse(cls, written: str, ca: Path | None = None) -> Self:
        """ValueError says what is wrong, without quoting: the text may hold a password."""
        match = ADDRESS_PARTS.fullmatch(written.strip())
        if not match or match["scheme"] not in SCHEMES:
            raise ValueError(f"this is no address of a cluster; {ADDRESS_FORM}")
        tls = SCHEMES[match["scheme"]]
        hosts = tuple(map(_host, match["hosts"].split(",")))
        if not PREFIX.fullmatch(match["prefix"]):
            raise ValueError("the prefix, after the last /, must be of small letters, digits, - and _")
        if not tls and not all(_is_loopback(name) for name, _ in hosts):
            raise ValueError("opensearch+http is for this machine only; to others write opensearch+https")
        user, password = (unquote(match[part] or "") for part in ("user", "password"))
        return cls(hosts, match["prefix"], tls, user, password, ca)

    def __str__(self) -> str:
        hosts = ",".join(f"{name}:{port}" for name, port in self.hosts)
        login = f"{self.user}:***@" if self.user else ""
        return f"opensearch+http{'s' if self.tls else ''}://{login}{hosts}/{self.prefix}"


def _host(written: str) -> tuple[str, int]:
    match = HOST.fullmatch(written)
    port = int(match["port"] or DEFAULT_PORT) if match else 0
    if not match or not 0 < port < 65536:
        raise ValueError(f"each host is written host:port, with commas between them; {ADDRESS_FORM}")
    return match["name"].strip("[]"), port


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
