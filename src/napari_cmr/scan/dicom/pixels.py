"""Pixels of DICOM images: decoded, rescaled, checked; and phases of a slice filled in between."""

import os
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from napari_cmr.scan.dicom.header import Plane
from napari_cmr.scan.dicom.values import BoundedReader, as_number, quiet_dicom
from napari_cmr.scan.errors import ScanError

# Which optional package decodes which compression (pydicom's own table, in plain words).
_JPEG = "pylibjpeg and pylibjpeg-libjpeg"
_DECODERS = {
    "1.2.840.10008.1.2.4.50": ("JPEG", _JPEG),
    "1.2.840.10008.1.2.4.51": ("JPEG", _JPEG),
    "1.2.840.10008.1.2.4.57": ("JPEG lossless", _JPEG),
    "1.2.840.10008.1.2.4.70": ("JPEG lossless", _JPEG),
    "1.2.840.10008.1.2.4.80": ("JPEG-LS", "pyjpegls"),
    "1.2.840.10008.1.2.4.81": ("JPEG-LS", "pyjpegls"),
    "1.2.840.10008.1.2.4.90": ("JPEG 2000", "pylibjpeg and pylibjpeg-openjpeg"),
    "1.2.840.10008.1.2.4.91": ("JPEG 2000", "pylibjpeg and pylibjpeg-openjpeg"),
    "1.2.840.10008.1.2.4.201": ("high-throughput JPEG 2000", "pylibjpeg and pylibjpeg-openjpeg"),
    "1.2.840.10008.1.2.4.202": ("high-throughput JPEG 2000", "pylibjpeg and pylibjpeg-openjpeg"),
    "1.2.840.10008.1.2.4.203": ("high-throughput JPEG 2000", "pylibjpeg and pylibjpeg-openjpeg"),
}


class UnreadablePixels(Exception):  # noqa: N818 - one image of many: the caller decides
    """The pixels of one file cannot be had; the message says why."""


def read_pixels(planes: Iterable[Plane]) -> tuple[dict[Plane, np.ndarray], list[UnreadablePixels]]:
    """Decode the images of ``planes``, each file once.

    Returns
    -------
    images : dict of Plane to ndarray of float32, shape (rows, columns)
        Stored values times rescale slope plus intercept, MONOCHROME1 not yet inverted.
    failures : list of UnreadablePixels
        One per file that could not be decoded.

    Raises
    ------
    ScanError
        If the pixels are compressed in a way that no installed package decodes.
    """
    by_file: dict[str, list[Plane]] = defaultdict(list)
    for plane in planes:
        by_file[str(plane.path)].append(plane)
    images: dict[Plane, np.ndarray] = {}
    failures: list[UnreadablePixels] = []
    for wanted in by_file.values():
        try:
            images.update(_read_file(wanted))
        except ScanError:
            raise
        except UnreadablePixels as failure:
            failures.append(failure)
        except Exception as error:  # pydicom and its decoders raise nearly every kind
            problem = UnreadablePixels(f"its pixels cannot be decoded ({type(error).__name__})")
            problem.__cause__ = error
            failures.append(problem)
    return images, failures


def have_equal_pixels(first: Plane, second: Plane) -> bool:
    """Whether two images are pixel by pixel the same; False where one of them cannot be read."""
    try:
        images, _ = read_pixels((first, second))
    except ScanError:  # no decoder for them, which is said when they are opened
        return False
    return len(images) == 2 and np.array_equal(images[first], images[second])


