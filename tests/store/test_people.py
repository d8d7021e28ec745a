from __future__ import annotations

import pytest

from annotate.errors import ProjectError

HOUR = 3_600_000_000


def test_coders_are_known_by_key(empty):
    empty.add_coder("zoë", name="Zoë Ø.", role="lead", password="a hash")
    found = empty.coder("zoë")
    assert (found.name, found.role, found.password, found.left, found.preferences) == (
        "Zoë Ø.",
        "lead",
        "a hash",
        None,
        {},
    )
    assert empty.coder("Zoë") is None
    assert [coder.key for coder in empty.coders()] == ["zoë"]


@pytest.mark.parametrize("key", ["", " ana", "a\nb", "a\x00", "x" * 65, "\u202eana"])
def test_a_key_is_short_and_visible(empty, key):
    with pytest.raises(ProjectError, match="can't be a coder's key"):
        empty.add_coder(key)


def test_a_key_is_taken_once(empty):
    empty.add_coder("ana")
    with pytest.raises(ProjectError, match="already"):
        empty.add_coder("ana")


def test_what_may_change_about_a_coder_changes(empty):
    empty.add_coder("ana")
    empty.change_coder(
        "ana", name="Ana B.", role="adjudicator", password="new", left=5, preferences={"keys": {"a": "1"}}
    )
    found = empty.coder("ana")
    assert (found.name, found.role, found.password, found.left) == ("Ana B.", "adjudicator", "new", 5)
    assert found.preferences == {"keys": {"a": "1"}}
    with pytest.raises(ProjectError, match="no coder 'ben'"):
        empty.change_coder("ben", name="Ben")


class TestInvitations:
    def test_work_once(self, empty, ticks):
        empty.invite("digest", role="adjudicator", expires=ticks.now + HOUR)
        assert empty.invitation("digest") == "adjudicator"
        assert empty.redeem("digest", "ana", password="a hash").role == "adjudicator"
        assert empty.invitation("digest") is None
        with pytest.raises(ProjectError, match="used or has expired"):
            empty.redeem("digest", "ben")
        assert [coder.key for coder in empty.coders()] == ["ana"]

    def test_expire(self, empty, ticks):
        empty.invite("digest", role="coder", expires=ticks.now + HOUR)
        ticks.now += 2 * HOUR
        assert empty.invitation("digest") is None
        with pytest.raises(ProjectError):
            empty.redeem("digest", "ana")

    def test_that_nobody_made_are_refused(self, empty):
        assert empty.invitation("x") is None
        with pytest.raises(ProjectError):
            empty.redeem("x", "ana")

    def test_stay_open_if_the_key_was_taken(self, empty, ticks):
        empty.add_coder("ana")
        empty.invite("digest", role="coder", expires=ticks.now + HOUR)
        with pytest.raises(ProjectError, match="already"):
            empty.redeem("digest", "ana")
        assert empty.redeem("digest", "ben").key == "ben"


class TestSigningIn:
    @pytest.fixture(autouse=True)
    def ana(self, empty):
        empty.add_coder("ana")

    def test_is_known_by_the_digest_until_it_expires(self, empty, ticks):
        expires = ticks.now + HOUR
        empty.sign_in("one", "ana", expires=expires)
        coder, until = empty.signed_in("one")
        assert (coder.key, until) == ("ana", expires)
        assert empty.signed_in("two") is None
        ticks.now += HOUR
        assert empty.signed_in("one") is None

    def test_ends_when_signed_out_or_gone(self, empty, ticks):
        for digest in ("one", "two", "three"):
            empty.sign_in(digest, "ana", expires=ticks.now + HOUR)
        empty.sign_out(digest="one")
        assert [empty.signed_in(digest) is None for digest in ("one", "two", "three")] == [True, False, False]
        empty.change_coder("ana", left=ticks.now)
        assert empty.signed_in("two") is None
        empty.change_coder("ana", left=None)
        empty.sign_out(key="ana")
        assert empty.signed_in("three") is None
