"""Compares every value of a dataset package with the archive it was made of.

python every_value.py ARCHIVE FOLDER TABLES, where TABLES is a file of JSON: [{"name", "key", "columns"}].
Prints JSON: {"cells": how many were compared, "differences": what was not the same, in words}.
Values are compared by their repr in the archive's form: times as microseconds, so that -0.0 is
not 0.0 and 1 is not True.
"""

import glob
import json
import os
import random
import sqlite3
import sys

import polars
import pyarrow
import pyarrow.compute
import pyarrow.csv
import pyarrow.dataset
import pyarrow.ipc
import pyarrow.parquet

MICROS = pyarrow.timestamp("us", "UTC")
ARROW_TYPES = {"text": pyarrow.string(), "json": pyarrow.string(), "int": pyarrow.int64(),
               "real": pyarrow.float64(), "bool": pyarrow.bool_(), "time": MICROS}
POLARS_TYPES = {"text": polars.String, "json": polars.String, "int": polars.Int64,
                "real": polars.Float64, "bool": polars.Boolean, "time": polars.String}


def archive_rows(archive, table):
    names = ", ".join(f'"{each["name"]}"' for each in table["columns"])
    rows = archive.execute(f'SELECT {names} FROM "{table["name"]}" ORDER BY {", ".join(table["key"])}')
    bools = [each["type"] == "bool" for each in table["columns"]]
    return [
        tuple(bool(cell) if is_bool and cell is not None else cell for cell, is_bool in zip(row, bools))
        for row in rows
    ]


def from_arrow(found, table):
    for each in table["columns"]:
        field = found.schema.field(each["name"])
        wanted = (ARROW_TYPES[each["type"]], not each["required"])
        if (field.type, field.nullable) != wanted:
            raise TypeError(f"{field} is not {wanted}")
    return as_rows([found[each["name"]] for each in table["columns"]])


def as_rows(columns):
    return list(zip(*(micros(each).to_pylist() for each in columns)))


def micros(column):
    return column.cast(pyarrow.int64()) if pyarrow.types.is_timestamp(column.type) else column


def from_polars(found, table):
    times = [each["name"] for each in table["columns"] if each["type"] == "time"]
    for name in times:
        if found.schema[name] != polars.Datetime("us", "UTC"):
            raise TypeError(f"{name} is {found.schema[name]}")
    names = [each["name"] for each in table["columns"]]
    return found.select(names).with_columns(polars.col(times).to_physical()).rows()


def parquet_readers(folder, table):
    path = f"{folder}/data/{table['name']}"
    path = path if os.path.isdir(path) else f"{path}.parquet"
    yield "pyarrow", from_arrow, lambda: pyarrow.parquet.read_table(path)
    yield "pyarrow.dataset", from_arrow, lambda: pyarrow.dataset.dataset(path, partitioning="hive").to_table()
    yield "polars", from_polars, lambda: polars.read_parquet(path)
    yield "polars, streamed", from_polars, lambda: polars.scan_parquet(path).collect(engine="streaming")


def other_readers(folder, table, rows):
    types = {each["name"]: each["type"] for each in table["columns"]}
    arrow, csv = f"{folder}/arrow/{table['name']}.arrow", f"{folder}/csv/{table['name']}.csv"
    yield "arrow, pyarrow", from_arrow, lambda: pyarrow.ipc.open_file(arrow).read_all()
    yield "arrow, polars", from_polars, lambda: polars.read_ipc(arrow)
    yield "csv, polars", from_polars, lambda: polars.read_csv(
        csv, schema_overrides={name: POLARS_TYPES[each] for name, each in types.items()}
    ).with_columns(
        polars.col(name).str.to_datetime("%+", time_unit="us", time_zone="UTC")
        for name, each in types.items() if each == "time"
    )
    if not any("\0" in cell for row in rows for cell in row if isinstance(cell, str)):
        # Its parser loses its place at a U+0000.
        yield "csv, pyarrow", as_told(from_arrow), lambda: pyarrow.csv.read_csv(
            csv,
            read_options=pyarrow.csv.ReadOptions(block_size=1 << 26),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: ARROW_TYPES[each] for name, each in types.items()},
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            ),
        )


def as_told(read):
    """CSV does not tell which columns are never NULL."""
    def read_told(found, table):
        return read(found, {**table, "columns": [{**each, "required": False} for each in table["columns"]]})
    return read_told


