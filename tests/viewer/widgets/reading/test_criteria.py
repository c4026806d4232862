from napari_cmr.viewer.widgets.reading.criteria import CriteriaList
from napari_cmr.workflow.reading.criteria import criteria_for


def test_the_words_of_a_study_are_shown_and_one_row_is_marked(qtbot) -> None:
    found = CriteriaList(2, "", "#row { background: red; }")
    qtbot.addWidget(found)
    found.show_criteria(criteria_for(["cine"]))
    assert tuple(found.texts) == criteria_for(["cine"])
    found.mark(3)
    marked = [bool(row.styleSheet()) for row in found.rows]
    assert marked == [False, False, True, False]
    found.mark(None)
    assert not any(row.styleSheet() for row in found.rows)
