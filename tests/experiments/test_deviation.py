import numpy as np
import pytest
from helpers.cohorts import write_acdc
from helpers.reconstruction_models import write_reconstruction_model
from typer.testing import CliRunner

from napari_cmr.cli.root import app
from napari_cmr.experiments.deviation import fit_deviation, summarise, with_own_noise
from napari_cmr.scan import ScanError
from napari_cmr.zoo import ModelChoice
from napari_cmr.zoo.cards import read_card
from napari_cmr.zoo.folders import MODELS_VARIABLE


def normal_ratios(widths: list[list[float]]) -> np.ndarray:
    """Percentiles of normal errors over deviations that are too small by so much."""
    rng = np.random.default_rng(0)
    drawn = np.abs(rng.standard_normal(100_000))
    return np.array(
        [[np.quantile(drawn * w, np.linspace(0, 1, 101)) for w in one] for one in widths]
    )


def test_the_factor_is_what_the_deviation_is_too_small_by() -> None:
    found = summarise(normal_ratios([[2.0, 3.0]] * 4), np.array([4.0, 16.0]))
    assert found.factors == ((4.0, pytest.approx(2, rel=0.02)), (16.0, pytest.approx(3, rel=0.02)))
    assert found.before[4.0] == pytest.approx(0.383, abs=0.01)  # within half a deviation
    assert found.after[4.0] == pytest.approx(0.683, abs=0.01)
    assert found.subjects == 4


def test_factors_do_not_fall_with_the_acceleration() -> None:
    found = summarise(normal_ratios([[3.0, 2.0, 5.0]] * 3), np.array([4.0, 8.0, 16.0]))
    factors = [factor for _, factor in found.factors]
    assert factors == sorted(factors)
    assert factors[0] == factors[1]


def test_a_subject_does_not_vouch_for_itself() -> None:
    found = summarise(normal_ratios([[1.0], [1.0], [9.0]]), np.array([8.0]))
    assert found.factors[0][1] == pytest.approx(1, rel=0.02)
    # the others of the first two have a median of 5, those of the third one of 1
    assert found.after[8.0] == pytest.approx((1 + 1 + 0.088) / 3, abs=0.01)


def test_each_frame_gets_as_much_noise_as_the_first_has() -> None:
    rng = np.random.default_rng(0)
    still = 100 + rng.normal(0, 5, (2, 40, 40))
    still[:, :10] = 0  # air
    noisy = with_own_noise(np.repeat(still[None], 6, axis=0), rng)
    assert np.sqrt(noisy.var(axis=0, ddof=1)[:, 10:].mean()) == pytest.approx(5, rel=0.1)
    assert (noisy >= 0).all()
    smooth = np.full((6, 2, 40, 40), 100.0)
    assert with_own_noise(smooth, rng) == pytest.approx(smooth)


def test_the_command_keeps_it_in_the_card(tmp_path, monkeypatch) -> None:
    data, zoo = tmp_path / "data", tmp_path / "zoo"
    zoo.mkdir()
    for number in (14, 15):
        write_acdc(data, number, "DCM")
    weights = write_reconstruction_model(zoo)
    monkeypatch.setenv(MODELS_VARIABLE, str(zoo))
    arguments = ["calibrate", data, "--model", "unrolled-net", "-n", "4,8,full", "--device", "cpu"]
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    assert "within one standard deviation" in " ".join(done.stdout.split())
    card = read_card(weights)
    assert len(card.std_factors) == 2
    accelerations = [acceleration for acceleration, _ in card.std_factors]
    assert accelerations == sorted(accelerations)
    assert set(card.metrics["deviation"]["within_one_after"]) == {
        f"{one:g}x" for one in accelerations
    }


def test_a_network_without_a_deviation_is_refused(tmp_path, monkeypatch) -> None:
    write_acdc(tmp_path / "data", 14, "DCM")
    zoo = tmp_path / "zoo"
    zoo.mkdir()
    write_reconstruction_model(zoo, "dc-cnn")
    monkeypatch.setenv(MODELS_VARIABLE, str(zoo))
    with pytest.raises(ScanError, match="gives no standard deviation"):
        fit_deviation(tmp_path / "data", ModelChoice(name="dc-cnn", device="cpu"), lines=[8])
