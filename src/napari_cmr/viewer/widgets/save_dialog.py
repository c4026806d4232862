"""The dialog that asks where to save, and before anything that exists is replaced."""

from collections.abc import Callable, Sequence
from pathlib import Path

from qtpy.QtWidgets import QFileDialog, QMessageBox, QWidget


def ask_where_to_save(
    parent: QWidget | None,
    title: str,
    suggestion: Path,
    kinds: str,
    files_of: Callable[[Path], Sequence[Path]],
) -> Path | None:
    """Ask for a name until there is one whose files are new or may be replaced.

    Parameters
    ----------
    parent : QWidget or None
    title : str
    suggestion : Path
    kinds : str
        As Qt filters names: ``Labels (*.nii.gz)``.
    files_of : callable
        Files that will be written for a name that was typed, the main one first: this is where
        endings are added.

    Returns
    -------
    Path or None
        The main file; None if the user gave up.

    Raises
    ------
    ScanError
        As ``files_of``.
    """
    while True:
        name, _ = QFileDialog.getSaveFileName(
            parent,
            title,
            str(suggestion),
            kinds,
            options=QFileDialog.Option.DontConfirmOverwrite,  # it would ask about the typed name
        )
        if not name:
            return None
        files = files_of(Path(name))
        existing = [file.name for file in files if file.exists()]
        if not existing or _may_replace(parent, existing):
            return files[0]
        suggestion = files[0]


def _may_replace(parent: QWidget | None, names: Sequence[str]) -> bool:
    """Ask; No is what the Enter key says."""
    exist = "exists" if len(names) == 1 else "exist"
    it = "it" if len(names) == 1 else "them"
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    question = f"{', '.join(names)} {exist} already. Replace {it}?"
    return QMessageBox.question(parent, "Replace files?", question, yes | no, no) == yes
