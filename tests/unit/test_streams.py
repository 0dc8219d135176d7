"""Named streams, case keys and draws after birth: stable, order-free, uniform and independent."""

from collections.abc import Callable
from itertools import islice, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from simulation.chance import Later, key_of, keys_of, stream

DRAWS = 20_000
MASK = 2**64 - 1
# A change of these three numbers breaks every published result; do not update them lightly.
PINNED_STREAM = 7_389_883_138_138_534_834
PINNED_KEY = 12_893_969_447_994_716_109
PINNED_LATER = 0.23818180750919093
AXES: dict[str, Callable[[int], tuple[int, int, int, int]]] = {
    "raw case key": lambda i: (i, 0, 0, 0),
    "case": lambda i: (key_of("topic", i), 0, 0, 0),
    "contact": lambda i: (key_of("topic", 7), i, 0, 0),
    "leg": lambda i: (key_of("topic", 7), 1, i, 2),
    "purpose": lambda i: (key_of("topic", 7), 0, 0, i),
}


def p_value_of_chi2(counts: np.ndarray) -> float:
    expected = counts.sum() / counts.size
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return float(special.chdtrc(counts.size - 1, statistic))


def along(axis: str, seed: int = 3) -> np.ndarray:
    later = Later(seed, 0)
    return np.array([later.uniform(*AXES[axis](i)) for i in range(DRAWS)])


class TestStream:
    def test_same_name_gives_the_same_numbers(self) -> None:
        assert np.array_equal(stream(5, 2, "arrivals").random(50), stream(5, 2, "arrivals").random(50))

    @pytest.mark.parametrize("other", [(6, 2, "arrivals"), (5, 3, "arrivals"), (5, 2, "arrival")])
    def test_each_argument_gives_unrelated_numbers(self, other: tuple[int, int, str]) -> None:
        ours, theirs = stream(5, 2, "arrivals").random(DRAWS), stream(*other).random(DRAWS)
        assert abs(np.corrcoef(ours, theirs)[0, 1]) < 4 / np.sqrt(DRAWS)

    def test_numbers_are_the_same_in_every_process_and_version(self) -> None:
        first = int(stream(20_240, 3, "arrivals: Zürich").integers(2**63))
        assert first == PINNED_STREAM

    @pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (0, -1)])
    def test_negative_numbers_are_refused(self, seed: int, replication: int) -> None:
        with pytest.raises(ValueError, match="whole numbers from 0 on"):
            stream(seed, replication, "arrivals")


class TestKeys:
    def test_keys_are_the_same_in_every_process_and_version(self) -> None:
        assert key_of("topic: Überweisung", 12) == PINNED_KEY

    def test_vector_equals_scalar(self) -> None:
        assert keys_of("billing", 500).tolist() == [key_of("billing", i) for i in range(500)]

    def test_vector_is_64_bit_and_may_be_empty(self) -> None:
        assert keys_of("billing", 3).dtype == np.uint64
        assert keys_of("billing", 0).shape == (0,)

    def test_a_longer_vector_begins_with_the_shorter(self) -> None:
        assert np.array_equal(keys_of("billing", 1_000)[:10], keys_of("billing", 10))

    def test_no_key_occurs_twice_within_or_between_sources(self) -> None:
        keys = np.concatenate([keys_of(name, 100_000) for name in ("billing", "login", "billing 2")])
        assert np.unique(keys).size == keys.size

    def test_every_bit_is_set_in_half_of_the_keys(self) -> None:
        bits = np.unpackbits(keys_of("billing", DRAWS).view(np.uint8).reshape(DRAWS, 8), axis=1)
        assert np.abs(bits.mean(axis=0) - 0.5).max() < 4.5 * 0.5 / np.sqrt(DRAWS)


