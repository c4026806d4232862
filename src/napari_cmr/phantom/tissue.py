"""How bright a tissue is: relaxation times, and the signal of the two sequences."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np


@dataclass(frozen=True)
class Tissue:
    """Relaxation times in ms and proton density relative to water.

    ``post_contrast_t1_ms`` is the T1 some 12 minutes after a gadolinium contrast agent.
    """

    t1_ms: float
    t2_ms: float
    proton_density: float
    post_contrast_t1_ms: float
    is_fat: bool = False


# 1.5 T. Native values after Stanisz et al., MRM 2005; Bottomley et al., Med Phys 1984; de Bazelaire
# et al., Radiology 2004; Messroghli et al. (myocardium and blood), JCMR 2013, rounded.
# Post-contrast T1 in the usual range of LGE look-locker scouts (Kellman and Arai, JMRI 2012).
TISSUES: MappingProxyType[str, Tissue] = MappingProxyType(
    {
        "blood": Tissue(1550, 240, 0.95, 335),
        "myocardium": Tissue(1000, 48, 0.85, 480),
        "scar": Tissue(1150, 58, 0.88, 245),
        "no_reflow": Tissue(1100, 46, 0.85, 560),
        "fat": Tissue(260, 85, 0.76, 255, is_fat=True),
        "muscle": Tissue(1000, 34, 0.80, 560),
        "liver": Tissue(580, 40, 0.62, 390),
        "spleen": Tissue(1050, 78, 0.85, 340),
        "kidney": Tissue(970, 87, 0.85, 320),
        "marrow": Tissue(500, 50, 0.60, 330),
        "cartilage": Tissue(1060, 38, 0.60, 700),
        "cortex": Tissue(1000, 1.0, 0.08, 800),
        "lung": Tissue(1150, 30, 0.26, 530),
        "bowel": Tissue(1300, 80, 0.80, 600),
        "stomach": Tissue(1600, 110, 0.80, 900),
        "fluid": Tissue(3800, 1500, 1.0, 2800),
        "air": Tissue(1000, 1.0, 0.0, 1000),
    }
)


def bssfp_signal(
    tissue: Tissue,
    *,
    repetition_time_ms: float,
    flip_angle_deg: float,
    precession_rad: float | np.ndarray = 0.0,
) -> np.ndarray:
    """Steady state signal of a balanced SSFP sequence with alternating pulses, at TE = TR / 2.

    Parameters
    ----------
    tissue : Tissue
    repetition_time_ms, flip_angle_deg : float
    precession_rad : float or ndarray
        Off-resonance precession per repetition; 0 is the middle of the pass band, pi the dark band.

    Returns
    -------
    ndarray
        Transverse magnetisation relative to water's equilibrium, the shape of ``precession_rad``.

    Notes
    -----
    Freeman and Hill, J Magn Reson 4 (1971); in the form of Hargreaves, JMRI 36 (2012).
    """
    e1 = np.exp(-repetition_time_ms / tissue.t1_ms)
    e2 = np.exp(-repetition_time_ms / tissue.t2_ms)
    flip = np.deg2rad(flip_angle_deg)
    theta = np.asarray(precession_rad) + np.pi
    spread = np.sqrt(np.clip(1.0 + e2 * e2 - 2.0 * e2 * np.cos(theta), 0.0, None))
    below = (1.0 - e1 * np.cos(flip)) * (1.0 - e2 * np.cos(theta)) - e2 * (e1 - np.cos(flip)) * (
        e2 - np.cos(theta)
    )
    decay = np.sqrt(e2)
    return tissue.proton_density * (1.0 - e1) * np.sin(flip) * spread / below * decay


def inversion_recovery_signal(tissue: Tissue, *, inversion_time_ms: float) -> float:
    """Signed signal of an inversion recovery image after contrast, long repetition.

    ``PD (1 - 2 exp(-TI / T1))``: the equation of Kellman and Arai, JMRI 36 (2012), without the
    read-out's own saturation.
    """
    recovery = 1.0 - 2.0 * np.exp(-inversion_time_ms / tissue.post_contrast_t1_ms)
    return float(tissue.proton_density * recovery)


def nulling_time_ms(tissue: Tissue) -> float:
    """Inversion time at which a tissue is black after contrast."""
    return float(np.log(2.0) * tissue.post_contrast_t1_ms)


def cine_signals(repetition_time_ms: float, flip_angle_deg: float) -> dict[str, complex]:
    """Complex signal of every tissue in a bSSFP cine at TE = TR / 2, blood = 1.

    Fat precesses 220 Hz slower than water at 1.5 T, so it has turned away from it at the echo: that
    draws the dark lines of bSSFP images between fat and water.
    """
    signals: dict[str, complex] = {}
    turned = np.exp(2j * np.pi * 220.0 * 0.5e-3 * repetition_time_ms)
    for name, tissue in TISSUES.items():
        value = float(
            bssfp_signal(
                tissue, repetition_time_ms=repetition_time_ms, flip_angle_deg=flip_angle_deg
            )
        )
        signals[name] = complex(value * turned) if tissue.is_fat else complex(value)
    # Fresh, unsaturated blood flows into the slice and is brighter than its steady state.
    blood = 1.15 * signals["blood"].real
    return {name: 1.0 + 0j if name == "blood" else v / blood for name, v in signals.items()}


def lge_signals() -> dict[str, complex]:
    """Signal of every tissue in an LGE image with nulled healthy myocardium, scar = 1."""
    time = nulling_time_ms(TISSUES["myocardium"])
    signals = {
        name: inversion_recovery_signal(tissue, inversion_time_ms=time)
        for name, tissue in TISSUES.items()
    }
    return {name: complex(value / signals["scar"]) for name, value in signals.items()}
