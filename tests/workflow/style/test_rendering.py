"""Styles of a slice: given ones first, all moved alike, and the same again from their codes."""

import numpy as np
import pytest
from helpers import style_models
from helpers.small_scans import make_scan

from napari_cmr.workflow.style.rendering import (
    StyleRequest,
    render_again,
    render_styles,
    spread_text,
)

NONE = np.zeros((0, 0), np.float32)


@pytest.fixture
def cine(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_cmr.workflow.style.rendering.has_lge_model", lambda: False)
    for _folder in style_models.in_use(tmp_path / "models", monkeypatch):
        yield make_scan()


def rendered(cine, kept=None, **changes):
    wanted = {
        "samples": 3, "seed": 2, "given": NONE, "given_names": (), "shifts": (0.0, 0.0, 0.0),
    }  # fmt: skip
    (made,) = render_styles(cine, 1, 0, StyleRequest(**(wanted | changes)), kept)
    return made


def test_given_styles_come_first_and_the_rest_is_drawn(cine) -> None:
    drawn = rendered(cine)
    given = np.ones((1, drawn.codes.shape[1]), np.float32)
    both = rendered(cine, given=given, given_names=("real",))
    assert both.names == ("real", "", "")
    np.testing.assert_array_equal(both.codes[0], given[0])
    np.testing.assert_array_equal(both.codes[1:], drawn.codes[:2])
    assert (both.frame, both.z, both.seed, both.model) == (1, 0, 2, "munit")
    assert set(both.weights) == {"munit"}
    assert both.images.shape == (3, *cine.shape[2:])


def test_shifts_move_every_style_alike_in_directions_that_are_kept(cine) -> None:
    still = rendered(cine)
    moved = rendered(cine, kept=still, shifts=(2.0, 0.0, 0.0))
    assert moved.directions is still.directions
    np.testing.assert_allclose(
        moved.codes - still.codes, np.tile(2 * still.directions[0], (3, 1)), atol=1e-5
    )


def test_codes_give_the_same_pictures_again(cine) -> None:
    made = rendered(cine)
    again = render_again(cine, made)
    np.testing.assert_array_equal(again.images, made.images)
    assert again.weights == made.weights


def test_areas_are_told_as_mean_and_range() -> None:
    assert spread_text((4.0, 6.0)) == "5.0 cm² (4.0–6.0)"
    assert spread_text(()) == spread_text((0.0, 0.0)) == "none found"
