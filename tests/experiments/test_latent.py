"""What the codes of networks tell apart, and how that is judged."""

import numpy as np
import pytest

from napari_cmr.cohort.subjects import open_cine
from napari_cmr.experiments import latent
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.nets.windows import Window
from napari_cmr.zoo.tasks import segmentation

pytest.importorskip("matplotlib")


pytest.importorskip("sklearn")


def test_a_slice_that_is_drawn_twice_has_one_code_a_frame(cohort, models, monkeypatch) -> None:
    settings = EvaluationSettings(
        models=("syn-net",), n_frames=4, latent_lines=(4,), trials=2, device="cpu"
    )
    cine = open_cine(cohort / "patient014", "patient014", n_frames=4, seed=0)
    monkeypatch.setattr(segmentation.Segmenter, "_window", lambda *_: Window.whole((32, 32)))
    monkeypatch.setattr(segmentation, "_is_cut", lambda _: False)
    once = latent.measure_codes(cine, "syn-net", settings, in_figure=True)[1]
    monkeypatch.setattr(segmentation, "_is_cut", lambda _: True)
    twice = latent.measure_codes(cine, "syn-net", settings, in_figure=True)[1]
    assert once.keys() == twice.keys()
    for name, codes in once.items():
        assert np.allclose(codes, twice[name], atol=1e-3)


def test_codes_of_two_groups_are_told_apart_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(["A", "B"], 10).astype(object)
    codes = rng.normal(size=(20, 30))
    none = np.zeros(20, bool)
    predicted, how = latent.classify(codes + 5 * (groups == "A")[:, None], groups, none, seed=0)
    assert (predicted == groups).all()
    assert how.startswith("stratified 5-fold")
    wrong, _ = latent.classify(codes, groups, none, seed=0)
    assert np.mean(list(latent.recall_by_group(groups, wrong).values())) < 0.8


def test_the_classifier_never_learns_from_those_that_it_is_tested_on() -> None:
    """Labels of the tested are all wrong: learning from them would show."""
    groups = np.array(["A", "B"] * 6, dtype=object)
    codes = np.where(groups == "A", 1.0, -1.0)[:, None] * np.ones((12, 4))
    learn = np.arange(12) < 8
    swapped = np.where(learn, groups, np.where(groups == "A", "B", "A")).astype(object)
    predicted, how = latent.classify(codes, swapped, learn, seed=0)
    assert list(predicted[:8]) == [""] * 8
    assert list(predicted[8:]) == list(groups[8:])
    assert "learned from 8" in how


def test_too_few_subjects_are_not_classified() -> None:
    one_each = np.array(["A", "B", "B"], dtype=object)
    assert latent.classify(np.eye(3), one_each, np.zeros(3, bool), seed=0) is None


def test_balanced_accuracy_is_the_mean_of_recalls() -> None:
    groups = np.array(["A", "A", "A", "B"])
    found = latent.recall_by_group(groups, np.array(["A", "A", "B", "B"]))
    assert found == {"A": pytest.approx(2 / 3), "B": 1.0}
