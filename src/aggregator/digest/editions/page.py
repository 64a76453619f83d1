"""A digest as a page of its own: light and dark, without scripts and without anything from elsewhere."""

from __future__ import annotations

from html import escape

from aggregator.digest.editions.issue import Issue, strip_head
from aggregator.digest.editions.outline import write_lines
from aggregator.digest.markdown import show_head
from aggregator.text.html import text_of
from aggregator.text.language import find_language

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; font: 1rem/1.6 system-ui, sans-serif;
  background: Canvas; color: CanvasText; overflow-wrap: anywhere; word-break: keep-all; }
h1 { font-size: 1.75rem; line-height: 1.3; }
h2 { margin: 2.5rem 0 0; padding-bottom: .25rem; border-bottom: 1px solid; font-size: 1.25rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; }
ul { padding-left: 1.25rem; }
li { margin: .5rem 0; }
pre { overflow-x: auto; }
:target { outline: 2px solid; outline-offset: .25rem; }
@media print { a { color: inherit; } h2, h3 { break-after: avoid; } }
"""
# A reader's browser holds the page to it. Pictures of notes lie beside it, on a site or in a folder.
_POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def write_page(issue: Issue) -> str:
    """Write the page."""
    title = issue.name if issue.name == issue.title else f"{issue.name} · {issue.title}"
    canonical = f'<link rel="canonical" href="{escape(issue.url)}">\n' if issue.url else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(issue.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f'<meta name="author" content="{escape(issue.curator)}">\n{canonical}'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"{write_header(issue)}<main>\n{write_lines(issue.sections, issue.language, 2, {})}</main>\n"
        f"{write_footer(issue)}</body>\n</html>\n"
    )


def write_header(issue: Issue) -> str:
    """Write what stands above the lines: the name of the digest, its month, and what its head says."""
    month = "" if issue.name == issue.title else f"<p>{escape(issue.title)}</p>\n"
    intro = _write_markdown("div", strip_head(issue.digest.texts.head), issue.language)
    name = f"<h1{_say_language(issue.name, issue.language)}>{escape(issue.name)}</h1>"
    return f"<header>\n{name}\n{month}{intro}</header>\n"


def write_footer(issue: Issue) -> str:
    """Write what stands below the lines: how they were chosen, if the digest says so."""
    return _write_markdown("footer", issue.chosen, issue.language)


def _write_markdown(tag: str, markdown: str, around: str) -> str:
    written = show_head(markdown).strip()
    return f"<{tag}{_say_language(text_of(written), around)}>\n{written}\n</{tag}>\n" if written else ""


def _say_language(text: str, around: str) -> str:
    said = find_language(text, around)
    return "" if said == around else f' lang="{escape(said)}"'
