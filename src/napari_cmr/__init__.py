"""Measure a heart from as little of k-space as possible.

napari-cmr answers one question live: how little of k-space do we need to measure a heart?

The package is a set of rooms, each importing only the rooms below it:
``scan`` (what was scanned), ``kspace`` (how it is acquired), ``phantom`` (hearts that nobody
owns), ``analysis`` (numbers from labels and images), ``workflow`` (the pipeline as plain
functions), ``viewer`` (napari and Qt) and ``cli``.

For research use only; not a medical device.
"""

__version__ = "0.1.0"
