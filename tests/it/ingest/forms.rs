//! Forms of values: amounts, dates, numbers of persons, signs, accounts, statuses, units.

use samkor::{
    catalogue::Catalogue,
    domain::{Account, AmountType, Cpr, Date, Identity, Ore, Role},
    ingest::{ReadOptions, rows::PostingNature},
    layout::Layout,
};

use super::{KMD, benefit, read, read_at, shipped};

fn day(text: &str) -> Date {
    Date::parse_iso(text).expect("a date")
}

#[test]
fn every_form_of_amounts() {
    let forms = [
        ("1.234,56", 123_456),
        ("1234,56", 123_456),
        ("1234", 123_400),
        ("1.234,56-", -123_456),
        ("-1.234,56", -123_456),
        ("(100,20)", -10_020),
        ("\"1.234,56\"", 123_456),
        ("12,3400", 1_234),
        ("0", 0),
        ("0,5", 50),
        (" 7,05 ", 705),
        ("1.234.567,89", 123_456_789),
    ];
    let rows: String = forms.iter().map(|(form, _)| benefit("0203040506", "2015-01-01", "2015-01-31", form)).collect();
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    assert_eq!(seen.faults(), []);
    let ore: Vec<i64> = seen.rows.iter().map(|row| row.amount.0).collect();
    assert_eq!(ore, forms.map(|(_, ore)| ore));
    assert_eq!(seen.summary.tally.ore_used, Ore(forms.iter().map(|(_, ore)| ore).sum()));

    let refused = ["", "1.23", "1,2,3", "12,345", "1 234,56", "12 kr.", "1,23E+09", "########", "--1", "1,", "(1"];
    let rows: String = refused.iter().map(|form| benefit("0203040506", "2015-01-01", "2015-01-31", form)).collect();
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    assert_eq!(seen.codes(), ["beloeb-ulaeseligt"; 11]);
    assert_eq!((seen.summary.tally.unreadable_amounts, seen.rows.len()), (11, 0));
    assert!(seen.faults.iter().all(|fault| fault.column.as_deref() == Some("Beløb") && fault.ore.is_none()));
}

#[test]
fn every_form_of_dates() {
    // Day number 42072 is 2015-03-09: 42005 is 1 January 2015, and 31 + 28 + 8 days lie between them.
    let forms = ["09-03-2015", "09.03.2015", "2015-03-09", "20150309", "42072"];
    let rows: String = forms.iter().map(|form| benefit("0203040506", form, form, "1")).collect();
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    assert_eq!(seen.faults(), []);
    assert!(seen.rows.iter().all(|row| (row.from, row.to) == (day("2015-03-09"), day("2015-03-09"))));

    let rows = benefit("0203040506", "2015-03-09", "", "1") + &benefit("0203040506", "2015-03-09", "31-12-9999", "1");
    assert!(read("kmd-ydelser", format!("{KMD}{rows}")).rows.iter().all(|row| row.to == Date::MAX), "no end");

    let faulty = [
        ("32.01.2015", "2015-03-09", "dato-ulaeselig", "Periode fra"),
        ("29-02-2015", "2015-03-09", "dato-ulaeselig", "Periode fra"),
        ("2015-03-09", "9/3/2015", "dato-ulaeselig", "Periode til"),
        ("2015-03-09", "0", "dato-ulaeselig", "Periode til"),
        ("", "2015-03-09", "felt-mangler", "Periode fra"),
        ("2015-03-09", "2015-03-08", "slut-foer-start", "Periode til"),
    ];
    let rows: String = faulty.iter().map(|(from, to, ..)| benefit("0203040506", from, to, "1")).collect();
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    let expected: Vec<_> = (2..).zip(faulty).map(|(line, (_, _, code, column))| (code, line, Some(column))).collect();
    assert_eq!(seen.faults(), expected);
    assert!(seen.faults.iter().all(|fault| fault.ore == Some(Ore(100))), "the amount was readable");
}

