"""The image and its services: what they start exists, what they write lies in the volume, no more is allowed."""

import importlib.machinery
import importlib.util
import re
import subprocess
import sys
from pathlib import Path, PurePosixPath

import click
import pytest
import yaml

from bot.cli import commands
from bot.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSED = ("compose.yaml", "compose.single.yaml")


def load_replay():
    """tools/replay_image, a program without an ending."""
    loader = importlib.machinery.SourceFileLoader("replay_image", str(ROOT / "tools" / "replay_image"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


REPLAY = load_replay()
STEPS = REPLAY.steps((ROOT / "Dockerfile").read_text("utf-8"))
ENV = dict(re.findall(r"(\w+)=(\S+)", " ".join(words for name, words in STEPS if name == "ENV")))


def services():
    for name in COMPOSED:
        for service, about in yaml.safe_load((ROOT / name).read_text("utf-8"))["services"].items():
            yield pytest.param(about, id=f"{name}:{service}")


def starts(words):
    """Whether these words call a command of ours with options and arguments that it takes."""
    program, name, *rest = words
    command = commands.get_command(click.Context(commands), name)
    assert program == "earshot"
    return command.make_context(name, list(rest)) is not None


def test_the_linter_finds_nothing_in_the_dockerfile():
    found = subprocess.run(
        [Path(sys.executable).parent / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, "")


def test_every_step_is_one_that_the_replay_does():
    assert [name for name, _ in STEPS if name == "RUN"], "it installs something"
    with pytest.raises(ValueError, match="does not know: ADD"):
        REPLAY.steps("FROM x\nADD y z\n")


def test_every_setting_of_the_image_is_one_and_what_is_written_lies_in_the_volume():
    real = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    ours = {name: value for name, value in ENV.items() if name.startswith(PREFIX)}
    assert ours.keys() <= real
    (volume,) = [words for name, words in STEPS if name == "VOLUME"]
    for name, value in ENV.items():
        if value.startswith("/") and name not in {"PATH", "EARSHOT_CONFIG_DIR", "EARSHOT_SECRETS_DIR"}:
            assert PurePosixPath(value).is_relative_to(volume), name
    folders = {f"{PREFIX}{name}_DIR" for name in ("DATA", "KEYS", "CHECKPOINTS", "BACKUPS", "CONFIG", "SECRETS")}
    assert folders <= ours.keys()


def test_its_user_is_a_number_and_nobody_special():
    uid, gid = REPLAY.user_of(STEPS)
    assert uid == gid >= 10_000
    users = [place for place, (name, _) in enumerate(STEPS) if name == "USER"]
    assert users, "and it is set before anything is started"
    assert users[-1] < [name for name, _ in STEPS].index("CMD")


def test_what_is_started_and_what_is_asked_are_commands_of_ours():
    image = REPLAY.Image(Path("/x"), Path("/y"))
    for name, words in STEPS:
        if name in {"CMD", "HEALTHCHECK"}:
            REPLAY.take(image, name, words)
    assert starts(image.command)
    assert starts(image.health)


def test_it_installs_from_a_lock_with_hashes_and_the_build_sees_no_key_and_no_database():
    lock = REPLAY.lock_of(STEPS)
    assert (ROOT / lock).is_file()
    assert any("--require-hashes" in words for _, words in STEPS)
    sent = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    allowed = {line[1:] for line in sent if line.startswith("!")}
    copied = {word for name, words in STEPS if name == "COPY" and "--from" not in words for word in words.split()[:-1]}
    assert "*" in sent
    assert copied == allowed


@pytest.mark.parametrize("service", list(services()))
def test_every_service_is_locked_down_and_writes_to_the_volume_alone(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert [place.partition(":")[0] for place in service["tmpfs"]] == ["/tmp"]  # noqa: S108 - in the container
    writable = [place for place in service["volumes"] if not place.endswith(":ro")]
    assert writable == ["data:/data"]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert int(service["stop_grace_period"].removesuffix("s")) > REPLAY.ENDS_S
    if "command" in service:
        assert starts(service["command"])
        assert starts(service["healthcheck"]["test"][1:])


def test_the_desk_gets_no_secret_and_the_worker_no_port():
    parts = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    assert not any("secrets" in place for place in parts["desk"]["volumes"])
    assert any("/run/secrets:ro" in place for place in parts["worker"]["volumes"])
    assert "ports" not in parts["worker"]


def test_a_step_that_fails_ends_the_replay(tmp_path):
    image = REPLAY.Image(tmp_path, tmp_path, env={"PATH": "/usr/bin:/bin"})
    with pytest.raises(subprocess.CalledProcessError):
        REPLAY.take(image, "RUN", "exit 3")


def test_the_paths_of_the_image_stand_below_the_folder_of_the_replay(tmp_path):
    image = REPLAY.Image(tmp_path, tmp_path, env={"PATH": "/usr/bin:/bin"})
    assert image.mapped("install -d /data && /opt/earshot/bin/pip -r a/opt.lock") == (
        f"install -d {tmp_path}/data && {tmp_path}/opt/earshot/bin/pip -r a/opt.lock"
    )
