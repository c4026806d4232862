"""The 17 segments on drawn hearts whose segments are known by construction."""

import numpy as np
import pytest
from helpers.notices import said

from napari_cmr.analysis.aha import SEGMENT_NAMES, aha_model, level_of
from napari_cmr.analysis.septum import insertion_points
from napari_cmr.scan import Code, Geometry, Label, ScanError

SIZE, PIXEL = 96, 1.5
CENTRE = (46.0, 50.0)


def heart(turn_deg=0.0, n_slices=9, n_frames=1, *, mirrored=False, rv=True, apex=True):
    """A ring with an RV whose insertions are 60 degrees to both sides of the septum.

    The septum faces left at no turn; slices run from base to apex; the last one has no cavity.
    """
    y, x = np.indices((SIZE, SIZE))
    y, x = (y - CENTRE[0]), (x - CENTRE[1])
    angle = np.rad2deg(np.arctan2(y, x))
    away = np.mod(angle - 180 - turn_deg + 180, 360) - 180
    radius = np.hypot(y, x)
    labels = np.zeros((n_frames, n_slices, SIZE, SIZE), dtype=np.uint8)
    for z in range(n_slices):
        cap = apex and z == n_slices - 1
        inner = 0 if cap else 15 - z
        if rv and z < n_slices - 2:
            labels[:, z, (radius < inner + 18) & (np.abs(away) < 60)] = Label.RV
        labels[:, z, radius < inner + 7] = Label.MYO
        labels[:, z, radius < inner] = Label.LV
    return labels[..., ::-1] if mirrored else labels


def sax_affine(mirrored=False):
    """Slices as on a scanner's console: columns to the left and front, rows down, and the apex."""
    column = np.array([-0.62, -0.78, 0.0])
    column /= np.linalg.norm(column)
    to_apex = np.array([-0.65, 0.55, -0.52])
    to_apex -= column * (column @ to_apex)
    to_apex /= np.linalg.norm(to_apex)
    row = np.cross(column, to_apex)
    row = row if row[2] < 0 else -row
    affine = np.eye(4)
    affine[:3, 0] = (-column if mirrored else column) * PIXEL
    affine[:3, 1] = row * PIXEL
    affine[:3, 2] = to_apex * 9.0
    return affine


def untrusted(n_slices=9):
    return Geometry.regular((9.0, PIXEL, PIXEL), n_slices)


def at(model, z, degrees, radius=15.0, t=0):
    """Segment at an angle clockwise from the right of the screen."""
    cy, cx = model.centres[t, z]
    y = round(cy + radius * np.sin(np.deg2rad(degrees)))
    x = round(cx + radius * np.cos(np.deg2rad(degrees)))
    return int(model.segments[t, z, y, x])


def test_names_of_the_standard() -> None:
    assert len(SEGMENT_NAMES) == 17
    assert SEGMENT_NAMES[1] == "basal anteroseptal"
    assert [level_of(k) for k in (1, 6, 7, 12, 13, 16, 17)] == [
        "basal", "basal", "mid", "mid", "apical", "apical", "apex",
    ]  # fmt: skip
    with pytest.raises(ScanError):
        level_of(18)


def test_each_wall_gets_its_number_on_the_usual_view() -> None:
    model = aha_model(heart(), untrusted())
    assert model.septum_from == "labels"
    assert model.anterior_from == "assumed"
    assert said(model.notes, Code.ANTERIOR_ASSUMED)
    np.testing.assert_allclose(np.cos(model.septum), -1.0, atol=0.01)
    # Anterior is up (-90), the septum left (180), inferior down (90), lateral right (0).
    ring = {-90: 1, -150: 2, 150: 3, 90: 4, 30: 5, -30: 6}
    assert {angle: at(model, 0, angle, 18.0) for angle in ring} == ring
    assert {angle: at(model, 4, angle) for angle in ring} == {a: n + 6 for a, n in ring.items()}
    quarters = {-90: 13, 180: 14, 90: 15, 0: 16}
    assert {angle: at(model, 7, angle, 11.0) for angle in quarters} == quarters
    assert set(np.unique(model.segments[0, 8])) == {0, 17}


@pytest.mark.parametrize("turn", [0.0, 40.0, -75.0, 170.0])
def test_sectors_turn_with_the_heart_and_hang_on_the_insertions(turn) -> None:
    labels = heart(turn)
    model = aha_model(labels, untrusted())
    start, end, touching = insertion_points(
        labels[0, 2] == Label.RV, labels[0, 2] == Label.MYO, np.array(CENTRE), (PIXEL, PIXEL)
    )
    assert np.rad2deg(end - start) == pytest.approx(120, abs=5)
    assert touching > 10
    assert at(model, 2, 180 + turn + 5) == 2
    assert at(model, 2, 180 + turn - 5) == 3
    assert at(model, 2, 180 + turn + 90) == 1
    # Every segment of a ring has a sixth of its muscle.
    sizes = np.bincount(model.segments[0, 2].ravel(), minlength=18)[1:7]
    np.testing.assert_allclose(sizes / sizes.mean(), 1.0, atol=0.06)


