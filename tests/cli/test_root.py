import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nibabel
import numpy as np
import pytest
from helpers.cohorts import write_cine
from helpers.command_runs import failed, row, run
from helpers.small_scans import make_scan
from typer.testing import CliRunner

import napari_cmr.viewer.window
from napari_cmr import __version__
from napari_cmr.analysis import Reading, VentricleReading
from napari_cmr.cli.root import app
from napari_cmr.scan import open_scan, save_image, save_labels
from napari_cmr.workflow.edit.annotation_files import save_annotation
from napari_cmr.workflow.measure.function import measure_scan

runner = CliRunner()


def test_info_as_json_is_pure_and_complete(scan_file):
    result = run("info", scan_file, "--json")
    assert result.exit_code == 0
    scan = json.loads(result.stdout)["scan"]
    assert scan["shape"] == [6, 5, 32, 24]
    assert scan["spacing_mm"] == [8.0, 2.5, 2.5]
    assert scan["n_phase_encodes"] == 32
    assert scan["cycle_ms"] == pytest.approx(900)
    assert scan["labels"] == [1, 2, 3]


def test_measure_as_json(scan_file):
    result = run("measure", scan_file, "--json")
    record = json.loads(result.stdout)
    assert record["lv"]["edv_ml"] == pytest.approx(36 * 3 * 0.05)
    assert record["lv"]["esv_ml"] == pytest.approx(16 * 3 * 0.05)
    assert record["lv"]["sv_ml"] == pytest.approx(20 * 3 * 0.05)
    assert record["lv"]["ef_percent"] == pytest.approx(100 * 20 / 36)
    assert (record["lv"]["ed_frame"], record["lv"]["es_frame"]) == (0, 2)
    assert record["rv"]["ef_percent"] == pytest.approx(25.0)
    assert record["lv_mass_g"] == pytest.approx(12 * 3 * 0.05 * 1.05)
    assert record["frames_count_from"] == 0
    assert record["heart_rate_bpm"] == pytest.approx(60_000 / 900)


def test_measure_other_labels_in_another_scheme(scan_file, tmp_path):
    scan = open_scan(scan_file)
    theirs = tmp_path / "theirs.nii.gz"
    acdc = np.array([0, 3, 2, 1], np.uint8)[scan.labels]  # our numbers to ACDC's
    save_labels(theirs, acdc, scan)
    record = json.loads(
        run("measure", scan_file, "--labels", theirs, "--scheme", "acdc", "--json").stdout
    )
    assert record["lv"]["edv_ml"] == pytest.approx(36 * 3 * 0.05)


def test_notes_are_of_the_labels_that_are_measured(scan_file, tmp_path):
    scan = open_scan(scan_file)
    theirs = tmp_path / "theirs.nii.gz"
    affine = nibabel.load(scan_file).affine
    stored = np.ascontiguousarray(scan.labels.transpose(3, 2, 1, 0))
    nibabel.save(nibabel.Nifti1Image(stored, affine), theirs)
    arguments = ("measure", scan_file, "--labels", theirs, "--json")
    notes = json.loads(run(*arguments).stdout)["notes"]
    assert any("Label numbers of theirs.nii.gz were assumed" in one for one in notes)
    assert not any(scan_file.stem.split(".")[0] in one for one in notes if "numbers" in one)
    given = json.loads(run(*arguments, "--scheme", "napari-cmr").stdout)["notes"]
    assert not any("numbers" in one for one in given)


def test_labels_that_a_model_made_are_measured_only_where_they_are_named(scan_file):
    scan = open_scan(scan_file)
    labels = scan_file.with_name("heart_labels.nii.gz")
    save_labels(labels, scan.labels, scan, by_model=True)
    assert "a model made the labels beside the scan" in failed("measure", scan_file)
    for named in ([labels], [scan_file, "--labels", labels]):
        record = json.loads(run("measure", *named, "--json").stdout)
        assert record["lv"]["edv_ml"] == pytest.approx(36 * 3 * 0.05)


def test_labels_are_measured_with_the_choices_that_were_saved_with_them(tmp_path):
    scan = make_scan()
    image, labels = tmp_path / "heart.nii.gz", tmp_path / "drawn.nii.gz"
    save_image(image, scan.image, scan)
    drawn, scan = scan.labels, open_scan(image)
    plain = measure_scan(scan, labels=drawn)
    taken = next(one for one in range(scan.n_frames) if one not in (plain.lv.ed_frame, 0))
    reading = Reading(
        lv=VentricleReading(ed_frame=taken, es_slices=(1, 2)), papillary_in_blood=True
    )
    save_annotation(scan, drawn, labels, reading=reading)
    named = ("measure", image, "--labels", labels)
    record = json.loads(run(*named, "--json").stdout)
    assert record["lv"]["ed_frame"] == taken
    assert record["reading"] == reading.model_dump(mode="json")
    assert record["lv"] == measure_scan(scan, labels=drawn, reading=reading).to_dict()["lv"]
    shown = " ".join(run(*named).stdout.split())
    assert f"Set by hand: LV ED in frame {taken + 1} (saved with the labels)" in shown
    assert "Slices that count: LV ES 2 to 3 (saved with the labels)" in shown
    assert "Counted as blood: papillary muscles (saved with the labels)" in shown

    labels.with_name("drawn.json").unlink()
    assert json.loads(run(*named, "--json").stdout)["lv"] == plain.to_dict()["lv"]