#[test]
fn every_form_of_numbers_of_persons() {
    let cpr = Cpr::parse(b"0203040506").expect("a date");
    let cleaned = Identity::Cleaned(cpr);
    let forms = [
        ("0203040506", Identity::Number(cpr)),
        ("020304-0506", cleaned),
        (" 020304 0506 ", cleaned),
        ("\"020304-0506\"", cleaned),
        ("\"\"\"0203040506\"\"\"", cleaned),
        ("'0203040506", cleaned),
        ("０２０３０４０５０６", cleaned),
        ("203040506", Identity::LostZero(cpr)),
        ("20304-0506", Identity::LostZero(cpr)),
        ("6203040506", Identity::Replacement),
        ("0203040AB6", Identity::Replacement),
        ("020304-1ab6", Identity::Replacement),
        ("", Identity::Missing),
        ("0000000000", Identity::Missing),
    ];
    let rows: String = forms.iter().map(|(form, _)| benefit(form, "2015-01-01", "2015-01-31", "1")).collect();
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    let identities: Vec<Identity> = seen.rows.iter().map(|row| row.identity).collect();
    assert_eq!((seen.faults(), identities), (vec![], forms.map(|(_, identity)| identity).to_vec()));

    let refused = ["3102040506", "1,01801E+09", "Jensen", "12345678", "02030405067", "#REF!"];
    let rows: String = refused.iter().map(|form| benefit(form, "2015-01-01", "2015-01-31", "1")).collect();
    let seen = read("kmd-ydelser", format!("{KMD}{rows}"));
    assert_eq!(seen.codes(), ["cpr-ugyldigt"; 6]);
}

const OPUS: &str = "Regnskabsår;Bogføringsdato;Bilagsnummer;Artskonto;Konto;Funktion;Dranst;Gruppering;Debet/kredit;Beløb;\
                    Ydelsesmodtagernr.;Ydelsesmodtagernr.kode;Ydelsesperiode fra;Ydelsesperiode til;TilbF-Ref.\n";

#[test]
fn debit_and_credit_give_the_sign_in_any_case() {
    let forms = [
        ("Debet", "100,00", 10_000),
        ("debet", "100,00", 10_000),
        ("DEBET", "100,00", 10_000),
        ("D", "100,00", 10_000),
        ("Kredit", "100,00", -10_000),
        ("kredit", "100,00", -10_000),
        ("KREDIT", "100,00", -10_000),
        ("K", "100,00", -10_000),
        ("k", "-100,00", -10_000),
        ("K", "100,00-", -10_000),
        ("Debet", "(100,00)", -10_000),
        ("", "100,00", 10_000),
        ("", "100,00-", -10_000),
    ];
    let row = |(mark, amount, _): &(&str, &str, i64)| {
        format!("2015;05.01.2015;1;40000000;528211003;;;;{mark};{amount};020304-0506;02;;;\n")
    };
    let seen = read("opus-posteringer", OPUS.to_owned() + &forms.iter().map(row).collect::<String>());
    let ore: Vec<i64> = seen.rows.iter().map(|row| row.amount.0).collect();
    assert_eq!((seen.faults(), ore), (vec![], forms.map(|(.., ore)| ore).to_vec()));
    let seen = read("opus-posteringer", format!("{OPUS}2015;05.01.2015;1;4;528211003;;;;X;1;0203040506;02;;;\n"));
    assert_eq!(seen.faults(), [("kode-ukendt", 2, Some("Debet/kredit"))]);
}

#[test]
fn accounts_in_three_spellings_joined_or_apart() {
    let account = Account { function: 52821, dranst: Some(1), grouping: Some(3) };
    let catalogue = Catalogue::embedded().expect("parses");
    let service = catalogue.by_account(account, day("2015-07-01"));
    assert_ne!(service, catalogue.unknown_account());
    // Konto;Funktion;Dranst;Gruppering
    let spellings = [
        "528211003;;;",
        "5.28.21;;1;003",
        "05.28.21;;1;3",
        "52821;;1;003",
        ";5.28.21;1;003",
        ";05.28.21;1;003",
        ";528211003;;",
        "528211003;9.99.99;2;999",
    ];
    let row = |spelling: &&str| format!("2015;05.01.2015;1;40000000;{spelling};D;1;0203040506;02;;;\n");
    let seen = read("opus-posteringer", OPUS.to_owned() + &spellings.iter().map(row).collect::<String>());
    assert_eq!(seen.faults(), []);
    for (row, spelling) in seen.rows.iter().zip(spellings) {
        assert_eq!((row.service, row.posting.nature), (service, PostingNature::Cost), "{spelling}");
    }
    let refused = ["528211;;;", "5.28;;1;3", ";;1;3", "5.28.21;;10;3", "5.28.21;;1;1000", "1,23E+19;;;"];
    let seen = read("opus-posteringer", OPUS.to_owned() + &refused.iter().map(row).collect::<String>());
    let (konto, unreadable) = (Some("Konto"), "konto-ulaeselig");
    let expected = [
        (unreadable, 2, konto),
        (unreadable, 3, konto),
        ("felt-mangler", 4, konto),
        (unreadable, 5, Some("Dranst")),
        (unreadable, 6, Some("Gruppering")),
        (unreadable, 7, konto),
    ];
    assert_eq!(seen.faults(), expected);
}

