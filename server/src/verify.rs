//! Checking the tamper-evident record (C12): every event's digest, every case row against its replayed events, every
//! kept text, party, document, seal, licence and file. A changed byte in any column is found and named.

use std::collections::{BTreeMap, BTreeSet};

use tongban_domain::case::{Case, Event, Link, Stamp, apply, digest_event, digest_text, genesis};
use tongban_domain::ids::Id;
use tongban_domain::party::Party;

use crate::app::App;
use crate::error::Fault;
use crate::filing::row_digest;
use crate::store::cases::{self, EventRow, NEVER, Stored};
use crate::store::documents::{DocumentRow, SealRow};
use crate::store::{Conn, DbResult, Row, attachments};

/// What `verify` found.
#[derive(Debug, Default)]
pub struct Report {
    /// Cases read.
    pub cases: u64,
    /// Events read.
    pub events: u64,
    /// Kept texts read.
    pub texts: u64,
    /// Documents read.
    pub documents: u64,
    /// Attachments read.
    pub attachments: u64,
    /// An edit of the calendar is still being carried through: `due_at` is not compared.
    pub deriving: bool,
    /// Problems, each naming case and sequence.
    pub problems: Vec<String>,
}

/// Most problems listed; the rest are counted only by the exit code.
const MOST: usize = 1000;

impl Report {
    fn problem(&mut self, case: Id, no: &str, sequence: u32, what: &str) {
        if self.problems.len() < MOST {
            self.problems.push(format!("case {no} ({case}) sequence {sequence}: {what}"));
        }
    }
}

/// Reads and recomputes everything.
///
/// # Errors
/// When the database or the files cannot be read at all.
pub async fn verify(app: &App) -> Result<Report, Fault> {
    let mut report = Report::default();
    let mut conn = app.db.read().await?;
    // One snapshot: a case that changes while it is being checked is no problem.
    conn.begin_read().await?;
    report.deriving = crate::store::calendar::is_pending(&mut conn).await?;
    let mut events: BTreeMap<Id, Vec<EventRow>> = BTreeMap::new();
    let mut stream: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    cases::each_event(&mut conn, |event| {
        stream.entry(event.node).or_default().insert(event.number);
        events.entry(event.case).or_default().push(event);
        Ok(())
    })
    .await?;
    for (node, numbers) in &stream {
        let most = numbers.last().copied().unwrap_or_default();
        if most != numbers.len() as i64 || numbers.first() != Some(&1) {
            report.problems.push(format!("event stream of node {node}: numbers are missing"));
        }
    }
    let rows = conn
        .rows("SELECT id, no, body, submitted_at, changed_at, due_at, national_no, version, head, state, over, entry, local, applicant, party, officer, receiving, deciding, scope FROM cases ORDER BY id", vec![])
        .await?;
    let mut known = BTreeSet::new();
    for row in &rows {
        known.insert(row.id(0));
        let own = events.get(&row.id(0)).map_or(&[][..], Vec::as_slice);
        check_case(app, &mut conn, row, own, &mut report).await?;
    }
    for case in events.keys().filter(|c| !known.contains(c)) {
        report.problem(*case, "?", 0, "events without a case row");
    }
    for (table, sql) in [
        ("texts", "SELECT COUNT(*) FROM texts t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL"),
        (
            "documents",
            "SELECT COUNT(*) FROM documents t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL",
        ),
        ("seals", "SELECT COUNT(*) FROM seals t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL"),
        (
            "parties",
            "SELECT COUNT(*) FROM parties t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL",
        ),
        (
            "licenses",
            "SELECT COUNT(*) FROM licenses t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL",
        ),
        (
            "attachments",
            "SELECT COUNT(*) FROM attachments t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL AND t.case_id IS NOT NULL",
        ),
    ] {
        let strays = conn.row(sql, vec![]).await?.map_or(0, |r| r.int(0));
        if strays > 0 {
            report.problems.push(format!("{table}: {strays} row(s) of no case"));
        }
    }
    conn.rollback().await?;
    Ok(report)
}

async fn check_case(
    app: &App,
    conn: &mut Conn,
    row: &Row,
    events: &[EventRow],
    report: &mut Report,
) -> DbResult<()> {
    report.cases += 1;
    report.events += events.len() as u64;
    let (id, no) = (row.id(0), row.text(1).to_owned());
    let Some((case, read)) = replay(id, &no, events, report) else { return Ok(()) };
    check_row(app, row, &case, events, report);
    check_texts(app, conn, &case, &no, &read, report).await?;
    check_documents(app, conn, &case, &no, &read, events, report).await?;
    check_files(app, conn, &case, &no, &read, report).await
}

