//! How organs, halls, review organs and courts of a place are called.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::AgencyKind;
use crate::division::{DivisionRef, DivisionTree};
use crate::ids::DivisionCode;
use crate::item::Level;

/// 机构名称规则: the names of organs by place, with the abbreviations worked out once for the whole tree.
#[derive(Debug)]
pub struct Naming<'a> {
    tree: &'a DivisionTree,
    /// Province, cities and counties as organs bear them.
    places: HashMap<DivisionCode, String>,
    /// 简称 of every province, city, county and township for document numbers.
    abbreviations: HashMap<DivisionCode, String>,
}

/// Organs under the vertical lead of the organ above: their acts are reviewed there (行政复议法 27; 80 %).
const VERTICAL: [&str; 2] = ["烟草专卖局", "税务局"];

/// What is a commission in a province or city is a bureau in a county: 定州 and 辛集 hold city power, with one organ.
const COMMISSIONS: [(&str, &str); 2] =
    [("卫生健康委员会", "卫生健康局"), ("发展和改革委员会", "发展和改革局")];

/// Abbreviations of organs for document numbers, the longer names first where one begins like another.
const ORGANS: [(&str, &str); 40] = [
    ("行政审批", "审"),
    ("政务服务管理", "政务"),
    ("市场监督管理", "市监"),
    ("药品监督管理", "药监"),
    ("公安", "公"),
    ("民政", "民"),
    ("人力资源和社会保障", "人社"),
    ("自然资源和规划", "自规"),
    ("自然资源", "自然"),
    ("住房和城乡建设", "住建"),
    ("住房公积金", "公积金"),
    ("卫生健康", "卫健"),
    ("医疗保障", "医保"),
    ("教育", "教"),
    ("生态环境", "环"),
    ("水利", "水"),
    ("农业农村", "农"),
    ("应急管理", "应急"),
    ("广播电视", "广电"),
    ("文化", "文旅"),
    ("城市管理", "城管"),
    ("烟草专卖", "烟"),
    ("残疾人联合会", "残联"),
    ("政法委", "政法"),
    ("发展和改革", "发改"),
    ("林业", "林"),
    ("交通运输", "交"),
    ("司法", "司"),
    ("财政", "财"),
    ("商务", "商"),
    ("工业和信息化", "工信"),
    ("科学技术", "科"),
    ("民族宗教", "民宗"),
    ("退役军人", "退役"),
    ("税务", "税"),
    ("消防", "消"),
    ("气象", "气"),
    ("街道办事处", "办"),
    ("人民政府", "政"),
    ("管理委员会", "管"),
];

impl<'a> Naming<'a> {
    /// Works out the abbreviations of a tree.
    pub fn new(tree: &'a DivisionTree) -> Self {
        let above = tree.iter().filter(|place| place.level < Level::Township);
        let places = above.map(|place| (place.code, upper_place(tree, &place))).collect();
        Self { tree, places, abbreviations: abbreviations(tree) }
    }

