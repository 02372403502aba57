"""The main job in DuckDB, as a good analyst would write it today. Usage: peer_duckdb.py WORLD OUT"""
import os, sys
import duckdb
from municipality import COUNTING, LEFT, RESIDENT, Municipality

world, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)
m = Municipality(world)
c = duckdb.connect()
c.execute("set threads=2; set preserve_insertion_order=false")
P0, P1, TAU = (f"date '{day}'" for day in (m.first, m.last, m.reference))
DAY = m.reference.strftime("%Y%m%d")


def export(file, dates, **types):
    """A delimited export: only the columns named are converted, while they are read."""
    with open(m.file(file), encoding="utf-8") as text:
        names = text.readline().rstrip("\r\n").split(";")
    columns = {name: types.get(name, "VARCHAR") for name in names}
    return (f"read_csv('{m.file(file)}', delim=';', quote='\"', header=true, auto_detect=false, decimal_separator=',', thousands='.', "
            f"dateformat='{dates}', columns={columns})")


def quoted(values):
    return ", ".join("null" if v is None else f"'{v}'" if isinstance(v, str) else str(v) for v in values)


def table(name, columns, tuples):
    c.execute(f"create table {name} as select * from (values {', '.join(f'({quoted(t)})' for t in tuples)}) t({columns})")


table("services", "service, department, grp, counts, level", m.services)
table("authority", "grp, source, rank", m.authority)
table("benefits", "source, name, service", [(system, name, service) for (system, name), service in m.benefits.items()])
c.execute(f"""
create macro half_even(n, d) as sign(n) * (abs(n) // d + (2 * (abs(n) % d) > d or (2 * (abs(n) % d) = d and (abs(n) // d) % 2 = 1))::bigint);
create macro part(amount, f, t, a, b) as -- the days a..b of a sum for the days f..t
  case when a = f and b = t then amount else half_even(amount * (b - f + 1), t - f + 1) - half_even(amount * (a - f), t - f + 1) end;
create table calendar as
  select 'maaned' unit, s::date s, last_day(s::date) e from generate_series(date_trunc('month', {P0}), {P1}, interval 1 month) t(s) union all
  select 'kvartal', s::date, (s + interval 3 month)::date - 1 from generate_series(date_trunc('quarter', {P0}), {P1}, interval 3 month) t(s) union all
  select 'aar', s::date, (s + interval 1 year)::date - 1 from generate_series(date_trunc('year', {P0}), {P1}, interval 1 year) t(s)""")

# The register: numbers, who lives here on the reference date, and with whom.
c.execute(f"""
create table lines as select l[1:3] kind, l from read_csv('{m.file('cpr.txt')}', header=false, auto_detect=false, columns={{'l': 'VARCHAR'}},
  delim='\\x01', quote='', escape='', encoding='latin-1') where l[1:3] in ('001', '002', '022', '023');
create table numbers as
  select l[14:23]::bigint former, l[4:13]::bigint cpr from lines where kind = '022' union
  select l[4:13]::bigint, l[14:23]::bigint from lines where kind = '001' and trim(l[14:23]) <> '';
create table addresses as -- of several the one under the current number, then the one moved to last, then the current one
  select coalesce(n.cpr, x.cpr) cpr, max(if(n.cpr is null, '1', '0') || since || kind || address)[15:] address
  from (select l[4:13]::bigint cpr, if(kind = '002', '1', '0') kind,
          if(kind = '002', l[14:35], l[15:36]) address, if(kind = '002', l[70:81], l[71:82]) since, if(kind = '002', '', trim(l[84:95])) until
        from lines where kind = '002' or (kind = '023' and l[14:14] = ' ')) x left join numbers n on n.former = x.cpr
  where since[:8] <= '{DAY}' and (until = '' or until[:8] > '{DAY}') group by 1;
create table persons as
  select l[4:13]::bigint cpr, address, l[24:25] status, strptime(nullif(trim(l[26:33]), ''), '%Y%m%d')::date since, l[40:49] <= '{m.reference}' born
  from lines left join addresses on cpr = l[4:13]::bigint where kind = '001' and trim(l[14:23]) = '';
create table residents as
  select cpr, dense_rank() over (order by if(is_dwelling, address, cpr::varchar)) household
  from (select cpr, address, address is not null and address[1:4] not in ('0000', '0999') and address[5:8] not in ('0000', '0099') and address[5:8] < '9900' is_dwelling
        from persons where born and (status in ({quoted(RESIDENT)}) and (since is null or since <= {TAU} or address is not null)
          or status in ({quoted(LEFT)}) and since > {TAU} and address is not null));
drop table lines""")

