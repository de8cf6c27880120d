"""Forms of the registry (机构与备案表单): shape of input only. Filing and fact forms are cut from the rules' tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, clean_text
from app.core.identifiers import Phone, Uscc
from app.core.labels import Labelled
from app.core.refusal import Refused
from app.providers.rules import FilingKind, FireTrack, Nature, OperatorModel, PaperKind, SiteKind
from app.providers.rules.facts import FACTS, Fact, FactGroup, FactType
from app.providers.rules.filings import CHOSEN, COUNTED, DAYS, MINIMUM, REQUIRED_PAPERS, Entry, may_say
from app.providers.rules.papers import KEPT

REQUIRED: Final = InputRequired("请填写")


def choices(enum: type[Labelled], blank: str = "") -> list[SelectChoice]:
    """The members of an enum to choose from (选项)."""
    first = [SelectChoice("", blank)] if blank else []
    return first + [SelectChoice(member.value, member.label) for member in enum]


def _places(rows: Sequence[tuple[str, str]], blank: str = "请选择") -> list[SelectChoice]:
    return [SelectChoice("", blank), *(SelectChoice(key, label) for key, label in rows)]


class _Parsed:
    """Checks a text by a parser of the ground floor, telling its sentence."""

    def __init__(self, parse: Any) -> None:
        self.parse = parse

    def __call__(self, form: Any, field: Any) -> None:  # noqa: ARG002 — WTForms calls validators with both
        if field.data:
            try:
                self.parse(field.data)
            except Refused as refusal:
                raise ValidationError(refusal.sentence) from None


class _Between:
    """Bounds of a number, both included. WTForms' own NumberRange fails on whole numbers that no float can hold."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: Any, field: Any) -> None:  # noqa: ARG002
        number = field.data
        if number is None or not Decimal(number).is_finite() or not self.least <= number <= self.most:
            raise ValidationError(f"应在 {self.least}～{self.most} 之间")
        if isinstance(number, Decimal) and number != round(number, 2):
            raise ValidationError("金额最多到分（两位小数）")


# --- organisations and sites ------------------------------------------------------------------------------------------


class Organisation(Form):
    """A legal body (机构主体)."""

    uscc = StringField(
        "统一社会信用代码", [REQUIRED, _Parsed(Uscc.parse)], filters=[clean_text], description="18 位，照登记证书填"
    )
    name = StringField("名称", [REQUIRED, Length(max=100, message="最多 100 个字")], filters=[clean_text])
    nature = RadioField("机构性质", [REQUIRED], choices=choices(Nature))
    legal_representative = StringField("法定代表人", [REQUIRED, Length(max=50, message="最多 50 个字")], filters=[clean_text])
    registrar = StringField(
        "登记机关",
        [REQUIRED, Length(max=100, message="最多 100 个字")],
        filters=[clean_text],
        description="登记证书上的发证机关全称",
    )
    registrar_region = StringField(
        "登记机关所在区划代码", [REQUIRED], filters=[clean_text], description="省 2 位、市 4 位、区县 6 位，如 210102"
    )
    registered_on = DateField("登记日期", [Optional()])
    phone = StringField(
        "联系电话", [REQUIRED, _Parsed(Phone.parse)], filters=[clean_text], description="加密保存，页面只显示后四位"
    )


class Site(Form):
    """A place of service (服务网点)."""

    name = StringField("网点名称", [REQUIRED, Length(max=100, message="最多 100 个字")], filters=[clean_text])
    kind = RadioField("类型", [REQUIRED], choices=choices(SiteKind), description="提供全日住宿和照料、床位 10 张以上的是养老机构")
    region = StringField(
        "所在区划代码", [REQUIRED], filters=[clean_text], description="区县 6 位、街道 9 位或社区 12 位，如 210102"
    )
    address = StringField("地址", [REQUIRED, Length(max=200, message="最多 200 个字")], filters=[clean_text])
    service_phone = StringField("服务电话", [Optional(), _Parsed(Phone.parse)], filters=[clean_text], description="会向公众公示")
    manager_name = StringField("主要负责人（院长）", [Optional(), Length(max=50, message="最多 50 个字")], filters=[clean_text])
    operator_model = SelectField("运营方式", [Optional()], choices=choices(OperatorModel, "请选择"))
    first_resident_on = DateField("首位老人入住日期", [Optional()], description="还没有收住的不填")


