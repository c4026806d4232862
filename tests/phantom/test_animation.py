import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_cmr.motion.registration import exponential, jacobian_determinant
from napari_cmr.phantom.animation import animate, animate_scan
from napari_cmr.phantom.volume_curve import VolumeCurve
from napari_cmr.scan import Geometry, Label, Scan, ScanError, open_scan

SPACING = (8.0, 2.0, 1.6)
N_FRAMES = 12
CURVE = VolumeCurve()
ES = CURVE.es_frame(N_FRAMES)


def heart(lv_mm: float, wall_mm: float, *, rv: bool = True) -> np.ndarray:
    """Labels of one slice: a round LV in its wall, and an RV beside it."""
    y, x = np.mgrid[:56, :64]
    y, x = (y - 28) * SPACING[1], (x - 36) * SPACING[2]
    radius = np.hypot(y, x)
    labels = np.zeros(y.shape, np.uint8)
    if rv:
        labels[np.hypot(y, x + 24) < 8 + lv_mm / 2] = Label.RV
    labels[radius < lv_mm + wall_mm] = Label.MYO
    labels[radius < lv_mm] = Label.LV
    return labels


def picture(labels: np.ndarray, seed: int) -> np.ndarray:
    signal = np.array([60, 300, 90, 280], np.float32)[labels]
    noise = np.random.default_rng(seed).normal(0, 6, labels.shape)
    return (gaussian_filter(signal, (0, 0.6, 0.6)) + noise).astype(np.float32)


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, ...]:
    """Basal slice that the heart leaves, two middle ones, one whose RV vanishes, one empty."""
    empty = np.zeros((56, 64), np.uint8)
    ed = np.stack([heart(22, 7), heart(20, 7), heart(18, 7), heart(9, 7), empty])
    es = np.stack([empty, heart(13, 11), heart(11, 11), heart(5, 10, rv=False), empty])
    return picture(ed, 1), picture(es, 2), ed, es


@pytest.fixture(scope="module")
def cine(pair) -> tuple[np.ndarray, np.ndarray]:
    return animate(*pair, SPACING, N_FRAMES, curve=CURVE)


def test_ed_and_es_are_reproduced_to_the_voxel(pair, cine):
    image, labels = cine
    assert image.shape == labels.shape == (N_FRAMES, 5, 56, 64)
    assert (image.dtype, labels.dtype) == (np.float32, np.uint8)
    for frame, k in ((0, 0), (ES, 1)):
        np.testing.assert_array_equal(image[frame], pair[k])
        np.testing.assert_array_equal(labels[frame], pair[k + 2])


def test_lv_shrinks_until_end_systole_and_grows_after(cine):
    volume = (cine[1] == Label.LV).sum(axis=(1, 2, 3))
    assert (np.diff(volume[: ES + 1]) <= 0).all()
    assert (np.diff(volume[ES:]) >= 0).all()
    assert volume.argmax() == 0
    assert volume.argmin() == ES


def test_lv_follows_the_volume_curve_where_it_stays_in_the_slice(cine):
    volume = (cine[1][:, 1:4] == Label.LV).sum(axis=(1, 2, 3))
    emptied = (volume[0] - volume) / (volume[0] - volume[ES])
    np.testing.assert_allclose(emptied, CURVE.emptying(N_FRAMES), atol=1 / (volume[0] - volume[ES]))


def test_the_cycle_closes(cine):
    image, labels = cine
    steps = np.abs(np.diff(image, axis=0)).mean(axis=(1, 2, 3))
    assert np.abs(image[-1] - image[0]).mean() <= steps.max()
    assert (labels[-1] != labels[0]).sum() <= (np.diff(labels, axis=0) != 0).sum((1, 2, 3)).max()


def test_the_heart_leaves_its_basal_slice_whole(cine):
    basal = cine[1][:, 0]
    lv = (basal == Label.LV).sum(axis=(1, 2))
    assert lv[0] > 0
    assert lv[ES] == 0
    gone = (basal == 0).all(axis=(1, 2))
    for frame in np.flatnonzero(~gone):
        assert set(np.unique(basal[frame])) == {0, 1, 2, 3}, "a tissue went before the others"
    assert lv[~gone].min() > 0.2 * lv[0]


def test_the_wall_stays_closed_between_lv_and_the_rest(cine):
    for labels in cine[1][:, 1:3].reshape(-1, 56, 64):
        lv = labels == Label.LV
        around = np.zeros_like(lv)
        for axis in (0, 1):
            for step in (-1, 1):
                around |= np.roll(lv, step, axis)
        assert set(np.unique(labels[around & ~lv])) == {Label.MYO}


