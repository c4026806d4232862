"""What describes one synthetic heart, and the protocol it is scanned with."""

from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Literal

from napari_cmr.scan import ScanError, Subject

Disease = Literal["normal", "dilated", "hypertrophic", "infarct", "rv"]
Territory = Literal["LAD", "RCA", "LCX"]

# Our words for the groups of heart, and the abbreviations of the ACDC data set for the same.
DISEASE_GROUPS: dict[Disease, str] = {
    "normal": "NOR",
    "dilated": "DCM",
    "hypertrophic": "HCM",
    "infarct": "MINF",
    "rv": "RV",
}

_RANGES = {
    "lv_end_diastolic_volume_ml": (40.0, 450.0),
    "lv_ejection_fraction_percent": (5.0, 80.0),
    "lv_mass_g": (35.0, 400.0),
    "lv_length_mm": (50.0, 140.0),
    "rv_end_diastolic_volume_ml": (40.0, 450.0),
    "rv_ejection_fraction_percent": (5.0, 80.0),
    "long_axis_shortening_percent": (0.0, 30.0),
    "twist_deg": (-10.0, 30.0),
    "heart_rate_per_min": (35.0, 160.0),
    "septal_hypertrophy": (1.0, 3.0),
    "septal_flattening": (0.0, 0.3),
}


@dataclass(frozen=True)
class Infarct:
    """A myocardial infarct: where it lies, how deep, and how the wall there moves.

    Attributes
    ----------
    territory : {"LAD", "RCA", "LCX"}
        Coronary artery whose territory is hit: anterior wall and apex, inferior wall, lateral wall.
    extent_deg : float
        Width around the short-axis ring, 20 to 180 degrees.
    transmurality : float
        Depth of the scar from the endocardium as a fraction of the wall, 0.2 to 1.
    no_reflow : float
        Size of the dark core (microvascular obstruction) as a fraction of the scar, 0 to 0.6.
    wall_motion : float
        Motion left in the infarct: 1 normal, 0 akinetic, below 0 dyskinetic; -0.3 to 1.

    Raises
    ------
    ScanError
        If a value lies outside its range.
    """

    territory: Territory = "LAD"
    extent_deg: float = 110.0
    transmurality: float = 0.75
    no_reflow: float = 0.3
    wall_motion: float = 0.0

    def __post_init__(self) -> None:
        if self.territory not in ("LAD", "RCA", "LCX"):
            raise ScanError(
                f"unknown coronary territory {self.territory!r}", remedy="use LAD, RCA or LCX"
            )
        _check_range("extent_deg", self.extent_deg, 20.0, 180.0)
        _check_range("transmurality", self.transmurality, 0.2, 1.0)
        _check_range("no_reflow", self.no_reflow, 0.0, 0.6)
        _check_range("wall_motion", self.wall_motion, -0.3, 1.0)


