//! The catalogue served from memory: divisions, agencies, halls, items, regimes, calendar and search, built aside and
//! swapped whole. What an installation changed stands in the database; the rest comes with the program.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use flate2::read::GzDecoder;
use jiff::civil::Date;
use tongban_domain::agency::Agency;
use tongban_domain::calendar::Calendar;
use tongban_domain::case::{Case, Due, MarkRules, Subject};
use tongban_domain::division::DivisionTree;
use tongban_domain::ids::DivisionCode;
use tongban_domain::item::{
    CatalogueEntry, Directory, EffectiveItem, Index, Level, LocalItem, LocalStatus, Regime, Regimes,
    Synonyms, carry,
};

use crate::error::Fault;

static ITEMS: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/../data/items");
const DIVISIONS: &str = include_str!("../../data/divisions/l1_l4.csv");
const VILLAGES: &[u8] = include_bytes!("../../data/divisions/l5.csv.gz");
const CALENDAR: &str = include_str!("../../data/calendar.json");
const REGIMES: &str = include_str!("../../data/regimes.json");
const MARKS: &str = include_str!("../../data/marks.json");
const SYNONYMS: &str = include_str!("../../data/synonyms.json");

/// Everything about items and places. What is large is shared, so that a catalogue with another calendar costs nothing.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Divisions.
    pub tree: Arc<DivisionTree>,
    /// Agencies, halls and local items.
    pub directory: Arc<Directory>,
    /// Working days, as they ship and as they were edited.
    pub calendar: Calendar,
    /// Version of the calendar: the last edit in it, 0 as it ships.
    pub calendar_version: i64,
    /// Time regimes.
    pub regimes: Arc<Regimes>,
    /// 监察规则
    pub rules: Arc<MarkRules>,
    /// Everyday search.
    pub index: Arc<Index>,
    entries: Arc<BTreeMap<(String, u32), Arc<CatalogueEntry>>>,
    newest: Arc<BTreeMap<String, u32>>,
}

/// The entries that ship with the program, in the order of their ids.
///
/// # Errors
/// When a file is not an entry, which a test excludes.
pub fn shipped_entries() -> Result<Vec<CatalogueEntry>, Fault> {
    let mut entries = ITEMS
        .files()
        .map(|f| {
            serde_json::from_slice(f.contents())
                .map_err(|e| Fault::plain(format!("{}: {e}", f.path().display())))
        })
        .collect::<Result<Vec<CatalogueEntry>, Fault>>()?;
    entries.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(entries)
}

/// The division tree that ships with the program.
///
/// # Errors
/// When the data does not read, which a test excludes.
pub fn shipped_divisions() -> Result<DivisionTree, Fault> {
    let mut villages = String::new();
    GzDecoder::new(VILLAGES).read_to_string(&mut villages)?;
    DivisionTree::from_csv(DIVISIONS, &villages).map_err(|e| Fault::plain(e.to_string()))
}

/// The calendar that ships with the program.
///
/// # Errors
/// When the data does not read, which a test excludes.
pub fn shipped_calendar() -> Result<Calendar, Fault> {
    Calendar::from_json(CALENDAR).map_err(|e| Fault::plain(e.to_string()))
}

impl Catalogue {
    /// Builds the catalogue from entry versions (all of them, so that running cases keep theirs).
    ///
    /// # Errors
    /// When shipped data does not read.
    pub fn build(versions: Vec<(u32, CatalogueEntry)>) -> Result<Self, Fault> {
        let tree = shipped_divisions()?;
        let calendar = shipped_calendar()?;
        let regimes = Regimes::from_json(REGIMES).map_err(|e| Fault::plain(e.to_string()))?;
        let rules = MarkRules::from_json(MARKS).map_err(|e| Fault::plain(e.to_string()))?;
        let synonyms = Synonyms::from_json(SYNONYMS).map_err(|e| Fault::plain(e.to_string()))?;
        let mut newest: BTreeMap<String, u32> = BTreeMap::new();
        let mut entries = BTreeMap::new();
        for (version, entry) in versions {
            let last = newest.entry(entry.id.clone()).or_insert(version);
            *last = (*last).max(version);
            entries.insert((entry.id.clone(), version), Arc::new(entry));
        }
        let current: Vec<CatalogueEntry> = newest
            .iter()
            .filter_map(|(id, v)| entries.get(&(id.clone(), *v)))
            .map(|e| (**e).clone())
            .collect();
        let carried = carry(&tree, &current).map_err(|e| Fault::plain(e.to_string()))?;
        let directory = Directory::new(carried).map_err(|e| Fault::plain(e.to_string()))?;
        let index = Index::new(&current, synonyms);
        Ok(Self {
            tree: Arc::new(tree),
            directory: Arc::new(directory),
            calendar,
            calendar_version: 0,
            regimes: Arc::new(regimes),
            rules: Arc::new(rules),
            index: Arc::new(index),
            entries: Arc::new(entries),
            newest: Arc::new(newest),
        })
    }

