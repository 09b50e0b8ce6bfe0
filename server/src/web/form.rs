//! Forms as browsers send them: fields (possibly several of one name) and files, with the token against forged forms
//! checked before anything is read out of them.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Request};
use axum::http::header;

use crate::app::App;
use crate::error::{Error, invalid};
use crate::signin::{self, Caller};

/// Most bytes of a form without files.
const FORM_BYTES: usize = 512 * 1024;
/// Most bytes of one upload request.
pub const UPLOAD_BYTES: usize = 52 * 1024 * 1024;

/// A form's fields.
#[derive(Debug, Default, Clone)]
pub struct Form {
    fields: BTreeMap<String, Vec<String>>,
}

/// A form with files.
#[derive(Debug)]
pub struct Upload {
    /// Its fields.
    pub form: Form,
    /// The first file: its name as the browser gave it, and the bytes; none when nothing was chosen.
    pub file: Option<(String, Bytes)>,
    /// Every file with the field it came in: field, name, bytes.
    pub files: Vec<(String, String, Bytes)>,
}

impl Form {
    /// The first value of a field, trimmed; empty when absent.
    pub fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(|v| v.first()).map_or("", |v| v.trim())
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> &[String] {
        self.fields.get(name).map_or(&[], |v| v)
    }

    /// Whether a field was sent with anything in it.
    pub fn has(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// Fields whose name begins with a prefix, the prefix taken off; several values joined with 、.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, String)> + 'a {
        self.fields.iter().filter_map(move |(name, values)| {
            let rest = name.strip_prefix(prefix)?;
            let values: Vec<&str> = values.iter().map(|v| v.trim()).filter(|v| !v.is_empty()).collect();
            Some((rest, values.join("、")))
        })
    }

    /// Puts one value in a field's place: what a file held is shown as if it had been typed.
    pub fn set(&mut self, name: &str, value: &str) {
        self.fields.insert(name.to_owned(), vec![value.to_owned()]);
    }

    /// The idempotency key of the page's form.
    pub fn key(&self) -> Option<String> {
        Some(self.text("key").to_owned()).filter(|k| !k.is_empty())
    }

    /// The version of the case the page showed.
    pub fn version(&self) -> Option<u32> {
        self.text("version").parse().ok()
    }

    /// Reads `a=b&c=d`.
    pub fn parse(text: &str) -> Self {
        let mut form = Self::default();
        for pair in text.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            form.fields.entry(decode(name)).or_default().push(decode(value));
        }
        form
    }

    fn check(&self, caller: &Caller) -> Result<(), Error> {
        let Some(session) = &caller.session else { return Ok(()) };
        if signin::same(self.text("csrf"), &session.csrf) {
            return Ok(());
        }
        Err(invalid(
            "csrf",
            "页面",
            "页面已经过期，请返回上一页刷新后再提交；已填写的内容还在",
            "the form token is not ours",
        ))
    }
}

fn too_large() -> Error {
    invalid("form", "表单", "提交的内容太大，请减少后再提交", "the form is too large")
}

impl FromRequest<App> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self, Error> {
        let caller = request.extensions().get::<Caller>().cloned().unwrap_or_else(Caller::nobody);
        let bytes = axum::body::to_bytes(request.into_body(), FORM_BYTES).await.map_err(|_| too_large())?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| too_large())?;
        let form = Self::parse(&text);
        form.check(&caller)?;
        Ok(form)
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self, Error> {
        let caller = request.extensions().get::<Caller>().cloned().unwrap_or_else(Caller::nobody);
        let length =
            request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        let large = || {
            invalid(
                "file",
                "文件",
                "文件太大：一次最多上传50MB，请压缩或分开后再上传",
                "the file is too large",
            )
        };
        if length.is_some_and(|n: usize| n > UPLOAD_BYTES) {
            return Err(large());
        }
        let mut multipart = Multipart::from_request(request, app)
            .await
            .map_err(|_| invalid("file", "文件", "请选择要上传的文件", "a multipart form is expected"))?;
        let mut form = Form::default();
        let mut files: Vec<(String, String, Bytes)> = Vec::new();
        while let Some(field) = multipart.next_field().await.map_err(|_| large())? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|_| large())?;
            match file_name {
                Some(file_name) if !(file_name.is_empty() && bytes.is_empty()) => {
                    files.push((name, file_name, bytes))
                }
                Some(_) => {}
                None => {
                    let text = String::from_utf8(bytes.to_vec()).map_err(|_| too_large())?;
                    form.fields.entry(name).or_default().push(text);
                }
            }
        }
        form.check(&caller)?;
        let file = files.first().map(|(_, name, bytes)| (name.clone(), bytes.clone()));
        Ok(Self { form, file, files })
    }
}

/// Percent-encodes a value for a URL.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte as char),
            _ => {
                use std::fmt::Write;
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Reads a percent-encoded value, `+` being a space.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|h| u8::from_str_radix(h, 16).ok()))
            .flatten();
        match (bytes[at], hex) {
            (_, Some(byte)) => {
                out.push(byte);
                at += 3;
                continue;
            }
            (b'+', None) => out.push(b' '),
            (byte, None) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_reads_back() {
        for text in ["", "a b&c=d", "石家庄市 长安区", "X03@130102000000", "100%", "+"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }

    #[test]
    fn a_form_keeps_all_values_of_a_name() {
        let form = Form::parse("a=1&a=2&b=%E4%B8%AD+x&f.x=1&f.x=3");
        assert_eq!(form.all("a"), ["1", "2"]);
        assert_eq!(form.text("b"), "中 x");
        assert_eq!(form.with_prefix("f.").collect::<Vec<_>>(), [("x", "1、3".to_owned())]);
    }
}
