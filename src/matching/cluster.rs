//! From links to groups: which of several links of a row count, and which rows belong together.

use serde::{Deserialize, Serialize};

use super::{engine::Link, weight::Weight};

/// How many rows of one file a row of the other may be linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relation {
    /// Told from the links themselves.
    Auto,
    /// One left row to one right row.
    OneToOne,
    /// One left row to several right rows.
    OneToMany,
    /// Several left rows to one right row.
    ManyToOne,
    /// Any.
    ManyToMany,
}

impl Relation {
    /// Every relation with its name in a spec.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::Auto, "auto"),
        (Self::OneToOne, "en-til-en"),
        (Self::OneToMany, "en-til-mange"),
        (Self::ManyToOne, "mange-til-en"),
        (Self::ManyToMany, "mange-til-mange"),
    ];

    /// The name in a spec.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(relation, _)| *relation == self).map_or("", |(_, name)| name)
    }

    /// Tells from links whether a row of either file is often linked more than once: below one row in twenty it is taken
    /// for an error, and a row has one partner.
    #[must_use]
    pub fn told_by(links: &[Link]) -> Self {
        let several = |side: fn(&Link) -> u32| {
            let mut rows: Vec<u32> = links.iter().map(side).collect();
            rows.sort_unstable();
            let (mut linked, mut several) = (0_u64, 0_u64);
            for run in rows.chunk_by(|one, other| one == other) {
                linked += 1;
                several += u64::from(run.len() > 1);
            }
            several * 20 > linked
        };
        match (several(|link| link.left), several(|link| link.right)) {
            (false, false) => Self::OneToOne,
            (true, false) => Self::OneToMany,
            (false, true) => Self::ManyToOne,
            (true, true) => Self::ManyToMany,
        }
    }
}

/// Puts links in the order in which they are taken: decided ones, then the heaviest, then by rows.
pub fn order(links: &mut [Link]) {
    use std::cmp::Reverse;
    links.sort_unstable_by_key(|link| (Reverse(link.bound), Reverse(link.weight), link.left, link.right));
}

/// Keeps the links that the relation allows, the heaviest first, and all decided ones. The links must be in order.
#[must_use]
pub fn assign(links: &[Link], relation: Relation, rows: usize) -> Vec<Link> {
    let single_left = matches!(relation, Relation::OneToOne | Relation::ManyToOne);
    let single_right = matches!(relation, Relation::OneToOne | Relation::OneToMany);
    let mut taken = vec![false; rows];
    let mut kept = Vec::with_capacity(links.len());
    for link in links {
        let (left, right) = (link.left as usize, link.right as usize);
        if !link.bound && (single_left && taken[left] || single_right && taken[right]) {
            continue;
        }
        taken[left] = true;
        taken[right] = true;
        kept.push(*link);
    }
    kept
}

/// Rows joined by links, the heaviest links first. A join that would make a group larger than the limit is left out, and so
/// is one that would bring together two rows that may not be linked, unless somebody decided the link. Returns each row's group, named by its first row, and
/// the links left out.
#[must_use]
pub fn components(
    links: &[Link],
    rows: usize,
    largest: usize,
    forbidden: impl Fn(u32, u32) -> bool,
) -> (Vec<u32>, Vec<Link>) {
    let mut group: Vec<u32> = (0..u32::try_from(rows).unwrap_or(u32::MAX)).collect();
    let mut members: std::collections::BTreeMap<u32, Vec<u32>> = std::collections::BTreeMap::new();
    let mut refused = Vec::new();
    for link in links {
        let (one, other) = (group[link.left as usize], group[link.right as usize]);
        if one == other {
            continue;
        }
        let of = |name: u32| members.get(&name).cloned().unwrap_or_else(|| vec![name]);
        let (first, second) = (of(one.min(other)), of(one.max(other)));
        let apart = || first.iter().any(|&one| second.iter().any(|&other| forbidden(one, other)));
        if !link.bound && (first.len() + second.len() > largest || apart()) {
            refused.push(*link);
            continue;
        }
        members.remove(&one.max(other));
        for &row in &second {
            group[row as usize] = one.min(other);
        }
        members.insert(one.min(other), first.into_iter().chain(second).collect());
    }
    (group, refused)
}

/// Each row's group, named by its first row, when rows are joined by edges.
#[must_use]
pub fn connected(edges: &[(u32, u32)], rows: usize) -> Vec<u32> {
    let links: Vec<Link> = edges.iter().map(|&(one, other)| bare(one, other, Weight(0))).collect();
    components(&links, rows, usize::MAX, |_, _| false).0
}

/// A link between two rows, for tests and callers that have no vector.
#[must_use]
pub const fn bare(left: u32, right: u32, weight: Weight) -> Link {
    Link { left, right, vector: 0, weight, bound: false }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links(edges: &[(u32, u32)]) -> Vec<Link> {
        let mut links: Vec<Link> = edges
            .iter()
            .zip(1..)
            .map(|(&(one, other), weight)| bare(one.min(other), one.max(other), Weight(weight * 7919 % 101)))
            .collect();
        order(&mut links);
        links
    }

    #[test]
    fn one_to_one_takes_the_heaviest() {
        let mut found =
            vec![bare(0, 5, Weight(10)), bare(0, 6, Weight(20)), bare(1, 6, Weight(30)), bare(2, 7, Weight(1))];
        order(&mut found);
        let pairs =
            |relation| assign(&found, relation, 8).iter().map(|link| (link.left, link.right)).collect::<Vec<_>>();
        assert_eq!(pairs(Relation::OneToOne), [(1, 6), (0, 5), (2, 7)]);
        assert_eq!(pairs(Relation::OneToMany), [(1, 6), (0, 5), (2, 7)]);
        assert_eq!(pairs(Relation::ManyToOne), [(1, 6), (0, 6), (2, 7)]);
        assert_eq!(pairs(Relation::ManyToMany).len(), 4);
    }

    #[test]
    fn relation_is_told_by_the_links() {
        let single: Vec<Link> = (0..100).map(|row| bare(row, row + 100, Weight(1))).collect();
        assert_eq!(Relation::told_by(&single), Relation::OneToOne);
        let many: Vec<Link> = (0..100).map(|row| bare(row, row / 2 + 100, Weight(1))).collect();
        assert_eq!(Relation::told_by(&many), Relation::ManyToOne);
    }

    #[test]
    fn guard_and_prohibition_hold() {
        let chain = [bare(0, 1, Weight(3)), bare(2, 3, Weight(2)), bare(1, 2, Weight(1))];
        let (group, refused) = components(&chain, 4, 2, |_, _| false);
        assert!(group.iter().all(|name| group.iter().filter(|other| *other == name).count() <= 2));
        assert_eq!(refused.len(), 1, "a chain of four falls into two halves");
        let (group, refused) = components(&chain, 4, 9, |one, other| (one.min(other), one.max(other)) == (0, 3));
        assert_ne!(group[0], group[3]);
        assert_eq!(refused.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(7), ..ProptestConfig::default()
        })]

        #[test]
        fn agrees_with_the_naive_twin(edges in proptest::collection::vec((0_u32..30, 0_u32..30), 0..40)) {
            let (group, refused) = components(&links(&edges), 30, usize::MAX, |_, _| false);
            prop_assert!(refused.is_empty());
            let mut naive: Vec<u32> = (0..30).collect();
            for _ in 0..30 {
                for &(one, other) in &edges {
                    let smallest = naive[one as usize].min(naive[other as usize]);
                    naive[one as usize] = smallest;
                    naive[other as usize] = smallest;
                }
            }
            prop_assert_eq!(group, naive);
        }
    }
}