class TestLater:
    def test_numbers_are_the_same_in_every_process_and_version(self) -> None:
        assert Later(20_240, 3).uniform(key_of("topic", 4), 1, 2, 3) == PINNED_LATER

    @given(st.integers(0, MASK), st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1), st.integers(0, 2**16 - 1))
    def test_strictly_inside_the_unit_interval(self, key: int, contact: int, leg: int, purpose: int) -> None:
        assert 0.0 < Later(0, 0).uniform(key, contact, leg, purpose) < 1.0

    @pytest.mark.parametrize("bits", [0, MASK])
    def test_extreme_bits_give_neither_0_nor_1(self, bits: int) -> None:
        later = Later(1, 1)
        key = unmixed(unmixed(bits)) ^ later._base
        value = later.uniform(key, 0, 0, 0)
        assert 0.0 < value < 1.0
        assert min(value, 1.0 - value) < 1e-15, "the key was meant to reach the very end of the interval"

    def test_order_and_repetition_are_of_no_account(self) -> None:
        later = Later(2, 2)
        cells = [(key_of("topic", i), *counters) for i in range(5) for counters in product((0, 1, 2), repeat=3)]
        forward = [later.uniform(*cell) for cell in cells]
        order = stream(0, 0, "shuffle").permutation(len(cells)).tolist()
        assert [later.uniform(*cells[i]) for i in order] == [forward[i] for i in order]
        assert len(set(forward)) == len(cells)

    def test_keys_out_of_a_vector_are_welcome(self) -> None:
        later = Later(2, 2)
        assert later.uniform(keys_of("topic", 3)[2], 1, 0, 0) == later.uniform(key_of("topic", 2), 1, 0, 0)

    @pytest.mark.parametrize("counters", [(2**32, 0, 0), (0, 2**16, 0), (0, 0, 2**16), (-1, 0, 0), (0, -1, 0)])
    def test_counters_that_would_collide_are_refused(self, counters: tuple[int, int, int]) -> None:
        with pytest.raises(ValueError, match="counters out of range"):
            Later(0, 0).uniform(1, *counters)

    @pytest.mark.parametrize("axis", AXES)
    def test_uniform_along_each_argument(self, axis: str) -> None:
        counts, _ = np.histogram(along(axis), bins=200, range=(0.0, 1.0))
        assert 1e-4 < p_value_of_chi2(counts) < 1 - 1e-4

    @pytest.mark.parametrize("lag", [1, 2, 16])
    @pytest.mark.parametrize("axis", AXES)
    def test_neighbours_are_independent(self, axis: str, lag: int) -> None:
        values = along(axis)
        ahead, behind = values[lag:], values[:-lag]
        assert abs(np.corrcoef(ahead, behind)[0, 1]) < 4 / np.sqrt(DRAWS)
        counts, _, _ = np.histogram2d(ahead, behind, bins=16, range=((0.0, 1.0), (0.0, 1.0)))
        assert 1e-4 < p_value_of_chi2(counts) < 1 - 1e-4

    @pytest.mark.parametrize("one", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)])
    def test_two_draws_of_one_case_are_independent(self, one: tuple[int, int, int]) -> None:
        later = Later(9, 0)
        pairs = np.array([(later.uniform(k, 0, 0, 0), later.uniform(k, *one)) for k in range(DRAWS)])
        counts, _, _ = np.histogram2d(pairs[:, 0], pairs[:, 1], bins=16, range=((0.0, 1.0), (0.0, 1.0)))
        assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / np.sqrt(DRAWS)
        assert 1e-4 < p_value_of_chi2(counts) < 1 - 1e-4

    @pytest.mark.parametrize("other", [(4, 0), (3, 1)])
    def test_seed_and_replication_change_the_numbers(self, other: tuple[int, int]) -> None:
        ours, theirs = Later(3, 0), Later(*other)
        pairs = np.array([(ours.uniform(k, 0, 0, 0), theirs.uniform(k, 0, 0, 0)) for k in range(DRAWS)])
        assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / np.sqrt(DRAWS)

    def test_many_draws_of_one_key_are_uniform_independent_and_its_own(self) -> None:
        later = Later(9, 0)
        drawn = np.array([[*islice(later.uniforms(key, 1, 2, 25), 8)] for key in range(DRAWS // 8)])
        assert ((drawn > 0) & (drawn < 1)).all() and len(np.unique(drawn)) == drawn.size
        assert p_value_of_chi2(np.histogram(drawn, 64, (0.0, 1.0))[0]) > 1e-4
        for left, right in ((drawn[:, :-1], drawn[:, 1:]), (drawn[:-1], drawn[1:])):
            assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4 / np.sqrt(left.size)
        assert [*islice(later.uniforms(5, 1, 2, 25), 3)] == drawn[5, :3].tolist()
        others = [(5, 0, 2, 25), (5, 1, 3, 25), (5, 1, 2, 26)]
        assert all(next(later.uniforms(*other)) not in drawn[5] for other in others)
        assert later.uniform(5, 1, 2, 25) not in drawn[5]


def unmixed(z: int) -> int:
    """The inverse of SplitMix64's finaliser."""
    z = unshifted(z, 31) * pow(0x94D0_49BB_1331_11EB, -1, 2**64) & MASK
    z = unshifted(z, 27) * pow(0xBF58_476D_1CE4_E5B9, -1, 2**64) & MASK
    return unshifted(z, 30)


def unshifted(z: int, by: int) -> int:
    return z ^ z >> by ^ z >> 2 * by
