"""The page Head and headings: the fixed texts of the next prints, with a preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from aggregator import words
from aggregator.digest.github import show_as_github
from aggregator.digest.notes import join_note
from aggregator.digest.texts import HEAD, render_outline
from aggregator.exceptions import DigestError
from aggregator.locales import mark, t
from aggregator.pipeline import months, publish, texts
from aggregator.pipeline.sessions import OwnSession
from aggregator.types import Digest, Line, Month, Texts
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.site import OfSite, OfTyped, Site
from aggregator.web.texts.view import build_fields

router = APIRouter(prefix="/texts", dependencies=[Depends(require_session)])

_SAID = {
    "save": mark("Saved. The next print has these texts; what is printed stays as it is."),
    "same": mark("Nothing changed."),
    "reset": mark("The head and the headings are those of feeds.toml again."),
}


@router.get("")
def show_texts(site: OfSite, session: OfSession, done: str = "") -> Response:
    return _show(site, session, {}, said=t(_SAID.get(done, "")))


@router.post("/preview", dependencies=[OwnForm])
def preview_texts(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    """Show the page with the typed texts, or what is wrong with one; nothing is stored."""
    return _show(site, session, _choose(typed))


@router.post("", dependencies=[OwnForm])
def save_texts(site: OfSite, session: OfSession, typed: OfTyped) -> Response:
    chosen = _choose(typed)
    try:
        made = texts.set_texts(site.app, chosen)
    except DigestError:
        return _show(site, session, chosen, status=422)
    return RedirectResponse(f"/texts?done={'save' if made else 'same'}", 303)


@router.post("/reset", dependencies=[OwnForm])
def reset_texts(site: OfSite) -> Response:
    texts.reset_texts(site.app)
    return RedirectResponse("/texts?done=reset", 303)


def _choose(typed: Mapping[str, str]) -> dict[str, str]:
    # A browser sends CR LF.
    return {name: text.replace("\r\n", "\n") for name, text in typed.items() if name.startswith("digest.")}


def _show(site: Site, session: OwnSession, typed: Mapping[str, str], *, said: str = "", status: int = 200) -> Response:
    mistakes = {}
    with site.app.reading() as connection:
        try:
            planned = texts.plan_texts(site.app, connection, typed)
        except DigestError as error:
            mistakes = {error.field: words.sentence(str(error))}
            planned = texts.find_texts(site.app, connection)
    found = texts.list_fixed_texts(site.app)
    return site.page(
        "texts/texts.html",
        head=HEAD,
        fields=build_fields(found, typed, mistakes),
        is_changed=any(one.is_changed for one in found),
        shown=show_as_github(render_outline(_compose(site, planned))),
        said=said,
        token=session.token,
        status=status,
    )


def _compose(site: Site, planned: Texts) -> Digest:
    """Compose the open month with these texts; with a line that is invented if it has none that can be printed."""
    month = months.find_open_month(site.app)
    with site.app.reading() as connection:
        try:
            digest = publish.compose_approved(connection, month, planned)[0]
        except DigestError:
            digest = Digest(planned)
    return digest if digest.lines else replace(digest, lines=(_invent(planned, month),))


def _invent(planned: Texts, month: Month) -> Line:
    note = join_note("\n".join([t("What the note says."), t("Its second line.")]), planned.style.note)
    section, title, organisation = planned.taxonomy.sections[0], t("A title"), t("Its organisation")
    return Line(section, title, "https://example.org/", month, organisation, note, label=planned.style.label)
