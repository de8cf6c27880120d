"""Everything the environment may decide (运行设置): one frozen object; environments differ by values, never by code.

Values come from the environment, then from `var/instance.env`, which the embedded services write (see app/core/embedded).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Settings of one running instance; names in the environment are the field names in capitals."""

    model_config = SettingsConfigDict(
        env_file=ROOT / "var" / "instance.env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    environment: Literal["production", "demo", "test", "development"] = "development"

    # PostgreSQL, four roles (docs/operations.md)
    database_url: str = ""
    database_owner_url: str = ""
    database_job_url: str = ""
    database_public_url: str = ""

    # S3 with Object Lock
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: str = ""
    s3_bucket: str = "songjian-archive"
    archive_lock_days: int | None = Field(default=None, description="shortens every lock; demo and tests only")

    # Keys. `secret_key` seals the form token; `field_keys` is id:base64[,id:base64…], the first one encrypts.
    secret_key: str = ""
    field_keys: str = ""
    signing_folder: Path = ROOT / "var" / "signing"
    fonts_folder: Path = ROOT / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"

    # Sessions and sign-in
    session_idle: timedelta = timedelta(minutes=30)
    session_absolute: timedelta = timedelta(hours=12)
    argon2_time_cost: int = 3
    argon2_memory_kib: int = 65536
    sign_in_free_tries: int = 5
    demo_show_codes: bool = False

    # Web
    public_base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: str = ""
    proxy_hops: int = 0
    secure_cookies: bool = False
    max_request_bytes: int = 16 * 1024 * 1024

    # Slow work: how long a worker or a timetable may be silent before another takes over
    errand_lease: timedelta = timedelta(minutes=3)
    job_lease: timedelta = timedelta(minutes=15)
    tick_seconds: float = 15.0

    clamd_address: str = ""
    smtp_address: str = ""
    log_json: bool = True

    @property
    def is_demo(self) -> bool:
        """Whether pages and documents must say 演示."""
        return self.environment in {"demo", "test", "development"}

    def problems(self) -> list[str]:
        """What forbids starting with these values, in sentences; empty means fit to run."""
        found: list[str] = []
        for name in ("database_url", "database_job_url", "database_public_url", "s3_endpoint", "secret_key", "field_keys"):
            if not getattr(self, name):
                found.append(f"{name.upper()} is not set; run `make demo`, or see docs/operations.md")
        if self.environment == "production":
            if self.demo_show_codes:
                found.append("DEMO_SHOW_CODES may not be set in production")
            if not self.secure_cookies:
                found.append("SECURE_COOKIES must be on in production")
            if not self.trusted_hosts:
                found.append("TRUSTED_HOSTS must name the host in production")
            if self.archive_lock_days is not None:
                found.append("ARCHIVE_LOCK_DAYS shortens legal retention; not in production")
        return found