#[test]
fn postings_tell_cost_refund_and_balance_apart_and_keep_their_person() {
    let rows = "2015;05.01.2015;77;40000000;528211003;;;;D;1;0203040506;02;01.01.2015;31.01.2015;\n\
                2015;05.01.2015;78;40000000;528212003;;;;K;1;0203040506;02;;;\n\
                2015;05.01.2015;79;90540000;;;;;K;1;;;;;\n\
                2015;05.01.2015;80;40000000;528211003;;;;K;1;55555555;11;;;77\n\
                2014;05.01.2015;81;40000000;528211003;;;;D;1;0203040506;2;;;\n";
    let seen = read("opus-posteringer", OPUS.to_owned() + rows);
    assert_eq!(seen.faults(), []);
    let natures: Vec<PostingNature> = seen.rows.iter().map(|row| row.posting.nature).collect();
    let (cost, refund, balance) = (PostingNature::Cost, PostingNature::Refund, PostingNature::Balance);
    assert_eq!(natures, [cost, refund, balance, cost, cost]);
    let has_person: Vec<bool> = seen.rows.iter().map(|row| row.identity != Identity::Missing).collect();
    assert_eq!(has_person, [true, true, false, false, true], "11 is a CVR number");
    assert_eq!((seen.rows[0].amount_type, seen.rows[1].amount_type), (AmountType::Contract, AmountType::Lump));
    assert_eq!(seen.rows[3].posting.reverses, seen.rows[0].posting.document);
    assert_ne!(seen.rows[0].posting.document, 0);
}

const DUBU: &str = "Status;Foranstaltningsparagraf;Enheds angivelse;Beregningsfrekvens;Ydelsesbeløb;Antal;Startdato;\
                    Slutdato;CPR-nr.\n";

fn grant(status: &str, unit: &str, frequency: &str, quantity: &str) -> String {
    format!("{status};SEL § 52, stk. 3, nr. 3;{unit};{frequency};100;{quantity};2015-01-01;;0203040506\n")
}

#[test]
fn statuses_count_or_not_in_any_case() {
    let counting =
        ["Aktiv", "Igangværende", "Effektueret", "Godkendt", "Bevilget", "Afsluttet", "AKTIV", "igangværende"];
    let not = ["Kladde", "Annulleret", "Afvist", "Under behandling", "KLADDE"];
    let unknown = ["", "Måske", "Aktiveret"];
    let all = counting.iter().chain(&not).chain(&unknown);
    let seen =
        read("dubu-ydelser", DUBU.to_owned() + &all.map(|status| grant(status, "Døgn", "", "1")).collect::<String>());
    let tally = &seen.summary.tally;
    assert_eq!((tally.rows_used, tally.rows_sorted_out, tally.rows_set_aside), (8, 5, 3));
    assert_eq!((tally.ore_used, tally.ore_sorted_out, tally.ore_set_aside), (Ore(80_000), Ore(50_000), Ore(30_000)));
    assert_eq!(seen.codes(), ["kode-ukendt"; 3]);
    assert!(seen.rows.iter().all(|row| row.role == Role::Granted && row.to == Date::MAX));

    let heading = "IndsatsStartDato;IndsatsSlutDato;IndsatsStatus;Indsats;IndsatsParagraf;CPR;Status\n";
    let row = |status: &str| format!("2015-01-01;;{status};Botilbud;SEL § 107;0203040506;Aktiv\n");
    let statuses = ["Visiteret", "bevilget", "Ansøgt", "Kladde", "Ukendt"].map(row).concat();
    let seen = read("sensum-indsatser", heading.to_owned() + &statuses);
    let tally = &seen.summary.tally;
    assert_eq!((tally.rows_used, tally.rows_sorted_out, tally.rows_set_aside), (2, 2, 1));
    assert!(seen.rows.iter().all(|row| row.amount_type == AmountType::Nothing && row.amount == Ore::ZERO));
}

