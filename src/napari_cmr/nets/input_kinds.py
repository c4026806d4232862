"""Names of what networks are shown; apart from the tensors, so that a card costs no torch."""

from typing import Literal

InputKind = Literal["magnitude", "zero-filled", "pooled", "pooled-wide"]

#: Channels of each input kind, see :func:`napari_cmr.nets.inputs.network_input`.
N_CHANNELS: dict[InputKind, int] = {
    "magnitude": 1,
    "zero-filled": 2,
    "pooled": 6,
    "pooled-wide": 8,
}
