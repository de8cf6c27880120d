"""Objects kept for ever (对象存储): write once under a lock, read by version, check the hash; S3 through boto3.

A PUT on a locked key does not change the locked version, it makes a newer one. So the database notes key, version id
and SHA-256 of what it archived, every read names the version, and the bytes are checked before anyone sees them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.refusal import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from app.settings import Settings

PIECE: Final = 1024 * 1024
PROBE_PREFIX: Final = "probe/"
UPLOADS: Final = "uploads/"
"""Pieces of uploads that are on their way: never locked, taken away when the upload ends."""
PROBE_LOCK: Final = timedelta(seconds=20)
"""Long enough for the store's clock to differ a little from ours."""
AWAY: Final = "档案存储暂时连接不上，请稍后再试；已提交的内容不会丢失"
PASSING: Final = frozenset(
    {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "Throttling", "OperationAborted"}
)
"""Error codes that go away by themselves, beside every status of 500 and above."""


class StoreAway(Unavailable):
    """The store cannot be reached or is busy (存储暂不可用): try again later. The web answers 503."""


class StoreRefused(Exception):
    """The store answered and said no (存储拒绝): wrong key, no such bucket, no right. Trying again does not help."""


class StoreUnfit(Exception):
    """The store does not keep what it must keep (存储不合格): the platform must not archive there."""


class Tampered(Exception):
    """The bytes are not those that were archived (内容与存档不符)."""


class Missing(Tampered):
    """The archived version is not there at all (存档缺失)."""


@dataclass(frozen=True)
class StoreSettings:
    """Where the store is and who we are to it (存储设置)."""

    endpoint: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    bucket: str


@dataclass(frozen=True)
class Stored:
    """What the database notes of an archived object (存档回执)."""

    key: str
    version_id: str
    sha256: str
    """64 hexadecimal digits, small letters."""
    size: int
    """Bytes."""
    retain_until: datetime | None
    """No one can delete the version before this moment; None when it is not locked."""


