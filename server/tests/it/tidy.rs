//! What the compiler does not check: arrows between modules, file length, names, prose that names what is not there.
//! Reads the sources with the standard library only; each finding says where it is and what to do.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the server from the ground up. A module may use its own floor and those below.
const FLOORS: [&[&str]; 7] = [
    &[
        "args",
        "catalogue",
        "clock",
        "config",
        "contacts",
        "error",
        "files",
        "outside",
        "secrets",
        "store",
        "wording",
    ],
    &["app", "casework"],
    &["calendar", "casefile", "checking", "enquiries", "filing", "outages", "showing", "signin"],
    &["checkup", "door", "jobs", "verify"],
    &["api", "seed", "web"],
    &["serve"],
    &["cli"],
];

/// One handle is shared by all, so it holds what signing in remembers.
const UPWARD: [(&str, &str); 1] = [("app", "signin")];

/// Neighbours and lower floors that a module still leaves alone.
const APART: [(&str, &str); 4] = [("api", "web"), ("api", "jobs"), ("web", "jobs"), ("jobs", "door")];

/// All that storage knows of the rest of the server.
const STORE_USES: [&str; 3] = ["args", "error", "store"];

/// Longest source file, tests apart.
const MOST_LINES: usize = 600;

/// What holds no source of ours.
const ELSEWHERE: [&str; 5] = [".git", "target", "node_modules", "demo-data", "out"];

fn root() -> PathBuf {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    server.parent().map_or_else(|| server.to_owned(), Path::to_owned)
}

/// Every text file under a folder of the repository: path from its root, and text.
fn texts(folder: &str) -> Vec<(String, String)> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            // In a second working tree `.git` is a file that says where the repository is.
            if ELSEWHERE.iter().any(|e| name == *e) {
                continue;
            }
            if path.is_dir() {
                walk(root, &path, found);
            } else if let (Ok(text), Ok(inside)) = (fs::read_to_string(&path), path.strip_prefix(root)) {
                found.push((inside.to_string_lossy().into_owned(), text));
            }
        }
    }
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root.join(folder), &mut found);
    found.sort();
    found
}

fn rust(folder: &str) -> Vec<(String, String)> {
    texts(folder).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests")
}

/// The program's part of a file: without a test module at its end.
fn program(text: &str) -> &str {
    let mut at = 0;
    let mut marked = None;
    for line in text.split_inclusive('\n') {
        let code = line.trim();
        if code == "#[cfg(test)]" {
            marked = Some(at);
        } else if let Some(start) = marked {
            if code.starts_with("mod ") && code.ends_with('{') {
                return &text[..start];
            }
            if !code.starts_with('#') {
                marked = None;
            }
        }
        at += line.len();
    }
    text
}

/// Lines of code with their numbers; whole lines of comment left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Identifiers of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_word(c)).filter(|word| !word.is_empty())
}

#[track_caller]
fn nothing(what: &str, found: &[String]) {
    let mut list = String::new();
    for line in found {
        let _ = write!(list, "\n  {line}");
    }
    assert!(found.is_empty(), "{what}:{list}");
}

/// Modules of this crate that a file names: `crate::a`, `crate::{a, b::c}`.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = code(text).map(|(_, line)| line).collect();
    let code = code.join("\n");
    let mut used = BTreeSet::new();
    for (at, needle) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| is_word(c) || c == '$') {
            continue;
        }
        let rest = &code[at + needle.len()..];
        if !rest.starts_with('{') {
            used.extend(words(rest).next().map(str::to_owned));
            continue;
        }
        let (mut depth, mut first) = (0, true);
        let mut name = String::new();
        for c in rest.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 1 && is_word(c) && first {
                name.push(c);
                continue;
            }
            if !name.is_empty() {
                used.insert(std::mem::take(&mut name));
                first = false;
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && (c == ',' || c == '{') {
                first = true;
            }
        }
    }
    used
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn a_group_of_imports_is_read_to_its_end() {
    let text = "use crate::{api, jobs::{self, Queue}, web};\nuse crate::store::{Conn, Db};\n// crate::cli\nlet x = crate::error::invalid($crate::seed::X);";
    let used: Vec<String> = used_modules(text).into_iter().collect();
    assert_eq!(used, ["api", "error", "jobs", "store", "web"]);
}

