"""The beginning and the end of a cold start, around all that a handler imports."""

import gc
import sys
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import cast

_COLLECT_AFTER = 20_000
"""Objects made and not yet freed; some forty requests leave as many."""

# `None` in place of a module makes its import fail (documented of `sys.modules`).
_modules = cast("dict[str, ModuleType | None]", sys.modules)


def begin() -> None:
    """Before anything is imported: what makes importing cheaper."""
    # FastAPI imports these merely because they are there: pydantic's first version, its colours, and what checks
    # addresses.
    _modules["pydantic.v1"] = _modules["pydantic.color"] = _modules["email_validator"] = None
    # What an import makes stays; looking for garbage in it again and again took a tenth of the start.
    gc.disable()
    from pydantic import BaseModel
    from pydantic.warnings import UnsupportedFieldAttributeWarning

    # A model is built when it is first used. It reaches FastAPI's own too, of which a function uses none.
    BaseModel.model_config["defer_build"] = True
    # FastAPI gives pydantic aliases that mean nothing to it, and hushes it only where it builds at once.
    warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)


def end(*needs: Callable[[], object]) -> None:
    """When all is imported: read the settings that the handler needs, and let garbage be collected again.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    for reader in needs:
        reader()
    if _modules.get("email_validator", sys) is None:
        del _modules["email_validator"]
    gc.enable()
    # The collector need never look again at what is there now, nor so often at the little that a request leaves.
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
