"""Distributions: one conformance suite over the registry, then what is particular to a kind."""

import dataclasses
import math
import pickle
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.chance import (
    DISTRIBUTIONS,
    Capped,
    Constant,
    Distribution,
    Empirical,
    Erlang,
    Exponential,
    Gamma,
    Hyperexponential,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
    distribution,
    stream,
)

SAMPLE = 100_000
GRID = np.linspace(0.0005, 0.9995, 1_999)

VARIANTS: dict[str, Distribution] = {
    **{name: kind.example() for name, kind in DISTRIBUTIONS.items()},
    "constant of 0": Constant(value=0.0),
    "gamma by shape": Gamma(mean=50.0, shape=0.6),
    "gamma almost constant": Gamma(mean=50.0, cv=0.01),
    "erlang of one phase": Erlang(mean=20.0, phases=1),
    "lognormal by median and cv": Lognormal(median=100.0, cv=0.6),
    "lognormal by mean and median": Lognormal(mean=130.0, median=100.0),
    "weibull by scale": Weibull(shape=0.8, scale=40.0),
    "triangular with its peak at low": Triangular(low=0.0, mode=0.0, high=10.0),
    "triangular with its peak at high": Triangular(low=2.0, mode=10.0, high=10.0),
    "empirical smooth": Empirical(values=(30.0, 11.0, 10.0, 90.0, 0.0), smooth=True),
    "empirical smooth with a tie": Empirical(values=(30.0, 10.0, 10.0, 90.0, 0.0), smooth=True),
    "empirical of one value": Empirical(values=(7.0,), smooth=True),
    "mixture of mixtures": Mixture(
        parts=((1, Constant(value=5.0)), (3, Mixture.example()), (2, Exponential(mean=60.0)))
    ),
    "capped gamma": Capped(of=Gamma.example(), at_most=400.0),
    "capped mixture": Capped(of=Mixture.example(), at_most=600.0),
    "capped steps": Capped(of=Empirical.example(), at_most=100.0),
    "capped beyond reach": Capped(of=Uniform(low=0.0, high=60.0), at_most=1_000.0),
    "capped at 0": Capped(of=Exponential(mean=5.0), at_most=0.0),
}
JUMPING = Constant | Empirical | Capped
CONTINUOUS = [name for name, one in VARIANTS.items() if one.monotone and not isinstance(one, JUMPING)]
CONTINUOUS.append("empirical smooth")
each_variant = pytest.mark.parametrize("one", VARIANTS.values(), ids=VARIANTS)


def sample_of(one: Distribution) -> np.ndarray:
    return one.ppf(stream(11, 0, "distribution tests").random(SAMPLE))


def standard_error(sample: np.ndarray) -> float:
    return float(sample.std() / math.sqrt(sample.size))


def rounding_of(one: Distribution) -> float:
    """Capped distributions have numerical moments, all others exact ones but for rounding."""
    return (1e-4 if isinstance(one, Capped) else 1e-9) * one.mean


