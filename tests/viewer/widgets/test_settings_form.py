"""Forms from pydantic models: what is shown, what is told, and what is refused."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from qtpy.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLabel

from napari_cmr.solvers.register import solvers
from napari_cmr.viewer.widgets.settings_form import SettingsForm


class Bake(BaseModel):
    """Settings of an oven."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minutes: int = Field(default=20, ge=1, le=90, description="how long")
    weight: float = Field(default=0.005, gt=0, le=1, title="Weight of change")
    salt: float = Field(default=0.1, ge=0, le=1, json_schema_extra={"unit": "%"})
    butter: float = Field(default=2.5, ge=0, le=50, json_schema_extra={"unit": "mL"})
    mode: Literal["fan", "grill"] = Field(
        default="fan", json_schema_extra={"choices": {"fan": "with a fan"}}
    )
    covered: bool = True
    rest: int | None = Field(default=None, ge=5, json_schema_extra={"empty": "not at all"})
    name: str = Field(default="bread", min_length=1)

    @model_validator(mode="after")
    def _not_too_long(self) -> "Bake":
        if self.mode == "grill" and self.minutes > 30:
            raise ValueError("Nothing is grilled for more than half an hour")
        return self


@pytest.fixture
def form(qtbot):
    made = SettingsForm(Bake())
    qtbot.addWidget(made)
    return made


@pytest.fixture
def heard(form):
    told = []
    form.changed.connect(told.append)
    return told


def test_a_form_shows_what_the_model_says(form):
    widgets = form.widgets
    assert [label.text() for label in form.findChildren(QLabel)[:-1]] == [
        "Minutes", "Weight of change", "Salt", "Butter", "Mode", "Covered", "Rest", "Name",
    ]  # fmt: skip
    assert widgets["minutes"].range == (1, 90)
    assert widgets["minutes"].tooltip == "How long."
    assert widgets["weight"].value == 0.005  # not rounded to the two digits that are usual
    assert (widgets["salt"].value, widgets["salt"].range) == (10.0, (0.0, 100.0))
    assert widgets["salt"].native.suffix() == " %"
    assert widgets["butter"].native.suffix() == " mL"
    assert widgets["mode"].native.itemText(0) == "with a fan"
    assert widgets["rest"].native.placeholderText() == "not at all"
    assert form.problem.isHidden()


def test_what_the_user_changes_is_told_as_a_model(form, heard):
    form.widgets["minutes"].native.setValue(25)
    form.widgets["salt"].native.setValue(12.5)
    form.widgets["mode"].native.setCurrentIndex(1)
    form.widgets["covered"].native.setChecked(False)
    form.widgets["rest"].native.setText("8")
    assert len(heard) == 5
    assert heard[-1] == form.value
    assert form.value == Bake(minutes=25, salt=0.125, mode="grill", covered=False, rest=8)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("rest", "3", "⚠ Rest: must be 5 or more."),
        ("rest", "soon", "⚠ Rest: must be a whole number."),
        ("name", "", "⚠ Name: must not be empty."),
    ],
)
def test_what_is_wrong_is_said_in_plain_words_and_not_told(form, heard, name, typed, said):
    form.widgets[name].native.setText(typed)
    assert form.problem.text() == said
    assert not form.problem.isHidden()
    assert (heard, form.value) == ([], Bake())
    form.widgets[name].native.setText("7")
    assert form.problem.isHidden()
    assert len(heard) == 1


def test_an_open_bound_and_a_rule_over_two_fields_are_left_to_the_model(form, heard):
    form.widgets["weight"].native.setValue(0.0)
    assert form.problem.text() == "⚠ Weight of change: must be more than 0."
    form.widgets["weight"].native.setValue(0.5)
    form.widgets["minutes"].native.setValue(31)
    form.widgets["mode"].native.setCurrentIndex(1)
    assert form.problem.text() == "⚠ Nothing is grilled for more than half an hour."
    assert form.value == Bake(weight=0.5, minutes=31)


def test_what_is_shown_by_the_program_is_not_told(form, heard):
    other = Bake(minutes=30, weight=0.25, salt=0.07, mode="grill", rest=9, covered=False)
    form.show_value(other)
    assert (heard, form.value) == ([], other)
    form.set_range("minutes", 1, 10)
    assert heard == []
    assert form.widgets["minutes"].value == 10


def test_fields_that_are_not_shown_keep_their_values(qtbot):
    form = SettingsForm(Bake(minutes=5), fields=("covered",))
    qtbot.addWidget(form)
    assert list(form.widgets) == ["covered"]
    form.widgets["covered"].native.setChecked(False)
    assert form.value == Bake(minutes=5, covered=False)


def test_a_field_that_no_widget_shows_is_a_mistake_of_the_program(qtbot):
    class Cells(BaseModel):
        cells: frozenset[int] = frozenset()

    with pytest.raises(TypeError, match="'cells'"):
        SettingsForm(Cells())
    assert SettingsForm(Cells(), fields=()).is_empty


@pytest.mark.parametrize("solver", solvers().values(), ids=lambda solver: solver.name)
def test_settings_of_every_solver_can_be_drawn_and_come_back(qtbot, solver):
    form = SettingsForm(solver.settings())
    qtbot.addWidget(form)
    assert list(form.widgets) == list(solver.settings.model_fields)
    form._on_changed()
    assert form.value == solver.settings()
    assert form.problem.isHidden()


def test_letters_in_a_form_reach_the_window(form, qtbot):
    """A list would jump to an entry otherwise, and the viewer's keys would be dead."""
    from qtpy.QtCore import QEvent, Qt
    from qtpy.QtGui import QKeyEvent

    for kind in (QComboBox, QAbstractSpinBox):
        child = form.findChild(kind)
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_G, Qt.KeyboardModifier.NoModifier, "g")
        QApplication.sendEvent(child, event)
        assert not event.isAccepted()
    assert form.widgets["mode"].value == "fan"


def test_a_slider_has_the_range_of_its_field_and_tells_of_each_place(qtbot):
    class Blend(BaseModel):
        gate: float = Field(default=1.0, ge=0, le=1, json_schema_extra={"slider": True})

    form = SettingsForm(Blend())
    qtbot.addWidget(form)
    slider = form.widgets["gate"]
    assert (slider.widget_type, slider.min, slider.max) == ("FloatSlider", 0.0, 1.0)
    told = []
    form.changed.connect(lambda settings: told.append(settings.gate))
    for place in (0.75, 0.2):
        slider.value = place
    assert told == pytest.approx([0.75, 0.2])
    form.show_value(Blend(gate=0.5))
    assert slider.value == pytest.approx(0.5)
    assert len(told) == 2
