"""Labels and EF from 10 lines a frame, beside MONAI's BasicUNet on the same frames.

python benchmarks/segmentation.py [--model pooled-net] [--repeats 5]

Ours is everything from measured lines to labels on the scan's own grid; the peer is its network
alone, of similar size, in float32, on the same number of frames at once. The peak of memory is ours
alone: it is read before the peer is loaded.
"""

import argparse
import resource

import torch
from _timing import measure, report

from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.phantom import SAMPLES
from napari_cmr.workflow.measure.function import measure_scan
from napari_cmr.workflow.segment.cine import locate_heart, segment
from napari_cmr.zoo import ModelChoice, load
from napari_cmr.zoo.tasks.segmentation import Segmenter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="pooled-net")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()

    model = ModelChoice(name=given.model)
    scan = SAMPLES["normal"]()
    lines = Acquisition(n_lines=10)
    location = locate_heart(undersample(scan, lines))
    whole = {"stack to EF": lambda: measure_scan(scan, labels=stack(scan, lines, model))}
    report(f"{scan.n_slices} slices to EF", measure(whole, repeats=3), ours="stack to EF")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory of this process: {peak:.2f} GiB")
    middle = (scan.n_slices // 2,)
    candidates = {
        "lines to labels, one slice": lambda: segment(
            undersample(scan, lines, slices=middle), model, location=location
        ),
        "of which undersampling": lambda: undersample(scan, lines, slices=middle).acquire(),
    }
    try:
        from monai.networks.nets import BasicUNet
    except ImportError:
        print("MONAI is not installed: no peer")
    else:
        torch.manual_seed(0)
        peer = BasicUNet(
            spatial_dims=2, in_channels=8, out_channels=4, features=(32, 64, 128, 192, 192, 32)
        ).eval()
        frames = torch.randn(scan.n_frames, 8, 128, 128)
        ours = segment_parameters(model)
        size = sum(p.numel() for p in peer.parameters())
        print(f"parameters: ours {ours / 1e6:.2f} M, BasicUNet {size / 1e6:.2f} M")

        def run_peer() -> torch.Tensor:
            with torch.inference_mode():
                return peer(frames)

        candidates["MONAI BasicUNet, network alone"] = run_peer
    print(f"{scan.shape} {torch.get_num_threads()} threads, {given.model}")
    times = measure(candidates, repeats=given.repeats)
    report(f"{scan.n_frames} frames of one slice", times, ours="lines to labels, one slice")


def stack(scan, lines, model):
    return segment(undersample(scan, lines), model).labels


def segment_parameters(model: ModelChoice) -> int:
    return sum(p.numel() for p in load(model, Segmenter).network.parameters())


if __name__ == "__main__":
    main()
