//! What the embedded catalogue answers, and that a damaged one is refused.

use std::collections::BTreeSet;

use super::{Catalogue, CatalogueTable, Level, OwnTable, load};
use crate::{
    base::Result,
    domain::{Account, BudgetClass, Date, Law, Paragraph, ServiceId, System},
};

fn catalogue() -> Catalogue {
    Catalogue::embedded().expect("the data files agree")
}

fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

/// `5.28.21-003`, or the joined spelling with its dranst.
fn account(text: &str) -> Account {
    let (function, grouping) = text.split_once('-').unzip();
    let grouping = grouping.map(|digits| digits.parse().expect("three digits"));
    Account::parse(function.unwrap_or(text)).expect("an account").with(None, grouping)
}

#[track_caller]
fn check_accounts(expected: &[(&str, &str, &str)]) {
    let catalogue = catalogue();
    for (text, on, code) in expected {
        let found = catalogue.by_account(account(text), day(on));
        assert_eq!(&*catalogue.service(found).code, *code, "{text} on {on}");
    }
}

#[track_caller]
fn check_paragraphs(expected: &[(&str, &str, &str, &str)]) {
    let catalogue = catalogue();
    for (text, offer, on, code) in expected {
        let paragraph = Paragraph::parse(text, Law::Sel).expect("a paragraph");
        let found = catalogue.by_paragraph(&paragraph, offer, day(on));
        assert_eq!(&*catalogue.service(found).code, *code, "{text} {offer} on {on}");
    }
}

#[test]
fn one_service_per_account_gives_the_service() {
    check_accounts(&[
        ("5.28.22-004", "2015-02-01", "ANB-KPLEJE"),
        ("5.28.21-002", "2015-03-01", "FOR-PRAKT"),
        ("5.57.73-007", "2015-03-31", "YD-KTH"),
        ("5.25.14", "2015-06-30", "DAG-INST"),
        ("5.25.14-001", "2015-06-30", "DAG-INST"),
        ("5.38.52-001", "2015-06-30", "VOK-MIDL"),
        ("5.38.44-001", "2015-06-30", "VOK-ALK"),
        ("528231002", "2015-06-30", "ANB-DOEGN-SOC"),
        ("5.28.24-999", "2015-06-30", "ANB-SIKR"),
    ]);
}

#[test]
fn several_services_on_an_account_give_their_group() {
    check_accounts(&[
        ("528211003", "2015-04-20", "5.28.21-003"),
        ("5.28.21-003", "2024-04-20", "5.28.21-003"),
        ("5.28.22-002", "2015-01-15", "5.28.22-002"),
        ("5.28.21-007", "2015-01-15", "5.28.21-007"),
        ("5.25.11-002", "2015-01-15", "5.25.11-002"),
    ]);
}

#[test]
fn a_missing_or_unlisted_grouping_gives_the_function() {
    check_accounts(&[
        ("5.28.21", "2015-01-15", "5.28.21"),
        ("5.28.21-888", "2015-01-15", "5.28.21"),
        ("5.28.22", "2015-01-15", "5.28.22"),
        ("5.57.73-009", "2015-12-31", "5.57.73"),
        ("5.57.73-009", "2016-01-01", "YD-SAERST16"),
    ]);
}

#[test]
fn the_chart_changes_with_the_year() {
    check_accounts(&[
        ("5.32.32", "2015-01-15", "5.32.32"),
        ("5.32.32-001", "2017-12-31", "5.32.32"),
        ("5.32.32", "2018-01-01", "ukendt-konto"),
        ("5.30.26", "2017-12-31", "ukendt-konto"),
        ("5.30.26", "2018-01-01", "VOK-HJH-AE"),
        ("5.38.37-002", "2018-01-01", "VOK-HJH-H"),
        ("5.38.38-002", "2018-01-01", "VOK-BPA96"),
        ("5.38.38-009", "2018-01-01", "5.38.38"),
        ("5.68.90-095", "2021-12-31", "BE-MENTOR"),
        ("5.68.90-114", "2021-12-31", "5.68.90"),
        ("5.68.90-114", "2022-01-01", "BE-MENTOR"),
        ("5.68.90-095", "2022-01-01", "5.68.90"),
        // Foster families stood in 5.28.20 before they had a function of their own.
        ("5.28.20-003", "2013-12-31", "5.28.20"),
        ("5.28.20-003", "2014-01-01", "ANB-OPH"),
    ]);
}

