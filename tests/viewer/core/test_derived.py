"""Results know what they are of: what they were made from may change, or be of other lines."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.viewer.core.derived import (
    ComparisonResult,
    Derived,
    LabelsUsed,
    ScarResult,
    digest_of,
)
from napari_cmr.workflow.edit.provenance import NO_MODEL, Provenance

FEW = Provenance(model="few")


@pytest.fixture
def derived():
    return Derived(lambda source: "from 10 of 208 lines" if source is FEW else "", kept_of)


def kept_of(source, frames):
    return "" if source is NO_MODEL else f"slices of {source.model} in {frames}: kept"


@pytest.fixture
def heard(derived):
    kinds = []
    derived.changed.connect(kinds.append)
    return kinds


def scar(source=NO_MODEL):
    return ScarResult(LabelsUsed("Mine", source=source), SimpleNamespace())


def test_a_result_is_new_when_it_comes_and_old_once_it_is_marked(derived, heard) -> None:
    derived.mark("scar", "before Mine was edited")  # there is none to be old
    assert heard == []
    derived.set_scar(scar())
    assert derived.old_text("scar") == ""
    derived.mark("scar", "before Mine was edited")
    derived.mark("scar", "before Mine was edited")  # once is enough
    assert heard == ["scar", "scar"]
    assert derived.old_text("scar") == derived.why_changed("scar") == "before Mine was edited"
    assert derived.old_text("comparison") == ""
    derived.set_scar(scar())
    assert derived.old_text("scar") == ""


def test_results_of_labels_of_other_lines_say_of_which(derived, heard) -> None:
    derived.set_scar(scar(FEW))
    assert derived.old_text("scar") == "from 10 of 208 lines"
    assert derived.why_changed("scar") == ""  # it still belongs to its labels
    both = LabelsUsed("A", source=FEW), LabelsUsed("B", source=FEW)
    derived.set_comparison(ComparisonResult(both, SimpleNamespace()))
    assert derived.old_text("comparison") == "from 10 of 208 lines"  # said once
    heard.clear()
    derived.lines_changed()
    assert heard == ["scar", "comparison"]


def test_slices_that_were_kept_are_told_in_what_rests_on_them_unless_all_is_old(derived) -> None:
    derived.set_scar(scar())
    assert derived.kept_text("scar") == derived.kept_text("comparison") == ""
    some = Provenance(model="some")
    derived.set_scar(scar(some))
    assert derived.kept_text("scar") == "slices of some in None: kept"
    derived.mark("scar", "before Mine was edited")
    assert derived.kept_text("scar") == ""
    compared = SimpleNamespace(frames=(0, 4))
    one, other = LabelsUsed("A"), LabelsUsed("B", source=some)
    derived.set_comparison(ComparisonResult((one, other), compared))
    said = "n B, slices of some in (0, 4): kept"
    assert derived.kept_text("comparison") == f"I{said}"
    derived.set_comparison(ComparisonResult((replace(other, name="A"), other), compared))
    assert derived.kept_text("comparison") == f"In A, slices of some in (0, 4): kept; i{said}"
    derived.set_comparison(ComparisonResult((LabelsUsed("A", source=FEW), other), compared))
    assert derived.kept_text("comparison") == ""
    assert derived.kept_text("styles") == ""


def test_another_scan_takes_everything_away(derived) -> None:
    derived.set_scar(scar())
    derived.mark("scar", "before")
    derived.clear()
    assert (derived.scar, derived.comparison, derived.styles) == (None, None, None)
    assert derived.why_changed("scar") == ""


def test_a_digest_is_of_the_labels_and_not_of_how_they_lie() -> None:
    labels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert digest_of(labels) == digest_of(np.asfortranarray(labels))
    assert digest_of(labels) != digest_of(labels + 1)
