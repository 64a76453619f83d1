"""Which posts an issue of a round-up links to. Pure: its sanitised HTML in, the linked posts out.

A link counts as a post unless its address or its words say that it is something else: a home page, a profile, a share
or a subscription, a shop, an event, what the round-up says of itself, or what was paid for. What is left may still be
no post; its page tells. ``docs/decisions/roundups.md`` has what this was measured on.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from aggregator.addresses.clicks import hides_goal
from aggregator.addresses.sites import strip_www
from aggregator.addresses.urls import canonicalise_url, clean_url
from aggregator.text.html import TAG, normalise, shorten
from aggregator.types import Linked


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: A page with more links is not a list that somebody chose.
MOST_LINKED = 200
#: An older issue links to posts of months that are over. Such feeds, and folders of mails, bring years of them at once.
ISSUE_AGE = timedelta(days=45)
#: With fewer linked posts, an issue is only a summary, and its page is read.
FEWEST_LINKED = 2
_TITLE_LIMIT = 200

_BLOCKS = _words(
    """
    p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 table thead tbody tr td th blockquote section article aside header
    footer nav figure figcaption hr pre main details summary center
    """
)
_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_NAME = re.compile(r"</?([a-z0-9]+)")
_HREF = re.compile(r'\bhref="([^"]*)"')
_REL = re.compile(r'\brel="[^"]*\bsponsored\b[^"]*"')
_ALT = re.compile(r'\balt="([^"]*)"')

# Words of links that are about the issue or the reader, not about a post.
_ABOUT_ITSELF = re.compile(
    r"\b(?:unsubscribe|manage (?:your )?(?:subscription|preferences)|(?:email |update (?:your )?)?preferences|"
    r"view (?:this )?(?:email |issue |it |online |in (?:your )?)+(?:browser|online)?|"
    r"read (?:this )?(?:online|in browser)|subscribe|sign up|sign in|log in|forward(?: this)?|"
    r"share(?: this)?(?: issue| on .{1,20})?|tweet(?: this)?|"
    r"privacy(?: policy)?|terms(?: of (?:use|service))?|advertise(?: with us)?|sponsor us|become a sponsor|"
    r"leave a comment|comments?|archives?|past issues|refer a friend|upgrade|donate|buy me a coffee|give feedback)\b",
    re.IGNORECASE,
)
_ABOUT_ITSELF_KOREAN = re.compile(
    "수신 ?거부|구독 ?(?:하기|해지|취소|신청|설정)|웹(?:에서|으로) ?보기|브라우저(?:에서|로) ?보기|공유하기|친구에게|"
    "추천하기|광고 ?문의|제휴 ?문의|지난 ?(?:호|뉴스레터|레터)|아카이브 ?보기|피드백|의견 ?(?:남기기|보내기)|"
    "후원하기|댓글"
)
_LONGEST_ABOUT = 60
_PAID = re.compile(
    r"\(\s?(?:sponsor(?:ed)?|ad|advertisement|광고|협찬|유료 ?광고)\s?\)|"
    r"\[\s?(?:sponsor(?:ed)?|ad|광고|협찬)\s?\]|"
    r"^(?:sponsor(?:ed)?(?: (?:by|post|content|link)\b.{0,80})?"
    r"|(?:a (?:word|message) from )?(?:our|this week.s|today.s) sponsors?\b.{0,80}"
    r"|(?:in partnership|together) with\b.{0,80}|presented by\b.{0,80}|advertisement|광고|협찬|스폰서)\W{0,3}$",
    re.IGNORECASE,
)
# Sections with other things than posts.
_OTHER_SECTION = re.compile(
    r"^\W{0,4}(?:jobs?(?: board)?|hiring|(?:upcoming )?events?|classifieds?"
    r"|채용(?: ?(?:공고|소식|정보))?|행사(?: ?소식)?|이벤트)\W{0,4}$",
    re.IGNORECASE,
)
# Words that say nothing of what is behind them.
_EMPTY_WORDS = _words(
    """
    read more here this link links source via click see full article post blog paper pdf arxiv code github repo website
    site demo video tweet thread announcement story the a an on at in out check it learn details open visit go to of
    official page original
    원문 링크 바로가기 보기 읽기 더 자세히 전체 기사 출처 여기 여기서 클릭 보러가기 보러 가기
    """
)
_WORD = re.compile(r"[^\W\d_]+")
_LEAD = re.compile(
    r"^(?:read (?:more|the (?:paper|post|article))|more|via|source|link|원문|출처|링크)\s?[:：]\s?", re.IGNORECASE
)

# Hosts with nothing that a digest prints; a dot includes those below.
_NEVER = _words(
    """
    .twitter.com .x.com .facebook.com .instagram.com .threads.net .linkedin.com .t.me .telegram.me .discord.com
    .discord.gg .pinterest.com .tiktok.com .bsky.app .mastodon.social .whatsapp.com .snapchat.com .reddit.com
    .slack.com .patreon.com .buymeacoffee.com .ko-fi.com .paypal.com .paypal.me .gumroad.com .amazon.com
    .amazon.co.jp .amazon.co.uk .coupang.com .yes24.com .kyobobook.co.kr .aladin.co.kr .ebay.com .etsy.com
    .spotify.com podcasts.apple.com .itunes.apple.com apps.apple.com play.google.com .soundcloud.com .audible.com
    .eventbrite.com .meetup.com .lu.ma .festa.io .event-us.kr .onoffmix.com .ticketmaster.com .wikipedia.org
    .wikimedia.org .namu.wiki maps.google.com forms.gle docs.google.com calendar.google.com .typeform.com .tally.so
    .calendly.com .greenhouse.io .lever.co .workable.com .wanted.co.kr .jobkorea.co.kr .saramin.co.kr pf.kakao.com
    open.kakao.com story.kakao.com .band.us gravatar.com
    """
)
_NO_POST_HOST = re.compile(r"(?:store|shop|support|help|careers|jobs|recruit|login|accounts?)\.")
# Posts under the hosts above.
_STILL = re.compile(r"(?:blog|engineering|about|research|developer|developers|machinelearning|tech|ai)\.")
_FILE = re.compile(r"\.(?:png|jpe?g|gif|webp|svg|mp[34]|zip|gz|ics|css|js|ico|exe|dmg|apk)$", re.IGNORECASE)
_NO_POST_PATH = re.compile(
    r"/(?:unsubscribe|subscribe|subscriptions?|preferences|profile|login|signin|signup|sign-up|register|account|privacy|terms|"
    r"about|about-us|contact|careers|jobs|pricing|newsletter|newsletters|archive|feed|rss|tags?|categor(?:y|ies)|search|"
    r"share|sponsor|sponsors|advertise|donate|authors?|shop|store|cart|download|downloads)(?:/[^/]*)?/?",
    re.IGNORECASE,
)
_SHARED_OWNERS = _words("github.com gitlab.com huggingface.co medium.com velog.io brunch.co.kr blog.naver.com")
_PATHLESS = frozenset({"news.ycombinator.com", "scholar.google.com", "drive.google.com"})


@dataclass(slots=True)
class _Block:
    """The text between two ends of paragraphs, and the links in it."""

    words: list[str] = field(default_factory=list)
    links: list[_Anchor] = field(default_factory=list)
    is_heading: bool = False


@dataclass(slots=True)
class _Anchor:
    href: str
    is_sponsored: bool
    words: list[str] = field(default_factory=list)
    alt: str = ""

    @property
    def said(self) -> str:
        return normalise(html.unescape("".join(self.words))) or normalise(html.unescape(self.alt))


def list_linked(sanitised: str, base: str, own: Collection[str], ignored: Collection[str] = ()) -> tuple[Linked, ...]:
    """List the posts that an issue links to, each once, in order; *sanitised* is its HTML.

    Links are resolved against *base*. *own* are addresses of the round-up itself, *ignored* addresses that it has in
    most of its issues.
    """
    homes = {home_of(url) for url in own}
    found: dict[str, Linked] = {}
    heading, is_left_out = "", False
    for block in _list_blocks(sanitised):
        said = normalise(html.unescape("".join(block.words)))
        if said and (block.is_heading or (len(said) <= _LONGEST_ABOUT and not block.links)):
            heading = said
            is_left_out = _PAID.search(said) is not None or _OTHER_SECTION.match(said) is not None
        is_paid = is_left_out or _PAID.search(said) is not None
        for anchor in block.links:
            if is_paid or anchor.is_sponsored or anchor.href in ignored:
                continue
            linked = _read_anchor(anchor, said, heading, base, homes)
            if linked is None:
                continue
            key = linked.canonical_url or linked.url
            if key not in found or (not found[key].title and linked.title):
                found[key] = linked
    return tuple(found.values())[:MOST_LINKED]


def is_post_address(url: str, homes: Collection[str] = ()) -> bool:
    """Whether a clean address may be that of a post; *homes* are hosts, perhaps with a folder, that are not asked."""
    place = urlsplit(url)
    host, path = strip_www(place.hostname or ""), place.path
    if any(_is_at(host, path, home) for home in homes):
        return False
    if _NO_POST_HOST.match(host) or (_is_never(host) and not _STILL.match(host)):
        return False
    folders = [folder for folder in path.split("/") if folder]
    if not folders:
        return bool(place.query) and host in _PATHLESS
    if _FILE.search(path) or _NO_POST_PATH.fullmatch(path):
        return False
    # A profile, an organisation, a blog as a whole.
    return len(folders) > 1 or host not in _SHARED_OWNERS


def _is_never(host: str) -> bool:
    return any(f".{host}".endswith(bound) if bound.startswith(".") else host == bound for bound in _NEVER)


def name_issue(name: str, title: str) -> str:
    """How a reason names an issue of the round-up *name*: ``Import AI 210``."""
    number = _ISSUE.search(title)
    if number is None:
        return _drop_commas(name)
    return _drop_commas(f"{name} {next(filter(None, number.groups()))}")


_ISSUE = re.compile(
    r"(?:#|\b(?:no\.?|vol\.?|issue|week|episode|edition|number)\s?#?)\s?([0-9]{1,5})\b|제?\s?([0-9]{1,5})\s?(?:호|회)(?!\w)|"
    r"^[\w .&-]{2,40}? ([0-9]{1,4})(?=\s?[:|–—-]|$)",
    re.IGNORECASE,
)


def _drop_commas(text: str) -> str:
    """Reasons have commas between them."""
    return normalise(text.replace(",", " "))


def _read_anchor(anchor: _Anchor, said: str, heading: str, base: str, homes: Collection[str]) -> Linked | None:
    words = anchor.said
    if len(words) <= _LONGEST_ABOUT and (_is_about_itself(words) or _PAID.search(words)):
        return None
    url = clean_url(html.unescape(anchor.href), base)
    if url is None:
        return None
    title = _choose_title(words, said, heading)
    if hides_goal(url):
        return Linked(url, title)
    return Linked(url, title, canonicalise_url(url)) if is_post_address(url, homes) else None


def _is_about_itself(words: str) -> bool:
    """Whether the words of a link say that it is about the issue or the reader: they begin so, and say little more."""
    match = _ABOUT_ITSELF.match(words) or _ABOUT_ITSELF_KOREAN.match(words)
    return match is not None and len(words) - match.end() <= 12


def _choose_title(words: str, said: str, heading: str) -> str:
    """The words of the link, else those of its paragraph if these are as short as a title, else the heading."""
    for text in (words, _LEAD.sub("", said) if len(said) <= _TITLE_LIMIT else "", heading):
        if any(word not in _EMPTY_WORDS for word in _WORD.findall(text.casefold())):
            return shorten(_LEAD.sub("", text), _TITLE_LIMIT)
    return ""


def home_of(url: str) -> str:
    """The host of an address, with its first folder where many publishers share the host."""
    place = urlsplit(url)
    host = strip_www((place.hostname or "").lower())
    folder = place.path.split("/")[1] if host in _SHARED_OWNERS and place.path.count("/") else ""
    return f"{host}/{folder}" if folder else host


def _is_at(host: str, path: str, home: str) -> bool:
    own, _, folder = home.partition("/")
    if not own:
        return False
    if folder:
        return host == own and path.startswith(f"/{folder}/")
    return host == own or host.endswith(f".{own}")


def _list_blocks(sanitised: str) -> Iterator[_Block]:
    """Go through the HTML once; texts inside of links belong to both."""
    block, place = _Block(), 0
    anchor: _Anchor | None = None
    for tag in TAG.finditer(sanitised):
        _add_text(block, anchor, sanitised[place : tag.start()])
        place = tag.end()
        name = _NAME.match(tag[0])
        kind = name[1] if name else ""
        if kind in _BLOCKS:
            if anchor is None or not tag[0].startswith("</"):
                # A link around a paragraph is in it.
                moved = [block.links.pop()] if anchor and not anchor.words else []
                yield block
                block = _Block(links=moved, is_heading=kind in _HEADINGS and tag[0][1] != "/")
        elif kind == "a" and tag[0][1] != "/":
            href = _HREF.search(tag[0])
            anchor = _Anchor(href[1] if href else "", _REL.search(tag[0]) is not None)
            block.links.append(anchor)
        elif kind == "a":
            anchor = None
        elif kind == "br":
            _add_text(block, anchor, " ")
        elif kind == "img" and anchor is not None and (alt := _ALT.search(tag[0])):
            anchor.alt = anchor.alt or alt[1]
    _add_text(block, anchor, sanitised[place:])
    yield block


def _add_text(block: _Block, anchor: _Anchor | None, text: str) -> None:
    if text:
        block.words.append(text)
        if anchor is not None:
            anchor.words.append(text)
