"""Damaged files of every kind that the program reads, and what each must end in."""

import contextlib
import gzip
import io
import json
import os
import struct
import warnings
import zlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image
from pydicom.uid import RLELossless
from scipy.io import savemat

from helpers import dicom_files as df
from helpers.lively_models import write_lively_models
from helpers.mutations import mutate
from helpers.reading_studies import rate_all, small_study
from helpers.scan_files import (
    coil_images,
    forward,
    random_image,
    write_acdc,
    write_cmrxrecon,
    write_ismrmrd,
    write_nifti,
)
from helpers.small_scans import make_scan
from napari_cmr.cli import root
from napari_cmr.cohort.segmentation import segment_folder
from napari_cmr.cohort.store import Part, Result, ResultStore
from napari_cmr.kspace import Acquisition, undersample
from napari_cmr.scan import ScanError, open_scan, save_image, save_labels
from napari_cmr.scan.file_parts import index_of, whole, write_file
from napari_cmr.training.register import find
from napari_cmr.viewer.core.recovery import FOLDER_VARIABLE, keep, left_behind, read_kept
from napari_cmr.workflow.reading.ratings import PanelReading
from napari_cmr.workflow.reading.study import open_study
from napari_cmr.workflow.segment.cine import segment as segment_cine
from napari_cmr.workflow.segment.segmentation_settings import SegmentationSettings
from napari_cmr.workflow.session.file import (
    FORMAT,
    VERSION,
    SavedLabels,
    SavedView,
    SessionFile,
    write_session,
)
from napari_cmr.workflow.session.scan_link import reference_to
from napari_cmr.zoo import load
from napari_cmr.zoo.cards import sha256
from napari_cmr.zoo.choice import ModelChoice
from napari_cmr.zoo.folders import MODELS_VARIABLE
from napari_cmr.zoo.tasks.segmentation import Segmenter

Damage = Callable[[bytes, np.random.Generator], bytes]


@dataclass(frozen=True)
class Attack:
    """A file that is damaged, how, and what then reads it.

    Attributes
    ----------
    name : str
    file : Path
        Intact as it is made.
    damage : callable
        Content of the damaged file, from that of the intact one and a generator.
    read : callable
        Reads it: ``"done"`` or ``"refused"``; whatever it raises is a fault of the program.
    """

    name: str
    file: Path
    damage: Damage
    read: Callable[[], str]

    def strike(self, content: bytes, seed: int, index: int) -> str:
        """Damage the file and read it; ``content`` is that of the intact file."""
        self.file.write_bytes(self.damage(content, np.random.default_rng([seed, index])))
        with contextlib.chdir(self.file.parent):
            return self.read()


def command(*arguments: object) -> Callable[[], str]:
    """Run a command as a user would: status 0, or status 2 with one line on standard error."""

    def run() -> str:
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", ResourceWarning)  # as Python does for users
            status = root.app([str(one) for one in arguments], standalone_mode=False)
        said = err.getvalue().strip()
        assert "\x1b" not in out.getvalue() + said, "a terminal is steered"
        if not status:
            assert "Warning:" not in said, said
            return "done"
        assert status == root.BAD_INPUT, f"status {status}: {said}"
        assert said.startswith("napari-cmr: "), said
        assert "\n" not in said, said
        return "refused"

    return run


def refusable(read: Callable[[], Any]) -> Callable[[], str]:
    """What has no command: it succeeds, or raises a ScanError of one line."""

    def run() -> str:
        try:
            read()
        except ScanError as error:
            said = str(error)
        else:
            return "done"
        assert "\n" not in said, said
        return "refused"

    return run


# Damage to the parts of a file, rather than to its bytes alone.

_NUMBERS = (0, -1, 1, 2**31, 2**63, 10**30, 1e308, -1e-308, float("nan"), float("inf"))
_TEXTS = ("", "\x1b[31mred", "../../etc/passwd", "a" * 100_000, "\ud800", "a\x00b", "=1+1", "é\n")
_OTHERS: tuple[Any, ...] = (None, True, [], {}, [[[]]], [0] * 1000)
_DEEP, _DIGITS = "<deep>", "<digits>"


