//! What a reader gets: the pages' text, fonts and marks, judged with poppler's tools.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tongban_documents::{Certificate, Notice, RenderError, Seal, Sheet, Table, Typesetter};

/// 2026-11-23 10:30:05 in Beijing.
const MOMENT: i64 = 1_795_401_005_000;

static TYPESETTER: LazyLock<Typesetter> = LazyLock::new(|| Typesetter::new(&[]).expect("fonts"));

/// A rendered sheet in a file of its own.
struct Pdf {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Drop for Pdf {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Pdf {
    fn of(sheet: &Sheet) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let bytes = TYPESETTER.render(sheet, MOMENT).expect("rendered");
        let name =
            format!("tongban-page-{}-{}.pdf", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, &bytes).expect("scratch file");
        Self { path, bytes }
    }

    fn tool(&self, tool: &str, before: &[&str], after: &[&str]) -> String {
        let output =
            Command::new(tool).args(before).arg(&self.path).args(after).output().unwrap_or_else(|error| {
                panic!(
                    "this test needs `{tool}` and it does not run ({error}): apt-get install poppler-utils"
                )
            });
        assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The text as a reader would copy it, without the line breaks and blanks that layout brings.
    fn text(&self) -> String {
        squeezed(&self.tool("pdftotext", &["-raw"], &["-"]))
    }

    fn info(&self, field: &str) -> String {
        let info = self.tool("pdfinfo", &["-rawdates"], &[]);
        let line = info.lines().find(|line| line.starts_with(&format!("{field}:")));
        line.unwrap_or_else(|| panic!("no {field} in {info}"))[field.len() + 1..].trim().to_string()
    }

    fn pages(&self) -> usize {
        self.info("Pages").parse().expect("a number")
    }

    /// No word reaches over the edge of its page.
    fn stays_on_the_page(&self) {
        let boxes = self.tool("pdftotext", &["-bbox"], &["-"]);
        let number = |line: &str, name: &str| -> f64 {
            let from = line.find(&format!("{name}=\"")).expect("attribute") + name.len() + 2;
            line[from..].split('"').next().and_then(|text| text.parse().ok()).expect("number")
        };
        let (mut width, mut height) = (0.0, 0.0);
        for line in boxes.lines().map(str::trim) {
            if line.starts_with("<page ") {
                (width, height) = (number(line, "width"), number(line, "height"));
            } else if line.starts_with("<word ") {
                let inside = number(line, "xMin") >= 30.0
                    && number(line, "xMax") <= width - 30.0
                    && number(line, "yMin") >= 30.0
                    && number(line, "yMax") <= height - 30.0;
                assert!(inside, "outside of {width} x {height}: {line}");
            }
        }
        assert!(width > 0.0);
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn has(text: &str, words: &str) {
    assert!(text.contains(&squeezed(words)), "{words:?} is not in {text}");
}

fn notice(change: impl FnOnce(&mut Notice)) -> Sheet {
    let mut notice = Notice { watermark: None, ..Notice::sample() };
    change(&mut notice);
    Sheet::Notice(notice)
}

fn certificate(change: impl FnOnce(&mut Certificate)) -> Sheet {
    let mut certificate = Certificate { watermark: None, ..Certificate::sample() };
    change(&mut certificate);
    Sheet::Certificate(certificate)
}

#[test]
fn a_notice_carries_all_its_words() {
    let sample = Notice::sample();
    let pdf = Pdf::of(&Sheet::Notice(sample.clone()));
    let text = pdf.text();
    for words in [&sample.title, &sample.number, &sample.recipient, &sample.date, &sample.contact] {
        has(&text, words);
    }
    for words in
        sample.paragraphs.iter().chain(&sample.closing).chain([&sample.check.code, &sample.check.hint])
    {
        has(&text, words);
    }
    for (label, value) in &sample.facts {
        has(&text, label);
        has(&text, value);
    }
    for cell in sample.table.expect("a table").rows.iter().flatten() {
        has(&text, cell);
    }
    assert_eq!(text.matches(&sample.organ).count(), 2, "above the title and at the foot: {text}");
    assert_eq!(pdf.pages(), 1);
    assert!(!text.contains("1/1"), "one page needs no page number: {text}");
    pdf.stays_on_the_page();
}

#[test]
fn a_certificate_carries_all_its_words() {
    let sample = Certificate::sample();
    let pdf = Pdf::of(&Sheet::Certificate(sample.clone()));
    let text = pdf.text();
    let single =
        [&sample.title, &sample.number, &sample.identifier, &sample.holder, &sample.valid, &sample.remark];
    for words in single.into_iter().chain([&sample.organ, &sample.date, &sample.check.code]) {
        has(&text, words);
    }
    for (label, value) in &sample.facts {
        has(&text, label);
        has(&text, value);
    }
    assert_eq!(pdf.pages(), 1);
    pdf.stays_on_the_page();
}

#[test]
fn seal_and_watermark_are_pictures_and_not_text() {
    let seal = Some(Seal { organ: "甲乙丙丁戊己庚辛".into(), caption: "壬癸".into() });
    for sheet in [
        notice(|n| (n.seal, n.watermark) = (seal.clone(), Some("鹏翔".into()))),
        certificate(|c| (c.seal, c.watermark) = (seal.clone(), Some("鹏翔".into()))),
    ] {
        let pdf = Pdf::of(&sheet);
        let text = pdf.text();
        for letter in "甲乙丙丁戊己庚辛壬癸鹏翔".chars() {
            assert!(!text.contains(letter), "{letter} of the seal or watermark is in the text: {text}");
        }
        let bare = match sheet {
            Sheet::Notice(n) => Sheet::Notice(Notice { seal: None, watermark: None, ..n }),
            Sheet::Certificate(c) => Sheet::Certificate(Certificate { seal: None, watermark: None, ..c }),
        };
        assert!(Pdf::of(&bare).bytes.len() + 1000 < pdf.bytes.len(), "seal and watermark draw nothing");
    }
}

#[test]
fn the_same_sheet_at_the_same_moment_gives_the_same_bytes() {
    for sheet in [Sheet::Notice(Notice::sample()), Sheet::Certificate(Certificate::sample())] {
        let first = TYPESETTER.render(&sheet, MOMENT).expect("rendered");
        assert_eq!(first, TYPESETTER.render(&sheet, MOMENT).expect("rendered"));
        let another = Typesetter::new(&[]).expect("fonts");
        assert_eq!(first, another.render(&sheet, MOMENT).expect("rendered"), "another typesetter");
        assert_ne!(first, TYPESETTER.render(&sheet, MOMENT + 1000).expect("rendered"), "another moment");
    }
}

#[test]
fn threads_share_one_typesetter() {
    let expected = TYPESETTER.render(&Sheet::Notice(Notice::sample()), MOMENT).expect("rendered");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    let bytes =
                        TYPESETTER.render(&Sheet::Notice(Notice::sample()), MOMENT).expect("rendered");
                    assert_eq!(bytes, expected);
                }
            });
        }
    });
}

