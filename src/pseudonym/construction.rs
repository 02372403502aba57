//! From master to project key to pseudonym, and from there to the ids of one run.

use std::fmt;

use aes::{
    Aes128, Block,
    cipher::{BlockEncrypt as _, KeyInit as _},
};

use super::{CheckValue, LabelKey, MasterKey, secret::Secret};
use crate::{
    base::Digest,
    domain::{Cpr, ProjectId, Pseudonym, RowReference},
};

const PROJECT_CONTEXT: &str = "samkor 2026-11-21 project key v1";
const REVIEW_ROW_CONTEXT: &str = "samkor 2026-11-27 review row v1";
const REVIEW_PERSON_CONTEXT: &str = "samkor 2026-11-27 review person v1";
const RUN_CONTEXT: &str = "samkor 2026-11-21 run key v1";
const ROW_CONTEXT: &str = "samkor 2026-11-27 row v1";
/// The context of the cipher of row references.
const ROW_CIPHER_CONTEXT: &str = "samkor 2026-11-27 row cipher v1";

/// The key of one project (`k_project`): turns CPR numbers into pseudonyms.
#[derive(Debug)]
pub struct ProjectKey(Secret);

impl ProjectKey {
    /// `keyed_hash(derive_key("samkor 2026-11-21 project key v1", master), project id)`.
    #[must_use]
    pub fn derive(master: &MasterKey, project: &ProjectId) -> Self {
        Self(master.secret().derive(PROJECT_CONTEXT).keyed(project.as_str().as_bytes()))
    }

    /// The person's pseudonym: the first 16 bytes of the keyed hash of the ten digits.
    #[must_use]
    pub fn pseudonym(&self, cpr: Cpr) -> Pseudonym {
        first_16(self.0.hash(&cpr.digits()))
    }

    /// The pseudonym of a replacement number, which is unique only in the system that issued it: the keyed hash of
    /// `erstat|system|id`.
    #[must_use]
    pub fn replacement_pseudonym(&self, system: &str, id: &str) -> Pseudonym {
        first_16(self.0.hash(format!("erstat|{system}|{id}").as_bytes()))
    }

    /// The keys behind the hashes of the review queue.
    #[must_use]
    pub fn review_key(&self) -> ReviewKey {
        ReviewKey { row: self.0.derive(REVIEW_ROW_CONTEXT), person: self.0.derive(REVIEW_PERSON_CONTEXT) }
    }

    /// What tells in a run statement that the same project key was used.
    #[must_use]
    pub fn check_value(&self) -> CheckValue {
        CheckValue::of(&self.0)
    }

    /// The key for labels that stay the same in every run of the project (`labels = project`).
    #[must_use]
    pub fn label_key(&self) -> LabelKey {
        LabelKey::derive(&self.0)
    }

    /// The key of row references that stay the same in every run of the project (`labels = project`).
    #[must_use]
    pub fn row_key(&self) -> RowKey {
        RowKey::of(self.0.derive(ROW_CONTEXT))
    }

    /// The key of one run: `keyed_hash(derive_key("samkor 2026-11-21 run key v1", k_project), digest)`, with the 32 bytes of
    /// the digest from [`inputs_digest`].
    #[must_use]
    pub fn run_key(&self, inputs: &Digest) -> RunKey {
        RunKey(self.0.derive(RUN_CONTEXT).keyed(&inputs.0))
    }
}

/// The keys of the review queue: rows and persons are told by hashes that stand in no other output.
#[derive(Debug)]
pub struct ReviewKey {
    row: Secret,
    person: Secret,
}

impl ReviewKey {
    /// The row's hash: the first 16 bytes of the keyed hash of what it tells of its citizen, under
    /// `derive_key("samkor 2026-11-27 review row v1", k_project)`.
    #[must_use]
    pub fn row(&self, told: &[u8]) -> [u8; 16] {
        first_16(self.row.hash(told)).0
    }