# Grants, measures and enrolments: few rows, read first because only these persons' paid days matter later.
def grants(system, columns, source, where):
    c.execute(f"create table {system} as select {columns} from {source} x where {where}")
    keys = c.execute(f"select distinct paragraph, decision, offer, start from {system}").fetchall()
    table(f"{system}_services", "paragraph, decision, offer, day, service",
          [(p, d, o, str(s), m.grant(system, p, d, o, s)) for p, d, o, s in keys] or [("", "", "", "2000-01-01", "")])

person = lambda column: f"replace(\"{column}\", '-', '')::bigint"
grants("dubu", f"""{person('CPR-nr.')} cpr, coalesce("Foranstaltningsparagraf", '') paragraph, coalesce("Afgørelsesparagraf", '') decision,
  concat_ws(' ', "Ydelsestype", "Tilbud") offer, "Enheds angivelse" unit, "Beregningsfrekvens" frequency, ("Ydelsesbeløb" * 100)::bigint amount,
  (coalesce("Antal", 1) * 1000)::bigint quantity, "Startdato" start, "Slutdato" stop""",
  export("dubu.csv", "%d-%m-%Y", **{"Ydelsesbeløb": "DECIMAL(18,2)", "Antal": "DECIMAL(18,3)", "Startdato": "DATE", "Slutdato": "DATE"}),
  f'"Status" in ({quoted(COUNTING)})')
grants("sensum", f"""{person('CPR')} cpr, coalesce("IndsatsParagraf", '') paragraph, '' decision, "Indsats" offer, "IndsatsStartDato" start, "IndsatsSlutDato" stop""",
  export("sensum.csv", "%Y-%m-%d", IndsatsStartDato="DATE", IndsatsSlutDato="DATE"), f'"IndsatsStatus" in ({quoted(COUNTING)})')
units = c.execute("select distinct unit, frequency from dubu").fetchall()
table("units", "unit, frequency, spread", [(u, f, m.spread(u, f)) for u, f in units] or [("", "", "")])
prices = c.execute(f"""select lower("Institution"), "År", "Enhed", ("Pris" * 100)::bigint, coalesce("Ydelseskode", 'DAG-INST') from
  {export('takster.csv', '%Y-%m-%d', Pris='DECIMAL(18,2)', År='INTEGER')}""").fetchall()
table("prices", "institution, year, spread, amount, service", [(i, y, m.spread(u, None), a, s) for i, y, u, a, s in prices] or [("", 0, "", 0, "")])
c.execute(f"""
create table enrolled as select {person('CPR')} cpr, lower("Institution") institution, "Fra" start, "Til" stop from
  {export('indskrivning.csv', '%Y-%m-%d', Fra='DATE', Til='DATE')};
create table claimed as -- grants and enrolments with their days in the period; a rate ends with its person's death
  with x as (
    select 'bevilget' as role, cpr, service, spread, amount, quantity, start, stop from dubu join dubu_services using (paragraph, decision, offer)
      join units u on u.unit = dubu.unit and u.frequency is not distinct from dubu.frequency where day::date = start
    union all select 'bevilget', cpr, service, 'intet', 0, 1000, start, stop from sensum join sensum_services using (paragraph, decision, offer) where day::date = start
    union all select 'takst', cpr, service, spread, amount, 1000, greatest(start, make_date(year, 1, 1)), least(stop, make_date(year, 12, 31)) from enrolled join prices using (institution)
      where year between year({P0}) and year({P1}) and start <= make_date(year, 12, 31) and coalesce(stop >= make_date(year, 1, 1), true)),
  y as (select x.* replace (coalesce(n.cpr, x.cpr) as cpr) from x left join numbers n on n.former = x.cpr),
  z as (select y.* replace (case when spread = 'engang' or (spread = 'periode' and stop is null) then start
                                 when status = '90' and spread <> 'periode' then least(stop, greatest(since, start)) else stop end as stop)
        from y left join persons using (cpr))
  select row_number() over () id, role, cpr, service, grp, spread, amount, quantity, start, stop,
    greatest(start, {P0}) a, coalesce(least(stop, {P1}), {P1}) b
  from z join services using (service) where start <= {P1} and coalesce(stop >= {P0}, true);
create table watched as select cpr from claimed union select former from numbers semi join claimed using (cpr)""")