#[test]
fn it_is_a_tagged_pdf_a_with_title_language_and_date() {
    for sheet in [Sheet::Notice(Notice::sample()), Sheet::Certificate(Certificate::sample())] {
        let pdf = Pdf::of(&sheet);
        assert_eq!(pdf.info("Tagged"), "yes");
        let title = match &sheet {
            Sheet::Notice(n) => format!("{} {}", n.title, n.number),
            Sheet::Certificate(c) => format!("{} {}", c.title, c.number),
        };
        assert_eq!(pdf.info("Title"), title);
        assert_eq!(pdf.info("Author"), "长安区行政审批局");
        assert_eq!(pdf.info("CreationDate"), "D:20261123103005+08'00");
        let raw = String::from_utf8_lossy(&pdf.bytes);
        assert!(raw.contains("<pdfaid:part>2</pdfaid:part>"), "PDF/A part");
        assert!(raw.contains("<pdfaid:conformance>A</pdfaid:conformance>"), "PDF/A level");
        assert!(raw.contains("/Lang (zh-CN)") || raw.contains("/Lang(zh-CN)"), "language");
    }
}

#[test]
fn moments_at_the_edges_are_told_rightly_or_refused() {
    let sheet = notice(|_| {});
    for (moment, expected) in [
        (0, "D:19700101080000+08'00"),
        (951_753_600_000, "D:20000229000000+08'00"),
        (4_107_513_599_000, "D:21000228235959+08'00"),
        (-1, "D:19700101075959+08'00"),
    ] {
        let bytes = TYPESETTER.render(&sheet, moment).expect("rendered");
        let scratch = Pdf { path: std::env::temp_dir().join(format!("tongban-m{moment}.pdf")), bytes };
        std::fs::write(&scratch.path, &scratch.bytes).expect("scratch file");
        assert_eq!(scratch.info("CreationDate"), expected);
    }
    for moment in [i64::MAX, i64::MIN, 400_000_000_000_000] {
        assert!(matches!(TYPESETTER.render(&sheet, moment), Err(RenderError::Moment(_))), "{moment}");
    }
}

