#!/usr/bin/env python3
"""Removes one guard of the ledger at a time, and demands that the case named beside it fails (issue 5: one case per trap, each failing when its
guard is removed). Works on a copy of the tree, so nothing here is touched; one line per guard, exit code 1 when a guard is not held.

    tests/mutations/regnskab.py [--only WORD] [--target DIR] [--check]

--target is a cargo target directory whose dependencies are built already (the project's own by default); a guard takes about a minute. --check
only looks whether every guard still stands where it is looked for.
"""

import mutate

L, I, A, C, J = "src/ledger/", "src/ingest/", "src/analysis/", "src/catalogue/", "src/jobs/"


def case(name):
    """A case of tests/it/ledger_cases.rs."""
    return "ledger_cases::" + name


def unit(room, name):
    """A unit test."""
    return f"lib {room}::tests::{name}"


def worked(name):
    """A case of src/ledger/worked.rs."""
    return f"lib ledger::worked::{name}"


# Name, test, what its output must name, and the changes: file, text that stands once, text in its place.
MUTATIONS = [
    # Grants and payments.
    ("P8: en betaling uden periode betaler ingen bevilgede dage", case("p08_"), "p08-bevilget-og-betalt", [
        (L + "settle.rs", "let Some(arrears) = arrears.filter(|arrears| !arrears.is_empty()) else {", "let Some(arrears) = arrears.filter(|arrears| arrears.is_empty()) else {")]),
    ("P8: bevillingen tæller ved siden af betalingen", case("p08_"), "p08-bevilget-og-betalt", [
        (L + "settle.rs", "self.place_grants(&grants, claimed, &paid, arrears.as_ref())?;", "self.place_grants(&grants, claimed, &paid, arrears.as_ref().filter(|_| false))?;")]),
    ("P8: lommepenge er ingen gruppe for sig", case("p08_"), "p08-lommepenge", [
        (C + "data/services.csv", "boern_unge;anbringelse-lommepenge;", "boern_unge;anbringelse;")]),
    ("P8: de ældste ubetalte dage begynder først i perioden", case("p08_"), "p08-bevilget-og-betalt", [
        (L + "grants.rs", "Period::new(known.from, known.to)) {", "Period::new(known.from.max(self.period.from), known.to)) {")]),
    ("ældste dage først: betalinger tages ikke efter dato", worked("payments_are_taken_by_their_day"), "payments_are_taken_by_their_day", [
        (L + "settle.rs", "claims.lumps.sort_by_key(|(group, index)| (*group, rows[*index].from, *index));", "claims.lumps.sort_by_key(|(group, index)| (*group, *index));")]),
    ("ældste dage først: en dag kan ikke betales delvis", worked("a_day_can_be_paid_in_part"), "a_day_can_be_paid_in_part", [
        (L + "arrears.rs", "(self.day, self.paid) = (last, Ore(left));", "self.next_day(last);")]),
    ("ud over bevillingen: mærkes ikke", worked("a_day_can_be_paid_in_part"), "a_day_can_be_paid_in_part", [
        (L + "settle.rs", "posting_day, excess, Rule::BeyondGrants)", "posting_day, excess, Rule::OldestGrants)")]),
    ("P8 P17: en betaling med periode dækker ikke sine dage", case("p17_"), "p17-sene-regninger", [
        (L + "settle.rs", "claims.paid.extend(is_positive(row).then_some((group, standing)));", "")]),
    ("P8: en kredit betaler dage", worked("a_credit_pays_no_days"), "a_credit_pays_no_days", [
        (L + "settle.rs", "claims.paid.extend(is_positive(row).then_some((group, standing)));", "claims.paid.push((group, standing));")]),
    ("P8b: hver kilde tæller", case("p08b_"), "p08b-samme-ydelse-i-tre-kilder", [
        (L + "settle.rs", "Role::Actual if !settlement.counts(group, row.source)? => {", "Role::Actual if !settlement.counts(group, row.source)? && rows.is_empty() => {")]),
    ("P16: intet formodet ophør", case("p16_"), "p16-aldrig-afsluttet", [
        (L + "grants.rs", "(known.to.days() - last.days() > self.presumed_ended_after).then_some(last)", "(known.to.days() - last.days() > self.presumed_ended_after * 1_000).then_some(last)")]),
    ("P16: formodet ophør ser ikke på betalinger", worked("a_grant_for_which_nothing_comes"), "a_grant_for_which_nothing_comes", [
        (L + "grants.rs", "self.last_payment.map_or(silent_from, |paid| paid.max(silent_from))", "self.last_payment.map_or(silent_from, |_| silent_from)")]),
    ("P16: en fornyet bevilling begynder forfra", worked("a_grant_for_which_nothing_comes"), "a_grant_for_which_nothing_comes", [
        (L + "grants.rs", "let began = self.chains.taken_since(self.group, standing(&self.rows[place]).from)?;", "let began = standing(&self.rows[place]).from;")]),
    ("modning: aldrig betalte dage før modningsdatoen tæller", case("p16_"), "p16-aldrig-afsluttet", [
        (L + "grants.rs", "Some(known) if days.from >= known.from && days.from <= known.mature => {", "Some(known) if days.from >= known.from && days.from > days.to && days.from <= known.mature => {")]),
    ("P17 modning: umodne dage er aldrig betalt", case("p17_"), "p17-sene-regninger", [
        (L + "grants.rs", "Some(known) if days.from >= known.from && days.from <= known.mature => {", "Some(known) if days.from >= known.from && days.from <= known.to => {")]),
    ("P17: modningsgraden regnes af måneder, der ikke er modne", unit("ledger::maturity", "the_last_months"), "the_last_months", [
        (L + "maturity.rs", "!mature.contains(row.to)", "row.to < mature.from")]),
    ("P17: de sidste måneder siges ikke", case("p17_how"), "p17_how", [
        (L + "maturity.rs", "if booked < all {", "if booked < all && booked > all {")]),
    # Price lists.
    ("P12: egne pladser er gratis", case("p12_a_place"), "p12-egen-og-koebt-plads", [
        (L + "settle.rs", "Role::Tariff => claims.tariffs = true,", "Role::Tariff => {}")]),
    ("P12: taksten flyttes ikke fra institutionens linje", case("p12_a_place"), "p12-egen-og-koebt-plads", [
        (L + "settle.rs", "self.lines.add(row.source, LineKind::TariffMoved, row.service, 1, less(Ore::ZERO, sum)?)?;", "let _ = sum;")]),
    ("takst: tæller ved siden af betaling og bevilling", worked("a_price_list_fills"), "a_price_list_fills", [
        (L + "settle.rs", "for free in cover.free_days(settlement.purpose_group(row.service)?, days) {", "for free in cover.free_days(PurposeGroupId(u16::MAX), days) {")]),
    ("takst: tæller ved siden af en bevilling", worked("a_price_list_fills"), "a_price_list_fills", [
        (L + "settle.rs", "lump_days.extend(claims.granted.iter().map(|(group, _, days)| (*group, *days)));", "")]),
    # Spells.
    ("P13: slutdagen tæller ikke med", case("p13_"), "p13-dage-begge-med", [
        (L + "proration.rs", "self.cumulative(start + days.days(), unit) - self.cumulative(start, unit)", "self.cumulative(start + days.days() - 1, unit) - self.cumulative(start, unit)")]),
    ("P14: hele forløbet i ét år", case("p14_"), "p14-forloeb-over-aarsskiftet", [
        (L + "proration.rs", "AmountType::Day => rate.since_anchor(Date::EPOCH, days, 1),", "AmountType::Day => rate.since_anchor(Date::EPOCH, if contract.to == Date::MAX { days } else { contract }, 1),")]),
    ("P14: et periodebeløb fordeles over den afkortede periode", unit("ledger::proration", "a_period_amount_is_spread"), "a_period_amount_is_spread", [
        (L + "proration.rs", "AmountType::Contract => rate.since_anchor(contract.from, days, contract.days()),", "AmountType::Contract => rate.since_anchor(days.from, days, days.days()),")]),
    ("P15: et periodebeløb uden slut fordeles", case("p15_"), "p15-periodebeloeb-uden-slut", [
        (L + "proration.rs", "amount_type == AmountType::Contract && contract.to == Date::MAX\n}", "amount_type == AmountType::Contract && contract.to == Date::MAX && contract.from == Date::MAX\n}")]),
    ("P15: mærkes ikke som ikke periodiseret", worked("services_without_kroner"), "services_without_kroner", [
        (L + "entry.rs", "self.amount_type == AmountType::Contract && self.open && self.rule != Rule::OldestGrants", "self.amount_type == AmountType::Lump && self.open && self.rule != Rule::OldestGrants")]),
    ("P18: en måned er en tolvtedel af året", case("p18_"), "p18-en-hel-februar", [
        (L + "proration.rs", "AmountType::Month => rate.by_calendar(days, Date::month, 1),", "AmountType::Month => Rate { amount: rate.amount * 12, ..rate }.by_calendar(days, Date::year, 12),")]),
    ("P19: hvert forløb er en ydelse", case("p19_"), "p19-fornyet-bevilling", [
        (A + "units.rs", "        by_department,\n        services,\n", "        by_department,\n        services: services.max(u32::try_from(sum.spells).unwrap_or(u32::MAX)),\n")]),
    ("P19: to kilder er to ydelser", unit("analysis::units", "equal_their_naive_twin"), "equal_their_naive_twin", [
        (A + "units.rs", "counting.chunk_by(|one, next| one.3 == next.3).count();", "counting.len();")]),
    ("satsskift: en senere sats bruges ikke", case("p19_"), "p19-fornyet-bevilling", [
        (L + "grants.rs", "        let row = &self.rows[place];\n        let contract", "        let row = &Entry { amount: self.rows[0].amount, ..self.rows[place] };\n        let contract")]),
    ("afrunding: ugesatsens anker er rækkens dag", unit("ledger::proration", "any_split_of_the_days"), "any_split_of_the_days", [
        (L + "proration.rs", "AmountType::Week => rate.since_anchor(Date::EPOCH, days, 7),", "AmountType::Week => rate.since_anchor(days.from, days, 7),")]),
    ("afrunding: 14-dages-satsens anker er rækkens dag", unit("ledger::proration", "any_split_of_the_days"), "any_split_of_the_days", [
        (L + "proration.rs", "AmountType::Fortnight => rate.since_anchor(Date::EPOCH, days, 14),", "AmountType::Fortnight => rate.since_anchor(days.from, days, 14),")]),
    ("afrunding: døgnsatsens anker er rækkens dag", unit("ledger::proration", "any_split_of_the_days"), "any_split_of_the_days", [
        (L + "proration.rs", "AmountType::Day => rate.since_anchor(Date::EPOCH, days, 1),", "AmountType::Day => rate.since_anchor(days.from, days, 1),")]),
    ("afrunding: månedens anker er rækkens dag", unit("ledger::proration", "any_split_of_the_days"), "any_split_of_the_days", [
        (L + "proration.rs", "return self.since_anchor(first.from, days, first.days());", "return self.since_anchor(days.from, days, first.days());")]),
    ("afrunding: periodebeløbets anker er ikke kontraktens start", unit("ledger::proration", "a_period_amount_is_spread"), "a_period_amount_is_spread", [
        (L + "proration.rs", "AmountType::Contract => rate.since_anchor(contract.from, days, contract.days()),", "AmountType::Contract => rate.since_anchor(days.from, days, contract.days()),")]),
    ("afrunding: halve øre altid op", unit("ledger::proration", "the_narrow_division"), "the_narrow_division", [
        (L + "proration.rs", "(rest * 2 == divisor && quotient % 2 != 0)", "(rest * 2 == divisor)")]),
    ("timesats: timer om ugen er en sats om dagen", case("hours_a_week"), "timer-om-ugen", [
        ("src/layout/model.rs", "(Self::Time | Self::Dag | Self::Engang, Some(frequency)) => frequency,", "(Self::Time, Some(_)) => Self::Dag,\n            (Self::Dag | Self::Engang, Some(frequency)) => frequency,")]),
    ("lukning: døden lukker intet", unit("ledger::closing", "the_earliest_end"), "the_earliest_end", [
        (L + "closing.rs", "(settlement.died(row.person), Closing::Died)", "(None, Closing::Died)")]),
    ("lukning: dataslut lukker intet", unit("ledger::closing", "the_earliest_end"), "the_earliest_end", [
        (L + "closing.rs", "(settlement.data_end(row.source), Closing::DataEnd)", "(None, Closing::DataEnd)")]),
    ("lukning: åben siges ikke", unit("ledger::closing", "the_earliest_end"), "the_earliest_end", [
        (L + "closing.rs", "if to > period.to { Closing::Open } else { closing }", "if to > period.to { Closing::Ended } else { closing }")]),
    ("lukning: betalte kroner lukkes også", unit("ledger::closing", "the_earliest_end"), "the_earliest_end", [
        (L + "closing.rs", "if matches!(row.role, Role::Granted | Role::Tariff) && is_rate(row.amount_type) {", "if is_rate(row.amount_type) {")]),
    # Postings.
    ("P9: den interne indtægt tæller", case("p09_"), "p09-intern-afregning-og-periodisering", [
        (I + "money.rs", "_ if is_internal_income(art) => PostingNature::InternalIncome,", "")]),
    ("P9: en tilbageførsel uden reference findes ikke", case("p09_"), "p09-intern-afregning-og-periodisering", [
        (L + "reversal.rs", "    pair_by_content(rows, counts, &mut paired);\n", "")]),
    ("tilbageførsel: referencen bruges ikke", case("a_reversal_by_reference"), "tilbagefoersel-med-reference", [
        (L + "reversal.rs", "for (reverses_nothing, same_days) in [(true, true), (true, false), (false, true), (false, false)] {", "for (reverses_nothing, same_days) in [(true, true)] {")]),
    ("tilbageførsel: referencen læses ikke", case("a_reversal_by_reference"), "tilbagefoersel-med-reference", [
        (I + "money.rs", "reverses: folded(cell(Field::Reverses)),", "reverses: 0,")]),
    ("tilbageførsel: uden modpart siges ikke", case("a_reversal_by_reference"), "tilbagefoersel-med-reference", [
        (L + "settle.rs", "        _ if row.reverses != 0 => Rule::UnpairedReversal,\n", "")]),
    ("tilbageførsel: må være bogført før", unit("ledger::reversal", "a_credit_without_reference"), "a_credit_without_reference", [
        (L + "reversal.rs", "(content(&rows[charge]), Reverse(rows[charge].posted)) < (content(row), Reverse(row.posted))", "content(&rows[charge]) < content(row)")]),
    ("tilbageførsel: samme dag er for tidligt", unit("ledger::reversal", "a_reversal_may_be_booked_on_the_same_day"), "a_reversal_may_be_booked_on_the_same_day", [
        (L + "reversal.rs", "(content(&rows[charge]), Reverse(rows[charge].posted)) < (content(row), Reverse(row.posted))", "(content(&rows[charge]), Reverse(rows[charge].posted)) <= (content(row), Reverse(row.posted))")]),
    ("tilbageførsel: en anden periodes postering tages tilbage", unit("ledger::reversal", "a_credit_without_reference"), "a_credit_without_reference", [
        (L + "reversal.rs", "if has_no_period(row) { None } else { Some((row.from, row.to)) }", "if has_no_period(row) { None } else { Some((row.from, row.from)).filter(|_| false) }")]),
    ("tilbageførsel: den ældste i stedet for den seneste", unit("ledger::reversal", "a_credit_without_reference"), "a_credit_without_reference", [
        (L + "reversal.rs", "charges.sort_by_key(|&index| (content(&rows[index]), Reverse(rows[index].posted), index));", "charges.sort_by_key(|&index| (content(&rows[index]), Reverse(rows[index].posted), index));\n    charges.reverse();\n    charges.sort_by_key(|&index| content(&rows[index]));")]),
    ("ompostering: en anden kontos postering tages tilbage", case("a_reposting"), "ompostering", [
        (L + "reversal.rs", "(row.service, row.source, row.amount_type, days, row.quantity, row.amount.0.unsigned_abs())", "(row.source, row.amount_type, days, row.quantity, row.amount.0.unsigned_abs())")]),
    ("korrektion: en kredit for tidligere perioder sænker periodens udgift", case("a_credit_for_an_earlier_period"), "korrektion-tidligere-periode", [
        (L + "settle.rs", "if let Some(before) = corrected_earlier(row, period) {", "if let Some(before) = corrected_earlier(row, period).filter(|_| false) {")]),
    ("supplementsperiode: hører til bogføringsdagens år", case("the_supplementary_period"), "supplementsperiode", [
        (I + "money.rs", "let day = posted.clamp(first, last);", "let day = if first < last { posted } else { first };")]),
    ("statuskonti: artskonto 9 tæller", case("a_budget_stands"), "budget", [
        (I + "money.rs", "            _ if is_balance => PostingNature::Balance,\n", "")]),
    ("statuskonti: dranst 4 og op tæller", case("balance_legs"), "statuskonti", [
        (I + "money.rs", "            Some(4..) => PostingNature::Balance,\n", "")]),
    ("P10: forælderens nummer bliver stående", case("p10_"), "p10-paa-foraelderens-nummer", [
        (L + "guardian.rs", "Ok(child.filter(|_| is_certain))", "Ok(child.filter(|_| is_certain && guardians.is_empty()))")]),
    ("P10: flyttes også, når to børn kunne være det", unit("ledger::guardian", "a_row_goes_to_the_one_child"), "a_row_goes_to_the_one_child", [
        (L + "guardian.rs", "let is_certain = children.next().is_none() && !has_grant", "let is_certain = !has_grant")]),
    ("P10: en flyttet række mærkes ikke", case("p10_"), "p10_a_childs_cost", [
        (L + "settle.rs", "RowMark::of(row, nth).moved_if(self.is_moved(row))", "RowMark::of(row, nth).moved_if(false)")]),
    ("P10: et barns udgift på en voksen mærkes ikke", case("p10_"), "p10_a_childs_cost", [
        (J + "run.rs", "is_some_and(|age| age >= GROWN)", "is_some_and(|age| age >= 2 * GROWN)")]),
    ("P11: plejefarens løn er en ydelse", case("p11_"), "p11-plejefamiliens-vederlag", [
        (I + "money.rs", "            _ if is_own_pay(record, art) => Sought::Nobody,\n", "")]),
    ("P11: betalingsmodtageren er borgeren", case("p11_"), "p11-plejefamiliens-vederlag", [
        ("src/layout/data/opus-posteringer.toml", 'navne = ["Ydelsesmodtagernr.", "Ydelsesmodtager"]', 'navne = ["Betalingsmodtagernr.", "Betalingsmodtager"]'),
        ("src/layout/data/opus-posteringer.toml", 'felt = "betalingsmodtager"\nnavne = ["Betalingsmodtagernr.", "Betalingsmodtager"]', 'felt = "betalingsmodtager"\nnavne = ["Ydelsesmodtagernr.", "Ydelsesmodtager"]')]),
    ("overlappende filer: alle rækker tæller", case("files_that_overlap"), "overlappende-filer", [
        (L + "settle.rs", "let twice = repeated_rows(rows);", "let twice: Vec<bool> = repeated_rows(rows).into_iter().map(|_| false).collect();")]),
    ("overlappende filer: bilag og linje er ingen nøgle", unit("ledger::duplicate", "a_business_key"), "a_business_key", [
        (L + "duplicate.rs", "let kept = if has_key { 1 } else { most };", "let kept = if has_key { most } else { most };")]),
    ("overlappende filer: to ens i én fil er én", unit("ledger::duplicate", "without_a_key"), "without_a_key", [
        (L + "duplicate.rs", "let kept = if has_key { 1 } else { most };", "let kept = if has_key { 1 } else { most.min(1) };")]),
    # Net.
    ("P25: refusionen står ikke ved siden af", case("p25_"), "p25-brutto-refusion-medfinansiering", [
        (J + "money.rs", "(beside.refund != Ore::ZERO).then_some", "(beside.refund != beside.refund).then_some")]),
    ("P25: udbetalingen i stedet for medfinansieringen", case("p25_"), "p25-brutto-refusion-medfinansiering", [
        (I + "money.rs", "            Some(share) if self.catalogue.service(service).paid_by_others => share,\n", "")]),
    ("P25: en refusion tæller for hver kilde, der fortæller om den", worked("a_refund_stands_beside"), "a_refund_stands_beside", [
        (L + "net.rs", "days.filter(|_| counts && twice.get(index) != Some(&true))", "days.filter(|_| (counts || !counts) && twice.get(index) != Some(&true))")]),
    ("netto: dranst 2 er en udgift", case("net_is_gross"), "netto-i-regnskabet", [
        (I + "money.rs", "            Some(2) => PostingNature::Refund,\n", ""),
        (I + "money.rs", 'b"8.6" | b"8,6" | b"86" => PostingNature::Refund', 'b"8.6" | b"8,6" | b"86" => PostingNature::Cost')]),
    ("netto: art 7.7 er en udgift", case("net_is_gross"), "netto-i-regnskabet", [
        (I + "money.rs", 'b"7.7" | b"7,7" | b"77" => PostingNature::IntermunicipalIncome', 'b"7.7" | b"7,7" | b"77" => PostingNature::Cost')]),
    ("netto: egenbetaling er en udgift", case("net_is_gross"), "netto-i-regnskabet", [
        (I + "money.rs", "=> PostingNature::OwnPayment,", "=> PostingNature::Cost,")]),
    ("netto: refusionens konto siger ikke, hvad den er for", case("net_is_gross"), "netto-i-regnskabet", [
        (J + "linked_rows.rs", "&& self.tells_refunds.get(service.index()) == Some(&true)", "&& self.tells_refunds.is_empty()")]),
    ("netto: to systemer fortæller om den samme refusion", case("p08b_"), "p08b-samme-ydelse-i-tre-kilder", [
        (J + "preparation.rs", "first(service.purpose_group) == Some(system)", "first(service.purpose_group).is_some_and(|_| system == system)")]),
    ("P26: listen er i løbende priser", case("p26_"), "p26-loebende-og-faste-priser", [
        (C + "prices.rs", "let grown = ONE + growth;", "let grown = ONE + growth * 0;")]),
    ("P26: et manglende indeks er 1,0", case("p26_"), "p26-uden-indeks", [
        (C + "prices.rs", "self.growth.get(&(class, year)).ok_or_else(|| {", "self.growth.get(&(class, year)).or(Some(&0)).ok_or_else(|| {")]),
    # Names over time, damage, other municipalities.
    ("P21: barnets lov er ukendt", case("p21_"), "p21-ny-lov-samme-ydelse", [
        (C + "data/paragraphs.csv", "BL 32 stk. 1 nr. 5;2024-01-01;;familiebehandling|familieterapi;FOR-FAM;C", "BL 32 stk. 1 nr. 5;2024-01-01;;familieterapi;FOR-FAM;C")]),
    ("P21: paragraffen gælder alle dage", unit("catalogue", "barnets_lov_takes_over"), "barnets_lov_takes_over", [
        (C + "paragraphs.rs", "rule.valid.contains(on)", "(rule.valid.contains(on) || !rule.valid.contains(on))")]),
    ("P21: kontoen gælder alle år", unit("catalogue", "the_chart_changes"), "the_chart_changes", [
        (C + "accounts.rs", "same.find(|(_, valid, _)| valid.contains(on)).map(", "same.find(|(_, valid, _)| valid.contains(on) || !valid.contains(on)).map(")]),
    ("P37: uden for udtrækket siges ikke", case("p37_"), "p37-borger-uden-for-kommunen", [
        (A + "not_attributed.rs", "None => Destination::OutsideRegister,", "None => Destination::NotResident,")]),
    ("P39: det tabte nul findes ikke", case("p39_"), "p39-regnearkets-skader", [
        ("src/layout/value.rs", "Cpr::parse(&[b'0', a, b, c, d, e, f, g, h, i]).ok().map(Identity::LostZero)", "Cpr::parse(&[b'0', a, b, c, d, e, f, g, h, i]).ok().map(Identity::LostZero).filter(|_| false)")]),
    ("P39: et dagnummer er ingen dato", case("p39_"), "p39-regnearkets-skader", [
        ("src/layout/value.rs", "filter(|_| day >= 10_000)", "filter(|_| day >= 100_000)")]),
    ("P39: et beløb med punktum som komma læses", case("p39_a_point"), "p39-punktum-som-komma", [
        ("src/layout/value.rs", "if index == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 }", "!group.is_empty()")]),
    # The catalogue.
    ("katalog: sikkerheden går tabt", unit("catalogue", "every_service_keeps_its_confidence"), "every_service_keeps_its_confidence", [
        (C + "load.rs", "confidence: confidence(row, 8)?,", "confidence: confidence(row, 8).map(|_| Confidence::C)?,")]),
    ("katalog: egne rækker kommer ved siden af og ikke i stedet", unit("catalogue", "a_row_of_ones_own_replaces"), "a_row_of_ones_own_replaces", [
        (C + "accounts.rs", "keep_own(&mut rows, |(key, ..)| *key, |(.., row)| row);", "rows.reverse();")]),
    ("katalog: en ukendt konto er den nærmeste", case("a_budget_stands"), "budget", [
        (C + "accounts.rs", "_ => found.or_else(|| self.exact(Key { grouping: None, ..key }, on)).unwrap_or(self.unknown),", "_ => found.or_else(|| self.exact(Key { grouping: None, ..key }, on)).unwrap_or(self.rows[0].2),")]),
    ("katalog: en postering får en finere ydelse end sin konto", unit("catalogue", "a_missing_or_unlisted_grouping"), "a_missing_or_unlisted_grouping", [
        (C + "accounts.rs", "found.or_else(|| self.exact(Key { grouping: None, ..key }, on))", "found.or_else(|| self.rows.iter().find(|(known, ..)| known.function == key.function && known.grouping.is_some()).map(|(.., service)| *service)).or_else(|| self.exact(Key { grouping: None, ..key }, on))")]),
    ("katalog: samkor catalogue check ser ikke, hvad der mangler", "catalogue::the_check_lists", "the_check_lists", [
        (J + "catalogue_check.rs", "Some(known) => Ok(Outcome::Row((known, amount))),", "Some(_) => Ok(Outcome::SortedOut),")]),
    # Supplements.
    ("P38: tillæg rangordner", case("p38_supplements_rank_nobody"), "p38-manuelle-tillaeg", [
        (A + "mod.rs", "role != Role::Manual || self.manual", "role != Role::Manual || self.manual || self.prices.is_none()")]),
    ("P38: tillæg for nogle må rangordne", case("p38_supplements_of_some"), "p38-tillaeg-for-nogle", [
        (J + "run.rs", "if plan.ranking.manual && !found.may_be_ranked() {", "if plan.ranking.manual && !found.may_be_ranked() && found.candidates == 0 {")]),
    ("P38: N kandidater i stedet for 2N", case("p38_supplements_of_some"), "p38_supplements_of_some", [
        (A + "supplements.rs", "top.saturating_mul(2)", "top.saturating_mul(1)")]),
    ("manuel: går i stedet for en bevilling", worked("a_supplement_replaces_nothing"), "a_supplement_replaces_nothing", [
        (L + "settle.rs", "                    claims.manual = true;\n", "                    claims.manual = true;\n                    claims.paid.push((group, standing(row)));\n")]),
    ("manuel: ved siden af en betaling siges ikke", case("supplements_beside_payments"), "manuelt-ved-siden-af-betaling", [
        (L + "settle.rs", "spell.rule = Rule::ManualBesidePayment;", "spell.rule = Rule::Manual;")]),
    # Budget, months, coverage, the bridge.
    ("måneder: en lukket måned følger med", case("a_closed_month"), "maanedslukning", [
        (A + "months.rs", "closed: is_closed(key.0).then(|| closed.get(&key).copied().unwrap_or_default()),", "closed: is_closed(key.0).then(|| now.get(&key).copied().unwrap_or_default()),")]),
    ("måneder: en lukket måned, der er tømt, forsvinder", unit("analysis::months", "a_closed_month_keeps"), "a_closed_month_keeps", [
        (A + "months.rs", "now.keys().chain(frozen).copied().collect()", "now.keys().chain(frozen.filter(|_| false)).copied().collect()")]),
    ("budget: statuskonti står i budgettet", case("a_budget_stands"), "budget", [
        (J + "linked_rows.rs", "let in_budget = posting.nature != PostingNature::Balance;", "let in_budget = posting.nature != PostingNature::Balance || posting.year > 0;")]),
    ("dækning: forsiden vises altid", case("p12_coverage"), "p12_coverage", [
        (L + "coverage.rs", "matches!(self, Self::Known(parts) if parts < limit)", "matches!(self, Self::Known(parts) if parts < limit && limit == 0)")]),
    ("dækning: kendt uden helt regnskab", unit("ledger::coverage", "without_a_full_ledger"), "without_a_full_ledger", [
        (L + "coverage.rs", "if !all_full || total <= Ore::ZERO {", "if total <= Ore::ZERO || (total <= Ore::ZERO && all_full) {")]),
    ("dækning: institutionernes konti tæller med", unit("ledger::coverage", "person_booked_accounts"), "person_booked_accounts", [
        (L + "coverage.rs", "accounts.iter().filter(|account| person_booked(account.service));", "accounts.iter().filter(|account| person_booked(account.service) || account.total != Ore::ZERO);")]),
    ("dækning: en konto må afvige fra filen", unit("ledger::coverage", "an_account_that_does_not_add_up"), "an_account_that_does_not_add_up", [
        (L + "coverage.rs", "account.total.plus(account.not_cost)?.plus(account.copies)? != account.booked {", "account.total.plus(account.not_cost)?.plus(account.copies)? != account.booked && accounts.is_empty() {")]),
    ("konti: filens sum tælles ikke række for række", "accounts::every_account", "every_account_adds_up", [
        (L + "booked.rs", "self.all = self.all.plus(ore)?;\n        if in_budget {", "if in_budget {\n            self.all = self.all.plus(ore)?;")]),
    ("broen: må gå skævt", unit("analysis::steps", "goes_from_the_ledger"), "goes_from_the_ledger", [
        (A + "steps.rs", "if Ore::sum(sums.values().copied())? != ranking {", "if Ore::sum(sums.values().copied())? != ranking && ledgers.is_empty() {")]),
]

if __name__ == "__main__":
    mutate.main(__doc__.splitlines()[0], MUTATIONS)
