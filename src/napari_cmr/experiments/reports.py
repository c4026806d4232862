"""Tables, figures and one page for each experiment."""

from dataclasses import dataclass
from pathlib import Path

import napari_cmr
from napari_cmr.cohort.store import Result
from napari_cmr.cohort.subjects import Split
from napari_cmr.cohort.tables import (
    Row,
    beside,
    line_order,
    markdown_table,
    number,
    shown_lines,
    write_csv,
)
from napari_cmr.experiments import accuracy, consistency, figures, latent
from napari_cmr.experiments.certainty.confidence_accuracy import confidence_section
from napari_cmr.experiments.published import (
    CITATION,
    EF_CORRELATION_AT_20,
    PERCENT_ERRORS,
    SHAPE_DISTANCES,
)
from napari_cmr.experiments.settings import EvaluationSettings, Experiment
from napari_cmr.scan import atomic_path
from napari_cmr.zoo import ModelCard

TABLE_LINES = (1, 10, 20, None)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Everything that the pages say.

    Attributes
    ----------
    settings : EvaluationSettings
    cards : dict of str to ModelCard
    localiser : ModelCard
    split : {"validation", "training", "all"}
    subjects : tuple of str
        All that were asked for.
    training : frozenset of str
        Subjects of the cohort's training part.
    failures : tuple of (str, str)
        Subject and reason.
    results : tuple of Result
    command : str or None
    """

    settings: EvaluationSettings
    cards: dict[str, ModelCard]
    localiser: ModelCard
    split: Split
    subjects: tuple[str, ...]
    training: frozenset[str]
    failures: tuple[tuple[str, str], ...]
    results: tuple[Result, ...]
    command: str | None = None

    def of(self, experiment: Experiment) -> list[Result]:
        """Results of one experiment."""
        return [one for one in self.results if one.part.experiment == experiment]


def write_reports(evaluation: Evaluation, out: Path) -> list[Path]:
    """Write CSV, PNG and Markdown of every experiment that has results; the pages' paths."""
    writers = {"accuracy": _accuracy, "consistency": _consistency, "latent": _latent}
    pages = []
    for experiment in evaluation.settings.experiments:
        results = evaluation.of(experiment)
        if results:
            body = writers[experiment](evaluation, results, out)
            page = out / f"{experiment}.md"
            with atomic_path(page) as temporary:
                temporary.write_text(
                    f"{body}\n\n{_provenance(evaluation, results)}\n",
                    encoding="utf-8",
                    errors="replace",
                )
            pages.append(page)
    return pages


def _accuracy(evaluation: Evaluation, results: list[Result], out: Path) -> str:
    scores = accuracy.dice_summary(results)
    function = accuracy.function_rows(results)
    agreed = accuracy.function_summary(function)
    write_csv(out / "accuracy_dice_subjects.csv", accuracy.dice_rows(results))
    write_csv(out / "accuracy_dice.csv", scores)
    write_csv(out / "accuracy_function_subjects.csv", function)
    write_csv(
        out / "accuracy_function.csv",
        [
            row | {"published": PERCENT_ERRORS.get((row["model"], row["quantity"], row["n_lines"]))}
            for row in agreed
        ],
    )
    figures.draw_dice(scores, out / "accuracy_dice.png")
    figures.draw_ef(function, agreed, out / "accuracy_ef.png")
    return "\n\n".join(
        [
            "# Accuracy: Dice and clinical parameters against lines per frame",
            "Every frame keeps only so many k-space lines; the heart is found and segmented in "
            "what they give, and compared with the reference labels at ED and ES. Dice counts all "
            "slices of a frame together.",
            "![Dice against lines per frame](accuracy_dice.png)",
            "## Dice, mean ± SD over subjects (ED and ES together)",
            _dice_table(scores),
            "## Mean percent error of clinical parameters",
            f"At the reference's ED and ES frames. In brackets: Table 1 of {CITATION}; there each "
            "number of lines had a network fine-tuned for it, and the cohort was UK Biobank, with "
            "labels made by another network. Its ESV and EDV columns may be swapped: relative "
            "errors of the smaller volume read lower there, for both ventricles.",
            _error_table(agreed),
            "## Ejection fraction of the LV",
            "![EF: correlation and Bland-Altman](accuracy_ef.png)",
            "Bias and limits of agreement (bias ± 1.96 SD) of measured minus reference, in points "
            "of EF. *Own frames*: ED and ES are the largest and smallest LV that was predicted, as "
            "in use, not those of the reference. Undefined: no LV was found at ED or at ES. "
            "The figure counts what lies beyond its axes. "
            f"The paper reports r = {EF_CORRELATION_AT_20} at 20 lines for both of its models.",
            _ef_table(agreed),
            *_intervals(results, out),
            *confidence_section(results, out),
        ]
    )


