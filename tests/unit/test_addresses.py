"""Which addresses may be visited, by tables; and which of them a connection goes to, with a network that is only played."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

import httpcore2
import pytest

from aggregator.addresses.networks import is_public, is_public_host
from aggregator.addresses.urls import hide_credentials
from aggregator.exceptions import RetrieveError
from aggregator.fetch.retrieve import Retriever
from aggregator.fetch.vetting import Unreachable, VettingBackend, resolve_name, vet
from aggregator.types import Retrieved

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.15",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450::1",
    "2001:200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]

CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.5",
    "10.255.255.255",
    "100.64.0.0",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::8.8.8.8",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.5",
    "::ffff:169.254.169.254",
    "::ffff:0:8.8.8.8",
    "64:ff9b::10.0.0.5",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:5::1",
    "2002:808:808::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address(text: str) -> None:
    assert is_public(ip_address(text))
    assert vet([text]) == [ip_address(text)]


@pytest.mark.parametrize("text", CLOSED)
def test_an_address_that_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))
    assert vet([text]) == []


@pytest.mark.parametrize(
    ("addresses", "allowed", "vetted"),
    [
        ("10.0.0.5 8.8.8.8", "", "8.8.8.8"),
        ("10.0.0.5 8.8.8.8", "10.0.0.0/8", "10.0.0.5 8.8.8.8"),
        ("10.0.0.5 10.1.0.5", "10.1.0.0/16", "10.1.0.5"),
        ("127.0.0.1 127.0.0.2", "127.0.0.1", "127.0.0.1"),
        ("::1", "127.0.0.0/8", ""),
        ("::1", "::1", "::1"),
        ("::ffff:127.0.0.1", "127.0.0.0/8", "::ffff:127.0.0.1"),
        ("64:ff9b::10.0.0.5", "10.0.0.0/8", "64:ff9b::a00:5"),
        ("8.8.8.8 8.8.8.8", "", "8.8.8.8"),
        ("2600::1 2600::2 2600::3 8.8.8.8 8.8.4.4", "", "2600::1 8.8.8.8 2600::2 8.8.4.4 2600::3"),
        ("8.8.8.8 8.8.4.4 2600::1", "", "8.8.8.8 2600::1 8.8.4.4"),
        ("fe80::1%eth0", "fe80::/10", "fe80::1"),
        ("no-address", "0.0.0.0/0 ::/0", ""),
        ("", "0.0.0.0/0", ""),
    ],
)
def test_what_is_left_after_vetting(addresses: str, allowed: str, vetted: str) -> None:
    networks = [ip_network(network) for network in allowed.split()]
    assert [str(ip) for ip in vet(addresses.split(), networks)] == [str(ip_address(text)) for text in vetted.split()]


@dataclass
class Stream(httpcore2.AsyncNetworkStream):
    """A connection that answers 200 to whatever is sent, and remembers what was said."""

    sent: bytearray = field(default_factory=bytearray)
    tls_name: str | None = None
    checks_name: bool = False
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>"

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        part, self.answer = self.answer, b""
        return part

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sent += buffer

    async def aclose(self) -> None:
        pass

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        self.tls_name, self.checks_name = server_hostname, ssl_context.check_hostname
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


@dataclass
class Network(httpcore2.AsyncNetworkBackend):
    """Plays connections to anywhere; those to *dead* addresses fail."""

    dead: Sequence[str] = ()
    tried: list[str] = field(default_factory=list)
    shares: list[float | None] = field(default_factory=list)
    stream: Stream = field(default_factory=Stream)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.tried.append(host)
        self.shares.append(timeout)
        if host in self.dead:
            raise httpcore2.ConnectTimeout(host)
        return self.stream


class Names:
    """A resolver that gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = [answer.split() for answer in answers]
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _connect(network: Network, names: Names, *allowed: str, host: str = "a.example", port: int = 80) -> None:
    backend = VettingBackend(allowed, resolve=names, network=network)
    asyncio.run(backend.connect_tcp(host, port, timeout=12))


def _retrieve(url: str, network: Network, names: Names, times: int = 1) -> list[Retrieved | str]:
    """What each of some visits in a row gave, or the reason why it gave nothing."""

    async def run() -> list[Retrieved | str]:
        results: list[Retrieved | str] = []
        for _ in range(times):
            backend = VettingBackend(resolve=names, network=network)
            async with Retriever(timeout_seconds=12, max_bytes=1000, connections=2, backend=backend) as retriever:
                try:
                    results.append(await retriever.retrieve_whole(url))
                except RetrieveError as error:
                    results.append(error.reason)
        return results

    return asyncio.run(run())


