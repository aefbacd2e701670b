"""Prints the month of each row of a table laid out by month, by the row's id, as pandas reads it."""

import json
import sys

import pandas

rows = pandas.read_parquet(sys.argv[1])
json.dump(dict(zip(rows.iloc[:, 0], rows["month"])), sys.stdout)