/// Recomputes every digest and the case that follows from the events.
fn replay(id: Id, no: &str, events: &[EventRow], report: &mut Report) -> Option<(Case, Vec<(u32, Event)>)> {
    let mut case: Option<Case> = None;
    let mut read = Vec::with_capacity(events.len());
    let mut previous = genesis(id);
    for (at, row) in events.iter().enumerate() {
        let sequence = at as u32 + 1;
        if row.sequence != sequence {
            report.problem(id, no, sequence, "an event is missing or was moved");
            return None;
        }
        let link = Link {
            case: row.case,
            sequence: row.sequence,
            at: row.at,
            account: row.account,
            post: row.post,
            on_behalf: row.on_behalf,
            kind: &row.kind,
            shape: row.shape,
            payload: &row.payload,
        };
        if digest_event(&previous, link) != row.digest {
            report.problem(id, no, sequence, "the event was changed: its digest does not fit");
            return None;
        }
        previous.clone_from(&row.digest);
        let Ok(event) = Event::from_parts(&row.kind, &row.payload) else {
            report.problem(id, no, sequence, "the event does not read");
            return None;
        };
        let stamp = Stamp {
            case: id,
            at: row.at,
            account: Id::from(row.account),
            sequence,
            digest: row.digest.clone(),
        };
        case = apply(case, &event, &stamp);
        if case.is_none() {
            report.problem(id, no, sequence, "the event does not apply");
            return None;
        }
        read.push((sequence, event));
    }
    match case {
        Some(case) => Some((case, read)),
        None => {
            report.problem(id, no, 1, "the case has no events");
            None
        }
    }
}

/// Compares every column of the case row with what follows from the events.
fn check_row(app: &App, row: &Row, case: &Case, events: &[EventRow], report: &mut Report) {
    let no = row.text(1);
    let last = case.version;
    let catalogue = app.catalogue();
    let regime = catalogue
        .entry_at(&case.item.entry, case.item.version)
        .and_then(|entry| catalogue.regimes.get(&entry.regime));
    let due_at = match report.deriving {
        true => row.int(5),
        false => regime.and_then(|r| case.pressing(r, &catalogue.calendar)).map_or(NEVER, |due| due.at()),
    };
    let stored = Stored {
        case: case.clone(),
        submitted_at: events.first().map_or(0, |e| e.at),
        changed_at: events.last().map_or(0, |e| e.at),
        due_at,
    };
    let Ok(expected) = cases::columns(&stored) else {
        report.problem(case.id, no, last, "the case cannot be written again");
        return;
    };
    // Order of the columns in `cases::columns`, and where the query above holds each.
    const NAMES: [(&str, usize); 19] = [
        ("id", 0),
        ("no", 1),
        ("national_no", 6),
        ("version", 7),
        ("head", 8),
        ("state", 9),
        ("over", 10),
        ("entry", 11),
        ("local", 12),
        ("applicant", 13),
        ("party", 14),
        ("officer", 15),
        ("receiving", 16),
        ("deciding", 17),
        ("scope", 18),
        ("submitted_at", 3),
        ("changed_at", 4),
        ("due_at", 5),
        ("body", 2),
    ];
    for ((name, at), expected) in NAMES.iter().zip(&expected) {
        let held = match expected {
            crate::store::Value::Int(n) => row.opt_int(*at) == Some(*n),
            crate::store::Value::Text(text) => row.opt_text(*at).as_deref() == Some(text.as_str()),
            crate::store::Value::NoInt => row.opt_int(*at).is_none() && row.opt_text(*at).is_none(),
            crate::store::Value::NoText => row.opt_text(*at).is_none() && row.opt_int(*at).is_none(),
        };
        if !held {
            report.problem(case.id, no, last, &format!("case column {name} differs from the events"));
        }
    }
}

/// Every kept text an event names: there, unchanged, of its case; and none besides.
async fn check_texts(
    app: &App,
    conn: &mut Conn,
    case: &Case,
    no: &str,
    read: &[(u32, Event)],
    report: &mut Report,
) -> DbResult<()> {
    let rows = cases::texts_of(conn, case.id).await?;
    report.texts += rows.len() as u64;
    let mut held: BTreeMap<Id, _> = rows.into_iter().map(|r| (r.id, r)).collect();
    let mut party = None;
    let mut seen = BTreeSet::new();
    for (sequence, event) in read {
        for text in event.texts() {
            if !seen.insert(text.id) {
                continue;
            }
            let Some(row) = held.remove(&text.id) else {
                report.problem(case.id, no, *sequence, &format!("text {} is missing", text.id));
                continue;
            };
            match app.secrets.unlock(row.id.get(), &row.body) {
                Ok(body) if digest_text(&row.salt, &row.kind, &body) == text.digest => {
                    if text.id == case.party {
                        party = serde_json::from_str::<Party>(&body).ok();
                    }
                }
                _ => report.problem(case.id, no, *sequence, &format!("text {} was changed", text.id)),
            }
        }
    }
    for id in held.keys() {
        report.problem(case.id, no, case.version, &format!("text {id} belongs to no event"));
    }
    let sql = "SELECT id, case_id, kind, name, identifier_hash FROM parties WHERE id=$1 OR case_id=$2";
    let rows = conn.rows(sql, crate::args![case.party, case.id]).await?;
    let fits = match (&party, rows.as_slice()) {
        (Some(party), [row]) => {
            row.id(0) == case.party
                && row.id(1) == case.id
                && row.text(2) == crate::casework::party_kind(party)
                && row.text(3) == party.name
                && row.opt_text(4) == party.identifier().map(|i| app.secrets.search_hash("identifier", i))
        }
        _ => false,
    };
    if !fits {
        report.problem(case.id, no, 1, "the party row differs from the application");
    }
    Ok(())
}

