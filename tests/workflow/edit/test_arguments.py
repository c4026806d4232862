"""What cannot be edited is said, with the number at fault, before anything is changed."""

import numpy as np
import pytest

from napari_cmr.scan import Label, ScanError
from napari_cmr.workflow.edit.arguments import check_place, check_structure, checked, pixel_of

LABELS = np.zeros((3, 2, 4, 4), np.int16)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ((3, 0), "no frame 4 .the scan has 2 slices and 3 frames"),
        ((-1, 0), "no frame 0"),
        ((0, 2), "no slice 3"),
        ((2, -1), "no slice 0"),
    ],
)
def test_places_outside_are_named_as_they_are_counted_on_screen(place, problem) -> None:
    with pytest.raises(ScanError, match=problem):
        check_place(LABELS, place)


def test_places_at_the_borders_are_there() -> None:
    for place in ((0, 0), (2, 1)):
        check_place(LABELS, place)


def test_labels_become_bytes() -> None:
    labels = LABELS.copy()
    labels[0, 0, 0, 0] = max(Label)
    found = checked(labels)
    assert found.dtype == np.uint8
    assert found[0, 0, 0, 0] == max(Label)
    assert checked(found) is found


@pytest.mark.parametrize(("value", "said"), [(max(Label) + 1, max(Label) + 1), (-3, -3)])
def test_numbers_that_are_no_label_are_named(value, said) -> None:
    labels = LABELS.copy()
    labels[0, 0, 0, 0] = value
    with pytest.raises(ScanError, match=f"the number {said},"):
        checked(labels)


@pytest.mark.parametrize("shape", [(3, 4, 4), (0, 2, 4, 4)])
def test_other_shapes_are_refused(shape) -> None:
    with pytest.raises(ScanError, match=r"not a .T, Z, Y, X. stack"):
        checked(np.zeros(shape, np.uint8))


def test_scar_has_no_outline_of_its_own() -> None:
    for structure in (None, Label.LV, Label.MYO, Label.RV):
        check_structure(structure)
    for structure in (Label.SCAR, Label.BACKGROUND):
        with pytest.raises(ScanError, match=f"{structure.name} has no outline"):
            check_structure(structure)


def test_pixels_are_the_last_two_steps() -> None:
    assert pixel_of((8, 1.5, 1.25)) == (1.5, 1.25)
    for spacing in ((1.5, 1.25), (8, 0, 1), (8, 1, -1), (8, 1, np.inf), (np.nan, 1, 1)):
        with pytest.raises(ScanError, match="no spacing of a scan"):
            pixel_of(spacing)
