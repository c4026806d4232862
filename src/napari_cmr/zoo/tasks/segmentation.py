"""From measured lines to labels: show the network its channels around the heart, map back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from napari_cmr.kspace import Measured
from napari_cmr.nets.blocks import TemporalMix, TemporalUNet
from napari_cmr.nets.inputs import (
    intensity_scale,
    network_input,
    ramped_average,
    temporal_average,
)
from napari_cmr.nets.squares import sample_at, square_places, touched, way_back
from napari_cmr.nets.windows import Window
from napari_cmr.scan import Geometry, Label, Ventricle
from napari_cmr.zoo.cancellation import end_if_asked
from napari_cmr.zoo.cards import by_lines
from napari_cmr.zoo.cavity_bounds import CavityBounds
from napari_cmr.zoo.expected_overlap import expected_dice, presence
from napari_cmr.zoo.predictor import CPU_CHUNK, Predictor
from napari_cmr.zoo.tasks.localisation import HeartLocation
from napari_cmr.zoo.time_filter import around, filtered, kernel, reach
from napari_cmr.zoo.views import Turn, check_views, mirrored

#: Probability from which on a structure is surely in a slice.
SURELY = 0.95
#: Labels are drawn so far around where the localiser sees heart.
AROUND_MM = 6.0


@dataclass(frozen=True, eq=False)
class Prediction:
    """Labels of some slices.

    Attributes
    ----------
    labels : ndarray of uint8, shape (T, Z', Y, X)
    uncertainty : ndarray of float16, shape (T, Z', Y, X)
        One minus the probability of the label, 0 outside the part that was drawn.
    bounds : dict of CavityBounds
        Between which pixels the cavity of a ventricle lies; a ventricle for which the card has no
        quantile is left out.
    confidence : ndarray of float32, shape (T, Z', 3), or None
        Dice of LV, MYO and RV with a reader's that is to be expected in each slice, see
        :func:`~napari_cmr.zoo.expected_overlap.expected_dice`. None where probabilities are not
        calibrated.
    """

    labels: np.ndarray
    uncertainty: np.ndarray
    bounds: dict[Ventricle, CavityBounds] = field(default_factory=dict)
    confidence: np.ndarray | None = None


class Segmenter(Predictor):
    """A trained segmentation network, ready to label measured lines."""

    task = "segmentation"
    does = "segment cines"
    image = "frame"

    def for_lines(self, n_lines: float) -> "Segmenter":
        """The segmenter that answers for so many lines per frame: this one, or that for fewer."""
        if self.for_fewer is not None and n_lines < self.card.lines[0]:
            return self.for_fewer
        return self

    @torch.inference_mode()
    def segment(
        self,
        measured: Measured,
        location: HeartLocation,
        *,
        frames: Sequence[int] | None = None,
        views: int = 1,
    ) -> Prediction:
        """Label every frame, or some, of the slices that were measured.

        Parameters
        ----------
        measured : Measured
        location : HeartLocation
        frames : sequence of int, optional
            Label these frames alone, neighbours in the cycle: the network then sees no more frames
            than its temporal mixing and the filter reach, at a fraction of the time. The labels
            are those that they have among all frames, but for rounding.
        views : int, 1 to 8
            Mirror images and quarter turns whose answers are averaged (test-time augmentation):
            steadier, and as many times slower.

        Returns
        -------
        Prediction
            Of the frames that were asked for, in that order.

        Raises
        ------
        ScanError
            If ``views`` is out of range, or memory runs out on the CPU too.
        """
        check_views(views)
        chosen = self.for_lines(float(measured.mask.n_lines.mean()))
        if chosen is not self:
            return chosen.segment(measured, location, frames=frames, views=views)
        n_frames, n_slices, *plane = measured.shape
        shape = (n_frames if frames is None else len(frames), n_slices, *plane)
        labels = np.zeros(shape, dtype=np.uint8)
        uncertainty = np.zeros(shape, dtype=np.float16)
        offsets = self.offsets(measured)
        pixels: dict[Ventricle, np.ndarray] = {}
        confidence = np.zeros((*shape[:2], 3), np.float32) if self.card.calibrated else None
        for index in range(shape[1]):
            window = self._window(location, measured.geometry)
            while True:
                probabilities, rows, columns = self.probabilities(
                    measured, index, location, frames=frames, views=views, window=window
                )
                label = self.decide(probabilities, measured.geometry, offsets)
                if window is None or not _is_cut(label):
                    break
                window = None  # the heart reaches further here than it was seen to
            sure = probabilities.gather(1, label[:, None].long())[:, 0]
            labels[:, index, rows, columns] = label.numpy()
            uncertainty[:, index, rows, columns] = (1 - sure).numpy()
            if confidence is not None:
                spacing = measured.geometry.spacing[1:]
                confidence[:, index] = expected_dice(label, probabilities, spacing).numpy()
            for name, counts in self._bounds(probabilities, offsets).items():
                pixels.setdefault(name, np.zeros((*shape[:2], 2), np.int64))[:, index] = counts
        beat = _beat_lines(measured)
        widenings = {"LV": self.card.lv_widening, "RV": self.card.rv_widening}
        bounds = {
            name: CavityBounds(one, by_lines(widenings[name], beat)) for name, one in pixels.items()
        }
        return Prediction(labels, uncertainty, bounds, confidence)

    def _bounds(
        self, probabilities: Tensor, offsets: Mapping[Ventricle, float]
    ) -> dict[Ventricle, np.ndarray]:
        """Sure and possible pixels (T, 2) of a slice, of the ventricles that have a quantile."""
        quantiles = {"LV": self.card.lv_quantile, "RV": self.card.rv_quantile}
        found = {}
        for name, offset in offsets.items():
            if (quantile := quantiles[name]) is not None:
                margin = float(np.log(1 / quantile - 1))
                sides = [
                    in_cavity(probabilities, Label[name], offset + change).sum((1, 2))
                    for change in (-margin, margin)
                ]
                found[name] = torch.stack(sides, dim=1).numpy()
        return found

    def offsets(self, measured: Measured) -> dict[Ventricle, float]:
        """Offset of each cavity that the card has for the lines that were measured."""
        beat = _beat_lines(measured)
        return {
            "LV": by_lines(self.card.cavity_offset, beat),
            "RV": by_lines(self.card.rv_offset, beat),
        }

    def sharpening(self, measured: Measured) -> float:
        """Sharpening in time that the card has for the lines that were measured."""
        return by_lines(self.card.sharpening, _beat_lines(measured))

    def decide(
        self, probabilities: Tensor, geometry: Geometry, offsets: Mapping[Ventricle, float]
    ) -> Tensor:
        """Labels (T, rows, columns), uint8, for probabilities (T, C, rows, columns).

        The likeliest ones, but for the offsets of the cavities' log-probabilities and, where
        probabilities are calibrated, for an RV that is more likely in the slice than not: see
        :func:`_complete_rv`.
        """
        weights = {Label[name]: float(np.exp(offset)) for name, offset in offsets.items() if offset}
        best = probabilities[:, 0]
        label = torch.zeros(best.shape, dtype=torch.uint8)
        # Plane by plane: argmax over an axis in the middle takes a sixth of all the time there is.
        for index in range(1, probabilities.shape[1]):
            odds = probabilities[:, index]
            if index in weights:
                odds = odds * weights[Label(index)]
            label.masked_fill_(odds > best, index)
            best = torch.maximum(best, odds)
        if self.card.calibrated:
            _complete_rv(label, probabilities[:, int(Label.RV)], geometry.spacing[1:])
        return label

    @torch.inference_mode()
    def probabilities(
        self,
        measured: Measured,
        index: int,
        location: HeartLocation,
        *,
        frames: Sequence[int] | None = None,
        views: int = 1,
        window: Window | None = None,
    ) -> tuple[Tensor, slice, slice]:
        """Probabilities (T, C, rows, columns) on the part of the slice's grid that is in view.

        Parameters are those of :meth:`segment`, for the slice at ``index`` among the measured
        ones; ``window`` is the part of the network's grid that is enough, the whole one by
        default. Returns the rows and columns of the scan that are in view, too.
        """
        one = measured[index]
        hybrid = torch.from_numpy(one.spectrum())  # phase encoding along axis -2
        mask = torch.from_numpy(one.mask.copy())
        along_x = measured.phase_encode_axis == "X"
        maps = None if one.sensitivities is None else torch.from_numpy(one.sensitivities)
        if along_x and maps is not None:
            maps = maps.transpose(1, 2)
        if maps is None:
            hybrid = hybrid[0]
        n_frames = len(mask)
        spacing, centre = list(measured.geometry.spacing[1:]), [location.row, location.column]
        size, spacing_mm = self.card.size, self.card.spacing_mm
        window = window or Window.whole((size, size))
        if along_x:
            spacing.reverse()
            centre.reverse()
            window = Window(*reversed(window))
        scale = intensity_scale(temporal_average(hybrid, mask, maps))
        rows, columns = square_places(
            (centre[0], centre[1]), (spacing[0], spacing[1]), size, spacing_mm
        )
        weights = kernel(self.card.smoothing, self.sharpening(measured), n_frames)
        # Each mixing passes on what the frames beside a frame have seen.
        mixings = sum(isinstance(module, TemporalMix) for module in self.network.modules())
        answered = around(frames, reach(weights), n_frames)
        seen = around(frames, reach(weights) + mixings, n_frames)
        end_if_asked()
        height, width = hybrid.shape[-2:]
        # Columns outside the network's field of view never need the inverse transform.
        first, last = touched(columns, width)
        first_row, last_row = touched(rows, height)
        hybrid = hybrid[..., first:last].contiguous()  # once, not at each use
        maps = None if maps is None else maps[..., first:last]
        average = ramped_average(hybrid, mask, maps)
        pieces = []
        for some in seen.split(CPU_CHUNK):
            channels = network_input(
                hybrid,
                mask,
                some,
                self.card.input_kind,
                maps=maps,
                average=average,
                scale=scale,
                rows=slice(first_row, last_row),
                cycle_known=measured.is_one_cycle,
            )
            pieces.append(sample_at(channels, rows - first_row, columns - first))
            end_if_asked()
        inputs = torch.cat(pieces)
        wanted = None
        if len(answered) < len(seen):
            order = seen.tolist()
            wanted = torch.tensor([order.index(frame) for frame in answered.tolist()])
        turn = _turn_with_lines(location.turn, bool(mask.all()), along_x=along_x)
        logits = self._average(
            turn.there(inputs),
            views,
            wanted,
            periodic=len(seen) == n_frames,
            window=turn.window_there(window, size),
        )
        logits = filtered(
            turn.back(logits), answered, range(n_frames) if frames is None else frames, weights
        )
        (own_rows, up), (own_columns, across) = (
            way_back(middle, step, length, size, spacing_mm, part=part)
            for middle, step, length, part in zip(
                centre, spacing, (height, width), window, strict=True
            )
        )
        temperature = by_lines(self.card.temperature, _beat_lines(measured))
        native = sample_at(logits, up, across).div_(temperature).softmax(1)
        if along_x:
            return native.transpose(2, 3), own_columns, own_rows
        return native, own_rows, own_columns

    def _average(
        self,
        inputs: Tensor,
        views: int,
        wanted: Tensor | None,
        *,
        periodic: bool,
        window: Window,
    ) -> Tensor:
        """Logits of frames of one slice, averaged over mirror images and turns."""
        if views == 1:
            return self._logits(inputs, wanted, periodic=periodic, window=window)
        total = torch.zeros(())
        for turn in mirrored(views):
            there = turn.window_there(window, self.card.size)
            answer = self._logits(turn.there(inputs), wanted, periodic=periodic, window=there)
            total = total + turn.back(answer.log_softmax(1))
        return total / views

    def _logits(
        self, inputs: Tensor, wanted: Tensor | None, *, periodic: bool, window: Window
    ) -> Tensor:
        """Run the network on frames of one slice, for all or some of them.

        Where it mixes over time, it needs them together.
        """
        how: dict[str, Any] = {"periodic": periodic}
        if isinstance(self.network, TemporalUNet):
            how["window"] = window

        def run() -> Tensor:
            batch = inputs.to(self.device, self.dtype)
            batch = batch.contiguous(memory_format=torch.channels_last)
            which = None if wanted is None else wanted.to(self.device)
            logits: Tensor = self.network(batch, len(inputs), wanted=which, **how)
            return logits.float().cpu()

        return self.attempt(run)

    def _window(self, location: HeartLocation, geometry: Geometry) -> Window | None:
        """The network's pixels that hold the heart, where it can draw less than it sees."""
        if location.extent is None or not isinstance(self.network, TemporalUNet):
            return None
        size, spacing_mm = self.card.size, self.card.spacing_mm
        sides = []
        for ends, middle, step in zip(
            location.extent, location[:2], geometry.spacing[1:], strict=True
        ):
            first, last = (
                ((end - middle) * step + around) / spacing_mm + (size - 1) / 2
                for end, around in zip(ends, (-AROUND_MM, AROUND_MM), strict=True)
            )
            sides.append((int(np.floor(first)), int(np.ceil(last)) + 1))
        return Window(*sides).wider(0, (size, size))

    def _take_one_at_a_time(self) -> bool:
        # Frames stay together for the sake of temporal mixing: what can take fewer says so itself.
        return self._set_chunk(1)


def _is_cut(label: Tensor) -> bool:
    """Whether there is heart at the edge of what labels (T, rows, columns) are drawn in."""
    return bool(label[:, [0, -1]].any() or label[..., [0, -1]].any())


def _beat_lines(measured: Measured) -> float | None:
    """Lines of the whole beat, None where all were measured."""
    return None if measured.mask.is_full else float(measured.mask.n_lines.sum())


def in_cavity(probabilities: Tensor, label: Label, offset: float) -> Tensor:
    """Pixels (T, rows, columns) that are of a label with an offset of its log-probability."""
    others = probabilities[:, 0].clone()
    for index in range(1, probabilities.shape[1]):
        if index != label:
            torch.maximum(others, probabilities[:, index], out=others)
    return probabilities[:, int(label)] > others * float(np.exp(-offset))


def _turn_with_lines(turn: Turn, all_lines: bool, *, along_x: bool) -> Turn:
    """Turn of a scan's picture, for its lines with the phase encoding along the rows.

    Missing lines alias along the phase encoding, and networks have learned to see that along the
    rows: there it stays unless all lines are there.
    """
    if along_x:  # the lines are those of the transposed picture
        turn = Turn(not turn.transposed, turn.flipped)
    return turn if all_lines else turn.untransposed()


def _complete_rv(label: Tensor, probability: Tensor, spacing: tuple[float, ...]) -> None:
    """Draw a right ventricle that is probably in a slice as a whole, in labels (T, rows, columns).

    At the base the doubt is about the slice, not about the outline: readers draw the RV there or
    they do not. What is labelled pixel by pixel then is neither, but a sieve. Given that the RV is
    there at all, see :func:`~napari_cmr.zoo.expected_overlap.presence`, a pixel belongs to it from
    half of that probability on.
    """
    there = presence(probability, spacing)
    doubtful = ((there >= 0.5) & (there < SURELY)).nonzero()[:, 0]
    for frame in doubtful.tolist():
        within = probability[frame] >= there[frame] / 2
        label[frame].masked_fill_(within & (label[frame] == 0), int(Label.RV))
