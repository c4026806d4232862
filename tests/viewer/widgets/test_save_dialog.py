from pathlib import Path

import pytest
from qtpy.QtWidgets import QFileDialog, QMessageBox

from napari_cmr.viewer.controllers.labels.annotation_jobs import label_files
from napari_cmr.viewer.widgets.save_dialog import ask_where_to_save


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch):
    """Names that a user types in turn, and answers to what is asked about them."""
    names, replies, asked, suggested = [], [], [], []

    def name(_parent, _title, suggestion, _kinds, **options):
        # Qt asks about the name as it was typed, which is not yet the name of the file.
        assert options["options"] == QFileDialog.Option.DontConfirmOverwrite
        suggested.append(suggestion)
        return names.pop(0), ""

    def question(_parent, _title, text, _buttons, default):
        assert default == QMessageBox.StandardButton.No
        asked.append(text)
        return replies.pop(0)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
    monkeypatch.setattr(QMessageBox, "question", question)
    return names, replies, asked, suggested


def ask(folder: Path) -> Path | None:
    return ask_where_to_save(None, "Save", folder / "a.nii.gz", "NIfTI (*.nii.gz)", label_files)


def test_the_question_is_about_the_files_that_will_be_written(tmp_path, answers) -> None:
    names, replies, asked, suggested = answers
    for name in ("mine.nii.gz", "mine.csv"):
        (tmp_path / name).touch()
    names += [str(tmp_path / "mine"), str(tmp_path / "mine.nii.gz")]
    replies += [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    assert ask(tmp_path) == tmp_path / "mine.nii.gz"
    assert asked == ["mine.nii.gz, mine.csv exist already. Replace them?"] * 2
    assert suggested == [str(tmp_path / "a.nii.gz"), str(tmp_path / "mine.nii.gz")]


def test_new_names_need_no_question_and_no_name_gives_up(tmp_path, answers) -> None:
    names, _, asked, _ = answers
    names += [str(tmp_path / "new"), ""]
    assert ask(tmp_path) == tmp_path / "new.nii.gz"
    assert ask(tmp_path) is None
    assert not asked