    /// The tree the names are for.
    pub fn tree(&self) -> &'a DivisionTree {
        self.tree
    }

    /// The level of a place; the province for one that is unknown.
    pub(super) fn level(&self, division: DivisionCode) -> Level {
        self.tree.get(division).map_or(Level::Province, |d| d.level)
    }

    /// The place as organs bear it: 河北省, 石家庄市, 石家庄市长安区, 正定县, 石家庄市长安区建北街道, 河北雄安新区.
    pub fn place(&self, division: DivisionCode) -> String {
        if let Some(name) = self.places.get(&division) {
            return name.clone();
        }
        let Some(place) = self.tree.get(division) else { return String::new() };
        let Some(above) = place.administrative_parent else { return place.name.to_owned() };
        // A zone of township rank bears the county's name already (河北鹿泉经济开发区).
        let carries = self.tree.get(above).is_some_and(|a| {
            let own = stem(a.name, &[]);
            place.quasi_township && own.chars().count() >= 2 && place.name.contains(own)
        });
        if carries { place.name.to_owned() } else { format!("{}{}", self.place(above), place.name) }
    }

    /// The organ as it is called at this place: a township has its government, its street office or its
    /// committee and nothing else; a zone is governed by a committee (管理委员会), not by a people's government; what is
    /// a commission (委员会) above is a bureau (局) in a county.
    pub fn organ(&self, division: DivisionCode, organ: &str) -> String {
        let Some(place) = self.tree.get(division) else { return organ.to_owned() };
        if place.level >= Level::Township {
            return township_organ(&place).1.to_owned();
        }
        if (place.zone || place.administrative_only) && organ == "人民政府" {
            return "管理委员会".into();
        }
        match COMMISSIONS.iter().find(|(commission, _)| *commission == organ) {
            Some((_, bureau)) if place.level == Level::County => (*bureau).to_owned(),
            _ => organ.to_owned(),
        }
    }

    /// 全称 of an organ: 河北省药品监督管理局, 石家庄市长安区建北街道办事处, 石家庄市公安局长安分局.
    pub fn official(&self, division: DivisionCode, organ: &str) -> String {
        let Some(place) = self.tree.get(division) else { return organ.to_owned() };
        let name = self.place(division);
        if place.level >= Level::Township {
            return format!("{name}{}", township_organ(&place).0);
        }
        // The police of a city's district is a branch of the city's.
        if let Some(branch) = organ.strip_prefix("公安局")
            && place.level == Level::County
            && place.name.ends_with('区')
            && !place.zone
            && let Some(city) = self.above(&place)
        {
            return format!("{}公安局{}分局{branch}", city.name, stem(place.name, &[]));
        }
        format!("{name}{organ}")
    }

    /// 发文代字: 长审, 石审, 冀药监, 长建北办.
    pub fn short(&self, division: DivisionCode, organ: &str) -> String {
        let place = self.abbreviations.get(&division).map_or("", String::as_str);
        let organ = match self.tree.get(division) {
            Some(d) if d.level >= Level::Township => township_organ(&d).1,
            _ => organ,
        };
        match ORGANS.iter().find(|(name, _)| organ.starts_with(name)) {
            // Sub-organs (公安局交通警察大队) keep apart from the organ itself by what follows the name.
            Some((_, short)) => {
                let tail = organ.find('局').map_or("", |at| &organ[at + '局'.len_utf8()..]);
                format!("{place}{short}{}", tail.chars().take(2).collect::<String>())
            }
            None => format!("{place}{}", organ.chars().take(2).collect::<String>()),
        }
    }

    /// The hall of a place: 河北省政务服务大厅, 石家庄市长安区政务服务中心, 正定县南牛镇便民服务中心.
    pub fn hall(&self, division: DivisionCode) -> String {
        let name = self.place(division);
        match self.level(division) {
            Level::Province => format!("{name}政务服务大厅"),
            Level::City | Level::County => format!("{name}政务服务中心"),
            Level::Township | Level::Village => {
                format!("{}便民服务中心", name.strip_suffix("办事处").unwrap_or(&name))
            }
        }
    }

    /// 行政复议机关 (行政复议法 2023, 24, 90 %): for a department the government at its level; for a government or
    /// a township the government above; for what governs a zone the government that set it up; for an organ under
    /// vertical lead the organ above (27, 80 %). 雄安's committee reviews like a city's government (75 %).
    pub fn review_organ(&self, division: DivisionCode, kind: AgencyKind, organ: &str) -> String {
        let Some(place) = self.tree.get(division) else { return String::new() };
        let above = self.above(&place);
        if VERTICAL.contains(&organ) {
            return match above {
                Some(above) => self.official(above.code, organ),
                None => format!("国家{organ}"),
            };
        }
        let own =
            matches!(kind, AgencyKind::ApprovalBureau | AgencyKind::Department | AgencyKind::ServiceOffice)
                && !place.zone;
        match above {
            _ if own => self.government(&place),
            Some(above) if above.zone => self.review_organ(above.code, AgencyKind::Government, "人民政府"),
            Some(above) => self.government(&above),
            None => self.government(&place),
        }
    }

    /// 行政诉讼管辖法院: the basic court of the county for its departments and townships (行政诉讼法 14, 18), the
    /// intermediate court against a government of county level and above (15). A city and a zone do not say which
    /// basic court is theirs, and the province's courts may be assigned across places; the text says so.
    pub fn court(&self, division: DivisionCode, kind: AgencyKind) -> String {
        let Some(place) = self.tree.get(division) else { return String::new() };
        if kind == AgencyKind::Government {
            return format!("{}中级人民法院", self.court_city(&place));
        }
        let county = if place.level >= Level::Township { self.above(&place).unwrap_or(place) } else { place };
        if county.level == Level::County && !county.zone {
            return format!("{}人民法院", self.place(county.code));
        }
        format!("{}有管辖权的基层人民法院", self.court_city(&place))
    }

    /// The city whose courts are meant: courts follow the statistical tree (定州 under 保定), the province sits in
    /// 石家庄, and 雄安 has courts of its own.
    fn court_city(&self, place: &DivisionRef<'_>) -> String {
        let mut at = *place;
        while at.level > Level::City {
            let administrative = at.administrative_parent.and_then(|p| self.tree.get(p));
            let next = match administrative {
                Some(above) if above.administrative_only => Some(above),
                _ => at.parent.and_then(|p| self.tree.get(p)),
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        if at.level == Level::Province { "石家庄市".into() } else { self.place(at.code) }
    }

    fn government(&self, place: &DivisionRef<'_>) -> String {
        format!("{}{}", self.place(place.code), self.organ(place.code, "人民政府"))
    }

    fn above(&self, place: &DivisionRef<'_>) -> Option<DivisionRef<'a>> {
        place.administrative_parent.and_then(|code| self.tree.get(code))
    }
}

/// Down to the county: 河北雄安新区 in full, the others as people say them inside the province.
fn upper_place(tree: &DivisionTree, place: &DivisionRef<'_>) -> String {
    if place.administrative_only {
        return format!("河北{}", place.name);
    }
    tree.short_name(place.code).unwrap_or_default()
}

/// (what follows the place name, the organ) of a township-level unit, by what its own name ends with.
fn township_organ(place: &DivisionRef<'_>) -> (&'static str, &'static str) {
    let name = place.name;
    let ends = |words: &[&str]| words.iter().any(|w| name.ends_with(w));
    if ends(&["街道办事处"]) {
        ("", "街道办事处")
    } else if ends(&["街道"]) {
        ("办事处", "街道办事处")
    } else if ends(&["镇", "乡"]) {
        ("人民政府", "人民政府")
    } else if ends(&["区", "产业园", "新城", "片区", "旅游岛"]) {
        ("管理委员会", "管理委员会")
    } else if ends(&["处", "局", "中心", "办公室"]) {
        ("", "乡级管理机构")
    } else {
        ("管理机构", "乡级管理机构")
    }
}

/// A place's name without the names above it and without its kind: 长安区 长安, 丰宁满族自治县 丰宁,
/// 石家庄高新技术产业开发区 高新.
fn stem<'n>(name: &'n str, above: &[&str]) -> &'n str {
    let mut stem = name.strip_prefix("河北").unwrap_or(name);
    stem = stem.strip_prefix("国营").unwrap_or(stem);
    for above in above {
        let shorter = stem.strip_prefix(above).map(|s| s.strip_prefix('市').unwrap_or(s));
        stem = shorter.filter(|s| s.chars().count() > 2).unwrap_or(stem);
    }
    for end in [
        "满族蒙古族自治县",
        "满族自治县",
        "回族自治县",
        "自治县",
        "高新技术产业开发区",
        "经济技术开发区",
        "经济开发区",
        "工业园区",
        "管理区",
        "街道办事处",
        "街道",
        "办事处",
        "县",
        "区",
        "市",
        "镇",
        "乡",
    ] {
        if let Some(shorter) = stem.strip_suffix(end) {
            return match (shorter.is_empty(), end) {
                (false, _) => shorter,
                (true, "高新技术产业开发区") => "高新",
                (true, _) => "经开",
            };
        }
    }
    stem
}

