//! From register, ledger rows and the municipality's own files to households, families and case families.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::{delivery::TableWriter, preparation::Preparation, run::GROWN};
use crate::{
    analysis::{Basis, Modes, MonthlyOre, ServiceFacts, UnitFigures, units::unit_figures},
    base::{Digest, Error, ErrorKind, Pool, Result},
    domain::{AmountType, Date, Identity, Label, Ore, PersonId, Pseudonym, Role, UnitId},
    evidence::Review,
    family::{
        ADULT_FROM, AgeBand, Families, Guard, Heads, Ingredients, ManualAction, ManualLink, Member, MemberRole,
        Membership, Placement, Timeline, Unit, UnitForm, Units, Whereabouts, has_parent_apart, lineage,
        spelling_variants, touched_units,
    },
    ingest::{self, LinkAction},
    ledger::{Entry, Ledger, Received},
    linkage::{Linked, Linker},
    plan::{FamilyUnit, Placed, Plan},
    pseudonym::UnitKind,
    register::{AddressId, Numbers, Population},
    tables::{self, LineageRow, MemberRow, MembershipRow, UnitRow},
};

/// The largest list of institutions or links, in bytes.
const LARGEST: u64 = 16 << 20;

/// Units whose members one worker looks up at a time. Of no influence on the result, and so few that a small town has several.
const UNITS_PER_CHUNK: usize = 512;

/// The three kinds of unit, in the order of tables and reports.
pub(super) const KINDS: [UnitKind; 3] = [UnitKind::Household, UnitKind::Family, UnitKind::CaseFamily];

/// A file beside the sources that the run read: it belongs to the digest of inputs and to the statement.
#[derive(Clone, Debug)]
pub(super) struct ExtraInput {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) blake3: Digest,
}

impl ExtraInput {
    pub(super) fn of(name: String, bytes: &[u8]) -> Self {
        Self { name, bytes: bytes.len() as u64, blake3: Digest::blake3(bytes) }
    }

    /// Reads a file that the plan names.
    pub(super) fn read(plan: &Plan, path: &Placed<PathBuf>) -> Result<(Self, Vec<u8>)> {
        let name = path.value.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let bytes = read(&path.value).map_err(|error| error.at(plan.place(path, "fører til denne fil")))?;
        Ok((Self::of(name, &bytes), bytes))
    }
}

/// What the municipality's own files say.
#[derive(Default)]
pub(super) struct OwnFiles {
    pub(super) guard: Guard,
    /// Persons are positions of the register until they get their ids.
    pub(super) manual: Vec<ManualLink>,
    pub(super) inputs: Vec<ExtraInput>,
    /// What earlier decisions about rows say and did.
    pub(super) review: Review,
    /// What closed months were closed at.
    pub(super) closed: MonthlyOre,
}

impl OwnFiles {
    /// Reads the files that the plan's `[familier]` names.
    pub(super) fn read(preparation: &Preparation, numbers: &Numbers) -> Result<Self> {
        let settings = &preparation.plan.families;
        let mut own = Self { inputs: preparation.own_tables.clone(), ..Self::default() };
        own.inputs.extend(preparation.price_file.clone().map(|(name, bytes, blake3)| ExtraInput {
            name,
            bytes,
            blake3,
        }));
        if let Some(closed) = &preparation.plan.closed {
            let (name, bytes) = own.take(preparation, &closed.figures)?;
            for row in ingest::read_months(&bytes, &name)? {
                let service = preparation.catalogue.service_by_code(&row.service).ok_or_else(|| {
                    Error::new(ErrorKind::Input, format!("{name}, linje {}: kataloget kender ikke kontoen", row.line))
                        .hint("Brug det samme katalog som den kørsel, der lukkede månederne.")
                })?;
                let sum = own.closed.entry((row.month, service)).or_default();
                *sum = sum.plus(row.ore)?;
            }
        }
        let mut institutions = Vec::new();
        if let Some(path) = &settings.institutions {
            let (name, bytes) = own.take(preparation, path)?;
            let rows = ingest::read_institutions(&bytes, &name)?;
            institutions.extend(rows.into_iter().map(|row| (row.address, row.kind)));
        }
        own.guard = Guard::new(institutions, settings.nuclei);
        if let Some(path) = &settings.manual {
            let (name, bytes) = own.take(preparation, path)?;
            let linker = Linker::new(numbers);
            for row in ingest::read_family_links(&bytes, &name)? {
                let person = |identity: Identity| match linker.link(identity) {
                    Linked::Person { position, .. } => Ok(PersonId(position)),
                    Linked::Outside(_) | Linked::Nobody(_) => Err(Error::new(
                        ErrorKind::Input,
                        format!("{name}, linje {}: en person findes ikke i CPR-udtrækket", row.line),
                    )
                    .hint("Ret nummeret, eller tag personen med i udtrækket.")),
                };
                let action = match row.action {
                    LinkAction::Cut => ManualAction::Cut,
                    LinkAction::Join => ManualAction::Join(person(row.other)?),
                };
                own.manual.push(ManualLink { person: person(row.person)?, action, from: row.from, to: row.to });
            }
        }
        Ok(own)
    }

