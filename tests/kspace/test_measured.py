from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from napari_cmr.kspace import (
    Acquisition,
    LineMask,
    line_mask,
    undersample,
)
from napari_cmr.kspace import measured as measured_module
from napari_cmr.kspace.coils import coil_sensitivities, estimate_sensitivities
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.kspace.fourier import fft1c, fft2c, ifft2c
from napari_cmr.kspace.measured import acquired_slice
from napari_cmr.kspace.partial_dft import LineTransform
from napari_cmr.kspace.pooling import pool_lines
from napari_cmr.scan import Geometry, RawKSpace, Scan, ScanError


def make_scan(n_frames=5, n_slices=3, plane=(22, 19), axis="Y", image=None):
    if image is None:
        rng = np.random.default_rng(0)
        image = rng.random((n_frames, n_slices, *plane), dtype=np.float32)
    geometry = Geometry.regular((8.0, 1.5, 1.5), image.shape[1])
    return Scan(image, geometry, phase_encode_axis=axis)


def along(mask, axis):
    return mask[:, :, None] if axis == "Y" else mask[:, None, :]


@pytest.mark.parametrize("axis", ["Y", "X"])
@pytest.mark.parametrize("n_lines", [1, 6, 17])
def test_zero_filled_is_that_of_the_centred_2d_form(axis, n_lines):
    scan = make_scan(axis=axis)
    acquisition = Acquisition(n_lines=n_lines, noise=0.05, seed=3)
    result = undersample(scan, acquisition)
    for z in range(scan.n_slices):
        k = fft2c(acquired_slice(scan, z, acquisition))
        expected = ifft2c(k * along(result.mask.array, axis))
        np.testing.assert_allclose(result.zero_filled[:, z], expected, atol=1e-5)
    assert result.zero_filled.dtype == result.temporal_average.dtype == np.complex64
    assert result.temporal_average.shape == (3, *scan.shape[2:])


@pytest.mark.parametrize("axis", ["Y", "X"])
@pytest.mark.parametrize("n_lines", [1, 6, 17, None])
def test_the_spectrum_is_the_plain_fft_of_the_zero_filled_image(axis, n_lines):
    scan = make_scan(axis=axis)
    result = undersample(scan, Acquisition(n_lines=n_lines, seed=3))
    image = result.zero_filled[:, 1]
    planes = image if axis == "Y" else image.swapaxes(-1, -2)
    expected = np.fft.fftshift(np.fft.fft(planes, axis=-2, norm="ortho"), axes=-2)
    spectrum = result[1].spectrum()
    assert spectrum.shape[0] == 1  # a single coil
    np.testing.assert_allclose(spectrum[0], expected, atol=1e-5)
    assert not spectrum[0][~result.mask.array].any()


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_a_slice_is_the_same_alone_as_with_its_stack(axis):
    scan = make_scan(axis=axis)
    acquisition = Acquisition(n_lines=6, noise=0.1, seed=8)
    stack, alone = undersample(scan, acquisition), undersample(scan, acquisition, slices=[2])
    assert alone.slices == (2,)
    np.testing.assert_array_equal(alone.zero_filled[:, 0], stack.zero_filled[:, 2])
    np.testing.assert_array_equal(alone.temporal_average[0], stack.temporal_average[2])
    np.testing.assert_array_equal(alone[0].lines, stack[2].lines)


def test_the_seed_decides():
    scan = make_scan()
    results = [undersample(scan, Acquisition(n_lines=6, noise=0.1, seed=s)) for s in (1, 1, 2)]
    np.testing.assert_array_equal(results[0].zero_filled, results[1].zero_filled)
    assert (results[0].zero_filled != results[2].zero_filled).any()


def test_all_lines_give_the_image_back():
    scan = make_scan()
    result = undersample(scan, Acquisition())
    np.testing.assert_allclose(np.abs(result.zero_filled), scan.image, atol=1e-5)


