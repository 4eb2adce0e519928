"""`dieuhanh demo` and `dieuhanh layers`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
import typer
from rich.console import Console
from rich.progress import TaskID
from rich.table import Table

from api.cli import history, transfer
from api.cli.database import connection, require_migrated, use_database
from api.cli.errors import UserError
from api.cli.progress import progress_bar
from layers.catalogue import CATALOGUE
from layers.province import load_province
from layers.rows import table_name

console = Console(highlight=False, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(demo)
    app.command()(layers)
    transfer.register(app)
    history.register(app)


def demo(
    sos: Annotated[int, typer.Option(help="SOS requests to make.", min=0, max=20_000_000)] = 5_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same rows.", min=0)] = 1,
    until: Annotated[
        datetime | None,
        typer.Option(help="The end of the 90 days, local time; the current hour by default."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also replace rows that the demo did not make.")
    ] = False,
    results: Annotated[
        bool, typer.Option(help="Also analyse the requests, and keep the results as layers.")
    ] = True,
    files: Annotated[bool, typer.Option(help="Also write a PDF for each directive.")] = True,
) -> None:
    """Fill the layers with synthetic data on the province's real units."""
    # Arrow and the demo's makers are large, and the server is started from this command line.
    from layers.analysis.kept import Limits
    from layers.demo import DemoRefused, load_demo
    from layers.demo.results import keep_results

    with use_database() as settings, progress_bar() as bar:
        require_migrated(settings)
        province = load_province(settings.province_folder)
        tasks: dict[str, TaskID] = {}

        def show(layer: str, done: int, total: int) -> None:
            if layer not in tasks:
                tasks[layer] = bar.add_task(CATALOGUE[layer].title.vi, total=total)
            bar.update(tasks[layer], completed=done)

        end = None if until is None else until.replace(tzinfo=province.time_zone)
        try:
            result = load_demo(
                settings.database_url,
                province,
                sos=sos,
                seed=seed,
                until=end,
                replace=replace,
                files=settings.directives if files else None,
                progress=show,
            )
            if results and sos:
                task = bar.add_task("Phân tích", total=1)
                keep_results(
                    settings.database_url,
                    province,
                    limits=Limits(settings.results, settings.result_features),
                    days=settings.result_days_most,
                )
                bar.update(task, completed=1)
        except DemoRefused as error:
            raise UserError(str(error)) from None
    total = f"{sum(result.rows.values()):,}"
    if result.unchanged:
        console.print(f"Dữ liệu mô phỏng đã có sẵn · the demo is already there ({total})")
    else:
        console.print(f"Đã tạo dữ liệu mô phỏng · synthetic data made ({total})")


def layers(
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout.")] = False,
) -> None:
    """List the layers with their features, owners and sources."""
    with use_database() as settings:
        require_migrated(settings)
        province = load_province(settings.province_folder)
        with connection(settings.database_url) as opened:
            counts = {
                layer.id: opened.execute(
                    sa.text(f"SELECT count(*) FROM {table_name(layer)}")
                ).scalar_one()
                for layer in CATALOGUE.values()
            }
            sources = {
                row.layer: row
                for row in opened.execute(
                    sa.text("SELECT layer, synthetic, source, loaded_at FROM dieuhanh.dataset")
                )
            }
    rows = []
    for layer in CATALOGUE.values():
        source = sources.get(layer.id)
        steward = province.department(layer.steward)
        rows.append(
            {
                "id": layer.id,
                "title": {"vi": layer.title.vi, "en": layer.title.en},
                "theme": layer.theme.id,
                "geometry": layer.geometry_type,
                "features": counts[layer.id],
                "steward": layer.steward,
                "steward_title": steward.title.vi if steward else layer.steward,
                "style": f"styles/{layer.id}.json",
                "synthetic": bool(source and source.synthetic),
                "source": source.source if source else None,
                "loaded_at": source.loaded_at.isoformat() if source else None,
            }
        )
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    shown = Table("Lớp · layer", "Tên · title", "Hình học", "Phụ trách · steward")
    shown.add_column("Đối tượng · features", justify="right")
    shown.add_column("Nguồn · source")
    for row in rows:
        label = " [yellow](mô phỏng · synthetic)[/]" if row["synthetic"] else ""
        shown.add_row(
            row["id"],
            f"{row['title']['vi']}\n[dim]{row['title']['en']}[/]",
            row["geometry"],
            row["steward_title"],
            f"{row['features']:,}",
            f"{row['source'] or '–'}{label}",
        )
    console.print(shown)
