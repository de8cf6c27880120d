"""The methods we learned from, with their own published numbers (P2): shows our hashing is laid on right.

Sources: RFC 3797 §6; the IETF nominating committees of 2012 and 2013; Rivest's sampler of 2011; the docstrings
of consistent_sampler 1.0.10 and cryptorandom 0.4; draft-thomson-elegy-vrs-00; drand quicknet round 657413.
"""

from __future__ import annotations

import hmac
from hashlib import md5, sha256

import pytest


def nomcom(sources: list[list[int]], pool: int, wanted: int) -> list[int]:
    """RFC 3797 §4: index by MD5, pick and remove."""
    key = "".join(".".join(map(str, sorted(source))) + "./" for source in sources).encode()
    left, picked = list(range(1, pool + 1)), []
    for step in range(wanted):
        count = step.to_bytes(2, "big")
        picked.append(left.pop(int.from_bytes(md5(count + key + count).digest(), "big") % len(left)))
    return picked


@pytest.mark.parametrize(
    ("sources", "pool", "picked"),
    [
        (
            [[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]],
            25,
            "17 7 2 16 25 23 8 24 19 13 22 5 18 9 1 4",
        ),
        (
            [[17, 20, 22, 35, 38, 48, 36], [90193202], [55598744], [11, 17, 21, 48, 50, 9, 10]],
            134,
            "90 25 92 126 24 31 122 96 81 132 2 41",
        ),
        (
            [[7, 8, 11, 17, 19, 25, 46], [8285182], [60115701], [2, 3, 18, 26, 32, 33, 42]],
            154,
            "138 151 89 112 117 145 118 143 144 122",
        ),
    ],
)
def test_rfc_3797(sources: list[list[int]], pool: int, picked: str) -> None:
    wanted = [int(number) for number in picked.split()]
    assert nomcom(sources, pool, len(wanted)) == wanted


@pytest.mark.parametrize(
    ("seed", "top", "picked"),
    [
        ("3546311556112163624615351222", 876, [740, 180, 264, 789, 238]),
        ("snowman: ☃", 1000, [634, 56, 46]),
        ("😀", 1000, [596, 415, 303, 11, 141]),
    ],
)
def test_rivest_2011(seed: str, top: int, picked: list[int]) -> None:
    found: list[int] = []
    count = 0
    while len(found) < len(picked):
        count += 1
        number = 1 + int(sha256(f"{seed},{count}".encode()).hexdigest(), 16) % top
        if number not in found:
            found.append(number)
    assert found == picked


def fraction(id_: str, seed: str) -> str:
    """Rivest's consistent sampling: decimal digits of a hash of seed and id, last digit first."""
    hashed = sha256((sha256(seed.encode()).hexdigest() + id_).encode()).hexdigest()
    return f"{int(hashed, 16):064d}"[::-1]


def test_consistent_sampler() -> None:
    assert fraction("AB-130", "01382438112797316654").startswith("262997141228380")
    ids = ["A-1", "A-2", "A-3", "B-1", "B-2", "B-3"]
    order = sorted(ids, key=lambda id_: fraction(id_, "314159"))
    assert order == ["B-2", "B-3", "A-3", "A-2", "B-1", "A-1"]
    assert [fraction(id_, "314159")[:9] for id_ in order] == [
        "410310858", "470960291", "471438751", "567089805", "978171567", "982851572",
    ]  # fmt: skip


def test_cryptorandom() -> None:
    def state(step: int) -> bytes:
        return sha256(b"12345678901234567890," + bytes(step)).digest()

    assert state(1).hex().startswith("310d959ce65476647a3ec93074beff0a")
    assert [1 + int.from_bytes(state(step), "big") % 1000 for step in range(5)] == [876, 766, 536, 423, 164]


def test_elegy_vrs() -> None:
    chain = [b"totally not a bikeshed"]
    for _ in range(10):
        chain.append(sha256(chain[-1]).digest())
    assert chain[10].hex() == "950ea08d8d5fd3ae415b9967aba7a48aba39ca62a4d98f2e7fe25cb1b8f8c488"
    key = hmac.digest(chain[9], b"1.2.3.4.5.6./" * 3, "sha256")
    order = ["lavenderblush", "blue", "darkgoldenrod", "mediumvioletred", "bisque", "lightpink"]
    places = [hmac.digest(key, label.encode() + b"\x01", "sha256").hex() for label in order]
    assert places == sorted(places)
    assert places[0].startswith("002ed527ae0a44a86c205d1cdba")
    assert places[5].startswith("13a07cc9abf3b737e49a62b0634")


def test_drand_quicknet() -> None:
    signature = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
    randomness = sha256(bytes.fromhex(signature)).hexdigest()
    assert randomness == "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587"
