//! Pages for citizens and companies: find, apply, follow, prove. A file per page, named like its template.

mod account;
mod apply;
mod case;
mod cases;
mod divisions;
mod downloads;
mod draft;
mod ending;
mod home;
mod item;
mod items;
mod known;
mod licenses;
mod login;
mod materials;
pub mod messages;
mod outages;
mod receipt;
mod review;
mod section;
mod supplement;
mod verify;
mod words;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tongban_domain::ids::Id;

use crate::app::App;
use crate::door::{Access, Routes};
use crate::error::Error;
use crate::secrets::{hex, random};

pub(super) use case::{holder, post_and_name};

/// The pages of the portal.
pub fn routes() -> Routes {
    finding().with(applying()).with(following()).with(proving())
}

fn finding() -> Routes {
    use Access::{Public, SignedIn};
    Routes::default()
        .get("/", Public, "Home: search, ways of handling, frequent items", home::show)
        .get("/items", Public, "Items: search and filters", items::list)
        .get("/items/{key}", Public, "Guide of an item", item::show)
        .get("/divisions", Public, "Choose a region", divisions::list)
        .get("/divisions/choose", Public, "Remember the chosen region", divisions::choose)
        .get("/outages", Public, "Outages of the platform", outages::list)
        .get("/elder", Public, "Elder mode on or off", divisions::elder)
        .get("/login", Public, "Sign-in form", login::show)
        .post("/login", Public, "Sign in", login::start)
        .post("/logout", Public, "Sign out", login::end)
        .get("/account", SignedIn, "Own account, posts, messages, who looked", account::show)
        .get("/account/messages", SignedIn, "All messages, newest first", messages::list)
        .post(
            "/account/contacts",
            SignedIn,
            "Mail address, mobile number, and which of them may be used",
            account::change_contact,
        )
        .post("/account/post", SignedIn, "Act in another post", account::change_post)
}

fn applying() -> Routes {
    use Access::Applicant;
    Routes::default()
        .get("/apply/{key}", Applicant, "Begin: situations, and drafts to go on with", apply::show)
        .post("/apply/{key}", Applicant, "Start a draft", apply::start)
        .get("/drafts/{id}", Applicant, "Task list of a draft", draft::show)
        .post("/drafts/{id}/discard", Applicant, "Delete a draft", draft::discard)
        .get("/drafts/{id}/sections/{key}", Applicant, "One page of the form", section::show)
        .post("/drafts/{id}/sections/{key}", Applicant, "Save one page of the form", section::save)
        .get("/drafts/{id}/materials", Applicant, "Materials of a draft", materials::show)
        .post("/drafts/{id}/materials/{key}", Applicant, "Upload files for a material", materials::upload)
        .post("/drafts/{id}/materials/{key}/remove", Applicant, "Remove a file", materials::remove)
        .get("/drafts/{id}/files/{file}", Applicant, "A file of an own draft", downloads::draft_file)
        .get("/drafts/{id}/review", Applicant, "Check before submitting", review::show)
        .post("/drafts/{id}/review", Applicant, "Submit the application", review::submit)
}

fn following() -> Routes {
    use Access::{Applicant, Public, SignedIn};
    Routes::default()
        .get("/cases", Applicant, "Own cases and drafts", cases::list)
        .get("/cases/{no}", SignedIn, "One case", case::show)
        .get("/cases/{no}/receipt", Applicant, "Receipt of a submission", receipt::show)
        .get("/cases/{no}/qr.svg", Public, "QR code of a case's address", downloads::case_qr)
        .get("/cases/{no}/supplement", Applicant, "What is to be put right", supplement::show)
        .post("/cases/{no}/supplement", Applicant, "Send what was put right", supplement::send)
        .get("/cases/{no}/hearing", Applicant, "Ask for a hearing: form", ending::hearing)
        .post("/cases/{no}/hearing", Applicant, "Ask for a hearing", ending::ask_for_hearing)
        .get("/cases/{no}/withdrawal", Applicant, "Withdraw: form", ending::withdrawal)
        .post("/cases/{no}/withdrawal", Applicant, "Withdraw the application", ending::withdraw)
        .get("/cases/{no}/rating", Applicant, "Rate: form", ending::rating)
        .post("/cases/{no}/rating", Applicant, "Rate the service", ending::rate)
        .get("/cases/{no}/documents/{id}", SignedIn, "A document of the case as PDF", downloads::document)
        .get("/cases/{no}/files/{id}", SignedIn, "A file handed in with the case", downloads::case_file)
}

fn proving() -> Routes {
    use Access::{Applicant, Public};
    Routes::default()
        .get("/licenses", Applicant, "Own licences", licenses::list)
        .get("/licenses/{id}", Applicant, "One own licence", licenses::show)
        .get("/verify", Public, "Verify a document or licence: form", verify::form)
        .post("/verify", Public, "Verify by uploading the file", verify::by_file)
        .get("/verify/key.pem", Public, "Public key of the seal", verify::key)
        .get("/verify/{code}", Public, "Result of a verification", verify::result)
        .get("/verify/{code}/qr.svg", Public, "QR code of a verification", downloads::verify_qr)
        .get("/verify/{code}/file.pdf", Public, "The sealed licence or decision", verify::file)
        .get("/verify/{code}/signature.der", Public, "Its signature", verify::signature_der)
}

/// `?done=` of a page shown after an act.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    #[serde(default)]
    done: Option<String>,
    /// `review` when the page was opened from the review page.
    #[serde(default)]
    to: Option<String>,
}

/// An idempotency key for a form being drawn.
fn fresh_key() -> String {
    hex(&random::<16>())
}

/// A row's id out of an address.
fn id(text: &str, what: &'static str) -> Result<Id, Error> {
    text.parse::<i64>().map(Id::from).map_err(|_| Error::NotFound(what))
}

/// The address if it is one of ours, else home: nobody is sent away by a link that looks like ours.
fn local_path(text: &str) -> &str {
    let inside = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if inside { text } else { "/" }
}

/// 303 to a page of ours.
fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Adds a cookie to an answer.
fn with_cookie(app: &App, mut response: Response, name: &str, value: &str, rest: &str) -> Response {
    let secure = if app.config.secure() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; SameSite=Lax{secure}{rest}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_addresses_are_gone_back_to() {
        assert_eq!(local_path("/items?q=%E5%BC%80"), "/items?q=%E5%BC%80");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", ""] {
            assert_eq!(local_path(elsewhere), "/");
        }
    }
}