def test_only_the_public_ones_of_several_addresses_are_tried() -> None:
    network = Network(dead=["8.8.8.8"])
    _connect(network, Names("10.0.0.5 8.8.8.8 127.0.0.1 8.8.4.4"))
    assert network.tried == ["8.8.8.8", "8.8.4.4"]


def test_addresses_share_the_time() -> None:
    network = Network(dead=["8.8.8.8", "8.8.4.4"])
    with pytest.raises(httpcore2.ConnectTimeout):
        _connect(network, Names("8.8.8.8 8.8.4.4"))
    first, last = network.shares
    assert first == pytest.approx(6, abs=0.5)
    assert last == pytest.approx(12, abs=0.5)


def test_the_name_stays_in_tls_and_host_while_the_vetted_address_is_connected_to() -> None:
    network, names = Network(), Names("8.8.8.8")
    (answer,) = _retrieve("https://tech.haneul.example/feed.xml", network, names)
    assert isinstance(answer, Retrieved)
    assert network.tried == ["8.8.8.8"]
    assert names.asked == ["tech.haneul.example"]
    assert (network.stream.tls_name, network.stream.checks_name) == ("tech.haneul.example", True)
    assert b"\r\nHost: tech.haneul.example\r\n" in network.stream.sent


def test_a_name_is_resolved_once_for_a_connection() -> None:
    network, names = Network(), Names("8.8.8.8", "127.0.0.1")
    (answer,) = _retrieve("http://rebind.example/", network, names)
    assert isinstance(answer, Retrieved)
    assert (network.tried, names.asked) == (["8.8.8.8"], ["rebind.example"])


def test_a_name_that_leads_inside_at_the_second_visit_is_refused_then() -> None:
    network, names = Network(), Names("8.8.8.8", "127.0.0.1")
    first, second = _retrieve("http://rebind.example/", network, names, times=2)
    assert isinstance(first, Retrieved)
    assert second == (
        "the name rebind.example leads to 127.0.0.1, an address of this machine itself, which is not visited; "
        "see visits.allowed_networks"
    )
    assert network.tried == ["8.8.8.8"]


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("http://inside.example/", "the name inside.example leads to 10.0.0.5, an address inside a private network, which"),
        ("ws://a.example/", "only http and https are visited"),
        ("file:///etc/passwd", "only http and https are visited"),
        ("gopher://a.example/", "only http and https are visited"),
    ],
)  # fmt: skip
def test_a_redirect_is_asked_the_same(location: str, said: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    network = Network(stream=Stream(answer=answer.encode()))
    (reason,) = _retrieve("http://a.example/", network, Names("8.8.8.8", "10.0.0.5"))
    assert said in str(reason)
    assert network.tried == ["8.8.8.8"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("10.0.0.5", "inside a private network"),
        ("100.64.0.1", "inside a provider's network"),
        ("169.254.169.254", "of a cloud's metadata service"),
        ("fe80::1", "of the local link"),
        ("224.0.0.1", "of many machines at once"),
        ("192.0.2.1", "that is reserved"),
        ("5f00::1", "that is reserved"),
        ("64:ff9b::7f00:1", "of this machine itself"),
    ],
)
def test_the_reason_names_the_address_and_what_it_is(address: str, words: str) -> None:
    network = Network()
    with pytest.raises(Unreachable) as caught:
        _connect(network, Names(address))
    end = f"an address {words}, which is not visited; see visits.allowed_networks"
    assert str(caught.value) == f"the name a.example leads to {address}, {end}"
    with pytest.raises(Unreachable) as caught:
        _connect(network, Names(address), host=address)
    assert str(caught.value) == f"{address} is {end}"
    assert network.tried == []


def test_the_allow_list_opens_no_more_than_its_networks() -> None:
    network = Network()
    _connect(network, Names("10.1.0.5 10.2.0.5"), "10.1.0.0/16")
    assert network.tried == ["10.1.0.5"]


