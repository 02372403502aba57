//! What may be typed, with its Danish help. clap's own English words are replaced or hidden, here and in `usage`.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use samkor::domain::{Date, DateError, Period};

const HELP: &str = "{about-with-newline}\nBrug: {usage}\n\n{all-args}{after-help}";
const OPTIONS: &str = "Tilvalg";
const ARGUMENTS: &str = "Argumenter";
const COMMANDS: &str = "Kommandoer";

/// Samkører en kommunes udtræk: hvilke familier får mest hjælp, fra hvem, og hvad koster det
///
/// Udtrækkene læses efter en plan (samkor.toml), personerne erstattes af pseudonymer, samles i husstande på
/// skæringsdatoen og får hver krone henført. Resultatet er lister over familier, en rapport og et bevis for kørslen.
#[derive(Parser, Debug)]
#[command(
    name = "samkor",
    version,
    propagate_version = true,
    help_template = HELP,
    override_usage = "samkor [TILVALG] KOMMANDO",
    subcommand_help_heading = COMMANDS,
    subcommand_value_name = "KOMMANDO",
    next_help_heading = OPTIONS,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Begynd med: samkor demo, eller samkor init MAPPE for en plan til egne udtræk."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,

    /// Fremdrift på stderr: auto (streger i en terminal efter et halvt sekund), always, never eller json (en linje JSON
    /// for hver hændelse)
    #[arg(long, global = true, value_name = "HVORDAN", default_value = "auto", hide_default_value = true)]
    #[arg(hide_possible_values = true)]
    pub progress: Show,

    /// Svar og fejl som JSON
    #[arg(long, global = true)]
    pub json: bool,

    /// Vis denne hjælp (-h kort, --help lang)
    #[arg(short, long, global = true, action = ArgAction::Help)]
    help: Option<bool>,

    /// Vis versionen
    #[arg(short = 'V', long, global = true, action = ArgAction::Version)]
    version: Option<bool>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Show {
    Auto,
    Always,
    Never,
    Json,
}

#[derive(Subcommand, Debug)]
#[command(help_template = HELP)]
pub enum Command {
    /// Kør en plan: læs kilderne, dan familierne, skriv lister, rapport og bevis
    #[command(help_template = HELP, override_usage = "samkor run [TILVALG] PLAN")]
    Run(RunArguments),

    /// Kør den indbyggede prøvekommune Eksempelkøbing
    ///
    /// Prøvekommunens udtræk, plan og nøgle skrives i mappen, og planen køres. Personerne er opdigtede.
    #[command(help_template = HELP, override_usage = "samkor demo [TILVALG] [MAPPE]")]
    Demo(DemoArguments),

    /// Lav en opdigtet kommune i kildernes egne formater, med facit ved siden af
    ///
    /// Mappen får en plan (samkor.toml), en prøvenøgle, udtræk i ind/ og det sande resultat i facit/. Samme frø giver
    /// samme bytes. Ingen af personerne findes, og ingen har numrene.
    #[command(help_template = HELP, override_usage = "samkor synth [TILVALG] MAPPE")]
    Synth(SynthArguments),

    /// Kontrollér en plan: alt, hvad der kan kontrolleres før første række. Intet skrives
    #[command(help_template = HELP, override_usage = "samkor check [TILVALG] PLAN")]
    Check(CheckArguments),

    /// Vis én familie fra en kørsel: medlemmer med rolle og aldersbånd, og hvorfor de hører sammen
    ///
    /// Hvert medlem står med sin plads i husstand (H), familie (F) og sagsfamilie (S): regel, sikkerhed og dage. Aldrig et
    /// nummer, et navn eller en adresse. Læser kørslens arbejde/tabeller/.
    #[command(help_template = HELP, override_usage = "samkor family [TILVALG] RUN ETIKET")]
    Family(FamilyArguments),

