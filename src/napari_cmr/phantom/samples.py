"""Sample scans that belong to nobody: made on demand, the same on every computer."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import get_args

from napari_cmr.phantom.parameters import (
    DISEASE_GROUPS,
    Disease,
    HeartParameters,
    Infarct,
    Protocol,
)
from napari_cmr.phantom.population import sample_population
from napari_cmr.phantom.renderer import render_scan
from napari_cmr.scan import Scan, ScanError, Subject

_INFARCT = Infarct("LAD", extent_deg=115.0, transmurality=0.8, no_reflow=0.2, wall_motion=0.0)

# One typical heart for every kind, seed 0.
TYPICAL: MappingProxyType[Disease, HeartParameters] = MappingProxyType(
    {
        "normal": HeartParameters(),
        "dilated": HeartParameters(
            lv_end_diastolic_volume_ml=270.0,
            lv_ejection_fraction_percent=24.0,
            lv_mass_g=165.0,
            lv_length_mm=103.0,
            rv_end_diastolic_volume_ml=190.0,
            rv_ejection_fraction_percent=38.0,
            long_axis_shortening_percent=6.0,
            twist_deg=3.0,
            heart_rate_per_min=78.0,
            disease="dilated",
            subject=Subject(sex="male", age_years=57, height_cm=181, weight_kg=88, group="DCM"),
            shape_seed=11,
        ),
        "hypertrophic": HeartParameters(
            lv_end_diastolic_volume_ml=132.0,
            lv_ejection_fraction_percent=68.0,
            lv_mass_g=218.0,
            lv_length_mm=84.0,
            rv_end_diastolic_volume_ml=150.0,
            rv_ejection_fraction_percent=60.0,
            long_axis_shortening_percent=11.0,
            twist_deg=14.0,
            heart_rate_per_min=61.0,
            septal_hypertrophy=1.6,
            disease="hypertrophic",
            subject=Subject(sex="male", age_years=49, height_cm=176, weight_kg=79, group="HCM"),
            shape_seed=23,
        ),
        "infarct": HeartParameters(
            lv_end_diastolic_volume_ml=205.0,
            lv_ejection_fraction_percent=34.0,
            lv_mass_g=150.0,
            lv_length_mm=97.0,
            rv_end_diastolic_volume_ml=160.0,
            rv_ejection_fraction_percent=48.0,
            long_axis_shortening_percent=8.0,
            twist_deg=5.0,
            heart_rate_per_min=72.0,
            infarct=_INFARCT,
            disease="infarct",
            subject=Subject(sex="male", age_years=63, height_cm=174, weight_kg=84, group="MINF"),
            shape_seed=37,
        ),
        "rv": HeartParameters(
            lv_end_diastolic_volume_ml=120.0,
            lv_ejection_fraction_percent=57.0,
            lv_mass_g=80.0,
            lv_length_mm=80.0,
            rv_end_diastolic_volume_ml=228.0,
            rv_ejection_fraction_percent=36.0,
            septal_flattening=0.12,
            heart_rate_per_min=75.0,
            disease="rv",
            subject=Subject(sex="female", age_years=38, height_cm=166, weight_kg=63, group="RV"),
            shape_seed=41,
        ),
    }
)


def heart_scan(
    disease: Disease = "normal",
    *,
    seed: int = 0,
    n_frames: int = 30,
    lge: bool = False,
    protocol: Protocol | None = None,
    parameters: HeartParameters | None = None,
) -> Scan:
    """Scan a synthetic heart.

    Parameters
    ----------
    disease : {"normal", "dilated", "hypertrophic", "infarct", "rv"}
        Kind of heart; ACDC's abbreviations (NOR, DCM, HCM, MINF, RV) are understood too.
    seed : int
        0 is the typical heart of its kind, any other number another one of the population.
    n_frames : int
        Cardiac phases of the cine.
    lge : bool
        Late gadolinium enhancement stack (one frame) instead of a cine.
    protocol : Protocol, optional
        Matrix, spacing, slices and noise; ``n_frames`` overrides its own number.
    parameters : HeartParameters, optional
        The heart itself; then ``disease`` is ignored.

    Returns
    -------
    Scan
        ``synthetic=True``, labels for every frame.

    Raises
    ------
    ScanError
        If the disease is unknown or a number makes no scan.
    """
    if parameters is None:
        kind = _disease(disease)
        parameters = TYPICAL[kind] if seed == 0 else sample_population(1, seed, kind)[0]
    protocol = replace(protocol or Protocol(), n_frames=n_frames)
    return render_scan(parameters, protocol, lge=lge, seed=seed)


def _disease(name: str) -> Disease:
    by_group = {group.lower(): kind for kind, group in DISEASE_GROUPS.items()}
    kind = by_group.get(name.lower(), name.lower())
    for known in get_args(Disease):
        if kind == known:
            return known
    raise ScanError(
        f"unknown kind of heart {name!r}", remedy=f"use one of {', '.join(DISEASE_GROUPS)}"
    )


# Name -> kind of heart, name of its scan, and whether it is late gadolinium enhancement.
_SAMPLES: MappingProxyType[str, tuple[Disease, str, bool]] = MappingProxyType(
    {
        "normal": ("normal", "Sample: normal heart", False),
        "dilated": ("dilated", "Sample: dilated cardiomyopathy", False),
        "hypertrophic": ("hypertrophic", "Sample: hypertrophic cardiomyopathy", False),
        "infarct": ("infarct", "Sample: infarct, cine", False),
        "infarct-lge": ("infarct", "Sample: infarct, late enhancement", True),
        "rv": ("rv", "Sample: dilated right ventricle", False),
    }
)


def _named(name: str) -> Callable[[], Scan]:
    kind, title, lge = _SAMPLES[name]

    @lru_cache(maxsize=1)
    def build() -> Scan:
        return heart_scan(kind, lge=lge).with_(name=title)

    return build


# Name -> function that makes the scan; a second call in the same process is free.
SAMPLES: MappingProxyType[str, Callable[[], Scan]] = MappingProxyType(
    {name: _named(name) for name in _SAMPLES}
)


def sample_name(scan: Scan) -> str | None:
    """Name of the sample that a scan is, or None; only a sample of that title is made for it."""
    for name, (_kind, title, _lge) in _SAMPLES.items():
        if scan.synthetic and scan.name == title and SAMPLES[name]().image is scan.image:
            return name
    return None
