"""Distributions as functions of one uniform number.

`ppf` turns one number of (0, 1) into one value. A case keeps its uniform number when a parameter of
the distribution changes, so two scenarios stay comparable case by case (common random numbers).

A new kind is one frozen dataclass under `@distribution("name")`; its fields are what a scenario may
write, and the marks `Seconds`, `Share` and `Number` in their annotations say in which unit.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar, overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Seconds = Annotated[float, "duration"]
"""A duration in seconds, finite and not negative."""
Share = Annotated[float, "share"]
"""A share, 0 … 1."""
Number = Annotated[float, "number"]
"""A positive number without a unit."""

_BELOW_ONE = 1.0 - 2.0**-53
_LEAST_WEIBULL_SHAPE = 0.05
_MOMENT_NODES = 1 << 15
_AGREEMENT = 1e-9


class Distribution(ABC):
    """A distribution of a non-negative quantity (seconds, as a rule)."""

    kind: ClassVar[str] = ""
    """The name by which a scenario asks for it; empty if it is not in the registry."""

    @overload
    def ppf(self, u: float) -> float: ...
    @overload
    def ppf(self, u: Array) -> Array: ...
    def ppf(self, u: float | Array) -> float | Array:
        """The value(s) for the uniform number(s) `u` in (0, 1); a float for a float, else an array alike."""
        return _same_kind(self._ppf, u)

    @overload
    def cdf(self, x: float) -> float: ...
    @overload
    def cdf(self, x: Array) -> Array: ...
    def cdf(self, x: float | Array) -> float | Array:
        """The probability of a value of at most `x`; a float for a float, else an array alike."""
        return _same_kind(self._cdf, x)

    if TYPE_CHECKING:
        # For the reader and the type checker only: most kinds have a *field* of this name, which a
        # property of the base class would shadow.
        @property
        def mean(self) -> float:
            """The expected value."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """The variance, in the squared unit of the value."""

    @property
    def monotone(self) -> bool:
        """Whether `ppf` never falls, hence is the quantile function; not so where u also picks a branch."""
        return True

    @classmethod
    @abstractmethod
    def example(cls) -> Self:
        """A representative instance, on which the conformance tests run."""

    @abstractmethod
    def _ppf(self, u: Any) -> Any:
        """`ppf` of a float or an array by NumPy functions."""

    @abstractmethod
    def _cdf(self, x: Any) -> Any:
        """`cdf` of a float or an array by NumPy functions."""


DISTRIBUTIONS: dict[str, type[Distribution]] = {}
"""Every kind that a scenario can ask for, by name."""

Kind = TypeVar("Kind", bound=type[Distribution])


def distribution(name: str) -> Callable[[Kind], Kind]:
    """Enter a class into `DISTRIBUTIONS` under `name`; `ValueError` if the name is taken."""

    def register(cls: Kind) -> Kind:
        if name in DISTRIBUTIONS:
            raise ValueError(f"a distribution named {name!r} exists already; choose another name")
        cls.kind = name
        DISTRIBUTIONS[name] = cls
        return cls

    return register


@distribution("constant")
@dataclass(frozen=True)
class Constant(Distribution):
    """Always the same value."""

    value: Seconds

    def __post_init__(self) -> None:
        _require_duration(self, "value")

    @property
    def mean(self) -> float:
        return self.value

    @property
    def variance(self) -> float:
        return 0.0

    @classmethod
    def example(cls) -> Self:
        return cls(value=30.0)

    def _ppf(self, u: Any) -> Any:
        return np.full(np.shape(u), self.value, dtype=float)

    def _cdf(self, x: Any) -> Any:
        return np.where(np.asarray(x) >= self.value, 1.0, 0.0)


@distribution("exponential")
@dataclass(frozen=True)
class Exponential(Distribution):
    """Memoryless: what has lasted long is no nearer to its end."""

    mean: Seconds

    def __post_init__(self) -> None:
        _require_positive(self, "mean")

    @property
    def variance(self) -> float:
        return self.mean**2

    @classmethod
    def example(cls) -> Self:
        return cls(mean=240.0)

    def _ppf(self, u: Any) -> Any:
        return -self.mean * np.log1p(-u)

    def _cdf(self, x: Any) -> Any:
        return -np.expm1(-np.maximum(x, 0.0) / self.mean)


class _GammaShaped(Distribution):
    """What gamma and Erlang share: a mean and a shape, which is 1 / cv**2."""

    @property
    @abstractmethod
    def _shape(self) -> float:
        """The shape parameter, positive."""

    @property
    def variance(self) -> float:
        return self.mean**2 / self._shape

    def _ppf(self, u: Any) -> Any:
        return self.mean / self._shape * _special().gammaincinv(self._shape, u)

    def _cdf(self, x: Any) -> Any:
        return _special().gammainc(self._shape, np.maximum(x, 0.0) * (self._shape / self.mean))


@distribution("gamma")
@dataclass(frozen=True)
class Gamma(_GammaShaped):
    """Gamma by its mean and either `cv` (standard deviation ÷ mean) or `shape` (1 / cv²)."""

    mean: Seconds
    cv: Number | None = None
    shape: Number | None = None

    def __post_init__(self) -> None:
        _require_positive(self, "mean")
        _require_either(self, "cv", "shape")

    @classmethod
    def example(cls) -> Self:
        return cls(mean=300.0, cv=0.7)

    @cached_property
    def _shape(self) -> float:
        return _given(self.shape) if self.cv is None else self.cv**-2


@distribution("erlang")
@dataclass(frozen=True)
class Erlang(_GammaShaped):
    """The sum of `phases` exponential steps of equal mean."""

    mean: Seconds
    phases: int

    def __post_init__(self) -> None:
        _require_positive(self, "mean")
        if isinstance(self.phases, bool) or not isinstance(self.phases, int) or self.phases < 1:
            raise ValueError(f"erlang: write `phases` as a whole number from 1 on, not {self.phases!r}")

    @classmethod
    def example(cls) -> Self:
        return cls(mean=180.0, phases=3)

    @property
    def _shape(self) -> float:
        return float(self.phases)


@distribution("lognormal")
@dataclass(frozen=True)
class Lognormal(Distribution):
    """Lognormal by any two of `mean`, `median` and `cv` (standard deviation ÷ mean).

    With s the standard deviation of the logarithm: mean = median · exp(s²/2), cv² = exp(s²) - 1.
    All three may be given if they agree. `mean` is filled in when the other two are given.
    """

    mean: Seconds | None = None  # type: ignore[assignment]  # a float once __post_init__ is through
    median: Seconds | None = None
    cv: Number | None = None

    def __post_init__(self) -> None:
        given = [name for name in ("mean", "median", "cv") if getattr(self, name) is not None]
        if len(given) < 2:
            raise ValueError("lognormal: write two of `mean`, `median` and `cv`")
        for name in given:
            _require_positive(self, name)
        if self.cv is None and _given(self.mean) <= _given(self.median):
            raise ValueError(f"lognormal: write `mean` above `median`, not {self.mean!r} and {self.median!r}")
        if self.median is not None and self.cv is not None:
            _settle_mean(self, self.median * math.hypot(1.0, self.cv))

    @property
    def variance(self) -> float:
        return _given(self.mean) ** 2 * math.expm1(self._sigma**2)

    @classmethod
    def example(cls) -> Self:
        return cls(mean=360.0, cv=0.9)

    @cached_property
    def _sigma(self) -> float:
        if self.cv is not None:
            return math.sqrt(math.log1p(self.cv**2))
        return math.sqrt(2.0 * math.log(_given(self.mean) / _given(self.median)))

    @cached_property
    def _median(self) -> float:
        return _given(self.mean) * math.exp(-(self._sigma**2) / 2) if self.median is None else self.median

    def _ppf(self, u: Any) -> Any:
        return self._median * np.exp(self._sigma * _special().ndtri(u))

    def _cdf(self, x: Any) -> Any:
        with np.errstate(divide="ignore"):
            return _special().ndtr(np.log(np.maximum(x, 0.0) / self._median) / self._sigma)


@distribution("weibull")
@dataclass(frozen=True)
class Weibull(Distribution):
    """Weibull by its `shape` (below 1: the longer it lasted, the longer it will) and `mean` or `scale`.

    Both may be given if they agree. `mean` is filled in when `scale` is given.
    """

    shape: Number
    mean: Seconds | None = None  # type: ignore[assignment]  # a float once __post_init__ is through
    scale: Seconds | None = None

    def __post_init__(self) -> None:
        _require_positive(self, "shape")
        if self.shape < _LEAST_WEIBULL_SHAPE:
            raise ValueError(f"weibull: write `shape` as {_LEAST_WEIBULL_SHAPE} or more, not {self.shape!r}")
        if self.scale is None:
            _require_either(self, "mean", "scale")
        else:
            _require_positive(self, "scale")
            _settle_mean(self, self.scale * self._mean_of_unit_scale)

    @property
    def variance(self) -> float:
        log_ratio = math.lgamma(1.0 + 2.0 / self.shape) - 2.0 * math.lgamma(1.0 + 1.0 / self.shape)
        return _given(self.mean) ** 2 * math.expm1(log_ratio)

    @classmethod
    def example(cls) -> Self:
        return cls(shape=1.5, mean=120.0)

    @property
    def _mean_of_unit_scale(self) -> float:
        return math.gamma(1.0 + 1.0 / self.shape)

    @cached_property
    def _scale(self) -> float:
        return _given(self.mean) / self._mean_of_unit_scale if self.scale is None else self.scale

    def _ppf(self, u: Any) -> Any:
        return self._scale * (-np.log1p(-u)) ** (1.0 / self.shape)

    def _cdf(self, x: Any) -> Any:
        return -np.expm1(-((np.maximum(x, 0.0) / self._scale) ** self.shape))


@distribution("uniform")
@dataclass(frozen=True)
class Uniform(Distribution):
    """Every value from `low` to `high` alike."""

    low: Seconds
    high: Seconds

    def __post_init__(self) -> None:
        _require_range(self)

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        return (self.high - self.low) ** 2 / 12

    @classmethod
    def example(cls) -> Self:
        return cls(low=0.0, high=90.0)

    def _ppf(self, u: Any) -> Any:
        return self.low + (self.high - self.low) * u

    def _cdf(self, x: Any) -> Any:
        return np.clip((np.asarray(x) - self.low) / (self.high - self.low), 0.0, 1.0)


@distribution("triangular")
@dataclass(frozen=True)
class Triangular(Distribution):
    """From `low` to `high` with the peak of the density at `mode`: an expert's three figures."""

    low: Seconds
    mode: Seconds
    high: Seconds

    def __post_init__(self) -> None:
        _require_range(self)
        _require_duration(self, "mode")
        if not self.low <= self.mode <= self.high:
            raise ValueError(
                "triangular: write `mode` between `low` and `high`, "
                f"that is {self.low!r} … {self.high!r}, not {self.mode!r}"
            )

    @property
    def mean(self) -> float:
        return (self.low + self.mode + self.high) / 3

    @property
    def variance(self) -> float:
        below, above = self.mode - self.low, self.high - self.mode
        return (below**2 + below * above + above**2) / 18

    @classmethod
    def example(cls) -> Self:
        return cls(low=60.0, mode=120.0, high=600.0)

    def _ppf(self, u: Any) -> Any:
        width, below = self.high - self.low, self.mode - self.low
        rising = self.low + np.sqrt(u * width * below)
        falling = self.high - np.sqrt((1.0 - u) * width * (width - below))
        return np.where(u * width < below, rising, falling)

    def _cdf(self, x: Any) -> Any:
        width, below = self.high - self.low, self.mode - self.low
        from_low = np.clip(np.asarray(x) - self.low, 0.0, width)
        # A peak at an end leaves one branch without width; it is never chosen, but must not divide by 0.
        rising = from_low**2 / (width * (below or width))
        falling = 1.0 - (width - from_low) ** 2 / (width * ((width - below) or width))
        return np.where(from_low < below, rising, falling)