#[test]
fn modules_of_the_server_point_downwards() {
    let mut wrong = Vec::new();
    for (path, text) in rust("server/src") {
        let inside = path.trim_start_matches("server/src/");
        let own = inside.split('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned();
        if own == "lib" || own == "main" || is_test(&path) {
            continue;
        }
        let Some(height) = floor(&own) else {
            wrong.push(format!("{path}: {own} stands on no floor; give it one in FLOORS"));
            continue;
        };
        for used in used_modules(program(&text)).into_iter().filter(|used| *used != own) {
            let Some(other) = floor(&used) else { continue };
            let pair = (own.as_str(), used.as_str());
            let allowed = match own.as_str() {
                "store" => STORE_USES.contains(&used.as_str()),
                _ => (other <= height || UPWARD.contains(&pair)) && !APART.contains(&pair),
            };
            if !allowed {
                wrong.push(format!("{path}: {own} may not use {used}"));
            }
        }
    }
    nothing("arrows against the direction of ARCHITECTURE.md", &wrong);
}

#[test]
fn the_law_and_the_pages_know_nothing_of_the_world() {
    let rules: [(&str, &[&str]); 2] = [
        ("domain/src", &["sqlx", "tokio", "axum", "getrandom", "SystemTime", "tongban_documents", "tongban"]),
        ("documents/src", &["sqlx", "tokio", "axum", "tongban_domain", "tongban"]),
    ];
    let mut wrong = Vec::new();
    for (folder, forbidden) in rules {
        for (path, text) in rust(folder).into_iter().filter(|(path, _)| !is_test(path)) {
            for (number, line) in code(program(&text)) {
                // Words in strings are prose; a path or a dependency is followed by `::`.
                for word in words(line).filter(|word| forbidden.contains(word)) {
                    if line.contains(&format!("{word}::")) {
                        wrong.push(format!("{path}:{number}: {word}"));
                    }
                }
            }
        }
    }
    for (manifest, forbidden) in [
        ("domain/Cargo.toml", ["sqlx", "tokio", "axum", "getrandom", "tongban"]),
        ("documents/Cargo.toml", ["sqlx", "tokio", "axum", "tongban-domain", "tongban"]),
    ] {
        let text = fs::read_to_string(root().join(manifest)).expect("a manifest");
        for line in text.lines() {
            let name = line.split(['.', '=', ' ']).next().unwrap_or_default();
            if forbidden.contains(&name) {
                wrong.push(format!("{manifest}: {name}"));
            }
        }
    }
    nothing("a crate knows what it must not know", &wrong);
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut long = Vec::new();
    for folder in ["domain", "documents", "server", "bench"] {
        for (path, text) in rust(folder).into_iter().filter(|(path, _)| !is_test(path)) {
            let lines = program(&text).lines().count();
            if lines > MOST_LINES {
                long.push(format!("{path}: {lines} lines, at most {MOST_LINES}; split it by what it knows"));
            }
        }
    }
    nothing("files to split", &long);
}

#[test]
fn modules_and_types_say_what_they_are_for() {
    let empty = ["utils", "util", "helpers", "helper", "common", "manager", "service", "impl", "misc"];
    let hollow = ["Utils", "Util", "Helpers", "Helper", "Common", "Manager", "Service", "Impl"];
    let mut wrong = Vec::new();
    for folder in ["domain", "documents", "server", "bench"] {
        for (path, text) in rust(folder) {
            for part in path.split('/').map(|part| part.trim_end_matches(".rs")) {
                if empty.contains(&part) {
                    wrong.push(format!("{path}: {part}"));
                }
            }
            for (number, line) in code(&text) {
                let mut parts = words(line).skip_while(|word| ["pub", "crate", "super", "in"].contains(word));
                let (Some(kind), Some(name)) = (parts.next(), parts.next()) else { continue };
                let module = kind == "mod" && empty.contains(&name);
                let is_type = ["struct", "enum", "trait", "type"].contains(&kind);
                if module || (is_type && hollow.iter().any(|end| name.ends_with(end))) {
                    wrong.push(format!("{path}:{number}: {name}"));
                }
            }
        }
    }
    nothing("names that say nothing", &wrong);
}

#[test]
fn the_server_never_unwraps_and_nothing_is_allowed_silently() {
    let allow = [concat!("#[al", "low("), concat!("#![al", "low(")];
    let mut wrong = Vec::new();
    for folder in ["domain", "documents", "server", "bench"] {
        for (path, text) in rust(folder) {
            for (number, line) in code(&text) {
                if allow.iter().any(|a| line.contains(a)) {
                    wrong.push(format!("{path}:{number}: #[expect(…, reason = …)] instead"));
                }
            }
            if path.starts_with("server/src/") && !is_test(&path) {
                for (number, line) in code(program(&text)) {
                    if line.contains(".unwrap()") || line.contains(".expect(") {
                        wrong.push(format!("{path}:{number}: a fault, not a panic: {}", line.trim()));
                    }
                }
            }
        }
    }
    nothing("shortcuts", &wrong);
}

/// Markdown without its fenced blocks, line by line.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(i, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((i + 1, line))
    })
}

