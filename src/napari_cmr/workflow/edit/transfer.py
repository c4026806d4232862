"""Carries contours and images of one scan onto the slices of another of the same patient.

A cine and a late enhancement stack of one visit lie in the same patient axes, with slices of their
own. Contours are carried as signed distances to nested outlines, which are blended between two
slices like :func:`napari_cmr.workflow.edit.operations.interpolate` does; images by linear
interpolation.
Breathing moves the heart between two breath holds by some millimetres: what is carried is a start
for editing, no measurement.
"""

from dataclasses import dataclass

import numpy as np

from napari_cmr.scan import Geometry, Label, Scan, ScanError
from napari_cmr.workflow.edit.outlines import (
    FAR_MM,
    N_SETS,
    blend,
    labels_of_distances,
    sets_of,
    signed_distances,
)

LARGEST_TILT_DEG = 30.0
"""Between planes that are further apart an outline in one is none in the other."""
BEYOND = 0.5
"""So many slices beyond the ends of a stack its first and last slice still hold."""


@dataclass(frozen=True, eq=False)
class Carried:
    """What came over from another scan.

    Attributes
    ----------
    values : ndarray, shape (Z, Y, X)
        On the grid of the scan that it was carried to.
    frame : int
        0-based frame that it was taken from.
    covered : ndarray of bool, shape (Z,)
        Slices that the other scan reaches.
    """

    values: np.ndarray
    frame: int
    covered: np.ndarray


def matching_frame(cine: Scan, other: Scan, ed_frame: int | None = None) -> int:
    """Frame of a cine in the phase of the heart cycle in which a still scan was taken.

    By the time after the R wave as part of the heart cycle, where both scans tell it; otherwise
    end-diastole, as late enhancement is acquired in diastole.

    Parameters
    ----------
    cine : Scan
    other : Scan
        Of one frame.
    ed_frame : int, optional
        End-diastole as measured, where the cine itself does not mark it.
    """
    if cine.n_frames == 1:
        return 0
    if (
        other.n_frames == 1
        and other.frame_times_ms is not None
        and other.cycle_ms
        and cine.frame_times_ms is not None
        and cine.cycle_ms
    ):
        apart = np.abs(
            cine.frame_times_ms / cine.cycle_ms - other.frame_times_ms[0] / other.cycle_ms
        )
        return int(np.minimum(apart, 1 - apart).argmin())
    marked = cine.ed_frame if ed_frame is None else ed_frame
    return 0 if marked is None else marked


def carry_labels(source: Scan, labels: np.ndarray, target: Scan, *, frame: int = 0) -> Carried:
    """Put labels of one frame onto the slices of another scan.

    Parameters
    ----------
    source : Scan
    labels : ndarray of uint8, shape (Z, Y, X)
        On the grid of ``source``.
    target : Scan
        Scar and no-reflow become myocardium where it is no late enhancement scan.
    frame : int
        Which frame of ``source`` they are of, for the result.

    Raises
    ------
    ScanError
        If the labels are empty or of another grid, the header of either scan does not say where it
        lies, or the stacks lie apart or askew.
    """
    if labels.shape != source.shape[1:]:
        raise ScanError(f"labels of shape {labels.shape} for slices of {source.shape[1:]}")
    if not labels.any():
        raise ScanError(
            f"frame {frame + 1} of {source.name} has no labels to carry over",
            remedy="segment or draw them first",
        )
    if target.kind != "lge":
        labels = np.where(np.isin(labels, (Label.SCAR, Label.NO_REFLOW)), Label.MYO, labels)
    places = _places(source.geometry, target)
    distances = signed_distances(sets_of(labels), source.spacing[1:])
    found = np.full((N_SETS, *target.shape[1:]), FAR_MM, np.float32)
    for z, (depth, rows, columns) in enumerate(places.swapaxes(0, 1)):
        found[:, z] = _sampled_distances(distances, depth, rows, columns)
    return Carried(labels_of_distances(found), frame, _covered(places, source.n_slices))


