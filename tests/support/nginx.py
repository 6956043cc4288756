"""Debian's nginx with deploy/nginx.conf, on ports of this machine and with a certificate of its own making."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.support.process import PATIENCE

HOST = "bot.example.org"
NEEDED = ("nginx", "openssl")
LACKING = [name for name in NEEDED if not shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")]

AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
{user}
events {{}}
http {{
    {temporary}
    {server}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Nginx:
    port: int
    certificate: Path
    log: Path

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)


def adapted(server: str, folder: Path, port: int, path: str, place: str) -> str:
    """The block as somebody adapts it who reads its comments: certificate, path, and where the bot listens."""
    passed = f"http://{place}" if ":" in place and not place.startswith("unix:") else f"http://{place}:"
    for old, new in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("    listen [::]:443 ssl;\n", ""),
        ("/etc/letsencrypt/live/bot.example.org/fullchain.pem", f"{folder}/certificate.pem"),
        ("/etc/letsencrypt/live/bot.example.org/privkey.pem", f"{folder}/key.pem"),
        ("location = /change-me", f"location = {path}"),
        ("allow 91.108.4.0/22;", "allow 91.108.4.0/22;\n        allow 127.0.0.1;"),
        ("proxy_pass http://127.0.0.1:8080;", f"proxy_pass {passed.removesuffix(':')};"),
    ):
        assert old in server, f"deploy/nginx.conf has no {old}"
        server = server.replace(old, new)
    return server


@contextmanager
def nginx(folder: Path, path: str, place: str) -> Iterator[Nginx]:
    """In front of where the bot listens; gone at the end."""
    folder.mkdir()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True, timeout=PATIENCE,
    )  # fmt: skip
    server = adapted((ROOT / "deploy" / "nginx.conf").read_text("utf-8"), folder, port, path, place)
    around = AROUND.format(
        folder=folder,
        user="user root;" if os.geteuid() == 0 else "",  # the test's folders are nobody else's to enter
        temporary="\n    ".join(f"{kind}_temp_path {folder}/{kind};" for kind in TEMPORARY),
        server=server,
    )
    (folder / "nginx.conf").write_text(around, "utf-8")
    path_of = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    log = folder / "log"
    command = [str(path_of), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with log.open("wb") as stream, subprocess.Popen(command, stderr=stream) as process:
        try:
            _awaited(port, process, log)
            yield Nginx(port, folder / "certificate.pem", log)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _awaited(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