# Payments, in one pass over each file. The days of a payment are kept only for persons with a grant or a place.
sums = lambda source, keys: f"""select cpr, {keys}, '{source}' source, if(watch, greatest(f, {P0}), null) a, if(watch, least(t, {P1}), null) b, max(ore) > 0 pays,
    sum(part(ore, f, t, greatest(f, {P0}), least(t, {P1})))::bigint ore, count(*) n
  from (select *, cpr in (from watched) watch from x where t >= {P0} and f <= {P1}) group by all"""
c.execute(f"""
create table opus as with x as (
  select "Ydelsesmodtagernr." cpr, coalesce("Konto", "Funktion").replace('.', '') k,
    (if(len(k) = 9, k::int, k::int * 10000 + coalesce("Dranst", 1) * 1000 + coalesce("Gruppering", 0))) account, coalesce("Regnskabsår", year("Bogføringsdato")) "year",
    if("Debet/kredit" in ('Kredit', 'K'), -1, 1) * ("Beløb" * 100)::bigint ore,
    if("Ydelsesperiode fra" is null or "Ydelsesperiode til" is null, "Bogføringsdato", "Ydelsesperiode fra") f,
    if("Ydelsesperiode fra" is null or "Ydelsesperiode til" is null, "Bogføringsdato", "Ydelsesperiode til") t
  from {export('opus.csv', '%d.%m.%Y', **{'Ydelsesmodtagernr.': 'BIGINT', 'Dranst': 'INTEGER', 'Gruppering': 'INTEGER', 'Regnskabsår': 'INTEGER', 'Beløb': 'DECIMAL(18,2)',
                                          'Bogføringsdato': 'DATE', 'Ydelsesperiode fra': 'DATE', 'Ydelsesperiode til': 'DATE'})}
  where "Ydelsesmodtagernr.kode" in ('02', '2', 'CPR') and not starts_with("Artskonto", '9')) {sums('opus', 'account, "year"')};
create table kmd as with x as (
  select "CPR" cpr, "Ydelseskode" code, "Ydelse" name, ("Beløb" * 100)::bigint ore, "Periode fra" f, "Periode til" t
  from {export('kmd.csv', '%d-%m-%Y', **{'CPR': 'BIGINT', 'Beløb': 'DECIMAL(18,2)', 'Periode fra': 'DATE', 'Periode til': 'DATE'})}) {sums('kmd', 'code, name')};
create table refusion as with x as (
  select {person('CPR nummer')} cpr, '' code, "Ydelse" name, ("Beregnet udbetalingsbeløb" * 100)::bigint ore, "Uge" f, "Uge" + 6 t
  from {export('refusion.csv', '%Y-%m-%d', **{'Beregnet udbetalingsbeløb': 'DECIMAL(18,2)', 'Uge': 'DATE'})}) {sums('ydelsesrefusion', 'code, name')};
create table manual as with x as (
  select {person('cpr')} cpr, "ydelse_kode" code, '' name, ("beloeb" * 100)::bigint ore, "periode_fra" f, "periode_til" t
  from {export('manuel.csv', '%d-%m-%Y', beloeb='DECIMAL(18,2)', periode_fra='DATE', periode_til='DATE')}) {sums('manuel', 'code, name')}""")
