//! Verification for everyone: by code, by licence identifier, by the file itself. Says whether it is real and in
//! force, and how to check the signature without us.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::case::PaperKind;
use tongban_domain::item::{FieldError, FileKind};

use super::{downloads, licenses, see, words};
use crate::app::App;
use crate::checking::{self, Checked, Finding};
use crate::error::Error;
use crate::signin::Caller;
use crate::web::form::{Upload, encode};
use crate::web::page::Page;

const MOST_MIB: usize = 20;
const CODE: usize = 16;
const COMMANDS: &str = "openssl pkeyutl -verify -rawin -digest sm3 \\\n  -pkeyopt distid:1234567812345678 \\\n  -pubin -inkey key.pem -in file.pdf -sigfile signature.der";

#[derive(Debug, Deserialize)]
pub struct Asked {
    code: Option<String>,
}

pub async fn form(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let Some(code) = asked.code else { return page(&app, &caller, &headers, "", Vec::new()) };
    match readable(&code) {
        Ok(code) => Ok(see(&format!("/verify/{}", encode(&code)))),
        Err(message) => {
            let error = FieldError::new("code", "校验码", message, "code is 16 characters, or a licence id");
            page(&app, &caller, &headers, &code, vec![error])
        }
    }
}

/// A code as it stands beside the QR, a licence identifier, or the digest of a file.
fn readable(typed: &str) -> Result<String, String> {
    let text: String = typed.chars().filter(|c| !c.is_whitespace()).take(120).collect();
    if text.is_empty() {
        return Err("请输入校验码，或者电子证照标识".into());
    }
    if text.contains('.') {
        return Ok(text);
    }
    let code: String = text.chars().filter(|c| *c != '-').collect::<String>().to_lowercase();
    if !code.chars().all(|c| c.is_ascii_hexdigit()) {
        return Err("请核对校验码：只有数字0到9和字母A到F".into());
    }
    match code.len() {
        CODE | 64 => Ok(code),
        n if n < CODE => Err(format!("请输入{CODE}位校验码，现在少{}位", CODE - n)),
        n => Err(format!("请输入{CODE}位校验码，现在多{}位", n - CODE)),
    }
}

fn page(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    code: &str,
    errors: Vec<FieldError>,
) -> Result<Response, Error> {
    let own = json!({
        "code": code, "code_error": words::error_of(&errors, "code"),
        "file_error": words::error_of(&errors, "file"),
    });
    Page::new(app, caller, headers, "/verify", "查验")
        .crumbs(&[("/", "首页"), ("", "查验证照和文书")])
        .errors(errors)
        .render("verify/verify.html", own)
}

pub async fn by_file(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    upload: Result<Upload, Error>,
) -> Result<Response, Error> {
    let wrong = |message: String| vec![FieldError::new("file", "文件", message, "a PDF file is expected")];
    let bytes = match upload {
        Ok(upload) => upload.file.map(|(_, bytes)| bytes),
        Err(Error::Invalid(errors)) if errors.iter().all(|e| e.field == "file") => {
            return page(&app, &caller, &headers, "", errors);
        }
        Err(error) => return Err(error),
    };
    let problem = match &bytes {
        None => Some("请选择一个PDF文件".to_owned()),
        Some(bytes) if bytes.len() > MOST_MIB * 1024 * 1024 => Some(format!("请选择{MOST_MIB}MB以内的文件")),
        Some(bytes) if FileKind::sniff(bytes) != Some(FileKind::Pdf) => {
            Some("请选择PDF文件：这个文件不是PDF".to_owned())
        }
        Some(_) => None,
    };
    if let Some(message) = problem {
        return page(&app, &caller, &headers, "", wrong(message));
    }
    let found = checking::by_bytes(&app, &bytes.unwrap_or_default()).await?;
    shown(&app, &caller, &headers, found.as_ref(), "请核对：内容改动过一点点，也会查不到。")
}

