"""Speed of the public pages (公众页速度): goals L1 and H1. Run: `python -m bench.bench_public`.

L1: search of 2–4 characters, first 20 of 400,000 facilities, beside the same driver's look-up of one row by its key.
H1: CPU of an uncached facility page beside a bare Flask hello, both behind gunicorn gthread 2×8, interleaved.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from statistics import median
from uuid import UUID

from sqlalchemy import Connection, create_engine, text

from app.core.embedded.postgres import Cluster
from app.public import actions, rules
from app.public.queries import search as finding
from app.public.queries.reading import fetch

ROOT = Path(__file__).resolve().parent.parent
SITES = int(os.environ.get("BENCH_SITES", "400000"))
DAY = date(2026, 11, 24)
DATABASE = "bench_public"

# Names as they are: a place, a pair of lucky characters or a family of them, a kind. A few kinds make a few very common words.
_FILL = """
insert into published.facility (id, visible_from, visible_until, version, name, pinyin, initials, organisation, uscc, kind, kind_word,
  nature_word, state, state_word, region_path, region_name, district_path, district, address, authority, authority_phone,
  filing_number, filed_on, beds, free_beds, charge_min_fen, charge_max_fen, charge_parts, last_checked_on, last_result, open_problems, search)
select gen_random_uuid(), date '2020-01-01', date '9999-12-31', 1, name, 'p' || lpad((hashtext(name) & 2147483647)::text, 10, '0'), 'sl', name,
  '52' || lpad(n::text, 16, '0'), 'care_home', '养老机构', '民办非企业单位', 'filed', '已备案', '/' || d || '/', region, '/' || d || '/', region,
  '示例路' || n % 300 || '号', '示例·民政局', '0000-1234500', '示备' || n, date '2020-01-01', 20 + n % 180, n % 9, 100000 + n % 500000, 600000,
  '床位＋护理', date '2026-01-01' + n % 300, '正常', n % 3,
  replace(name, '·', '') || ' ' || region || ' 示例路' || n % 300 || '号'
from (
  select n, d, region, '示例·' || a || b || (array['养老院','养老服务中心','敬老院','日间照料中心','护理院','老年公寓'])[1 + n % 6] as name
  from (
    select n, 1 + n % 2900 as d, chr(20100 + (n % 2900) * 3) || chr(24000 + (n % 2900) * 2) || '区' as region,
      chr(19968 + (power((n::bigint * 7919 % 100003) / 100003.0, 2) * 3000)::int) as a,
      chr(23000 + (power((n::bigint * 104729 % 99991) / 99991.0, 2) * 3000)::int) as b
    from generate_series(1, :sites) as n
  ) as parts
) as named
"""


@contextlib.contextmanager
def _world() -> Iterator[Cluster]:
    """A database of one's own with the synthetic facilities, thrown away afterwards."""
    from tests import worlds

    folder = Path(os.environ.get("BENCH_FOLDER") or tempfile.mkdtemp(prefix="songjian-bench-"))
    cluster = Cluster(folder / "db", durable=False)
    cluster.start()
    try:
        if not worlds.has_database(cluster, DATABASE):
            worlds.build_template(cluster, DATABASE)
            with worlds.connected(cluster, DATABASE, "songjian_owner") as owner:
                _fill(owner)
        yield cluster
    finally:
        if "BENCH_FOLDER" in os.environ:
            cluster.stop()
        else:
            cluster.discard()


def _fill(owner: Connection) -> None:
    owner.execute(text("drop index published.ix_facility_bigrams"))
    owner.execute(text(_FILL), {"sites": SITES})
    owner.execute(text("create index ix_facility_bigrams on published.facility using gin (published.bigrams(search))"))
    owner.execute(text("insert into published.frequent_word (word, facilities) select '', count(*) from published.facility"))
    owner.execute(actions.COUNT_WORDS, {"common": rules.COMMON})
    owner.execute(text("analyze published.facility"))


def _microseconds(work: Callable[[], object], times: int = 1) -> float:
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times * 1e6


def _words(connection: Connection, frequency: dict[str, int]) -> dict[str, list[str]]:
    """Words of 2–4 characters by how often they stand: rare (≤ 200 facilities), between, and the very common ones."""
    rows = (
        connection.execute(text("select search from published.facility tablesample system (1) repeatable (7) limit 3000"))
        .scalars()
        .all()
    )
    chance, found = random.Random(11), {"rare": [], "between": [], "common": ["养老", "中心", "服务中", "养老服务", "老院"]}
    count = text(
        "select count(*) from (select 1 from published.facility where published.bigrams(search) @> :grams and search like :like limit 2001) as c"
    )
    for row in rows:
        name = row.split(" ")[0][2:]
        length = chance.randint(2, 4)
        start = chance.randrange(max(1, len(name) - length))
        word = name[start : start + length]
        if len(word) < 2 or word in frequency:
            continue
        hits = connection.execute(count, {"grams": rules.grams(word), "like": f"%{word}%"}).scalar_one()
        kind = "rare" if hits <= 200 else "between"
        if len(found[kind]) < 60 and word not in found[kind]:
            found[kind].append(word)
    return found


