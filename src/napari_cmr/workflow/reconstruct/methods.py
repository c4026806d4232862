"""Every way to reconstruct images: solvers, and trained networks beside them."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from napari_cmr.kspace import MeasuredSlice
from napari_cmr.scan import ScanError
from napari_cmr.scan.outputs import AnyPath
from napari_cmr.solvers import Answer, Solver, SolverSettings, solvers
from napari_cmr.solvers.solver import Watch
from napari_cmr.training.register import default, find, models
from napari_cmr.zoo import ModelCard, find_weights, list_models
from napari_cmr.zoo.cards import count_parameters
from napari_cmr.zoo.choice import ModelChoice

WITHOUT_NETWORK = {True: "view-sharing", False: "tv-2d"}
"""What is taken of a cine, and of a still, where our own network cannot be."""


class NetworkSettings(SolverSettings):
    """Settings of trained networks."""

    trust: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the measured line, against the network's, in each data consistency; "
        "as the network learned it if none",
    )


class RefinementSettings(NetworkSettings):
    """Settings of trained networks that refine what another one has reconstructed."""

    gate: float = Field(
        default=1.0,
        ge=0,
        le=1,
        title="Refinement",
        description="share of the refinement: 0 is the image as reconstructed, 1 as refined",
        json_schema_extra={"slider": True},
    )


def methods(device: str = "auto") -> Mapping[str, Solver]:
    """All methods by name: those that are taken where none is named, networks, and the others.

    Costs no torch: a network is loaded when it runs.

    Parameters
    ----------
    device : str
        Where networks run.
    """
    cards = [card for card in list_models() if card.task == "reconstruction"]
    cards.sort(key=lambda card: card.preset)
    networks = {one.name: one for one in [_of_network(card, device) for card in cards]}
    known = {**networks, **solvers()}
    first = (default("image").name, *WITHOUT_NETWORK.values())
    names = dict.fromkeys((*(name for name in first if name in known), *known))
    return {name: known[name] for name in names}


def default_method(*, cine: bool) -> tuple[str, str]:
    """Method that is taken where none is named.

    Returns
    -------
    name : str
        Of our own network, or of what needs no training.
    why : str
        Why it is not our own network; empty where it is.
    """
    name, known = default("image").name, methods()
    if name not in known:
        return WITHOUT_NETWORK[cine], f"{name} is not installed"
    if not known[name].takes(cine=cine):
        return WITHOUT_NETWORK[cine], f"{name} does not take {'cines' if cine else 'stills'}"
    return name, ""


def methods_for(*, cine: bool, device: str = "auto") -> Mapping[str, Solver]:
    """Those of :func:`methods` that are for cines, or for stills."""
    return {name: one for name, one in methods(device).items() if one.takes(cine=cine)}


def find_method(name: str, device: str = "auto") -> Solver:
    """Method of a name.

    Raises
    ------
    ScanError
        If there is none, or it is a network without weights.
    """
    known = methods(device)
    if name not in known:
        if name in networks_without_weights():
            raise ScanError(
                f"there are no weights of {name}",
                remedy=f"train it by 'napari-cmr train {name}', or choose one of "
                f"{', '.join(known)}",
            )
        raise ScanError(
            f"there is no reconstruction method {name!r}",
            remedy=f"choose one of {', '.join(known)}",
        )
    return known[name]


def networks_without_weights() -> tuple[str, ...]:
    """Reconstruction networks that cannot run here: those of other packages may lack weights."""
    installed = {card.name for card in list_models()}
    return tuple(
        name
        for name, model in models().items()
        if model.task == "reconstruction" and name not in installed
    )


def parameters_of(method: str) -> int:
    """Numbers that a method has learned: none where it needs no training.

    Raises
    ------
    ScanError
        If there is no such method.
    """
    weights = find_method(method).weights or {}
    return sum(
        count_parameters(find_weights(card.name, card.preset))
        for card in list_models()
        if weights.get(card.name) == card.sha256
    )


def check_motion(method: str, wanted: AnyPath | None) -> None:
    """Refuse a file of motion of a method that reads none, before any work.

    Raises
    ------
    ScanError
        If it reads none.
    """
    if wanted is not None and not find_method(method).reads_motion:
        raise no_motion(method, wanted)


def no_motion(method: str, wanted: AnyPath) -> ScanError:
    """Why no file of motion is written."""
    return ScanError(f"{method} reads no motion", source=wanted, remedy="choose a method that does")


def warnings_of(names: Iterable[str]) -> list[str]:
    """What a page about methods is to say of them, a paragraph for each that there is some of."""
    known = methods()
    return [
        f"⚠ `{name}`: {notice.text}"
        for name in names
        if name in known
        for notice in known[name].notices()
    ]


def _of_network(card: ModelCard, device: str) -> Solver:
    """A trained network as a method; ``live`` goes by the model's name alone."""
    choice = ModelChoice(name=card.name, preset=card.preset, device=device)
    model = find(card.name)

    def run(one: MeasuredSlice, settings: Any, watch: Watch) -> Answer:
        from napari_cmr.zoo import load
        from napari_cmr.zoo.cancellation import stoppable
        from napari_cmr.zoo.tasks.reconstruction import Reconstructor

        def is_asked() -> bool:
            watch(0.5)  # raises Stopped where it is
            return False

        network: Reconstructor = load(choice, Reconstructor)
        with stoppable(is_asked):
            if model.gated:
                image, added = network.refine(one, trust=settings.trust, gate=settings.gate)
                return Answer(image, added=added)
            image, std = network.reconstruct(one, trust=settings.trust)
            motion = network.motion(one) if model.reads_motion else None
        return Answer(image, std, motion=motion)

    how = "Refined" if model.gated else "Reconstructed"
    return Solver(
        name=card.name if card.preset == "live" else f"{card.name}-{card.preset}",
        title=model.label,
        publication=model.publication,
        function=run,
        settings=RefinementSettings if model.gated else NetworkSettings,
        needs=frozenset(model.needs),
        departs=card.departs,
        coils=card.architecture.get("coils"),
        weights={card.name: card.sha256},
        reads_motion=model.reads_motion,
        invents=f"{how} by an adversarial network: details may be invented."
        if model.invents
        else "",
    )
