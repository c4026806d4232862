"""A run shows how far it has come, can be cancelled, and leaves its count alone meanwhile."""

import pytest

from napari_cmr.viewer.widgets.run_controls import RunControls

WIDTH = 240


@pytest.fixture
def controls(qtbot) -> RunControls:
    controls = RunControls("Sweep", WIDTH)
    qtbot.addWidget(controls)
    controls.add(controls.progress)
    controls.add_state()
    return controls


def test_the_button_cancels_while_something_runs(controls) -> None:
    assert controls.run.text() == "Sweep"
    controls.show_run(is_running=True, steps=3, all_steps=8)
    assert controls.run.text() == "Cancel"
    assert not controls.count.isEnabled()
    assert (controls.progress.value(), controls.progress.maximum()) == (3, 8)
    controls.show_run(is_running=False, steps=8, all_steps=8)
    assert controls.run.text() == "Sweep"
    assert controls.count.isEnabled()
    assert controls.progress.value() == 0


def test_a_run_of_no_known_length_does_not_look_busy(controls) -> None:
    controls.show_run(is_running=False, steps=0, all_steps=0)
    assert controls.progress.maximum() == 1  # Qt lets a bar of range 0 move for ever


def test_a_count_that_is_shown_is_not_announced(controls) -> None:
    announced = []
    controls.count.valueChanged.connect(announced.append)
    controls.show_count(7)
    assert controls.count.value() == 7
    assert not announced
    controls.count.setValue(8)
    assert announced == [8]


def test_the_tooltip_says_all_of_it(controls) -> None:
    controls.say("Trial 3 of 8.", "About a minute.", "On the CPU.")
    assert controls.state.text() == "Trial 3 of 8."
    assert controls.state.toolTip().splitlines() == [
        "Trial 3 of 8.", "About a minute.", "On the CPU.",
    ]  # fmt: skip


def test_long_words_do_not_make_the_dock_grow(controls, qtbot) -> None:
    with qtbot.waitExposed(controls):
        controls.show()
    controls.say("Short.")
    before = controls.minimumSizeHint()
    controls.say("A long sentence about how it goes. " * 20)
    assert controls.minimumSizeHint() == before
    assert before.width() == WIDTH
    assert before.height() >= controls.run.sizeHint().height()
