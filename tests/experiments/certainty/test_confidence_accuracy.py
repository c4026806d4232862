"""Confidence against the Dice that it foretells."""

from types import SimpleNamespace

import numpy as np
import pytest

from napari_cmr.experiments.certainty.confidence_accuracy import confidence_summary, slice_scores
from napari_cmr.scan import Label


def test_slices_that_neither_has_say_nothing() -> None:
    reference = np.zeros((2, 2, 10, 10), np.uint8)
    reference[0, 0, 2:8] = int(Label.LV)
    labels = np.zeros_like(reference)
    labels[0, 0, 2:5] = int(Label.LV)
    labels[1, 1, 2:5] = int(Label.RV)
    confidence = np.linspace(0, 1, 12, dtype=np.float32).reshape(2, 2, 3)
    found = slice_scores(confidence, labels, reference)
    assert found["LV"] == [[0.0, pytest.approx(2 / 3)]]
    assert found["MYO"] == []
    assert found["RV"] == [[1.0, 0.0]]
    assert slice_scores(None, labels, reference) == {}


def test_slices_of_all_subjects_are_ranked_together() -> None:
    def result(scores) -> SimpleNamespace:
        runs = [{"n_lines": 10, "slices": {"LV": scores, "RV": []}}]
        return SimpleNamespace(part=SimpleNamespace(model="net"), record={"runs": runs})

    lv, rv = confidence_summary([result([[0.2, 0.1], [0.9, 0.95]]), result([[0.4, 0.8]])])
    assert lv["spearman"] == pytest.approx(1.0)
    assert (lv["n"], lv["unsure"], lv["unsure_and_wrong"], lv["wrong"]) == (3, 2, 1, 1)
    assert lv["mean_expected"] == pytest.approx(0.5)
    assert (rv["n"], rv["spearman"], rv["mean_dice"]) == (0, None, None)
