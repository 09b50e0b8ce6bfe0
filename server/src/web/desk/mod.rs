//! Pages for staff who work on cases: my day, counter, review, decisions, deliveries, all cases.

mod all;
mod counter;
mod counter_acts;
mod day;
mod decisions;
mod deliveries;
mod enquiries;
mod marks;
mod offer;
mod queue;
mod review;
mod time;
mod view;

use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tongban_domain::case::{Command, StateName};
use tongban_domain::ids::CaseNo;
use tongban_domain::item::FieldError;
use tongban_domain::permit::{Denial, Role, visible};

use super::{Form, Visit};
use crate::casework::{self, Act};
use crate::door::{ANY_STAFF, Access, Routes};
use crate::error::Error;
use crate::store::cases::{self, Cursor};
use queue::Queue;

/// The pages of the desks.
pub fn routes() -> Routes {
    const CLERK: Access = Access::Staff(&[Role::Clerk]);
    const REVIEW: Access = Access::Staff(&[Role::Reviewer, Role::Representative]);
    const DECIDE: Access = Access::Staff(&[Role::Representative]);
    const SEE: Access = Access::Staff(&[Role::Clerk, Role::Reviewer, Role::Representative, Role::Supervisor]);
    Routes::default()
        .get("/desk", Access::Staff(ANY_STAFF), "My day: queues with their counts", day::show)
        .get("/desk/counter", CLERK, "Counter: cases to receive and accept", counter::list)
        .get("/desk/counter/{no}", CLERK, "A case at the counter", counter::show)
        .post("/desk/counter/{no}/receive", CLERK, "Receive", counter_acts::receive)
        .post("/desk/counter/{no}/accept", CLERK, "Accept with the checks of materials", counter_acts::accept)
        .post("/desk/counter/{no}/supplement", CLERK, "Ask once for supplements", counter_acts::supplement)
        .post("/desk/counter/{no}/amend", CLERK, "Amend on the spot", counter_acts::amend)
        .post("/desk/counter/{no}/decline", CLERK, "Decline", counter_acts::decline)
        .get("/desk/review", REVIEW, "Cases to review", review::list)
        .get("/desk/review/{no}", REVIEW, "A case under review", review::show)
        .post("/desk/review/{no}/assign", REVIEW, "Assign to an officer", review::assign)
        .post("/desk/review/{no}/pass", REVIEW, "Pass the running review step", review::pass)
        .post("/desk/review/{no}/return", REVIEW, "Return one step", review::send_back)
        .get("/desk/decisions", DECIDE, "Cases to decide", decisions::list)
        .get("/desk/decisions/{no}", DECIDE, "A case to decide", decisions::show)
        .post("/desk/decisions/{no}/grant", DECIDE, "Grant", decisions::grant)
        .post("/desk/decisions/{no}/refuse", DECIDE, "Refuse", decisions::refuse)
        .post("/desk/decisions/{no}/return", DECIDE, "Return to review", decisions::send_back)
        .post("/desk/decisions/{no}/suspend", DECIDE, "Suspend", decisions::suspend)
        .post("/desk/decisions/{no}/resume", DECIDE, "Resume", decisions::resume)
        .post("/desk/decisions/{no}/terminate", DECIDE, "Terminate", decisions::terminate)
        .get(
            "/desk/time/{no}",
            REVIEW,
            "The time of a case: special procedures, hearing, extension",
            time::show,
        )
        .post("/desk/time/{no}/tell", REVIEW, "Tell of the right to a hearing", time::tell)
        .post(
            "/desk/time/{no}/notify",
            REVIEW,
            "Notify a special procedure and its length",
            time::notify_special,
        )
        .post("/desk/time/{no}/start", REVIEW, "A special procedure begins", time::start)
        .post("/desk/time/{no}/end", REVIEW, "A special procedure ends with its record", time::end)
        .post("/desk/time/{no}/ask", REVIEW, "Ask for an extension", time::ask_extension)
        .post("/desk/time/{no}/extend", DECIDE, "Approve an extension", time::extend)
        .post("/desk/time/{no}/refuse", DECIDE, "Do not approve an extension", time::refuse)
        .get("/desk/marks", SEE, "Marks of the watch", marks::list)
        .get("/desk/marks/{no}", SEE, "The mark of a case that waits", marks::of_case)
        .get("/desk/marks/{no}/{mark}", SEE, "A mark with its figures", marks::show)
        .post("/desk/marks/{no}/{mark}/answer", SEE, "Answer a mark", marks::answer)
        .post("/desk/marks/{no}/{mark}/contest", SEE, "Contest a mark", marks::contest)
        .post("/desk/marks/{no}/{mark}/close", SEE, "Close a mark", marks::close)
        .get("/desk/deliveries", CLERK, "Results to make and deliver", deliveries::list)
        .get("/desk/deliveries/{no}", CLERK, "A result to make and deliver", deliveries::show)
        .post("/desk/deliveries/{no}/issue", CLERK, "The result is made", deliveries::issue)
        .post("/desk/deliveries/{no}/deliver", CLERK, "The result was delivered", deliveries::deliver)
        .post("/desk/deliveries/{no}/close", CLERK, "Close", deliveries::close)
        .post("/desk/deliveries/{no}/archive", CLERK, "Archive", deliveries::archive)
        .get("/desk/cases", SEE, "All cases in sight", all::list)
        .get("/desk/cases/{no}", SEE, "A case, read only", all::show)
        .get("/desk/cases/{no}/files/{id}", SEE, "A file handed in with the case", all::file)
        .get("/desk/cases/{no}/documents/{id}", SEE, "A document of the case as PDF", all::document)
        .with(asking())
}

