//! The layout files that stand in the program itself.

macro_rules! shipped {
    ($($file:literal),* $(,)?) => {
        /// File name and text of every shipped layout.
        pub(super) const TEXTS: &[(&str, &str)] = &[$(($file, include_str!(concat!("data/", $file)))),*];
    };
}

shipped![
    "budget.toml",
    "cpr-csv.toml",
    "cpr-groenland.toml",
    "cpr-p12170.toml",
    "dubu-ydelser.toml",
    "indskrivning.toml",
    "kmd-ydelser.toml",
    "kmd-ydelsesrefusion.toml",
    "manuel.toml",
    "opus-posteringer.toml",
    "sensum-indsatser.toml",
    "takster.toml",
];
