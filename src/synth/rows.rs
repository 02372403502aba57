//! The rows of a block's exports, written from its truth.

use super::{
    damage::{Victim, harm},
    facit,
    files::{Beside, File, Pages, Tables},
    names,
    person::Person,
    proration::Rate,
    random::{Draws, Stream},
    services::{Booking, Payer, Wording},
    truth::{self, Cause, Credit, Payment, Spell, Truth},
    world::{Damage, World},
};
use crate::{
    base::Result,
    domain::{Date, Ore, Period},
    layout::{
        AmountStyle, Cells, DateForm, Field, NumberForm, Table, write_amount, write_date, write_number, write_person,
        write_quantity,
    },
};

/// Between the cells of every export.
pub const DELIMITER: u8 = b';';

const STYLE: AmountStyle = AmountStyle { decimal: b',' };

/// The accounts of own institutions, whose budgets name no citizen.
const BUDGETS: [(&str, i64); 2] = [("5.25.14", 36_000_000), ("3.22.01", 41_000_000)];

/// Writes the rows of a block.
///
/// # Errors
/// When a layout is not shipped.
pub fn write(
    world: &World,
    block: u32,
    persons: &[Person],
    truth: &Truth,
    tables: &Tables,
    pages: &mut Pages,
) -> Result<()> {
    let mut writer = Writer {
        world,
        block,
        persons,
        truth,
        tables,
        postings: tables.of("opus-posteringer")?,
        pages,
        cells: Cells::default(),
        documents: 0,
        place: None,
        draws: Draws::of(world.seed, Stream::Rows, u64::MAX - u64::from(block)),
        harms: Draws::of(world.seed, Stream::Damage, block.into()),
    };
    writer.grants(tables.of("dubu-ydelser")?);
    writer.measures(tables.of("sensum-indsatser")?);
    writer.enrolments(tables.of("indskrivning")?);
    writer.payments()?;
    writer.budgets();
    writer.fill();
    Ok(())
}

struct Writer<'a> {
    world: &'a World,
    block: u32,
    persons: &'a [Person],
    truth: &'a Truth,
    tables: &'a Tables,
    postings: &'a Table,
    pages: &'a mut Pages,
    cells: Cells,
    documents: u64,
    /// Whom the row under way is about.
    place: Option<usize>,
    draws: Draws,
    harms: Draws,
}

