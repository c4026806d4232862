import numpy as np
import pytest

from napari_cmr.phantom.cross_fade import Blend


def test_noise_is_as_strong_in_the_middle_as_at_the_ends():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 1, (2, 1, 80, 80)).astype(np.float32)
    blend = Blend(first, second)
    fine = [blend._split(blend.at(s))[1].std() for s in (0.0, 0.5, 1.0)]
    assert fine[1] == pytest.approx(fine[0], rel=0.1)
    plain = Blend._split(blend, (first + second) / 2)[1].std()
    assert plain < 0.8 * fine[0]


def test_the_ends_are_the_pictures_themselves():
    rng = np.random.default_rng(1)
    first, second = rng.random((2, 2, 20, 24)).astype(np.float32)
    blend = Blend(first, second)
    np.testing.assert_allclose(blend.at(0.0), first, atol=1e-5)
    np.testing.assert_allclose(blend.at(1.0), second, atol=1e-5)