@distribution("hyperexponential")
@dataclass(frozen=True)
class Hyperexponential(Distribution):
    """Two exponential branches, many short and few long, for `cv` above 1, with balanced means.

    Each branch carries half of the mean: p1 · m1 = p2 · m2 (Whitt, 1982). The uniform number picks the
    branch by its size (low: short), then, rescaled, the value in the branch; so `ppf` may fall.
    """

    mean: Seconds
    cv: Number

    def __post_init__(self) -> None:
        _require_positive(self, "mean")
        _require_positive(self, "cv")
        if self.cv <= 1.0:
            raise ValueError(
                f"hyperexponential: write `cv` above 1, not {self.cv!r}; "
                "for a cv of 1 write an exponential, below 1 a gamma"
            )

    @property
    def variance(self) -> float:
        return (self.cv * self.mean) ** 2

    @property
    def monotone(self) -> bool:
        return False

    @classmethod
    def example(cls) -> Self:
        return cls(mean=300.0, cv=1.6)

    @cached_property
    def _rare(self) -> float:
        """The probability of the long branch, without the cancellation of the textbook's 1 - p1."""
        square = self.cv**2
        return 1.0 / ((square + 1.0) * (1.0 + math.sqrt((square - 1.0) / (square + 1.0))))

    @cached_property
    def _means(self) -> Array:
        return self.mean / (2.0 * np.array([1.0 - self._rare, self._rare]))

    @cached_property
    def _edges(self) -> Array:
        return np.array([0.0, 1.0 - self._rare, 1.0])

    def _ppf(self, u: Any) -> Any:
        branch, inner = _pick(self._edges, u)
        return -self._means[branch] * np.log1p(-inner)

    def _cdf(self, x: Any) -> Any:
        positive = np.maximum(x, 0.0)
        short, long = (-np.expm1(-positive / mean) for mean in self._means)
        return (1.0 - self._rare) * short + self._rare * long


