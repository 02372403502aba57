//! The views of a text or of bytes in which a canary could hide.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes as text, in every encoding that they could have.
pub fn texts(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let mut texts = Vec::new();
    match std::str::from_utf8(bytes) {
        Ok(text) => texts.push(("text", text.to_owned())),
        Err(_) => texts.push(("Windows-1252", WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned())),
    }
    if memchr::memchr_iter(0, bytes).count() * 4 > bytes.len() {
        texts.push(("UTF-16LE", UTF_16LE.decode_without_bom_handling(bytes).0.into_owned()));
        texts.push(("UTF-16BE", UTF_16BE.decode_without_bom_handling(bytes).0.into_owned()));
    }
    texts
}

/// Runs of nine digits or more, full-width digits as ASCII, one separator between two digits taken out.
pub fn digit_runs(text: &str) -> Vec<String> {
    let digit = |symbol: char| match symbol {
        '0'..='9' => Some(symbol),
        '０'..='９' => char::from_digit(u32::from(symbol) - u32::from('０'), 10),
        _ => None,
    };
    let separates = |symbol: char| {
        matches!(
            symbol,
            ' ' | '-' | '.' | '\'' | '_' | '/' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2010}'..='\u{2015}'
        )
    };
    let (mut runs, mut run, mut gap) = (Vec::new(), String::new(), false);
    for symbol in text.chars().chain(['\n']) {
        if let Some(digit) = digit(symbol) {
            run.push(digit);
            gap = false;
        } else if separates(symbol) && !gap {
            gap = true;
        } else {
            gap = true;
            if run.len() >= 9 {
                runs.push(std::mem::take(&mut run));
            }
            run.clear();
        }
    }
    // Separators of thousands and exponents: 1,403,801,110 and 1.40380111E9.
    for token in text.split(|symbol: char| !(symbol.is_ascii_digit() || matches!(symbol, ',' | '.' | 'e' | 'E' | '+')))
    {
        if token.len() >= 9 && token.contains(['e', 'E']) {
            runs.extend(token.parse::<f64>().ok().map(|number| format!("{number:.0}")));
        } else if token.split(',').skip(1).all(|group| group.len() == 3) && token.contains(',') {
            runs.push(token.replace([',', '.'], ""));
        }
    }
    runs.retain(|run| run.len() >= 9 && run.bytes().all(|byte| byte.is_ascii_digit()));
    runs
}

/// Other readings of a text, where they differ from it.
pub fn views(text: &str) -> Vec<(&'static str, String)> {
    type Reading = fn(&str) -> String;
    let readings: [(&str, Reading); 3] = [("entities", entities), ("without tags", without_tags), ("escapes", escapes)];
    readings.into_iter().map(|(kind, read)| (kind, read(text))).filter(|(_, view)| view != text).collect()
}

/// What stands in base64 or hexadecimal in a text. Where a run begins is unknown, so every start is tried.
pub fn runs(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let joined: String = text.chars().filter(|symbol| !matches!(symbol, '\n' | '\r')).collect();
    let mut views = Vec::new();
    for text in [text, &joined] {
        let of = |is: fn(char) -> bool, least: usize| {
            text.split(move |symbol: char| !is(symbol)).filter(move |run| run.len() >= least)
        };
        for start in 0..4 {
            let mut bytes = Vec::new();
            for run in of(|symbol| symbol.is_ascii_alphanumeric() || "+/-_".contains(symbol), 12) {
                bytes.extend(base64(&run[start..]));
                bytes.push(0xFF);
            }
            views.push(("base64", bytes));
        }
        for start in 0..2 {
            let mut bytes = Vec::new();
            for run in of(|symbol| symbol.is_ascii_hexdigit(), 10) {
                bytes.extend(hexadecimal(&run[start..]).unwrap_or_default());
                bytes.push(0xFF);
            }
            views.push(("hexadecimal", bytes));
        }
    }
    views.retain(|(_, bytes)| !bytes.is_empty());
    views.sort();
    views.dedup();
    views
}

/// Hexadecimal digits as bytes; a last odd digit is dropped.
pub fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Base64, of either alphabet, without padding.
pub fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        _ => 63,
    };
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        bits = (bits << 6 | u32::from(value(byte))) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xFF).expect("eight bits"));
        }
    }
    bytes
}

fn entities(text: &str) -> String {
    let named = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("aelig", 'æ'),
        ("oslash", 'ø'),
        ("aring", 'å'),
    ];
    replaced(text, "&", |rest| {
        let end = rest.find(';').filter(|end| *end < 12)?;
        let name = &rest[..end];
        let symbol = match name.strip_prefix('#') {
            Some(number) => char::from_u32(match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            })?,
            None => named.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?.1,
        };
        Some((symbol, end + 1))
    })
}

fn escapes(text: &str) -> String {
    let code = |rest: &str, start: usize, length: usize| {
        let digits = rest.get(start..start + length)?;
        Some((char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, start + length))
    };
    let text = replaced(text, "\\", |rest| match rest.chars().next()? {
        'u' => code(rest, 1, 4),
        'x' => code(rest, 1, 2),
        _ => None,
    });
    replaced(&text, "%", |rest| code(rest, 0, 2))
}

fn replaced(text: &str, mark: &str, read: impl Fn(&str) -> Option<(char, usize)>) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(mark) {
        let (before, behind) = (&rest[..at], &rest[at + mark.len()..]);
        out.push_str(before);
        if let Some((symbol, length)) = read(behind) {
            out.push(symbol);
            rest = &behind[length..];
        } else {
            out.push_str(mark);
            rest = behind;
        }
    }
    out + rest
}

fn without_tags(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let Some(length) = rest[start..].find('>') else { return out + &rest[start..] };
        rest = &rest[start + length + 1..];
    }
    out + rest
}