def l1(rounds: int = 5) -> dict[str, tuple[float, float]]:
    """Search over point look-up (检索比值), by how common the words are, each with its limit. Prints them, LIKE beside."""
    results: dict[str, tuple[float, float]] = {}
    with _world() as cluster:
        engine = create_engine(cluster.url("songjian_public", DATABASE), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            finding.learn_frequency(connection, on=DAY)
            words = _words(connection, dict(finding._frequency.words))
            keys = connection.execute(text("select id from published.facility tablesample system (1) limit 200")).scalars().all()
            point = "select id, name, address, beds from published.facility where id = %(id)s"
            for kind, chosen in words.items():
                if chosen:
                    ratios = [_round(connection, point, keys, chosen) for _ in range(rounds)]
                    spent, looked = median(r[0] for r in ratios), median(r[1] for r in ratios)
                    ratio = median(r[0] / r[1] for r in ratios)
                    results[kind] = (ratio, 3.0)
                    print(f"L1 {kind} words ({len(chosen)}): {spent:.0f} µs, point {looked:.0f} µs, ratio {ratio:.2f} (limit 3)")
            _beside_like(connection, words["rare"][:5])
        engine.dispose()
    return results


def _round(connection: Connection, point: str, keys: list[UUID], words: list[str]) -> tuple[float, float]:
    """Median of each word's own time and of the look-ups, interleaved; every argument warmed once."""
    searched, looked = [], []
    for at, word in enumerate(words):
        wanted = finding.Search(words=(word,))
        finding.first_page(connection, wanted, on=DAY)
        searched.append(_microseconds(lambda w=wanted: finding.first_page(connection, w, on=DAY), 3))  # type: ignore[misc]
        key = {"id": keys[at % len(keys)]}
        fetch(connection, point, key)
        looked.append(_microseconds(lambda k=key: fetch(connection, point, k), 3))  # type: ignore[misc]
    return median(searched), median(looked)


def _beside_like(connection: Connection, words: list[str]) -> None:
    like = text("select id, name from published.facility where search like :like order by pinyin, id limit 20")
    plain = median(_microseconds(lambda w=w: connection.execute(like, {"like": f"%{w}%"}).all()) for w in words)  # type: ignore[misc]
    ours = median(_microseconds(lambda w=w: finding.first_page(connection, finding.Search(words=(w,)), on=DAY)) for w in words)  # type: ignore[misc]
    print(f"L1 rare words beside plain LIKE: {plain / 1000:.0f} ms, {plain / ours:.0f}× (limit 150×)")


# ---------------------------------------------------------------------------------------------------------------- H1

_HELLO = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def hello():
    return "hello"
"""
_PAGE = """
import os, sys
sys.path.insert(0, {root!r})
from app.factory import create_app
from app.settings import Settings
app = create_app(Settings(_env_file=None, environment="test" if False else "demo", database_url={app!r}, database_public_url={public!r},
    secret_key="bench" + "0" * 40, field_keys={keys!r}))
app.config["PUBLIC_PAGES"] = 0
"""


def _cpu_of(process: subprocess.Popen[bytes]) -> float:
    """User and system seconds of a server's workers so far."""
    found = 0.0
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
        found += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


@contextlib.contextmanager
def _served(folder: Path, name: str, source: str, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    (folder / f"{name}.py").write_text(source)
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "2", "--threads", "8", "--keep-alive", "30"]
    process = subprocess.Popen(
        [
            *command,
            "-b",
            f"127.0.0.1:{port}",
            "--log-level",
            "error",
            "--control-socket",
            str(folder / f"{name}.ctl"),
            f"{name}:app",
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": f"{folder}:{ROOT}"},
    )
    try:
        yield process, f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, path: str) -> None:
    for _ in range(120):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://{address}{path}", timeout=5).read()
            return
        time.sleep(0.5)
    raise RuntimeError(f"{address} did not come up")


def _load(address: str, paths: list[str], requests: int) -> None:
    """`requests` requests on eight kept connections."""
    import http.client

    def one(share: int) -> None:
        connection = http.client.HTTPConnection(address, timeout=30)
        chance = random.Random(share)
        for _ in range(requests // 8):
            connection.request("GET", chance.choice(paths))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} from {address}")
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))


def h1(rounds: int = 5, requests: int = 1600) -> tuple[float, float]:
    """CPU of hello over CPU of a facility page (整页比值), and its limit. Random homes, nothing kept."""
    import base64

    with _world() as cluster, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with create_engine(cluster.url("songjian_public", DATABASE)).connect() as connection:
            ids = connection.execute(text("select id from published.facility tablesample system (1) limit 400")).scalars().all()
        source = _PAGE.format(
            root=str(ROOT), app=cluster.url("songjian_app", DATABASE), public=cluster.url("songjian_public", DATABASE),
            keys="t1:" + base64.b64encode(b"bench-field-key-32-bytes-long-ok").decode(),
        )  # fmt: skip
        pages = [f"/facilities/{facility_id}" for facility_id in ids]
        with _served(folder, "hello", _HELLO, 8796) as hello, _served(folder, "page", source, 8797) as page:
            _wait(hello[1], "/")
            _wait(page[1], pages[0])
            spent: list[tuple[float, float]] = []
            for turn in range(rounds + 1):
                pair = []
                for (process, address), paths in ((hello, ["/"]), (page, pages)):
                    begin = _cpu_of(process)
                    _load(address, paths, requests)
                    pair.append((_cpu_of(process) - begin) / requests * 1000)
                if turn:  # the first turn warms
                    spent.append((pair[0], pair[1]))
    ratio = median(bare / full for bare, full in spent)
    print(
        f"H1 facility page {median(s[1] for s in spent):.2f} ms CPU, hello {median(s[0] for s in spent):.2f} ms, ratio {ratio:.2f} (limit 0.35)"
    )
    return ratio, 0.35


if __name__ == "__main__":
    l1()
    h1()
