import json
import os
from pathlib import Path

import nibabel
import numpy as np
import pytest

from napari_cmr.scan import (
    Geometry,
    Label,
    Scan,
    ScanError,
    check_outputs,
    output_folder,
    save_csv,
    save_image,
    save_json,
    save_labels,
    written_together,
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with an image, labels of ours, labels of somebody else, and a header file."""
    folder = tmp_path / "study"
    folder.mkdir()
    labels = np.zeros((2, 3, 8, 8), np.uint8)
    labels[:, 1, 2:5, 2:5] = Label.LV
    scan = Scan(labels.astype(np.float32), Geometry.regular((8, 2, 2), 3))
    save_image(folder / "image.nii.gz", scan.image, scan)
    save_labels(folder / "ours_labels.nii.gz", labels, scan)
    theirs = nibabel.Nifti1Image(labels[0].T, np.eye(4))
    nibabel.save(theirs, folder / "image_gt.nii.gz")
    (folder / "Info.cfg").write_text("ED: 1\n")
    (folder / "numbers.json").write_text("{}")
    return folder


def refused(*outputs: Path, problem: str, **options) -> None:
    before = {path: path.read_bytes() for path in outputs if path.is_file()}
    with pytest.raises(ScanError, match=problem) as caught:
        check_outputs(*outputs, **options)
    assert caught.value.remedy
    assert {path: path.read_bytes() for path in before} == before


def test_an_input_is_never_an_output_by_any_name(study: Path) -> None:
    image, link, hard = (study / name for name in ("image.nii.gz", "soft.nii.gz", "hard.nii.gz"))
    link.symlink_to(image)
    os.link(image, hard)
    roundabout = study / ".." / "study" / "image.nii.gz"
    for output in (image, link, hard, roundabout):
        refused(output, inputs=[image], overwrite=True, problem="replace what is read")
    refused(image, inputs=[None, link], overwrite=True, problem="replace what is read")


def test_a_folder_that_is_read_keeps_what_is_not_ours(study: Path) -> None:
    for name in ("image.nii.gz", "image_gt.nii.gz", "Info.cfg"):
        refused(study / name, inputs=[study], overwrite=True, problem="replace what is read")
    for name in ("ours_labels.nii.gz", "numbers.json", "new.nii.gz"):
        check_outputs(study / name, inputs=[study], overwrite=True)


def test_labels_that_are_read_with_an_image_are_kept_if_not_ours(study: Path) -> None:
    image, ours = study / "image.nii.gz", study / "image_labels.nii.gz"
    refused(
        study / "image_gt.nii.gz", inputs=[image], overwrite=True, problem="replace what is read"
    )
    (study / "ours_labels.nii.gz").rename(ours)
    check_outputs(ours, inputs=[image], overwrite=True)


def test_an_existing_file_is_replaced_only_when_asked(study: Path) -> None:
    refused(study / "new.nii", study / "numbers.json", problem="exists already .*--force")
    check_outputs(study / "new.nii", study / "numbers.json", overwrite=True)


def test_two_outputs_need_two_names(study: Path) -> None:
    (study / "loop").symlink_to(study)
    refused(study / "x.json", study / "loop" / "x.json", problem="one name", overwrite=True)
    check_outputs(study / "x.json", None, study / "y.json", None)


def test_only_files_are_replaced(study: Path) -> None:
    os.mkfifo(study / "pipe")
    (study / "round").symlink_to(study / "round")
    refused(study / "pipe", overwrite=True, problem="a device or a pipe")
    refused(Path(os.devnull), overwrite=True, problem="a device or a pipe")
    refused(study, overwrite=True, problem="a folder of that name")
    refused(study / "none" / "x.json", problem="does not exist")
    refused(study / "round", problem="symbolic links")


def test_a_file_that_appears_meanwhile_is_kept(study: Path) -> None:
    target = study / "late.json"

    def write() -> None:
        with written_together(target) as at:
            save_json(at[target], {"mine": 1})
            target.write_text("theirs")

    with pytest.raises(ScanError, match="exists already"):
        write()
    assert target.read_text() == "theirs"


def test_a_failure_leaves_no_output(study: Path) -> None:
    first, second = study / "a.json", study / "b.json"
    before = sorted(study.iterdir())

    def write(number: float) -> None:
        with written_together(first, None, second) as at:
            save_json(at[first], {"a": 1})
            save_json(at[second], {"b": number})

    with pytest.raises(ScanError, match="JSON") as caught:
        write(float("nan"))
    assert caught.value.source == str(second)
    assert sorted(study.iterdir()) == before
    write(2)
    assert json.loads(second.read_text()) == {"b": 2}


def test_a_spreadsheet_runs_nothing(tmp_path: Path) -> None:
    hostile = ["=1+1", "+1", "-2", "@SUM(A1)", "\tx", " =cmd|'/C calc'!A0"]
    save_csv(tmp_path / "t.csv", [{"name": one, "ef_percent": -0.5} for one in hostile])
    text = (tmp_path / "t.csv").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0] == "name,ef_percent"
    assert [line.rsplit(",", 1)[0].strip('"') for line in lines[1:]] == [f"'{x}" for x in hostile]
    assert all(line.endswith(",-0.5") for line in lines[1:])
    save_csv(tmp_path / "plain.csv", [{"name": "heart 1", "n": None}, {"x": 2}])
    assert (tmp_path / "plain.csv").read_text() == "name,n,x\nheart 1,,\n,,2\n"


def no_folder(folder: Path, problem: str, **options) -> None:
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(ScanError, match=problem) as caught, output_folder(folder, **options):
        pass
    assert caught.value.remedy
    assert sorted(folder.parent.rglob("*")) == before


def test_results_have_a_folder_of_their_own(study: Path) -> None:
    roundabout = study / ".." / "study"
    for inputs in ([study], [None, roundabout], [study.parent / "other", study]):
        no_folder(study, "a folder of their own", inputs=inputs)
        no_folder(study, "a folder of their own", inputs=inputs, left_out=True)
    no_folder(study / "out", "apart from what is read", inputs=[study])
    with output_folder(study / "a" / "b", inputs=[study], left_out=True) as folder:
        assert folder.is_dir()
    with output_folder(study.parent, inputs=[study]) as folder:
        assert folder == study.parent


def test_a_folder_of_something_else_is_not_gone_on_with(study: Path) -> None:
    with output_folder(study.parent / "new", own=["subjects"]) as folder:
        assert folder.is_dir()
    no_folder(study, "not of an earlier run", own=["subjects", "table.csv"])
    (study / "table.csv").touch()
    with output_folder(study, own=["subjects", "table.csv"]) as folder:
        assert folder == study


def test_a_folder_that_cannot_be_made_is_named(study: Path) -> None:
    no_folder(study / "Info.cfg", "cannot be made: File exists")
    no_folder(study / "Info.cfg" / "below", "cannot be made: Not a directory")


def test_a_folder_that_cannot_be_written_into_is_named_before_the_work(study, monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    no_folder(study, "nothing can be written into this folder")
    with pytest.raises(ScanError, match="cannot be written: nothing can be written into"):
        check_outputs(study / "new.nii.gz")


def test_a_new_folder_goes_with_work_that_fails_before_it_wrote_anything(tmp_path: Path) -> None:
    def work(out: Path, *names: str) -> None:
        with output_folder(out) as folder:
            for name in names:
                (folder / name).touch()
            raise ScanError("too little data")

    def fail(out: Path, *names: str) -> None:
        with pytest.raises(ScanError, match="too little"):
            work(out, *names)

    fail(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []
    fail(tmp_path / "a" / "b", "kept")
    assert (tmp_path / "a" / "b" / "kept").exists()
    (tmp_path / "mine").mkdir()
    fail(tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()
