"""Cines to learn from, as one compact file per subject that loads in milliseconds."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from napari_cmr.scan import Scan, ScanError
from napari_cmr.scan.atomic import atomic_path


@dataclass(frozen=True, eq=False)
class TrainingCine:
    """One subject's cine with labels on every frame.

    Attributes
    ----------
    image : ndarray of float16, shape (T, Z, Y, X)
        Magnitude, 1 at the 99th percentile.
    labels : ndarray of uint8, shape (T, Z, Y, X)
    spacing : tuple of 3 floats
        ``(dz, dy, dx)`` in mm.
    ed_frame, es_frame : int
    name : str
    """

    image: np.ndarray
    labels: np.ndarray
    spacing: tuple[float, float, float]
    ed_frame: int
    es_frame: int
    name: str

    @classmethod
    def from_scan(cls, scan: Scan) -> "TrainingCine":
        """Keep what training needs of a fully labelled scan.

        Raises
        ------
        ScanError
            If some frame has no labels, or no frame is marked as ED or ES.
        """
        if scan.labels is None or len(scan.labelled_frames) != scan.n_frames:
            raise ScanError("every frame needs labels to learn from", source=scan.name)
        if scan.ed_frame is None or scan.es_frame is None:
            raise ScanError("end-diastole and end-systole are not marked", source=scan.name)
        magnitude = np.abs(scan.image)
        scale = max(float(np.percentile(magnitude, 99)), 1e-6)
        return cls(
            image=(magnitude / scale).astype(np.float16),
            labels=np.where(scan.labels > 3, 2, scan.labels).astype(np.uint8),
            spacing=scan.spacing,
            ed_frame=scan.ed_frame,
            es_frame=scan.es_frame,
            name=scan.name,
        )

    def save(self, path: Path) -> None:
        """Write as ``.npz`` (no pickles)."""
        with atomic_path(path) as temporary, open(temporary, "wb") as stream:
            np.savez(
                stream,
                image=self.image,
                labels=self.labels,
                spacing=np.array(self.spacing),
                frames=np.array([self.ed_frame, self.es_frame]),
                name=np.array(self.name),
            )

    @classmethod
    def load(cls, path: Path) -> "TrainingCine":
        """Read a file of :meth:`save`."""
        with np.load(path, allow_pickle=False) as data:
            dz, dy, dx = data["spacing"].tolist()
            ed_frame, es_frame = data["frames"].tolist()
            return cls(
                data["image"], data["labels"], (dz, dy, dx), ed_frame, es_frame, str(data["name"])
            )

    @cached_property
    def heart_slices(self) -> np.ndarray:
        """Slices in which there is heart at some time."""
        found: np.ndarray = np.nonzero((self.labels > 0).any(axis=(0, 2, 3)))[0]
        return found

    @cached_property
    def heart_centre(self) -> tuple[float, float]:
        """Row and column of the middle of the labelled heart, over all frames and slices."""
        rows, columns = np.nonzero((self.labels > 0).any(axis=(0, 1)))
        if not rows.size:
            raise ScanError("the labels are empty", source=self.name)
        return float(rows.mean()), float(columns.mean())


def load_cines(folder: Path, names: Iterable[str] | None = None) -> list[TrainingCine]:
    """Load the ``.npz`` cines of a folder, in the order of their names.

    Raises
    ------
    ScanError
        If there is none.
    """
    wanted = None if names is None else set(names)
    files = [file for file in sorted(folder.glob("*.npz")) if wanted is None or file.stem in wanted]
    if not files:
        raise ScanError(
            "no training cines (*.npz) here", source=folder, remedy="prepare them first"
        )
    return [TrainingCine.load(file) for file in files]