class TestConformance:
    @each_variant
    def test_moments_are_those_of_the_sample(self, one: Distribution) -> None:
        sample = sample_of(one)
        squares = (sample - one.mean) ** 2
        assert abs(sample.mean() - one.mean) <= 4 * standard_error(sample) + rounding_of(one)
        assert abs(squares.mean() - one.variance) <= 4 * standard_error(squares) + rounding_of(one) * one.mean

    @each_variant
    def test_cdf_is_that_of_the_sample(self, one: Distribution) -> None:
        """Kolmogorov's bound, which a right distribution breaks once in ten thousand."""
        sample = np.sort(sample_of(one))
        shares = np.searchsorted(sample, sample, side="right") / SAMPLE
        assert np.abs(one.cdf(sample) - shares).max() < 2.23 / math.sqrt(SAMPLE)

    @each_variant
    def test_scalar_is_float_and_equals_vector(self, one: Distribution) -> None:
        values, shares = one.ppf(GRID), one.cdf(one.ppf(GRID))
        assert values.dtype == shares.dtype == np.float64
        assert values.shape == shares.shape == GRID.shape
        for i in range(0, GRID.size, 97):
            value = one.ppf(float(GRID[i]))
            assert type(value) is type(one.cdf(value)) is float
            assert value == pytest.approx(values[i], rel=1e-13)
            assert one.cdf(value) == pytest.approx(shares[i], rel=1e-12)

    @each_variant
    def test_shape_of_the_array_is_kept(self, one: Distribution) -> None:
        assert one.ppf(GRID[:6].reshape(2, 3)).shape == (2, 3)
        assert one.ppf(np.empty(0)).shape == (0,)

    @each_variant
    def test_values_are_finite_and_not_negative_to_the_very_ends(self, one: Distribution) -> None:
        ends = one.ppf(np.array([0.0, 1e-300, 2.0**-53, 1.0 - 2.0**-53]))
        assert np.isfinite(ends).all()
        assert (ends >= 0.0).all()

    @each_variant
    def test_ppf_never_falls_where_it_says_so(self, one: Distribution) -> None:
        falls = bool((np.diff(one.ppf(GRID)) < 0.0).any())
        assert falls is not one.monotone

    @each_variant
    def test_cdf_is_0_below_and_1_above_and_never_falls(self, one: Distribution) -> None:
        assert one.cdf(-1.0) == 0.0
        assert one.cdf(1e12) == pytest.approx(1.0)
        assert (np.diff(one.cdf(np.linspace(0.0, 3 * one.mean + 1.0, 500))) >= 0.0).all()

    @pytest.mark.parametrize("name", [name for name, one in VARIANTS.items() if one.monotone])
    def test_ppf_is_the_quantile_function_where_it_says_so(self, name: str) -> None:
        one = VARIANTS[name]
        assert (one.cdf(one.ppf(GRID)) >= GRID - 1e-9).all()
        assert (one.ppf(np.maximum(one.cdf(one.ppf(GRID)) - 1e-9, 0.0)) <= one.ppf(GRID) * (1 + 1e-9)).all()

    @pytest.mark.parametrize("name", CONTINUOUS)
    def test_cdf_undoes_ppf_where_nothing_jumps(self, name: str) -> None:
        one = VARIANTS[name]
        assert one.cdf(one.ppf(GRID)) == pytest.approx(GRID, abs=1e-10)

    @each_variant
    def test_pickling_keeps_it(self, one: Distribution) -> None:
        assert pickle.loads(pickle.dumps(one)) == one

    @each_variant
    def test_written_out_and_read_back_it_is_the_same(self, one: Distribution) -> None:
        fields = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}  # type: ignore[arg-type]
        assert type(one)(**fields) == one

    @pytest.mark.parametrize("kind", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
    def test_every_field_says_what_it_is(self, kind: type[Distribution]) -> None:
        for name, hint in get_type_hints(kind, include_extras=True).items():
            if name in {field.name for field in dataclasses.fields(kind)}:  # type: ignore[arg-type]
                assert is_readable(hint), f"{kind.kind}.{name}: a schema cannot be made of {hint}"

    def test_names_are_those_of_the_registry(self) -> None:
        assert {name: kind.kind for name, kind in DISTRIBUTIONS.items()} == {name: name for name in DISTRIBUTIONS}
        assert not Capped.example().kind

    def test_a_name_cannot_be_taken_twice(self) -> None:
        with pytest.raises(ValueError, match="'gamma' exists already"):
            distribution("gamma")(Constant)
        assert DISTRIBUTIONS["gamma"] is Gamma
        assert Constant.kind == "constant"


def is_readable(hint: Any) -> bool:
    """A marked float, int or bool, or a tuple or an optional of what is readable."""
    if get_origin(hint) is Annotated:
        return get_args(hint)[1] in {"duration", "share", "number"}
    if get_args(hint):
        return all(is_readable(part) for part in get_args(hint) if part not in (type(None), Ellipsis))
    return hint in {int, bool, Distribution}


class TestKnownValues:
    """Medians, quantiles and moments that a textbook gives in closed form."""

    @pytest.mark.parametrize(
        ("one", "u", "value"),
        [
            (Exponential(mean=10.0), 0.5, 10.0 * math.log(2.0)),
            (Erlang(mean=2.0, phases=2), 1.0 - 3.0 * math.exp(-2.0), 2.0),
            (Gamma(mean=10.0, cv=1.0), 0.5, 10.0 * math.log(2.0)),
            (Lognormal(median=60.0, cv=3.0), 0.5, 60.0),
            (Weibull(shape=2.0, scale=5.0), 1.0 - math.exp(-1.0), 5.0),
            (Uniform(low=2.0, high=4.0), 0.25, 2.5),
            (Triangular(low=0.0, mode=1.0, high=2.0), 0.125, 0.5),
            (Triangular(low=0.0, mode=1.0, high=2.0), 0.875, 1.5),
            (Empirical(values=(3.0, 1.0, 2.0)), 0.5, 2.0),
            (Empirical(values=(3.0, 1.0, 2.0)), 2 / 3, 2.0),
            (Empirical(values=(3.0, 1.0, 2.0)), 0.67, 3.0),
            (Empirical(values=(3.0, 1.0, 2.0), smooth=True), 0.25, 1.5),
        ],
    )
    def test_quantile(self, one: Distribution, u: float, value: float) -> None:
        assert one.ppf(u) == pytest.approx(value)

    @pytest.mark.parametrize(
        ("one", "mean", "variance"),
        [
            (Gamma(mean=10.0, shape=4.0), 10.0, 25.0),
            (Erlang(mean=6.0, phases=4), 6.0, 9.0),
            (Lognormal(mean=10.0, cv=0.5), 10.0, 25.0),
            (Lognormal(median=100.0, cv=1.0), 100.0 * math.sqrt(2.0), 20_000.0),
            (Weibull(shape=1.0, scale=7.0), 7.0, 49.0),
            (Weibull(shape=2.0, scale=2.0), math.sqrt(math.pi), 4.0 - math.pi),
            (Hyperexponential(mean=10.0, cv=2.0), 10.0, 400.0),
            (Empirical(values=(1.0, 2.0, 3.0)), 2.0, 2 / 3),
            (Empirical(values=(1.0, 3.0), smooth=True), 2.0, 1 / 3),
            (Mixture(parts=((1, Constant(value=0.0)), (3, Constant(value=4.0)))), 3.0, 3.0),
            (Capped(of=Constant(value=5.0), at_most=3.0), 3.0, 0.0),
        ],
    )
    def test_moments(self, one: Distribution, mean: float, variance: float) -> None:
        assert one.mean == pytest.approx(mean)
        assert one.variance == pytest.approx(variance)

    @pytest.mark.parametrize("cap", [1.0, 10.0, 100.0])
    def test_moments_of_a_capped_exponential(self, cap: float) -> None:
        kept = math.exp(-cap / 10.0)
        mean, square = 10.0 * (1.0 - kept), 200.0 * (1.0 - kept) - 20.0 * cap * kept
        capped = Capped(of=Exponential(mean=10.0), at_most=cap)
        assert capped.mean == pytest.approx(mean, rel=1e-4)
        assert capped.variance == pytest.approx(square - mean**2, rel=1e-3)

    def test_both_branches_of_a_hyperexponential_carry_half_of_the_mean(self) -> None:
        one = Hyperexponential(mean=10.0, cv=2.0)
        short_branch = (1.0 + math.sqrt(3.0 / 5.0)) / 2.0
        u = (np.arange(SAMPLE) + 0.5) / SAMPLE
        assert one.ppf(u)[u < short_branch].sum() / SAMPLE == pytest.approx(5.0, rel=1e-3)

    def test_a_hyperexponential_of_huge_cv_keeps_its_mean(self) -> None:
        one = Hyperexponential(mean=10.0, cv=1e9)
        assert one.ppf(0.5) == pytest.approx(5.0 * math.log(2.0))
        assert math.isfinite(one.ppf(1.0 - 2.0**-53))

    def test_a_rare_part_of_a_mixture_takes_the_top_of_u(self) -> None:
        one = Mixture(parts=((9, Constant(value=1.0)), (1, Uniform(low=10.0, high=20.0))))
        assert one.ppf(0.8999) == 1.0
        assert one.ppf(0.95) == pytest.approx(15.0)

    def test_a_part_of_a_mixture_begins_at_its_edge(self) -> None:
        one = Mixture(parts=((1, Constant(value=1.0)), (1, Uniform(low=10.0, high=20.0))))
        assert one.ppf(np.nextafter(0.5, 0.0)) == 1.0
        assert one.ppf(0.5) == 10.0

    def test_just_below_the_edge_of_a_part_the_value_is_finite(self) -> None:
        """Where rescaling rounds to 1, an exponential part would be infinite."""
        for weights in stream(12, 0, "weights").dirichlet((1.0, 1.0, 1.0), size=300).tolist():
            one = Mixture(parts=tuple((weight, Exponential(mean=1.0)) for weight in weights))
            below = np.nextafter(np.cumsum(weights)[:2], 0.0)
            assert np.isfinite(one.ppf(below)).all()


class TestCommonNumbers:
    @given(st.floats(1e-6, 1 - 1e-6), st.floats(1.0, 1e4), st.floats(1.0, 10.0))
    def test_a_longer_mean_stretches_the_same_case(self, u: float, mean: float, factor: float) -> None:
        for before, after in (
            (Exponential(mean=mean), Exponential(mean=mean * factor)),
            (Gamma(mean=mean, cv=0.8), Gamma(mean=mean * factor, cv=0.8)),
            (Lognormal(mean=mean, cv=0.8), Lognormal(mean=mean * factor, cv=0.8)),
            (Hyperexponential(mean=mean, cv=2.0), Hyperexponential(mean=mean * factor, cv=2.0)),
        ):
            assert after.ppf(u) == pytest.approx(factor * before.ppf(u))

    @given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=40))
    def test_steps_give_back_the_values_and_forget_their_order(self, values: list[float]) -> None:
        one, n = Empirical(values=tuple(values)), len(values)
        assert [one.ppf(k / n) for k in range(1, n + 1)] == sorted(values)
        assert [one.ppf(one.cdf(value)) for value in values] == values

    def test_values_may_come_as_an_array(self) -> None:
        assert Empirical(values=np.array([1.0, 2.0])) == Empirical(values=(1.0, 2.0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Constant(value=-1.0), "constant: write `value` as a finite duration from 0 on, not -1.0"),
        (lambda: Constant(value=math.nan), "constant: write `value`"),
        (lambda: Exponential(mean=0.0), "exponential: write `mean` .* for a value of 0 write a constant"),
        (lambda: Exponential(mean=math.inf), "exponential: write `mean` as a finite number"),
        (lambda: Gamma(mean=1.0), "gamma: write either `cv` or `shape`, neither is given"),
        (lambda: Gamma(mean=1.0, cv=1.0, shape=1.0), "gamma: write either `cv` or `shape`, not both"),
        (lambda: Gamma(mean=1.0, cv=0.0), "gamma: write `cv` as a finite number above 0"),
        (lambda: Erlang(mean=1.0, phases=0), "erlang: write `phases` as a whole number from 1 on, not 0"),
        (lambda: Erlang(mean=1.0, phases=1.5), "erlang: write `phases` as a whole number"),  # type: ignore[arg-type]
        (lambda: Lognormal(mean=1.0), "lognormal: write two of `mean`, `median` and `cv`"),
        (lambda: Lognormal(mean=1.0, cv=-2.0), "lognormal: write `cv`"),
        (lambda: Lognormal(mean=1.0, median=2.0), "lognormal: write `mean` above `median`"),
        (
            lambda: Lognormal(mean=1.0, median=2.0, cv=1.0),
            "lognormal: the other fields imply a mean of 2.828",
        ),
        (lambda: Weibull(shape=1.0), "weibull: write either `mean` or `scale`, neither is given"),
        (lambda: Weibull(shape=1.0, mean=2.0, scale=3.0), "weibull: the other fields imply a mean of 3"),
        (lambda: Weibull(shape=0.01, mean=2.0), "weibull: write `shape` as 0.05 or more"),
        (lambda: Uniform(low=3.0, high=3.0), "uniform: write `low` below `high`, .* write a constant"),
        (lambda: Uniform(low=-3.0, high=3.0), "uniform: write `low` as a finite duration"),
        (
            lambda: Triangular(low=1.0, mode=5.0, high=3.0),
            "triangular: write `mode` between `low` and `high`",
        ),
        (
            lambda: Hyperexponential(mean=1.0, cv=1.0),
            "hyperexponential: write `cv` above 1, .* an exponential",
        ),
        (lambda: Empirical(values=()), "empirical: write `values` as a list of one duration or more"),
        (lambda: Empirical(values=(1.0, -1.0)), "empirical: write `values` as finite durations from 0 on"),
        (lambda: Mixture(parts=()), "mixture: write one part or more"),
        (
            lambda: Mixture(parts=((0.0, Constant(value=1.0)),)),
            "mixture: write every weight as a number above 0",
        ),
        (lambda: Capped(of=Constant(value=1.0), at_most=-1.0), "capped: write `at_most`"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_cure(build: Callable[[], Distribution], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()
