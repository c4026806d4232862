"""A scan checks that its parts fit each other, and stays right when parts of it change."""

import numpy as np
import pytest
from helpers.small_scans import make_scan

from napari_cmr.scan import Geometry, Label, RawKSpace, Scan, ScanError

IMAGE = np.ones((4, 2, 6, 5), np.float32)
GEOMETRY = Geometry.regular((8.0, 1.5, 1.25), 2)


def scan(**fields) -> Scan:
    return Scan(**{"image": IMAGE, "geometry": GEOMETRY, **fields})


def raw_data(shape: tuple[int, ...]) -> RawKSpace:
    kspace = np.ones((3, *shape), np.complex64)
    return RawKSpace(kspace, np.ones(shape[:3], bool), GEOMETRY)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"image": IMAGE[0]}, "not a .T, Z, Y, X. stack"),
        ({"image": IMAGE[:0]}, "not a .T, Z, Y, X. stack"),
        ({"image": IMAGE * np.nan}, "NaN or infinite"),
        ({"image": np.where(IMAGE[0, 0, 0, 0] == IMAGE, -1e16, IMAGE)}, "up to 1.0e.16, which are"),
        ({"image": IMAGE.astype(complex) + 1e300j}, "NaN or infinite"),
        ({"image": IMAGE.astype(str)}, "holds no numbers"),
        ({"geometry": Geometry.regular((8, 1, 1), 3)}, "geometry of 3 slices for an image of 2"),
        ({"frame_times_ms": np.arange(3.0)}, "3 frame times for 4 frames"),
        ({"labels": np.zeros((4, 2, 6, 6), int)}, "on an image of shape"),
        ({"labels": np.full(IMAGE.shape, max(Label) + 1)}, "not a Label"),
        ({"labels": np.full(IMAGE.shape, -1)}, "not a Label"),
        ({"ed_frame": 4}, "outside the 4 frames"),
        ({"es_frame": -1}, "outside the 4 frames"),
        ({"labelled_frames": (0, 4)}, "outside the 4 frames"),
    ],
)
def test_parts_that_do_not_fit_are_refused(fields, problem) -> None:
    with pytest.raises(ScanError, match=problem):
        scan(**fields)


def test_numbers_have_one_type_each() -> None:
    assert scan(image=IMAGE.astype(np.int16)).image.dtype == np.float32
    assert scan(image=IMAGE.astype(complex)).image.dtype == np.complex64
    labelled = scan(labels=np.ones(IMAGE.shape, int), frame_times_ms=[0, 1, 2, 3])
    assert labelled.labels.dtype == np.uint8
    assert labelled.frame_times_ms.dtype == np.float64


def test_sizes_are_those_of_the_image() -> None:
    one = scan()
    assert (one.shape, one.n_frames, one.n_slices) == ((4, 2, 6, 5), 4, 2)
    assert one.spacing == (8.0, 1.5, 1.25)
    assert one.n_phase_encodes == 6
    assert scan(phase_encode_axis="X").n_phase_encodes == 5


def test_labels_are_of_every_frame_unless_it_is_said() -> None:
    labels = np.zeros(IMAGE.shape, int)
    assert scan(labels=labels).labelled_frames == (0, 1, 2, 3)
    assert scan(labels=labels, labelled_frames=(0, 2)).labelled_frames == (0, 2)
    assert scan().labelled_frames == ()


@pytest.mark.parametrize(
    ("fields", "whole"),
    [
        ({}, True),
        ({"image": IMAGE[:2]}, False),
        ({"image": IMAGE[:3]}, True),
        ({"source_frames": (0, 3, 5, 9)}, False),
        ({"n_beats": 2.0}, False),
    ],
)
def test_a_cycle_is_whole_or_not(fields, whole) -> None:
    assert scan(**fields).has_full_cycle is whole


def test_volumes_are_refused_along_the_ventricle() -> None:
    scan().check_volumes()
    for view in ("2CH", "3CH", "4CH", "LAX"):
        assert scan(view=view).is_long_axis
        with pytest.raises(ScanError, match="cuts along the ventricle"):
            scan(view=view).check_volumes()


def test_raw_data_fit_the_image_and_go_with_it() -> None:
    raw = raw_data(IMAGE.shape)
    one = scan(raw=raw)
    assert one.with_(name="other").raw is raw
    assert one.with_(image=IMAGE * 2).raw is None
    assert one.with_(image=IMAGE * 2, raw=raw).raw is raw
    assert one.select_slices([1]).raw.kspace.shape == (3, 4, 1, 6, 5)
    with pytest.raises(ScanError, match="k-space of shape"):
        scan(raw=raw_data((4, 2, 6, 4)))
    with pytest.raises(ScanError, match="k-space of shape"):
        scan(raw=raw, phase_encode_axis="X")


def test_slices_are_taken_in_the_order_asked_for() -> None:
    one = make_scan(n_frames=2, n_slices=3)
    some = one.select_slices([2, 0])
    np.testing.assert_array_equal(some.image[:, 0], one.image[:, 2])
    np.testing.assert_array_equal(some.labels[:, 1], one.labels[:, 0])
    np.testing.assert_allclose(some.geometry.affines[0], one.geometry.affines[2])


def test_one_line_says_what_it_is() -> None:
    said = repr(scan(labels=np.ones(IMAGE.shape, int), labelled_frames=(1,), cycle_ms=812.4))
    for part in ("4 frames x 2 slices x 6 x 5", "8.0 x 1.50 x 1.25 mm", "in 1 frame,", "812 ms"):
        assert part in said
    assert "coil" not in said
    assert "synthetic yes" in repr(scan(synthetic=True))