# --- filings ----------------------------------------------------------------------------------------------------------

_HINTS: Final = {
    Entry.FIRE_TRACK: "没有权属或规划手续、需“一事一议”的也在这里选，由民政部门认定",
    Entry.RESETTLEMENT: "写明每位老年人的去向、接收机构和时间",
    Entry.ENDS_ON: "应提前报告，天数依地方规定",
    Entry.REGION: "迁出本机关区域的，请先办终止服务，再到迁入地备案",
    Entry.FLOOR_AREA: "按建筑面积，单位平方米",
}
_LONG: Final = (Entry.REASON, Entry.RESETTLEMENT)


def _entry_field(entry: Entry) -> Any:
    hint = _HINTS.get(entry, "")
    if entry in COUNTED:
        bounds = _Between(0, 1_000_000)
        return IntegerField(entry.label, [Optional(), bounds], description=hint)
    if entry in DAYS:
        return DateField(entry.label, [Optional()], description=hint)
    if entry in CHOSEN:
        return SelectField(entry.label, [Optional()], choices=choices(CHOSEN[entry], "请选择"), description=hint)
    if entry is Entry.REGION:
        return SelectField(entry.label, [Optional()], choices=[], description=hint)
    if entry is Entry.SERVICE_PHONE:
        return StringField(entry.label, [Optional(), _Parsed(Phone.parse)], filters=[clean_text], description=hint)
    wide = TextAreaField if entry in _LONG else StringField
    most = 2000 if entry in _LONG else 200
    return wide(entry.label, [Optional(), Length(max=most, message=f"最多 {most} 个字")], filters=[clean_text], description=hint)


class FilingForm(Form):
    """What every filing form has: the promise and which button was pressed (备案表单)."""

    promise = BooleanField("我承诺以上内容，并对真实性负责")
    act = HiddenField(default="save")

    @property
    def content(self) -> dict[str, Any]:
        """What was typed, as a filing keeps it: whole numbers, ISO days, words."""
        typed = {name: field.data for name, field in self._fields.items() if name not in {"promise", "act"}}
        return {name: v.isoformat() if isinstance(v, date) else v for name, v in typed.items() if v not in (None, "")}


def filing_form(kind: FilingKind, places: Sequence[tuple[str, str]] = ()) -> type[FilingForm]:
    """The form of a kind of filing (按类型成表): drafts may be incomplete, so fields say what is needed and refuse nothing."""
    fields = {str(entry): _entry_field(entry) for entry in may_say(kind)}
    form: type[FilingForm] = type(f"{kind.value.title()}Filing", (FilingForm,), fields)

    def __init__(self: Any, *args: Any, **kw: Any) -> None:
        FilingForm.__init__(self, *args, **kw)
        for entry in MINIMUM[kind]:
            self[str(entry)].flags.required = True
        if Entry.REGION in may_say(kind):
            self[str(Entry.REGION)].choices = _places(places)

    form.__init__ = __init__  # type: ignore[method-assign]
    return form


def kept_content(kind: FilingKind, content: dict[str, Any]) -> dict[str, Any]:
    """A kept filing as its form takes it (回填)."""
    return {k: date.fromisoformat(v) if k in DAYS else v for k, v in content.items() if k in {str(e) for e in may_say(kind)}}


class Return(Form):
    """Why a filing goes back (退回补正)."""

    reason = TextAreaField(
        "需要补正的内容",
        [REQUIRED, Length(min=4, max=2000, message="请写 4～2000 个字")],
        filters=[clean_text],
        description="一次写全，机构会原样看到",
    )


# --- facts ------------------------------------------------------------------------------------------------------------


