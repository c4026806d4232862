"""What a number is of, in words: how many lines, and whether they are those chosen now."""

from types import SimpleNamespace

import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.viewer.core.results import (
    ModelResult,
    lines_text,
    made_rows,
    old_text,
    told_of_run,
)
from napari_cmr.workflow.edit.provenance import NO_MODEL, KeptSlices, Provenance

TEN, ALL = Acquisition(n_lines=10), Acquisition()


@pytest.mark.parametrize(
    ("acquisition", "text"),
    [
        (TEN, "10 of 208 lines"),
        (ALL, "all 208 lines"),
        (Acquisition(n_lines=208), "all 208 lines"),
        (
            Acquisition(n_lines=10, toggled=frozenset({(0, 1)})),
            "10 of 208 lines, edited by hand",
        ),
    ],
)
def test_lines_in_words(acquisition, text) -> None:
    assert lines_text(acquisition, 208) == text


@pytest.mark.parametrize(
    ("made", "whole", "text"),
    [
        (TEN, True, ""),
        (None, True, ""),
        (TEN, False, "only in part from 10 of 208 lines"),
        (ALL, True, "from all 208 lines"),
        (ALL, False, "partly from all 208 lines"),
        (Acquisition(n_lines=10, seed=1), True, "from 10 of 208 lines of another acquisition"),
    ],
)
def test_what_is_not_of_the_lines_chosen_now_says_what_it_is_of(made, whole, text) -> None:
    source = Provenance(model="a", acquisition=made, is_whole=whole)
    assert old_text(source, TEN, 208) == text


def test_copied_rows_tell_lines_that_can_be_drawn_again_weights_and_kept_slices() -> None:
    kept = KeptSlices(model="b", acquisition=ALL, slices=((0, 1), (0, 2)))
    made = Provenance(model="a", acquisition=TEN, weights={"a": "0" * 64}, kept=(kept,))
    assert made_rows("mine", made, 208) == [
        f"made from\tmine\t10 of 208 lines, variable-density, seed 0\ta {'0' * 64}",
        "made from (2 slices kept)\tmine\tall 208 lines",
    ]
    assert made_rows("mine", NO_MODEL, 208) == []


def test_labels_that_were_drawn_grow_never_old() -> None:
    assert old_text(NO_MODEL, TEN, 208) == ""


def test_a_result_knows_its_model_weights_lines_and_number() -> None:
    function = SimpleNamespace(
        lv=SimpleNamespace(ef_percent=51.5), rv=SimpleNamespace(ef_percent=48.0)
    )
    weights = {"a": "0" * 64}
    result = ModelResult("a", TEN, function, {"LV": (45.0, 60.0)}, weights=weights)
    assert result.source == Provenance(
        model="a", preset="live", weights=weights, acquisition=TEN,
        lv_ef_percent=51.5, lv_ef_interval_percent=(45.0, 60.0), rv_ef_percent=48.0,
    )  # fmt: skip
    assert ModelResult("a", TEN, None).source.lv_ef_percent is None


NINE = Acquisition(n_lines=9)
OF_TEN = KeptSlices(acquisition=TEN, slices=((0, 1),))
OF_NINE = KeptSlices(acquisition=NINE, slices=((1, 1), (2, 0)))


@pytest.mark.parametrize(
    ("kept", "n_corrected", "replaces", "text"),
    [
        ((), 0, False, ""),
        ((OF_TEN,), 0, False, "a-net: 1 slice that you accepted is kept."),
        (
            (OF_TEN, OF_NINE),
            0,
            False,
            "a-net: 3 slices that you accepted are kept, and not of these lines.",
        ),
        ((OF_TEN,), 1, False, "a-net: 1 slice that you corrected is kept. To have"),
        ((), 2, True, "a-net replaced labels that you had drawn: undo"),
        ((OF_TEN,), 1, True, ""),  # corrected, and accepted
    ],
)
def test_what_a_run_has_kept_or_replaced_is_told(kept, n_corrected, replaces, text) -> None:
    said = told_of_run("a-net", TEN, kept, n_corrected, replaces_corrected=replaces)
    assert said.startswith(text)
    assert bool(said) == bool(text)