@pytest.mark.parametrize("mirrored", [False, True])
def test_patient_directions_tell_anterior_in_a_mirror_image_too(mirrored) -> None:
    labels = heart(mirrored=mirrored)
    geometry = Geometry.from_affine(sax_affine(mirrored), 9)
    model = aha_model(labels, geometry)
    assert model.anterior_from == "patient directions"
    assert model.towards_anterior == (-1 if mirrored else 1)
    assert at(model, 0, -90, 18.0) == 1
    assert at(model, 0, 90, 18.0) == 4
    assert at(model, 0, (-30 if mirrored else -150), 18.0) == 2
    assert not model.notes


def test_a_right_ventricle_that_ends_elsewhere_turns_its_slice_by_30_degrees_at_most() -> None:
    labels = heart()
    labels[:, 5:7] = heart(80.0)[:, 5:7]
    model = aha_model(labels, untrusted())
    turned = np.rad2deg(np.angle(np.exp(1j * (model.septum[0] - model.septum[0, 0]))))
    assert 25 < turned[6] < 62
    assert np.ptp(turned) < 61


def test_slices_from_apex_to_base_get_the_same_levels() -> None:
    upright = aha_model(heart(), untrusted())
    turned = aha_model(heart()[:, ::-1], untrusted())
    assert turned.levels == upright.levels[::-1]
    assert upright.levels == ("basal",) * 3 + ("mid",) * 2 + ("apical",) * 3 + ("apex",)


@pytest.mark.parametrize(("n", "levels"), [(1, {"mid"}), (2, {"basal", "apical"})])
def test_few_slices_are_placed_and_said(n, levels) -> None:
    model = aha_model(heart(n_slices=n, apex=False), untrusted(n))
    assert set(model.levels) == levels
    assert said(model.notes, Code.LEVELS_MISSING)


def test_an_open_ring_at_the_base_is_left_out() -> None:
    labels = heart()
    _, x = np.indices((SIZE, SIZE))
    open_side = (x > CENTRE[1]) & (labels[0, 0] == Label.MYO)
    labels[0, 0, open_side] = 0
    model = aha_model(labels, untrusted())
    assert model.levels[0] is None
    assert model.levels[1] == "basal"
    assert not model.segments[0, 0].any()
    assert [one.slices for one in said(model.notes, Code.RING_OPEN)] == [(0,)]


def test_without_rv_the_septum_is_assumed_or_given() -> None:
    labels = heart(rv=False)
    assumed = aha_model(labels, untrusted())
    assert assumed.septum_from == "assumed"
    assert said(assumed.notes, Code.SEPTUM_ASSUMED)
    assert at(assumed, 0, -90, 18.0) == 1
    given = aha_model(labels, untrusted(), septum_deg=90.0)
    assert given.septum_from == "given"
    assert at(given, 0, 180, 18.0) == 1
    known = aha_model(labels, Geometry.from_affine(sax_affine(), 9))
    assert known.septum_from == "patient directions"
    assert at(known, 0, -90, 18.0) == 1


def test_empty_slices_and_frames_do_not_matter() -> None:
    labels = heart(n_frames=3)
    labels = np.concatenate([np.zeros_like(labels[:, :2]), labels, np.zeros_like(labels[:, :1])], 1)
    labels[1] = 0
    model = aha_model(labels, untrusted(12))
    assert model.levels[:3] == (None, None, "basal")
    assert not model.segments[1].any()
    np.testing.assert_array_equal(model.segments[0], model.segments[2])


def test_a_sector_on_the_screen_is_where_its_voxels_are() -> None:
    model = aha_model(heart(25.0), untrusted())
    for segment in (1, 6, 9, 14, 16):
        z = model.slices_of(segment)[0]
        low, high = model.sector(segment, z, 0)
        y, x = np.nonzero(model.segments[0, z] == segment)
        cy, cx = model.centres[0, z]
        away = np.mod(np.arctan2(y - cy, x - cx) - low, 2 * np.pi)
        assert y.size
        assert (away <= high - low + 1e-6).all()


def test_what_cannot_be_parted_is_refused() -> None:
    nothing = np.zeros((1, 9, SIZE, SIZE), dtype=np.uint8)
    with pytest.raises(ScanError, match="nothing is labelled"):
        aha_model(nothing, untrusted())
    only_rv = np.where(heart() == Label.RV, Label.RV, 0)
    with pytest.raises(ScanError, match="no LV cavity"):
        aha_model(only_rv, untrusted())
    with pytest.raises(ScanError, match="do not fit"):
        aha_model(heart(), untrusted(4))
