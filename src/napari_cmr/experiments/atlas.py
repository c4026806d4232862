"""Labels of a late enhancement stack by registration of labelled cine stacks (atlases).

The first baseline of chen2019: rigid, then affine, then free-form registration by mutual
information. There the cine was the same patient's; where it is not, several other patients' labels
are carried over and vote. SimpleITK does the work and is an extra.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch

from napari_cmr.nets.squares import sample, square_grid, standardised
from napari_cmr.scan import Label, Scan, ScanError

#: Grid on which stacks are registered.
SIZE, SPACING_MM = 112, 1.5
#: Steps of at most 1 mm (rigid) and half of that: the centres that both start from are good to
#: about a centimetre, and between people mutual information is larger in many a wrong place.
_RIGID_STEPS, _AFFINE_STEPS, _FREE_STEPS = 12, 12, 8
#: Distance of the control points of the free-form deformation in the plane, in mm.
_MESH_MM = 42.0
#: Starts of the rigid registration: turns, shifts of the heart against the centre located, and the
#: steps in degrees and mm that these are refined by.
_TURNS_DEG = (-50.0, -25.0, 0.0, 25.0, 50.0)
_SHIFTS_MM = (-16.0, 0.0, 16.0)
_FINER = ((12.0, 8.0), (6.0, 4.0))
#: Voxels that count lie this far from the heart's centre: the body around it is another one's.
_REACH_MM = 50.0
#: What may change: turns and shifts in the plane. Other people's hearts gave no gain across it.
_RIGID_WEIGHTS = (0.0, 0.0, 1.0, 1.0, 1.0, 0.0)
_AFFINE_WEIGHTS = (1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0)


@dataclass(frozen=True, eq=False)
class Atlas:
    """A labelled stack around its heart.

    Attributes
    ----------
    name : str
    image : ndarray of float32, shape (Z, SIZE, SIZE)
        Mean 0, variance 1 in each slice.
    labels : ndarray of uint8, shape (Z, SIZE, SIZE)
    """

    name: str
    image: np.ndarray
    labels: np.ndarray


def make_atlas(scan: Scan, name: str) -> Atlas:
    """Cut an atlas from a cine's labelled ED frame, the slices with heart alone.

    Raises
    ------
    ScanError
        If ED is not labelled.
    """
    if scan.labels is None or scan.ed_frame is None or not scan.labels[scan.ed_frame].any():
        raise ScanError("an atlas needs labels at end-diastole", source=scan.source or name)
    labels = scan.labels[scan.ed_frame]
    slices = np.flatnonzero((labels > 0).any(axis=(1, 2)))
    chosen = labels[slices[0] : slices[-1] + 1]
    rows, columns = np.nonzero((chosen > 0).any(axis=0))
    centre = float(rows.mean()), float(columns.mean())
    image = np.abs(scan.image[scan.ed_frame, slices[0] : slices[-1] + 1])
    return Atlas(
        name,
        _square(image, scan.spacing[1:], centre, scaled=True),
        _square(chosen, scan.spacing[1:], centre, scaled=False).astype(np.uint8),
    )


def label_by_atlases(
    scan: Scan, centre: tuple[float, float], atlases: list[Atlas], *, seed: int = 0
) -> dict[str, np.ndarray]:
    """Labels (Z, Y, X) that most of the registered atlases give each voxel.

    Parameters
    ----------
    scan : Scan
        A still stack from one end of the heart to the other, onto which atlases are stretched
        along the slices. Pictures of EMIDEC have rows and columns swapped against ACDC's images:
        they are mirrored at the diagonal for the registration.
    centre : tuple of 2 floats
        Row and column of its heart in pixels; the centres of atlas and scan start on each other.
    atlases : list of Atlas
    seed : int
        Draws the voxels whose mutual information is measured.

    Returns
    -------
    dict
        ``affine`` after rigid and affine registration, ``free-form`` with the deformation on top.

    Raises
    ------
    ScanError
        If SimpleITK is not installed, or gives an atlas up.
    """
    itk = _simple_itk()
    stack = _square(np.abs(scan.image[0]), scan.spacing[1:], centre, scaled=True)
    fixed = _volume(itk, _mirrored(stack), scan.spacing[0])
    carried = []
    for atlas in atlases:
        try:
            carried.append(_register(itk, fixed, atlas, seed))
        except RuntimeError as error:  # all that SimpleITK ever raises
            raise ScanError(
                f"{atlas.name} could not be registered: the two hearts drifted apart",
                source=scan.source or scan.name,
                remedy="try other atlases",
            ) from error
    return {
        kind: _on_scan(_most_votes([_mirrored(one[kind]) for one in carried]), scan, centre)
        for kind in carried[0]
    }


def _most_votes(ballots: list[np.ndarray]) -> np.ndarray:
    """Label with the most votes; background wins over what is as often something else."""
    votes = np.stack([sum(one == label for one in ballots) for label in range(Label.RV + 1)])
    winner: np.ndarray = votes.argmax(axis=0).astype(np.uint8)
    return winner


def _register(itk: Any, fixed: Any, atlas: Atlas, seed: int) -> dict[str, np.ndarray]:
    """Labels of an atlas after registration, in the better of both orders of its slices."""
    found = []
    slice_mm = fixed.GetSpacing()[2] * fixed.GetSize()[2] / len(atlas.image)
    for order in (1, -1):
        moving = _volume(itk, atlas.image[::order], slice_mm)
        transform, value = _linear(itk, fixed, moving, seed)
        found.append((value, order, transform, moving))
    _, order, affine, moving = min(found, key=lambda one: one[0])
    labels = _volume(itk, atlas.labels[::order].astype(np.float32), slice_mm)
    free = _free_form(itk, fixed, moving, affine, seed)
    return {
        kind: itk.GetArrayFromImage(
            itk.Resample(labels, fixed, transform, itk.sitkNearestNeighbor, 0.0)
        )
        .round()
        .astype(np.uint8)
        for kind, transform in (("affine", affine), ("free-form", free))
    }


def _linear(itk: Any, fixed: Any, moving: Any, seed: int) -> tuple[Any, float]:
    """Rigid, then affine transform, and the (negative) mutual information reached.

    Hearts lie turned against each other: the rigid registration starts from the best of several
    angles and places, of which it tries finer ones around the best so far.
    """

    def judged(place: tuple[float, float, float]) -> tuple[float, tuple[float, float, float]]:
        method = _method(itk, fixed, seed)
        method.SetInitialTransform(_rigid(itk, place))
        return float(method.MetricEvaluate(fixed, moving)), place

    best = min(judged(place) for place in product(_TURNS_DEG, _SHIFTS_MM, _SHIFTS_MM))
    for turn, shift in _FINER:
        around = product((-turn, 0.0, turn), (-shift, 0.0, shift), (-shift, 0.0, shift))
        places = [tuple(a + b for a, b in zip(best[1], step, strict=True)) for step in around]
        best = min(judged((p[0], p[1], p[2])) for p in places)
    rigid = _rigid(itk, best[1])
    method = _method(itk, fixed, seed)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, _RIGID_STEPS)
    method.SetOptimizerWeights(_RIGID_WEIGHTS)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(rigid, inPlace=True)
    method.Execute(fixed, moving)
    affine = itk.AffineTransform(3)
    affine.SetCenter(rigid.GetCenter())
    affine.SetMatrix(rigid.GetMatrix())
    affine.SetTranslation(rigid.GetTranslation())
    method = _method(itk, fixed, seed)
    method.SetOptimizerAsRegularStepGradientDescent(0.5, 1e-3, _AFFINE_STEPS)
    method.SetOptimizerWeights(_AFFINE_WEIGHTS)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(affine, inPlace=True)
    method.Execute(fixed, moving)
    return affine, float(method.GetMetricValue())


def _rigid(itk: Any, place: tuple[float, float, float]) -> Any:
    """Turn in degrees and shift in mm in the plane, around the middle."""
    turn, x, y = place
    rigid = itk.Euler3DTransform()
    rigid.SetRotation(0.0, 0.0, float(np.deg2rad(turn)))
    rigid.SetTranslation((x, y, 0.0))
    return rigid


def _free_form(itk: Any, fixed: Any, moving: Any, start: Any, seed: int) -> Any:
    """Free-form deformation on top of a linear transform."""
    in_plane = max(2, round(SIZE * SPACING_MM / _MESH_MM))
    bend = itk.BSplineTransformInitializer(fixed, [in_plane, in_plane, 2])
    method = _method(itk, fixed, seed)
    method.SetOptimizerAsLBFGSB(gradientConvergenceTolerance=1e-4, numberOfIterations=_FREE_STEPS)
    method.SetMovingInitialTransform(start)
    method.SetInitialTransform(bend, inPlace=True)
    method.Execute(fixed, moving)
    return itk.CompositeTransform([start, bend])


def _method(itk: Any, fixed: Any, seed: int) -> Any:
    """Mutual information (Mattes) on an eighth of the voxels around the heart."""
    method = itk.ImageRegistrationMethod()
    offsets = (np.arange(SIZE) - (SIZE - 1) / 2) * SPACING_MM
    near = np.hypot(offsets[:, None], offsets) < _REACH_MM
    mask = itk.GetImageFromArray(np.tile(near.astype(np.uint8), (fixed.GetSize()[2], 1, 1)))
    mask.CopyInformation(fixed)
    method.SetMetricFixedMask(mask)
    method.SetMetricAsMattesMutualInformation(32)
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(0.125, seed + 1)  # 0 would mean the clock
    method.SetInterpolator(itk.sitkLinear)
    # Stacks have too few slices to be shrunk: smoothing alone makes the levels.
    method.SetShrinkFactorsPerLevel([1, 1])
    method.SetSmoothingSigmasPerLevel([3.0, 1.0])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    return method


def _volume(itk: Any, stack: np.ndarray, slice_mm: float) -> Any:
    """Image whose middle lies at the origin."""
    volume = itk.GetImageFromArray(np.ascontiguousarray(stack, dtype=np.float32))
    spacing = (SPACING_MM, SPACING_MM, slice_mm)
    volume.SetSpacing(spacing)
    size = volume.GetSize()
    volume.SetOrigin([-(n - 1) / 2 * step for n, step in zip(size, spacing, strict=True)])
    return volume


def _mirrored(stack: np.ndarray) -> np.ndarray:
    """Each slice mirrored at the diagonal from lower left to upper right; its own inverse."""
    return np.ascontiguousarray(stack[:, ::-1, ::-1].transpose(0, 2, 1))


def _square(
    stack: np.ndarray,
    spacing: tuple[float, float],
    centre: tuple[float, float],
    *,
    scaled: bool,
) -> np.ndarray:
    """Slices (Z, SIZE, SIZE) around a place: grey values standardised, or labels."""
    images = torch.from_numpy(np.ascontiguousarray(stack, dtype=np.float32))[:, None]
    height, width = stack.shape[1:]
    grid = square_grid(centre, spacing, (height, width), SIZE, SPACING_MM)
    cut = sample(images, grid, "bilinear" if scaled else "nearest")
    found: np.ndarray = (standardised(cut) if scaled else cut)[:, 0].numpy()
    return found


def _on_scan(labels: np.ndarray, scan: Scan, centre: tuple[float, float]) -> np.ndarray:
    """Labels on the scan's own pixels, by the nearest neighbour."""
    places, inside = [], []
    for middle, step, length in zip(centre, scan.spacing[1:], scan.shape[2:], strict=True):
        nearest = np.rint((np.arange(length) - middle) * step / SPACING_MM + (SIZE - 1) / 2)
        inside.append((nearest >= 0) & (nearest < SIZE))
        places.append(np.clip(nearest, 0, SIZE - 1).astype(int))
    found: np.ndarray = labels[:, places[0][:, None], places[1]]
    found[:, ~(inside[0][:, None] & inside[1])] = Label.BACKGROUND
    return found


def _simple_itk() -> Any:
    try:
        import SimpleITK
    except ImportError as error:
        raise ScanError(
            "registration needs SimpleITK", remedy="pip install 'napari-cmr[registration]'"
        ) from error
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)  # the same result on any machine
    return SimpleITK
