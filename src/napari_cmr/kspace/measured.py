"""From a scan and an acquisition to the lines measured and the images they give."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np

from napari_cmr.kspace.acquisition import Acquisition
from napari_cmr.kspace.coil_array import CoilArray, compress_coils
from napari_cmr.kspace.coils import estimate_sensitivities
from napari_cmr.kspace.encoding import Encoding
from napari_cmr.kspace.masks import LineMask, line_mask
from napari_cmr.kspace.measured_slice import MeasuredSlice
from napari_cmr.kspace.noise import brightness, complex_noise
from napari_cmr.kspace.phase import with_phase
from napari_cmr.kspace.pooling import pool_lines
from napari_cmr.scan import Scan, ScanError
from napari_cmr.scan.summary import Summarised, counted

_PHASE_STREAM, _NOISE_STREAM, _COIL_STREAM = 2, 3, 4


class Measured(Summarised):
    """What an acquisition of a scan measured: all that predictors, solvers and pictures may see.

    A slice is acquired when it is first asked for, and only then, whatever number of models and
    pictures read it, from any thread.

    Attributes
    ----------
    mask : LineMask
        Lines that were measured; of raw data, in any slice, see :attr:`MeasuredSlice.mask`.
    acquisition : Acquisition
    slices : tuple of int
        Slices of the scan that are held, in the order of the arrays.
    geometry : Geometry
        Of these slices.
    phase_encode_axis : {"Y", "X"}
    kind : {"cine", "lge", "other"}
        Of the scan.
    is_raw : bool
        Whether the lines are those of a raw file, rather than simulated from images: then they
        keep their coils and their phase, and nothing is added to them.
    stack_geometry : Geometry
        Of all slices of the scan.
    """

    def __init__(
        self,
        scan: Scan,
        acquisition: Acquisition,
        mask: LineMask,
        slices: tuple[int, ...],
        *,
        keep: bool = True,
    ) -> None:
        self.acquisition, self.slices = acquisition, slices
        self.phase_encode_axis, self.kind = scan.phase_encode_axis, scan.kind
        self.is_raw = scan.raw is not None
        if scan.raw is not None:
            mask = LineMask(mask.array & scan.raw.measured.any(axis=1))
        self.mask = mask
        self.stack_geometry = self.geometry = scan.geometry
        if slices != tuple(range(scan.n_slices)):
            self.geometry = scan.geometry.select_slices(list(slices))
        self._scanner = _Scanner(scan, acquisition, mask, keep=keep)

    def _facts(self) -> dict[str, Any]:
        kept = self.mask.n_lines
        low, high = int(kept.min()), int(kept.max())
        t, z, y, x = self.shape
        return {
            "lines": f"{low if low == high else f'{low} to {high}'} of {self.mask.n_phase_encodes} "
            "per frame",
            "acceleration": f"{self.mask.acceleration:.1f}",
            "pattern": f"{self.acquisition.pattern}, seed {self.acquisition.seed}",
            "image": f"{counted(t, 'frame')} x {counted(z, 'slice')} x {y} x {x}",
            "from": "raw k-space" if self.is_raw else "images",
            "coils": str(self.n_coils),
        }

    def __len__(self) -> int:
        return len(self.slices)

    def __getitem__(self, index: int) -> MeasuredSlice:
        """Slice at a place among those that are held."""
        return self._scanner.acquire(self.slices[index])

    def __iter__(self) -> Iterator[MeasuredSlice]:
        return (self[index] for index in range(len(self)))

    def select(self, slices: Sequence[int]) -> "Measured":
        """Hold some slices of the scan only; what was acquired is shared.

        Raises
        ------
        ScanError
            If a slice does not exist.
        """
        chosen = copy(self)
        chosen.slices = self._scanner.checked(slices)
        chosen.geometry = self.stack_geometry.select_slices(list(chosen.slices))
        return chosen

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """``(T, Z', Y, X)`` of the images."""
        n_frames, _, height, width = self._scanner.scan.shape
        return n_frames, len(self), height, width

    @property
    def n_coils(self) -> int:
        """Coils whose lines are there: those of a raw file, or the virtual ones of a simulation."""
        raw = self._scanner.scan.raw
        return self.acquisition.coils if raw is None else raw.n_coils

    @property
    def is_one_cycle(self) -> bool:
        """Whether frame t lies at t / T of one heart cycle, not of several beats or a part."""
        return self._scanner.scan.has_full_cycle

    @property
    def is_complete(self) -> bool:
        """Whether these are all slices of the scan."""
        return set(self.slices) == set(range(self.stack_geometry.n_slices))

    def acquire(self) -> None:
        """Acquire all slices now, if they are kept."""
        for z in self.slices if self._scanner.keep else ():
            self._scanner.acquire(z)

    def with_image(self, image: np.ndarray) -> "Measured":
        """All lines of an image in place of those that were measured, as of a scan of that image.

        So does a model see a reconstruction that was trained on measured lines.

        Parameters
        ----------
        image : ndarray, shape (T, Z', Y, X)
            Of the slices that are held; a magnitude gets no phase.

        Raises
        ------
        ScanError
            If the image is of another shape.
        """
        scan = self._scanner.scan
        if image.shape != self.shape:
            raise ScanError(
                f"an image of {image.shape} in place of {self.shape}",
                source=scan.source or scan.name,
            )
        whole = image
        if not self.is_complete:  # pages that nobody writes to take no memory
            whole = np.zeros(scan.shape, image.dtype)
            whole[:, list(self.slices)] = image
        mask = LineMask(np.ones_like(self.mask.array))
        made = replace(scan, image=whole, labels=None, labelled_frames=(), raw=None)
        return Measured(made, Acquisition(phase=False), mask, self.slices)

    @property
    def zero_filled(self) -> np.ndarray:
        """Each frame from its own lines, zero elsewhere in k-space: (T, Z', Y, X), complex64."""
        images = np.empty(self.shape, dtype=np.complex64)
        for place, one in enumerate(self):  # a list of slices and their stack would be twice this
            images[:, place] = one.zero_filled()
        return images

    @property
    def temporal_average(self) -> np.ndarray:
        """Lines of all frames pooled onto one grid, ``(Z', Y, X)``, complex64."""
        return np.stack([self._scanner.average(z) for z in self.slices])


class _Scanner:
    """Acquires the slices of a scan, each once where they are kept."""

    def __init__(self, scan: Scan, acquisition: Acquisition, mask: LineMask, *, keep: bool) -> None:
        self.scan, self.acquisition, self.keep = scan, acquisition, keep
        self.mask = mask
        self.axis = -2 if scan.phase_encode_axis == "Y" else -1
        self.encoding = Encoding(mask.array, axis=self.axis)  # of every slice that is simulated
        self._acquired: dict[int, MeasuredSlice] = {}
        self._averages: dict[int, np.ndarray] = {}
        self._locks = [Lock() for _ in range(scan.n_slices)]

    def checked(self, slices: Sequence[int] | None) -> tuple[int, ...]:
        """Whole numbers of slices; all if None."""
        n_slices = self.scan.n_slices
        chosen = tuple(range(n_slices)) if slices is None else tuple(int(z) for z in slices)
        if not chosen or not all(0 <= z < n_slices for z in chosen):
            raise ScanError(
                f"slices {list(chosen)} of a scan of {n_slices}",
                source=self.scan.source or self.scan.name,
            )
        return chosen

    def acquire(self, z: int) -> MeasuredSlice:
        with self._locks[z]:
            found = self._acquired.get(z)
            if found is None:
                found = self._raw(z) if self.scan.raw else self._simulated(z)
                if self.keep:
                    self._acquired[z] = found
            return found

    def average(self, z: int) -> np.ndarray:
        """Temporal average of a slice, which is small enough to be kept always."""
        if z not in self._averages:
            self._averages[z] = self.acquire(z).temporal_average
        return self._averages[z]

    def _simulated(self, z: int) -> MeasuredSlice:
        if self.acquisition.coils > 1:
            return self._simulated_by_array(z)
        image = acquired_slice(self.scan, z, self.acquisition)
        return MeasuredSlice(z, self.encoding.forward(image), self.encoding)

    @cached_property
    def _array(self) -> CoilArray:
        """Loops around the scan, the same for all of its slices."""
        rng = np.random.default_rng([self.acquisition.seed, _COIL_STREAM])
        return CoilArray.draw(self.scan.shape[2:], rng)

    def _simulated_by_array(self, z: int) -> MeasuredSlice:
        """Lines of virtual coils; their sensitivities are estimated, as those of raw data."""
        seed, noise = self.acquisition.seed, self.acquisition.noise
        image = acquired_slice(self.scan, z, self.acquisition.model_copy(update={"noise": 0.0}))
        of_loops = self._array.measure(
            image,
            self.encoding.transform,
            noise_sd=noise * brightness(self.scan) if noise > 0 else 0.0,
            rng=np.random.default_rng([seed, _NOISE_STREAM, z]),
        )
        lines = compress_coils(of_loops, self.acquisition.coils)
        maps = estimate_sensitivities(pool_lines(lines, self.encoding.transform), reference=0)
        return MeasuredSlice(z, lines, self.encoding.with_sensitivities(maps))

    def _raw(self, z: int) -> MeasuredSlice:
        """Lines that a raw file holds, out of those that are to be kept."""
        raw = self.scan.raw
        assert raw is not None
        encoding = Encoding(self.mask.array & raw.measured[:, z], axis=self.axis)
        spectrum = raw.kspace[:, :, z].swapaxes(0, 1)
        if self.axis == -1:
            spectrum = spectrum.swapaxes(-1, -2)
        lines = encoding.transform.pack(spectrum)
        if raw.n_coils > 1:
            maps = estimate_sensitivities(pool_lines(lines, encoding.transform))
            encoding = encoding.with_sensitivities(maps)
        return MeasuredSlice(z, lines, encoding)


def undersample(
    scan: Scan,
    acquisition: Acquisition,
    *,
    slices: Sequence[int] | None = None,
    mask: LineMask | None = None,
    keep: bool = True,
) -> Measured:
    """Undersample a scan: keep the lines of the acquisition.

    Nothing is computed yet: each slice is acquired when it is first read. Phase and noise are
    seeded slice by slice, so that a slice comes out the same alone as with its stack. A scan with
    raw k-space keeps those of its own lines, and its own coils; no phase or noise is added to them.

    Parameters
    ----------
    scan : Scan
    acquisition : Acquisition
    slices : sequence of int, optional
        Slices to hold; all by default.
    mask : LineMask, optional
        Lines to keep, instead of those that the acquisition would draw.
    keep : bool
        Whether the lines of a slice stay in memory once they were acquired, which takes twice the
        memory of a real image with all lines. Where not, a slice is acquired at each reading.

    Returns
    -------
    Measured

    Raises
    ------
    ScanError
        If a slice or a line does not exist, or the mask is of another scan.
    """
    if mask is None:
        mask = line_mask(acquisition, scan.n_frames, scan.n_phase_encodes)
    elif mask.array.shape != (scan.n_frames, scan.n_phase_encodes):
        raise ScanError(
            f"a mask of {mask.n_frames} frames x {mask.n_phase_encodes} lines for a scan of "
            f"{scan.n_frames} x {scan.n_phase_encodes}",
            source=scan.source or scan.name,
        )
    measured = Measured(scan, acquisition, mask, tuple(range(scan.n_slices)), keep=keep)
    return measured if slices is None else measured.select(slices)


def acquired_slice(scan: Scan, z: int, acquisition: Acquisition) -> np.ndarray:
    """Complex image ``(T, Y, X)`` of one slice as the scanner would see it, with phase and noise.

    Complex scans keep their own phase.
    """
    image = scan.image[:, z]
    if not np.iscomplexobj(image):
        if acquisition.phase:
            image = with_phase(image, np.random.default_rng([acquisition.seed, _PHASE_STREAM, z]))
        else:
            image = image.astype(np.complex64)
    if acquisition.noise > 0:
        sd = acquisition.noise * brightness(scan)
        rng = np.random.default_rng([acquisition.seed, _NOISE_STREAM, z])
        image = image + complex_noise(image.shape, sd, rng)
    return image
