//! Writes the sample sheets into a folder, then renders many and prints time and memory:
//! `cargo run --release --example samples -- /tmp/sheets 200`.

use std::path::PathBuf;
use std::time::Instant;

use tongban_documents::{Certificate, Notice, Sheet, Typesetter};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "sheets".into()));
    let count: u64 = arguments.next().map_or(Ok(0), |count| count.parse())?;
    std::fs::create_dir_all(&folder)?;
    let start = Instant::now();
    let typesetter = Typesetter::new(&[])?;
    println!("fonts found in {:?}, {typesetter:?}", start.elapsed());
    for (name, sheet) in [
        ("notice", Sheet::Notice(Notice::sample())),
        ("certificate", Sheet::Certificate(Certificate::sample())),
    ] {
        let start = Instant::now();
        let bytes = typesetter.render(&sheet, 1_795_400_000_000)?;
        println!("{name}: {} bytes in {:?}, memory {}", bytes.len(), start.elapsed(), memory());
        std::fs::write(folder.join(format!("{name}.pdf")), bytes)?;
    }
    let mut slowest = std::time::Duration::ZERO;
    let start = Instant::now();
    for number in 0..count {
        let mut notice = Notice::sample();
        notice.number = format!("（2026）长审受字第{number:05}号");
        notice.recipient = format!("石家庄第{number}餐饮有限公司");
        notice.check.code = format!("{number:012}");
        notice.check.url = format!("https://tongban.example/check/{number:012}");
        let one = Instant::now();
        typesetter.render(&Sheet::Notice(notice), 1_795_400_000_000)?;
        slowest = slowest.max(one.elapsed());
        if (number + 1) % 50 == 0 {
            println!("after {} renders: memory {}", number + 1, memory());
        }
    }
    if count > 0 {
        println!("{count} notices: mean {:?}, slowest {slowest:?}", start.elapsed() / u32::try_from(count)?);
    }
    Ok(())
}

/// Resident memory as Linux tells it.
fn memory() -> String {
    std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| status.lines().find(|line| line.starts_with("VmRSS")).map(str::to_string))
        .unwrap_or_else(|| "unknown here".into())
}
