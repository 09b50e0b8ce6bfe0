//! Figures as Markdown: one table with a column per engine on the terminal, one file per engine in the folder of results.

use std::path::Path;

use crate::options::{Measure, Options};
use crate::{Outcome, machine};

/// The figures of one engine, in the order of the table.
#[derive(Debug, Default)]
pub struct Column {
    engine: &'static str,
    rows: Vec<(String, String)>,
}

impl Column {
    /// An empty column.
    pub fn new(engine: &'static str) -> Self {
        Self { engine, rows: Vec::new() }
    }

    /// Adds a figure.
    pub fn put(&mut self, label: impl Into<String>, value: impl std::fmt::Display) {
        self.rows.push((label.into(), value.to_string()));
    }
}

/// Prints the table and writes the files.
pub fn publish(options: &Options, notes: &[String], columns: &[Column]) -> Outcome<()> {
    let machine = machine::description();
    let all: Vec<&Column> = columns.iter().collect();
    println!("{}", page(options.measure, &machine, notes, &all));
    let date = machine::date();
    for column in columns {
        let text = page(options.measure, &machine, notes, &[column]);
        let path = options.out.join(format!("{date}-{}-{}.md", options.measure.word(), column.engine));
        write(&path, &text)?;
        eprintln!("written: {}", path.display());
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    }
    std::fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}

fn page(measure: Measure, machine: &[(String, String)], notes: &[String], columns: &[&Column]) -> String {
    let mut text = format!("# tongban bench: {}\n\n", measure.word());
    for (label, value) in machine {
        text += &format!("- {label}: {value}\n");
    }
    for note in notes {
        text += &format!("- {note}\n");
    }
    text += "\n|  |";
    for column in columns {
        text += &format!(" {} |", column.engine);
    }
    text += "\n|---|";
    text += &"--:|".repeat(columns.len());
    text += "\n";
    let mut labels: Vec<&str> = Vec::new();
    for column in columns {
        let mut after = 0;
        for (label, _) in &column.rows {
            match labels.iter().position(|l| l == label) {
                Some(at) => after = at + 1,
                None => {
                    labels.insert(after, label);
                    after += 1;
                }
            }
        }
    }
    for label in labels {
        text += &format!("| {label} |");
        for column in columns {
            let value = column.rows.iter().find(|(l, _)| l == label).map_or("—", |(_, v)| v);
            text += &format!(" {} |", value.replace('|', "/").replace('\n', " "));
        }
        text += "\n";
    }
    text
}

/// A value of a sorted list that this share of it does not exceed; 0 of none.
pub fn percentile(sorted: &[u32], share: f64) -> u32 {
    let at = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(at.max(1) - 1).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let hundred: Vec<u32> = (1..=100).collect();
        assert_eq!(
            (percentile(&hundred, 0.5), percentile(&hundred, 0.99), percentile(&hundred, 1.0)),
            (50, 99, 100)
        );
        assert_eq!((percentile(&[7], 0.5), percentile(&[], 0.99)), (7, 0));
    }

    #[test]
    fn columns_share_one_table_and_gaps_are_marked() {
        let mut one = Column::new("sqlite");
        one.put("acts/s", 12);
        one.put("ratio", "1|2");
        let mut two = Column::new("postgres");
        two.put("acts/s", 34);
        two.put("database CPU", 5);
        two.put("ratio", 3);
        let text = page(Measure::Load, &[("rustc".into(), "1".into())], &[], &[&one, &two]);
        let table: Vec<&str> = text.lines().filter(|l| l.starts_with('|')).collect();
        assert_eq!(
            table,
            [
                "|  | sqlite | postgres |",
                "|---|--:|--:|",
                "| acts/s | 12 | 34 |",
                "| database CPU | — | 5 |",
                "| ratio | 1/2 | 3 |"
            ]
        );
    }
}
