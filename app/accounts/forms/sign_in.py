"""Forms of accounts (账号表单)."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from app.core.forms import Form


class SignIn(Form):
    """Sign in (登录)."""

    username = StringField("账号", [InputRequired("请填写账号"), Length(max=64)])
    password = PasswordField("口令", [InputRequired("请填写口令"), Length(max=128)])
    next = HiddenField()


class Code(Form):
    """One-time code (动态口令)."""

    code = StringField(
        "动态口令", [InputRequired("请填写六位数字"), Regexp(r"^\s*\d{3}\s?\d{3}\s*$", message="动态口令是六位数字")]
    )
    next = HiddenField()


class Password(Form):
    """Change one's own password (修改口令)."""

    old = PasswordField("原口令", [InputRequired("请填写原口令")])
    new = PasswordField("新口令", [InputRequired("请填写新口令"), Length(max=128)], description="至少 10 个字符")
    again = PasswordField("再填一次新口令", [InputRequired("请再填一次")])

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.new.data:
            raise ValueError("两次填的新口令不一样")


class BodyChoice(Form):
    """Act for another body (切换单位)."""

    body = SelectField("单位", [InputRequired()], validate_choice=False)