#[test]
fn other_dransts_are_never_services() {
    check_accounts(&[
        ("557732007", "2015-03-31", "REF-STAT"),
        ("522072001", "2015-03-31", "REF-CENTRAL"),
        ("522072002", "2015-03-31", "REF-STAT"),
        ("522071001", "2015-03-31", "ukendt-konto"),
        ("528213003", "2015-03-31", "ukendt-konto"),
        ("9.99.99", "2015-03-31", "ukendt-konto"),
    ]);
}

#[test]
fn dubu_spellings_find_their_service() {
    check_paragraphs(&[
        ("SEL § 52, stk. 3, nr. 3", "Familiebehandling", "2015-02-02", "FOR-FAM"),
        ("SEL 52.3.3", "Familiebehandling", "2015-02-02", "FOR-FAM"),
        ("§52.3.3", "FAMILIEBEHANDLING Familiehuset", "2015-02-02", "FOR-FAM"),
        ("52, stk. 3, nr. 3", "Behandling af barnets/den unges problemer", "2015-02-02", "FOR-BARN"),
        ("SEL 52.3.3", "Dagbehandlingstilbud", "2015-02-02", "FOR-DAGBEH"),
        ("SEL 52.3.3", "", "2015-02-02", "5.28.21-003"),
        ("SEL 52.3.2", "", "2015-02-02", "FOR-PRAKT"),
        ("SEL 52.3.4", "Familiehus", "2015-02-02", "FOR-FAMDOEGN"),
        ("SEL 52.3.5", "Aflastning", "2015-02-02", "FOR-AFL"),
        ("SEL 52.3.6", "Fast kontaktperson for barnet/den unge", "2015-02-02", "FOR-KONT"),
        ("SEL 52.3.6", "Fast kontaktperson for hele familien", "2015-02-02", "FOR-KONTFAM"),
        ("SEL 52.3.6", "Kontaktperson", "2015-02-02", "5.28.21-007"),
        ("SEL 52", "Familiebehandling", "2015-02-02", "FOR-FAM"),
        ("SEL 52", "", "2015-02-02", "ukendt-paragraf"),
        ("SEL § 11, stk. 6", "Fritid", "2015-02-02", "FOR-FRITID"),
        ("SEL § 11, stk. 7", "Rådgivning", "2015-02-02", "FOR-RAAD117"),
        ("§ 54a", "", "2015-02-02", "FOR-KOORD"),
        ("§ 54", "", "2015-02-02", "FOR-STOETTEP"),
        ("SEL 42", "Tabt arbejdsfortjeneste", "2015-02-02", "HAN-TAF"),
        ("SEL 45", "Ledsager", "2015-02-02", "HAN-LEDS"),
        ("SEL 76, stk. 3, nr. 2", "", "2015-02-02", "EFT-KONT"),
        ("SEL § 107", "Midlertidigt botilbud", "2015-02-02", "VOK-MIDL"),
        ("SEL § 107", "Midlertidigt botilbud", "2025-02-02", "VOK-MIDL"),
        ("SEL § 85", "Bostøtte til sindslidende", "2015-02-02", "VOK-BOST-P"),
        ("SEL § 85", "", "2015-02-02", "VOK-BOST"),
        ("SEL § 91", "Personlig hjælp, ældre", "2015-02-02", "VOK-HJH-AE"),
        ("SEL § 93", "Plejebolig", "2015-02-02", "VOK-HJH-EJ"),
        ("SEL § 999", "", "2015-02-02", "ukendt-paragraf"),
    ]);
}

