//! Everyday search (口语检索): finds the entry people mean by the words they use.
//! Knows two-character pieces, everyday synonyms and words that only ask; refuses to know pinyin and places.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::{CatalogueEntry, half_width};

/// 近义词: groups of words that mean the same at the counter (饭店 餐馆 饭馆).
#[doc(alias = "近义词")]
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Synonyms {
    groups: Vec<Vec<String>>,
}

impl Synonyms {
    /// Reads `data/synonyms.json`.
    ///
    /// # Errors
    /// Text that is not JSON with `groups`, a list of lists of words.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let mut synonyms: Self = serde_json::from_str(text)?;
        for word in synonyms.groups.iter_mut().flatten() {
            *word = plain(word);
        }
        for group in &mut synonyms.groups {
            group.retain(|word| !word.is_empty());
        }
        Ok(synonyms)
    }

    /// The groups.
    pub fn groups(&self) -> &[Vec<String>] {
        &self.groups
    }

    /// Groups with a word in the text, each with the words found. A word inside a longer one that was found does
    /// not count: 执照 inside 营业执照.
    fn found<'a>(&'a self, text: &str) -> Vec<(&'a [String], Vec<&'a str>)> {
        let words = || self.groups.iter().flatten().filter(|word| text.contains(word.as_str()));
        let inner = |word: &str| {
            let longer: Vec<&String> = words().filter(|other| other.len() > word.len()).collect();
            text.match_indices(word).all(|(at, _)| {
                let end = at + word.len();
                longer.iter().any(|other| {
                    text.match_indices(other.as_str())
                        .any(|(start, _)| start <= at && end <= start + other.len())
                })
            })
        };
        self.groups
            .iter()
            .filter_map(|group| {
                let hits: Vec<&str> =
                    group.iter().map(String::as_str).filter(|w| text.contains(w) && !inner(w)).collect();
                (!hits.is_empty()).then_some((group.as_slice(), hits))
            })
            .collect()
    }
}

/// 检索索引: which entry has which pieces of text, and how telling each piece is.
#[doc(alias = "检索索引")]
#[derive(Debug, Clone, Default)]
pub struct Index {
    ids: Vec<String>,
    /// Piece → (entry, weight of the places where it stands, between 0 and 1).
    postings: HashMap<String, Vec<(u32, f32)>>,
    synonyms: Synonyms,
}

/// How much each place in an entry says about what people call it.
const NAME: f32 = 4.0;
const ALIAS: f32 = 4.0;
const RESULT: f32 = 2.0;
const SITUATION: f32 = 1.0;
const TOPIC: f32 = 0.8;
const QUESTION: f32 = 0.6;
const CONTENT: f32 = 0.5;
const MATERIAL: f32 = 0.4;
const CONDITION: f32 = 0.3;
/// Half of the greatest weight is reached here: a second place adds less than the first.
const HALF: f32 = 1.5;
/// A single character tells less than two together.
const SINGLE: f32 = 0.3;
/// A synonym tells less than the word itself.
const SYNONYM: f32 = 0.7;

/// Words that ask, and words every item shares.
const ASKING: [&str; 66] = [
    "怎么办理",
    "如何办理",
    "在哪里办",
    "要什么材料",
    "需要什么",
    "需要哪些",
    "要不要批",
    "多少钱",
    "怎么弄",
    "怎么办",
    "怎么样",
    "能不能",
    "可不可以",
    "要不要",
    "是不是",
    "在哪里",
    "去哪里",
    "哪个部门",
    "多长时间",
    "什么时候",
    "请问一下",
    "请问",
    "怎么",
    "怎样",
    "如何",
    "什么",
    "需要",
    "哪些",
    "哪里",
    "哪儿",
    "在哪",
    "多久",
    "几天",
    "找谁",
    "可以",
    "办理",
    "申请",
    "咨询",
    "手续",
    "材料",
    "条件",
    "流程",
    "我想",
    "我要",
    "想要",
    "那个",
    "这个",
    "一下",
    "有没有",
    "是否",
    "应该",
    "必须",
    "收费",
    "费用",
    "能",
    "吗",
    "呢",
    "吧",
    "呀",
    "啊",
    "么",
    "啥",
    "谁",
    "我",
    "想",
    "的",
];