    fn take(&mut self, preparation: &Preparation, path: &Placed<PathBuf>) -> Result<(String, Vec<u8>)> {
        let (input, bytes) = ExtraInput::read(&preparation.plan, path)?;
        let name = input.name.clone();
        self.inputs.push(input);
        Ok((name, bytes))
    }

    /// Gives the persons their ids.
    pub(super) fn renumber(&mut self, ids: &[PersonId]) {
        let id = |person: PersonId| ids[person.index()];
        for link in &mut self.manual {
            link.person = id(link.person);
            if let ManualAction::Join(other) = &mut link.action {
                *other = id(*other);
            }
        }
        self.manual.sort_unstable();
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let failure = |error| Error::new(ErrorKind::Input, format!("{} kan ikke læses", path.display())).because(error);
    let length = fs::metadata(path).map_err(failure)?.len();
    if length > LARGEST {
        return Err(Error::new(ErrorKind::Input, format!("{} er for stor", path.display()))
            .hint("Filen skrives i hånden og har en linje for hver adresse eller hvert par."));
    }
    fs::read(path).map_err(failure)
}

/// The days on which somebody is placed by a row of a service that the catalogue marks. A posting without days of its own
/// stands for its month; a credit stands for nothing.
///
/// Nobody of 23 or more is placed: such a row is a child's cost on a guardian's number (`metrics.md`, P10).
pub(super) fn placement(row: &Entry, services: &[ServiceFacts], population: &Population) -> Option<Placement> {
    let counts = matches!(row.role, Role::Actual | Role::Granted)
        && row.amount >= Ore::ZERO
        && services.get(row.service.index()).is_some_and(|service| service.placement)
        && population.age_on(row.person, row.from).is_none_or(|age| age < GROWN);
    counts.then(|| match row.amount_type {
        AmountType::Lump => Placement { person: row.person, from: row.from.month_start(), to: row.from.month_end() },
        _ => Placement { person: row.person, from: row.from, to: row.to },
    })
}

/// One kind of unit with its labels and figures.
pub(super) struct Ranked {
    pub(super) units: Units,
    /// By unit.
    pub(super) labels: Vec<Label>,
    pub(super) figures: Vec<UnitFigures>,
    /// `None` for households, which are strictly those of the reference date.
    pub(super) modes: Option<Modes>,
}

/// All that the run knows of families.
pub(super) struct Found {
    /// In the order of [`KINDS`].
    pub(super) ranked: [Ranked; 3],
    pub(super) families: Families,
    pub(super) lineage: Vec<LineageRow>,
    /// By person: whether it is resident on the reference date.
    pub(super) resident: Vec<bool>,
    /// The labels of whoever led a family or a case family in the period, sorted.
    heads: [Vec<(Heads, Label)>; 2],
}

/// The place of a kind in [`KINDS`].
pub(super) const fn place(unit: FamilyUnit) -> usize {
    match unit {
        FamilyUnit::Household => 0,
        FamilyUnit::Family => 1,
        FamilyUnit::CaseFamily => 2,
    }
}

/// What the analyses need besides families.
pub(super) struct Around<'a> {
    pub(super) population: &'a Population,
    pub(super) ledger: &'a Ledger,
    pub(super) received: &'a [Received],
    pub(super) services: &'a [ServiceFacts],
    pub(super) in_register: &'a [bool],
    pub(super) grown: &'a [bool],
    pub(super) paid_here: &'a [PersonId],
}

