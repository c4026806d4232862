"""Which models the docks offer that leave lines out."""

import json

from helpers.lively_models import write_model

from napari_cmr.viewer.core.model_choice import segmentation_models
from napari_cmr.workflow.train.export import tie_for_fewer
from napari_cmr.zoo.folders import find_models


def rewrite(path, **changes):
    card = path.with_suffix(".json")
    card.write_text(json.dumps(json.loads(card.read_text()) | changes))


def test_models_for_all_lines_are_not_offered(varied_models):
    installed = {name for name, preset in find_models() if preset == "live"}
    assert {"fcn", "localiser", "pooled-net"} <= installed
    offered = segmentation_models()
    assert "pooled-net" in offered
    assert "fcn" not in offered  # it learned from whole pictures
    assert "localiser" not in offered  # it segments nothing
    assert len(offered) == len(set(offered))


def test_a_damaged_card_hides_its_model_only(varied_models):
    before = segmentation_models()
    rewrite(next(varied_models.glob("pooled-net-live*")), sha256=3, input_kind="unheard of")
    after = segmentation_models()
    assert set(before) - set(after) == {"pooled-net"}


def test_a_model_that_another_hands_few_lines_to_is_not_offered_beside_it(varied_models):
    write_model(varied_models, "pooled-net-few")
    assert "pooled-net-few" in segmentation_models()
    tie_for_fewer(varied_models, "live")
    assert "pooled-net" in segmentation_models()
    assert "pooled-net-few" not in segmentation_models()
