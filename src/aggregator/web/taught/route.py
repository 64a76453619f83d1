"""The page of everything that the curator has taught the program, and where to change it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from aggregator.pipeline import publish, weights
from aggregator.storage import feeds, rules, taught
from aggregator.storage.candidates import list_candidates_by_id
from aggregator.web.guard import OfSession
from aggregator.web.site import OfSite
from aggregator.web.taught.view import TaughtFacts, build_taught
from aggregator.words.sections import name_sections

router = APIRouter()

# How many changes of weights and corrected posts are shown.
_HISTORY, _CORRECTED = 12, 8


@router.get("/taught")
def show_taught(site: OfSite, session: OfSession) -> Response:
    with site.app.reading() as connection:
        facts = TaughtFacts(
            rules=rules.list_rules(connection),
            overrides=weights.list_in_force(connection, site.app.settings),
            history=weights.list_history(connection, _HISTORY),
            decisions=taught.count_decisions(connection),
            reasons=taught.count_reasons(connection),
            read=taught.count_read(connection),
            corrections=taught.count_corrections(connection),
            corrected=list_candidates_by_id(connection, taught.list_corrected(connection, _CORRECTED)),
            pairs=taught.count_pairs(connection),
            states=feeds.list_feed_states(connection),
            feeds=dict(feeds.list_names(connection)),
        )
    view = build_taught(facts, name_sections(publish.get_texts(site.app)), site.app.zone)
    return site.page("taught/taught.html", view=view, token=session.token)
