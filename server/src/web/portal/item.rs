//! Guide of an item: five answers first, then everything the law wants published.

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use tongban_domain::case::needs_file;
use tongban_domain::item::{
    Audience, CatalogueEntry, EffectiveItem, LimitUnit, Material, Need, Regime, Situation,
};

use super::words;
use crate::app::App;
use crate::error::Error;
use crate::signin::Caller;
use crate::web::form::encode;
use crate::web::page::Page;

#[derive(Debug, Deserialize)]
pub struct Chosen {
    #[serde(default)]
    situation: String,
}

pub async fn show(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(key): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Error> {
    let catalogue = app.catalogue();
    let item = catalogue.item(&key).ok_or(Error::NotFound("事项"))?;
    let entry = item.entry;
    let situation =
        entry.situation(&chosen.situation).or(entry.situations.first()).ok_or(Error::NotFound("情形"))?;
    let regime = catalogue.regimes.get(&entry.regime).ok_or(Error::NotFound("时限制度"))?;
    let open = item.local.open_on(app.today());
    let online = open && entry.online_depth >= 3;
    let mut own = guide(&item, situation, regime);
    own["apply_href"] = json!(online.then(|| format!("/apply/{key}")));
    own["no_apply_reason"] = match (open, online) {
        (_, true) => json!(""),
        (true, _) => json!(format!("这一事项暂未开通网上申请，请到{}办理。", item.hall.name)),
        (false, _) => json!("这一事项现在不受理新的申请，可以拨打12345咨询。"),
    };
    let company = !entry.audiences.contains(&Audience::Person);
    let (list, label) = if company {
        ("/items?audience=company", "法人办事")
    } else {
        ("/items?audience=person", "个人办事")
    };
    Page::new(&app, &caller, &headers, &format!("/items/{key}"), item.name())
        .crumbs(&[("/", "首页"), (list, label), ("", item.name())])
        .render("portal/item.html", own)
}

fn guide(item: &EffectiveItem<'_>, situation: &Situation, regime: &Regime) -> Json {
    let entry = item.entry;
    let situations: Vec<Json> = entry
        .situations
        .iter()
        .map(|s| {
            let href = format!("/items/{}?situation={}#materials", item.local.key, encode(&s.key));
            json!({"name": s.name, "href": href, "current": s.key == situation.key})
        })
        .collect();
    let flow: Vec<Json> = entry
        .flow
        .iter()
        .map(|s| {
            json!({"name": s.name, "limit": s.limit.label(), "handler": s.handler, "standard": s.standard, "outcome": s.outcome})
        })
        .collect();
    let points: Vec<Json> = entry
        .review_points
        .iter()
        .map(|p| json!({"text": p.text, "standard": p.standard, "basis": p.basis}))
        .collect();
    let faq: Vec<Json> =
        entry.faq.iter().map(|q| json!({"question": q.question, "answer": q.answer})).collect();
    json!({
        "item": head(item),
        "five": five(item, situation),
        "situations": situations,
        "situation_when": format!("适用于：{}", situation.when),
        "materials": entry.materials_of(situation).map(material).collect::<Vec<_>>(),
        "flow": flow,
        "specials": specials(entry, regime),
        "points": points,
        "conditions": entry.conditions,
        "limits": limits(item, regime),
        "fee": fee(entry),
        "halls": [{
            "name": item.hall.name, "address": item.place(), "hours": item.hours(), "phone": item.phone(),
        }],
        "result": {
            "name": entry.result.name, "validity": entry.result.validity.label(), "face": entry.result.face,
        },
        "laws": laws(entry),
        "rights": entry.rights,
        "duties": entry.duties,
        "faq": faq,
    })
}

fn head(item: &EffectiveItem<'_>) -> Json {
    let entry = item.entry;
    json!({
        "name": item.name(), "aliases": entry.aliases, "kind": entry.kind.label(), "badges": entry.badges(),
        "agency": item.agency.name, "office": entry.office,
        "channels": entry.channels.iter().map(|c| c.label()).collect::<Vec<_>>(),
        "visits": format!("到现场{}次", entry.visits),
        "area": format!("{}通办", entry.area.label()),
        "sample": entry.sample, "code": item.local.code, "version": item.local.version,
        "published": item.local.effective_on.map(|d| words::stored_day(&d.to_string())).unwrap_or_default(),
        "source_note": entry.source_note,
    })
}

/// Who, what, how long, how much, where: the first screen.
fn five(item: &EffectiveItem<'_>, situation: &Situation) -> Json {
    let entry = item.entry;
    let who: Vec<&str> =
        entry.audiences.iter().map(|a| if *a == Audience::Person { "个人" } else { a.label() }).collect();
    let materials: Vec<&Material> = entry.materials_of(situation).collect();
    let free = materials.iter().filter(|m| !free(m).is_empty()).count();
    let later = materials.iter().filter(|m| m.need == Need::Deferrable).count();
    let more: Vec<String> = [(free, "份可免提交"), (later, "份可容缺后补")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, words)| format!("{n}{words}"))
        .collect();
    let need_more =
        if more.is_empty() { situation.name.clone() } else { format!("其中{}", more.join("，")) };
    let quicker = quicker(item).map(|q| format!("，{q}")).unwrap_or_default();
    let fee_more = if entry.fee.charged {
        entry.fee.items.iter().map(|i| format!("{} {}", i.name, i.standard)).collect::<Vec<_>>().join("；")
    } else {
        "办理全程不收任何费用".into()
    };
    let online = entry.online_depth >= 3;
    let hall = &item.hall.name;
    json!({
        "who": {"main": who.join("、"), "more": entry.conditions.first().cloned().unwrap_or_default()},
        "need": {"main": format!("{}份材料", materials.len()), "more": need_more},
        "time": {"main": item.promised().label(), "more": format!("法定{}{quicker}", entry.statutory.label())},
        "fee": {"main": if entry.fee.charged { "收费" } else { "不收费" }, "more": fee_more},
        "where": {
            "main": if online { "网上就能办".to_owned() } else { hall.clone() },
            "more": if online { format!("也可到{hall}") } else { item.place().to_owned() },
        },
    })
}