def json_values(content: bytes, rng: np.random.Generator) -> bytes:
    """Other values, and other keys, anywhere in JSON; every fourth time its bytes."""
    if rng.random() < 0.25:
        return mutate(content, rng, header=len(content))
    tree = json.loads(content)
    for _ in range(int(rng.integers(1, 4))):
        tree = _change(tree, rng)
    text = json.dumps(tree)
    deep = "[" * 50_000 + "]" * 50_000
    return text.replace(f'"{_DEEP}"', deep).replace(f'"{_DIGITS}"', "9" * 5_000).encode()


def _change(tree: Any, rng: np.random.Generator) -> Any:
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if _is_list(tree) else ()
    if not keys or rng.random() < 0.1:
        return _nasty(tree, rng)
    key = keys[int(rng.integers(len(keys)))]
    fate = rng.random()
    if fate < 0.1:
        del tree[key]
    elif fate < 0.15 and isinstance(tree, dict):
        tree[f"{key}s"] = tree.pop(key)
    else:
        tree[key] = _change(tree[key], rng)
    return tree


def _is_list(tree: Any) -> bool:
    return isinstance(tree, list)


def _nasty(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, int | float) and rng.random() < 0.5:
        return _NUMBERS[int(rng.integers(len(_NUMBERS)))]
    if isinstance(value, str) and rng.random() < 0.5:
        return _TEXTS[int(rng.integers(len(_TEXTS)))]
    every = (*_NUMBERS, *_TEXTS, *_OTHERS, _DEEP, _DIGITS)
    return deepcopy(every[int(rng.integers(len(every)))])  # which may be changed next


def in_bytes(header: int) -> Damage:
    """Damage to bytes, most of all to the first ones."""
    return lambda content, rng: mutate(content, rng, header=header)


def in_gzip(header: int) -> Damage:
    """Damage to a compressed file, or half of the time to what is in it."""

    def damage(content: bytes, rng: np.random.Generator) -> bytes:
        if rng.random() < 0.5:
            return mutate(content, rng, header=header)
        return gzip.compress(mutate(gzip.decompress(content), rng, header=header), 1)

    return damage


