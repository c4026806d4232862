"""Reconstruct first, then segment the image: the way that reading labels out of lines replaces."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.kspace import Measured
from napari_cmr.scan import joined
from napari_cmr.workflow.reconstruct.methods import find_method
from napari_cmr.workflow.reconstruct.solving import reconstruct
from napari_cmr.workflow.segment.cine import ImageMade, Segmentation, locate_heart, segment
from napari_cmr.workflow.segment.doubts import line_doubts
from napari_cmr.zoo.choice import ModelChoice, Precision

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation


@dataclass(frozen=True)
class Chain:
    """A method that reconstructs, and a model that segments its image.

    Attributes
    ----------
    method : str
        As :func:`napari_cmr.workflow.reconstruct.methods.methods` names it.
    model : ModelChoice
        Sees the magnitude with all of its lines, as that of any scan.
    settings : mapping
        Of the method, where they differ from its own.
    """

    method: str
    model: ModelChoice
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """What the result is called, beside that of the model alone."""
        return chained_name(self.method, self.model.name)

    @property
    def precision(self) -> Precision:
        """Of the model's convolutions."""
        return self.model.precision

    @property
    def device(self) -> str:
        """Where the model runs."""
        return self.model.device

    def segment(
        self,
        measured: Measured,
        *,
        location: "HeartLocation | None" = None,
        views: int = 1,
        mend: bool = True,
        image: np.ndarray | None = None,
    ) -> Segmentation:
        """Segment what the method makes of the lines.

        The heart is looked for in the lines, as it is where they are segmented without an image, so
        that both differ in nothing else.

        Parameters
        ----------
        measured : Measured
            Some slices only need ``location``.
        location : HeartLocation, optional
        views : int, 1 to 8
        mend : bool
            See :func:`napari_cmr.workflow.segment.cine.segment`.
        image : ndarray, shape (T, Z', Y, X), optional
            Magnitude that the method has made of these lines already.

        Returns
        -------
        Segmentation
            Which says that it came from a reconstruction.

        Raises
        ------
        ScanError
            If the method cannot use these lines, or the model cannot be run.
        Stopped
            Within :func:`napari_cmr.zoo.cancellation.stoppable`, if that is asked for.
        """
        from napari_cmr.zoo.cancellation import end_of_work

        seconds = {"reconstruct": 0.0}
        if image is None:
            result = reconstruct(measured, self.method, self.settings, stop=end_of_work())
            image, seconds["reconstruct"] = np.abs(result.image), result.seconds
        if location is None:
            location = locate_heart(measured, device=self.device)
        found = segment(
            measured.with_image(image), self.model, location=location, views=views, mend=mend
        )
        return replace(
            found,
            acquisition=measured.acquisition,
            n_lines=float(measured.mask.array.sum(axis=1).mean()),
            acceleration=measured.mask.acceleration,
            seconds=seconds | found.seconds,
            warnings=joined(
                tuple(line_doubts(measured)),
                find_method(self.method).notices(self.settings),
                found.warnings,
            ),
            reconstruction=ImageMade(self.method, dict(self.settings)),
        )


_AFTER = " after "
"""Between the names of model and method; no name of a model has a space."""

Way = ModelChoice | Chain
"""Lines straight to labels, or by way of an image."""


def chain(
    method: str, model: ModelChoice, settings: Mapping[str, Any] | None = None
) -> Callable[..., Segmentation]:
    """Join a method that reconstructs and a model that segments; see :meth:`Chain.segment`."""
    return Chain(method, model, settings or {}).segment


def chained_name(method: str, model: str) -> str:
    """Name of a model's result where it saw the image of a method."""
    return f"{model}{_AFTER}{method}"


def parted_name(name: str) -> tuple[str, str | None]:
    """Model and method of a result's name; no method where the model saw the lines."""
    model, _, method = name.partition(_AFTER)
    return model, method or None


def two_line_name(name: str) -> str:
    """Name of a result where room is narrow: the method below its model."""
    model, method = parted_name(name)
    return model if method is None else f"{model}\n↳ {method}"


def segment_by(measured: Measured, way: Way, **options: Any) -> Segmentation:
    """Segment by a model alone or by a chain; options are those that both take."""
    if isinstance(way, Chain):
        return way.segment(measured, **options)
    return segment(measured, way, **options)
