"""Encrypted columns: what opens, what does not, how keys change, and that a dump shows nothing."""

import base64
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.core import crypto
from app.core.crypto import AesGcmCipher, BadKeys, CannotDecrypt, EncryptedText, cipher_from
from app.core.identifiers import IdentityNumber, Phone

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
NUMBER = "11010519491231002X"


@pytest.fixture
def installed() -> Iterator[AesGcmCipher]:
    before = crypto._installed
    cipher = AesGcmCipher({"k1": OLD})
    crypto.install(cipher)
    yield cipher
    crypto._installed = before


@given(st.text(), st.text(max_size=20))
def test_what_is_sealed_opens_in_its_own_column_only(plain: str, context: str) -> None:
    cipher = AesGcmCipher({"k1": OLD})
    stored = cipher.encrypt(plain, context)
    assert cipher.decrypt(stored, context) == plain
    with pytest.raises(CannotDecrypt):
        cipher.decrypt(stored, context + "x")


def test_the_same_value_never_looks_the_same_but_is_found() -> None:
    cipher = AesGcmCipher({"k1": OLD})
    assert cipher.encrypt(NUMBER, "person.number") != cipher.encrypt(NUMBER, "person.number")
    assert cipher.fingerprint(NUMBER, "person.number") == cipher.fingerprint(NUMBER, "person.number")
    assert cipher.fingerprint(NUMBER, "person.number") != cipher.fingerprint(NUMBER, "staff.number")
    assert cipher.fingerprint(NUMBER, "person.number") != AesGcmCipher({"k1": NEW}).fingerprint(NUMBER, "person.number")


def test_every_altered_byte_is_noticed() -> None:
    cipher = AesGcmCipher({"k1": OLD})
    stored = cipher.encrypt(NUMBER, "c")
    head, body = stored.rsplit(".", 1)
    sealed = base64.urlsafe_b64decode(body)
    opened = 0
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        try:
            cipher.decrypt(f"{head}.{base64.urlsafe_b64encode(changed).decode()}", "c")
            opened += 1
        except CannotDecrypt:
            continue
    assert opened == 0


@pytest.mark.parametrize("stored", ["", NUMBER, "sj1.k1.", "sj1.k1.!!!!", "sj2.k1.AAAA", "sj1.k9.AAAA"])
def test_what_was_never_sealed_does_not_open(stored: str) -> None:
    with pytest.raises(CannotDecrypt) as refusal:
        AesGcmCipher({"k1": OLD}).decrypt(stored, "c")
    assert NUMBER not in str(refusal.value)


def test_a_new_key_opens_and_finds_what_the_old_one_sealed() -> None:
    before, after = AesGcmCipher({"k1": OLD}), AesGcmCipher({"k2": NEW, "k1": OLD})
    stored = before.encrypt(NUMBER, "c")
    assert after.decrypt(stored, "c") == NUMBER
    assert not after.is_current(stored)
    assert after.is_current(after.encrypt(NUMBER, "c"))
    assert before.fingerprint(NUMBER, "c") in after.fingerprints(NUMBER, "c")
    assert after.fingerprints(NUMBER, "c")[0] == after.fingerprint(NUMBER, "c")
    with pytest.raises(CannotDecrypt, match="k2 is not among"):
        before.decrypt(after.encrypt(NUMBER, "c"), "c")


def test_the_setting_names_its_keys() -> None:
    one = base64.b64encode(OLD).decode()
    two = base64.urlsafe_b64encode(NEW).decode()
    cipher = cipher_from(f"k2:{two}, k1:{one}")
    assert cipher.encrypt("x", "c").startswith("sj1.k2.")
    assert cipher.decrypt(AesGcmCipher({"k1": OLD}).encrypt("x", "c"), "c") == "x"


@pytest.mark.parametrize("setting", ["", "k1", "k1:", "k1:AAAA", "k1:%%%", "K 1:" + "A" * 43 + "=", "k1:x,k1:x"])
def test_a_wrong_setting_is_refused(setting: str) -> None:
    with pytest.raises(BadKeys):
        cipher_from(setting)


def test_a_setting_with_one_key_twice_is_refused() -> None:
    one = base64.b64encode(OLD).decode()
    with pytest.raises(BadKeys, match="twice"):
        cipher_from(f"k1:{one},k1:{one}")


class Base(DeclarativeBase):
    """Tables of this test."""


class Person(Base):
    """A row with two personal columns."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[IdentityNumber] = mapped_column(EncryptedText("person.number", IdentityNumber))
    number_mark: Mapped[str] = mapped_column(String)
    phone: Mapped[Phone | None] = mapped_column(EncryptedText("person.phone", Phone))
    note: Mapped[str | None] = mapped_column(EncryptedText)


def test_a_column_is_sealed_in_the_table_and_masked_in_the_hand(installed: AesGcmCipher) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        mark = installed.fingerprint(NUMBER, "person.number")
        session.add(Person(id=1, number=IdentityNumber(NUMBER), number_mark=mark, note="低保"))
        session.commit()
        dumped = repr(session.execute(text("select * from person")).all())
        assert NUMBER not in dumped
        assert "低保" not in dumped
        wanted = installed.fingerprints(NUMBER, "person.number")
        person = session.scalars(select(Person).where(Person.number_mark.in_(wanted))).one()
        assert str(person.number) == "110***********002X"
        assert person.number.reveal() == NUMBER
        assert (person.phone, person.note) == (None, "低保")
    engine.dispose()


def test_a_value_copied_to_another_column_does_not_open(installed: AesGcmCipher) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(Person(id=1, number=IdentityNumber(NUMBER), number_mark="m"))
        session.commit()
        session.execute(text("update person set phone = number"))
        with pytest.raises(CannotDecrypt, match=r"person\.phone"):
            session.scalars(select(Person)).one()
    engine.dispose()


def test_without_keys_nothing_is_written() -> None:
    before, crypto._installed = crypto._installed, None
    try:
        with pytest.raises(BadKeys, match="FIELD_KEYS"):
            crypto.cipher()
    finally:
        crypto._installed = before
