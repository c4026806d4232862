"""What a network is shown of the measured lines of one slice.

For line masks the read-out transform cancels, so everything here happens in *hybrid* space: image
along the read-out, k-space along the phase-encode axis, which is axis -2 of every array here. Lines
of several coils come first, (C, T, N, X), with the coils' sensitivities to combine them.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from napari_cmr.nets.input_kinds import N_CHANNELS, InputKind

#: Half widths of the windows that lines are pooled over, as parts of the heart cycle: a heart moves
#: as far in a part of its cycle however many frames that is cut into. 1 and 3 frames of 24, or, for
#: few lines, 3 and 6: half of the cycle then has lines enough to tell systole from diastole.
POOLED_PARTS = {"pooled": (1 / 24, 1 / 8), "pooled-wide": (1 / 8, 1 / 4)}

#: Where fewer than one in so many lines were measured, a CPU adds them up one by one.
SPARSE = 4


def to_hybrid(image: Tensor) -> Tensor:
    """Orthonormal DFT of (..., N, X) along axis -2, zero frequency in the middle (index N // 2).

    The image's own origin stays at its first row: the phase ramp that this leaves cancels against
    :func:`from_hybrid`, and saves a shift of the whole array each way.
    """
    return torch.fft.fftshift(torch.fft.fft(image, dim=-2, norm="ortho"), dim=-2)


def from_hybrid(hybrid: Tensor) -> Tensor:
    """Inverse of :func:`to_hybrid`."""
    return torch.fft.ifft(torch.fft.ifftshift(hybrid, dim=-2), dim=-2, norm="ortho")


def _frames_apart(frames: Tensor, n_frames: int) -> Tensor:
    """Distance in frames (F, T) of each chosen frame to every frame of a periodic cycle."""
    apart = (frames[:, None] - torch.arange(n_frames, device=frames.device)).abs()
    return torch.minimum(apart, n_frames - apart)


def pooled_lines(hybrid: Tensor, mask: Tensor, frames: Tensor, reach: int) -> Tensor:
    """Mean of the lines that the frames within ``reach`` of each chosen frame have measured.

    Parameters
    ----------
    hybrid : complex tensor, shape (T, N, X)
        Measured lines, zero elsewhere.
    mask : bool tensor, shape (T, N)
    frames : int tensor, shape (F,)
        Frames to answer for. Time is periodic.
    reach : int
        Frames on each side; windows that cover the cycle pool everything.

    Returns
    -------
    complex tensor, shape (F, N, X)
        Zero where no frame of the window measured a line.
    """
    parts = torch.view_as_real(hybrid)
    is_near = _frames_apart(frames, len(hybrid)) <= reach
    window = is_near.to(parts.dtype)
    if mask.device.type == "cpu" and SPARSE * int(mask.sum()) < mask.numel():
        frame, line = mask.nonzero(as_tuple=True)
        place, which = is_near[:, frame].nonzero(as_tuple=True)
        mean = parts.new_zeros(len(frames) * mask.shape[1], *parts.shape[2:])
        mean.index_add_(0, place * mask.shape[1] + line[which], parts[frame, line][which])
        mean = mean.unflatten(0, (len(frames), -1))
    else:  # one real matrix product adds up all windows at once
        mean = (window @ parts.flatten(1)).unflatten(1, parts.shape[1:])
    counts = (window @ mask.to(parts.dtype)).clamp(min=1)
    mean /= counts[..., None, None]  # before it is complex: faster
    return torch.view_as_complex(mean)


def nearest_lines(hybrid: Tensor, mask: Tensor, frames: Tensor) -> Tensor:
    """View sharing: each line from the frame nearest in time that measured it.

    Shapes as in :func:`pooled_lines`. Of two frames equally near, their mean is taken; a line that
    no frame measured stays zero.
    """
    n_frames, n_lines = mask.shape
    distance = _frames_apart(frames, n_frames)[:, None].float()
    distance = distance.masked_fill(~mask.T.contiguous(), float("inf"))  # (F, N, T)
    # At most two frames are equally near; they are the first and the last of the smallest.
    first = distance.argmin(2)
    last = n_frames - 1 - distance.flip(2).argmin(2)
    lines = torch.arange(n_lines, device=mask.device)
    rows = hybrid.flatten(0, 1)
    shared = rows.index_select(0, (first * n_lines + lines).flatten())
    shared += rows.index_select(0, (last * n_lines + lines).flatten())
    shared /= 2
    return shared.unflatten(0, first.shape)


def temporal_average(hybrid: Tensor, mask: Tensor, maps: Tensor | None = None) -> Tensor:
    """Image (N, X) of the lines of all frames pooled onto one grid (schlemper2018, Fig. 3).

    Parameters as in :func:`network_input`.
    """
    return _combined(from_hybrid(_all_pooled(hybrid, mask)), maps)[0]


def ramped_average(hybrid: Tensor, mask: Tensor, maps: Tensor | None = None) -> Tensor:
    """:func:`temporal_average` with the phase ramp that images of :func:`network_input` have."""
    return _combined(_ramped(_all_pooled(hybrid, mask)), maps)[0]


def _all_pooled(hybrid: Tensor, mask: Tensor) -> Tensor:
    """Mean (..., 1, N, X) of the lines of all frames."""
    first = torch.zeros(1, dtype=torch.long, device=mask.device)
    return _of_coils(lambda coil: pooled_lines(coil, mask, first, len(mask)), hybrid)


def _of_coils(pool: Callable[[Tensor], Tensor], hybrid: Tensor) -> Tensor:
    """Pool the lines (T, N, X) of a single coil, or those of each coil (C, T, N, X) by itself."""
    return pool(hybrid) if hybrid.ndim == 3 else torch.stack([pool(coil) for coil in hybrid])


def _combined(images: Tensor, maps: Tensor | None) -> Tensor:
    """Images (F, N, X) of those of each coil (C, F, N, X)."""
    return images if maps is None else (maps[:, None].conj() * images).sum(0)


def intensity_scale(average: Tensor) -> Tensor:
    """99th percentile of the magnitude of an image, the unit of what networks are shown."""
    flat = average.abs().flatten()
    # kthvalue rather than quantile, which sorts everything and refuses large inputs
    return flat.kthvalue(max(1, int(0.99 * flat.numel()))).values.clamp(min=1e-12)


def _ramped(hybrid: Tensor) -> Tensor:
    """:func:`from_hybrid` without its shift of the lines: images with a phase ramp along the rows.

    All of them have the same; it goes with the temporal average's phase, or in the magnitude.
    """
    return torch.fft.ifft(hybrid, dim=-2, norm="ortho")


def network_input(
    hybrid: Tensor,
    mask: Tensor,
    frames: Tensor,
    kind: InputKind,
    *,
    maps: Tensor | None = None,
    average: Tensor | None = None,
    scale: Tensor | None = None,
    rows: slice = slice(None),
    cycle_known: bool = True,
) -> Tensor:
    """Real channels on the scan's own grid for the chosen frames of one slice.

    ``magnitude`` is that of the zero-filled frame. ``zero-filled`` is the input of schlemper2018:
    real and imaginary part of the zero-filled frame.

    ``pooled`` takes the phase of the temporal average out of every image, which leaves the signal
    almost real, and gives: real and imaginary part of the zero-filled frame, lines pooled over two
    windows of the cycle (:data:`POOLED_PARTS`), nearest lines in time, and the temporal average.
    ``pooled-wide`` is the same with wider windows, and ends with the place in the heart cycle as
    cosine and sine (zero where the frames are not one cycle from the R wave on). Where more lines
    were measured, frames show themselves how far the heart has contracted; a network that leans on
    the time instead expects every heart to contract well, and every base to have gone at
    end-systole.

    Parameters
    ----------
    hybrid, mask, frames
        As in :func:`pooled_lines`; of several coils (C, T, N, X).
    kind : {"magnitude", "zero-filled", "pooled", "pooled-wide"}
    maps : complex tensor, shape (C, N, X), optional
        Sensitivities of several coils, by which their images are combined.
    average : complex tensor, shape (N, X), optional
        :func:`ramped_average` of these lines, where it is known already.
    scale : Tensor, optional
        :func:`intensity_scale` of the temporal average, where ``hybrid`` holds a part of the
        columns only.
    rows : slice
        Rows of the images to give.
    cycle_known : bool
        Whether frame t lies at t / T of a heart cycle that starts at the R wave.

    Returns
    -------
    float tensor, shape (F, C, rows, X)
        In units of the 99th percentile of the temporal average's magnitude.
    """
    if average is None:
        average = ramped_average(hybrid, mask, maps)
    if scale is None:
        scale = intensity_scale(average)
    average = average[rows]
    in_view = None if maps is None else maps[:, rows]

    def image(lines: Tensor) -> Tensor:
        return _combined(_ramped(lines)[..., rows, :], in_view)

    if kind == "zero-filled":
        own = _combined(from_hybrid(hybrid[..., frames, :, :])[..., rows, :], in_view)
        return torch.view_as_real(own / scale).movedim(-1, 1).contiguous()
    own = image(hybrid[..., frames, :, :])
    if kind == "magnitude":
        return (own.abs() / scale)[:, None]
    magnitude = average.abs()
    demodulate = average.conj() / magnitude.clamp(min=1e-12) / scale
    # Written in place: to join the channels afterwards takes as long as all that is in them.
    channels = magnitude.new_empty(len(frames), N_CHANNELS[kind], *magnitude.shape)
    own = own * demodulate
    channels[:, 0], channels[:, 1] = own.real, own.imag
    for index, part in enumerate(POOLED_PARTS[kind], start=2):
        pool = partial(pooled_lines, mask=mask, frames=frames, reach=round(len(mask) * part))
        channels[:, index] = (image(_of_coils(pool, hybrid)) * demodulate).real
    lines = _of_coils(partial(nearest_lines, mask=mask, frames=frames), hybrid)
    channels[:, 4] = (image(lines) * demodulate).real
    channels[:, 5] = magnitude / scale
    if kind == "pooled-wide":
        angle = 2 * torch.pi * frames.to(magnitude.dtype) / len(mask)
        channels[:, 6] = (angle.cos() * float(cycle_known))[:, None, None]
        channels[:, 7] = (angle.sin() * float(cycle_known))[:, None, None]
    return channels
