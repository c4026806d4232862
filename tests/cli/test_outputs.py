"""Every command that writes: nothing that exists is lost, and a failure leaves nothing behind."""

import os
from inspect import get_annotations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.main import get_command
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.kspace import Acquisition
from napari_cmr.scan import Geometry, Label, Scan, open_scan, save_image, save_labels
from napari_cmr.workflow.session.file import (
    FORMAT,
    VERSION,
    SavedLabels,
    SessionFile,
    write_session,
)
from napari_cmr.workflow.session.scan_link import reference_to

SCAN, LABELS, SESSION = "heart.nii.gz", "other.nii.gz", "heart.cmr-session.json"
PROPAGATE = ["propagate", SCAN, "--labels", LABELS, "--from", 1, "-o"]
COMPARE = ["compare", LABELS, LABELS, "--scan", SCAN]
SCAR = ["scar", SCAN, "--labels", LABELS]
#: Arguments of a command, a name for its output, and what it reads that the output could replace.
COMMANDS = {
    "undersample": (["undersample", SCAN, "-n", 4, "-o"], "out.nii.gz", SCAN),
    "animate": (["animate", SCAN, "--frames", 4, "-o"], "out.nii.gz", SCAN),
    "propagate": (PROPAGATE, "out.nii.gz", LABELS),
    "compare json": ([*COMPARE, "--json"], "out.json", SCAN),
    "compare csv": ([*COMPARE, "--csv"], "out.csv", LABELS),
    "replay": (["replay", SESSION, "-o"], "out.nii.gz", SCAN),
    "replay json": (["replay", SESSION, "--json"], "out.json", SESSION),
    "report": (["report", SCAN, "--labels", LABELS, "-o"], "out.html", None),
    "segment": (["segment", SCAN, "-o"], "out.nii.gz", SCAN),
    "segment json": (["segment", SCAN, "-o", "f.nii.gz", "--json"], "out.json", SCAN),
    "segment csv": (["segment", SCAN, "-o", "f.nii.gz", "--csv"], "out.csv", SCAN),
    "measure": (["measure", SCAN, "--csv"], "out.csv", SCAN),
    "scar": ([*SCAR, "-o"], "out.nii.gz", LABELS),
    "scar csv": ([*SCAR, "--csv"], "out.csv", SCAN),
    "scar json": ([*SCAR, "--json"], "out.json", SCAN),
    "consistency": (["consistency", SCAN, "--json"], "out.json", SCAN),
    "reconstruct": (["reconstruct", SCAN, "-n", 6, "-o"], "out.nii.gz", SCAN),
    "reconstruct json": (
        ["reconstruct", SCAN, "-n", 6, "-o", "f.nii.gz", "--json"],
        "out.json",
        SCAN,
    ),
    "trade-off": (["trade-off", SCAN, "--json"], "out.json", SCAN),
    "trade-off csv": (["trade-off", SCAN, "--csv"], "out.csv", SCAN),
}
#: Commands that write beside their main output.
BESIDE = {
    "undersample": ([*COMMANDS["undersample"][0], "f.nii"], "f.json"),
    "animate": ([*COMMANDS["animate"][0], "f.nii"], "f_labels.nii"),
    "propagate": ([*COMMANDS["propagate"][0], "f.nii"], "f.csv"),
}
#: Commands that write a folder, without its name, and whether it may lie in the one that is read.
FOLDERS = {
    "segment": (["segment", "data", "--out"], True),
    "evaluate": (["evaluate", "data", "--split", "all", "--out"], False),
    "evaluate-reconstruction": (["evaluate-reconstruction", "data", "--out"], True),
    "evaluate-lge": (["evaluate-lge", "data", "--split", "all", "--out"], False),
    "evaluate-scar": (["evaluate-scar", "data", "-o"], False),
    "evaluate-refinement": (["evaluate-refinement", "data", "--out"], True),
    "evaluate-lesions": (["evaluate-lesions", "data", "--out"], True),
    "tune": (["tune", "fcn", "--data", "data", "--set", "steps=1,2", "--out"], False),
    "evaluate-style": (["evaluate-style", "elsewhere", "data", "--out"], False),
    "train": (["train", "fcn", "--data", "data", "--out"], False),
    "demo": (["demo", "data", "--screenshots"], False),
}
#: Commands whose files have names of their own in a folder that may hold anything.
NAMED = {
    "phantom": ["phantom", "--frames", "0", "-o"],
    "translate": ["translate", "data", "-o"],
    "import-weights": ["import-weights", "syn-net", "data", "--out"],
}
WRITTEN = ["undersample", "animate", "propagate", "compare json", "compare csv", "replay", "report"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cine with labels at ED and ES, the same labels again, and a session of them."""
    labels = np.zeros((2, 3, 24, 24), np.uint8)
    labels[:, :, 4:18, 4:18] = Label.MYO
    labels[0, :, 6:16, 6:16] = labels[1, :, 8:14, 8:14] = Label.LV
    image = np.random.default_rng(0).random(labels.shape, np.float32) + labels
    scan = Scan(image, Geometry.regular((8, 2, 2), 3), frame_times_ms=np.array([0.0, 300.0]))
    save_image(tmp_path / SCAN, image, scan)
    save_labels(tmp_path / "heart_labels.nii.gz", labels, scan)
    save_labels(tmp_path / LABELS, labels, scan)
    scan = open_scan(tmp_path / SCAN)
    session = SessionFile(
        format=FORMAT,
        version=VERSION,
        written_by="test",
        scan=reference_to(scan, tmp_path / SESSION),
        acquisition=Acquisition(),
        labels=(SavedLabels.of("mine", labels),),
        measured=0,
    )
    write_session(tmp_path / SESSION, session)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes | None]:
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


def fails(folder: Path, arguments: list, expected: str) -> None:
    before = contents(folder)
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    assert expected in result.stderr
    assert contents(folder) == before


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one[2]])
def test_an_input_is_never_replaced(folder: Path, name: str) -> None:
    arguments, _, source = COMMANDS[name]
    fails(folder, [*arguments, source, "--force"], "would replace what is read")


@pytest.mark.parametrize("name", COMMANDS)
def test_what_exists_is_kept_unless_it_may_be_replaced(folder: Path, name: str) -> None:
    arguments, output, _ = COMMANDS[name]
    (folder / output).write_text("precious")
    fails(folder, [*arguments, output], "exists already")
    if name in WRITTEN:
        result = CliRunner().invoke(app, [*map(str, arguments), output, "--force"])
        assert result.exit_code == 0, result.output
        assert (folder / output).read_bytes() != b"precious"


@pytest.mark.parametrize("name", FOLDERS)
def test_results_do_not_lie_among_the_data(folder: Path, name: str) -> None:
    arguments, left_out = FOLDERS[name]
    (folder / "data" / "labels").mkdir(parents=True)
    (folder / "data" / "images").mkdir()
    for kind in ("images", "labels"):
        picture = Image.fromarray(np.zeros((8, 8), np.uint8))
        picture.save(folder / "data" / kind / "Case_P005_slice001.png")
    for place in ("data", "./data") if left_out else ("data", "data/results"):
        fails(folder, [*arguments, place], "a folder of their own")
        assert not (folder / "data" / "results").exists()


@pytest.mark.parametrize("data", ["missing", "empty", "of no use"])
@pytest.mark.parametrize("name", [*FOLDERS, *NAMED])
def test_a_command_that_fails_leaves_no_folder_of_results(
    folder: Path, name: str, data: str
) -> None:
    if data != "missing":
        (folder / "data").mkdir()
    if data == "of no use":
        (folder / "data" / "patient001").mkdir()
        (folder / "data" / "patient001" / "cine.nii.gz").write_bytes(b"no image")
    before = contents(folder)
    arguments = NAMED[name] if name in NAMED else FOLDERS[name][0]
    result = CliRunner().invoke(app, [*map(str, arguments), "new/results"])
    assert result.exit_code in (1, 2), result.output
    if (name, data) != ("segment", "of no use"):  # its table says why each scan failed
        assert contents(folder) == before, result.output


def test_every_command_that_writes_is_tried_here() -> None:
    outputs = {"output", "out", "record", "table", "csv", "as_json", "screenshots"}
    tried = {one.split()[0] for one in COMMANDS} | set(FOLDERS) | set(NAMED)
    writing = {
        name
        for name, command in get_command(app).commands.items()
        if command.callback is not None  # a group, whose commands have tests of their own
        and any(
            option in outputs and "Path" in str(kind)
            for option, kind in get_annotations(command.callback).items()
        )
    }
    assert writing == tried


@pytest.mark.parametrize("name", BESIDE)
def test_what_exists_beside_an_output_is_kept_too(folder: Path, name: str) -> None:
    arguments, beside = BESIDE[name]
    (folder / beside).write_text("precious")
    fails(folder, arguments, "exists already")


@pytest.mark.parametrize("name", COMMANDS)
def test_pipes_and_links_to_devices_are_refused(folder: Path, name: str) -> None:
    arguments, output, _ = COMMANDS[name]
    os.mkfifo(folder / output)
    fails(folder, [*arguments, output, "--force"], "a device or a pipe")
    (folder / output).unlink()
    (folder / output).symlink_to(os.devnull)
    fails(folder, [*arguments, output, "--force"], "a device or a pipe")


def test_two_outputs_are_two_files(folder: Path) -> None:
    for arguments in (
        ["segment", SCAN, "-o", "x.nii.gz", "--json", "./x.nii.gz"],
        ["replay", SESSION, "-o", "x.nii.gz", "--json", "x.nii.gz"],
        ["compare", LABELS, LABELS, "--scan", SCAN, "--json", "x", "--csv", "x"],
        ["trade-off", SCAN, "--json", "x", "--csv", "x"],
        ["scar", SCAN, "--labels", LABELS, "-o", "x.nii", "--json", "x.nii"],
    ):
        fails(folder, arguments, "two outputs have this one name")


def test_a_study_keeps_its_own_frames(folder: Path) -> None:
    study = folder / "patient001"
    study.mkdir()
    (study / "Info.cfg").write_text("ED: 1\nES: 2\nNbFrame: 2\n")
    scan = open_scan(folder / SCAN)
    for frame in (0, 1):
        still = scan.with_(
            image=scan.image[frame : frame + 1], labels=None, labelled_frames=(),
            frame_times_ms=None,
        )  # fmt: skip
        save_image(study / f"patient001_frame0{frame + 1}.nii.gz", still.image, still)
    own = study / "patient001_frame01.nii.gz"
    before = own.read_bytes()
    fails(folder, ["undersample", study, "-n", 4, "-o", own, "--force"], "replace what is read")
    assert own.read_bytes() == before


def test_outputs_of_a_failed_command_are_not_left(folder: Path) -> None:
    arguments = ["replay", SESSION, "-o", "x.nii.gz", "--json", "missing/x.json"]
    fails(folder, arguments, "does not exist")
    fails(folder, ["compare", LABELS, LABELS, "--scan", SCAN, "--json", "."], "a folder")


def test_a_phantom_is_not_written_over_another(folder: Path) -> None:
    arguments = ["phantom", "-o", str(folder / "made"), "--frames", "2"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    fails(folder / "made", arguments, "exists already")
    assert CliRunner().invoke(app, [*arguments, "--force"]).exit_code == 0
