"""Runs of a model as calibration sees them, of a few pixels."""

import numpy as np

from napari_cmr.experiments.certainty.calibration_runs import LEADS, Run


def counts(sure: int, doubtful: int, lead: float) -> np.ndarray:
    """Pixels surely in the cavity, and others that another label leads by so much log-odds."""
    return sure * (LEADS > -8) + doubtful * (lead < LEADS)


def run(
    reference_ef: float,
    *,
    subject: str = "a",
    n_lines: int | None = 4,
    lead: float = 1.0,
    sharpening: float = 0.0,
) -> Run:
    """Of 60 LV pixels at ED and 20 at ES; 10 more of each are doubtful. So are the RV's."""
    both = np.stack([counts(60, 10, lead), counts(20, 10, lead)])[:, None]
    rng = np.random.default_rng(0)
    logs = np.log(rng.dirichlet(np.ones(4), 50))
    truth = logs.argmax(1)
    volumes = (60, 30)
    reference = {"LV": reference_ef, "RV": reference_ef}
    cavities = {"LV": both, "RV": both}
    return Run(subject, n_lines, 100, reference, cavities, (0, 1), volumes, logs, truth, sharpening)
