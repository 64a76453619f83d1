"""A real web server for the corpus: nginx with a configuration of its own, on all addresses of the loopback.

Every feed has its own address 127.1.x.y and is asked for there, for the pause between two requests to one host would
otherwise be all that is measured. Documents are packed beforehand (gzip_static), so that the server's own work is
small; it answers with ETag and Last-Modified, and with 304 to those who bring them back.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from visits_support.corpus import name_file
from visits_support.problem import Problem

_CONFIGURATION = """\
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 4096; }}
http {{
    log_format tiny '$status $host$uri';
    access_log {folder}/access.log tiny;
    {temporary}
    types {{ application/xml xml; }}
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 5s;
    gzip_static on;
    gzip_vary on;
    etag on;
    server {{
        listen 0.0.0.0:{port} backlog=1024;
        allow 127.0.0.0/8;
        deny all;
        root {corpus};
    }}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
# A line is written after the answer was sent, so that the last ones may come a moment later.
_LOG_PATIENCE_SECONDS = 3.0


@dataclass
class Server:
    """nginx while it runs."""

    port: int
    log: Path
    _read: int = field(default=0)

    def address_of(self, number: int) -> str:
        """Where feed *number* is served."""
        high, low = divmod(number, 250)
        return f"http://127.1.{high}.{low + 1}:{self.port}/{name_file(number)}"

    def read_log(self, least: int) -> Counter[tuple[int, str]]:
        """How often each status was answered to each address since the last call; waits for *least* lines."""
        end = time.monotonic() + _LOG_PATIENCE_SECONDS
        while True:
            text = self.log.read_text(encoding="utf-8")[self._read :] if self.log.is_file() else ""
            lines = text.splitlines()
            if len(lines) >= least or time.monotonic() > end:
                break
            time.sleep(0.05)
        self._read += len(text)
        found = (line.split(" ", 1) for line in lines)
        return Counter((int(status), f"http://{place.replace('/', f':{self.port}/', 1)}") for status, place in found)


@contextmanager
def serve(corpus: Path, folder: Path) -> Iterator[Server]:
    """Serve the documents of *corpus*; what nginx writes goes below *folder*. Raises Problem."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise Problem("nginx is needed to serve the feeds and was not found; install it (apt install nginx-light)")
    folder.mkdir(parents=True, exist_ok=True)
    port = _find_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            # Else the worker of a server that root starts would be somebody who cannot read the corpus.
            user=f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else "",
            folder=folder,
            port=port,
            corpus=corpus.resolve(),
            temporary=" ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY),
        ),
        encoding="utf-8",
    )
    process = subprocess.Popen([program, "-p", folder, "-e", folder / "error.log", "-c", configuration])
    try:
        _wait(process, port, folder / "error.log")
        yield Server(port, folder / "access.log")
    finally:
        process.terminate()
        process.wait(10)


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, errors: Path) -> None:
    for _ in range(100):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    told = errors.read_text(encoding="utf-8").strip() if errors.is_file() else "it says nothing"
    raise Problem(f"nginx does not serve the feeds: {told}")
