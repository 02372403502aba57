"""Splink on one set: its own comparisons for names, dates and e-mail, its usual training, pairs at 0.95.

peer_splink.py DATA SET OUT: writes the rows of both files that are one person, and prints the seconds after imports.
"""

import sys
import time
import warnings

import pandas
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from sets import SETS

warnings.filterwarnings("ignore")
data, name, out = sys.argv[1:]
began = time.perf_counter()
work = SETS[name]
columns = work["columns"]
api = DuckDBAPI()
tables = []
for file in work["files"]:
    table = pandas.read_csv(f"{data}/{file}", dtype=str, usecols=list(columns.values()), skipinitialspace=True)
    table = table.apply(lambda column: column.str.strip().str.lower()).replace("", None)
    table.insert(0, "row", range(len(table)))
    tables.append(api.register(table))

comparisons = []
for role, column in columns.items():
    if role in ("given", "family"):
        comparisons.append(cl.NameComparison(column).configure(term_frequency_adjustments=True))
    elif role == "date":
        written = "%Y-%m-%d" if name == "fake_1000" else "%Y%m%d"
        comparisons.append(cl.DateOfBirthComparison(column, input_is_string=True, datetime_format=written))
    elif role == "email":
        comparisons.append(cl.EmailComparison(column).configure(term_frequency_adjustments=True))
    elif role in ("id", "postcode", "box"):
        comparisons.append(cl.DamerauLevenshteinAtThresholds(column, [1, 2]))
    elif role in ("street", "city"):
        comparisons.append(cl.JaroWinklerAtThresholds(column, [0.9]).configure(term_frequency_adjustments=True))
    else:
        comparisons.append(cl.ExactMatch(column).configure(term_frequency_adjustments=True))

given, family = columns["given"], columns["family"]
blocks = [block_on(given, family)]
blocks += [block_on(columns[role]) for role in ("id", "date", "email", "postcode") if role in columns]
if "street" in columns:
    blocks += [block_on(columns["street"], columns["number"]), block_on(columns["street"], given)]
if "date" not in columns:
    blocks += [block_on(columns["street"], family)]
settings = SettingsCreator(
    link_type="dedupe_only" if len(tables) == 1 else "link_only",
    unique_id_column_name="row",
    comparisons=comparisons,
    blocking_rules_to_generate_predictions=blocks,
)
linker = Linker(tables if len(tables) > 1 else tables[0], settings, log_level="ERROR")
strict = [block_on(columns[role]) for role in ("id", "email") if role in columns] or [block_on(given, family)]
strict += [block_on(given, family, columns[role]) for role in ("date", "street") if role in columns]
linker.training.estimate_probability_two_random_records_match(strict, recall=0.8)
linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
linker.training.estimate_parameters_using_expectation_maximisation(block_on(given, family))
other = next(columns[role] for role in ("date", "id", "street") if role in columns)
linker.training.estimate_parameters_using_expectation_maximisation(block_on(other))
pairs = linker.inference.predict(threshold_match_probability=0.95).as_pandas_dataframe()
if len(tables) > 1 and len(pairs) and pairs["source_dataset_l"].iloc[0] > pairs["source_dataset_r"].iloc[0]:
    pairs = pairs.rename(columns={"row_l": "row_r", "row_r": "row_l"})
pairs[["row_l", "row_r"]].to_csv(out, index=False, header=False)
print(time.perf_counter() - began)
