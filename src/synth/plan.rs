//! The plan that comes with a world: samkor.toml and the price list, ready to run.

use std::fmt::Write as _;

use super::{
    address::{self, Door, Parts},
    files::{File, Tables},
    rows::{DELIMITER, institution_name},
    truth,
    world::{Damage, World},
};
use crate::{
    base::Result,
    domain::Ore,
    layout::{AmountStyle, Cells, Field, write_amount, write_number, write_padded},
};

/// Where the demo key stands.
pub const KEY: &str = "noegle/demo.key";
/// Where the price list stands.
pub const PRICES: &str = "ind/takster.csv";

/// Where the list of institutions stands.
pub const INSTITUTIONS: &str = "ind/institutioner.csv";

/// The list of institutions' addresses, which are no households.
#[must_use]
pub fn institutions(world: &World) -> Vec<u8> {
    let mut out = "Kommunekode;Vejkode;Husnr;Etage;Side/dør;Bygningsnr;Type\r\n".as_bytes().to_vec();
    for (institution, address) in address::institutions(world.blocks()) {
        let Parts { municipality, road, house, floor, door } = address.parts();
        write_padded(&mut out, municipality.into(), 4);
        out.push(b';');
        write_padded(&mut out, road.into(), 4);
        out.push(b';');
        write_padded(&mut out, house.0.into(), 3);
        out.extend(house.1);
        out.push(b';');
        out.extend(floor.bytes());
        out.push(b';');
        match door {
            Door::None => {}
            Door::Side(side) => out.extend(side.bytes()),
            Door::Number(number) => write_padded(&mut out, number.into(), 4),
        }
        out.extend(b";;");
        out.extend(institution.word().bytes());
        out.extend(b"\r\n");
    }
    out
}

/// The purpose groups whose grants the accounts pay in arrears. The plan says so, since a small world may hold no payment of one.
const PAID_BY_THE_ACCOUNTS: [&str; 4] =
    ["anbringelse", "forebyggende-stoetteperson", "forebyggende-behandling", "forebyggende-aflastning"];

/// The plan's text.
#[must_use]
pub fn plan(world: &World) -> String {
    let period = world.period();
    let (kind, limit) = match world.damage {
        Damage::None => ("uden fejl", "0.01"),
        Damage::Light => ("med lidt fejl", "0.05"),
        Damage::Heavy => ("med mange fejl", "0.25"),
    };
    let shape = if world.plain { "enkel" } else { "fuld" };
    let World { seed, persons, rows, .. } = world;
    let mut text = format!(
        "# En opdigtet kommune af samkor synth: {persons} personer, {rows} rækker, frø {seed}, {shape}, {kind}.\n\
         # Ingen af personerne findes, og ingen har numrene: de opfylder ikke modulus 11 og har ikke fødselsdag 1. januar.\n\
         # Hvad der er sandt om den, står i facit/.\n\
         projekt = \"demo|synth-{seed}|familier\"\nformaal = \"stotte\"\n\
         retsgrundlag = \"Opdigtede data uden virkelige personer\"\nslettefrist = \"{}-12-31\"\n\
         noegle = \"{KEY}\"\netiketter = \"projekt\"\nud = \"ud\"\nfejlgraense = {limit}\n\n\
         [periode]\nfra = \"{}\"\ntil = \"{}\"\n\n\
         [rangliste]\nantal = 100\nmin_ydelser = 2\nmin_afdelinger = 2\npopulation = \"alle\"\nmanuel = false\nafrunding = 1000\n",
        world.last_year() + 5,
        period.from,
        period.to,
    );
    if !world.plain {
        write!(text, "\n[familier]\ninstitutioner = \"{INSTITUTIONS}\"\n").expect("a string grows");
    }
    let postings = if world.plain {
        format!("\"{}\"", File::Postings.path())
    } else {
        format!("[\"{}\", \"{}\"]", File::Postings.path(), File::PostingsAgain.path())
    };
    let one = |file: File| format!("\"{}\"", file.path());
    for (name, system, layout, files) in [
        ("cpr", "cpr", "cpr-p12170", one(File::Register)),
        ("dubu", "dubu", "dubu-ydelser", one(File::Grants)),
        ("opus", "opus", "opus-posteringer", postings),
        ("kmd", "kmd", "kmd-ydelser", one(File::Benefits)),
        ("refusion", "ydelsesrefusion", "kmd-ydelsesrefusion", one(File::Weekly)),
        ("sensum", "sensum", "sensum-indsatser", one(File::Measures)),
        ("indskrivning", "institution", "indskrivning", one(File::Enrolments)),
        ("takster", "institution", "takster", format!("\"{PRICES}\"")),
        ("manuel", "manuel", "manuel", one(File::Supplements)),
    ] {
        write!(text, "\n[[kilde]]\nnavn = \"{name}\"\nsystem = \"{system}\"\nlayout = \"{layout}\"\nfil = {files}\n")
            .expect("a string grows");
        if matches!(name, "opus" | "kmd" | "refusion") {
            let window = world.window();
            writeln!(text, "data_start = {}\ndata_slut = {}", window.from, window.to).expect("a string grows");
        }
    }
    if !world.plain {
        for group in PAID_BY_THE_ACCOUNTS {
            write!(text, "\n[[autoritativ]]\nformaalsgruppe = \"{group}\"\nkilde = \"opus\"\n")
                .expect("a string grows");
        }
    }
    text
}

/// The price list: every institution's price in every year that an enrolment can touch.
///
/// # Errors
/// When the layout is not shipped.
pub fn prices(world: &World, tables: &Tables) -> Result<Vec<u8>> {
    let table = tables.of("takster")?;
    let mut out = Vec::new();
    let mut cells = Cells::default();
    table.write_headings(&[], DELIMITER, &mut out);
    for institution in 0..(world.blocks().saturating_sub(1) / 4 + 1) * 2 {
        for year in world.first_year - 3..=world.last_year() {
            cells.clear();
            cells.set(Field::Institution, |out| institution_name(institution, out));
            cells.set(Field::Year, |out| write_number(out, year.unsigned_abs().into()));
            cells.text(Field::Unit, "Måned".as_bytes());
            let price = Ore(truth::price(world, institution, year));
            cells.set(Field::Amount, |out| write_amount(out, price, AmountStyle::default()));
            cells.text(Field::ServiceCode, b"DAG-INST");
            table.write_row(&cells, DELIMITER, &mut out);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        catalogue::Catalogue,
        synth::services::{KINDS, Payer},
    };

    #[test]
    fn the_groups_of_the_plan_are_those_paid_in_arrears() {
        let catalogue = Catalogue::embedded().expect("embedded");
        let arrears = KINDS.iter().filter(|kind| kind.payer == Payer::Opus && kind.grant.is_some());
        let groups: BTreeSet<String> = arrears
            .map(|kind| catalogue.service(catalogue.service_by_code(kind.code_in(2024)).expect("known")).purpose_group)
            .map(|group| catalogue.purpose_group(group).code.to_string())
            .collect();
        assert_eq!(groups, PAID_BY_THE_ACCOUNTS.map(str::to_owned).into());
        for code in &groups {
            let group = catalogue.purpose_groups().find(|(_, group)| *group.code == **code).expect("known").1;
            assert_eq!(group.maturity_days, crate::synth::payments::MATURITY, "{code}");
        }
    }
}
