//! The household trap: members of one household share family name and address, so weights alone take them for one person.
//! Two guards beside the model's household class: first names and birth dates that both disagree may not be linked, and a
//! result of which many links have one address and different first names is refused.

use super::{
    comparison::{Comparison, unpack},
    engine::{Link, Rule, Settings},
    model::Model,
};

/// The share of links with the same address and different given names above which the model is refused.
pub const TRAPPED: f64 = 0.2;

/// First names and birth dates that both disagree: never one person, however much else agrees. The rule falls where the
/// model can see households (first names and addresses are compared) and sees fewer of them, per pair that is not met by
/// chance, than the user tolerates wrong links: then such pairs are persons of whom much was mistyped, and the weight,
/// which counts the household as a class of its own, decides alone.
pub fn rules(comparisons: &[Comparison], settings: &Settings, model: &Model) -> Vec<Rule> {
    let place = |wanted: fn(&Comparison) -> bool| comparisons.iter().position(wanted);
    let given = place(|comparison| matches!(comparison, Comparison::Given(..)));
    let date = place(|comparison| matches!(comparison, Comparison::Date(_)));
    let (false, Some(given), Some(date)) = (settings.households, given, date) else { return Vec::new() };
    if model.household > 0.0 && model.household < (1.0 - settings.probability) * (model.person + model.household) {
        return Vec::new();
    }
    let when = vec![(given, 1 << 7), (date, 1 << 6 | 1 << 7)];
    vec![Rule { name: "fornavn og fødselsdato er forskellige".to_owned(), links: false, when }]
}

/// Whether a household class can be learnt: members of a household share an address and are told apart by their names.
pub fn can_be_seen(comparisons: &[Comparison], settings: &Settings) -> bool {
    let has = |wanted: fn(&Comparison) -> bool| comparisons.iter().any(wanted);
    !settings.households
        && has(|comparison| matches!(comparison, Comparison::Given(..)))
        && has(|comparison| matches!(comparison, Comparison::Address(_)))
}

/// Links with the same address and different given names.
pub fn trapped(comparisons: &[Comparison], links: &[Link]) -> u64 {
    let address = comparisons.iter().position(|comparison| matches!(comparison, Comparison::Address(_)));
    let given = comparisons.iter().position(|comparison| matches!(comparison, Comparison::Given(..)));
    let (Some(address), Some(given)) = (address, given) else { return 0 };
    links.iter().filter(|link| unpack(link.vector, address) == 1 && unpack(link.vector, given) == 7).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::comparison::Address;

    #[test]
    fn the_rule_falls_only_where_households_can_be_seen_and_are_not_there() {
        let comparisons = [Comparison::Given(0, None), Comparison::Date(1), Comparison::Address(Address::default())];
        let settings = Settings::default();
        let model = |household| Model { person: 1e-4, household, frequencies: Vec::new(), rounds: 1, settled: true };
        let stands = |settings: &Settings, household| !rules(&comparisons, settings, &model(household)).is_empty();
        assert!(stands(&settings, 1e-5), "one household pair to ten persons");
        assert!(!stands(&settings, 1e-8));
        assert!(stands(&settings, 0.0), "no class was learnt: nobody looked for households");
        assert!(stands(&Settings { probability: 0.999_99, ..settings.clone() }, 1e-8), "a stricter user");
        assert!(!stands(&Settings { households: true, ..settings }, 1e-5));
    }
}
