"""Records of scar and styles in a session file: exact, or refused."""

import numpy as np
import pytest
from pydantic import ValidationError

from napari_cmr.workflow.session.record import ModelReference
from napari_cmr.workflow.session.saved_results import SavedScar, SavedStyles
from napari_cmr.workflow.style.rendering import Styled
from napari_cmr.workflow.style.translation import StyleSpread


def styled(**changes) -> Styled:
    fields = {
        "frame": 1,
        "z": 2,
        "seed": 3,
        "names": ("chosen", ""),
        "codes": np.random.default_rng(0).standard_normal((2, 4)).astype(np.float32),
        "given": np.zeros((1, 4), np.float32),
        "shifts": (0.1, 0.0, -2.0),
        "model": "munit",
        "weights": {"munit": "a" * 64, "lge": "b" * 64},
        "spread": StyleSpread((4.0, 5.0), (3.0, 3.5), 0.8, None),
    }
    return Styled(**(fields | changes))


def test_styles_come_back_from_json_to_the_last_bit() -> None:
    one = styled()
    saved = SavedStyles.of(one)
    again = SavedStyles.model_validate_json(saved.model_dump_json()).styled()
    np.testing.assert_array_equal(again.codes, one.codes)
    np.testing.assert_array_equal(again.given, one.given)
    assert (again.frame, again.z, again.seed, again.names) == (1, 2, 3, ("chosen", ""))
    assert (again.shifts, again.weights, again.spread) == (one.shifts, one.weights, one.spread)


def test_drawn_styles_alone_have_no_given_ones() -> None:
    one = styled(given=np.zeros((0, 0), np.float32), names=("", ""))
    assert SavedStyles.of(one).styled().given.shape == (0, 4)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given": np.zeros((1, 3), np.float32)}, "different lengths"),
        ({"names": ("",)}, "a name and a code"),
        ({"model": "other"}, "not among their models"),
    ],
)
def test_styles_that_do_not_hang_together_are_refused(changes, said) -> None:
    with pytest.raises(ValidationError, match=said):
        SavedStyles.of(styled(**changes))


def test_remote_muscle_is_kept_only_where_it_was_drawn() -> None:
    numbers = {"myocardium_g": 9.0, "scar_g": 1.0, "no_reflow_g": 0.0, "scar_percent": 11.0}
    saved = SavedScar(labels=0, settings={}, remote=(1, 2, 1), **numbers)
    mask = saved.remote_mask((1, 2, 3))
    assert mask.dtype == bool
    assert np.flatnonzero(mask).tolist() == [1, 2]
    assert SavedScar(labels=0, settings={}, **numbers).remote_mask((1, 2, 3)) is None
    assert ModelReference(name="x", preset="live", sha256="0" * 64).name == "x"
