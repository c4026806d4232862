"""A population of synthetic hearts: healthy ones within published ranges, and four diseases."""

from dataclasses import replace
from typing import Literal

import numpy as np

from napari_cmr.phantom.parameters import DISEASE_GROUPS, Disease, HeartParameters, Infarct
from napari_cmr.scan import ScanError, Subject

# Mean and standard deviation for healthy women and men from the UK Biobank reference ranges
# (Petersen et al., J Cardiovasc Magn Reson 19:18, 2017, tables of LV and RV): volumes in mL, mass
# in g, ejection fractions in percent. Heights and weights are those of the same kind of cohort.
_HEALTHY = {
    "female": {
        "lv_edv": (124.0, 21.0),
        "lv_ef": (61.0, 5.0),
        "lv_mass": (70.0, 13.0),
        "rv_edv": (130.0, 24.0),
        "rv_ef": (58.0, 6.0),
        "height": (163.0, 6.0),
        "bmi": (24.5, 2.6),
        "length": (82.0, 5.0),
    },
    "male": {
        "lv_edv": (166.0, 32.0),
        "lv_ef": (58.0, 5.0),
        "lv_mass": (103.0, 21.0),
        "rv_edv": (182.0, 36.0),
        "rv_ef": (54.0, 6.0),
        "height": (177.0, 6.5),
        "bmi": (25.3, 2.4),
        "length": (90.0, 6.0),
    },
}


def sample_population(
    n: int, seed: int = 0, disease: Disease | None = None
) -> list[HeartParameters]:
    """Draw synthetic hearts.

    Healthy hearts follow the UK Biobank reference ranges (Petersen et al., JCMR 2017), with body
    size, both ventricles' volumes and LV mass correlated. Diseased hearts follow the definitions
    of the ACDC groups (Bernard et al., IEEE TMI 2018): dilated cardiomyopathy (DCM: LV EDV above
    100 mL/m2, EF below 40 %), hypertrophic cardiomyopathy (HCM: normal EF, thick walls, mass above
    110 g/m2), previous infarct (MINF: EF below 40 %, some segments that do not contract), abnormal
    right ventricle (RV: RV EDV above 110 mL/m2 or EF below 40 %).

    Parameters
    ----------
    n : int
        How many hearts.
    seed : int
        The same seed gives the same hearts; a longer list begins with the shorter one.
    disease : {"normal", "dilated", "hypertrophic", "infarct", "rv"}, optional
        One group; otherwise the five take turns.

    Returns
    -------
    list of HeartParameters

    Raises
    ------
    ScanError
        If ``n`` is negative or the disease unknown.
    """
    if n < 0:
        raise ScanError(f"a population of {n} hearts", remedy="ask for 0 or more")
    if disease is not None and disease not in DISEASE_GROUPS:
        raise ScanError(
            f"unknown kind of heart {disease!r}", remedy=f"use one of {', '.join(DISEASE_GROUPS)}"
        )
    kinds = list(DISEASE_GROUPS)
    return [
        _draw(np.random.default_rng([seed, i]), disease or kinds[i % len(kinds)]) for i in range(n)
    ]


def _draw(rng: np.random.Generator, disease: Disease) -> HeartParameters:
    sex: Literal["female", "male"] = "male" if rng.random() < 0.5 else "female"
    table = _HEALTHY[sex]
    size = _normal(rng, 1.8)  # shared by everything that grows with the body
    height = table["height"][0] + table["height"][1] * (0.6 * size + 0.8 * _normal(rng))
    weight = (table["bmi"][0] + table["bmi"][1] * _normal(rng)) * (height / 100.0) ** 2

    def grown(name: str) -> float:
        mean, spread = table[name]
        return mean + spread * (0.8 * size + 0.6 * _normal(rng, 1.5))

    lv_edv, lv_mass = grown("lv_edv"), grown("lv_mass")
    lv_ef = table["lv_ef"][0] + table["lv_ef"][1] * _normal(rng, 1.7)
    stroke = lv_edv * lv_ef / 100.0
    # Both ventricles pump the same blood, so the right volume follows from its ejection fraction.
    rv_ef = table["rv_ef"][0] + table["rv_ef"][1] * _normal(rng, 1.5)
    rv_edv = stroke / (rv_ef / 100.0)
    subject = Subject(
        sex=sex,
        age_years=float(rng.integers(35, 75)),
        height_cm=round(height, 0),
        weight_kg=round(weight, 0),
        group=DISEASE_GROUPS[disease],
    )
    healthy = HeartParameters(
        lv_end_diastolic_volume_ml=lv_edv,
        lv_ejection_fraction_percent=lv_ef,
        lv_mass_g=lv_mass,
        lv_length_mm=_length(lv_edv, *table["length"], table["lv_edv"][0]),
        rv_end_diastolic_volume_ml=rv_edv,
        rv_ejection_fraction_percent=rv_ef,
        long_axis_shortening_percent=14.5 + 1.5 * _normal(rng),
        twist_deg=12.0 + 2.5 * _normal(rng),
        heart_rate_per_min=66.0 + 8.0 * _normal(rng),
        disease="normal",
        subject=subject,
        shape_seed=int(rng.integers(0, 2**31)),
    )
    return _diseased(rng, healthy, disease)


