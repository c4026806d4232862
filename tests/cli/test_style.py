"""The commands of synthetic late enhancement."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import style_models
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Scan, save_image


@pytest.fixture
def small_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from style_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture(scope="module")
def cine() -> Scan:
    scan = SAMPLES["normal"]()
    return scan.select_slices((3, 4)).with_(name="heart")


@pytest.fixture(scope="module")
def enhanced() -> Scan:
    return SAMPLES["infarct-lge"]()


def test_the_command(small_models: Path, cine: Scan, enhanced: Scan, tmp_path: Path) -> None:
    still = cine.with_(image=cine.image[:1], labels=None, labelled_frames=(), ed_frame=None,
                       es_frame=None, frame_times_ms=None)  # fmt: skip
    path, style = tmp_path / "heart.nii.gz", tmp_path / "real_lge.nii.gz"
    save_image(path, still.image, still)
    save_image(style, enhanced.image, enhanced)
    run = CliRunner().invoke
    done = run(app, ["translate", str(path), "--samples", "3", "-o", str(tmp_path / "a")])
    assert done.exit_code == 0, done.output
    assert "Synthetic images" in done.output
    record = json.loads((tmp_path / "a" / "heart_lge.json").read_text())
    assert record["styles_from"] == "the prior"
    assert len(record["styles"]) == 3
    given = ["--style-of", str(style), "--slice", "2"]
    done = run(app, ["translate", str(path), *given, "-o", str(tmp_path / "b")])
    assert done.exit_code == 0, done.output
    of_slice = json.loads((tmp_path / "b" / "heart_lge.json").read_text())
    assert of_slice["style_slice"] == 1
    assert len(of_slice["styles"]) == 1
    done = run(app, ["translate", str(path), *given, "--samples", "3", "-o", str(tmp_path / "g")])
    assert done.exit_code == 2
    assert "one style" in done.output
    assert not (tmp_path / "g").exists()
    options = [*given, "--path", "--samples", "3", "-o", str(tmp_path / "c")]
    done = run(app, ["translate", str(path), *options])
    on_path = np.array(json.loads((tmp_path / "c" / "heart_lge.json").read_text())["styles"])
    np.testing.assert_allclose(on_path[0], of_slice["styles"][0], atol=1e-5)
    np.testing.assert_allclose(on_path[1], (on_path[0] + on_path[2]) / 2, atol=1e-5)
    done = run(app, ["translate", str(path), "--slice", "2", "-o", str(tmp_path / "d")])
    assert done.exit_code == 2
    assert "--style-of" in done.output
    done = run(
        app, ["train", "munit", "--source", str(tmp_path / "a"), "--out", str(tmp_path / "e")]
    )
    assert done.exit_code == 2
    assert "--target" in done.output
    assert not (tmp_path / "e").exists()
    given = ["--style-of", str(style), "--slice", "99"]
    done = run(app, ["translate", str(path), *given, "-o", str(tmp_path / "f")])
    assert done.exit_code == 2
    assert not (tmp_path / "f").exists()
