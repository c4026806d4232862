"""Presets of published reconstruction networks: what their publications say, and what ships."""

import inspect

import pytest

from napari_cmr.training.register import models, resolve

#: Adam's rate, noise of measuring, and what the network is built with where nothing is said.
PUBLISHED = {
    "crnn": (1e-4, 0.0, {"iterations": 5, "features": 64, "periodic": False}),
    "dc-cnn": (1e-4, 0.0, {"cascades": 5, "depth": 5, "features": 64}),
    "dc-cnn-3d": (1e-4, 0.0, {"cascades": 10, "depth": 5, "features": 64}),
    "dc-mac": (1e-4, 0.0, {"cascades": 5, "depth": 5, "features": 64}),
    "kiki-net": (1e-4, 0.0, {"rounds": 2, "depth": 25}),
    "kt-next": (1e-3, 0.0, {"stages": 4, "features": 64, "periodic": False}),
    "modl": (1e-3, 0.01, {"unrolls": 10, "depth": 5, "features": 64}),
    "sigma-net": (1e-4, 0.0, {"iterations": 8, "coils": 6}),
}


def published():
    by_others = [one for one in models().values() if "published_reconstruction" in one.training]
    return {one.name: one for one in by_others}


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_paper_is_as_published_and_live_says_where_it_is_not(name) -> None:
    model = published()[name]
    paper, live = model.recipe("paper"), model.recipe("live")
    rate, noise, built = PUBLISHED[name]
    assert (paper.learning_rate, paper.noise) == (rate, noise)
    assert (paper.loss, paper.schedule) == ("published", "constant")
    parameters = inspect.signature(resolve(model.network)).parameters
    defaults = {key: one.default for key, one in parameters.items()}
    assert (defaults | paper.architecture).items() >= built.items()
    assert not (defaults | paper.architecture).get("shared_views", False)
    assert len(live.departs) > 1
    assert bool([one for one in live.departs if "logarithm" in one]) == (live.loss != "published")


def test_every_published_network_is_compared_with_its_publication() -> None:
    assert set(published()) == set(PUBLISHED)