def _diseased(
    rng: np.random.Generator, healthy: HeartParameters, disease: Disease
) -> HeartParameters:
    bsa = healthy.subject.body_surface_area_m2 or 1.85
    if disease == "dilated":
        edv, ef = bsa * rng.uniform(118.0, 170.0), rng.uniform(15.0, 35.0)
        return replace(
            healthy,
            disease=disease,
            lv_end_diastolic_volume_ml=edv,
            lv_ejection_fraction_percent=ef,
            lv_mass_g=bsa * rng.uniform(70.0, 95.0),
            lv_length_mm=float(np.clip(98.0 + 0.05 * (edv - 200.0), 85.0, 125.0)),
            rv_end_diastolic_volume_ml=bsa * rng.uniform(75.0, 105.0),
            rv_ejection_fraction_percent=rng.uniform(30.0, 50.0),
            long_axis_shortening_percent=rng.uniform(4.0, 8.0),
            twist_deg=rng.uniform(1.0, 5.0),
            heart_rate_per_min=rng.uniform(68.0, 92.0),
        )
    if disease == "hypertrophic":
        return replace(
            healthy,
            disease=disease,
            lv_end_diastolic_volume_ml=bsa * rng.uniform(58.0, 78.0),
            lv_ejection_fraction_percent=rng.uniform(62.0, 72.0),
            lv_mass_g=bsa * rng.uniform(112.0, 135.0),
            septal_hypertrophy=rng.uniform(1.3, 1.9),
            long_axis_shortening_percent=rng.uniform(10.0, 14.0),
        )
    if disease == "infarct":
        infarct = Infarct(
            territory=rng.choice(["LAD", "RCA", "LCX"]),
            extent_deg=rng.uniform(85.0, 125.0),
            transmurality=rng.uniform(0.55, 1.0),
            no_reflow=rng.uniform(0.0, 0.4),
            wall_motion=rng.uniform(-0.1, 0.2),
        )
        edv = bsa * rng.uniform(90.0, 125.0)
        return replace(
            healthy,
            disease=disease,
            infarct=infarct,
            lv_end_diastolic_volume_ml=edv,
            lv_ejection_fraction_percent=rng.uniform(22.0, 38.0),
            lv_mass_g=bsa * rng.uniform(60.0, 80.0),
            lv_length_mm=float(np.clip(94.0 + 0.05 * (edv - 180.0), 80.0, 115.0)),
            long_axis_shortening_percent=rng.uniform(6.0, 10.0),
            twist_deg=rng.uniform(3.0, 7.0),
        )
    if disease == "rv":
        return replace(
            healthy,
            disease=disease,
            rv_end_diastolic_volume_ml=bsa * rng.uniform(118.0, 160.0),
            rv_ejection_fraction_percent=rng.uniform(25.0, 42.0),
            septal_flattening=rng.uniform(0.06, 0.16),
        )
    return healthy


def _normal(rng: np.random.Generator, bound: float = 2.0) -> float:
    """Draw from a standard normal distribution, cut off at ``bound`` standard deviations."""
    return float(np.clip(rng.standard_normal(), -bound, bound))


def _length(edv: float, mean: float, spread: float, mean_edv: float) -> float:
    """Cavity length that keeps a heart's proportions."""
    return float(np.clip(mean * (edv / mean_edv) ** (1 / 3), mean - 2 * spread, mean + 2 * spread))