impl Found {
    /// Forms the units, names and counts them. `label` makes a label from its members' ids.
    pub(super) fn of(
        preparation: &Preparation,
        around: &Around<'_>,
        placements: &[Placement],
        own: &OwnFiles,
        label: impl Fn(UnitKind, &[PersonId]) -> Label + Sync,
        pool: &Pool,
    ) -> Result<Self> {
        let plan = &preparation.plan;
        let (population, day) = (around.population, plan.reference_date);
        let ingredients = Ingredients {
            population,
            placements,
            manual: &own.manual,
            guard: &own.guard,
            paid_here: around.paid_here,
            period: plan.period,
            day,
        };
        let mut families = Families::of(&ingredients, pool)?;
        let named = |units: &mut Units| {
            let kind = units.kind();
            let all: Vec<UnitId> = units.iter().map(|(unit, _)| unit).collect();
            let labels = pool.map(&all, |unit| label(kind, &units.label_members(*unit)));
            units.sort_by_label(labels)
        };
        let Families { households, families: of_families, case_families, case_families_before, .. } = &mut families;
        let ((households, of_families), (case_families, before)) = pool.join(
            || pool.join(|| named(households), || named(of_families)),
            || pool.join(|| named(case_families), || named(case_families_before)),
        );
        let (labels, before) = ([households?, of_families?, case_families?], before?);
        let resident: Vec<bool> = population.persons().map(|person| population.is_resident_on(person, day)).collect();
        // One kind after another: counting is itself an ordered map, which no worker may wait for.
        let mut ranked = Vec::with_capacity(3);
        for (kind, labels) in KINDS.into_iter().zip(labels) {
            let units = families.units(kind).clone();
            let basis = Basis {
                ledger: around.ledger,
                received: around.received,
                services: around.services,
                unit_of: units.of_person(),
                resident: &resident,
                in_register: around.in_register,
                grown: around.grown,
                measure: plan.ranking.measure,
                prices: preparation.prices.as_ref(),
                manual: plan.ranking.manual,
            };
            let figures = unit_figures(&basis, &units, &labels, pool)?;
            let timeline = match kind {
                UnitKind::Household => None,
                UnitKind::Family => Some(&families.timeline),
                UnitKind::CaseFamily => Some(&families.case_timeline),
            };
            let touched =
                |person| touched_units(population, &units, timeline.unwrap_or(&families.timeline), person, day);
            let modes = timeline.map(|timeline| Modes::of(&basis, &units, timeline, touched, pool)).transpose()?;
            // Additive: whichever unit is counted, each krone lands once.
            let counted = Ore::sum(figures.iter().map(|unit| unit.ore))?;
            if modes.as_ref().is_some_and(|modes| modes.additive != counted) {
                return Err(Error::new(ErrorKind::Internal, "Familiernes kroner giver ikke regnskabets"));
            }
            ranked.push(Ranked { units, labels, figures, modes });
        }
        let Ok(ranked) = <[Ranked; 3]>::try_from(ranked) else {
            return Err(Error::new(ErrorKind::Internal, "Der er ikke tre slags familier"));
        };
        let lineage = lineage(&families.case_families_before, &ranked[2].units)
            .into_iter()
            .map(|line| LineageRow {
                before: line.before.map(|unit| before[unit.index()]),
                after: line.after.map(|unit| ranked[2].labels[unit.index()]),
                fate: line.fate,
                persons: line.persons,
            })
            .collect();
        let heads = |index: usize, timeline: &Timeline| {
            let mut heads: Vec<Heads> = timeline.memberships().iter().map(|membership| membership.heads).collect();
            heads.sort_unstable();
            heads.dedup();
            pool.map(&heads, |heads| (*heads, label(KINDS[index], &heads.persons().collect::<Vec<_>>())))
        };
        let heads = pool.join(|| heads(1, &families.timeline), || heads(2, &families.case_timeline)).into();
        Ok(Self { ranked, families, lineage, resident, heads })
    }