    /// The person's hash: the first 16 bytes of the keyed hash of the ten digits, under
    /// `derive_key("samkor 2026-11-27 review person v1", k_project)`.
    #[must_use]
    pub fn person(&self, cpr: Cpr) -> [u8; 16] {
        first_16(self.person.hash(&cpr.digits())).0
    }
}

/// The key of one run (`k_run`), for `labels = run`: nothing in two runs can be joined by id.
#[derive(Debug)]
pub struct RunKey(Secret);

impl RunKey {
    /// The person's id in this run, written instead of the pseudonym: the first 16 bytes of the keyed hash of its 16 bytes.
    #[must_use]
    pub fn person_id(&self, pseudonym: Pseudonym) -> Pseudonym {
        first_16(self.0.hash(&pseudonym.0))
    }

    /// The key for labels that hold in this run only.
    #[must_use]
    pub fn label_key(&self) -> LabelKey {
        LabelKey::derive(&self.0)
    }

    /// The key of row references that hold in this run only.
    #[must_use]
    pub fn row_key(&self) -> RowKey {
        RowKey::of(self.0.derive(ROW_CONTEXT))
    }
}

/// The key of row references (`k_row`): a reference tells rows apart and, without key and exports, leads to none.
///
/// Spells come by the ten million, and each has a reference: so what the rows of one person, source and service share is
/// hashed once, and only the row's mark goes through a block cipher.
pub struct RowKey {
    groups: Secret,
    /// AES-128 under the first 16 bytes of `derive_key("samkor 2026-11-27 row cipher v1", k_row)`.
    cipher: Aes128,
}

/// What the references of the rows of one person, source and service have in common; see [`RowKey::blinding`].
#[derive(Clone, Copy)]
pub struct Blinding([u8; 12]);

/// Blocks that are encrypted together.
const BLOCKS: usize = 64;

impl RowKey {
    fn of(key: Secret) -> Self {
        let cipher = key.derive(ROW_CIPHER_CONTEXT);
        let (first, _) = cipher.bytes().split_first_chunk::<16>().expect("a key has 32 bytes");
        Self { cipher: Aes128::new(&(*first).into()), groups: key }
    }

    /// What the rows of one person, source and service share: the first 12 bytes of the keyed hash of the person's written id,
    /// the source's name, `|` and the service's code.
    #[must_use]
    pub fn blinding(&self, id: Pseudonym, source: &str, service: &str) -> Blinding {
        let message = [id.0.as_slice(), source.as_bytes(), b"|", service.as_bytes()].concat();
        let hash = self.groups.hash(&message);
        Blinding(*hash.first_chunk().expect("a hash has 32 bytes"))
    }

    /// The references of rows, given by their groups and marks: the first 8 bytes, most significant first, of AES-128 of the
    /// group's 12 bytes and the mark (32-bit little-endian).
    #[must_use]
    pub fn references(&self, rows: &[(Blinding, u32)]) -> Vec<RowReference> {
        let mut references = Vec::with_capacity(rows.len());
        // Many blocks go through the cipher at once: one alone waits for itself.
        let mut blocks = [Block::default(); BLOCKS];
        for rows in rows.chunks(BLOCKS) {
            for (block, (Blinding(group), mark)) in blocks.iter_mut().zip(rows) {
                block[..12].copy_from_slice(group);
                block[12..].copy_from_slice(&mark.to_le_bytes());
            }
            let blocks = &mut blocks[..rows.len()];
            self.cipher.encrypt_blocks(blocks);
            references.extend(blocks.iter().map(|block| {
                let (first, _) = block.split_first_chunk().expect("a block has 16 bytes");
                RowReference(u64::from_be_bytes(*first))
            }));
        }
        references
    }
}

impl fmt::Debug for RowKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RowKey").field(&self.groups).finish()
    }
}

