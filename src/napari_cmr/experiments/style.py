"""Whether synthetic late enhancement keeps the heart, differs by style, and looks real."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from napari_cmr.analysis.overlap import dice
from napari_cmr.cohort.tables import markdown_table, number, write_csv
from napari_cmr.experiments.figures import draw_histograms
from napari_cmr.experiments.style_features import (
    Features,
    distance,
    edge_agreement,
    features_of,
    frechet_distance,
    told_apart,
)
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import (
    Label,
    ScanError,
    atomic_path,
    check_outputs,
    open_scan,
    output_folder,
)
from napari_cmr.training.data.slices import crop
from napari_cmr.zoo import ModelChoice, default_choice

STRUCTURES = (Label.LV, Label.MYO, Label.RV)
BINS = np.linspace(-1, 1, 41)
#: Pairs of real images whose distance says how different two hearts look.
_PAIRS = 300
_FILES = (
    "style.md",
    "style.csv",
    "style-anatomy.csv",
    "style-histograms.csv",
    "style-histograms.png",
)


@dataclass(frozen=True, eq=False)
class StyleImages:
    """What is compared, all on the network's grid, from -1 to 1.

    Attributes
    ----------
    source, real : ndarray of float32, shape (N, H, W) and (M, H, W)
        bSSFP and late enhancement of held-out subjects.
    made : ndarray of float32, shape (N, K, H, W)
        The source in K styles, others for every slice.
    source_labels, real_labels : ndarray of uint8, shape (N, H, W) and (M, H, W)
    source_subjects, real_subjects : list of str
    """

    source: np.ndarray
    made: np.ndarray
    real: np.ndarray
    source_labels: np.ndarray
    real_labels: np.ndarray
    source_subjects: list[str]
    real_subjects: list[str]


def evaluate(
    source: str | PathLike[str],
    target: str | PathLike[str],
    output: str | PathLike[str],
    *,
    samples: int = 5,
    seed: int = 0,
    model: ModelChoice | None = None,
    command: str = "",
    overwrite: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> Path:
    """Measure anatomy, diversity and realism on subjects that training held out.

    Parameters
    ----------
    source, target : path
        Folder of ACDC patient folders, and EMIDEC folder; the latter's labels serve for the
        histograms alone.
    output : path
        Folder; gets ``style.md``, ``style.csv``, ``style-anatomy.csv``, ``style-histograms.csv``
        and ``style-histograms.png``.
    samples : int
        Styles of every source slice.
    seed : int
    model : ModelChoice, optional
        What renders them.
    command : str
        What was typed, for the page.
    overwrite : bool
        Whether results that are there may be replaced.
    report : callable

    Returns
    -------
    Path
        The Markdown page.

    Raises
    ------
    ScanError
        If the results would lie among what is read, or replace others.
    """
    with output_folder(output, inputs=[source, target]) as folder:
        check_outputs(*(folder / name for name in _FILES), overwrite=overwrite)
        images = gather(Path(source), Path(target), model, samples=samples, seed=seed)
        report(f"{len(images.source)} slices in {samples} styles, {len(images.real)} real ones")
        rows = [*diversity(images, seed=seed), *realism(images, seed=seed)]
        histograms = intensities(images)
        report("features compared")
        anatomy = anatomy_rows(Path(source), model, samples=2, seed=seed)
        rows += summarised(anatomy, images)
        write_csv(folder / "style.csv", rows)
        write_csv(folder / "style-anatomy.csv", anatomy)
        write_csv(folder / "style-histograms.csv", histograms)
        draw_histograms(histograms, folder / "style-histograms.png")
        page = folder / "style.md"
        with atomic_path(page) as temporary:
            temporary.write_text(
                _page(rows, images, samples, command), encoding="utf-8", errors="replace"
            )
    return page


def gather(
    source: Path, target: Path, model: ModelChoice | None, *, samples: int, seed: int
) -> StyleImages:
    """Held-out slices of both contrasts, and the source's translations."""
    from napari_cmr.nets.style.munit import clip_to_unit
    from napari_cmr.scan.datasets.emidec import read_emidec
    from napari_cmr.workflow.style.translation import load_styler
    from napari_cmr.workflow.train.translation import style_slices

    styler = load_styler(model)
    cines, enhanced = style_slices(source, target, held_out=True)
    size, step = styler.card.size, styler.card.spacing_mm
    raw, source_labels = crop(cines, size, step)
    real, _ = crop(enhanced, size, step)
    cases = {name: read_emidec(target, name) for name in {one.subject for one in enhanced}}
    labelled = []
    for one in enhanced:
        reference = cases[one.subject].labels
        if reference is None:
            raise ScanError("the histograms need labels", source=one.subject)
        labelled.append(replace(one, labels=turned_labels(reference[0, one.index])))
    _, real_labels = crop(labelled, size, step)
    rng = np.random.default_rng(seed)
    codes = rng.standard_normal((len(raw), samples, styler.style_size)).astype(np.float32)
    made = [styler.translate(raw[i].numpy(), codes[i])[0] for i in range(len(raw))]
    assert source_labels is not None
    assert real_labels is not None
    return StyleImages(
        source=clip_to_unit(raw[:, 0]).numpy(),
        made=np.stack(made),
        real=clip_to_unit(real[:, 0]).numpy(),
        source_labels=source_labels.numpy(),
        real_labels=real_labels.numpy(),
        source_subjects=[one.subject for one in cines],
        real_subjects=[one.subject for one in enhanced],
    )


