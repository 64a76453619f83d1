"""A cluster: its workers, its scheduler, and how it is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from aggregator.cli.base import Json, out, print_json, set_up_logs
from aggregator.cli.options import LogFormat, get_options
from aggregator.locales import t

app = typer.Typer(
    name="cluster",
    no_args_is_help=True,
    help="Run workers and a scheduler for a home that out-grows one machine, and show them.",
)

Scheduler = Annotated[str, typer.Argument(help="The address of the scheduler, such as tcp://10.1.0.7:8786.")]
Certificates = Annotated[
    Path | None,
    typer.Option(
        envvar="AGGREGATOR_CLUSTER_CERTIFICATES",
        exists=True,
        file_okay=False,
        help="A folder with ca.pem, certificate.pem and key.pem: connections are encrypted, and others refused.",
    ),
]


@app.command("worker")
def worker(
    context: typer.Context,
    scheduler: Scheduler,
    processes: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="How many documents are read at once; by default a processor each."),
    ] = None,
    connections: Annotated[int, typer.Option(min=1, max=256, help="How many documents are retrieved at once.")] = 16,
    host: Annotated[
        str | None, typer.Option(help="Where it listens; by default where it reaches the scheduler.")
    ] = None,
    certificates: Certificates = None,
) -> None:
    """Do units of work for the daemon, until the program is ended."""
    from aggregator.cluster.serving import serve_worker

    _log(context)
    processes = processes or os.cpu_count() or 1
    asyncio.run(
        serve_worker(scheduler, processes=processes, connections=connections, certificates=certificates, host=host)
    )


@app.command("scheduler")
def scheduler(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Where it listens. Who reaches it can run programs on all workers and on the daemon.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 takes any free one.")] = 8786,
    certificates: Certificates = None,
) -> None:
    """Hand units of work of the daemon to workers, until the program is ended."""
    from aggregator.cluster.serving import serve_scheduler

    _log(context)
    asyncio.run(serve_scheduler(host, port, certificates=certificates))


@app.command("status")
def status(context: typer.Context, as_json: Json = False) -> None:
    """Show the workers of the cluster that is set, and which of them run another version."""
    from aggregator.cluster.link import look
    from aggregator.exceptions import ConfigError

    settings = get_options(context).load().settings
    if not settings.cluster or settings.cluster.startswith("local:"):
        raise ConfigError(t("names no scheduler"), file=t("the settings"), key="cluster")
    folder = settings.cluster_certificates
    state = asyncio.run(look(settings.cluster, Path(folder) if folder else None))
    if as_json:
        print_json({"scheduler": state.scheduler, "workers": state.workers, "others": state.others})
        return
    table = Table(t("worker"), t("reads at once"), t("retrieves at once"), t("note"))
    for address, offered in sorted(state.workers.items()):
        table.add_row(address, *(str(number) for number in offered.values()), "")
    for address, program in sorted(state.others.items()):
        table.add_row(address, "", "", t("is not used: it runs {program}", program=program))
    out.print(table if table.rows else t("The scheduler answers, and has no worker yet."))


def _log(context: typer.Context) -> None:
    set_up_logs(get_options(context).log_format or LogFormat.TEXT, verbose=True)
