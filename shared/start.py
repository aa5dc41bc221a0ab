"""The beginning and the end of a cold start, around all that a handler imports."""

import gc
import warnings
from collections.abc import Callable


def begin() -> None:
    """Before anything is imported: what makes importing cheaper."""
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
    gc.enable()
    # The collector need never look again at what is there now.
    gc.freeze()
