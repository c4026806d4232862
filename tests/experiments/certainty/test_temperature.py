"""Temperatures, and how far probabilities can be believed."""

import numpy as np
import pytest

from napari_cmr.experiments.certainty.temperature import (
    calibration_error,
    fit_temperature,
    log_loss,
)


def drawn(temperature: float, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from probabilities, and logits that are ``temperature`` times too large."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1.5, (n, 4))
    truth = (logits + rng.gumbel(size=logits.shape)).argmax(1)
    sharp = logits * temperature
    return sharp - np.log(np.exp(sharp).sum(1, keepdims=True)), truth


@pytest.mark.parametrize("temperature", [0.6, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(temperature) -> None:
    logs, truth = drawn(temperature)
    assert fit_temperature(logs, truth) == pytest.approx(temperature, rel=0.05)


def test_true_probabilities_have_no_calibration_error() -> None:
    logs, truth = drawn(1.0)
    assert calibration_error(logs, truth) < 0.01
    sharp, truth = drawn(3.0)
    assert calibration_error(sharp, truth) > 0.15
    assert log_loss(sharp, truth) > log_loss(logs, truth)