    /// The label of a person's unit.
    pub(super) fn label(&self, index: usize, person: PersonId) -> Option<Label> {
        let ranked = &self.ranked[index];
        ranked.units.unit_of(person).map(|unit| ranked.labels[unit.index()])
    }

    /// Writes the tables of units.
    pub(super) fn tables(
        &self,
        population: &Population,
        written: &[Pseudonym],
        day: Date,
        to: &mut TableWriter<'_>,
    ) -> Result<()> {
        let case = &self.ranked[2];
        let touched = case.modes.iter().flat_map(|modes| &modes.touched);
        let touched = touched.map(|(unit, ore)| (case.labels[unit.index()], *ore)).collect();
        let units = self.unit_rows(population, day, to.pool());
        to.table("husstande", |pool, out| tables::households(units.clone(), pool, out))?;
        to.table("familier", |pool, out| tables::families(units, pool, out))?;
        let members = self.member_rows(population, written, day, to.pool());
        to.table("familieled", |pool, out| tables::members(members, pool, out))?;
        let memberships = self.membership_rows(written, to.pool());
        to.table("familiedage", |pool, out| tables::memberships(memberships, pool, out))?;
        to.table("familieskift", |pool, out| tables::lineages(self.lineage.clone(), pool, out))?;
        to.table("beroerte", |pool, out| tables::touched(touched, pool, out))?;
        let variants = self.variant_rows(population, day);
        to.table("adressevarianter", |pool, out| tables::address_variants(variants, pool, out))?;
        to.table("gennemgang", |pool, out| tables::reviews(self.review_rows(written), pool, out))
    }

    /// Every unit of the three kinds, by kind and label.
    fn unit_rows(&self, population: &Population, day: Date, pool: &Pool) -> Vec<UnitRow> {
        let mut rows = Vec::new();
        for (kind, ranked) in KINDS.into_iter().zip(&self.ranked) {
            let units: Vec<(UnitId, &Unit)> = ranked.units.iter().collect();
            let of_chunk = |units: &&[(UnitId, &Unit)]| -> Vec<UnitRow> {
                // Figures stand in the order of units, and only some units have any.
                let first =
                    units.first().map_or(0, |(first, _)| ranked.figures.partition_point(|figure| figure.unit < *first));
                let mut figures = ranked.figures[first..].iter().peekable();
                let row = |(id, unit): &(UnitId, &Unit)| {
                    let of_unit = figures.next_if(|figure| figure.unit == *id);
                    UnitRow {
                        kind,
                        label: ranked.labels[id.index()],
                        form: unit.form,
                        members: unit.size(),
                        children: unit.children,
                        placed: of_unit.map_or(0, |figure| figure.placed),
                        protection: unit.protection,
                        parent_apart: kind != UnitKind::Household
                            && unit.form != UnitForm::Former
                            && has_parent_apart(population, ranked.units.members(*id), day),
                        ore: of_unit.map_or_else(Default::default, |figure| figure.ore),
                        services: of_unit.map_or(0, |figure| figure.services),
                        departments: of_unit.map_or(0, |figure| figure.departments),
                    }
                };
                units.iter().map(row).collect()
            };
            let chunks: Vec<&[(UnitId, &Unit)]> = units.chunks(UNITS_PER_CHUNK).collect();
            rows.extend(pool.map(&chunks, of_chunk).into_iter().flatten());
        }
        rows
    }

