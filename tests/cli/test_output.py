"""Tables for people: frames from 1, numbers with units."""

from helpers.command_runs import run
from helpers.dicom_files import write_cine
from typer.testing import CliRunner

runner = CliRunner()


def test_info_for_people(scan_file):
    text = run("info", scan_file).stdout
    assert "6 x 5" in text
    assert "8.0 mm" in text
    assert "LV, MYO, RV in every frame" in text
    assert "research use only" in text


def test_a_note_of_folder_and_scan_is_printed_once(tmp_path):
    write_cine(tmp_path)
    (tmp_path / "readme.txt").write_text("no image")
    assert run("info", tmp_path).stdout.count("Note: 1 file is not DICOM") == 1


def test_measure_for_people_counts_frames_from_one(scan_file):
    result = run("measure", scan_file, "--sex", "female")
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split() for line in result.stdout.splitlines() if line.strip()}
    assert rows["ES"] == ["ES", "frame", "3", "3"]
    assert rows["EF"][2] == "56"
    assert "healthy adults (female)" in result.stdout
    assert "research use only" in result.stdout
