//! What a message says (消息的文字): texts are data (`data/messages.json`), filled with the item's name, the case's
//! reference, the day that counts and one link. There is no way to put anything else into them.

use std::collections::BTreeMap;

use serde::Deserialize;
use tongban_domain::case::{Topic, chinese_date};

use crate::catalogue::Catalogue;
use crate::error::Fault;

const MESSAGES: &str = include_str!("../../data/messages.json");

/// The words of every topic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    #[serde(rename = "note")]
    _note: String,
    mail_end: String,
    messages: BTreeMap<String, Words>,
}

/// The words of one topic, with their places.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    text: String,
    page: String,
}

/// What a message is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Topic.
    pub topic: Topic,
    /// Public reference of the case.
    pub no: &'a str,
    /// Catalogue entry.
    pub entry: &'a str,
    /// The day that counted then, `YYYY-MM-DD`.
    pub due: Option<&'a str>,
}

/// A message ready to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// One line: in lists, and the subject of a mail.
    pub title: String,
    /// A few sentences with the link: an SMS.
    pub text: String,
    /// The same as a letter.
    pub letter: String,
    /// The page to act on, without the platform's address.
    pub page: String,
}

impl Wording {
    /// The words that ship with the program.
    ///
    /// # Errors
    /// When they do not read or a topic has none, which a test excludes.
    pub fn shipped() -> Result<Self, Fault> {
        let wording: Self = serde_json::from_str(MESSAGES)?;
        match Topic::ALL.iter().find(|t| !wording.messages.contains_key(t.as_str())) {
            Some(topic) => {
                Err(Fault::plain(format!("data/messages.json has no words for {}", topic.as_str())))
            }
            None => Ok(wording),
        }
    }

    /// Fills the words in.
    pub fn tell(&self, about: About<'_>, catalogue: &Catalogue, base_url: &str) -> Told {
        let Some(words) = self.messages.get(about.topic.as_str()) else {
            return Told {
                title: String::new(),
                text: String::new(),
                letter: String::new(),
                page: "/".into(),
            };
        };
        let item = catalogue.entry(about.entry).map_or("办理事项", |e| e.name.as_str());
        let date = about.due.and_then(|due| due.parse::<jiff::civil::Date>().ok()).map(|day| {
            let sure = catalogue.calendar.knows(day.year());
            format!("{}{}", chinese_date(day), if sure { "" } else { "（暂定）" })
        });
        let page = words.page.replace("{no}", about.no);
        let link = format!("{base_url}{page}");
        let fill = |text: &str| {
            // The item's name goes in last: what it holds is never taken for a place.
            let text = text.replace("{no}", about.no).replace("{link}", &link);
            dated(&text, date.as_deref()).replace("{item}", item)
        };
        let text = fill(&words.text);
        let letter = format!("{text}\n\n——\n{}\n", self.mail_end);
        Told { title: fill(&words.title), text, letter, page }
    }
}

/// Fills the day in; without one, what stands in brackets is left out.
fn dated(text: &str, date: Option<&str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        let (inside, beyond) = after.split_once(']').unwrap_or((after, ""));
        if date.is_some() {
            out.push_str(inside);
        }
        rest = beyond;
    }
    out.push_str(rest);
    out.replace("{date}", date.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_words_with_the_right_places() {
        let wording = Wording::shipped().unwrap();
        assert_eq!(wording.messages.len(), Topic::ALL.len(), "no words without a topic");
        for (topic, words) in &wording.messages {
            assert_eq!(words.title.matches("{item}").count(), 1, "{topic}");
            for place in ["{item}", "{no}", "{link}"] {
                assert_eq!(words.text.matches(place).count(), 1, "{topic}: {place}");
            }
            assert!(words.page.starts_with('/') && words.page.matches("{no}").count() == 1, "{topic}");
            for text in [&words.title, &words.text] {
                let places = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap());
                for place in places {
                    assert!(["item", "no", "date", "link"].contains(&place), "{topic}: {{{place}}}");
                }
                let outside: String = text.split('[').map(|p| p.rsplit(']').next().unwrap()).collect();
                assert!(!outside.contains("{date}"), "{topic}: a day that may be missing stands in brackets");
                assert_eq!(text.matches('[').count(), text.matches(']').count(), "{topic}");
            }
            assert!(!words.text.contains("http"), "{topic}: one link only");
        }
        assert!(!wording.mail_end.contains(['{', '[']) && !wording.mail_end.contains("http"));
    }

    #[test]
    fn without_a_day_its_words_are_left_out() {
        assert_eq!(dated("已受理[，{date}前办结]。", Some("3月9日")), "已受理，3月9日前办结。");
        assert_eq!(dated("已受理[，{date}前办结]。", None), "已受理。");
        assert_eq!(dated("没有日期", None), "没有日期");
    }
}
