"""``python -m napari_cmr.cli``, the same as ``napari-cmr``."""

from napari_cmr.cli import main

main()
