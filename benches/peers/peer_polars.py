"""The same main job in Python polars (lazy, streaming). Usage: peer_polars.py WORLD OUT"""
import hashlib, os, sys

os.environ["POLARS_MAX_THREADS"] = "2"
from datetime import date, timedelta

import polars as pl
from municipality import COUNTING, LEFT, RESIDENT, Municipality

world, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)
m = Municipality(world)
P0, P1, TAU, EPOCH = m.first, m.last, m.reference, date(1970, 1, 1)
DAY = TAU.strftime("%Y%m%d")
col, lit = pl.col, pl.lit


def scan(file, **types):
    return pl.scan_csv(m.file(file), separator=";", infer_schema=False, schema_overrides=types, decimal_comma=True)


ore = lambda name: (col(name) * 100).round().cast(pl.Int64)
day = lambda name, form: col(name).str.to_date(form)
person = lambda name: col(name).str.replace_all("-", "", literal=True).cast(pl.Int64).alias("cpr")
days = lambda a, b: (b - a).dt.total_days()


def half_even(n, d):
    """n / d to the nearest whole number, half to even, by absolute value; d is above zero."""
    q, r = n.abs() // d, n.abs() % d
    return n.sign() * (q + ((2 * r > d) | ((2 * r == d) & (q % 2 == 1))))


def of_days(amount, f, t, a, b, times=1):
    """The days a..b of a sum for the days f..t, by cumulative rounding."""
    n = (days(f, t) + 1) * times
    return half_even(amount * (days(f, b) + 1), n) - half_even(amount * days(f, a), n)


services = pl.DataFrame(m.services, schema=["service", "department", "grp", "counts", "level"], orient="row").lazy()
authority = pl.DataFrame(m.authority, schema=["grp", "source", "rank"], orient="row").lazy()
benefits = pl.DataFrame([(*key, service) for key, service in m.benefits.items()], schema=["source", "name", "service"], orient="row").lazy()
months = pl.date_range(P0.replace(day=1), P1, "1mo", eager=True)
calendar = pl.concat([
    pl.DataFrame({"s": months}).with_columns(s=col("s").dt.truncate(every)).unique().with_columns(e=col("s").dt.offset_by(every).dt.offset_by("-1d"), spread=lit(spread))
    for spread, every in (("maaned", "1mo"), ("kvartal", "1q"), ("aar", "1y"))]).lazy()

# The register: numbers, who lives here on the reference date, and with whom.
cut = lambda start, length: col("l").str.slice(start - 1, length)  # positions as the CPR office counts them
kind = cut(1, 3)
lines = (pl.scan_csv(m.file("cpr.txt"), has_header=False, separator="\x01", quote_char=None, schema={"l": pl.String}, encoding="utf8-lossy")
         .filter(kind.is_in(["001", "002", "022", "023"])).with_columns(kind=kind).collect(engine="streaming"))
of = lambda *kinds: lines.lazy().filter(col("kind").is_in(kinds))
main = of("001").select(cpr=cut(4, 10).cast(pl.Int64), current=cut(14, 10).str.strip_chars(), status=cut(24, 2), since=cut(26, 8).str.strip_chars(), born=cut(40, 10))
numbers = pl.concat([of("022").select(former=cut(14, 10).cast(pl.Int64), new=cut(4, 10).cast(pl.Int64)),
                     main.filter(col("current") != "").select(former="cpr", new=col("current").cast(pl.Int64))]).unique().collect().lazy()
now = lambda frame: frame.join(numbers, left_on="cpr", right_on="former", how="left").with_columns(cpr=pl.coalesce("new", "cpr"))
addresses = pl.concat([of("002").select("kind", cpr=cut(4, 10), address=cut(14, 22), since=cut(70, 12), until=lit("")),
                       of("023").filter(cut(14, 1) == " ").select("kind", cpr=cut(4, 10), address=cut(15, 22), since=cut(71, 12), until=cut(84, 12).str.strip_chars())]) \
    .filter((col("since").str.slice(0, 8) <= DAY) & ((col("until") == "") | (col("until").str.slice(0, 8) > DAY))).with_columns(col("cpr").cast(pl.Int64))
# Of several addresses the one under the current number, then the one moved to last, then the current one.
addresses = now(addresses).group_by("cpr").agg(address=pl.concat_str(
    pl.when(col("new").is_null()).then(lit("1")).otherwise(lit("0")), "since", pl.when(col("kind") == "002").then(lit("1")).otherwise(lit("0")), "address").max().str.slice(14))
persons = main.filter(col("current") == "").join(addresses, on="cpr", how="left").with_columns(
    since=pl.when(col("since") != "").then(col("since").str.to_date("%Y%m%d", strict=False))).collect().lazy()
