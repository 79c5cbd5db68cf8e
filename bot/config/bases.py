"""What all shapes of configuration stand on: the frozen base, names, languages, names of secrets. Pure."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Name = Annotated[str, Field(min_length=1, max_length=80)]

TOKEN_PATTERN = re.compile(r"^EARSHOT_[A-Z0-9_]+$")
Token = Annotated[str, Field(pattern=TOKEN_PATTERN)]
"""The name of a secret. Secrets are named in files, never written there."""


class Frozen(BaseModel):
    """Base of all configuration models: unknown keys are errors, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
