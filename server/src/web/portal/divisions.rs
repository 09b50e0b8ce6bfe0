//! The region and elder mode: two choices of the reader, kept in cookies.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::division::DivisionTree;
use tongban_domain::ids::DivisionCode;

use super::{local_path, see, with_cookie};
use crate::app::App;
use crate::error::Error;
use crate::signin::Caller;
use crate::web::form::encode;
use crate::web::page::{DIVISION_COOKIE, ELDER_COOKIE, Page};

const FOUND: usize = 50;
const YEAR: &str = "; Max-Age=31536000";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
    parent: String,
    code: String,
    back: String,
    on: String,
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let tree = &catalogue.tree;
    let back = local_path(&wanted.back);
    let q = wanted.q.trim();
    let root = tree.root().ok_or(Error::NotFound("地区"))?;
    let parent = match wanted.parent.as_str() {
        "" => root.code,
        text => DivisionCode::parse(text)
            .ok()
            .filter(|c| tree.get(*c).is_some())
            .ok_or(Error::NotFound("地区"))?,
    };
    let own = if q.is_empty() {
        let places: Vec<Json> = tree.children(parent).map(|d| place(tree, d.code, d.name, back)).collect();
        let here = tree.get(parent).map_or("", |d| d.name);
        json!({
            "path_links": path_links(tree, parent, back), "places": places,
            "choose_here": {"href": choose_href(parent, back), "label": here},
        })
    } else {
        let places: Vec<Json> = tree
            .find(q, FOUND)
            .iter()
            .map(|d| place(tree, d.code, &tree.full_name(d.code).unwrap_or_default(), back))
            .collect();
        json!({"path_links": [], "places": places, "choose_here": null})
    };
    let mut own = own;
    own["q"] = json!(q);
    own["back"] = json!(back);
    let note = if own["places"].as_array().map_or(0, Vec::len) >= FOUND && !q.is_empty() {
        "只列出前50个，可以把名称写全一些"
    } else {
        ""
    };
    own["pager"] = json!({"first": null, "next": null, "note": note});
    Page::new(&app, &caller, &headers, "/divisions", "选择地区").render("portal/divisions.html", own)
}

fn choose_href(code: DivisionCode, back: &str) -> String {
    format!("/divisions/choose?code={code}&back={}", encode(back))
}

fn open_href(code: DivisionCode, back: &str) -> String {
    format!("/divisions?parent={code}&back={}", encode(back))
}

fn place(tree: &DivisionTree, code: DivisionCode, name: &str, back: &str) -> Json {
    let inside = tree.children(code).len() > 0;
    json!({
        "name": name,
        "href": choose_href(code, back),
        "open_href": inside.then(|| open_href(code, back)),
    })
}

/// The way down from the province, the last one without address.
fn path_links(tree: &DivisionTree, code: DivisionCode, back: &str) -> Vec<Json> {
    let mut links: Vec<Json> = tree
        .ancestors(code)
        .iter()
        .map(|d| json!({"href": open_href(d.code, back), "label": d.name}))
        .collect();
    links.push(json!({"href": null, "label": tree.get(code).map_or("", |d| d.name)}));
    links
}

pub async fn choose(State(app): State<App>, Query(wanted): Query<Wanted>) -> Result<Response, Error> {
    let code = DivisionCode::parse(&wanted.code).map_err(|_| Error::NotFound("地区"))?;
    app.catalogue().tree.get(code).ok_or(Error::NotFound("地区"))?;
    let response = see(local_path(&wanted.back));
    Ok(with_cookie(&app, response, DIVISION_COOKIE, &code.to_string(), YEAR))
}

pub async fn elder(State(app): State<App>, Query(wanted): Query<Wanted>) -> Response {
    let response = see(local_path(&wanted.back));
    let (value, age) = if wanted.on == "1" { ("1", YEAR) } else { ("0", "; Max-Age=0") };
    with_cookie(&app, response, ELDER_COOKIE, value, age)
}
