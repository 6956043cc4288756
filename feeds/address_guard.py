"""Guard against server-side request forgery: a host goes in, a connection comes out if its addresses are public."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from retrieval.model.problem import Problem

WEB_PORTS = {80, 443}  # the only ones allowed below 1024: mail, shells and files listen on the others
EMBEDDED_IPV4 = [ipaddress.IPv6Network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")]


class ForbiddenError(Exception):
    """The address belongs to this machine or its network."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


def is_public(address: str) -> bool:
    """Whether an IP address is of the open internet; one embedded in IPv6 (mapped, 6to4, NAT64) is checked, too."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if any(found in network for network in EMBEDDED_IPV4):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def resolve(host: str, port: int, allowed: frozenset[str]) -> list[str]:
    """The IP addresses of a host; unless the operator allows it, a single private one is enough to refuse it."""
    is_allowed = host.casefold() in allowed
    if not is_allowed and port < 1024 and port not in WEB_PORTS:
        raise ForbiddenError(Problem.of("fetch-forbidden-port", port=str(port)))
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} has no address") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in infos))
    if not is_allowed and not all(map(is_public, addresses)):
        raise ForbiddenError(Problem.of("fetch-own-network", host=host))
    return addresses


def seconds_left(deadline: float | None) -> float | None:
    if deadline is None:
        return None
    if (seconds := deadline - time.monotonic()) <= 0:
        raise httpcore.ReadTimeout
    return seconds


class DeadlineStream(httpcore.NetworkStream):
    """A stream whose timeouts are deadlines (`time.monotonic`), which no series of slow bytes can outlast."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, seconds_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, seconds_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, seconds_left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to the very address that was checked, without a second look-up. Timeouts are deadlines."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        failed: Exception | None = None
        for address in self.addresses(host, port)[:3]:
            try:
                return self.open_stream(address, port, timeout)
            except httpcore.ConnectError as error:
                failed = error
        raise failed or httpcore.ConnectError(f"{host} has no address")

    def addresses(self, host: str, port: int) -> list[str]:
        return resolve(host, port, self.allowed)

    def open_stream(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        return DeadlineStream(self._inner.connect_tcp(address, port, seconds_left(timeout)))

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise ForbiddenError(Problem("fetch-socket"))