def _fact_field(fact: Fact) -> Any:
    label = f"{fact.label}（{fact.unit}）" if fact.unit else fact.label
    if fact.form is FactType.COUNT:
        return IntegerField(label, [Optional(), _Between(0, fact.most)])
    if fact.form is FactType.MONEY:
        return DecimalField(label, [Optional(), _Between(0, fact.most // 100)])
    if fact.form is FactType.YES:
        return SelectField(
            label, [Optional()], choices=[SelectChoice("", "未填"), SelectChoice("yes", "是"), SelectChoice("no", "否")]
        )
    if fact.choices is not None:
        return SelectField(label, [Optional()], choices=choices(fact.choices, "未填"))
    return StringField(label, [Optional(), Length(max=200, message="最多 200 个字")], filters=[clean_text])


class _FactType(Form):
    """Facts of a site as of a day (基本情况). An empty field says nothing; it does not wipe what is known."""

    as_of = DateField("数据日期", [REQUIRED], description="这些数字是哪一天的")

    @property
    def values(self) -> dict[str, Any]:
        """What was filled in, as facts keep it: money in 分, true and false."""
        found = {}
        for key, fact in FACTS.items():
            data = self[key].data if key in self else None
            if data in (None, ""):
                continue
            if fact.form is FactType.MONEY:
                data = int(Decimal(data) * 100)
            elif fact.form is FactType.YES:
                data = data == "yes"
            found[key] = data
        return found


FactsForm: type[_FactType] = type("FactsForm", (_FactType,), {key: _fact_field(fact) for key, fact in FACTS.items()})


def fact_data(values: dict[str, Any]) -> dict[str, Any]:
    """Known facts as the form takes them (回填)."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        form = FACTS[key].form
        if form is FactType.MONEY:
            found[key] = Decimal(value) / 100
        else:
            found[key] = ("yes" if value else "no") if form is FactType.YES else value
    return found


def fact_groups(form: Any) -> list[tuple[FactGroup, list[Any]]]:
    """The fields by group, for the page."""
    return [(group, [form[key] for key, fact in FACTS.items() if fact.group is group and key in form]) for group in FactGroup]


# --- papers -----------------------------------------------------------------------------------------------------------


_FILE_HINT: Final = "照片（JPEG、PNG、WebP，不超过 5 MB）或 PDF（不超过 20 MB）"


class _Paper(Form):
    number = StringField("证照编号", [Optional(), Length(max=100, message="最多 100 个字")], filters=[clean_text])
    issued_on = DateField("签发日期", [Optional()])
    valid_until = DateField("有效期至", [Optional()], description="检测、检验报告填下次应检日期")
    file = FileField("文件", description=_FILE_HINT)


class SitePaper(_Paper):
    """A paper that a site keeps (证照)."""

    kind = SelectField("种类", [REQUIRED], choices=[SelectChoice("", "请选择"), *(SelectChoice(k.value, k.label) for k in KEPT)])
    replaces = HiddenField()


class FilingPaper(_Paper):
    """A paper attached to a filing (备案材料)."""

    kind = SelectField("种类", [REQUIRED], choices=choices(PaperKind, "请选择"))
    file = FileField("文件", [InputRequired("请选择要上传的文件")], description=_FILE_HINT)


def needed_first(kind: FilingKind) -> list[SelectChoice]:
    """The kinds of papers with those that the filing needs in front (材料种类)."""
    needed = [p for p in REQUIRED_PAPERS[kind] if p not in (PaperKind.APPLICATION, PaperKind.PROMISE)]
    rest = [p for p in PaperKind if p not in needed and p not in (PaperKind.APPLICATION, PaperKind.PROMISE)]
    return [SelectChoice(p.value, p.label) for p in (*needed, *rest)]


# --- what officers decide ---------------------------------------------------------------------------------------------


class Contact(Form):
    """Why a phone is to be seen (查看完整电话)."""

    reason = StringField("查看的原因", [REQUIRED, Length(min=4, max=200, message="请写 4～200 个字")], filters=[clean_text])


class FireDecision(Form):
    """How the fire papers stand (认定消防手续)."""

    track = RadioField("认定为", [REQUIRED], choices=choices(FireTrack))
    reason = TextAreaField(
        "会议、参加部门和认定意见", [REQUIRED, Length(max=1000, message="最多 1000 个字")], filters=[clean_text]
    )


class Closing(Form):
    """A home has closed (核定停业)."""

    residents_left = IntegerField("还没有安置的老年人（人）", [REQUIRED, _Between(0, 10_000)])


class Exit(Form):
    """A site leaves the register (退出)."""

    reason = TextAreaField("退出的原因", [REQUIRED, Length(min=4, max=500, message="请写 4～500 个字")], filters=[clean_text])


class Upload(Form):
    """A workbook to import (导入名册)."""

    file = FileField("Excel 文件", [REQUIRED], description="用本页的模板填写，.xlsx，不超过 5 MB")