impl Writer<'_> {
    fn begin(&mut self, file: File) {
        self.cells.clear();
        self.tables.columns(file).begin(&mut self.cells);
        self.place = None;
    }

    fn beside(&mut self, file: File, beside: Beside, text: &str) {
        self.tables.columns(file).set(beside, text.as_bytes(), &mut self.cells);
    }

    fn number(&mut self, place: usize, form: NumberForm) {
        let cpr = self.persons[place].cpr;
        self.place = Some(place);
        self.cells.set(Field::Person, |out| write_person(out, cpr, form));
    }

    fn days(&mut self, days: Period, open: bool, form: DateForm) {
        self.cells.set(Field::From, |out| write_date(out, days.from, form));
        if !open {
            self.cells.set(Field::To, |out| write_date(out, days.to, form));
        }
    }

    fn amount(&mut self, ore: i64) {
        self.cells.set(Field::Amount, |out| write_amount(out, Ore(ore), STYLE));
    }

    /// Name and birth date beside the number, as damaged exports have them: what a wrong number can be held against.
    fn name(&mut self, file: File, place: usize) {
        let person = &self.persons[place];
        let columns = self.tables.columns(file);
        if columns.has(Beside::GivenName) {
            let mut born = Vec::with_capacity(10);
            write_date(&mut born, person.born, DateForm::Hyphens);
            columns.set(Beside::GivenName, names::given(person.sex, person.given).as_bytes(), &mut self.cells);
            columns.set(Beside::Surname, names::surname(person.surname).as_bytes(), &mut self.cells);
            columns.set(Beside::Born, &born, &mut self.cells);
        }
    }

    fn row(&mut self, table: &Table, file: File) {
        let mut draft = false;
        if let (Some(place), true) = (self.place, self.world.damage != Damage::None) {
            self.name(file, place);
            let columns = self.tables.columns(file);
            let victim = Victim { file, columns, block: self.block, persons: self.persons, place };
            draft = harm(self.world.damage, &mut self.harms, victim, &mut self.cells, self.pages);
        }
        table.write_row(&self.cells, DELIMITER, self.pages.line(file));
        if draft {
            self.cells.text(Field::Status, b"Kladde");
            table.write_row(&self.cells, DELIMITER, self.pages.line(file));
        }
    }

    fn grants(&mut self, table: &Table) {
        let truth = self.truth;
        let spells = truth.spells.iter();
        let new_law = Date::from_ymd(2024, 1, 1).expect("1 January exists");
        for (spell, grant) in spells.filter_map(|spell| Some((spell, spell.service().grant?))) {
            // As barnets lov came into force, running measures were decided anew under it.
            let crosses = spell.days.from < new_law && new_law <= spell.days.to && spell.rate != Rate::Contract;
            if !self.world.plain && crosses && spell.person.is_multiple_of(2) {
                let before = Period { to: new_law.plus(-1), ..spell.days };
                self.grant(table, &Spell { days: before, open: false, ..*spell }, &grant);
                let after = Period { from: new_law, ..spell.days };
                self.grant(table, &Spell { days: after, ..*spell }, &grant);
            } else {
                self.grant(table, spell, &grant);
            }
        }
    }

    fn grant(&mut self, table: &Table, spell: &Spell, grant: &Wording) {
        let by_law = usize::from(spell.days.from.ymd().0 >= 2024);
        self.begin(File::Grants);
        self.number(spell.person, NumberForm::Hyphen);
        self.cells.text(Field::Status, if spell.open { "Igangværende".as_bytes() } else { b"Afsluttet" });
        self.cells.text(Field::Paragraph, grant.measure[by_law].as_bytes());
        self.cells.text(Field::DecisionParagraph, grant.decision[by_law].as_bytes());
        self.cells.text(Field::ServiceType, grant.kind.as_bytes());
        self.cells.text(Field::Offer, grant.offer.as_bytes());
        let (unit, frequency) = match spell.rate {
            Rate::Day => ("Døgn", "Dag"),
            Rate::Week if spell.quantity == 1000 => ("Uge", "Uge"),
            Rate::Week => ("Time", "Uge"),
            Rate::Month => ("Måned", "Måned"),
            Rate::Contract => ("Periode", ""),
        };
        self.cells.text(Field::Unit, unit.as_bytes());
        self.cells.text(Field::Frequency, frequency.as_bytes());
        self.amount(spell.amount);
        self.cells.set(Field::Quantity, |out| write_quantity(out, spell.quantity, STYLE));
        self.days(spell.days, spell.open, DateForm::Hyphens);
        let case = format!("{}-{:03}", self.block + 1, spell.person);
        self.beside(File::Grants, Beside::Case, &case);
        self.beside(File::Grants, Beside::Department, grant.department);
        self.row(table, File::Grants);
    }

    fn measures(&mut self, table: &Table) {
        let truth = self.truth;
        let measured = |(index, spell): (usize, &'_ Spell)| Some((index, *spell, spell.service().measure?));
        for (index, spell, (paragraph, words)) in truth.spells.iter().enumerate().filter_map(measured) {
            self.begin(File::Measures);
            self.number(spell.person, NumberForm::Plain);
            self.cells.text(Field::Status, if spell.open { b"Aktiv" } else { b"Afsluttet" });
            self.cells.text(Field::Offer, words.as_bytes());
            self.cells.text(Field::Paragraph, paragraph.as_bytes());
            self.days(spell.days, spell.open, DateForm::Iso);
            let id = format!("{}-{index}", self.block + 1);
            self.beside(File::Measures, Beside::Case, &id);
            self.beside(File::Measures, Beside::Department, "Voksenafdelingen");
            self.row(table, File::Measures);
        }
    }

    fn enrolments(&mut self, table: &Table) {
        let truth = self.truth;
        for spell in truth.spells.iter().filter(|spell| spell.service().payer == Payer::Tariff) {
            self.begin(File::Enrolments);
            self.number(spell.person, NumberForm::Plain);
            let institution = truth::institution(self.block, spell);
            self.cells.set(Field::Institution, |out| institution_name(institution, out));
            self.days(spell.days, spell.open, DateForm::Iso);
            self.row(table, File::Enrolments);
        }
    }

    /// Payments of everything but the accounts.
    fn payments(&mut self) -> Result<()> {
        let tables = self.tables;
        let (benefits, weekly, manual) =
            (tables.of("kmd-ydelser")?, tables.of("kmd-ydelsesrefusion")?, tables.of("manuel")?);
        let truth = self.truth;
        for payment in &truth.payments {
            let spell = truth.spells[payment.spell];
            let service = spell.service();
            if service.payer == Payer::Opus {
                continue;
            }
            let file = match service.payer {
                Payer::Kmd => File::Benefits,
                Payer::Weekly => File::Weekly,
                _ => File::Supplements,
            };
            self.begin(file);
            self.amount(payment.ore);
            match service.payer {
                Payer::Kmd => {
                    self.number(spell.person, NumberForm::Plain);
                    self.cells.text(Field::ServiceCode, service.code.as_bytes());
                    self.cells.text(Field::ServiceName, service.name.as_bytes());
                    self.days(payment.days, false, DateForm::Hyphens);
                    self.row(benefits, file);
                }
                Payer::Weekly => {
                    self.number(spell.person, NumberForm::Hyphen);
                    self.cells.text(Field::ServiceName, service.name.as_bytes());
                    self.days(payment.days, true, DateForm::Iso);
                    self.cells.set(Field::RefundAmount, |out| write_amount(out, Ore(payment.ore * 4 / 10), STYLE));
                    self.row(weekly, file);
                }
                // Supplements.
                _ => {
                    self.number(spell.person, NumberForm::Hyphen);
                    self.cells.text(Field::ServiceCode, service.code.as_bytes());
                    self.days(payment.days, false, DateForm::Hyphens);
                    self.cells.text(Field::Ignored, b"opslag");
                    self.row(manual, file);
                }
            }
            if let (Some((function, grouping)), false) = (service.mirrored, self.world.plain) {
                self.mirror(payment, Booking { function, grouping, code: service.code });
            }
        }
        Ok(())
    }

    /// A benefit as the accounts show it, its balance leg, and the state's refund of a part.
    fn mirror(&mut self, payment: &Payment, booking: Booking) {
        let spell = self.truth.spells[payment.spell];
        let (year, posted) = (payment.days.to.ymd().0, payment.days.to.plus(3));
        for (ore, dranst, ledger) in
            [(payment.ore, b"1", b"40000000"), (-payment.ore / 4, b"2", b"40000000"), (-payment.ore, b"1", b"90540000")]
        {
            self.begin(File::Postings);
            self.number(spell.person, NumberForm::Plain);
            self.cells.text(Field::PersonCode, b"02");
            self.account(&booking, year, false);
            self.cells.text(Field::Dranst, dranst);
            self.days(payment.days, false, DateForm::Points);
            self.posting_of(ore, posted, payment.days.to);
            self.cells.text(Field::LedgerAccount, ledger);
            self.beside(File::Postings, Beside::Text, spell.service().name);
            self.row(self.postings, File::Postings);
        }
    }

    /// Own institutions' running costs.
    fn budgets(&mut self) {
        let mut month = self.world.window().from;
        while month <= self.world.window().to {
            for (function, ore) in BUDGETS {
                self.begin(File::Postings);
                self.cells.text(Field::Account, function.as_bytes());
                self.posting_of(ore + i64::from(month.days()), month.month_end(), month.month_end());
                self.supplier();
                self.row(self.postings, File::Postings);
            }
            month = month.month_end().plus(1);
        }
    }

    /// Postings of persons, as many as the block is still to write: a payment becomes one row or several.
    fn fill(&mut self) {
        let truth = self.truth;
        let paid = |payment: &&Payment| truth.spells[payment.spell].service().payer == Payer::Opus;
        let arrears = truth.payments.iter().filter(paid).filter(|payment| payment.arrears.is_some());
        arrears.for_each(|payment| self.in_arrears(payment));
        truth.credits.iter().for_each(|credit| self.credit(credit));
        let paid = |payment: &&Payment| payment.arrears.is_none() && paid(payment);
        let payments = truth.payments.iter().filter(paid).count() as u64;
        if payments == 0 {
            return;
        }
        let exports = [
            File::Grants,
            File::Postings,
            File::PostingsAgain,
            File::Benefits,
            File::Weekly,
            File::Measures,
            File::Enrolments,
            File::Supplements,
        ];
        let written: u64 = exports.iter().map(|file| self.pages.lines[*file as usize]).sum();
        let wanted = self.world.rows_of(self.block).saturating_sub(written).max(payments);
        // Only what lies within a month can be cut without moving øre from one month to another.
        let (share, rest) =
            if self.world.months_per_payment() == 1 { (wanted / payments, wanted % payments) } else { (1, 0) };
        for (number, payment) in (0..).zip(truth.payments.iter().filter(paid)) {
            self.postings(payment, share + u64::from(number < rest));
        }
    }

    /// Writes a payment without its days, on the number that it was booked on.
    fn in_arrears(&mut self, payment: &Payment) {
        let spell = self.truth.spells[payment.spell];
        let (Some(posted), Some(booking)) = (payment.arrears, spell.service().booking) else { return };
        let year = posted.ymd().0;
        let booking = booking[usize::from(year >= 2018)];
        self.begin(File::Postings);
        self.number(self.truth.booked_on[payment.spell].unwrap_or(spell.person), NumberForm::Plain);
        self.cells.text(Field::PersonCode, b"02");
        self.account(&booking, year, spell.person.is_multiple_of(2));
        self.posting_of(payment.ore, posted, posted);
        self.beside(File::Postings, Beside::Text, spell.service().name);
        self.row(self.postings, File::Postings);
    }

    /// Writes a part of a payment that came back, for the days of the payment.
    fn credit(&mut self, credit: &Credit) {
        let payment = self.truth.payments[credit.payment];
        let spell = self.truth.spells[payment.spell];
        let year = payment.days.to.ymd().0;
        let Some(booking) = spell.service().booking.map(|booking| booking[usize::from(year >= 2018)]) else { return };
        self.begin(File::Postings);
        self.account(&booking, year, spell.person.is_multiple_of(2));
        self.anew(spell.person, spell, payment.days);
        self.posting_of(-credit.ore, credit.posted, payment.days.to);
        self.row(self.postings, File::Postings);
    }

    /// What happens to postings of a full world: some stand in a second export, some were first made wrongly.
    fn mishap(&mut self, payment: &Payment, days: Period, ore: i64) {
        if self.world.plain || !self.draws.chance(3_000) {
            return;
        }
        let spell = self.truth.spells[payment.spell];
        let of = payment.days.to;
        match self.draws.below(3) {
            0 => {
                self.anew(spell.person, spell, days);
                self.row(self.postings, File::PostingsAgain);
                let out = self.pages.line(File::Causes);
                let code = spell.service().code_in(days.to.ymd().0);
                facit::write_cause(self.block, spell.person, code, Cause::Duplicate, out);
            }
            1 => {
                // A posting of a wrong amount, and its reversal, which names it.
                let wrong = ore * 11 / 10 + 1;
                self.anew(spell.person, spell, days);
                self.posting_of(wrong, days.to.plus(4), of);
                let document = self.cells.get(Field::Document).to_vec();
                self.row(self.postings, File::Postings);
                self.anew(spell.person, spell, days);
                self.posting_of(-wrong, days.to.plus(20), of);
                self.cells.text(Field::Reverses, &document);
                self.row(self.postings, File::Postings);
            }
            _ => {
                // Posted on another person and moved away, without a reference.
                let other = (spell.person + 1) % self.persons.len();
                self.anew(other, spell, days);
                self.posting_of(ore, days.to.plus(4), of);
                self.row(self.postings, File::Postings);
                self.anew(other, spell, days);
                self.posting_of(-ore, days.to.plus(40), of);
                self.row(self.postings, File::Postings);
            }
        }
    }

    /// Writes the parts of a posting anew that may have been damaged on their way.
    fn anew(&mut self, place: usize, spell: Spell, days: Period) {
        self.number(place, NumberForm::Plain);
        self.cells.text(Field::PersonCode, b"02");
        self.days(days, false, DateForm::Points);
        self.beside(File::Postings, Beside::Text, spell.service().name);
    }

    /// Writes a payment in so many rows, each with the next of its days.
    fn postings(&mut self, payment: &Payment, rows: u64) {
        let rows = i64::try_from(rows).unwrap_or(1).clamp(1, payment.ore.max(1));
        let spell = self.truth.spells[payment.spell];
        let year = payment.days.to.ymd().0;
        let booking = spell.service().booking.map(|booking| booking[usize::from(year >= 2018)]);
        let Some(booking) = booking else { return };
        let length = i64::from(payment.days.days());
        let day = |at: i64| payment.days.from.plus(i32::try_from(at).unwrap_or(0));
        for row in 0..rows {
            // Few rows share the days between them; more rows than days have a day each, several the same one.
            let days = if rows <= length {
                Period { from: day(length * row / rows), to: day(length * (row + 1) / rows - 1) }
            } else {
                Period { from: day(row % length), to: day(row % length) }
            };
            let ore = payment.ore * (row + 1) / rows - payment.ore * row / rows;
            self.begin(File::Postings);
            self.number(spell.person, NumberForm::Plain);
            self.cells.text(Field::PersonCode, b"02");
            self.account(&booking, year, spell.person.is_multiple_of(2));
            self.days(days, false, DateForm::Points);
            self.posting_of(ore, days.to.plus(4), payment.days.to);
            self.beside(File::Postings, Beside::Text, spell.service().name);
            self.row(self.postings, File::Postings);
            self.mishap(payment, days, ore);
        }
    }

    /// The account, joined or in columns.
    fn account(&mut self, booking: &Booking, year: i16, joined: bool) {
        let grouping = booking.grouping_in(year);
        if joined && !grouping.is_empty() {
            self.cells.set(Field::Account, |out| {
                out.extend(booking.function.bytes().filter(u8::is_ascii_digit));
                out.push(b'1');
                out.extend(grouping.bytes());
            });
        } else {
            self.cells.text(Field::Account, booking.function.as_bytes());
            self.cells.text(Field::Dranst, b"1");
            self.cells.text(Field::Grouping, grouping.as_bytes());
        }
    }

    /// Amount, days and document of a posting; `of` is a day of its accounting year.
    fn posting_of(&mut self, ore: i64, posted: Date, of: Date) {
        self.documents += 1;
        let document = 10_000_000_000_000 + (u64::from(self.block) << 28) + self.documents;
        self.cells.set(Field::Document, |out| write_number(out, document));
        self.cells.text(Field::Line, b"1");
        self.cells.set(Field::Year, |out| write_number(out, of.ymd().0.unsigned_abs().into()));
        self.cells.set(Field::Posted, |out| write_date(out, posted, DateForm::Points));
        self.cells.text(Field::LedgerAccount, b"40000000");
        self.cells.text(Field::DebitCredit, if ore < 0 { b"Kredit" } else { b"Debet" });
        self.amount(ore.abs());
    }

    /// A row that names no citizen.
    fn supplier(&mut self) {
        self.cells.text(Field::Payee, b"99999999");
        self.beside(File::Postings, Beside::Text, "Drift");
        self.beside(File::Postings, Beside::PayeeCode, "11");
    }
}

/// Writes the name of an institution of own care.
pub fn institution_name(institution: u32, out: &mut Vec<u8>) {
    out.extend(if institution % 2 == 1 { "Vuggestuen ".as_bytes() } else { "Børnehuset ".as_bytes() });
    write_number(out, u64::from(institution / 2 + 1));
}
