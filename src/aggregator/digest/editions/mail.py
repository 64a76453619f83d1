"""A digest as a mail: HTML that mail programs show, its text, and both as a message that is ready to be sent.

Mail programs drop style sheets, so each tag has its own style. One table centres the column in Outlook, which knows no
other way. Colours are left to the program, so that its dark mode works.
"""

from __future__ import annotations

from email.message import EmailMessage
from html import escape

from aggregator.digest.editions.issue import Issue, strip_head
from aggregator.digest.editions.outline import OutlinedLine, write_lines
from aggregator.digest.editions.page import write_footer, write_header
from aggregator.digest.render import render_label

_FONT = "font-family:-apple-system,'Segoe UI','Apple SD Gothic Neo','Malgun Gothic',sans-serif"
_STYLES = {
    "h2": "margin:32px 0 0;font-size:20px;line-height:1.4",
    "h3": "margin:20px 0 8px;font-size:16px;line-height:1.4",
    "ul": "margin:0;padding-left:20px",
    "li": "margin:8px 0;word-break:keep-all;overflow-wrap:anywhere",
}
_OPENING = (
    '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">'
    '<table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0"'
    ' style="width:100%;max-width:640px">'
    f'<tr><td align="left" style="padding:16px;{_FONT};font-size:16px;line-height:1.6">\n'
)
_CLOSING = "</td></tr></table></td></tr></table>\n"


def write_mail(issue: Issue) -> str:
    """Write the HTML of the mail."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(issue.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(issue.title)}</title>\n</head>\n<body>\n{_OPENING}"
        f"{write_header(issue)}{write_lines(issue.sections_sent, issue.language, 2, _STYLES)}"
        f"{_write_left_out(issue)}{write_footer(issue)}{_CLOSING}"
        "</body>\n</html>\n"
    )


def write_text(issue: Issue) -> str:
    """Write the digest as plain text; notes stay in Markdown, which shows their links."""
    blocks = [issue.name] if issue.name == issue.title else [f"{issue.name}\n{issue.title}"]
    blocks += filter(None, [strip_head(issue.digest.texts.head)])
    for section in issue.sections_sent:
        blocks += [f"{heading}\n{'=' * 40}" for heading in [section.part] if heading]
        blocks += filter(None, [section.heading])
        blocks += map(_write_line, section.lines)
    blocks += filter(None, [issue.left_out, issue.chosen])
    if issue.url:
        blocks.append(f"-- \n{issue.url}")
    return "\n\n".join(blocks) + "\n"


def write_message(issue: Issue) -> str:
    """Write the whole mail, without sender and receivers: for ``mutt -H``, and as a draft in other programs."""
    message = EmailMessage()
    message["Subject"] = issue.title if issue.name == issue.title else f"{issue.name}: {issue.title}"
    # Outlook opens it for writing.
    message["X-Unsent"] = "1"
    message.set_content(write_text(issue))
    message.add_alternative(write_mail(issue), subtype="html")
    # Else it would be another one each time.
    message.set_boundary(f"=_digest_{issue.month}")
    return message.as_string()


def _write_left_out(issue: Issue) -> str:
    return f"<p><small>{escape(issue.left_out)}</small></p>\n" if issue.left_out else ""


def _write_line(outlined: OutlinedLine) -> str:
    line = outlined.line
    note = line.note.removeprefix(": ").strip("\n")
    star = f"{line.star} " if line.star else ""
    said = f"* {star}{outlined.title}{render_label(line, outlined.organisation)}"
    return "\n".join([said, f"  {line.url}", *(f"  {each}".rstrip() for each in note.split("\n") if note)])
