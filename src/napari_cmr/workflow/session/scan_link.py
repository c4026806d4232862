"""The scan of a session file: where it lies, and whether it is still the same."""

import hashlib
import json
from os import PathLike
from pathlib import Path, PurePosixPath

import numpy as np

from napari_cmr.scan import Scan, ScanError
from napari_cmr.scan.opener import kind_of, open_scan
from napari_cmr.workflow.session.file import ScanReference


def scan_digest(scan: Scan) -> str:
    """SHA-256 of what was read of a scan: its pixels, and where they are.

    The same images in another file, compressed or not, have the same digest; a changed pixel,
    spacing or orientation gives another one. Reference labels do not count.

    Returns
    -------
    str
        64 hexadecimal digits, of a line of JSON (shape, pixel type, spacing and affines in mm to
        six decimals, phase-encode axis) and the pixels in C order, little-endian.
    """
    image = np.ascontiguousarray(scan.image, dtype=scan.image.dtype.newbyteorder("<"))
    header = {
        "shape": list(scan.shape),
        "dtype": image.dtype.str,
        "spacing_mm": [f"{value:.6f}" for value in scan.spacing],
        # zero has no sign here: -0.0 and 0.0 are one place
        "affines": [f"{value + 0.0:.6f}" for value in np.round(scan.geometry.affines, 6).ravel()],
        "phase_encode_axis": scan.phase_encode_axis,
    }
    digest = hashlib.sha256(json.dumps(header).encode("ascii"))
    digest.update(image.data)
    return digest.hexdigest()


def reference_to(scan: Scan, session_path: str | PathLike[str]) -> ScanReference:
    """Refer to a scan from a session file that will lie at ``session_path``.

    A scan in the folder of the session, or below it, is named relative to it, so that the folder
    can be moved; any other one by its absolute path.

    Raises
    ------
    ScanError
        If the scan came from no file and is no sample heart.
    """
    path = sample = series = None
    if scan.source is None:
        from napari_cmr.phantom.samples import sample_name

        sample = sample_name(scan)
        if sample is None:
            raise ScanError(
                "this scan came from no file, so that a session cannot find it again",
                source=scan.name,
                remedy="save the image first, then open it and save the session",
            )
    else:
        source = scan.source.resolve()
        folder = Path(session_path).resolve().parent
        if source.is_relative_to(folder):
            path = source.relative_to(folder).as_posix()
        else:
            path = str(source)
        series = _series_of(scan)
    return ScanReference(
        path=path,
        sample=sample,
        series=series,
        name=scan.name,
        shape=scan.shape,
        sha256=scan_digest(scan),
    )


def _series_of(scan: Scan) -> str | None:
    """Key of the series, stack or case of a folder that a scan is; None for other files."""
    assert scan.source is not None
    kind = kind_of(scan.source) if scan.source.exists() else None
    if kind != "dicom":
        return scan.name if kind == "emidec" else None
    from napari_cmr.scan.index import index_dicom

    index = index_dicom(scan.source)
    like_it = [
        one
        for one in (*index.stacks, *index.series)
        if (one.n_frames, one.n_slices) == scan.shape[:2]
        and one.spacing is not None
        and np.allclose(one.spacing, scan.spacing, rtol=1e-3)
    ]
    if len(like_it) == 1:
        return like_it[0].key
    digest = scan_digest(scan)
    for one in sorted(like_it, key=lambda one: one.key != index.default):
        try:
            if scan_digest(open_scan(scan.source, series=one.key)) == digest:
                return one.key
        except ScanError:
            continue  # a series that does not open is not the one that did
    raise ScanError(
        "the series that is open was not found in its folder any more",
        source=scan.source,
        remedy="open it again and save the session then",
    )


WITH_OPTION = "with --scan PATH"
"""How the commands that read sessions are told where a scan is."""


def scan_path(
    reference: ScanReference, session_path: str | PathLike[str], named: str = WITH_OPTION
) -> Path:
    """Where the scan of a session lies.

    Parameters
    ----------
    reference : ScanReference
    session_path : path
    named : str
        How the user can say where it is.

    Raises
    ------
    ScanError
        If a relative path leaves the folder of the session, by ``..`` or by a link, or if the path
        is one of a network.
    """
    assert reference.path is not None
    text, session_path = reference.path, Path(session_path)
    remedy = f"if you trust the session, name the scan yourself {named}"
    if "\0" in text:
        raise ScanError("the path of the scan is not a path", source=session_path, remedy=remedy)
    if text.startswith(("//", "\\\\")):
        raise ScanError(
            f"the session names a scan on another computer, {text!r}",
            source=session_path,
            remedy=remedy,
        )
    path = Path(text)
    if path.is_absolute():
        return path
    try:
        folder = session_path.resolve().parent
        found = (folder / path).resolve()
    except (OSError, RuntimeError) as error:  # links that go round in a circle
        raise ScanError(f"the path of the scan cannot be followed: {error}", source=session_path,
                        remedy=remedy) from error  # fmt: skip
    outside = ".." in PurePosixPath(text.replace("\\", "/")).parts
    if outside or path.anchor or not found.is_relative_to(folder):
        raise ScanError(
            f"the session names a scan outside of its own folder, {text!r}",
            source=session_path,
            remedy=remedy,
        )
    return found


def open_session_scan(
    reference: ScanReference,
    session_path: str | PathLike[str],
    *,
    instead: str | PathLike[str] | None = None,
    named: str = WITH_OPTION,
) -> Scan:
    """Open the scan of a session, and make sure that it is the one.

    Parameters
    ----------
    reference : ScanReference
    session_path : path
        Of the session file.
    instead : path, optional
        Where the scan is now, if it was moved.
    named : str
        How the user can say so, for errors.

    Raises
    ------
    ScanError
        If it is missing, lies where a session may not reach, or has changed.
    """
    if reference.sample is not None and instead is None:
        from napari_cmr.phantom.samples import SAMPLES

        make = SAMPLES.get(reference.sample)
        if make is None:
            raise ScanError(
                f"the session names an unknown sample heart {reference.sample!r}",
                source=session_path,
                remedy=f"samples are {', '.join(SAMPLES)}",
            )
        scan, where = make(), Path(session_path)
    else:
        where = scan_path(reference, session_path, named) if instead is None else Path(instead)
        if not _exists(where):
            raise ScanError(
                f"the scan of the session is missing: it was {str(where)!r}",
                source=session_path,
                remedy=f"put it back, or say where it is {named}",
            )
        scan = open_scan(where, series=reference.series)
    if scan.shape != reference.shape or scan_digest(scan) != reference.sha256:
        raise ScanError(
            "the scan has changed since the session was saved, so that its labels may not fit",
            source=where,
            remedy="find the scan as it was, or make a new session",
        )
    return scan


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise ScanError(f"cannot be looked for: {error}", source=path) from error
