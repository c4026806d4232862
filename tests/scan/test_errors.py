"""What is wrong, where, and what to do, in one sentence."""

from pathlib import Path

from napari_cmr.scan import ScanError
from napari_cmr.scan.errors import Stopped


def test_the_sentence_has_the_parts_that_are_known() -> None:
    assert str(ScanError("is empty")) == "is empty"
    assert str(ScanError("is empty", source="a.nii")) == "a.nii: is empty"
    assert str(ScanError("is empty", remedy="copy it")) == "is empty (copy it)"
    whole = ScanError("is empty", source=Path("a.nii"), remedy="copy it")
    assert str(whole) == "a.nii: is empty (copy it)"
    assert (whole.problem, whole.source, whole.remedy) == ("is empty", "a.nii", "copy it")


def test_who_stops_makes_no_error_of_the_input() -> None:
    assert issubclass(ScanError, ValueError)
    assert not issubclass(Stopped, ValueError)
