"""A form for any pydantic model: magicgui widgets with its ranges, descriptions and errors."""

from collections.abc import Collection, Mapping
from math import ceil, floor, log10
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from magicgui.widgets import CheckBox, ComboBox, FloatSlider, FloatSpinBox, LineEdit, SpinBox
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFormLayout, QLabel, QWidget

from napari_cmr.viewer.widgets.parts import KeyFilter, note

PERCENT = "%"
"""As unit of a field: its fraction is shown, and typed, times 100."""

_MOST_INT, _MOST_FLOAT = 2**31 - 1, 1e9
_SLIDER_STEPS = 100
_BOUNDS = {"ge": "low", "gt": "low", "le": "high", "lt": "high"}
_WORDS = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "string_too_short": "must not be empty",
}


class SettingsForm(QWidget):
    """Shows the fields of a pydantic model, a row each, and tells of every valid change.

    A field's title, or its name, stands before it; its description is its tooltip. A bounded number
    becomes a spin box of that range, a ``Literal`` a list, a bool a check box, text a line, and
    what may be ``None`` a line that may be empty. What ``json_schema_extra`` of a field may say:
    ``unit``, such as ``"mL"`` (of ``"%"`` the field is a fraction); ``choices``, words for the
    values of a ``Literal``; ``empty``, what an empty line stands for; and ``slider``, that a
    bounded number is one, which tells of every place that it passes.

    Parameters
    ----------
    settings : BaseModel
        What is shown first; its class says what there is.
    fields : collection of str, optional
        Which fields are shown, in the model's order; all by default. Others keep their values.

    Raises
    ------
    TypeError
        If a field is of a kind that there is no widget for.
    """

    changed = Signal(object)
    """The settings, after the user has changed them to something valid."""

    def __init__(self, settings: BaseModel, fields: Collection[str] | None = None) -> None:
        super().__init__()
        self._settings = settings
        shown = type(settings).model_fields
        self._infos = {
            name: info for name, info in shown.items() if fields is None or name in fields
        }
        self.widgets: dict[str, Any] = {
            name: _widget(name, info) for name, info in self._infos.items()
        }
        self.problem = note()
        self.problem.hide()
        # A magicgui Container measures its labels in another letter than napari's theme has, so
        # that its rows do not begin below each other.
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(6)
        for widget in self.widgets.values():
            label = QLabel(widget.label)
            label.setToolTip(widget.tooltip)
            self._form.addRow(label, widget.native)
        self._form.addRow(self.problem)
        KeyFilter(self).filter_children()
        self.show_value(settings)
        for widget in self.widgets.values():
            widget.changed.connect(self._on_changed)

    @property
    def value(self) -> Any:
        """The last valid settings."""
        return self._settings

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to set."""
        return not self.widgets

    def add_row(self, title: str, widget: QWidget) -> None:
        """Put something that is no field of the model below the fields."""
        self._form.insertRow(len(self.widgets), title, widget)

    def show_value(self, settings: BaseModel) -> None:
        """Show other settings of the same model, without announcing them."""
        self._settings = settings
        for name, widget in self.widgets.items():
            value = getattr(settings, name)
            if isinstance(widget, LineEdit):
                value = "" if value is None else str(value)
            elif _extra(self._infos[name]).get("unit") == PERCENT:
                value = 100 * value
            with widget.changed.blocked():
                widget.value = value
        self._tell(())

    def set_range(self, name: str, low: float, high: float) -> None:
        """Narrow the range of a number, without announcing a value that had to follow."""
        widget = self.widgets[name]
        with widget.changed.blocked():
            widget.range = (low, high)

    def _on_changed(self, _value: Any = None) -> None:
        given = {name: getattr(self._settings, name) for name in type(self._settings).model_fields}
        given |= {name: self._typed(name) for name in self.widgets}
        try:
            self._settings = type(self._settings).model_validate(given)
        except ValidationError as error:
            self._tell(problems(error, type(self._settings)))
            return
        self._tell(())
        self.changed.emit(self._settings)

    def _typed(self, name: str) -> Any:
        widget, info = self.widgets[name], self._infos[name]
        if isinstance(widget, LineEdit):
            text = widget.value.strip()
            return None if not text and NoneType in _kinds(info) else text
        if _extra(info).get("unit") == PERCENT:
            return round(widget.value / 100, 9)  # 0.1 * 100 / 100 would differ in its last digit
        return widget.value

    def _tell(self, problems_now: Collection[str]) -> None:
        self.problem.setText("\n".join(f"⚠ {one}" for one in problems_now))
        self.problem.setVisible(bool(problems_now))


def problems(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """Say in plain words what is wrong with settings, a sentence for each field."""
    found = []
    for one in error.errors(include_url=False):
        context = {key: _number_text(value) for key, value in one.get("ctx", {}).items()}
        text = _WORDS.get(one["type"], "").format_map(context)
        text = text or _uncapitalised(one["msg"].removeprefix("Value error, "))
        place = [str(part) for part in one["loc"]]
        info = model.model_fields.get(place[0]) if place else None
        found.append(_sentence(text) if info is None else f"{title_of(place[0], info)}: {text}.")
    return list(dict.fromkeys(found))


def title_of(name: str, info: FieldInfo) -> str:
    """What a field is called on screen."""
    return info.title or name.replace("_", " ").capitalize()


def _widget(name: str, info: FieldInfo) -> Any:
    kinds, extra = _kinds(info), _extra(info)
    common: dict[str, Any] = {
        "name": name,
        "label": title_of(name, info),
        "tooltip": _sentence(info.description),
    }
    values = [kind for kind in kinds if kind is not NoneType]
    if len(values) != len(kinds):
        line = LineEdit(**common)
        line.native.setPlaceholderText(str(extra.get("empty", "none")))
        return line
    (kind,) = values if len(values) == 1 else (None,)
    if get_origin(kind) is Literal:
        words: Mapping[Any, str] = extra.get("choices", {})
        choices = [(words.get(one, str(one)), one) for one in get_args(kind)]
        return ComboBox(choices=choices, **common)
    if kind is bool:
        box = CheckBox(**common)
        box.native.setText("")  # it would be the label once more
        return box
    if kind is int:
        low, high = _bounds(info, _MOST_INT)
        return _with_unit(SpinBox(min=ceil(low), max=floor(high), step=1, **common), extra)
    if kind is float and extra.get("slider"):
        low, high = _bounds(info, _MOST_FLOAT)
        return FloatSlider(min=low, max=high, step=(high - low) / _SLIDER_STEPS, **common)
    if kind is float:
        return _with_unit(_float_box(info, common), extra)
    if kind is str:
        return LineEdit(**common)
    raise TypeError(f"no widget shows the field {name!r} of {kinds}: leave it out of the form")


def _float_box(info: FieldInfo, common: dict[str, Any]) -> FloatSpinBox:
    factor = 100 if _extra(info).get("unit") == PERCENT else 1
    low, high = (factor * bound for bound in _bounds(info, _MOST_FLOAT))
    usual = factor * abs(info.default) if isinstance(info.default, float) else 0.0
    usual = usual or min(high - low, 100.0) / 100
    box = FloatSpinBox(**common)
    box.native.setDecimals(int(min(max(1 - floor(log10(usual)), 1), 8)))
    box.range = low, high
    box.step = None  # a tenth of the number's size
    return box


def _with_unit(box: Any, extra: Mapping[str, Any]) -> Any:
    if "unit" in extra:
        box.native.setSuffix(f" {extra['unit']}")
    box.native.setMinimumWidth(0)
    return box


def _kinds(info: FieldInfo) -> tuple[Any, ...]:
    """Types that a field may have."""
    kind = info.annotation
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _bounds(info: FieldInfo, most: float) -> tuple[float, float]:
    """Least and largest value; an open bound is left to the model, whose error is shown."""
    bounds = {"low": -most, "high": most}
    for constraint in info.metadata:
        for name, side in _BOUNDS.items():
            bound = getattr(constraint, name, None)
            if bound is not None:
                bounds[side] = float(bound)
    return bounds["low"], bounds["high"]


def _number_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sentence(text: str | None) -> str:
    return "" if not text else f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _uncapitalised(text: str) -> str:
    return f"{text[:1].lower()}{text[1:].rstrip('.')}"
