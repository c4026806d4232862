"""How alike pictures are to a network that was trained on something else.

No weights are downloaded: features are those of the zoo's own FCN, which learned to segment bSSFP.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from napari_cmr.zoo import default_choice, load
from napari_cmr.zoo.tasks.segmentation import Segmenter

#: Squared differences below this are nothing.
_SMALL = 1e-8
_BATCH = 32


@dataclass(frozen=True, eq=False)
class Features:
    """Of some pictures.

    Attributes
    ----------
    levels : list of float32 Tensor, shape (N, C, h, w)
        At every level of the network, of length 1 in every pixel.
    pooled : ndarray of float32, shape (N, D)
        Mean and standard deviation of every channel of every level.
    """

    levels: list[torch.Tensor]
    pooled: np.ndarray


@torch.inference_mode()
def features_of(images: np.ndarray) -> Features:
    """Features of pictures (N, H, W) from -1 to 1, sides multiples of 16."""
    choice = default_choice("full cine", device="cpu", precision="float32")
    network = load(choice, Segmenter).network
    levels: list[list[torch.Tensor]] = []
    pooled = []
    for first in range(0, len(images), _BATCH):
        x = (torch.from_numpy(images[first : first + _BATCH]).float()[:, None] + 1) / 2
        x = x.contiguous(memory_format=torch.channels_last)
        statistics = []
        for index, block in enumerate(network.blocks):  # type: ignore[arg-type]
            x = block(F.max_pool2d(x, 2) if index else x)
            statistics += [x.mean((2, 3)), x.std((2, 3))]
            unit = x / (x.square().sum(1, keepdim=True) + _SMALL).sqrt()
            if index == len(levels):
                levels.append([])
            levels[index].append(unit.contiguous())
        pooled.append(torch.cat(statistics, 1).numpy())
    return Features([torch.cat(level) for level in levels], np.concatenate(pooled))


def distance(features: Features, first: Sequence[int], second: Sequence[int]) -> np.ndarray:
    """Perceptual distance (P,) of pairs of pictures, 0 for the same one.

    Squared distance of features of unit length, averaged over pixels and over levels, as LPIPS
    (Zhang et al., CVPR 2018) without its learned weights.
    """
    total = np.zeros(len(first))
    for level in features.levels:
        apart = (level[list(first)] - level[list(second)]).square().sum(1).mean((1, 2))
        total += apart.numpy()
    return total / len(features.levels)


def frechet_distance(
    first: np.ndarray, second: np.ndarray, reference: np.ndarray, *, components: int = 16
) -> float:
    """Frechet distance of two sets of features (N, D) and (M, D).

    On the leading principal components of a reference set, each scaled by its spread there: a few
    hundred pictures do not tell the covariance of hundreds of features, and distances to several
    sets compare only on the same axes.

    Parameters
    ----------
    first, second : ndarray, shape (N, D) and (M, D)
    reference : ndarray, shape (R, D)
    components : int
    """
    from scipy.linalg import sqrtm

    centre, spread = reference.mean(0), reference.std(0)
    spread = np.where(spread > 0, spread, 1).astype(np.float64)
    _, _, axes = np.linalg.svd((reference - centre) / spread, full_matrices=False)
    axes = axes[: min(components, len(axes))].T
    scale = ((reference - centre) / spread @ axes).std(0)
    a, b = ((one - centre) / spread @ axes / scale for one in (first, second))
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    mixed = np.real(sqrtm(cov_a @ cov_b))
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * mixed))


def told_apart(
    first: np.ndarray,
    second: np.ndarray,
    groups: Sequence[str],
    *,
    folds: int = 5,
    seed: int = 0,
) -> float:
    """Balanced accuracy with which a linear classifier tells two sets of features apart.

    Cross-validated, all pictures of a subject in one fold. 0.5 is chance: no difference was found.

    Parameters
    ----------
    first, second : ndarray, shape (N, D) and (M, D)
    groups : sequence of str
        Subject of every picture, N + M of them.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x = np.concatenate([first, second])
    y = np.repeat([0, 1], [len(first), len(second)])
    predicted = np.zeros(len(y), dtype=int)
    cross = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    for train, test in cross.split(x, y, groups):
        model = make_pipeline(
            StandardScaler(),
            PCA(min(32, len(train) - 1, x.shape[1]), random_state=seed),
            StandardScaler(),
            LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000),
        )
        predicted[test] = model.fit(x[train], y[train]).predict(x[test])
    return float(balanced_accuracy_score(y, predicted))


def edge_agreement(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """How well edges of pictures (N, H, W) lie along each other, whatever their contrast; (N,).

    Squared cosine of the angle between both gradients (normalised gradient fields; Haber and
    Modersitzki, MICCAI 2006), averaged with the product of their lengths as weight. 1 where all
    edges agree, 0.5 where directions have nothing to do with each other.
    """
    gradients = []
    for pictures in (first, second):
        smooth = F.avg_pool2d(torch.from_numpy(pictures).float()[:, None], 3, 1)[:, 0].numpy()
        gradients.append(np.stack(np.gradient(smooth, axis=(1, 2))))
    a, b = gradients
    lengths = np.sqrt((a**2).sum(0) * (b**2).sum(0))
    cosine = (a * b).sum(0) / np.maximum(lengths, _SMALL)
    agreement: np.ndarray = (cosine**2 * lengths).sum((1, 2)) / np.maximum(
        lengths.sum((1, 2)), _SMALL
    )
    return agreement
