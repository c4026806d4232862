"""Who was scanned, as far as it matters for the numbers: never a name, never a birth date."""

from dataclasses import dataclass
from math import isfinite, sqrt
from typing import Literal

from napari_cmr.scan.errors import ScanError


@dataclass(frozen=True)
class Subject:
    """The person or phantom in the scanner.

    Attributes
    ----------
    identifier : str or None
        Only kept when the reader was asked to; never written to a file.
    sex : {"female", "male"} or None
    age_years, height_cm, weight_kg : float or None
    group : str or None
        Diagnosis group of a data set, such as ACDC's DCM, HCM, MINF, NOR and RV.
    """

    identifier: str | None = None
    sex: Literal["female", "male"] | None = None
    age_years: float | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        for name in ("age_years", "height_cm", "weight_kg"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value >= 0):
                raise ScanError(f"{name} is {value}, which is not a measurement")

    @property
    def body_surface_area_m2(self) -> float | None:
        """Body surface area in m2 (Mosteller, N Engl J Med 1987), or None if not known."""
        if not self.height_cm or not self.weight_kg:
            return None
        return sqrt(self.height_cm * self.weight_kg / 3600.0)
