"""How a scenario writes a random duration: one kind with its parameters, e.g. ``{exponential: {mean: 3 min}}``.

The pydantic models of the parametric kinds are generated from the distributions themselves
(:data:`simulation.chance.DISTRIBUTIONS`), so a new distribution needs no change here.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Self, cast, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import ConfigDict, Field, create_model, model_validator

from simulation.chance import DISTRIBUTIONS, Capped, Distribution
from simulation.scenario.files import read_numbers
from simulation.scenario.model import Model
from simulation.units import Duration, Share

SPECIAL = frozenset({"empirical", "mixture"})
Positive = Annotated[float, Field(ge=1e-6, le=1e6)]
Whole = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
FIELD_TYPES: dict[str, Any] = {"duration": Duration, "share": Share, "number": Positive}


def _schema_type(hint: Any) -> Any:
    """The pydantic type of a distribution's annotated field."""
    if get_origin(hint) is Annotated:
        return FIELD_TYPES[hint.__metadata__[0]]
    if hint is int:
        return Whole
    optional = [part for part in get_args(hint) if part is not type(None)]
    return _schema_type(optional[0]) | None if optional else hint


NO_SOURCE = ConfigDict(use_attribute_docstrings=False)
"""Of a class made here there is no source in which pydantic could look for docstrings, and it looks long."""


class Parameters(Model):
    """The parameters of one kind of distribution."""

    def build(self) -> Distribution:
        """The distribution; ValueError where the parameters do not fit together."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        self.build()
        return self


def _parameters(name: str, kind: type) -> type[Parameters]:
    hints = get_type_hints(kind, include_extras=True)
    fields = {
        f.name: (_schema_type(hints[f.name]), ... if f.default is dataclasses.MISSING else f.default)
        for f in dataclasses.fields(kind)
    }
    doc = (kind.__doc__ or name).strip().splitlines()[0]
    build = lambda self: kind(**{field: getattr(self, field) for field in fields})  # noqa: E731
    made_here = {"__module__": __name__, "build": build, "model_config": NO_SOURCE}
    base: Any = type(name.capitalize(), (Parameters,), made_here)
    definitions: Any = fields
    return cast(type[Parameters], create_model(name.capitalize(), __base__=base, __doc__=doc, **definitions))


class Empirical(Parameters):
    """Values of a column of a CSV file beside the scenario (plain numbers in the given unit), or given here."""

    file: str | None = None
    """A CSV file (may be .gz), relative to the scenario file."""
    column: str | None = None
    """The column that holds the durations."""
    unit: Duration | None = None
    """What 1 in the column means, e.g. 1 s."""
    values: list[Duration] | None = None
    """The durations themselves, instead of a file."""
    smooth: bool = False
    """Interpolate between neighbouring values (for a column of quantiles) instead of drawing one of them."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.file is None) == (self.values is None):
            raise ValueError(
                "needs either a file or values; write e.g. {file: calls.csv, column: handled_s, unit: 1 s}"
            )
        if self.file is not None and (self.column is None or self.unit is None):
            raise ValueError(
                "a file needs its column and unit; write e.g. {file: calls.csv, column: handled_s, unit: 1 s}"
            )
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        return self  # the file is read when the run is prepared; scenario.checks reports what is wrong with it

    def build(self) -> Distribution:
        if self.file is not None and self.column is not None and self.unit is not None:
            numbers = read_numbers(self.file, self.column) * self.unit
        else:
            numbers = np.asarray(self.values or [], dtype=float)
        return DISTRIBUTIONS["empirical"](values=tuple(numbers.tolist()), smooth=self.smooth)  # type: ignore[call-arg]


class Chooses(Model):
    """Holds exactly one kind of distribution, and possibly a cap."""

    at_most: Duration | None = None
    """Longer values are cut to this."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(self.kinds()) != 1:
            found = " and ".join(self.kinds()) or "none"
            raise ValueError(
                f"needs exactly one kind of distribution, has {found}; write e.g. {{exponential: {{mean: 3 min}}}}"
            )
        return self

    def kinds(self) -> list[str]:
        """The names of the kinds that are given."""
        return [name for name in KINDS if getattr(self, name, None) is not None]

    def build(self) -> Distribution:
        """The distribution of the duration in seconds."""
        built: Distribution = getattr(self, self.kinds()[0]).build()
        return built if self.at_most is None else Capped(built, self.at_most)


PARAMETRIC = {name: _parameters(name, kind) for name, kind in DISTRIBUTIONS.items() if name not in SPECIAL}
KINDS = frozenset(PARAMETRIC) | SPECIAL
_kind_fields: dict[str, Any] = {name: (made | None, None) for name, made in PARAMETRIC.items()}

_Simple: Any = create_model("SimpleDuration", __base__=Chooses, empirical=(Empirical | None, None), **_kind_fields)


class Part(_Simple):
    """One part of a mixture: its weight and a kind of distribution."""

    weight: Share
    """The share of draws that come from this part; the weights of a mixture sum to 100 %."""


class Mixture(Parameters):
    """One of several distributions, by weight."""

    parts: dict[str, Part]
    """The parts by name, e.g. {short: {weight: 20 %, constant: {value: 5 s}}, ...}."""

    def build(self) -> Distribution:
        total = sum(part.weight for part in self.parts.values())
        if abs(total - 1) > 1e-9:
            raise ValueError(f"the weights sum to {100 * total:g} %, not 100 %; write e.g. 30 % and 70 %")
        parts = tuple((part.weight, part.build()) for part in self.parts.values())
        return DISTRIBUTIONS["mixture"](parts=parts)  # type: ignore[call-arg]


RandomDuration: Any = create_model(
    "RandomDuration",
    __base__=_Simple,
    __doc__="A random duration: exactly one kind with its parameters, e.g. {lognormal: {mean: 6 min, cv: 0.9}}.",
    mixture=(Mixture | None, None),
)
