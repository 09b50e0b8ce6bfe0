//! Bytes that are not pages: documents, files handed in, QR codes. Always through the case or draft of the caller.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tongban_domain::ids::CaseNo;
use tongban_domain::item::FileKind;

use super::id;
use crate::app::App;
use crate::casefile;
use crate::error::{Error, Fault};
use crate::filing;
use crate::signin::Caller;
use crate::store::attachments;
use crate::web::form::encode;

/// A file somebody uploaded: shown by itself, never as part of a page of ours.
fn uploaded(kind: FileKind, name: &str, bytes: Bytes) -> Response {
    let place = if kind == FileKind::Ofd { "attachment" } else { "inline" };
    // A browser shows no PDF inside a sandbox; nothing of it can reach our pages without one either.
    let policy = if kind == FileKind::Pdf { "default-src 'none'" } else { "sandbox; default-src 'none'" };
    let headers = [
        (header::CONTENT_TYPE, kind.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("{place}; filename*=UTF-8''{}", encode(name))),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy.to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, Body::from(bytes)).into_response()
}

/// One of our own PDFs under a name a person recognises.
pub fn pdf(name: &str, bytes: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename*=UTF-8''{}", encode(name))),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, Body::from(bytes)).into_response()
}

pub async fn document(
    State(app): State<App>,
    caller: Caller,
    Path((no, document)): Path<(String, String)>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "document").await?;
    let document = file.case.document(id(&document, "文书")?).ok_or(Error::NotFound("文书"))?;
    let bytes = casefile::document_bytes(&app, document).await?;
    Ok(pdf(&format!("{}-{}.pdf", document.kind.label(), file.case.no), bytes))
}

pub async fn case_file(
    State(app): State<App>,
    caller: Caller,
    Path((no, wanted)): Path<(String, String)>,
) -> Result<Response, Error> {
    let file = casefile::open(&app, &caller, &no, "file").await?;
    let wanted = id(&wanted, "文件")?;
    let known = file.timeline.iter().flat_map(|h| h.event.files()).find(|f| f.id == wanted);
    let known = known.ok_or(Error::NotFound("文件"))?;
    let bytes = app.files.read(&known.digest).await?;
    let name = file.file_names.get(&wanted).map_or("文件", String::as_str);
    Ok(uploaded(known.kind, name, bytes))
}

pub async fn draft_file(
    State(app): State<App>,
    caller: Caller,
    Path((no, wanted)): Path<(String, String)>,
) -> Result<Response, Error> {
    let draft = filing::find(&app, caller.account()?, id(&no, "草稿")?).await?;
    let wanted = id(&wanted, "文件")?;
    if !draft.files.values().flatten().any(|f| *f == wanted) {
        return Err(Error::NotFound("文件"));
    }
    let rows = attachments::by_ids(&mut app.db.read().await?, &[wanted]).await?;
    let row = rows.into_iter().find(|r| r.owner == draft.row.account).ok_or(Error::NotFound("文件"))?;
    let kind = filing::kind_of(&row.kind).ok_or_else(|| Fault::plain("unknown file type in a row"))?;
    let bytes = app.files.read(&row.digest).await?;
    Ok(uploaded(kind, &app.secrets.unlock(row.id.get(), &row.name)?, bytes))
}

fn qr(text: &str) -> Result<Response, Error> {
    let svg = tongban_documents::qr_svg(text).ok_or(Error::NotFound("二维码"))?;
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")];
    Ok((headers, svg).into_response())
}

/// Says nothing about whether the case exists: it is the address as a picture.
pub async fn case_qr(State(app): State<App>, Path(no): Path<String>) -> Result<Response, Error> {
    let no = CaseNo::parse(&no).map_err(|_| Error::NotFound("二维码"))?;
    qr(&format!("{}/cases/{no}", app.config.base_url))
}

pub async fn verify_qr(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Error> {
    let plain =
        code.len() <= 100 && code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if !plain {
        return Err(Error::NotFound("二维码"));
    }
    qr(&format!("{}/verify/{code}", app.config.base_url))
}