    /// The same catalogue with another calendar.
    #[must_use]
    pub fn with_calendar(mut self, calendar: Calendar, version: i64) -> Self {
        self.calendar = calendar;
        self.calendar_version = version;
        self
    }

    /// The catalogue with one local item suspended, cancelled or in use again.
    #[must_use]
    pub fn with_status(mut self, key: &str, status: LocalStatus) -> Self {
        self.directory = Arc::new(Arc::unwrap_or_clone(self.directory).with_status(key, status));
        self
    }

    /// The current version of an entry.
    pub fn entry(&self, id: &str) -> Option<&Arc<CatalogueEntry>> {
        self.entries.get(&(id.to_owned(), *self.newest.get(id)?))
    }

    /// All entries in their current version, by id.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<CatalogueEntry>> {
        self.newest.iter().filter_map(|(id, version)| self.entries.get(&(id.clone(), *version)))
    }

    /// An entry in a version.
    pub fn entry_at(&self, id: &str, version: u32) -> Option<&Arc<CatalogueEntry>> {
        self.entries.get(&(id.to_owned(), version))
    }

    /// A local item as pages show it.
    pub fn item(&self, key: &str) -> Option<EffectiveItem<'_>> {
        let local = self.directory.item(key)?;
        self.directory.effective(self.entry(&local.entry)?, local)
    }

    /// The local items a person of a division can apply for.
    pub fn serving(&self, division: DivisionCode) -> Vec<&LocalItem> {
        self.directory.serving_all(&self.tree, division)
    }

    /// The agency whose comprehensive window receives for a local item: the approval bureau of the city or county,
    /// the township office itself, the service office of the province (`plan.txt` 三).
    pub fn receiving(&self, local: &LocalItem) -> String {
        let level = self.tree.get(local.division).map(|d| d.level);
        let organ = match level {
            Some(Level::City | Level::County) => "行政审批局",
            Some(Level::Province) => "政务服务管理办公室",
            _ => return local.agency.clone(),
        };
        let key = Agency::key_of(&self.tree, local.division, organ);
        if self.directory.agency(&key).is_some() { key } else { local.agency.clone() }
    }

    /// The deadline of a case that presses now, under the regime of the entry it keeps.
    pub fn pressing(&self, case: &Case) -> Option<Due> {
        case.pressing(self.regime_of(case)?, &self.calendar)
    }

    /// The regime a case follows.
    pub fn regime_of(&self, case: &Case) -> Option<&Regime> {
        self.regimes.get(&self.entry_at(&case.item.entry, case.item.version)?.regime)
    }

    /// What a command may know of an item; `version` none: the current one.
    pub fn subject(
        &self,
        local: &str,
        version: Option<u32>,
        today: Date,
        sample: bool,
    ) -> Option<OwnedSubject<'_>> {
        let local = self.directory.item(local)?;
        let version = version.or_else(|| self.newest.get(&local.entry).copied())?;
        let entry = self.entry_at(&local.entry, version)?;
        let item = self.directory.effective(entry, local)?;
        let contact = format!(
            "办理地点：{}　咨询电话：{}　监督电话：{}",
            item.place(),
            item.phone(),
            item.supervision_phone()
        );
        Some(OwnedSubject {
            version,
            open: local.open_on(today),
            receiving: self.receiving(local),
            contact,
            regime: self.regimes.get(&entry.regime)?,
            sample: sample || entry.sample,
            item,
        })
    }
}

/// A subject with the texts it owns.
#[derive(Debug)]
pub struct OwnedSubject<'a> {
    item: EffectiveItem<'a>,
    version: u32,
    open: bool,
    receiving: String,
    contact: String,
    regime: &'a Regime,
    sample: bool,
}

impl OwnedSubject<'_> {
    /// As the domain takes it.
    pub fn facts(&self) -> Subject<'_> {
        Subject {
            entry: self.item.entry,
            version: self.version,
            local: &self.item.local.key,
            code: &self.item.local.code,
            open: self.open,
            promised: self.item.promised(),
            organ: self.item.agency,
            receiving: &self.receiving,
            regulator: &self.item.regulator.name,
            contact: &self.contact,
            review_organ: self.item.review_organ(),
            court: self.item.litigation_court(),
            sample: self.sample,
            regime: self.regime,
        }
    }
}
