"""Codes of undersampled hearts: Fig. 4 of schlemper2018, and diagnosis from a few lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_cmr.cohort.store import Result
from napari_cmr.cohort.subjects import LabelledCine
from napari_cmr.experiments.settings import EvaluationSettings
from napari_cmr.kspace import Measured
from napari_cmr.scan import Label, ScanError
from napari_cmr.training.register import find

if TYPE_CHECKING:
    from napari_cmr.zoo.tasks.localisation import HeartLocation
    from napari_cmr.zoo.tasks.segmentation import Segmenter

TSNE_COMPONENTS = 50  # of the PCA before t-SNE
CLASSIFIER_COMPONENTS = 20  # of the PCA before the classifier
MOST_FOLDS = 5


def measure_codes(
    cine: LabelledCine, model: str, settings: EvaluationSettings, *, in_figure: bool
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Codes of one subject at ED and ES.

    Returns
    -------
    record : dict
        Which line counts the arrays' first axes stand for.
    arrays : dict of str to ndarray of float32
        ``stack`` (line counts, D): mean over the slices that the prediction finds a heart in, at
        the frames of the largest and the smallest predicted LV: no label and no frame number is
        used. For subjects of the figure also ``trials`` (line counts, trials, D) of the
        mid-ventricular slice at the known ED and ES, and ``full`` (D,) of the same slice.
    """
    lines: list[int | None] = [n for n in settings.latent_lines if n <= cine.scan.n_phase_encodes]
    stack = np.stack([_stack_code(cine, model, settings, n_lines) for n_lines in [*lines, None]])
    arrays = {"stack": stack}
    if in_figure:
        arrays["trials"] = np.stack(
            [
                [_slice_code(cine, model, settings, n_lines, t) for t in range(settings.trials)]
                for n_lines in lines
            ]
        )
        arrays["full"] = _slice_code(cine, model, settings, None, 0)
    return {"lines": lines, "trials": settings.trials if in_figure else 0}, arrays


def _stack_code(
    cine: LabelledCine, model: str, settings: EvaluationSettings, n_lines: int | None
) -> np.ndarray:
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.segmentation import Segmenter

    acquisition = settings.acquisition(cine.name, n_lines)
    location = cine.locate(acquisition, settings.device)
    segmenter = load(settings.choice(model), Segmenter)
    measured = cine.measured(acquisition)
    slices = [
        _heard_of_slice(segmenter, measured, index, location) for index in range(measured.shape[1])
    ]
    labels = np.concatenate([labels for labels, _ in slices], axis=1)
    codes = np.stack([codes for _, codes in slices])
    volumes = (labels == Label.LV).sum(axis=(1, 2, 3))
    held = labels.any(axis=(0, 2, 3))
    frames = [int(np.argmax(volumes)), int(np.argmin(volumes))]
    chosen = codes[held if held.any() else slice(None)][:, frames]
    code: np.ndarray = chosen.mean(axis=0).reshape(-1)
    return code


