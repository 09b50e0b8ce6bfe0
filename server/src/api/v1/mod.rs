//! Version 1 of the API: the route table.

mod calendar;
mod cases;
mod catalogue;
mod check;
mod clock;
mod drafts;
mod enquiries;
mod messages;
mod outages;
mod session;
pub mod views;

use tongban_domain::permit::Role;

use crate::door::{ANY_STAFF, Access, Routes};

/// Those who owe answers to marks, and who close them.
const SUPERVISED: Access =
    Access::Staff(&[Role::Clerk, Role::Reviewer, Role::Representative, Role::Supervisor]);

/// The routes of version 1.
pub fn routes() -> Routes {
    use Access::{Applicant, Public, SignedIn};
    const ADMIN: Access = Access::Staff(&[Role::Admin]);
    const ASKED: Access = Access::Staff(&crate::enquiries::ASKED_ROLES);
    const SEE_ASKED: Access =
        Access::Staff(&[Role::Clerk, Role::Reviewer, Role::Representative, Role::Supervisor]);
    const DECLARE: Access = Access::Staff(&[Role::Supervisor, Role::Admin]);
    Routes::default()
        .post(
            "/api/v1/enquiries",
            ASKED,
            "Record an enquiry; whoever records it was asked first",
            enquiries::record,
        )
        .get(
            "/api/v1/enquiries",
            SEE_ASKED,
            "Enquiries in sight, by view, most urgent first",
            enquiries::list,
        )
        .get("/api/v1/enquiries/{no}", SEE_ASKED, "One enquiry with its hand-overs", enquiries::show)
        .post(
            "/api/v1/enquiries/{no}/commands",
            ASKED,
            "Hand over, acknowledge, answer, link to a case",
            enquiries::command,
        )
        .get("/api/v1/outages", Public, "Outages of the platform, newest first", outages::list)
        .post("/api/v1/outages", DECLARE, "Declare an outage", outages::declare)
        .post("/api/v1/outages/{id}/commands", DECLARE, "End or withdraw an outage", outages::command)
        .get("/api/v1/calendar/{year}", Public, "The working calendar of a year", calendar::show)
        .post("/api/v1/calendar", ADMIN, "Edit the calendar: one day, or whole years", calendar::edit)
        .post("/api/v1/session", Public, "Sign in: name and password give a bearer token", session::start)
        .get("/api/v1/session", SignedIn, "Who is signed in", session::show)
        .on(axum::http::Method::DELETE, "/api/v1/session", SignedIn, "Sign out", session::end)
        .get(
            "/api/v1/divisions",
            Public,
            "Divisions: children of a division, or found by name",
            catalogue::divisions,
        )
        .get(
            "/api/v1/items",
            Public,
            "Items a person of a division can apply for, found in everyday words",
            catalogue::items,
        )
        .get("/api/v1/items/{code}", Public, "Guide of an item: everything a person needs", catalogue::item)
        .post("/api/v1/drafts", Applicant, "Start a draft", drafts::start)
        .get("/api/v1/drafts", Applicant, "Own drafts, newest first", drafts::list)
        .get("/api/v1/drafts/{id}", Applicant, "One own draft", drafts::show)
        .on(
            axum::http::Method::PUT,
            "/api/v1/drafts/{id}",
            Applicant,
            "Save answers and files of a draft",
            drafts::save,
        )
        .on(axum::http::Method::DELETE, "/api/v1/drafts/{id}", Applicant, "Delete a draft", drafts::discard)
        .post(
            "/api/v1/drafts/{id}/files",
            Applicant,
            "Upload a file for a material: raw bytes",
            drafts::upload,
        )
        .post(
            "/api/v1/cases",
            SignedIn,
            "Submit an application: a draft, or everything at once",
            cases::submit,
        )
        .get("/api/v1/cases", SignedIn, "Cases the account may see, by view", cases::list)
        .get("/api/v1/cases/{no}", SignedIn, "One case", cases::show)
        .get("/api/v1/cases/{no}/events", SignedIn, "Its chained record", cases::events)
        .post("/api/v1/cases/{no}/commands", SignedIn, "An act on the case, tagged by type", cases::command)
        .post(
            "/api/v1/cases/{no}/files",
            SignedIn,
            "Upload a replacement while supplements are asked for",
            cases::upload,
        )
        .get("/api/v1/cases/{no}/documents/{id}", SignedIn, "A document of the case as PDF", cases::document)
        .get("/api/v1/cases/{no}/files/{id}", SignedIn, "A file handed in with the case", cases::file)
        .post(
            "/api/v1/clock/explain",
            Access::Staff(ANY_STAFF),
            "Try the clock out: dated events under a regime, the deadlines and how they are reckoned",
            clock::explain,
        )
        .get("/api/v1/marks", SUPERVISED, "Marks of the watch, most pressing answer first", clock::marks)
        .get(
            "/api/v1/messages",
            SignedIn,
            "Own messages and those of one's desk, newest first",
            messages::list,
        )
        .get("/api/v1/licenses/{id}", Public, "A licence as the public may see it", check::licence)
        .post(
            "/api/v1/verify",
            Public,
            "Verify a document or licence: a PDF, or an id, code or digest",
            check::verify,
        )
        .get("/api/v1/verify/key", Public, "Public key of the seal (PEM)", check::key)
        .get(
            "/api/v1/verify/{code}/file",
            Public,
            "The sealed licence or decision file of a check code",
            check::file,
        )
        .get("/api/v1/verify/{code}/signature", Public, "Its DER signature", check::signature)
}
