//! Items of a place: everyday search, filters with counts, keyset pages.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::ids::DivisionCode;
use tongban_domain::item::{Audience, CatalogueEntry, EffectiveItem, Level};

use crate::app::App;
use crate::catalogue::Catalogue;
use crate::error::Error;
use crate::signin::Caller;
use crate::web::form::encode;
use crate::web::page::{self, Page};

const PAGE: usize = 20;
const AUDIENCES: [(&str, &str); 3] = [("", "全部"), ("person", "个人"), ("company", "法人")];
const BADGES: [&str; 4] = ["马上办", "网上办", "就近办", "一次办"];
const LEVELS: [Level; 5] = [Level::Province, Level::City, Level::County, Level::Township, Level::Village];

/// What is looked for; also the address of a list.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    q: String,
    audience: String,
    badge: String,
    level: String,
    division: String,
    after: String,
}

impl Wanted {
    fn pairs(&self) -> [(&'static str, &str); 6] {
        [
            ("q", self.q.trim()),
            ("audience", &self.audience),
            ("badge", &self.badge),
            ("level", &self.level),
            ("division", &self.division),
            ("after", &self.after),
        ]
    }

    fn href(&self) -> String {
        let pairs: Vec<String> = self
            .pairs()
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        if pairs.is_empty() { "/items".into() } else { format!("/items?{}", pairs.join("&")) }
    }

    fn first_page(&self) -> Self {
        Self { after: String::new(), ..self.clone() }
    }

    fn fits(&self, entry: &CatalogueEntry) -> bool {
        let audience = match self.audience.as_str() {
            "person" => entry.audiences.contains(&Audience::Person),
            "company" => entry.audiences.iter().any(|a| *a != Audience::Person),
            _ => true,
        };
        let badge = self.badge.is_empty() || entry.badges().contains(&self.badge.as_str());
        let level = self.level.is_empty() || entry.level.use_level().to_string() == self.level;
        audience && badge && level
    }

    /// The chosen filters in words.
    fn chosen(&self) -> String {
        let audience = AUDIENCES
            .iter()
            .find(|(value, _)| !value.is_empty() && *value == self.audience)
            .map(|(_, label)| *label);
        let level = LEVELS.iter().find(|l| l.use_level().to_string() == self.level).map(|l| l.label());
        let badge = Some(self.badge.as_str()).filter(|b| BADGES.contains(b));
        [audience, badge, level].into_iter().flatten().collect::<Vec<_>>().join("、")
    }

    fn title(&self) -> String {
        match (self.q.trim(), self.audience.as_str()) {
            ("", "person") => "个人办事".into(),
            ("", "company") => "法人办事".into(),
            ("", _) => "全部事项".into(),
            (q, _) => format!("搜索“{q}”"),
        }
    }
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Query(mut wanted): Query<Wanted>,
) -> Result<Response, Error> {
    wanted.q = wanted.q.trim().chars().take(60).collect();
    let catalogue = app.catalogue();
    let named = DivisionCode::parse(&wanted.division).ok().filter(|code| catalogue.tree.get(*code).is_some());
    let place = named.unwrap_or_else(|| page::division(&app, &caller, &headers));
    let found = found(&catalogue, place, &wanted.q);
    let fitting: Vec<&EffectiveItem<'_>> = found.iter().filter(|i| wanted.fits(i.entry)).collect();
    let start = fitting.iter().position(|i| i.local.key == wanted.after).map_or(0, |at| at + 1);
    let shown: Vec<Json> = fitting.iter().skip(start).take(PAGE).map(|i| row(i, &wanted.q)).collect();
    let next = (fitting.len() > start + PAGE)
        .then(|| Wanted { after: fitting[start + PAGE - 1].local.key.clone(), ..wanted.clone() }.href());
    let note = if fitting.len() > PAGE {
        format!("第{}–{}项", start + 1, start + shown.len())
    } else {
        String::new()
    };
    let keep: Vec<Json> = wanted.pairs()[1..5]
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let title = wanted.title();
    let own = json!({
        "q": wanted.q, "keep": keep, "total": fitting.len(),
        "division": {
            "code": place, "name": catalogue.tree.full_name(place).unwrap_or_default(),
            "short": catalogue.tree.get(place).map_or("", |d| d.name),
        },
        "filters": filters(&found, &wanted), "filters_chosen": wanted.chosen(), "results": shown,
        "pager": {"first": (start > 0).then(|| wanted.first_page().href()), "next": next, "note": note},
        "ways_on": ways_on(),
    });
    let path = wanted.first_page().href();
    let crumb = if wanted.q.is_empty() { title.as_str() } else { "搜索结果" };
    Page::new(&app, &caller, &headers, &path, &title)
        .crumbs(&[("/", "首页"), ("", crumb)])
        .render("portal/items.html", own)
}

/// The items that serve a place, best match first when something is looked for.
fn found<'a>(catalogue: &'a Catalogue, place: DivisionCode, q: &str) -> Vec<EffectiveItem<'a>> {
    let mut locals = catalogue.serving(place);
    if q.is_empty() {
        locals.sort_by(|a, b| a.entry.cmp(&b.entry));
        return locals.iter().filter_map(|l| catalogue.item(&l.key)).collect();
    }
    let ranked = catalogue.index.search(q, 100);
    ranked
        .iter()
        .filter_map(|(id, _)| locals.iter().find(|l| l.entry == *id))
        .filter_map(|l| catalogue.item(&l.key))
        .collect()
}