def test_complex_scans_keep_their_own_phase(complex_images):
    scan = make_scan(image=complex_images(2, 2, 12, 10))
    np.testing.assert_allclose(undersample(scan, Acquisition()).zero_filled, scan.image, atol=1e-5)


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_a_still_stack_has_one_frame(axis):
    scan = make_scan(n_frames=1, axis=axis)
    result = undersample(scan, Acquisition(n_lines=5))
    np.testing.assert_allclose(result.temporal_average, result.zero_filled[0], atol=1e-6)
    np.testing.assert_allclose(result[1].pooled(7), result[1].zero_filled(), atol=1e-6)


def test_the_average_of_a_still_heart_is_the_heart_once_every_line_was_taken():
    image = np.repeat(make_scan(n_frames=1).image, 11, axis=0)
    scan = make_scan(image=image)
    result = undersample(scan, Acquisition(n_lines=2, pattern="golden-step"))
    assert result.mask.array.any(axis=0).all()
    np.testing.assert_allclose(np.abs(result.temporal_average), image[0], atol=1e-5)


def pooled_plainly(zero_filled, mask, frames, axis):
    keep = along(mask, axis)[frames].sum(axis=0)
    return ifft2c(fft2c(zero_filled[frames]).sum(axis=0) / np.maximum(keep, 1))


@pytest.mark.parametrize("axis", ["Y", "X"])
@pytest.mark.parametrize("n_lines", [2, 12])
@pytest.mark.parametrize("edited", [False, True])
def test_pooled_images_take_neighbouring_frames_around_the_cycle(axis, n_lines, edited):
    scan = make_scan(n_frames=6, axis=axis)
    acquisition = Acquisition(n_lines=n_lines)
    mask = line_mask(acquisition, 6, scan.n_phase_encodes)
    if edited:
        mask = mask.toggle_all([(1, line) for line in range(12)])
    result = undersample(scan, acquisition, mask=mask, slices=[1])
    zero_filled = result.zero_filled[:, 0]
    pooled = result[0].pooled(3)
    for t in range(6):
        frames = [(t - 1) % 6, t, (t + 1) % 6]
        expected = pooled_plainly(zero_filled, mask.array, frames, axis)
        np.testing.assert_allclose(pooled[t], expected, atol=1e-5)
    average = pooled_plainly(zero_filled, mask.array, list(range(6)), axis)
    np.testing.assert_allclose(result.temporal_average[0], average, atol=1e-5)
    np.testing.assert_allclose(result[0].pooled(7)[4], average, atol=1e-5)
    np.testing.assert_allclose(result[0].pooled(1), zero_filled, atol=1e-6)


def test_an_even_window_is_refused():
    with pytest.raises(ValueError, match="odd"):
        undersample(make_scan(), Acquisition(n_lines=3))[0].pooled(4)


@pytest.fixture
def transforms(monkeypatch):
    """Slices that were transformed, as a growing list."""
    seen = []
    forward = LineTransform.forward

    def counted(self, image):
        seen.append(image.shape)
        return forward(self, image)

    monkeypatch.setattr(LineTransform, "forward", counted)
    return seen


def test_a_slice_is_transformed_when_it_is_read_and_only_once(transforms):
    measured = undersample(make_scan(), Acquisition(n_lines=4))
    assert transforms == []
    measured[1].zero_filled()
    measured.select([1])[0].spectrum()
    assert len(transforms) == 1
    _ = measured.zero_filled, measured.temporal_average, measured.select([2, 0]).temporal_average
    assert len(transforms) == 3


def test_threads_that_read_a_slice_at_the_same_time_share_one_transform(transforms):
    measured = undersample(make_scan(), Acquisition(n_lines=4))
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(measured.__getitem__, [1] * 8))
    assert len(transforms) == 1
    assert all(one is found[0] for one in found)


def test_some_slices_have_their_own_geometry():
    measured = undersample(make_scan(), Acquisition(n_lines=4)).select([2, 0])
    assert measured.slices == (2, 0)
    assert measured.geometry.n_slices == 2
    assert measured.shape == (5, 2, 22, 19)
    assert not measured.is_complete


def test_a_frame_without_lines_is_black():
    scan = make_scan()
    mask = LineMask(np.zeros((5, 22), bool))
    result = undersample(scan, Acquisition(), mask=mask)
    assert not result.zero_filled.any()
    assert not result.temporal_average.any()
    assert not result[0].pooled(3).any()