/// What stands between single backticks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether a quoted text claims to be a path of this repository.
fn is_path(text: &str) -> bool {
    let extension = [".rs", ".md", ".html", ".json", ".sh", ".toml", ".sql", ".typ", ".py"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let first = text.split('/').next().unwrap_or_default();
    // `DIR/keys` is a path of whoever runs the program; `application/pdf` is a media type; `/healthz` is a route.
    let foreign = ["", "target", "demo-data", "application", "image", "text"].contains(&first)
        || first.chars().all(|c| c.is_ascii_uppercase());
    let named = text.contains('/') || extension.iter().any(|e| text.ends_with(e) && text.len() > e.len());
    named && !foreign && text.chars().all(plain) && text.chars().any(|c| c.is_ascii_alphabetic())
}

/// Targets of Markdown links and pictures.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '#']).next()).filter(|to| !to.is_empty())
}

#[test]
fn paths_named_in_prose_exist() {
    let root = root();
    let all = texts(".");
    let names: BTreeSet<&str> = all.iter().filter_map(|(path, _)| path.rsplit('/').next()).collect();
    let mut wrong = Vec::new();
    for (path, text) in all.iter().filter(|(path, _)| path.ends_with(".md")) {
        let beside = root.join(path).parent().map_or_else(|| root.clone(), Path::to_owned);
        for (number, line) in prose(text) {
            let claims = quoted(line).filter(|quoted| is_path(quoted));
            let targets = links(line).filter(|to| !to.contains(':'));
            for claim in claims.chain(targets) {
                let there = root.join(claim).exists() || beside.join(claim).exists();
                if !there && (claim.contains('/') || !names.contains(claim)) {
                    wrong.push(format!("{path}:{number}: {claim}"));
                }
            }
        }
    }
    nothing("paths that are not there", &wrong);
}

#[test]
fn every_term_of_the_glossary_stands_in_the_code() {
    let mut known = BTreeSet::new();
    for folder in ["domain/src", "documents/src", "server/src"] {
        for (_, text) in rust(folder) {
            for (_, line) in code(&text) {
                known.extend(words(line).map(str::to_owned));
            }
        }
    }
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).expect("a glossary");
    let mut terms = 0;
    let mut wrong = Vec::new();
    for (number, line) in glossary.lines().enumerate() {
        let Some(cell) = line.strip_prefix('|').and_then(|row| row.split('|').nth(1)) else { continue };
        for term in quoted(cell) {
            terms += 1;
            for word in words(term).filter(|word| !known.contains(*word)) {
                wrong.push(format!("docs/glossary.md:{}: {word}", number + 1));
            }
        }
    }
    nothing("terms that no code uses", &wrong);
    assert!(terms >= 80, "the glossary has only {terms} terms");
}

#[test]
fn nothing_points_outside_the_repository() {
    let outside = [concat!("..", "/shared"), concat!("/wo", "rk/"), concat!("..", "/.library")];
    let mut wrong = Vec::new();
    for (path, text) in texts(".") {
        for (number, line) in text.lines().enumerate() {
            if outside.iter().any(|o| line.contains(o)) {
                wrong.push(format!("{path}:{}", number + 1));
            }
        }
    }
    nothing("paths of somebody's machine", &wrong);
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut numbers: Vec<usize> = texts("server/migrations")
        .iter()
        .filter_map(|(path, _)| {
            path.rsplit('/').next()?.strip_suffix(".sql")?.split('_').next()?.parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "server/migrations");
}
