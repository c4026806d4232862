"""Settings are those of napari's preferences, and the defaults where there are none."""

import pytest
from napari.settings import get_plugin_settings
from npe2 import PluginManifest

from napari_cmr.viewer.core import preferences
from napari_cmr.viewer.core.preferences import SECTIONS, preference

MANIFEST = PluginManifest.from_distribution("napari-cmr")


def test_settings_are_read_from_the_preferences(plugin_settings, npe2pm):
    npe2pm.register(MANIFEST)
    assert preference("viewing", "label_opacity") == 0.4
    get_plugin_settings("napari-cmr").viewing.label_opacity = 0.2
    assert preference("viewing", "label_opacity") == 0.2


def test_the_page_of_settings_says_what_the_models_of_the_program_say():
    def told(one):
        kept = ("type", "default", "enum", "minimum", "maximum", "title", "description")
        return {name: value for name, value in one.items() if name in kept and value is not None}

    page = {
        section: {name: told(given.model_dump()) for name, given in one.properties.items()}
        for section, one in MANIFEST.contributions.configurations.items()
    }
    models = {
        section: {name: told(one) for name, one in model.model_json_schema()["properties"].items()}
        for section, model in SECTIONS.items()
    }
    assert page == models


def test_without_the_plugin_the_defaults_hold(monkeypatch):
    def unknown(name):
        raise KeyError(name)

    monkeypatch.setattr(preferences, "get_plugin_settings", unknown)
    assert preference("models", "device") == "auto"
    assert preference("unsaved_labels", "interval_s") == 8
    with pytest.raises(AttributeError):
        preference("models", "colour")
