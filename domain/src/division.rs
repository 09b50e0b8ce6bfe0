//! 区划: the places of the province and who stands above whom.
//! Knows the statistical tree (56,712 units) and the few places that are governed otherwise than their codes say;
//! refuses to know organs, rights and boundaries.
//!
//! Two parents: the *statistical* parent is what the code says, the *administrative* parent is who governs.
//! They differ for 定州 and 辛集, which report straight to the province, and for 容城, 安新 and 雄县, which form
//! 雄安新区: a node no statistics list. Everything here that speaks of children, ancestors or "lies in" means
//! the administrative tree; only [`DivisionRef::parent`] is statistical.

use thiserror::Error;

use crate::ids::DivisionCode;
pub use crate::item::Level;

mod load;

#[cfg(test)]
mod tests;

/// 雄安新区: the code under which its units are registered (133100), filled up with zeros.
const XIONGAN: u64 = 133_100_000_000;

/// 区划树: every place of the province, held in code order in a few flat tables.
#[doc(alias = "区划树")]
#[derive(Debug, Clone)]
pub struct DivisionTree {
    /// In code order.
    nodes: Vec<Node>,
    /// All names in the order of the nodes, each followed by a line feed.
    names: String,
    /// Administrative children, grouped by parent, in code order.
    children: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Node {
    code: u64,
    parent: Option<u32>,
    administrative_parent: Option<u32>,
    name_start: u32,
    children_start: u32,
    children_count: u16,
    name_length: u16,
    /// 0 to 999: this node's step in the scope path.
    step: u16,
    level: Level,
    flag: Flag,
}

/// What is special about a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    None,
    /// 统计功能区
    Zone,
    /// 省直管县级市
    ProvinceDirect,
    /// 雄安三县
    XionganCounty,
    /// 类似乡级单位
    QuasiTownship,
    /// 雄安新区 itself
    AdministrativeOnly,
}

/// 区划: one place of the tree.
#[doc(alias = "行政区划")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DivisionRef<'a> {
    /// 12 digits.
    pub code: DivisionCode,
    /// Its own name, without the places above it.
    pub name: &'a str,
    /// 级别: province 1, city 2, county 3, township 4, village 5 in the statistical coding.
    pub level: Level,
    /// 统计功能区: one of the 23 county-level zones that are no civil division and count in no denominator.
    pub zone: bool,
    /// 类似乡级单位: a township-level unit (a development zone, a farm) that is no civil township.
    pub quasi_township: bool,
    /// Governed as a place but unknown to the statistics: 雄安新区.
    pub administrative_only: bool,
    /// The statistical parent, the one its code names; none for the province and for 雄安新区.
    pub parent: Option<DivisionCode>,
    /// The place that governs it.
    pub administrative_parent: Option<DivisionCode>,
}

