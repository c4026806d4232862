"""Small stacks with a bright left atrium, as scans and as files of the 2018 challenge."""

from pathlib import Path

import numpy as np

from napari_cmr.scan import Geometry, Label, Scan
from napari_cmr.scan.datasets.lasc import SPACING_MM
from napari_cmr.zoo.tasks.atrium import AtriumPrediction, AtriumSegmenter


def atrium_stack(shape: tuple[int, int], n_slices: int = 4, seed: int = 0) -> np.ndarray:
    """Grey values (Z, Y, X), bytes: a disc of about 200 that grows from slice to slice, on 60."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    away = np.hypot(rows - shape[0] / 2, columns - shape[1] / 2)
    radii = np.linspace(0.2, 0.35, n_slices) * min(shape)
    noise = np.random.default_rng(seed).normal(0, 4, (n_slices, *shape))
    return (np.where(away < radii[:, None, None], 200, 60) + noise).astype(np.uint8)


def atrium_scan(name: str, shape: tuple[int, int], n_slices: int = 4) -> Scan:
    """Late enhancement with its atrium labelled."""
    stack = atrium_stack(shape, n_slices)
    return Scan(
        image=stack[None].astype(np.float32),
        geometry=Geometry.regular(SPACING_MM, n_slices),
        name=name,
        labels=np.where(stack > 130, np.uint8(Label.LA), np.uint8(0))[None],
        kind="lge",
        view="other",
    )


def label_bright(monkeypatch) -> None:
    """Let the network for atria, whatever it has learned, take what is bright for one."""

    def segment(_, images: np.ndarray, spacing: tuple[float, float]) -> AtriumPrediction:
        labels = np.where(images > 130, np.uint8(Label.LA), np.uint8(0))
        return AtriumPrediction(labels, np.zeros(images.shape, np.float32))

    monkeypatch.setattr(AtriumSegmenter, "segment", segment)


def write_atria(folder: Path, names: tuple[str, ...], shape: tuple[int, int] = (40, 48)) -> None:
    """Files of patients."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(names):
        stack = atrium_stack(shape, seed=seed)
        np.savez(folder / f"{name}.npz", image=stack, label=(stack > 130).astype(np.uint8))