@distribution("empirical")
@dataclass(frozen=True)
class Empirical(Distribution):
    """The distribution of observed values: exactly those, or `smooth`, anything between neighbours.

    Smooth is linear interpolation of the quantiles (type 7 of Hyndman and Fan, 1996). The order of
    `values` is of no account.
    """

    values: tuple[Seconds, ...]
    smooth: bool = False

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=float)
        if values.ndim != 1 or values.size == 0:
            raise ValueError("empirical: write `values` as a list of one duration or more")
        if not (np.isfinite(values).all() and (values >= 0.0).all()):
            raise ValueError("empirical: write `values` as finite durations from 0 on; one is not")
        object.__setattr__(self, "values", tuple(values.tolist()))

    @cached_property
    def mean(self) -> float:
        return float(np.mean(self._sorted if self._is_step else self._midpoints))

    @cached_property
    def variance(self) -> float:
        if self._is_step:
            return float(np.var(self._sorted))
        return float(np.var(self._midpoints) + np.mean(np.diff(self._sorted) ** 2) / 12)

    @classmethod
    def example(cls) -> Self:
        return cls(values=(12.0, 45.0, 45.0, 80.0, 130.0, 240.0, 700.0))

    @cached_property
    def _sorted(self) -> Array:
        return np.sort(np.array(self.values))

    @property
    def _is_step(self) -> bool:
        return not self.smooth or len(self.values) == 1

    @property
    def _midpoints(self) -> Array:
        return (self._sorted[1:] + self._sorted[:-1]) / 2

    def _ppf(self, u: Any) -> Any:
        last = len(self.values) - 1
        if self._is_step:
            # The allowance makes ppf(k/n) the k-th value although k/n · n may round to above k.
            rank = np.ceil(u * (last + 1) - 1e-9) - 1
            return self._sorted[np.clip(rank, 0, last).astype(np.intp)]
        left = np.clip(np.floor(u * last), 0, last - 1).astype(np.intp)
        low = self._sorted[left]
        return low + (self._sorted[left + 1] - low) * (u * last - left)

    def _cdf(self, x: Any) -> Any:
        count = np.searchsorted(self._sorted, x, side="right")
        n = len(self.values)
        if self._is_step:
            return count / n
        low, high = self._sorted[np.clip(count - 1, 0, n - 1)], self._sorted[np.clip(count, 0, n - 1)]
        gap = np.where(high > low, high - low, 1.0)
        inside = (count - 1 + (x - low) / gap) / (n - 1)
        return np.where(count == 0, 0.0, np.where(count == n, 1.0, inside))


