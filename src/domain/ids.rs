//! Small numbers that stand for things within one run. None of them is ever written: their order is not stable between runs.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($width:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $width);

        impl $name {
            /// The position in the table this id points into.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A person of the run; the order follows the pseudonyms, never the CPR numbers.
    PersonId(u32)
);
id!(
    /// A unit of the run: a household, family or case family.
    UnitId(u32)
);
id!(
    /// A source of the plan, by its place there.
    SourceId(u16)
);
id!(
    /// A service of the catalogue, or an account group that stands in for several.
    ServiceId(u16)
);
id!(
    /// A purpose group of the catalogue (formålsgruppe), within which grants and payments settle.
    PurposeGroupId(u16)
);
id!(
    /// A department of the catalogue (afdeling).
    DepartmentId(u8)
);
