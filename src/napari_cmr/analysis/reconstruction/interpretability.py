"""Semantic interpretability score: how well a segmenter of full images still reads others.

Seitzer et al., Adversarial and perceptual refinement for compressed sensing MRI reconstruction,
MICCAI 2018, section 3. The mean Dice overlap of labels that a network, which learned from full
images alone, gives on reconstructions, over the mean that it reaches on the full images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interpretability:
    """Numbers of :func:`interpretability`.

    Attributes
    ----------
    classes : tuple of float
        Score of each class; NaN of one that no image shows.
    mean : float
        Of the classes that there are: mean Dice on reconstructions over mean Dice on full images.
    images : tuple of int
        Images that show each class.
    """

    classes: tuple[float, ...]
    mean: float
    images: tuple[int, ...]


def image_dice(found: np.ndarray, reference: np.ndarray, labels: Sequence[int]) -> np.ndarray:
    """Dice of every class in every image.

    Parameters
    ----------
    found, reference : ndarray of whole numbers, shape (N, Y, X)
        What a segmenter says, and what is there.
    labels : sequence of int
        Classes, without the background.

    Returns
    -------
    ndarray of float64, shape (N, number of labels)
        NaN where the reference does not show a class, whatever was found: such images do not
        count. (Published code scores them 1 where nothing is found either.)

    Raises
    ------
    ValueError
        If the shapes differ, or are not those of images.
    """
    if found.shape != reference.shape or found.ndim != 3:
        raise ValueError(f"labels of {found.shape} beside a reference of {reference.shape}")
    scores = np.full((len(found), len(labels)), np.nan)
    for column, label in enumerate(labels):
        said, true = found == label, reference == label
        there = true.sum((1, 2))
        overlap = 2.0 * (said & true).sum((1, 2))
        shown = there > 0
        scores[shown, column] = overlap[shown] / (said.sum((1, 2)) + there)[shown]
    return scores


def interpretability(on_reconstructions: np.ndarray, on_full: np.ndarray) -> Interpretability:
    """Score reconstructions by the Dice of a segmenter on them and on the full images.

    Parameters
    ----------
    on_reconstructions, on_full : ndarray, shape (N, number of classes)
        Of :func:`image_dice` against one reference, image by image.

    Returns
    -------
    Interpretability
        1 where reconstructions are read as well as full images. Above 1 where they are read
        better, which smoothing can do.

    Raises
    ------
    ValueError
        If the shapes differ, the images that show a class are not the same, or no image shows any.
    """
    if on_reconstructions.shape != on_full.shape or on_full.ndim != 2:
        raise ValueError(f"Dice of {on_reconstructions.shape} beside {on_full.shape}")
    shown = np.isfinite(on_full)
    if not np.array_equal(shown, np.isfinite(on_reconstructions)):
        raise ValueError("the images that show a class are not the same")
    images = shown.sum(0)
    if not images.any():
        raise ValueError("no image shows any of the classes")
    there = images > 0
    means = [np.nanmean(one[:, there], axis=0) for one in (on_reconstructions, on_full)]
    classes = np.full(len(images), np.nan)
    classes[there] = _ratio(*means)
    return Interpretability(
        tuple(float(one) for one in classes),
        float(_ratio(means[0].mean(), means[1].mean())),
        tuple(int(one) for one in images),
    )


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Quotient; NaN over 0, where the segmenter reads nothing in the full images either."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
