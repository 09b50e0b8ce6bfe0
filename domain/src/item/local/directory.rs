//! The directory (实施清单目录) as a lookup: by key, by place, and by who is served.

use super::{Carried, EffectiveItem, LocalItem, LocalStatus};
use crate::agency::{Agency, Hall};
use crate::division::DivisionTree;
use crate::ids::DivisionCode;
use crate::item::CatalogueEntry;

/// 实施清单目录: organs, halls and local items in sorted tables. Built aside and swapped whole when the catalogue's
/// version changes.
#[doc(alias = "实施清单目录")]
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// By key.
    agencies: Vec<Agency>,
    /// By division.
    halls: Vec<Hall>,
    /// By division, then entry.
    items: Vec<LocalItem>,
}

/// 目录有误: why a directory cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// The same agency, hall or item twice.
    #[error("“{0}”在目录中出现两次，请只保留一条")]
    Twice(String),
    /// An item names an agency that is not there.
    #[error("事项“{item}”的机关“{agency}”不在目录中，请先登记这个机关")]
    NoAgency {
        /// Item key.
        item: String,
        /// Agency key.
        agency: String,
    },
    /// An item names a hall that is not there, or one of another place.
    #[error("事项“{item}”的大厅“{hall}”不在目录中，请先登记这个大厅")]
    NoHall {
        /// Item key.
        item: String,
        /// Hall key.
        hall: String,
    },
}

impl Directory {
    /// Sorts and checks the three tables.
    ///
    /// # Errors
    /// [`DirectoryError`] for something listed twice, or an item whose organ, regulator or hall is missing.
    pub fn new(carried: Carried) -> Result<Self, DirectoryError> {
        let Carried { mut agencies, mut halls, mut items } = carried;
        agencies.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        halls.sort_unstable_by_key(|h| h.division);
        items.sort_unstable_by(|a, b| (a.division, &a.entry).cmp(&(b.division, &b.entry)));
        let twice = agencies
            .windows(2)
            .find(|p| p[0].key == p[1].key)
            .map(|p| &p[0].key)
            .or_else(|| halls.windows(2).find(|p| p[0].division == p[1].division).map(|p| &p[0].key))
            .or_else(|| {
                let same = |p: &&[LocalItem]| p[0].division == p[1].division && p[0].entry == p[1].entry;
                items.windows(2).find(same).map(|p| &p[0].key)
            });
        if let Some(key) = twice {
            return Err(DirectoryError::Twice(key.clone()));
        }
        let directory = Self { agencies, halls, items };
        for item in &directory.items {
            for agency in [&item.agency, &item.regulator] {
                if directory.agency(agency).is_none() {
                    return Err(DirectoryError::NoAgency { item: item.key.clone(), agency: agency.clone() });
                }
            }
            if directory.hall(item.division).is_none_or(|h| h.key != item.hall) {
                return Err(DirectoryError::NoHall { item: item.key.clone(), hall: item.hall.clone() });
            }
        }
        Ok(directory)
    }

    /// The directory with one local item suspended, cancelled or in use again.
    #[must_use]
    pub fn with_status(mut self, key: &str, status: LocalStatus) -> Self {
        if let Some(item) = self.items.iter_mut().find(|i| i.key == key) {
            item.status = status;
        }
        self
    }

    /// All organs, by key.
    pub fn agencies(&self) -> &[Agency] {
        &self.agencies
    }

    /// All halls, by division.
    pub fn halls(&self) -> &[Hall] {
        &self.halls
    }

    /// All local items, by division and entry.
    pub fn items(&self) -> &[LocalItem] {
        &self.items
    }

    /// The organ with this key.
    pub fn agency(&self, key: &str) -> Option<&Agency> {
        let at = self.agencies.binary_search_by(|a| a.key.as_str().cmp(key)).ok()?;
        self.agencies.get(at)
    }

    /// The hall of a place.
    pub fn hall(&self, division: DivisionCode) -> Option<&Hall> {
        let at = self.halls.binary_search_by_key(&division, |h| h.division).ok()?;
        self.halls.get(at)
    }

    /// The local item with this key (`X03@130102000000`).
    pub fn item(&self, key: &str) -> Option<&LocalItem> {
        let (entry, division) = key.split_once('@')?;
        self.carried_by(DivisionCode::parse(division).ok()?, entry)
    }

    /// The items a place carries itself, by entry; closed ones included, see [`LocalItem::open_on`].
    pub fn items_for(&self, division: DivisionCode) -> &[LocalItem] {
        let start = self.items.partition_point(|i| i.division < division);
        let count = self.items[start..].partition_point(|i| i.division == division);
        &self.items[start..start + count]
    }

    /// The item of an entry that a place carries itself.
    pub fn carried_by(&self, division: DivisionCode, entry: &str) -> Option<&LocalItem> {
        let own = self.items_for(division);
        own.get(own.binary_search_by(|i| i.entry.as_str().cmp(entry)).ok()?)
    }

    /// The item that serves a person anywhere in the province: carried by the place itself or by the nearest place
    /// that governs it. A villager finds the township's, the county's, the city's and the province's items.
    pub fn serving(&self, tree: &DivisionTree, division: DivisionCode, entry: &str) -> Option<&LocalItem> {
        upwards(tree, division).find_map(|place| self.carried_by(place, entry))
    }

    /// Every item that serves a person at a place, the nearest organs first; an entry appears once.
    pub fn serving_all(&self, tree: &DivisionTree, division: DivisionCode) -> Vec<&LocalItem> {
        let mut found: Vec<&LocalItem> = Vec::new();
        for place in upwards(tree, division) {
            for item in self.items_for(place) {
                if found.iter().all(|f| f.entry != item.entry) {
                    found.push(item);
                }
            }
        }
        found
    }

    /// The item as pages and cases read it: entry, what differs, organ, regulator and hall together. None when the
    /// entry is another one or the item is not of this directory.
    pub fn effective<'a>(
        &'a self,
        entry: &'a CatalogueEntry,
        local: &'a LocalItem,
    ) -> Option<EffectiveItem<'a>> {
        if entry.id != local.entry {
            return None;
        }
        Some(EffectiveItem {
            entry,
            local,
            agency: self.agency(&local.agency)?,
            regulator: self.agency(&local.regulator)?,
            hall: self.hall(local.division)?,
        })
    }
}

/// The place and those that govern it, upwards; nothing for an unknown place.
fn upwards(tree: &DivisionTree, division: DivisionCode) -> impl Iterator<Item = DivisionCode> {
    std::iter::successors(tree.get(division), |place| place.administrative_parent.and_then(|p| tree.get(p)))
        .map(|place| place.code)
}