part = lambda start: col("address").str.slice(start, 4)
dwelling = col("address").is_not_null() & ~part(0).is_in(["0000", "0999"]) & ~part(4).is_in(["0000", "0099"]) & (part(4) < "9900")
residents = persons.filter(
    (col("born") <= str(TAU)) & ((col("status").is_in(RESIDENT) & (col("since").is_null() | (col("since") <= TAU) | col("address").is_not_null()))
                                 | (col("status").is_in(LEFT) & (col("since") > TAU) & col("address").is_not_null()))
).select("cpr", household=pl.when(dwelling).then("address").otherwise(col("cpr").cast(pl.String)).rank("dense")).collect().lazy()
del lines

# Grants, measures and enrolments: few rows, read first because only these persons' paid days matter later.
grant = scan("dubu.csv", Ydelsesbeløb=pl.Float64, Antal=pl.Float64).filter(col("Status").is_in(COUNTING)).select(
    person("CPR-nr."), system=lit("dubu"), paragraph="Foranstaltningsparagraf", decision="Afgørelsesparagraf", offer=pl.concat_str("Ydelsestype", "Tilbud", separator=" ", ignore_nulls=True),
    unit="Enheds angivelse", frequency="Beregningsfrekvens", amount=ore("Ydelsesbeløb"), quantity=(col("Antal").fill_null(1) * 1000).round().cast(pl.Int64),
    start=day("Startdato", "%d-%m-%Y"), stop=day("Slutdato", "%d-%m-%Y"))
measure = scan("sensum.csv").filter(col("IndsatsStatus").is_in(COUNTING)).select(
    person("CPR"), system=lit("sensum"), paragraph="IndsatsParagraf", decision=lit(None, pl.String), offer="Indsats", unit=lit(None, pl.String), frequency=lit(None, pl.String),
    amount=lit(0, pl.Int64), quantity=lit(1000, pl.Int64), start=day("IndsatsStartDato", "%Y-%m-%d"), stop=day("IndsatsSlutDato", "%Y-%m-%d"))
grant = pl.concat([grant, measure]).collect()
words = ["system", "paragraph", "decision", "offer", "start", "unit", "frequency"]
meaning = pl.DataFrame([(*row, m.grant(*row[:5]), "intet" if row[0] == "sensum" else m.spread(*row[5:])) for row in grant.select(words).unique().iter_rows()],
                       schema=dict(zip(words, [pl.String] * 4 + [pl.Date] + [pl.String] * 2)) | {"service": pl.String, "spread": pl.String}, orient="row")
common = ["role", "cpr", "service", "spread", "amount", "quantity", "start", "stop"]
grant = grant.lazy().join(meaning.lazy(), on=words, nulls_equal=True).with_columns(role=lit("bevilget")).select(common)
prices = scan("takster.csv", År=pl.Int32, Pris=pl.Float64).filter(col("År").is_between(P0.year, P1.year)).select(
    "År", institution=col("Institution").str.to_lowercase(), amount=ore("Pris"), spread=col("Enhed").map_elements(lambda unit: m.spread(unit, None), return_dtype=pl.String),
    service=(col("Ydelseskode") if "Ydelseskode" in scan("takster.csv").collect_schema() else lit("DAG-INST")).fill_null("DAG-INST"))
first, last = pl.date("År", 1, 1), pl.date("År", 12, 31)
place = scan("indskrivning.csv").select(person("CPR"), institution=col("Institution").str.to_lowercase(), start=day("Fra", "%Y-%m-%d"), stop=day("Til", "%Y-%m-%d")) \
    .join(prices, on="institution").filter((col("start") <= last) & (col("stop").is_null() | (col("stop") >= first))) \
    .with_columns(role=lit("takst"), quantity=lit(1000, pl.Int64), start=pl.max_horizontal("start", first), stop=pl.min_horizontal("stop", last)).select(common)
once = (col("spread") == "engang") | ((col("spread") == "periode") & col("stop").is_null())
dies = (col("status") == "90") & (col("spread") != "periode")
claimed = now(pl.concat([grant, place])).join(persons.select("cpr", "status", "since"), on="cpr", how="left").with_columns(
    stop=pl.when(once).then("start").when(dies).then(pl.min_horizontal("stop", pl.max_horizontal("since", "start"))).otherwise("stop"), lump=once) \
    .filter((col("start") <= P1) & (col("stop").is_null() | (col("stop") >= P0))).join(services.select("service", "grp"), on="service") \
    .select(*common, "lump", "grp", a=pl.max_horizontal("start", lit(P0)), b=pl.min_horizontal("stop", lit(P1))).with_row_index("id").collect().lazy()
watched = claimed.select("cpr")
watched = pl.concat([watched, numbers.join(watched, left_on="new", right_on="cpr", how="semi").select(cpr="former")]).unique().collect()["cpr"].implode()


