"""Which addresses may be visited, and connections that go nowhere else.

A feed's address, and every address it redirects to, was written by somebody else. So the check comes at the last
moment: the name is resolved once, the resulting addresses are vetted, and the connection goes to a vetted address. The
Host header, SNI and the check of the certificate keep the name. DNS rebinding and unusual spellings of an IPv4 address
change nothing: only the address that is connected to counts.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_network
from itertools import zip_longest

import httpcore2

from aggregator.addresses.networks import Address, Network, find_words, is_public, parse_ip, unwrap
from aggregator.fetch.heads import CleanStream

#: A name and a port to the addresses of the name; raises OSError if there are none.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Separate threads: a name without an answer keeps its thread long after our timeout.
_LOOK_UPS = ThreadPoolExecutor(32, "look-up")


class Unreachable(httpcore2.ConnectError):
    """A name without an address that may be visited; the text is for a person."""


def vet(addresses: Iterable[str], allowed: Sequence[Network] = ()) -> list[Address]:
    """The addresses that may be visited: public, or inside a network that the operator allowed.

    Each occurs once; IPv6 and IPv4 alternate, so that a host is reached even if one family does not work.
    """
    found = dict.fromkeys(ip for text in addresses if (ip := parse_ip(text)) is not None)
    return _alternate([ip for ip in found if is_public(ip) or _is_inside(ip, allowed)])


async def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a name, by the system's resolver. Raises OSError.

    An address in the usual spelling is returned as it is. An unusual one (0177.0.0.1, 127.1) is left to the system,
    which also makes the connection.
    """
    if parse_ip(host) is not None:
        return [host]
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOK_UPS, look_up)
    return [str(place[0]) for *_, place in found]


class VettingBackend(httpcore2.AsyncNetworkBackend):
    """Makes httpcore2's connections, only to vetted addresses.

    *allowed_networks* may be visited although they are not public. *resolve* and *network* are for tests. Raises
    ValueError for an invalid network.
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
        """Connect to the first vetted address that answers; they share the timeout.

        Raises Unreachable, or the ConnectError or ConnectTimeout of the last address.
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
        """Raises Unreachable: local sockets are never visited."""
        raise Unreachable("a socket of this machine is not visited")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)

    async def _look_up(self, host: str, port: int, timeout: float | None) -> list[Address]:
        if "%" in host:
            raise Unreachable(f"{host} is not a name, or means a network interface of this machine, and is not visited")
        if port > 65535:
            raise Unreachable(f"{port} is not a port; the highest is 65535")
        try:
            async with asyncio.timeout(timeout):
                found = await self._resolve(host, port)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"the name {host} cannot be resolved") from error
        if vetted := vet(found, self._allowed):
            return vetted
        raise Unreachable(_say_refusal(host, found))


def _is_inside(ip: Address, networks: Sequence[Network]) -> bool:
    return any(ip in network or unwrap(ip) in network for network in networks)


def _alternate(ips: list[Address]) -> list[Address]:
    first = [ip for ip in ips if ip.version == ips[0].version]
    second = [ip for ip in ips if ip.version != ips[0].version]
    return [ip for pair in zip_longest(first, second) for ip in pair if ip is not None]


def _say_refusal(host: str, addresses: Sequence[str]) -> str:
    refused = next((ip for text in addresses if (ip := parse_ip(text)) is not None), None)
    if refused is None:
        return f"the name {host} leads to no address"
    kind = f"an address {find_words(refused)}, which is not visited; see visits.allowed_networks"
    return f"{host} is {kind}" if parse_ip(host) == refused else f"the name {host} leads to {refused}, {kind}"
