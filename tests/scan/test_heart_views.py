import numpy as np
import pytest
from helpers import dicom_files as df
from helpers.scan_files import (
    coil_images,
    forward,
    random_image,
    write_acdc,
    write_cmrxrecon,
    write_nifti,
)

from napari_cmr.scan import ScanError, open_scan
from napari_cmr.scan.heart_views import BASE_TO_APEX, view_of, view_of_normal
from napari_cmr.scan.raw.decode import decode_raw


@pytest.mark.parametrize(
    ("words", "view"),
    [
        ("cine_lax", "LAX"),
        ("horizontal long axis", "4CH"),
        ("long axis", "LAX"),
        ("relax", None),
        ("la_2ch", "2CH"),
    ],
)
def test_words_for_long_axes(words, view):
    assert view_of(words) == view


def test_planes_along_and_across_the_axis():
    left = np.array([1.0, 0.0, 0.0]) - BASE_TO_APEX[0] * BASE_TO_APEX
    left /= np.linalg.norm(left)
    up = np.cross(BASE_TO_APEX, left)

    def plane(degrees):
        angle = np.deg2rad(degrees)
        return np.cos(angle) * left + np.sin(angle) * up

    found = [view_of_normal(plane(angle)) for angle in (98, 157, 38, 98 + 180)]
    assert found == ["4CH", "2CH", "3CH", "4CH"]
    assert view_of_normal(-BASE_TO_APEX) == "SAX"
    tilted = BASE_TO_APEX + 0.5 * left  # 27 degrees away: within what hearts differ by
    tilted /= np.linalg.norm(tilted)
    assert view_of_normal(tilted) == "SAX"
    assert view_of_normal(tilted, BASE_TO_APEX) == "other"


def test_readers_say_the_view(tmp_path):
    df.write_cine(tmp_path / "sax")
    df.write_cine(tmp_path / "4ch", n_slices=1, SeriesDescription="cine 4ch")
    assert open_scan(tmp_path / "sax").view == "SAX"
    assert open_scan(tmp_path / "4ch").view == "4CH"
    stack = random_image((9, 7, 4, 3))
    for name, view in (("heart", "SAX"), ("la_3ch", "3CH"), ("001_LA_CINE", "LAX")):
        assert open_scan(write_nifti(tmp_path / f"{name}.nii.gz", stack)).view == view
    assert open_scan(write_acdc(tmp_path / "patient001")).view == "SAX"
    kspace = forward(coil_images((2, 3, 6, 8), 1))
    for name, view in (("cine_sax", "SAX"), ("cine_lax", "LAX")):
        assert decode_raw(write_cmrxrecon(tmp_path / f"{name}.mat", kspace), None).view == view


def test_one_oblique_nifti_slice_is_known_by_its_affine(tmp_path):
    rows = np.cross([0.0, 0.0, 1.0], BASE_TO_APEX)
    rows /= np.linalg.norm(rows)
    affine = np.eye(4)
    affine[:3, :3] = np.stack([rows, np.cross(BASE_TO_APEX, rows), BASE_TO_APEX], axis=1) * 2.0
    affine[:2] *= -1  # LPS+ to RAS+
    image = random_image((9, 7, 1, 3))
    assert open_scan(write_nifti(tmp_path / "a.nii.gz", image, affine)).view == "SAX"
    along = affine[:, [2, 1, 0, 3]]
    assert open_scan(write_nifti(tmp_path / "b.nii.gz", image, along)).is_long_axis
    # Axes along the scanner's are what is written where nothing is known.
    assert open_scan(write_nifti(tmp_path / "c.nii.gz", image, np.eye(4))).view == "other"


def test_volumes_are_refused_on_a_long_axis(tmp_path):
    scan = open_scan(write_nifti(tmp_path / "4ch.nii.gz", random_image((9, 7, 4, 3))))
    with pytest.raises(ScanError, match=r"4-chamber view.*short-axis stack"):
        scan.check_volumes()
    scan.with_(view="other").check_volumes()
