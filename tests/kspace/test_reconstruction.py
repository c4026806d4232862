import numpy as np
import pytest

from napari_cmr.kspace import Acquisition, LineMask
from napari_cmr.kspace.reconstruction import Reconstruction


def make(**changes):
    given = {
        "image": np.zeros((3, 2, 5, 4), np.complex64),
        "slices": (0, 1),
        "method": "average",
        "settings": {},
        "acquisition": Acquisition(),
        "mask": LineMask.full(3, 5),
        "seconds": 0.1,
    }
    return Reconstruction(**given | changes)


def test_what_fits_is_kept():
    assert make().std is None
    assert make(std=np.zeros((3, 2, 5, 4), np.float32)).std.shape == (3, 2, 5, 4)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"image": np.zeros((3, 2, 5, 4))}, "no complex64"),
        ({"image": np.zeros((2, 5, 4), np.complex64)}, "no complex64"),
        ({"slices": (1,)}, "1 slices for an image"),
        ({"std": np.zeros((3, 1, 5, 4), np.float32)}, "std of"),
        ({"motion": np.zeros((3, 2, 5, 4), np.float32)}, "motion of"),
    ],
)
def test_what_does_not_fit_is_refused(changes, expected):
    with pytest.raises(ValueError, match=expected):
        make(**changes)
