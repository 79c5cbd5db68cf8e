"""The one place that reads the environment: where things stand on this machine, and named secrets.

Only names beginning with EARSHOT_ count; a variable called QUERY or PORT changes nothing. Secrets are
never fields here, so that printing the settings can show none.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import EarshotError

PREFIX = "EARSHOT_"

MAX_SECRET_BYTES = 65_536
"""A key or a token is far smaller; a larger file is not a secret."""

_MAIL = r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+"
_SECRET_NAME = re.compile(r"EARSHOT_[A-Z0-9_]{1,80}")


class Settings(BaseSettings):
    """Where Earshot keeps things and how it is reached. Relative paths count from the working directory."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    data_dir: Path = Field(Path("data"), description="Folder of the database.")
    config_dir: Path = Field(Path("config"), description="Folder of the configuration that people edit.")
    keys_dir: Path = Field(
        default_factory=lambda known: known["data_dir"].parent / "keys",
        description="Folder of the keys. Never inside the data folder, so that a copy of one is not a copy of both.",
    )
    checkpoints_dir: Path = Field(
        default_factory=lambda known: known["data_dir"].parent / "checkpoints",
        description="Folder of the signed ledger checkpoints, best on another disk. Never inside the data folder.",
    )
    backups_dir: Path = Field(
        default_factory=lambda known: known["data_dir"].parent / "backups",
        description="Folder of what is saved before an upgrade. Never inside the data folder.",
    )
    checkpoints_git: Path | None = Field(
        None, description="Git repository that gets a commit for each checkpoint. Never inside the data folder."
    )
    checkpoints_mail: str = Field(
        "",
        pattern=rf"^({_MAIL}(,{_MAIL})*)?$",
        description="Who gets the last checkpoint of each day by mail; addresses divided by commas.",
    )
    mail_server: str = Field(
        "",
        pattern=r"^(smtps?://([A-Za-z0-9._%+-]+@)?[A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
        description="Server for that mail, such as smtps://user@mail.example; the password is the secret "
        "EARSHOT_MAIL_PASSWORD.",
    )
    mail_from: str = Field("", pattern=rf"^({_MAIL})?$", description="Sender of that mail.")
    secrets_dir: Path | None = Field(None, description="Folder with one file per secret, named like the secret.")
    models: Path | None = Field(None, description="File that names a local model for a head; see the README.")
    host: str = Field("127.0.0.1", description="Address that the desk listens on.")
    port: Annotated[int, Field(ge=0, le=65_535)] = Field(8000, description="Port that the desk listens on.")
    desk_url: str = Field(
        "",
        pattern=r"^(https?://[\w.:-]+)?$",
        description="Address at which people reach the desk through a proxy, such as https://desk.example. "
        "With https the session cookie is sent over TLS only.",
    )
    log_format: Literal["json", "console"] = Field("console", description="How log lines are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment; no other place may configure anything."""
        del settings_cls, dotenv_settings, file_secret_settings
        return init_settings, env_settings

    @model_validator(mode="after")
    def _apart(self) -> Self:
        data = self.data_dir.resolve()
        for name in ("keys_dir", "checkpoints_dir", "backups_dir", "checkpoints_git"):
            folder = getattr(self, name)
            if folder is not None and folder.resolve().is_relative_to(data):
                raise ValueError(f"{PREFIX}{name.upper()} lies inside the data folder. Choose a folder beside it.")
        if self.checkpoints_mail and not (self.mail_server and self.mail_from):
            raise ValueError("EARSHOT_CHECKPOINTS_MAIL needs EARSHOT_MAIL_SERVER and EARSHOT_MAIL_FROM")
        return self


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        EarshotError: a variable has a value that cannot be used; names the variable, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise EarshotError("\n".join(map(_sentence, error.errors(include_url=False, include_input=False)))) from None


def environment_of_children(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What a process that we start may see of the environment: nothing of ours, so no secret either."""
    return {name: value for name, value in environ.items() if not name.startswith(PREFIX)}


def secret(name: str, environ: Mapping[str, str] = os.environ) -> SecretStr | None:
    """The secret called ``name``, an ``EARSHOT_`` name, or ``None`` if there is none.

    It stands in the variable ``name`` itself, in the file that ``<name>_FILE`` points to, or in the file
    ``name`` of EARSHOT_SECRETS_DIR; the first of these that is set counts.

    Raises:
        EarshotError: the name is not one of ours, two places contradict each other, or a file cannot be read.
    """
    if not _SECRET_NAME.fullmatch(name):
        raise EarshotError("The name of a secret begins with EARSHOT_ and has capital letters, digits and _ only.")
    direct, file = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if direct and file:
        raise EarshotError(f"Both {name} and {name}_FILE are set. Remove one of them.")
    folder = environ.get(f"{PREFIX}SECRETS_DIR", "")
    if file:
        direct = _read_secret(Path(file), f"The file of {name}_FILE")
    elif not direct and folder and (Path(folder) / name).exists():
        direct = _read_secret(Path(folder) / name, f"The file {name} in the secrets folder")
    value = direct.strip()
    return SecretStr(value) if value else None


def stands_in_environment(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the secret called ``name`` comes from a variable, which counts before any file in EARSHOT_SECRETS_DIR."""
    return bool(environ.get(name) or environ.get(f"{name}_FILE"))


def _read_secret(path: Path, what: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise EarshotError(f"{what} cannot be read: {error.strerror}.") from None
    if len(raw) > MAX_SECRET_BYTES:
        raise EarshotError(f"{what} is too large for a secret.")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise EarshotError(f"{what} is not UTF-8 text.") from None


def _sentence(fault: Mapping[str, object]) -> str:
    loc = fault["loc"]
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{PREFIX}{str(loc[0]).upper()}: {message}." if isinstance(loc, tuple) and loc else message