/// Documents, their seals and files, and the licence in the register.
async fn check_documents(
    app: &App,
    conn: &mut Conn,
    case: &Case,
    no: &str,
    read: &[(u32, Event)],
    events: &[EventRow],
    report: &mut Report,
) -> DbResult<()> {
    use crate::store::documents;
    let rows = documents::of_case(conn, case.id).await?;
    let seals = documents::seals_of(conn, case.id).await?;
    report.documents += rows.len() as u64;
    if rows.len() != case.documents.len() {
        report.problem(case.id, no, case.version, "the number of documents differs from the events");
    }
    let sealed = case.documents.iter().filter(|d| d.seal.is_some()).count();
    if seals.len() != sealed {
        report.problem(case.id, no, case.version, "the number of seals differs from the events");
    }
    for (sequence, event) in read {
        let made_at = events.get(*sequence as usize - 1).map_or(0, |e| e.at);
        for made in event.documents() {
            let expected = DocumentRow {
                id: made.id,
                case: case.id,
                kind: made.kind.as_str().into(),
                number: made.number.clone(),
                text: made.data.id,
                check_code: made.check_code().into(),
                made_at,
            };
            let row = rows.iter().find(|r| r.id == made.id);
            if row.is_none_or(|r| !same_document(r, &expected)) {
                report.problem(case.id, no, *sequence, &format!("document {} differs", made.number));
            }
        }
    }
    for document in &case.documents {
        let Some(seal) = &document.seal else { continue };
        let expected = SealRow {
            document: document.id,
            case: case.id,
            file: seal.file.clone(),
            size: seal.size as i64,
            key: seal.key.clone(),
            signature: seal.signature.clone(),
        };
        if !seals.contains(&expected) {
            report.problem(case.id, no, case.version, &format!("the seal of {} differs", document.number));
        }
        let signature = crate::secrets::unhex(&seal.signature).unwrap_or_default();
        let key = app.secrets.public_key(&seal.key).unwrap_or_default();
        match app.files.read(&seal.file).await {
            Err(fault) => {
                report.problem(case.id, no, case.version, &format!("file of {}: {fault}", document.number));
            }
            Ok(bytes) if tongban_documents::verify(key, &bytes, &signature).is_err() => {
                report.problem(case.id, no, case.version, &format!("signature of {} fails", document.number));
            }
            Ok(_) => {}
        }
    }
    let marks = crate::store::watch::marks_of(conn, case.id).await?;
    let raised = |id: Id| {
        let event = read.iter().find(|(_, e)| matches!(e, Event::Marked(m) if m.id == id));
        event.and_then(|(sequence, _)| events.get(*sequence as usize - 1)).map_or(0, |e| e.at)
    };
    let expected: Vec<_> =
        case.marks.iter().filter_map(|m| crate::casework::mark_row(case, m, raised(m.id))).collect();
    if marks != expected {
        report.problem(case.id, no, case.version, "the marks in the register differ from the events");
    }
    let licence = documents::licence_of_case(conn, case.id).await?;
    let issued_at = read
        .iter()
        .find(|(_, e)| matches!(e, Event::Issued { .. }))
        .and_then(|(sequence, _)| events.get(*sequence as usize - 1))
        .map_or(0, |e| e.at);
    let expected = (case.ledger.issued.is_some())
        .then(|| crate::casework::licence_row(case, &case.places.deciding, issued_at))
        .flatten();
    if licence != expected {
        report.problem(case.id, no, case.version, "the licence in the register differs from the decision");
    }
    Ok(())
}

fn same_document(a: &DocumentRow, b: &DocumentRow) -> bool {
    a.id == b.id
        && a.case == b.case
        && a.kind == b.kind
        && a.number == b.number
        && a.text == b.text
        && a.check_code == b.check_code
        && a.made_at == b.made_at
}

/// Every file handed in: its row and its bytes.
async fn check_files(
    app: &App,
    conn: &mut Conn,
    case: &Case,
    no: &str,
    read: &[(u32, Event)],
    report: &mut Report,
) -> DbResult<()> {
    let rows = attachments::of_case(conn, case.id).await?;
    report.attachments += rows.len() as u64;
    let mut named = BTreeSet::new();
    for (sequence, event) in read {
        for file in event.files() {
            named.insert(file.id);
            let row = rows.iter().find(|r| r.id == file.id);
            if row.is_none_or(|r| row_digest(r) != file.row) {
                report.problem(case.id, no, *sequence, &format!("attachment {} was changed", file.id));
            }
            if let Err(fault) = app.files.read(&file.digest).await {
                report.problem(case.id, no, *sequence, &format!("attachment {}: {fault}", file.id));
            }
        }
    }
    for row in rows.iter().filter(|r| !named.contains(&r.id)) {
        report.problem(case.id, no, case.version, &format!("attachment {} belongs to no event", row.id));
    }
    Ok(())
}
