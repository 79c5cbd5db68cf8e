"""The environment: only EARSHOT_ names count, and no secret is ever shown."""

from pathlib import Path

import pytest
from canaries import CANARY_TOKEN

from bot.errors import EarshotError
from bot.settings import Settings, environment_of_children, read_settings, secret

NAME = "EARSHOT_MASTODON_TOKEN"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"EARSHOT_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_without_any_variable_everything_lies_beside_each_other():
    settings = read_settings()
    assert (settings.data_dir, settings.config_dir) == (Path("data"), Path("config"))
    assert (settings.keys_dir, settings.checkpoints_dir) == (Path("keys"), Path("checkpoints"))
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_keys_and_checkpoints_follow_the_data_folder(monkeypatch):
    monkeypatch.setenv("EARSHOT_DATA_DIR", "/srv/earshot/data")
    settings = read_settings()
    assert settings.keys_dir == Path("/srv/earshot/keys")
    assert settings.checkpoints_dir == Path("/srv/earshot/checkpoints")


@pytest.mark.parametrize("name", ["KEYS_DIR", "CHECKPOINTS_DIR"])
@pytest.mark.parametrize("folder", ["data", "data/keys", "data/../data/x"])
def test_keys_and_checkpoints_never_lie_inside_the_data_folder(monkeypatch, name, folder):
    monkeypatch.setenv(f"EARSHOT_{name}", folder)
    with pytest.raises(EarshotError, match=f"EARSHOT_{name} lies inside the data folder"):
        read_settings()


def test_only_names_with_the_prefix_change_anything(monkeypatch):
    before = read_settings()
    for name in Settings.model_fields:
        monkeypatch.setenv(name.upper(), "4711")
    Path(".env").write_text("EARSHOT_PORT=4711\n")
    assert read_settings() == before


def test_an_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("EARSHOT_PORT", "")
    assert read_settings().port == 8000


def test_all_wrong_values_are_named_at_once_and_none_is_shown(monkeypatch):
    monkeypatch.setenv("EARSHOT_PORT", CANARY_TOKEN)
    monkeypatch.setenv("EARSHOT_LOG_LEVEL", CANARY_TOKEN)
    with pytest.raises(EarshotError) as caught:
        read_settings()
    sentences = str(caught.value).splitlines()
    assert [sentence.split(":")[0] for sentence in sentences] == ["EARSHOT_PORT", "EARSHOT_LOG_LEVEL"]
    assert CANARY_TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_for(name):
    assert Settings.model_fields[name].description.endswith(".")


def test_a_process_that_we_start_sees_the_environment_without_anything_of_ours(monkeypatch):
    monkeypatch.setenv("EARSHOT_MASTODON_TOKEN", "canary")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    seen = environment_of_children()
    assert seen["CUDA_VISIBLE_DEVICES"] == "1"
    assert not [name for name in seen if name.startswith("EARSHOT_")]


def test_a_secret_that_is_nowhere_is_none():
    assert secret(NAME, {}) is None


def test_a_secret_comes_from_its_variable():
    found = secret(NAME, {NAME: CANARY_TOKEN})
    assert found.get_secret_value() == CANARY_TOKEN
    assert CANARY_TOKEN not in f"{found} {found!r}"


def test_a_secret_comes_from_the_running_environment(monkeypatch):
    monkeypatch.setenv(NAME, "abc")
    assert secret(NAME).get_secret_value() == "abc"


def test_a_secret_comes_from_the_file_its_variable_names(tmp_path):
    (tmp_path / "token").write_text(f"{CANARY_TOKEN}\n")
    assert secret(NAME, {f"{NAME}_FILE": str(tmp_path / "token")}).get_secret_value() == CANARY_TOKEN


def test_a_secret_comes_from_the_secrets_folder(tmp_path):
    (tmp_path / NAME).write_text(f" {CANARY_TOKEN}\r\n")
    assert secret(NAME, {"EARSHOT_SECRETS_DIR": str(tmp_path)}).get_secret_value() == CANARY_TOKEN
    assert secret("EARSHOT_OTHER", {"EARSHOT_SECRETS_DIR": str(tmp_path)}) is None


def test_the_variable_counts_before_the_secrets_folder(tmp_path):
    (tmp_path / NAME).write_text("folder")
    found = secret(NAME, {NAME: "variable", "EARSHOT_SECRETS_DIR": str(tmp_path)})
    assert found.get_secret_value() == "variable"


def test_two_places_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(EarshotError, match=f"Both {NAME} and {NAME}_FILE are set") as caught:
        secret(NAME, {NAME: CANARY_TOKEN, f"{NAME}_FILE": "x"})
    assert CANARY_TOKEN not in str(caught.value)


def test_an_empty_file_holds_no_secret(tmp_path):
    (tmp_path / NAME).write_text("\n")
    assert secret(NAME, {"EARSHOT_SECRETS_DIR": str(tmp_path)}) is None


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b"\xff\xfe", "not UTF-8"), (b"x" * 65_537, "too large")]
)
def test_a_file_that_holds_no_secret_is_a_plain_sentence(tmp_path, content, sentence):
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EarshotError, match=sentence) as caught:
        secret(NAME, {f"{NAME}_FILE": str(path)})
    assert str(caught.value).startswith(f"The file of {NAME}_FILE")


@pytest.mark.parametrize("name", ["PATH", "EARSHOT_", "EARSHOT_../x", "earshot_token", "EARSHOT_TOKEN\n", "XEARSHOT_A"])
def test_a_name_that_is_not_ours_is_never_looked_up(tmp_path, name):
    with pytest.raises(EarshotError, match="begins with EARSHOT_"):
        secret(name, {name: "x", "EARSHOT_SECRETS_DIR": str(tmp_path)})
