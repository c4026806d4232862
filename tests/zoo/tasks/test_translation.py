from pathlib import Path

import numpy as np
import pytest
from helpers.notices import codes
from helpers.style_models import write_style_model
from helpers.zoo_models import on_cpu

from napari_cmr.scan import ScanError
from napari_cmr.zoo.cancellation import Stopped, stoppable
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.loader import load
from napari_cmr.zoo.tasks.translation import Styler, style_path


@pytest.fixture
def styler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Styler:
    write_style_model(tmp_path)
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return load(on_cpu("munit"), Styler)


def test_a_slice_in_many_styles(styler: Styler) -> None:
    slices = np.random.default_rng(0).random((2, 48, 48)) * 300
    codes = styler.sample_codes(3, seed=5)
    made = styler.translate(slices, codes)
    assert made.shape == (2, 3, 48, 48)
    assert np.abs(made).max() <= 1
    assert np.abs(made[:, 0] - made[:, 1]).mean() > 1e-3  # styles differ
    np.testing.assert_array_equal(made[1:], styler.translate(slices[1:], codes))
    # fewer styles at once: the same but for the order of sums, which is the processor's
    np.testing.assert_allclose(made[1:, :1], styler.translate(slices[1:], codes[:1]), atol=1e-5)
    np.testing.assert_allclose(made, styler.translate(slices * 2, codes), atol=0.02)


def test_drawn_styles_are_repeatable_and_more_are_the_same_and_others(styler: Styler) -> None:
    codes = styler.sample_codes(5, seed=2)
    np.testing.assert_array_equal(codes[:3], styler.sample_codes(3, seed=2))
    assert not np.array_equal(codes, styler.sample_codes(5, seed=3))


def test_the_style_of_a_picture(styler: Styler) -> None:
    image = np.random.default_rng(0).random((48, 48))
    assert styler.encode_style(image).shape == (8,)
    assert not np.allclose(styler.encode_style(image), styler.encode_style(image**3), atol=1e-3)


def test_a_square_goes_back_where_it_came_from(styler: Styler) -> None:
    y, x = np.mgrid[:80, :70]
    image = np.exp(-((y - 30) ** 2 + (x - 40) ** 2) / 100).astype(np.float32)
    where = {"spacing": (1.8, 2.1), "centre": (33.0, 36.5)}
    square = styler.crop(image[None], **where)
    back = styler.uncrop(2 * square - 1, image.shape, **where)[0]
    inside = (slice(10, 55), slice(15, 57))
    np.testing.assert_allclose(back[inside], image[inside], atol=0.03)
    assert back[0, 0] == 0  # outside the square


def test_what_does_not_fit_is_said(styler: Styler) -> None:
    with pytest.raises(ScanError, match="multiples of 16"):
        styler.translate(np.ones((1, 40, 48)), styler.sample_codes(1))
    with pytest.raises(ScanError, match="8 numbers"):
        styler.translate(np.ones((1, 48, 48)), np.zeros((1, 7)))
    with pytest.raises(ScanError, match="too small"):
        styler.encode_style(np.ones((3, 3)))
    with pytest.raises(ScanError, match="two or more"):
        style_path(np.zeros(8), np.ones(8), 1)


def test_a_path_holds_both_ends() -> None:
    path = style_path(np.zeros(8), np.ones(8), 3)
    np.testing.assert_allclose(path, np.outer([0, 0.5, 1], np.ones(8)))


def test_memory_that_runs_out_is_made_do_with(styler: Styler) -> None:
    slices, drawn = np.random.default_rng(0).random((1, 48, 48)), styler.sample_codes(3)
    expected = styler.translate(slices, drawn)
    decode = styler.network.decode

    def hungry(domain, content, styles):
        if len(styles) > 1:
            raise RuntimeError("CUDA error: out of memory")
        return decode(domain, content, styles)

    styler.network.decode = hungry
    np.testing.assert_allclose(styler.translate(slices, drawn), expected, atol=0.02)
    assert codes(styler.notes) == ["memory-short"]


def test_it_ends_when_nobody_waits_any_more(styler: Styler) -> None:
    asked = iter([False] * 3 + [True] * 100)
    with stoppable(lambda: next(asked)), pytest.raises(Stopped):
        styler.translate(np.ones((1, 48, 48)), styler.sample_codes(1))
