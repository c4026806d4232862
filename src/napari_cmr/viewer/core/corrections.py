"""What corrections of labels do to ED and ES: they stay where they were until the user agrees."""

from dataclasses import dataclass, field

import numpy as np

from napari_cmr.analysis import CardiacFunction, Reading
from napari_cmr.scan import Label, Scan

VENTRICLES = (Label.LV, Label.RV)
_FRAMES = ("ed_frame", "es_frame")
_PHASES = (("ed", "larger", np.nanargmax), ("es", "smaller", np.nanargmin))


@dataclass(frozen=True)
class PhaseOffer:
    """A frame whose volume is more extreme now than that of the frame that is ED or ES."""

    label: Label
    phase: str
    frame: int
    volume_ml: float

    @property
    def text(self) -> str:
        """In one line; frames count from 1."""
        word = next(word for phase, word, _ in _PHASES if phase == self.phase)
        return f"{self.label.name}: frame {self.frame + 1} is {word}, {self.volume_ml:.0f} mL"


@dataclass(frozen=True, eq=False)
class Corrections:
    """What the user has changed in the labels that are measured.

    Attributes
    ----------
    edited : ndarray of bool, shape (T, Z)
        Slices that differ from what a model, or the file, gave; empty where nothing gave any.
    held : Reading or None
        ED and ES as they were before; None where nothing was corrected.
    offers : tuple of PhaseOffer
    """

    edited: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    held: Reading | None = None
    offers: tuple[PhaseOffer, ...] = ()

    @property
    def frames(self) -> list[int]:
        """Frames in which something was corrected."""
        found: list[int] = np.flatnonzero(self.edited.any(axis=1)).tolist()
        return found


NO_CORRECTIONS = Corrections()


def held_by(function: CardiacFunction) -> Reading:
    """Reading that keeps ED and ES of a measurement."""
    reading = Reading()
    for label in VENTRICLES:
        ventricle = getattr(function, label.name.lower())
        ed, es = ventricle.ed_frame, ventricle.es_frame
        if ed is not None and es is not None and ed != es:
            reading = reading.with_ventricle(label, ed_frame=ed, es_frame=es)
    return reading


def with_held(reading: Reading, held: Reading | None) -> Reading:
    """Reading in which ED and ES that the user has not set are those that are held."""
    if held is None:
        return reading
    for label in VENTRICLES:
        own, kept = reading.of(label), held.of(label)
        ed, es = (getattr(own, name) for name in _FRAMES)
        phases = []
        if ed is None and kept.ed_frame is not None:
            ed = kept.ed_frame
            phases.append("ed")
        if es is None and kept.es_frame is not None:
            es = kept.es_frame
            phases.append("es")
        if ed != es:
            reading = reading.with_ventricle(label, ed_frame=ed, es_frame=es, held=tuple(phases))
    return reading


def parted(reading: Reading) -> tuple[Reading, Reading | None]:
    """What the user has set in a reading of :func:`with_held`, and what was held; None if nothing.

    Parameters
    ----------
    reading : Reading
        As it was kept with labels.
    """
    held = Reading()
    for label in VENTRICLES:
        one = reading.of(label)
        frames = {f"{phase}_frame": getattr(one, f"{phase}_frame") for phase in one.held}
        if frames:
            held = held.with_ventricle(label, **frames)
            reading = reading.with_ventricle(label, **dict.fromkeys(frames), held=())
    return reading, None if held == Reading() else held


def offers_of(
    scan: Scan, reading: Reading, held: Reading, function: CardiacFunction
) -> tuple[PhaseOffer, ...]:
    """Frames to offer as ED or ES, where these are held and neither set nor marked in the data."""
    offers = []
    for label in VENTRICLES:
        volumes = getattr(function, label.name.lower()).volumes_ml
        kept = held.of(label)
        for phase, _word, extreme in _PHASES:
            frame = getattr(kept, f"{phase}_frame")
            is_set = getattr(reading.of(label), f"{phase}_frame") is not None
            is_marked = label is Label.LV and getattr(scan, f"{phase}_frame") is not None
            if frame is None or is_set or is_marked or np.isnan(volumes[frame]):
                continue
            best = int(extreme(volumes))
            if volumes[best] != volumes[frame] and best not in (kept.ed_frame, kept.es_frame):
                offers.append(PhaseOffer(label, phase, best, float(volumes[best])))
    return tuple(offers)
