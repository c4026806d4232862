from pathlib import Path

import pytest

from napari_cmr.scan import ScanError, atomic_path


def test_the_target_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "result.nii.gz"
    target.write_text("old")
    with atomic_path(target) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".nii.gz")
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    target.write_text("old")
    with pytest.raises(KeyError), atomic_path(target) as temporary:  # noqa: PT012
        temporary.write_text("half")
        raise KeyError("x")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_refusals_of_the_system_name_the_target(tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    with pytest.raises(ScanError, match="No space left") as caught, atomic_path(target):
        raise OSError(28, "No space left on device")
    assert caught.value.source == str(target)
    assert not list(tmp_path.iterdir())
