//! The bare limit: the writer's statements for batches of 64 acts, one after the other on one connection, with nothing
//! around them: no HTTP, no rights, no law, no encryption, no digests.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::database::{Columns, Db, Value};
use crate::template::Template;

/// Acts in a batch, as in the writer.
const BATCH: usize = 64;

const CASES: Columns = &[
    ("id", true),
    ("no", false),
    ("national_no", false),
    ("version", true),
    ("head", false),
    ("state", false),
    ("over", true),
    ("entry", false),
    ("local", false),
    ("applicant", true),
    ("party", true),
    ("officer", true),
    ("receiving", false),
    ("deciding", false),
    ("scope", false),
    ("submitted_at", true),
    ("changed_at", true),
    ("due_at", true),
    ("body", false),
];
const CASES_CHANGED: Columns = &[
    ("id", true),
    ("guard", true),
    ("national_no", false),
    ("version", true),
    ("head", false),
    ("state", false),
    ("over", true),
    ("officer", true),
    ("changed_at", true),
    ("due_at", true),
    ("body", false),
];
const EVENTS: Columns = &[
    ("case_id", true),
    ("sequence", true),
    ("at", true),
    ("account", true),
    ("post", true),
    ("on_behalf", true),
    ("kind", false),
    ("shape", true),
    ("payload", false),
    ("digest", false),
    ("node", true),
    ("number", true),
];
const PARTIES: Columns =
    &[("id", true), ("case_id", true), ("kind", false), ("name", false), ("identifier_hash", false)];
const TEXTS: Columns = &[("id", true), ("case_id", true), ("kind", false), ("salt", false), ("body", false)];
const DOCUMENTS: Columns = &[
    ("id", true),
    ("case_id", true),
    ("kind", false),
    ("number", false),
    ("text_id", true),
    ("check_code", false),
    ("made_at", true),
];
const MESSAGES: Columns =
    &[("id", true), ("account", true), ("case_id", true), ("sequence", true), ("at", true)];
const JOBS: Columns = &[
    ("id", true),
    ("kind", false),
    ("case_id", true),
    ("subject", true),
    ("run_at", true),
    ("attempts", true),
    ("leased_until", true),
    ("parked", true),
];
const TIMERS: Columns = &[
    ("case_id", true),
    ("no", false),
    ("run_at", true),
    ("leased_until", true),
    ("attempts", true),
    ("parked", true),
    ("last_error", false),
];
const TWINS: Columns = &[("twin", false), ("case_id", true), ("no", false)];
const COUNTERS: Columns = &[("key", false), ("value", true)];
const REMEMBERED: Columns =
    &[("key", false), ("request", false), ("no", false), ("version", true), ("at", true)];

/// What came of a loop.
#[derive(Debug)]
pub struct Bare {
    /// Acts per second after the warm-up.
    pub rate: f64,
    /// All acts, the warm-up's too.
    pub all_acts: u64,
}

/// A case of the loop.
#[derive(Debug)]
struct Case {
    id: i64,
    no: String,
    national_no: String,
    at: usize,
    party: i64,
    answers: i64,
}

#[derive(Debug)]
struct Loop<'a> {
    template: &'a Template,
    cases: Vec<Option<Case>>,
    ids: i64,
    number: i64,
    now: i64,
}

/// Runs batches for this long.
pub async fn run(db: &mut Db, template: &Template, reads: bool, length: Duration) -> Outcome<Bare> {
    let lives = template.acts.len();
    let mut bench = Loop {
        template,
        cases: (0..BATCH).map(|_| None).collect(),
        // Above every id the program gives in this century's first half, so that the rows sort to the end as its own do.
        ids: 1 << 61,
        number: 0,
        now: 1_800_000_000_000,
    };
    let mut all_acts = 0;
    // Cases begin one by one, so that a batch holds every kind of act; these batches are smaller and not counted.
    for round in 0..2 * lives {
        all_acts += bench.batch(db, reads, |slot| slot % lives <= round).await? as u64;
    }
    let (began, mut acts) = (Instant::now(), 0);
    while began.elapsed() < length {
        acts += bench.batch(db, reads, |_| true).await? as u64;
    }
    Ok(Bare { rate: acts as f64 / began.elapsed().as_secs_f64(), all_acts: all_acts + acts })
}

