"""``aggregator notices``: where the curator is told what should not wait, and a test of it."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, out, print_json
from aggregator.cli.options import get_options
from aggregator.locales import t

app = typer.Typer()


@app.command()
def notices(
    context: typer.Context,
    test: Annotated[bool, typer.Option("--test", help="Send a test to each, and say what came of it.")] = False,
    as_json: Json = False,
) -> None:
    """Show where notices are sent, of what and when; the URLs stay secret."""
    import threading

    from aggregator.pipeline.notices import send_test
    from aggregator.types import NoticeKind
    from aggregator.words.notices import say_kinds, say_outcome, say_service

    config = get_options(context).load()
    settings, urls = config.settings.notices, config.notice_urls
    outcomes = send_test(config.settings, urls, threading.Event()) if test else {}
    if as_json:
        places = [{"variable": name, "service": say_service(url)} for name, url in urls.items()]
        for place in places if test else ():
            place["failure"] = outcomes[place["variable"]]
        print_json(
            {
                "urls": places,
                "kinds": list(settings.kinds or NoticeKind),
                "quiet_hours": settings.quiet_hours,
                "feed_days": settings.feed_days,
            }
        )
    elif not urls:
        out.print(t("Notices are not sent; notices.urls of feeds.toml is empty."))
    else:
        table = Table(t("variable"), t("service"), *([t("test")] if test else []))
        for name, url in urls.items():
            table.add_row(name, say_service(url), *([say_outcome(outcomes[name])] if test else []))
        out.print(table)
        for line in say_kinds(settings):
            out.print(line)
    if any(outcomes.values()):
        raise typer.Exit(1)
