"""The code at a home's door (到场码): names the site and cannot be made up without the platform's key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from uuid import UUID

from app.core.refusal import Refused

_LENGTH = 14  # bytes of the seal; with the sixteen of the id they need no padding


def door_token(site_id: UUID, key: str) -> str:
    """The text of the code (到场码内容): site id and seal, in the URL's alphabet."""
    return base64.urlsafe_b64encode(site_id.bytes + _seal(site_id, key)).decode()


def site_of_token(token: str, key: str) -> UUID:
    """The site that a code names (识别到场码). Refused when the seal is not ours."""
    try:
        raw = base64.urlsafe_b64decode(token)
        site_id = UUID(bytes=raw[:16])
    except ValueError:
        raise _unknown() from None
    if not hmac.compare_digest(raw[16:], _seal(site_id, key)):
        raise _unknown()
    return site_id


def _seal(site_id: UUID, key: str) -> bytes:
    return hmac.new(key.encode(), b"door:" + site_id.bytes, hashlib.sha256).digest()[:_LENGTH]


def _unknown() -> Refused:
    return Refused("door.unknown", "这不是本平台的到场码，请扫机构门口张贴的码；码损坏的，可在任务中手工登记到场并写明原因")
