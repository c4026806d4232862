"""Temperature of a network's logits, and how far its probabilities can be believed."""

import numpy as np

BINS = 15


def tempered(logs: np.ndarray, temperature: float, axis: int = -1) -> np.ndarray:
    """Log-probabilities at another temperature."""
    scaled = logs.astype(np.float64) / temperature
    scaled -= scaled.max(axis=axis, keepdims=True)
    tempered: np.ndarray = scaled - np.log(np.exp(scaled).sum(axis=axis, keepdims=True))
    return tempered


def fit_temperature(logs: np.ndarray, truth: np.ndarray) -> float:
    """Temperature of the smallest log-loss (Guo et al., ICML 2017, section 4.2).

    Parameters
    ----------
    logs : ndarray, shape (N, classes)
        Log-probabilities, or logits.
    truth : ndarray of int, shape (N,)
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda t: log_loss(tempered(logs, float(np.exp(t))), truth),
        bounds=(np.log(0.2), np.log(5.0)),
        method="bounded",
    )
    return float(np.exp(found.x))


def log_loss(logs: np.ndarray, truth: np.ndarray) -> float:
    """Mean negative log-likelihood of the true labels."""
    return float(-logs[np.arange(len(truth)), truth].mean())


def calibration_error(logs: np.ndarray, truth: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean gap between confidence and accuracy, over equal bins.

    Naeini et al., AAAI 2015.
    """
    confidence = np.exp(logs.max(axis=1))
    right = logs.argmax(axis=1) == truth
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.zeros(bins)
    np.add.at(gaps, index, confidence - right)
    return float(np.abs(gaps).sum() / len(truth))
