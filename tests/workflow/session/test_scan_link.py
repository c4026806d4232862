"""A session finds its scan again, and reaches nowhere else."""

import os

import numpy as np
import pytest
from PIL import Image

from napari_cmr.phantom.samples import SAMPLES
from napari_cmr.scan import Geometry, Scan, ScanError, open_scan, save_image, save_labels
from napari_cmr.workflow.session.file import ScanReference
from napari_cmr.workflow.session.scan_link import (
    open_session_scan,
    reference_to,
    scan_digest,
    scan_path,
)

SHAPE = (3, 2, 6, 5)


def make(**changes) -> Scan:
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    return Scan(image, Geometry.regular((8.0, 2.0, 2.0), SHAPE[1]), **changes)


@pytest.fixture
def folder(tmp_path):
    """A folder with a scan in a folder below, and a file outside that nobody may reach."""
    inside = tmp_path / "study"
    (inside / "images").mkdir(parents=True)
    save_image(inside / "images" / "cine.nii.gz", make().image, make())
    save_image(tmp_path / "secret.nii.gz", make().image, make())
    return inside


def refer(path: str, **changes) -> ScanReference:
    fields = {"path": path, "name": "cine", "shape": SHAPE, "sha256": "0" * 64} | changes
    return ScanReference(**fields)


def test_the_digest_is_of_what_was_read(tmp_path) -> None:
    scan = make()
    digest = scan_digest(scan)
    assert digest == scan_digest(make(name="another name"))
    assert digest == scan_digest(scan.with_(labels=np.zeros(SHAPE, np.uint8)))
    touched = scan.image.copy()
    touched[1, 1, 2, 3] = np.nextafter(touched[1, 1, 2, 3], np.float32(2))
    assert digest != scan_digest(scan.with_(image=touched))
    assert digest != scan_digest(scan.with_(phase_encode_axis="X"))
    assert digest != scan_digest(scan.with_(image=scan.image.astype(np.complex64)))
    wider = Geometry.regular((9.0, 2.0, 2.0), SHAPE[1])
    assert digest != scan_digest(scan.with_(geometry=wider))
    for name in ("a.nii", "a.nii.gz"):
        save_image(tmp_path / name, scan.image, scan)
    assert scan_digest(open_scan(tmp_path / "a.nii")) == scan_digest(
        open_scan(tmp_path / "a.nii.gz")
    )


def test_a_case_of_a_folder_of_pictures_is_found_again(tmp_path) -> None:
    for name, grey in (("Case_N012", 40), ("Case_P002", 90)):
        path = tmp_path / "emidec" / "images" / f"{name}_slice000.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((12, 10), grey, np.uint8)).save(path)
    scan = open_scan(tmp_path / "emidec", series="Case_P002")
    session = tmp_path / "x.cmr-session.json"
    reference = reference_to(scan, session)
    assert reference.series == "Case_P002"
    assert np.array_equal(open_session_scan(reference, session).image, scan.image)


def test_a_scan_below_the_session_is_named_from_there(folder, tmp_path) -> None:
    scan = open_scan(folder / "images" / "cine.nii.gz")
    session = folder / "x.cmr-session.json"
    reference = reference_to(scan, session)
    assert reference.path == "images/cine.nii.gz"
    assert reference.shape == SHAPE
    again = open_session_scan(reference, session)
    assert np.array_equal(again.image, scan.image)
    folder.rename(tmp_path / "moved")  # the folder may move as a whole
    open_session_scan(reference, tmp_path / "moved" / session.name)


def test_a_scan_elsewhere_is_named_by_its_whole_path(folder, tmp_path) -> None:
    scan = open_scan(tmp_path / "secret.nii.gz")
    reference = reference_to(scan, folder / "x.cmr-session.json")
    assert reference.path == str((tmp_path / "secret.nii.gz").resolve())
    open_session_scan(reference, folder / "x.cmr-session.json")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.nii.gz",
        "images/../../secret.nii.gz",
        "images/../images/cine.nii.gz",
        "..\\secret.nii.gz",
        "images\\..\\..\\secret.nii.gz",
        "..",
        "//server/share/scan.nii.gz",
        "\\\\server\\share\\scan.nii.gz",
        "a\0b.nii.gz",
    ],
)
def test_a_relative_path_stays_in_the_folder_of_the_session(folder, path) -> None:
    with pytest.raises(ScanError) as raised:
        open_session_scan(refer(path), folder / "x.cmr-session.json")
    assert "--scan" in str(raised.value)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_does_not_lead_out_of_the_folder(folder, tmp_path) -> None:
    (folder / "link.nii.gz").symlink_to(tmp_path / "secret.nii.gz")
    (folder / "up").symlink_to(tmp_path)
    (folder / "near.nii.gz").symlink_to(folder / "images" / "cine.nii.gz")
    session = folder / "x.cmr-session.json"
    for path in ("link.nii.gz", "up/secret.nii.gz", "up"):
        with pytest.raises(ScanError, match="outside of its own folder"):
            scan_path(refer(path), session)
    assert scan_path(refer("near.nii.gz"), session) == folder / "images" / "cine.nii.gz"


