"""The command that trains networks, and packs what that takes."""

from helpers.acdc_folders import write_subject
from helpers.command_runs import run


def test_training_data_are_packed_into_one_file(tmp_path) -> None:
    write_subject(tmp_path / "data" / "patient001", 1)
    pack = tmp_path / "subjects.pack"
    packed = ("train", "pooled-net", "--data", tmp_path / "data", "--pack", pack)
    done = run(*packed)
    assert done.exit_code == 0, done.output
    assert "packed 1 subjects" in done.output
    again = run(*packed)
    assert again.exit_code == 2
    assert "exists already" in again.output
    assert run(*packed, "--force").exit_code == 0


def test_training_asks_where_to_write(tmp_path) -> None:
    asked = run("train", "pooled-net", "--data", tmp_path)
    assert asked.exit_code == 2
    assert "--out" in asked.output
    both = run("train", "pooled-net", "--data", tmp_path, "--pack", "a.pack", "--out", tmp_path)
    assert both.exit_code == 2
    assert "does not train" in both.output


def test_parts_that_are_too_small_are_refused(tmp_path) -> None:
    asked = run("train", "pooled-net", "--data", tmp_path, "--out", "a", "--part-mb", "0.5")
    assert asked.exit_code == 2
    assert "--part-mb" in asked.output
