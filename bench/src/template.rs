//! What the writer writes for each act of a life, taken over from a finished run: real bodies of real length, so that the
//! bare limit moves the same bytes. A row belongs to the act whose event names it.

use crate::Outcome;
use crate::database::{Db, Value};

/// The rows of one act.
#[derive(Debug, Default)]
pub struct ActRows {
    /// Event kind.
    pub kind: &'static str,
    /// Event payload.
    pub payload: &'static str,
    /// Who acted: account and post.
    pub by: (i64, i64),
    /// The case afterwards.
    pub body: &'static str,
    /// Its state.
    pub state: &'static str,
    /// Its officer.
    pub officer: Option<i64>,
    /// Its deadline.
    pub due_at: i64,
    /// Kept texts: kind, salt, locked body.
    pub texts: Vec<(&'static str, &'static str, &'static str)>,
    /// Documents: kind and number.
    pub documents: Vec<(&'static str, &'static str)>,
    /// Messages.
    pub messages: usize,
    /// Counters it draws from.
    pub counters: Vec<&'static str>,
}

impl ActRows {
    /// Whether the writer reads party and answers for it.
    pub fn reads_texts(&self) -> bool {
        matches!(self.kind, "received" | "accepted" | "granted")
    }
}

/// A whole life.
#[derive(Debug)]
pub struct Template {
    /// Its acts.
    pub acts: Vec<ActRows>,
    /// Entry and local item.
    pub item: (&'static str, &'static str),
    /// Applicant's account; none when filed at the window.
    pub applicant: Option<i64>,
    /// Receiving agency, deciding agency, scope path.
    pub places: (&'static str, &'static str, &'static str),
    /// National number given at receipt.
    pub national_no: &'static str,
    /// Party's kind and name.
    pub party: (&'static str, &'static str),
    /// Whether its twin is remembered.
    pub twins: bool,
}

fn kept(value: &Value) -> &'static str {
    Box::leak(value.text().to_owned().into_boxed_str())
}

fn optional(value: &Value) -> Option<i64> {
    if let Value::Int(n) = value { Some(*n) } else { None }
}

impl Template {
    /// Reads the latest case of the item that was decided with this many acts.
    pub async fn read(db: &mut Db, item: &str, acts: usize) -> Outcome<Self> {
        let sql = "SELECT id, entry, local, applicant, receiving, deciding, scope, national_no FROM cases WHERE local=$1 AND state='granted' AND version=$2 ORDER BY id DESC LIMIT 1";
        let rows = db.rows(sql, vec![Value::Text(item.to_owned()), Value::Int(acts as i64)]).await?;
        let case = rows
            .first()
            .ok_or("no case was decided in the load run: nothing to take the bare statements from")?;
        let id = case[0].int();
        let mut template = Self {
            acts: Vec::new(),
            item: (kept(&case[1]), kept(&case[2])),
            applicant: optional(&case[3]),
            places: (kept(&case[4]), kept(&case[5]), kept(&case[6])),
            national_no: kept(&case[7]),
            party: ("person", "—"),
            twins: !db
                .rows("SELECT twin FROM twins WHERE case_id=$1", vec![Value::Int(id)])
                .await?
                .is_empty(),
        };
        let party = db.rows("SELECT kind, name FROM parties WHERE case_id=$1", vec![Value::Int(id)]).await?;
        if let Some(party) = party.first() {
            template.party = (kept(&party[0]), kept(&party[1]));
        }
        template.read_events(db, id).await?;
        template.read_bodies(db, item).await?;
        template.read_texts(db, id).await?;
        template.read_duties(db, id).await?;
        template.read_counters(db).await?;
        Ok(template)
    }

    async fn read_events(&mut self, db: &mut Db, id: i64) -> Outcome<()> {
        let sql = "SELECT kind, payload, account, post FROM events WHERE case_id=$1 ORDER BY sequence";
        for row in db.rows(sql, vec![Value::Int(id)]).await? {
            self.acts.push(ActRows {
                kind: kept(&row[0]),
                payload: kept(&row[1]),
                by: (row[2].int(), row[3].int()),
                ..ActRows::default()
            });
        }
        Ok(())
    }

    /// The body after each act: of some case that the run left there, else of the last act before.
    async fn read_bodies(&mut self, db: &mut Db, item: &str) -> Outcome<()> {
        let sql = "SELECT body, state, officer, due_at FROM cases WHERE local=$1 AND version=$2 ORDER BY id DESC LIMIT 1";
        let mut before: (&'static str, &'static str) = ("{}", "submitted");
        for (at, act) in self.acts.iter_mut().enumerate() {
            let rows = db.rows(sql, vec![Value::Text(item.to_owned()), Value::Int(at as i64 + 1)]).await?;
            if let Some(row) = rows.first() {
                before = (kept(&row[0]), kept(&row[1]));
                act.officer = optional(&row[2]);
                act.due_at = row[3].int();
            }
            (act.body, act.state) = before;
        }
        Ok(())
    }

    fn act_naming(&mut self, id: i64) -> Option<&mut ActRows> {
        let named = format!("\"{id}\"");
        self.acts.iter_mut().find(|a| a.payload.contains(&named))
    }

    async fn read_texts(&mut self, db: &mut Db, id: i64) -> Outcome<()> {
        let sql = "SELECT id, kind, salt, body FROM texts WHERE case_id=$1 ORDER BY id";
        for row in db.rows(sql, vec![Value::Int(id)]).await? {
            let text = (kept(&row[1]), kept(&row[2]), kept(&row[3]));
            if let Some(act) = self.act_naming(row[0].int()) {
                act.texts.push(text);
            }
        }
        Ok(())
    }

    async fn read_duties(&mut self, db: &mut Db, id: i64) -> Outcome<()> {
        let sql = "SELECT id, kind, number FROM documents WHERE case_id=$1 ORDER BY id";
        for row in db.rows(sql, vec![Value::Int(id)]).await? {
            let document = (kept(&row[1]), kept(&row[2]));
            if let Some(act) = self.act_naming(row[0].int()) {
                act.documents.push(document);
            }
        }
        for row in db.rows("SELECT sequence FROM messages WHERE case_id=$1", vec![Value::Int(id)]).await? {
            if let Some(act) = self.acts.get_mut((row[0].int() - 1).max(0) as usize) {
                act.messages += 1;
            }
        }
        Ok(())
    }

    /// A number per document, and the day's serial at receipt: keys are the run's own as far as they go.
    async fn read_counters(&mut self, db: &mut Db) -> Outcome<()> {
        let rows = db.rows("SELECT key FROM counters ORDER BY value DESC, key", vec![]).await?;
        let mut keys = rows.iter().map(|r| kept(&r[0]));
        for act in &mut self.acts {
            let wanted = act.documents.len() + usize::from(act.kind == "received");
            for _ in 0..wanted {
                act.counters.extend(keys.next());
            }
        }
        Ok(())
    }
}
