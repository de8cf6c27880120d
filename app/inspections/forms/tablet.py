"""Forms of the tablet pages (平板表单)."""

from __future__ import annotations

from wtforms import FileField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.core.forms import Form, clean_text
from app.inspections.rules.task import SignerRole


class ArrivalForm(Form):
    """Arrival by hand (手工登记到场)."""

    reason = TextAreaField("没有扫码的原因", [InputRequired("请写明原因"), Length(min=2, max=300)], filters=[clean_text])


class SignatureForm(Form):
    """One signature (签字): a picture from the canvas, or the home's refusal in words."""

    role = SelectField("签字人", choices=[SelectChoice(r.value, r.label) for r in SignerRole])
    account_id = HiddenField("检查人员")
    name = StringField("姓名", [Length(max=60)], filters=[clean_text])
    state_sha = HiddenField("记录指纹", [InputRequired()])
    statement = StringField("签署意见", [Length(max=200)], filters=[clean_text])
    refused_reason = TextAreaField("拒签情况", [Length(max=500)], filters=[clean_text])
    picture = FileField("签名")
