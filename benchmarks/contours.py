"""Contour distances of 50 frames x 3 labels, beside medpy and MONAI where they are installed.

python benchmarks/contours.py [--repeats 5]

Prints the median time and, for each peer, how many times longer it takes for the same numbers in
the same run, and the largest difference to ours in mm.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from napari_cmr.analysis.contours import LabelDistances, label_distances
from napari_cmr.scan import Label

SPACING = (1.5, 1.25)
N_FRAMES, N_ROWS, N_COLUMNS = 50, 208, 187
LABELS = (Label.LV, Label.MYO, Label.RV)


def hearts(seed: int) -> np.ndarray:
    """Label maps (T, 1, Y, X) of beating, wobbling short-axis hearts."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:N_ROWS, :N_COLUMNS]
    labels = np.zeros((N_FRAMES, 1, N_ROWS, N_COLUMNS), np.uint8)
    for frame, plane in enumerate(labels[:, 0]):
        dy = y - N_ROWS / 2 - rng.normal(0, 2)
        dx = x - N_COLUMNS / 2 - rng.normal(0, 2)
        angle = np.arctan2(dy, dx)
        radius = np.hypot(dy, dx) * (1 + 0.05 * np.sin(3 * angle + rng.normal()))
        cavity = 22 + 3 * np.cos(2 * np.pi * frame / N_FRAMES) + rng.normal(0, 0.5)
        plane[np.hypot(dy / 1.4, dx + 34) < 26 + rng.normal()] = Label.RV
        plane[radius < cavity + 9] = Label.MYO
        plane[radius < cavity] = Label.LV
    return labels


def medpy_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    try:
        from medpy.metric.binary import assd, hd
    except ImportError:
        return None
    return np.array(
        [
            [
                (hd(a == label, b == label, SPACING), assd(a == label, b == label, SPACING))
                for label in LABELS
            ]
            for a, b in zip(first[:, 0], second[:, 0], strict=True)
        ]
    )


def monai_distances(first: np.ndarray, second: np.ndarray) -> np.ndarray | None:
    try:
        import torch
        from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance
    except ImportError:
        return None
    a, b = (
        torch.from_numpy(np.stack([labels[:, 0] == label for label in LABELS], 1)).float()
        for labels in (first, second)
    )
    given = {"include_background": True, "spacing": list(SPACING)}
    hausdorff = compute_hausdorff_distance(a, b, **given)
    average = compute_average_surface_distance(a, b, symmetric=True, **given)
    return torch.stack([hausdorff, average], dim=-1).numpy()


def seconds(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    first, second = hearts(0), hearts(1)

    def ours() -> LabelDistances:
        return label_distances(first, second, SPACING, labels=LABELS)

    found = ours()
    values = np.stack([found.hausdorff[:, 0], found.average_surface[:, 0]], axis=-1)
    our_time = seconds(ours, repeats)
    print(f"napari-cmr {1e3 * our_time:8.1f} ms for {N_FRAMES} frames x {len(LABELS)} labels")
    for name, peer in (("medpy", medpy_distances), ("MONAI", monai_distances)):
        theirs = peer(first, second)  # also the warm-up
        if theirs is None:
            print(f"{name:10} not installed")
            continue
        peer_time = seconds(lambda peer=peer: peer(first, second), max(1, repeats // 2))
        print(
            f"{name:10} {1e3 * peer_time:8.1f} ms, {peer_time / our_time:5.1f} x as long, "
            f"largest difference {np.abs(theirs - values).max():.1e} mm"
        )


if __name__ == "__main__":
    main()