def carry_image(source: Scan, target: Scan, frame: int) -> Carried:
    """Put the magnitude of one frame onto the slices of another scan; zero where it was not seen.

    Raises
    ------
    ScanError
        As :func:`carry_labels` does of geometries.
    """
    from scipy.ndimage import map_coordinates

    places = _places(source.geometry, target)
    image = np.abs(source.image[frame]).astype(np.float32)
    depth = places[0].clip(0, source.n_slices - 1)
    values = map_coordinates(image, [depth, *places[1:]], order=1, mode="constant", cval=0.0)
    values[_is_beyond(places[0], source.n_slices)] = 0.0
    return Carried(values, frame, _covered(places, source.n_slices))


def _places(source: Geometry, target: Scan) -> np.ndarray:
    """Where the voxels of a scan lie in a stack: slice, row, column; shape (3, Z, Y, X)."""
    for geometry, of in ((source, "one"), (target.geometry, "other")):
        if not geometry.trusted:
            raise ScanError(
                f"the header of the {of} scan does not say where its slices lie in the patient",
                remedy="show the scans one after the other, and draw",
            )
    stack = np.array(source.affine)
    normal = _normal(stack)
    if source.n_slices == 1:
        stack[:3, 2] = normal * source.spacing[0]
    tilt = abs(float(normal @ _normal(target.geometry.affines[0])))
    if tilt < np.cos(np.deg2rad(LARGEST_TILT_DEG)):
        raise ScanError(
            f"the slices of the two scans lie at {np.rad2deg(np.arccos(min(1.0, tilt))):.0f} "
            "degrees to each other",
            remedy="open two stacks of the same view",
        )
    _, n_slices, n_rows, n_columns = target.shape
    rows, columns = np.mgrid[:n_rows, :n_columns]
    plane = np.stack([columns, rows, np.zeros_like(rows), np.ones_like(rows)]).reshape(4, -1)
    into = np.linalg.inv(stack) @ target.geometry.affines
    found = (into @ plane)[:, :3].reshape(n_slices, 3, n_rows, n_columns)
    # Rounded, or a pixel that lies on the last row would be taken to lie beyond it.
    places = found[:, ::-1].swapaxes(0, 1).round(6)
    if not _covered(places, source.n_slices).any():
        raise ScanError("the two scans lie apart: no slice of one meets the other")
    return places


def _normal(affine: np.ndarray) -> np.ndarray:
    normal = np.cross(affine[:3, 0], affine[:3, 1])
    return normal / np.linalg.norm(normal)


def _is_beyond(depth: np.ndarray, n_slices: int) -> np.ndarray:
    return (depth < -BEYOND) | (depth > n_slices - 1 + BEYOND)


def _covered(places: np.ndarray, n_slices: int) -> np.ndarray:
    """Slices whose middle lies within the stack."""
    _, _, n_rows, n_columns = places.shape
    return ~_is_beyond(places[0, :, n_rows // 2, n_columns // 2], n_slices)


def _sampled_distances(
    distances: np.ndarray, depth: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> np.ndarray:
    """Distances (6, Z, Y, X) at places of one plane, blended between the two slices around each."""
    from scipy.ndimage import map_coordinates

    n_slices = distances.shape[1]
    found = np.full((N_SETS, *depth.shape), FAR_MM, np.float32)
    inside = ~_is_beyond(depth, n_slices)
    depth = depth.clip(0, n_slices - 1)
    below = np.minimum(np.floor(depth), max(0, n_slices - 2)).astype(int)
    for k in np.unique(below[inside]):
        here = inside & (below == k)
        first = distances[:, k : k + 1]
        second = distances[:, min(k + 1, n_slices - 1)][:, None]
        ends = [
            np.stack([map_coordinates(one[0], [rows[here], columns[here]], order=1, cval=FAR_MM)
                      for one in blend(first, second, weight)])
            for weight in (0.0, 1.0)
        ]  # fmt: skip
        weight = (depth[here] - k).astype(np.float32)
        found[:, here] = (1 - weight) * ends[0] + weight * ends[1]
    return found