#[test]
fn the_place_of_a_placement_follows_the_numbering_of_its_day() {
    check_paragraphs(&[
        ("§ 66, stk. 1, nr. 1", "Plejefamilie", "2015-02-01", "ANB-PLEJE"),
        ("SEL 66 nr 1", "", "2015-02-01", "ANB-PLEJE"),
        ("SEL 66.1", "Plejefamilie (almen)", "2015-02-01", "ANB-PLEJE"),
        ("SEL 66.1", "", "2015-02-01", "ANB-UOPLYST"),
        ("SEL 66.1.2", "Kommunal plejefamilie", "2015-02-01", "ANB-KPLEJE"),
        ("SEL 66.1.2", "Forstærket plejefamilie", "2019-07-01", "ANB-PLEJE"),
        ("SEL 66.1.5", "", "2019-06-30", "ANB-OPH"),
        ("SEL 66.1.5", "", "2019-07-01", "ANB-VAER"),
        ("SEL 66.1.6", "", "2019-06-30", "5.28.23"),
        ("SEL 66.1.6", "", "2019-07-01", "ANB-OPH"),
        ("SEL 66.1.7", "Døgninstitution, nedsat funktionsevne", "2020-01-01", "ANB-DOEGN-HAN"),
        ("SEL 66.1.7", "Sikret døgninstitution", "2020-01-01", "ANB-SIKR"),
        ("SEL 52.3.7", "Netværksplejefamilie", "2015-02-01", "ANB-NETV"),
        ("SEL 52.3.7", "Kollegielignende opholdssted", "2015-02-01", "ANB-VAER"),
        ("SEL 52.3.7", "Lommepenge", "2015-02-01", "ANB-LOMME"),
        ("SEL 58", "", "2015-02-01", "ANB-TVANG"),
        ("SEL 58", "Opholdssted", "2015-02-01", "ANB-OPH"),
    ]);
}

#[test]
fn barnets_lov_takes_over_in_2024() {
    check_paragraphs(&[
        ("SEL 52.3.3", "Familiebehandling", "2023-12-31", "FOR-FAM"),
        ("SEL 52.3.3", "Familiebehandling", "2024-01-01", "ukendt-paragraf"),
        ("BL 32.1.5", "Familiebehandling", "2023-12-31", "ukendt-paragraf"),
        ("BL 32.1.5", "Familiebehandling", "2024-01-01", "FOR-FAM"),
        ("Barnets lov § 32, stk. 1, nr. 7", "Støtteophold", "2024-01-01", "FOR-AFL"),
        ("BL 32.1", "Familiebehandling", "2024-01-01", "FOR-FAM"),
        ("BL 32", "Fast kontaktperson for hele familien", "2024-01-01", "5.28.21-007"),
        ("BL 32", "", "2024-01-01", "5.28.21"),
        ("BL 32", "Anden hjælp (rådgivning, behandling, støtte)", "2024-01-01", "FOR-ANDEN"),
        ("BL 30", "Andre forebyggende indsatser", "2024-01-01", "FOR-ANDFOR"),
        ("BL § 46", "Plejefamilie", "2024-01-01", "ANB-PLEJE"),
        ("BL § 47", "", "2024-01-01", "ANB-TVANG"),
        ("BL § 43, stk. 1, nr. 6", "Børne- og ungehjem", "2024-01-01", "ANB-UOPLYST"),
        ("BL § 114, stk. 1, nr. 1", "", "2024-01-01", "EFT-DOEGN"),
        ("SEL 101", "", "2024-01-01", "VOK-STOF"),
        ("BL 33", "", "2024-01-01", "VOK-STOF"),
    ]);
}

#[test]
fn benefits_are_known_by_code_or_name() {
    let catalogue = catalogue();
    for (system, code, name, expected) in [
        (System::Kmd, "YD-KTH", "Kontanthjælp", "YD-KTH"),
        (System::Kmd, "0815", " kontanthjælp ", "YD-KTH"),
        (System::Kmd, "0815", "Noget andet", "ukendt-ydelse"),
        (System::Ydelsesrefusion, "", "Sygedagpenge", "YD-SDP"),
        (System::Ydelsesrefusion, "", "SYGEDAGPENGE", "YD-SDP"),
        (System::Ydelsesrefusion, "", "Fleksløntilskud", "YD-FLEKS"),
        (System::Ydelsesrefusion, "YD-KTH", "", "ukendt-ydelse"),
        (System::Ydelsesrefusion, "", "", "ukendt-ydelse"),
        (System::Manuel, "VOK-HJH-AE", "", "VOK-HJH-AE"),
        (System::Manuel, "be-mentor", "", "BE-MENTOR"),
        (System::Manuel, "", "", "ukendt-ydelse"),
        (System::Institution, "", "Daginstitution Solsikken", "DAG-INST"),
        (System::Institution, "", "Børnehaven Skovbrynet", "DAG-INST"),
        (System::Institution, "", "Solsikkens SFO", "SFO-PLADS"),
        (System::Institution, "", "Dagplejen", "DAG-DAGPL"),
        (System::Institution, "DAG-DAGPL", "Solsikken", "DAG-DAGPL"),
        (System::Institution, "", "Transformeren", "ukendt-ydelse"),
        (System::Institution, "", "Kontanthjælp", "ukendt-ydelse"),
    ] {
        let found = catalogue.service(catalogue.by_benefit(system, code, name));
        assert_eq!(&*found.code, expected, "{system:?} {code} {name}");
    }
}

