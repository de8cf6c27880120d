"""Forms of the security administrator (安全管理员表单)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import DateField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.core.actor import OFFICE_POSTS, PROVIDER_POSTS, Post
from app.core.forms import Form, clean_text

POSTS = [SelectChoice(post.value, post.label) for post in Post if post in OFFICE_POSTS | PROVIDER_POSTS]


class Posting(Form):
    """Which post at which body (岗位与单位)."""

    post = SelectField("岗位", [InputRequired("请选择岗位")], choices=POSTS)
    authority = SelectField("机关", [Optional()], validate_choice=False, description="监管岗位、三员岗位填这一项")
    code = StringField(
        "机构代码",
        [Optional(), Length(max=24)],
        filters=[clean_text],
        description="机构岗位填这一项：机构负责人填 18 位统一社会信用代码；院长和工作人员在后面加“-序号”，如 …-01",
    )
    until = DateField("任期止", [Optional()], description="不填为长期")

    def offer(self, authorities: Iterable[Any]) -> Posting:
        """Fill in the authorities to choose from."""
        self.authority.choices = [SelectChoice("", "（不在机关任职）")] + [SelectChoice(str(a.id), a.name) for a in authorities]
        return self


class Opening(Posting):
    """Open an account with its first post (开通账号)."""

    username = StringField(
        "账号",
        [
            InputRequired("请填写账号"),
            Length(min=3, max=64, message="账号 3 到 64 个字符"),
            Regexp(r"^[A-Za-z0-9._-]+$", message="账号只用字母、数字、点、横线和下划线"),
        ],
        filters=[clean_text],
    )
    name = StringField("姓名", [InputRequired("请填写姓名"), Length(max=50)], filters=[clean_text], description="印在文书上")
    password = PasswordField("初始口令", [InputRequired("请填写初始口令"), Length(max=128)])
    certificate_no = StringField("执法证号", [Optional(), Length(max=40)], filters=[clean_text], description="执法检查人员填写")
    certificate_until = DateField("执法证有效期至", [Optional()])


class NewPassword(Form):
    """A new first password (重置口令)."""

    password = PasswordField("新的初始口令", [InputRequired("请填写新的初始口令"), Length(max=128)])
