"""DLMRI: patches of the images from a few atoms of a dictionary that they teach themselves."""

import numpy as np
from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.solvers.solver import Solver, SolverSettings, Watch
from napari_cmr.solvers.view_sharing import share_views

_CHUNK = 1 << 15  # patches that are coded at once
_TRAINING_PATCHES = 1 << 15

Places = tuple[np.ndarray, ...]
Patch = tuple[int, ...]


class DictionarySettings(SolverSettings):
    """Settings of dictionary learning."""

    rounds: int = Field(default=10, ge=1, le=50, description="times that the dictionary is learnt")
    side: int = Field(default=4, ge=2, le=12, description="side of a patch, in pixels")
    frames: int = Field(default=4, ge=1, le=12, description="frames of a patch; 1 for still ones")
    atoms: int = Field(default=64, ge=2, le=256, description="atoms of the dictionary")
    sparsity: int = Field(default=5, ge=1, le=32, description="atoms that make a patch")
    stride: int = Field(default=2, ge=1, le=12, description="pixels between patches")
    trust: float = Field(
        default=1.0, ge=0, le=1, description="share of the measurement in measured lines"
    )
    seed: int = Field(default=0, ge=0, description="draws patches and their places")


def sparse_codes(patches: np.ndarray, dictionary: np.ndarray, sparsity: int) -> np.ndarray:
    """Orthogonal matching pursuit of many patches at once.

    Parameters
    ----------
    patches : ndarray, shape (P, N), complex64
    dictionary : ndarray, shape (K, N), complex64
        Atoms of length 1.
    sparsity : int
        Atoms for a patch, at most.

    Returns
    -------
    ndarray, shape (P, K), complex64
    """
    every = np.arange(len(patches))
    gram = dictionary.conj() @ dictionary.T + 1e-6 * np.eye(len(dictionary), dtype=np.complex64)
    match = patches @ dictionary.conj().T
    codes = np.zeros_like(match)
    chosen = np.zeros((len(patches), 0), dtype=np.intp)
    for _ in range(min(sparsity, len(dictionary))):
        left = np.abs(match - codes @ gram.T)
        left[every[:, None], chosen] = -1
        chosen = np.concatenate([chosen, left.argmax(axis=1)[:, None]], axis=1)
        small = gram[chosen[:, :, None], chosen[:, None, :]]
        weights = np.linalg.solve(small, match[every[:, None], chosen][..., None])[..., 0]
        codes = np.zeros_like(match)
        codes[every[:, None], chosen] = weights
    return codes


def better_dictionary(patches: np.ndarray, codes: np.ndarray, dictionary: np.ndarray) -> np.ndarray:
    """Atoms that explain the patches best, given their codes; unused ones stay.

    The method of optimal directions: Engan et al., ICASSP 1999.
    """
    power = codes.conj().T @ codes
    used = np.diag(power).real > 0
    damping = 1e-6 * np.trace(power).real * np.eye(int(used.sum()), dtype=np.complex64)
    found = np.linalg.solve(power[np.ix_(used, used)] + damping, codes[:, used].conj().T @ patches)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    atoms = dictionary.copy()
    atoms[used] = np.where(length > 0, found / np.maximum(length, 1e-30), dictionary[used])
    return atoms