impl Index {
    /// Builds the index; a few milliseconds for a thousand entries.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a CatalogueEntry>, synonyms: Synonyms) -> Self {
        let mut index = Self { synonyms, ..Self::default() };
        for (at, entry) in (0_u32..).zip(entries) {
            index.ids.push(entry.id.clone());
            let mut weights: BTreeMap<String, f32> = BTreeMap::new();
            for (text, weight) in fields(entry) {
                let pieces: BTreeSet<String> = pieces(&plain(text)).into_iter().collect();
                for piece in pieces {
                    let sum = weights.entry(piece).or_default();
                    // The best place counts in full, the others a tenth: length must not win.
                    *sum = sum.max(weight) + sum.min(weight) * 0.1;
                }
            }
            for (piece, weight) in weights {
                index.postings.entry(piece).or_default().push((at, weight / (weight + HALF)));
            }
        }
        index
    }

    /// Entries for a query in everyday words, the best first, with a score that only compares within one answer.
    /// An empty query, and one of which nothing is known, finds nothing.
    pub fn search(&self, query: &str, limit: usize) -> Vec<(String, f32)> {
        let query = plain(query);
        let asked = without_asking(&query);
        let mut scores = vec![0.0_f32; self.ids.len()];
        self.add(&asked, 1.0, &mut scores);
        for (group, hits) in self.synonyms.found(&query) {
            let mut best = vec![0.0_f32; self.ids.len()];
            for word in group.iter().filter(|word| !hits.contains(&word.as_str())) {
                let mut own = vec![0.0_f32; self.ids.len()];
                self.add(word, SYNONYM, &mut own);
                for (best, own) in best.iter_mut().zip(own) {
                    *best = best.max(own);
                }
            }
            for (score, best) in scores.iter_mut().zip(best) {
                *score += best;
            }
        }
        let mut found: Vec<(u32, f32)> = (0_u32..).zip(scores).filter(|(_, score)| *score > 0.0).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(limit);
        found
            .into_iter()
            .filter_map(|(at, score)| Some((self.ids.get(at as usize)?.clone(), score)))
            .collect()
    }

    /// Adds what a text is worth to every entry that has pieces of it. An entry with half the telling pieces gets
    /// less than half: all of them together mean the thing, one of them may mean anything.
    fn add(&self, text: &str, factor: f32, scores: &mut [f32]) {
        let pieces: BTreeSet<String> = pieces(text).into_iter().collect();
        let mut own = vec![0.0_f32; scores.len()];
        let mut mass = 0.0;
        for piece in &pieces {
            let idf = self.idf(piece);
            mass += idf;
            for (at, weight) in self.postings.get(piece).into_iter().flatten() {
                if let Some(own) = own.get_mut(*at as usize) {
                    *own += idf * weight;
                }
            }
        }
        if mass > 0.0 {
            for (score, own) in scores.iter_mut().zip(own) {
                *score += factor * own * (0.5 + 0.5 * own / mass);
            }
        }
    }

    /// How telling a piece is: the rarer, the more; single characters less. Pieces no entry has count as the rarest.
    fn idf(&self, piece: &str) -> f32 {
        let has = self.postings.get(piece).map_or(0, Vec::len) as f32;
        let all = self.ids.len() as f32;
        let single = piece.chars().count() == 1 && !piece.is_ascii();
        ((1.0 + (all - has + 0.5) / (has + 0.5)).ln()) * if single { SINGLE } else { 1.0 }
    }
}

/// The texts of an entry by which people may look for it.
fn fields(entry: &CatalogueEntry) -> Vec<(&str, f32)> {
    let mut fields = vec![
        (entry.name.as_str(), NAME),
        (entry.result.name.as_str(), RESULT),
        (entry.exercise_content.as_str(), CONTENT),
    ];
    fields.extend(entry.aliases.iter().map(|t| (t.as_str(), ALIAS)));
    fields.extend(entry.situations.iter().flat_map(|s| [(s.name.as_str(), SITUATION), (&s.when, CONTENT)]));
    fields.extend(entry.person_topics.iter().chain(&entry.company_topics).map(|t| (t.as_str(), TOPIC)));
    fields.extend(entry.faq.iter().map(|q| (q.question.as_str(), QUESTION)));
    fields.extend(entry.materials.iter().map(|m| (m.name.as_str(), MATERIAL)));
    fields.extend(entry.conditions.iter().map(|t| (t.as_str(), CONDITION)));
    fields
}