def chunk_differences(path):
    """Statistics of column chunks that are not those of their values."""
    file = pyarrow.parquet.ParquetFile(path)
    for group in range(file.num_row_groups):
        values = file.read_row_group(group)
        for place, name in enumerate(values.column_names):
            found = file.metadata.row_group(group).column(place).statistics
            cells = micros(values[name]).drop_null().to_pylist()
            if found is None or found.null_count != len(values) - len(cells):
                yield f"{path} {name}: {len(values) - len(cells)} NULLs, which it does not tell"
            elif found.has_min_max and cells:
                least, most = as_bytes(found.min_raw), as_bytes(found.max_raw)
                if least > min(map(as_bytes, cells)) or most < max(map(as_bytes, cells)):
                    yield f"{path} {name}: from {least!r} to {most!r} told"


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value


COMPARE = {
    "<": lambda one, other: one < other, "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other, ">=": lambda one, other: one >= other,
    "==": lambda one, other: one == other, "!=": lambda one, other: one != other,
}


def filter_differences(folder, table, rows, count):
    """Conditions, by which readers skip row groups, that do not find the rows they should."""
    path = f"{folder}/data/{table['name']}"
    path = path if os.path.isdir(path) else f"{path}.parquet"
    data, scan = pyarrow.dataset.dataset(path, partitioning="hive"), polars.scan_parquet(path)
    key, chance = table["key"], random.Random(1)
    ids = [[each["name"] for each in table["columns"]].index(name) for name in key]
    for _ in range(count):
        place = chance.randrange(len(table["columns"]))
        name, kind = table["columns"][place]["name"], table["columns"][place]["type"]
        value, sign = chance.choice(rows)[place], chance.choice(list(COMPARE))
        if value is None or kind == "bool":
            continue
        wanted = sorted(
            repr(tuple(row[each] for each in ids)) for row in rows
            if row[place] is not None and COMPARE[sign](as_bytes(row[place]), as_bytes(value))
        )
        here = pyarrow.scalar(value, pyarrow.int64() if kind == "time" else ARROW_TYPES[kind])
        there = polars.lit(value, dtype=polars.Int64 if kind == "time" else POLARS_TYPES[kind])
        if kind == "time":
            here, there = here.cast(MICROS), there.cast(polars.Datetime("us", "UTC"))
        found = {
            "pyarrow": as_rows(data.to_table(columns=key, filter=COMPARE[sign](
                pyarrow.compute.field(name), here)).columns),
            "polars": scan.filter(COMPARE[sign](polars.col(name), there)).select(key).collect().rows(),
        }
        for reader, each in found.items():
            if sorted(map(repr, each)) != wanted:
                yield f"{reader}: {name} {sign} {value!r} finds {len(each)} rows, not {len(wanted)}"


def compare(label, names, read, wanted):
    """What a reader gives differently; in any order of rows, for parts are read in that of their names."""
    try:
        found = read()
    except (pyarrow.ArrowException, polars.exceptions.PolarsError, TypeError, KeyError) as error:
        return [f"{label}: {type(error).__name__} {error}"]
    different = [
        f"{label}: {name} is {one!r:.80} instead of {other!r:.80}"
        for here, there in zip(sorted(found, key=repr), sorted(wanted, key=repr))
        for name, one, other in zip(names, here, there) if repr(one) != repr(other)
    ]
    return different[:3] + ([] if len(found) == len(wanted) else [f"{label}: {len(found)} rows"])


def main():
    path, folder, described = sys.argv[1:]
    with open(described, encoding="utf-8") as file:
        tables = json.load(file)
    archive = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    differences, cells = [], 0
    for table in tables:
        rows, columns = archive_rows(archive, table), [each["name"] for each in table["columns"]]
        readers = [*parquet_readers(folder, table)]
        if os.path.exists(f"{folder}/arrow"):
            readers += other_readers(folder, table, rows)
        for name, convert, read in readers:
            label = f"{table['name']}, {name}"
            differences += compare(label, columns, lambda: convert(read(), table), rows)
            cells += len(rows) * len(columns)
        if rows:
            differences += filter_differences(folder, table, rows, 20)
    for path in glob.glob(f"{folder}/data/**/*.parquet", recursive=True):
        differences += chunk_differences(path)
    json.dump({"cells": cells, "differences": differences}, sys.stdout)


main()
