import numpy as np
import pytest
from helpers.beating_discs import coils_slice, disc_slice

from napari_cmr.kspace.encoding import Encoding


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_some_columns_are_those_of_the_whole_image(axis):
    one = disc_slice(12, axis=axis)
    some = one.columns(slice(10, 25))
    kept = (..., slice(10, 25)) if axis == "Y" else (slice(None), slice(10, 25))
    np.testing.assert_allclose(some.zero_filled(), one.zero_filled()[kept], atol=1e-6)
    np.testing.assert_allclose(some.pooled(3), one.pooled(3)[kept], atol=1e-6)
    average = one.temporal_average[(..., slice(10, 25)) if axis == "Y" else slice(10, 25)]
    np.testing.assert_allclose(some.temporal_average, average, atol=1e-6)
    np.testing.assert_array_equal(some.spectrum(), one.spectrum()[..., 10:25])
    assert some.mask is one.mask


@pytest.mark.parametrize("axis", [-2, -1])
def test_coils_are_cut_with_their_columns(axis):
    one = coils_slice()
    if axis == -1:
        maps = one.sensitivities.swapaxes(1, 2)
        encoding = Encoding(one.mask, axis=-1, sensitivities=np.ascontiguousarray(maps))
        one = type(one)(0, one.lines, encoding)
    some = one.columns(slice(5, 30))
    kept = (..., slice(5, 30)) if axis == -2 else (slice(None), slice(5, 30))
    np.testing.assert_allclose(some.zero_filled(), one.zero_filled()[kept], atol=1e-5)
    image = one.zero_filled()
    again = some.encoding.normal(np.ascontiguousarray(image[kept]))
    np.testing.assert_allclose(again, one.encoding.normal(image)[kept], atol=1e-5)