def test_measure_without_labels_says_what_to_do(scan_file, tmp_path):
    scan = open_scan(scan_file)
    bare = tmp_path / "bare.nii.gz"
    save_image(bare, scan.image, scan)
    assert "no labels to measure (segment the scan" in failed("measure", bare)


def test_undersample_writes_images_and_a_record(scan_file, tmp_path):
    output = tmp_path / "few.nii.gz"
    result = run("undersample", scan_file, "--lines", 8, "--seed", 3, "-o", output, "--average")
    assert result.exit_code == 0, result.output
    assert "4.0x" in result.stdout
    source, few = open_scan(scan_file), open_scan(output)
    assert few.shape == source.shape
    np.testing.assert_allclose(few.spacing, source.spacing)
    assert not np.allclose(few.image, source.image)
    assert open_scan(tmp_path / "few_average.nii.gz").shape == (1, *source.shape[1:])
    record = json.loads((tmp_path / "few.json").read_text(encoding="utf-8"))
    assert record["acceleration"] == 4.0
    assert record["acquisition"]["seed"] == 3
    assert [len(lines) for lines in record["lines"]] == [8] * 6


def test_undersampling_is_the_same_for_the_same_seed(scan_file, tmp_path):
    images = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        output = tmp_path / f"{name}.nii"
        run("undersample", scan_file, "-n", 6, "--seed", seed, "-o", output)
        images.append(open_scan(output).image)
    np.testing.assert_array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])


def test_all_lines_give_the_image_back(scan_file, tmp_path):
    output = tmp_path / "all.nii.gz"
    run("undersample", scan_file, "-n", 32, "--no-phase", "-o", output)
    np.testing.assert_allclose(open_scan(output).image, open_scan(scan_file).image, atol=1e-5)


def test_undersample_refuses_what_cannot_be(scan_file, tmp_path):
    assert "full frame of this scan has 32" in failed(
        "undersample", scan_file, "-n", 33, "-o", tmp_path / "x.nii.gz"
    )
    assert "neither a number of lines" in failed(
        "undersample", scan_file, "-n", 0, "-o", tmp_path / "x.nii.gz"
    )
    assert "let it end in .nii.gz" in failed(
        "undersample", scan_file, "-n", 4, "-o", tmp_path / "x.png"
    )
    assert "would replace what is read" in failed(
        "undersample", scan_file, "-n", 4, "-o", scan_file
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["info", "measure"])
def test_bad_input_is_one_line_and_status_2(command, tmp_path):
    assert "no such file or folder" in failed(command, tmp_path / "nothing.nii.gz")
    broken = tmp_path / "broken.nii.gz"
    broken.write_bytes(b"not an image at all")
    message = failed(command, broken)
    assert str(broken) in message
    assert message.count("\n") == 1


@pytest.fixture
def stand_in_viewer(monkeypatch):
    """A viewer that only writes down how it was called."""
    calls = []
    viewer = ModuleType("napari_cmr.viewer.window.app")
    viewer.run_viewer = lambda path: calls.append(("view", path))
    viewer.run_demo = lambda screenshots, path: calls.append(("demo", screenshots, path))
    monkeypatch.setitem(sys.modules, "napari_cmr.viewer.window.app", viewer)
    # Another test may have imported the real one, which its package then holds as an attribute.
    monkeypatch.setattr(napari_cmr.viewer.window, "app", viewer, raising=False)
    return viewer, calls


def test_view_and_demo_hand_their_paths_to_the_viewer(stand_in_viewer):
    _, calls = stand_in_viewer
    for arguments in (
        ("view", "heart.nii"),
        ("view",),
        ("demo",),
        ("demo", "heart.nii", "--screenshots", "pictures"),
    ):
        assert run(*arguments).exit_code == 0
    assert calls == [
        ("view", Path("heart.nii")),
        ("view", None),
        ("demo", None, None),
        ("demo", Path("pictures"), Path("heart.nii")),
    ]


def test_the_demo_says_in_one_line_how_to_open_a_real_scan(stand_in_viewer):
    (line,) = run("demo").stdout.splitlines()
    command = line.rpartition(": ")[2]
    assert "public" in line
    assert command == "napari-cmr demo PATH/TO/patient001"
    _, calls = stand_in_viewer
    assert run(*command.split()[1:]).stdout == ""  # who has one needs no advice
    assert calls[-1] == ("demo", None, Path("PATH/TO/patient001"))


