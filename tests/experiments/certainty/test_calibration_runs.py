"""Pixels in the cavity of one acquisition, by offset, temperature and sharpening."""

import numpy as np
import pytest
from helpers.calibration_runs import run
from helpers.zoo_models import on_cpu

from napari_cmr.cohort.subjects import find_subjects, open_cine
from napari_cmr.experiments.certainty.calibration_runs import (
    SHARPENINGS,
    VENTRICLES,
    acquisition_runs,
    least_widening,
)
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.scan import Label
from napari_cmr.zoo import load
from napari_cmr.zoo.tasks.segmentation import Segmenter, in_cavity
from napari_cmr.zoo.time_filter import sharpened


def test_an_offset_counts_doubtful_pixels_in_once_it_makes_up_for_the_lead_of_others() -> None:
    assert run(50.0).volumes(0.9).sum(axis=1).tolist() == [60, 20]
    assert run(50.0).volumes(1.1).sum(axis=1).tolist() == [70, 30]
    softer = run(50.0).at(2.0)  # log-odds halve
    assert softer.volumes(0.4).sum(axis=1).tolist() == [60, 20]
    assert softer.volumes(0.6).sum(axis=1).tolist() == [70, 30]


def test_the_narrowest_interval_that_holds_the_reference_is_found() -> None:
    ef = 100 * 2 / 3  # 60 to 20 pixels
    assert least_widening(run(ef, lead=0.1), 0.0) == 0.0
    # Doubtful are 10 pixels at either frame: from 1 - 30/60 to 1 - 20/70.
    below, above = ef - 50, 100 * (1 - 20 / 70) - ef
    assert run(55.0, lead=0.1).doubt(0.0) == pytest.approx((below, above, 0.0))
    assert least_widening(run(55.0, lead=0.1), 0.0) == pytest.approx((ef - 55) / below)
    assert least_widening(run(90.0, lead=0.1), 0.0) == pytest.approx((90 - ef) / above)
    assert least_widening(run(55.0, lead=0.1), 0.0, "RV") == pytest.approx((ef - 55) / below)
    assert least_widening(run(55.0, lead=1.0), 0.0) == float("inf")  # no pixel is in doubt


def test_an_acquisition_is_counted_once_for_each_sharpening(cohort, models) -> None:
    name, path = next(iter(find_subjects(cohort, "validation").items()))
    settings = EvaluationSettings(models=("pooled-net",), lines=(4,), seed=0)
    cine = open_cine(path, name, n_frames=12, seed=0)
    segmenter = load(on_cpu("pooled-net"), Segmenter)
    found = acquisition_runs(cine, segmenter, 4, settings)
    assert [one.sharpening for one in found] == list(SHARPENINGS)
    acquisition = settings.acquisition(name, 4)
    measured, location = cine.measured(acquisition), cine.locate(acquisition, "cpu")
    logits = segmenter.probabilities(measured, 0, location)[0].log()
    for one in found:
        sharp = sharpened(logits, one.sharpening).softmax(1)
        for offset in (-0.3, 0.0, 0.6):
            for name in VENTRICLES:
                pixels = in_cavity(sharp, Label[name], offset).sum((1, 2)).numpy()
                np.testing.assert_allclose(one.volumes(offset, name)[:, 0], pixels, atol=2)
        np.testing.assert_allclose(np.exp(one.pixels).sum(axis=1), 1, atol=1e-4)
        assert set(np.unique(one.truth)) <= {int(label) for label in Label}