    /// Rækker, som et menneske skal se på: skriv dem i en kø, og tag afgørelserne ind
    #[command(
        help_template = HELP,
        override_usage = "samkor review KOMMANDO",
        subcommand_help_heading = COMMANDS,
        arg_required_else_help = true
    )]
    Review {
        #[command(subcommand)]
        command: ReviewCommand,
    },
    /// Vis, hvad der blev af familierne fra én kørsel til en anden: samme, ny etiket, delt, slået sammen, opløst eller ny
    ///
    /// Familierne føres sammen på personerne i dem, så begge kørsler skal være af samme projekt og nøgle og have
    /// etiketter = "projekt". Uden --json vises kun dem, der ikke er de samme.
    #[command(help_template = HELP, override_usage = "samkor lineage [TILVALG] RUN SENERE-RUN")]
    Lineage(LineageArguments),

    /// Følg hver krone for én familie: kilde, regel, måned, øre og en blindet henvisning til rækken
    ///
    /// Summen er familiens øre i kørslen, til den sidste øre. Uden personer, tekster og linjer fra kilderne: læser kun det,
    /// kørslens arbejde/tabeller/ har, og henvisningen fører kun til rækken for den, der har nøglen og udtrækkene.
    #[command(help_template = HELP, override_usage = "samkor trace [TILVALG] RUN ETIKET")]
    Trace(TraceArguments),

    /// Lav en mappe til et nyt projekt: en plan med forklaringer, noegle/ og ind/
    #[command(help_template = HELP, override_usage = "samkor init [TILVALG] MAPPE")]
    Init(InitArguments),

    /// Projektets nøgle
    #[command(
        help_template = HELP,
        override_usage = "samkor key KOMMANDO",
        subcommand_help_heading = COMMANDS,
        arg_required_else_help = true
    )]
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },

    /// Layouts: hvad kolonnerne i en kildes filer betyder
    ///
    /// Uden en kommando vises listen over layouts.
    #[command(
        help_template = HELP,
        override_usage = "samkor layouts [TILVALG] [KOMMANDO]",
        subcommand_help_heading = COMMANDS
    )]
    Layouts {
        #[command(subcommand)]
        command: Option<LayoutsCommand>,
    },

    /// Ydelseskataloget: ydelser, konti, paragraffer og navne, og hvad udtrækkene har, som det mangler
    #[command(
        help_template = HELP,
        override_usage = "samkor catalogue KOMMANDO",
        subcommand_help_heading = COMMANDS,
        arg_required_else_help = true
    )]
    Catalogue {
        #[command(subcommand)]
        command: CatalogueCommand,
    },

    /// Find samme person i to filer, eller dobbelte rækker i én, uden CPR-nummer
    ///
    /// Kolonnerne kendes på deres overskrifter og indhold; vægtene læres af filerne selv. Resultatet er par med vægt og
    /// begrundelse (par.csv), grupper (grupper.csv) og de lærte vægte (vaegte.csv). Felter skrives ikke, kun
    /// rækkenumre og rækkernes id.
    #[command(help_template = HELP, override_usage = "samkor link [TILVALG] VENSTRE [HØJRE]")]
    Link(LinkArguments),

    /// Mål par fra samkor link mod et facit: præcision, dækning og F1
    #[command(help_template = HELP, override_usage = "samkor evaluate [TILVALG] PAR FACIT [FACIT-HØJRE]")]
    Evaluate(EvaluateArguments),

    /// Skriv fuldførelser til en skal: bash, elvish, fish, powershell eller zsh
    #[command(help_template = HELP, override_usage = "samkor completions SKAL")]
    Completions {
        /// bash, elvish, fish, powershell eller zsh
        #[arg(value_name = "SKAL", hide_possible_values = true, help_heading = ARGUMENTS)]
        shell: clap_complete::Shell,
    },

    /// Skriv manualsiden, eller alle manualsider i en mappe
    #[command(help_template = HELP, override_usage = "samkor man [MAPPE]")]
    Man {
        /// Mappen til siderne; uden den skrives samkor(1) på stdout
        #[arg(value_name = "MAPPE", help_heading = ARGUMENTS)]
        directory: Option<PathBuf>,
    },

    /// Skriv docs/cli.md
    #[command(hide = true, help_template = HELP, override_usage = "samkor reference")]
    Reference,

    /// Gå i stykker med vilje, så prøverne kan se, hvad der så bliver skrevet
    #[command(hide = true, help_template = HELP, override_usage = "samkor panic")]
    Panic,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct RunArguments {
    /// Planen (samkor.toml)
    #[arg(value_name = "PLAN", help_heading = ARGUMENTS)]
    pub plan: PathBuf,

    /// Skriv i denne mappe i stedet for planens
    #[arg(long, value_name = "MAPPE")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub work: WorkArguments,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct DemoArguments {
    /// Mappen, som prøvekommunen skrives i; uden den er det samkor-demo
    #[arg(value_name = "MAPPE", default_value = "samkor-demo", hide_default_value = true, help_heading = ARGUMENTS)]
    pub directory: PathBuf,

    #[command(flatten)]
    pub work: WorkArguments,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct WorkArguments {
    /// Antal arbejdstråde, 1 til 1024; uden tilvalget så mange, som maskinen har. Resultatet er det samme
    #[arg(long, value_name = "ANTAL", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// Erstat en tidligere kørsel i samme mappe
    #[arg(long)]
    pub replace: bool,

    /// Bytes pr. stykke ved indlæsning, til prøver
    #[arg(long, value_name = "BYTES", hide = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub chunk_bytes: Option<u64>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct SynthArguments {
    /// Mappen, som laves; den må ikke rumme noget i forvejen
    #[arg(value_name = "MAPPE", help_heading = ARGUMENTS)]
    pub directory: PathBuf,

    /// Antal personer i registret; uden tilvalget 20.000
    #[arg(long, value_name = "ANTAL")]
    pub persons: Option<u32>,

    /// Lav ydelser til personerne i et CPR-udtræk (P12170), som findes i forvejen, i stedet for at finde på personer
    #[arg(long, value_name = "FIL", conflicts_with = "persons")]
    pub register: Option<PathBuf>,

    /// Skriv registret som neutrale tabeller (cpr-csv) i stedet for CPR-kontorets P12170
    #[arg(long, conflicts_with = "register")]
    pub cpr_csv: bool,

    /// Antal rækker i udtrækkene, registret og takster ikke talt med; uden tilvalget 10 pr. person
    #[arg(long, value_name = "ANTAL")]
    pub rows: Option<u64>,

    /// Frøet, som afgør alt; uden tilvalget 1
    #[arg(long, value_name = "TAL", default_value_t = 1, hide_default_value = true)]
    pub seed: u64,

    /// Antal kalenderår i perioden; uden tilvalget 1
    #[arg(long, value_name = "ANTAL", default_value_t = 1, hide_default_value = true)]
    pub years: u8,

    /// Det første kalenderår; uden tilvalget det, som får perioden til at slutte med 2024
    #[arg(long, value_name = "AAR")]
    pub first_year: Option<u16>,

    /// Hvor meget der skades: none, light (nogle promille af rækkerne) eller heavy (hver tiende række)
    #[arg(
        long,
        value_name = "HVOR-MEGET",
        default_value = "none",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub damage: DamageChoice,

    /// Én kilde til hver ydelse og ydelsesperiode på hver betaling: det, som kan gøres op til sidste øre
    #[arg(long)]
    pub plain: bool,

    /// Antal arbejdstråde, 1 til 1024; uden tilvalget så mange, som maskinen har. Resultatet er det samme
    #[arg(long, value_name = "ANTAL", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// How much of a made-up municipality is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DamageChoice {
    None,
    Light,
    Heavy,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct CheckArguments {
    /// Planen (samkor.toml)
    #[arg(value_name = "PLAN", help_heading = ARGUMENTS)]
    pub plan: PathBuf,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct FamilyArguments {
    /// Kørslens mappe
    #[arg(value_name = "RUN", help_heading = ARGUMENTS)]
    pub run: PathBuf,

    /// Familiens etiket, XXXX-XXXX-XXXX-C
    #[arg(value_name = "ETIKET", help_heading = ARGUMENTS)]
    pub label: String,
}

#[derive(Subcommand, Debug)]
#[command(help_template = HELP)]
pub enum ReviewCommand {
    /// Skriv køen: en linje for hver person, en række kan være om. Skriv ja eller nej i kolonnen svar
    ///
    /// Køen er blind: uden vægte, og personerne i en rækkefølge, der intet siger. Den rummer navne og fødselsdatoer, men
    /// ingen numre, og er krypteret (age) til planens modtagere. Den står, hvor planens koe siger. Efter 14 dage er den
    /// ubrugelig og slettes af den næste review eller run.
    #[command(help_template = HELP, override_usage = "samkor review write [TILVALG] PLAN")]
    Write(ReviewWriteArguments),

    /// Tag svarene ind som daterede afgørelser, mål enigheden, og slet køen
    ///
    /// Afgørelserne skrives i planens fil ([samkoering] afgoerelser) og bruges af de næste kørsler. Både svarene og køen i
    /// planens koe slettes.
    #[command(help_template = HELP, override_usage = "samkor review import --af INITIALER [TILVALG] PLAN [SVAR]")]
    Import(ReviewImportArguments),
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct ReviewWriteArguments {
    /// Planen (samkor.toml)
    #[arg(value_name = "PLAN", help_heading = ARGUMENTS)]
    pub plan: PathBuf,

    /// Skriv køen i klar tekst, uden .age i navnet; kun på et krypteret drev
    #[arg(long)]
    pub klartekst: bool,

    /// Tag vægtene med, kun for rækker, som nogen har svaret på uden
    #[arg(long)]
    pub med_vaegt: bool,

    /// Antal arbejdstråde, 1 til 1024; uden tilvalget så mange, som maskinen har. Resultatet er det samme
    #[arg(long, value_name = "ANTAL", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct ReviewImportArguments {
    /// Planen (samkor.toml)
    #[arg(value_name = "PLAN", help_heading = ARGUMENTS)]
    pub plan: PathBuf,

    /// Køen med svar, krypteret eller ej; uden argumentet den i planens koe
    #[arg(value_name = "SVAR", help_heading = ARGUMENTS)]
    pub answers: Option<PathBuf>,

    /// Filen med nøglen, der åbner krypterede svar (age-keygen, chmod 600)
    #[arg(long, value_name = "FIL")]
    pub age_noegle: Option<PathBuf>,

    /// Hvem der har svaret: 1 til 12 bogstaver og tal
    #[arg(long, value_name = "INITIALER")]
    pub af: String,

    /// Antal arbejdstråde, 1 til 1024; uden tilvalget så mange, som maskinen har. Resultatet er det samme
    #[arg(long, value_name = "ANTAL", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct TraceArguments {
    /// Kørslens mappe
    #[arg(value_name = "RUN", help_heading = ARGUMENTS)]
    pub run: PathBuf,

    /// Familiens etiket, XXXX-XXXX-XXXX-C
    #[arg(value_name = "ETIKET", help_heading = ARGUMENTS)]
    pub label: String,

    /// Kun denne ydelse, ved katalogets kode
    #[arg(long, value_name = "KODE")]
    pub service: Option<String>,

    /// Kun denne måned, åååå-mm
    #[arg(long, value_name = "MAANED", value_parser = month)]
    pub month: Option<Period>,
}

/// The days of a calendar month, written `2015-03`.
fn month(text: &str) -> Result<Period, DateError> {
    Date::parse_iso(&format!("{text}-01")).map(Date::month)
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct LineageArguments {
    /// Mappen med den første kørsel
    #[arg(value_name = "RUN", help_heading = ARGUMENTS)]
    pub before: PathBuf,

    /// Mappen med den senere kørsel
    #[arg(value_name = "SENERE-RUN", help_heading = ARGUMENTS)]
    pub after: PathBuf,

    /// H (husstande), F (familier) eller S (sagsfamilier); uden tilvalget S
    #[arg(long, value_name = "ENHED", default_value = "S", hide_default_value = true, hide_possible_values = true)]
    pub enhed: UnitChoice,
}

/// Which units are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UnitChoice {
    #[value(name = "H")]
    H,
    #[value(name = "F")]
    F,
    #[value(name = "S")]
    S,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct LinkArguments {
    /// CSV-filen til venstre; står den alene, findes dens dobbelte rækker
    #[arg(value_name = "VENSTRE", help_heading = ARGUMENTS)]
    pub left: PathBuf,

    /// CSV-filen til højre
    #[arg(value_name = "HØJRE", help_heading = ARGUMENTS)]
    pub right: Option<PathBuf>,

    /// Specen (TOML): kolonnernes art, hvad der udelades, mindste sandsynlighed, regler
    #[arg(long, value_name = "FIL", conflicts_with = "tidligere")]
    pub spec: Option<PathBuf>,

    /// Find husstande ved skrevne adresser i stedet for personer
    #[arg(long, conflicts_with = "tidligere")]
    pub husstand: bool,

    /// Afgjorte par (CSV): `venstre_id;hoejre_id;forbind` eller `venstre_raekke;hoejre_raekke;forbind` med ja eller nej
    #[arg(long, value_name = "FIL")]
    pub bindinger: Option<PathBuf>,

    /// Gå videre fra et tidligere resultat: dets spec og vægte gælder, filerne er de gamle rækker med nye efter, kun
    /// par med nye rækker sammenlignes, og ændringerne skrives i aendringer.csv
    #[arg(long, value_name = "MAPPE")]
    pub tidligere: Option<PathBuf>,

    /// Sammenlign også de gamle par igen, med vægtene fra det tidligere resultat; resultatet er det samme
    #[arg(long, requires = "tidligere")]
    pub forfra: bool,

    /// Mappen til resultatet; uden tilvalget samkor-link
    #[arg(long, value_name = "MAPPE", default_value = "samkor-link", hide_default_value = true)]
    pub out: PathBuf,

    /// Erstat et tidligere resultat i samme mappe
    #[arg(long)]
    pub replace: bool,

    /// Antal arbejdstråde, 1 til 1024; uden tilvalget så mange, som maskinen har. Resultatet er det samme
    #[arg(long, value_name = "ANTAL", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct EvaluateArguments {
    /// Parrene: par.csv fra samkor link, eller en CSV-fil med to kolonner id
    #[arg(value_name = "PAR", help_heading = ARGUMENTS)]
    pub pairs: PathBuf,

    /// Facit: venstre fil med en kolonne, der er ens for rækker om samme person, eller en liste over par med
    /// kolonnerne `venstre_id` og `hoejre_id`
    #[arg(value_name = "FACIT", help_heading = ARGUMENTS)]
    pub truth: PathBuf,

    /// Facit for højre fil
    #[arg(value_name = "FACIT-HØJRE", help_heading = ARGUMENTS)]
    pub right: Option<PathBuf>,

    /// Kolonnen, der er ens for rækker om samme person; uden tilvalget cluster, klynge, facit eller person
    #[arg(long, value_name = "KOLONNE")]
    pub klynge: Option<String>,

    /// Kolonnen med rækkernes id, eller raekke: rækkernes numre
    #[arg(long, value_name = "KOLONNE")]
    pub id: Option<String>,

    /// Kolonnen, der er ens for rækker om samme husstand: så tælles fejl inden for husstanden
    #[arg(long, value_name = "KOLONNE")]
    pub husstand: Option<String>,

    /// Kun rækker, hvor kolonnen har denne værdi
    #[arg(long, value_name = "KOLONNE=VÆRDI")]
    pub kun: Option<String>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = OPTIONS)]
pub struct InitArguments {
    /// Mappen, som laves
    #[arg(value_name = "MAPPE", help_heading = ARGUMENTS)]
    pub directory: PathBuf,

    /// Kommunens navn, til projektets navn i planen
    #[arg(long, value_name = "NAVN", default_value = "kommune", hide_default_value = true)]
    pub kommune: String,
}

#[derive(Subcommand, Debug)]
pub enum KeyCommand {
    /// Lav en ny nøgle i en fil, som ikke findes i forvejen, kun læselig for ejeren
    #[command(help_template = HELP, override_usage = "samkor key new FIL")]
    New {
        /// Filen, som laves
        #[arg(value_name = "FIL", help_heading = ARGUMENTS)]
        file: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
pub enum LayoutsCommand {
    /// Vis listen over layouts
    #[command(help_template = HELP, override_usage = "samkor layouts list")]
    List,

    /// Vis et layout: dets kolonner, og hvordan de læses
    #[command(help_template = HELP, override_usage = "samkor layouts show NAVN")]
    Show {
        /// Layoutets navn
        #[arg(value_name = "NAVN", help_heading = ARGUMENTS)]
        name: String,
    },

    /// Foreslå et layout til en fil ud fra dens overskrifter
    #[command(help_template = HELP, override_usage = "samkor layouts infer FIL")]
    Infer {
        /// Filen, som ses efter; dens felter vises ikke
        #[arg(value_name = "FIL", help_heading = ARGUMENTS)]
        file: PathBuf,
    },
}

#[derive(Subcommand, Debug)]
pub enum CatalogueCommand {
    /// Vis en af katalogets tabeller som CSV, eller navnene på dem
    #[command(help_template = HELP, override_usage = "samkor catalogue show [TILVALG] [TABEL]")]
    Show {
        /// Tabellens navn, som i planens [katalog]
        #[arg(value_name = "TABEL", help_heading = ARGUMENTS)]
        table: Option<String>,
    },

    /// Vis, hvad en plans udtræk har, som kataloget mangler: rækker og kroner for hver konto og paragraf
    ///
    /// Udtrækkene læses, men ingen personer føres sammen, og intet skrives. En konto eller paragraf vises, når den kun kan
    /// være det; anden tekst, også ydelsers navne, vises aldrig, kun fil og linje. Det ukendte standser ikke en kørsel: det
    /// er en klasse for sig.
    #[command(help_template = HELP, override_usage = "samkor catalogue check [TILVALG] PLAN")]
    Check {
        /// Planen (samkor.toml)
        #[arg(value_name = "PLAN", help_heading = ARGUMENTS)]
        plan: PathBuf,
    },
}

impl Command {
    /// The number of threads that was asked for.
    pub fn threads(&self) -> Option<u16> {
        match self {
            Self::Run(RunArguments { work, .. }) | Self::Demo(DemoArguments { work, .. }) => work.threads,
            _ => None,
        }
    }
}
