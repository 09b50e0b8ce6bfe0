//! Who carries which entry: the rule that fills the province's implementation lists.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Differs, LocalItem, LocalStatus};
use crate::agency::{APPROVAL_BUREAU, Agency, Hall, Naming, SERVICE_OFFICE};
use crate::division::{DivisionRef, DivisionTree};
use crate::ids::{DivisionCode, IdError, LocalItemCode};
use crate::item::{CatalogueEntry, Level};

/// What [`carry`] makes: organs, halls and the items they carry.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// Organs, in the order of divisions.
    pub agencies: Vec<Agency>,
    /// Halls, in the order of divisions.
    pub halls: Vec<Hall>,
    /// Local items, in the order of divisions and then of the entries.
    pub items: Vec<LocalItem>,
}

/// 承接规则: every entry at every place of its level.
///
/// - Province items at the province; city items at the 11 cities and where city-level power is held (定州, 辛集,
///   雄安新区); county items at all 190 county-level units, zones included; township items at all 2,365 townships.
/// - Village items are received at village points but carried by the township: a village committee is no organ and
///   cannot hold the power (许可法 24: only another administrative organ can be entrusted).
/// - The exercising organ is the approval bureau (行政审批局) where the entry is reallocated and the place has one
///   (every city and county), else the entry's organ; at a township its government or street office.
/// - The regulator is the department of the same place; for township items that of the county above, as townships
///   have no departments.
///
/// Every city and county gets its approval bureau and every place its hall, also where nothing is carried.
///
/// # Errors
/// Never for a division of the tree; codes are parsed, not trusted.
pub fn carry(tree: &DivisionTree, entries: &[CatalogueEntry]) -> Result<Carried, IdError> {
    let naming = Naming::new(tree);
    let mut organs =
        Organs { naming: &naming, asked: HashMap::new(), made: HashMap::new(), agencies: Vec::new() };
    let places: Vec<DivisionRef<'_>> = tree.iter().filter(|d| d.level < Level::Village).collect();
    let townships = places.iter().filter(|place| place.level == Level::Township).count();
    let below = entries.iter().filter(|entry| entry.level >= Level::Township).count();
    let mut halls = Vec::with_capacity(places.len());
    // Townships carry most of it; the rest is a few thousand.
    let mut items = Vec::with_capacity(townships * below + (places.len() - townships) * entries.len());
    for place in places {
        match place.level {
            Level::Province => {
                organs.at(place.code, SERVICE_OFFICE)?;
            }
            Level::City | Level::County => {
                organs.at(place.code, APPROVAL_BUREAU)?;
            }
            Level::Township | Level::Village => {
                organs.at(place.code, "")?;
            }
        }
        let hall = Hall::of(&naming, place.code);
        let city = tree.acts_as_city(place.code);
        for entry in entries.iter().filter(|e| carries(&place, city, e.level)) {
            items.push(local_item(&mut organs, &place, &hall.key, entry)?);
        }
        halls.push(hall);
    }
    Ok(Carried { agencies: organs.agencies, halls, items })
}

/// Whether a place carries the entries of a level.
fn carries(place: &DivisionRef<'_>, acts_as_city: bool, level: Level) -> bool {
    match level {
        Level::City => acts_as_city,
        Level::Village => place.level == Level::Township,
        Level::Province | Level::County | Level::Township => place.level == level,
    }
}

fn local_item<'a>(
    organs: &mut Organs<'a>,
    place: &DivisionRef<'_>,
    hall: &str,
    entry: &'a CatalogueEntry,
) -> Result<LocalItem, IdError> {
    let bureau = entry.reallocated && matches!(place.level, Level::City | Level::County);
    let agency = organs.at(place.code, if bureau { APPROVAL_BUREAU } else { &entry.organ })?;
    let code =
        LocalItemCode::compose(&organs.agencies[agency].credit_code, entry.level.use_level(), &entry.code)?;
    let regulating = match (place.level, place.administrative_parent) {
        (Level::Township, Some(county)) => county,
        _ => place.code,
    };
    let regulator = organs.at(regulating, &entry.regulator)?;
    Ok(LocalItem {
        key: LocalItem::key_of(&entry.id, place.code),
        entry: entry.id.clone(),
        division: place.code,
        agency: organs.agencies[agency].key.clone(),
        regulator: organs.agencies[regulator].key.clone(),
        hall: hall.to_owned(),
        code,
        status: LocalStatus::InUse,
        version: 1,
        effective_on: None,
        cancelled_on: None,
        differs: Differs::default(),
    })
}

/// Organs made so far, each once.
struct Organs<'a> {
    naming: &'a Naming<'a>,
    /// By the word asked with (at a township any word means the same organ), and by the organ it meant.
    asked: HashMap<(DivisionCode, &'a str), usize>,
    made: HashMap<(DivisionCode, String), usize>,
    agencies: Vec<Agency>,
}

impl<'a> Organs<'a> {
    /// Index of the organ of a place, made on first use.
    fn at(&mut self, division: DivisionCode, asked: &'a str) -> Result<usize, IdError> {
        if let Some(&at) = self.asked.get(&(division, asked)) {
            return Ok(at);
        }
        let organ = self.naming.organ(division, asked);
        let at = match self.made.entry((division, organ)) {
            Entry::Occupied(made) => *made.get(),
            Entry::Vacant(place) => {
                self.agencies.push(Agency::of(self.naming, division, &place.key().1)?);
                *place.insert(self.agencies.len() - 1)
            }
        };
        self.asked.insert((division, asked), at);
        Ok(at)
    }
}