def in_png(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage to a PNG, after which most of the time its checksums are right again."""
    damaged = mutate(content, rng, header=64)
    if rng.random() < 0.3:
        return damaged
    parts, at = [content[:8]], 8
    while at + 8 <= len(damaged) and len(parts) < 50:
        (length,) = struct.unpack(">I", damaged[at : at + 4])
        body = damaged[at + 4 : at + 8 + length]
        parts.append(struct.pack(">I", length) + body + struct.pack(">I", zlib.crc32(body)))
        at += 12 + length
    return b"".join(parts)


def in_safetensors(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage to the header of a file of weights, its numbers, or its bytes."""
    fate = rng.random()
    length = int.from_bytes(content[:8], "little")
    header, body = content[8 : 8 + length], content[8 + length :]
    if fate < 0.4:
        header = json_values(header, rng)
    elif fate < 0.7:
        body = mutate(body, rng, header=len(body))
    else:
        return mutate(content, rng, header=8 + length)
    return len(header).to_bytes(8, "little") + header + body


def in_hdf5_text(name: str) -> Damage:
    """Damage to the text of one data set of an HDF5 file."""

    def damage(content: bytes, rng: np.random.Generator) -> bytes:
        memory = io.BytesIO(content)
        with h5py.File(memory, "r+") as file:
            text = file[name][0]
            file[name][0] = mutate(text, rng, header=len(text)).replace(b"\0", b" ")
        return memory.getvalue()

    return damage


# The files, each with the command that a user would give.


def _nifti(folder: Path) -> list[Attack]:
    image = random_image((12, 10, 3, 4))
    for name in ("plain", "packed"):
        (folder / name).mkdir()
    plain = write_nifti(folder / "plain" / "cine.nii", image)
    packed = write_nifti(folder / "packed" / "cine.nii.gz", image)
    return [
        Attack("NIfTI", plain, in_bytes(352), command("info", plain)),
        Attack("NIfTI, gz", packed, in_gzip(352), command("info", packed)),
    ]


def _labels(folder: Path) -> list[Attack]:
    cine = folder / "cine.nii.gz"
    scan = make_scan(n_frames=2, n_slices=2, shape=(16, 16))
    save_image(cine, scan.image, scan)
    own, other = folder / "a.nii.gz", folder / "b.nii"
    for path in (own, other):
        save_labels(path, scan.labels, scan)
    mask = folder / "mask.nii.gz"
    still = scan.with_(
        image=scan.image[:1],
        labels=scan.labels[:1],
        labelled_frames=(0,),
        kind="lge",
        frame_times_ms=None,
    )
    save_image(folder / "lge.nii.gz", still.image, still)
    for path in (folder / "wall.nii.gz", mask):
        save_labels(path, still.labels, still)
    wall = folder / "wall.nii.gz"
    measured = command("measure", cine, "--labels", own)
    compared = command("compare", other, own, "--scan", cine)
    found = command("scar", folder / "lge.nii.gz", "--labels", wall, "--remote", mask)
    return [
        Attack("labels, measured", own, in_gzip(352), measured),
        Attack("labels, compared", other, in_bytes(352), compared),
        Attack("mask of remote muscle", mask, in_gzip(352), found),
    ]


def _data_sets(folder: Path) -> list[Attack]:
    acdc = write_acdc(folder / "patient001")
    made = [
        Attack("ACDC, Info.cfg", acdc / "Info.cfg", in_bytes(200), command("info", acdc)),
        Attack(
            "ACDC, labels",
            acdc / "patient001_frame03_gt.nii.gz",
            in_gzip(352),
            command("measure", acdc),
        ),
    ]
    atrium = folder / "case01.npz"
    stack = np.random.default_rng(5).integers(0, 255, (3, 12, 10)).astype(np.uint8)
    np.savez_compressed(atrium, image=stack, label=(stack > 200).astype(np.uint8))
    emidec = folder / "emidec"
    for kind, grey in (("images", 200), ("labels", 3)):
        (emidec / kind).mkdir(parents=True)
        for z in range(3):
            pixels = np.random.default_rng(z).integers(0, grey, (12, 10)).astype(np.uint8)
            Image.fromarray(pixels).save(emidec / kind / f"Case_P002_slice{z:03d}.png")
    pictures = [emidec / kind / "Case_P002_slice001.png" for kind in ("images", "labels")]
    return [
        *made,
        Attack("left atrium", atrium, mutate, command("info", atrium)),
        Attack("PNG, image", pictures[0], in_png, refusable(lambda: open_scan(emidec))),
        Attack("PNG, labels", pictures[1], in_png, command("info", emidec)),
    ]


def _dicom(folder: Path) -> list[Attack]:
    (folder / "study").mkdir()
    alone = df.save(df.image(0, 0, 1, RescaleSlope=2), folder / "alone.dcm")
    among = df.write_cine(folder / "study", n_slices=2, n_frames=4)[5]
    enhanced = df.save(df.enhanced(2, 3), folder / "enhanced.dcm")
    data = df.image(0, 0, 1)
    df.save(data, folder / "packed.dcm")
    data.compress(RLELossless, generate_instance_uid=False)
    packed = df.save(data, folder / "packed.dcm", RLELossless)
    return [
        Attack("DICOM", alone, in_bytes(1500), command("info", alone)),
        Attack("DICOM, one of a study", among, in_bytes(1500), command("info", among.parent)),
        Attack("DICOM, enhanced", enhanced, in_bytes(4000), command("info", enhanced)),
        Attack("DICOM, compressed", packed, in_bytes(3000), command("info", packed)),
    ]


def _raw(folder: Path) -> list[Attack]:
    kspace = forward(coil_images((3, 2, 8, 6), 2)).astype(np.complex64)
    for name in ("old", "packed", "beside"):
        (folder / name).mkdir()
    new = write_cmrxrecon(folder / "cine.mat", kspace)
    old, packed = folder / "old" / "cine.mat", folder / "packed" / "cine.mat"
    savemat(old, {"kspace_full": kspace.T})
    savemat(packed, {"kspace_full": kspace.T}, do_compression=True)
    whole = write_cmrxrecon(folder / "beside" / "cine.mat", kspace)
    mask = folder / "beside" / "cine_mask.mat"
    savemat(mask, {"mask": np.ones((6, 8), np.uint8)})
    mrd = write_ismrmrd(folder / "cine.h5", coil_images((2, 2, 6, 8), 2))
    header = write_ismrmrd(folder / "header.h5", coil_images((2, 2, 6, 8), 2))

    def opened(path: Path) -> Callable[[], str]:
        return refusable(lambda: open_scan(path))

    return [
        Attack("MATLAB 7.3", new, in_bytes(4096), command("info", new)),
        Attack("MATLAB 5", old, in_bytes(400), opened(old)),
        Attack("MATLAB 5, compressed", packed, in_bytes(400), opened(packed)),
        Attack("mask of lines", mask, in_bytes(300), opened(whole)),
        Attack("ISMRMRD", mrd, in_bytes(8192), command("info", mrd)),
        Attack("ISMRMRD, header", header, in_hdf5_text("dataset/xml"), opened(header)),
    ]


def _models(folder: Path) -> list[Attack]:
    write_lively_models(folder)
    os.environ[MODELS_VARIABLE] = str(folder)
    weights = folder / "pooled-net-live.safetensors"
    card = weights.with_suffix(".json")
    intact = card.read_bytes()
    choice = ModelChoice(name="pooled-net", device="cpu")
    scan = make_scan(n_frames=2, n_slices=1, shape=(16, 16), labels=False)

    def segment() -> None:
        """With a card that vouches for the damaged weights."""
        said = json.loads(intact) | {"sha256": sha256(weights)}
        card.write_text(json.dumps(said))
        try:
            segment_cine(undersample(scan, Acquisition()), choice)
        finally:
            card.write_bytes(intact)

    def listed() -> str:
        command("models")()
        return refusable(lambda: load(choice, Segmenter))()

    network = find("dc-cnn").build(find("dc-cnn").recipe("paper").architecture)
    published = folder / "d5_c5.npz"
    numbers = [value.numpy() for value in network.state_dict().values()]
    np.savez(published, **{f"arr_{place}": value for place, value in enumerate(numbers)})
    imported = command("import-weights", "dc-cnn", published, "--out", folder / "x", "--force")
    split = folder / "last.ckpt"
    write_file(split, bytes(range(256)) * 8, largest=1000)

    def joined() -> None:
        with whole(split) as file:
            file.read_bytes()

    return [
        Attack("published weights", published, in_bytes(600), imported),
        Attack("card", card, json_values, listed),
        Attack("index of parts", index_of(split), json_values, refusable(joined)),
        Attack("part", min(folder.glob("last.ckpt.*-of-*")), in_bytes(1000), refusable(joined)),
        Attack("weights", weights, in_safetensors, refusable(segment)),
    ]


def _sessions(folder: Path) -> list[Attack]:
    drawn = make_scan(n_frames=2, n_slices=2, shape=(16, 16))
    save_image(folder / "cine.nii.gz", drawn.image, drawn)
    scan = open_scan(folder / "cine.nii.gz")
    path = folder / "heart.cmr-session.json"
    session = SessionFile(
        format=FORMAT,
        version=VERSION,
        scan=reference_to(scan, path),
        acquisition=Acquisition(n_lines=5, toggled=frozenset({(0, 1)})),
        labels=(SavedLabels.of("Drawn", drawn.labels, accepted=np.ones((2, 2), bool)),),
        measured=0,
        view=SavedView(frame=1),
    )
    write_session(path, session)
    again = command("replay", path, "--stored", "--force", "-o", folder / "x.nii")
    page = folder / "page.cmr-session.json"
    write_session(page, session)
    report = command("report", page, "--force", "-o", folder / "x.html")
    return [
        Attack("session, replayed", path, json_values, again),
        Attack("session, reported", page, json_values, report),
    ]


def _autosave(folder: Path) -> list[Attack]:
    scan = make_scan(n_frames=2, n_slices=2, shape=(16, 16))

    def one(name: str, ending: str, damage: Damage) -> Attack:
        own = folder / name / "0123456789abcdef"
        own.mkdir(parents=True)
        accepted = np.zeros(scan.shape[:2], bool)
        kept, other = (
            keep(own, key, scan, layer_name=key, labels=scan.labels, accepted=accepted)
            for key in ("damaged", "other")
        )

        def recover() -> None:
            os.environ[FOLDER_VARIABLE] = str(folder / name)
            found = left_behind()
            assert other.record in [known.record for known in found], "hidden by a damaged one"
            for known in found:
                if known.local_time and known.record == kept.record:
                    read_kept(known, scan)

        file = kept.record.with_suffix(ending)
        return Attack(f"autosave, {name}", file, damage, refusable(recover))

    return [
        one("record", ".json", json_values),
        one("arrays", ".npz", in_bytes(300)),
    ]


def _results(folder: Path) -> list[Attack]:
    store = ResultStore(folder)
    part = Part("accuracy", "pooled-net", "abc")
    store.save(Result("patient001", "NOR", part, {"dice": 0.9}, {"codes": np.zeros(3)}))
    record = store.folder / "patient001.accuracy.pooled-net.json"
    loaded = refusable(lambda: store.load("patient001", part))
    return [
        Attack("result, record", record, json_values, loaded),
        Attack("result, arrays", record.with_suffix(".npz"), in_bytes(300), loaded),
    ]


def _reading(folder: Path) -> list[Attack]:
    study = small_study(folder)
    ratings = rate_all(study, "r1").path
    image = study.path / "images" / f"{study.study.items[0].id}.npy"
    summary = command("reading-panel", "summarise", study.path, "--force")

    def see() -> None:
        opened = open_study(study.path)
        opened.image(image.stem)
        PanelReading(opened, "r1")

    return [
        Attack("reading study", study.path / "study.json", json_values, refusable(see)),
        Attack("image of a study", image, in_bytes(128), refusable(see)),
        Attack("ratings", ratings, json_values, refusable(see)),
        Attack("key of a study", study.path / "key.json", json_values, summary),
    ]


def _tables(folder: Path) -> list[Attack]:
    """A folder that was segmented before, whose records are read again."""
    scans, out = folder / "scans", folder / "out"
    scans.mkdir()
    made = make_scan(n_frames=2, n_slices=1, shape=(16, 16), labels=False)
    save_image(scans / "cine.nii.gz", made.image, made)
    settings = SegmentationSettings(model=ModelChoice(name="pooled-net", device="cpu"), views=1)

    def again() -> None:
        segment_folder(scans, out, settings, report=lambda _: None)

    again()
    (record,) = (out / "labels").glob("*.json")
    return [
        Attack("table, record of a scan", record, json_values, refusable(again)),
        Attack("table, CSV", out / "function.csv", in_bytes(300), refusable(again)),
    ]


_MAKERS = (
    _nifti,
    _labels,
    _data_sets,
    _dicom,
    _raw,
    _models,
    _sessions,
    _autosave,
    _results,
    _reading,
    _tables,
)


def all_attacks(folder: Path, *, raw: bool = True) -> list[Attack]:
    """Every kind of file, intact, in a folder; those read in a process of their own as asked.

    The environment points at models and a folder of kept labels in there from now on.
    """
    made = []
    for maker in _MAKERS:
        if maker is _raw and not raw:
            continue
        place = folder / maker.__name__.strip("_")
        place.mkdir(parents=True)
        made += maker(place)
    return made