class Storage:
    """One bucket of an S3 store (存储桶). Safe to share among threads; connects at the first call."""

    def __init__(self, settings: StoreSettings) -> None:
        self.settings = settings

    @cached_property
    def _client(self) -> S3Client:
        here = urlsplit(self.settings.endpoint).hostname in {"127.0.0.1", "localhost", "::1"}
        return boto3.client(
            "s3",
            endpoint_url=self.settings.endpoint,
            region_name=self.settings.region,
            aws_access_key_id=self.settings.access_key,
            aws_secret_access_key=self.settings.secret_key,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path"},
                connect_timeout=3,
                read_timeout=20,
                retries={"mode": "standard", "total_max_attempts": 3},
                # The default of newer boto3 sends checksums in a form that many S3 stores cannot read.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                proxies={} if here else None,
            ),
        )

    # -- writing

    def put_once(self, key: str, data: bytes | BinaryIO, *, retain_until: datetime | None, content_type: str) -> Stored:
        """Archive `data` under `key` (归档写入), locked until `retain_until` so that nobody can delete or shorten it.

        A file must be open for reading and able to seek; it is read from its beginning, in pieces. Safe to repeat: if a version with these very bytes is there already, that one is locked and returned.
        Raises `StoreAway`, `StoreRefused`.
        """
        sha, md5, size = _measured(data)
        until = None if retain_until is None else _whole_second(retain_until)
        found = self._version_with(key, sha, size)
        if found is not None:
            locked_until = self.extend(key, found, until) if until is not None else self._locked_until(key, found)
            return Stored(key, found, sha, size, locked_until)
        lock: dict[str, Any] = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until} if until else {}
        with _translated():
            written = self._client.put_object(
                Bucket=self.settings.bucket,
                Key=key,
                Body=data,
                ContentType=content_type,
                ContentMD5=base64.b64encode(md5).decode(),
                **lock,
            )
        if "VersionId" not in written:
            raise StoreUnfit("存储桶没有启用版本管理，写入的内容可能被覆盖；请改用启用了对象锁定的存储桶")
        return Stored(key, written["VersionId"], sha, size, until)

    def extend(self, key: str, version_id: str, until: datetime) -> datetime:
        """Lock a version at least until `until` (延长保管期) and return the moment now in force. Never shortens."""
        until = _whole_second(until)
        now_until = self._locked_until(key, version_id)
        if now_until is not None and now_until >= until:
            return now_until
        with _translated():
            self._client.put_object_retention(
                Bucket=self.settings.bucket,
                Key=key,
                VersionId=version_id,
                Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
            )
        return until

    # -- reading

    def read(self, key: str, version_id: str, sha256: str) -> bytes:
        """The archived bytes (读取存档). Raises `Tampered` when they are not those of `sha256`, `Missing`, `StoreAway`."""
        into = io.BytesIO()
        self.copy(key, version_id, sha256, into)
        return into.getvalue()

    def copy(self, key: str, version_id: str, sha256: str, into: BinaryIO) -> None:
        """Write the archived bytes into a file, in pieces (读取大文件). Raises as `read` does; then `into` is worthless."""
        digest = hashlib.sha256()
        with _translated():
            body = self._client.get_object(Bucket=self.settings.bucket, Key=key, VersionId=version_id)["Body"]
            for piece in body.iter_chunks(PIECE):
                digest.update(piece)
                into.write(piece)
        if digest.hexdigest() != sha256:
            raise Tampered(f"{key} version {version_id} does not have SHA-256 {sha256}")

    # -- pieces on their way

    def drop_piece(self, key: str, version_id: str) -> None:
        """Take away a piece of an upload (清理上传分块). Safe to repeat. Nothing but a piece can be taken away."""
        if not key.startswith(UPLOADS):
            raise ValueError(f"not a piece of an upload: {key}")
        try:
            with _translated():
                self._client.delete_object(Bucket=self.settings.bucket, Key=key, VersionId=version_id)
        except Missing:
            return

    # -- is it fit?

    def ping(self) -> None:
        """Raise `StoreAway` or `StoreRefused` unless the bucket answers (连通性)."""
        if not self._bucket_is_there():
            raise StoreRefused(f"there is no bucket {self.settings.bucket}")

    def ensure_bucket(self) -> None:
        """Make the bucket with Object Lock unless it is there (建立存储桶). Making one needs an administrator's key."""
        if not self._bucket_is_there():
            where: dict[str, Any] = {"LocationConstraint": self.settings.region}
            options: dict[str, Any] = {} if self.settings.region == "us-east-1" else {"CreateBucketConfiguration": where}
            with _translated():
                self._client.create_bucket(Bucket=self.settings.bucket, ObjectLockEnabledForBucket=True, **options)
        self._require_lock_configuration()

    def probe(self, now: datetime) -> None:
        """Find out whether the store really keeps what is locked (存储自检), by trying to delete and to shorten.

        Leaves one object of a few bytes, locked for some seconds. Raises `StoreUnfit` with a sentence for people,
        `StoreAway`, `StoreRefused`.
        """
        self._require_lock_configuration()
        text = f"probe {now.isoformat()}".encode()
        until = _whole_second(now + PROBE_LOCK)
        stored = self.put_once(f"{PROBE_PREFIX}{now:%Y%m%dT%H%M%S.%f}", text, retain_until=until, content_type="text/plain")
        kept = self._locked_until(stored.key, stored.version_id)
        if kept is None or kept < until:
            raise StoreUnfit("对象存储没有记下保管期限，不能用于归档；请更换支持对象锁定（合规模式）的存储服务")
        where: dict[str, Any] = {"Bucket": self.settings.bucket, "Key": stored.key, "VersionId": stored.version_id}
        shorter: Any = {"Mode": "COMPLIANCE", "RetainUntilDate": until - PROBE_LOCK / 2}
        if not _refused(lambda: self._client.put_object_retention(**where, Retention=shorter)):
            raise StoreUnfit("对象存储允许缩短保管期限，不能用于归档；请更换支持对象锁定（合规模式）的存储服务")
        if not _refused(lambda: self._client.delete_object(**where)):
            raise StoreUnfit("对象存储允许删除保管期内的文件，不能用于归档；请更换支持对象锁定（合规模式）的存储服务")
        self.read(stored.key, stored.version_id, stored.sha256)

    # -- inside

    def _bucket_is_there(self) -> bool:
        try:
            with _translated():
                self._client.head_bucket(Bucket=self.settings.bucket)
        except Missing:
            return False
        return True

    def _require_lock_configuration(self) -> None:
        try:
            answer = self._client.get_object_lock_configuration(Bucket=self.settings.bucket)
        except ClientError as error:
            if "ObjectLockConfigurationNotFound" in _code(error):
                raise StoreUnfit("存储桶没有启用对象锁定，不能用于归档；对象锁定须在新建存储桶时启用") from error
            with _translated():
                raise
        except BotoCoreError as error:
            raise StoreAway(AWAY) from error
        if answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") != "Enabled":
            raise StoreUnfit("存储桶没有启用对象锁定，不能用于归档；对象锁定须在新建存储桶时启用")

    def _locked_until(self, key: str, version_id: str) -> datetime | None:
        with _translated():
            head = self._client.head_object(Bucket=self.settings.bucket, Key=key, VersionId=version_id)
        return head.get("ObjectLockRetainUntilDate") if head.get("ObjectLockMode") == "COMPLIANCE" else None

    def _version_with(self, key: str, sha: str, size: int) -> str | None:
        """The version under `key` whose bytes have this hash; it is read, for what a store says of it proves nothing."""
        with _translated():
            listed = self._client.list_object_versions(Bucket=self.settings.bucket, Prefix=key)
        for version in listed.get("Versions", ()):
            if version.get("Key") == key and version.get("Size") == size:
                try:
                    with open(os.devnull, "wb") as nowhere:
                        self.copy(key, version["VersionId"], sha, nowhere)
                except Tampered:
                    continue
                return version["VersionId"]
        return None


