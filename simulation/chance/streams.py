"""The only place that builds a random generator.

Three sources of chance, none of which depends on the order in which a run happens to ask:

* `stream` gives a NumPy generator by seed, replication and *name*; a new name moves no other stream.
* `key_of` and `keys_of` give every case a stable 64-bit key from its source and its number there.
* `Later` turns (case, contact, leg, purpose) into one uniform number, for what is needed after birth.
"""

from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = 0x9E37_79B9_7F4A_7C15
_FIRST = 0xBF58_476D_1CE4_E5B9
_SECOND = 0x94D0_49BB_1331_11EB
_STEP = 2.0**-52


def stream(seed: int, replication: int, name: str) -> np.random.Generator:
    """A PCG64 generator of its own for the stream `name` of one replication.

    The hash of the name is stable across processes and Python versions. `ValueError` if the seed or
    the replication is negative.
    """
    return np.random.Generator(np.random.PCG64(_seed_sequence(seed, replication, name)))


def key_of(name: str, number: int) -> int:
    """The 64-bit key of case `number` (0 … 2**64 - 1) of the source `name`; distinct within a source."""
    start, veil = _source_words(name)
    return _mixed((start + number * _GOLDEN) & _MASK) ^ veil


def keys_of(name: str, n: int) -> npt.NDArray[np.uint64]:
    """The keys of the first `n` cases of the source `name`: `key_of(name, i)` for i = 0 … n - 1."""
    start, veil = _source_words(name)
    z = np.uint64(start) + np.arange(n, dtype=np.uint64) * np.uint64(_GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
    return (z ^ (z >> np.uint64(31))) ^ np.uint64(veil)


class Later:
    """Uniform numbers for what happens to a case after its birth, keyed and not queued.

    There is no state: the number of a (case, contact, leg, purpose) is the same whoever asks, whenever
    and however often. Mixing is by two rounds of SplitMix64 (Steele, Lea and Flood, 2014).
    """

    __slots__ = ("_base",)

    def __init__(self, seed: int, replication: int) -> None:
        """Numbers of one replication; `ValueError` if the seed or the replication is negative."""
        state = _seed_sequence(seed, replication, "draws after birth").generate_state(1, np.uint64)
        self._base = int(state[0])

    def uniform(self, case_key: int, contact: int, leg: int, purpose: int) -> float:
        """A number strictly inside (0, 1), by the case's key (see `key_of`) and three counters.

        `ValueError` unless 0 <= contact < 2**32 and 0 <= leg, purpose < 2**16: beyond that two
        draws would share one number.
        """
        if contact >> 32 or (leg | purpose) >> 16:
            raise ValueError(_counter_message(contact, leg, purpose))
        # Written out and not by calls of `_mixed`: this is the hot path of a run.
        z = int(case_key) ^ self._base
        z = ((z ^ z >> 30) * _FIRST) & _MASK
        z = ((z ^ z >> 27) * _SECOND) & _MASK
        z = ((z ^ z >> 31) + (contact << 32 | leg << 16 | purpose) * _GOLDEN) & _MASK
        z = ((z ^ z >> 30) * _FIRST) & _MASK
        z = ((z ^ z >> 27) * _SECOND) & _MASK
        # 52 bits and a half: with 53 the largest would round to 1.
        return (((z ^ z >> 31) >> 12) + 0.5) * _STEP

    def uniforms(self, case_key: int, contact: int, leg: int, purpose: int) -> Iterator[float]:
        """Numbers strictly inside (0, 1) without end: what is needed many times over, such as the turns of a chat.

        The word behind `uniform` of the same key is the seed of a SplitMix64 of its own. `ValueError` as there.
        """
        state = int(self.uniform(case_key, contact, leg, purpose) / _STEP)
        while True:
            state = (state + _GOLDEN) & _MASK
            z = ((state ^ state >> 30) * _FIRST) & _MASK
            z = ((z ^ z >> 27) * _SECOND) & _MASK
            yield (((z ^ z >> 31) >> 12) + 0.5) * _STEP


def _mixed(z: int) -> int:
    """The finaliser of SplitMix64, a bijection of 64-bit integers."""
    z = ((z ^ z >> 30) * _FIRST) & _MASK
    z = ((z ^ z >> 27) * _SECOND) & _MASK
    return z ^ z >> 31


def _source_words(name: str) -> tuple[int, int]:
    digest = blake2b(name.encode(), digest_size=16, person=b"case key").digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def _seed_sequence(seed: int, replication: int, name: str) -> np.random.SeedSequence:
    if seed < 0 or replication < 0:
        raise ValueError(
            f"seed and replication must be whole numbers from 0 on, got seed {seed} and replication {replication}"
        )
    digest = blake2b(name.encode(), digest_size=16, person=b"stream").digest()
    words = (int.from_bytes(digest[i : i + 4], "little") for i in range(0, 16, 4))
    return np.random.SeedSequence(seed, spawn_key=(replication, *words))


def _counter_message(contact: int, leg: int, purpose: int) -> str:
    return (
        "counters out of range: contact must lie in 0 … 2**32 - 1, leg and purpose in 0 … 2**16 - 1, "
        f"got contact {contact}, leg {leg}, purpose {purpose}"
    )
