"""What values in feeds.toml and the environment may be: checks that all its tables use. Each raises ValueError with a
sentence.
"""

from __future__ import annotations

import re
import shlex
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, ValidationError
from pydantic_core import PydanticCustomError

from aggregator.addresses.urls import clean_url
from aggregator.locales import t
from aggregator.text.characters import clean

#: In NFC, so that a search finds it.
Name = Annotated[str, AfterValidator(clean), Field(min_length=1)]


def is_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(t("a time zone of the IANA database such as Asia/Seoul is needed")) from error
    return name


def is_address(url: str) -> str:
    HttpUrl(url)
    if clean_url(url) is None:
        raise ValueError(t("an http or https address is needed"))
    if "@" in urlsplit(url).netloc:
        raise ValueError(t("an address without name and password is needed; see credentials in docs/settings.md"))
    return url


def names_variable(name: object) -> object:
    """Only capitals, so that a secret written here by mistake is rarely taken for a name and shown."""
    if not (isinstance(name, str) and re.fullmatch(r"[A-Z_][A-Z0-9_]*", name)):
        raise ValueError(t("the name of an environment variable in capitals such as BLOG_LOGIN is needed"))
    return name


def names_variable_or_none(name: object) -> object:
    return names_variable(name) if name else name


def is_root(url: str) -> str:
    if url and urlsplit(is_address(url)).path not in {"", "/"}:
        raise ValueError(t("the page is served at the root of a host; an address without a path is needed"))
    return url


_CLUSTER = re.compile(r"(?:tcp|tls)://(?:\[[0-9a-fA-F:.]++\]|[^\s/?#@:\[\]]++):\d{1,5}|local:[1-9]\d?", re.ASCII)


def is_cluster(address: str) -> str:
    if address and not _CLUSTER.fullmatch(address):
        raise ValueError(
            t("the address of a scheduler such as tcp://10.1.0.7:8786 or tls://10.1.0.7:8786 is needed, or local:2")
        )
    return address


def is_site(url: str) -> str:
    return is_address(url) if url else url


def split_networks(value: object) -> tuple[str, ...]:
    """Networks as a list, as in feeds.toml, or separated by commas, as in an environment variable."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(network, str) for network in given):
        raise ValueError(t('a list of networks such as ["10.1.0.0/16"] is needed'))
    networks = tuple(network.strip() for network in given if network.strip())
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise ValueError(
                t("a network such as 10.1.0.0/16 or fd00:1::/32 is needed: {error}", error=error)
            ) from error
    return networks


def split_hosts(value: object) -> tuple[str, ...]:
    """Names as a list, as in feeds.toml, or separated by commas, as in an environment variable."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(host, str) for host in given):
        raise ValueError(t('a list of names such as ["digest.example"] is needed'))
    hosts = tuple(host.strip().lower() for host in given if host.strip())
    for host in hosts:
        if not re.fullmatch(r"[\w.-]+|[0-9a-f:]+", host):
            raise ValueError(
                t("a name such as digest.example is needed, without scheme and port, not {host}", host=repr(host))
            )
    return hosts


def read_ip(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address of a host that is not given by name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_every_address(host: str) -> bool:
    """Whether listening there means listening on all addresses of the machine."""
    address = read_ip(host)
    return host == "" or (address is not None and address.is_unspecified)


def point_at(title: str, path: tuple[str, ...], found: object, message: str) -> ValidationError:
    """A mistake at a place in a table; pydantic itself would name the whole table."""
    error = PydanticCustomError("value_error", "{error}", {"error": message})
    return ValidationError.from_exception_data(title, [{"type": error, "loc": path, "input": found}])


def split_words(value: object) -> object:
    """A list, as in feeds.toml, or words separated by commas, as in an environment variable."""
    return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def split_arguments(value: object) -> object:
    """A list, as in feeds.toml, or words as a shell splits them, as in an environment variable."""
    return tuple(shlex.split(value)) if isinstance(value, str) else value


class Table(BaseModel):
    """A table of feeds.toml; unknown keys are rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True)