/// A grant and its posting must settle in one purpose group: the members of every account group, by the paragraph table.
#[test]
fn an_account_group_and_its_services_share_a_purpose_group() {
    let catalogue = catalogue();
    let purpose = |code: &str| {
        let id = catalogue.service_by_code(code).unwrap_or_else(|| panic!("{code} is no service"));
        &*catalogue.purpose_group(catalogue.service(id).purpose_group).code
    };
    for (group, members) in [
        ("5.28.22-002", "ANB-PLEJE EFT-PLEJE ANB-KPLEJE ANB-UOPLYST ANB-TVANG 5.28.20 5.28.22 5.28.23 FOR-AFLANB"),
        ("5.28.21-003", "FOR-FAM FOR-BARN FOR-DAGBEH UND-50"),
        ("5.28.21-005", "FOR-AFL HAN-AFLOES"),
        ("5.28.21-007", "FOR-KONT FOR-KONTFAM EFT-KONT FOR-KOORD"),
        ("5.28.21-010", "FOR-ANDEN EFT-ANDEN"),
        ("5.28.21-011", "FOR-OEKFORAELD FOR-KONTAKTANB"),
        ("5.28.21-017", "FOR-KONSUL FOR-NETVGR FOR-ANDFOR FOR-FRITID FOR-PRAEV"),
        ("5.28.21", "ULK-FAM FOR-DAGT FOR-STOETTEPERS24"),
        ("5.28.25", "HAN-SDAGT HAN-SKLUB"),
        ("5.25.11-002", "DAG-FRIOEK DAG-FRISOC"),
        ("3.22.05", "SFO-PLADS SFO-FRI"),
        ("5.38.41", "VOK-HJM HAN-BIL 5.30.31 5.32.35"),
        ("4.62.82", "SUN-GENOP SUN-VEDLIG"),
        ("5.32.32", "VOK-HJH VOK-HJH-AE VOK-HJH-H VOK-HJH-EJ"),
        ("VOK-BOST", "VOK-BOST-S VOK-BOST-H VOK-BOST-P"),
    ] {
        for member in members.split(' ') {
            assert_eq!(purpose(member), purpose(group), "{member} and {group}");
        }
    }
    let apart = ["ANB-PLEJE", "ANB-LOMME", "FOR-FAM", "FOR-KONT", "YD-KTH", "YD-UDH", "YD-SDP", "DAG-INST", "5.28.21"];
    let groups: BTreeSet<_> = apart.iter().map(|code| purpose(code)).collect();
    assert_eq!(groups.len(), apart.len());
}

#[test]
fn every_group_has_services_and_every_named_benefit_a_source() {
    let catalogue = catalogue();
    let used: BTreeSet<_> = catalogue.services().map(|(_, service)| service.purpose_group).collect();
    let all: BTreeSet<_> = catalogue.purpose_groups().map(|(id, _)| id).collect();
    assert_eq!(used, all, "purpose groups without services");
    let used: BTreeSet<_> = catalogue.services().map(|(_, service)| service.department).collect();
    let all: BTreeSet<_> = catalogue.departments().map(|(id, _)| id).collect();
    assert_eq!(used, all, "departments without services");
    for (_, group) in catalogue.purpose_groups() {
        // KMD rows may carry any code of the catalogue and postings any account, so both need a place in the order.
        assert!(group.actual_sources.contains(&System::Kmd), "{}", group.code);
        assert!(group.actual_sources.contains(&System::Opus), "{}", group.code);
    }
    let refund_file = CatalogueTable::BenefitNames.text();
    for line in refund_file.lines().filter(|line| line.starts_with("ydelsesrefusion")) {
        let name = line.split(';').nth(1).expect("a name");
        let service = catalogue.service(catalogue.by_benefit(System::Ydelsesrefusion, "", name));
        let sources = &catalogue.purpose_group(service.purpose_group).actual_sources;
        assert!(sources.contains(&System::Ydelsesrefusion), "{name}");
    }
}

