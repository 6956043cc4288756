"""Which addresses may be connected to: those of the open internet, looked at when the connection is made."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore


class ForbiddenError(Exception):
    """The address is one of this machine's or its network's own."""


def public(address: str) -> bool:
    """Whether an IP address is of the open internet; one within IPv6 (mapped, 6to4, NAT64) is looked at, too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return found.is_global and not found.is_multicast


def resolved(host: str, port: int, allowed: frozenset[str]) -> list[str]:
    """The addresses of a host, all of which are public unless the operator allows the host.

    One forbidden among them is enough to refuse: which one is taken is not for whoever owns the name to choose.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if host.casefold() not in allowed and not all(map(public, addresses)):
        raise ForbiddenError(
            f"{host} is an address of this machine's own network; ZHIDIAN_FEED_HOSTS allows hosts that are meant"
        )
    return addresses


class Checked(httpcore.NetworkBackend):
    """Connects to an address that was looked at: the name is not asked for a second time."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception | None = None
        for address in resolved(host, port, self._allowed)[:3]:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise ForbiddenError("a socket of this machine's own is no source")
