import os
from pathlib import Path

import pytest

from napari_cmr.scan import ScanError, atomic_path
from napari_cmr.scan.atomic import atomic_paths


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


def test_several_appear_together_or_not_at_all(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text("old")
    with atomic_paths([old, new]) as (first, second):
        first.write_text("1")
        second.write_text("2")
    assert (old.read_text(), new.read_text()) == ("1", "2")
    # The second is never written, so that nothing can be moved there.
    with pytest.raises(ScanError, match="cannot be wr") as caught, atomic_paths([old, new]) as at:
        at[0].write_text("3")
    assert caught.value.source == str(new)
    assert (old.read_text(), new.read_text()) == ("1", "2")
    assert sorted(tmp_path.iterdir()) == [new, old]


@pytest.mark.parametrize("links", [True, False])
def test_what_was_moved_is_put_back(tmp_path: Path, monkeypatch, links: bool) -> None:
    old, other, new = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    old.write_text("old")
    if not links:
        monkeypatch.setattr(os, "link", refuse)

    def write() -> None:
        with atomic_paths([old, other, new]) as staged:
            for path in staged:
                path.write_text("now")
            new.mkdir()

    with pytest.raises(ScanError, match="a folder of that name"):
        write()
    assert old.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [old, new]


def refuse(*_paths) -> None:
    raise OSError(1, "Operation not permitted")


def test_a_refusal_tells_the_name_that_was_asked_for(tmp_path: Path) -> None:
    target = tmp_path / "a.nii.gz"
    with pytest.raises(ScanError, match="not like this") as caught, atomic_path(target) as hidden:
        raise ScanError("not like this", source=hidden)
    assert caught.value.source == str(target)


def test_a_pipe_and_a_device_stay_what_they_are(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    link = tmp_path / "null.json"
    link.symlink_to(os.devnull)
    for target in (pipe, link, Path(os.devnull)):
        with pytest.raises(ScanError, match="a device or a pipe"), atomic_path(target) as path:
            path.write_text("x")
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert Path(os.devnull).is_char_device()


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    with atomic_path(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert real.read_text() == "new"