def _intervals(results: list[Result], out: Path) -> list[str]:
    rows = accuracy.interval_summary(results)
    if not rows:
        return []
    write_csv(out / "accuracy_ef_intervals.csv", rows)
    return [
        "## Intervals of the ejection fractions",
        "From how far the border of the cavity is in doubt. How many times as far an interval "
        "reaches is in the model's card; it was chosen on ACDC's validation patients too, for nine "
        "in ten, so that on these the count is no independent test. The card tells the coverage "
        "with each subject left out.",
        markdown_table(
            ["model", "EF", "lines", "reference inside", "median width (points)"],
            [
                [
                    row["model"],
                    row["ventricle"],
                    shown_lines(row["n_lines"]),
                    f"{row['held']} of {row['n']}",
                    number(row["median_width"], 1),
                ]
                for row in rows
            ],
        ),
    ]


def _dice_table(scores: list[Row]) -> str:
    rows = []
    for model in dict.fromkeys(row["model"] for row in scores):
        of_model = [r for r in scores if r["model"] == model and r["phase"] == "ED+ES"]
        for n_lines in sorted({r["n_lines"] for r in of_model}, key=line_order):
            here = {r["label"]: r for r in of_model if r["n_lines"] == n_lines}
            cells = [
                f"{number(here[label]['mean'], 3)} ± {number(here[label]['sd'], 3)}"
                for label in ("LV", "MYO", "RV")
            ]
            rows.append([model, shown_lines(n_lines), str(here["LV"]["n"]), *cells])
    return markdown_table(["model", "lines", "subjects", "LV", "MYO", "RV"], rows)


def _error_table(agreed: list[Row]) -> str:
    quantities = ["LV ESV", "LV EDV", "RV ESV", "RV EDV", "LVM", "EF", "RV EF"]
    rows = []
    for model in dict.fromkeys(row["model"] for row in agreed):
        for n_lines in TABLE_LINES:
            here = {
                r["quantity"]: r for r in agreed if r["model"] == model and r["n_lines"] == n_lines
            }
            if here:
                rows.append(
                    [
                        model,
                        shown_lines(n_lines),
                        *(
                            beside(
                                here[q]["mean_percent_error"],
                                PERCENT_ERRORS.get((model, q, n_lines or 0)),
                            )
                            for q in quantities
                        ),
                    ]
                )
    return markdown_table(["model", "lines", *(f"{q} %" for q in quantities)], rows)


def _ef_table(agreed: list[Row]) -> str:
    rows = []
    for row in sorted(agreed, key=lambda r: line_order(r["n_lines"])):
        if row["quantity"] in {"EF", "EF (own frames)"} and row["n_lines"] in TABLE_LINES:
            rows.append(
                [
                    f"{row['model']}{', own frames' if row['quantity'] != 'EF' else ''}",
                    shown_lines(row["n_lines"]),
                    str(row["n"]),
                    str(row["undefined"]),
                    number(row["correlation"], 2),
                    number(row["bias"]),
                    f"{number(row['lower_limit'])} to {number(row['upper_limit'])}",
                    number(row["mean_absolute_error"]),
                    number(row["mean_percent_error"]),
                ]
            )
    columns = ["model", "lines", "n", "undefined", "r", "bias", "limits"]
    return markdown_table(
        [*columns, "mean abs. error", "mean error %"], sorted(rows, key=lambda row: row[0])
    )


def _consistency(evaluation: Evaluation, results: list[Result], out: Path) -> str:
    rows = [*consistency.within_rows(results), *consistency.between_rows(results)]
    summary = consistency.distance_summary(rows)
    tests = consistency.rank_sum_tests(rows)
    write_csv(out / "consistency_subjects.csv", rows)
    write_csv(
        out / "consistency.csv",
        [
            row
            | {
                f"{metric}_published": SHAPE_DISTANCES.get(
                    (row["model"], row["kind"], metric, row["label"], row["n_lines"])
                )
                for metric in consistency.METRICS
            }
            for row in summary
        ],
    )
    write_csv(out / "consistency_tests.csv", tests)
    figures.draw_distances(rows, out / "consistency.png")
    table = [
        [
            row["model"],
            row["kind"],
            row["label"],
            shown_lines(row["n_lines"]),
            str(row["n"]),
            *(
                beside(
                    row[metric],
                    SHAPE_DISTANCES.get(
                        (row["model"], row["kind"], metric, row["label"], row["n_lines"])
                    ),
                    2,
                )
                for metric in consistency.METRICS
            ),
            number(row["missing_percent"]),
        ]
        for row in summary
    ]
    columns = ["model", "subjects", "label", "lines", "n", "HD mm", "MD mm", "missing %"]
    compared = [
        [
            f"{test['first']} : {test['second']}",
            test["metric"],
            test["label"],
            shown_lines(test["n_lines"]),
            number(test["statistic"], 2),
            f"{test['p']:.2g}",
        ]
        for test in tests
    ]
    return "\n\n".join(
        [
            "# Consistency: how far labels wander under other random lines",
            f"Each subject is acquired {evaluation.settings.trials} times with other random lines "
            "and another synthetic phase; the heart is located and segmented again each time, in "
            "three slices (a quarter, half and three quarters along the LV) at ED and ES. The mean "
            "shape is the zero level of the mean signed distance. *Within*: distance of each "
            "prediction to the mean of its subject; low is consistent. *Between*: distance of each "
            "subject's mean to the mean of all, with the located hearts laid over each other; low "
            "would mean that the model draws the same heart for everyone.",
            "![Distances](consistency.png)",
            "MD: mean contour distance, HD: Hausdorff distance; MYO means its inner and outer "
            "border. Missing: share of slices in which a prediction lacks a label that the mean "
            f"has; they have no distance. In brackets: Table 2 of {CITATION} (100 masks a subject, "
            "100 subjects).",
            markdown_table(columns, table),
            "## Wilcoxon rank-sum test of within-subject distances",
            "Unpaired, two-sided, over subjects; a negative statistic means that the first model "
            "wanders less. P values are not corrected for the number of tests.",
            markdown_table(["models", "metric", "label", "lines", "statistic", "p"], compared)
            if compared
            else "There are not two models with distances to compare.",
        ]
    )


