import numpy as np
import pytest
from helpers.scan_files import coil_images, forward, write_cmrxrecon, write_ismrmrd

from napari_cmr.scan import Geometry, RawKSpace, ScanError
from napari_cmr.scan.raw.decode import decode_raw
from napari_cmr.scan.raw.lines import hybrid_lines


def make_raw(n_coils=3, shape=(2, 4, 6, 8), axis="Y"):
    """K-space of coil images (C, T, Z, Y, X), and those images."""
    coils = coil_images(shape, n_coils).transpose(2, 0, 1, 3, 4).astype(np.complex64)
    lines = hybrid_lines(forward(coils))
    if axis == "X":
        lines, coils = np.swapaxes(lines, -1, -2), np.swapaxes(coils, -1, -2)
    measured = np.ones((*shape[:2], shape[2]), dtype=bool)
    geometry = Geometry.regular((9.0, 1.5, 1.5), shape[1])
    return RawKSpace(lines, measured, geometry, axis), coils


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_coil_images_come_back(axis):
    raw, coils = make_raw(axis=axis)
    assert (raw.n_coils, raw.n_frames, raw.n_slices, raw.n_phase_encodes) == (3, 2, 4, 6)
    np.testing.assert_allclose(raw.coil_images(2), coils[:, :, 2], atol=1e-5)
    np.testing.assert_allclose(raw.images(), np.sqrt((np.abs(coils) ** 2).sum(axis=0)), rtol=1e-4)
    one, coils = make_raw(1, axis=axis)
    np.testing.assert_allclose(one.images(), coils[0], atol=1e-5)


def test_slices_keep_their_lines_and_places():
    raw, _ = make_raw()
    measured = raw.measured.copy()
    measured[:, 3, 0] = False
    raw = RawKSpace(raw.kspace, measured, raw.geometry)
    assert not raw.is_fully_sampled
    some = raw.select_slices([3, 1])
    np.testing.assert_array_equal(some.kspace, raw.kspace[:, :, [3, 1]])
    assert some.measured.sum(axis=-1).tolist() == [[5, 6], [5, 6]]
    np.testing.assert_array_equal(some.geometry.affines, raw.geometry.affines[[3, 1]])


def test_what_cannot_be_k_space_is_refused():
    raw, _ = make_raw()
    for kspace, measured, problem in (
        (raw.kspace[0], raw.measured, "not \\(coils"),
        (raw.kspace, raw.measured[:, :2], "measured lines of shape"),
        (raw.kspace, np.zeros_like(raw.measured), "no line"),
        (raw.kspace * np.nan, raw.measured, "NaN"),
        (raw.kspace[:, :, :2], raw.measured[:, :2], "geometry of 4 slices"),
    ):
        with pytest.raises(ScanError, match=problem):
            RawKSpace(kspace, measured, raw.geometry)


@pytest.mark.parametrize("n_coils", [1, 3])
def test_readers_keep_the_lines_of_every_coil_with_their_phase(tmp_path, n_coils):
    coils = coil_images((3, 4, 6, 8), n_coils)
    kspace = forward(coils)
    kspace[1, :, :, ::2] = 0  # every other line of one frame
    mat = decode_raw(write_cmrxrecon(tmp_path / "a.mat", kspace), None)
    mrd = decode_raw(write_ismrmrd(tmp_path / "a.h5", coils, skip=2), None)
    for scan, every in ((mat, np.array([1, 2, 1])), (mrd, np.array([2, 2, 2]))):
        assert scan.raw is not None
        assert scan.raw.kspace.shape == (n_coils, *scan.shape)
        assert scan.raw.geometry is scan.geometry
        wanted = 6 // every[:, None] * np.ones((3, 4))
        np.testing.assert_array_equal(scan.raw.measured.sum(axis=-1), wanted)
        assert not scan.raw.kspace[
            ~np.broadcast_to(scan.raw.measured, scan.raw.kspace.shape[:-1])
        ].any()
        np.testing.assert_allclose(scan.raw.images(), scan.image, rtol=1e-5)
    np.testing.assert_allclose(mat.raw.coil_images(1)[:, 0], coils[0, 1], atol=1e-5)


def test_k_space_goes_with_its_own_image_only(tmp_path):
    scan = decode_raw(
        write_cmrxrecon(tmp_path / "a.mat", forward(coil_images((2, 3, 6, 8), 2))), None
    )
    assert scan.with_(name="b").raw is scan.raw
    assert scan.with_(image=scan.image * 2).raw is None
    assert scan.select_slices([1]).raw.n_slices == 1
    with pytest.raises(ScanError, match="k-space of shape"):
        scan.with_(image=scan.image[:1], raw=scan.raw)