@pytest.mark.parametrize("host", ["fe80::1%25eth0", "fe80::1%eth0", "ho%20st"])
def test_zones_are_refused_before_anything_is_asked(host: str) -> None:
    network, names = Network(), Names("8.8.8.8")
    with pytest.raises(Unreachable):
        _connect(network, names, "::/0", "0.0.0.0/0", host=host)
    assert (network.tried, names.asked) == ([], [])


def test_a_port_that_is_none_and_a_name_without_addresses() -> None:
    with pytest.raises(Unreachable, match="99999 is not a port"):
        _connect(Network(), Names("8.8.8.8"), port=99999)
    with pytest.raises(Unreachable, match=r"^the name a.example leads to no address$"):
        _connect(Network(), Names(""))


@pytest.mark.parametrize("error", [OSError("unknown"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_resolved(error: Exception) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise error

    with pytest.raises(Unreachable, match=r"^the name a.example cannot be resolved$"):
        asyncio.run(VettingBackend(resolve=resolve, network=Network()).connect_tcp("a.example", 80))


def test_a_resolver_that_never_answers_ends_in_time() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return ["8.8.8.8"]

    backend = VettingBackend(resolve=resolve, network=Network())
    with pytest.raises(httpcore2.ConnectTimeout):
        asyncio.run(backend.connect_tcp("a.example", 80, timeout=0.01))


@pytest.mark.parametrize("address", ["8.8.8.8", "127.0.0.1", "::1", "2001:4860:4860::8888", "::ffff:10.0.0.5"])
def test_an_address_in_its_usual_spelling_is_not_looked_up(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: pytest.fail("it was looked up"))
    assert asyncio.run(resolve_name(address, 80)) == [address]


@pytest.mark.parametrize("host", ["0177.0.0.1", "127.1", "2130706433", "0x7f.1", "1.2.3.4.", "a.example"])
def test_everything_else_is_asked_of_the_system(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: str, port: int, **_: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.5", port))] if name == host else []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert asyncio.run(resolve_name(host, 80)) == ["10.0.0.5"]


def test_names_that_nobody_answers_for_keep_no_thread_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])

    async def run() -> str:
        lookups = [asyncio.ensure_future(resolve_name(f"{number}.example", 80)) for number in range(100)]
        await asyncio.sleep(0)
        try:
            return await asyncio.wait_for(asyncio.to_thread(lambda: "done"), 20)
        finally:
            over.set()
            await asyncio.gather(*lookups)

    assert asyncio.run(run()) == "done"


def test_sockets_of_this_machine_are_refused() -> None:
    with pytest.raises(Unreachable):
        asyncio.run(VettingBackend(network=Network()).connect_unix_socket("/run/x.sock"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see http://user:secret@a.example/x and https://b.example/@c", "see http://a.example/x and https://b.example/@c"),
        ("'ftp://user:se@cret@a.example'", "'ftp://a.example'"),
        ("//secret@a.example", "//a.example"),
        ("mail curator@a.example", "mail curator@a.example"),
    ],
)  # fmt: skip
def test_user_and_password_are_hidden(text: str, shown: str) -> None:
    assert hide_credentials(text) == shown


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *(
            (host, True)
            for host in ("blog.example", "a.co.kr", "XN--BJ0BJ06E.kr", "한글.한국", "8.8.8.8", "blog.example.")
        ),
        *(
            (host, True)
            for host in ("2606:4700::1111", "[2606:4700::1111]", "a_b.github.io", "10.example", "local.example")
        ),
        *(
            (host, False)
            for host in ("localhost", "LOCALHOST.", "app.localhost", "intranet", "nas", "", ".", "a.b.test")
        ),
        *(
            (host, False)
            for host in ("mac.local", "wiki.internal", "x.invalid", "router.lan", "dc.corp", "nas.home.arpa")
        ),
        *(
            (host, False)
            for host in ("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "10.0.0.1", "172.20.1.1")
        ),
        *((host, False) for host in ("192.168.0.10", "169.254.1.1", "100.64.0.1", "0.0.0.0", "1.2.3.4.5", "999.1.1.1")),
        *(
            (host, False)
            for host in ("::1", "[::1]", "fd12::1", "[fe80::1%25en0]", "::ffff:192.168.0.1", "203.0.113.9")
        ),
    ],
)
def test_a_host_is_public_where_everybody_means_the_same_by_it(host: str, expected: bool) -> None:
    assert is_public_host(host) is expected
