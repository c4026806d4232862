"""A whole labelled heart cycle from its end-diastolic and end-systolic frames.

Data sets often come with labels at end-diastole (ED) and end-systole (ES) only. The two frames are
registered densely, slice by slice, and every frame between them lies on the smooth path of the
registration: ED is warped forwards, ES backwards, and the two are blended. ED and ES themselves are
reproduced to the voxel. The motion is of the real heart; its timing is that of a
:class:`~napari_cmr.phantom.volume_curve.VolumeCurve`, and filling retraces the path of ejection.
"""

from collections.abc import Sequence

import numpy as np

from napari_cmr.phantom.cross_fade import Blend
from napari_cmr.phantom.in_between import Between, Borders
from napari_cmr.phantom.volume_curve import VolumeCurve
from napari_cmr.scan import Label, Scan, ScanError
from napari_cmr.scan.notices import Code, Notice

MARGIN_MM = 25.0  # around the labels: the part of the view that is registered and moves
FOREGROUND = (Label.LV, Label.MYO, Label.RV)


def animate(  # noqa: PLR0917 - two frames, each an image with labels, are what it takes
    ed_image: np.ndarray,
    es_image: np.ndarray,
    ed_labels: np.ndarray,
    es_labels: np.ndarray,
    spacing: Sequence[float],
    n_frames: int,
    *,
    seed: int = 0,
    curve: VolumeCurve | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Make a periodic cine with labels from an ED and an ES frame with labels.

    Parameters
    ----------
    ed_image, es_image : ndarray, shape (Z, Y, X)
        Magnitude images.
    ed_labels, es_labels : ndarray, shape (Z, Y, X)
        Background, LV, MYO and RV in the numbering of :class:`~napari_cmr.scan.Label`. A slice may
        hold a tissue in one frame only (a basal LV that the shortening heart pulls out of its
        slice): it then shrinks and vanishes on the way.
    spacing : sequence of 3 floats
        ``(dz, dy, dx)`` in mm.
    n_frames : int
        Frames of the cycle, at least 3.
    seed : int
        Draws the volume curve where none is given.
    curve : VolumeCurve, optional
        Timing of emptying and filling.

    Returns
    -------
    image : ndarray of float32, shape (n_frames, Z, Y, X)
        Frame 0 is ``ed_image`` and frame ``curve.es_frame(n_frames)`` is ``es_image``, unchanged.
    labels : ndarray of uint8, shape (n_frames, Z, Y, X)
        Likewise.

    Raises
    ------
    ScanError
        If shapes differ, labels are missing or hold other tissues, the two frames show the same LV
        volume, or there are too few frames.
    """
    _check(ed_image, es_image, ed_labels, es_labels)
    if curve is None:
        curve = VolumeCurve.sample(seed)
    emptying = curve.emptying(n_frames)
    ed_image = np.asarray(ed_image, np.float32)
    es_image = np.asarray(es_image, np.float32)

    heart = _heart_region(ed_labels, es_labels, spacing)
    pixel = (float(spacing[1]), float(spacing[2]))
    between = Between(
        Borders.of(ed_labels[heart], pixel),
        Borders.of(es_labels[heart], pixel),
        ed_image[heart],
        es_image[heart],
        pixel,
    )
    still = Blend(ed_image, es_image)
    images = np.empty((n_frames, *ed_image.shape), np.float32)
    labels = np.zeros(images.shape, np.uint8)
    places = between.places(emptying)
    in_leaving_slices = ed_labels.size
    for frame in np.argsort(emptying):  # along the motion, so that the LV only ever shrinks
        emptied, s = emptying[frame], places[frame]
        if emptied in (0.0, 1.0):
            images[frame] = es_image if emptied else ed_image
            labels[frame] = es_labels if emptied else ed_labels
            continue
        images[frame] = still.at(s)
        images[frame][heart], labels[frame][heart] = between.at(s, emptied, in_leaving_slices)
        in_leaving_slices = int((labels[frame][between.leaving] == Label.LV).sum())
    return images, labels


def animate_scan(scan: Scan, n_frames: int = 25, *, seed: int = 0) -> Scan:
    """Make a whole labelled cine from a scan whose ED and ES frames are labelled.

    Parameters
    ----------
    scan : Scan
        With labels in its ED and ES frames; other frames are not used. Where ED and ES are not
        marked, they are the labelled frames with the largest and the smallest LV.
    n_frames : int
        Frames of the cycle, at least 3.
    seed : int
        Draws the timing; the length of the cycle is the scan's own if it is known.

    Returns
    -------
    Scan
        ED in frame 0, labels in every frame, ``synthetic`` set and a note that says what it was
        made from.

    Raises
    ------
    ScanError
        If the scan has no labels in two such frames, or :func:`animate` cannot use them.
    """
    where = scan.source or scan.name
    ed, es = _marked_frames(scan)
    labels = scan.labels
    assert labels is not None  # or there would be no such frames
    curve = VolumeCurve.sample(seed, cycle_ms=scan.cycle_ms)
    pair = scan.image[[ed, es]]
    if np.iscomplexobj(pair):
        pair = np.abs(pair)
    try:
        image, all_labels = animate(
            pair[0], pair[1], labels[ed], labels[es], scan.spacing, n_frames, curve=curve
        )
    except ScanError as error:
        raise ScanError(error.problem, source=where, remedy=error.remedy) from error
    times = None if scan.cycle_ms is None else np.arange(n_frames) * scan.cycle_ms / n_frames
    return scan.with_(
        image=image,
        labels=all_labels,
        labelled_frames=tuple(range(n_frames)),
        ed_frame=0,
        es_frame=curve.es_frame(n_frames),
        frame_times_ms=times,
        source_frames=None,
        synthetic=True,
        notes=(
            *scan.notes,
            Notice(
                Code.SYNTHETIC,
                f"Made from the ED and ES frames of {scan.name} (frames {ed + 1} and {es + 1}); "
                f"the motion between them is estimated, its timing drawn with seed {seed}.",
            ),
        ),
    )


def _marked_frames(scan: Scan) -> tuple[int, int]:
    """ED and ES frame of a scan that has labels in both."""
    where = scan.source or scan.name
    if scan.labels is None or not scan.labelled_frames:
        raise ScanError("the scan has no labels to animate", source=where)
    ed, es = scan.ed_frame, scan.es_frame
    volumes = {t: int((scan.labels[t] == Label.LV).sum()) for t in scan.labelled_frames}
    if ed is None:
        ed = max(volumes, key=lambda frame: volumes[frame])
    if es is None:
        es = min(volumes, key=lambda frame: volumes[frame])
    if ed == es:
        raise ScanError(
            f"frame {ed + 1} would be ED as well as ES",
            source=where,
            remedy="label the LV at ED and at ES, and mark both frames",
        )
    for name, frame in (("ED", ed), ("ES", es)):
        if frame not in volumes:
            raise ScanError(f"the {name} frame {frame + 1} has no labels", source=where)
    return ed, es


def _check(
    ed_image: np.ndarray, es_image: np.ndarray, ed_labels: np.ndarray, es_labels: np.ndarray
) -> None:
    shapes = {np.shape(array) for array in (ed_image, es_image, ed_labels, es_labels)}
    if len(shapes) > 1 or len(next(iter(shapes))) != 3:
        raise ScanError(
            f"ED and ES images and labels of shapes {sorted(shapes)} are not on one (Z, Y, X) grid"
        )
    if min(np.shape(ed_image)[1:]) < 8:
        raise ScanError(f"slices of {np.shape(ed_image)[1:]} pixels are too small to hold a heart")
    for name, labels in (("ED", ed_labels), ("ES", es_labels)):
        if not np.isin(labels, (Label.BACKGROUND, *FOREGROUND)).all():
            raise ScanError(
                f"the {name} labels hold tissues other than LV, MYO and RV",
                remedy="merge scar and no-reflow into the myocardium",
            )
    ed_volume, es_volume = (np.count_nonzero(x == Label.LV) for x in (ed_labels, es_labels))
    if ed_volume == 0:
        raise ScanError("the ED frame has no LV label", remedy="label the LV at ED and ES")
    if es_volume == 0:
        raise ScanError("the ES frame has no LV label", remedy="label the LV at ED and ES")
    if es_volume == ed_volume:
        raise ScanError("ED and ES show the same LV volume, so there is no motion to follow")
    if es_volume > ed_volume:
        raise ScanError("the LV is larger at ES than at ED", remedy="swap the two frames")


def _heart_region(
    ed_labels: np.ndarray, es_labels: np.ndarray, spacing: Sequence[float]
) -> tuple[slice, slice, slice]:
    """Box around the labels of both frames, all slices, with a margin."""
    seen = np.logical_or.reduce((ed_labels > 0) | (es_labels > 0), axis=0)
    box = [slice(None)]
    for along, step in ((seen.any(axis=1), spacing[1]), (seen.any(axis=0), spacing[2])):
        places = np.flatnonzero(along)
        margin = int(np.ceil(MARGIN_MM / step))
        box.append(slice(max(int(places[0]) - margin, 0), int(places[-1]) + margin + 1))
    return box[0], box[1], box[2]
