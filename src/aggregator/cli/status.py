"""``aggregator status``: how a home is, on one screen."""

from __future__ import annotations

import typer
from rich.table import Table

from aggregator.cli.base import Json, looking, out, print_json
from aggregator.locales import t

app = typer.Typer()


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Show how the daemon, its cluster, the feeds, the open months, the model and the disk are."""
    from aggregator.lock import find_serving
    from aggregator.pipeline.cluster_note import find_note
    from aggregator.pipeline.state import look_at_state
    from aggregator.shapes.state import StateShape
    from aggregator.words.state import list_lines, say_cluster

    with looking(context) as aggregator:
        state, zone = look_at_state(aggregator), aggregator.zone
        serving, cluster = find_serving(aggregator.folder), aggregator.settings.cluster
        note = find_note(aggregator, serving.process) if cluster and serving else None
    if as_json:
        print_json(StateShape.of(state, serving, cluster, note))
        return
    table = Table.grid(padding=(0, 2))
    table.add_row(t("Daemon"), str(serving) if serving else t("does not run"))
    if cluster:
        table.add_row(t("Cluster"), say_cluster(cluster, note, state.at))
    for name, said in list_lines(state, zone):
        table.add_row(name, said)
    out.print(table)
