"""A measurement without numbers, for scans on which the ventricles cannot be measured."""

from collections.abc import Sequence

import numpy as np

from napari_cmr.analysis.function import CardiacFunction, VentricularFunction
from napari_cmr.scan import Notice


def withheld_function(n_frames: int, frames: Sequence[int], reason: Notice) -> CardiacFunction:
    """Measurement in which every number is None, and a warning says why.

    Parameters
    ----------
    n_frames : int
        Frames of the scan.
    frames : sequence of int
        0-based frames that are labelled.
    reason : Notice
    """
    nothing = VentricularFunction(
        volumes_ml=np.full(n_frames, np.nan),
        ed_frame=None,
        es_frame=None,
        edv_ml=None,
        esv_ml=None,
        sv_ml=None,
        ef_percent=None,
        cardiac_output_l_min=None,
        edv_index_ml_m2=None,
        esv_index_ml_m2=None,
        sv_index_ml_m2=None,
        cardiac_index_l_min_m2=None,
    )
    return CardiacFunction(
        lv=nothing,
        rv=nothing,
        lv_mass_g=None,
        lv_mass_index_g_m2=None,
        frames=tuple(frames),
        warnings=(reason,),
    )
