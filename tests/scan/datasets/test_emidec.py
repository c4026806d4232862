import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from helpers.command_runs import run
from helpers.notices import said

from napari_cmr.scan import Code, Label, ScanError, open_scan
from napari_cmr.scan.datasets.emidec import emidec_cases, read_emidec
from napari_cmr.scan.index import index_scans
from napari_cmr.scan.opener import kind_of


def write_picture(path: Path, values: np.ndarray) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values.astype(np.uint8)).save(path)


def write_case(folder: Path, name: str, n_slices: int = 3, *, labels: bool = True) -> np.ndarray:
    rng = np.random.default_rng(n_slices)
    image = rng.integers(0, 255, (n_slices, 12, 10))
    for z in range(n_slices):
        write_picture(folder / "images" / f"{name}_slice{z:03d}.png", image[z])
        if labels:
            truth = np.full((12, 10), z % 5)
            write_picture(folder / "labels" / f"{name}_slice{z:03d}.png", truth)
    return image


def test_a_case_is_a_still_stack_with_our_labels(tmp_path: Path) -> None:
    image = write_case(tmp_path, "Case_P002", 5)
    scan = read_emidec(tmp_path, "P002", spacing=(10.0, 1.6, 1.4))
    np.testing.assert_array_equal(scan.image[0], image)
    assert scan.kind == "lge"
    assert scan.name == "Case_P002"
    assert scan.spacing == (10.0, 1.6, 1.4)
    assert [int(one.max()) for one in scan.labels[0]] == [
        Label.BACKGROUND, Label.LV, Label.MYO, Label.SCAR, Label.NO_REFLOW,
    ]  # fmt: skip
    assert scan.subject.group == "infarct"
    assert not scan.geometry.trusted
    assert not said(scan.notes, Code.SPACING_ASSUMED)


def test_spacing_that_is_assumed_is_said(tmp_path: Path) -> None:
    write_case(tmp_path, "Case_N012")
    scan = read_emidec(tmp_path, "Case_N012")
    assert scan.spacing == (10.0, 1.5, 1.5)
    assert said(scan.notes, Code.SPACING_ASSUMED)


def test_cases_are_listed_and_one_has_to_be_named(tmp_path: Path) -> None:
    write_case(tmp_path, "Case_P002", 4)
    write_case(tmp_path, "Case_N012", 2)
    assert kind_of(tmp_path) == "emidec"
    assert {name: len(files) for name, files in emidec_cases(tmp_path).items()} == {
        "Case_N012": 2,
        "Case_P002": 4,
    }
    index = index_scans(tmp_path)
    assert [(one.key, one.n_slices, one.shape) for one in index.series] == [
        ("Case_N012", 2, (12, 10)),
        ("Case_P002", 4, (12, 10)),
    ]
    assert [one.spacing for one in index.series] == [None, None], "no picture was looked at yet"
    assert [row["pixel (mm)"] for row in index.table()] == ["-", "-"]
    assert index.to_dict()["series"][0]["spacing_mm"] is None
    with pytest.raises(ScanError, match="2 EMIDEC cases"):
        open_scan(tmp_path)
    printed = run("info", tmp_path).stdout
    assert "*" not in printed, "none opens by itself"
    assert "late enhancement" in printed
    assert open_scan(tmp_path, series="Case_P002").n_slices == 4
    with pytest.raises(ScanError, match="no case 'Case_P009'"):
        open_scan(tmp_path, series="Case_P009")


def test_one_case_needs_no_name_and_no_labels(tmp_path: Path) -> None:
    write_case(tmp_path, "Case_P002", labels=False)
    assert open_scan(tmp_path).labels is None


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    write_case(tmp_path, "Case_P002", 4)
    images = tmp_path / "images"
    (tmp_path / "labels" / "Case_P002_slice001.png").unlink()
    with pytest.raises(ScanError, match="labels of 1 of the 4 slices"):
        read_emidec(tmp_path, "P002")
    (images / "Case_P002_slice003.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    with pytest.raises(ScanError, match="damaged"):
        read_emidec(tmp_path, "P002")
    write_picture(images / "Case_P002_slice003.png", np.zeros((7, 7)))
    with pytest.raises(ScanError, match="7 x 7"):
        read_emidec(tmp_path, "P002")
    (images / "Case_P002_slice001.png").unlink()
    with pytest.raises(ScanError, match="slice 001 of Case_P002 is missing"):
        read_emidec(tmp_path, "P002")
    with pytest.raises(ScanError, match="cannot be listed"):
        emidec_cases(tmp_path / "labels")


def test_a_picture_asks_for_no_more_than_there_is(tmp_path: Path) -> None:
    """A chunk may claim gigabytes: Pillow would ask a file for them."""
    write_case(tmp_path, "Case_P002", 4)
    picture = tmp_path / "images" / "Case_P002_slice001.png"
    read_emidec(tmp_path, "P002")  # and imports what that takes
    content = picture.read_bytes()
    length = content.index(b"IDAT") - 4
    picture.write_bytes(content[:length] + (2**31 - 1).to_bytes(4, "big") + content[length + 4 :])
    tracemalloc.start()
    with suppress(ScanError):
        read_emidec(tmp_path, "P002")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**24
    picture.write_bytes(content + bytes(65 << 20))
    with pytest.raises(ScanError, match="too large for a picture"):
        read_emidec(tmp_path, "P002")


def test_real_cases(shared_data: Path) -> None:
    folder = shared_data / "emidec_png"
    if not folder.exists():
        pytest.skip("no EMIDEC data here")
    cases = emidec_cases(folder)
    assert len(cases) == 79
    scan = read_emidec(folder, "Case_P002")
    assert scan.shape[2:] == (256, 256)
    assert (scan.labels == Label.SCAR).sum() > 100


def test_a_stretched_picture_gets_narrower_pixels(shared_data: Path) -> None:
    folder = shared_data / "emidec_png"
    if not folder.exists():
        pytest.skip("no EMIDEC data here")
    scan = read_emidec(folder, "Case_N033")
    _, dy, dx = scan.spacing
    rows, columns = np.nonzero(scan.labels[0, 4] > 0)
    assert dy == 1.5
    assert np.ptp(columns) / np.ptp(rows) > 1.5  # pixels
    assert 0.8 < np.ptp(columns) * dx / (np.ptp(rows) * dy) < 1.25  # mm
    assert any("too wide" in note for note in map(str, scan.notes))
