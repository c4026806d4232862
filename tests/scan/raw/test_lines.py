"""Lines are transformed along the read-out and cut around the centre."""

import numpy as np
import pytest

from napari_cmr.scan import Code
from napari_cmr.scan.raw.lines import hybrid_lines, missing_lines_note


def test_the_transform_is_centred_orthonormal_and_undone_by_its_inverse() -> None:
    rng = np.random.default_rng(0)
    lines = rng.normal(size=(3, 8)) + 1j * rng.normal(size=(3, 8))
    found = hybrid_lines(lines)
    assert found.dtype == np.complex64
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(lines), rel=1e-5)
    back = np.fft.fftshift(np.fft.fft(np.fft.ifftshift(found, axes=-1), norm="ortho"), axes=-1)
    np.testing.assert_allclose(back, lines, atol=1e-5)
    flat = np.zeros(8, complex)
    flat[4] = 1  # the centre of k-space is a flat line
    np.testing.assert_allclose(hybrid_lines(flat), np.full(8, 8**-0.5), atol=1e-6)


@pytest.mark.parametrize(("n", "keep", "first"), [(8, 4, 2), (8, 3, 3), (7, 3, 2), (7, 4, 1)])
def test_columns_are_kept_around_the_centre(n, keep, first) -> None:
    lines = np.random.default_rng(1).normal(size=n).astype(complex)
    whole, part = hybrid_lines(lines), hybrid_lines(lines, keep)
    np.testing.assert_array_equal(part, whole[first : first + keep])
    assert part[keep // 2] == whole[n // 2]


def test_lines_that_are_missing_are_counted() -> None:
    measured = np.ones((2, 1, 8), bool)
    assert missing_lines_note(measured) == ()
    measured[0, 0, :3] = False
    (note,) = missing_lines_note(measured)
    assert note.code == Code.LINES_MISSING
    assert "6.5 of 8 lines" in note.text
