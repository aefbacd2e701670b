"""Reads a package by what datapackage.json declares, with nothing but Python, and prints what is wrong."""

import csv
import hashlib
import json
import os
import re
import sqlite3
import sys
from datetime import datetime

folder = sys.argv[1]
csv.field_size_limit(2**31 - 1)
wrong = []
held = {}


def to_boolean(text):
    return {"true": True, "false": False}[text]


def to_number(text):
    return float(text.replace("INF", "inf"))


def to_integer(text):
    if not re.fullmatch(r"-?(0|[1-9]\d*)", text):
        raise ValueError(text)
    return int(text)


def to_time(text):
    """A time as XML Schema writes it; Python itself knows the years 1 to 9999 only."""
    if not re.fullmatch(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text):
        raise ValueError(text)
    if re.match(r"\d{4}-", text) and not text.startswith("0000"):
        datetime.fromisoformat(text.replace("Z", "+00:00"))
    return text


PARSERS = {
    "string": str,
    "integer": to_integer,
    "number": to_number,
    "boolean": to_boolean,
    "datetime": to_time,
}


def missing_of(resource, field):
    """Which texts stand for none: told of a field, of all, or by the default."""
    return field.get("missingValues", resource["schema"].get("missingValues", [""]))


def read_csv(resource, path, fields):
    told = resource["dialect"]
    with open(path, encoding=resource["encoding"], newline="") as file:
        lines = csv.reader(
            file,
            delimiter=told["delimiter"],
            quotechar=told["quoteChar"],
            doublequote=told["doubleQuote"],
            strict=True,
        )
        if told["header"] and next(lines) != [each["name"] for each in fields]:
            wrong.append(f"another header: {path}")
        for cells in lines:
            if len(cells) != len(fields):
                raise ValueError(f"{len(cells)} cells in a row")
            yield [
                None if cell in missing_of(resource, field) else PARSERS[field["type"]](cell)
                for cell, field in zip(cells, fields)
            ]


KINDS = {
    "string": [str],
    "integer": [int],
    "number": [float, int, str],
    "boolean": [bool],
    "datetime": [str],
}


def read_ndjson(resource, path, fields):
    with open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            row = json.loads(line)
            if list(row) != [each["name"] for each in fields]:
                raise ValueError("other columns")
            for cell, field in zip(row.values(), fields):
                if cell is not None and type(cell) not in KINDS[field["type"]]:
                    raise ValueError(field["name"])
            yield [
                None if cell in missing_of(resource, field) else cell
                for cell, field in zip(row.values(), fields)
            ]


READERS = {"csv": read_csv, "ndjson": read_ndjson}


def check_file(resource, path):
    where = os.path.join(folder, path)
    if os.path.isabs(path) or not os.path.realpath(where).startswith(os.path.realpath(folder)):
        wrong.append(f"out of the package: {path}")
    parts = [resource, *resource.get("parts", [])]
    told = next((each for each in parts if each["path"] == path), {})
    with open(where, "rb") as file:
        content = file.read()
    if told.get("bytes") != len(content):
        wrong.append(f"another size: {path}")
    if told.get("hash") != f"sha256:{hashlib.sha256(content).hexdigest()}":
        wrong.append(f"another digest: {path}")


def check_constraints(name, field, cells):
    constraints = field.get("constraints", {})
    given = [cell for cell in cells if cell is not None]
    where = f"{name}.{field['name']}"
    if constraints.get("required") and len(given) < len(cells):
        wrong.append(f"required and missing: {where}")
    if constraints.get("unique") and len(set(given)) < len(given):
        wrong.append(f"not unique: {where}")
    if not set(given) <= set(constraints.get("enum", given)):
        wrong.append(f"none of those named: {where}")


def check_table(resource, paths):
    name, fields = resource["name"], resource["schema"]["fields"]
    read = READERS[resource["format"]]
    try:
        rows = [row for path in paths for row in read(resource, os.path.join(folder, path), fields)]
    except (ValueError, KeyError, csv.Error) as error:
        wrong.append(f"not as declared: {name}: {error}")
        return
    if len(rows) != resource["rows"]:
        wrong.append(f"another number of rows: {name}")
    columns = list(zip(*rows)) if rows else [()] * len(fields)
    held[name] = {field["name"]: cells for field, cells in zip(fields, columns)}
    for field, cells in zip(fields, columns):
        check_constraints(name, field, cells)
    keys = list(zip(*(held[name][key] for key in resource["schema"]["primaryKey"])))
    if len(set(keys)) < len(keys):
        wrong.append(f"the same key twice: {name}")


def check_references(resource):
    for key in resource["schema"].get("foreignKeys", []):
        ((field,), (target,)) = key["fields"], key["reference"]["fields"]
        named = {cell for cell in held[resource["name"]][field] if cell is not None}
        if not named <= set(held.get(key["reference"]["resource"], {}).get(target, ())):
            wrong.append(f"not all are held: {resource['name']}.{field}")


def check_sqlite(path):
    with sqlite3.connect(f"file:{os.path.join(folder, path)}?mode=ro", uri=True) as database:
        for check in ("integrity_check", "foreign_key_check"):
            found = database.execute(f"PRAGMA {check}").fetchall()
            if found not in ([], [("ok",)]):
                wrong.append(f"{check}: {found[:3]}")


with open(os.path.join(folder, "datapackage.json"), encoding="utf-8") as file:
    package = json.load(file)
for resource in package["resources"]:
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    for path in paths:
        check_file(resource, path)
    if resource["format"] in READERS:
        check_table(resource, paths)
    if resource["format"] == "sqlite":
        check_sqlite(resource["path"])
for resource in package["resources"]:
    if resource["name"] in held:
        check_references(resource)

print(json.dumps({"wrong": wrong, "tables": len(held)}))