# Payments, in one pass over each file. The days of a payment are kept only for persons with a grant or a place.
def sums(frame, source, *keys):
    a, b, watch = pl.max_horizontal("f", lit(P0)), pl.min_horizontal("t", lit(P1)), col("cpr").is_in(watched)
    whole = (col("f") >= P0) & (col("t") <= P1)
    inside = frame.filter((col("t") >= P0) & (col("f") <= P1))
    cut = pl.when(whole).then("ore").otherwise(of_days(col("ore"), col("f"), col("t"), a, b))
    return inside.select("cpr", *keys, a=pl.when(watch).then(a), b=pl.when(watch).then(b), ore=cut, pays=col("ore") > 0) \
        .group_by("cpr", *keys, "a", "b").agg(col("ore").sum(), n=pl.len(), pays=col("pays").max()).with_columns(source=lit(source))


account = pl.coalesce("Konto", "Funktion").str.replace_all(".", "", literal=True)
periodised = col("Ydelsesperiode fra").is_not_null() & col("Ydelsesperiode til").is_not_null()
opus = scan("opus.csv", **{"Ydelsesmodtagernr.": pl.Int64, "Dranst": pl.Int32, "Gruppering": pl.Int32, "Regnskabsår": pl.Int32, "Beløb": pl.Float64}) \
    .filter(col("Ydelsesmodtagernr.kode").is_in(["02", "2", "CPR"]) & ~col("Artskonto").str.starts_with("9")).select(
    cpr="Ydelsesmodtagernr.", ore=ore("Beløb") * pl.when(col("Debet/kredit").is_in(["Kredit", "K"])).then(-1).otherwise(1),
    account=pl.when(account.str.len_bytes() == 9).then(account.cast(pl.Int32))
        .otherwise(account.cast(pl.Int32) * 10000 + col("Dranst").fill_null(1) * 1000 + col("Gruppering").fill_null(0)),
    f=day("Ydelsesperiode fra", "%d.%m.%Y"), t=day("Ydelsesperiode til", "%d.%m.%Y"), posted=day("Bogføringsdato", "%d.%m.%Y"), year="Regnskabsår") \
    .with_columns(f=pl.when(col("t").is_not_null()).then(pl.coalesce("f", "posted")).otherwise("posted"), t=pl.when(col("f").is_not_null()).then(pl.coalesce("t", "posted")).otherwise("posted"),
                  year=pl.coalesce("year", col("posted").dt.year()))
opus = sums(opus, "opus", "account", "year").collect(engine="streaming")
accounts = pl.DataFrame([(a, y, m.account(a, y)) for a, y in opus.select("account", "year").unique().iter_rows()],
                        schema={"account": pl.Int32, "year": pl.Int32, "service": pl.String}, orient="row")
