"""What kind of image a DICOM image is: its component, and what else tells it from its neighbours.

A series may hold several kinds of image at one place and time: magnitude and real part, two
echoes, water and fat, velocities in three directions. Manufacturers say so in different elements.
"""

from collections.abc import Callable
from typing import Any, Literal

from napari_cmr.scan.dicom.values import as_number, as_numbers, as_text, as_whole

Component = Literal["magnitude", "phase", "real", "imaginary"]
Lookup = Callable[..., Any]

TRAITS = (
    "echo",
    "image type",
    "inversion time",
    "sequence name",
    "flip angle",
    "velocity encoding",
    "image comments",
    "description",
)
"""What else than place and time may tell images of one series apart, most telling first."""

PRIVATE_TAGS = _GE_CREATOR, _GE_COMPONENT = 0x00430010, 0x0043102F
# GE says what an image is in this private element alone.
_GE_COMPONENTS: dict[int | None, Component] = {1: "phase", 2: "real", 3: "imaginary"}
TAGS = (
    "ImageType ComplexImageComponent EchoTime EchoNumbers InversionTime FlipAngle SequenceName",
    "PulseSequenceName ImageComments",
)

_MAGNITUDE_TOKENS = {"M", "MAGNITUDE"}
_PHASE_TOKENS = {
    "P",
    "PHASE",
    "PHASE MAP",
    "VELOCITY",
    "VELOCITY MAP",
    "PHASE_MAP",
    "PHASE CONTRAST",
}
_IMAGINARY_TOKENS = {"I", "IMAGINARY"}
_REAL_TOKENS = {"R", "REAL"}
# Of the kinds that a Dixon sequence gives, the one that looks like a cine.
_PREFERRED_TOKENS = {"WATER", "W", "IN_PHASE", "IP", "M", "MAGNITUDE", "NORM"}


def component_of(get: Lookup, image_type: set[str]) -> Component:
    """Component that the tokens of the image type, or GE's private element, name."""
    stated = as_text(get("ComplexImageComponent", "MRImageFrameTypeSequence")).upper()
    tokens = image_type | ({stated} if stated else set())
    if tokens & _PHASE_TOKENS and not tokens & _MAGNITUDE_TOKENS:
        return "phase"
    if tokens & _IMAGINARY_TOKENS:
        return "imaginary"
    if tokens & _REAL_TOKENS and not tokens & _MAGNITUDE_TOKENS:
        return "real"
    if "GEMS_PARM" in as_text(_private(get, _GE_CREATOR)).upper():
        return _GE_COMPONENTS.get(_short(_private(get, _GE_COMPONENT)), "magnitude")
    return "magnitude"


def traits_of(get: Lookup, image_type: set[str]) -> tuple[str, ...]:
    """Texts in the order of :data:`TRAITS`, rounded so that slices of one kind agree in them."""
    echo = as_number(get("EffectiveEchoTime", "MREchoSequence"))
    echo = as_number(get("EchoTime")) if echo is None else echo
    number = as_whole(get("EchoNumbers"))
    inversion = as_number(get("InversionTime"))
    flip = as_number(get("FlipAngle", "MRTimingAndRelatedParametersSequence"))
    velocity = as_numbers(get("VelocityEncodingDirection", "MRVelocityEncodingSequence"), 3)
    return (
        f"{'' if number is None else number}/{'' if echo is None else f'{echo:06.1f}'}",
        " ".join(sorted(image_type - {"ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY"})),
        "" if inversion is None else f"{inversion:.0f}",
        as_text(get("PulseSequenceName")) or as_text(get("SequenceName")),
        "" if flip is None else f"{flip:.0f}",
        "" if velocity is None else " ".join(f"{value:.1f}" for value in velocity),
        as_text(get("ImageComments")),
        as_text(get("SeriesDescription")),
    )


def is_preferred(trait: str, value: str) -> bool:
    """Whether images of that kind look like a cine, where a series holds others too."""
    return trait == "image type" and bool(_PREFERRED_TOKENS & set(value.split()))


def _private(get: Lookup, tag: int) -> Any:
    element = get(tag)
    return getattr(element, "value", element)


def _short(value: Any) -> int | None:
    if isinstance(value, bytes) and len(value) == 2:  # of an unknown VR, as private ones may be
        return int.from_bytes(value, "little")
    return as_whole(value)
