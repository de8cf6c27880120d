"""`make demo` (演示环境): services up, schema up, world built once, then web, worker and timetable side by side until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from honcho.manager import Manager

from app.core import migrating
from app.instance import DATABASE, HERE
from app.settings import ROOT

BIN = Path(sys.executable).parent
PAGE_FIRST = 8
"""Seconds in which the web may load alone: the others load as much code and would take the processors from it."""


def run(port: int, *, setup_only: bool = False) -> int:
    """Build and serve the demo; returns the exit status."""
    began = time.monotonic()
    port = _free_port(port)
    _say("启动数据库与对象存储 …")
    HERE.start(web_port=port)
    _say(f"数据库与对象存储已就绪（{HERE.store.endpoint}）")
    try:
        if HERE.ready.exists():
            migrating.upgrade(HERE.cluster.url("songjian_owner", DATABASE))  # the code may be newer than the world
        else:
            _build()
        _say(f"演示世界已就绪，用时 {time.monotonic() - began:.0f} 秒")
        return 0 if setup_only else _serve(port)
    finally:
        if not setup_only:
            _say("停止数据库与对象存储 …")
            HERE.stop()


def _build() -> None:
    HERE.empty_database()
    _flask("migrate")
    _flask("seed", "demo")
    _say("归档检查报告 …")
    _side_by_side(("worker", "--once"), times=2)
    HERE.ready.touch()


def _serve(port: int) -> int:
    manager = Manager()
    web = [str(BIN / "gunicorn"), "--workers", "2", "--threads", "8", "--worker-class", "gthread", "--bind", f"127.0.0.1:{port}"]
    commands = {
        "web": [*web, "--access-logfile", "/dev/null", "app:create_app()"],
        "worker": ["sh", "-c", f"sleep {PAGE_FIRST}; exec {BIN / 'flask'} worker"],
        "timetable": ["sh", "-c", f"sleep {PAGE_FIRST}; exec {BIN / 'flask'} timetable"],
    }
    for name, command in commands.items():
        manager.add_process(name, " ".join(f'"{part}"' for part in command), cwd=str(ROOT), env=dict(os.environ))
    threading.Thread(target=_announce, args=(port,), daemon=True).start()
    manager.loop()
    code = manager.returncode
    # Ctrl-C reaches every process of the group: their ending by signal is an orderly end.
    return 0 if code in {None, 0, 130, -signal.SIGINT, -signal.SIGTERM} else int(code)


def _announce(port: int) -> None:
    """Print addresses and accounts as soon as the web answers."""
    for _ in range(600):
        with socket.socket() as tried:
            tried.settimeout(0.5)
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    accounts = ROOT / "var" / "demo-accounts.txt"
    _say(f"公众查询   http://127.0.0.1:{port}/")
    _say(f"登录       http://127.0.0.1:{port}/sign-in")
    if accounts.exists():
        print(accounts.read_text("utf-8"), flush=True)


def _flask(*words: str) -> None:
    subprocess.run([str(BIN / "flask"), *words], cwd=ROOT, check=True)


def _side_by_side(words: tuple[str, ...], *, times: int) -> None:
    running = [subprocess.Popen([str(BIN / "flask"), *words], cwd=ROOT) for _ in range(times)]
    for process in running:
        if process.wait():
            raise SystemExit(f"flask {' '.join(words)} ended with {process.returncode}")


def _free_port(port: int) -> int:
    """`port`, or the next free one; an earlier demo of this checkout that still holds it is left alone."""
    for candidate in range(port, port + 50):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return candidate
    raise SystemExit(f"no free port between {port} and {port + 50}")


def _say(sentence: str) -> None:
    print(f"松鉴 | {sentence}", flush=True)