#[test]
fn flags_follow_the_definitions() {
    let catalogue = catalogue();
    let get = |code: &str| catalogue.service(catalogue.service_by_code(code).expect("a service"));
    for code in ["SKO-FOLK", "SUN-TAND", "SUN-SUNDPL", "ANB-LOMME", "DAG-SOESK", "REF-STAT", "UND-UNDERRET"] {
        assert!(!get(code).counts, "{code}");
    }
    for code in ["ANB-PLEJE", "FOR-FAM", "YD-KTH", "YD-PTILL", "DAG-FRIOEK", "DAG-INST", "5.28.21-003", "5.28.21"] {
        assert!(get(code).counts, "{code}");
    }
    let placement = catalogue.purpose_group_by_code("anbringelse").expect("the placements");
    for (_, service) in catalogue.services() {
        assert_eq!(service.placement, service.purpose_group == placement, "{}", service.code);
        let income = service.budget_class == BudgetClass::OutsideFrame;
        assert!(!(income && service.counts), "{}", service.code);
    }
    assert_eq!(get("YD-KTH").budget_class, BudgetClass::Transfer);
    assert_eq!(get("ANB-OPH").budget_class, BudgetClass::ServiceFrame);
    assert_eq!(get("FOR-FAM").level, Level::Service);
    assert_eq!(get("5.28.21-003").level, Level::AccountGroup);
    assert_eq!(get("5.28.21").level, Level::Function);
}

#[test]
fn what_is_not_known_is_a_class_of_its_own() {
    let catalogue = catalogue();
    let unknown = [catalogue.unknown_account(), catalogue.unknown_paragraph(), catalogue.unknown_benefit()];
    assert_eq!(BTreeSet::from(unknown).len(), 3);
    for id in unknown {
        let service = catalogue.service(id);
        assert_eq!((service.level, service.budget_class), (Level::Unknown, BudgetClass::Unknown), "{}", service.code);
        assert!(!service.counts && !service.placement, "{}", service.code);
        assert!(!catalogue.department(service.department).is_known(), "{}", service.code);
    }
}

#[test]
fn codes_and_ids_lead_to_each_other() {
    let catalogue = catalogue();
    for (id, service) in catalogue.services() {
        assert_eq!(catalogue.service_by_code(&service.code), Some(id));
        assert_eq!(catalogue.service(id), service);
    }
    for (id, group) in catalogue.purpose_groups() {
        assert_eq!(catalogue.purpose_group_by_code(&group.code), Some(id));
    }
    assert_eq!(catalogue.service_by_code("yd-kth"), None);
    assert_eq!(catalogue.service_by_code("YD"), None);
    assert_eq!(catalogue.purpose_group_by_code("Anbringelse"), None);
    assert_eq!(catalogue.services().next().map(|(id, _)| id), Some(ServiceId(0)));
}

/// No row of the data is hidden behind another: each one answers for what it says, on its first and its last day.
#[test]
fn every_row_of_the_data_is_reached() {
    let catalogue = catalogue();
    let days = |from: &str, to: &str| {
        let of = |text: &str, open| if text.is_empty() { day(open) } else { day(text) };
        [of(from, "1990-01-01"), of(to, "2090-01-01")]
    };
    for line in CatalogueTable::Accounts.text().lines().skip(1) {
        let cells: Vec<_> = line.split(';').collect();
        let grouping = (!cells[1].is_empty()).then(|| cells[1].parse().expect("three digits"));
        let account = Account::parse(cells[0]).expect("an account").with(None, grouping);
        for on in days(cells[2], cells[3]) {
            let found = catalogue.service(catalogue.by_account(account, on));
            assert_eq!(&*found.code, cells[4], "{line} on {on}");
        }
    }
    for line in CatalogueTable::Paragraphs.text().lines().skip(1) {
        let cells: Vec<_> = line.split(';').collect();
        for (paragraph, offer) in cells[0].split('|').flat_map(|one| cells[3].split('|').map(move |offer| (one, offer)))
        {
            let read = Paragraph::parse(paragraph, Law::Rsl).expect("a paragraph");
            for on in days(cells[1], cells[2]) {
                let found = catalogue.service(catalogue.by_paragraph(&read, &offer.to_uppercase(), on));
                assert_eq!(&*found.code, cells[4], "{paragraph} {offer} on {on}");
            }
        }
    }
}

