//! Open verification of documents and licences: what an outsider may learn, and whether the bytes are still those that
//! were sealed. Persons are masked; a document of a case that only concerns its applicant shows no more than that it is real.

use tongban_domain::case::{Paper, PaperKind};
use tongban_domain::ids::LicenceId;
use tongban_domain::party::{Party, PartyKind};

use crate::app::App;
use crate::error::{Error, Fault};
use crate::store::documents::{self, CheckBy, LicenceRow};
use crate::store::{Value, cases};

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Real and in force.
    Valid,
    /// Real, but past its last day.
    Expired,
    /// Real, but no longer in force.
    Ended,
    /// Made, but not sealed yet.
    Unsealed,
    /// The stored file or its signature does not fit any more.
    Damaged,
}

impl Finding {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Ended => "ended",
            Self::Unsealed => "unsealed",
            Self::Damaged => "damaged",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Valid => "真实有效",
            Self::Expired => "真实，但已过有效期",
            Self::Ended => "真实，但已失效",
            Self::Unsealed => "已制作，签章尚未完成",
            Self::Damaged => "签章核验不通过，请联系签发机关",
        }
    }
}

/// The result for an outsider.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Verdict.
    pub finding: Finding,
    /// Document kind.
    pub kind: String,
    /// Its Chinese word.
    pub kind_label: String,
    /// 文号 or 证号
    pub number: String,
    /// Organ in whose name it stands.
    pub organ: String,
    /// Item.
    pub item: String,
    /// Holder, masked when a person.
    pub holder: String,
    /// 日期
    pub made_on: String,
    /// Licence, when it is one.
    pub licence: Option<LicenceRow>,
    /// Code beside the QR.
    pub check_code: String,
    /// SM3 of the file.
    pub digest: String,
    /// Bytes.
    pub size: i64,
    /// Key that signed.
    pub key: String,
    /// DER signature, hex.
    pub signature: String,
    /// Made with sample data.
    pub sample: bool,
}

/// By the code beside the QR.
///
/// # Errors
/// [`Error`].
pub async fn by_code(app: &App, code: &str) -> Result<Option<Checked>, Error> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    look(app, CheckBy::Code, &code, None).await
}

/// By the SM3 of the file, hex.
///
/// # Errors
/// [`Error`].
pub async fn by_digest(app: &App, digest: &str) -> Result<Option<Checked>, Error> {
    look(app, CheckBy::File, &digest.trim().to_lowercase(), None).await
}

/// By the file itself.
///
/// # Errors
/// [`Error`].
pub async fn by_bytes(app: &App, bytes: &[u8]) -> Result<Option<Checked>, Error> {
    let digest = tongban_documents::sm3_hex(bytes);
    look(app, CheckBy::File, &digest, Some(bytes)).await
}

/// By electronic licence identifier.
///
/// # Errors
/// [`Error`].
pub async fn by_licence(app: &App, id: &str) -> Result<Option<Checked>, Error> {
    let Ok(id) = LicenceId::parse(id) else { return Ok(None) };
    let mut conn = app.db.read().await?;
    let Some(licence) = documents::find_licence(&mut conn, id.as_str()).await? else { return Ok(None) };
    let all = documents::of_case(&mut conn, licence.case).await?;
    drop(conn);
    let Some(code) = all.iter().find(|d| d.id == licence.document).map(|d| d.check_code.clone()) else {
        return Ok(None);
    };
    look(app, CheckBy::Code, &code, None).await
}

async fn look(app: &App, by: CheckBy, value: &str, bytes: Option<&[u8]>) -> Result<Option<Checked>, Error> {
    let mut conn = app.db.read().await?;
    let Some(found) = documents::check(&mut conn, by, value).await? else { return Ok(None) };
    let text = cases::texts(&mut conn, &[Value::from(found.document.text)]).await?;
    let licence = documents::licence_of_case(&mut conn, found.document.case)
        .await?
        .filter(|l| l.document == found.document.id);
    let party_id = match &licence {
        Some(licence) => Some(licence.party),
        None => cases::party_of(&mut conn, found.document.case).await?,
    };
    let party = match party_id {
        Some(id) => cases::texts(&mut conn, &[Value::from(id)]).await?.remove(&id),
        None => None,
    };
    drop(conn);
    let text = text.get(&found.document.text).ok_or_else(|| Fault::plain("a document lost its data"))?;
    let paper: Paper =
        serde_json::from_str(&app.secrets.unlock(text.id.get(), &text.body)?).map_err(Fault::from)?;
    let party: Option<Party> = party
        .map(|t| app.secrets.unlock(t.id.get(), &t.body))
        .transpose()?
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(Fault::from)?;
    let holder = party.map_or_else(String::new, |p| match p.kind {
        PartyKind::Organisation => p.name.clone(),
        PartyKind::Person => p.public_name(),
    });
    let finding = match &found.seal {
        None => Finding::Unsealed,
        Some(seal) => {
            let held;
            let bytes = match bytes {
                Some(bytes) => Some(bytes),
                None => {
                    held = app.files.read(&seal.file).await.ok();
                    held.as_deref()
                }
            };
            let signature = crate::secrets::unhex(&seal.signature).unwrap_or_default();
            let key = app.secrets.public_key(&seal.key).unwrap_or_default();
            let fits = bytes.is_some_and(|b| tongban_documents::verify(key, b, &signature).is_ok());
            match &licence {
                _ if !fits => Finding::Damaged,
                Some(l) if l.state != "valid" => Finding::Ended,
                Some(l) if l.ends.as_ref().is_some_and(|e| *e < app.today().to_string()) => Finding::Expired,
                _ => Finding::Valid,
            }
        }
    };
    let item = paper.facts.iter().find(|(label, _)| label == "事项名称").map(|(_, v)| v.clone());
    let seal = found.seal;
    Ok(Some(Checked {
        finding,
        kind: found.document.kind.clone(),
        kind_label: PaperKind::parse(&found.document.kind).map_or(String::new(), |k| k.label().to_owned()),
        number: found.document.number,
        organ: paper.organ,
        item: item.unwrap_or(paper.title),
        holder,
        made_on: paper.date,
        licence,
        check_code: found.document.check_code,
        digest: seal.as_ref().map(|s| s.file.clone()).unwrap_or_default(),
        size: seal.as_ref().map_or(0, |s| s.size),
        key: seal.as_ref().map(|s| s.key.clone()).unwrap_or_default(),
        signature: seal.map(|s| s.signature).unwrap_or_default(),
        sample: paper.sample,
    }))
}

/// The sealed file behind a check code: whoever holds the code holds the paper, so it may be fetched to compare.
/// Only results (licences and decisions) are given out, not notices about an application.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn public_file(app: &App, code: &str) -> Result<bytes::Bytes, Error> {
    let found = by_code(app, code).await?.ok_or(Error::NotFound("文书"))?;
    let open = [PaperKind::Licence, PaperKind::GrantDecision].iter().any(|k| k.as_str() == found.kind);
    if !open || found.digest.is_empty() {
        return Err(Error::NotFound("文书"));
    }
    Ok(app.files.read(&found.digest).await?)
}