fn head(text: &str, n: usize) -> &str {
    text.char_indices().nth(n).map_or(text, |(at, _)| &text[..at])
}

/// One to a few characters per place, unique in the province: the province 冀, a city its first character,
/// a county its first character where no other begins so, then two, then with the city's in front; a township
/// its county's and its own name.
fn abbreviations(tree: &DivisionTree) -> HashMap<DivisionCode, String> {
    let mut given = HashMap::new();
    let mut taken = HashSet::from(["冀".to_owned()]);
    let mut counties = Vec::new();
    let mut townships = Vec::new();
    for place in tree.iter() {
        match place.level {
            Level::Province => {
                given.insert(place.code, "冀".to_owned());
            }
            Level::City => {
                let n = if place.administrative_only { 2 } else { 1 };
                let short = head(place.name, n).to_owned();
                taken.insert(short.clone());
                given.insert(place.code, short);
            }
            Level::County => counties.push(place),
            Level::Township => townships.push(place),
            Level::Village => {}
        }
    }
    let city_of = |place: &DivisionRef<'_>| place.parent.and_then(|p| tree.get(p));
    let stems: Vec<&str> = counties
        .iter()
        .map(|place| stem(place.name, &[city_of(place).map_or("", |c| stem(c.name, &[]))]))
        .collect();
    let cities: BTreeSet<&str> =
        tree.iter().filter(|d| d.level == Level::City).map(|d| stem(d.name, &[])).collect();
    for n in [1, 2] {
        let mut heads: BTreeMap<&str, usize> = BTreeMap::new();
        for stem in &stems {
            *heads.entry(head(stem, n)).or_default() += 1;
        }
        for (place, stem) in counties.iter().zip(&stems) {
            let short = head(stem, n);
            let free = heads.get(short) == Some(&1) && !taken.contains(short) && !cities.contains(stem);
            if free && !given.contains_key(&place.code) && short.chars().count() == n {
                given.insert(place.code, short.to_owned());
                taken.insert(short.to_owned());
            }
        }
    }
    for (place, stem) in counties.iter().zip(&stems) {
        if given.contains_key(&place.code) {
            continue;
        }
        let city = city_of(place).map_or("", |c| head(c.name, 1));
        let own = (place.name.chars().count() <= 3).then(|| place.name.to_owned());
        let with_city = |n| format!("{city}{}", head(stem, n));
        let own = own.filter(|own| own.ends_with('县'));
        choose(
            &mut given,
            &mut taken,
            place,
            own.into_iter().chain([with_city(1), with_city(2), with_city(9)]),
        );
    }
    for place in &townships {
        let county = place.administrative_parent.and_then(|p| given.get(&p)).cloned().unwrap_or_default();
        let candidates = [format!("{county}{}", stem(place.name, &[])), format!("{county}{}", place.name)];
        choose(&mut given, &mut taken, place, candidates.into_iter());
    }
    given
}

/// Gives a place the first candidate nobody has; its full name and code when all are taken.
fn choose(
    given: &mut HashMap<DivisionCode, String>,
    taken: &mut HashSet<String>,
    place: &DivisionRef<'_>,
    candidates: impl Iterator<Item = String>,
) {
    let mut candidates = candidates.chain([place.name.to_owned(), format!("{}{}", place.name, place.code)]);
    if let Some(short) = candidates.find(|c| !taken.contains(c)) {
        taken.insert(short.clone());
        given.insert(place.code, short);
    }
}
