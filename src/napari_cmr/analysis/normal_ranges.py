"""Published normal values of adults by sex, and where a measurement lies among them.

The percentile is that of a normal distribution with the mean and standard deviation of the study:
a rough guide across scanners, contouring habits and populations, not a diagnosis. Only numbers that
the studies state are here; a measurement without one has no percentile.
"""

from dataclasses import dataclass
from math import erf, sqrt
from types import MappingProxyType
from typing import Any, Literal

from napari_cmr.analysis.function import CardiacFunction

Sex = Literal["female", "male"]

PETERSEN_2017 = (
    "Petersen et al., J Cardiovasc Magn Reson 19:18, 2017 (UK Biobank; 800 healthy "
    "Caucasians of 45-74 years, 1.5 T short-axis bSSFP, papillary muscles counted as LV cavity)"
)
HUDSMITH_2005 = (
    "Hudsmith et al., J Cardiovasc Magn Reson 7:775, 2005 (108 healthy adults of 21-68 years, "
    "1.5 T short-axis bSSFP)"
)
ALFAKIH_2003 = (
    "Alfakih et al., J Magn Reson Imaging 17:323, 2003 (60 healthy adults of 20-65 years, 1.5 T "
    "short-axis SSFP)"
)


@dataclass(frozen=True)
class NormalRange:
    """Mean and standard deviation of a measurement in healthy adults of one sex.

    Attributes
    ----------
    mean, sd : float
        In the unit of the measurement.
    source : str
        The paper, its table and its people.
    """

    mean: float
    sd: float
    source: str

    @property
    def limits(self) -> tuple[float, float]:
        """Mean minus and plus 1.96 standard deviations: 95 of 100 healthy people."""
        return self.mean - 1.96 * self.sd, self.mean + 1.96 * self.sd

    def percentile(self, value: float) -> float:
        """Percentage of a normal distribution of this mean and SD that lies below ``value``."""
        return 50.0 * (1.0 + erf((value - self.mean) / (self.sd * sqrt(2.0))))


def _by_sex(
    source: str, female: tuple[float, float], male: tuple[float, float]
) -> MappingProxyType[str, NormalRange]:
    return MappingProxyType(
        {"female": NormalRange(*female, source), "male": NormalRange(*male, source)}
    )


NORMAL_RANGES: MappingProxyType[str, MappingProxyType[str, NormalRange]] = MappingProxyType(
    {
        "lv.edv_ml": _by_sex(PETERSEN_2017, (124, 21), (166, 32)),
        "lv.esv_ml": _by_sex(PETERSEN_2017, (49, 11), (69, 16)),
        "lv.sv_ml": _by_sex(PETERSEN_2017, (75, 14), (96, 20)),
        "lv.sv_index_ml_m2": _by_sex(PETERSEN_2017, (45, 8), (49, 10)),
        "lv.ef_percent": _by_sex(PETERSEN_2017, (61, 5), (58, 5)),
        "lv_mass_index_g_m2": _by_sex(PETERSEN_2017, (42, 7), (53, 9)),
        "lv.edv_index_ml_m2": _by_sex(ALFAKIH_2003, (77.7, 10.8), (82.3, 14.7)),
        "rv.edv_ml": _by_sex(HUDSMITH_2005, (148, 35), (190, 33)),
        "rv.esv_ml": _by_sex(HUDSMITH_2005, (56, 18), (78, 20)),
        "rv.edv_index_ml_m2": _by_sex(ALFAKIH_2003, (75.2, 13.8), (86.2, 14.1)),
    }
)
"""Normal values by the name of the measurement in ``CardiacFunction.to_dict()``, then by sex."""


@dataclass(frozen=True)
class Comparison:
    """One measurement among healthy adults.

    Attributes
    ----------
    value : float
    percentile : float
        0 to 100.
    normal : NormalRange
    """

    value: float
    percentile: float
    normal: NormalRange

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready dictionary."""
        return {
            "value": self.value,
            "percentile": self.percentile,
            "normal_mean": self.normal.mean,
            "normal_sd": self.normal.sd,
            "source": self.normal.source,
        }


def compare_to_normal(function: CardiacFunction, sex: Sex | None) -> dict[str, Comparison]:
    """Place every measurement that has a published normal value among healthy adults.

    Parameters
    ----------
    function : CardiacFunction
    sex : {"female", "male"} or None
        Normal values differ too much between the sexes to be pooled: None compares nothing.

    Returns
    -------
    dict of str to Comparison
        By the key of :data:`NORMAL_RANGES`; without the measurements that are not known.
    """
    if sex is None:
        return {}
    found = {}
    for name, by_sex in NORMAL_RANGES.items():
        owner: Any = function
        for part in name.split("."):
            owner = getattr(owner, part)
        if owner is not None:
            normal = by_sex[sex]
            found[name] = Comparison(float(owner), normal.percentile(float(owner)), normal)
    return found
