"""`.env.example` documents every variable that the code reads, with its default, and no other."""

import re
from pathlib import Path

from pydantic import AliasChoices, BaseModel, TypeAdapter

from shared import settings

# Read by what runs the system on one machine, not by the functions.
LOCAL = {"PORT", "S3_PORT", "LOCAL_DIR"}
# The region's second name, of use only where the first is not set.
UNNAMED = {"AWS_DEFAULT_REGION"}


TEXT = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")


def kinds() -> list[type[BaseModel]]:
    """The classes of settings."""
    return [kind for kind in vars(settings).values() if isinstance(kind, type) and issubclass(kind, BaseModel)]


def variables() -> set[str]:
    """The variables of all settings, by the names that AWS has for its own."""
    fields = {name: field for kind in kinds() for name, field in kind.model_fields.items()}
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
    assert set(re.findall(r"^([A-Z][A-Z0-9_]+)=", TEXT, re.MULTILINE)) == variables() - UNNAMED | LOCAL


def test_the_values_it_shows_are_the_defaults() -> None:
    shown = dict(re.findall(r"^([A-Z][A-Z0-9_]+)=(.+)$", TEXT, re.MULTILINE))
    defaults = {
        name.upper(): field
        for kind in kinds()
        for name, field in kind.model_fields.items()
        if name.upper() in shown and not field.is_required()
    }

    assert len(defaults) > 30
    for variable, field in defaults.items():
        assert TypeAdapter(field.rebuild_annotation()).validate_python(shown[variable]) == field.default, variable
