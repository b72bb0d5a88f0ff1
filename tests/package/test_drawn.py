"""A part of the proofs: small, of every proof, the same by a seed, and all of them in time."""

import pytest

from tests.support import drawn


@pytest.fixture(autouse=True)
def part(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `make test` plays it."""
    monkeypatch.setattr(drawn, "WHOLE", False)


def on(
    monkeypatch: pytest.MonkeyPatch, seed: str, cases: int = 40, name: str = "a proof"
) -> list[int]:
    """What is drawn on a day."""
    monkeypatch.setattr(drawn, "SEED", seed)
    return drawn.drawn(range(cases), name)


def test_a_part_is_an_eighth_and_at_least_one_in_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof of one case is played each time."""
    assert [5, 2, 1, 0] == [len(on(monkeypatch, "1", n)) for n in (40, 9, 1, 0)]
    assert on(monkeypatch, "1") == sorted(on(monkeypatch, "1"))


def test_the_same_seed_draws_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed can be played again; another proof draws for itself."""
    assert on(monkeypatch, "1") == on(monkeypatch, "1")
    assert on(monkeypatch, "1") != on(monkeypatch, "1", name="another")


def test_two_months_of_days_play_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """No case is left out for good."""
    days = [f"2026-{month:02}-{day:02}" for month in (11, 12) for day in range(1, 31)]

    assert set(range(40)) == {case for day in days for case in on(monkeypatch, day)}


def test_whole_is_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make proofs`."""
    monkeypatch.setattr(drawn, "WHOLE", True)

    assert list(range(40)) == on(monkeypatch, "1")
