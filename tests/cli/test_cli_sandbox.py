"""The sandbox: a house of its own that knows nothing of the environment, writes to a file alone and pages nobody."""

import re
import shutil
import urllib.request
from pathlib import Path

import pytest
from programs import change, ended

from bot.cli.running import furnish
from bot.cli.sandbox import apart
from bot.config.load import load
from bot.config.models import Source
from bot.config.starter import starter_dir
from bot.connectors.replay_publisher import ReplayPublisher
from bot.errors import EarshotError, Permanent
from bot.model import Platform
from bot.settings import PREFIX, Settings
from bot.wiring import Wiring
from bot.worker import Worker

SECRETS = {
    "EARSHOT_MASTODON_TOKEN": "a-token-that-must-not-be-used",
    "EARSHOT_X_BEARER": "another",
    "EARSHOT_PAGE_ONCALL": "json://127.0.0.1:9/page",
    "EARSHOT_MAIL_PASSWORD": "a-third",
}
ELSEWHERE = {
    "EARSHOT_DATA_DIR": "/srv/real/data",
    "EARSHOT_KEYS_DIR": "/srv/real/keys",
    "EARSHOT_CONFIG_DIR": "/srv/real/config",
    "EARSHOT_CHECKPOINTS_DIR": "/srv/real/checkpoints",
    "EARSHOT_BACKUPS_DIR": "/srv/real/backups",
    "EARSHOT_CHECKPOINTS_GIT": "/srv/real/git",
    "EARSHOT_CHECKPOINTS_MAIL": "dpo@brand.example",
    "EARSHOT_MAIL_SERVER": "smtps://mail.brand.example",
    "EARSHOT_MAIL_FROM": "earshot@brand.example",
    "EARSHOT_SECRETS_DIR": "/srv/real/secrets",
    "EARSHOT_MODELS": "/srv/real/models.toml",
    "EARSHOT_HOST": "0.0.0.0",  # noqa: S104 - what the sandbox must not take over
    "EARSHOT_PORT": "80",
    "EARSHOT_DESK_URL": "https://desk.brand.example",
    "EARSHOT_LOG_FORMAT": "json",
    "EARSHOT_LOG_LEVEL": "debug",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SECRETS, **ELSEWHERE}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def wiring(tmp_path: Path, environment: None) -> Wiring:
    return Wiring(apart(tmp_path / "sandbox", 0), secrets=lambda _name: None, sandbox=True)


def test_no_setting_of_the_environment_reaches_it(tmp_path: Path, environment: None) -> None:
    assert {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} == set(ELSEWHERE), "every setting is tried"
    assert Settings().port == 80, "elsewhere they count"
    found = apart(tmp_path / "sandbox", 0)
    assert found.data_dir == tmp_path / "sandbox" / "data"
    told = found.model_dump_json()
    assert "/srv/real" not in told
    assert "brand.example" not in told
    assert (found.host, found.port, found.log_level, found.models) == ("127.0.0.1", 0, "info", None)


def test_only_the_publisher_of_samples_can_exist_in_it(wiring: Wiring) -> None:
    furnish(wiring.settings)
    assert type(wiring.publisher(load(starter_dir()).platforms.sources[0])) is ReplayPublisher
    for kind in set(Platform) - {Platform.REPLAY}:
        source = Source(kind=kind, name=kind.value, account="fjordfon_hilft")
        with pytest.raises(EarshotError, match="stays off: it hears and answers samples alone"):
            wiring.publisher(source)
        with pytest.raises(EarshotError, match="stays off: it hears and answers samples alone"):
            wiring.connector(source)


def test_it_pages_nobody_asks_nobody_and_mails_nobody(wiring: Wiring) -> None:
    with pytest.raises(EarshotError, match="pages nobody"):
        wiring.notifier("EARSHOT_PAGE_ONCALL")
    with pytest.raises(Permanent):
        wiring.read_page("http://127.0.0.1:9/privacy")
    assert wiring.places == ()


def test_a_worker_with_a_real_platform_in_its_configuration_answers_the_samples_alone(wiring: Wiring) -> None:
    furnish(wiring.settings)
    change(
        wiring.settings.config_dir / "platforms.yaml",
        "sources:\n",
        "sources:\n  - kind: mastodon\n    name: real\n    account: fjordfon_hilft\n    server: https://social.example\n"
        "    token: EARSHOT_MASTODON_TOKEN\n",
    )
    brand = wiring.settings.config_dir / "brand.yaml"
    change(
        brand, "accounts:\n", "accounts:\n  mastodon:\n    - handle: fjordfon_hilft\n      surface: social.example\n"
    )
    load(wiring.settings.config_dir)
    worker = Worker(wiring)
    worker._take_config()
    assert worker._live is not None
    assert {type(each) for each in worker._live.publishers.values()} == {ReplayPublisher}
    assert [each.name for each in worker._live.connectors] == ["samples"]


def test_it_starts_with_a_red_frame_three_people_and_nothing_of_the_environment(started, folder, environment) -> None:
    process = started("sandbox", "--port", "0", "--folder", folder / "practice")
    printed = ""
    while "Ctrl+C ends it" not in printed:
        line = process.stdout.readline()
        assert line, printed
        printed += line
    assert re.findall(r"sign in as (\w+) +\((\w+) *\)", printed) == [
        ("alice", "agent"),
        ("bob", "senior"),
        ("tom", "trainee"),
    ]
    address = re.search(r"http://127\.0\.0\.1:\d+", printed)[0]
    with urllib.request.urlopen(f"{address}/square", timeout=30) as answer:  # noqa: S310 - our own desk on loopback
        assert "data-sandbox=" in answer.read().decode()
    ended(process)


def test_a_real_house_is_never_run_as_a_sandbox(earshot, folder) -> None:
    (folder / "real" / "data").mkdir(parents=True)
    (folder / "real" / "data" / "earshot.db").write_bytes(b"")
    said = earshot("sandbox", "--port", "0", "--folder", folder / "real")
    assert said.code == 1
    assert "is no sandbox" in said.err
    assert "Choose another folder" in said.err
    assert not (folder / "real" / "keys").exists()
    shutil.rmtree(folder / "real")
