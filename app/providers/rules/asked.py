"""What is asked of a provider (机构要办的事): the kinds of clocks that it is shown, and what it can do about them.

A clock that is not in this table is the authority's own business (a notice still to be served, a draw) and stays hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """A kind of clock as a provider meets it (要办事项). Without `act` the authority acts and the provider waits."""

    label: str
    act: str = ""
    path: str = ""
    line: str = ""

    def href(self, subject: UUID, site: UUID | None) -> str:
        """The page of the act (办理页)."""
        return self.path.format(subject=subject, site=site)


ASKED: Final[Mapping[str, Asked]] = {
    "filing.after_first_resident": Asked("办理备案", "去备案", "/my/sites/{site}", "收住第一位老年人后限期备案"),
    "resume": Asked("暂停服务期将满", "恢复服务或再报告", "/my/sites/{site}"),
    "closing": Asked("安置老年人并终止服务", "看安置方案", "/my/sites/{site}"),
    "rectification": Asked("整改", "传整改材料", "/my/findings/{subject}", "传整改后的照片，由另外的检查人员复查"),
    "listing.defence": Asked(
        "陈述、申辩", "去陈述申辩", "/my/listings/{subject}", "收到列入名单的事先告知书，期满前可以提交意见和证据"
    ),
    "filing.handle": Asked("民政部门核对备案材料", "", "/my/filings/{subject}"),
    "first_visit": Asked("民政部门备案后首次现场检查", "", "/my/sites/{site}"),
    "inquiry.reply": Asked("说明情况", "去说明", "/my/inquiries/{subject}", "民政部门请机构就一件事说明情况，可附照片、文件"),
}
