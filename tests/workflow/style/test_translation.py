from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers import style_models

from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Scan, ScanError
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
