"""Small valid files of every format, made by the packages that define the formats."""

from pathlib import Path

import h5py
import ismrmrd
import nibabel
import numpy as np
from ismrmrd import xsd

AFFINE = np.array(
    [[-1.5, 0.0, 0.0, 20.0], [0.0, -1.2, -1.5, 30.0], [0.0, 0.9, -2.0, 40.0], [0.0, 0.0, 0.0, 1.0]]
)
"""Oblique, right-handed columns of 1.5, 1.5 and 2.5 mm."""


def write_nifti(path: Path, array: np.ndarray, affine: np.ndarray | None = AFFINE) -> Path:
    """Write an (x, y, z[, t]) array."""
    image = nibabel.Nifti1Image(array, affine)
    if affine is None:
        image.header.set_zooms((1.5, 1.5, 8.0) + (0.03,) * (array.ndim - 3))
    nibabel.save(image, path)
    return path


def random_image(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 500, shape).astype(np.int16)


def acdc_labels(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 4, shape).astype(np.uint8)


def write_acdc(folder: Path, *, ed: int = 1, es: int = 3, cine_frames: int = 0) -> Path:
    """Write an ACDC patient: header sizes in pixdim only, and an affine of diag(-1, -1, 1)."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Info.cfg").write_text(
        f"ED: {ed}\nES: {es}\nGroup: DCM\nHeight: 184.0\nNbFrame: {cine_frames or 30}\n"
        "Weight: 95.0\n"
    )
    cine = random_image((9, 7, 4, max(cine_frames, ed, es)))
    parts = {f"frame{frame:02d}": cine[..., frame - 1] for frame in (ed, es)}
    for frame in (ed, es):
        parts[f"frame{frame:02d}_gt"] = acdc_labels((9, 7, 4), frame)
    if cine_frames:
        parts["4d"] = cine[..., :cine_frames]
    for part, array in parts.items():
        image = nibabel.Nifti1Image(array, None)
        image.header.set_sform(np.diag([-1.0, -1.0, 1.0, 1.0]), 2)
        image.header["pixdim"][1:4] = 1.5, 1.5, 10.0
        nibabel.save(image, folder / f"{folder.name}_{part}.nii.gz")
    return folder


def forward(image: np.ndarray) -> np.ndarray:
    """Centred orthonormal transform over the last two axes."""
    shifted = np.fft.ifftshift(image, axes=(-2, -1))
    return np.fft.fftshift(np.fft.fft2(shifted, norm="ortho"), axes=(-2, -1))


def coil_images(shape: tuple[int, ...], n_coils: int, seed: int = 0) -> np.ndarray:
    """Complex (T, Z, coils, Y, X) images with smooth sensitivities."""
    rng = np.random.default_rng(seed)
    n_frames, n_slices, ny, nx = shape
    image = rng.normal(size=(n_frames, n_slices, 1, ny, nx))
    phase = np.exp(1j * np.linspace(0, 2, nx))
    weights = (
        np.arange(1, n_coils + 1)[:, None, None] * np.exp(1j * np.arange(n_coils))[:, None, None]
    )
    result: np.ndarray = image * weights * phase
    return result


def write_cmrxrecon(path: Path, kspace: np.ndarray, name: str = "kspace_full") -> Path:
    """Write (frames, slices[, coils], ky, kx) as MATLAB's v7.3 does, with its 512-byte preface."""
    pairs = np.empty(kspace.shape, dtype=[("real", "<f4"), ("imag", "<f4")])
    pairs["real"], pairs["imag"] = kspace.real, kspace.imag
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset(name, data=pairs, compression="gzip")
        file[name].attrs["MATLAB_class"] = np.bytes_("single")
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512))
    return path


def write_ismrmrd(
    path: Path,
    coils: np.ndarray,
    *,
    oversampling: int = 2,
    pixel: tuple[float, float] = (1.5, 1.5),
    slice_step: float = 9.0,
    skip: int | None = None,
    group: str = "dataset",
    counters: dict[str, int] | None = None,
    samples: slice = slice(None),
    discard: tuple[int, int] = (0, 0),
    header_columns: int | None = None,
) -> Path:
    """Write complex coil images (T, Z, coils, Y, X), slices in reverse order in the file.

    ``counters`` are given to every acquisition; ``samples`` are those of a line that are stored,
    of which ``discard`` are marked as of no use at either end; ``header_columns`` is an encoded
    matrix, of the same pixels, that is not the one encoded.
    """
    n_frames, n_slices, n_coils, ny, nx = coils.shape
    wide = np.zeros((n_frames, n_slices, n_coils, ny, nx * oversampling), dtype=complex)
    start = nx * oversampling // 2 - nx // 2
    wide[..., start : start + nx] = coils
    kspace = forward(wide)
    dataset = ismrmrd.Dataset(str(path), group, create_if_needed=True)
    encoded = header_columns or nx * oversampling
    dataset.write_xml_header(_header(ny, nx, encoded, pixel, slice_step).toXML())
    noise = ismrmrd.Acquisition()
    noise.resize(32, n_coils)
    noise.set_flag(ismrmrd.ACQ_IS_NOISE_MEASUREMENT)
    dataset.append_acquisition(noise)
    for frame, index, line in np.ndindex(n_frames, n_slices, ny):
        if skip and line % skip:
            continue
        acquisition = ismrmrd.Acquisition()
        stored = kspace[frame, index, :, line, samples]
        acquisition.resize(stored.shape[-1], n_coils)
        acquisition.center_sample = nx * oversampling // 2 - (samples.start or 0)
        acquisition.discard_pre, acquisition.discard_post = discard
        acquisition.idx.phase = frame
        acquisition.idx.slice = n_slices - 1 - index
        acquisition.idx.kspace_encode_step_1 = line
        acquisition.position[:] = (10.0, 20.0, 30.0 + slice_step * index)
        acquisition.read_dir[:] = (1.0, 0.0, 0.0)
        acquisition.phase_dir[:] = (0.0, 1.0, 0.0)
        acquisition.slice_dir[:] = (0.0, 0.0, 1.0)
        for name, count in (counters or {}).items():
            place = acquisition if name == "encoding_space_ref" else acquisition.idx
            setattr(place, name, count)
        acquisition.data[:] = stored
        dataset.append_acquisition(acquisition)
    dataset.close()
    return path


def _header(
    ny: int, nx: int, encoded: int, pixel: tuple[float, float], thickness: float
) -> xsd.ismrmrdHeader:
    dx, dy = pixel

    def space(columns: int) -> xsd.encodingSpaceType:
        return xsd.encodingSpaceType(
            matrixSize=xsd.matrixSizeType(x=columns, y=ny, z=1),
            fieldOfView_mm=xsd.fieldOfViewMm(x=columns * dx, y=ny * dy, z=thickness),
        )

    encoding = xsd.encodingType(
        encodedSpace=space(encoded),
        reconSpace=space(nx),
        encodingLimits=xsd.encodingLimitsType(
            kspace_encoding_step_1=xsd.limitType(minimum=0, maximum=ny - 1, center=ny // 2)
        ),
        trajectory=xsd.trajectoryType.CARTESIAN,
    )
    return xsd.ismrmrdHeader(
        subjectInformation=xsd.subjectInformationType(
            patientName="Doe^Jane", patientWeight_kg=61.0, patientHeight_m=1.7, patientGender="F"
        ),
        experimentalConditions=xsd.experimentalConditionsType(H1resonanceFrequency_Hz=63870000),
        encoding=[encoding],
    )
