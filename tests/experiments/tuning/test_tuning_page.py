import numpy as np
import pytest

from napari_cmr.experiments.tuning.tuning_page import Tuning, mean_of, score, spread_of, tuning_page


def trial(changes, *psnr):
    folds = [
        {"fold": k, "seed": 0, "seconds": 60.0, "parameters": 1200, "numbers": {"psnr": one}}
        for k, one in enumerate(psnr)
    ]
    return {"changes": changes, "recipe": {"steps": 5}, "folds": folds}


def tuning(*trials, **fields):
    settings = {"search": "ablation", "model": "dc-cnn", "preset": "live", "seed": 3}
    given = {"folds": [("a", "b"), ("c",)], "failures": []} | fields
    return Tuning(settings=settings, trials=list(trials), **given)


def test_the_score_is_psnr_or_the_mean_of_dice() -> None:
    assert score({"psnr": 30.0, "dice_lv": 0.5}) == 30
    assert score({"val_loss": 9.0, "dice_lv": 0.5, "dice_rv": 0.7}) == pytest.approx(0.6)
    assert score({"dice_lv": None, "dice_rv": 0.7}) == pytest.approx(0.7)
    assert np.isnan(score({"val_loss": 1.0}))


def test_means_and_deviations_are_of_what_is_known() -> None:
    assert mean_of([1.0, 3.0, float("nan")]) == 2
    assert spread_of([1.0, 3.0]) == pytest.approx(np.sqrt(2))
    assert np.isnan(spread_of([1.0]))
    assert np.isnan(mean_of([]))


def test_differences_are_paired_by_fold() -> None:
    # both go up by exactly 1 dB in each fold, whatever the folds are like
    page = tuning_page(tuning(trial({}, 30.0, 20.0), trial({"steps": 9}, 31.0, 21.0)))
    assert "| steps=9 | 26.00 ± 7.07 | +1.000 ± 0.000 | 1,200 | 2.0 |" in page
    assert "| as it is | 25.00 ± 7.07 | – | 1,200 | 2.0 |" in page
    assert page.index("steps=9 |") < page.index("as it is |")
    assert "2 folds of 3 patients" in page


def test_without_the_recipe_itself_nothing_is_compared_and_failures_are_listed() -> None:
    page = tuning_page(
        tuning(trial({"steps": 9}, None, 21.0), failures=[("steps=3, fold 1", "no memory")])
    )
    assert "against the recipe" not in page
    assert "| steps=9 | 21.00 |" in page
    assert "- steps=3, fold 1: no memory" in page
