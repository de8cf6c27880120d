"""Forms of regions (区划、参数、日历表单)."""

from __future__ import annotations

from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from app.core.forms import Form, clean_text
from app.regions.rules import FACTS


class Notice(Form):
    """The State Council's notice as published (放假通知)."""

    year = IntegerField("年份", [InputRequired("请填写年份"), NumberRange(2004, 2100, message="年份应在 2004 到 2100 之间")])
    source = StringField(
        "通知名称和文号",
        [InputRequired("请填写通知名称和文号"), Length(max=200)],
        filters=[clean_text],
        description="国务院办公厅关于××年部分节假日安排的通知（国办发明电〔××〕×号）",
    )
    text = TextAreaField(
        "通知正文",
        [InputRequired("请粘贴通知正文"), Length(max=20_000)],
        filters=[clean_text],
        description="从“一、元旦”到“七、国庆节”整段粘贴，不要改字；周几和天数会逐条核对",
    )


class Fact(Form):
    """A figure of a division (地区数据)."""

    key = SelectField(
        "数据项",
        [InputRequired("请选择数据项")],
        choices=[SelectChoice(k, f"{name}（{unit}）") for k, (name, unit) in FACTS.items()],
    )
    value = IntegerField("数值", [InputRequired("请填写整数"), NumberRange(0, 2_000_000_000, message="请填写不小于零的整数")])
    as_of = DateField("数据日期", [InputRequired("请填写数据日期")], description="这个数是哪一天的")
    source = StringField(
        "来源", [InputRequired("请填写来源"), Length(max=200)], filters=[clean_text], description="统计公报、公安户籍、民政台账等"
    )


class SettingChange(Form):
    """A value of the policy pack with the document it rests on (调整政策参数)."""

    key = HiddenField()
    value = StringField("取值", [InputRequired("请填写取值"), Length(max=500)], filters=[clean_text])
    source = StringField(
        "依据文件",
        [InputRequired("请写明依据的文件名称和文号；没有文件的，写明由谁在哪天决定"), Length(max=300)],
        filters=[clean_text],
        description="文件名称、文号、条款；没有文件的，写明由谁在哪天决定",
    )
    in_force_from = DateField("自何日起", [InputRequired("请填写生效日期")])
