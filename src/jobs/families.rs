//! From register, ledger rows and the municipality's own files to households, families and case families.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use super::{delivery::Table, preparation::Preparation, run::GROWN};
use crate::{
    analysis::{Basis, Modes, MonthlyOre, ServiceFacts, UnitFigures, units::unit_figures},
    base::{Digest, Error, ErrorKind, Pool, Result},
    domain::{AmountType, Date, Identity, Label, Ore, PersonId, Pseudonym, Role, UnitId},
    evidence::Review,
    family::{
        ADULT_FROM, AgeBand, Dissolved, Families, Fate, Guard, Heads, Homes, Ingredients, Leaders, ManualAction,
        ManualLink, Member, MemberRole, Placement, ReviewReason, Timeline, Unit, UnitForm, Units, Whereabouts,
        has_parent_apart, lineage, other_units, spelling_variants,
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

impl Ranked {
    /// The label of the family that these lead: mostly one of the reference date.
    fn label_of_heads(
        &self,
        heads: Heads,
        label: impl Fn(UnitKind, &mut dyn Iterator<Item = PersonId>) -> Label,
    ) -> Label {
        let unit = heads.persons().next().and_then(|person| self.units.unit_of(person));
        match unit.filter(|unit| self.units.label_members(*unit).eq(heads.persons())) {
            Some(unit) => self.labels[unit.index()],
            None => label(self.units.kind(), &mut heads.persons()),
        }
    }
}

/// All that the run knows of families.
pub(super) struct Found {
    /// In the order of [`KINDS`].
    pub(super) ranked: [Ranked; 3],
    /// F and S day by day, with the labels of whoever led a family.
    days: [(Timeline, Leaders, Vec<Label>); 2],
    /// Whom people must look at, sorted.
    pub(super) review: Vec<(PersonId, ReviewReason)>,
    /// Addresses that are no household.
    pub(super) dissolved: Dissolved,
    /// Children in families of their own, as [`Families::parents_of_not_home`].
    pub(super) parents_of_not_home: [u64; 4],
    pub(super) lineage: Vec<LineageRow>,
    /// By person: whether it is resident on the reference date.
    pub(super) resident: Vec<bool>,
    homes: Homes,
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
    pub(super) starts: &'a [u32],
    pub(super) services: &'a [ServiceFacts],
    pub(super) in_register: &'a [bool],
    pub(super) grown: &'a [bool],
    pub(super) paid_here: &'a [PersonId],
}

impl Found {
    /// Forms the units, names and counts them. `label` makes a label from its members.
    pub(super) fn of(
        preparation: &Preparation,
        around: &Around<'_>,
        placements: &[Placement],
        own: &OwnFiles,
        label: impl Fn(UnitKind, &mut dyn Iterator<Item = PersonId>) -> Label + Sync,
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
        let Families {
            households,
            families,
            case_families,
            timeline,
            case_timeline,
            case_families_before: before,
            review,
            dissolved,
            homes,
            parents_of_not_home,
        } = Families::of(&ingredients, pool)?;
        let labels = |units: Units| {
            let all: Vec<UnitId> = units.iter().map(|(unit, _)| unit).collect();
            let labels = pool.map(&all, |unit| label(units.kind(), &mut units.label_members(*unit)));
            (units, labels)
        };
        let mut units = [households, families, case_families].map(labels);
        let sorted = pool.map_mut(&mut units, |(units, labels)| units.sort_by_label(std::mem::take(labels)));
        let resident: Vec<bool> = population.persons().map(|person| homes.is_resident(person)).collect();
        let kinds = units.into_iter().zip(sorted).map(|((units, _), labels)| Ok((units, labels?)));
        let kinds = kinds.collect::<Result<Vec<(Units, Vec<Label>)>>>()?;
        let count = |(units, labels): &(Units, Vec<Label>)| -> Result<(Vec<UnitFigures>, Option<Modes>)> {
            let basis = Basis {
                ledger: around.ledger,
                received: around.received,
                starts: around.starts,
                services: around.services,
                unit_of: units.of_person(),
                resident: &resident,
                in_register: around.in_register,
                grown: around.grown,
                measure: plan.ranking.measure,
                prices: preparation.prices.as_ref(),
                manual: plan.ranking.manual,
            };
            let figures = unit_figures(&basis, units, labels, pool)?;
            let timeline = match units.kind() {
                UnitKind::Household => None,
                UnitKind::Family => Some(&timeline),
                UnitKind::CaseFamily => Some(&case_timeline),
            };
            let modes = |timeline: &Timeline| {
                let others = |person| other_units(population, units, timeline, person, day);
                Modes::of(&basis, units, timeline, others, pool)
            };
            let modes = timeline.map(modes).transpose()?;
            // Additive: whichever unit is counted, each krone lands once.
            let sum = Ore::sum(figures.iter().map(|unit| unit.ore))?;
            if modes.as_ref().is_some_and(|modes| modes.additive != sum) {
                return Err(Error::new(ErrorKind::Internal, "Familiernes kroner giver ikke regnskabets"));
            }
            Ok((figures, modes))
        };
        let counted = pool.map(&kinds, count);
        let ranked = kinds.into_iter().zip(counted).map(|((units, labels), of_kind)| {
            let (figures, modes) = of_kind?;
            Ok(Ranked { units, labels, figures, modes })
        });
        let ranked = ranked.collect::<Result<Vec<Ranked>>>()?;
        let Ok(ranked) = <[Ranked; 3]>::try_from(ranked) else {
            return Err(Error::new(ErrorKind::Internal, "Der er ikke tre slags familier"));
        };
        let after = &ranked[2];
        let (lineage, (of_families, of_case_families)) = pool.join(
            || lineage(&before, &after.units),
            || pool.join(|| Leaders::of(&timeline), || Leaders::of(&case_timeline)),
        );
        let lineage = pool.map(&lineage, |line| {
            let label_after = line.after.map(|unit| after.labels[unit.index()]);
            let label_before = |unit| match line.fate {
                Fate::Same => label_after,
                _ => Some(label(before.kind(), &mut before.label_members(unit))),
            };
            LineageRow {
                before: line.before.and_then(label_before),
                after: label_after,
                fate: line.fate,
                persons: line.persons,
            }
        });
        let days = [(&ranked[1], timeline, of_families), (&ranked[2], case_timeline, of_case_families)];
        let days = days.map(|(ranked, timeline, leaders)| {
            let labels = pool.map(leaders.all(), |heads| ranked.label_of_heads(*heads, &label));
            (timeline, leaders, labels)
        });
        Ok(Self { ranked, days, review, dissolved, parents_of_not_home, lineage, resident, homes })
    }

    /// The label of a person's unit.
    pub(super) fn label(&self, index: usize, person: PersonId) -> Option<Label> {
        let ranked = &self.ranked[index];
        ranked.units.unit_of(person).map(|unit| ranked.labels[unit.index()])
    }

    /// Every unit of the three kinds, by kind and label.
    pub(super) fn unit_rows(&self, population: &Population, pool: &Pool) -> Vec<UnitRow> {
        let mut rows = Vec::with_capacity(self.ranked.iter().map(|ranked| ranked.units.len()).sum());
        for ranked in &self.ranked {
            let kind = ranked.units.kind();
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
                            && has_parent_apart(population, &self.homes, ranked.units.members(*id)),
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

    /// The tables of units. `persons` are those of the run in the order of their written ids, `units` the rows of all units.
    pub(super) fn tables<'a>(
        &'a self,
        population: &'a Population,
        (written, persons): (&'a [Pseudonym], &'a [PersonId]),
        units: &'a [UnitRow],
        day: Date,
    ) -> Vec<Table<'a>> {
        let touched = || {
            let case = &self.ranked[2];
            let touched = case.modes.iter().flat_map(|modes| &modes.touched);
            touched.map(|(unit, ore)| (case.labels[unit.index()], *ore)).collect()
        };
        vec![
            Table::new("familieled", move |pool, out| self.members(population, written, day, pool, out)),
            Table::new("familiedage", move |pool, out| self.memberships(written, persons, pool, out)),
            Table::new("familier", move |pool, out| tables::families(units, pool, out)),
            Table::new("husstande", move |pool, out| tables::households(units, pool, out)),
            Table::new("familieskift", move |pool, out| tables::lineages(self.lineage.clone(), pool, out)),
            Table::new("beroerte", move |pool, out| tables::touched(touched(), pool, out)),
            Table::new("adressevarianter", move |pool, out| {
                tables::address_variants(self.variant_rows(population, day), pool, out)
            }),
            Table::new("gennemgang", move |pool, out| tables::reviews(self.review_rows(written), pool, out)),
        ]
    }

    /// Everybody in a unit, by unit and within one by role and written id.
    fn members(
        &self,
        population: &Population,
        written: &[Pseudonym],
        day: Date,
        pool: &Pool,
        out: &mut (dyn Write + Send),
    ) -> Result<()> {
        // Members are looked up in the order of labels, which is that of nothing else: what is asked of each lies in one place.
        let days_of = |timeline: &Timeline| {
            let mut last = vec![None; population.len()];
            for membership in timeline.memberships().iter().filter(|membership| membership.days.from <= day) {
                last[membership.person.index()] = Some((membership.days.from, membership.days.to.plus(-1)));
            }
            last
        };
        let (of_families, of_case_families) = pool.join(|| days_of(&self.days[0].0), || days_of(&self.days[1].0));
        let days = [None, Some(of_families), Some(of_case_families)];
        let units: Vec<(usize, UnitId)> = (0..)
            .zip(&self.ranked)
            .flat_map(|(kind, ranked)| ranked.units.iter().map(move |(unit, _)| (kind, unit)))
            .collect();
        let rows_of = |(kind, unit): &(usize, UnitId), rows: &mut Vec<MemberRow>| {
            let (ranked, days) = (&self.ranked[*kind], days[*kind].as_ref());
            let members = ranked.units.members(*unit);
            let is_family = days.is_some() && ranked.units.unit(*unit).form != UnitForm::Former;
            let is_with = |person: PersonId| members.iter().any(|member| member.person == person);
            let row = |member: &Member| {
                let is_child = member.age.is_some_and(|age| age < ADULT_FROM) && member.role != MemberRole::Former;
                MemberRow {
                    kind: ranked.units.kind(),
                    label: ranked.labels[unit.index()],
                    role: member.role,
                    id: written[member.person.index()],
                    age: member.age.map(AgeBand::of),
                    link: member.link,
                    to: member.link.map(|link| written[link.to.index()]),
                    days: days.and_then(|days| days[member.person.index()]),
                    parents: (is_family && is_child)
                        .then(|| Whereabouts::of_absent_parents(population, member.person, day, is_with))
                        .flatten()
                        .map(Whereabouts::danish),
                }
            };
            let first = rows.len();
            rows.extend(members.iter().map(row));
            rows[first..].sort_unstable_by_key(|row| (row.role, row.id));
        };
        let count = |(kind, unit): &(usize, UnitId)| self.ranked[*kind].units.members(*unit).len();
        tables::members(&units, count, rows_of, pool, out)
    }

    /// Who belonged to which family from one day to another, by kind, written id and day.
    fn memberships(
        &self,
        written: &[Pseudonym],
        persons: &[PersonId],
        pool: &Pool,
        out: &mut (dyn Write + Send),
    ) -> Result<()> {
        let of = |(kind, person): &(usize, PersonId)| self.days[*kind].0.of_person(*person);
        let persons: Vec<(usize, PersonId)> =
            [0, 1].into_iter().flat_map(|kind| persons.iter().map(move |person| (kind, *person))).collect();
        let rows_of = |one: &(usize, PersonId), rows: &mut Vec<MembershipRow>| {
            let (_, leaders, labels) = &self.days[one.0];
            rows.extend(of(one).iter().map(|membership| MembershipRow {
                kind: KINDS[one.0 + 1],
                id: written[membership.person.index()],
                from: membership.days.from,
                to: membership.days.to,
                label: labels[leaders.place(membership.heads).expect("leaders are those of these memberships")],
                role: membership.role,
                link: membership.link,
            }));
        };
        tables::memberships(&persons, |one| of(one).len(), rows_of, pool, out)
    }

    /// Addresses are told by the labels of who lives there: keyed, and found again in the other tables.
    fn variant_rows(&self, population: &Population, day: Date) -> Vec<(String, String, u32)> {
        let variants = spelling_variants(population, &self.homes);
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
        let persons = self.review.iter();
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
