"""Which variants of a recipe are tried: fields, their values, and how these are combined."""

import inspect
import json
import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from napari_cmr.scan import ScanError
from napari_cmr.training.recipe import Recipe
from napari_cmr.training.register import Model, resolve

Search = Literal["grid", "random", "ablation"]
Changes = dict[str, Any]
"""Values by the path of a field, such as ``architecture.features``."""

_TRIES = 50


class Choice(BaseModel):
    """A field of a recipe and what it may be.

    Attributes
    ----------
    field : str
        Path of the field, its parts joined by dots.
    values : tuple
        All it may be; empty where there is a range.
    low, high : float, optional
        Range that a random search draws from: log-uniform if both are positive, else uniform, and
        whole numbers between whole numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    values: tuple[Any, ...] = ()
    low: int | float | None = None
    high: int | float | None = None

    @classmethod
    def parse(cls, text: str) -> "Choice":
        """Read ``FIELD=VALUE,VALUE`` or ``FIELD=LOW..HIGH``; values are JSON, or else text.

        Raises
        ------
        ScanError
            If it is neither.
        """
        field, equals, given = (part.strip() for part in text.partition("="))
        if not equals or not field or not given:
            raise ScanError(
                f"{text!r} names no values of a field",
                remedy="write FIELD=VALUE,VALUE or, to draw from a range, FIELD=LOW..HIGH",
            )
        low, dots, high = given.partition("..")
        if dots:
            ends = [_value(low), _value(high)]
            numbers = all(isinstance(end, int | float) and math.isfinite(end) for end in ends)
            if not numbers or ends[0] >= ends[1]:
                raise ScanError(
                    f"{given!r} is no range of {field}", remedy="write two numbers as LOW..HIGH"
                )
            return cls(field=field, low=ends[0], high=ends[1])
        return cls(field=field, values=tuple(_value(part) for part in _split(given)))

    def draw(self, rng: np.random.Generator) -> Any:
        """One of the values, or a number of the range."""
        if self.low is None or self.high is None:
            return self.values[int(rng.integers(len(self.values)))]
        if self.low > 0:
            drawn = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
        else:
            drawn = float(rng.uniform(self.low, self.high))
        if isinstance(self.low, int) and isinstance(self.high, int):
            return round(drawn)
        return float(f"{drawn:.3g}")  # as it is read in tables


def variants(
    search: Search, choices: Sequence[Choice], *, draws: int = 10, seed: int = 0
) -> list[Changes]:
    """Changes of every trial, each once.

    Parameters
    ----------
    search : {"grid", "random", "ablation"}
        All combinations; ``draws`` random ones; or the recipe as it is, then each value alone.
    choices : sequence of Choice
    draws : int
    seed : int
        Of a random search.

    Raises
    ------
    ScanError
        If no field is named, one is named twice, or a range is to be walked through.
    """
    fields = [one.field for one in choices]
    if not fields or len(set(fields)) < len(fields):
        problem = "a field is named twice" if fields else "no field is named that may change"
        raise ScanError(problem, remedy="name each field once, as --set FIELD=VALUE,VALUE")
    if search != "random":
        for one in choices:
            if not one.values:
                raise ScanError(
                    f"{one.field} has a range, which only a random search can draw from",
                    remedy=f"list its values for a {search} search",
                )
    if search == "grid":
        found = [
            dict(zip(fields, values, strict=True))
            for values in product(*(one.values for one in choices))
        ]
    elif search == "ablation":
        found = [{}, *({one.field: value} for one in choices for value in one.values)]
    else:
        rng = np.random.default_rng(seed)
        found = []
        for _ in range(_TRIES * draws):
            drawn = {one.field: one.draw(rng) for one in choices}
            if drawn not in found:
                found.append(drawn)
            if len(found) == draws:
                break
    return [one for place, one in enumerate(found) if one not in found[:place]]


def changed(model: Model, recipe: Recipe, changes: Changes) -> Recipe:
    """Recipe of a model with some fields changed, checked like any other.

    Raises
    ------
    ScanError
        If a field is none of the recipe or of the network, or a value is none of the field.
    """
    content: Any = recipe.model_dump()
    for path, value in changes.items():
        keys = path.split(".")
        if len(keys) == 2 and keys[0] == "architecture":
            known: Sequence[str] = list(inspect.signature(resolve(model.network)).parameters)
            if keys[1] not in known:
                raise _unknown(path, model, [f"architecture.{name}" for name in known])
        content = _put(content, keys, value, path, model)
    try:
        made = type(recipe).model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ScanError(
            f"{_shown(changes)}: {place}: {first['msg']}", source=f"recipe of {model.name}"
        ) from None
    try:
        model.build(made.architecture)
    except (TypeError, ValueError, RuntimeError, IndexError) as error:  # whatever a network says
        raise ScanError(
            f"{_shown(changes)}: there is no such network: {error}",
            source=f"recipe of {model.name}",
        ) from error
    return made


def shown_changes(changes: Changes) -> str:
    """Changes in words, for tables."""
    return _shown(changes) if changes else "as it is"


def _shown(changes: Changes) -> str:
    return ", ".join(f"{field}={_text(value)}" for field, value in changes.items())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _put(holder: Any, keys: Sequence[str], value: Any, path: str, model: Model) -> Any:
    """Copy of nested dictionaries and tuples with one value in place of another."""
    key, *rest = keys
    if isinstance(holder, Mapping):
        is_new = key not in holder
        if is_new and (rest or not path.startswith("architecture.")):
            raise _unknown(path, model, list(holder))
        inner = _put(holder[key], rest, value, path, model) if rest else value
        return {**holder, key: inner}
    if isinstance(holder, tuple | list):
        if not key.isdecimal() or int(key) >= len(holder):
            raise _unknown(path, model, list(map(str, range(len(holder)))))
        items = list(holder)
        items[int(key)] = _put(items[int(key)], rest, value, path, model) if rest else value
        return type(holder)(items)
    raise _unknown(path, model, [])


def _unknown(path: str, model: Model, known: Sequence[str]) -> ScanError:
    return ScanError(
        f"{path} is no field",
        source=f"recipe of {model.name}",
        remedy=f"there are {', '.join(known)}" if known else "it has no parts",
    )


def _split(text: str) -> list[str]:
    """Parts between commas that lie outside of brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=float)
    except json.JSONDecodeError:
        return text.strip()