@distribution("mixture")
@dataclass(frozen=True)
class Mixture(Distribution):
    """One of several distributions, each with a weight; the weights need not add up to 1.

    The uniform number picks the part, in the order written, then, rescaled, the value in the part; so
    `ppf` may fall.
    """

    parts: tuple[tuple[Number, Distribution], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple((weight, part) for weight, part in self.parts))
        if not self.parts:
            raise ValueError("mixture: write one part or more, each with a weight and a distribution")
        for weight, _ in self.parts:
            if not (math.isfinite(weight) and weight > 0.0):
                raise ValueError(f"mixture: write every weight as a number above 0, not {weight!r}")

    @cached_property
    def mean(self) -> float:
        return float(sum(share * part.mean for share, part in self._shares))

    @cached_property
    def variance(self) -> float:
        within = sum(share * part.variance for share, part in self._shares)
        between = sum(share * (part.mean - self.mean) ** 2 for share, part in self._shares)
        return float(within + between)

    @property
    def monotone(self) -> bool:
        return len(self.parts) == 1 and self.parts[0][1].monotone

    @classmethod
    def example(cls) -> Self:
        return cls(parts=((0.7, Gamma(mean=200.0, cv=0.5)), (0.3, Uniform(low=500.0, high=900.0))))

    @property
    def _shares(self) -> list[tuple[float, Distribution]]:
        total = math.fsum(weight for weight, _ in self.parts)
        return [(weight / total, part) for weight, part in self.parts]

    @cached_property
    def _edges(self) -> Array:
        edges: Array = np.minimum(np.cumsum([0.0, *(share for share, _ in self._shares)]), 1.0)
        edges[-1] = 1.0
        return edges

    def _ppf(self, u: Any) -> Any:
        branch, inner = _pick(self._edges, u)
        if np.ndim(u) == 0:
            return self.parts[branch][1].ppf(float(inner))
        chosen = [branch == number for number in range(len(self.parts))]
        return np.select(chosen, [part.ppf(inner) for _, part in self.parts])

    def _cdf(self, x: Any) -> Any:
        return sum(share * part.cdf(x) for share, part in self._shares)


