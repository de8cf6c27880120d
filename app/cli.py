"""The command line (命令行): `.venv/bin/flask …`. Pure commands (draw, ratings) need no service and print only their result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click
from flask.cli import with_appcontext

from app.credit.cli import credit
from app.inspections.cli import draw
from app.ratings.cli import ratings


@click.command()
@with_appcontext
def verify() -> None:
    """Recompute the record's hash chain; name the first bad line (核验留痕)."""
    from flask import current_app
    from sqlalchemy import create_engine

    from app.core import audit

    settings = current_app.extensions["settings"]
    with create_engine(settings.database_job_url or settings.database_url).connect() as connection:
        verdict = audit.verify(connection)
    if verdict.bad_seq is not None:
        click.echo(f"留痕核验不通过：{verdict.why}；此前 {verdict.lines} 行完好。", err=True)
        raise SystemExit(1)
    click.echo(f"留痕核验通过：{verdict.lines} 行，链头 {verdict.head}")


@click.command()
@click.option("--once", is_flag=True, help="stop when nothing is due")
@with_appcontext
def worker(once: bool) -> None:
    """Drain the outbox (办理待办): PDF, archive, messages. Run as many as you like side by side."""
    import signal
    import time

    from flask import current_app

    from app import wiring
    from app.core import outbox
    from app.core.actor import SYSTEM
    from app.core.db import acting, db

    settings = current_app.extensions["settings"]
    stopping = False

    def stop(_signal: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with acting(SYSTEM):
        while not stopping:
            try:
                busy = outbox.work_one(wiring.ERRANDS, settings.errand_lease)
            except Exception as trouble:  # the database is away: wait and go on
                db.session.remove()
                click.echo(f"worker: {type(trouble).__name__}", err=True)
                busy = False
            db.session.remove()
            if not busy:
                if once:
                    return
                time.sleep(0.5)


@click.command()
@click.option("--once", is_flag=True, help="run what is due now and stop")
@with_appcontext
def timetable(once: bool) -> None:
    """Run the timetable (定时任务). APScheduler only ticks; app/schedule.py is the table; two at once run each job once."""
    from apscheduler.schedulers.blocking import BlockingScheduler
    from flask import current_app

    from app import schedule
    from app.core import clock
    from app.core import timetable as engine
    from app.core.actor import SYSTEM
    from app.core.db import acting, db

    settings = current_app.extensions["settings"]
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the scheduler's thread needs the app itself

    def tick(at: datetime | None = None) -> None:
        with app.app_context(), acting(SYSTEM):
            try:
                engine.tick(schedule.JOBS, at or clock.now(), settings.job_lease)
            except Exception as trouble:  # the database is away: the next tick catches up
                db.session.remove()
                click.echo(f"timetable: {type(trouble).__name__}", err=True)

    tick()
    if once:
        return
    scheduler = BlockingScheduler(timezone=clock.BEIJING)
    scheduler.add_job(tick, "interval", seconds=settings.tick_seconds, coalesce=True, misfire_grace_time=None, max_instances=1)
    scheduler.start()


@click.command()
@with_appcontext
def migrate() -> None:
    """Bring the database up to the newest schema (升级数据库), on the owner's role."""
    from flask import current_app

    from app.core import migrating

    migrating.upgrade(current_app.extensions["settings"].database_owner_url)


@click.group()
def seed() -> None:
    """Fill an empty database (初始数据)."""


@seed.command("demo")
@with_appcontext
def seed_demo() -> None:
    """Build the demo world (演示世界), once."""
    from app.seeds import demo as world

    if not world.build(lambda sentence: click.echo(f"松鉴 | {sentence}")):
        click.echo("松鉴 | 演示世界已经建好")


@click.command()
@with_appcontext
def doctor() -> None:
    """Check everything that a start checks (体检): settings, roles, row-level security, store, fonts."""
    from flask import current_app

    from app import startup

    faults = startup.faults(current_app.extensions["settings"])
    for fault in faults:
        click.echo(f"✗ {fault}", err=True)
    if faults:
        raise SystemExit(1)
    click.echo("一切就绪。")


@click.command()
def discard() -> None:
    """Stop the embedded services of this checkout and remove their data (清除本机实例)."""
    from app.instance import HERE

    HERE.discard()


@click.command()
@click.option("--port", default=8000, help="first port to try")
@click.option("--setup-only", is_flag=True, help="build the world and stop")
def demo(port: int, setup_only: bool) -> None:
    """Start everything with a living demo world (演示环境): database, store, web, worker, timetable. Ctrl-C stops all."""
    from app import demonstration

    raise SystemExit(demonstration.run(port, setup_only=setup_only))


@click.command()
@with_appcontext
def openapi() -> None:
    """Print the tablet interface as OpenAPI; docs/openapi.json is this, and a test compares them (接口说明)."""
    import json

    from flask import current_app

    from app.inspections import api

    click.echo(json.dumps(api.description(current_app), ensure_ascii=False, indent=1, sort_keys=True))


def commands() -> Sequence[click.Command]:
    """Every command of the house (命令一览)."""
    return (verify, worker, timetable, migrate, seed, doctor, discard, demo, openapi, draw, ratings, credit)