/// The frequency says how often the quantity recurs: hours, days and pieces recur with any; a price per week, month or
/// year only with its own.
#[test]
fn units_by_frequencies() {
    let frequencies = ["", "Dag", "Uge", "14 dage", "Måned", "Kvartal", "År", "Periode", "Engang"];
    let spreads = "d u 2 m k a p e".split(' ').collect::<Vec<_>>();
    let expected = [
        ("Time", "- d u 2 m k a p e"),
        ("Døgn", "d d u 2 m k a p e"),
        ("Dag", "d d u 2 m k a p e"),
        ("Stk", "e d u 2 m k a p e"),
        ("Engang", "e d u 2 m k a p e"),
        ("Uge", "u - u - - - - - -"),
        ("14 dage", "2 - - 2 - - - - -"),
        ("Måned", "m - - - m - - - -"),
        ("Kvartal", "k - - - - k - - -"),
        ("År", "a - - - - - a - -"),
        ("Periode", "p - - - - - - p -"),
    ];
    let types = [
        AmountType::Day,
        AmountType::Week,
        AmountType::Fortnight,
        AmountType::Month,
        AmountType::Quarter,
        AmountType::Year,
        AmountType::Contract,
        AmountType::Lump,
    ];
    for (unit, spread) in expected {
        for (frequency, code) in frequencies.iter().zip(spread.split(' ')) {
            let seen = read("dubu-ydelser", DUBU.to_owned() + &grant("Aktiv", unit, frequency, "1,5"));
            let amount_type = spreads.iter().position(|spread| *spread == code).map(|at| types[at]);
            let row = seen.rows.first();
            assert_eq!(row.map(|row| row.amount_type), amount_type, "{unit} × {frequency}");
            match row {
                Some(row) => assert_eq!((row.quantity, row.amount), (1_500, Ore(10_000))),
                None => {
                    assert_eq!(
                        seen.faults(),
                        [("enhed-ukendt", 2, Some("Beregningsfrekvens"))],
                        "{unit} × {frequency}"
                    );
                }
            }
        }
    }
    for (unit, frequency, column) in [("Kasse", "", "Enheds angivelse"), ("Døgn", "Skudår", "Beregningsfrekvens")] {
        let seen = read("dubu-ydelser", DUBU.to_owned() + &grant("Aktiv", unit, frequency, ""));
        assert_eq!(seen.faults(), [("enhed-ukendt", 2, Some(column))]);
    }
    let quantities = [("", 1000), ("2", 2000), ("0,125", 125), ("1.000", 1_000_000)];
    for (text, thousandths) in quantities {
        let seen = read("dubu-ydelser", DUBU.to_owned() + &grant("Aktiv", "Døgn", "", text));
        assert_eq!(seen.rows[0].quantity, thousandths, "{text}");
    }
    let seen = read("dubu-ydelser", DUBU.to_owned() + &grant("Aktiv", "Døgn", "", "mange"));
    assert_eq!(seen.faults(), [("antal-ulaeseligt", 2, Some("Antal"))]);
}

#[test]
fn a_layout_of_the_users_own_has_its_own_rules() {
    let text = r#"
        navn = "omsorg"
        system = "opus"
        titel = "Omsorgssystemets afregning"
        format = "csv"
        [[tabel]]
        navn = "afregning"
        art = "posteringer"
        decimal = "."
        slutdato = "eksklusiv"
        kolonne = [
            { felt = "cpr", navne = ["Borger"], kraevet = true },
            { felt = "konto", navne = ["Konto"], kraevet = true },
            { felt = "bogfoert", navne = ["Dato"], kraevet = true },
            { felt = "fra", navne = ["Start"] },
            { felt = "til", navne = ["Slut"] },
            { felt = "beloeb", navne = ["Pris"], kraevet = true },
        ]
    "#;
    let mut layouts = shipped();
    let layout = Layout::parse(text, "omsorg.toml").expect("a layout");
    layouts.add(layout.clone());
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("omsorg.csv");
    let rows = "Borger,Konto,Dato,Start,Slut,Pris\n\
                0203040506,528211003,2015-02-01,2015-01-01,2015-02-01,\"1,234.56\"\n\
                0203040506,528211003,2015-02-01,2015-01-01,31-12-9999,-5.5\n\
                0203040506,528211003,2015-02-01,2015-01-01,2015-01-01,1\n";
    std::fs::write(&path, rows).expect("written");
    let seen = read_at(&path, &layout, &layouts, ReadOptions::default()).expect("it fits");
    let first = &seen.rows[0];
    assert_eq!((first.from, first.to, first.amount), (day("2015-01-01"), day("2015-01-31"), Ore(123_456)));
    assert!(matches!(first.identity, Identity::Number(_)), "without a list of codes every row names a person");
    assert_eq!((seen.rows[1].to, seen.rows[1].amount), (Date::MAX, Ore(-550)), "no end stays no end");
    assert_eq!(seen.faults(), [("slut-foer-start", 4, Some("Slut"))], "it would have no day");
}
