"""Files of a translation say that they are synthetic."""

import json
from collections.abc import Iterator
from pathlib import Path

import nibabel
import numpy as np
import pytest
from helpers import style_models
from PIL import Image

from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Scan, open_scan
from napari_cmr.workflow.style.translated_files import save_translation
from napari_cmr.workflow.style.translation import (
    load_styler,
    translate_scan,
)


@pytest.fixture
def small_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    yield from style_models.in_use(tmp_path / "models", monkeypatch)


@pytest.fixture(scope="module")
def cine() -> Scan:
    scan = SAMPLES["normal"]()
    return scan.select_slices((3, 4)).with_(name="heart")


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