/// Loads the embedded files with one line changed in the file picked.
fn damaged(file: &str, from: &str, to: &str) -> Result<Catalogue> {
    let mut files = load::Files::with(&[]);
    let slot = match file {
        "departments.csv" => &mut files.departments,
        "purpose_groups.csv" => &mut files.purpose_groups,
        "services.csv" => &mut files.services,
        "accounts.csv" => &mut files.accounts,
        "paragraphs.csv" => &mut files.paragraphs,
        _ => &mut files.benefit_names,
    };
    let slot = &mut slot.shipped;
    assert!(slot.text.contains(from), "{from} is not in {file}");
    let text = slot.text.replacen(from, to, 1);
    slot.text = &text;
    load::load(&files)
}

#[test]
fn a_catalogue_that_contradicts_itself_is_refused_with_file_and_line() {
    for (file, from, to, says) in [
        ("departments.csv", "\nskole;", "\ndagtilbud;", "linje 4: koden »dagtilbud« står to gange"),
        ("departments.csv", "\nskole;Skole;", "\nskole;;", "linje 4: kode eller navn mangler"),
        ("departments.csv", "\nskole;", "\nskolen;", "services.csv"),
        ("purpose_groups.csv", ";opus,kmd;105;ja\n", ";opus,opus;105;ja\n", "linje 2: »opus« står to gange"),
        ("purpose_groups.csv", ";opus,kmd;105;ja\n", ";dubu;105;ja\n", "linje 2: »dubu« indeholder ikke udbetalinger"),
        ("purpose_groups.csv", ";opus,kmd;105;ja\n", ";opus;-1;ja\n", "linje 2: modningen skal være"),
        ("purpose_groups.csv", ";opus,kmd;105;ja\n", ";sap;105;ja\n", "linje 2: »sap« er intet system"),
        ("purpose_groups.csv", ";opus,kmd;105;ja\n", ";opus,kmd;105;børn\n", "linje 2: »børn« skal være ja eller nej"),
        ("services.csv", ";anbringelse;", ";anbragt;", "linje 2: »anbragt« findes ikke i purpose_groups.csv"),
        ("services.csv", ";serviceramme;", ";ramme;", "linje 2: »ramme« er ingen budgetklasse"),
        ("services.csv", ";serviceramme;", ";ukendt;", "linje 2: budgetklassen ukendt"),
        ("services.csv", ";ja;ja;B;", ";ja;ja;D;", "linje 2: sikkerheden »D«"),
        ("services.csv", ";ja;ja;B;", ";ja;måske;B;", "linje 2: »måske« skal være ja eller nej"),
        ("services.csv", ";B;boern_unge;", ";B;boern;", "linje 2: »boern« findes ikke i departments.csv"),
        ("services.csv", ";kommune\n", ";staten\n", "linje 2: betaleren »staten« skal være"),
        ("accounts.csv", ";C;nej\n", ";C;\n", "linje 2: »« skal være ja eller nej"),
        ("services.csv", "ukendt-konto;", "ukendt-anden;", "services.csv, linje 1: ydelsen »ukendt-konto« mangler"),
        ("accounts.csv", ";SKO-FOLK;", ";SKO-FLOK;", "accounts.csv, linje 2: »SKO-FLOK« findes ikke"),
        ("accounts.csv", ";SKO-FOLK;", ";ukendt-konto;", "linje 2: en ukendt klasse"),
        ("accounts.csv", "3.22.01", "3.22", "linje 2: »3.22« er ingen konto"),
        ("accounts.csv", "3.22.01;;", "3.22.01;1;", "linje 2: gruppering »1«"),
        ("accounts.csv", "3.22.04;;;", "3.22.01;;2018-01-01;", "linje 3: kontoen står to gange"),
        ("accounts.csv", ";SKO-FOLK;C;", ";SKO-FOLK;;", "linje 2: sikkerheden »«"),
        ("paragraphs.csv", "LAS 25;;", "LAS 23;2025-06-30;", "LAS § 23 med samme tilbud"),
        ("paragraphs.csv", "LAS 25;", "§ 25;", "»§ 25« er ingen paragraf"),
        ("paragraphs.csv", ";lommepenge", ";Lommepenge", "skal stå med små bogstaver"),
        ("benefit_names.csv", "kmd;Personligt tillæg;", "kmd;Enkeltydelser;", "navnet står to gange"),
        ("benefit_names.csv", "kmd;Personligt tillæg;", "kmd;;", "navnet mangler"),
    ] {
        let error = damaged(file, from, to).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
        assert!(error.contains("csv, linje "), "{error}");
    }
}

