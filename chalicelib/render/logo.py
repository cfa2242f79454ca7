"""The operator's logo: a data: URI from outside, checked before anything draws it.

PNG and JPEG are measured before they are decoded; SVG is held to an allow-list in `svg_logo`. A bad logo fails with words: a
document must not silently lose it.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from chalicelib.render.failures import TemplateFailed
from chalicelib.render.svg_logo import clean_svg

LARGEST_LOGO = 512 * 1024
LARGEST_SIDE = 4096
JPEG_QUALITY = 95
LAST_BYTES = {"image/png": b"IEND", "image/jpeg": b"\xff\xd9"}
"""What the end of a complete file holds. Pillow cannot be asked: WeasyPrint tells it to accept truncated files."""
DATA_URI = re.compile(
    r"data:(?P<type>image/(?:png|jpeg|svg\+xml))(?P<base64>(?:;[\w=-]+)*?;base64)?(?:;[\w=-]+)*,(?P<body>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Asset:
    """A checked file that a template may show as `asset:NAME`."""

    media_type: str
    content: bytes


def read_logo(data_uri: str) -> Asset:
    """The logo as drawn. TemplateFailed, naming the fault, for anything but a sound PNG, JPEG or SVG of bounded size."""
    match = DATA_URI.fullmatch(data_uri[: 2 * LARGEST_LOGO])
    if not match:
        raise TemplateFailed("The logo is not a data: URI of a PNG, JPEG or SVG image.")
    content = _decode(match["body"], is_base64=bool(match["base64"]))
    if len(content) > LARGEST_LOGO:
        raise TemplateFailed(f"The logo is larger than {LARGEST_LOGO // 1024} KiB.")
    if match["type"] == "image/svg+xml":
        return Asset("image/svg+xml", clean_svg(content))
    _check_bitmap(content, match["type"])
    return as_screen_picture(Asset(match["type"], content))


def as_screen_picture(picture: Asset) -> Asset:
    """The picture, a JPEG for printing presses (CMYK) in RGB: PDF/A allows the colours of one profile, and ours is of screens.

    Pillow's errors for what is none.
    """
    from PIL import Image  # noqa: PLC0415 - as below

    if picture.media_type != "image/jpeg":
        return picture
    with Image.open(io.BytesIO(picture.content), formats=["JPEG"]) as image:
        if image.mode != "CMYK":
            return picture
        changed = io.BytesIO()
        image.convert("RGB").save(changed, "JPEG", quality=JPEG_QUALITY)
    return Asset(picture.media_type, changed.getvalue())


def _decode(body: str, *, is_base64: bool) -> bytes:
    try:
        raw = unquote_to_bytes(body)
        return base64.b64decode(raw, validate=True) if is_base64 else raw
    except (binascii.Error, ValueError) as error:
        raise TemplateFailed("The logo's data: URI is damaged.") from error


def _check_bitmap(content: bytes, media_type: str) -> None:
    from PIL import Image  # noqa: PLC0415 - only the render function pays for it; it comes with WeasyPrint

    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG"]) as image:
            found, side = f"image/{(image.format or '').lower()}", max(image.size)
            if side <= LARGEST_SIDE:
                image.load()
    except Exception as error:  # Pillow raises OSError, SyntaxError, ValueError, struct.error … for damaged files
        raise TemplateFailed(f"The logo is not a sound {media_type} image.") from error
    if side > LARGEST_SIDE:
        raise TemplateFailed(f"The logo has more than {LARGEST_SIDE} pixels on a side.")
    if found != media_type:
        raise TemplateFailed(f"The logo says {media_type} but is {found}.")
    if LAST_BYTES[media_type] not in content[-1024:]:
        raise TemplateFailed(f"The logo is not a sound {media_type} image: its end is missing.")
