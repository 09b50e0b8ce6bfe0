//! A house full of open cases: a few that were brought to their state over HTTP are multiplied by SQL both engines
//! understand. Copies keep party, answers and hands of their template; only id, the two numbers and the clocks are theirs.

use serde_json::{Value as Json, json};

use crate::Outcome;
use crate::database::{Db, Value};

/// Ids of the copies begin here: far below any that the program gives.
pub const FIRST: i64 = 1_000_000_000;
/// When the timers stand that come due in the measure, until its beginning is known.
const LATER: i64 = 9_000_000_000_000;
/// Rows per transaction: the log of neither engine grows beyond a few dozen megabytes.
const AT_ONCE: i64 = 20_000;
/// The first half of the copies' references; the other half counts in the alphabet of the references.
const PREFIX: &str = "MEAWRE";
const ALPHABET: &str = "23456789ABCDEFGHJKMNPQRTVWXYZ";

/// How many copies, and of which the clock wants something.
#[derive(Debug, Clone, Copy)]
pub struct House {
    /// All copies.
    pub cases: i64,
    /// Those under review whose promise has ended: one mark each.
    pub marks: i64,
    /// Those received whose notice period has ended: silence accepts.
    pub ends: i64,
}

impl House {
    /// How many are due.
    pub fn due(self) -> i64 {
        self.marks + self.ends
    }

    /// Which template the n-th copy has: 0 waits, 1 needs a mark, 2 ends. The due ones are spread over the whole table,
    /// so that they are read from as many pages as in a real house.
    fn kind(self) -> String {
        let (cases, due, ends) = (self.cases, self.due(), self.ends);
        let nth = |n: &str, share: i64, of: i64| {
            format!("({n}+1)*CAST({share} AS BIGINT)/{of} > {n}*CAST({share} AS BIGINT)/{of}")
        };
        let rank = format!("(n*CAST({due} AS BIGINT)/{cases})");
        format!(
            "CASE WHEN {} THEN CASE WHEN {} THEN 2 ELSE 1 END ELSE 0 END",
            nth("n", due, cases),
            nth(&rank, ends, due.max(1))
        )
    }
}

/// The reference of the n-th copy with its check character, as an expression over `n`.
fn reference() -> String {
    let value = |c: char| ALPHABET.chars().position(|a| a == c).unwrap_or(0);
    let fixed: usize = PREFIX.chars().zip((7..=12).rev()).map(|(c, weight)| value(c) * weight).sum();
    let digit = |place: u32| format!("(n/{}%29)", 29_i64.pow(place));
    let letter = |digit: &str| format!("substr('{ALPHABET}',CAST({digit}+1 AS INTEGER),1)");
    let places: Vec<u32> = (0..5).rev().collect();
    let sum: Vec<String> = places.iter().map(|p| format!("{}*{}", digit(*p), p + 2)).collect();
    let letters: Vec<String> = places.iter().map(|p| letter(&digit(*p))).collect();
    let check = letter(&format!("(29-({fixed}+{})%29)%29", sum.join("+")));
    format!("'{PREFIX}'||{}||{check}", letters.join("||"))
}

/// Day and serial of the n-th copy's national number: 9,999 a day from the year 2000 on.
const NATIONAL: &str = "CAST(20000101 + n/9999/336*10000 + n/9999/28%12*100 + n/9999%28 AS TEXT)||substr(CAST(10001+n%9999 AS TEXT),2,4)";

/// Multiplies the cases with these references: those that wait and those to be marked are copies of `reviewing`.
pub async fn multiply(db: &mut Db, house: House, reviewing: &[String], received: &[String]) -> Outcome<()> {
    db.script("CREATE TABLE bench_templates (kind BIGINT NOT NULL, k BIGINT NOT NULL, id BIGINT NOT NULL, run_at BIGINT NOT NULL, national TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, k))").await?;
    let today: Json = db.word("SELECT body FROM cases ORDER BY id DESC LIMIT 1").await.and_then(parsed)?;
    let today = today["ledger"]["submitted"].as_str().ok_or("the case has no day of submission")?.to_owned();
    for (kind, nos) in [(0, reviewing), (1, reviewing), (2, received)] {
        for (k, no) in nos.iter().enumerate() {
            template(db, kind, k as i64, no, &two_months_before(&today)).await?;
        }
    }
    let (reference, kind) = (reference(), house.kind());
    let mut from = 0;
    while from < house.cases {
        let to = (from + AT_ONCE).min(house.cases);
        let copies = format!(
            "WITH RECURSIVE s(n) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT n+1 FROM s WHERE n<{}), \
             named(n, kind, no, day) AS (SELECT n, {kind}, {reference}, {NATIONAL} FROM s)",
            to - 1
        );
        let which = format!(
            "JOIN bench_templates t ON t.kind=named.kind AND t.k=named.n % {}",
            reviewing.len().min(received.len())
        );
        db.begin().await?;
        db.script(&format!(
            "{copies} INSERT INTO cases (id, no, national_no, version, head, state, over, entry, local, applicant, party, officer, receiving, deciding, scope, submitted_at, changed_at, due_at, body) \
             SELECT {FIRST}+n, named.no, t.national||day, version, head, state, over, entry, local, applicant, party, officer, receiving, deciding, scope, submitted_at, changed_at, due_at, \
             replace(replace(replace(t.body, '@id@', CAST({FIRST}+n AS TEXT)), '@no@', named.no), '@national@', t.national||day) \
             FROM named {which} JOIN cases c ON c.id=t.id"
        ))
        .await?;
        db.script(&format!(
            "{copies} INSERT INTO timers (case_id, no, run_at, leased_until, attempts, parked) \
             SELECT {FIRST}+n, no, CASE WHEN named.kind=0 THEN run_at+n%1000*60000 ELSE {LATER} END, 0, 0, 0 FROM named {which}"
        ))
        .await?;
        db.script("COMMIT").await?;
        from = to;
    }
    db.script("DROP TABLE bench_templates").await
}

