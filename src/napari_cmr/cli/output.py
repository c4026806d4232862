"""Tables of the command line: numbers with units, frames counted from 1."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich import box
from rich.console import Console as _RichConsole
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from napari_cmr.cli.options import RESEARCH_USE_ONLY, printable
from napari_cmr.scan import Label, Scan
from napari_cmr.scan.index import ScanIndex
from napari_cmr.solvers import Solver
from napari_cmr.workflow.inventory import Description
from napari_cmr.workflow.measure.comparison import LabelComparison
from napari_cmr.zoo.cards import ModelCard

_MISSING_SHOWN = 8


class Console(_RichConsole):
    """Console on which no text from a file steers the terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Text to print: of cells, titles and sentences alike."""
        return super().render_str(printable(text), **options)


def print_info(description: Description) -> None:
    """Print what a path holds."""
    console = Console(highlight=False)
    index = description.index
    if index.format in ("DICOM", "EMIDEC"):
        _print_series(console, index, index.default if description.scan is not None else None)
        for one in (*index.stacks, *index.series):
            if one.missing:
                cells = ", ".join(
                    f"slice {z + 1} phase {t + 1}" for z, t in one.missing[:_MISSING_SHOWN]
                )
                more = len(one.missing) - _MISSING_SHOWN
                rest = f" and {more} more" if more > 0 else ""
                _say(console, f"Missing in {one.key}: {cells}{rest}.")
    if description.scan is not None:
        _print_scan(console, description.scan)
    if description.problem:
        _say(console, f"Cannot be opened: {description.problem}")
    notes = [*index.notes, *(description.scan.notes if description.scan is not None else ())]
    _print_list(console, "Note", dict.fromkeys(map(str, notes)))
    console.print(RESEARCH_USE_ONLY)


def _print_series(console: Console, index: ScanIndex, opens: str | None) -> None:
    table = Table(
        title=f"{index.n_series} series, {len(index.stacks)} assembled",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in ("key", "view", "slices", "phases", "matrix", "dz mm", "complete"):
        table.add_column(column, no_wrap=True)
    table.add_column("description", overflow="fold")
    for one in (*index.stacks, *index.series):
        table.add_row(
            escape(one.key) + (" *" if one.key == opens else ""),
            one.view,
            str(one.n_slices),
            str(one.n_frames),
            f"{one.shape[0]} x {one.shape[1]}",
            "-" if one.spacing is None else f"{one.spacing[0]:.1f}",
            "yes" if one.is_complete else f"{len(one.missing)} missing",
            escape(f"patient {one.patient}: " * (index.n_patients > 1) + one.description),
        )
    console.print(table)
    if opens is not None:
        console.print("* opens if no series is chosen.")
    for stack in index.stacks:
        _say(console, f"{stack.key} is made of series {', '.join(stack.members)}.")


def _print_scan(console: Console, scan: Scan) -> None:
    dz, dy, dx = scan.spacing
    table = Table(show_header=False, box=None, pad_edge=False)
    subject = scan.subject
    facts: list[tuple[str, str]] = [
        ("scan", scan.name + (" (synthetic)" if scan.synthetic else "")),
        ("kind", scan.kind + (", complex" if scan.image.dtype.kind == "c" else "")),
        ("frames x slices", f"{scan.n_frames} x {scan.n_slices}"),
        ("matrix (Y x X)", f"{scan.shape[2]} x {scan.shape[3]}"),
        ("pixel (Y x X)", f"{dy:.2f} x {dx:.2f} mm"),
        ("between slices", f"{dz:.1f} mm"),
        ("k-space lines", f"{scan.n_phase_encodes} per frame, along {scan.phase_encode_axis}"),
    ]
    if scan.cycle_ms:
        facts.append(("heart cycle", f"{scan.cycle_ms:.0f} ms ({60_000 / scan.cycle_ms:.0f}/min)"))
    if scan.labels is not None:
        present = [label.name for label in Label if label and (scan.labels == label).any()]
        facts.append(
            (
                "labels",
                f"{', '.join(present) or 'none'} in {_frames(scan.labelled_frames, scan)}",
            )
        )
    for name, frame in (("ED marked", scan.ed_frame), ("ES marked", scan.es_frame)):
        if frame is not None:
            facts.append((name, _frame(frame, scan.source_frames)))
    person = [
        text
        for value, text in (
            (subject.sex, f"{subject.sex}"),
            (subject.age_years, f"{subject.age_years:.0f} years" if subject.age_years else ""),
            (subject.height_cm, f"{subject.height_cm:.0f} cm" if subject.height_cm else ""),
            (subject.weight_kg, f"{subject.weight_kg:.0f} kg" if subject.weight_kg else ""),
            (subject.group, f"group {subject.group}"),
        )
        if value
    ]
    if person:
        facts.append(("subject", ", ".join(person)))
    for name, value in facts:
        table.add_row(name, escape(value))
    console.print(table)


def print_measurement(record: dict[str, Any]) -> None:
    """Print what :func:`napari_cmr.workflow.measure.function.measurement_record` holds."""
    console = Console(highlight=False)
    normal = record["normal"]
    table = Table(title=escape(record["scan"]), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    for ventricle in ("LV", "RV"):
        table.add_column(ventricle, justify="right")
    for key, name, unit in (
        ("edv_ml", "EDV", "mL"),
        ("esv_ml", "ESV", "mL"),
        ("sv_ml", "SV", "mL"),
        ("ef_percent", "EF", "%"),
        ("edv_index_ml_m2", "EDV index", "mL/m2"),
        ("esv_index_ml_m2", "ESV index", "mL/m2"),
        ("sv_index_ml_m2", "SV index", "mL/m2"),
    ):
        _add_numbers(table, record, normal, key, name=f"{name} ({unit})", digits=0)
    if any(both := [record.get(f"{side}_ef_interval_percent") for side in ("lv", "rv")]):
        ends = (f"{one[0]:.0f} - {one[1]:.0f}" if one else "-" for one in both)
        table.add_row("EF, 90 % interval (%)", *ends)
    _add_numbers(
        table, record, normal, "cardiac_output_l_min", name="Cardiac output (L/min)", digits=1
    )
    _add_numbers(
        table, record, normal, "cardiac_index_l_min_m2", name="Cardiac index (L/min/m2)", digits=1
    )
    for key, name in (("ed_frame", "ED frame"), ("es_frame", "ES frame")):
        frames = [record[side][key] for side in ("lv", "rv")]
        table.add_row(
            name,
            *("-" if one is None else _frame(one, record["source_frames"]) for one in frames),
        )
    for key, name in (("lv_mass_g", "Mass (g)"), ("lv_mass_index_g_m2", "Mass index (g/m2)")):
        if record[key] is not None:
            table.add_row(name, _number(record[key], normal.get(key), 0), "")
    console.print(table)
    if normal:
        _say(
            console,
            f"In brackets: percentile among healthy adults ({record['sex']}); "
            "--json names the studies.",
        )
    _print_list(console, "Warning", record["warnings"])
    _print_list(console, "Note", record["notes"])
    if record["synthetic"]:
        console.print("A synthetic heart.")
    console.print(RESEARCH_USE_ONLY)


def _add_numbers(
    table: Table,
    record: dict[str, Any],
    normal: dict[str, Any],
    key: str,
    *,
    name: str,
    digits: int,
) -> None:
    values = [record[side][key] for side in ("lv", "rv")]
    if all(value is None for value in values) and key not in ("edv_ml", "ef_percent"):
        return
    compared = [normal.get(f"{side}.{key}") for side in ("lv", "rv")]
    table.add_row(
        name,
        *(_number(value, one, digits) for value, one in zip(values, compared, strict=True)),
    )


def _number(value: float | None, compared: dict[str, Any] | None, digits: int) -> str:
    if value is None:
        return "-"
    place = f" (p{compared['percentile']:.0f})" if compared else ""
    return f"{value:.{digits}f}{place}"


def _frame(frame: int, source_frames: Sequence[int] | None) -> str:
    of_cine = f" (cine frame {source_frames[frame] + 1})" if source_frames else ""
    return f"{frame + 1}{of_cine}"


def _frames(frames: Sequence[int], scan: Scan) -> str:
    if len(frames) == scan.n_frames:
        return "every frame" if len(frames) > 1 else "its frame"
    return "frame " + ", ".join(str(frame + 1) for frame in frames)


def _print_list(console: Console, name: str, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        _say(console, f"{name}: {sentence}")


def _say(console: Console, sentence: str) -> None:
    # No line breaks of our own: a console wraps, and a pipe is easier to search without.
    console.print(escape(sentence), soft_wrap=True)


def print_comparison(comparison: LabelComparison) -> None:
    """Print how two label sets differ."""
    console = Console(highlight=False)
    record = comparison.to_dict()
    first, second = comparison.names
    n_frames = len(comparison.frames)
    table = Table(
        title=escape(f"{second} beside {first}, {n_frames} frame{'s' if n_frames > 1 else ''}"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    for column in ("", "Dice", "mean mm", "largest mm", "in one only"):
        table.add_column(column, justify="right" if column else "left")
    for label in (Label.LV, Label.MYO, Label.RV):
        one = record["labels"][label.name.lower()]
        table.add_row(
            label.name,
            _or_dash(one["dice"], ".3f"),
            _or_dash(one["mean_contour_mm"], ".2f"),
            _or_dash(one["hausdorff_mm"], ".1f"),
            str(one["slices_in_one_only"]),
        )
    console.print(table)
    for side in ("lv", "rv"):
        numbers = record["difference"][side]
        if any(value is not None for value in numbers.values()):
            _say(
                console,
                f"{side.upper()}, second minus first: "
                f"EDV {_or_dash(numbers['edv_ml'], '+.1f')} mL, "
                f"ESV {_or_dash(numbers['esv_ml'], '+.1f')} mL, "
                f"EF {_or_dash(numbers['ef_percent'], '+.1f')} points",
            )
    for worst in comparison.worst():
        _say(
            console,
            f"Worst contour: {worst.label.name} in slice {worst.slice + 1}, frame "
            f"{worst.frame + 1}, {worst.hausdorff_mm:.1f} mm apart",
        )
    _print_list(console, "Note", record["notes"])
    console.print(RESEARCH_USE_ONLY)


def _or_dash(value: float | None, form: str) -> str:
    """Number in a format, a dash if there is none, and no sign on a zero."""
    if value is None:
        return "-"
    text = format(value, form)
    return text if float(text) else text.lstrip("+-")


def print_scar(record: dict[str, Any]) -> None:
    """Print what :func:`napari_cmr.workflow.measure.scar.scar_record` holds."""
    console = Console(highlight=False)
    how = f"{record['n']:g}-SD" if record["method"] == "nsd" else record["method"].upper()
    title = f"{escape(record['scan'])}: scar by {how}, {record['remote_from']} remote muscle"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    reference = record["reference"]
    for column in ("", "found", "labels" if reference else ""):
        table.add_column(column, justify="right" if column else "left")
    for key, name, unit in (
        ("myocardium_g", "Myocardium", "g"),
        ("scar_g", "Scar with its core", "g"),
        ("scar_percent", "Scar", "% of LV"),
        ("no_reflow_g", "No-reflow", "g"),
    ):
        beside = f"{reference[key]:.1f}" if reference else ""
        table.add_row(f"{name} ({unit})", f"{record[key]:.1f}", beside)
    console.print(table)
    hit = [one for one in record["segments"] if (one["scar_percent"] or 0) > 0]
    if hit:
        segments = Table(box=box.SIMPLE_HEAD)
        for column in ("segment", "scar %", "transmurality %"):
            segments.add_column(column, justify="left" if column == "segment" else "right")
        for one in hit:
            parts = (f"{one[key]:.0f}" for key in ("scar_percent", "transmurality_percent"))
            segments.add_row(f"{one['segment']} {one['name']}", *parts)
        console.print(segments)
    curve = ", ".join(f"{one['n']:g} SD {one['scar_g']:.1f} g" for one in record["sensitivity"])
    others, automatic = (
        record[f"scar_g_by_{key}"] for key in ("other_methods", "automatic_remote")
    )
    drawn = "" if automatic is None else f"; with automatic remote muscle {automatic:.1f} g"
    _say(console, f"Scar mass by other thresholds, n-SD: {curve}.")
    _say(console, f"FWHM {others['fwhm']:.1f} g, Otsu {others['otsu']:.1f} g{drawn}.")
    _print_list(console, "Warning", record["warnings"])
    _print_list(console, "Note", record["notes"])
    if record["synthetic"]:
        console.print("A synthetic heart.")
    console.print(RESEARCH_USE_ONLY)


def print_still(record: dict[str, Any]) -> None:
    """Print what ``save_lge`` returns: one frame, no function."""
    console = Console(highlight=False)
    table = Table(title=escape(record["scan"]), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("", justify="right")
    if record["left_atrium_ml"] is not None:
        table.add_row("left atrium's cavity (mL)", _whole(record["left_atrium_ml"]))
    else:
        for side, name in (("lv", "LV cavity (mL)"), ("rv", "RV cavity (mL)")):
            table.add_row(name, _whole(record[side]["volumes_ml"][0]))
        table.add_row("LV mass, scar in it (g)", _whole(record["lv_mass_g"]))
    console.print(table)
    _print_list(console, "Warning", record["warnings"])
    _print_list(console, "Note", record["notes"])
    console.print(RESEARCH_USE_ONLY)


def _whole(value: float | None) -> str:
    """Whole mL or g, or a dash where there is none."""
    return "-" if value is None else f"{value:.0f}"


def print_models(cards: Sequence[ModelCard]) -> None:
    """Print the models that can be run, and what they learned from."""
    console = Console(highlight=False)
    if not cards:
        console.print("No trained models are here; 'napari-cmr train' makes one.")
        return
    table = Table(box=box.SIMPLE_HEAD, leading=1)
    table.add_column("Model", no_wrap=True)
    table.add_column("What it does, what it learned from, and its licence", overflow="fold")
    for card in cards:
        said = f"{card.description}\n{card.trained_on}\n{card.licence}"
        table.add_row(f"{escape(card.name)}\n{card.preset}", escape(said))
    console.print(table)
    console.print(RESEARCH_USE_ONLY)


def print_methods(methods: Sequence[Solver]) -> None:
    """Print the ways to reconstruct images."""
    console = Console(highlight=False)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Method", no_wrap=True)
    for heading in ("For", "Settings"):
        table.add_column(heading, no_wrap=True)
    table.add_column("What it is, and who described it", overflow="fold")
    for solver in methods:
        settings = "\n".join(f"{name}={value}" for name, value in solver.settings())
        what = "\n".join(filter(None, (solver.title, solver.publication, solver.invents)))
        table.add_row(*map(escape, (solver.name, _takes(solver), settings, what)))
    console.print(table)
    console.print(RESEARCH_USE_ONLY)


def _takes(solver: Solver) -> str:
    """Which scans a method is for."""
    kinds = {"cines": True, "stills": False}
    return ", ".join(kind for kind, cine in kinds.items() if solver.takes(cine=cine))


@contextmanager
def evaluation_progress(of: str = "subjects") -> Iterator[Callable[[int, int, str], None]]:
    """Show a bar of subjects on standard error; yields what to tell it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(of, total=None)

    def tell(done: int, total: int, name: str) -> None:
        bar.start()  # not before there is something to show: a wrong option needs no bar
        description = f"{of} (last: {escape(printable(name))})" if name else of
        bar.update(task, completed=done, total=total, description=description)

    try:
        yield tell
    finally:
        if bar.live.is_started:
            bar.stop()