    /// Everybody in a unit, by unit and within one by role and written id.
    fn member_rows(&self, population: &Population, written: &[Pseudonym], day: Date, pool: &Pool) -> Vec<MemberRow> {
        let mut rows = Vec::new();
        for ((index, kind), ranked) in KINDS.into_iter().enumerate().zip(&self.ranked) {
            let timeline = match index {
                1 => Some(&self.families.timeline),
                2 => Some(&self.families.case_timeline),
                _ => None,
            };
            let of_unit = |(unit, label): (UnitId, Label)| {
                let members = ranked.units.members(unit);
                let is_family = kind != UnitKind::Household && ranked.units.unit(unit).form != UnitForm::Former;
                let is_with = |person: PersonId| members.iter().any(|member| member.person == person);
                let row = |member: &Member| {
                    let is_child = member.age.is_some_and(|age| age < ADULT_FROM) && member.role != MemberRole::Former;
                    let of_person = timeline.map(|timeline| timeline.of_person(member.person)).unwrap_or_default();
                    let last = of_person.iter().rev().find(|membership| membership.days.from <= day);
                    MemberRow {
                        kind,
                        label,
                        role: member.role,
                        id: written[member.person.index()],
                        age: member.age.map(AgeBand::of),
                        link: member.link,
                        to: member.link.map(|link| written[link.to.index()]),
                        days: last.map(|membership| (membership.days.from, membership.days.to.plus(-1))),
                        parents: (is_family && is_child)
                            .then(|| Whereabouts::of_absent_parents(population, member.person, day, is_with))
                            .flatten()
                            .map(Whereabouts::danish),
                    }
                };
                let mut rows: Vec<MemberRow> = members.iter().map(row).collect();
                rows.sort_unstable_by_key(|row| (row.role, row.id));
                rows
            };
            let units: Vec<(UnitId, Label)> = (0..).map(UnitId).zip(ranked.labels.iter().copied()).collect();
            let chunks: Vec<&[(UnitId, Label)]> = units.chunks(UNITS_PER_CHUNK).collect();
            let of_chunk = |units: &&[(UnitId, Label)]| units.iter().copied().flat_map(of_unit).collect::<Vec<_>>();
            rows.extend(pool.map(&chunks, of_chunk).into_iter().flatten());
        }
        rows
    }

    fn membership_rows(&self, written: &[Pseudonym], pool: &Pool) -> Vec<MembershipRow> {
        let mut rows = Vec::new();
        let timelines = [(1, &self.families.timeline), (2, &self.families.case_timeline)];
        for ((index, timeline), heads) in timelines.into_iter().zip(&self.heads) {
            let row = |membership: &Membership| {
                let label = heads.binary_search_by_key(&membership.heads, |(heads, _)| *heads).ok()?;
                Some(MembershipRow {
                    kind: KINDS[index],
                    id: written[membership.person.index()],
                    from: membership.days.from,
                    to: membership.days.to,
                    label: heads[label].1,
                    role: membership.role,
                    link: membership.link,
                })
            };
            rows.extend(pool.map(timeline.memberships(), row).into_iter().flatten());
        }
        rows
    }

    /// Addresses are told by the labels of who lives there: keyed, and found again in the other tables.
    fn variant_rows(&self, population: &Population, day: Date) -> Vec<(String, String, u32)> {
        let variants = spelling_variants(population, day);
        let mut blinded: BTreeMap<AddressId, Label> = BTreeMap::new();
        let wanted: BTreeSet<AddressId> = variants.iter().flat_map(|variant| [variant.one, variant.other]).collect();
        for person in population.persons().filter(|_| !wanted.is_empty()) {
            let address = population.address_id_on(person, day).filter(|address| wanted.contains(address));
            if let (Some(address), Some(label)) = (address, self.label(0, person)) {
                let first = blinded.entry(address).or_insert(label);
                *first = (*first).min(label);
            }
        }
        let name = |address| blinded.get(&address).map_or_else(String::new, Label::to_string);
        variants
            .into_iter()
            .map(|variant| {
                let (one, other) = (name(variant.one), name(variant.other));
                (one.clone().min(other.clone()), one.max(other), variant.residents)
            })
            .collect()
    }

    fn review_rows(&self, written: &[Pseudonym]) -> Vec<(&'static str, Option<Label>, Option<Pseudonym>)> {
        let persons = self.families.review.iter();
        let mut rows: Vec<_> = persons
            .map(|(person, reason)| (reason.danish(), self.label(2, *person), Some(written[person.index()])))
            .collect();
        for ranked in &self.ranked {
            let large = ranked.units.review_list().into_iter();
            rows.extend(large.map(|unit| ("flere end 8 medlemmer", Some(ranked.labels[unit.index()]), None)));
        }
        rows
    }
}
