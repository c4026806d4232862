"""Whether a model made a label file: by its header, or by the JSON that was saved beside it."""

import json
from pathlib import Path

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.nifti.file import NiftiFile, nifti_stem
from napari_cmr.scan.notices import Code, Notice

_RECORD_BYTES = 1 << 24  # a record has less than a tenth of it


def is_of_model(path: Path) -> bool:
    """Whether the labels of a file came from a model, corrected or not: they are no reference.

    A file that says nothing of where it comes from is taken for a reader's, and so is one that
    cannot be read: what is wrong with it is said where its labels are wanted.
    """
    try:
        marked = NiftiFile.open(path).is_of_model
    except ScanError:
        return False
    return marked or _record_names_model(path)


def _record_names_model(path: Path) -> bool:
    record = path.with_name(f"{nifti_stem(path)}.json")
    try:
        if not record.is_file() or record.stat().st_size > _RECORD_BYTES:
            return False
        content = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False  # it is a JSON of something else
    if not isinstance(content, dict):
        return False
    made = content.get("made_from", content)
    # What a model made has the digests of its weights beside its name.
    return isinstance(made, dict) and isinstance(made.get("model"), str) and "weights" in made


def model_labels_notice(path: Path) -> Notice:
    """Say of labels beside an image that a model made them."""
    text = f"A model made the labels in {path.name}: they are no reference for the scan."
    return Notice(Code.LABELS_OF_MODEL, text)
