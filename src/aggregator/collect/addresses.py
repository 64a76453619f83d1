"""Which addresses may be visited, and connections that go nowhere else.

A feed's address, and every address it redirects to, was written by somebody else. So the question is asked at the last
moment: the name is resolved once, what it leads to is vetted, and the connection goes to exactly a vetted address; the
Host header, SNI and the check of the certificate keep the name. A name that answers differently a second time, and an
IPv4 address in an unusual spelling, change nothing: only what is connected to counts.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import zip_longest

import httpcore2

from aggregator.collect.heads import CleanStream

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: A name and a port to the addresses behind the name; raises OSError when there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Not ipaddress.is_global, which answers differently from one release of Python to the next. From IANA's registries of
# special-purpose addresses; the first row that fits gives the words.
_CLOSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), words)
    for words, networks in {
        # 168.63.129.16 is Azure's, and lies in the middle of public space.
        "of a cloud's metadata service": "169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254",
        "of this machine itself": "0.0.0.0/8 127.0.0.0/8 ::/128 ::1/128",
        "inside a private network": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "inside a provider's network": "100.64.0.0/10",
        "of the local link": "169.254.0.0/16 fe80::/10",
        "of many machines at once": "224.0.0.0/4 ff00::/8",
        "that is reserved": "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
        # Teredo (in the first) and 6to4 (in the third) hide an IPv4 address, and no site is there any more.
        " 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20",
    }.items()
    for network in networks.split()
)
# Threads of their own, for a name that nobody answers for keeps its thread long after we have given it up.
_LOOK_UPS = ThreadPoolExecutor(32, "look-up")
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class Unreachable(httpcore2.ConnectError):
    """A name without an address that may be visited; the text is a sentence for a person."""


def is_public(ip: Address) -> bool:
    """Whether anybody on the internet means the same machine by this address."""
    return _find_words(ip) is None


def vet(addresses: Iterable[str], allowed: Sequence[Network] = ()) -> list[Address]:
    """The addresses that may be visited: public, or inside a network that the operator allowed.

    Each is named once; IPv6 and IPv4 take turns, so that a host whose one family leads nowhere is reached by the other.
    """
    found = dict.fromkeys(ip for text in addresses if (ip := _parse(text)) is not None)
    return _alternate([ip for ip in found if is_public(ip) or _is_inside(ip, allowed)])


async def resolve_name(host: str, port: int) -> list[str]:
    """The addresses behind a name, by the system's resolver. Raises OSError.

    An address in its usual spelling is its own answer. What an unusual one (0177.0.0.1, 127.1) leads to only the system
    knows, which will connect to it.
    """
    if _parse(host) is not None:
        return [host]
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOK_UPS, look_up)
    return [str(place[0]) for *_, place in found]


class VettingBackend(httpcore2.AsyncNetworkBackend):
    """Makes httpcore2's connections, to vetted addresses alone.

    *allowed_networks* are visited although they are not public. *resolve* and *network* are there for tests.
    Raises ValueError when one of the networks is none.
    """

    def __init__(
        self,
        allowed_networks: Iterable[str] = (),
        *,
        resolve: Resolve = resolve_name,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._allowed = [ip_network(network) for network in allowed_networks]
        self._resolve = resolve
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first vetted address that answers; all of them share the time.

        Raises Unreachable, and ConnectError or ConnectTimeout as the last address gave it.
        """
        clock = asyncio.get_running_loop().time
        end = None if timeout is None else clock() + timeout
        addresses = await self._look_up(host, port, timeout)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            share = None if end is None else (end - clock()) / left
            try:
                return CleanStream(
                    await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
        raise AssertionError(f"{host} was let through without an address")

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Raises Unreachable: a socket of this machine is never visited."""
        raise Unreachable("a socket of this machine is not visited")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _look_up(self, host: str, port: int, timeout: float | None) -> list[Address]:
        if "%" in host:
            raise Unreachable(f"{host} is no name, or means a network interface of this machine, and is not visited")
        if port > 65535:
            raise Unreachable(f"{port} is no port; the highest is 65535")
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"the name {host} cannot be resolved") from error
        if vetted := vet(found, self._allowed):
            return vetted
        raise Unreachable(_tell_refusal(host, found))


def _parse(text: str) -> Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _unwrap(ip: Address) -> Address:
    """The IPv4 address that the system or its network would really connect to, where IPv6 only carries it."""
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip in _NAT64):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _find_words(ip: Address) -> str | None:
    """What keeps an address from being public."""
    ip = _unwrap(ip)
    for network, words in _CLOSED:
        if ip in network:
            return words
    return "that is reserved" if ip.version == 6 and ip not in _GLOBAL_UNICAST else None


def _is_inside(ip: Address, networks: Sequence[Network]) -> bool:
    return any(ip in network or _unwrap(ip) in network for network in networks)


def _alternate(ips: list[Address]) -> list[Address]:
    first = [ip for ip in ips if ip.version == ips[0].version]
    second = [ip for ip in ips if ip.version != ips[0].version]
    return [ip for pair in zip_longest(first, second) for ip in pair if ip is not None]


def _tell_refusal(host: str, addresses: Sequence[str]) -> str:
    refused = next((ip for text in addresses if (ip := _parse(text)) is not None), None)
    if refused is None:
        return f"the name {host} leads to no address"
    kind = f"an address {_find_words(refused)}, which is not visited; see visits.allowed_networks"
    return f"{host} is {kind}" if _parse(host) == refused else f"the name {host} leads to {refused}, {kind}"
