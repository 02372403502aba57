//! The commented plan that `samkor init` writes.

use super::{inputs::TO_BE_FILLED_IN, names::name_from};
use crate::domain::{Date, Period};

/// A samkor.toml for a municipality, ready to be filled in: it reads without errors, but no run starts before the legal
/// basis is written. `period` is proposed (the library has no clock); the retention date lies two years after its end.
#[must_use]
#[expect(clippy::too_many_lines, reason = "it is one text, and reads best in one piece")]
pub fn template(municipality: &str, period: Period) -> String {
    let name = name_from(municipality);
    let name = if name.is_empty() { "kommune" } else { &name };
    let (year, month, day) = period.to.ymd();
    let retention = Date::from_ymd(year.saturating_add(2), month, day).unwrap_or(period.to.plus(730));
    format!(
        r#"# Plan for en samkøring. Linjer, der begynder med #, er forklaringer.
# Kontrollér planen med: samkor check samkor.toml      Kør den med: samkor run samkor.toml
# Alle stier er i forhold til denne fil.

# Kommune, projekt og liste, hver med a-z, 0-9 og bindestreg. Navnet indgår i pseudonymerne: skift det ikke undervejs.
projekt = "{name}|100-familier|fase1"

# stotte (støtte til familier), kvalitet (bedre indsatser) eller statistik. Kontrol er ikke et formål.
formaal = "stotte"

# Den lov og paragraf, som samkøringen hviler på. Kørslen begynder ikke, før den er skrevet.
retsgrundlag = "{TO_BE_FILLED_IN}: databeskyttelsesforordningen art. ..., lov ... § ..."

# Den dag, hvor resultaterne skal være slettet.
slettefrist = "{retention}"

# Kommunens kode. Kræves kun, når en kilde har en kolonne med den kommune, der betaler (betalingskommune).
# kommune = "0167"

# Nøglen bag pseudonymerne. Lav den med: samkor key new noegle/projekt.key
# Den, der har nøglen og CPR-udtrækket, kan finde personerne igen: opbevar den et andet sted end udtræk og resultater.
noegle = "noegle/projekt.key"

# Familiernes etiketter: projekt (de samme i hver kørsel) eller koersel (nye hver gang; det eneste ved statistik).
etiketter = "projekt"

# Mappen med resultaterne.
ud = "ud"

# Hvor stor en andel af en kildes rækker, der må sættes til side, før kørslen standser. 0.01 er én af hundrede.
fejlgraense = 0.01

[periode]
# Første og sidste dag, begge med. Kun kroner for disse dage tæller.
fra = "{from}"
til = "{to}"
# Dagen, hvor familierne gøres op; i perioden. Uden linjen er det periodens sidste dag.
# skaeringsdato = "{to}"

[rangliste]
antal = 100                 # familier på hver liste
min_ydelser = 2             # listerne over familier med flere indsatser: mindst så mange ydelser
min_afdelinger = 2          # ... og mindst så mange afdelinger
population = "alle"         # alle, familier-med-boern eller mindst-2-medlemmer
# beloebsgraense = "500.000"  # kr.: familier over beløbet tælles for sig
manuel = false              # om tillæg, der er samlet ind i hånden, tæller med
maal = "brutto"             # brutto eller netto (efter statsrefusion, mellemkommunal indtægt og egenbetaling); det andet står ved siden af
afrunding = 1000            # kr.: beløb på listerne rundes af hertil

[familier]
# Den enhed, der rangeres: S (sagsfamilien: familien med anbragte børn), F (familien) eller H (husstanden). Alle tre regnes ud.
enhed = "S"
# Adresser, der ikke er en husstand: liste (kun filen herunder) eller liste+kerner (også fire ubeslægtede familier på én adresse).
institutionsvaern = "liste"
# institutioner = "institutioner.csv"   # Kommunekode;Vejkode;Husnr;Etage;Side/dør;Bygningsnr;Type
# manuel = "familielinks.csv"           # CPR;Handling;CPR 2;Fra;Til;Grund

# Rækker uden et brugbart nummer. Det, et menneske skal se på, skriver samkor review i køen, krypteret til modtagerne.
# [samkoering]
# uden = ["vaegt"]                # trin, der slås fra
# afgoerelser = "afgoerelser.csv" # gennemgangens afgørelser
# koe = "koe.csv.age"
# modtagere = ["age1..."]         # gennemgangens offentlige nøgler, lavet med: age-keygen

# [opgoerelse]  # bevillinger mod betalinger: modningsdage = 105, formodet_ophoert_dage = 120, daekningsgraense = 0.80

# Faste priser: kronerne regnes om til et års priser, og rangen følger dem. Uden afsnittet er alt i løbende priser.
# [prisniveau]
# aar = 2024
# indeks = "prisindeks.csv"   # class;year;percent;confidence;source

# Lukkede måneder: deres tal er dem, der stod i arbejde/maaneder.csv, da de blev lukket. Senere rettelser står ved siden af.
# [maanedslukning]
# til = "{month_end}"
# tal = "marts/arbejde/maaneder.csv"

# Én [[kilde]] for hvert system. navn vælges frit, fil er en sti, et mønster med * eller en liste af dem.
# Se layouts med: samkor layouts. Foreslå et til din egen fil med: samkor layouts infer FIL
[[kilde]]
navn = "cpr"
system = "cpr"
layout = "cpr-p12170"       # eller cpr-csv
fil = "ind/cpr*.txt"

[[kilde]]
navn = "dubu"
system = "dubu"
layout = "dubu-ydelser"
fil = "ind/dubu*.csv"
# tegnsaet = "windows-1252"   # utf-8 eller windows-1252; findes ellers af sig selv
# skilletegn = ";"            # findes ellers af sig selv
# data_start = "{from}"   # den første dag, kilden har data for; ellers dens første rækkes
# data_slut = "{to}"    # den sidste dag, kilden har data for
# fejlgraense = 0.05          # kildens egen grænse

[[kilde]]
navn = "opus"
system = "opus"
layout = "opus-posteringer"
fil = "ind/opus*.csv"

[[kilde]]
navn = "kmd"
system = "kmd"
layout = "kmd-ydelser"
fil = "ind/kmd*.csv"

# Flere kilder: fjern # foran dem, som kommunen har.
# [[kilde]]
# navn = "refusion"
# system = "ydelsesrefusion"
# layout = "kmd-ydelsesrefusion"
# fil = "ind/refusion*.csv"
#
# [[kilde]]
# navn = "sensum"
# system = "sensum"
# layout = "sensum-indsatser"
# fil = "ind/sensum*.csv"
#
# [[kilde]]
# navn = "indskrivning"
# system = "institution"
# layout = "indskrivning"
# fil = "ind/indskrivning*.csv"
#
# [[kilde]]
# navn = "takster"
# system = "institution"
# layout = "takster"
# fil = "ind/takster*.csv"
#
# [[kilde]]
# navn = "manuel"
# system = "manuel"
# layout = "manuel"
# fil = "ind/manuel*.csv"

# Egne layouts, der tilføjer til de indbyggede eller erstatter dem.
# [layouts]
# filer = ["layouts/*.toml"]

# Egne rækker over ydelseskatalogets tabeller; se dem med: samkor catalogue show. Hvad udtrækkene har, som kataloget mangler,
# vises med: samkor catalogue check samkor.toml
# [katalog]
# ydelser = "katalog/ydelser.csv"
# konti = "katalog/konti.csv"

# Hvilken kildes udbetalinger der tæller for en formålsgruppe, når to kilder har dem.
# [[autoritativ]]
# formaalsgruppe = "kontanthjaelp"
# kilde = "kmd"
"#,
        from = period.from,
        to = period.to,
        month_end = period.from.month_end(),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::plan::Plan;

    fn year(year: i16) -> Period {
        Date::from_ymd(year, 6, 1).expect("a day").year()
    }

    #[test]
    fn the_template_is_a_plan() {
        for municipality in ["Hvidovre", "Ærø Kommune", "", "***"] {
            let plan = Plan::parse(&template(municipality, year(2025)), "samkor.toml", Path::new("")).expect("a plan");
            assert_eq!((plan.period, plan.sources.len()), (year(2025), 4));
        }
        assert!(template("Ærø Kommune", year(2025)).contains("projekt = \"aeroe-kommune|100-familier|fase1\""));
    }

    #[test]
    fn what_the_template_leaves_out_is_right_too() {
        let text = template("koege", year(2024));
        let commented_in: String = text
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest)
                    if rest.starts_with('[') || rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' ')) =>
                {
                    rest
                }
                _ => line,
            })
            .flat_map(|line| [line, "\n"])
            .collect();
        let plan = Plan::parse(&commented_in, "samkor.toml", Path::new("")).expect("a plan");
        assert_eq!((plan.sources.len(), plan.authoritative.len(), plan.layout_files.len()), (9, 1, 1));
        assert_eq!(plan.reference_date, year(2024).to);
        assert!(plan.families.institutions.is_some() && plan.families.manual.is_some());
        assert_eq!(plan.catalogue.len(), 2);
        assert!(plan.ranking.cost_threshold.is_some() && plan.sources[1].delimiter.is_some());
    }

    #[test]
    fn a_leap_day_has_a_retention_date() {
        let day = Date::from_ymd(2024, 2, 29).expect("a leap day");
        let text = template("koege", Period { from: day, to: day });
        Plan::parse(&text, "samkor.toml", Path::new("")).expect("a plan");
    }

    #[test]
    fn no_run_starts_on_the_template() {
        let plan = Plan::parse(&template("koege", year(2025)), "samkor.toml", Path::new("")).expect("a plan");
        let error = plan.resolve_inputs().expect_err("nobody has written the legal basis");
        assert_eq!(error.to_string(), "Retsgrundlaget er ikke udfyldt");
    }
}