/// Scatters a counter over all 64 bits: keys that are random in real life are as random here.
fn scattered(n: i64) -> u64 {
    let mut z = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// 64 hexadecimal digits, as a digest has.
fn digest(n: i64) -> Value {
    Value::Text(format!("{:016x}{:016x}{:032x}", scattered(n), scattered(!n), n))
}

/// Rows of a batch, by table.
#[derive(Debug, Default)]
struct Rows {
    new: Vec<Vec<Value>>,
    old: Vec<Vec<Value>>,
    parties: Vec<Vec<Value>>,
    events: Vec<Vec<Value>>,
    texts: Vec<Vec<Value>>,
    documents: Vec<Vec<Value>>,
    messages: Vec<Vec<Value>>,
    jobs: Vec<Vec<Value>>,
    timers: Vec<Vec<Value>>,
    twins: Vec<Vec<Value>>,
    remembered: Vec<Vec<Value>>,
    counters: BTreeSet<&'static str>,
    nos: Vec<Value>,
    wanted_texts: Vec<Value>,
    granting: bool,
    officers: BTreeSet<i64>,
}

impl Loop<'_> {
    async fn batch(
        &mut self,
        db: &mut Db,
        reads: bool,
        takes_part: impl Fn(usize) -> bool,
    ) -> Outcome<usize> {
        self.now += 1;
        let mut rows = Rows::default();
        for slot in (0..BATCH).filter(|slot| takes_part(*slot)) {
            self.act(slot, &mut rows);
        }
        db.begin().await?;
        if reads {
            self.read(db, &rows).await?;
        }
        self.write(db, &rows).await?;
        db.script("COMMIT").await?;
        Ok(rows.events.len())
    }

    fn id(&mut self) -> i64 {
        self.ids += 16;
        self.ids
    }

    fn act(&mut self, slot: usize, rows: &mut Rows) {
        let template = self.template;
        let finished = self.cases[slot].as_ref().is_none_or(|c| c.at >= template.acts.len());
        if finished {
            let id = self.id();
            self.cases[slot] = Some(Case {
                id,
                no: format!("{:012x}", scattered(id) >> 16),
                national_no: format!("{}-{id}", template.national_no),
                at: 0,
                party: 0,
                answers: 0,
            });
        }
        let Some(mut case) = self.cases[slot].take() else { return };
        let act = &template.acts[case.at];
        let version = case.at as i64 + 1;
        let now = Value::Int(self.now);
        for (kind, salt, body) in &act.texts {
            let text = self.id();
            match *kind {
                "party" => case.party = text,
                "answers" => case.answers = text,
                _ => {}
            }
            let (kind, salt) = (Value::Kept(kind), Value::Kept(salt));
            rows.texts.push(vec![Value::Int(text), Value::Int(case.id), kind, salt, Value::Kept(body)]);
        }
        let head = digest(self.number + 1);
        let national = if version > 1 { Value::Text(case.national_no.clone()) } else { Value::NoText };
        let officer = act.officer.map_or(Value::NoInt, Value::Int);
        let (state, body, due) = (Value::Kept(act.state), Value::Kept(act.body), Value::Int(act.due_at));
        let no = Value::Text(case.no.clone());
        if version == 1 {
            let (receiving, deciding, scope) = template.places;
            rows.new.push(vec![
                Value::Int(case.id),
                no.clone(),
                national,
                Value::Int(version),
                head.clone(),
                state,
                Value::Int(0),
                Value::Kept(template.item.0),
                Value::Kept(template.item.1),
                template.applicant.map_or(Value::NoInt, Value::Int),
                Value::Int(case.party),
                officer,
                Value::Kept(receiving),
                Value::Kept(deciding),
                Value::Kept(scope),
                now.clone(),
                now.clone(),
                due,
                body,
            ]);
            let (kind, name) = (Value::Kept(template.party.0), Value::Kept(template.party.1));
            rows.parties.push(vec![
                Value::Int(case.party),
                Value::Int(case.id),
                kind,
                name,
                digest(-case.id),
            ]);
            if template.twins {
                rows.twins.push(vec![digest(case.id), Value::Int(case.id), no.clone()]);
            }
        } else {
            rows.nos.push(no.clone());
            rows.old.push(vec![
                Value::Int(case.id),
                Value::Int(version - 1),
                national,
                Value::Int(version),
                head.clone(),
                state,
                Value::Int(0),
                officer,
                now.clone(),
                due,
                body,
            ]);
        }
        self.follow(&case, version, head, rows);
        case.at += 1;
        self.cases[slot] = Some(case);
    }

    /// The rows that follow from the act besides the case.
    fn follow(&mut self, case: &Case, version: i64, head: Value, rows: &mut Rows) {
        let act = &self.template.acts[case.at];
        let now = Value::Int(self.now);
        self.number += 1;
        rows.events.push(vec![
            Value::Int(case.id),
            Value::Int(version),
            now.clone(),
            Value::Int(act.by.0),
            Value::Int(act.by.1),
            Value::Int(0),
            Value::Kept(act.kind),
            Value::Int(1),
            Value::Kept(act.payload),
            head,
            Value::Int(1023),
            Value::Int(self.number),
        ]);
        for (kind, number) in &act.documents {
            let (id, text) = (self.id(), case.answers);
            let code = Value::Text(format!("{:016x}", scattered(id)));
            let (kind, number) = (Value::Kept(kind), Value::Kept(number));
            let (case, none) = (Value::Int(case.id), Value::Int(0));
            rows.documents.push(vec![
                Value::Int(id),
                case.clone(),
                kind,
                number,
                Value::Int(text),
                code,
                now.clone(),
            ]);
            // Each document leaves one duty behind: to be sealed.
            let job = [Value::Int(id + 1), Value::Kept("seal"), case, Value::Int(id), now.clone()];
            rows.jobs.push(job.into_iter().chain([none.clone(), none.clone(), none]).collect());
        }
        for _ in 0..act.messages {
            let (id, account) = (self.id(), self.template.applicant.unwrap_or_default());
            let row = [id, account, case.id, version, self.now];
            rows.messages.push(row.into_iter().map(Value::Int).collect());
        }
        // Every act of a life moves the moment at which its clock has to be looked at next.
        let (none, due) = (Value::Int(0), Value::Int(self.now + 86_400_000));
        let timer =
            [Value::Int(case.id), Value::Text(case.no.clone()), due, none.clone(), none.clone(), none];
        rows.timers.push(timer.into_iter().chain([Value::NoText]).collect());
        rows.counters.extend(&act.counters);
        if act.reads_texts() {
            rows.wanted_texts.extend([Value::Int(case.party), Value::Int(case.answers)]);
        }
        rows.granting |= act.kind == "granted";
        if act.kind == "assigned" {
            rows.officers.extend(act.officer);
        }
        // As long as the load's own: account, run, number and step.
        let key = format!("{}:bench-{:016x}-{}", act.by.0, scattered(case.id), case.at);
        let no = Value::Text(case.no.clone());
        rows.remembered.push(vec![Value::Text(key), digest(self.number), no, Value::Int(version), now]);
    }

    async fn read(&self, db: &mut Db, rows: &Rows) -> Outcome<()> {
        let first = |rows: &[Vec<Value>]| rows.iter().map(|r| r[0].clone()).collect::<Vec<_>>();
        let remembered = "SELECT key, request, no, version, at FROM idempotency";
        db.select_in(remembered, "key", &first(&rows.remembered), false).await?;
        let loaded = db
            .select_in("SELECT body, submitted_at, changed_at, due_at FROM cases", "no", &rows.nos, true)
            .await?;
        if loaded != rows.nos.len() {
            return Err(format!("{loaded} of {} cases were loaded", rows.nos.len()));
        }
        db.select_in("SELECT id, case_id, kind, salt, body FROM texts", "id", &rows.wanted_texts, false)
            .await?;
        db.select_in("SELECT twin, no FROM twins", "twin", &first(&rows.twins), false).await?;
        let counters: Vec<Value> = rows.counters.iter().map(|key| Value::Kept(key)).collect();
        db.select_in("SELECT key, value FROM counters", "key", &counters, true).await?;
        if rows.granting {
            let authorities = "SELECT id, agency, account, kind, items, acts, starts, ends, document, revoked_on FROM authorities";
            db.select_in(authorities, "agency", &[Value::Kept(self.template.places.1)], true).await?;
        }
        let officers: Vec<Value> = rows.officers.iter().copied().map(Value::Int).collect();
        let posts = "SELECT id, account, role, agency, division, scope, starts, ends FROM posts";
        db.select_in(posts, "account", &officers, false).await?;
        Ok(())
    }

    async fn write(&self, db: &mut Db, rows: &Rows) -> Outcome<()> {
        let counters: Vec<Vec<Value>> =
            rows.counters.iter().map(|key| vec![Value::Kept(key), Value::Int(self.number)]).collect();
        let upsert = "ON CONFLICT(key) DO UPDATE SET value=excluded.value";
        db.insert("counters", COUNTERS, upsert, &counters).await?;
        db.insert("cases", CASES, "", &rows.new).await?;
        db.update_guarded("cases", CASES_CHANGED, &rows.old).await?;
        db.insert("parties", PARTIES, "", &rows.parties).await?;
        db.insert("events", EVENTS, "", &rows.events).await?;
        db.insert("texts", TEXTS, "", &rows.texts).await?;
        db.insert("documents", DOCUMENTS, "", &rows.documents).await?;
        db.insert("messages", MESSAGES, "", &rows.messages).await?;
        db.insert("jobs", JOBS, "", &rows.jobs).await?;
        db.insert("twins", TWINS, "", &rows.twins).await?;
        let again = "ON CONFLICT (case_id) DO UPDATE SET run_at=excluded.run_at, leased_until=0, attempts=0, parked=0, last_error=NULL";
        db.insert("timers", TIMERS, again, &rows.timers).await?;
        db.insert("idempotency", REMEMBERED, "", &rows.remembered).await
    }
}
