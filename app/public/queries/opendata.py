"""Open data (开放数据): whole tables as published on a day, read in batches by key, and the feed of changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from app.public.queries.reading import SHOWN_ON, reading

BATCH: Final = 1000
FEED_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Dataset:
    """One set of open data (数据集): its table and columns with their Chinese headings."""

    table: str
    columns: Mapping[str, str]


DATASETS: Final[Mapping[str, Dataset]] = {
    "facilities": Dataset(
        "facility",
        {
            "id": "机构标识", "name": "名称", "kind_word": "类型", "state_word": "状态", "organisation": "主办单位",
            "uscc": "统一社会信用代码", "nature_word": "机构性质", "operator_word": "运营方式", "region_name": "地区",
            "address": "地址", "service_phone": "服务电话", "authority": "主管部门", "filing_number": "备案号", "filed_on": "备案日期",
            "beds": "床位", "nursing_beds": "护理型床位", "free_beds": "空床", "beds_as_of": "床位截至",
            "charge_min_fen": "每月收费最低（分）", "charge_max_fen": "每月收费最高（分）", "charge_parts": "收费所含",
            "charge_as_of": "收费截至", "last_checked_on": "最近检查", "last_result": "最近检查结果", "open_problems": "没改完的问题",
        },
    ),
    "inspections": Dataset(
        "inspection_result",
        {
            "id": "检查标识", "site_id": "机构标识", "number": "检查编号", "kind_word": "检查类型", "authority": "检查机关",
            "checked_on": "检查日期", "published_on": "公示日期", "items": "检查项", "met": "符合项", "not_met": "不符合项",
            "rate": "符合率（万分之一）", "mandatory": "强制性标准", "mandatory_pending": "待核条文", "result": "结果",
            "handling": "处理", "report_number": "报告文书号",
        },
    ),
    "problems": Dataset(
        "problem",
        {
            "id": "问题标识", "site_id": "机构标识", "inspection_id": "检查标识", "what": "问题", "basis": "依据",
            "severity_word": "程度", "found_on": "发现日期", "deadline": "期限", "state_word": "状态", "mended_on": "改完日期",
        },
    ),
    "draws": Dataset(
        "draw",
        {
            "id": "抽查标识", "number": "编号", "authority": "机关", "purpose": "抽查", "mode_word": "方式", "state_word": "状态",
            "freeze_hash": "名单指纹", "result_hash": "结果指纹", "reveal_on": "揭晓日",
        },
    ),
    "listings": Dataset(
        "listed_entry",
        {
            "id": "条目标识", "list_name": "名单", "subject_word": "对象", "name": "名称（姓名）", "uscc": "统一社会信用代码",
            "legal_representative": "法定代表人", "id_masked": "证件号码（部分）", "ground": "列入情形", "basis": "依据", "facts": "事实",
            "authority": "决定机关", "number": "决定书文号", "decided_on": "决定日期", "class_word": "分类", "reach": "适用范围",
            "objected": "异议处理中", "earliest_repair_on": "最早可申请移出", "last_day": "最后公示日",
        },
    ),
}  # fmt: skip


def rows(dataset: Dataset, *, on: date) -> Iterator[Sequence[Any]]:
    """Every row of a data set as published on a day (全部数据), by key, a thousand at a time."""
    columns = ", ".join(dataset.columns)
    statement = text(
        f"select {columns} from published.{dataset.table} where {SHOWN_ON} and id > cast(:last as uuid) order by id limit {BATCH}"
    )
    last = UUID(int=0)
    while True:
        with reading() as connection:
            found = connection.execute(statement, {"day": on, "last": last}).all()
        yield from found
        if len(found) < BATCH:
            return
        last = found[-1].id


_CHANGES: Final = text(
    f"select seq, at, what, subject, site_id, change from published.feed_line where seq > :after order by seq limit {FEED_PAGE}"
)


def changes(after: int) -> Sequence[Any]:
    """Changes after a number (变动清单), at most a thousand."""
    with reading() as connection:
        return connection.execute(_CHANGES, {"after": after}).all()
