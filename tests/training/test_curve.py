"""Curves of trainings, from the logs of one run or of several."""

from pathlib import Path

from napari_cmr.training.curve import MOST_POINTS, read_curve


def write(log: Path, version: int, rows: list[str]) -> None:
    folder = log / f"version_{version}"
    folder.mkdir(parents=True)
    (folder / "metrics.csv").write_text("\n".join(["epoch,loss,step,val_loss", *rows, ""]))


def test_a_run_that_went_on_counts_where_steps_were_done_twice(tmp_path: Path) -> None:
    write(tmp_path, 9, ["0,0.8,0,", "0,0.6,1,", "0,,1,0.7", "0,9.0,2,"])
    write(tmp_path, 10, ["1,0.5,2,", "1,nan,3,", "1,,3,0.4"])
    assert read_curve(tmp_path) == {
        "step": (1, 2, 3, 4),
        "loss": (0.8, 0.6, 0.5, None),
        "val_loss": (None, 0.7, None, 0.4),
    }


def test_many_steps_become_means(tmp_path: Path) -> None:
    n = 3 * MOST_POINTS
    write(tmp_path, 0, [f"0,{step},{step}," for step in range(n)])
    curve = read_curve(tmp_path)
    assert curve["step"] == tuple(range(3, n + 1, 3))
    assert curve["loss"] == tuple(float(step) for step in range(1, n, 3))


def test_nothing_logged_is_no_curve(tmp_path: Path) -> None:
    assert read_curve(tmp_path / "log") == {}
    write(tmp_path / "log", 0, [])
    assert read_curve(tmp_path / "log") == {}
