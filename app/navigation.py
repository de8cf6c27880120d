"""The navigation (导航): what a signed-in actor finds in the head of every page, by verb."""

from __future__ import annotations

from typing import Final, NamedTuple

from app.core.access import may
from app.core.actor import PROVIDER_POSTS, Actor


class Entry(NamedTuple):
    """One word of the navigation (导航项)."""

    label: str
    href: str
    verb: str


OFFICE: Final = (
    Entry("工作台", "/office/", "workspace.office"),
    Entry("机构", "/office/sites", "site.read"),
    Entry("备案", "/office/filings", "filing.read"),
    Entry("双随机", "/office/draws", "draw.read"),
    Entry("检查", "/office/tasks", "task.read"),
    Entry("现场检查", "/tablet/", "tablet.use"),
    Entry("整改", "/office/rectification", "finding.read"),
    Entry("等级评定", "/office/rating-campaigns", "rating.read"),
    Entry("评定任务", "/office/assessments", "rating.assess"),
    Entry("评定会", "/office/rating-meetings", "rating.meet"),
    Entry("补贴", "/office/subsidies", "subsidy.read"),
    Entry("投诉", "/office/complaints", "complaint.read"),
    Entry("人员", "/office/staff", "staff.read"),
    Entry("信用", "/office/credit", "credit.read"),
    Entry("失信名单", "/office/listings", "listing.read"),
    Entry("我的回避", "/office/recusals/mine", "recusal.declare"),
    Entry("检查表", "/office/checklists", "checklist.read"),
    Entry("评定标准", "/office/schemes", "scheme.read"),
    Entry("基础数据", "/office/regions", "region.read"),
    Entry("账号", "/office/accounts", "account.manage"),
    Entry("留痕", "/office/record", "audit.read"),
)
PROVIDER: Final = (
    Entry("今天要办", "/my/", "workspace.provider"),
    Entry("整改", "/my/rectification", "my.rectification"),
    Entry("核实函", "/my/inquiries", "my.inquiry"),
    Entry("证照", "/my/papers", "my.site"),
    Entry("人员", "/my/staff", "my.staff"),
    Entry("人员证书", "/my/certificates", "my.staff"),
    Entry("培训", "/my/training", "my.staff"),
    Entry("等级评定", "/my/ratings", "my.rating"),
    Entry("评定材料", "/my/evidence", "my.evidence"),
    Entry("补贴", "/my/subsidies", "my.subsidy"),
    Entry("信用", "/my/credit", "my.credit"),
    Entry("失信名单", "/my/listings", "my.listing"),
)
PUBLIC: Final = (
    ("找机构", "/facilities"),
    ("双随机公开", "/draws"),
    ("失信名单", "/listings"),
    ("文书核验", "/v"),
    ("我要投诉", "/complain"),
    ("开放数据", "/open"),
)


def navigation(actor: Actor | None, path: str) -> list[dict[str, object]]:
    """The entries that `actor` may open, the current one marked (导航)."""
    if actor is None:
        found = [(label, href) for label, href in PUBLIC]
    else:
        table = PROVIDER if actor.posts & PROVIDER_POSTS else OFFICE
        found = [(e.label, e.href) for e in table if may(actor, e.verb)]
    best = max((href for _, href in found if path.startswith(href)), key=len, default="")
    return [{"label": label, "href": href, "current": href == best, "count": None} for label, href in found]
