"""Notes on what models say of their labels, and when they are grey."""

import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Code, Notice
from napari_cmr.viewer.core.results import ModelResult
from napari_cmr.viewer.widgets.labels.model_notes import ModelNotes
from napari_cmr.viewer.widgets.parts import OLD_COLOUR
from napari_cmr.viewer.workbench import workbench_of

OF_BOTH = Notice(Code.FEW_LINES, "Few lines.", "lines")
OF_ONE = Notice(Code.MENDED, "RV: mended.", "RV")


@pytest.fixture
def bench(open_viewer):
    bench = workbench_of(open_viewer(make_scan()))
    bench.segmentation.set_models(["one", "other"])
    return bench


@pytest.fixture
def notes(bench, qtbot):
    notes = ModelNotes(bench.viewer, bench.segmentation)
    qtbot.addWidget(notes)
    return notes


@pytest.fixture
def give(bench, notes):
    def given(name, *warnings):
        session = bench.session
        labels = session.scan.labels.copy()
        session.set_model_result(
            ModelResult(name, session.acquisition, None, labels=labels, warnings=warnings)
        )
        notes.show_models()

    return given


def test_what_one_of_several_models_says_carries_its_name_and_is_grey_while_of_other_lines(
    bench, notes, give
) -> None:
    give("one", OF_BOTH, OF_ONE)
    give("other", OF_BOTH)
    said = ["All models: Few lines.", "one: RV: mended."]
    assert notes.warning.text().splitlines() == said
    assert not notes.old_warning.text()

    bench.session.set_acquisition(n_lines=9)
    notes.show_models()
    assert not notes.warning.text()
    assert notes.old_warning.text().splitlines() == said
    assert OLD_COLOUR in notes.old_warning.styleSheet()
    assert OLD_COLOUR not in notes.warning.styleSheet()
    made = "Made from all 48 lines, not from the lines that are chosen now."
    assert notes.old_warning.toolTip() == made

    give("other", OF_BOTH)
    assert notes.warning.text() == "other: Few lines."
    assert notes.old_warning.text().splitlines() == ["one: Few lines.", "one: RV: mended."]

    bench.session.set_acquisition(n_lines=None)
    notes.show_models()
    assert notes.warning.text().splitlines() == ["one: Few lines.", "one: RV: mended."]
    assert notes.old_warning.text() == "other: Few lines."


def test_the_words_of_the_only_model_carry_no_name(bench, notes, give) -> None:
    bench.segmentation.set_models(["one"])
    give("one", OF_BOTH)
    assert notes.warning.text() == "Few lines."


def test_why_a_model_failed_is_never_old(bench, notes) -> None:
    bench.segmentation.errors["one"] = "no memory"
    bench.session.set_acquisition(n_lines=9)
    notes.show_models()
    assert notes.warning.text() == "⚠ one: no memory\nThe last labels are kept."
    assert not notes.old_warning.text()
