"""What a stopped training goes on from: a file, or its parts where that is too large."""

from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO

from napari_cmr.scan.file_parts import whole, write_file


class CheckpointFiles(TorchCheckpointIO):
    """Checkpoints of Lightning that are written all or none, in parts where they are large.

    Parameters
    ----------
    largest : int, optional
        Bytes of a file, see :func:`napari_cmr.scan.file_parts.write_file`.
    """

    def __init__(self, largest: int | None = None) -> None:
        self.largest = largest

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None
    ) -> None:
        """Write a checkpoint in the place of one that was there."""
        content = BytesIO()
        torch.save(checkpoint, content)
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content.getbuffer(), self.largest)

    def load_checkpoint(self, path: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Read a checkpoint, whole or in parts."""
        with whole(Path(path)) as file:
            return super().load_checkpoint(file, *arguments, **options)
