//! What do the families' kroner rest on? The report makes its caveats from this.

use super::{Basis, role_index};
use crate::{base::Result, domain::BudgetClass, ledger::Pieces};

/// What the ranked spells of units rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// By role, in the order of [`crate::domain::Role::ALL`].
    pub by_role: [Pieces; 4],
    /// Spells whose row has no end of its own.
    pub open: Pieces,
    /// Amounts that stand on their posting date because nothing tells their days.
    pub not_periodised: Pieces,
    /// Spells of services without an amount.
    pub without_amount: u64,
    /// Spells whose account or paragraph the catalogue does not know.
    pub unknown: Pieces,
    /// Children's costs that were booked on a guardian's number and moved to the child, in the whole ledger.
    pub moved: Pieces,
    /// Children's costs that still stand on a grown person's number, in the whole ledger.
    pub on_guardian: Pieces,
    /// Reversals of rows that no source has, in the whole ledger.
    pub unpaired: Pieces,
    /// Supplements on days that a payment of their purpose group pays too, in the whole ledger.
    pub beside_payment: Pieces,
}

impl Quality {
    /// Looks at every ranked spell that reaches a unit.
    ///
    /// # Errors
    /// When a sum leaves 64 bits.
    pub fn of(basis: &Basis<'_>) -> Result<Self> {
        let mut quality = Self::default();
        let ranked = basis.received.iter().filter(|received| basis.is_ranked(received.role));
        for received in ranked.filter(|received| basis.unit(received.person).is_some()) {
            let add = |sum: &mut Pieces, pieces: Pieces| sum.plus(pieces).map(|both| *sum = both);
            add(&mut quality.by_role[role_index(received.role)], received.all)?;
            add(&mut quality.open, received.open)?;
            add(&mut quality.not_periodised, received.not_periodised)?;
            if basis.facts(received.service).budget_class == BudgetClass::Unknown {
                add(&mut quality.unknown, received.all)?;
            }
            quality.without_amount += received.without_amount;
        }
        for received in basis.received {
            quality.moved = quality.moved.plus(received.moved)?;
            quality.unpaired = quality.unpaired.plus(received.unpaired)?;
            quality.beside_payment = quality.beside_payment.plus(received.beside_payment)?;
            if basis.is_on_guardian(received) {
                quality.on_guardian = quality.on_guardian.plus(received.all)?;
            }
        }
        Ok(quality)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::example::{World, spell},
        *,
    };
    use crate::{
        domain::{Ore, Role},
        ledger::{RowMark, Spell},
    };

    #[test]
    fn a_childs_cost_on_a_guardian_is_marked_and_what_was_moved_is_told() {
        let moved = Spell { row: RowMark::default().moved_if(true), ..spell(1, 4, Role::Actual, 7) };
        let world = World::new(
            vec![
                moved,
                spell(0, 4, Role::Actual, 5),
                spell(22, 4, Role::Actual, 2),
                spell(0, 4, Role::Granted, 90),
                spell(0, 3, Role::Actual, 80),
                spell(5, 4, Role::Actual, 70),
            ],
            Vec::new(),
        );
        let quality = Quality::of(&world.basis()).expect("sums");
        assert_eq!(quality.moved, Pieces { spells: 1, ore: Ore(7) });
        assert_eq!(
            quality.on_guardian,
            Pieces { spells: 2, ore: Ore(7) },
            "5 and 2 on grown persons, in a unit or not"
        );
    }

    #[test]
    fn counts_only_what_reaches_a_unit() {
        let open = Spell { open: true, ..spell(0, 0, Role::Granted, 5) };
        let world = World::new(
            vec![open, spell(1, 0, Role::Actual, 3), spell(1, 2, Role::Granted, 0), spell(22, 0, Role::Actual, 9)],
            Vec::new(),
        );
        let mut basis = world.basis();
        let mut services = world.services.clone();
        services[2].budget_class = BudgetClass::Unknown;
        basis.services = &services;
        let quality = Quality::of(&basis).expect("sums");
        assert_eq!(quality.by_role.map(|pieces| pieces.ore.0), [3, 5, 0, 0]);
        assert_eq!((quality.open, quality.not_periodised), (Pieces { spells: 1, ore: Ore(5) }, quality.open));
        assert_eq!((quality.without_amount, quality.unknown.spells), (1, 1));
    }
}
