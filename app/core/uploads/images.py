"""Pictures in the child (图片重编码): decoded once, turned upright, written anew as a plain JPEG.

Only pixels survive: EXIF with the place, comments, profiles, appended pages or archives stay behind.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import struct
import warnings
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from PIL import Image

from app.core.child import Options
from app.core.refusal import Refused

MOST_PIXELS: Final = 25_000_000
LONGEST_SIDE: Final = 2048
THUMBNAIL_SIDE: Final = 400
QUALITY: Final = 85
BEIJING: Final = timezone(timedelta(hours=8))
_ORIENTATION, _EXIF, _GPS, _TAKEN, _OFFSET = 0x0112, 0x8769, 0x8825, 0x9003, 0x9011
_UPRIGHT: Final[dict[Any, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_NONSENSE: Final = (ValueError, TypeError, KeyError, IndexError, SyntaxError, ArithmeticError, OSError, struct.error)
_MOMENT: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_ZONE: Final = re.compile(r"([+-])(\d\d):(\d\d)")

_ONE_FRAME: Final = "这是动图，请截取一张画面、另存成 JPG 再传"
_TOO_MANY_PIXELS: Final = "照片超过 2500 万像素，请在相机设置里选小一些的尺寸，或缩小后再传"
_DAMAGED: Final = "照片打不开，可能没有传完整。请重新拍一张，或另存成 JPG 再传"


def work(payload: bytes, options: Options) -> bytes:
    """Re-encode one picture (重编码): a JSON line with sizes, time and place, then the picture, then the thumbnail."""
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        picture, about = _decode(payload, str(options["format"]))
    except (Refused, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("upload.pixels", _TOO_MANY_PIXELS) from None
    except Exception:
        raise Refused("upload.damaged", _DAMAGED) from None
    full = _jpeg(picture)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small = _jpeg(picture)
    head = json.dumps({**about, "full": len(full), "small": len(small)})
    return b"%s\n%s%s" % (head.encode(), full, small)


def _decode(payload: bytes, form: str) -> tuple[Image.Image, dict[str, Any]]:
    image: Image.Image = Image.open(io.BytesIO(payload), formats=[form])
    if image.width * image.height > MOST_PIXELS:
        raise Refused("upload.pixels", _TOO_MANY_PIXELS)
    if form != "JPEG" and getattr(image, "is_animated", False):  # phones store a second view inside a JPEG
        raise Refused("upload.animated", _ONE_FRAME)
    turn, about = _camera_says(image)
    if form != "JPEG":
        image = _on_white(image)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    if turn is not None:
        image = image.transpose(turn)
    plain = Image.new("RGB", image.size)
    plain.paste(image.convert("RGB"))
    return plain, {**about, "width": plain.width, "height": plain.height}


def _on_white(image: Image.Image) -> Image.Image:
    """Palettes, transparency and 16-bit grey as eight-bit colours on white (统一色彩)."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _camera_says(image: Image.Image) -> tuple[Image.Transpose | None, dict[str, Any]]:
    """Which way is up, when and where (方向、拍摄时间与位置); data that makes no sense counts as absent."""
    turn: Image.Transpose | None = None
    about: dict[str, Any] = {"taken_at": None, "gps": None}
    with contextlib.suppress(*_NONSENSE):
        exif = image.getexif()
        turn = _UPRIGHT.get(exif.get(_ORIENTATION))
        about = {"taken_at": _moment(exif.get_ifd(_EXIF)), "gps": _place(exif.get_ifd(_GPS))}
    return turn, about


def _moment(exif: dict[int, Any]) -> str | None:
    match = _MOMENT.fullmatch(str(exif.get(_TAKEN, "")).strip("\0 "))
    if match is None:
        return None
    offset = _ZONE.fullmatch(str(exif.get(_OFFSET, "")).strip("\0 "))
    zone = BEIJING
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3])
        zone = timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=zone).isoformat()


def _place(gps: dict[int, Any]) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, WGS 84; north and east positive (纬度、经度)."""
    if not {1, 2, 3, 4} <= gps.keys():
        return None
    latitude = _degrees(gps[2]) * (-1 if str(gps[1]).strip("\0 ") == "S" else 1)
    longitude = _degrees(gps[4]) * (-1 if str(gps[3]).strip("\0 ") == "W" else 1)
    inside = abs(latitude) <= 90 and abs(longitude) <= 180
    return (round(latitude, 7), round(longitude, 7)) if inside else None


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
