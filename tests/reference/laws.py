"""Laws and rates as the reference cases write them in words, in the notation of a scenario file."""

from __future__ import annotations

import math
import re
from typing import Any

from simulation.chance import Distribution
from simulation.scenario.duration_spec import RandomDuration
from simulation.theory.staffing import Wave

Law = dict[str, Any]
BALKING = re.compile(r"(?:balk\w*|atom)\s*[=:]?\s*(?P<after>0?\.\d+)|(?P<before>0?\.\d+)\s*(?:balk\w*|atom)")
LAW = re.compile(r"(?:exp|erlang|gamma|weibull|lognormal|deterministic|hyperexp|uniform).*")


class NotExpressible(Exception):
    """What a case asks for and the model does not have; the message says what."""


def number(value: float) -> str:
    """A number as a scenario file writes it, with all its digits."""
    return f"{value:.17g}"


def seconds(value: float) -> str:
    """A duration of `value` seconds."""
    return f"{number(value)} s"


def per_second(rate: float) -> str:
    """A rate per second."""
    return f"{number(rate)}/s"


def percent(share: float) -> str:
    """A share of 0..1."""
    return f"{number(min(100 * share, 100.0))} %"


def exponential(mean: float) -> Law:
    """Exponential with a mean in seconds."""
    return {"exponential": {"mean": seconds(mean)}}


def built(law: Law) -> Distribution:
    """The distribution (in seconds) that a scenario would draw from."""
    made: Distribution = RandomDuration.model_validate(law).build()
    return made


def numbers_in(words: str) -> list[float]:
    """All numbers that stand alone in a text."""
    return [float(found) for found in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", words)]


def _named(words: str, name: str) -> float:
    found = re.search(rf"(?<!\w){name}\s*=?\s*(\d+(?:\.\d+)?)", words)
    if not found:
        raise NotExpressible(f"no {name} in the law '{words}'")
    return float(found[1])


def _cv(words: str) -> float:
    return math.sqrt(_named(words, "scv")) if "scv" in words else _named(words, "cv")


def law_of(words: str, unit: float) -> Law:
    """A law such as "lognormal mean 1 cv 1.5", its times in units of `unit` seconds."""
    kind = (re.match(r"[a-z]+", words.strip().lower()) or [""])[0]
    if kind in ("deterministic", "constant"):
        return {"constant": {"value": seconds(numbers_in(words)[0] * unit)}}
    if kind in ("exp", "exponential"):
        return exponential(numbers_in(words)[0] * unit)
    if kind == "uniform":
        low, high = numbers_in(words)
        return {"uniform": {"low": seconds(low * unit), "high": seconds(high * unit)}}
    if kind not in ("erlang", "weibull", "lognormal", "gamma", "hyperexp"):
        raise NotExpressible(f"the law '{words}' is not known")
    return _by_mean(kind, words, seconds(_named(words, "mean") * unit))


def _by_mean(kind: str, words: str, mean: str) -> Law:
    if kind == "erlang":
        return {"erlang": {"mean": mean, "phases": int(_named(words, "erlang-"))}}
    if kind == "weibull":
        return {"weibull": {"mean": mean, "shape": _named(words, "shape")}}
    name = "hyperexponential" if kind == "hyperexp" else kind
    return {name: {"mean": mean, "cv": _cv(words)}}


def patience_of(words: str, unit: float) -> Law:
    """A patience such as "weibull shape 0.7 mean 1" or "balk 0.1, else exp 1": some leave rather than wait at all."""
    law, balking = LAW.search(words), BALKING.search(words)
    if law is None or ("balk" in words and balking is None):
        raise NotExpressible(f"the patience '{words}' is not known")
    if balking is None:
        return law_of(law[0], unit)
    return balking_or(float(balking["after"] or balking["before"]), law_of(law[0], unit))


def balking_or(share: float, law: Law) -> Law:
    """A share does not wait at all, the others are as patient as `law` says."""
    if share <= 0:
        return law
    parts = {"balks": {"weight": percent(share), "constant": {"value": "0 s"}}}
    return {"mixture": {"parts": {**parts, "waits": {"weight": percent(1 - share), **law}}}}


def gamma_factor(words: str) -> tuple[float, float]:
    """Mean and coefficient of variation of a factor "gamma(shape,rate)"."""
    found = re.fullmatch(r"gamma\(\s*([\d.]+)\s*,\s*([\d.]+)\s*\)", words.strip())
    if not found:
        raise NotExpressible(f"the busyness '{words}' is not gamma")
    shape, rate = float(found[1]), float(found[2])
    if shape < 1:
        raise NotExpressible(f"the busyness '{words}' varies by more than 100 % of its mean")
    return shape / rate, shape**-0.5


def wave_of(words: str) -> Wave:
    """A rate such as "30+6*sin(2*pi*t/24)"."""
    pattern = r"([\d.]+)([+-][\d.]+)\*(sin|cos)\(([^+-]*t[^+-]*)([+-].*)?\)"
    found = re.fullmatch(pattern, words.replace(" ", ""))
    if not found:
        raise NotExpressible(f"the rate '{words}' is not one wave")
    phase = _product(found[5] or "0") + (math.pi / 2 if found[3] == "cos" else 0.0)
    return Wave(float(found[1]), float(found[2]), _product(found[4]), phase)


def _product(words: str) -> float:
    """The value of "2*pi*t/24" at t = 1."""
    value = 1.0
    for operator, word in re.findall(r"([*/]?)([^*/]+)", words):
        factor = {"pi": math.pi, "t": 1.0, "-t": -1.0}.get(word) or float(word)
        value = value / factor if operator == "/" else value * factor
    return value