/// Every filter with its count under the other filters; none that would lead to an empty list.
fn filters(found: &[EffectiveItem<'_>], wanted: &Wanted) -> Vec<Json> {
    let option = |label: &str, other: Wanted, current: bool| {
        let count = found.iter().filter(|i| other.fits(i.entry)).count();
        (count > 0 || current)
            .then(|| json!({"label": label, "href": other.href(), "count": count, "current": current}))
    };
    let base = wanted.first_page();
    let audiences: Vec<Json> = AUDIENCES
        .iter()
        .filter_map(|(value, label)| {
            option(label, Wanted { audience: (*value).into(), ..base.clone() }, base.audience == *value)
        })
        .collect();
    // Choosing what is chosen takes it off again.
    let badges: Vec<Json> = BADGES
        .iter()
        .filter_map(|badge| {
            let current = base.badge == *badge;
            let value = if current { "" } else { badge };
            option(badge, Wanted { badge: value.into(), ..base.clone() }, current)
        })
        .collect();
    let levels: Vec<Json> = LEVELS
        .iter()
        .filter_map(|level| {
            let digit = level.use_level().to_string();
            let current = base.level == digit;
            let value = if current { String::new() } else { digit };
            option(level.label(), Wanted { level: value, ..base.clone() }, current)
        })
        .collect();
    [("服务对象", audiences), ("办理方式", badges), ("行使层级", levels)]
        .into_iter()
        .filter(|(_, options)| !options.is_empty())
        .map(|(title, options)| json!({"title": title, "options": options}))
        .collect()
}

fn row(item: &EffectiveItem<'_>, q: &str) -> Json {
    let entry = item.entry;
    let matched = if q.is_empty() {
        String::new()
    } else {
        entry.aliases.iter().take(3).cloned().collect::<Vec<_>>().join("、")
    };
    json!({
        "href": format!("/items/{}", item.local.key),
        "name": item.name(),
        "matched": matched,
        "agency": item.agency.name,
        "promised": format!("承诺{}", item.promised().label()),
        "fee": if entry.fee.charged { "收费" } else { "不收费" },
        "materials": materials(entry),
        "kind": entry.kind.label(),
        "badges": entry.badges(),
    })
}

/// 5份材料, or 3–5份材料 where situations differ.
fn materials(entry: &CatalogueEntry) -> String {
    let counts = || entry.situations.iter().map(|s| s.materials.len());
    match (counts().min(), counts().max()) {
        (Some(least), Some(most)) if least < most => format!("{least}–{most}份材料"),
        (_, most) => format!("{}份材料", most.unwrap_or_default()),
    }
}

fn ways_on() -> Json {
    json!([
        {"label": "看全部个人事项", "href": "/items?audience=person"},
        {"label": "看全部法人事项", "href": "/items?audience=company"},
        {"label": "换一个地区", "href": "/divisions?back=%2Fitems"},
    ])
}