def _slice_code(
    cine: LabelledCine,
    model: str,
    settings: EvaluationSettings,
    n_lines: int | None,
    trial: int,
) -> np.ndarray:
    """Code of the mid-ventricular slice; the heart is where all lines show it."""
    from napari_cmr.zoo import load
    from napari_cmr.zoo.tasks.segmentation import Segmenter

    slices = cine.three_slices
    segmenter = load(settings.choice(model), Segmenter)
    location = cine.locate(settings.acquisition(cine.name, None), settings.device)
    measured = cine.measured(settings.acquisition(cine.name, n_lines, trial))
    _, codes = _heard_of_slice(segmenter, measured, slices[len(slices) // 2], location)
    code: np.ndarray = codes[cine.frames].reshape(-1)
    return code


def _heard_of_slice(
    segmenter: "Segmenter", measured: Measured, index: int, location: "HeartLocation"
) -> tuple[np.ndarray, np.ndarray]:
    """Labels (T, 1, Y, X) of a slice, and the codes (T, D) that they come from."""
    with _listen(segmenter) as heard:
        labels = segmenter.segment(measured.select((index,)), location).labels
    return labels, np.concatenate(heard)[-len(labels) :]  # of a slice that was drawn twice the last


@contextmanager
def _listen(segmenter: "Segmenter") -> Iterator[list[np.ndarray]]:
    """Collect the codes that pass while a network runs: (frames, D) at each call.

    The recipe says which part of the network gives the code; of several outputs it is the last.
    """
    part = find(segmenter.card.name).code
    if part is None:
        raise ScanError(f"{segmenter.card.name!r} has no latent code to look at")
    heard: list[np.ndarray] = []

    def keep(_module: object, _inputs: object, output: Any) -> None:
        code = output[-1] if isinstance(output, list | tuple) else output
        heard.append(code.flatten(1).float().cpu().numpy())

    handle = segmenter.network.get_submodule(part).register_forward_hook(keep)
    try:
        yield heard
    finally:
        handle.remove()


def embed(codes: np.ndarray, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """PCA and t-SNE of codes.

    Parameters
    ----------
    codes : ndarray, shape (n, D)
    seed : int

    Returns
    -------
    pca, tsne : ndarray, shape (n, 2)
    explained : ndarray, shape (2,)
        Part of the variance that each principal component explains.
    """
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    n_components = min(TSNE_COMPONENTS, *codes.shape)
    pca = PCA(n_components, random_state=seed).fit(codes)
    reduced = pca.transform(codes)
    perplexity = min(30.0, (len(codes) - 1) / 3)
    tsne = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced)
    return reduced[:, :2], tsne, pca.explained_variance_ratio_[:2]


def figure_rows(results: list[Result], *, seed: int) -> list[dict[str, Any]]:
    """Coordinates of Fig. 4: one row for each model, subject, line count and trial."""
    rows: list[dict[str, Any]] = []
    for model in dict.fromkeys(result.part.model for result in results):
        points, places = [], []
        for result in results:
            if result.part.model != model or "trials" not in result.arrays:
                continue
            for n_lines, trials in zip(
                result.record["lines"], result.arrays["trials"], strict=True
            ):
                points += list(trials)
                places += [(result, n_lines, trial) for trial in range(len(trials))]
            points.append(result.arrays["full"])
            places.append((result, None, 0))
        if len(points) < 4:
            continue
        pca, tsne, explained = embed(np.stack(points), seed=seed)
        rows += [
            {
                "model": model,
                "subject": result.subject,
                "group": result.group,
                "n_lines": n_lines,
                "trial": trial,
                "pca_1": float(a[0]),
                "pca_2": float(a[1]),
                "tsne_1": float(b[0]),
                "tsne_2": float(b[1]),
                "explained_1": float(explained[0]),
                "explained_2": float(explained[1]),
            }
            for (result, n_lines, trial), a, b in zip(places, pca, tsne, strict=True)
        ]
    return rows


def separation_rows(results: list[Result]) -> list[dict[str, Any]]:
    """How well codes tell subjects apart: silhouette over subjects at each line count.

    1: the codes of a subject lie together and far from others'; 0: subjects overlap.
    """
    from sklearn.metrics import silhouette_score

    rows: list[dict[str, Any]] = []
    for model in dict.fromkeys(result.part.model for result in results):
        shown = [r for r in results if r.part.model == model and "trials" in r.arrays]
        if len(shown) < 2:
            continue
        for n_lines in dict.fromkeys(n for r in shown for n in r.record["lines"]):
            held = [r for r in shown if n_lines in r.record["lines"]]
            trials = [r.arrays["trials"][r.record["lines"].index(n_lines)] for r in held]
            names = np.repeat([r.subject for r in held], [len(one) for one in trials])
            score = None
            if len(held) > 1:
                score = float(silhouette_score(np.concatenate(trials), names))
            rows.append(
                {"model": model, "n_lines": n_lines, "subjects": len(held), "silhouette": score}
            )
    return rows


def classify(
    codes: np.ndarray, groups: np.ndarray, learn: np.ndarray, *, seed: int
) -> tuple[np.ndarray, str] | None:
    """Predict each subject's diagnosis group from its code.

    Standardised codes, their leading principal components, logistic regression with balanced
    classes; everything is fitted again in each fold.

    Parameters
    ----------
    codes : ndarray, shape (n, D)
    groups : ndarray of str, shape (n,)
    learn : ndarray of bool, shape (n,)
        Subjects that the network was trained on. If there are such and others, the classifier
        learns from them and is tested on the others; else there is stratified cross-validation.
    seed : int

    Returns
    -------
    predicted : ndarray of str, shape (n,)
        Empty where a subject was only learned from.
    how : str
        What was done, for a caption. None instead of both if the groups are too few or too small.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if learn.any() and not learn.all():
        if len(set(groups[learn])) < 2:
            return None
        folds = [(np.flatnonzero(learn), np.flatnonzero(~learn))]
        how = f"learned from {learn.sum()} training subjects, tested on {(~learn).sum()} others"
    else:
        smallest = min((int((groups == group).sum()) for group in set(groups)), default=0)
        if len(set(groups)) < 2 or smallest < 2:
            return None
        n_folds = min(MOST_FOLDS, smallest)
        folds = list(StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(codes, groups))
        how = f"stratified {n_folds}-fold cross-validation over {len(codes)} subjects"
    predicted = np.full(len(codes), "", dtype=object)
    for train, test in folds:
        n_components = min(CLASSIFIER_COMPONENTS, len(train) - 1, codes.shape[1])
        model = make_pipeline(
            StandardScaler(),
            PCA(n_components, random_state=seed),
            StandardScaler(),
            LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000),
        )
        predicted[test] = model.fit(codes[train], groups[train]).predict(codes[test])
    return predicted, how


def diagnosis_rows(
    results: list[Result], training: set[str], *, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Diagnosis from codes: one row a subject, and the balanced accuracy at each line count."""
    subjects: list[dict[str, Any]] = []
    summary: list[dict[str, Any]] = []
    for model in dict.fromkeys(result.part.model for result in results):
        known = [r for r in results if r.part.model == model and r.group]
        counts = dict.fromkeys(n for r in known for n in [*r.record["lines"], None])
        for n_lines in sorted(counts, key=lambda n: n or np.inf):
            held = [r for r in known if n_lines in [*r.record["lines"], None]]
            codes = np.stack(
                [r.arrays["stack"][[*r.record["lines"], None].index(n_lines)] for r in held]
            )
            groups = np.array([r.group for r in held], dtype=object)
            learn = np.array([r.subject in training for r in held])
            done = classify(codes, groups, learn, seed=seed)
            if done is None:
                continue
            predicted, how = done
            tested = [i for i, name in enumerate(predicted) if name]
            subjects += [
                {
                    "model": model,
                    "n_lines": n_lines,
                    "subject": held[i].subject,
                    "group": held[i].group,
                    "predicted": predicted[i],
                }
                for i in tested
            ]
            recalls = recall_by_group(groups[tested], predicted[tested])
            summary.append(
                {
                    "model": model,
                    "n_lines": n_lines,
                    "n": len(tested),
                    "balanced_accuracy": float(np.mean(list(recalls.values()))),
                    "chance": 1.0 / len(set(groups)),
                    **{f"recall_{group}": recall for group, recall in recalls.items()},
                    "how": how,
                }
            )
    return subjects, summary


def recall_by_group(groups: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Share of each group's subjects that were put into it; their mean is balanced accuracy."""
    return {
        str(group): float(np.mean(predicted[groups == group] == group))
        for group in sorted(set(groups))
    }
