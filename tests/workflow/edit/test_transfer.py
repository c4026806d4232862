"""Contours of a cine on the slices of a late enhancement scan of the same heart, and back."""

import numpy as np
import pytest

from napari_cmr.phantom import heart_scan
from napari_cmr.phantom.parameters import Protocol
from napari_cmr.scan import Geometry, Label, ScanError
from napari_cmr.workflow.edit.transfer import carry_image, carry_labels, matching_frame

PROTOCOL = Protocol(n_rows=96, n_columns=96, pixel_mm=2.8, acquired_pixel_mm=3.5)


@pytest.fixture(scope="module")
def cine():
    return heart_scan("infarct", n_frames=12, protocol=PROTOCOL)


@pytest.fixture(scope="module")
def lge():
    return heart_scan("infarct", lge=True, protocol=PROTOCOL)


def muscle(labels):
    return np.isin(labels, (Label.MYO, Label.SCAR, Label.NO_REFLOW))


def dice(one, other):
    return 2 * (one & other).sum() / (one.sum() + other.sum())


def turned(scan):
    """The same heart on other slices: a quarter turn, a smaller view, and slices in between."""
    turn = np.array([[0, -1, 0, 95], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], float)
    crop = np.eye(4)
    crop[:2, 3] = 10, 14
    affines = scan.geometry.affines @ turn @ crop
    rotate = lambda array: np.rot90(array, axes=(-2, -1), k=1)[..., 14:, 10:]  # noqa: E731
    geometry = Geometry(scan.spacing, affines, trusted=True)
    return scan.with_(
        image=rotate(scan.image).copy(), labels=rotate(scan.labels).copy(), geometry=geometry
    )


def test_the_frame_is_that_of_the_same_phase(cine, lge) -> None:
    frame = matching_frame(cine, lge)
    assert frame == 10  # 0.82 of the cycle
    assert matching_frame(cine, lge.with_(frame_times_ms=None)) == cine.ed_frame
    assert matching_frame(cine, lge.with_(cycle_ms=None), ed_frame=3) == 3
    assert matching_frame(lge, lge) == 0


def test_contours_of_the_cine_are_those_of_the_late_enhancement_scan(cine, lge) -> None:
    frame = matching_frame(cine, lge)
    carried = carry_labels(cine, cine.labels[frame], lge, frame=frame)
    assert carried.covered.all()
    truth = lge.labels[0]
    assert dice(carried.values == Label.LV, truth == Label.LV) > 0.95
    assert dice(muscle(carried.values), muscle(truth)) > 0.9
    assert carried.frame == frame


def test_other_slices_and_directions_are_met(cine, lge) -> None:
    frame = matching_frame(cine, lge)
    other = turned(lge)
    np.testing.assert_array_equal(
        carry_labels(lge, lge.labels[0], other).values, other.labels[0]
    )  # what is turned is only turned
    carried = carry_labels(cine, cine.labels[frame], other, frame=frame)
    assert dice(carried.values == Label.LV, other.labels[0] == Label.LV) > 0.95


def test_between_two_slices_lies_a_shape_between_them(cine) -> None:
    affines = cine.geometry.affines.copy()
    affines[:-1, :3, 3] = (affines[:-1, :3, 3] + affines[1:, :3, 3]) / 2
    between = cine.with_(
        image=cine.image[:1, :-1],
        labels=None,
        labelled_frames=(),
        geometry=Geometry(cine.spacing, affines[:-1], trusted=True),
        ed_frame=None,
        es_frame=None,
        frame_times_ms=None,
    )
    labels = cine.labels[0]
    found = carry_labels(cine, labels, between).values
    area = (labels == Label.LV).sum(axis=(1, 2))
    for z, between_area in enumerate((found == Label.LV).sum(axis=(1, 2))):
        low, high = sorted(area[[z, z + 1]])
        assert 0.8 * low <= between_area <= 1.2 * high + 1


def test_scar_is_muscle_in_a_cine(cine, lge) -> None:
    carried = carry_labels(lge, lge.labels[0], cine)
    assert set(np.unique(carried.values)) <= {0, Label.LV, Label.MYO, Label.RV}
    kept = carry_labels(lge, lge.labels[0], lge)
    np.testing.assert_array_equal(kept.values, lge.labels[0])


def test_the_picture_comes_along(cine, lge) -> None:
    frame = matching_frame(cine, lge)
    same = carry_image(cine, lge, frame)
    np.testing.assert_allclose(same.values, cine.image[frame], atol=0.5)
    short = cine.with_(
        image=cine.image[:, 2:4],
        labels=None,
        labelled_frames=(),
        geometry=cine.geometry.select_slices(slice(2, 4)),
    )
    part = carry_image(short, lge, frame)
    assert part.covered.tolist() == [k in (2, 3) for k in range(lge.n_slices)]
    assert not part.values[5].any()


def test_what_cannot_be_carried_is_said(cine, lge) -> None:
    labels = cine.labels[0]
    with pytest.raises(ScanError, match="no labels"):
        carry_labels(cine, np.zeros_like(labels), lge)
    with pytest.raises(ScanError, match="for slices of"):
        carry_labels(cine, labels[:-1], lge)
    guessed = lge.with_(geometry=Geometry.regular(lge.spacing, lge.n_slices))
    with pytest.raises(ScanError, match="where its slices lie"):
        carry_labels(cine, labels, guessed)
    affines = lge.geometry.affines.copy()
    affines[:, :3, 3] += 1000.0
    far = lge.with_(geometry=Geometry(lge.spacing, affines, trusted=True))
    with pytest.raises(ScanError, match="lie apart"):
        carry_labels(cine, labels, far)
    askew = lge.geometry.affines.copy()
    askew[:, :3, 0] = np.cross(askew[0, :3, 0], askew[0, :3, 1]) / lge.spacing[1]
    tilted = lge.with_(geometry=Geometry(lge.spacing, askew, trusted=True))
    with pytest.raises(ScanError, match="degrees to each other"):
        carry_labels(cine, labels, tilted)