/// 提速50%, where promise and statute are told in the same unit.
fn quicker(item: &EffectiveItem<'_>) -> Option<String> {
    let (promised, statutory) = (item.promised(), item.entry.statutory);
    if promised.unit == LimitUnit::OnTheSpot && statutory.unit != LimitUnit::OnTheSpot {
        return Some("当场就办".into());
    }
    let same = promised.unit == statutory.unit && statutory.n > promised.n && statutory.n > 0.0;
    same.then(|| format!("提速{:.0}%", (1.0 - promised.n / statutory.n) * 100.0))
}

/// Why a material need not be handed in, or nothing.
pub fn free(material: &Material) -> &'static str {
    match material {
        m if m.blank_form => "网上填报自动生成，免提交",
        m if m.shared => "部门共享，免提交",
        m if m.commitment => "可以书面承诺代替",
        _ => "",
    }
}

fn material(material: &Material) -> Json {
    let mut rows =
        vec![("怎么准备", material.instructions.clone()), ("怎样算合格", material.standard.clone())];
    if material.need == Need::Conditional {
        rows.insert(0, ("什么时候要", material.condition.clone()));
    }
    if let Some(days) = material.defer_days.filter(|_| material.need == Need::Deferrable) {
        rows.push(("可以后补", format!("先受理，{days}个工作日内补齐")));
    }
    if !material.sample.is_empty() {
        rows.push(("样子", material.sample.clone()));
    }
    if !material.issued_by.is_empty() {
        rows.push(("谁出具", material.issued_by.clone()));
    }
    rows.extend([
        ("从哪来", material.source.label().to_owned()),
        ("为什么要交", material.basis.clone()),
        ("收什么文件", format!("{}，每个不超过{}MB", material.accepts_label(), material.max_mib)),
    ]);
    let rows: Vec<Json> = rows
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(label, value)| json!({"label": label, "value": value}))
        .collect();
    json!({
        "name": material.name,
        "facts": format!("{}{}份 · {} · {}", material.kind.label(), material.copies, material.format.label(), material.paper),
        "need": material.need.label(),
        "deferrable": material.need == Need::Deferrable,
        "free": if needs_file(material) { "" } else { free(material) },
        "rows": rows,
        "blank_href": null,
    })
}

fn specials(entry: &CatalogueEntry, regime: &Regime) -> Vec<String> {
    entry
        .special_procedures
        .iter()
        .map(|p| {
            let counted = if regime.excludes(p) { "不计入办理时限" } else { "计入办理时限" };
            format!("{}：约{}个工作日，{counted}（{}）", p.kind.label(), p.days, p.basis)
        })
        .collect()
}

fn limits(item: &EffectiveItem<'_>, regime: &Regime) -> Json {
    json!({
        "promised": item.promised().label(),
        "statutory": item.entry.statutory.label(),
        "saved": quicker(item).unwrap_or_default(),
        "starts": format!("{}算；当日不计，下一个工作日为第1日", regime.starts.label()),
        "basis": item.entry.statutory_basis,
    })
}

fn fee(entry: &CatalogueEntry) -> Json {
    let rows: Vec<Json> = entry
        .fee
        .items
        .iter()
        .map(|i| {
            let relief =
                if i.relief.is_empty() { String::new() } else { format!("（减免：{}）", i.relief) };
            json!({"label": i.name, "value": format!("{}{relief}", i.standard)})
        })
        .collect();
    json!({
        "main": if entry.fee.charged { "收费" } else { "不收费" },
        "rows": rows,
        "basis": if entry.fee.charged { entry.fee.basis.as_str() } else { "" },
    })
}

fn laws(entry: &CatalogueEntry) -> Vec<Json> {
    entry
        .legal_bases
        .iter()
        .map(|l| {
            let mut source: Vec<String> =
                [&l.document_number, &l.issued_by].into_iter().filter(|t| !t.is_empty()).cloned().collect();
            source.push(format!("{}起施行", l.effective_on));
            json!({"name": format!("《{}》{}", l.law, l.article), "text": l.text, "source": source.join("，")})
        })
        .collect()
}
