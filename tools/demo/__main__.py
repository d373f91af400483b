"""Run the whole site on this machine, with sandboxes for Stripe, Daily and Resend.

run     start everything in the foreground; Ctrl-C stops it, the data stays (the default)
reset   empty the demo's folder
exec    run a command (e.g. `manage.py shell`) in the environment of the demo; starts its database when it is down
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGKILL, SIGTERM

from tools import stamps
from tools.bootstrap import REQUIREMENTS, ROOT
from tools.demo import providers
from tools.demo.console import say, strong
from tools.demo.environment import Running, demo_file, product_environment
from tools.demo.folder import DemoError, Folder, choose_ports, write_private
from tools.demo.supervisor import Ended, Stopped, Supervisor
from tools.embedded_postgres import EmbeddedPostgres, FolderInUse, PostgresError
from tools.processes import run_forwarding_signals, signal_on_parent_death

WEB_OPTIONS = [
    "--interface",
    "asginl",
    "--workers",
    "2",
    "--backpressure",
    "20000",
    "--workers-kill-timeout",
    "5",
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command; the exit code is 0 after Ctrl-C, that of a process which ended unasked otherwise."""
    options = _parser().parse_args(arguments)
    if options.with_parent:
        signal_on_parent_death(SIGTERM)
    folder = Folder(options.data)
    try:
        if options.action == "reset":
            return _reset(folder)
        if options.action == "exec":
            return _exec(folder, options.command)
        with folder.held():
            return _run(folder, options.port)
    except Ended as ended:
        say(str(ended))
        return ended.code
    except (DemoError, PostgresError) as error:
        say(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data, port = os.environ.get("DATA_DIR") or ".demo", os.environ.get("PORT") or None
    parser.add_argument("action", nargs="?", choices=("run", "reset", "exec"), default="run")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="for exec: the command")
    parser.add_argument("--data", type=Path, default=Path(data), help="folder of the demo (DATA_DIR)")
    parser.add_argument(
        "--port", type=int, default=port, help="port of the site (PORT); that of the last start, or 8000"
    )
    parser.add_argument("--with-parent", action="store_true", help="stop when the starting process dies")
    return parser


def _reset(folder: Folder) -> int:
    with folder.held():
        folder.empty()
    say(f"{folder.path} is empty; the next start begins anew")
    return 0


def _exec(folder: Folder, command: Sequence[str]) -> int:
    folder.path.mkdir(parents=True, exist_ok=True)
    state = folder.load_state()
    running = Running(folder, state, state["ports"] or choose_ports(state, None), os.environ)
    state.pop("migrated", None)  # the command may be one that migrates
    folder.save_state(state)
    for name in (provider.name for provider in providers.sandboxes(os.environ)):
        if (folder.path / name / "keys.json").exists():
            running.keys[name] = providers.keys(folder.path / name)
    running.stripe_secrets = {kind: endpoint["secret"] for kind, endpoint in state["endpoints"].items()}
    with _any_database(folder) as running.database_url:
        environment = {**os.environ, **product_environment(running)}
        return run_forwarding_signals([sys.executable, *command], env=environment)


@contextmanager
def _any_database(folder: Folder) -> Iterator[str]:
    """The environment's database, that of the running demo, or a server for the length of a command."""
    server = EmbeddedPostgres(folder.path / "postgres")
    if os.environ.get("DATABASE_URL"):
        yield os.environ["DATABASE_URL"]
        return
    try:
        server.start()
    except FolderInUse:
        yield server.url
        return
    try:
        yield server.url
    finally:
        server.stop()


def _run(folder: Folder, port: int | None) -> int:
    began = time.monotonic()
    folder.demo_file.unlink(missing_ok=True)
    state = folder.load_state()
    running = Running(folder, state, choose_ports(state, port), os.environ)
    folder.save_state(state)
    with ExitStack() as database:
        supervisor = Supervisor()
        try:
            _start(running, supervisor, database)
            _greet(running, time.monotonic() - began)
            supervisor.watch()
        except Stopped:
            say("stopping …")
        finally:
            supervisor.stop()
    say("stopped; the data is kept in " + str(folder.path))
    return 0


