"""Numbers of labels, from a data set's to the project's."""

import numpy as np
import pytest

from napari_cmr.scan import ScanError, translate_labels

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