def test_noise_refers_to_the_brightness_of_the_scan():
    scan = make_scan(plane=(64, 64))
    clean = undersample(scan, Acquisition()).zero_filled
    noisy = undersample(scan, Acquisition(noise=0.2)).zero_filled
    expected = 0.2 * np.percentile(scan.image, 99)
    assert (noisy - clean).std() == pytest.approx(expected, rel=0.02)


def test_what_does_not_exist_is_refused():
    scan = make_scan()
    with pytest.raises(ScanError, match="scan of 3"):
        undersample(scan, Acquisition(), slices=[3])
    with pytest.raises(ScanError, match="for a scan of"):
        undersample(scan, Acquisition(), mask=LineMask.full(5, 21))
    with pytest.raises(ScanError, match="between 1 and 22"):
        undersample(scan, Acquisition(n_lines=30))


def raw_scan(n_coils=5, axis="Y", measured=None, seed=0):
    """A cine of a disc in a body that coils measured, with a phase of its own."""
    y, x = np.mgrid[:40, :36]
    frames = [
        0.3 * (np.hypot((y - 20) / 18, (x - 18) / 15) < 1) + (np.hypot(y - 18, x - 17) < 8 - t)
        for t in range(4)
    ]
    image = (np.stack(frames) * np.exp(0.05j * y)).astype(np.complex64)
    maps = coil_sensitivities(n_coils, (40, 36), rng=np.random.default_rng(seed))
    along_y = axis == "Y"
    kspace = fft1c(maps[:, None] * image, -2 if along_y else -1)[:, :, None]
    geometry = Geometry.regular((8.0, 1.5, 1.5), 1)
    lines = np.ones((4, 1, 40 if along_y else 36), bool) if measured is None else measured
    raw = RawKSpace(kspace * along(lines[:, 0], axis)[:, None], lines, geometry, axis)
    scan = Scan(raw.images(), geometry, phase_encode_axis=axis, raw=raw)
    return scan, image


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_coils_of_a_raw_file_are_combined_to_the_image(axis):
    scan, image = raw_scan(axis=axis)
    measured = undersample(scan, Acquisition(noise=0.2))  # no noise comes to what was measured
    assert measured.is_raw
    assert measured[0].sensitivities.shape == (5, 40, 36)
    found = np.abs(measured.zero_filled[:, 0])
    body = np.abs(image[0]) > 0
    np.testing.assert_allclose(found[:, body], np.abs(image)[:, body], atol=0.05)


def test_no_lines_are_invented_for_a_raw_file():
    rng = np.random.default_rng(1)
    lines = rng.random((4, 1, 40)) < 0.5
    lines[:, :, 14:26] = True
    scan, _ = raw_scan(measured=lines)
    everything = undersample(scan, Acquisition())
    np.testing.assert_array_equal(everything.mask.array, lines[:, 0])
    few = undersample(scan, Acquisition(n_lines=20, seed=3))
    drawn = line_mask(few.acquisition, 4, 40).array
    np.testing.assert_array_equal(few.mask.array, drawn & lines[:, 0])
    spectrum = few[0].spectrum()
    assert spectrum.shape == (5, 4, 40, 36)
    assert not spectrum[:, ~few.mask.array].any()
    assert spectrum[:, few.mask.array].any(axis=-1).all()


def test_one_coil_needs_no_sensitivities_and_keeps_its_phase():
    scan, image = raw_scan(n_coils=1)
    measured = undersample(scan, Acquisition())
    assert measured[0].sensitivities is None
    turned = measured.zero_filled[:, 0] * np.exp(-1j * np.angle(image))
    expected = np.abs(image) * np.exp(1j * np.angle(scan.image[0, 0] * image[0].conj()))
    np.testing.assert_allclose(turned, expected, atol=1e-4)


def test_every_slice_has_noise_of_its_own():
    scan = make_scan(image=np.zeros((2, 3, 22, 19), np.float32) + 1)
    acquisition = Acquisition(noise=0.1, phase=False, seed=4)
    noise = [acquired_slice(scan, z, acquisition) - 1 for z in range(3)]
    for a, b in ((0, 1), (0, 2), (1, 2)):
        likeness = np.vdot(noise[a], noise[b]) / np.vdot(noise[a], noise[a])
        assert abs(likeness) < 0.2


