import numpy as np
import pytest

from napari_cmr.experiments.tuning.search import Choice, changed, shown_changes, variants
from napari_cmr.scan import ScanError
from napari_cmr.training.register import find

MODEL = find("dc-cnn")
RECIPE = MODEL.tiny


def parsed(*texts):
    return tuple(Choice.parse(one) for one in texts)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("steps=100,400", (100, 400)),
        ("architecture.features=[8,16],[16, 32]", ([8, 16], [16, 32])),
        ("architecture.shared_views=true,false", (True, False)),
        ("schedule=one-cycle, step", ("one-cycle", "step")),
        ("learning_rate=1e-3", (0.001,)),
    ],
)
def test_values_are_read_as_json_or_as_words(text, values) -> None:
    assert Choice.parse(text).values == values


@pytest.mark.parametrize("text", ["steps", "=3", "steps=", "steps=9..2", "steps=a..b"])
def test_what_names_no_values_is_refused(text) -> None:
    with pytest.raises(ScanError, match=r"steps|FIELD"):
        Choice.parse(text)


def test_a_grid_has_all_combinations_each_once() -> None:
    found = variants("grid", parsed("steps=1,2", "noise=0,0.1,0"))
    assert found == [{"steps": steps, "noise": noise} for steps in (1, 2) for noise in (0, 0.1)]


def test_an_ablation_has_the_recipe_and_each_value_alone() -> None:
    found = variants("ablation", parsed("steps=1,2", "noise=0"))
    assert found == [{}, {"steps": 1}, {"steps": 2}, {"noise": 0}]


def test_a_random_search_draws_what_its_seed_says_from_lists_and_ranges() -> None:
    choices = parsed("steps=10..1000", "learning_rate=1e-4..1e-2", "schedule=one-cycle,step")
    first, again, other = (variants("random", choices, draws=40, seed=seed) for seed in (3, 3, 4))
    assert first == again != other
    assert len(first) == 40
    rates = [one["learning_rate"] for one in first]
    assert 1e-4 <= min(rates) < 4e-4
    assert 4e-3 < max(rates) <= 1e-2  # evenly over the logarithm
    assert all(isinstance(one["steps"], int) and 10 <= one["steps"] <= 1000 for one in first)
    assert {one["schedule"] for one in first} == {"one-cycle", "step"}
    below_zero = variants("random", parsed("noise=-1..1"), draws=20)
    assert min(one["noise"] for one in below_zero) < 0
    assert len(variants("random", parsed("schedule=one-cycle,step"), draws=9)) == 2


@pytest.mark.parametrize(
    ("search", "texts", "said"),
    [
        ("grid", (), "no field is named"),
        ("grid", ("steps=1", "steps=2"), "named twice"),
        ("grid", ("steps=1..5",), "only a random search"),
        ("ablation", ("steps=1..5",), "only a random search"),
    ],
)
def test_a_search_that_cannot_be_is_refused(search, texts, said) -> None:
    with pytest.raises(ScanError, match=said):
        variants(search, parsed(*texts))


def test_fields_of_a_recipe_change_by_their_path() -> None:
    changes = {"steps": 7, "architecture.features": 5, "accelerations.1": 16.0}
    made = changed(MODEL, RECIPE, changes)
    assert (made.steps, made.architecture["features"]) == (7, 5)
    assert made.accelerations == (RECIPE.accelerations[0], 16.0)
    assert made.architecture["cascades"] == RECIPE.architecture["cascades"]
    assert RECIPE.steps != 7
    assert changed(MODEL, RECIPE, {}) == RECIPE
    assert shown_changes(changes) == "steps=7, architecture.features=5, accelerations.1=16.0"
    assert shown_changes({}) == "as it is"


def test_a_parameter_that_only_the_network_knows_may_be_set() -> None:
    plain = RECIPE.with_(architecture={"cascades": 1})
    assert changed(MODEL, plain, {"architecture.depth": 3}).architecture["depth"] == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"speed": 3}, r"recipe of dc-cnn: speed is no field \(there are .*learning_rate"),
        ({"architecture.heads": 3}, r"architecture.heads is no field .*architecture.cascades"),
        ({"accelerations.5": 3}, r"accelerations.5 is no field \(there are 0, 1\)"),
        ({"steps.more": 3}, "steps.more is no field"),
        ({"steps": "many"}, "steps=many: steps: Input should be a valid integer"),
        ({"schedule": "warm"}, "schedule=warm: schedule: Input should be 'one-cycle'"),
        ({"architecture.features": "wide"}, "features=wide: there is no such network"),
    ],
)
def test_unknown_fields_and_bad_values_are_named(changes, said) -> None:
    with pytest.raises(ScanError, match=said):
        changed(MODEL, RECIPE, changes)


def test_every_model_of_cines_can_be_varied() -> None:
    rng = np.random.default_rng(0)
    for name in ("pooled-net", "unrolled-net", "localiser"):
        model = find(name)
        rate = float(rng.uniform(1e-4, 1e-3))
        assert changed(model, model.tiny, {"learning_rate": rate}).learning_rate == rate
