//! Home: search, the four ways of handling, frequent items, and what waits for the person.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value as Json, json};
use tongban_domain::case::StateName;
use tongban_domain::item::{Audience, EffectiveItem};
use tongban_domain::permit::{Actor, visible};

use super::cases::waits_for_rating;
use crate::app::App;
use crate::error::Error;
use crate::filing;
use crate::signin::Caller;
use crate::store::cases::{self, Narrow};
use crate::web::form::encode;
use crate::web::page::{self, Page};

/// Badge, icon, note.
const BADGES: [(&str, &str, &str); 4] = [
    ("马上办", "bolt", "当场办结"),
    ("网上办", "globe", "在家就能办"),
    ("就近办", "pin", "乡镇、村就能办"),
    ("一次办", "once", "最多跑一次"),
];
const POPULAR: [&str; 8] =
    ["开饭馆", "办护照", "换驾照", "孩子上户口", "提公积金", "开公司", "领结婚证", "社保卡"];
const SHOWN: usize = 8;

pub async fn show(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let place = page::division(&app, &caller, &headers);
    let today = app.today();
    let items: Vec<EffectiveItem<'_>> = catalogue
        .serving(place)
        .iter()
        .filter_map(|l| catalogue.item(&l.key))
        .filter(|i| i.local.open_on(today))
        .collect();
    let badges: Vec<Json> = BADGES
        .iter()
        .map(|(label, icon, note)| {
            let count = items.iter().filter(|i| i.entry.badges().contains(label)).count();
            json!({"href": format!("/items?badge={}", encode(label)), "icon": icon, "label": label, "note": note, "count": count})
        })
        .collect();
    let links = |fits: &dyn Fn(&Audience) -> bool| -> Vec<Json> {
        items
            .iter()
            .filter(|i| i.entry.audiences.iter().any(fits))
            .take(SHOWN)
            .map(|i| json!({"label": i.name(), "href": format!("/items/{}", i.local.key)}))
            .collect()
    };
    let popular: Vec<Json> = POPULAR
        .iter()
        .filter(|word| {
            catalogue.index.search(word, 3).iter().any(|(id, _)| items.iter().any(|i| i.entry.id == *id))
        })
        .take(6)
        .map(|word| json!({"label": word, "href": format!("/items?q={}", encode(word))}))
        .collect();
    let own = json!({
        "todo": todo(&app, &caller).await?,
        "popular": popular,
        "badges": badges,
        "person_items": links(&|a| *a == Audience::Person),
        "company_items": links(&|a| *a != Audience::Person),
    });
    Page::new(&app, &caller, &headers, "/", "首页").render("portal/home.html", own)
}

/// What waits for the applicant.
async fn todo(app: &App, caller: &Caller) -> Result<Vec<Json>, Error> {
    let Actor::Applicant { account } = caller.actor else { return Ok(Vec::new()) };
    let narrow = Narrow { states: vec![StateName::Supplementing, StateName::Delivered], ..Narrow::default() };
    let (rows, _) =
        cases::list(&mut app.db.read().await?, &visible(&caller.actor), &narrow, None, 100).await?;
    let rating = rows.iter().filter(|r| waits_for_rating(&r.stored.case)).count();
    let supplementing =
        rows.iter().filter(|r| r.stored.case.state.name() == StateName::Supplementing).count();
    let drafts = filing::list(app, account).await?.len();
    Ok([
        ("待补正", supplementing, "/cases?tab=todo"),
        ("待评价", rating, "/cases?tab=todo"),
        ("没填完的草稿", drafts, "/cases?tab=drafts"),
    ]
    .iter()
    .filter(|(_, count, _)| *count > 0)
    .map(|(label, count, href)| json!({"label": label, "count": count, "href": href}))
    .collect())
}
