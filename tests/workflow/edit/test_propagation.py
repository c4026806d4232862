"""Labels carried over the cycle by the motion of the images."""

import numpy as np
import pytest

from napari_cmr.phantom import heart_scan
from napari_cmr.scan import Label, ScanError, open_scan
from napari_cmr.workflow.edit.propagation import n_steps, propagate

STRUCTURES = (Label.LV, Label.MYO, Label.RV)


def run(image, labels, spacing, sources, *, periodic=True):
    """Labels, and how often there was something to see on the way."""
    steps, generator = 0, propagate(image, labels, spacing, sources, periodic=periodic)
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            return stop.value, steps
        steps += 1


def dice(a, b):
    return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))


@pytest.fixture(scope="module")
def cine():
    """Twelve frames of three slices of a beating phantom, whose labels are known."""
    scan = heart_scan("normal", seed=3, n_frames=12)
    middle = scan.n_slices // 2
    return scan.select_slices(range(middle - 1, middle + 2))


def drawn_in(scan, frames):
    labels = np.zeros_like(scan.labels)
    labels[list(frames)] = scan.labels[list(frames)]
    return labels


def test_one_frame_labels_the_whole_cycle(cine):
    labels, steps = run(cine.image, drawn_in(cine, [0]), cine.spacing, [0])
    assert steps == n_steps(12, [0]) == 33
    np.testing.assert_array_equal(labels[0], cine.labels[0])
    cavity = [(frame == Label.LV).sum() for frame in cine.labels]
    es = int(np.argmin(cavity))
    for structure in STRUCTURES:
        still = dice(cine.labels[0] == structure, cine.labels[es] == structure)
        moved = dice(labels[es] == structure, cine.labels[es] == structure)
        assert moved > 0.75
        assert moved > still + 0.05


def test_two_frames_meet_between(cine):
    cavity = [(frame == Label.LV).sum() for frame in cine.labels]
    es = int(np.argmin(cavity))
    labels, steps = run(cine.image, drawn_in(cine, [0, es]), cine.spacing, [0, es])
    assert steps == n_steps(12, [0, es]) == 30
    for frame in range(12):
        for structure in STRUCTURES:
            truth = cine.labels[frame] == structure
            assert dice(labels[frame] == structure, truth) > 0.78, (frame, structure)


def test_a_shifted_heart_is_followed_exactly():
    rng = np.random.default_rng(0)
    y, x = np.indices((64, 64))
    image, truth = np.zeros((3, 1, 64, 64), np.float32), np.zeros((3, 1, 64, 64), np.uint8)
    for frame, shift in enumerate((0, 2, 4)):
        distance = np.hypot(y - 30, x - 30 - shift)
        truth[frame, 0][distance < 14] = Label.MYO
        truth[frame, 0][distance < 9] = Label.LV
        image[frame, 0] = np.select([distance < 9, distance < 14], [1.0, 0.2], 0.5)
    image += rng.normal(0, 0.01, image.shape).astype(np.float32)
    labels = np.zeros_like(truth)
    labels[0] = truth[0]
    moved, _ = run(image, labels, (8.0, 1.5, 1.5), [0], periodic=False)
    assert dice(moved[2] == Label.LV, truth[2] == Label.LV) > 0.96


def test_slices_that_no_source_labels_stay_as_they_are(cine):
    labels = drawn_in(cine, [0])
    labels[0, 2] = 0
    labels[5, 2, 3, 3] = Label.RV
    new, _ = run(cine.image, labels, cine.spacing, [0])
    np.testing.assert_array_equal(new[:, 2], labels[:, 2])
    assert new[5, 1].any()


def test_complex_images_are_followed_by_their_magnitude(cine):
    image = cine.image[:3, :1]
    labels = drawn_in(cine, [0])[:3, :1]
    turned = image * np.exp(1j * np.linspace(0, 6, image.shape[-1])).astype(np.complex64)
    plain, _ = run(image, labels, cine.spacing, [0])
    same, _ = run(turned, labels, cine.spacing, [0])
    assert np.mean(plain != same) < 1e-4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sources": []}, "accept one first"),
        ({"sources": [4]}, "draw them first"),
        ({"sources": [12]}, "12 frames"),
        ({"sources": [-1]}, "12 frames"),
        ({"sources": range(12), "all": True}, "fewer frames"),
        ({"still": True}, "open a cine"),
        ({"other_grid": True}, "own grid"),
        ({"small": True}, "whole image"),
    ],
)
def test_what_cannot_be_propagated_is_refused(cine, change, words):
    image = cine.image
    labels = cine.labels if "all" in change else drawn_in(cine, [0])
    if "still" in change:
        image, labels = image[:1], labels[:1]
    if "other_grid" in change:
        image = image[:, :, :-1]
    if "small" in change:
        image, labels = image[..., :5], np.ones_like(labels[..., :5])
    with pytest.raises(ScanError) as caught:
        run(image, labels, cine.spacing, change.get("sources", [0]))
    assert words in caught.value.remedy


def test_the_motion_of_a_real_cine_is_followed(shared_data):
    scan = open_scan(shared_data / "acdc" / "patient090")
    ed, es = scan.ed_frame, scan.es_frame
    middle = scan.select_slices([3, 4])
    labels = drawn_in(middle, [ed])
    new, _ = run(middle.image, labels, scan.spacing, [ed])
    for structure, least in ((Label.LV, 0.85), (Label.MYO, 0.7)):
        truth = middle.labels[es] == structure
        assert dice(new[es] == structure, truth) > least
        assert dice(new[es] == structure, truth) > dice(labels[ed] == structure, truth) + 0.1
