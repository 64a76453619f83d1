"""Addresses that only redirect and contain their target: those of alerts, mail filters and click counters. Pure.

No request is needed to find the target. Services that do not name it (t.co, link shorteners) are not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

#: Limit of nested redirectors; an honest link does not have more.
MOST_NESTED = 8

# A leading dot includes subdomains. The parameters are tried in order; "" is the whole query.
_TABLE = (
    (".facebook.com", r"/l\.php|/flx/warn", "u"),
    ("l.messenger.com l.workplace.com", r"/l\.php", "u"),
    ("l.instagram.com l.threads.net l.threads.com", r"", "u"),
    ("out.reddit.com", r".*", "url"),
    (".youtube.com", r"/redirect", "q"),
    (".bing.com", r"/news/apiclick\.aspx", "url"),
    ("t.umblr.com", r"/redirect", "z"),
    ("slack-redir.net", r"/link", "url"),
    (".steamcommunity.com", r"/linkfilter", "url u"),
    (".vk.com .vk.ru", r"/away\.php", "to"),
    (".duckduckgo.com", r"/l", "uddg"),
    (".safelinks.protection.outlook.com", r".*", "url"),
    ("statics.teams.cdn.office.net", r"/evergreen-assets/safelinks/.*", "url"),
    (".linkedin.com", r"/redir/redirect|/safety/go|/redir/general-malware-page", "url"),
    ("medium.com", r"/m/global-identity(?:-2)?", "redirectUrl"),
    ("medium.com", r"/r", "url"),
    ("link.zhihu.com link.csdn.net link.juejin.cn", r"", "target"),
    ("gitee.com", r"/link", "target"),
    (".quora.com", r"/_/redirect", "url"),
    (".douban.com", r"/link2", "url"),
    ("link.naver.com", r"/bridge", "url"),
    ("cr.naver.com cr2.naver.com cr3.naver.com", r"/rd|/redir\.jsp|/redirect-notification", "u"),
    ("getpocket.com", r"/redirect", "url"),
    ("flipboard.com", r"/redirect", "url"),
    (".curseforge.com", r"/linkout", "remoteUrl"),
    ("gate.sc exit.sc", r"", "url"),
    (".pixiv.net", r"/jump\.php", "url"),
    (".deviantart.com", r"/users/outgoing", ""),
    ("href.li anonym.to", r"", ""),
    ("go.skimresources.com go.redirectingat.com", r"", "url"),
    ("redirect.viglink.com", r"", "u"),
)
_HOSTS = tuple(
    (host, re.compile(path), tuple(parameters.split(" ")))
    for hosts, path, parameters in _TABLE
    for host in hosts.split()
)
_EXACT = {host for host, _, _ in _HOSTS if not host.startswith(".")}
_BELOW = tuple(host for host, _, _ in _HOSTS if host.startswith("."))
# Every country has one. Subdomains such as news.google.com count too.
_GOOGLE = re.compile(r"(?:[\w-]+\.)*google\.(?:[a-z]{2,3}|com?\.[a-z]{2})")
_GOOGLE_PATH = re.compile(r"/url|/news/url")
_ABSOLUTE = re.compile(r"https?://[^/?#]", re.IGNORECASE)
_ASCII_ESCAPE = re.compile(r"%([2-7][0-9A-Fa-f])")
_ENCODED = re.compile(r"https?%3a(?:%2f|/){2}", re.IGNORECASE)


def find_goal(host: str, path: str, query: str) -> str | None:
    """The http or https address that this one redirects to, or None. *host* is in lower case, without www."""
    if query and is_redirector(host):
        for name in _list_parameters(host, path.rstrip("/")):
            if goal := _read_goal(_find_value(query, name)) if name else _read_whole(query):
                return goal
    return _read_goal(_find_in_path(host, f"{path}?{query}" if query else path))


def is_redirector(host: str) -> bool:
    """Whether addresses of this host may redirect by a parameter."""
    return host in _EXACT or f".{host}".endswith(_BELOW) or _GOOGLE.fullmatch(host) is not None


def _list_parameters(host: str, path: str) -> Iterator[str]:
    if _GOOGLE.fullmatch(host) and _GOOGLE_PATH.fullmatch(path):
        yield from ("url", "q")
    for bound, pattern, parameters in _HOSTS:
        is_bound = f".{host}".endswith(bound) if bound.startswith(".") else host == bound
        if is_bound and pattern.fullmatch(path):
            yield from parameters


def _find_in_path(host: str, said: str) -> str:
    """The targets in the paths of mail filters and of Amazon's click counter for mail."""
    if host.endswith(("urldefense.com", "urldefense.us")) and said.startswith("/v3/__"):
        goal, end, _ = said[6:].partition("__;")
        # A star replaces a character that is listed after the target. Some programs merge two slashes into one.
        return re.sub(r"^(https?:)/+", r"\1//", goal) if end and "*" not in goal else ""
    if host.endswith(".awstrack.me") and said.startswith(("/L0/", "/I0/")):
        return re.sub(r"^(https?:)/+", r"\1//", said[4:]).partition("/1/")[0]
    return ""


def _find_value(query: str, name: str) -> str:
    for pair in query.split("&"):
        found, _, value = pair.removeprefix("amp;").partition("=")
        if found.lower() == name.lower():
            return value
    return ""


def _read_whole(query: str) -> str | None:
    return query if _ABSOLUTE.match(query) else _read_goal(query)


def _read_goal(value: str) -> str | None:
    goal = _decode(value)
    if _ENCODED.match(goal):
        goal = _decode(goal)
    return goal if _ABSOLUTE.match(goal) else None


def _decode(value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        # Bytes of another charset stay as they are.
        return _ASCII_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), value)