def test_links_in_a_circle_are_an_error(folder) -> None:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    with pytest.raises(ScanError):
        open_session_scan(refer("a/cine.nii.gz"), folder / "x.cmr-session.json")


def test_a_missing_scan_is_said_to_be_missing(folder) -> None:
    with pytest.raises(ScanError, match=r"scan of the session is missing.*--scan PATH"):
        open_session_scan(refer("images/gone.nii.gz"), folder / "x.cmr-session.json")


def test_a_scan_that_moved_can_be_named(folder, tmp_path) -> None:
    scan = open_scan(folder / "images" / "cine.nii.gz")
    reference = reference_to(scan, folder / "x.cmr-session.json")
    (folder / "images" / "cine.nii.gz").rename(tmp_path / "elsewhere.nii.gz")
    again = open_session_scan(
        reference, folder / "x.cmr-session.json", instead=tmp_path / "elsewhere.nii.gz"
    )
    assert np.array_equal(again.image, scan.image)


def test_a_scan_that_changed_is_refused(folder) -> None:
    path = folder / "images" / "cine.nii.gz"
    scan = open_scan(path)
    reference = reference_to(scan, folder / "x.cmr-session.json")
    save_image(path, scan.image * 1.01, scan)
    with pytest.raises(ScanError, match="has changed since the session was saved"):
        open_session_scan(reference, folder / "x.cmr-session.json")
    other = scan.with_(image=scan.image[:2], frame_times_ms=None)
    save_image(path, other.image, other)
    with pytest.raises(ScanError, match="has changed"):
        open_session_scan(reference, folder / "x.cmr-session.json")


def test_what_is_no_scan_is_refused(folder) -> None:
    (folder / "evil.py").write_text("raise SystemExit")
    for path in ("evil.py", ".", "/dev/zero", "images", "x" * 3000):
        with pytest.raises(ScanError):
            open_session_scan(refer(path), folder / "x.cmr-session.json")


def test_a_sample_is_named(tmp_path) -> None:
    scan = SAMPLES["normal"]()
    reference = reference_to(scan, tmp_path / "x.cmr-session.json")
    assert (reference.sample, reference.path) == ("normal", None)
    assert open_session_scan(reference, tmp_path / "x.cmr-session.json") is scan
    with pytest.raises(ScanError, match="unknown sample heart"):
        open_session_scan(refer(None, sample="os.system"), tmp_path / "x.cmr-session.json")


def test_a_scan_from_nowhere_cannot_be_referred_to(tmp_path) -> None:
    with pytest.raises(ScanError, match="came from no file"):
        reference_to(make(), tmp_path / "x.cmr-session.json")


def test_a_series_of_a_dicom_folder_is_named(shared_data, tmp_path) -> None:
    found = sorted((shared_data / "sunnybrook").glob("*"))
    folder = next((one for one in found if one.is_dir()), None)
    if folder is None:
        pytest.skip("no Sunnybrook folder")
    scan = open_scan(folder)
    reference = reference_to(scan, tmp_path / "x.cmr-session.json")
    again = open_session_scan(reference, tmp_path / "x.cmr-session.json")
    assert np.array_equal(again.image, scan.image)


def test_labels_beside_the_scan_do_not_count(folder) -> None:
    path = folder / "images" / "cine.nii.gz"
    scan = open_scan(path)
    reference = reference_to(scan, folder / "x.cmr-session.json")
    save_labels(folder / "images" / "cine_labels.nii.gz", np.ones(SHAPE, np.uint8), scan)
    assert open_session_scan(reference, folder / "x.cmr-session.json").labels is not None
