"""The names of the package itself, and how objects show themselves."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import lively_models
from helpers.cohorts import beating_heart, write_cine
from helpers.reconstruction_models import write_reconstruction_model

import napari_cmr
from napari_cmr.scan import Scan, ScanError, save_labels


@pytest.fixture
def models(tmp_path: Path, monkeypatch):
    yield from lively_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_cine(tmp_path, "heart", 2)
    return tmp_path / "heart.nii.gz"


def test_a_path_becomes_numbers_in_one_call_each(models, path) -> None:
    scan = napari_cmr.open(path)
    assert napari_cmr.measure(path).lv.ef_percent == napari_cmr.measure(scan).lv.ef_percent
    measured = napari_cmr.undersample(scan, 8, seed=3, pattern="uniform")
    assert measured.mask.n_lines.tolist() == [8] * scan.n_frames
    assert measured.acquisition.seed == 3
    found = napari_cmr.segment(measured, device="cpu")
    again = napari_cmr.segment(path, 8, seed=3, pattern="uniform", device="cpu")
    np.testing.assert_array_equal(found.labels, again.labels)
    assert found.labels.any()
    assert napari_cmr.segment(scan, model="syn-net", device="cpu").model == "syn-net"
    assert napari_cmr.undersample(path).mask.is_full
    with pytest.raises(TypeError, match="measured already"):
        napari_cmr.segment(measured, 10)


def test_a_path_becomes_images_in_one_call(models, path) -> None:
    write_reconstruction_model(models)
    measured = napari_cmr.undersample(path, 8, seed=3)
    by_default = napari_cmr.reconstruct(measured, device="cpu")
    assert (by_default.method, by_default.image.dtype) == ("unrolled-net", np.complex64)
    assert by_default.std.shape == by_default.image.shape == napari_cmr.open(path).shape
    options = {"method": "tv-2dt", "settings": {"iterations": 3}}
    found = napari_cmr.reconstruct(measured, **options)
    again = napari_cmr.reconstruct(path, 8, seed=3, **options)
    np.testing.assert_array_equal(found.image, again.image)
    assert found.settings["iterations"] == 3
    with pytest.raises(TypeError, match="measured already"):
        napari_cmr.reconstruct(measured, seed=1)
    with pytest.raises(ScanError, match="choose one of unrolled-net, "):
        napari_cmr.reconstruct(path, 8, method="grappa")


def test_labels_of_any_kind_are_measured(models, path, tmp_path) -> None:
    scan = napari_cmr.open(path)
    save_labels(tmp_path / "other.nii.gz", scan.labels, scan)
    expected = napari_cmr.measure(scan).to_dict()
    assert napari_cmr.measure(scan, scan.labels).to_dict() == expected
    assert napari_cmr.measure(scan, tmp_path / "other.nii.gz").to_dict() == expected
    found = napari_cmr.segment(scan, 8, device="cpu")
    assert napari_cmr.measure(scan, found).frames == expected_frames(scan)
    for labels, problem in (
        (found.labels[:1], "own grid"),
        (found.labels + 0.5, "label values 0.5"),
        (np.full(scan.shape, -1), "label values -1"),
        ([[1, 2]], "own grid"),
    ):
        with pytest.raises(ScanError, match=problem):
            napari_cmr.measure(scan, labels)


def test_what_is_no_scan_and_what_is_no_choice_of_lines_is_said(path) -> None:
    for what in (np.zeros((4, 2, 8, 8)), None):
        with pytest.raises(ScanError, match=f"not {type(what).__name__} .make an array a scan"):
            napari_cmr.reconstruct(what, 4)
    for choices, problem in (
        ({"lines": 0}, "lines=0: .*greater than or equal to 1"),
        ({"lines": 4, "pattern": "spiral"}, "pattern='spiral': .*golden-step"),
        ({"lines": 4, "colour": 1}, "colour=1: .*what may be chosen: lines, pattern, "),
    ):
        with pytest.raises(ScanError, match=problem):
            napari_cmr.undersample(path, **choices)


def expected_frames(scan: Scan) -> tuple[int, ...]:
    return tuple(range(scan.n_frames))


def test_objects_are_told_in_a_line_and_a_small_table(models, path) -> None:
    scan = napari_cmr.open(path).with_(name="<b>heart</b>")
    measured = napari_cmr.undersample(scan, 8)
    found = napari_cmr.segment(measured, device="cpu")
    image = napari_cmr.reconstruct(measured, method="view-sharing")
    function = napari_cmr.measure(scan)
    for one, words in (
        (scan, "<Scan: name '<b>heart</b>', kind cine, "),
        (measured, "<Measured: lines 8 of 40 per frame, acceleration 5.0, "),
        (found, "<Segmentation: model pooled-net (live), on cpu, "),
        (image, "<Reconstruction: method view-sharing, image 6 frames x 2 slices x 40 x 40, "),
        (function, "<CardiacFunction: LV mass "),
    ):
        assert repr(one).startswith(words)
        assert len(repr(one)) < 250
        html = one._repr_html_()
        assert html.startswith("<table>")
        assert "<b>" not in html
        assert len(html) < 1500
    assert "6 frames x 2 slices x 40 x 40" in repr(scan)
    one = beating_heart(1, 1).with_(labels=None, labelled_frames=(), es_frame=None, ed_frame=None)
    assert "1 frame x 2 slices" in repr(one)
    assert "labels" not in repr(one)


def test_the_package_alone_is_cheap() -> None:
    code = (
        "import sys, napari_cmr; assert not {'torch', 'napari', 'numpy'} & set(sys.modules);"
        "assert set(napari_cmr.__all__) <= set(dir(napari_cmr)); napari_cmr.open;"
        "print(*({'torch', 'napari', 'qtpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_other_names_are_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'close'"):
        napari_cmr.close  # noqa: B018
