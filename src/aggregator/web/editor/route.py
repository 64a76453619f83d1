"""The editor of the line of a post: a page, and the same form under a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from aggregator import words
from aggregator.digest.hints.propose import add_hint
from aggregator.exceptions import DigestError, MeanwhileError, ReviewError
from aggregator.locales import t
from aggregator.pipeline import hints, lines, mending, publish, titles
from aggregator.pipeline.lines import read_fields
from aggregator.storage.candidates import get_candidate
from aggregator.types import Candidate, Decision, Hint
from aggregator.web.editor.view import Editor, build_editor
from aggregator.web.guard import OfSession, OwnForm, require_session
from aggregator.web.paths import find_local_path
from aggregator.web.queue.answers import answer, choose_filter
from aggregator.web.queue.filter import find_filter
from aggregator.web.queue.form import OfForm, SentForm
from aggregator.web.site import OfSite, Site, read_post_id
from aggregator.words.hints import say_hint
from aggregator.words.sections import name_sections

router = APIRouter(dependencies=[Depends(require_session)])


async def read_line(request: Request) -> dict[str, str]:
    """Read what was typed into the fields of a line; an empty field is a change too."""
    return read_fields(await request.form())


OfLine = Annotated[dict[str, str], Depends(read_line)]


@router.get("/posts/{post}/edit")
def show_editor(request: Request, site: OfSite, session: OfSession, post: str, next: str = "") -> Response:
    """Show the page; the script asks for the form alone (``?panel``)."""
    candidate, back = _get(site, read_post_id(post)), find_local_path(next)
    view = _build(site, candidate, back)
    if "panel" in request.query_params:
        return HTMLResponse(_render(site, view, session.token, back, hints.propose(site.app, candidate)))
    return _show(site, view, candidate, session.token, back)


@router.post("/posts/{post}/line", dependencies=[OwnForm])
def preview_line(form: OfForm, post: str, typed: OfLine) -> Response:
    """Answer with the line as it would be printed, and with the form that shows it; nothing is stored."""
    view = _build(form.site, _get(form.site, read_post_id(post)), form.back, typed=typed, seen=form.seen)
    said = {"line": view.source, "html": view.html, "faults": view.faults}
    return JSONResponse(said | {"editor": _render(form.site, view, form.session.token, form.back)})


@router.post("/posts/{post}/edit", dependencies=[OwnForm])
def save_line(
    form: OfForm,
    post: str,
    typed: OfLine,
    then: Annotated[str, Form()] = "",
    take: Annotated[str, Form()] = "",
    hint: Annotated[str, Form()] = "",
    editor: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Store what differs, with an approval if *then* says so; or only put the title to *take* into its field, or
    a *hint* behind the note.

    *editor* is the one that the form was opened in.
    """
    site, app, post_id = form.site, form.site.app, read_post_id(post)
    before = _get(site, post_id)
    if take or hint:
        taken = {"title": take} if take else {"note": add_hint(typed.get("note", ""), hint)}
        view = _build(site, before, form.back, typed=typed | taken, seen=form.seen)
        return _show(site, view, before, form.session.token, form.back)
    try:
        decision = Decision.APPROVE if then == "approve" else None
        after = lines.save_line(app, post_id, typed, decision, seen=form.seen, editor=editor)
    except DigestError:
        return _refuse(form, post_id, typed, 422, t("Nothing was stored: the line cannot be printed like this."))
    except MeanwhileError as error:
        return _refuse(form, post_id, typed, 409, words.sentence(str(error)))
    except ReviewError as error:
        return _refuse(form, post_id, typed, 422, words.sentence(str(error)))
    is_new = before.verdict != after.verdict
    moment = f"{app.now.astimezone(app.zone):%H:%M:%S}"
    message = t("Approved: {title}", title=after.post.title) if is_new else t("Saved {moment}", moment=moment)
    view = _build(site, after, form.back)
    return answer(form, after, message, is_new=is_new, editor=_render(site, view, form.session.token, form.back))


def _refuse(form: SentForm, post_id: int, typed: Mapping[str, str], status: int, alert: str) -> Response:
    """Show the form again with what was typed, and say why nothing was stored."""
    candidate = _get(form.site, post_id)
    view = _build(form.site, candidate, form.back, typed=typed, seen=form.seen, alert=alert, is_late=status == 409)
    if form.is_scripted:
        markup = _render(form.site, view, form.session.token, form.back)
        return JSONResponse({"error": alert, "editor": markup}, status)
    return _show(form.site, view, candidate, form.session.token, form.back, status=status)


def _get(site: Site, post_id: int) -> Candidate:
    with site.app.reading() as connection:
        return get_candidate(connection, post_id)


def _build(site: Site, candidate: Candidate, back: str | None, **values: Any) -> Editor:
    post = candidate.post
    is_elsewhere = back and not find_filter(back, site.app.taxonomy)
    path = back if is_elsewhere else choose_filter(site, back, post.month).path_to(post.id)
    proposal = titles.propose(site.app, candidate)
    values |= {"proposal": proposal, "find_mistakes": lambda line: mending.find_mistakes(site.app, line, post.month)}
    return build_editor(candidate, site.app.taxonomy, site.app.now, path or "", **values)


def _render(site: Site, view: Editor, token: str, back: str | None, offered: Sequence[Hint] = ()) -> str:
    return site.render("editor/_form.html", **_list_values(site, view, token, back, offered))


def _show(
    site: Site, view: Editor, candidate: Candidate, token: str, back: str | None, *, status: int = 200
) -> Response:
    values = _list_values(site, view, token, back, hints.propose(site.app, candidate))
    return site.page("editor/editor.html", month=candidate.post.month, status=status, **values)


def _list_values(site: Site, view: Editor, token: str, back: str | None, offered: Sequence[Hint]) -> dict[str, Any]:
    # A form keeps what it was opened with: the script does not replace it.
    opened = {"editor": token_hex(8)}
    return opened | {
        "view": view,
        # What is typed does not change them: the script keeps those of the opened form.
        "hints": [(hint, say_hint(hint)) for hint in offered],
        "names": name_sections(publish.get_texts(site.app)),
        "token": token,
        "back": back or "",
    }