/// 区划数据有误: what is wrong with the text of a tree.
#[doc(alias = "区划数据有误")]
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DivisionError {
    /// The first line does not name the columns.
    #[error("请核对区划文件：第一行应为 code12,name,level,parent_code,flag")]
    Header,
    /// A line that does not hold what it should, by file and line from one.
    #[error("请核对区划文件{file}第{line}行：{problem}")]
    Line {
        /// `l1_l4` or `l5`.
        file: &'static str,
        /// Counted from one, header included.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// The same code twice.
    #[error("请核对区划文件：代码{0}出现两次")]
    Duplicate(DivisionCode),
    /// The parent is missing or not one level above.
    #[error("请核对区划文件：{0}的上级区划不存在或级别不对")]
    Parent(DivisionCode),
    /// Not exactly one province.
    #[error("请核对区划文件：应当只有一个省级区划")]
    Root,
    /// Two places under one parent would share a step of the scope path.
    #[error("请核对区划文件：{0}与同级区划的范围路径重复")]
    Scope(DivisionCode),
}

impl DivisionTree {
    /// Reads the two files of the statistical tree, `code12,name,level,parent_code,flag` each: province to townships,
    /// and villages. The caller has already decompressed them.
    ///
    /// # Errors
    /// A line that cannot be read, a code twice, a parent that is missing, not exactly one province.
    pub fn from_csv(l1_l4: &str, l5: &str) -> Result<Self, DivisionError> {
        load::tree(l1_l4, l5)
    }

    /// One place by its code.
    pub fn get(&self, code: DivisionCode) -> Option<DivisionRef<'_>> {
        self.find_node(code).map(|at| self.view(at))
    }

    /// All places in code order, 雄安新区 included.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = DivisionRef<'_>> {
        (0..self.nodes.len()).map(|at| self.view(at))
    }

    /// The province.
    pub fn root(&self) -> Option<DivisionRef<'_>> {
        self.iter().find(|division| division.level == Level::Province)
    }

    /// The places directly governed from here, in code order; none for an unknown code.
    pub fn children(&self, code: DivisionCode) -> impl ExactSizeIterator<Item = DivisionRef<'_>> {
        let own = self.find_node(code).map_or(&[][..], |at| self.children_of(at));
        own.iter().map(|&at| self.view(at as usize))
    }

    /// The places that govern this one, from the province down, without itself; empty for an unknown code.
    pub fn ancestors(&self, code: DivisionCode) -> Vec<DivisionRef<'_>> {
        let mut line: Vec<_> = self.lineage(code).skip(1).map(|at| self.view(at)).collect();
        line.reverse();
        line
    }

    /// Whether `code` is `ancestor` or is governed from it, directly or not. Unknown codes contain nothing.
    pub fn contains(&self, ancestor: DivisionCode, code: DivisionCode) -> bool {
        self.find_node(ancestor).is_some_and(|above| self.lineage(code).any(|at| at == above))
    }

    /// 范围路径: three digits per step of the administrative line, so that "lies in" is a prefix test; at most 15.
    ///
    /// The province is `001`; every other step is taken from the place's own code (city 0+2 digits, county 0+2,
    /// township 3, village 3; 定州 `682` and 辛集 `181` directly under the province, 雄安新区 `031`), never from its
    /// rank among its siblings: a new township moves no neighbour, and a right stored as a prefix keeps its meaning.
    pub fn scope_path(&self, code: DivisionCode) -> Option<String> {
        let mut steps: Vec<u16> = self.lineage(code).map(|at| self.nodes[at].step).collect();
        steps.reverse();
        (!steps.is_empty()).then(|| steps.iter().map(|step| format!("{step:03}")).collect())
    }

    /// With all places above it: 河北省石家庄市长安区建北街道棉一东社区居民委员会.
    pub fn full_name(&self, code: DivisionCode) -> Option<String> {
        let mut names: Vec<&str> = self.lineage(code).map(|at| self.name(at)).collect();
        names.reverse();
        (!names.is_empty()).then(|| names.concat())
    }

    /// As people say it inside the province: a district with its city (石家庄市长安区), a county or county-level city
    /// alone (正定县, 定州市), a township with its county, a village with its township.
    pub fn short_name(&self, code: DivisionCode) -> Option<String> {
        let at = self.find_node(code)?;
        let name = self.name(at);
        let above =
            self.nodes[at].administrative_parent.map(|parent| self.name(parent as usize)).unwrap_or_default();
        let with_parent = match self.nodes[at].level {
            Level::Province | Level::City => false,
            // Most zones carry the name of their city already.
            Level::County => name.ends_with('区') && !name.contains(above.trim_end_matches('市')),
            Level::Township | Level::Village => true,
        };
        Some(if with_parent { format!("{above}{name}") } else { name.to_owned() })
    }

    /// Places whose own name contains `text`: exact names first, then by level from the province down, then by code.
    pub fn find(&self, text: &str, limit: usize) -> Vec<DivisionRef<'_>> {
        let text = text.trim();
        if text.is_empty() || text.contains('\n') {
            return Vec::new();
        }
        let mut found: Vec<usize> = self
            .names
            .match_indices(text)
            .map(|(offset, _)| self.nodes.partition_point(|node| node.name_start as usize <= offset) - 1)
            .collect();
        found.dedup();
        let rank = |&at: &usize| (self.name(at) != text, self.nodes[at].level, at);
        if limit < found.len() {
            found.select_nth_unstable_by_key(limit, rank);
            found.truncate(limit);
        }
        found.sort_unstable_by_key(rank);
        found.into_iter().map(|at| self.view(at)).collect()
    }

    /// Units of the statistical tree by level, zones included, 雄安新区 not.
    pub fn counts_by_level(&self) -> [(Level, usize); 5] {
        [Level::Province, Level::City, Level::County, Level::Township, Level::Village].map(|level| {
            let count = |node: &&Node| node.level == level && node.flag != Flag::AdministrativeOnly;
            (level, self.nodes.iter().filter(count).count())
        })
    }

    /// Units of the statistical tree: all but 雄安新区.
    pub fn statistical_count(&self) -> usize {
        self.nodes.iter().filter(|node| node.flag != Flag::AdministrativeOnly).count()
    }

    /// Whether the place counts in a denominator (how many counties have …): neither the 23 statistical zones nor
    /// 雄安新区, whose three counties count themselves. The townships inside a zone do count.
    pub fn is_counted(&self, code: DivisionCode) -> bool {
        let special = [Flag::Zone, Flag::AdministrativeOnly];
        self.find_node(code).is_some_and(|at| !special.contains(&self.nodes[at].flag))
    }

    /// 行使层级: the highest level of power the organs of the place hold. 定州 and 辛集, counties by their codes,
    /// act with the power of a city.
    pub fn organ_level(&self, code: DivisionCode) -> Option<Level> {
        let node = &self.nodes[self.find_node(code)?];
        Some(if node.flag == Flag::ProvinceDirect { Level::City } else { node.level })
    }

    /// Whether city items are handled here: the 11 cities, 雄安新区, 定州 and 辛集.
    pub fn acts_as_city(&self, code: DivisionCode) -> bool {
        self.organ_level(code) == Some(Level::City)
    }

    fn find_node(&self, code: DivisionCode) -> Option<usize> {
        let code = code.packed();
        self.nodes.binary_search_by_key(&code, |node| node.code).ok()
    }

    fn name(&self, at: usize) -> &str {
        let node = &self.nodes[at];
        let start = node.name_start as usize;
        &self.names[start..start + usize::from(node.name_length)]
    }

    fn children_of(&self, at: usize) -> &[u32] {
        let node = &self.nodes[at];
        let start = node.children_start as usize;
        &self.children[start..start + usize::from(node.children_count)]
    }

    /// The place and those above it, upwards.
    fn lineage(&self, code: DivisionCode) -> impl Iterator<Item = usize> {
        let above = |&at: &usize| self.nodes[at].administrative_parent.map(|parent| parent as usize);
        std::iter::successors(self.find_node(code), above)
    }

    fn view(&self, at: usize) -> DivisionRef<'_> {
        let node = &self.nodes[at];
        let code = |at: u32| DivisionCode::from_packed(self.nodes[at as usize].code);
        DivisionRef {
            code: DivisionCode::from_packed(node.code),
            name: self.name(at),
            level: node.level,
            zone: node.flag == Flag::Zone,
            quasi_township: node.flag == Flag::QuasiTownship,
            administrative_only: node.flag == Flag::AdministrativeOnly,
            parent: node.parent.map(code),
            administrative_parent: node.administrative_parent.map(code),
        }
    }
}
