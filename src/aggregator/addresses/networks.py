"""Which IP addresses and host names are public: they mean the same machine to everybody on the internet. Pure."""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Not ipaddress.is_global, which answers differently from one release of Python to the next. From IANA's registries of
# special-purpose addresses; the first matching row gives the words.
_CLOSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), words)
    for words, networks in {
        # 168.63.129.16 is Azure's, in the middle of public space.
        "of a cloud's metadata service": "169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254",
        "of this machine itself": "0.0.0.0/8 127.0.0.0/8 ::/128 ::1/128",
        "inside a private network": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10",
        "inside a provider's network": "100.64.0.0/10",
        "of the local link": "169.254.0.0/16 fe80::/10",
        "of many machines at once": "224.0.0.0/4 ff00::/8",
        "that is reserved": "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
        # Teredo (in 2001::/23) and 6to4 (2002::/16) hide an IPv4 address, and no site uses them any more.
        " 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20",
    }.items()
    for network in networks.split()
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")

# Ends of names that are not public (RFC 6761, 6762, 8375 and 9476, ICANN's .internal) or are used inside networks. Not
# .example: documentation uses it for public names.
_WITHIN = {"alt", "arpa", "corp", "home", "internal", "intranet", "invalid", "lan", "local", "localdomain", "localhost"}
_WITHIN |= {"localnet", "private", "test"}
# Browsers read a name that ends with a number as an IPv4 address, in any spelling.
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.ASCII)


def is_public(ip: Address) -> bool:
    """Whether an address means the same machine to everybody on the internet."""
    return find_words(ip) is None


# A document asks about few hosts, and of each item several times.
@lru_cache(maxsize=1024)
def is_public_host(host: str) -> bool:
    """Whether the host of an address may mean the same to everybody on the internet. Not public are localhost, private
    networks, names without a dot, and names with an ending that is used inside networks.
    """
    name = host.lower().rstrip(".")
    if ":" in name or "%" in name:
        ip = parse_ip(name.strip("[]"))
        return ip is not None and is_public(ip)
    if _NUMERIC.fullmatch(name):
        try:
            return is_public(IPv4Address(socket.inet_aton(name)))
        except OSError:
            return False
    _, dot, end = name.rpartition(".")
    return bool(dot) and end not in _WITHIN


def parse_ip(text: str) -> Address | None:
    """The IP address, if it is written in the usual way; None for a name."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


def unwrap(ip: Address) -> Address:
    """The IPv4 address that the system or its network would connect to, if an IPv6 address only carries one."""
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip in _NAT64):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def find_words(ip: Address) -> str | None:
    """What keeps an address from being public."""
    ip = unwrap(ip)
    for network, words in _CLOSED:
        if ip in network:
            return words
    return "that is reserved" if ip.version == 6 and ip not in _GLOBAL_UNICAST else None