#[test]
fn fonts_are_embedded_as_subsets() {
    let pdf = Pdf::of(&Sheet::Notice(Notice::sample()));
    let fonts = pdf.tool("pdffonts", &[], &[]);
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!lines.is_empty(), "{fonts}");
    for line in lines {
        assert!(line.contains("yes yes yes"), "embedded, subset, with Unicode: {line}");
    }
    assert!(pdf.bytes.len() < 150_000, "{} bytes", pdf.bytes.len());
}

#[test]
fn what_looks_like_markup_is_printed_as_it_stands() {
    let traps = [
        r##"#import "x": y"##,
        "#panic(1)",
        "*bold* _it_ `raw`",
        "$x^2$",
        "<label> @reference",
        r"\ back\slash \u{41}",
        "= heading",
        "- list",
        "/ term: x",
        "// comment",
        "/* note */",
        "[content] {code}",
        "~ -- --- ...",
        "\"quotes\" 'single'",
        "https://example.com/a?b=c&d=e#f",
        "&lt;b&gt; %20 %s {0}",
    ];
    let all = traps.join("\n");
    let rows = traps.iter().map(|trap| vec![(*trap).to_string(), "x".to_string()]).collect();
    let sheet = notice(|n| {
        n.title = "#strong[标题] *a*".into();
        n.organ = "机关 $x$ <a>".into();
        n.number = "#number".into();
        n.recipient = r"张\三 #x".into();
        n.paragraphs = vec![all.clone()];
        n.facts = traps.iter().map(|trap| ("*标签*".to_string(), (*trap).to_string())).collect();
        n.table = Some(Table {
            caption: "#caption".into(),
            columns: vec!["*甲*".into(), "#乙".into()],
            widths: vec![],
            rows,
        });
        n.closing = vec![all.clone()];
        n.contact = "#contact *c*".into();
        n.check.hint = "#hint <h>".into();
        n.check.code = "#code".into();
        n.seal = Some(Seal { organ: "<svg> & \"#x\"".into(), caption: "</path>".into() });
        n.watermark = Some("<&\"'".into());
    });
    let pdf = Pdf::of(&sheet);
    let text = pdf.text();
    for trap in traps {
        assert!(
            text.matches(&squeezed(trap)).count() >= 4,
            "{trap:?} in body, facts, table and closing: {text}"
        );
    }
    for words in
        ["#strong[标题] *a*", "机关 $x$ <a>", r"张\三 #x", "#caption", "*甲*", "#contact *c*", "#hint <h>"]
    {
        has(&text, words);
    }
    let sheet = certificate(|c| {
        c.title = "#strong[证]".into();
        c.holder = traps.join(" ");
        c.facts = traps.iter().map(|trap| ("*标签*".to_string(), (*trap).to_string())).collect();
        c.remark = all.clone();
    });
    let text = Pdf::of(&sheet).text();
    for trap in traps {
        assert!(text.matches(&squeezed(trap)).count() >= 3, "{trap:?}: {text}");
    }
}

#[test]
fn rare_characters_are_printed_and_can_be_copied() {
    let rare = "㛃𫖯龘喆堃㸃䶮";
    let sheet = notice(|n| {
        n.recipient = rare.into();
        n.seal = Some(Seal { organ: rare.into(), caption: rare.into() });
    });
    assert_eq!(TYPESETTER.undrawable(&sheet).expect("looked"), Vec::<char>::new());
    has(&Pdf::of(&sheet).text(), rare);
    has(&Pdf::of(&certificate(|c| c.holder = rare.into())).text(), rare);
}

