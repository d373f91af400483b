"""`make demo` as a whole: what it says runs does run, it stops cleanly, and nothing outlives it (OP-1)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from callastar.providers.daily.events import EVENT_TYPES
from callastar.webhooks.handlers import HANDLERS
from tools.bootstrap import ROOT
from tools.demo.environment import Running, demo_file, product_environment
from tools.demo.folder import DemoError, Folder, choose_ports
from tools.demo.providers import CONNECT_EVENTS, DAILY_EVENTS, PLATFORM_EVENTS

READY_SECONDS = 180  # under full load: this is no measurement
PRODUCT_SETTINGS = ("STRIPE_", "DAILY_", "RESEND_", "DATABASE_URL", "ENVIRONMENT", "DJANGO_SETTINGS_MODULE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(folder: Path) -> list[str]:
    """Command lines of living processes that work on the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                told = (entry / "environ").read_text(errors="replace") + (entry / "cmdline").read_text()
                if str(folder) in told:
                    found.append((entry / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
    return found


class Demo:
    """A demo in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "demo.json"
        self.output = folder.with_suffix(".log")
        self.process: subprocess.Popen | None = None

    def start(self, *options: str) -> dict:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(PRODUCT_SETTINGS)
        }
        command = [sys.executable, "-m", "tools.demo", "--data", str(self.folder), *options]
        self.file.unlink(missing_ok=True)  # one that was killed has left it behind
        with self.output.open("w") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        deadline = time.monotonic() + READY_SECONDS
        while not self.file.exists():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)
        return json.loads(self.file.read_text())

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def wait_until_gone(self) -> None:
        deadline = time.monotonic() + 15
        while left := processes_of(self.folder):
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all demos here: filled by the first start, which takes the longest."""
    return tmp_path_factory.mktemp("demos") / "demo"


@pytest.fixture
def demo(once: Path) -> Iterator[Demo]:
    demo = Demo(once)
    yield demo
    if demo.process is not None and demo.process.poll() is None:
        demo.end(signal.SIGTERM)


def test_runs_what_it_says_and_keeps_it_over_a_stop_and_a_kill(demo: Demo) -> None:
    """OP-1: demo.json, clean stop within seconds, data and ports kept, nothing left after SIGKILL."""
    said = demo.start("--port", str(free_port()))
    assert demo.file.stat().st_mode & 0o777 == 0o600
    assert_shape(said)
    assert_runs(said)

    began = time.monotonic()
    assert demo.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 10
    assert processes_of(demo.folder) == []

    again = demo.start()
    assert again == said
    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    demo.wait_until_gone()


def assert_shape(said: dict) -> None:
    assert set(said) == {"site", "database_url", "cron_secret", "stripe", "daily", "resend", "people"}
    stripe = {"url", "secret_key", "publishable_key", "webhook_secret", "connect_webhook_secret"}
    assert set(said["stripe"]) == stripe
    assert set(said["daily"]) == set(said["resend"]) == {"url", "api_key", "webhook_secret"}
    assert all(value for name in ("stripe", "daily", "resend") for value in said[name].values())
    assert said["daily"]["url"].endswith("/v1")
    assert {"fan", "creator", "admin"} <= {person["role"] for person in said["people"]}
    assert all(person["email"] and person["password"] for person in said["people"])


def assert_runs(said: dict) -> None:
    assert httpx.get(said["site"] + "/readyz").status_code == 200
    assert httpx.get(said["site"] + "/fr/").status_code == 200
    cron = {"Authorization": f"Bearer {said['cron_secret']}"}
    assert httpx.post(said["site"] + "/api/cron/send-reminders", headers=cron).status_code == 200
    with psycopg.connect(said["database_url"]) as connection:
        assert connection.execute("SELECT count(*) > 0 FROM accounts_user").fetchone() == (True,)
    secret = (said["stripe"]["secret_key"], "")
    endpoints = httpx.get(said["stripe"]["url"] + "/v1/webhook_endpoints", auth=secret).json()["data"]
    assert [endpoint["url"] for endpoint in endpoints] == [said["site"] + "/api/payments/webhook"] * 2
    daily = {"Authorization": f"Bearer {said['daily']['api_key']}"}
    (webhook,) = httpx.get(said["daily"]["url"] + "/webhooks", headers=daily).json()
    assert (webhook["url"], webhook["state"]) == (said["site"] + "/api/daily/webhook", "ACTIVE")
    assert webhook["hmac"] == said["daily"]["webhook_secret"]
    for name in ("daily", "resend"):
        assert httpx.get(said[name]["url"].removesuffix("/v1") + "/_control/").status_code == 200


def test_a_process_that_dies_ends_the_demo_with_its_exit_code(demo: Demo) -> None:
    """OP-1: a child that dies is reported, and nothing stays behind."""
    demo.start()
    assert demo.process is not None
    victim = subprocess.check_output(
        ["pgrep", "-P", str(demo.process.pid), "-f", "sandboxes.daily"], text=True
    )
    os.kill(int(victim), signal.SIGKILL)
    assert demo.process.wait(timeout=60) == 128 + signal.SIGKILL
    assert "daily ended with signal SIGKILL" in demo.output.read_text()
    demo.wait_until_gone()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "demo").mkdir()
    return Folder(tmp_path / "demo")


def running(folder: Folder, **given: str) -> Running:
    state = folder.load_state()
    keys = {
        "stripe": {"secret_key": "sk_sandbox", "publishable_key": "pk_sandbox"},
        "daily": {"api_key": "d"},
    }
    ports = {"site": 8000, "stripe": 8001, "daily": 8002, "resend": 8003}
    return Running(folder, state, ports, given, "postgresql:///x", {**keys, "resend": {"api_key": "r"}})


def test_an_address_in_the_environment_wins_and_the_sandbox_keys_stay(folder: Folder) -> None:
    """OP-1: a provider's address given in the environment is used for that provider's calls only."""
    settings = product_environment(running(folder, STRIPE_API_BASE="http://127.0.0.1:9"))
    assert settings["STRIPE_API_BASE"] == "http://127.0.0.1:9"
    assert settings["STRIPE_SECRET_KEY"] == "sk_sandbox"
    assert settings["STRIPE_JS_URL"] == "http://127.0.0.1:8001/v3/"
    assert settings["STRIPE_CONNECT_ORIGIN"] == "http://127.0.0.1:8001"
    assert settings["DAILY_API_URL"] == "http://127.0.0.1:8002/v1"


@pytest.mark.parametrize(
    ("name", "variable", "proxy"),
    [
        ("stripe", "STRIPE_API_BASE", "http://127.0.0.1:9"),
        ("daily", "DAILY_API_URL", "http://127.0.0.1:9/v1"),
        ("resend", "RESEND_API_URL", "http://127.0.0.1:9"),
    ],
)
def test_demo_json_says_what_the_product_uses(folder: Folder, name: str, variable: str, proxy: str) -> None:
    """OP-1: the address that was given, the sandbox's keys, and nothing else of it changed."""
    folder.people_file.write_text("[]")
    folder.save_state(folder.load_state())
    usual, said = demo_file(running(folder)), demo_file(running(folder, **{variable: proxy}))
    assert said[name].pop("url") == proxy
    assert usual[name].pop("url") != proxy
    assert said == usual


def test_the_site_has_a_name(folder: Folder) -> None:
    """PE-1: passkeys do not work at an address that is a number."""
    assert running(folder).site == "http://localhost:8000"
    assert running(folder, SITE_URL="https://site.example").site == "https://site.example"


def test_stripe_is_asked_for_every_event_that_something_handles() -> None:
    """SB-2: and the list for a real account in the documentation is the same."""
    registered = set(PLATFORM_EVENTS + CONNECT_EVENTS)
    assert {kind for provider, kind in HANDLERS if provider == "stripe"} <= registered
    payouts = {kind for kind in registered if kind.startswith("payout.")}
    assert payouts <= set(PLATFORM_EVENTS) & set(CONNECT_EVENTS)  # the platform's own, and creators'
    guide = (ROOT / "docs" / "getting-started.md").read_text()
    assert [kind for kind in sorted(registered) if f"`{kind}`" not in guide] == []


def test_daily_is_asked_for_what_the_product_wants_to_hear() -> None:
    """CA-5: at the start, and by the product's own job every hour."""
    assert tuple(DAILY_EVENTS) == EVENT_TYPES


def test_a_key_in_the_environment_means_the_real_service(folder: Folder) -> None:
    """OP-2: each embedded part turns into the real one by itself."""
    settings = product_environment(running(folder, DAILY_API_KEY="real"))
    assert settings["DAILY_API_KEY"] == "real"
    assert "DAILY_API_URL" not in settings
    assert settings["RESEND_API_URL"] == "http://127.0.0.1:8003"


def test_a_folder_runs_one_demo_at_a_time(folder: Folder) -> None:
    """OP-1: two demos need two folders."""
    with folder.held(), pytest.raises(DemoError, match="already"), Folder(folder.path).held():
        pass


def test_a_taken_port_is_said_at_once(folder: Folder) -> None:
    """OP-1: PORT= names the port; nothing starts elsewhere in silence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} is taken"):
            choose_ports(folder.load_state(), port)


def test_ports_and_secrets_are_kept(folder: Folder) -> None:
    """OP-1: starting again keeps ports and keys, readable by the owner only."""
    state = folder.load_state()
    ports = choose_ports(state, free_port())
    folder.save_state(state)
    assert (folder.path / "state.json").stat().st_mode & 0o777 == 0o600
    assert choose_ports(folder.load_state(), None) == ports
    assert folder.load_state() == state


def test_reset_removes_only_what_a_demo_made(folder: Folder) -> None:
    """OP-1: `make demo-reset` empties the demo's folder, whatever else DATA_DIR may name."""
    folder.save_state(folder.load_state())
    (folder.path / "mine.txt").write_text("keep")
    (folder.path / "stripe").mkdir()
    folder.empty()
    assert [path.name for path in folder.path.iterdir()] == ["mine.txt"]