@dataclass(frozen=True)
class Capped(Distribution):
    """`of`, but never more than `at_most` seconds: min(X, at_most).

    Its moments are numerical (about 1e-4 relative to `at_most` or better).
    """

    of: Distribution
    at_most: Seconds

    def __post_init__(self) -> None:
        _require_duration(self, "at_most")

    @property
    def monotone(self) -> bool:
        return self.of.monotone

    @cached_property
    def mean(self) -> float:
        values, weights = self._nodes
        return float(weights @ values)

    @cached_property
    def variance(self) -> float:
        values, weights = self._nodes
        return float(weights @ (values - self.mean) ** 2)

    @classmethod
    def example(cls) -> Self:
        return cls(of=Lognormal(mean=360.0, cv=1.5), at_most=900.0)

    @property
    def _nodes(self) -> tuple[Array, Array]:
        """Values and weights of a midpoint rule over u, its nodes drawn towards both ends of (0, 1)."""
        t = (np.arange(_MOMENT_NODES) + 0.5) / _MOMENT_NODES
        weights = t * (1.0 - t)
        return self.ppf(t * t * (3.0 - 2.0 * t)), weights / weights.sum()

    def _ppf(self, u: Any) -> Any:
        return np.minimum(self.of.ppf(u), self.at_most)

    def _cdf(self, x: Any) -> Any:
        return np.where(np.asarray(x) >= self.at_most, 1.0, self.of.cdf(x))


def _same_kind(function: Callable[[Any], Any], value: float | Array) -> float | Array:
    if isinstance(value, np.ndarray):
        return np.asarray(function(value), dtype=float)
    return float(function(value))


def _pick(edges: Array, u: Any) -> tuple[Any, Any]:
    """The branch between whose edges `u` lies, and where between them, as a number of [0, 1)."""
    branch = np.searchsorted(edges[1:-1], u, side="right")
    left = edges[branch]
    return branch, np.minimum((u - left) / (edges[branch + 1] - left), _BELOW_ONE)


@cache
def _special() -> Any:
    """`scipy.special`, imported on first use: it takes longer than the rest of this package."""
    return import_module("scipy.special")


def _given(value: float | None) -> float:
    assert value is not None
    return value


def _require_duration(of: Distribution, name: str) -> None:
    value = getattr(of, name)
    if not (math.isfinite(value) and value >= 0.0):
        raise ValueError(f"{_label(of)}: write `{name}` as a finite duration from 0 on, not {value!r}")


def _require_positive(of: Distribution, name: str) -> None:
    value = getattr(of, name)
    if not (math.isfinite(value) and value > 0.0):
        hint = "; for a value of 0 write a constant" if name == "mean" and value == 0 else ""
        raise ValueError(f"{_label(of)}: write `{name}` as a finite number above 0, not {value!r}{hint}")


def _require_range(of: "Uniform | Triangular") -> None:
    _require_duration(of, "low")
    _require_duration(of, "high")
    if of.low >= of.high:
        raise ValueError(
            f"{_label(of)}: write `low` below `high`, not {of.low!r} and {of.high!r}; "
            "for a single value write a constant"
        )


def _require_either(of: Distribution, first: str, second: str) -> None:
    """Exactly one of two fields, and that one positive."""
    given = [name for name in (first, second) if getattr(of, name) is not None]
    if len(given) != 1:
        raise ValueError(f"{_label(of)}: write either `{first}` or `{second}`, {_how_many(given)}")
    _require_positive(of, given[0])


def _settle_mean(of: "Lognormal | Weibull", implied: float) -> None:
    """Fill in the mean that the other fields imply, or check that the one written agrees with it."""
    if of.mean is None:
        object.__setattr__(of, "mean", implied)
    elif not math.isclose(of.mean, implied, rel_tol=_AGREEMENT):
        raise ValueError(
            f"{_label(of)}: the other fields imply a mean of {implied:g}, but `mean` says {of.mean:g}; "
            "leave one of them out"
        )


def _how_many(given: list[str]) -> str:
    return "not both" if given else "neither is given"


def _label(of: Distribution) -> str:
    return of.kind or type(of).__name__.lower()