/// The pages of enquiries.
fn asking() -> Routes {
    const ASKED: Access = Access::Staff(&crate::enquiries::ASKED_ROLES);
    const SEE: Access = Access::Staff(&[Role::Clerk, Role::Reviewer, Role::Representative, Role::Supervisor]);
    Routes::default()
        .get("/desk/enquiries", SEE, "Enquiries by urgency", enquiries::list)
        .get("/desk/enquiries/export", SEE, "The rows of a view as CSV", enquiries::export)
        .get("/desk/enquiries/new", ASKED, "Form to record an enquiry", enquiries::blank)
        .post("/desk/enquiries/new", ASKED, "Record an enquiry", enquiries::record)
        .get("/desk/enquiries/{no}", SEE, "An enquiry with its hand-overs", enquiries::show)
        .post("/desk/enquiries/{no}/hand_over", ASKED, "Hand an enquiry over", enquiries::hand_over)
        .post("/desk/enquiries/{no}/acknowledge", ASKED, "Take an enquiry over", enquiries::acknowledge)
        .post("/desk/enquiries/{no}/answer", ASKED, "Answer an enquiry", enquiries::answer)
        .post("/desk/enquiries/{no}/link", ASKED, "Say which case it is about", enquiries::link)
}

/// What the address asks for besides the case.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Asked {
    tab: String,
    view: String,
    state: String,
    q: String,
    /// Where the page begins.
    after: String,
    /// Where the case stood in its list before the act.
    at: String,
    /// What was just done.
    done: String,
}

/// What was typed into a form that was not accepted, with what is wrong; empty on a fresh page.
#[derive(Debug, Default)]
pub struct Typed {
    act: &'static str,
    form: Form,
    errors: Vec<FieldError>,
}

impl Typed {
    /// Whether this is the form that was sent.
    fn is(&self, act: &str) -> bool {
        self.act == act
    }

    /// What was typed into a field of this act's form.
    fn text(&self, act: &str, field: &str) -> &str {
        if self.is(act) { self.form.text(field) } else { "" }
    }

    /// What is wrong with a field of this act's form.
    fn error(&self, act: &str, field: &str) -> &str {
        let wrong = self.errors.iter().find(|e| self.is(act) && e.field == field);
        wrong.map_or("", |e| e.message.as_str())
    }
}