def test_without_qt_the_viewer_says_what_to_install(stand_in_viewer):
    viewer, _ = stand_in_viewer

    def no_qt(path):
        raise ModuleNotFoundError("No Qt bindings could be found", name="PyQt5")

    viewer.run_viewer = no_qt
    assert "install a Qt binding" in failed("view", "heart.nii")


def test_errors_of_the_program_are_not_hidden(stand_in_viewer):
    viewer, _ = stand_in_viewer

    def broken(path):
        raise ValueError("a mistake of ours")

    viewer.run_viewer = broken
    result = run("view", "heart.nii")
    assert result.exit_code == 1
    assert str(result.exception) == "a mistake of ours"


def test_real_patients_to_half_a_millilitre(shared_data):
    def measured(patient: str) -> dict:
        result = run("measure", shared_data / "acdc" / patient, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    first, third = measured("patient001"), measured("patient003")
    assert first["lv"]["edv_ml"] == pytest.approx(295.5, abs=0.5)
    assert first["lv"]["esv_ml"] == pytest.approx(225.6, abs=0.5)
    assert first["lv"]["ef_percent"] == pytest.approx(23.7, abs=0.1)
    assert first["rv"]["edv_ml"] == pytest.approx(139.7, abs=0.5)
    assert first["rv"]["esv_ml"] == pytest.approx(59.6, abs=0.5)
    assert third["lv"]["ef_percent"] == pytest.approx(12.9, abs=0.1)


def test_real_dicom_study(shared_data):
    result = run("info", shared_data / "bivme" / "dicom" / "patient1", "--json")
    study = json.loads(result.stdout)
    assert study["n_series"] == 11
    assert study["scan"]["shape"][:2] == [25, 6]
    assert study["scan"]["spacing_mm"][0] == pytest.approx(17.7, abs=0.05)


def test_command_in_a_process_of_its_own(tmp_path):
    def process(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "napari_cmr.cli", *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    helped = process("--help")
    assert helped.returncode == 0
    for command in ("info", "undersample", "measure", "phantom", "view", "demo"):
        assert command in helped.stdout
    assert process("--version").stdout.strip() == f"napari-cmr {__version__}"
    failure = process("info", str(tmp_path / "nothing"))
    assert failure.returncode == 2
    assert failure.stdout == ""
    assert failure.stderr.startswith("napari-cmr: ")


def test_an_interruption_while_loading_is_no_traceback():
    code = """
import builtins, sys
own = builtins.__import__
def interrupted(name, *rest):
    if name == "typer":
        raise KeyboardInterrupt
    return own(name, *rest)
builtins.__import__ = interrupted
from napari_cmr.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from napari_cmr import cli;"
        "heavy = {'numpy', 'torch', 'napari', 'scipy', 'pydantic', 'rich', 'nibabel'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are Unicode")
def test_paths_that_are_not_utf_8(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"h\xe9art")
    folder.mkdir()
    scan = make_scan(n_frames=2, n_slices=1)
    names = (b"\xe9.nii", b"\xe9a.nii", b"b.nii")
    image, first, second = (folder / os.fsdecode(name) for name in names)
    save_image(image, scan.image, scan)
    for path in (first, second):
        save_labels(path, scan.labels, scan)
    out, record, table = (folder / os.fsdecode(b"\xff" + n) for n in (b".nii", b".json", b".csv"))
    done = run("undersample", image, "-n", 4, "-o", out, "--average")
    assert done.exit_code == 0, done.output
    assert open_scan(out).shape == scan.shape
    assert json.loads(out.with_suffix(".json").read_text())["n_phase_encodes"] == 48
    where = ("--scan", image, "--json", record, "--csv", table, "--force")
    done = run("compare", first, second, *where)
    assert done.exit_code == 0, done.output
    assert json.loads(record.read_text())["second"] == second.name
    assert table.read_text().count("\n") > 3
    assert "no such file" in failed("compare", first, folder / os.fsdecode(b"\xfe.nii"), *where)


@pytest.fixture
def cine(tmp_path: Path) -> Path:
    write_cine(tmp_path, "heart", 2)
    return tmp_path / "heart.nii.gz"


def test_measure_writes_the_numbers_that_it_shows(cine, tmp_path) -> None:
    run("measure", cine, "--csv", tmp_path / "m.csv")
    found = row(tmp_path / "m.csv")
    assert found["scan"] == "heart"
    assert float(found["lv_ef_percent"]) > 10
    assert found["model"] == ""
    result = CliRunner().invoke(app, ["measure", str(cine), "--csv", str(tmp_path / "m.csv")])
    assert result.exit_code == 2
    assert "exists already" in result.stderr
