"""Slices of two contrasts: of subjects that training may see, and turned alike."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.cohorts import write_acdc
from PIL import Image

from napari_cmr.scan import ScanError
from napari_cmr.workflow.train.request import TrainingRequest
from napari_cmr.workflow.train.translation import style_slices, train_translation


@pytest.fixture
def folders(tmp_path: Path, monkeypatch) -> tuple[Path, Path]:
    """Patients 13 and 14, of which 14 is held out, and late enhancement of cases 4 and 5."""
    source, target = tmp_path / "acdc", tmp_path / "emidec"
    for number in (13, 14):
        write_acdc(source, number, "NOR")
    for kind in ("images", "labels"):
        (target / kind).mkdir(parents=True)
        for case in (4, 5):
            for z in range(2):
                grey = np.random.default_rng(case).integers(0, 200, (40, 30)).astype(np.uint8)
                name = f"Case_P{case:03d}_slice{z:03d}.png"
                Image.fromarray(grey if kind == "images" else grey % 3).save(target / kind / name)
    localiser = SimpleNamespace(locate_still=lambda scan: SimpleNamespace(row=10.0, column=20.0))
    monkeypatch.setattr("napari_cmr.workflow.segment.cine.load_localiser", lambda: localiser)
    return source, target


@pytest.mark.parametrize(
    ("held_out", "patient", "case"), [(False, "013", "004"), (True, "014", "005")]
)
def test_subjects_are_those_of_one_part(folders, held_out, patient, case) -> None:
    told = []
    cines, enhanced = style_slices(*folders, held_out=held_out, report=told.append)
    assert {one.subject for one in cines} == {f"patient{patient}"}
    assert {one.subject[-3:] for one in enhanced} == {case}
    assert all(one.labels.any() for one in cines)
    assert all(one.labels is None for one in enhanced)
    assert told == [f"{len(cines)} slices with labels, 2 of late enhancement"]


def test_late_enhancement_is_turned_with_its_centre(folders) -> None:
    _, enhanced = style_slices(*folders)
    one = enhanced[0]
    assert one.image.shape == (30, 40)
    assert one.centre == (30 - 1 - 20, 40 - 1 - 10)


def test_a_part_without_slices_is_named(folders) -> None:
    source, target = folders
    for path in target.rglob("Case_P005*"):
        path.unlink()
    with pytest.raises(ScanError, match=r"emidec: no slices are left"):
        style_slices(source, target, held_out=True)


def test_both_contrasts_are_needed(folders, tmp_path: Path) -> None:
    request = TrainingRequest(model="munit", data=folders[0], out=tmp_path / "out")
    with pytest.raises(ScanError, match=r"needs scans of both contrasts .*--target"):
        train_translation(request, lambda _: None)
    assert not (tmp_path / "out").exists()
