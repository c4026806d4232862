import csv

from napari_cmr.cohort.tables import beside, line_order, markdown_table, number, write_csv


def test_rows_have_the_columns_of_all_and_full_for_all_lines(tmp_path):
    path = tmp_path / "table.csv"
    write_csv(path, [{"subject": "a", "n_lines": None}, {"subject": "b", "n_lines": 8, "ef": 0.5}])
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"subject": "a", "n_lines": "full", "ef": ""}
    assert rows[1] == {"subject": "b", "n_lines": "8", "ef": "0.5"}


def test_markdown_has_numbers_to_the_right():
    assert markdown_table(["model", "LV"], [["net", "0.9"]]).splitlines() == [
        "| model | LV |",
        "| --- | ---: |",
        "| net | 0.9 |",
    ]


def test_unknown_numbers_are_dashes_and_published_ones_stand_behind():
    assert (number(None), number(1.26)) == ("–", "1.3")
    assert (beside(1.0, None), beside(1.0, 2.0), beside(None, 2.0)) == (
        "1.0",
        "1.0 (2.0)",
        "– (2.0)",
    )


def test_all_lines_come_last():
    assert sorted([None, 20, 1], key=line_order) == [1, 20, None]