def dictionary_learning(
    one: MeasuredSlice, settings: DictionarySettings, watch: Watch
) -> np.ndarray:
    """Ravishankar and Bresler 2011, fig. 1: learn, code all patches, average, own lines back."""
    rng = np.random.default_rng(settings.seed)
    image = share_views(one, settings, watch)
    wanted = (settings.frames, settings.side, settings.side)
    patch = tuple(min(sizes) for sizes in zip(wanted, image.shape, strict=True))
    dictionary = _first_atoms(settings.atoms, patch)
    for i in range(settings.rounds):
        places = _places(image.shape, [min(settings.stride, n) for n in patch], rng)
        n_patches = len(places[0])
        some = rng.choice(n_patches, min(n_patches, _TRAINING_PATCHES), replace=False)
        patches = _cut(image, _some(places, some), patch)
        for _ in range(2):
            watch(i / settings.rounds)
            codes = sparse_codes(patches, dictionary, settings.sparsity)
            dictionary = better_dictionary(patches, codes, dictionary)
        total, count = np.zeros_like(image), np.zeros(image.shape, np.float32)
        for first in range(0, n_patches, _CHUNK):
            watch((i + first / n_patches) / settings.rounds)
            here = _some(places, slice(first, first + _CHUNK))
            codes = sparse_codes(_cut(image, here, patch), dictionary, settings.sparsity)
            _paste(total, count, codes @ dictionary, here, patch)
        smooth = np.where(count > 0, total / np.maximum(count, 1), image)
        image = one.encoding.dc(smooth, one.lines, settings.trust)
    return image


def _first_atoms(n_atoms: int, patch: Patch) -> np.ndarray:
    """Cosine patterns of length 1, those that change least first."""
    most = int(np.ceil(n_atoms ** (1 / sum(n > 1 for n in patch))))
    waves = []
    for n in patch:
        rate = np.linspace(0, n - 1, most if n > 1 else 1)
        waves.append(np.cos(rate[:, None] * np.pi * (np.arange(n) + 0.5) / n))
    atoms = np.einsum("at,by,cx->abctyx", *waves)
    rates = np.indices(atoms.shape[:3]).sum(axis=0)
    order = np.argsort(rates.ravel(), kind="stable")[:n_atoms]
    chosen = atoms.reshape(-1, np.prod(patch))[order]
    chosen /= np.linalg.norm(chosen, axis=1, keepdims=True)
    return chosen.astype(np.complex64)


def _places(shape: tuple[int, ...], strides: list[int], rng: np.random.Generator) -> Places:
    """Frame, row and column of the first pixel of each patch, on a randomly moved grid."""
    steps = [
        np.arange(rng.integers(stride), n, stride) for n, stride in zip(shape, strides, strict=True)
    ]
    return tuple(axis.ravel() for axis in np.meshgrid(*steps, indexing="ij"))


def _some(places: Places, which: slice | np.ndarray) -> Places:
    return tuple(axis[which] for axis in places)


def _cut(image: np.ndarray, places: Places, patch: Patch) -> np.ndarray:
    """Patches ``(P, pixels)``, wrapping around the edges and the cycle."""
    pixels = [_pixels(places, corner, image.shape) for corner in np.ndindex(patch)]
    return np.stack([image[one] for one in pixels], axis=1)


def _paste(
    total: np.ndarray,
    count: np.ndarray,
    patches: np.ndarray,
    places: Places,
    patch: Patch,
) -> None:
    """Add patches to the pixels that they cover, and count them."""
    for k, corner in enumerate(np.ndindex(patch)):
        # No place comes twice, so each pixel takes one value of each corner of a patch.
        pixels = _pixels(places, corner, total.shape)
        total[pixels] += patches[:, k]
        count[pixels] += 1


def _pixels(places: Places, corner: tuple[int, ...], shape: tuple[int, ...]) -> Places:
    """Pixel of each patch that is so far from its first one."""
    return tuple((a + b) % n for a, b, n in zip(places, corner, shape, strict=True))


SOLVERS = (
    Solver(
        "dictionary",
        "Dictionary learning (DLMRI)",
        "Ravishankar and Bresler, IEEE Transactions on Medical Imaging 30, 2011",
        dictionary_learning,
        DictionarySettings,
        departs=(
            "patches span frames, as in Caballero et al., IEEE Transactions on Medical Imaging "
            "33, 2014",
            "starts from the view-shared images rather than the zero-filled ones",
            "the dictionary is renewed by the method of optimal directions rather than K-SVD",
            "patches lie on a grid that moves from round to round",
        ),
    ),
)
