"""Checks that samkor and a peer agree to the øre, by person id. Usage: compare.py WORLD SAMKOR_OUT PEER_OUT duckdb|polars

samkor's ids and the peer's are two keyed hashes of the same numbers. Here, outside the timed part, both are computed from the
register and the peer's are read as samkor's; then everything is compared by samkor's id. What must agree: øre per household, for
every household; services and departments per household; øre per person, service and role, for every person; both lists."""
import hashlib, sys, tomllib
from pathlib import Path

import blake3
import polars as pl

world, samkor, peer, tool = sys.argv[1:5]
plan = tomllib.loads((Path(world) / "samkor.toml").read_text(encoding="utf-8"))
master = (Path(world) / plan["noegle"]).read_bytes()
project = blake3.blake3(plan["projekt"].encode(), key=blake3.blake3(master, derive_key_context="samkor 2026-11-21 project key v1").digest()).digest()

numbers = set()
with open(Path(world) / "ind" / "cpr.txt", "rb") as lines:
    for line in lines:
        if line[:3] == b"001":
            numbers.add(line[3:13])
own = {"duckdb": lambda number: hashlib.sha256(master.hex().encode() + number).hexdigest()[:32],
       "polars": lambda number: hashlib.blake2b(number, key=master, digest_size=16).hexdigest()}[tool]
ids = pl.DataFrame({"person": [own(number) for number in numbers],
                    "id": [blake3.blake3(number, key=project).hexdigest()[:32] for number in numbers]})

faults = 0


def same(what, ours, theirs, keys):
    """Both must hold the same rows; what differs is printed as a number of rows, never with an id."""
    global faults
    joined = ours.join(theirs, on=keys, how="full", suffix="_peer", nulls_equal=True)
    columns = [column for column in ours.columns if column not in keys]
    differ = joined.filter(pl.any_horizontal(pl.col(column).ne_missing(pl.col(f"{column}_peer")) for column in columns))
    faults += differ.height
    print(f"  {what}: {ours.height} rows, {differ.height} differ")
    if differ.height:
        print(differ.select(pl.selectors.numeric() | pl.selectors.by_name(*(c for c in ("ydelse", "rolle") if c in differ.columns))).head(5))


tables = Path(samkor) / "arbejde" / "tabeller"
persons = pl.read_parquet(tables / "personer.parquet").select(id="person", etiket="husstand")
households = pl.read_parquet(tables / "husstande.parquet").with_columns(oere=pl.col("oere").cast(pl.Int64))
services = pl.read_parquet(tables / "ydelser.parquet")
ledger = pl.read_parquet(f"{peer}/ledger.parquet").join(ids, on="person", how="left")
peers = pl.read_parquet(f"{peer}/households.parquet")
if ledger["id"].null_count():
    sys.exit("the peer's ledger names persons whom the register does not know")

# A peer's household is the samkor household of its recipients: it must be one, and no two of them the same.
pairs = ledger.select("id", "household").unique().join(persons, on="id", how="left").select("household", "etiket").unique()
several = pairs.filter(pl.col("household").is_not_null() & pl.col("etiket").is_not_null())
if pairs.height - several.height > 1 or several["household"].n_unique() != several.height or several["etiket"].n_unique() != several.height:
    sys.exit("households are not the same persons")
peers = peers.join(several, on="household", how="left").select("etiket", oere="cost", ydelser="services", afdelinger="departments")
reached = ledger.join(persons, on="id", how="left").filter((pl.col("role") != "manuel") & pl.col("etiket").is_not_null())["etiket"].unique()
ours = households.select("etiket", "oere", "ydelser", "afdelinger").cast({"ydelser": pl.Int64, "afdelinger": pl.Int64})
same("households with services", ours.filter(pl.col("etiket").is_in(reached.implode())), peers.cast({"ydelser": pl.Int64, "afdelinger": pl.Int64}), ["etiket"])
rest = ours.filter(~pl.col("etiket").is_in(reached.implode()))
if rest.filter((pl.col("oere") != 0) | (pl.col("ydelser") != 0)).height:
    faults += 1
    print("  a household that the peer does not reach has services")
print(f"  households without services: {rest.height} of {ours.height}; øre of all {ours['oere'].sum()}")
same("persons' services and roles",
     services.group_by("person", "ydelse", "rolle").agg(oere=pl.col("oere").cast(pl.Int64).sum()),
     ledger.group_by(person="id", ydelse="service", rolle="role").agg(oere=pl.col("ore").sum()), ["person", "ydelse", "rolle"])

order = pl.struct(-pl.col("oere"), -pl.col("afdelinger"), -pl.col("ydelser"))
for name, frame in (("top_cost", ours.filter(pl.col("etiket").is_in(reached.implode()))),
                    ("top_several", ours.filter((pl.col("ydelser") >= plan["rangliste"]["min_ydelser"]) & (pl.col("afdelinger") >= plan["rangliste"]["min_afdelinger"])))):
    listed = pl.read_csv(f"{peer}/{name}.csv").join(several, on="household", how="left", maintain_order="left").select("etiket", oere="cost", ydelser="services", afdelinger="departments")
    wanted = frame.sort(order).head(plan["rangliste"]["antal"])
    same(name, wanted.select("oere", "ydelser", "afdelinger").with_row_index("rank"), listed.select("oere", "ydelser", "afdelinger").with_row_index("rank"), ["rank"])
sys.exit(1 if faults else 0)