opus = opus.lazy().filter((col("account") // 1000 % 10).is_in([0, 1, 3])).join(accounts.lazy(), on=["account", "year"])
kmd = sums(scan("kmd.csv", CPR=pl.Int64, Beløb=pl.Float64).select(
    cpr="CPR", code="Ydelseskode", name="Ydelse", ore=ore("Beløb"), f=day("Periode fra", "%d-%m-%Y"), t=day("Periode til", "%d-%m-%Y")), "kmd", "code", "name")
weekly = sums(scan("refusion.csv", **{"Beregnet udbetalingsbeløb": pl.Float64}).select(
    person("CPR nummer"), code=lit(""), name="Ydelse", ore=ore("Beregnet udbetalingsbeløb"), f=day("Uge", "%Y-%m-%d"), t=day("Uge", "%Y-%m-%d") + timedelta(6)), "ydelsesrefusion", "code", "name")
manual = sums(scan("manuel.csv", beloeb=pl.Float64).select(
    person("cpr"), code="ydelse_kode", name=lit(""), ore=ore("beloeb"), f=day("periode_fra", "%d-%m-%Y"), t=day("periode_til", "%d-%m-%Y")), "manuel", "code", "name")
benefit = pl.concat(pl.collect_all([kmd, weekly, manual], engine="streaming")).lazy().with_columns(code=col("code").str.to_lowercase(), name=col("name").str.to_lowercase()) \
    .join(benefits.rename({"service": "by_code"}), left_on=["source", "code"], right_on=["source", "name"], how="left") \
    .join(benefits.rename({"service": "by_name"}), on=["source", "name"], how="left").with_columns(service=pl.coalesce("by_code", "by_name", lit("ukendt-ydelse")))
columns = ["cpr", "service", "source", "a", "b", "pays", "ore", "n"]
paid = now(pl.concat([opus.select(columns), benefit.select(columns)])).join(services.select("service", "grp"), on="service").collect().lazy()
chosen = paid.select("grp", "source").unique().join(authority, on=["grp", "source"]).group_by("grp").agg(chosen=col("source").sort_by("rank").first())
paid = paid.join(chosen, on="grp", how="left").filter((col("source") == "manuel") | col("chosen").is_null() | (col("source") == col("chosen"))) \
    .with_columns(role=pl.when(col("source") == "manuel").then(lit("manuel")).otherwise(lit("faktisk"))).collect().lazy()


def free_days(claims, covers):
    """What the covers of the same person and purpose group leave of a claim's days."""
    joined = claims.join(covers.select("cpr", "grp", f="a", t="b"), on=["cpr", "grp"]).filter((col("t") >= col("a")) & (col("f") <= col("b")))
    edges = pl.concat([joined.select("id", "a", "b", "f", "t"), claims.select("id", "a", "b", f=col("b") + timedelta(1), t=lit(None, pl.Date))]) \
        .sort("id", "f", "t", nulls_last=True).with_columns(before=col("t").cum_max().forward_fill().shift().over("id"))
    free = edges.select("id", a=pl.max_horizontal("a", col("before") + timedelta(1)), b=pl.min_horizontal("b", col("f") - timedelta(1))).filter(col("b") >= col("a"))
    return free.join(claims.drop("a", "b"), on="id")


paid_days = paid.filter((col("role") == "faktisk") & col("pays") & col("a").is_not_null()).select("cpr", "grp", "a", "b").unique()
granted, nothing = claimed.filter(col("role") == "bevilget"), col("spread") == "intet"
free = pl.concat([frame.select(*common, "a", "b", "lump") for frame in (
    granted.filter(nothing), free_days(granted.filter(~nothing), paid_days),
    free_days(claimed.filter(col("role") == "takst"), pl.concat([paid_days, granted.select("cpr", "grp", "a", "b")])))]).with_columns(v=col("amount") * col("quantity"))
by_calendar, unit = col("spread").is_in(["maaned", "kvartal", "aar"]), col("spread").replace_strict({"dag": 1, "uge": 7, "14-dage": 14}, default=1)
since_epoch = lambda last: half_even(col("v") * days(lit(EPOCH), last), unit * 1000)
counted = pl.concat([
    free.filter(~by_calendar).select("cpr", "service", "role", ore=pl.when(nothing).then(0).when(col("lump")).then(half_even(col("v"), 1000))
        .when(col("spread") == "periode").then(of_days(col("v"), col("start"), col("stop"), col("a"), col("b"), 1000))
        .otherwise(since_epoch(col("b") + timedelta(1)) - since_epoch(col("a")))),
    free.join(calendar, on="spread").filter((col("e") >= col("a")) & (col("s") <= col("b"))).select(
        "cpr", "service", "role", ore=of_days(col("v"), col("s"), col("e"), pl.max_horizontal("a", "s"), pl.min_horizontal("b", "e"), 1000))])
ledger = pl.concat([paid.select("cpr", "service", "role", col("ore").cast(pl.Int64), col("n").cast(pl.Int64)),
                    counted.select("cpr", "service", "role", col("ore").cast(pl.Int64), n=lit(1, pl.Int64))]) \
    .group_by("cpr", "service", "role").agg(col("ore").sum(), col("n").sum()).join(services, on="service").join(residents, on="cpr", how="left").collect(engine="streaming")
everybody = ledger["cpr"].unique()
named = pl.DataFrame({"cpr": everybody, "person": [hashlib.blake2b(b"%010d" % cpr, key=m.key, digest_size=16).hexdigest() for cpr in everybody]})
ledger.join(named, on="cpr").select("person", "household", "service", "department", "role", "ore", "n").write_parquet(f"{out}/ledger.parquet")

# An account group beside something finer of the same purpose is no service of its own.
finest = ledger.filter((col("role") != "manuel") & col("counts")).filter(col("level") == col("level").min().over("cpr", "grp"))
distinct = lambda name: col(name).drop_nulls().n_unique()
households = ledger.filter((col("role") != "manuel") & col("household").is_not_null()).group_by("household").agg(cost=col("ore").sum()) \
    .join(finest.group_by("household").agg(services=distinct("service"), departments=distinct("department")), on="household", how="left").fill_null(0) \
    .sort(["cost", "departments", "services", "household"], descending=[True, True, True, False])
households.write_parquet(f"{out}/households.parquet")
several = (col("services") >= m.min_services) & (col("departments") >= m.min_departments)
households.head(m.top).write_csv(f"{out}/top_cost.csv")
households.filter(several).head(m.top).write_csv(f"{out}/top_several.csv")
count = finest.filter(col("household").is_not_null()).group_by("cpr").agg(services=distinct("service"), departments=distinct("department")).filter(several).height
print(f"{ledger.height} ledger rows, {ledger['ore'].sum()} oere, {count} of {residents.select(pl.len()).collect().item()} residents have several services and departments")
