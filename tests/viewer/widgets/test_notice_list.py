import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_cmr.scan import Code, Notice
from napari_cmr.viewer.widgets.notice_list import NoticeList

LONG = Notice(Code.BASE_CUT_OFF, "The base of the left ventricle may be cut off. " * 5, "LV")
NOTICES = (LONG, Notice(Code.FEW_SLICES, "Only 2 slices."))


@pytest.fixture
def page(qtbot):
    """A list below something that wants the room."""
    page = QWidget()
    page.list = NoticeList()
    page.above = QLabel("numbers")
    box = QVBoxLayout(page)
    box.addWidget(page.above, 1)
    box.addWidget(page.list)
    qtbot.addWidget(page)
    page.resize(300, 200)
    page.show()
    qtbot.waitExposed(page)
    return page


def test_folded_it_is_one_line_and_unfolded_all_of_it(page, qtbot):
    shown = page.list
    shown.show_notices(NOTICES)
    line = shown.height()
    assert shown.toggle.text() == "▸ ⚠ 2 warnings"
    assert shown.first.isVisible()
    assert not shown.column.isVisible()
    qtbot.mouseClick(shown.toggle, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.height() > 2 * line)
    assert shown.toggle.text() == "▾ ⚠ 2 warnings"
    assert not shown.first.isVisible()
    assert shown.all.text() == f"• {LONG.text}\n• Only 2 slices."
    assert shown.all.height() > 4 * shown.all.fontMetrics().height()  # wrapped, not elided
    shown.show_notices(NOTICES[1:])
    assert shown.column.isVisible()
    assert shown.toggle.text() == "▾ ⚠ 1 warning"


def test_without_notices_the_line_stays_and_is_empty(page, qtbot):
    shown = page.list
    shown.show_notices(NOTICES)
    line, above = shown.height(), page.above.height()
    shown.show_notices(())
    qtbot.wait(1)
    assert (shown.height(), page.above.height()) == (line, above)
    assert not shown.toggle.isVisible()
    assert shown.first.text() == ""


def test_a_text_stands_in_until_notices_come(page):
    shown = page.list
    shown.show_notices(NOTICES)
    shown.say("updating…")
    assert shown.first.text() == "updating…"
    shown.show_notices(NOTICES[1:])
    assert shown.first.text() == "Only 2 slices."