#[test]
fn adjoining_dates_are_no_overlap() {
    let catalogue = damaged("accounts.csv", "3.22.04;;;;SKO-PPR", "3.22.14;;2020-01-01;;SKO-PPR").expect("no overlap");
    let found = |on| catalogue.service(catalogue.by_account(account("3.22.14"), day(on))).code.clone();
    assert_eq!((&*found("2019-12-31"), &*found("2020-01-01")), ("SKO-UNGE", "SKO-PPR"));
}

/// A file of the user's own.
fn own(table: CatalogueTable, rows: &str) -> OwnTable {
    let header = table.text().lines().next().expect("a header");
    OwnTable { table, name: "egen.csv".to_owned(), text: format!("{header}\n{rows}").into() }
}

#[test]
fn a_row_of_ones_own_replaces_its_key_and_adds_another() {
    let services = "FOR-FAM;Familiebehandling (egen);Own;skole;sfo;serviceramme;ja;nej;B;skole;kommune\n\
                    EGEN-1;Egen ydelse;Own service;egen;egen;serviceramme;ja;nej;C;egen;kommune\n";
    let files = [
        own(CatalogueTable::Departments, "egen;Egen afdeling;Own department\n"),
        own(CatalogueTable::PurposeGroups, "egen;Eget formål;Own purpose;opus;30;nej\n"),
        own(CatalogueTable::Services, services),
        own(CatalogueTable::Accounts, "5.68.90;114;;;EGEN-1;C;ja\n5.99.12;;;;EGEN-1;C;nej\n"),
        own(CatalogueTable::Paragraphs, "SEL 52 stk. 3 nr. 3;;;familiebehandling;EGEN-1;C\nSEL 999;;;;FOR-FAM;C\n"),
        own(CatalogueTable::BenefitNames, "kmd;Kontanthjælp;EGEN-1;C\nkmd;Egen hjælp;YD-KTH;C\n"),
    ];
    let (shipped, catalogue) = (catalogue(), Catalogue::with(&files).expect("the tables agree"));
    let code = |id: ServiceId| &*catalogue.service(id).code;
    let family = catalogue.service(catalogue.service_by_code("FOR-FAM").expect("replaced"));
    assert_eq!((&*family.name, &*catalogue.department(family.department).code), ("Familiebehandling (egen)", "skole"));
    assert_eq!(catalogue.services().len(), shipped.services().len() + 1);
    assert_eq!(catalogue.departments().last().map(|(_, department)| department.is_known()), Some(false));
    // All dated rows of the account give way, other accounts of the function stay.
    for (text, on, expected) in [
        ("5.68.90-114", "2015-01-01", "EGEN-1"),
        ("5.68.90-114", "2024-01-01", "EGEN-1"),
        ("5.68.90-112", "2024-01-01", "BE-DRIFT"),
        ("5.99.12-003", "2024-01-01", "EGEN-1"),
        ("5.99.13", "2024-01-01", "ukendt-konto"),
    ] {
        assert_eq!(code(catalogue.by_account(account(text), day(on))), expected, "{text}");
    }
    assert!(catalogue.service(catalogue.service_by_code("EGEN-1").expect("added")).person_booked);
    for (text, offer, expected) in [
        ("SEL 52.3.3", "Familiebehandling", "EGEN-1"),
        ("SEL 52.3.3", "Familieterapi", "FOR-FAM"),
        ("SEL 52.3.2", "", "FOR-PRAKT"),
        ("SEL 999", "", "FOR-FAM"),
    ] {
        let paragraph = Paragraph::parse(text, Law::Sel).expect("a paragraph");
        assert_eq!(code(catalogue.by_paragraph(&paragraph, offer, day("2015-02-02"))), expected, "{text} {offer}");
    }
    for (system, name, expected) in [
        (System::Kmd, "Kontanthjælp", "EGEN-1"),
        (System::Ydelsesrefusion, "Kontanthjælp", "YD-KTH"),
        (System::Kmd, "egen hjælp", "YD-KTH"),
    ] {
        assert_eq!(code(catalogue.by_benefit(system, "", name)), expected, "{system:?} {name}");
    }
}

