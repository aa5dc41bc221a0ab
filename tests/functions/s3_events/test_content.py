"""What comes of sound, broken and hostile files."""

from io import BytesIO

import pytest

from functions.s3_events import images
from tests.support.api import Api
from tests.support.corpus import CASES, JPEG, PDF, PNG, image, pdf
from tests.support.factories import Account
from tests.support.uploads import settle


@pytest.mark.parametrize("name", CASES)
def test_outcome_of(api: Api, author: Account, name: str) -> None:
    content_type, make, reason = CASES[name]

    upload = settle(api, author, make(), content_type=content_type, filename=name)

    assert (upload["status"], upload["reason"]) == ("rejected" if reason else "available", reason)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 8), (9, 17), (64, 48)])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_any_kind_and_size_decodes(size: tuple[int, int], mode: str) -> None:
    from PIL import Image

    made = BytesIO()
    Image.new(mode, size).save(made, "PNG")
    assert images.decodes(made.getvalue(), "PNG")


@pytest.mark.parametrize("content_type", [JPEG, PNG, PDF])
def test_every_cut_of_a_sound_file_has_an_outcome(content_type: str) -> None:
    from functions.s3_events import documents

    if content_type == PDF:
        content = pdf()
        assert [documents.opens(BytesIO(content[:end])) for end in range(0, len(content) - 10, 37)].count(True) == 0
        return
    kind = {JPEG: "JPEG", PNG: "PNG"}[content_type]
    content = image(kind)
    assert not any(images.decodes(content[:end], kind) for end in range(0, len(content) - 2, 97))
