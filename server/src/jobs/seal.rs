//! Rendering and sealing a document, outside the act that made it (decision 19): frozen data becomes a PDF, the PDF is
//! signed and kept, and the seal becomes an event of the case.

use tokio::sync::Semaphore;
use tongban_documents::{Certificate, Check, Notice, Seal, Sheet, Table};
use tongban_domain::case::{Command, Paper, PaperKind, Refusal};
use tongban_domain::permit::Actor;

use crate::app::App;
use crate::casework::{self, Act};
use crate::error::{Error, Fault};
use crate::secrets::hex;
use crate::store::jobs::JobRow;
use crate::store::{Value, cases, documents};

/// One page is set at a time: typesetting takes a whole core and its memory, and pages for people come first.
static PRESS: Semaphore = Semaphore::const_new(1);

pub(super) async fn run(app: &App, job: &JobRow) -> Result<(), Error> {
    let mut conn = app.db.read().await?;
    let all = documents::of_case(&mut conn, job.case).await?;
    let document = all.into_iter().find(|d| d.id == job.subject).ok_or(Error::NotFound("文书"))?;
    let no = cases::no_of(&mut conn, job.case).await?.ok_or(Error::NotFound("办件"))?;
    let texts = cases::texts(&mut conn, &[Value::from(document.text)]).await?;
    drop(conn);
    let text = texts.get(&document.text).ok_or_else(|| Fault::plain("a document lost its data"))?;
    let paper: Paper =
        serde_json::from_str(&app.secrets.unlock(text.id.get(), &text.body)?).map_err(Fault::from)?;
    let sheet = sheet(&paper, &app.config.base_url, &document.check_code);
    let press = PRESS.acquire().await.map_err(|e| Fault::plain(e.to_string()))?;
    let worker = app.clone();
    let made_at = document.made_at;
    let (bytes, signature) = tokio::task::spawn_blocking(move || -> Result<_, Fault> {
        let bytes = worker.typesetter()?.render(&sheet, made_at).map_err(|e| Fault::plain(e.to_string()))?;
        let signature = worker.secrets.seal.sign(&bytes).map_err(|e| Fault::plain(e.to_string()))?;
        Ok((bytes, signature))
    })
    .await
    .map_err(|e| Fault::plain(e.to_string()))??;
    drop(press);
    let size = bytes.len() as u64;
    let file = app.files.keep(bytes.into()).await?;
    let command = Command::RecordSeal {
        document: document.id,
        file,
        size,
        key: app.secrets.seal.key_id().to_owned(),
        signature: hex(&signature),
    };
    match casework::execute(app, Act::on(Actor::Platform, no, command)).await {
        Ok(_) | Err(Error::Refusal(Refusal { code: "already_sealed", .. })) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Lays frozen data out for the typesetter.
pub fn sheet(paper: &Paper, base_url: &str, code: &str) -> Sheet {
    let seal = Some(Seal { organ: paper.organ.clone(), caption: paper.seal.clone() });
    let check = Check {
        url: format!("{base_url}/verify/{code}"),
        code: grouped(code),
        hint: "扫码或登录平台“证照文书核验”输入验真码，核验真伪".into(),
    };
    let watermark = paper.sample.then(|| "演示样本".to_owned());
    if paper.kind == PaperKind::Licence {
        return Sheet::Certificate(Certificate {
            title: paper.title.clone(),
            number: paper.number.clone(),
            identifier: paper.licence.clone().unwrap_or_default(),
            holder: paper.recipient.clone(),
            facts: paper.facts.clone(),
            valid: paper.valid.clone(),
            organ: paper.organ.clone(),
            date: paper.date.clone(),
            remark: String::new(),
            seal,
            check,
            watermark,
        });
    }
    Sheet::Notice(Notice {
        title: paper.title.clone(),
        organ: paper.organ.clone(),
        number: paper.number.clone(),
        recipient: paper.recipient.clone(),
        paragraphs: paper.paragraphs.clone(),
        facts: paper.facts.clone(),
        table: paper.table.as_ref().map(|t| Table {
            caption: t.caption.clone(),
            columns: t.columns.clone(),
            widths: t.widths.clone(),
            rows: t.rows.clone(),
        }),
        closing: paper.closing.clone(),
        contact: paper.contact.clone(),
        date: paper.date.clone(),
        seal,
        check,
        watermark,
    })
}

fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    chars.chunks(4).map(|c| c.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
