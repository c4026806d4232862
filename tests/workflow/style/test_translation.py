import json
from collections.abc import Iterator
from pathlib import Path

import nibabel
import numpy as np
import pytest
from helpers import style_models
from PIL import Image
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Scan, ScanError, open_scan, save_image
from napari_cmr.workflow.style.translated_files import save_translation
from napari_cmr.workflow.style.translation import (
    load_styler,
    style_of,
    translate_scan,
)


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


def test_a_frame_in_styles(small_models: Path, cine: Scan) -> None:
    styler = load_styler()
    codes = styler.sample_codes(2)
    made = translate_scan(cine, codes)
    assert made.images.shape == (2, *cine.shape[1:])
    assert made.frame == cine.ed_frame
    assert made.images.min() >= 0
    assert made.images.max() <= 1
    one = translate_scan(cine, codes[:1], slices=(1,), location=made.location)
    np.testing.assert_allclose(one.images[0, 0], made.images[0, 1], atol=1e-6)


def test_what_cannot_be_translated_is_said(small_models: Path, cine: Scan, enhanced: Scan) -> None:
    codes = np.zeros((1, 8), np.float32)
    with pytest.raises(ScanError, match="late enhancement scan already"):
        translate_scan(enhanced, codes)
    with pytest.raises(ScanError, match="no frame 100"):
        translate_scan(cine, codes, frame=99)
    with pytest.raises(ScanError, match="among its 2"):
        translate_scan(cine, codes, slices=(2,))
    with pytest.raises(ScanError, match="has 30 frames"):
        style_of(cine)
    with pytest.raises(ScanError, match="no slice 100"):
        style_of(enhanced, 99)


def test_files_say_that_they_are_synthetic(small_models: Path, cine: Scan, tmp_path: Path) -> None:
    styler = load_styler()
    made = translate_scan(cine, styler.sample_codes(2, 4))
    files = save_translation(cine, made, tmp_path / "out", record={"seed": 4}).all
    names = [path.name for path in files]
    assert names == [
        "heart_lge1.nii.gz",
        "heart_lge1_labels.nii.gz",
        "heart_lge2.nii.gz",
        "heart_lge2_labels.nii.gz",
        "heart_lge.png",
        "heart_lge.json",
    ]
    header = nibabel.load(files[0]).header
    assert b"synthetic" in bytes(header["descrip"]).lower()
    again = open_scan(files[0])
    assert again.synthetic
    assert again.shape == (1, *cine.shape[1:])
    np.testing.assert_allclose(again.spacing, cine.spacing, rtol=1e-5)
    np.testing.assert_array_equal(again.labels[0], cine.labels[made.frame])
    record = json.loads(files[-1].read_text())
    assert record["synthetic"] is True
    assert record["seed"] == 4
    assert np.shape(record["styles"]) == (2, 8)
    with Image.open(files[-2]) as picture:
        assert "SYNTHETIC" in picture.info["Description"]
        assert picture.size == (3 * 160, 2 * 160)


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
    options = [*given, "--path", "--samples", "3", "-o", str(tmp_path / "c")]
    done = run(app, ["translate", str(path), *options])
    on_path = np.array(json.loads((tmp_path / "c" / "heart_lge.json").read_text())["styles"])
    np.testing.assert_allclose(on_path[0], of_slice["styles"][0], atol=1e-5)
    np.testing.assert_allclose(on_path[1], (on_path[0] + on_path[2]) / 2, atol=1e-5)
    done = run(app, ["translate", str(path), "--slice", "2", "-o", str(tmp_path / "d")])
    assert done.exit_code == 2
    assert "--style-of" in done.output
    done = run(
        app, ["train", "style", "--source", str(tmp_path / "a"), "--out", str(tmp_path / "e")]
    )
    assert done.exit_code == 2
    assert "--target" in done.output