#[test]
fn every_service_keeps_its_confidence() {
    let of = |catalogue: &Catalogue, code: &str| {
        catalogue.service(catalogue.service_by_code(code).expect("a service")).confidence.code()
    };
    let shipped = catalogue();
    assert_eq!(["FOR-FAM", "ANB-OPH", "ANB-UOPLYST"].map(|code| of(&shipped, code)), ["A", "B", "C"]);
    let own = own(CatalogueTable::Services, "FOR-FAM;Egen;Own;skole;sfo;serviceramme;ja;nej;B;skole;kommune\n");
    assert_eq!(of(&Catalogue::with(&[own]).expect("the tables agree"), "FOR-FAM"), "B");
}

#[test]
fn an_account_that_is_no_longer_person_booked_says_so() {
    let booked = |files: &[OwnTable]| {
        let catalogue = Catalogue::with(files).expect("the tables agree");
        catalogue.service(catalogue.service_by_code("YD-SDP").expect("a service")).person_booked
    };
    assert!(booked(&[]));
    assert!(!booked(&[own(CatalogueTable::Accounts, "5.57.71;;;;YD-SDP;A;nej\n")]));
}

#[test]
fn a_fault_in_a_file_of_ones_own_points_at_its_line() {
    for (table, rows, says, marked) in [
        (
            CatalogueTable::Accounts,
            "5.28.21;;;;FOR-FAM;C;ja\n5.28;;;;FOR-FAM;C;ja\n",
            "linje 3: »5.28« er ingen konto",
            "5.28;;;;FOR-FAM;C;ja",
        ),
        (
            CatalogueTable::Accounts,
            "5.99.12;;;;FINDES-IKKE;C;ja\n",
            "linje 2: »FINDES-IKKE« findes ikke i services.csv",
            "5.99.12;;;;FINDES-IKKE;C;ja",
        ),
        (
            CatalogueTable::Accounts,
            "5.99.12;;;;FOR-FAM;C;ja\n5.99.12;;;;FOR-FAM;C;ja\n",
            "kontoen står to gange på samme dag",
            "5.99.12;;;;FOR-FAM;C;ja",
        ),
        (
            CatalogueTable::Services,
            "A;A;A;skole;sfo;serviceramme;ja;nej;C;skole;kommune\na;B;B;skole;sfo;serviceramme;ja;nej;C;skole;kommune\n",
            "linje 3: koden »a« står to gange",
            "a;B;B;skole;sfo;serviceramme;ja;nej;C;skole;kommune",
        ),
        (CatalogueTable::Departments, "skole;Skole\n", "linje 2: der skal være 3 felter, men der er 2", "skole;Skole"),
        (
            CatalogueTable::Paragraphs,
            "SEL 999;;;Stort;FOR-FAM;C\n",
            "skal stå med små bogstaver",
            "SEL 999;;;Stort;FOR-FAM;C",
        ),
        (CatalogueTable::BenefitNames, "sap;Navn;FOR-FAM;C\n", "linje 2: »sap« er intet system", "sap;Navn;FOR-FAM;C"),
    ] {
        let error = Catalogue::with(&[own(table, rows)]).expect_err(says);
        assert_eq!(error.kind(), crate::base::ErrorKind::Plan);
        assert!(error.to_string().contains("egen.csv, linje ") && error.to_string().contains(says), "{error}");
        let place = error.place().expect("a place");
        assert_eq!((place.file.as_str(), &place.text[place.span.clone()]), ("egen.csv", marked));
    }
}