/// The digest of plan and inputs: BLAKE3 over one line `hex  name` for the plan, then for each input in plan order. This
/// is what `b3sum PLAN INPUT ... | b3sum` prints.
#[must_use]
pub fn inputs_digest<'a>(plan_then_inputs: impl IntoIterator<Item = (&'a Digest, &'a str)>) -> Digest {
    let mut lines = String::new();
    for (digest, name) in plan_then_inputs {
        lines.extend([digest.to_string().as_str(), "  ", name, "\n"]);
    }
    Digest::blake3(lines.as_bytes())
}

fn first_16(hash: [u8; 32]) -> Pseudonym {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Pseudonym(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use std::{
        fs::{self, File},
        io,
        path::Path,
        process::{Command, Stdio},
    };

    use proptest::prelude::*;

    use super::*;
    use crate::pseudonym::{UnitKind, weakness::vector_key};

    pub const KD: &str = "1e2dbe2b45f922cc2e6effd4bf10be5235257dc7500e6851bcd2e1b21452d6bf";
    pub const K_PROJECT: &str = "c39620e8ac0aaaf93a41a04f2a0f62a175665b9340bcb91164c13eb974030f60";
    pub const K_LABEL: &str = "18af8e68f2a2ef0c25ffe556c9f7882c9010751ca8f89b6e68ddc32091a452a2";
    const PLAN: &str = "plan\n";
    const INPUT: &str = "inddata\n";

    pub fn cpr(digits: &[u8]) -> Cpr {
        Cpr::parse(digits).expect("a number with a date")
    }

    pub fn vector_project_key() -> ProjectKey {
        let project = ProjectId::parse("hvidovre|100-familier|fase1").expect("valid");
        ProjectKey::derive(&MasterKey::from_bytes(&mut vector_key()), &project)
    }

    fn vector_inputs_digest() -> Digest {
        let (plan, input) = (Digest::blake3(PLAN.as_bytes()), Digest::blake3(INPUT.as_bytes()));
        inputs_digest([(&plan, "samkor.toml"), (&input, "ind/cpr.txt")])
    }

    fn hex(bytes: &[u8]) -> String {
        bytes
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
            .collect()
    }

    #[test]
    fn vectors_of_the_specification() {
        let master = MasterKey::from_bytes(&mut vector_key());
        assert_eq!(hex(master.secret().derive(PROJECT_CONTEXT).bytes()), KD);
        let project_key = vector_project_key();
        assert_eq!(hex(project_key.0.bytes()), K_PROJECT);
        assert_eq!(project_key.pseudonym(cpr(b"0101010000")).to_string(), "f188ce8aced233454940927a418e9070");
        assert_eq!(master.check_value().to_string(), "e514f64b");
        assert_eq!(hex(project_key.label_key().secret().bytes()), K_LABEL);
    }

    /// Vectors of docs/format.md, recomputed with b3sum and `PyPI` blake3.
    #[test]
    fn vectors_of_the_format() {
        let project_key = vector_project_key();
        assert_eq!(project_key.check_value().to_string(), "c16768e8");
        assert_eq!(project_key.pseudonym(cpr(b"0202020000")).to_string(), "a4a17a5952710f23dcabd8016e08165a");
        let digest = vector_inputs_digest();
        assert_eq!(digest.to_string(), "05e06bf17738d6e7eb5b4671719141693b5307eba1bed2da41381a17930b77e5");
        let run_key = project_key.run_key(&digest);
        assert_eq!(hex(run_key.0.bytes()), "664cacae2aa6edfdb1f51c15d3b7a85aef1034f82587bb63b9ddc62a77bbfa56");
        let pseudonym = project_key.pseudonym(cpr(b"0101010000"));
        assert_eq!(run_key.person_id(pseudonym).to_string(), "a8902a9689e8327bf77feb7b38c7180b");
        let label = run_key.label_key().label(UnitKind::CaseFamily, &mut [pseudonym]);
        assert_eq!(label.to_string(), "KNWN-K799-5BRY-Y");
        let rows = project_key.row_key();
        let shown = |references: Vec<RowReference>| references.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (benefit, posting) =
            (rows.blinding(pseudonym, "kmd", "YD-KTH"), rows.blinding(pseudonym, "opus", "5.28.21-003"));
        let (first, second) = ((benefit, 0), (posting, 1_234_567));
        let known = ["a78f710e30755ca1", "37c365c22449e791"];
        assert_eq!(shown(rows.references(&[first, second])), known);
        assert_eq!(shown(rows.references(&[first; 2 * BLOCKS + 1])), [known[0]; 2 * BLOCKS + 1]);
        let of_run = run_key.row_key();
        let of_run = of_run.references(&[(of_run.blinding(run_key.person_id(pseudonym), "kmd", "YD-KTH"), 0)]);
        assert_eq!(shown(of_run), ["c2decd89f951caf0"]);
        let review = project_key.review_key();
        let told = b"\x04\0\0\0dubu\0\0\0\0\x04\0\0\0aase\x04\0\0\0ravn\0\0\0\0\x0a\0\0\x001975-03-15\x01\0\0\0K\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(hex(&review.row(told)), "31d6a1d8f7928a6c1c16f4923fe8e576");
        assert_eq!(hex(&review.person(cpr(b"0101010000"))), "4a121eb64974214ae0bded310a7455a7");
    }

    /// A program on the path that answers to `--version`.
    fn b3sum_installed() -> bool {
        Command::new("b3sum").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Runs b3sum on a file holding the message, with standard input from another.
    fn b3sum(place: &Path, arguments: &[&str], key: &[u8], message: &[u8]) -> Vec<u8> {
        let (key_file, message_file) = (place.join("noegle"), place.join("besked"));
        fs::write(&key_file, key).expect("a key file");
        fs::write(&message_file, message).expect("a message file");
        let output = Command::new("b3sum")
            .args(arguments)
            .args(["--raw"])
            .arg(&message_file)
            .stdin(File::open(&key_file).expect("the key file"))
            .output()
            .expect("b3sum runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[test]
    fn b3sum_agrees_on_every_step() -> io::Result<()> {
        if !b3sum_installed() {
            println!("skipped: b3sum");
            return Ok(());
        }
        let place = tempfile::tempdir()?;
        let derive = |context: &str, material: &[u8]| b3sum(place.path(), &["--derive-key", context], b"", material);
        let keyed = |key: &[u8], message: &[u8]| b3sum(place.path(), &["--keyed"], key, message);
        let kd = derive(PROJECT_CONTEXT, &vector_key());
        let k_project = keyed(&kd, b"hvidovre|100-familier|fase1");
        assert_eq!((hex(&kd), hex(&k_project)), (KD.to_owned(), K_PROJECT.to_owned()));
        let project_key = vector_project_key();
        let numbers: [&[u8; 10]; 4] = [b"0101010000", b"0202020000", b"3112990000", b"2902005000"];
        for number in numbers {
            assert_eq!(hex(&keyed(&k_project, number)[..16]), project_key.pseudonym(cpr(number)).to_string());
        }
        let replacement = keyed(&k_project, b"erstat|sensum|610101AB12");
        let ours = project_key.replacement_pseudonym("sensum", "610101AB12");
        assert_eq!(hex(&replacement[..16]), ours.to_string());

        let check = derive("samkor 2026-11-21 key check v1", &vector_key());
        assert_eq!(hex(&check[..4]), "e514f64b");
        let check = derive("samkor 2026-11-21 key check v1", &k_project);
        assert_eq!(hex(&check[..4]), project_key.check_value().to_string());

        let lines: String = [(PLAN, "samkor.toml"), (INPUT, "ind/cpr.txt")]
            .map(|(content, name)| format!("{}  {name}\n", hex(&b3sum(place.path(), &[], b"", content.as_bytes()))))
            .concat();
        let digest = b3sum(place.path(), &[], b"", lines.as_bytes());
        assert_eq!(hex(&digest), vector_inputs_digest().to_string());
        let k_run = keyed(&derive(RUN_CONTEXT, &k_project), &digest);
        let run_key = project_key.run_key(&vector_inputs_digest());
        assert_eq!(hex(&k_run), hex(run_key.0.bytes()));
        let pseudonym = project_key.pseudonym(cpr(b"0101010000"));
        assert_eq!(hex(&keyed(&k_run, &pseudonym.0)[..16]), run_key.person_id(pseudonym).to_string());

        let k_label = derive("samkor 2026-11-21 label v1", &k_run);
        assert_eq!(hex(&k_label), hex(run_key.label_key().secret().bytes()));
        let k_row = derive("samkor 2026-11-27 row v1", &k_project);
        let k_blok = derive("samkor 2026-11-27 row cipher v1", &k_row);
        assert_eq!(hex(&k_blok[..16]), "fa903c76316e1b79a83fe31fb25a989a");
        assert_eq!(hex(&k_row), hex(project_key.row_key().groups.bytes()));

        let message = [b"F\x01\0\0\0".as_slice(), &pseudonym.0].concat();
        let hash = keyed(&k_label, &message);
        let label = run_key.label_key().label(UnitKind::Family, &mut [pseudonym]);
        assert_eq!(crate::pseudonym::label::from_hash(&hash), label);
        Ok(())
    }

    #[test]
    fn a_run_hides_the_pseudonym_and_differs_from_every_other_run() {
        let project_key = vector_project_key();
        let pseudonym = project_key.pseudonym(cpr(b"0101010000"));
        let (one, other) = (project_key.run_key(&Digest([1; 32])), project_key.run_key(&Digest([2; 32])));
        let ids = [pseudonym, one.person_id(pseudonym), other.person_id(pseudonym)];
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
        let label = |key: LabelKey| key.label(UnitKind::Household, &mut [pseudonym]);
        let labels = [label(project_key.label_key()), label(one.label_key()), label(other.label_key())];
        assert!(labels[0] != labels[1] && labels[1] != labels[2] && labels[0] != labels[2]);
    }

    #[test]
    fn inputs_count_in_their_order_and_with_their_names() {
        let (one, other) = (Digest([1; 32]), Digest([2; 32]));
        let digest = inputs_digest([(&one, "a"), (&other, "b")]);
        assert_ne!(digest, inputs_digest([(&other, "b"), (&one, "a")]));
        assert_ne!(digest, inputs_digest([(&one, "a"), (&other, "c")]));
        let expected = format!("{one}  a\n{other}  b\n");
        assert_eq!(digest, Digest::blake3(expected.as_bytes()));
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 256,
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_121),
            ..ProptestConfig::default()
        })]

        #[test]
        fn different_numbers_projects_and_masters_never_share_a_pseudonym(
            one in 1_u8..=28, other in 1_u8..=28, serial in 0_u16..10_000, first in any::<u8>(),
        ) {
            let number = |day: u8| cpr(format!("{day:02}0175{serial:04}").as_bytes());
            let project_key = vector_project_key();
            prop_assert_eq!(
                project_key.pseudonym(number(one)) == project_key.pseudonym(number(other)), one == other
            );
            let elsewhere = ProjectId::parse("hvidovre|100-familier|fase2").expect("valid");
            let key = ProjectKey::derive(&MasterKey::from_bytes(&mut vector_key()), &elsewhere);
            prop_assert_ne!(key.pseudonym(number(one)), project_key.pseudonym(number(one)));
            let mut master = vector_key();
            master[0] = first;
            let project = ProjectId::parse("hvidovre|100-familier|fase1").expect("valid");
            let key = ProjectKey::derive(&MasterKey::from_bytes(&mut master), &project);
            prop_assert_eq!(key.pseudonym(number(one)) == project_key.pseudonym(number(one)), first == 0);
        }
    }
}
