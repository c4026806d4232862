"""What a user has chosen in napari's preferences; the defaults where the plugin is not registered.

napari draws the page from the manifest (``napari.yaml``), which says the same as the models here: a
test holds them together.
"""

from typing import Any, Literal

from napari.settings import get_plugin_settings
from pydantic import BaseModel, Field


class Viewing(BaseModel):
    """How scans look when they are opened."""

    label_opacity: float = Field(
        default=0.4,
        ge=0.0,
        le=1.0,
        title="Opacity of labels",
        description="Opacity that the labels of a scan have when it is opened.",
    )
    smooth_pixels: bool = Field(
        default=True,
        title="Smooth pixels",
        description="Interpolate between pixels of a scan, as a scanner's console does.",
    )


class Models(BaseModel):
    """What a window begins with."""

    model: str = Field(
        default="",
        title="Model",
        description="Name of the model that is ticked at the start, as the Segment tab lists it; "
        "empty for the program's own choice.",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="auto",
        title="Device",
        description="Where the networks run. Auto takes the graphics card if there is one that can "
        "be used.",
    )
    n_lines: int = Field(
        default=0,
        ge=0,
        le=1024,
        title="Lines",
        description="k-space lines that every frame of a cine keeps when it is opened; 0 for all "
        "of them.",
    )


class UnsavedLabels(BaseModel):
    """How labels that are not saved are kept."""

    keep: bool = Field(
        default=True,
        title="Keep unsaved labels",
        description="Keep labels that are not saved in a folder of your own, so that a crash does "
        "not cost them.",
    )
    interval_s: int = Field(
        default=8,
        ge=1,
        le=600,
        title="Every ... seconds",
        description="Longest time until a stroke is kept.",
    )


SECTIONS: dict[str, BaseModel] = {
    "viewing": Viewing(),
    "models": Models(),
    "unsaved_labels": UnsavedLabels(),
}
"""Sections of the page, with what holds until somebody changes it."""


def preference(section: str, name: str) -> Any:
    """Setting of napari's preferences as it is now."""
    try:
        settings = get_plugin_settings("napari-cmr")
    except KeyError:
        return getattr(SECTIONS[section], name)
    return getattr(getattr(settings, section), name)