@dataclass(frozen=True)
class HeartParameters:
    """One synthetic heart; the default is a healthy man's.

    Attributes
    ----------
    lv_end_diastolic_volume_ml, rv_end_diastolic_volume_ml : float
    lv_ejection_fraction_percent, rv_ejection_fraction_percent : float
    lv_mass_g : float
        Myocardial mass at 1.05 g/mL.
    lv_length_mm : float
        Cavity length from apex to mitral plane at end-diastole.
    long_axis_shortening_percent : float
        Descent of the base at end-systole as a part of ``lv_length_mm``.
    twist_deg : float
        End-systolic rotation of the apex against the base, counter-clockwise seen from the apex.
    heart_rate_per_min : float
    septal_hypertrophy : float
        Wall thickness of the septum over that of the free wall (1 = even).
    septal_flattening : float
        Inward shift of the septum as a part of the LV radius (right ventricular overload).
    infarct : Infarct or None
    disease : {"normal", "dilated", "hypertrophic", "infarct", "rv"}
    subject : Subject
    shape_seed : int
        Seed of everything individual that has no parameter: contour irregularities, papillary
        muscles, trabeculae, the chest.

    Raises
    ------
    ScanError
        If a value is not finite or lies outside the range that makes a heart.
    """

    lv_end_diastolic_volume_ml: float = 155.0
    lv_ejection_fraction_percent: float = 60.0
    lv_mass_g: float = 105.0
    lv_length_mm: float = 86.0
    rv_end_diastolic_volume_ml: float = 165.0
    rv_ejection_fraction_percent: float = 55.0
    long_axis_shortening_percent: float = 14.0
    twist_deg: float = 12.0
    heart_rate_per_min: float = 64.0
    septal_hypertrophy: float = 1.0
    septal_flattening: float = 0.0
    infarct: Infarct | None = None
    disease: Disease = "normal"
    subject: Subject = field(
        default_factory=lambda: Subject(
            sex="male", age_years=46, height_cm=178, weight_kg=78, group="NOR"
        )
    )
    shape_seed: int = 0

    def __post_init__(self) -> None:
        if self.disease not in DISEASE_GROUPS:
            raise ScanError(
                f"unknown kind of heart {self.disease!r}",
                remedy=f"use one of {', '.join(DISEASE_GROUPS)}",
            )
        for name, (low, high) in _RANGES.items():
            _check_range(name, getattr(self, name), low, high)
        if self.shape_seed < 0:
            raise ScanError(f"shape_seed is {self.shape_seed}", remedy="use a number from 0 up")

    @property
    def cycle_ms(self) -> float:
        """Length of the heart cycle in ms."""
        return 60_000.0 / self.heart_rate_per_min


@dataclass(frozen=True)
class Protocol:
    """How the synthetic heart is scanned.

    Attributes
    ----------
    n_rows, n_columns : int
        Matrix of the image.
    pixel_mm : float
        In-plane spacing of the image.
    acquired_pixel_mm : float
        In-plane resolution that was measured; finer detail is not in the image.
    slice_distance_mm, slice_thickness_mm : float
        Distance between slice centres, and how thick each slice is.
    n_frames : int
        Cardiac phases.
    repetition_time_ms, flip_angle_deg : float
        Of the balanced steady state free precession (bSSFP) cine.
    signal_to_noise : float
        Mean blood signal over the noise's standard deviation.

    Raises
    ------
    ScanError
        If a value makes no image.
    """

    n_rows: int = 256
    n_columns: int = 216
    pixel_mm: float = 1.4
    acquired_pixel_mm: float = 1.75
    slice_distance_mm: float = 10.0
    slice_thickness_mm: float = 8.0
    n_frames: int = 30
    repetition_time_ms: float = 3.0
    flip_angle_deg: float = 60.0
    signal_to_noise: float = 46.0

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not (isfinite(value) and value > 0):
                raise ScanError(f"{entry.name} of the synthetic scan is {value}, not positive")
        _check_range("n_rows", self.n_rows, 96, 1024)
        _check_range("n_columns", self.n_columns, 96, 1024)
        _check_range("n_frames", self.n_frames, 1, 200)
        _check_range("pixel_mm", self.pixel_mm, 0.5, 4.0)
        _check_range("slice_distance_mm", self.slice_distance_mm, 1.0, 25.0)
        _check_range("flip_angle_deg", self.flip_angle_deg, 1.0, 180.0)
        if self.acquired_pixel_mm < self.pixel_mm:
            raise ScanError(
                f"acquired pixels of {self.acquired_pixel_mm} mm are finer than the image's "
                f"{self.pixel_mm} mm",
                remedy="make acquired_pixel_mm at least pixel_mm",
            )


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not (isfinite(value) and low <= value <= high):
        raise ScanError(
            f"{name} of the synthetic heart is {value}",
            remedy=f"choose a value from {low:g} to {high:g}",
        )
