//! My day (我的一天): how many cases wait in each of my queues, the most pressing ones, and what I was told.

use axum::response::Response;
use serde_json::{Value, json};
use tongban_domain::case::StateName as S;
use tongban_domain::permit::{Role, visible};

use super::queue::{self, Queue};
use super::{Visit, all, counter, decisions, deliveries, desk_of, review};
use crate::error::Error;
use crate::store::cases::{self, NEVER, Narrow};
use crate::store::{Conn, accounts, jobs};
use crate::web::portal::messages;
use crate::web::words;

/// How many of the most pressing cases are shown.
const URGENT: usize = 5;

/// GET /desk
pub async fn show(visit: Visit) -> Result<Response, Error> {
    let app = &visit.app;
    let mut conn = app.db.read().await?;
    let groups = groups(&visit, &mut conn).await?;
    let told = messages::newest(app, &mut conn, &visit.caller).await?;
    let narrow = pressing(&visit);
    let listed = match &narrow {
        Some(narrow) => cases::list(&mut conn, &visible(&visit.caller.actor), narrow, None, URGENT).await?.0,
        None => Vec::new(),
    };
    let role = visit.caller.role();
    let rows = queue::rows(app, &mut conn, &listed, |state| format!("{}/", desk_of(role, state)), "").await?;
    let empty = if rows.is_empty() && narrow.is_some() { "手上没有要办的件" } else { "" };
    let name = visit.caller.session.as_ref().map_or("", |s| s.display.as_str());
    let own = json!({
        "greeting": format!("{name}，{}", hello(words::hour(app.clock.now()))),
        "today": words::long_day(app.today()), "groups": groups, "urgent": rows, "urgent_words": empty,
        "messages": told,
    });
    visit.page("我的一天").render("desk/day.html", own)
}

fn hello(hour: i64) -> &'static str {
    match hour {
        5..11 => "上午好",
        11..14 => "中午好",
        14..19 => "下午好",
        _ => "晚上好",
    }
}

/// What presses for a role.
fn pressing(visit: &Visit) -> Option<Narrow> {
    let states = |states: &[S]| {
        Some(Narrow { states: states.to_vec(), due_until: Some(NEVER - 1), ..Narrow::default() })
    };
    match visit.caller.role()? {
        Role::Clerk => states(&[S::Submitted, S::Received, S::Granted, S::Refused, S::Issued]),
        Role::Reviewer => {
            let officer = Some(visit.caller.actor.account());
            Some(Narrow { officer, ..states(&[S::Reviewing])? })
        }
        Role::Representative => states(&[S::Deciding]),
        Role::Supervisor => {
            let (late, _) = all::late_and_soon(&visit.app);
            Some(late)
        }
        Role::Manager | Role::Admin => None,
    }
}

async fn groups(visit: &Visit, conn: &mut Conn) -> Result<Value, Error> {
    let Some(role) = visit.caller.role() else { return Ok(json!([])) };
    Ok(match role {
        Role::Clerk => json!([
            {"title": "窗口受理", "tiles": tiles(visit, conn, counter::BASE, &counter::queues()).await?},
            {"title": "制证送达", "tiles": tiles(visit, conn, "/desk/deliveries", &deliveries::queues()).await?},
        ]),
        Role::Reviewer => json!([
            {"title": "审查", "tiles": tiles(visit, conn, "/desk/review", &review::queues(&visit.caller)).await?},
        ]),
        Role::Representative => json!([
            {"title": "决定", "tiles": tiles(visit, conn, "/desk/decisions", &decisions::queues()).await?},
            {"title": "审查进度", "tiles": tiles(visit, conn, "/desk/review", &review::queues(&visit.caller)[1..]).await?},
        ]),
        Role::Supervisor => json!([{"title": "辖区办件", "tiles": watched(visit, conn).await?}]),
        Role::Manager => json!([{"title": "登记", "tiles": [authorities(visit, conn).await?]}]),
        Role::Admin => json!([
            {"title": "登记", "tiles": [authorities(visit, conn).await?]},
            {"title": "平台", "tiles": duties(conn).await?},
        ]),
    })
}

