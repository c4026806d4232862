"""Where the voxels are: spacing, and an affine into patient space for every slice."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from napari_cmr.scan.errors import ScanError


@dataclass(frozen=True, eq=False)
class Geometry:
    """Spacing of a stack and the place of each slice in the patient.

    Attributes
    ----------
    spacing : tuple of 3 floats
        ``(dz, dy, dx)`` in mm; ``dz`` is the distance between slice centres, gap included.
    affines : ndarray, shape (Z, 4, 4)
        ``affines[z] @ (x, y, 0, 1)`` is the place in mm of column ``x``, row ``y`` of slice ``z``,
        in NIfTI's patient axes (right-to-left, posterior-to-anterior, inferior-to-superior: RAS+).
    trusted : bool
        False if the header did not say how the slices lie in the patient and the affines are a
        guess: lengths hold, directions do not.

    Raises
    ------
    ScanError
        If a spacing is not a positive finite number, or the affines have another shape.
    """

    spacing: tuple[float, float, float]
    affines: np.ndarray
    trusted: bool = True

    def __post_init__(self) -> None:
        spacing = tuple(float(value) for value in self.spacing)
        if len(spacing) != 3 or not all(np.isfinite(spacing)) or min(spacing) <= 0:
            raise ScanError(
                f"voxel spacing (dz, dy, dx) = {spacing} mm is not three positive lengths",
                remedy="correct the header, volumes cannot be measured without it",
            )
        affines = np.asarray(self.affines, dtype=np.float64)
        if affines.ndim != 3 or affines.shape[1:] != (4, 4) or not np.isfinite(affines).all():
            raise ScanError(f"slice affines of shape {affines.shape} are not finite 4x4 matrices")
        affines.setflags(write=False)
        object.__setattr__(self, "spacing", spacing)
        object.__setattr__(self, "affines", affines)

    @classmethod
    def regular(
        cls, spacing: Sequence[float], n_slices: int, *, trusted: bool = False
    ) -> "Geometry":
        """Build an axis-aligned stack of ``n_slices`` slices at ``(dz, dy, dx)`` mm."""
        dz, dy, dx = (float(value) for value in spacing)
        affine = np.diag([dx, dy, dz, 1.0])
        return cls((dz, dy, dx), _slice_affines(affine, n_slices), trusted=trusted)

    @classmethod
    def from_affine(cls, affine: np.ndarray, n_slices: int, *, trusted: bool = True) -> "Geometry":
        """Build from one affine that maps ``(x, y, z, 1)`` to RAS+ mm (NIfTI's)."""
        affine = np.asarray(affine, dtype=np.float64)
        dx, dy, dz = np.linalg.norm(affine[:3, :3], axis=0)
        return cls((dz, dy, dx), _slice_affines(affine, n_slices), trusted=trusted)

    @property
    def n_slices(self) -> int:
        """Number of slices."""
        return len(self.affines)

    @property
    def voxel_volume_ml(self) -> float:
        """Volume of one voxel in mL, the gap between slices included."""
        dz, dy, dx = self.spacing
        return dz * dy * dx / 1000.0

    @cached_property
    def affine(self) -> np.ndarray:
        """One 4x4 affine for the whole stack, ``(x, y, z, 1)`` to RAS+ mm.

        Exact for evenly spaced parallel slices; otherwise the first slice's in-plane axes with the
        mean step from slice to slice (see :attr:`is_regular`).
        """
        affine = np.array(self.affines[0])
        if self.n_slices > 1:
            affine[:3, 2] = (self.affines[-1, :3, 3] - self.affines[0, :3, 3]) / (self.n_slices - 1)
        return affine

    @cached_property
    def regular_affines(self) -> np.ndarray:
        """Affines (Z, 4, 4) of the evenly spaced parallel stack nearest to this one."""
        return _slice_affines(self.affine, self.n_slices)

    @cached_property
    def is_regular(self) -> bool:
        """Whether one affine describes every slice to 0.01 mm."""
        return bool(np.allclose(self.regular_affines, self.affines, atol=0.01))

    @cached_property
    def is_stated(self) -> bool:
        """Whether the affines come from the header, even if they are not to be trusted."""
        plain = Geometry.regular(self.spacing, self.n_slices)
        return self.trusted or not np.allclose(plain.affines, self.affines)

    def select_slices(self, index: Sequence[int] | slice) -> "Geometry":
        """Geometry of some of the slices; the spacing stays the nominal one."""
        return Geometry(self.spacing, self.affines[index], trusted=self.trusted)


def _slice_affines(affine: np.ndarray, n_slices: int) -> np.ndarray:
    affines = np.repeat(np.asarray(affine, dtype=np.float64)[None], n_slices, axis=0)
    affines[:, :3, 3] += np.arange(n_slices)[:, None] * affine[:3, 2]
    return affines