def _latent(evaluation: Evaluation, results: list[Result], out: Path) -> str:
    seed = evaluation.settings.seed
    rows = latent.figure_rows(results, seed=seed)
    separated = latent.separation_rows(results)
    training = set(evaluation.training)
    diagnosed, summary = latent.diagnosis_rows(results, training, seed=seed)
    write_csv(out / "latent_codes.csv", rows)
    write_csv(out / "latent_separation.csv", separated)
    sections = [
        "# Latent space: what the codes know",
        "Codes of LI-net's predictor, and Syn-net's activation before the first upsampling. Each "
        f"point is one acquisition of a mid-ventricular slice (codes at ED and ES), "
        f"{evaluation.settings.trials} a subject and number of lines. Fig. 4 of {CITATION} found "
        "subjects well apart for LI-net, and a drift with the number of lines for Syn-net.",
    ]
    if rows:
        figures.draw_codes(rows, out / "latent_codes.png")
        sections += [
            "![PCA and t-SNE of codes](latent_codes.png)",
            "## Are subjects apart?",
            "Silhouette of the codes over subjects: 1 far apart, 0 overlapping.",
            markdown_table(
                ["model", "lines", "subjects", "silhouette"],
                [
                    [
                        row["model"],
                        shown_lines(row["n_lines"]),
                        str(row["subjects"]),
                        number(row["silhouette"], 2),
                    ]
                    for row in separated
                ],
            ),
        ]
    sections.append("## Diagnosis from a few lines")
    if summary:
        write_csv(out / "latent_diagnosis_subjects.csv", diagnosed)
        write_csv(out / "latent_diagnosis.csv", summary)
        figures.draw_diagnosis(summary, out / "latent_diagnosis.png")
        sections += [
            "The paper's future work. Logistic regression on the code of the whole stack (mean "
            "over the slices in which a heart was predicted, at the frames of the largest and "
            f"smallest predicted LV); {summary[0]['how']}. Balanced accuracy is the mean of the "
            f"groups' recalls; with {summary[0]['n']} subjects, one more or less right changes it "
            f"by about {100 / summary[0]['n']:.0f} points.",
            "![Balanced accuracy](latent_diagnosis.png)",
            markdown_table(
                ["model", "lines", "n", "balanced accuracy %", "chance %"],
                [
                    [
                        row["model"],
                        shown_lines(row["n_lines"]),
                        str(row["n"]),
                        number(100 * row["balanced_accuracy"], 0),
                        number(100 * row["chance"], 0),
                    ]
                    for row in summary
                ],
            ),
        ]
    else:
        sections.append(
            "Not done: it takes at least two diagnosis groups of two subjects each (`Info.cfg`)."
        )
    return "\n\n".join(sections)


def _provenance(evaluation: Evaluation, results: list[Result]) -> str:
    settings = evaluation.settings
    done = list(dict.fromkeys(result.subject for result in results))
    seen = sorted(evaluation.training & set(done))
    lines = ["## How it was made", ""]
    if evaluation.command:
        lines += ["```sh", evaluation.command, "```", ""]
    lines += [
        f"- napari-cmr {napari_cmr.__version__}, seed {settings.seed}.",
        f"- {len(done)} of {len(evaluation.subjects)} subjects, split *{evaluation.split}*.",
        f"- Each ED/ES pair was made into a cine of {settings.n_frames} frames; whole cines were "
        "used as they are. In a made cine only ED and ES, image and labels, are real, and only "
        "these two frames are scored.",
        "- k-space is simulated: single coil, from magnitude images with a smooth synthetic phase, "
        "variable density, no noise added.",
    ]
    if seen:
        lines.append(
            f"- **{len(seen)} of these subjects belong to the training part**: shipped models have "
            "seen them, and numbers over them are not those of new patients."
        )
    lines += [f"- Left out: {subject} ({reason})." for subject, reason in evaluation.failures]
    models = dict.fromkeys(result.part.model for result in results)
    cards = [evaluation.cards[model] for model in models] + [evaluation.localiser]
    lines += [
        "",
        markdown_table(
            ["weights", "preset", "sha256"],
            [[card.name, card.preset, f"`{card.sha256}`"] for card in cards],
        ),
        "",
        "For research use only; not a medical device.",
    ]
    return "\n".join(lines)
