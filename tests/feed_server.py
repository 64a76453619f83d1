"""A real HTTP server on the loopback for tests: it plays documents with validators, and whatever else is asked of it,
also what no server should say.
"""

from __future__ import annotations

import gzip
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What to answer to a GET or POST."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/xml"
    headers: dict[str, str] = field(default_factory=dict)
    gzipped: bool = False
    #: Whether validators are given and honoured.
    validators: bool = True


@dataclass
class FeedServer:
    """Paths and what they answer; ``requests`` keeps what was asked."""

    address: str
    answers: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list, repr=False)
    #: What was sent to it, as far as it was sent anything.
    bodies: list[bytes] = field(default_factory=list, repr=False)

    def play(self, path: str, body: bytes | str, **options: Any) -> str:
        """Answer *body* at *path* from now on; returns the address."""
        self.answers[path] = Answer(body.encode() if isinstance(body, str) else body, **options)
        return self.address + path

    def redirect(self, path: str, target: str, status: int = 301, **headers: str) -> str:
        """Redirect *path* from now on; returns the address."""
        return self.play(path, "", status=status, validators=False, headers={"Location": target, **headers})

    def play_raw(self, path: str, answer: bytes, *, reset: bool = False) -> str:
        """Answer exactly these bytes and hang up, with a reset if asked to; returns the address."""

        def send(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(answer)
            if reset:
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                # Past the server, which would shut the connection down in order.
                os.close(handler.connection.detach())

        self.answers[path] = send
        return self.address + path

    def play_forever(self, path: str, head: bytes, piece: bytes, pause: float = 0.0) -> str:
        """Answer *head*, and then *piece* again and again until the client hangs up; returns the address."""

        def send(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(head)
            while True:
                handler.wfile.write(piece)
                time.sleep(pause)

        self.answers[path] = send
        return self.address + path


@contextmanager
def serve_feeds(tls: ssl.SSLContext | None = None) -> Iterator[FeedServer]:
    """Serve on the loopback; with *tls* over TLS."""
    played = FeedServer("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            played.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            answer = played.answers.get(self.path, Answer(status=404, validators=False))
            if callable(answer):
                self.close_connection = True
                answer(self)
            else:
                _send(self, answer)

        def do_POST(self) -> None:
            played.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def do_HEAD(self) -> None:
            played.requests.append((f"HEAD {self.path}", dict(self.headers)))
            answer = played.answers.get(self.path, Answer(status=404))
            if callable(answer):
                self.close_connection = True
                answer(self)
            else:
                _send(self, replace(answer, validators=False))

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        # The handshake is done by the thread of the connection.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    played.address = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    etag = f'"{blake2b(answer.body, digest_size=8).hexdigest()}"'
    if answer.validators and handler.headers.get("If-None-Match") == etag:
        handler.send_response(304)
        handler.send_header("ETag", etag)
        handler.end_headers()
        return
    body = gzip.compress(answer.body) if answer.gzipped else answer.body
    handler.send_response(answer.status)
    handler.send_header("Content-Type", answer.content_type)
    handler.send_header("Content-Length", str(len(body)))
    if answer.gzipped:
        handler.send_header("Content-Encoding", "gzip")
    if answer.validators and answer.status == 200:
        handler.send_header("ETag", etag)
        handler.send_header("Last-Modified", "Thu, 01 Dec 2022 00:00:00 GMT")
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)