def turned_labels(labels: np.ndarray) -> np.ndarray:
    """Labels (Y, X) mirrored as the slices are, scar counted as myocardium."""
    plain = np.where(labels > Label.RV, np.uint8(Label.MYO), labels)
    return np.ascontiguousarray(plain[::-1, ::-1].T)


def diversity(images: StyleImages, *, seed: int) -> list[dict[str, Any]]:
    """How far styles of one slice are apart, beside two real slices of different subjects."""
    n, k = images.made.shape[:2]
    made = features_of(images.made.reshape(n * k, *images.made.shape[2:]))
    pairs = [
        (i * k + a, i * k + b) for i in range(n) for a, b in itertools.combinations(range(k), 2)
    ]
    real = features_of(images.real)
    spread = images.made.std(axis=1).mean(axis=(1, 2))
    return [
        _row("diversity", "distance between styles of a slice", _of_pairs(made, pairs)),
        _row(
            "diversity",
            "distance between real slices of two subjects",
            _of_pairs(real, _across(images.real_subjects, seed)),
        ),
        _row("diversity", "standard deviation over styles, range 2", spread),
    ]


def _of_pairs(features: Features, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    first, second = zip(*pairs, strict=True)
    chunks = [
        distance(features, first[i : i + 64], second[i : i + 64]) for i in range(0, len(pairs), 64)
    ]
    return np.concatenate(chunks)


def _across(subjects: Sequence[str], seed: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(seed)
    found: list[tuple[int, int]] = []
    while len(found) < _PAIRS:
        a, b = (int(index) for index in rng.integers(0, len(subjects), 2))
        if subjects[a] != subjects[b]:
            found.append((a, b))
    return found


def realism(images: StyleImages, *, seed: int) -> list[dict[str, Any]]:
    """Can a classifier tell synthetic from real? Beside it, how well it tells bSSFP from real."""
    n, k = images.made.shape[:2]
    rng = np.random.default_rng(seed)
    one_each = images.made[np.arange(n), rng.integers(0, k, n)]
    made, source, real = (features_of(x).pooled for x in (one_each, images.source, images.real))
    halves = np.isin(images.real_subjects, sorted(set(images.real_subjects))[::2])
    subjects = [*images.source_subjects, *images.real_subjects]
    rows = []
    for name, features in (("synthetic", made), ("bSSFP", source)):
        accuracy = told_apart(features, real, subjects, seed=seed)
        rows.append(_row("realism", f"told apart, {name} and real", [accuracy]))
        frechet = frechet_distance(features, real, real)
        rows.append(_row("realism", f"Frechet distance, {name} and real", [frechet]))
    between = frechet_distance(real[halves], real[~halves], real)
    rows.append(_row("realism", "Frechet distance, two halves of the real subjects", [between]))
    for label in (Label.LV, Label.MYO):
        real_values = images.real[images.real_labels == label]
        for name, values in (
            ("synthetic", images.made.swapaxes(0, 1)[:, images.source_labels == label].ravel()),
            ("bSSFP", images.source[images.source_labels == label]),
        ):
            rows.append(
                _row(
                    "realism",
                    f"{label.name} grey values, {name} to real",
                    [_earth_mover(values, real_values)],
                )
            )
    return rows


def _earth_mover(first: np.ndarray, second: np.ndarray) -> float:
    """Wasserstein distance of two samples of grey values from -1 to 1."""
    parts = np.linspace(0, 1, 501)
    return float(np.abs(np.quantile(first, parts) - np.quantile(second, parts)).mean())


def intensities(images: StyleImages) -> list[dict[str, Any]]:
    """Histograms of grey values in each structure; EMIDEC labels no right ventricle."""
    rows = []
    for label in STRUCTURES:
        for name, values in (
            ("bSSFP", images.source[images.source_labels == label]),
            ("synthetic", images.made.swapaxes(0, 1)[:, images.source_labels == label].ravel()),
            ("real", images.real[images.real_labels == label]),
        ):
            if not values.size:
                continue
            density, _ = np.histogram(values, BINS, density=True)
            for low, high, share in zip(BINS[:-1], BINS[1:], density, strict=True):
                rows.append(
                    {
                        "structure": label.name,
                        "images": name,
                        "grey": float((low + high) / 2),
                        "density": float(share),
                    }
                )
    return rows


def anatomy_rows(
    source: Path, model: ModelChoice | None, *, samples: int, seed: int
) -> list[dict[str, Any]]:
    """Labels of the source against labels of its translations, stack by stack at end-diastole."""
    from napari_cmr.training.data.split import split_subjects
    from napari_cmr.workflow.segment.cine import segment
    from napari_cmr.workflow.segment.late_enhancement import segment_lge
    from napari_cmr.workflow.style.translation import (
        as_scan,
        has_lge_model,
        load_styler,
        translate_scan,
    )

    folders = [path for path in sorted(source.iterdir()) if path.is_dir()]
    _, held_out = split_subjects([path.name for path in folders])
    has_lge = has_lge_model()
    styler = load_styler(model)
    on_cine = default_choice("full cine", device=styler.choice.device)
    on_late = default_choice("late enhancement", device=styler.choice.device)
    rows: list[dict[str, Any]] = []
    for index, path in enumerate(folder for folder in folders if folder.name in held_out):
        scan = open_scan(path)
        codes = styler.sample_codes(samples, seed + index)
        made = translate_scan(scan, codes, model)
        still = scan.with_(
            image=scan.image[made.frame : made.frame + 1],
            labels=None,
            labelled_frames=(),
            frame_times_ms=None,
            ed_frame=None,
            es_frame=None,
            source_frames=None,
        )
        of_source = segment(undersample(still, Acquisition()), on_cine).labels
        truth = None if scan.labels is None else scan.labels[made.frame][None]
        for k in range(samples):
            row: dict[str, Any] = {"subject": path.name, "style": k}
            centre = np.asarray(made.images[k])
            inside = centre.any(axis=(1, 2))
            row["edge_agreement"] = float(
                edge_agreement(_scaled(np.abs(still.image[0])[inside]), centre[inside]).mean()
            )
            if has_lge:
                of_made = segment_lge(as_scan(scan, made, k), on_late).labels
                for name, reference in (("source", of_source), ("truth", truth)):
                    if reference is None:
                        continue
                    for label, value in zip(STRUCTURES, dice(of_made, reference)[0], strict=True):
                        row[f"dice_{label.name.lower()}_{name}"] = float(value)
            rows.append(row)
    if not rows:
        raise ScanError("no held-out subjects to translate", source=source)
    return rows


def _scaled(stack: np.ndarray) -> np.ndarray:
    return (stack / max(float(np.percentile(stack, 99)), 1e-6)).astype(np.float32)


def summarised(anatomy: Sequence[dict[str, Any]], images: StyleImages) -> list[dict[str, Any]]:
    """Anatomy in one row a measure, and what edges of unrelated slices agree by chance."""
    n = len(images.source)
    squares = edge_agreement(
        np.repeat(images.source, images.made.shape[1], axis=0),
        images.made.reshape(-1, *images.made.shape[2:]),
    )
    others = edge_agreement(images.source, images.made[(np.arange(n) + n // 2) % n, 0])
    rows = [
        _row("anatomy", "edge agreement with the source", squares),
        _row("anatomy", "edge agreement with another heart", others),
    ]
    for name, words in (
        ("source", "the FCN's labels of the source"),
        ("truth", "reference labels"),
    ):
        for label in STRUCTURES:
            key = f"dice_{label.name.lower()}_{name}"
            values = [row[key] for row in anatomy if row.get(key) is not None]
            if values:
                rows.append(_row("anatomy", f"{label.name} Dice with {words}", values))
    return rows


def _row(part: str, measure: str, values: Sequence[float] | np.ndarray) -> dict[str, Any]:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return {
        "part": part,
        "measure": measure,
        "mean": float(known.mean()) if known.size else None,
        "sd": float(known.std(ddof=1)) if known.size > 1 else None,
        "n": int(known.size),
    }


def _page(rows: Sequence[dict[str, Any]], images: StyleImages, samples: int, command: str) -> str:
    lines = [
        "# Synthetic late enhancement",
        "",
        f"{len(images.source)} bSSFP slices of {len(set(images.source_subjects))} subjects in "
        f"{samples} styles each, beside {len(images.real)} real slices of "
        f"{len(set(images.real_subjects))} subjects; training saw none of them.",
        "",
    ]
    for part in ("anatomy", "diversity", "realism"):
        table = [
            [row["measure"], number(row["mean"], 3), number(row["sd"], 3), str(row["n"])]
            for row in rows
            if row["part"] == part
        ]
        lines += [f"## {part.capitalize()}", ""]
        lines += [markdown_table(["measure", "mean", "SD", "n"], table), ""]
    lines += ["![Grey values](style-histograms.png)", ""]
    if command:
        lines += [f"`{command}`", ""]
    return "\n".join(lines)