#[test]
fn characters_no_font_has_are_named_and_do_not_stop_the_document() {
    let sheet = notice(|n| {
        n.recipient = "张\u{e863}\u{323af}".into();
        n.seal = Some(Seal { organ: "局\u{e863}".into(), caption: "\u{0}".into() });
        n.paragraphs = vec!["葛\u{e0100}城\u{202e}\u{0}\u{feff}\u{fffe}女\u{200d}王".into()];
    });
    let missing = TYPESETTER.undrawable(&sheet).expect("looked");
    assert_eq!(missing, ['\u{e863}', '\u{fffe}', '\u{323af}']);
    let text = Pdf::of(&sheet).text();
    has(&text, "张〓(U+E863)〓(U+323AF)");
    has(&text, "葛");
}

#[test]
fn no_character_at_all_stops_a_document() {
    let everywhere = (0..=0x10_ffff_u32).step_by(509);
    let marks =
        (0..0x250).chain(0x2000..0x2070).chain(0x3000..0x3040).chain(0xfe00..0xff00).chain(0xfff0..0x1_0000);
    let letters: Vec<char> = everywhere.chain(marks).filter_map(char::from_u32).collect();
    let selectors = [
        "葛\u{e0100}",
        "辻\u{e0101}",
        "字\u{e01ef}",
        "︎\u{fe0f}",
        "\u{fe0e}",
        "e\u{301}\u{20dd}",
        "한글",
        "שלום",
        "مرحبا",
        "👩\u{200d}🔬",
    ];
    let mut paragraphs: Vec<String> = letters.chunks(40).map(|chunk| chunk.iter().collect()).collect();
    paragraphs.extend(selectors.map(String::from));
    let facts =
        letters.chunks(200).map(|chunk| (chunk.iter().take(3).collect(), chunk.iter().collect())).collect();
    let pdf = Pdf::of(&notice(|n| (n.paragraphs, n.facts) = (paragraphs, facts)));
    has(&pdf.text(), "受理通知书");
}

#[test]
fn sixty_rows_break_over_pages_and_repeat_the_header() {
    let rows: Vec<Vec<String>> = (1..=60)
        .map(|n| {
            vec![n.to_string(), format!("第{n}份材料，名称较长需要换行显示，以检验表格跨页"), "原件".into()]
        })
        .collect();
    let sheet = notice(|n| {
        n.table = Some(Table {
            caption: "材料清单".into(),
            columns: vec!["序号".into(), "材料全称".into(), "形式".into()],
            widths: vec![1.0, 5.0, 1.5],
            rows: rows.clone(),
        });
    });
    let pdf = Pdf::of(&sheet);
    let (text, pages) = (pdf.text(), pdf.pages());
    assert!(pages >= 3, "{pages} pages");
    for row in &rows {
        has(&text, &row[1]);
    }
    assert!(text.matches("材料全称").count() >= pages - 1, "header on every page of the table: {text}");
    for page in 1..=pages {
        has(&text, &format!("{page}/{pages}"));
    }
    pdf.stays_on_the_page();
}

#[test]
fn one_cell_longer_than_a_page_is_not_lost() {
    let long: String = (0..4000).map(|n| char::from_u32(0x4e00 + n % 500).expect("a letter")).collect();
    let sheet = notice(|n| {
        n.facts = vec![("理由".into(), long.clone())];
        n.closing = vec![long.clone()];
    });
    let pdf = Pdf::of(&sheet);
    let letters = pdf.text().chars().filter(|c| ('\u{4e00}'..'\u{4ff4}').contains(c)).count();
    assert!(letters >= 8000, "{letters}");
    pdf.stays_on_the_page();
}

