"""From a folder of labelled subjects to cines, and to a network that learned from them."""

from collections.abc import Callable
from pathlib import Path

from napari_cmr.scan import ScanError
from napari_cmr.training.data.split import split_subjects
from napari_cmr.workflow.train.export import export
from napari_cmr.workflow.train.request import TrainingRequest

#: Training sees cines of 12 frames and up, drawn from these.
CINE_FRAMES = 50


def train_on_cines(request: TrainingRequest, report: Callable[[str], None]) -> Path:
    """Train a network for lines of cines; see :func:`napari_cmr.workflow.train.train_model`."""
    from napari_cmr.training.data.cine_batches import CineData
    from napari_cmr.training.data.cines import load_cines
    from napari_cmr.training.loop import train

    model, recipe = request.found()
    cache = request.out / "cines"
    found = prepare_cines(request.data, cache, seed=request.seed, report=report)
    training, validation = split_subjects([path.stem for path in found])
    hearts = prepare_phantoms(cache, request.phantoms, seed=request.seed)
    training += [path.stem for path in hearts]
    data = CineData(load_cines(cache, training) if training else [], load_cines(cache, validation))
    run = request.out / f"{model.name}-{request.preset}"
    train(
        model,
        request.preset,
        recipe,
        data,
        run,
        seed=request.seed,
        device=request.device,
        precision=request.precision,
        workers=request.workers,
        start_from=request.start_from,
    )
    return export(run, request.out, declaration=request.declaration)


def prepare_cines(
    data: Path,
    cache: Path,
    *,
    frames: int = CINE_FRAMES,
    seed: int = 0,
    report: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Turn every subject folder of ``data`` into a labelled cine in ``cache``.

    Subjects that are there already are kept; one that cannot be used is reported and left out.

    Raises
    ------
    ScanError
        If not one subject can be used.
    """
    from napari_cmr.phantom.animation import animate_scan
    from napari_cmr.scan.opener import open_scan
    from napari_cmr.training.data.cines import TrainingCine

    folders = [folder for folder in sorted(data.iterdir()) if folder.is_dir()]
    cache.mkdir(parents=True, exist_ok=True)
    done = []
    for index, folder in enumerate(folders):
        path = cache / f"{folder.name}.npz"
        if not path.exists():
            try:
                scan = open_scan(folder)
                cine = animate_scan(scan, frames, seed=seed + index)
                TrainingCine.from_scan(cine.with_(name=folder.name)).save(path)
            except ScanError as error:
                report(f"left out {folder.name}: {error}")
                continue
            report(f"prepared {folder.name} ({index + 1} of {len(folders)})")
        done.append(path)
    if not done:
        raise ScanError(
            "no subject folder with ED and ES labels here",
            source=data,
            remedy="give a folder of ACDC patient folders",
        )
    return done


def prepare_phantoms(
    cache: Path, number: int, *, frames: int = CINE_FRAMES, seed: int = 0
) -> list[Path]:
    """Scan synthetic hearts of all groups, each with another protocol, into ``cache``."""
    import numpy as np

    from napari_cmr.phantom import Protocol, render_scan, sample_population
    from napari_cmr.training.data.cines import TrainingCine

    cache.mkdir(parents=True, exist_ok=True)
    done = []
    for index, heart in enumerate(sample_population(number, seed)):
        path = cache / f"phantom{index:03d}.npz"
        if not path.exists():
            rng = np.random.default_rng([seed, index])
            pixel_mm = float(rng.uniform(1.2, 1.7))
            protocol = Protocol(
                pixel_mm=pixel_mm,
                acquired_pixel_mm=max(pixel_mm, float(rng.uniform(1.4, 2.2))),
                slice_distance_mm=float(rng.choice([8.0, 10.0])),
                slice_thickness_mm=float(rng.uniform(6.0, 8.0)),
                n_frames=frames,
                repetition_time_ms=float(rng.uniform(2.6, 3.5)),
                flip_angle_deg=float(rng.uniform(40.0, 75.0)),
                signal_to_noise=float(rng.uniform(15, 60)),
            )
            scan = render_scan(heart, protocol, name=path.stem, seed=index)
            TrainingCine.from_scan(scan).save(path)
        done.append(path)
    return done
