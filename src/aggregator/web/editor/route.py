"""The editor of the line of a post: a page, and the same form under a card."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, Response

from aggregator import words
from aggregator.digest.hints.propose import add_hint
from aggregator.digest.notes import write_picture
from aggregator.digest.pictures import MEDIA_TYPES
from aggregator.exceptions import DigestError, MeanwhileError, ReviewError
from aggregator.locales import t
from aggregator.pipeline import contents, hints, lines, mending, publish, titles
from aggregator.pipeline.lines import read_fields
from aggregator.pipeline.pictures import MOST_BYTES, keep_picture, read_picture
from aggregator.storage.candidates import get_candidate
from aggregator.types import Candidate, Decision, Hint
from aggregator.web.editor.drafting import Drafting, begin, go_on
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
# A picture that is a little too large is still read, so that the form with what is typed comes back.
uploads = APIRouter(dependencies=[Depends(require_session)], max_body_size=4 * MOST_BYTES)


async def read_line(request: Request) -> dict[str, str]:
    """Read what was typed into the fields of a line; an empty field is a change too."""
    return read_fields(await request.form())


OfLine = Annotated[dict[str, str], Depends(read_line)]


def read_taken(
    typed: OfLine,
    take: Annotated[str, Form()] = "",
    take_organisation: Annotated[str, Form(alias="take-organisation")] = "",
    take_month: Annotated[str, Form(alias="take-month")] = "",
    hint: Annotated[str, Form()] = "",
) -> dict[str, str]:
    """Read what the pressed button proposes, by field; a *hint* goes behind the note."""
    note = add_hint(typed.get("note", ""), hint) if hint else ""
    taken = {"title": take, "organisation": take_organisation, "month": take_month, "note": note}
    return {name: value for name, value in taken.items() if value}


OfTaken = Annotated[dict[str, str], Depends(read_taken)]


@router.get("/posts/{post}/edit")
def show_editor(request: Request, site: OfSite, session: OfSession, post: str, next: str = "") -> Response:
    """Show the page; the script asks for the form alone (``?panel``)."""
    candidate, back = _get(site, read_post_id(post)), find_local_path(next)
    view = _build(site, candidate, back)
    if "panel" in request.query_params:
        offered = hints.propose(site.app, candidate)
        return HTMLResponse(_render(site, view, session.token, back, offered, begin(site.app.drafter)))
    return _show(site, view, candidate, session.token, back)


@router.post("/posts/{post}/line", dependencies=[OwnForm])
def preview_line(form: OfForm, post: str, typed: OfLine) -> Response:
    """Answer with the line as it would be printed, and with the form that shows it; nothing is stored."""
    view = _build(form.site, _get(form.site, read_post_id(post)), form.back, typed=typed, seen=form.seen)
    said = {"line": view.source, "html": view.html, "faults": view.faults}
    return JSONResponse(said | {"editor": _render(form.site, view, form.session.token, form.back)})


@router.post("/posts/{post}/draft", dependencies=[OwnForm])
async def draft_note(
    form: OfForm, post: str, typed: OfLine, draft: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """Show what would be sent for a draft of the note, or send it and show the draft, whose text is not stored.

    *draft* is the mark of what was shown before; see ``drafting.go_on``.
    """
    site, post_id = form.site, read_post_id(post)
    drafting = await go_on(site.app.drafter, post_id, draft)

    def show() -> Response:
        candidate = _get(site, post_id)
        view = _build(site, candidate, form.back, typed=typed, seen=form.seen)
        if form.is_scripted:
            return JSONResponse({"drafting": site.render("editor/_drafting.html", view=view, drafting=drafting)})
        return _show(site, view, candidate, form.session.token, form.back, drafting=drafting)

    return await to_thread(show)


@router.post("/posts/{post}/edit", dependencies=[OwnForm])
def save_line(
    form: OfForm,
    post: str,
    typed: OfLine,
    taken: OfTaken,
    then: Annotated[str, Form()] = "",
    editor: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Store what differs, with an approval if *then* says so; or only put what is *taken* into its field.

    *editor* is the one that the form was opened in.
    """
    site, app, post_id = form.site, form.site.app, read_post_id(post)
    before = _get(site, post_id)
    if taken:
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