table("accounts", "account, year, service", [(a, y, m.account(a, y)) for a, y in c.execute('select distinct account, "year" from opus').fetchall()] or [(0, 0, "")])
c.execute(f"""
create table paid as
  with benefit as (from kmd union all from refusion union all from manual),
  x as (select cpr, service, source, a, b, pays, ore, n from opus join accounts using (account, "year") where account // 1000 % 10 not in (2, 4, 5, 6, 7, 8, 9) union all
        select cpr, coalesce(y.service, z.service, 'ukendt-ydelse'), x.source, a, b, pays, ore, n from benefit x
          left join benefits y on y.source = x.source and y.name = lower(code) left join benefits z on z.source = x.source and z.name = lower(x.name)),
  y as (select x.* replace (coalesce(numbers.cpr, x.cpr) as cpr), grp from x left join numbers on former = x.cpr join services using (service))
  select y.*, if(source = 'manuel', 'manuel', 'faktisk') as role from y
  left join (select grp, arg_min(source, rank) chosen from (select distinct grp, source from y) join authority using (grp, source) group by grp) using (grp)
  where source = 'manuel' or chosen is null or source = chosen;
create macro free_days(covers, who) as table ( -- what the covers of the same person and purpose group leave of a claim's days
  with j as (select x.id, x.a, x.b, y.a f, y.b t from claimed x join query_table(covers) y on y.cpr = x.cpr and y.grp = x.grp and y.b >= x.a and y.a <= x.b where x.role = who),
  k as (select id, a, b, f, max(t) over (partition by id order by f, t rows between unbounded preceding and 1 preceding) t from j
        union all select id, any_value(a), any_value(b), any_value(b) + 1, max(t) from j group by id
        union all select id, a, b, b + 1, null from claimed where role = who and id not in (select id from j))
  select id, greatest(coalesce(t + 1, a), a) a, least(f - 1, b) b from k where least(f - 1, b) >= greatest(coalesce(t + 1, a), a));
create table paid_days as select distinct cpr, grp, a, b from paid where role = 'faktisk' and pays and a is not null;
create table taken_days as from paid_days union all select cpr, grp, a, b from claimed where role = 'bevilget';
create table free as
  select * from free_days('paid_days', 'bevilget') where id not in (select id from claimed where spread = 'intet')
  union all select id, a, b from claimed where spread = 'intet' union all select * from free_days('taken_days', 'takst');
create table counted as
  with x as (select claimed.* replace (free.a as a, free.b as b), amount * quantity v from free join claimed using (id)),
  y as (select cpr, service, role, case spread when 'intet' then 0 when 'engang' then half_even(v, 1000)
      when 'periode' then case when stop is null then half_even(v, 1000) else half_even(v * (b - start + 1), (stop - start + 1) * 1000) - half_even(v * (a - start), (stop - start + 1) * 1000) end
      else half_even(v * (b - date '1970-01-01' + 1), u) - half_even(v * (a - date '1970-01-01'), u) end ore
    from (select *, case spread when 'dag' then 1000 when 'uge' then 7000 else 14000 end u from x where spread not in ('maaned', 'kvartal', 'aar'))
    union all select cpr, service, role, half_even(v * (least(b, e) - s + 1), (e - s + 1) * 1000) - half_even(v * (greatest(a, s) - s), (e - s + 1) * 1000)
    from x join calendar on unit = spread and e >= a and s <= b)
  select cpr, service, role, sum(ore)::bigint ore, count(*) n from y group by all;
create table ledger as
  select cpr, household, service, department, grp, counts, level, role, sum(ore)::bigint ore, sum(n)::bigint n
  from (select cpr, service, role, ore, n from paid union all select cpr, service, role, ore, n from counted) join services using (service) left join residents using (cpr) group by all;
copy (select substr(sha256('{m.key.hex()}' || lpad(cpr::varchar, 10, '0')), 1, 32) person, household, service, department, role, ore, n from ledger) to '{out}/ledger.parquet';
create table finest as -- an account group beside something finer of the same purpose is no service of its own
  select * from ledger where role <> 'manuel' and counts qualify level = min(level) over (partition by cpr, grp);
create table households as select household, cost, coalesce(services, 0) services, coalesce(departments, 0) departments
  from (select household, sum(ore)::bigint cost from ledger where role <> 'manuel' and household is not null group by 1)
  left join (select household, count(distinct service) services, count(distinct department) departments from finest group by 1) using (household);
copy households to '{out}/households.parquet';
copy (from households order by cost desc, departments desc, services desc, household limit {m.top}) to '{out}/top_cost.csv';
copy (from households where services >= {m.min_services} and departments >= {m.min_departments} order by cost desc, departments desc, services desc, household limit {m.top}) to '{out}/top_several.csv'""")
several, residents = c.execute(f"""select count(*) filter (where s >= {m.min_services} and d >= {m.min_departments}), (select count(*) from residents)
  from (select count(distinct service) s, count(distinct department) d from finest where household is not null group by cpr)""").fetchone()
ore, n = c.execute("select sum(ore), count(*) from ledger").fetchone()
print(f"{n} ledger rows, {ore} oere, {several} of {residents} residents have several services and departments")