def _read_file(wanted: list[Plane]) -> dict[Plane, np.ndarray]:
    import pydicom

    first = wanted[0]
    with quiet_dicom(), open(first.path, "rb") as file:
        reader = BoundedReader(file, os.fstat(file.fileno()).st_size, str(first.path))
        dataset = pydicom.dcmread(reader, force=True)
        syntax = getattr(dataset.file_meta, "TransferSyntaxUID", None)
        if syntax is None:
            # Bare files: the old default is implicit little endian, but explicit ones exist.
            explicit = not dataset.original_encoding[0]
            syntax = pydicom.uid.ExplicitVRLittleEndian if explicit else "1.2.840.10008.1.2"
            dataset.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
        _check_decodable(str(syntax), first)
        pixels = np.asarray(dataset.pixel_array)
        stack = pixels[None] if pixels.ndim == 2 else pixels
        if stack.shape != (first.n_file_frames, first.rows, first.columns):
            raise UnreadablePixels(f"its pixels have the shape {pixels.shape}, not the header's")
        images = {}
        for plane in wanted:
            slope, intercept = _rescale(dataset, plane.frame)
            image = stack[plane.frame].astype(np.float32) * np.float32(slope)
            image += np.float32(intercept)
            if not np.isfinite(image).all():
                raise UnreadablePixels("its pixels are not finite numbers")
            images[plane] = image
    return images


def _check_decodable(syntax: str, plane: Plane) -> None:
    from pydicom.pixels import get_decoder

    if syntax in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"):
        return
    try:
        available = get_decoder(syntax).is_available
    except NotImplementedError as error:
        raise ScanError(
            f"the pixels are stored in a way that cannot be decoded (transfer syntax {syntax})",
            source=plane.path,
            remedy="export the study again, uncompressed",
        ) from error
    if not available:
        name, package = _DECODERS.get(syntax, ("compressed", "pylibjpeg"))
        raise ScanError(
            f"the images are {name} compressed and no installed package decodes that",
            source=plane.path,
            remedy=f"pip install {package.replace(' and ', ' ')}, or export them uncompressed",
        )


def _rescale(dataset: object, frame: int) -> tuple[float, float]:
    """Slope and intercept of a frame: its own functional group, the shared one, or the file's."""
    get = dataset.get  # type: ignore[attr-defined]
    places = []
    per_frame = get("PerFrameFunctionalGroupsSequence")
    if per_frame and frame < len(per_frame):
        places.append(per_frame[frame])
    shared = get("SharedFunctionalGroupsSequence")
    if shared:
        places.append(shared[0])
    for place in places:
        items = place.get("PixelValueTransformationSequence")
        if items:
            return _slope(items[0].get("RescaleSlope")), as_number(
                items[0].get("RescaleIntercept")
            ) or 0.0
    return _slope(get("RescaleSlope")), as_number(get("RescaleIntercept")) or 0.0


def _slope(value: object) -> float:
    slope = as_number(value)
    return 1.0 if slope is None or slope == 0 or abs(slope) > 1e9 else slope


def interpolate_phases(images: np.ndarray, fractions: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Interpolate a slice over the heart cycle, which closes on itself.

    A periodic cubic spline through the phases that are there (linear for fewer than four), kept
    within the range of values that each pixel takes.

    Parameters
    ----------
    images : ndarray, shape (n, Y, X)
    fractions : ndarray, shape (n,)
        Times of the images as fractions of the cycle, rising, spanning less than 1.
    wanted : ndarray, shape (m,)
        Times to interpolate at, as fractions.

    Returns
    -------
    ndarray of float32, shape (m, Y, X)
    """
    images = images.astype(np.float32, copy=False)
    if len(images) == 1:
        return np.repeat(images, len(wanted), axis=0)
    knots = np.append(fractions, fractions[0] + 1.0)
    values = np.concatenate([images, images[:1]])
    times = fractions[0] + np.mod(wanted - fractions[0], 1.0)
    if len(images) < 4:
        left = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(images) - 1)
        weight = (times - knots[left]) / (knots[left + 1] - knots[left])
        weight = weight[:, None, None].astype(np.float32)
        return (1 - weight) * values[left] + weight * values[left + 1]
    from scipy.interpolate import CubicSpline

    curve = CubicSpline(knots, values, axis=0, bc_type="periodic")
    found = curve(times).astype(np.float32)
    return np.clip(found, images.min(axis=0), images.max(axis=0))