/// Half-width, lower case; what is neither letter, digit nor Chinese character becomes one space.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in half_width(text).chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            plain.push(c);
        } else if !plain.ends_with(' ') && !plain.is_empty() {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// A query without the words that only ask; the query itself when nothing else is left.
fn without_asking(query: &str) -> String {
    let mut rest = String::with_capacity(query.len());
    let mut left = query;
    while let Some(first) = left.chars().next() {
        // The longest word that begins here: 需要什么 before 需要.
        let asking = ASKING.iter().filter(|word| left.starts_with(**word)).map(|word| word.len()).max();
        match asking {
            Some(_) => rest.push(' '),
            None => rest.push(first),
        }
        left = &left[asking.unwrap_or(first.len_utf8())..];
    }
    if rest.trim().is_empty() { query.to_owned() } else { rest }
}

/// The pieces of a plain text: two Chinese characters that stand together, single ones, and whole latin words and
/// numbers, which are also cut where they meet Chinese (`sc证`: sc, 证).
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    for word in text.split(' ') {
        let mut latin = String::new();
        let mut last = None;
        for c in word.chars() {
            if c.is_ascii_alphanumeric() {
                latin.push(c);
                last = None;
                continue;
            }
            if !latin.is_empty() {
                pieces.push(std::mem::take(&mut latin));
            }
            pieces.push(c.to_string());
            if let Some(last) = last {
                pieces.push([last, c].iter().collect());
            }
            last = Some(c);
        }
        if !latin.is_empty() {
            pieces.push(latin);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, name: &str, aliases: &[&str]) -> CatalogueEntry {
        let aliases = aliases.iter().map(|a| (*a).to_owned()).collect();
        CatalogueEntry { id: id.into(), name: name.into(), aliases, ..CatalogueEntry::sample() }
    }

    fn index() -> Index {
        let entries = [
            entry("X03", "食品经营许可", &["开饭店", "卫生证"]),
            entry("C07", "食品生产许可", &["SC证", "食品厂"]),
            entry("X15", "居民身份证换领、补领", &["补身份证"]),
            entry("X14", "结婚登记", &["领结婚证"]),
        ];
        let synonyms =
            r#"{ "groups": [["饭店", "餐馆"], ["补领", "丢了"], ["营业执照", "执照"], ["执照", "本子"]] }"#;
        Index::new(&entries, Synonyms::from_json(synonyms).unwrap())
    }

    fn first(query: &str) -> Option<String> {
        index().search(query, 3).first().map(|(id, _)| id.clone())
    }

    #[test]
    fn the_official_name_and_an_everyday_name_find_the_entry() {
        assert_eq!(first("食品经营许可").as_deref(), Some("X03"));
        assert_eq!(first("开饭店").as_deref(), Some("X03"));
        assert_eq!(first("结婚").as_deref(), Some("X14"));
    }

    #[test]
    fn words_that_only_ask_are_left_out() {
        assert_eq!(without_asking("我想开饭店需要什么材料").trim(), "开饭店");
        assert_eq!(without_asking("怎么办理"), "怎么办理");
        assert_eq!(first("请问结婚证怎么办理呢").as_deref(), Some("X14"));
    }

    #[test]
    fn word_order_spaces_and_width_do_not_matter() {
        assert_eq!(first("身份证 补").as_deref(), Some("X15"));
        assert_eq!(first("ｓｃ证怎么办").as_deref(), Some("C07"));
        assert_eq!(first("sc").as_deref(), Some("C07"));
        assert_eq!(first("证 SC").as_deref(), Some("C07"));
    }

    #[test]
    fn a_synonym_finds_what_the_word_itself_would() {
        assert_eq!(first("餐馆").as_deref(), Some("X03"));
        assert_eq!(first("丢了").as_deref(), Some("X15"));
    }

    #[test]
    fn a_word_inside_a_longer_one_calls_no_synonyms() {
        let index = index();
        let groups = |text| index.synonyms.found(text).len();
        assert_eq!(groups("营业执照"), 1);
        assert_eq!(groups("执照"), 2);
        assert_eq!(groups("营业执照和执照"), 2);
    }

    #[test]
    fn a_single_character_is_enough_to_look() {
        assert_eq!(first("婚").as_deref(), Some("X14"));
    }

    #[test]
    fn nothing_known_finds_nothing() {
        assert_eq!(first(""), None);
        assert_eq!(first("？！"), None);
        assert_eq!(first("zzz"), None);
        assert!(Index::default().search("饭店", 3).is_empty());
    }

    #[test]
    fn the_limit_holds_and_scores_fall() {
        let found = index().search("食品许可证", 2);
        assert_eq!(found.len(), 2);
        assert!(found[0].1 >= found[1].1);
    }
}
