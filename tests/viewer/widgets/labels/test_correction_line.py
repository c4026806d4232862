"""The line says which frames were corrected, and offers what follows from that."""

from dataclasses import replace

import numpy as np
import pytest

from napari_cmr.analysis import Reading
from napari_cmr.scan import Label
from napari_cmr.viewer.core.corrections import Corrections, PhaseOffer
from napari_cmr.viewer.widgets.labels.correction_line import CorrectionLine
from napari_cmr.viewer.widgets.parts import Dock

OFFER = PhaseOffer(Label.LV, "es", 4, 31.2)
HELD = Reading().with_ventricle(Label.LV, es_frame=3)


@pytest.fixture
def line(open_viewer, small_scan, settle, qtbot) -> CorrectionLine:
    viewer = open_viewer(small_scan)
    dock = Dock(viewer)
    qtbot.addWidget(dock)
    line = CorrectionLine(dock)
    qtbot.addWidget(line)
    settle(viewer)
    line.dock = dock  # which lives as long as the line
    return line


def correct(line: CorrectionLine, *frames: int, offers: tuple[PhaseOffer, ...] = ()) -> None:
    session = line.dock.session
    edited = np.zeros(session.scan.shape[:2], dtype=bool)
    edited[list(frames), 1] = True
    corrections = Corrections(edited, HELD, offers)
    session.set_function(session.function, session.function_source, corrections)


def test_without_corrections_it_is_hidden(line) -> None:
    assert line.isHidden()
    correct(line, 3)
    assert not line.isHidden()
    correct(line)
    assert line.isHidden()


def test_corrected_frames_are_named_and_can_be_propagated(line, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(line.dock.workbench.annotation, "propagate", asked.append)
    correct(line, 3)
    assert line.text.text() == "Corrected: frame 4"
    correct(line, 0, 3)
    assert line.text.text() == "Corrected: frames 1, 4"
    assert line.use.isHidden()
    assert not line.propagate.isHidden()
    line.propagate.click()
    assert asked == ["corrected"]


def test_nothing_is_propagated_where_every_frame_was_corrected(line) -> None:
    correct(line, *range(6))
    assert line.propagate.isHidden()
    assert line.text.text() == "Corrected: frames 1, 2, 3, 4, 5, 6"


def test_an_offer_comes_first_and_is_taken_by_its_button(line) -> None:
    correct(line, 3, offers=(OFFER,))
    assert line.text.text() == "LV: frame 5 is smaller, 31 mL"
    assert not line.use.isHidden()
    assert line.propagate.isHidden()
    assert "Take frame 5 as ES of the LV" in line.use.toolTip()
    line.use.click()
    session = line.dock.session
    assert session.corrections.offers == ()
    assert session.corrections.held.of(Label.LV).es_frame == 4


def test_the_tooltip_names_ed_where_a_larger_frame_is_offered(line) -> None:
    correct(line, 3, offers=(replace(OFFER, phase="ed"),))
    assert "as ED of the LV" in line.use.toolTip()
    assert "is larger, " in line.text.text()


def test_it_stays_as_it_is_while_numbers_are_old(line) -> None:
    correct(line, 3)
    session = line.dock.session
    session.set_measuring()
    session.corrections = Corrections()
    line.refresh()
    assert line.text.text() == "Corrected: frame 4"
    assert not line.isHidden()
