"""ED and ES of each ventricle: set by hand, gone to, and never the same frame."""

from types import SimpleNamespace

import pytest
from napari.components import ViewerModel

from napari_cmr.analysis import AS_LABELLED
from napari_cmr.scan import Label
from napari_cmr.viewer import layers
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.widgets.function.phases_panel import PhasesPanel


@pytest.fixture
def panel(qtbot, small_scan) -> PhasesPanel:
    viewer, session = ViewerModel(), Session()
    layers.show_scan(viewer, small_scan)
    session.set_scan(small_scan)
    panel = PhasesPanel(viewer, session)
    qtbot.addWidget(panel)
    return panel


def test_a_phase_set_by_hand_is_of_one_ventricle(panel) -> None:
    panel.set_phase(Label.RV, "es", 4)
    reading = panel.session.reading
    assert reading.of(Label.RV).es_frame == 4
    assert reading.of(Label.LV) == AS_LABELLED.of(Label.LV)
    panel.set_phase(Label.RV, "es", None)
    assert panel.session.reading == AS_LABELLED


def test_the_last_word_counts_where_a_frame_would_be_both(panel) -> None:
    panel.set_phase(Label.LV, "ed", 2)
    panel.set_phase(Label.LV, "es", 2)
    ventricle = panel.session.reading.of(Label.LV)
    assert (ventricle.ed_frame, ventricle.es_frame) == (None, 2)


def test_a_button_goes_to_its_frame_and_tells_whether_it_was_set(panel) -> None:
    measured = SimpleNamespace(ed_frame=0, es_frame=3)
    panel.session.function = SimpleNamespace(lv=measured, rv=measured)
    panel.set_phase(Label.LV, "ed", 1)
    panel.show_phases()
    es = panel.buttons[Label.RV, "es"]
    assert es.text() == "ES  frame 4"
    assert "smallest" in es.toolTip()
    assert panel.buttons[Label.LV, "ed"].text().endswith("✎")
    es.click()
    assert layers.frame_on_screen(panel.viewer, panel.session.scan) == 3


def test_before_a_measurement_the_marks_of_the_data_hold_for_the_lv(panel, small_scan) -> None:
    assert panel.frame_of(Label.LV, "es") is None
    panel.session.set_scan(small_scan.with_(ed_frame=0, es_frame=3))
    assert panel.frame_of(Label.LV, "es") == 3
    assert panel.frame_of(Label.RV, "es") is None
    panel.show_phases()
    assert panel.buttons[Label.LV, "es"].text() == "ES  frame 4"
    assert panel.buttons[Label.RV, "es"].text() == "ES  –"


def test_a_still_scan_has_no_phases(panel, small_scan) -> None:
    panel.session.set_scan(None)
    panel.show_phases()
    assert not any(button.isEnabled() for button in panel.buttons.values())
