"""The one door of the command line to the viewer, which needs Qt."""


def call_viewer(function: str, *arguments: object) -> None:
    """Call a function of :mod:`napari_cmr.viewer.window.app`.

    Raises
    ------
    ScanError
        If no Qt binding is installed.
    """
    from napari_cmr.scan import ScanError

    try:
        from napari_cmr.viewer.window import app

        getattr(app, function)(*arguments)
    except ImportError as error:
        if (error.name or "").startswith("napari_cmr"):
            raise
        raise ScanError(
            f"the viewer cannot start: {error}",
            remedy="install a Qt binding: pip install 'napari-cmr[pyqt6]'",
        ) from error