#[test]
fn long_names_and_long_runs_stay_on_the_page() {
    let name = "中华人民共和国".repeat(12);
    let run = "0123456789abcdef".repeat(12);
    let sheet = notice(|n| {
        n.title = name.clone();
        n.organ = name.clone();
        n.number = format!("（2026）{run}");
        n.recipient = format!("{name}{run}");
        n.paragraphs = vec![run.clone(), name.clone()];
        n.facts = vec![(name.clone(), run.clone()), (run.clone(), name.clone())];
        n.table = Some(Table {
            caption: name.clone(),
            columns: vec!["摘要".into(), "甲".into(), name.chars().take(20).collect()],
            widths: vec![1.0, 1.0, 9.0],
            rows: vec![vec![run.clone(), run.clone(), name.clone()]],
        });
        n.contact = format!("{run}{name}");
        n.check.code = run.clone();
        n.check.hint = run.clone();
        n.check.url = format!("https://tongban.example/{run}{run}");
        n.seal = Some(Seal { organ: name.clone(), caption: name.clone() });
        n.watermark = Some(name.clone());
    });
    let pdf = Pdf::of(&sheet);
    pdf.stays_on_the_page();
    has(&pdf.text(), &run);
    let sheet = certificate(|c| {
        c.title = name.clone();
        c.number = run.clone();
        c.identifier = format!("{run}{run}");
        c.holder = name.clone();
        c.facts = (0..30).map(|n| (format!("{name}{n}"), format!("{n}{run}"))).collect();
        c.valid = name.clone();
        c.organ = name.clone();
        c.remark = run.clone();
        c.seal = Some(Seal { organ: name.clone(), caption: name.clone() });
    });
    let pdf = Pdf::of(&sheet);
    pdf.stays_on_the_page();
    assert!(pdf.pages() > 1);
    has(&pdf.text(), &format!("29{run}"));
}

#[test]
fn empty_parts_are_left_out() {
    let blank = tongban_documents::Check { url: String::new(), code: String::new(), hint: String::new() };
    let sheet = Sheet::Notice(Notice {
        title: "告知书".into(),
        organ: "某局".into(),
        number: String::new(),
        recipient: String::new(),
        paragraphs: vec![],
        facts: vec![],
        table: Some(Table {
            caption: String::new(),
            columns: vec!["甲".into()],
            widths: vec![],
            rows: vec![],
        }),
        closing: vec![],
        contact: String::new(),
        date: String::new(),
        seal: Some(Seal { organ: String::new(), caption: String::new() }),
        check: blank.clone(),
        watermark: Some(" ".into()),
    });
    assert_eq!(Pdf::of(&sheet).text(), "某局告知书甲某局");
    let sheet = Sheet::Certificate(Certificate {
        title: "证".into(),
        number: String::new(),
        identifier: String::new(),
        holder: String::new(),
        facts: vec![],
        valid: String::new(),
        organ: String::new(),
        date: String::new(),
        remark: String::new(),
        seal: None,
        check: blank,
        watermark: None,
    });
    assert_eq!(Pdf::of(&sheet).text(), "证");
}

#[test]
fn a_table_that_does_not_fit_together_is_refused() {
    let table = |columns: usize, widths: Vec<f32>, row: usize| {
        notice(|n| {
            n.table = Some(Table {
                caption: "表".into(),
                columns: vec!["列".into(); columns],
                widths,
                rows: vec![vec!["格".into(); row]],
            });
        })
    };
    let cases = [
        table(0, vec![], 0),
        table(2, vec![1.0], 2),
        table(2, vec![], 3),
        table(1, vec![f32::NAN], 1),
        table(1, vec![0.0], 1),
    ];
    for sheet in cases {
        assert!(matches!(TYPESETTER.render(&sheet, MOMENT), Err(RenderError::Table(_))), "{sheet:?}");
    }
}

#[test]
fn an_address_too_long_for_a_qr_code_is_refused() {
    let sheet = notice(|n| n.check.url = "x".repeat(3000));
    assert!(matches!(TYPESETTER.render(&sheet, MOMENT), Err(RenderError::QrTooLong(3000))));
}

#[test]
fn a_sheet_survives_json_and_unknown_fields_are_refused() {
    for sheet in [Sheet::Notice(Notice::sample()), Sheet::Certificate(Certificate::sample())] {
        let json = serde_json::to_value(&sheet).expect("written");
        assert_eq!(serde_json::from_value::<Sheet>(json.clone()).expect("read"), sheet);
        let mut more = json;
        more["colour"] = "red".into();
        assert!(serde_json::from_value::<Sheet>(more).is_err(), "an unknown field was read over");
    }
}