/// What came of an act.
enum Outcome {
    /// Done: where to go.
    Done(Response),
    /// Fields to put right: the page is shown again.
    Again(Typed),
}

/// One act on a case from a desk's page.
struct Asking<'a> {
    visit: &'a Visit,
    /// Path of the desk.
    base: &'static str,
    queues: &'a [Queue],
    no: &'a str,
    /// Word of the act, in the address and for the message afterwards.
    act: &'static str,
}

impl Asking<'_> {
    /// Asks for the act; a case out of sight is not found.
    async fn run(self, form: Form, command: Result<Command, Vec<FieldError>>) -> Result<Outcome, Error> {
        let no = CaseNo::parse(self.no).map_err(|_| Error::Denial(Denial::Hidden))?;
        let actor = &self.visit.caller.actor;
        let app = &self.visit.app;
        let stored = cases::find(&mut app.db.read().await?, &visible(actor), &no)
            .await?
            .ok_or(Error::Denial(Denial::Hidden))?;
        let result = match command {
            Ok(command) => {
                let act = Act::on(actor.clone(), no.clone(), command).keyed(form.key()).seen(form.version());
                casework::execute(app, act).await
            }
            Err(errors) => Err(Error::Invalid(errors)),
        };
        match result {
            Ok(_) => {
                let at = Cursor { value: stored.due_at, id: stored.case.id.get() }.to_text();
                let tab = queue::of_state(self.queues, stored.case.state.name()).map_or("", |q| q.tab);
                let to = format!("{}/{no}?tab={tab}&at={at}&done={}", self.base, self.act);
                Ok(Outcome::Done(Redirect::to(&to).into_response()))
            }
            Err(Error::Invalid(errors)) => Ok(Outcome::Again(Typed { act: self.act, form, errors })),
            Err(error) => Err(error),
        }
    }
}

/// The words after an act; free text never travels in an address.
fn told(done: &str) -> &'static str {
    match done {
        "receive" => "已收件，收件凭证正在生成",
        "accept" => "已受理，受理通知书正在生成",
        "supplement" => "已一次性告知补正，申请人会收到通知",
        "amend" => "已当场更正",
        "decline" => "已作出不予受理决定，通知书正在生成",
        "assign" => "已分派",
        "pass" => "审核通过",
        "return" => "已退回上一环节",
        "grant" => "已准予，决定书正在生成",
        "refuse" => "已作出不予许可决定，决定书正在生成",
        "suspend" => "已中止，时钟停了",
        "resume" => "已恢复办理，时钟继续走",
        "terminate" => "已终止办理，通知书正在生成",
        "tell" => "已告知听证权利，告知书正在生成",
        "notify" => "已书面告知，告知书正在生成",
        "start" => "已登记开始",
        "end" => "已登记结果，时钟继续走",
        "ask" => "已提请机关负责人批准延期",
        "extend" => "已批准延期，延期告知书正在生成",
        "mark_answer" => "已提交答复",
        "mark_contest" => "已提交申诉，等监督员认定",
        "mark_close" => "已销号",
        "issue" => "制证完成，可以送达",
        "deliver" => "已登记送达",
        "close" => "已办结",
        "archive" => "已归档",
        _ => "",
    }
}

/// The desk where a role works on a case in a state.
fn desk_of(role: Option<Role>, state: StateName) -> &'static str {
    use StateName as S;
    match (role, state) {
        (Some(Role::Clerk), S::Submitted | S::Received | S::Supplementing) => "/desk/counter",
        (Some(Role::Clerk), S::Granted | S::Refused | S::Issued | S::Delivered | S::Closed) => {
            "/desk/deliveries"
        }
        (Some(Role::Reviewer | Role::Representative), S::Accepted | S::Reviewing) => "/desk/review",
        (Some(Role::Representative), S::Deciding | S::Suspended) => "/desk/decisions",
        _ => "/desk/cases",
    }
}
