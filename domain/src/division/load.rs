//! Reading the tree: lines to rows, rows to nodes, parents by both trees, steps of the scope paths.

use super::{DivisionError, DivisionTree, Flag, Level, Node, XIONGAN};
use crate::ids::DivisionCode;

struct Row<'a> {
    code: u64,
    name: &'a str,
    level: Level,
    parent: Option<u64>,
    flag: Flag,
}

pub(super) fn tree(l1_l4: &str, l5: &str) -> Result<DivisionTree, DivisionError> {
    let mut rows = Vec::with_capacity(l1_l4.len() / 40 + l5.len() / 50);
    read("l1_l4", l1_l4, &mut rows)?;
    read("l5", l5, &mut rows)?;
    let mut provinces = rows.iter().filter(|row| row.level == Level::Province);
    let (Some(province), None) = (provinces.next(), provinces.next()) else {
        return Err(DivisionError::Root);
    };
    let province = province.code;
    if rows.iter().any(|row| row.flag == Flag::XionganCounty) {
        let (level, flag) = (Level::City, Flag::AdministrativeOnly);
        rows.push(Row { code: XIONGAN, name: "雄安新区", level, parent: Some(province), flag });
    }
    rows.sort_unstable_by_key(|row| row.code);
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].code == pair[1].code) {
        return Err(DivisionError::Duplicate(DivisionCode::from_packed(pair[0].code)));
    }
    let (nodes, names) = link(&rows, province)?;
    let mut tree = DivisionTree { nodes, names, children: Vec::new() };
    adopt(&mut tree)?;
    Ok(tree)
}

fn read<'a>(file: &'static str, text: &'a str, rows: &mut Vec<Row<'a>>) -> Result<(), DivisionError> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    if lines.next().is_none_or(|(_, header)| header.trim_end() != "code12,name,level,parent_code,flag") {
        return Err(DivisionError::Header);
    }
    for (at, line) in lines.filter(|(_, line)| !line.is_empty()) {
        rows.push(row(line).map_err(|problem| DivisionError::Line { file, line: at + 1, problem })?);
    }
    Ok(())
}

fn row(line: &str) -> Result<Row<'_>, &'static str> {
    let mut fields = line.split(',');
    let mut field = || fields.next().ok_or("应有5列，用英文逗号分隔");
    let (code, name, level, parent, flag) = (field()?, field()?, field()?, field()?, field()?);
    if fields.next().is_some() {
        return Err("应有5列，用英文逗号分隔");
    }
    let level = level.parse().ok().and_then(Level::from_statistical).ok_or("级别应为1至5")?;
    let parent = match (parent, level) {
        ("", Level::Province) => None,
        (_, Level::Province) => return Err("省级不应有上级区划"),
        (text, _) => Some(packed(text).ok_or("上级区划代码应为12位数字")?),
    };
    let flag = match flag {
        "" => Flag::None,
        "functional_zone" => Flag::Zone,
        "province_direct_county_city" => Flag::ProvinceDirect,
        "xiongan" => Flag::XionganCounty,
        "pseudo" => Flag::QuasiTownship,
        _ => return Err("标记不认识"),
    };
    let expected = match flag {
        Flag::Zone | Flag::ProvinceDirect | Flag::XionganCounty => Some(Level::County),
        Flag::QuasiTownship => Some(Level::Township),
        Flag::None | Flag::AdministrativeOnly => None,
    };
    if expected.is_some_and(|expected| expected != level) {
        return Err("标记与级别不符");
    }
    if name.is_empty() || name.len() > usize::from(u16::MAX) {
        return Err("名称不能为空或过长");
    }
    Ok(Row { code: packed(code).ok_or("区划代码应为12位数字")?, name, level, parent, flag })
}

fn packed(code: &str) -> Option<u64> {
    let digits = code.len() == 12 && code.bytes().all(|c| c.is_ascii_digit());
    if digits { code.parse().ok() } else { None }
}

/// Rows in code order to nodes with both parents.
fn link(rows: &[Row<'_>], province: u64) -> Result<(Vec<Node>, String), DivisionError> {
    let find = |code: u64| rows.binary_search_by_key(&code, |row| row.code).ok();
    let mut names = String::with_capacity(rows.iter().map(|row| row.name.len() + 1).sum());
    let mut nodes: Vec<Node> = Vec::with_capacity(rows.len());
    for row in rows {
        let above = match row.parent {
            None => None,
            Some(code) => {
                let above = find(code).filter(|&at| rows[at].level as u8 + 1 == row.level as u8);
                Some(above.ok_or(DivisionError::Parent(DivisionCode::from_packed(row.code)))? as u32)
            }
        };
        let (parent, administrative_parent) = match row.flag {
            Flag::ProvinceDirect => (above, find(province).map(|at| at as u32)),
            Flag::XionganCounty => (above, find(XIONGAN).map(|at| at as u32)),
            Flag::AdministrativeOnly => (None, above),
            Flag::None | Flag::Zone | Flag::QuasiTownship => (above, above),
        };
        nodes.push(Node {
            code: row.code,
            parent,
            administrative_parent,
            name_start: names.len() as u32,
            children_start: 0,
            children_count: 0,
            name_length: row.name.len() as u16,
            step: step(row),
            level: row.level,
            flag: row.flag,
        });
        names.push_str(row.name);
        names.push('\n');
    }
    Ok((nodes, names))
}

/// The place's step in scope paths, from its own code.
fn step(row: &Row<'_>) -> u16 {
    let (divisor, modulus) = match (row.level, row.flag) {
        (Level::Province, _) => return 1,
        (Level::City, _) => (100_000_000, 100),
        (Level::County, Flag::ProvinceDirect) => (1_000_000, 1_000),
        (Level::County, _) => (1_000_000, 100),
        (Level::Township, _) => (1_000, 1_000),
        (Level::Village, _) => (1, 1_000),
    };
    (row.code / divisor % modulus) as u16
}

/// Lists every node's administrative children in code order, and makes sure no two share a step.
fn adopt(tree: &mut DivisionTree) -> Result<(), DivisionError> {
    let mut families: Vec<(u32, u32)> = Vec::with_capacity(tree.nodes.len());
    for (at, node) in tree.nodes.iter().enumerate() {
        families.extend(node.administrative_parent.map(|parent| (parent, at as u32)));
    }
    families.sort_unstable();
    let mut taken = [false; 1_000];
    for family in families.chunk_by(|a, b| a.0 == b.0) {
        taken.fill(false);
        for &(_, child) in family {
            let node = &tree.nodes[child as usize];
            if std::mem::replace(&mut taken[usize::from(node.step)], true) {
                return Err(DivisionError::Scope(DivisionCode::from_packed(node.code)));
            }
        }
        // Steps are distinct and below 1,000, so the count fits.
        let parent = &mut tree.nodes[family[0].0 as usize];
        parent.children_start = tree.children.len() as u32;
        parent.children_count = family.len() as u16;
        tree.children.extend(family.iter().map(|&(_, child)| child));
    }
    Ok(())
}
