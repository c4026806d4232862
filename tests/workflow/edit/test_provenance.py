"""What labels were made from travels as plain data, and an interval with its own number alone."""

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from napari_cmr.kspace import Acquisition
from napari_cmr.workflow.edit.provenance import NO_MODEL, KeptSlices, Provenance, ef_fields


def function(lv: float | None, rv: float | None = None) -> SimpleNamespace:
    return SimpleNamespace(lv=SimpleNamespace(ef_percent=lv), rv=SimpleNamespace(ef_percent=rv))


def test_an_interval_is_of_the_number_that_the_model_gave() -> None:
    both = {"LV": (50.0, 61.0), "RV": (40.0, 66.0)}
    made = Provenance(model="a", **ef_fields(function(55.5, 51.0), both))
    assert made.intervals_of(function(55.5, 51.0)) == both
    assert made.intervals_of(function(55.5, 51.1)) == {"LV": (50.0, 61.0)}
    assert made.intervals_of(function(55.6, 51.0)) == {"RV": (40.0, 66.0)}
    assert made.intervals_of(function(None)) == {}
    assert NO_MODEL.intervals_of(function(None)) == {}


def test_a_record_is_json_with_lines_in_order() -> None:
    lines = Acquisition(n_lines=5, toggled=frozenset({(2, 1), (0, 7), (1, 3)}))
    made = Provenance(model="a", acquisition=lines, corrected=((0, 1),))
    record = made.record()
    assert [tuple(one) for one in record["acquisition"]["toggled"]] == [(0, 7), (1, 3), (2, 1)]
    assert Provenance.model_validate(record) == made
    kept = KeptSlices(acquisition=lines, slices=((0, 1),))
    record = Provenance(model="a", kept=(kept,)).record()
    assert record["kept"][0]["acquisition"]["toggled"] == [[0, 7], [1, 3], [2, 1]]
    assert Provenance.model_validate(record).kept == (kept,)
    assert NO_MODEL.record()["acquisition"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": {"a": "0" * 63}},
        {"weights": {"a": "G" * 64}},
        {"lv_ef_percent": float("nan")},
        {"lv_ef_interval_percent": (-1.0, 50.0)},
        {"rv_ef_interval_percent": (50.0, 101.0)},
        {"corrected": ((-1, 0),)},
        {"preset": ""},
    ],
)
def test_what_cannot_be_is_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        Provenance(**wrong)


def test_fields_of_later_versions_are_passed_over() -> None:
    assert Provenance.model_validate({"model": "a", "mood": "good"}) == Provenance(model="a")
