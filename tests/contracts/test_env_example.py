"""`.env.example` documents every variable that the code reads, and no other."""

import re
from pathlib import Path

from pydantic import AliasChoices, BaseModel

from shared import settings

# Read by what runs the system on one machine, not by the functions.
LOCAL = {"PORT", "S3_PORT", "LOCAL_DIR"}
# The region's second name, of use only where the first is not set.
UNNAMED = {"AWS_DEFAULT_REGION"}


def variables() -> set[str]:
    """The variables of all settings, by the names that AWS has for its own."""
    kinds = [kind for kind in vars(settings).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]
    fields = {name: field for kind in kinds for name, field in kind.model_fields.items()}
    return {
        str(variable)
        for name, field in fields.items()
        for variable in (
            field.validation_alias.choices
            if isinstance(field.validation_alias, AliasChoices)
            else [field.validation_alias or name.upper()]
        )
    }


def test_every_variable_is_documented_and_no_other() -> None:
    text = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")

    assert set(re.findall(r"^([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)) == variables() - UNNAMED | LOCAL