pub async fn result(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Error> {
    let found = match readable(&code) {
        Ok(id) if id.contains('.') => checking::by_licence(&app, &id).await?,
        Ok(digest) if digest.len() == 64 => checking::by_digest(&app, &digest).await?,
        Ok(code) => checking::by_code(&app, &code).await?,
        Err(_) => None,
    };
    shown(&app, &caller, &headers, found.as_ref(), "请核对校验码有没有输错。")
}

fn shown(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    found: Option<&Checked>,
    hint: &str,
) -> Result<Response, Error> {
    let page = Page::new(app, caller, headers, "/verify", "查验结果").crumbs(&[
        ("/", "首页"),
        ("/verify", "查验证照和文书"),
        ("", "查验结果"),
    ]);
    let Some(found) = found else {
        let explain = format!("{hint}如果没有错，这份文书不是由本平台出具的，请谨慎使用。");
        let verdict = json!({"tone": "grey", "words": "没有查到", "explain": explain});
        let own = json!({"verdict": verdict, "facts": [], "signature": null});
        return page.status(StatusCode::NOT_FOUND).render("verify/result.html", own);
    };
    let tone = match found.finding {
        Finding::Valid => "good",
        Finding::Expired | Finding::Ended | Finding::Damaged => "bad",
        Finding::Unsealed => "grey",
    };
    let verdict = json!({"tone": tone, "words": found.finding.label(), "explain": explain(found)});
    page.render(
        "verify/result.html",
        json!({"verdict": verdict, "facts": facts(found), "signature": signature(found)}),
    )
}

fn explain(found: &Checked) -> String {
    let (label, organ) = (&found.kind_label, &found.organ);
    let sample =
        if found.sample { "它是用演示数据制作的样本，没有法律效力。" } else { "" };
    let words = match found.finding {
        Finding::Valid => format!("这份{label}由{organ}出具，盖章后没有改动。"),
        Finding::Expired => format!("这份{label}确实由{organ}出具，但已经过了有效期。"),
        Finding::Ended => format!("这份{label}确实由{organ}出具，但现在已经失效。"),
        Finding::Unsealed => format!("这份{label}由{organ}制作，签章还没有完成，请稍后再查。"),
        Finding::Damaged => format!("登记了这份{label}，但文件或者签名对不上，请联系{organ}。"),
    };
    format!("{words}{sample}")
}

/// Results are public; of a notice about an application no more is told than that it is real.
fn is_open(found: &Checked) -> bool {
    [PaperKind::Licence, PaperKind::GrantDecision].iter().any(|k| k.as_str() == found.kind)
}

fn facts(found: &Checked) -> Vec<Json> {
    let mut rows = vec![
        ("文书", found.kind_label.clone()),
        ("编号", found.number.clone()),
        ("出具机关", found.organ.clone()),
        ("日期", words::stored_day(&found.made_on)),
    ];
    if is_open(found) {
        rows.insert(1, ("事项", found.item.clone()));
        rows.insert(3, ("持有人", found.holder.clone()));
    }
    if let Some(licence) = &found.licence {
        rows.push(("有效期", licenses::validity(licence)));
        rows.push(("电子证照标识", licence.id.clone()));
    }
    rows.push(("校验码", words::grouped(&found.check_code)));
    rows.iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect()
}

fn signature(found: &Checked) -> Json {
    if found.signature.is_empty() {
        return Json::Null;
    }
    let ok = found.finding != Finding::Damaged;
    let base = format!("/verify/{}", found.check_code);
    let mut files = vec![
        json!({"href": format!("{base}/signature.der"), "label": "签名"}),
        json!({"href": "/verify/key.pem", "label": "公钥"}),
    ];
    if is_open(found) {
        files.insert(0, json!({"href": format!("{base}/file.pdf"), "label": "文书PDF"}));
    }
    let rows = [
        ("签章单位", found.organ.clone()),
        ("算法", "SM2 / SM3".to_owned()),
        ("密钥", found.key.clone()),
        ("文件摘要（SM3）", found.digest.clone()),
        ("文件大小", words::size(found.size.unsigned_abs())),
    ];
    json!({
        "ok": ok, "words": if ok { "签名有效，盖章后没有改动" } else { "签名对不上" },
        "rows": rows.iter().map(|(label, value)| json!({"label": label, "value": value})).collect::<Vec<_>>(),
        "files": files, "commands": COMMANDS,
    })
}

pub async fn key(State(app): State<App>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CONTENT_DISPOSITION, "attachment; filename=key.pem"),
    ];
    (headers, app.secrets.seal.public_key_pem().to_owned()).into_response()
}

pub async fn file(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Error> {
    Ok(downloads::pdf("file.pdf", checking::public_file(&app, &code).await?))
}

pub async fn signature_der(State(app): State<App>, Path(code): Path<String>) -> Result<Response, Error> {
    let found = checking::by_code(&app, &code).await?.ok_or(Error::NotFound("文书"))?;
    let der = crate::secrets::unhex(&found.signature)
        .filter(|der| !der.is_empty())
        .ok_or(Error::NotFound("签名"))?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=signature.der"),
    ];
    Ok((headers, der).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_or_explained() {
        assert_eq!(readable("8F4B-A8E0 297d-a02f").as_deref(), Ok("8f4ba8e0297da02f"));
        assert_eq!(readable("1.2.156.3005.2").as_deref(), Ok("1.2.156.3005.2"));
        for (typed, words) in
            [("", "请输入"), ("abc", "少13位"), ("8F4BA8E0297DA02FF", "多1位"), ("7K3M9QXP2R4T", "核对")]
        {
            assert!(readable(typed).is_err_and(|e| e.contains(words)), "{typed}");
        }
    }
}
