"""The base of every part of a scenario: frozen data, unknown keys refused."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen part of a scenario; an unknown key, infinity or NaN is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)
