"""What makes a username and an e-mail address."""

import re

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check_username(value: str) -> str:
    """The username, unchanged: 3–50 of ASCII letters, digits, `. _ -`, the first a letter or digit.

    Raises:
        ValueError: with what is wrong, for people.
    """
    if not 3 <= len(value) <= 50:
        raise ValueError("Must have 3 to 50 characters")
    if not _USERNAME.fullmatch(value):
        raise ValueError("May hold letters, digits, '.', '_' and '-' only, and starts with a letter or digit")
    return value


def check_email(value: str) -> str:
    """The address as written, with its domain in lower case; syntax only (RFC 5322 as browsers and mailers take it).

    Raises:
        ValueError: with what is wrong, for people.
    """
    # Late, for it costs 20 ms of start that most environments never need.
    import email_validator

    # Whether a domain may receive mail is not syntax; a lab may well use a name of its own.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    if len(value) > 254:
        raise ValueError("Must have at most 254 characters")
    try:
        checked = email_validator.validate_email(value, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        raise ValueError("Invalid email format") from error
    return f"{checked.local_part}@{checked.domain}"
