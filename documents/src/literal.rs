//! Text as given by people, made fit for paper: invisible control characters go, characters no font can draw are
//! shown as 〓 with their code point. Nothing else is changed; no character has a meaning here.

use serde_json::Value;

/// Rewrites every string of a serialised sheet in place; object keys are ours and stay.
pub(crate) fn make_printable(value: &mut Value, drawable: &dyn Fn(char) -> bool) {
    match value {
        Value::String(text) => *text = printable(text, drawable),
        Value::Array(items) => items.iter_mut().for_each(|item| make_printable(item, drawable)),
        Value::Object(fields) => fields.values_mut().for_each(|field| make_printable(field, drawable)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The characters of a serialised sheet that no font can draw, each once.
pub(crate) fn undrawable(value: &Value, drawable: &dyn Fn(char) -> bool, found: &mut Vec<char>) {
    match value {
        Value::String(text) => {
            for c in normalised(text) {
                if !is_drawable(c, drawable) && !found.contains(&c) {
                    found.push(c);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| undrawable(item, drawable, found)),
        Value::Object(fields) => fields.values().for_each(|field| undrawable(field, drawable, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// One text made printable. 〓 (geta) is the printers' sign for a missing sort.
pub(crate) fn printable(text: &str, drawable: &dyn Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in normalised(text) {
        if is_drawable(c, drawable) {
            out.push(c);
        } else {
            out.push_str(&format!("〓(U+{:04X})", u32::from(c)));
        }
    }
    out
}

fn normalised(text: &str) -> impl Iterator<Item = char> {
    let mut after_return = false;
    text.chars()
        .filter_map(move |c| {
            let swallowed = after_return && c == '\n';
            after_return = c == '\r';
            match c {
                _ if swallowed => None,
                '\r' | '\u{2028}' | '\u{2029}' | '\u{85}' => Some('\n'),
                '\t' => Some(' '),
                c => Some(c),
            }
        })
        .filter(|c| *c == '\n' || !(c.is_control() || is_invisible(*c)))
}

/// Marks that cannot be seen but could reorder or hide what is read: direction overrides, zero-width spaces.
/// Joiners and variation selectors stay, names are written with them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn is_drawable(c: char, drawable: &dyn Fn(char) -> bool) -> bool {
    let shapes_another =
        matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    // PDF/A-2a wants a public meaning for every character, so the private areas cannot be printed even when a
    // font has something there.
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    c == '\n' || c == ' ' || shapes_another || (!private && drawable(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_left_alone() {
        let text = r##"#import "x": *bold* $x$ <a> \ @b // c"##;
        assert_eq!(printable(text, &|_| true), text);
    }

    #[test]
    fn what_cannot_be_seen_is_taken_out_and_what_cannot_be_drawn_is_named() {
        assert_eq!(printable("a\u{202e}b\u{0}c\u{200b}", &|_| true), "abc");
        assert_eq!(printable("一\r\n二\t三", &|_| true), "一\n二 三");
        assert_eq!(printable("张\u{e123}", &|_| true), "张〓(U+E123)");
        assert_eq!(printable("葛\u{e0100}", &|_| true), "葛\u{e0100}");
        assert_eq!(printable("x", &|_| false), "〓(U+0078)");
    }
}