@uploads.post("/posts/{post}/picture", dependencies=[OwnForm])
def add_picture(
    form: OfForm,
    post: str,
    typed: OfLine,
    alt: Annotated[str, Form(max_length=500)] = "",
    picture: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep a picture and put it behind the note; nothing of the line is stored. The script puts it there itself."""
    post_id = read_post_id(post)
    candidate = _get(form.site, post_id)
    try:
        name = keep_picture(form.site.app, picture.file.read(MOST_BYTES + 1) if picture else b"")
    except DigestError as error:
        return _refuse(form, post_id, typed, 422, words.sentence(str(error)))
    markdown = write_picture(name, alt)
    if form.is_scripted:
        return JSONResponse({"markdown": markdown})
    typed = typed | {"note": add_hint(typed.get("note", ""), markdown)}
    view = _build(form.site, candidate, form.back, typed=typed, seen=form.seen)
    return _show(form.site, view, candidate, form.session.token, form.back)


@router.get("/pictures/{name}")
def show_picture(site: OfSite, name: str) -> Response:
    """Answer with a picture of a note. Its name comes from its content, so that it never changes."""
    content = read_picture(site.app, name)
    return Response(
        content, media_type=MEDIA_TYPES[Path(name).suffix[1:]], headers={"Cache-Control": "private, max-age=86400"}
    )


def _refuse(form: SentForm, post_id: int, typed: Mapping[str, str], status: int, alert: str) -> Response:
    """Show the form again with what was typed, and say why nothing was stored."""
    candidate = _get(form.site, post_id)
    view = _build(form.site, candidate, form.back, typed=typed, seen=form.seen, alert=alert, is_late=status == 409)
    if form.is_scripted:
        markup = _render(form.site, view, form.session.token, form.back)
        return JSONResponse({"error": alert, "editor": markup}, status)
    return _show(form.site, view, candidate, form.session.token, form.back, status=status)


def _get(site: Site, post_id: int) -> Candidate:
    contents.read_posts(site.app.database, [post_id])
    with site.app.reading() as connection:
        return get_candidate(connection, post_id)


def _build(site: Site, candidate: Candidate, back: str | None, **values: Any) -> Editor:
    post = candidate.post
    is_elsewhere = back and not find_filter(back, site.app.taxonomy)
    path = back if is_elsewhere else choose_filter(site, back, post.month).path_to(post.id)
    values |= {
        "proposal": titles.propose(site.app, candidate),
        "style": publish.get_texts(site.app).style,
        "find_mistakes": lambda line: mending.find_mistakes(site.app, line, post.month),
    }
    return build_editor(candidate, site.app.taxonomy, site.app.now, path or "", **values)


def _render(
    site: Site,
    view: Editor,
    token: str,
    back: str | None,
    offered: Sequence[Hint] = (),
    drafting: Drafting | None = None,
) -> str:
    return site.render("editor/_form.html", **_list_values(site, view, token, back, offered, drafting))


def _show(
    site: Site,
    view: Editor,
    candidate: Candidate,
    token: str,
    back: str | None,
    *,
    status: int = 200,
    drafting: Drafting | None = None,
) -> Response:
    offered = hints.propose(site.app, candidate)
    values = _list_values(site, view, token, back, offered, drafting or begin(site.app.drafter))
    return site.page("editor/editor.html", month=candidate.post.month, status=status, **values)


def _list_values(
    site: Site, view: Editor, token: str, back: str | None, offered: Sequence[Hint], drafting: Drafting | None
) -> dict[str, Any]:
    # A form keeps what it was opened with: the script does not replace it.
    opened = {"editor": token_hex(8)}
    return opened | {
        "view": view,
        # What is typed does not change them: the script keeps those of the opened form.
        "hints": [(hint, say_hint(hint)) for hint in offered],
        "drafting": drafting,
        "names": name_sections(publish.get_texts(site.app)),
        "token": token,
        "back": back or "",
    }
