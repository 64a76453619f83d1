"""Which posts are the instalments of one series, and in which order. Pure.

Such posts share a stem (``posts.series``) and a feed or a site. A series may take years. If a number comes again long
after, it is another series of the same name; if it comes again soon, it is the same part, published twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from aggregator.addresses.urls import host_of
from aggregator.posts.series import PartMark, read_part, read_part_of_address
from aggregator.types import Instalment, Series, Sibling

# A number that comes again within this time is the same part.
_AGAIN = timedelta(days=60)
# How much later the second part may come if the title of the first does not say that it is one.
_SILENT_FIRST = timedelta(days=400)
# Words that count issues as well as parts, and words that count only issues.
_LOOSE_WORDS = frozenset({"#", "ep", "vol", "회", "화", "탄", ""})
_COLUMN_WORDS = frozenset({"week", "issue"})
_COLUMN_FROM = 13
_COLUMN_PACE = timedelta(days=180)
_HALVES = frozenset("상중하전후前中後")
# Hosts with many authors.
_SHARED_HOSTS = frozenset(
    {"medium.com", "velog.io", "brunch.co.kr", "dev.to", "blog.naver.com", "github.com", "zenn.dev"}
)


@dataclass(frozen=True, slots=True)
class _Member:
    post: Sibling
    #: The site that the post is on.
    site: str
    #: None for a title that is just the stem.
    mark: PartMark | None

    @property
    def number(self) -> float:
        return self.mark.number if self.mark else 1

    def is_of_one_source(self, other: _Member) -> bool:
        return (self.post.feed_key is not None and self.post.feed_key == other.post.feed_key) or self.site == other.site


#: The parts of one source in the runs of their numbers, each with its silent first part.
_Runs = list[tuple[list[_Member], list[_Member]]]


def arrange_series(post_id: int, siblings: Sequence[Sibling]) -> Series | None:
    """The series that a post is an instalment of; None if there is none, or if it is an issue of a column.

    *siblings* are all posts of one stem, in any order; for a post that is not among them the result is None.
    """
    return arrange_all([post_id], siblings).get(post_id)


def arrange_all(post_ids: Collection[int], siblings: Sequence[Sibling]) -> dict[int, Series]:
    """The same for several posts: the series of those that are instalments."""
    members = [_Member(one, _name_site(one.url), _read_mark(one)) for one in siblings]
    articles = {member.post.post_id for member in _drop_copies(members)}
    known: dict[tuple[str | None, str], _Runs] = {}
    found: dict[int, Series] = {}
    for here in members:
        number, source = here.post.post_id, (here.post.feed_key, here.site)
        if number not in post_ids:
            continue
        # A copy stands for its article only in its own series.
        if number not in articles:
            runs = _list_runs(here, members)
        elif source in known:
            runs = known[source]
        else:
            runs = known[source] = _list_runs(here, members)
        if series := _find_series(number, runs):
            found[number] = series
    return found


def _list_runs(here: _Member, members: Iterable[_Member]) -> _Runs:
    near = [member for member in _drop_copies(members, here) if member.is_of_one_source(here)]
    silent = [member for member in near if not member.mark]
    return [(run, _add_silent_first(run, silent)) for run in _cut_into_runs([one for one in near if one.mark])]


def _find_series(post_id: int, runs: _Runs) -> Series | None:
    for run, whole in runs:
        if any(member.post.post_id == post_id for member in whole):
            return None if _is_column(run) or _says_little(whole) else _make_series(_drop_repeats(whole, post_id))
    return None


def _read_mark(one: Sibling) -> PartMark | None:
    return read_part(one.title) or read_part_of_address(one.url, one.series)


def _drop_copies(members: Iterable[_Member], here: _Member | None = None) -> list[_Member]:
    """One post of each article: the post *here*, else the representative, else any copy."""
    kept: dict[int, _Member] = {}
    for one in sorted(members, key=lambda one: (one is not here, one.post.copy_of is not None, one.post.post_id)):
        kept.setdefault(one.post.copy_of or one.post.post_id, one)
    return list(kept.values())


def _name_site(url: str) -> str:
    host = host_of(url)
    if host not in _SHARED_HOSTS:
        return host
    return f"{host}/{url.split('://', 1)[-1].partition('/')[2].partition('/')[0]}"


def _cut_into_runs(members: Sequence[_Member]) -> list[list[_Member]]:
    """The parts by date, split where the numbers start again."""
    runs: list[list[_Member]] = []
    highest: float = 0
    for member in sorted(members, key=lambda one: (one.post.published_at, one.number, one.post.post_id)):
        # The same number is a part that was published twice, or belongs to another series; a lower one that comes late
        # begins another series.
        is_back = member.number <= highest
        if not runs or (is_back and member.post.published_at - runs[-1][-1].post.published_at > _AGAIN):
            runs.append([])
            highest = member.number
        runs[-1].append(member)
        highest = max(highest, member.number)
    return runs


def _add_silent_first(run: list[_Member], silent: Sequence[_Member]) -> list[_Member]:
    """The run with its first part, if that does not say that it is one."""
    first = run[0].post.published_at
    if any(member.number == 1 for member in run):
        return run
    # A published digest prints titles without their marks: a post from one may be any part.
    from_feeds = [one for one in silent if one.post.feed_key is not None]
    found = [one for one in from_feeds if first - _SILENT_FIRST <= one.post.published_at <= first]
    return [max(found, key=lambda one: (one.post.published_at, -one.post.post_id)), *run] if found else run


def _drop_repeats(run: Sequence[_Member], post_id: int) -> list[_Member]:
    """One post of each number: this post, else the first."""
    kept: dict[float, _Member] = {}
    for member in run:
        if member.number not in kept or member.post.post_id == post_id:
            kept[member.number] = member
    return sorted(kept.values(), key=lambda one: one.number)


def _is_column(run: Sequence[_Member]) -> bool:
    """Whether the numbers count the issues of a column, which have no common subject."""
    words = {member.mark.word for member in run if member.mark}
    if words & _COLUMN_WORDS:
        return True
    if not words & _LOOSE_WORDS:
        return False
    dates = sorted(member.post.published_at for member in run)
    is_slow = any(later - earlier > _COLUMN_PACE for earlier, later in pairwise(dates))
    return is_slow or any(member.number >= _COLUMN_FROM for member in run)


def _says_little(run: Sequence[_Member]) -> bool:
    """Whether there is a single part, and its number is ambiguous or the first."""
    mark = run[0].mark
    return len(run) == 1 and mark is not None and mark.of is None and (mark.number == 1 or mark.word in _LOOSE_WORDS)


def _make_series(run: Sequence[_Member]) -> Series:
    words = [member.mark.word for member in run if member.mark]
    of = max((member.mark.of or 0 for member in run if member.mark), default=0)
    instalments = tuple(_make_instalment(member, words[0]) for member in run)
    numbers = {one.number for one in instalments}
    last = max(of, int(max(numbers)))
    # 상 and 하 are complete without 중.
    expected = {1} if set(words) & _HALVES else set(range(1, last + 1))
    return Series(instalments, tuple(sorted(expected - numbers)))


def _make_instalment(member: _Member, word: str) -> Instalment:
    post, mark = member.post, member.mark
    return Instalment(
        post_id=post.post_id,
        title=post.title,
        url=post.url,
        published_at=post.published_at,
        number=member.number,
        word=mark.word if mark else _name_first(word),
        of=mark.of if mark else None,
        decision=post.decision,
        printed_in=post.printed_in,
        waits_for=post.waits_for,
    )


def _name_first(word: str) -> str:
    """The name of the first part in a series that names another part *word*."""
    if word in _HALVES:
        return {"중": "상", "하": "상", "후": "전", "中": "前", "後": "前"}.get(word, word)
    return word
