"""What is asked of a training, checked before it begins."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from napari_cmr.scan import ScanError
from napari_cmr.workflow.train.request import TrainingRequest


def request(**fields) -> TrainingRequest:
    return TrainingRequest(**{"model": "fcn", "data": Path("in"), "out": Path("out"), **fields})


def test_the_recipe_is_that_of_the_preset_with_other_steps_if_asked() -> None:
    model, recipe = request(preset="paper").found()
    assert model.name == "fcn"
    assert recipe == model.presets["paper"]
    _, shorter = request(steps=7).found()
    assert shorter == model.presets["live"].with_(steps=7)


def test_what_there_is_not_is_refused() -> None:
    with pytest.raises(ScanError, match="there are"):
        request(model="nobody").found()
    for wrong in ({"steps": 0}, {"members": 0}, {"seed": -1}, {"preset": "huge"}, {"x": 1}):
        with pytest.raises(ValidationError):
            request(**wrong)
