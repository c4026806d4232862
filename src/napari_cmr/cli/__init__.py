"""The ``napari-cmr`` command: what makes sense of the workspace without a screen."""

import sys

INTERRUPTED = 130
"""Exit status after Ctrl-C, as of any program."""


def main() -> None:
    """Run the command line."""
    try:
        from napari_cmr.cli.root import app  # takes long enough to be interrupted

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a console may lack letters of a file name
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
