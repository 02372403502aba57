"""recordlinkage on one set: as its own guide does it, with blocks, comparisons by Jaro-Winkler and the unsupervised ECM classifier.

peer_recordlinkage.py DATA SET OUT: writes the rows of both files that are one person, and prints the seconds after imports.
"""

import sys
import time
import warnings

import pandas
import recordlinkage

from sets import SETS

warnings.filterwarnings("ignore")
data, name, out = sys.argv[1:]
began = time.perf_counter()
work = SETS[name]
columns = work["columns"]
tables = []
for file in work["files"]:
    table = pandas.read_csv(f"{data}/{file}", dtype=str, usecols=list(columns.values()), skipinitialspace=True)
    tables.append(table.apply(lambda column: column.str.strip().str.lower()))

index = recordlinkage.Index()
for role in ("given", "family", "date", "id", "email", "street"):
    if role in columns:
        index.block(columns[role])
candidates = index.index(*tables)
compare = recordlinkage.Compare()
for role, column in columns.items():
    if role in ("given", "family", "street", "city", "email"):
        compare.string(column, column, method="jarowinkler", threshold=0.85, label=role)
    elif role in ("id", "date"):
        compare.string(column, column, method="damerau_levenshtein", threshold=0.8, label=role)
    else:
        compare.exact(column, column, label=role)
features = compare.compute(candidates, *tables)
found = recordlinkage.ECMClassifier().fit_predict((features > 0).astype(int))
pandas.DataFrame(list(found)).to_csv(out, index=False, header=False)
print(time.perf_counter() - began)
