"""What a number is of, in words: how many lines, and whether they are those chosen now."""

from types import SimpleNamespace

import pytest

from napari_cmr.kspace import Acquisition
from napari_cmr.viewer.core.results import ModelResult, lines_text, old_text
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance

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