@lru_cache(maxsize=8)
def _storage(settings: StoreSettings) -> Storage:
    return Storage(settings)


def from_settings(settings: Settings) -> Storage:
    """The archive's bucket as the settings name it (归档存储); the same object for the same settings."""
    return _storage(
        StoreSettings(
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            bucket=settings.s3_bucket,
        )
    )


def blob_key(sha256: str) -> str:
    """Where a photo or a piece of evidence lies (照片与证据): its name is its content."""
    return f"blobs/{_checked(sha256)}"


def piece_key(upload_id: str, number: int) -> str:
    """Where a piece of an upload waits (上传分块)."""
    return f"{UPLOADS}{upload_id}/{number:05d}"


def document_key(year: int, number: str, sha256: str) -> str:
    """Where a document lies (文书): year, its number as far as a path can show it, and its content.

    `number` is the number people see, such as 松民备〔2026〕12号; everything but letters, digits and Chinese becomes a
    hyphen. Two numbers that look alike then still differ by their content.
    """
    shown = re.sub(r"[^\w]+|_", "-", unicodedata.normalize("NFC", number)).strip("-")[:80]
    if not 1900 <= year <= 9999 or not shown:
        raise ValueError(f"no document has year {year} and number {number!r}")
    return f"documents/{year}/{shown}/{_checked(sha256)}.pdf"


def _checked(sha256: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError(f"not a SHA-256 in small hexadecimal digits: {sha256!r}")
    return sha256


def _whole_second(moment: datetime) -> datetime:
    """Up to the next full second: stores drop the rest, and a lock must not end early."""
    if moment.tzinfo is None:
        raise ValueError("a moment of retention needs its time zone")
    return moment if moment.microsecond == 0 else moment.replace(microsecond=0) + timedelta(seconds=1)


def _measured(data: bytes | BinaryIO) -> tuple[str, bytes, int]:
    """SHA-256 in hexadecimal, MD5 for the way (S3 asks for it with a lock), and bytes. A file is left at its beginning."""
    sha, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    file = io.BytesIO(data) if isinstance(data, bytes) else data
    file.seek(0)
    while piece := file.read(PIECE):
        sha.update(piece)
        md5.update(piece)
        size += len(piece)
    file.seek(0)
    return sha.hexdigest(), md5.digest(), size


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def _translated() -> Iterator[None]:
    """Say what the store said in our own words: away, refused, or not there."""
    try:
        yield
    except ClientError as error:
        if _status(error) >= 500 or _status(error) == 429 or _code(error) in PASSING:
            raise StoreAway(AWAY) from error
        if _status(error) == 404 and _code(error) != "NoSuchBucket":
            raise Missing(str(error)) from error
        raise StoreRefused(str(error)) from error
    except BotoCoreError as error:
        raise StoreAway(AWAY) from error


def _refused(attempt: Any) -> bool:
    """Whether the store refuses what it must refuse. Being away is no refusal."""
    try:
        with _translated():
            attempt()
    except StoreRefused:
        return True
    return False
