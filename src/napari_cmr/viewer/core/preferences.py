"""What a user has chosen in napari's preferences; the defaults where the plugin is not registered.

The page itself, with the same defaults, is in the manifest (``napari.yaml``).
"""

from typing import Any

from napari.settings import get_plugin_settings

PREFERENCES: dict[str, dict[str, Any]] = {
    "viewing": {"label_opacity": 0.4, "smooth_pixels": True},
    "models": {"model": "", "device": "auto", "n_lines": 0},
    "unsaved_labels": {"keep": True, "interval_s": 8},
}
"""Sections of the page, their settings, and what holds until somebody changes them."""


def preference(section: str, name: str) -> Any:
    """Setting of napari's preferences as it is now."""
    try:
        settings = get_plugin_settings("napari-cmr")
    except KeyError:
        return PREFERENCES[section][name]
    return getattr(getattr(settings, section), name)
