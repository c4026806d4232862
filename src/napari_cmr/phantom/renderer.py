"""From heart parameters to a scan: places the slices, paints them, and acquires the image."""

from dataclasses import replace

import numpy as np

from napari_cmr.phantom.anatomy import Heart
from napari_cmr.phantom.heart_slice import HeartPainter
from napari_cmr.phantom.parameters import HeartParameters, Protocol
from napari_cmr.phantom.scanner import (
    acquired_samples,
    add_noise,
    band_window,
    blur,
    coil_shading,
    point_spread_matrix,
)
from napari_cmr.phantom.thorax import Thorax
from napari_cmr.phantom.tissue import cine_signals, lge_signals
from napari_cmr.scan import Geometry, Scan
from napari_cmr.scan.notices import Code, Notice

# Where the LV axis lies in the image, as a part of its width and height.
_CENTRE_COLUMN, _CENTRE_ROW = 0.44, 0.46
_PLANES_PER_SLICE = 3


def render_scan(
    parameters: HeartParameters,
    protocol: Protocol | None = None,
    *,
    lge: bool = False,
    name: str | None = None,
    seed: int = 0,
) -> Scan:
    """Scan a synthetic heart.

    Parameters
    ----------
    parameters : HeartParameters
    protocol : Protocol, optional
    lge : bool
        Late gadolinium enhancement: one diastolic frame in which healthy myocardium is nulled and
        an infarct is bright. Otherwise a bSSFP cine.
    name : str, optional
        Name of the scan.
    seed : int
        Seed of the noise; the anatomy's seed is part of the parameters.

    Returns
    -------
    Scan
        ``synthetic=True``, slices from base to apex, with labels for every frame. Papillary muscles
        and trabeculae belong to the cavity, as in the ACDC data set. A cine's labels are LV, MYO
        and RV; LGE labels have SCAR and NO_REFLOW as well.
    """
    protocol = protocol or Protocol()
    heart = Heart(parameters)
    cycle = parameters.cycle_ms
    if lge:
        times = np.array([0.82 * cycle])  # the still phase before the atrial kick
        protocol = replace(protocol, n_frames=1)
        signals = lge_signals()
    else:
        times = np.arange(protocol.n_frames) * cycle / protocol.n_frames
        signals = cine_signals(protocol.repetition_time_ms, protocol.flip_angle_deg)

    rows, columns = np.mgrid[: protocol.n_rows, : protocol.n_columns].astype(np.float32)
    x = (columns - _CENTRE_COLUMN * protocol.n_columns) * protocol.pixel_mm
    y = (rows - _CENTRE_ROW * protocol.n_rows) * protocol.pixel_mm
    weight = parameters.subject.weight_kg or 75.0
    stoutness = float(np.clip((weight / 75.0) ** 1.2, 0.6, 1.6))
    painter = HeartPainter(heart, times, protocol.pixel_mm, signals)
    floor, front = painter.extent_mm()
    thorax = Thorax(
        x,
        y,
        signals,
        parameters.shape_seed,
        stoutness=stoutness,
        heart_floor_mm=floor,
        heart_front_mm=front,
        heart_length_mm=parameters.lv_length_mm,
    )
    reach = front + 16.0
    window = np.ix_(np.abs(y[:, 0]) < reach, np.abs(x[0]) < reach)

    centres = slice_centres_mm(parameters, protocol)
    image = np.empty((times.size, centres.size, *x.shape), np.float32)
    labels = np.zeros(image.shape, np.uint8)
    shading = coil_shading(x, y)
    samples = acquired_samples(protocol)
    windows = (
        band_window(protocol.n_rows, samples[0]),
        band_window(protocol.n_columns, samples[1]),
    )
    by_row, by_column = point_spread_matrix(windows[0]), point_spread_matrix(windows[1])
    inner_row, inner_column = by_row[:, window[0][:, 0]], by_column[window[1][0]]
    offsets = (np.arange(_PLANES_PER_SLICE) + 0.5) / _PLANES_PER_SLICE - 0.5
    for k, centre in enumerate(centres):
        background = thorax.render(float(centre))
        planes = centre + offsets * protocol.slice_thickness_mm
        inner, inner_labels = painter.paint(background[window], x[window], y[window], planes)
        labels[(slice(None), k, *window)] = inner_labels
        # Only the heart moves: band-limit what lies still once, and the difference per frame.
        still = blur(background * shading, by_row, by_column)
        moving = (inner - background[window]) * shading[window]
        frames = still + blur(moving, inner_row, inner_column)
        image[:, k] = add_noise(
            frames, abs(signals["blood"]) / protocol.signal_to_noise, windows, [seed, k]
        )
    scale = 900.0 / max(float(np.quantile(image[0], 0.98)), 1e-6)
    image = np.round(image * scale)
    volumes = heart.lv_volume_ml(times)
    return Scan(
        image=image,
        geometry=_geometry(protocol, centres.size),
        name=name or f"Synthetic {parameters.disease} heart",
        frame_times_ms=times,
        cycle_ms=cycle,
        subject=parameters.subject,
        labels=labels,
        ed_frame=None if lge else int(volumes.argmax()),
        es_frame=None if lge else int(volumes.argmin()),
        kind="lge" if lge else "cine",
        synthetic=True,
        notes=(Notice(Code.SYNTHETIC, "Synthetic: a computed heart, no person was scanned."),),
    )


def slice_centres_mm(parameters: HeartParameters, protocol: Protocol) -> np.ndarray:
    """Heights of the slices above the apex, from one above the base to the apex.

    The stack is placed so that the mitral plane is as near as may be to the border between two
    slices at end-diastole and at end-systole alike: summing slices then errs least.
    """
    distance = protocol.slice_distance_mm
    descent = parameters.lv_length_mm * parameters.long_axis_shortening_percent / 100.0
    beyond_a_border = (descent + 0.5 * distance) % distance - 0.5 * distance
    top = parameters.lv_length_mm - 0.5 * beyond_a_border + 0.5 * distance
    count = int(np.ceil((top + 0.4 * distance) / distance))
    return np.asarray(top - distance * np.arange(count))


def _geometry(protocol: Protocol, n_slices: int) -> Geometry:
    """Lay the stack into the patient as a short-axis stack usually lies, in RAS+ mm."""
    to_apex = np.array([-0.65, 0.55, -0.52])
    to_apex /= np.linalg.norm(to_apex)
    column = np.array([-0.60, -0.78, 0.0])
    column -= to_apex * (to_apex @ column)
    column /= np.linalg.norm(column)
    row = np.cross(column, to_apex)
    if row[2] > 0:
        row = -row
    affine = np.eye(4)
    affine[:3, 0] = column * protocol.pixel_mm
    affine[:3, 1] = row * protocol.pixel_mm
    affine[:3, 2] = to_apex * protocol.slice_distance_mm
    corner = np.array(
        [_CENTRE_COLUMN * protocol.n_columns, _CENTRE_ROW * protocol.n_rows, (n_slices - 1) / 2]
    )
    heart = np.array([-25.0, 15.0, 0.0])
    affine[:3, 3] = heart - affine[:3, :3] @ corner
    return Geometry.from_affine(affine, n_slices)
