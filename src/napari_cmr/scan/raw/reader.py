"""Raw Cartesian k-space: CMRxRecon's ``.mat``, and others like it, and ISMRMRD's ``.h5``.

The libraries that read HDF5 and MATLAB files can loop for ever or crash on a damaged one, where no
exception handler helps. The file is therefore read in a child process with limits on its time and
memory, and a viewer with unsaved work survives whatever the file does.
"""

import importlib.util
import json
import os
import pickle
import subprocess
import sys
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from napari_cmr.scan.errors import ScanError
from napari_cmr.scan.inputs import check_input_file
from napari_cmr.scan.scan import Scan

# Of the address space, which libraries alone take a gigabyte of.
_MEMORY_LIMIT, _SMALL_FILE_MEMORY, _MEMORY_PER_BYTE = 16 * 2**30, 3 * 2**30, 200


def read_raw(
    path: str | PathLike[str],
    *,
    spacing: tuple[float, float, float] | None = None,
    timeout_s: float | None = None,
) -> Scan:
    """Read raw k-space and make images of it.

    Parameters
    ----------
    path : path
        CMRxRecon ``.mat`` (MATLAB 5.0 to 7.3), or ISMRMRD ``.h5``.
    spacing : (dz, dy, dx), optional
        Voxel size in mm, for files that do not say it (CMRxRecon).
    timeout_s : float, optional
        Processor time after which reading is given up, in s; by default 8 s and half a second more
        per megabyte, several times what an intact file needs.

    Returns
    -------
    Scan
        Complex (T, Z, Y, X) for one coil, magnitude for several. Lines that were not measured are
        zero, and the notes say how many there are. ``scan.raw`` holds the lines of every coil.

    Raises
    ------
    ScanError
        If the extra ``raw`` is not installed, or the file is damaged, not Cartesian, or in neither
        layout.
    """
    path = Path(path)
    if importlib.util.find_spec("h5py") is None:
        raise ScanError(
            "raw data need the package h5py, which is not installed",
            source=path,
            remedy="pip install 'napari-cmr[raw]'",
        )
    try:
        check_input_file(path)
        size = path.stat().st_size
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror}", source=path) from error
    limit = timeout_s if timeout_s is not None else 8.0 + size / 2e6
    damaged = ScanError(
        "the file is damaged: reading it crashed or came to no end",
        source=path,
        remedy="copy or export it again",
    )
    with TemporaryDirectory(prefix="napari-cmr-") as folder:
        # Through a file: k-space of all coils is too large to pass through a pipe in one piece.
        answer = Path(folder, "answer")
        request = {
            "path": str(path.resolve()),
            "spacing": spacing,
            "cpu_s": limit,
            "memory": min(_MEMORY_LIMIT, _SMALL_FILE_MEMORY + _MEMORY_PER_BYTE * size),
            "answer": str(answer),
        }
        try:
            child = subprocess.run(
                [sys.executable, "-P", "-m", "napari_cmr.scan.raw.worker", json.dumps(request)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=20.0 * limit,  # the wall clock, for a busy machine or one without limits
                check=False,
                env=os.environ | {"HDF5_PLUGIN_PRELOAD": "::"},  # filters of the file's choice
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except subprocess.TimeoutExpired as error:
            raise damaged from error
        if child.returncode != 0:
            raise damaged
        with answer.open("rb") as file:
            outcome = pickle.load(file)  # written by our own child, not by the file
    if isinstance(outcome, Scan):
        return outcome.with_(source=path)
    problem, remedy = outcome
    raise ScanError(problem, source=path, remedy=remedy)
