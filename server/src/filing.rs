//! Filing an application: drafts saved at once, files checked and kept, a submission built from them. Used by both doors.

use std::collections::BTreeMap;

use bytes::Bytes;
use tongban_domain::case::{AttachmentRef, Command, FileSet, Submission, digest_text, needs_file};
use tongban_domain::ids::{CaseNo, DivisionCode, Id};
use tongban_domain::item::{Answers, CatalogueEntry, FieldError, FileKind, Material};
use tongban_domain::permit::{Actor, Denial, visible};

use crate::app::App;
use crate::casework::{self, Act, Done};
use crate::error::{Error, Fault, invalid};
use crate::secrets::{hex, random};
use crate::store::attachments::{self, AttachmentRow};
use crate::store::cases;
use crate::store::drafts::{self, DraftRow};

/// Most drafts of one account.
const MOST_DRAFTS: i64 = 50;

/// A draft with its answers readable.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Row, answers still locked.
    pub row: DraftRow,
    /// Answers as typed.
    pub answers: Answers,
    /// Attachment ids by material.
    pub files: BTreeMap<String, Vec<Id>>,
}

fn open(app: &App, row: DraftRow) -> Result<Draft, Error> {
    let answers = serde_json::from_str(&app.secrets.unlock(row.id.get(), &row.answers)?)?;
    let files = serde_json::from_str(&row.files)?;
    Ok(Draft { row, answers, files })
}

