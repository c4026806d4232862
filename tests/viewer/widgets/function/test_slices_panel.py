"""Which slices count: those left out go with all beyond them, and one has to stay."""

import pytest

from napari_cmr.scan import Label
from napari_cmr.viewer.core.session import Session
from napari_cmr.viewer.widgets.function.slices_panel import SlicesPanel, _percent


@pytest.fixture
def panel(qtbot, small_scan) -> SlicesPanel:
    """Of a scan of three slices."""
    session = Session()
    session.set_scan(small_scan)
    panel = SlicesPanel(session)
    qtbot.addWidget(panel)
    return panel


def counted(panel: SlicesPanel, phase: str = "ed", label: Label = Label.LV) -> tuple | None:
    return getattr(panel.session.reading.of(label), f"{phase}_slices")


@pytest.mark.parametrize(("z", "left"), [(0, (1, 2)), (1, (2, 2)), (2, (0, 1))])
def test_a_slice_is_left_out_with_those_on_its_shorter_side(panel, z, left) -> None:
    panel.set_counts("ed", z, False)
    assert counted(panel) == left
    assert counted(panel, "es") is None


def test_a_slice_counts_again_with_those_up_to_it(panel) -> None:
    panel.set_counts("es", 1, False)
    assert counted(panel, "es") == (2, 2)
    panel.set_counts("es", 0, True)
    assert counted(panel, "es") is None  # all of them: as labelled


def test_something_has_to_count(panel) -> None:
    panel.set_counts("ed", 1, False)
    panel.set_counts("ed", 2, False)
    assert counted(panel) == (2, 2)


def test_the_chosen_ventricle_is_the_one_that_changes(panel) -> None:
    panel.ventricle.setCurrentIndex(1)
    panel.set_counts("ed", 0, False)
    assert counted(panel, label=Label.RV) == (1, 2)
    assert counted(panel, label=Label.LV) is None


def test_papillary_muscles_and_the_way_back(panel) -> None:
    panel.show_slices()
    assert not panel.reset.isEnabled()
    panel.papillary.setChecked(True)
    assert panel.session.reading.papillary_in_blood
    panel.show_slices()
    panel.reset.click()
    panel.show_slices()
    assert not panel.papillary.isChecked()
    assert not panel.session.reading.papillary_in_blood


def test_what_is_not_defined_is_a_dash() -> None:
    assert (_percent(float("nan")), _percent(55.4)) == ("–", "55 %")
