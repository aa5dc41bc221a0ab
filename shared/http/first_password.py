"""The password of an account to be made, judged with the body's other fields so that one answer names all problems."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from shared.domain import passwords


def _check(password: str, info: ValidationInfo) -> str:
    own_words = [info.data[name] for name in ("username", "email") if name in info.data]
    if issue := passwords.problem(password, own_words=own_words):
        raise ValueError(issue)
    return password


FirstPassword = Annotated[str, AfterValidator(_check), Field(examples=["correct horse battery staple"])]
"""Declared after the body's `username` and `email`, which it must not be."""