@pytest.mark.parametrize(("n_bright", "level"), [(90, 0.0), (110, 5.0)])
def test_noise_refers_to_the_99th_percentile_of_the_magnitude(n_bright, level):
    image = np.zeros((1, 1, 100, 100), np.float32)
    image.reshape(-1)[:n_bright] = 100.0  # of 10 000 voxels
    measured = acquired_slice(make_scan(image=image), 0, Acquisition(noise=0.05, phase=False))
    assert (measured - image[:, 0]).std() == pytest.approx(level, rel=0.05)


def test_frames_of_several_beats_are_not_one_cycle():
    scan = make_scan()
    assert undersample(scan, Acquisition()).is_one_cycle
    assert not undersample(scan.with_(n_beats=3.0), Acquisition()).is_one_cycle
    assert not undersample(scan.with_(image=scan.image[:2]), Acquisition()).is_one_cycle


def test_what_is_not_kept_comes_out_the_same(monkeypatch) -> None:
    scan = make_scan(n_frames=3)
    acquisition = Acquisition(n_lines=12, seed=2, noise=0.01)
    kept, read = undersample(scan, acquisition), undersample(scan, acquisition, keep=False)
    np.testing.assert_array_equal(read.temporal_average, kept.temporal_average)
    np.testing.assert_array_equal(read[1].lines, kept[1].lines)
    assert kept[1] is kept[1]
    assert read[1] is not read[1]
    acquired = []
    monkeypatch.setattr(measured_module, "acquired_slice", lambda *_: acquired.append(1))
    read.acquire()
    assert read.temporal_average.shape == (3, *scan.shape[2:])  # this much is remembered
    assert not acquired


def test_every_slice_has_a_phase_of_its_own_whether_it_comes_alone_or_not():
    image = np.repeat(np.random.default_rng(1).random((2, 1, 22, 19), dtype=np.float32), 3, axis=1)
    measured = undersample(make_scan(image=image), Acquisition(seed=3))
    phases = np.angle(measured.zero_filled)
    assert not np.allclose(phases[:, 0], phases[:, 1], atol=0.05)
    alone = measured.select((1,)).zero_filled
    np.testing.assert_allclose(alone[:, 0], measured.zero_filled[:, 1], atol=1e-5)


# -- simulated coils ------------------------------------------------------------------------------


def body_scan(n_slices=2, axis="Y"):
    """A cine whose disc beats in a body, magnitudes."""
    _, image = raw_scan()
    frames = np.repeat(np.abs(image)[:, None], n_slices, axis=1).astype(np.float32)
    return make_scan(image=frames, axis=axis)


@pytest.mark.parametrize("axis", ["Y", "X"])
@pytest.mark.parametrize("n_coils", [4, 6])
def test_simulated_coils_combine_to_the_image_by_maps_that_lines_tell(axis, n_coils):
    scan = body_scan(axis=axis)
    measured = undersample(scan, Acquisition(coils=n_coils, seed=2))
    one = measured[0]
    assert measured.n_coils == one.encoding.n_coils == n_coils
    assert one.lines.shape == (4, n_coils, *((40, 36) if axis == "Y" else (36, 40)))
    assert one.sensitivities.shape == (n_coils, 40, 36)
    np.testing.assert_allclose((np.abs(one.sensitivities) ** 2).sum(axis=0), 1, atol=1e-4)
    body = scan.image[:, 0] > 0
    found = np.abs(one.zero_filled())
    np.testing.assert_allclose(found[body], scan.image[:, 0][body], atol=0.06)
    assert not measured.is_raw


