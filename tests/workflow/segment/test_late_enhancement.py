"""Segmenting late enhancement: files, numbers, and warnings that the user needs."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from helpers import fake_lge as fake
from helpers.notices import codes

from napari_cmr.cli.output import print_still
from napari_cmr.scan import Label, ScanError, read_labels
from napari_cmr.workflow.segment.late_enhancement import lge_record, segment_lge
from napari_cmr.workflow.segment.result_files import ResultFiles, save_result
from napari_cmr.zoo.tasks.late_enhancement import LgeSteps
from napari_cmr.zoo.tasks.localisation import HeartLocation


@pytest.fixture(autouse=True)
def models(monkeypatch):
    """The stand-in, and a heart that is always found in the same place."""
    fake.in_use(monkeypatch, HeartLocation(45.0, 50.0, 0.97))


def test_a_stack_gives_labels_volumes_and_mass(tmp_path) -> None:
    scan = fake.bright_heart()
    result = segment_lge(scan)
    content = lge_record(scan, result)
    files = ResultFiles(tmp_path / "l.nii.gz", tmp_path / "n.json", tmp_path / "n.csv")
    save_result(scan, result.labels, content, files)
    assert content == json.loads((tmp_path / "n.json").read_text())
    assert "lv_mass_g" in (tmp_path / "n.csv").read_text()
    assert np.array_equal(read_labels(tmp_path / "l.nii.gz", None, scan), result.labels)
    cavity_ml = (scan.labels == Label.LV).sum() * np.prod(scan.spacing) / 1000
    assert content["lv"]["volumes_ml"] == [pytest.approx(cavity_ml, rel=0.1)]
    assert content["lv"]["ef_percent"] is None
    assert content["lv_mass_g"] == pytest.approx(np.pi * (2.6**2 - 1.6**2) * 5 * 1.05, rel=0.1)
    assert (content["members"], content["views"]) == (2, 4)
    assert content["post_processing"] == ["dense-crf", "morphology", "wall"]
    assert content["slice_confidence"]["myo"] == pytest.approx([0.9] * 5, abs=0.1)
    assert content["stack_confidence"].keys() == {"lv", "myo", "rv"}
    assert set(content["seconds"]) == {"load", "locate", "segment"}
    assert content["warnings"] == []


def test_steps_are_recorded() -> None:
    result = segment_lge(fake.bright_heart(), steps=LgeSteps(members=1, crf=False))
    assert result.members == 1
    assert result.post_processing == ("morphology", "wall")


def test_a_cine_is_refused() -> None:
    scan = fake.bright_heart(kind="cine")
    cine = scan.with_(image=np.repeat(scan.image, 3, axis=0), labels=None, labelled_frames=())
    with pytest.raises(ScanError, match=r"3 frames.*not a cine.*late enhancement series"):
        segment_lge(cine)
    with pytest.raises(ScanError, match="every pixel is 0"):
        segment_lge(scan.with_(kind="lge", image=np.zeros(scan.shape)))


@pytest.mark.parametrize(
    ("change", "any_of"),
    [
        (lambda scan: scan.select_slices([2]), {"one-slice"}),
        (lambda scan: scan.with_(kind="cine"), {"not-late-enhancement"}),
        (
            lambda scan: scan.with_(image=np.full_like(scan.image, fake.GREY[0])),
            {"nothing-segmented", "structure-missing"},
        ),
    ],
)
def test_doubts_are_said(change, any_of) -> None:
    result = segment_lge(change(fake.bright_heart()))
    assert any_of & set(codes(result.warnings))


def test_one_slice_is_spoken_of_once() -> None:
    scan = fake.bright_heart().select_slices([2])
    content = lge_record(scan, segment_lge(scan))
    assert [one["code"] for one in content["warning_details"]].count("one-slice") == 1
    assert not any(one["code"] == "one-frame-labelled" for one in content["warning_details"])


def test_nothing_found_is_printed_without_numbers(capsys) -> None:
    scan = fake.bright_heart()
    result = segment_lge(scan)
    result = replace(result, labels=np.zeros_like(result.labels))
    print_still(lge_record(scan, result))
    shown = capsys.readouterr().out
    assert re.search(r"LV cavity \(mL\)\s+-", shown)
    assert re.search(r"LV mass, scar in it \(g\)\s+-", shown)


def test_a_heart_that_was_hardly_found_is_said(monkeypatch) -> None:
    fake.in_use(monkeypatch, HeartLocation(45.0, 50.0, 0.4))
    found = segment_lge(fake.bright_heart()).warnings
    assert "heart-unsure" in codes(found)


def test_the_scan_is_never_overwritten(tmp_path) -> None:
    scan = fake.bright_heart().with_(source=tmp_path / "scan.nii.gz")
    result = segment_lge(scan)
    with pytest.raises(ScanError, match="would replace what is read"):
        save_result(scan, result.labels, {}, ResultFiles(tmp_path / "scan.nii.gz"))
