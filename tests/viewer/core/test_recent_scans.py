"""Paths of the scans that were opened last, from one start to the next."""

from pathlib import Path

import pytest
from qtpy.QtCore import QSettings

from napari_cmr.viewer.core.recent_scans import MAX_RECENT, Recent, title_of


@pytest.fixture
def recent(tmp_path: Path):
    """Settings in a folder of the test."""
    scope = QSettings.Format.IniFormat, QSettings.Scope.UserScope
    before = QSettings(*scope, "napari-cmr", "napari-cmr").fileName()
    QSettings.setPath(*scope, str(tmp_path / "settings"))
    yield Recent()
    QSettings.setPath(*scope, str(Path(before).parents[1]))


def test_the_last_one_comes_first_and_once(recent: Recent, tmp_path: Path) -> None:
    a, b = tmp_path / "a.nii", tmp_path / "b.nii"
    for path in (a, b, a):
        recent.add(path)
    assert recent.paths == [a, b]
    assert Recent().paths == [a, b]  # after another start
    recent.add(tmp_path / "x" / ".." / "b.nii")
    assert recent.paths == [b, a]
    recent.remove(b)
    assert recent.paths == [a]
    recent.forget()
    assert Recent().paths == []


def test_a_few_are_remembered(recent: Recent, tmp_path: Path) -> None:
    for n in range(MAX_RECENT + 3):
        recent.add(tmp_path / f"{n}.nii")
    assert len(recent.paths) == MAX_RECENT
    assert recent.paths[0].name == f"{MAX_RECENT + 2}.nii"


@pytest.mark.parametrize("written", ["{", "[1, null, {}]", "", None])
def test_what_somebody_else_wrote_is_passed_over(recent: Recent, written) -> None:
    recent._settings.setValue("recent_scans", written)
    assert recent.paths == []


def test_a_title_is_the_name_and_its_folder() -> None:
    assert title_of(Path("/data/study/cine.nii")) == "cine.nii  (study)"
    assert title_of(Path("cine.nii")) == "cine.nii"