fn tile(href: String, label: &str, count: Value, color: &str, note: String) -> Value {
    json!({"href": href, "count": count, "label": label, "color": color, "note": note})
}

async fn tiles(visit: &Visit, conn: &mut Conn, base: &str, queues: &[Queue]) -> Result<Vec<Value>, Error> {
    let (late, soon) = all::late_and_soon(&visit.app);
    let mut tiles = Vec::with_capacity(queues.len());
    for queue in queues {
        let count = queue::count(conn, &visit.caller, &queue.narrow).await?;
        let within = |edge: &Narrow| Narrow {
            due_after: edge.due_after,
            due_until: edge.due_until,
            ..queue.narrow.clone()
        };
        let ours =
            !matches!(queue.narrow.states.as_slice(), [S::Supplementing] | [S::Delivered] | [S::Suspended]);
        let (mut over, mut near) = (0, 0);
        if ours && count > 0 {
            over = queue::count(conn, &visit.caller, &within(&late)).await?;
            near = queue::count(conn, &visit.caller, &within(&soon)).await?;
        }
        let (color, note) = match (over, near) {
            _ if queue.tab == "supplementing" => ("grey", "等申请人".to_owned()),
            _ if queue.tab == "suspended" => ("grey", "时钟停着".to_owned()),
            (0, 0) => ("green", String::new()),
            (0, near) => ("yellow", format!("{near}件最迟下一个工作日到期")),
            (over, _) => ("red", format!("{over}件已超期")),
        };
        tiles.push(tile(
            format!("{base}?tab={}", queue.tab),
            queue.label,
            queue::bounded(count),
            color,
            note,
        ));
    }
    Ok(tiles)
}

async fn watched(visit: &Visit, conn: &mut Conn) -> Result<Vec<Value>, Error> {
    let (late, soon) = all::late_and_soon(&visit.app);
    let open = Narrow { over: Some(false), ..Narrow::default() };
    let mut tiles = Vec::new();
    for (view, label, narrow, color) in
        [("late", "超期", late, "red"), ("soon", "临期", soon, "yellow"), ("open", "办理中", open, "green")]
    {
        let count = queue::count(conn, &visit.caller, &narrow).await?;
        let color = if count == 0 { "green" } else { color };
        let note = if view == "soon" { "剩1个工作日以内" } else { "" };
        tiles.push(tile(
            format!("/desk/cases?view={view}"),
            label,
            queue::bounded(count),
            color,
            note.to_owned(),
        ));
    }
    Ok(tiles)
}

async fn authorities(visit: &Visit, conn: &mut Conn) -> Result<Value, Error> {
    let agency = visit.caller.actor.post().map_or("", |p| p.agency.as_str());
    let today = visit.app.today();
    let register = accounts::authorities(conn, &[agency.into()], false).await?;
    let valid = register
        .iter()
        .filter(|a| a.from <= today && today <= a.to && a.revoked_on.is_none_or(|r| r > today))
        .count();
    let (color, note) = match valid {
        0 => ("red", "本机关现在没有人能作决定"),
        _ => ("green", "有效的授权"),
    };
    Ok(tile("/manage/authorities".into(), "决定权登记", valid.into(), color, note.into()))
}

async fn duties(conn: &mut Conn) -> Result<Vec<Value>, Error> {
    let (waiting, parked) = jobs::backlog(conn).await?;
    let color = if parked > 0 { "red" } else { "green" };
    Ok(vec![
        tile("/ops".into(), "停放的任务", parked.into(), color, "失败五次后停放".into()),
        tile("/ops".into(), "等待的任务", waiting.into(), "green", String::new()),
    ])
}
