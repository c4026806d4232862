"""Buttons ask where to save, add the ending, and say what is wrong instead of failing."""

from pathlib import Path

import pytest
from qtpy.QtWidgets import QFileDialog

from napari_cmr.scan import ScanError, open_scan, save_image
from napari_cmr.viewer.widgets.scans import session_buttons
from napari_cmr.viewer.widgets.scans.session_buttons import SavingButtons
from napari_cmr.viewer.workbench import workbench_of


@pytest.fixture
def heart(tmp_path, small_scan) -> Path:
    """A scan on disk."""
    folder = tmp_path / "study"
    folder.mkdir()
    path = folder / "heart.nii.gz"
    save_image(path, small_scan.image, small_scan)
    return path


@pytest.fixture
def errors(monkeypatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(session_buttons, "show_error", said.append)
    return said


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Names that were suggested; answers with a name without an ending."""
    suggested: list[str] = []

    def name(_parent, title, suggestion, _kinds, **_options):
        suggested.append(Path(suggestion).name)
        return str(Path(suggestion).parent / title.split()[1]), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
    return suggested


@pytest.fixture
def buttons(open_viewer, heart, qtbot) -> SavingButtons:
    viewer = open_viewer(open_scan(heart))
    buttons = SavingButtons(viewer)
    qtbot.addWidget(buttons)
    buttons.viewer = viewer
    return buttons


def test_without_a_scan_nothing_is_asked(open_viewer, asked, errors, qtbot) -> None:
    buttons = SavingButtons(open_viewer())
    qtbot.addWidget(buttons)
    buttons.save.click()
    buttons.report.click()
    assert len(errors) == 2
    assert all("open a scan first" in one for one in errors)
    assert asked == []


def test_endings_are_added_to_what_was_typed(buttons, heart, asked, monkeypatch) -> None:
    keeper = workbench_of(buttons.viewer).keeper
    saved = []
    for what in ("save_session", "save_report"):
        monkeypatch.setattr(keeper, what, saved.append)
    buttons.save.click()
    buttons.report.click()
    assert asked == ["heart.cmr-session.json", "heart.html"]
    assert saved == [heart.parent / "session.cmr-session.json", heart.parent / "report.html"]


def test_an_ending_that_was_typed_stays(buttons, heart, monkeypatch) -> None:
    keeper = workbench_of(buttons.viewer).keeper
    saved = []
    monkeypatch.setattr(keeper, "save_session", saved.append)
    typed = heart.parent / "mine.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_o: (str(typed), ""))
    buttons.save.click()
    assert saved == [typed]


def test_a_user_who_gives_up_saves_nothing(buttons, heart, errors, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_a, **_o: ("", ""))
    buttons.save.click()
    buttons.report.click()
    assert [one.name for one in heart.parent.iterdir()] == [heart.name]
    assert errors == []


def test_what_cannot_be_saved_is_said(buttons, asked, errors, monkeypatch) -> None:
    def refuse(_path: Path) -> None:
        raise ScanError("the disk is full")

    monkeypatch.setattr(workbench_of(buttons.viewer).keeper, "save_session", refuse)
    buttons.save.click()
    assert len(errors) == 1
    assert "the disk is full" in errors[0]


def test_what_is_saved_can_be_opened_again(buttons, heart, asked, qtbot, monkeypatch) -> None:
    bench = workbench_of(buttons.viewer)

    def is_quiet() -> bool:
        return not (bench.is_busy or bench.opener.is_opening or bench.keeper.job.is_running)

    qtbot.waitUntil(is_quiet, timeout=60_000)
    buttons.save.click()
    path = heart.parent / "session.cmr-session.json"
    qtbot.waitUntil(is_quiet, timeout=60_000)
    assert path.is_file()
    buttons.viewer.layers.clear()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: ("", ""))
    buttons.open.click()
    assert not bench.opener.is_opening
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(path), ""))
    buttons.open.click()
    qtbot.waitUntil(lambda: is_quiet() and bench.session.scan is not None, timeout=60_000)
    assert bench.session.scan.source == open_scan(heart).source
