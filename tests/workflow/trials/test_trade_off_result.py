"""What a sweep says: the fewest lines that will do, and what is tried next."""

from dataclasses import replace

import numpy as np
import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.workflow.trials.trade_off_result import TradeOff, Trial

MODEL = "some-net"


def made_up(efs: dict[int, tuple[float | None, ...]], **changes) -> TradeOff:
    """Trials with these EFs at these line counts of 100; the reference is 60 %."""
    trials = [
        Trial(MODEL, n, seed, 100 / n, ef, None, {"LV": 0.9, "MYO": 0.7, "RV": None}, 1.0)
        for n, several in efs.items()
        for seed, ef in enumerate(several)
    ]
    result = TradeOff(
        acquisition=Acquisition(),
        models=(MODEL,),
        lines=tuple(sorted(efs, reverse=True)),
        n_seeds=2,
        n_phase_encodes=100,
        dice_against="labels",
        ef_against="labels",
        labels_ef_percent=60.0,
        trials=tuple(trials),
        is_whole=True,
    )
    return replace(result, **changes)


def test_lines_are_needed_down_to_the_first_count_at_which_any_seed_fails() -> None:
    found = made_up({100: (61.0,), 20: (58.0, 63.0), 10: (55.0, 65.0), 4: (59.0, 54.9), 1: (60.0,)})
    assert found.lines_needed(MODEL) == 10  # 4 fails by one seed, and then 1 does not count
    assert found.sentence(MODEL) == "EF stays within ±5 points down to 10 lines, not with 4"
    assert found.lines_failing(MODEL) == 4
    assert found.lines_needed(MODEL, tolerance=2.9) == 100
    assert found.lines_needed(MODEL, tolerance=0.5) is None


def test_an_ef_that_is_not_defined_fails() -> None:
    found = made_up({100: (60.0,), 10: (60.0, None), 1: (60.0, 60.0)})
    assert found.lines_needed(MODEL) == 100
    assert found.sentence(MODEL) == "EF stays within ±5 points with every line, not with 10"


def test_what_was_not_measured_yet_is_not_claimed() -> None:
    found = made_up({100: (60.0,), 10: (60.0,), 1: ()}, is_whole=False)
    assert found.lines_needed(MODEL) == 10
    assert found.sentence(MODEL).endswith("10 lines so far")
    assert made_up({100: (), 10: ()}).sentence(MODEL) == ""
    first = made_up({100: (60.0,), 10: ()}, is_whole=False)
    assert first.sentence(MODEL) == "EF stays within ±5 points with every line so far"


def test_a_model_that_is_wrong_from_all_lines_is_not_excused() -> None:
    found = made_up({100: (50.0,), 10: (60.0,)})
    assert found.lines_needed(MODEL) is None
    assert "more than 5 points off with every line" in found.sentence(MODEL)


@pytest.mark.parametrize(
    ("efs", "between"),
    [
        ({100: (60.0,), 25: (60.0, 50.0)}, 50),
        ({100: (60.0,), 81: (60.0,), 25: (50.0,), 4: (60.0,)}, 45),
        ({100: (60.0,), 89: (50.0,)}, 94),
        ({100: (60.0,), 90: (50.0,)}, None),  # close
        ({100: (60.0,), 4: (60.0,), 3: (50.0,)}, None),  # nothing lies between
        ({100: (60.0,), 4: (60.0,)}, None),  # nothing fails
        ({100: (50.0,), 4: (60.0,)}, None),  # nothing will do
        ({100: (60.0,), 4: ()}, None),
    ],
)
def test_what_is_tried_next_lies_between_the_last_that_will_do_and_the_first_that_fails(
    efs, between
) -> None:
    assert made_up(efs).between(MODEL) == between


def test_points_are_means_and_spreads_over_seeds() -> None:
    full, few = reversed(made_up({100: (61.0,), 10: (58.0, 64.0)}).points(MODEL))
    assert (full.ef_error, full.ef_spread, full.n) == (1.0, None, 1)
    assert (few.ef_error, few.ef_errors) == (1.0, (-2.0, 4.0))
    assert few.ef_spread == pytest.approx(np.sqrt(18))
    assert few.dice == pytest.approx(0.8)