/// Starts a draft for an item.
///
/// # Errors
/// [`Error::Invalid`] for an unknown item, situation or division.
pub async fn start(
    app: &App,
    account: Id,
    local: &str,
    situation: &str,
    division: &str,
    answers: Answers,
) -> Result<Draft, Error> {
    let catalogue = app.catalogue();
    let item = catalogue
        .item(local)
        .ok_or_else(|| invalid("item", "事项", "请选择一个事项：没有这个事项编号", "no such item"))?;
    if !item.local.open_on(app.today()) {
        return Err(tongban_domain::case::No::from(tongban_domain::case::Refusal::new(
            "item_closed",
            format!("“{}”现在不受理新的申请。", item.name()),
            "请查看办事指南上的说明，或拨打12345咨询。",
        ))
        .into());
    }
    if item.entry.situation(situation).is_none() {
        let names: Vec<&str> = item.entry.situations.iter().map(|s| s.name.as_str()).collect();
        return Err(invalid(
            "situation",
            "办理情形",
            format!("请选择办理情形：{}", names.join("、")),
            "situation is not one of this item's",
        ));
    }
    let division = place(app, division, item.local.division)?;
    let mut conn = app.db.read().await?;
    if drafts::of_account(&mut conn, account, MOST_DRAFTS).await?.len() as i64 >= MOST_DRAFTS {
        return Err(invalid(
            "draft",
            "草稿",
            format!("您已有{MOST_DRAFTS}份草稿，请先提交或删除一些再新建"),
            "too many drafts",
        ));
    }
    drop(conn);
    let now = app.clock.now();
    let id = app.ids.block(now);
    let row = DraftRow {
        id,
        account,
        local: local.to_owned(),
        situation: situation.to_owned(),
        division: division.to_string(),
        answers: app.secrets.lock(id.get(), &serde_json::to_string(&answers)?),
        files: "{}".into(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let saved = row.clone();
    app.writer
        .plain(move |conn| {
            let row = saved.clone();
            Box::pin(async move { drafts::insert(conn, &row).await })
        })
        .await?;
    Ok(Draft { row, answers, files: BTreeMap::new() })
}

/// The applicant's division: known, and inside what the item's place serves.
fn place(app: &App, code: &str, served: DivisionCode) -> Result<DivisionCode, Error> {
    let wrong = || {
        invalid("division", "所在地区", "请选择河北省内的地区：没有这个区划代码", "no such division in Hebei")
    };
    if code.is_empty() {
        return Ok(served);
    }
    let division = DivisionCode::parse(code).map_err(|_| wrong())?;
    let catalogue = app.catalogue();
    catalogue.tree.get(division).ok_or_else(wrong)?;
    if catalogue.tree.contains(served, division) {
        return Ok(division);
    }
    Err(invalid(
        "division",
        "所在地区",
        "请选择本事项办理机关管辖的地区，或换到您所在地区的同名事项",
        "the item's agency does not serve this division",
    ))
}

/// An account's drafts, newest first.
///
/// # Errors
/// [`Error`].
pub async fn list(app: &App, account: Id) -> Result<Vec<Draft>, Error> {
    let rows = drafts::of_account(&mut app.db.read().await?, account, MOST_DRAFTS).await?;
    rows.into_iter().map(|row| open(app, row)).collect()
}

/// One draft of an account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find(app: &App, account: Id, id: Id) -> Result<Draft, Error> {
    let row = drafts::find(&mut app.db.read().await?, account, id).await?;
    open(app, row.ok_or(Error::NotFound("草稿"))?)
}

/// Saves a draft as it is now, whatever is missing or wrong in it: a draft is never refused for its content.
///
/// # Errors
/// [`Error::Conflict`] when it was saved elsewhere since it was read.
pub async fn save(app: &App, mut draft: Draft) -> Result<Draft, Error> {
    draft.row.answers = app.secrets.lock(draft.row.id.get(), &serde_json::to_string(&draft.answers)?);
    draft.row.files = serde_json::to_string(&draft.files)?;
    draft.row.updated_at = app.clock.now();
    let row = draft.row.clone();
    let saved = app
        .writer
        .plain(move |conn| {
            let row = row.clone();
            Box::pin(async move { drafts::save(conn, &row).await })
        })
        .await?;
    if saved == 0 {
        return Err(Error::Conflict(Box::new(crate::error::Conflict {
            code: "stale_draft",
            detail: "这份草稿刚刚在另一个窗口保存过，请刷新后在最新内容上继续填写".into(),
            no: String::new(),
            version: 0,
            state: "draft".into(),
        })));
    }
    draft.row.version += 1;
    Ok(draft)
}

/// Deletes a draft.
///
/// # Errors
/// [`Error`].
pub async fn discard(app: &App, account: Id, id: Id) -> Result<(), Error> {
    let gone = app
        .writer
        .plain(move |conn| Box::pin(async move { drafts::delete(conn, account, id).await }))
        .await?;
    if gone == 0 { Err(Error::NotFound("草稿")) } else { Ok(()) }
}

/// The entry a draft is about, in its current version.
///
/// # Errors
/// [`Error::NotFound`] when the item was withdrawn.
pub fn entry_of(app: &App, draft: &Draft) -> Result<std::sync::Arc<CatalogueEntry>, Error> {
    let catalogue = app.catalogue();
    let local = catalogue.directory.item(&draft.row.local).ok_or(Error::NotFound("事项"))?;
    catalogue.entry(&local.entry).cloned().ok_or(Error::NotFound("事项"))
}

/// Checks a file against the material and keeps it: object first, row after.
///
/// # Errors
/// [`Error::Invalid`] naming the material and the fix.
pub async fn keep_file(
    app: &App,
    owner: Id,
    material: &Material,
    name: &str,
    bytes: Bytes,
) -> Result<AttachmentRow, Error> {
    let kind = material.check_file(&bytes, bytes.len() as u64).map_err(|problem| {
        let english = match &problem {
            tongban_domain::item::FileProblem::Kind { .. } => "file type is not one this material takes",
            tongban_domain::item::FileProblem::Size { .. } => "file is too large",
            tongban_domain::item::FileProblem::Empty { .. } => "file is empty",
        };
        Error::Invalid(vec![FieldError::new(&material.key, &material.name, problem.to_string(), english)])
    })?;
    let size = bytes.len() as i64;
    let digest = app.files.keep(bytes).await?;
    let now = app.clock.now();
    let id = app.ids.block(now);
    let plain: String = name.chars().filter(|c| !c.is_control()).take(120).collect();
    let row = AttachmentRow {
        id,
        owner,
        case: None,
        name: app.secrets.lock(id.get(), if plain.is_empty() { "未命名" } else { &plain }),
        kind: kind_word(kind).into(),
        size,
        digest,
        salt: hex(&random::<16>()),
        uploaded_at: now,
    };
    let saved = row.clone();
    app.writer
        .plain(move |conn| {
            let row = saved.clone();
            Box::pin(async move { attachments::insert(conn, &row).await })
        })
        .await?;
    Ok(row)
}

/// The stored word of a file type.
pub fn kind_word(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Pdf => "pdf",
        FileKind::Jpg => "jpg",
        FileKind::Png => "png",
        FileKind::Ofd => "ofd",
    }
}

/// The type of a stored word.
pub fn kind_of(word: &str) -> Option<FileKind> {
    [FileKind::Pdf, FileKind::Jpg, FileKind::Png, FileKind::Ofd].into_iter().find(|k| kind_word(*k) == word)
}

/// Salted digest of an attachment's row: what an event says of it, so that `verify` finds a changed column.
pub fn row_digest(row: &AttachmentRow) -> String {
    let body = format!(
        "{}\n{}\n{}\n{}\n{}\n{}\n{}",
        row.id, row.owner, row.name, row.kind, row.size, row.digest, row.uploaded_at
    );
    digest_text(&row.salt, "attachment", &body)
}

/// Whether a request with this key was fulfilled before: then it is answered again, its files being handed in by now.
///
/// # Errors
/// [`Error`].
pub async fn is_known(app: &App, account: Id, key: Option<&str>) -> Result<bool, Error> {
    let Some(key) = key else { return Ok(false) };
    let key = format!("{account}:{key}");
    Ok(!cases::remembered(&mut app.db.read().await?, &[key.into()]).await?.is_empty())
}

