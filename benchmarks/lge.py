"""Labels of a late enhancement stack of ten slices, and the dense CRF's share of it.

python benchmarks/lge.py [--slices 10] [--repeats 5]

The heart is a synthetic one after gadolinium. The CRF alone is timed on the network's grid and on a
picture of 256 x 256 pixels, beside pydensecrf2 where that is installed; then the labels of both
are compared on the stack, from the heart's true labels blurred and with noise.
"""

import argparse
import resource

import numpy as np
import torch
from _timing import measure, report
from scipy import ndimage

from napari_cmr.nets.segmentation.dense_crf import refine
from napari_cmr.phantom import SAMPLES
from napari_cmr.scan import Label, Scan
from napari_cmr.workflow.segment.late_enhancement import segment_lge
from napari_cmr.zoo.tasks.late_enhancement import CRF, LgeSteps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()

    scan = SAMPLES["infarct-lge"]()
    scan = scan.select_slices([i % scan.n_slices for i in range(given.slices)])
    result = segment_lge(scan)
    print(f"{scan.shape} {torch.get_num_threads()} threads, {result.members} cascades")
    print(f"seconds by step: { {k: round(v, 2) for k, v in result.seconds.items()} }")
    candidates = {
        "stack to labels": lambda: segment_lge(scan),
        "one view": lambda: segment_lge(scan, steps=LgeSteps(views=1)),
        "one view, one cascade": lambda: segment_lge(scan, steps=LgeSteps(views=1, members=1)),
        "without CRF": lambda: segment_lge(scan, steps=LgeSteps(crf=False)),
    }
    report(
        f"{given.slices} slices",
        measure(candidates, repeats=given.repeats),
        ours="stack to labels",
    )
    for size in (112, 256):
        probabilities = torch.from_numpy(
            np.random.default_rng(0).dirichlet(np.ones(4), (size, size)).astype(np.float32)
        ).movedim(-1, 0)
        image = torch.linspace(0, 1, size * size).view(size, size)
        rounds = {
            "CRF, one slice": lambda p=probabilities, i=image: refine(p, i, CRF),
            **_peer(probabilities, image),
        }
        report(f"{size} x {size}", measure(rounds, repeats=given.repeats), ours="CRF, one slice")
    _compare_labels(scan)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of this process: {peak:.2f} GiB")


def _peer(probabilities: torch.Tensor, image: torch.Tensor) -> dict:
    try:
        import pydensecrf.densecrf as peer
    except ImportError:
        return {}
    rows, columns = np.indices(image.shape).astype(np.float32)
    places = np.stack([rows, columns, image.numpy() * CRF.bilateral_sd / CRF.brightness_sd])

    def run() -> np.ndarray:
        field = peer.DenseCRF(image.numel(), len(probabilities))
        unary = -np.log(probabilities.numpy().clip(1e-8)).reshape(len(probabilities), -1)
        field.setUnaryEnergy(np.ascontiguousarray(unary))
        near = np.ascontiguousarray((places[:2] / CRF.smooth_sd).reshape(2, -1))
        alike = np.ascontiguousarray((places / CRF.bilateral_sd).reshape(3, -1))
        field.addPairwiseEnergy(near, CRF.smooth_weight)
        field.addPairwiseEnergy(alike, CRF.bilateral_weight)
        answer = np.array(field.inference(CRF.iterations))
        labels: np.ndarray = answer.reshape(probabilities.shape).argmax(0)
        return labels

    return {"pydensecrf2": run}


def _compare_labels(scan: Scan) -> None:
    """Print the share of pixels that both programs label alike, over the slices of a scan."""
    assert scan.labels is not None  # samples have labels
    rng = np.random.default_rng(0)
    alike = []
    for image, truth in zip(scan.image[0], scan.labels[0], strict=True):
        plain = np.where(truth > Label.RV, Label.MYO, truth)
        soft = ndimage.gaussian_filter(np.eye(4)[plain], (2, 2, 0))
        logits = np.log(soft + 0.05) + rng.normal(0, 0.7, soft.shape)
        probabilities = torch.from_numpy(logits.astype(np.float32)).movedim(-1, 0).softmax(0)
        low, high = np.percentile(image, (1, 99))
        shown = torch.from_numpy(np.clip((image - low) / (high - low), 0, 1).astype(np.float32))
        theirs = _peer(probabilities, shown)
        if not theirs:
            return
        ours = refine(probabilities, shown, CRF).argmax(0).numpy()
        alike.append((ours == theirs["pydensecrf2"]()).mean())
    print(f"labels as pydensecrf2 has them: {100 * np.mean(alike):.2f} %, worst slice", end=" ")
    print(f"{100 * min(alike):.2f} %")


if __name__ == "__main__":
    main()
