"""The fast reader, for well-formed XML. It gives up at the first doubt, and leaves the document to ``tolerant``.

It finds what feedparser finds, down to which of several titles and texts wins:
``tests/unit/test_parse_differential.py`` compares the two. No entity is ever declared, expanded or fetched, because a
document type is a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from aggregator.feeds.formats.common import (
    HTML,
    ISSUE_DATES,
    OUT_OF_LINE,
    TEXT,
    XHTML,
    FoundEntry,
    FoundFeed,
    Link,
    Text,
)
from aggregator.feeds.formats.events import IGNORE, Attributes, Doubt, Finish, Step, Steps, XmlPass, join, refuse
from aggregator.feeds.formats.markup import has_relative_links
from aggregator.feeds.formats.names import read_attributes, read_name, read_relation
from aggregator.text.charset import needs_repair, repair_text

_TYPES = {"text": TEXT, "plain": TEXT, TEXT: TEXT, "html": HTML, HTML: HTML, "xhtml": XHTML, XHTML: XHTML}
_ROOTS = {"rss", "feed", "rdf_rdf"}
_RSS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}
_RSS_09 = "http://my.netscape.com/rdf/simple/0.9/"
_NAMESPACES = {"http://purl.org/rss/1.0/": "rss10", "http://www.w3.org/2005/atom": "atom10"}
# Begins the text of an author until an element in it begins a text of its own; no document may contain it.
_UNTOUCHED = "\x00"
_PLAIN_LINK: tuple[str, str, str | None] = ("alternate", HTML, None)
_FIRST_ENTRY = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)\b", re.IGNORECASE)


def read_wellformed(document: bytes) -> FoundFeed | None:
    """Read a feed in UTF-8, or return None if it is not well-formed XML or leaves any doubt about its meaning.

    Of a document that ends too early, the complete entries are read, with a warning.
    """
    first = _FIRST_ENTRY.search(document)
    reader = _Reader(
        clean=repair_text if needs_repair(document) else str.strip,
        has_relative_links=first is not None and has_relative_links(document, first.start()),
    )
    try:
        is_whole = reader.run(document)
    except Doubt:
        return None
    feed = reader.feed
    feed.names_base = reader.names_base
    # An empty result is a doubt if there seem to be entries.
    if not feed.version or (not feed.entries and (first or not is_whole)):
        return None
    if not is_whole:
        feed.is_cut = True
        feed.warning = f"the document ends too early; its {len(feed.entries)} complete entries are read"
    return feed


class _Reader(XmlPass):
    def __init__(self, clean: Callable[[str], str], *, has_relative_links: bool) -> None:
        super().__init__()
        self.feed = FoundFeed(has_relative_links=has_relative_links)
        self._entry = FoundEntry()
        self._clean = clean
        self._feed_steps: Steps = {}
        self._entry_steps: Steps = {}
        self._author_steps: Steps = {}
        self.is_in_channel = False
        # The rules by which one of several titles and texts wins.
        self.title_depth = -1
        self._depths: dict[str, int] = {}
        self._has_content = False
        # What the attributes of the open leaf say.
        self._type = ""
        self._link = _PLAIN_LINK
        self._author = ["", ""]

    def note_namespace(self, prefix: str | None, namespace: str) -> None:
        if not self.feed.version:
            is_rss_09 = prefix is None and namespace == _RSS_09
            self.feed.version = "rss090" if is_rss_09 else _NAMESPACES.get(namespace, "")

    def find_root(self, raw: str) -> Step:
        name = read_name(raw)
        if name not in _ROOTS:
            raise Doubt(name)
        self._steps, self._find = self._feed_steps, self._find_in_feed
        return _IN_FEED.get(name, IGNORE)

    def _find_in_feed(self, raw: str) -> Step:
        return self._feed_steps.setdefault(raw, _IN_FEED.get(read_name(raw), IGNORE))

    def _find_in_entry(self, raw: str) -> Step:
        return self._entry_steps.setdefault(raw, _IN_ENTRY.get(read_name(raw), IGNORE))

    def _find_in_author(self, raw: str) -> Step:
        name = read_name(raw)
        return self._author_steps.setdefault(raw, _IN_AUTHOR.get(name) or _IN_ENTRY.get(name, IGNORE))

    # --- the feed -----------------------------------------------------------------------------------------------------

    def open_rss(self, attributes: Attributes) -> None:
        if not self.feed.version.startswith("rss"):
            version = read_attributes(attributes).get("version", "")
            self.feed.version = _RSS.get(version) or ("rss20" if version.startswith("2.") else "rss")

    def open_feed(self, attributes: Attributes) -> None:
        self.is_in_channel = True
        if not self.feed.version:
            self.feed.version = _ATOM.get(read_attributes(attributes).get("version", ""), "atom")

    def open_channel(self, attributes: Attributes) -> None:
        _refuse_cdf(attributes)
        self.is_in_channel = True
        self.enter(self._close_channel, self._steps, self._find)

    def _close_channel(self) -> None:
        self.is_in_channel = False
        self.leave()

    def save_feed_title(self, text: str) -> None:
        self.save_media_title_of_feed(text)
        if text.strip():
            self.title_depth = self.depth

    def save_media_title_of_feed(self, text: str) -> None:
        kind = self._take_type(TEXT)
        if self.is_in_channel and not -1 < self.title_depth <= self.depth:
            self.feed.title, self.feed.title_type = self._clean(text), kind

    def save_feed_link(self, text: str) -> None:
        if self.is_in_channel:
            self._add_link(self.feed.links, _mend_query(self._clean(text)))

    def add_hour(self, text: str) -> None:
        self.feed.hours.append(text)

    def add_day(self, text: str) -> None:
        self.feed.days.append(text)

    # --- an entry -----------------------------------------------------------------------------------------------------

    def open_entry(self, attributes: Attributes) -> None:
        self._entry = FoundEntry()
        if attributes:
            _refuse_cdf(attributes)
            self._entry.id = read_attributes(attributes).get("rdf_about")
        self._depths.clear()
        self.title_depth = -1
        self._has_content = False
        self.enter(self._close_entry, self._entry_steps, self._find_in_entry)

    def _close_entry(self) -> None:
        self.feed.entries.append(self._entry)
        self.leave()

    def save(self, field: str, text: str) -> None:
        """Of several elements with one meaning the last counts, unless it is nested deeper than one before."""
        depth = self.depth
        if depth <= self._depths.get(field, depth):
            self._depths[field] = depth
            setattr(self._entry, field, self._clean(text))

    def open_markup(self, attributes: Attributes, default: str, finish: Finish) -> None:
        """A leaf that says what its text is."""
        self._type = _read_type(attributes, default) if attributes else default
        if self._type == XHTML:
            self.collect_inline(finish, unwrap=self.feed.version == "atom10")
        else:
            self.collect(finish)

    def _take_type(self, default: str) -> str:
        kind, self._type = self._type or default, ""
        return kind

    def save_title(self, text: str) -> None:
        self.save_media_title(text)
        if text.strip():
            self.title_depth = self.depth

    def save_media_title(self, text: str) -> None:
        kind = self._take_type(TEXT)
        if not -1 < self.title_depth <= self.depth:
            self._entry.title_type = kind
            self.save("title", text)

    def open_summary(self, attributes: Attributes, default: str) -> None:
        # The second text of an entry is its content, if it has none yet.
        if self._entry.summary is not None and not self._has_content:
            self.open_content(attributes, TEXT)
        else:
            self.open_markup(attributes, default, _Reader.save_summary)

    def save_abstract(self, text: str) -> None:
        self._type = self._type or TEXT
        self.save_summary(text)

    def save_summary(self, text: str) -> None:
        kind, before, depth = self._take_type(HTML), self._entry.summary, self.depth
        value = before.value if before and depth > self._depths.get("summary", depth) else self._clean(text)
        self._depths["summary"] = min(depth, self._depths.get("summary", depth))
        self._entry.summary = Text(value, kind, self.base)

    def open_content(self, attributes: Attributes, default: str) -> None:
        self._has_content = True
        if attributes and (source := read_attributes(attributes).get("src")):
            self._link = (OUT_OF_LINE, _read_type(attributes, default), None)
            self._add_link(self._entry.links, source)
        self.open_markup(attributes, default, _Reader.save_content)

    def save_content(self, text: str) -> None:
        content = Text(self._clean(text), self._take_type(TEXT), self.base)
        self._entry.contents.append(content)
        if self._entry.summary is None:
            self._entry.summary = content

    def open_id(self, attributes: Attributes) -> None:
        is_address = read_attributes(attributes).get("ispermalink", "true") == "true"
        self.collect(_Reader.save_id if is_address else _SAVE_ID_AS_IT_IS)

    def save_id(self, text: str) -> None:
        given = text.strip()
        self.save("id", join(self.base, given) if given else "")

    def open_link(self, attributes: Attributes, finish: Finish) -> None:
        plain = read_attributes(attributes)
        rel = plain.get("rel", "alternate")
        kind = plain.get("type", "application/atom+xml" if rel == "self" else HTML)
        self._link = (read_relation(rel), _TYPES.get(kind, kind), plain.get("thr_count"))
        if url := _find_address(plain):
            self._add_link(self.feed.links if self._steps is self._feed_steps else self._entry.links, url)
        else:
            self.collect(finish)

    def save_link(self, text: str) -> None:
        self._add_link(self._entry.links, _mend_query(self._clean(text)))

    def save_discussion(self, text: str) -> None:
        if page := text.strip():
            self.save("discussion", join(self.base, page))

    def _add_link(self, links: list[Link], url: str) -> None:
        rel, kind, comments = self._link
        self._link = _PLAIN_LINK
        if url:
            links.append(Link(rel, kind, join(self.base, url), comments))

    def open_author(self, attributes: Attributes) -> None:
        self._author = ["", ""]
        self.take_text(_UNTOUCHED)
        self.enter(self._close_author, self._author_steps, self._find_in_author)

    def save_author_part(self, part: int, text: str) -> None:
        self._author[part] = self._clean(text)

    def _close_author(self) -> None:
        name, email = self._author
        text = self.take_text()
        self.leave()
        # Without elements in it the author is its text.
        own = text.removeprefix(_UNTOUCHED) if text.startswith(_UNTOUCHED) else ""
        self.save_author(f"{name} ({email})" if name and email else name or email or own)

    def save_author(self, text: str) -> None:
        self._entry.authors.append(self._clean(text))

    def open_tag(self, attributes: Attributes) -> None:
        if term := attributes.get("term") or read_attributes(attributes).get("term"):
            self._entry.tags.append(term)
        self.collect(_Reader.save_tag)

    def open_itunes_tag(self, attributes: Attributes) -> None:
        if term := read_attributes(attributes).get("text"):
            self._entry.tags.append(term)
        self.collect(_Reader.save_tag)

    def save_tag(self, text: str) -> None:
        if tag := self._clean(text):
            self._entry.tags.append(tag)

    def save_tags(self, text: str) -> None:
        self._entry.tags += [tag for part in self._clean(text).split(",") if (tag := part.strip())]

    def add_enclosure(self, attributes: Attributes) -> None:
        plain = read_attributes(attributes)
        if url := _find_address(plain):
            self._entry.links.append(Link("enclosure", plain.get("type"), url))

    def add_media(self, attributes: Attributes) -> None:
        plain = read_attributes(attributes)
        if url := plain.get("url"):
            self._entry.media.append((url, plain.get("type")))

    def open_thumbnail(self, attributes: Attributes) -> None:
        plain = read_attributes(attributes)
        if url := plain.get("url"):
            self._entry.thumbnails.append((url, plain.get("type")))
        self.collect(_Reader.drop if url else _Reader.save_thumbnail)

    def save_thumbnail(self, text: str) -> None:
        if url := self._clean(text):
            self._entry.thumbnails.append((url, None))

    def skip_source(self, attributes: Attributes) -> None:
        self.title_depth = -1
        self.skip(attributes)

    def skip_picture(self, attributes: Attributes) -> None:
        self.title_depth = -1
        self.collect(_Reader.drop)

    def drop(self, text: str) -> None:
        """Ignore the text of this leaf."""


def _refuse_cdf(attributes: Attributes) -> None:
    """Channels and items of CDF carry their address and date in attributes."""
    if {"href", "lastmod"} & {name.lower() for name in attributes}:
        raise Doubt("CDF")


def _read_type(attributes: Attributes, default: str) -> str:
    plain = attributes if len(attributes) == 1 and "type" in attributes else read_attributes(attributes)
    kind = _TYPES.get(plain.get("type", default).lower())
    if kind is None or plain.get("mode") == "base64":
        raise Doubt("a text of another type")
    return kind


def _find_address(plain: dict[str, str]) -> str | None:
    """The address among the attributes of a link, whatever the feed calls it."""
    return plain.get("url") or plain.get("uri") or plain.get("href")


def _mend_query(link: str) -> str:
    """A link that was escaped once too often: ``?a=1&amp;b=2`` and ``?a=1&b;=2`` are ``?a=1&b=2``."""
    return re.sub(r"&(\w+);", r"&\1", link.replace("&amp;", "&"), flags=re.ASCII) if "&" in link else link


# --- the vocabulary ---------------------------------------------------------------------------------------------------
# Closures, because a partial with keywords takes three times as long to call.


def _any_of(names: Iterable[str], step: Step) -> Steps:
    return dict.fromkeys(names, step)


def _markup(default: str, finish: Finish) -> Step:
    def begin(reader: _Reader, attributes: Attributes) -> None:
        reader.open_markup(attributes, default, finish)

    return begin, finish


def _summary(default: str) -> Step:
    def begin(reader: _Reader, attributes: Attributes) -> None:
        reader.open_summary(attributes, default)

    return begin, None


def _content(default: str) -> Step:
    def begin(reader: _Reader, attributes: Attributes) -> None:
        reader.open_content(attributes, default)

    return begin, None


def _link(finish: Finish) -> Step:
    def begin(reader: _Reader, attributes: Attributes) -> None:
        reader.open_link(attributes, finish)

    return begin, finish


def _field(name: str) -> Finish:
    def finish(reader: _Reader, text: str) -> None:
        reader.save(name, text)

    return finish


def _field_of_feed(name: str) -> Finish:
    def finish(reader: _Reader, text: str) -> None:
        if reader.is_in_channel:
            setattr(reader.feed, name, text)

    return finish


def _author_part(part: int) -> Finish:
    def finish(reader: _Reader, text: str) -> None:
        reader.save_author_part(part, text)

    return finish


def _skip_aside(allowed: Iterable[str]) -> Step:
    names = frozenset(allowed)

    def begin(reader: _Reader, attributes: Attributes) -> None:
        reader.title_depth = -1
        reader.skip(attributes, names)

    return begin, None


def _bare(finish: Finish) -> Step:
    """A leaf that must not have attributes: with them it is something else."""
    return _pass_over, finish


def _pass_over(reader: _Reader, attributes: Attributes) -> None:
    pass


_SAVE_ID_AS_IT_IS = _field("id")
_SKIP: Step = (_Reader.skip, None)
# Texts that may contain markup and are not used.
_OPAQUE = ("subtitle", "tagline", "itunes_subtitle", "rights", "copyright", "dc_rights", "info")
_PUBLISHED = ("published", "issued", "pubdate", "dcterms_issued")
_UPDATED = ("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified")
# Entries in entries, and what only feedparser can handle; then names with a meaning inside feedparser.
_REFUSED = (
    *("item", "entry", "channel", "feed", "rss", "body", "xhtml_body", "fullitem", "svg"),
    *("authors", "links", "guidislink", "enclosures", "items", "title_detail", "summary_detail"),
)

_IN_FEED: Steps = {
    "rss": (_Reader.open_rss, None),
    "feed": (_Reader.open_feed, None),
    "channel": (_Reader.open_channel, None),
    **_any_of(("item", "entry"), (_Reader.open_entry, None)),
    **_any_of(("title", "dc_title"), _markup(TEXT, _Reader.save_feed_title)),
    "media_title": _markup(TEXT, _Reader.save_media_title_of_feed),
    "link": _link(_Reader.save_feed_link),
    "ttl": _bare(_field_of_feed("ttl")),
    "sy_updateperiod": _bare(_field_of_feed("period")),
    "sy_updatefrequency": _bare(_field_of_feed("frequency")),
    "hour": _bare(_Reader.add_hour),
    "day": _bare(_Reader.add_day),
    **_any_of((*_OPAQUE, "description", "summary", "content"), _SKIP),
    "source": (_Reader.skip_source, None),
    "image": _skip_aside(("title", "link", "description", "url", "href", "width", "height")),
    "textinput": _skip_aside(("title", "link", "description", "name")),
}
_IN_ENTRY: Steps = {
    **_any_of(("title", "dc_title"), _markup(TEXT, _Reader.save_title)),
    "media_title": _markup(TEXT, _Reader.save_media_title),
    **_any_of(("description", "dc_description", "media_description"), _summary(HTML)),
    **_any_of(("summary", "itunes_summary"), _summary(TEXT)),
    "abstract": _markup(TEXT, _Reader.save_abstract),
    "content": _content(TEXT),
    "content_encoded": _content(HTML),
    **_any_of(("guid", "id"), (_Reader.open_id, _Reader.save_id)),
    "link": _link(_Reader.save_link),
    **_any_of(_PUBLISHED, (None, _field("published"))),
    **_any_of(_UPDATED, (None, _field("updated"))),
    "date": _bare(_field("updated")),
    **_any_of(("created", "dcterms_created"), (None, _field("created"))),
    **_any_of(ISSUE_DATES, _bare(_field("issue"))),
    **_any_of(("author", "managingeditor"), (_Reader.open_author, None)),
    **_any_of(("dc_creator", "dc_author", "itunes_author"), (None, _Reader.save_author)),
    **_any_of(("category", "keywords", "dc_subject", "media_category"), (_Reader.open_tag, _Reader.save_tag)),
    "itunes_category": (_Reader.open_itunes_tag, _Reader.save_tag),
    **_any_of(("itunes_keywords", "media_keywords"), _bare(_Reader.save_tags)),
    "tags": (None, _Reader.save_tags),
    "enclosure": (_Reader.add_enclosure, None),
    "media_content": (_Reader.add_media, None),
    "media_thumbnail": (_Reader.open_thumbnail, None),
    "slash_comments": _bare(_field("comments")),
    "thr_total": _bare(_field("total")),
    "feedburner_origlink": _bare(_field("original")),
    "comments": _bare(_Reader.save_discussion),
    "source": (_Reader.skip_source, None),
    **_any_of(("image", "textinput"), (_Reader.skip_picture, None)),
    **_any_of(_OPAQUE, _SKIP),
    **_any_of(_REFUSED, (refuse, None)),
}
_IN_AUTHOR: Steps = {"name": (None, _author_part(0)), "email": (None, _author_part(1))}
