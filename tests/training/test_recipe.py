"""What a recipe says of itself: what is drawn at random, and which stages there are."""

import pytest
from pydantic import ValidationError

from napari_cmr.training.recipe import (
    CascadeRecipe,
    CineRecipe,
    Recipe,
    StageRecipe,
    TrainingSettings,
)
from napari_cmr.training.register import find


def test_a_recipe_says_what_it_draws_and_a_stage_need_not() -> None:
    class Silent(Recipe):
        pass

    with pytest.raises(TypeError, match="sampling"):
        Silent(steps=1, learning_rate=1.0, schedule="one-cycle")
    assert not hasattr(TrainingSettings, "sampling")
    assert StageRecipe(name="unet-lge").steps == 1500


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {},
            "a fifth fully sampled, 10 % one line, the rest log-uniform between 1 and 0.6 of all "
            "lines, the lower end reached after a third of the steps; cines of 12 to 25 frames",
        ),
        ({"lines": (6, None)}, "a fifth fully sampled, the rest log-uniform between 6 and 0.6"),
        (
            {"lines": (1, 8), "one_line": 0.45},
            "45 % one line, the rest log-uniform between 1 and",
        ),
        ({"lines": (2, 8)}, "variable density; log-uniform between 2 and 8 lines"),
        ({"lines": (1, 8), "one_line": 0.0}, "variable density; log-uniform between 1 and 8"),
    ],
)
def test_lines_that_are_drawn(settings, said) -> None:
    assert said in CineRecipe(**settings).sampling(25)


def test_fully_sampled_draws_no_lines() -> None:
    said = CineRecipe(fully_sampled=True).sampling(25)
    assert said.startswith("fully sampled; cines of 12 to 25 frames")
    assert "log-uniform" not in said


def test_changes_are_checked_like_any_setting() -> None:
    recipe = CineRecipe().with_(steps=7)
    assert recipe.steps == 7
    assert type(recipe) is CineRecipe
    with pytest.raises(ValidationError):
        recipe.with_(loss="guess")
    with pytest.raises(ValidationError):
        recipe.with_(colour="red")


def test_stages_do_without_a_style_network() -> None:
    first = StageRecipe(name="unet-bssfp", steps=10)
    second = StageRecipe(name="unet-lge", contrasts={"synthetic": 0.5, "painted": 0.5}, steps=20)
    itself = second.with_(name="unet-self", contrasts=second.contrasts | {"enhanced": 2.0})
    recipe = CascadeRecipe(stages=(first, second), without_style={"painted": 1.0})
    stages = (first, second, itself)
    assert [recipe.chosen(stage, with_style=True) for stage in stages] == [first, second, itself]
    without = [recipe.chosen(stage, with_style=False, steps=3) for stage in stages]
    assert [stage.contrasts for stage in without] == [
        {"bssfp": 1.0},
        {"painted": 1.0},
        {"painted": 1.0, "enhanced": 2.0},
    ]
    assert [stage.steps for stage in without] == [3, 3, 3]
    assert second.contrasts == {"synthetic": 0.5, "painted": 0.5}


@pytest.mark.parametrize("name", ["syn-net", "li-net"])
def test_both_sizes_of_the_published_networks_say_where_they_depart(name) -> None:
    for preset in ("live", "paper"):
        departs = " ".join(find(name).recipe(preset).departs)
        assert "rather than uniform" in departs
        assert "moving average of the weights" in departs
        assert ("lambdas are the paper's" in departs) == (name == "li-net")
        assert ("shown the lines pooled" in departs) == (preset == "live")
