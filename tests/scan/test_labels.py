"""Numbers of labels, from a data set's to the project's."""

import nibabel
import numpy as np
import pytest

from napari_cmr.scan import Label, ScanError, read_labels, translate_labels
from napari_cmr.scan.labels import third_is_scar

STACK = np.random.default_rng(0).integers(0, 4, (3, 4, 5, 6)).astype(np.uint8)


@pytest.mark.parametrize(
    "labels",
    [STACK, np.asfortranarray(STACK), STACK[:, :, ::2], STACK.transpose(3, 1, 0, 2),
     STACK.astype(np.int16), STACK.astype(np.float32)],
    ids=["C", "Fortran", "strided", "turned", "int16", "float32"],
)  # fmt: skip
def test_labels_of_every_layout_and_type_are_translated(labels: np.ndarray) -> None:
    found = translate_labels(labels, "acdc")
    np.testing.assert_array_equal(found, np.array([0, 3, 2, 1])[labels.astype(int)])
    assert found.dtype == np.uint8
    found[0, 0, 0, 0] = 1  # the user may draw in them


@pytest.mark.parametrize("wrong", [7, 255])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16])
def test_a_number_that_the_scheme_does_not_have_is_named(wrong: int, dtype: type) -> None:
    labels = STACK.astype(dtype)
    labels[1, 1, 1, 1] = wrong
    with pytest.raises(ScanError, match=f"label values {wrong} "):
        translate_labels(labels, "acdc")


def heart_with_third(place: str) -> np.ndarray:
    """Cavity 1 in a wall 2, and a label 3 in the wall or beside it: two slices and an empty one."""
    y, x = np.indices((48, 48)) - 24
    radius, angle = np.hypot(y, x), np.arctan2(y, x)
    plane = np.where(radius < 14, 2, 0)
    plane[radius < 9] = 1
    if place == "wall":
        plane[(radius >= 9) & (radius < 14) & (np.abs(angle) < 0.8)] = 3
    elif place == "beside":
        plane[(np.hypot(y, x + 14) < 12) & (plane == 0)] = 3
    return np.stack([plane, plane, np.zeros_like(plane)]).astype(float)


@pytest.mark.parametrize(("place", "is_scar"), [("wall", True), ("beside", False), ("no", False)])
def test_scar_lies_in_the_wall_and_a_right_ventricle_does_not(tmp_path, place, is_scar) -> None:
    values = heart_with_third(place)
    assert third_is_scar(values) is is_scar
    path = tmp_path / "late_gt.nii.gz"
    nibabel.Nifti1Image(values.transpose(2, 1, 0).astype(np.uint8), np.eye(4)).to_filename(path)
    found = set(np.unique(read_labels(path)))
    assert (Label.SCAR in found) is is_scar
    assert (Label.RV in found) is (place == "beside")


def test_what_is_no_label_map_of_that_kind_has_no_scar() -> None:
    assert not third_is_scar(heart_with_third("wall") + 0.5)
    assert not third_is_scar(heart_with_third("wall") * 2)
    assert not third_is_scar(heart_with_third("wall") + 0j)
