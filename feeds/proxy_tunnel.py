"""Connections through a proxy: a checked IP address goes in, a stream comes out; the proxy resolves no name."""

from base64 import b64encode
from urllib.parse import unquote, urlsplit

import h11
import httpcore
from socksio import socks5

from feeds.address_guard import GuardedBackend

PROXY_PORTS = {"http": 80, "socks5": 1080, "socks5h": 1080}


class ProxiedBackend(GuardedBackend):
    """`proxy` is http://user:password@host:port or socks5://…; it resolves only the hosts that the operator allows."""

    def __init__(self, allowed: frozenset[str], proxy: str) -> None:
        super().__init__(allowed)
        parts = urlsplit(proxy)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or PROXY_PORTS.get(parts.scheme, 443)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")

    def addresses(self, host: str, port: int) -> list[str]:
        return [host] if host.casefold() in self.allowed else super().addresses(host, port)

    def open_stream(self, address: str, port: int, timeout: float | None) -> httpcore.NetworkStream:
        stream = super().open_stream(self._host, self._port, timeout)
        try:
            if self._scheme.startswith("socks5"):
                self._socks_connect(stream, address, port, timeout)
            else:
                if self._scheme == "https":
                    stream = stream.start_tls(httpcore.default_ssl_context(), self._host, timeout)
                self._http_connect(stream, address, port, timeout)
        except BaseException:
            stream.close()
            raise
        return stream

    def _http_connect(self, stream: httpcore.NetworkStream, address: str, port: int, timeout: float | None) -> None:
        target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        headers = [("Host", target)]
        if self._user:
            headers.append(
                ("Proxy-Authorization", f"Basic {b64encode(f'{self._user}:{self._password}'.encode()).decode()}")
            )
        link = h11.Connection(h11.CLIENT)
        stream.write(link.send(h11.Request(method="CONNECT", target=target, headers=headers)) or b"", timeout)
        try:
            while (event := link.next_event()) is h11.NEED_DATA or isinstance(event, h11.InformationalResponse):
                if event is h11.NEED_DATA:
                    link.receive_data(stream.read(4096, timeout))
        except h11.RemoteProtocolError as error:
            raise httpcore.ProxyError(f"the proxy's answer cannot be read ({error})") from None
        if not isinstance(event, h11.Response) or not 200 <= event.status_code < 300:
            code = event.status_code if isinstance(event, h11.Response) else "nothing"
            raise httpcore.ProxyError(f"the proxy does not connect to {target} (it answered {code})")

    def _socks_connect(self, stream: httpcore.NetworkStream, address: str, port: int, timeout: float | None) -> None:
        link = socks5.SOCKS5Connection()
        method = socks5.SOCKS5AuthMethod.USERNAME_PASSWORD if self._user else socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED
        link.send(socks5.SOCKS5AuthMethodsRequest([method]))
        reply = _exchange(link, stream, timeout)
        if not isinstance(reply, socks5.SOCKS5AuthReply) or reply.method != method:
            raise httpcore.ProxyError("the proxy asks for another method of authentication")
        if self._user:
            link.send(socks5.SOCKS5UsernamePasswordRequest(self._user.encode(), self._password.encode()))
            login = _exchange(link, stream, timeout)
            if not isinstance(login, socks5.SOCKS5UsernamePasswordReply) or not login.success:
                raise httpcore.ProxyError("the proxy does not know this user or password")
        link.send(socks5.SOCKS5CommandRequest.from_address(socks5.SOCKS5Command.CONNECT, (address, port)))
        done = _exchange(link, stream, timeout)
        if not isinstance(done, socks5.SOCKS5Reply) or done.reply_code != socks5.SOCKS5ReplyCode.SUCCEEDED:
            code = done.reply_code if isinstance(done, socks5.SOCKS5Reply) else "nothing"
            raise httpcore.ProxyError(f"the proxy does not connect to {address}:{port} (it answered {code})")


def _exchange(link: socks5.SOCKS5Connection, stream: httpcore.NetworkStream, timeout: float | None) -> object:
    stream.write(link.data_to_send(), timeout)
    try:
        return link.receive_data(stream.read(4096, timeout))
    except Exception as error:  # the library's own errors, and IndexErrors where too little came
        raise httpcore.ProxyError(f"the proxy's answer cannot be read ({type(error).__name__})") from None