/// Lets the timers of the due copies come at this moment.
pub async fn come_due(db: &mut Db, at: i64) -> Outcome<u64> {
    let sql = "UPDATE timers SET run_at=$1 WHERE parked=0 AND run_at=$2";
    db.run(sql, vec![Value::Int(at), Value::Int(LATER)]).await
}

/// Keeps one template: its own id and numbers become gaps, and a due one gets clocks that began long ago.
async fn template(db: &mut Db, kind: i64, k: i64, no: &str, began: &str) -> Outcome<()> {
    let sql = "SELECT c.id, c.national_no, c.body, t.run_at FROM cases c JOIN timers t ON t.case_id=c.id WHERE c.no=$1";
    let rows = db.rows(sql, vec![Value::Text(no.to_owned())]).await?;
    let row = rows.first().ok_or("a template has no timer")?;
    let mut case: Json = parsed(row[2].text().to_owned())?;
    case["id"] = "@id@".into();
    case["no"] = "@no@".into();
    case["national_no"] = "@national@".into();
    if kind > 0 {
        backdate(&mut case["ledger"], kind, began);
    }
    let code: String = row[1].text().chars().take(31).collect();
    let sql =
        "INSERT INTO bench_templates (kind, k, id, run_at, national, body) VALUES ($1, $2, $3, $4, $5, $6)";
    let args = vec![
        Value::Int(kind),
        Value::Int(k),
        Value::Int(row[0].int()),
        Value::Int(row[3].int()),
        Value::Text(code),
        Value::Text(case.to_string()),
    ];
    db.run(sql, args).await.map(drop)
}

/// Moves the clocks back so that one thing is due and nothing else follows soon: a promise of one day that ended, or a
/// notice period that ended. The other limits are made long.
fn backdate(ledger: &mut Json, kind: i64, began: &str) {
    for day in ["submitted", "notice_from", "accepted"] {
        if ledger[day].is_string() {
            ledger[day] = began.into();
        }
    }
    ledger["statutory"] = json!({"n": 200, "unit": "working_day"});
    ledger["promised"] = json!({"n": if kind == 1 { 1 } else { 100 }, "unit": "working_day"});
}

fn parsed(body: String) -> Outcome<Json> {
    serde_json::from_str(&body).map_err(|e| e.to_string())
}

/// The day two months before another (`YYYY-MM-DD`): longer ago than any notice period with any holiday in it.
fn two_months_before(day: &str) -> String {
    let part = |at: std::ops::Range<usize>| day.get(at).and_then(|p| p.parse::<u32>().ok()).unwrap_or(1);
    let months = part(0..4) * 12 + part(5..7) - 1 - 2;
    format!("{:04}-{:02}-{:02}", months / 12, months % 12 + 1, part(8..10).min(28))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn database() -> Db {
        Db::sqlite(std::path::Path::new(":memory:"), false).await.expect("a database")
    }

    async fn column(db: &mut Db, count: i64, expression: &str) -> Vec<Value> {
        let sql = format!(
            "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n+1 FROM s WHERE n<{}) SELECT {expression} FROM s",
            count - 1
        );
        let rows = db.rows(Box::leak(sql.into_boxed_str()), vec![]).await.expect("rows");
        rows.into_iter().map(|mut row| row.remove(0)).collect()
    }

    #[tokio::test]
    async fn references_differ_and_carry_their_check_character() {
        let mut db = database().await;
        let all = column(&mut db, 30_000, &reference()).await;
        let sum = |no: &str| {
            let value = |c| ALPHABET.chars().position(|a| a == c).expect("a letter of the alphabet");
            no.chars().zip((1..=12).rev()).map(|(c, weight)| value(c) * weight).sum::<usize>() % 29
        };
        assert!(all.iter().all(|no| no.text().len() == 12 && sum(no.text()) == 0));
        let different: std::collections::BTreeSet<&str> = all.iter().map(Value::text).collect();
        assert_eq!(different.len(), 30_000);
    }

    #[tokio::test]
    async fn exactly_as_many_are_due_as_were_asked_for() {
        let mut db = database().await;
        let house = House { cases: 20_011, marks: 1_003, ends: 97 };
        let kinds = column(&mut db, house.cases, &house.kind()).await;
        let of = |kind| kinds.iter().filter(|k| k.int() == kind).count();
        assert_eq!((of(1), of(2)), (1_003, 97));
        let early = kinds.iter().take(2_001).filter(|k| k.int() > 0).count();
        assert!((100..=120).contains(&early), "{early} of the first tenth");
    }

    #[test]
    fn two_months_before_is_a_day_that_exists() {
        assert_eq!(two_months_before("2026-11-30"), "2026-09-28");
        assert_eq!(two_months_before("2026-02-05"), "2025-12-05");
    }
}