def test_blood_stays_bright_and_muscle_dark_in_between(pair, cine):
    image, labels = cine
    middle = N_FRAMES - 2
    assert 0 < CURVE.emptying(N_FRAMES)[middle] < 1
    lv, myo = (image[middle, 1:3][labels[middle, 1:3] == k] for k in (Label.LV, Label.MYO))
    assert np.median(lv) == pytest.approx(300, abs=12)
    assert np.median(myo) == pytest.approx(90, abs=12)
    # Sharp: hardly any pixel lies between the two, as in the frames it was made from.
    between = ((lv > 150) & (lv < 250)).mean()
    assert between < 0.2


def test_noise_is_as_strong_in_between_as_at_ed(cine):
    image, _ = cine
    background = image[:, 4, :10, :10]  # in the empty slice, nothing moves
    strength = background.std(axis=(1, 2))
    assert strength.min() > 0.8 * strength[0]
    assert strength.max() < 1.2 * strength[0]


def test_motion_does_not_fold(pair, monkeypatch):
    from napari_cmr.phantom import in_between as module

    fields = []
    register = module.register
    monkeypatch.setattr(
        module, "register", lambda *a, **k: fields.append(register(*a, **k)) or fields[-1]
    )
    animate(*pair, SPACING, 3, curve=CURVE)
    determinant = jacobian_determinant(exponential(fields[0]))
    assert (determinant <= 0).mean() < 1e-3


def test_same_seed_same_cine(pair):
    middle = tuple(array[1:3] for array in pair)
    first, again, other = (animate(*middle, SPACING, 6, seed=seed)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_one_slice_and_anisotropic_pixels(pair):
    one = tuple(array[1:2] for array in pair)
    image, labels = animate(*one, (10.0, 1.0, 2.5), 3, curve=CURVE)
    assert np.isfinite(image).all()
    assert set(np.unique(labels)) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, b, c, d: (a, b, c, d[:, :-1]), "not on one"),
        (lambda a, b, c, d: (a, b, np.zeros_like(c), d), "ED frame has no LV"),
        (lambda a, b, c, d: (a, b, c, np.zeros_like(d)), "ES frame has no LV"),
        (lambda a, b, c, d: (a, a, c, c), "same LV volume"),
        (lambda a, b, c, d: (b, a, d, c), "larger at ES"),
        (lambda a, b, c, d: (a, b, c + 3 * (c == 2), d), "tissues other than"),
        (lambda a, b, c, d: tuple(x[:, :6] for x in (a, b, c, d)), "too small"),
    ],
)
def test_a_pair_that_cannot_be_animated_is_refused(pair, change, message):
    with pytest.raises(ScanError, match=message):
        animate(*change(*pair), SPACING, 6, seed=0)


def two_phase_scan(pair, **changes) -> Scan:
    options = {
        "geometry": Geometry.regular(SPACING, 5),
        "name": "someone",
        "labels": np.stack(pair[2:]),
        "ed_frame": 0,
        "es_frame": 1,
        "source_frames": (0, 9),
        "cycle_ms": 800.0,
        **changes,
    }
    return Scan(image=np.stack(pair[:2]), **options)


def test_scan_becomes_a_whole_labelled_cycle(pair):
    scan = animate_scan(two_phase_scan(pair), 10, seed=5)
    assert scan.shape == (10, 5, 56, 64)
    assert scan.synthetic
    assert scan.has_full_cycle
    assert scan.labelled_frames == tuple(range(10))
    assert scan.ed_frame == 0
    np.testing.assert_array_equal(scan.labels[scan.es_frame], pair[3])
    np.testing.assert_allclose(scan.frame_times_ms, np.arange(10) * 80.0)
    assert "ED and ES frames of someone" in scan.notes[-1].text


def test_unmarked_frames_are_found_by_their_lv(pair):
    swapped = (pair[1], pair[0], pair[3], pair[2])
    scan = animate_scan(two_phase_scan(swapped, ed_frame=None, es_frame=None), 4)
    np.testing.assert_array_equal(scan.labels[0], pair[2])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": None}, "no labels"),
        ({"es_frame": 0}, "ED as well as ES"),
        ({"labelled_frames": (0,)}, "ES frame 2 has no labels"),
    ],
)
def test_scan_without_a_labelled_pair_is_refused(pair, changes, message):
    with pytest.raises(ScanError, match=message) as caught:
        animate_scan(two_phase_scan(pair, **changes))
    assert caught.value.source == "someone"


def test_real_patient(shared_data):
    scan = open_scan(shared_data / "acdc" / "patient049")
    cine = animate_scan(scan, 8)
    for frame, k in ((cine.ed_frame, scan.ed_frame), (cine.es_frame, scan.es_frame)):
        np.testing.assert_array_equal(cine.image[frame], scan.image[k])
        np.testing.assert_array_equal(cine.labels[frame], scan.labels[k])
    volume = (cine.labels == Label.LV).sum(axis=(1, 2, 3))
    assert (np.diff(volume[: cine.es_frame + 1]) < 0).all()
    assert (np.diff(volume[cine.es_frame :]) > 0).all()
