//! Names for made-up persons: common ones, drawn without regard to each other.

use crate::domain::Sex;

const WOMEN: &[&str] = &[
    "Anne", "Mette", "Kirsten", "Hanne", "Helle", "Susanne", "Lene", "Marianne", "Inge", "Karen", "Camilla", "Maria",
    "Louise", "Charlotte", "Pia", "Tina", "Ida", "Emma", "Sofie", "Freja", "Clara", "Alma", "Josefine", "Laura", "Mathilde",
    "Caroline", "Åse", "Birthe", "Jytte", "Grethe", "Signe", "Maja", "Katrine", "Sanne", "Fatima", "Aisha", "Zeynep",
    "Ellen", "Ruth", "Gerda", "Astrid", "Liv", "Bodil", "Ulla", "Rikke", "Trine", "Julie", "Nanna", "Märta", "Ragnhild",
];

const MEN: &[&str] = &[
    "Peter", "Jens", "Lars", "Michael", "Henrik", "Thomas", "Søren", "Jan", "Christian", "Martin", "Niels", "Anders",
    "Morten", "Jesper", "Hans", "Jørgen", "Per", "Ole", "Rasmus", "Mads", "William", "Oscar", "Noah", "Lucas", "Emil",
    "Victor", "Carl", "Malthe", "Aksel", "August", "Bent", "Kurt", "Poul", "Svend", "Erik", "Mohammed", "Ahmed", "Ali",
    "Yusuf", "Gustav", "Frederik", "Kasper", "Jonas", "Simon", "Daniel", "Åge", "Bjørn", "Knud", "Tage", "Villy",
];

const SURNAMES: &[&str] = &[
    "Nielsen", "Jensen", "Hansen", "Pedersen", "Andersen", "Christensen", "Larsen", "Sørensen", "Rasmussen", "Jørgensen",
    "Petersen", "Madsen", "Kristensen", "Olsen", "Thomsen", "Christiansen", "Poulsen", "Johansen", "Møller", "Mortensen",
    "Knudsen", "Lund", "Holm", "Schmidt", "Eriksen", "Kjær", "Bach", "Friis", "Dahl", "Lauritsen", "Østergaard", "Vestergaard",
    "Nørgaard", "Søndergaard", "Bæk", "Brandt", "Winther", "Krogh", "Toft", "Munk", "Ali", "Yilmaz", "Hussain", "Nguyen",
    "Ahmad", "Øster", "Åkjær", "Ravn", "Skov", "Bjerregaard",
];

/// How many first names of each sex, and how many surnames there are.
pub const COUNT: u32 = 50;

/// A first name.
#[must_use]
pub fn given(sex: Sex, number: u8) -> &'static str {
    let names = if sex == Sex::Male { MEN } else { WOMEN };
    names[usize::from(number) % names.len()]
}

/// A surname.
#[must_use]
pub fn surname(number: u8) -> &'static str {
    SURNAMES[usize::from(number) % SURNAMES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_as_long_as_they_say() {
        assert!([WOMEN.len(), MEN.len(), SURNAMES.len()].iter().all(|length| *length == COUNT as usize));
    }
}
