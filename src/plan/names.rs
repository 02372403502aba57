//! Names in plans: what is one, and what is proposed instead.

/// Whether a text is `[a-z0-9-]+`.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The nearest name that is allowed: small letters, `oe` for `ø`, hyphens for the rest. Empty when nothing remains.
pub(super) fn name_from(text: &str) -> String {
    let mut name = String::new();
    for letter in text.to_lowercase().chars() {
        match letter {
            'æ' => name.push_str("ae"),
            'ø' => name.push_str("oe"),
            'å' => name.push_str("aa"),
            'a'..='z' | '0'..='9' => name.push(letter),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_proposed() {
        assert_eq!(name_from("Eksempelkøbing Kommune"), "eksempelkoebing-kommune");
        assert_eq!(name_from("  Ærø / 2 "), "aeroe-2");
        assert_eq!(name_from("***"), "");
    }
}
