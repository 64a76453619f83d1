"""The queue page: what it shows of a month, filters, the way through long lists, and what helps where it is empty."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from aggregator.app import App
from aggregator.pipeline import publish, search
from aggregator.shipped import SHIPPED
from aggregator.storage import candidates
from aggregator.types import Candidate, DigestState, Feed, Month
from world import (
    FEEDS,
    MONTH,
    SAMPLES,
    Curator,
    Sample,
    failed,
    fill,
    make_draft,
    make_many,
    make_update,
    save_states,
    store,
    text_of,
    visit_page,
)

ALL = [sample.path for sample in SAMPLES if sample.month == MONTH]
SHORTLIST = [sample.path for sample in SAMPLES if sample.shortlisted and sample.month == MONTH]


@pytest.fixture
def enter(make_app: Callable[..., App]) -> Callable[..., Curator]:
    def open_page(samples: Sequence[Sample] = SAMPLES, feeds: Sequence[Feed] = FEEDS) -> Curator:
        app = make_app(feeds)
        return visit_page(app, fill(app, samples) if samples else {}).log_in()

    return open_page


@pytest.fixture
def curator(enter: Callable[..., Curator]) -> Curator:
    return enter()


# --- what it shows ---


def test_the_front_door_leads_to_the_open_month(curator: Curator) -> None:
    answer = curator.client.get("/", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/queue/2022-12"


def test_the_queue_begins_with_the_undecided_shortlist_in_order_of_rank(curator: Curator) -> None:
    assert curator.list_shown("/queue/2022-12") == SHORTLIST

    curator.decide(SHORTLIST[1], "approve")

    assert curator.list_shown("/queue/2022-12") == [path for path in SHORTLIST if path != SHORTLIST[1]]


def test_a_pane_says_what_is_known_and_thought_of_its_post(curator: Curator) -> None:
    pane = text_of(curator.read_post("continuous-batching"))

    assert "Cutting Serving Cost by 60% with Continuous Batching" in pane
    assert "Northwind 14 Dec 2022 69 words English northwind.example/continuous-batching" in pane
    assert "haneul.example/실시간-추천" in text_of(curator.read_post("실시간-추천"))
    assert "Section: 2.4 Training, Inference and MLOps" in pane
    assert "The guess: 2.4 Training, Inference and MLOps 93%" in pane
    assert "Rank 1, on the shortlist" in pane
    assert "Open code +0.60 links github.com/northwind/scheduler" in pane
    assert "Use in practice +0.83 in part business with a probability of 83%" in pane
    assert "Score 3.15" in pane


def test_a_row_says_what_a_glance_needs(curator: Curator) -> None:
    page = curator.read("/queue/2022-12")

    # Its rank, its source and day, the guess and how sure it is, and its three strongest reasons.
    assert re.search(
        r"1 Mark: (Cutting .* Batching) \1 Northwind 14 Dec 2\.4 MLOps 93% "
        r"for topic fit for use in practice for open code 2 Mark:",
        text_of(page),
    )
    assert "When traffic tripled" not in page.split('id="pane"')[0]


def test_what_speaks_against_a_post_is_shown_with_a_real_minus(curator: Curator) -> None:
    hiring = text_of(curator.read_post("hiring"))

    assert "Out of scope −1.52 with a probability of 88%" in hiring
    assert "Likely out of scope 88%" in hiring
    assert "Source −0.20 weight in feeds.toml" in text_of(curator.read_post("feature-stores"))
    assert "for use in practice against − out of scope" in text_of(curator.read("/queue/2022-12?show=all"))


def test_a_long_text_is_read_whole_in_its_pane_and_not_in_the_list(enter: Callable[..., Curator]) -> None:
    curator = enter([replace(SAMPLES[0], text="word " * 2000)])

    assert curator.read("/queue/2022-12").count("word ") == curator.read_post(SAMPLES[0].path).count("word ") == 1999


def test_dates_are_those_of_the_curators_calendar_and_first_seen_is_said(curator: Curator) -> None:
    assert "Mina Halloran first seen 9 Dec 2022" in text_of(curator.read_post("injections"))


def test_a_hostile_title_is_shown_as_the_text_that_it_is(curator: Curator) -> None:
    opened = f"/queue/2022-12?show=all&open={curator.numbers['injections']}"
    for page in (curator.read("/queue/2022-12?show=all"), curator.read(opened), curator.read_post("injections")):
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "Notes on &lt;script&gt;alert(1)&lt;/script&gt; &amp; Other “Prompt” Injections" in page


def test_links_open_apart_and_tell_nothing(curator: Curator) -> None:
    pane = curator.read_post("continuous-batching")
    links = [link for link in re.findall(r"<a [^>]*>", pane) if 'href="https:' in link]

    assert len(links) == 2
    assert all('target="_blank" rel="noopener"' in link for link in links)
    assert all('href="https://northwind.example/continuous-batching"' in link for link in links)


def test_a_section_is_chosen_with_one_button(curator: Curator) -> None:
    pane = curator.read_post("실시간-추천")

    buttons = re.findall(r'<button name="section" value="([^"]+)"( aria-current="true")?', pane)
    assert [value for value, _ in buttons] == [str(section) for section in SHIPPED.sections]
    assert [value for value, is_chosen in buttons if is_chosen] == ["2.3"]
    assert pane.count("NLP: language models, agents, RAG") == 1

    number = curator.numbers["실시간-추천"]
    answer = curator.decide("실시간-추천", "section", section="2.2", next="/queue/2022-12?language=ko")

    # The post stays open; it is not decided yet.
    assert answer.headers["location"] == f"/queue/2022-12?language=ko&done={number}#post-{number}"
    moved = curator.get("실시간-추천")
    assert (moved.section, moved.verdict) == (SHIPPED.parse_section("2.2"), None)
    assert 'value="2.2" aria-current="true"' in curator.read_post("실시간-추천")
    assert curator.decide("실시간-추천", "section").status_code == 422


def test_a_post_without_a_guess_asks_for_a_section(curator: Curator) -> None:
    search.index_new(curator.app.database)

    path = "/queue/2022-12?show=all&q=nothing+was+thought"
    page = text_of(curator.read(path))

    assert curator.find_open(path) == "unjudged"
    assert "No section guessed yet" in page
    assert "Choose a section" in page


def test_a_post_of_an_earlier_digest_says_so(curator: Curator) -> None:
    curator.decide("색인-없이", "approve")
    publish.make_digest(curator.app, Month(2022, 11), DigestState.PRINTED)

    assert "Printed in 2022-11" in text_of(curator.read("/queue/2022-11?show=all"))


def test_progress_is_that_of_the_whole_month(curator: Curator) -> None:
    curator.decide("sparse-experts", "approve")
    curator.decide("hiring", "reject", reason="off topic")
    curator.decide("injections", "hold")

    page = text_of(curator.read("/queue/2022-12?language=ko"))

    assert "Review 1 of 5 decided Draft 1 line Prints 5 Jan, 09:00 when 0 are undecided, now 4" in page
    assert "NLP 1 /1" in page
    assert "in all 1 /5" in page


# --- what was done ---


def test_a_pane_says_what_was_done_to_its_post_last(curator: Curator) -> None:
    assert ">History" not in curator.read_post("hiring").split("<article")[1]
    number = curator.numbers["hiring"]
    curator.decide("hiring", "reject", reason="off topic")
    curator.send("/undo")
    curator.decide("hiring", "section", section="1.2")
    curator.send("/queue/2022-12/many?act=hold", post=f"{number}")

    past = text_of(curator.read_post("hiring").partition(">History")[2])

    on = "by curator, 31 Dec 2022"
    assert past.startswith(
        f"4 Held it {on} Changed the section of it {on} "
        f"Undid: Rejected it as off topic {on} Rejected it as off topic {on}, undone"
    )
    for section in ("2.1", "2.2", "2.3"):
        curator.decide("hiring", "section", section=section)
    assert text_of(curator.read_post("hiring").partition(">History")[2]).count("Changed the section") == 4


# --- the order ---

ORDERS = {
    "": ["continuous-batching", "실시간-추천", "tensor-parallelism"],
    "rank": ["continuous-batching", "실시간-추천", "tensor-parallelism"],
    "date": ["unjudged", "이미지-중복", "eta-transformer"],
    "section": ["sparse-experts", "injections", "이미지-중복"],
    "source": ["tensor-parallelism", "sparse-experts", "unjudged"],
    "unknown": ["continuous-batching", "실시간-추천", "tensor-parallelism"],
}


def test_the_queue_can_be_sorted(curator: Curator) -> None:
    assert {order: curator.list_shown(f"/queue/2022-12?show=all&order={order}")[:3] for order in ORDERS} == ORDERS


def test_the_order_is_kept_until_another_is_chosen(curator: Curator) -> None:
    page = curator.read("/queue/2022-12?show=all&order=date&language=en")

    menu = dict(re.findall(r'<li><a href="([^"]+)"[^>]*>By (\w+)</a>', page))
    assert {name: path.replace("&amp;", "&") for path, name in menu.items()} == {
        "rank": "/queue/2022-12?show=all&language=en",
        **{name: f"/queue/2022-12?show=all&language=en&order={name}" for name in ("date", "section", "source")},
    }
    assert '<a href="/queue/2022-12?show=undecided&amp;language=en&amp;order=date"' in page
    assert '<input type="hidden" name="order" value="date">' in page
    # A verdict opens the next post in this order.
    tensor, continuous = (curator.numbers[name] for name in ("tensor-parallelism", "continuous-batching"))
    answer = curator.decide("tensor-parallelism", "approve", next="/queue/2022-12?order=date")
    assert answer.headers["location"] == f"/queue/2022-12?order=date&done={tensor}&open={continuous}#post-{continuous}"


# --- the open post ---


# What is asked for, and the post that is then open, while one post is approved and one is held.
OPEN = {
    "": "실시간-추천",
    "show=all": "실시간-추천",
    "show=approved": "continuous-batching",
    "show=held": "tensor-parallelism",
    "show=rejected": None,
    "language=ko": "실시간-추천",
    "open=feature-stores": "feature-stores",
    # It is open even if the view does not list it.
    "show=approved&open=feature-stores": "feature-stores",
    "done=feature-stores": "feature-stores",
    "done=continuous-batching&open=feature-stores": "feature-stores",
    "open=999999": "실시간-추천",
    "open=x": "실시간-추천",
    # It is of another month.
    "open=색인-없이": "실시간-추천",
}


def test_one_post_is_open_beside_the_list(curator: Curator) -> None:
    curator.decide("continuous-batching", "approve")
    curator.decide("tensor-parallelism", "hold")

    for query, opened in OPEN.items():
        numbered = re.sub(r"=([\w-]+)", lambda found: f"={curator.numbers.get(found[1], found[1])}", query)
        assert (query, curator.find_open(f"/queue/2022-12?{numbered}")) == (query, opened)


def test_each_row_opens_its_own_post(curator: Curator) -> None:
    path = "/queue/2022-12?language=ko"
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'<h2[^>]*><a href="(/queue/[^"]*)"', curator.read(path))
    ]

    shown = curator.list_shown(path)
    assert [curator.find_open(link.partition("#")[0]) for link in links] == shown
    assert [link.partition("#")[2] for link in links] == [f"post-{curator.numbers[post]}" for post in shown]
    current = [re.findall(r'data-id="(\d+)"[^>]* aria-current="true"', curator.read(link)) for link in links]
    assert current == [[str(curator.numbers[post])] for post in shown]


def test_the_pane_alone_is_the_pane_of_the_page(curator: Curator) -> None:
    number, view = curator.numbers["feature-stores"], "/queue/2022-12?show=all"

    alone = curator.client.get(f"/posts/{number}/pane", params={"view": view}).text.strip()

    assert alone.startswith("<article")
    assert alone.endswith("</article>")
    assert alone in curator.read(f"{view}&open={number}")
    assert f'name="next" value="{view}"' in alone


def test_a_pane_for_no_view_of_its_month_goes_back_to_all_of_it(curator: Curator) -> None:
    number = curator.numbers["feature-stores"]
    for view in ("https://evil.example/", "//evil.example/", "/feeds", "/queue/2022-11", "x", ""):
        answer = curator.client.get(f"/posts/{number}/pane", params={"view": view})
        assert set(re.findall(r'name="next" value="([^"]*)"', answer.text)) == {"/queue/2022-12?show=all"}


def test_there_is_no_pane_of_an_unknown_post(curator: Curator) -> None:
    for number in ("999999", "x", "-1", "9" * 30):
        assert "There is no post" in curator.read(f"/posts/{number}/pane", status=404)


def test_a_pane_is_for_the_curator_alone(curator: Curator) -> None:
    assert visit_page(curator.app).client.get("/posts/1/pane").status_code == 401


# --- filters ---


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("show=all", ALL),
        ("show=undecided", ALL),
        ("show=approved", []),
        ("show=unsure", []),
        ("language=ko", ["실시간-추천", "eta-transformer"]),
        ("show=all&language=ko", ["실시간-추천", "eta-transformer", "이미지-중복"]),
        ("code=yes", ["continuous-batching", "tensor-parallelism", "sparse-experts"]),
        ("show=all&code=yes&language=ko", []),
        ("code=no", SHORTLIST),
        ("show=all&language=ko&source=haneul", ["실시간-추천", "이미지-중복"]),
        ("show=all&section=2.3", ["실시간-추천", "eta-transformer"]),
        ("show=all&section=2.3&source=dasan&q=트랜스포머", ["eta-transformer"]),
        ("show=all&q=open+SOURCE+tripled", ["continuous-batching", "tensor-parallelism", "sparse-experts",
                                            "feature-stores", "unjudged"]),
        ("show=all&q=tensor+amazon", ["tensor-parallelism"]),
        ("show=all&q=lumen", ["sparse-experts", "unjudged"]),
        ("show=all&section=9.9&source=&language=", ALL),
        ("show=everything", SHORTLIST),
        ("after=x&done=-1", SHORTLIST),
    ],
)  # fmt: skip
def test_filters_combine_and_what_cannot_be_read_is_left_out(curator: Curator, query: str, shown: list[str]) -> None:
    search.index_new(curator.app.database)

    assert curator.list_shown(f"/queue/2022-12?{query}") == shown


def test_a_decomposed_hangul_query_finds_composed_text(curator: Curator) -> None:
    decomposed = "장바구니"  # 장바구니, as macOS writes file names
    search.index_new(curator.app.database)

    assert curator.list_shown(f"/queue/2022-12?show=all&q={decomposed}") == ["실시간-추천"]


def test_the_filter_stays_in_links_and_forms(curator: Curator) -> None:
    page = curator.read("/queue/2022-12?show=all&language=ko&q=트랜스포머")

    query = "language=ko&amp;q=%ED%8A%B8%EB%9E%9C%EC%8A%A4%ED%8F%AC%EB%A8%B8"
    assert f'href="/queue/2022-12?show=undecided&amp;{query}"' in page
    assert f'href="/queue/2022-11?show=all&amp;{query}"' in page
    assert f'name="next" value="/queue/2022-12?show=all&amp;{query}"' in page
    assert '<input type="hidden" name="show" value="all">' in page
    assert '<option value="ko" selected>Korean (3)</option>' in page


def test_unsure_sections_say_so_and_stand_together(enter: Callable[..., Curator]) -> None:
    unsure = replace(SAMPLES[0], sure=0.4)
    out = replace(SAMPLES[1], sure=0.4, out_of_scope=0.9)
    curator = enter([unsure, out, SAMPLES[2]])

    assert curator.list_shown("/queue/2022-12?show=unsure") == [unsure.path]
    page = text_of(curator.read("/queue/2022-12?show=unsure"))
    assert "2.4 MLOps 40% or 1.4?" in page
    assert "2.4 Training, Inference and MLOps 40% unsure: or 1.4 Training, Inference and MLOps" in page

    curator.decide(unsure.path, "hold", section="2.2")
    assert curator.list_shown("/queue/2022-12?show=unsure") == []
    curator.decide(unsure.path, "undo")
    assert curator.list_shown("/queue/2022-12?show=unsure") == [unsure.path], "its section was undone with the verdict"
    curator.decide(unsure.path, "hold", section="2.2")
    assert "All guesses of sections are fairly sure" in curator.read("/queue/2022-12?show=unsure")


def test_unsure_posts_stand_in_the_order_in_which_answers_teach(enter: Callable[..., Curator]) -> None:
    alike = [
        Sample(
            f"Quokka burrow sensors hum, night {n}",
            "northwind",
            f"quokka-{n}",
            section=SHIPPED.parse_section("2.1"),
            sure=0.4,
        )
        for n in range(3)
    ]
    first = Sample(
        "Plain tea", "lumen", "tea", section=SHIPPED.parse_section("2.2"), sure=0.4, reasons=SAMPLES[0].reasons
    )
    curator = enter([first, *alike])
    curator.app.judge.rank([first.month])
    unsure = "/queue/2022-12?show=unsure"
    quokka, *rest = curator.list_shown(unsure)
    assert (quokka.startswith("quokka"), rest[0]) == (True, "tea")
    said = "A decision here teaches: 2 posts are similar"
    assert {post for post in curator.numbers if said in text_of(curator.read_post(post))} == {*curator.numbers} - {
        "tea"
    }

    # A post just decided stands where it stood.
    curator.decide("tea", "hold")
    assert curator.list_shown(f"{unsure}&done={curator.numbers['tea']}") == [quokka, *rest]
    curator.decide("tea", "undo")

    # Once the month is ranked again, it has no place; the page behind it begins with what teaches most.
    number = curator.numbers[quokka]
    curator.decide(quokka, "hold")
    curator.app.judge.rank_decided()
    assert curator.list_shown(f"{unsure}&after={number}") == curator.list_shown(unsure) != []


def test_tabs_count_under_the_filter(curator: Curator) -> None:
    page = text_of(curator.read("/queue/2022-12?language=ko"))

    assert "Shortlist 2 Undecided 3 All 3" in page


def test_a_hostile_query_is_escaped(curator: Curator) -> None:
    page = curator.read('/queue/2022-12?q="><script>alert(1)</script>&source="><u>')

    assert "<script>alert" not in page
    assert "<u>" not in page


# --- months ---


def test_months_are_linked_with_their_counts(curator: Curator) -> None:
    page = curator.read("/queue/2022-12")

    assert 'href="/queue/2022-11" rel="prev"' in page
    assert 'rel="next"' not in page
    assert "Nov 2022 <span>1</span>" in page
    assert 'href="/queue/2022-12" rel="next"' in curator.read("/queue/2022-11")


def test_a_month_without_posts_leads_to_those_that_have_some(curator: Curator) -> None:
    page = text_of(curator.read("/queue/2023-05"))

    assert "No posts in May 2023" in page
    assert "Dec 2022 (10)" in page


@pytest.mark.parametrize("month", ["2022-13", "latest", "2022-12-01", "%00"])
def test_what_is_no_month_is_not_found(curator: Curator, month: str) -> None:
    assert "write it as 2022-12" in text_of(curator.read(f"/queue/{month}", status=404)) or month == "2022-13"


def test_the_first_and_the_last_month_there_is_can_be_shown(curator: Curator) -> None:
    curator.read("/queue/0001-01")
    curator.read("/queue/9999-12")


# --- long lists ---


def test_a_long_month_comes_in_pages_of_fifty(enter: Callable[..., Curator]) -> None:
    curator = enter(make_many(120))

    first = curator.read("/queue/2022-12?show=all")
    further = re.search(r'href="([^"]*)" rel="next"', first)

    assert "1 to 50 of 120" in text_of(first)
    assert further
    second = further[1].replace("&amp;", "&")
    assert curator.list_shown(second) == [f"post-{n}" for n in range(51, 101)]
    assert "51 to 100 of 120" in text_of(curator.read(second))
    assert 'href="/queue/2022-12?show=all" rel="prev"' in curator.read(second)


def test_deciding_on_the_first_page_moves_nothing_past_the_reader(enter: Callable[..., Curator]) -> None:
    curator = enter(make_many(120))
    further = re.search(r'href="([^"]*)" rel="next"', curator.read("/queue/2022-12?show=undecided"))
    assert further

    for n in range(1, 21):
        curator.decide(f"post-{n}", "reject", reason="off topic")

    assert curator.list_shown(further[1].replace("&amp;", "&"))[0] == "post-51"


def test_a_post_just_decided_stays_in_sight_at_its_place(enter: Callable[..., Curator]) -> None:
    curator = enter(make_many(120))
    curator.decide("post-110", "approve")
    number = curator.numbers["post-110"]

    shown = curator.list_shown(f"/queue/2022-12?show=undecided&done={number}")

    assert shown == [f"post-{n}" for n in range(101, 121)]
    assert "post-110" not in curator.list_shown("/queue/2022-12?show=undecided")


# --- nothing to show ---


def test_a_new_installation_says_what_to_do(enter: Callable[..., Curator]) -> None:
    page = text_of(enter([]).read("/queue/2022-12"))

    assert "No posts yet" in page
    assert "6 feeds not visited yet" in page
    assert "make demo" in page


def test_when_all_visits_failed_the_network_is_named(enter: Callable[..., Curator]) -> None:
    curator = enter([])
    save_states(curator.app, [failed(feed, "no route to host") for feed in FEEDS])

    page = curator.read("/queue/2022-12")

    assert "All visits failed so far (6 feeds)" in text_of(page)
    assert 'href="/feeds"' in page
    assert "make demo" in page


def test_without_feeds_the_page_says_so(enter: Callable[..., Curator]) -> None:
    assert "No feeds are followed" in text_of(enter([], feeds=[]).read("/queue/2022-12"))


def test_a_decided_shortlist_leads_on(enter: Callable[..., Curator]) -> None:
    curator = enter()
    for path in SHORTLIST:
        curator.decide(path, "approve")

    page = curator.read("/queue/2022-12")

    assert "The shortlist is decided" in page
    assert 'href="/queue/2022-12?show=undecided"' in page
    assert 'href="/digest/2022-12"' in page


def test_a_month_without_a_shortlist_leads_to_the_undecided(enter: Callable[..., Curator]) -> None:
    curator = enter([replace(sample, shortlisted=False) for sample in SAMPLES])

    page = text_of(curator.read("/queue/2022-12"))

    assert "Nothing to propose" in page
    assert "Look at all 10 undecided" in page
    assert "There is no model yet" in page


def test_a_month_that_was_never_ranked_is_ranked_when_asked(enter: Callable[..., Curator]) -> None:
    curator = enter([])
    drafts = [make_draft(number, month=Month(2019, 5)) for number in (1, 2)]
    store(curator.app.database, make_update(*drafts))
    page = curator.read("/queue/2019-05")
    assert "The posts of May 2019 are not ranked yet." in text_of(page)
    assert '<form method="post" action="/queue/2019-05/rank">' in page

    answer = curator.send("/queue/2019-05/rank")

    assert (answer.status_code, answer.headers["location"]) == (303, "/queue/2019-05")
    page = text_of(curator.read("/queue/2019-05"))
    assert "not ranked yet" not in page
    assert "Review 0 of 2 decided" in page
    ranks = [one.score and one.score.rank for one in _list(curator.app, Month(2019, 5))]
    assert ranks == [1, 2]
    assert curator.send("/queue/2019-13/rank").status_code == 404
    assert curator.client.post("/queue/2019-05/rank").status_code == 403


def _list(app: App, month: Month) -> list[Candidate]:
    with app.reading() as connection:
        return candidates.list_candidates(connection, month)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=nobody+wrote+this", "Nothing matches this filter"),
        ("show=held", "Nothing is held in Dec 2022"),
        ("source=no-such-feed", "Nothing matches this filter"),
    ],
)
def test_an_empty_filter_says_why(curator: Curator, query: str, said: str) -> None:
    assert said in text_of(curator.read(f"/queue/2022-12?{query}"))


def test_a_fully_decided_month_leads_to_the_digest(enter: Callable[..., Curator]) -> None:
    curator = enter([replace(SAMPLES[0], section=SHIPPED.parse_section("2.4"))])
    curator.decide(SAMPLES[0].path, "approve")

    page = curator.read("/queue/2022-12?show=undecided")

    assert "Everything is decided" in page
    assert 'href="/digest/2022-12"' in page
