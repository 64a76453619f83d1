"""A real proxy on the loopback for tests: SOCKS 5 (RFC 1928, 1929), and HTTP's CONNECT."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit


@dataclass
class ProxyServer:
    """A proxy that leads everybody to one place, whatever it is asked for; ``asked`` keeps what that was."""

    port: int
    #: The address of a server.
    leads_to: str
    asked: list[str] = field(default_factory=list)
    #: What SOCKS is to answer: 0 is a connection.
    reply: int = 0
    password: str = ""


@contextmanager
def serve_proxy(leads_to: str, **options: object) -> Iterator[ProxyServer]:
    """Serve until the end of the context."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            greet = self._greet_socks if self.rfile.peek(1)[:1] == b"\x05" else self._greet_http
            if greet():
                self._tunnel()

        def _greet_http(self) -> bool:
            proxy.asked.append(self.rfile.readline().decode().strip())
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return True

        def _greet_socks(self) -> bool:
            _, methods = self.rfile.read(2)
            wanted = 2 if proxy.password else 0
            is_offered = wanted in self.rfile.read(methods)
            self.wfile.write(bytes([5, wanted if is_offered else 255]))
            if not is_offered:
                return False
            if proxy.password:
                self.rfile.read(1)
                name, password = (self.rfile.read(self.rfile.read(1)[0]).decode() for _ in range(2))
                is_right = f"{name}:{password}" == proxy.password
                self.wfile.write(bytes([1, 0 if is_right else 1]))
                if not is_right:
                    return False
            kind = self.rfile.read(4)[3]
            host = self.rfile.read(self.rfile.read(1)[0]).decode() if kind == 3 else str(kind)
            proxy.asked.append(f"{host}:{int.from_bytes(self.rfile.read(2))}")
            self.wfile.write(bytes([5, proxy.reply, 0, 1, 0, 0, 0, 0, 0, 0]))
            return proxy.reply == 0

        def _tunnel(self) -> None:
            place = urlsplit(proxy.leads_to)
            with socket.create_connection((place.hostname or "", place.port or 0)) as other:
                back = threading.Thread(target=_pass_on, args=(other, self.connection), daemon=True)
                back.start()
                _pass_on(self.connection, other)
                back.join(5)

    ThreadingTCPServer.daemon_threads = True
    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        proxy = ProxyServer(server.server_address[1], leads_to, **options)  # type: ignore[arg-type]
        thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


def _pass_on(source: socket.socket, goal: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            goal.sendall(piece)
        goal.shutdown(socket.SHUT_WR)
