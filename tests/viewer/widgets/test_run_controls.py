"""A button that turns to Cancel, a bar, and a word on how it goes."""

from napari_cmr.viewer.widgets.run_controls import RunControls


def test_the_button_says_cancel_while_it_runs(qtbot) -> None:
    controls = RunControls("Repeat", 200)
    qtbot.addWidget(controls)
    controls.show_run(is_running=True, steps=3, all_steps=8)
    assert (controls.run.text(), controls.count.isEnabled()) == ("Cancel", False)
    assert (controls.progress.value(), controls.progress.maximum()) == (3, 8)
    controls.show_run(is_running=False, steps=3, all_steps=0)
    assert (controls.run.text(), controls.count.isEnabled()) == ("Repeat", True)
    assert (controls.progress.value(), controls.progress.maximum()) == (0, 1)


def test_a_count_that_is_shown_is_not_announced(qtbot) -> None:
    controls, told = RunControls("Repeat", 200), []
    qtbot.addWidget(controls)
    controls.count.valueChanged.connect(told.append)
    controls.show_count(7)
    assert (controls.count.value(), told) == (7, [])
    controls.count.setValue(8)
    assert told == [8]


def test_all_that_is_said_is_in_the_tooltip(qtbot) -> None:
    controls = RunControls("Repeat", 200)
    qtbot.addWidget(controls)
    controls.say("done", "in 3 s", "on the CPU")
    assert controls.state.text() == "done"
    assert controls.state.toolTip() == "done\nin 3 s\non the CPU"
