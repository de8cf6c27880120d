"""Field encryption (字段加密): personal values at rest, behind one interface that a certified module can take over.

AES-256-GCM with a key id in every value; for equality search a keyed fingerprint (HMAC-SHA-256) in a column of
its own. Both are bound to a context, the name of the column, so a value moved to another column does not open.
Keys are 32 random bytes from the environment; the first one encrypts, all of them open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from app.core.identifiers import Masked

_FORMAT: Final = "sj1"
_KEY_ID: Final = re.compile(r"[a-z0-9_-]{1,16}")
_NONCE: Final = 12


class BadKeys(ValueError):
    """The key setting cannot be used (密钥配置有误). The message never holds a key."""


class CannotDecrypt(Exception):
    """A stored value does not open (无法解密): altered, moved to another column, or its key is missing."""


class FieldCipher(Protocol):
    """What field encryption must do (字段加密接口)."""

    def encrypt(self, plain: str, context: str) -> str:
        """The stored form of a value (加密); another one each time."""

    def decrypt(self, stored: str, context: str) -> str:
        """The value of a stored form (解密). Raises CannotDecrypt."""

    def fingerprint(self, plain: str, context: str) -> str:
        """The keyed fingerprint to store beside a value for equality search (盲索引), with the current key."""

    def fingerprints(self, plain: str, context: str) -> tuple[str, ...]:
        """The fingerprints under every key (全部密钥的盲索引): search for any of them while keys change."""

    def is_current(self, stored: str) -> bool:
        """Whether a stored form uses the current key (是否当前密钥), else it waits to be encrypted again."""


class AesGcmCipher:
    """AES-256-GCM and HMAC-SHA-256 (默认加密实现). Two keys are derived from each master key (HKDF-SHA-256)."""

    def __init__(self, keys: Mapping[str, bytes], chance: Callable[[int], bytes] = os.urandom) -> None:
        """`keys` maps key id → 32 bytes, the current one first; `chance` gives random bytes. Raises BadKeys."""
        if not keys:
            raise BadKeys("FIELD_KEYS holds no key")
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise BadKeys("a key id in FIELD_KEYS is 1 to 16 of a-z, 0-9, _ and -")
            if len(key) != 32:
                raise BadKeys(f"key {key_id} in FIELD_KEYS is not 32 bytes long")
        self._current = next(iter(keys))
        self._boxes = {key_id: AESGCM(_derive(key, b"field encryption")) for key_id, key in keys.items()}
        self._marks = {key_id: _derive(key, b"field fingerprint") for key_id, key in keys.items()}
        self._chance = chance

    def encrypt(self, plain: str, context: str) -> str:
        """`sj1.<key id>.<base64url of nonce, ciphertext, tag>` (加密)."""
        nonce = self._chance(_NONCE)
        sealed = self._boxes[self._current].encrypt(nonce, plain.encode(), _bound(self._current, context))
        return f"{_FORMAT}.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, stored: str, context: str) -> str:
        """The value (解密). Raises CannotDecrypt, whose message names the key id and the column only."""
        key_id, body = _parts(stored)
        box = self._boxes.get(key_id)
        if box is None:
            raise CannotDecrypt(f"{context or 'a value'}: key {key_id} is not among FIELD_KEYS")
        try:
            sealed = base64.b64decode(body, altchars=b"-_", validate=True)
            return box.decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound(key_id, context)).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise CannotDecrypt(f"{context or 'a value'}: altered, or written for another column") from None

    def fingerprint(self, plain: str, context: str) -> str:
        """`<key id>.<64 hex digits>` (盲索引)."""
        return self._fingerprint(self._current, plain, context)

    def fingerprints(self, plain: str, context: str) -> tuple[str, ...]:
        """One per key, the current one first (全部密钥的盲索引)."""
        return tuple(self._fingerprint(key_id, plain, context) for key_id in self._marks)

    def is_current(self, stored: str) -> bool:
        """Whether the current key sealed it (是否当前密钥)."""
        return _parts(stored)[0] == self._current

    def _fingerprint(self, key_id: str, plain: str, context: str) -> str:
        mark = hmac.new(self._marks[key_id], f"{context}\0{plain}".encode(), hashlib.sha256)
        return f"{key_id}.{mark.hexdigest()}"


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"songjian " + purpose).derive(key)


def _bound(key_id: str, context: str) -> bytes:
    return f"{_FORMAT}\0{key_id}\0{context}".encode()


def _parts(stored: str) -> tuple[str, str]:
    parts = stored.split(".")
    if len(parts) != 3 or parts[0] != _FORMAT:
        raise CannotDecrypt("not an encrypted value")
    return parts[1], parts[2]


def cipher_from(field_keys: str) -> AesGcmCipher:
    """The cipher of the setting FIELD_KEYS (按配置建立): `id:base64[,id:base64…]`, the first one encrypts.

    Raises BadKeys without repeating a key.
    """
    keys: dict[str, bytes] = {}
    for pair in field_keys.split(","):
        key_id, colon, encoded = pair.strip().partition(":")
        if not colon:
            raise BadKeys("FIELD_KEYS is written id:base64[,id:base64…]")
        if key_id in keys:
            raise BadKeys(f"key id {key_id} stands twice in FIELD_KEYS")
        try:
            keys[key_id] = base64.b64decode(encoded.replace("-", "+").replace("_", "/"), validate=True)
        except binascii.Error:
            raise BadKeys(f"key {key_id} in FIELD_KEYS is not base64") from None
    return AesGcmCipher(keys)


# --- the cipher of this process ---------------------------------------------------------------------------------------

_installed: FieldCipher | None = None


def install(cipher: FieldCipher) -> None:
    """Set the cipher of this process (启用加密), once, where the application is put together."""
    global _installed
    _installed = cipher


def cipher() -> FieldCipher:
    """The cipher of this process (当前加密). Raises BadKeys when none was installed."""
    if _installed is None:
        raise BadKeys("no field cipher is installed; set FIELD_KEYS")
    return _installed


class EncryptedText(TypeDecorator[Any]):
    """A text column that is stored encrypted (加密列).

    `context` names the column, for instance "person.phone"; never change it once rows exist. `kind` is the masked
    type to read as (IdentityNumber, Phone, PersonName); without it the column reads as str. It cannot be searched:
    keep a `fingerprint` in a second column for that.
    """

    impl = Text
    cache_ok = True

    def __init__(self, context: str = "", kind: type[Masked] | None = None) -> None:
        super().__init__()
        self.context = context
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base class asks for it
        """Encrypt on the way in (写入时加密)."""
        if value is None:
            return None
        return cipher().encrypt(value.reveal() if isinstance(value, Masked) else value, self.context)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - the base class asks for it
        """Decrypt on the way out (读出时解密)."""
        if value is None:
            return None
        plain = cipher().decrypt(value, self.context)
        return plain if self.kind is None else self.kind(plain)