def _start(running: Running, supervisor: Supervisor, database: ExitStack) -> None:
    _start_sandboxes(running, supervisor)
    running.database_url = os.environ.get("DATABASE_URL") or _start_database(
        running.folder, supervisor, database
    )
    _wait_for_sandboxes(running, supervisor)
    running.folder.save_state(running.state)
    environment = {**os.environ, **product_environment(running)}
    manage = [sys.executable, "manage.py"]
    _migrate(running, supervisor, environment)
    web = [str(Path(sys.executable).parent / "granian"), *WEB_OPTIONS, "--port", str(running.ports["site"])]
    supervisor.start("web", [*web, "config.asgi:application"], environment=environment)
    # A worker waits for its running job on SIGTERM; when nobody is left to wait with it, it goes at once.
    supervisor.start(
        "worker", [*manage, "procrastinate", "worker"], environment=environment, on_parent_death=SIGKILL
    )
    say("filling in people and offers, while the site starts …")
    people = str(running.folder.people_file)
    supervisor.run("manage", [*manage, "seed_demo", "--people-file", people], environment=environment)
    supervisor.wait_for(f"http://127.0.0.1:{running.ports['site']}/healthz")
    if running.keys.get("daily"):
        providers.register_daily_webhook(
            daily=running.sandbox("daily"),
            api_key=running.key("daily", "api_key"),
            site=running.site,
            secret=running.secret("daily_webhook_secret").partition(",")[0],
        )
    write_private(running.folder.demo_file, demo_file(running))


def _migrate(running: Running, supervisor: Supervisor, environment: Mapping[str, str]) -> None:
    """Bring the database up to date; skipped for our own one when no migration has come since the last start."""
    migrations = stamps.digest([REQUIREMENTS, *(ROOT / "callastar").glob("*/migrations")])
    if running.state.get("migrated") == migrations and "DATABASE_URL" not in os.environ:
        return
    say("bringing the database up to date …")
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
    supervisor.run("manage", command, environment=environment)
    running.state["migrated"] = migrations
    running.folder.save_state(running.state)


def _start_database(folder: Folder, supervisor: Supervisor, database: ExitStack) -> str:
    server = database.enter_context(EmbeddedPostgres(folder.path / "postgres"))
    supervisor.watch_also("postgres", server.exit_code)
    return server.url


def _start_sandboxes(running: Running, supervisor: Supervisor) -> None:
    for provider in providers.sandboxes(running.given):
        data = running.folder.path / provider.name
        data.mkdir(parents=True, exist_ok=True)
        port = running.ports[provider.name]
        more = _resend_options(running) if provider.name == "resend" else []
        command = providers.command(provider, python=sys.executable, port=port, data=data, more=more)
        supervisor.start(provider.name, command, environment={**os.environ, "PYTHONUNBUFFERED": "1"})


def _resend_options(running: Running) -> list[str]:
    secret = running.secret("resend_webhook_secret").partition(",")[0]
    return providers.resend_options(site=running.site, secret=secret)


def _wait_for_sandboxes(running: Running, supervisor: Supervisor) -> None:
    for provider in providers.sandboxes(running.given):
        supervisor.wait_for(f"{running.sandbox(provider.name)}/_control/")
        running.keys[provider.name] = providers.keys(running.folder.path / provider.name)
    if running.keys.get("stripe"):
        running.stripe_secrets = providers.register_stripe_endpoints(
            running.state,
            stripe=running.sandbox("stripe"),
            secret_key=running.key("stripe", "secret_key"),
            site=running.site,
        )


def _greet(running: Running, seconds: float) -> None:
    say(f"ready after {seconds:.1f} s")
    lines = [("Site", running.site)]
    places = {
        "stripe": ("Stripe dashboard", "/dashboard"),
        "daily": ("Video rooms", "/_control/"),
        "resend": ("Mailbox", "/"),
    }
    lines += [(places[name][0], running.sandbox(name) + places[name][1]) for name in running.keys]
    lines += [("Everything else", str(running.folder.demo_file))]
    say("")
    for what, where in lines:
        say(f"  {what:<18}{strong(where)}")
    say("")
    for person in demo_file(running)["people"]:
        secret = f"   TOTP secret {person['totp_secret']}" if person.get("totp_secret") else ""
        say(f"  {person['role']:<18}{person['email']}   {person['password']}{secret}")
    say("")
    say("Ctrl-C stops everything and keeps the data.")


if __name__ == "__main__":
    raise SystemExit(main())
