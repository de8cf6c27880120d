"""Rules of the archive (档案规则): kinds, retention classes, how long a lock lasts.

Source: 国家档案局令第8号 (2006): 永久 / 30年 / 10年. Which class a file gets is each bureau's own table, a setting.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from app.core.labels import Labelled


class BlobKind(Labelled):
    """Kind of file (文件种类)."""

    PHOTO = "photo", "照片"
    PAPER = "paper", "材料"
    EVIDENCE = "evidence", "证据"
    SIGNATURE = "signature", "签名"


class DocumentKind(Labelled):
    """Kind of document (文书种类)."""

    FILING_RECEIPT = "filing_receipt", "备案回执"
    NOTICE = "notice", "检查通知书"
    ONSITE_RECORD = "onsite_record", "现场检查笔录"
    ORDER = "order", "责令（限期）改正通知书"
    RECHECK = "recheck", "复查记录"
    REPORT = "report", "检查报告"
    LIST_NOTICE = "list_notice", "列入名单事先告知书"
    LIST_DECISION = "list_decision", "列入名单决定书"
    LIST_NOT_DECISION = "list_not_decision", "不予列入决定书"
    REPAIR_NOTICE = "repair_notice", "信用修复告知书"
    REPAIR_DECISION = "repair_decision", "移出名单申请决定书"
    LIST_ANNULMENT = "list_annulment", "撤销列入决定书"
    RATING_CERTIFICATE = "rating_certificate", "等级证书"


class DocumentState(Labelled):
    """How far a document is (文书状态)."""

    WAITING = "waiting", "待生成"
    RENDERED = "rendered", "已签章，待归档"
    ARCHIVED = "archived", "已归档"


class Retention(Labelled):
    """Retention class (保管期限)."""

    TEN = "10", "10 年"
    THIRTY = "30", "30 年"
    PERMANENT = "permanent", "永久"


LOCK_YEARS: Final = {Retention.TEN: 10, Retention.THIRTY: 30, Retention.PERMANENT: 30}


def lock_until(retention: Retention, closed_on: date) -> date:
    """The day until which the store refuses removal (锁定至): counted from 1 January after closing; 永久 is renewed yearly (D19)."""
    return date(closed_on.year + 1 + LOCK_YEARS[retention], 1, 1)