def test_maps_come_from_the_lines_that_were_measured_and_from_nothing_else():
    scan = body_scan()
    acquisition = Acquisition(n_lines=12, centre_lines=4, coils=4, seed=1)
    one = undersample(scan, acquisition)[0]
    pooled = pool_lines(one.lines, one.encoding.transform)
    expected = estimate_sensitivities(pooled, reference=0)
    np.testing.assert_array_equal(one.sensitivities, expected)
    noisy = undersample(scan, acquisition.model_copy(update={"noise": 0.1}))[0]
    assert np.abs(noisy.sensitivities - one.sensitivities).max() > 0.01
    # they agree with those of all lines, but are not them
    every = undersample(scan, acquisition.model_copy(update={"n_lines": None}))[0].sensitivities
    agreement = np.abs((one.sensitivities.conj() * every).sum(axis=0))[scan.image[0, 0] > 0]
    assert np.median(agreement) > 0.99
    assert agreement.min() < 0.9999


def test_the_image_of_few_lines_has_the_phase_of_that_of_all_lines():
    scan = body_scan()
    few, every = (
        undersample(scan, Acquisition(n_lines=n, centre_lines=4, coils=5, seed=4))[0]
        for n in (14, None)
    )
    turn = few.temporal_average * every.temporal_average.conj()
    assert np.abs(np.angle(turn[scan.image[0, 0] > 0.5])).max() < 0.3


@pytest.mark.parametrize("axis", ["Y", "X"])
def test_the_encoding_of_simulated_coils_obeys_its_laws(axis, complex_images):
    scan = body_scan(axis=axis)
    few = undersample(scan, Acquisition(n_lines=9, centre_lines=3, coils=4))[1]
    image = complex_images(4, 40, 36)
    lines = few.encoding.forward(image)
    other = complex_images(*lines.shape, seed=3)
    assert np.vdot(other, lines) == pytest.approx(
        np.vdot(few.encoding.adjoint(other), image), rel=1e-3
    )
    every = undersample(scan, Acquisition(coils=4))[1].encoding  # an isometry
    assert np.linalg.norm(every.forward(image)) == pytest.approx(np.linalg.norm(image), rel=1e-4)
    np.testing.assert_allclose(every.normal(image), image, atol=1e-4)


def test_a_slice_of_coils_is_the_same_alone_as_with_its_stack_and_the_seed_decides():
    scan = body_scan(n_slices=3)
    acquisition = Acquisition(n_lines=12, noise=0.05, coils=4, seed=8)
    stack, alone = undersample(scan, acquisition), undersample(scan, acquisition, slices=[2])
    np.testing.assert_array_equal(alone[0].lines, stack[2].lines)
    np.testing.assert_array_equal(alone.temporal_average[0], stack.temporal_average[2])
    other = undersample(scan, acquisition.model_copy(update={"seed": 9}))
    assert np.abs(other.zero_filled - stack.zero_filled).max() > 0.05


def test_noise_of_coils_is_that_of_one_coil_once_they_are_combined():
    scan = body_scan(n_slices=1)
    body = scan.image[:, 0] > 0
    apart = []
    for n_coils in (1, 8):
        clean, noisy = (
            np.abs(undersample(scan, Acquisition(noise=sd, coils=n_coils))[0].zero_filled())[body]
            for sd in (0.0, 0.05)
        )
        apart.append((noisy - clean).std())
    assert apart[1] == pytest.approx(apart[0], rel=0.15)


def test_one_coil_sees_the_image_itself():
    scan = body_scan()
    acquisition = Acquisition(n_lines=10, noise=0.02, seed=5)
    assert acquisition.coils == 1
    one = undersample(scan, acquisition)[1]
    expected = Encoding(one.mask).forward(acquired_slice(scan, 1, acquisition))
    np.testing.assert_array_equal(one.lines, expected)
    assert one.sensitivities is None


def test_a_raw_file_keeps_its_own_coils():
    scan, _ = raw_scan()
    own, asked = (undersample(scan, Acquisition(n_lines=20, coils=n)) for n in (1, 4))
    np.testing.assert_array_equal(own[0].lines, asked[0].lines)
    np.testing.assert_array_equal(own[0].sensitivities, asked[0].sensitivities)
    assert own.n_coils == asked.n_coils == 5


def test_loops_lie_around_the_scan_and_its_reconstruction_has_none():
    measured = undersample(body_scan(), Acquisition(n_lines=12, coils=4))
    again = measured.with_image(measured.zero_filled)
    assert again.n_coils == 1
    np.testing.assert_allclose(again.zero_filled, measured.zero_filled, atol=1e-5)