/// Turns attachment ids into what a command names; every file must be the account's own and not handed in elsewhere
/// (unless the request is a repetition, `again`).
///
/// # Errors
/// [`Error::Invalid`] naming the material.
pub async fn file_sets(
    app: &App,
    owner: Id,
    files: &BTreeMap<String, Vec<Id>>,
    again: bool,
) -> Result<Vec<FileSet>, Error> {
    let ids: Vec<Id> = files.values().flatten().copied().collect();
    let rows = attachments::by_ids(&mut app.db.read().await?, &ids).await?;
    let mut sets = Vec::new();
    for (material, ids) in files {
        let mut set = FileSet { material: material.clone(), files: Vec::new() };
        for id in ids {
            let row = rows.iter().find(|r| r.id == *id && r.owner == owner && (again || r.case.is_none()));
            let Some(row) = row else {
                return Err(invalid(
                    material,
                    "申请材料",
                    "请重新上传这个文件：它不在您的上传记录里，或者已经用于别的办件",
                    "no such file of yours, or it was handed in already",
                ));
            };
            let kind = kind_of(&row.kind).ok_or_else(|| Fault::plain("unknown file type in a row"))?;
            set.files.push(AttachmentRef {
                id: row.id,
                digest: row.digest.clone(),
                row: row_digest(row),
                size: row.size as u64,
                kind,
            });
        }
        if !set.files.is_empty() {
            sets.push(set);
        }
    }
    Ok(sets)
}

/// Files a draft. The draft is deleted after the case is durable; a repeated request with the same key finds the case.
///
/// # Errors
/// [`Error`]; the draft is kept then.
pub async fn submit(app: &App, actor: Actor, draft: &Draft, key: Option<String>) -> Result<Done, Error> {
    let account = actor.account();
    let division = DivisionCode::parse(&draft.row.division).map_err(|e| Fault::plain(e.to_string()))?;
    let submission = Submission {
        item: draft.row.local.clone(),
        situation: draft.row.situation.clone(),
        division,
        answers: draft.answers.clone(),
        files: file_sets(app, account, &draft.files, is_known(app, account, key.as_deref()).await?).await?,
        paper_received_on: None,
    };
    let command = Command::Submit(Box::new(submission));
    let done = casework::execute(app, Act { actor, case: None, command, key, expected: None }).await?;
    let id = draft.row.id;
    let gone =
        app.writer.plain(move |conn| Box::pin(async move { drafts::delete(conn, account, id).await })).await;
    if let Err(error) = gone {
        // The case is filed; a draft left behind would be refused as a twin, so it is only untidy.
        tracing::warn!(%error, "a filed draft was not deleted");
    }
    Ok(done)
}

/// The case an earlier request with this key filed.
///
/// # Errors
/// [`Error::NotFound`] when there was none.
pub async fn replayed(app: &App, actor: &Actor, key: Option<String>) -> Result<Done, Error> {
    let key = format!("{}:{}", actor.account(), key.unwrap_or_default());
    let mut conn = app.db.read().await?;
    let known = cases::remembered(&mut conn, &[key.into()]).await?.into_iter().next();
    let no = known.and_then(|k| CaseNo::parse(&k.no).ok()).ok_or(Error::NotFound("草稿"))?;
    let stored = cases::find(&mut conn, &visible(actor), &no).await?;
    let case = stored.ok_or(Error::Denial(Denial::Hidden))?.case;
    Ok(Done { case: std::sync::Arc::new(case), replayed: true })
}

/// Takes a file out of a draft and forgets it.
///
/// # Errors
/// [`Error::NotFound`] when the draft has no such file.
pub async fn remove_file(app: &App, mut draft: Draft, material: &str, file: Id) -> Result<Draft, Error> {
    let files = draft.files.get_mut(material).ok_or(Error::NotFound("文件"))?;
    let before = files.len();
    files.retain(|f| *f != file);
    if files.len() == before {
        return Err(Error::NotFound("文件"));
    }
    let owner = draft.row.account;
    let draft = save(app, draft).await?;
    app.writer
        .plain(move |conn| Box::pin(async move { attachments::delete(conn, file, owner).await }))
        .await?;
    Ok(draft)
}

/// What a draft still lacks: the same checks as at submission, for the task list and the review page.
pub fn missing(entry: &CatalogueEntry, draft: &Draft) -> Vec<FieldError> {
    let answers = entry.form.tidy(&draft.answers);
    let mut errors = entry.form.check(&answers);
    if let Some(situation) = entry.situation(&draft.row.situation) {
        for material in entry.materials_of(situation).filter(|m| needs_file(m)) {
            if draft.files.get(&material.key).is_none_or(Vec::is_empty) {
                errors.push(FieldError::new(
                    &material.key,
                    &material.name,
                    format!(
                        "请上传“{}”（{}，每个不超过{}MB）",
                        material.name,
                        material.accepts_label(),
                        material.max_mib
                    ),
                    format!("{} is required", material.key),
                ));
            }
        }
    }
    errors
}
