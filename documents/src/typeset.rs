//! Sheet in, PDF out: a small typst world of two templates, the sheet as JSON and three pictures. Knows no clock:
//! the moment of making is a parameter, and the same sheet at the same moment gives the same bytes.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::fonts::{FontError, Fonts};
use crate::sheet::Sheet;
use crate::{literal, qr, stamp};

/// 版式错误: why a sheet could not be typeset.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A table whose rows or widths do not fit its columns.
    #[error("the table does not fit together: {0}")]
    Table(String),
    /// The address to be checked is too long for a QR code.
    #[error("the address for the QR code is too long ({0} bytes)")]
    QrTooLong(usize),
    /// A moment outside the years 0 to 9999.
    #[error("{0} ms after 1970 is no moment a PDF can carry")]
    Moment(i64),
    /// The sheet could not be written as JSON.
    #[error("the sheet cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The template or the PDF writer failed: a fault of this crate, never of the sheet's words.
    #[error("typesetting failed: {0}")]
    Typst(String),
}

/// How many renders an unused piece of the compiler's cache survives.
const CACHE_AGE: usize = 2;

/// The offset of Beijing time, in minutes and milliseconds.
const BEIJING_MINUTES: i32 = 8 * 60;
const BEIJING_MS: i64 = 8 * 3_600_000;

/// 排版器: sets sheets as PDF/A-2a. Fonts are found once; share it in an `Arc`, all methods take `&self`.
pub struct Typesetter {
    fonts: Fonts,
    library: LazyHash<Library>,
    templates: OnceLock<Templates>,
}

impl fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typesetter").field("families", &self.fonts.families).finish_non_exhaustive()
    }
}

impl Typesetter {
    /// Scans the folders given, then the system's fonts; takes a few tenths of a second.
    ///
    /// # Errors
    /// When a folder cannot be read, or no Chinese font is found (the message says what to install).
    pub fn new(font_dirs: &[PathBuf]) -> Result<Self, FontError> {
        Ok(Self {
            fonts: Fonts::load(font_dirs)?,
            library: LazyHash::new(<Library as LibraryExt>::default()),
            templates: OnceLock::new(),
        })
    }

    /// Renders one sheet to PDF/A-2a. `made_at_ms`: milliseconds since 1970, for the PDF's metadata.
    ///
    /// The same input gives the same bytes on the same machine (fonts decide too). Characters that no font has are
    /// printed as 〓 with their code point; [`Typesetter::undrawable`] tells them beforehand.
    ///
    /// # Errors
    /// When the table does not fit together, the QR address is too long or the moment is out of range.
    pub fn render(&self, sheet: &Sheet, made_at_ms: i64) -> Result<Vec<u8>, RenderError> {
        check_table(sheet)?;
        let options = options(sheet, made_at_ms)?;
        let world = self.world(sheet)?;
        let result = typst::compile::<PagedDocument>(&world)
            .output
            .and_then(|document| typst_pdf::pdf(&document, &options))
            .map_err(|errors| RenderError::Typst(told(&errors)));
        comemo::evict(CACHE_AGE);
        result
    }

    /// 生僻字预检: the characters of a sheet that no font here can draw, each once, by code point.
    ///
    /// # Errors
    /// Only when the sheet cannot be written as JSON.
    pub fn undrawable(&self, sheet: &Sheet) -> Result<Vec<char>, RenderError> {
        let mut found = Vec::new();
        literal::undrawable(&serde_json::to_value(sheet)?, &|c| self.fonts.covers(c), &mut found);
        found.sort_unstable();
        Ok(found)
    }

    fn world<'a>(&'a self, sheet: &Sheet) -> Result<SheetWorld<'a>, RenderError> {
        let templates = self.templates()?;
        let main = match sheet {
            Sheet::Notice(_) => templates.notice.id(),
            Sheet::Certificate(_) => templates.certificate.id(),
        };
        let mut data = serde_json::to_value(sheet)?;
        literal::make_printable(&mut data, &|c| self.fonts.covers(c));
        let mut files = vec![
            (file_id("sheet.json")?, Bytes::new(serde_json::to_vec(&data)?)),
            (file_id("fonts.json")?, Bytes::new(serde_json::to_vec(&self.fonts.families)?)),
        ];
        if let Some(seal) = sheet.seal() {
            files.push((file_id("seal.svg")?, Bytes::from_string(stamp::seal(&self.fonts, seal))));
        }
        if let Some(words) = sheet.watermark() {
            let (width, height) = match sheet {
                Sheet::Notice(_) => (210.0, 297.0),
                Sheet::Certificate(_) => (297.0, 210.0),
            };
            let svg = stamp::watermark(&self.fonts, words, width, height);
            files.push((file_id("watermark.svg")?, Bytes::from_string(svg)));
        }
        let url = &sheet.check().url;
        if !url.is_empty() {
            let svg = qr::svg(url).ok_or(RenderError::QrTooLong(url.len()))?;
            files.push((file_id("qr.svg")?, Bytes::from_string(svg)));
        }
        Ok(SheetWorld { fonts: &self.fonts, library: &self.library, templates, main, files })
    }

    fn templates(&self) -> Result<&Templates, RenderError> {
        match self.templates.get() {
            Some(templates) => Ok(templates),
            None => {
                let parsed = Templates::parse()?;
                Ok(self.templates.get_or_init(|| parsed))
            }
        }
    }
}

/// The templates, parsed once.
struct Templates {
    common: Source,
    notice: Source,
    certificate: Source,
}

impl Templates {
    fn parse() -> Result<Self, RenderError> {
        let source = |path, text: &str| Ok::<_, RenderError>(Source::new(file_id(path)?, text.to_string()));
        Ok(Self {
            common: source("common.typ", include_str!("../templates/common.typ"))?,
            notice: source("notice.typ", include_str!("../templates/notice.typ"))?,
            certificate: source("certificate.typ", include_str!("../templates/certificate.typ"))?,
        })
    }
}

/// Paths are few and fixed: typst keeps every one it has ever seen.
fn file_id(path: &'static str) -> Result<FileId, RenderError> {
    let path = VirtualPath::new(path).map_err(|error| RenderError::Typst(format!("{path}: {error:?}")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// What the compiler may see: fonts, templates and the files made for one sheet; no disk, no network, no clock.
struct SheetWorld<'a> {
    fonts: &'a Fonts,
    library: &'a LazyHash<Library>,
    templates: &'a Templates,
    main: FileId,
    files: Vec<(FileId, Bytes)>,
}

impl World for SheetWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        [&self.templates.common, &self.templates.notice, &self.templates.certificate]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, bytes)| bytes.clone())
            .ok_or_else(|| not_found(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(PathBuf::from(id.get().vpath().get_without_slash()))
}

fn check_table(sheet: &Sheet) -> Result<(), RenderError> {
    let Some(table) = sheet.table() else { return Ok(()) };
    let columns = table.columns.len();
    if columns == 0 {
        return Err(RenderError::Table("it has no columns".into()));
    }
    if !table.widths.is_empty() && table.widths.len() != columns {
        return Err(RenderError::Table(format!("{columns} columns but {} widths", table.widths.len())));
    }
    if table.widths.iter().any(|width| !(width.is_finite() && *width > 0.0)) {
        return Err(RenderError::Table("a width is not above zero".into()));
    }
    match table.rows.iter().position(|row| row.len() != columns) {
        Some(at) => Err(RenderError::Table(format!(
            "row {} has {} cells, but there are {columns} columns",
            at + 1,
            table.rows[at].len()
        ))),
        None => Ok(()),
    }
}

fn options(sheet: &Sheet, made_at_ms: i64) -> Result<PdfOptions, RenderError> {
    let standards = PdfStandards::new(&[PdfStandard::A_2a])
        .map_err(|error| RenderError::Typst(error.message().to_string()))?;
    let timestamp = moment(made_at_ms).ok_or(RenderError::Moment(made_at_ms))?;
    Ok(PdfOptions {
        ident: Smart::Custom(format!("{}\n{}\n{}", sheet.title(), sheet.number(), sheet.check().code)),
        creator: Smart::Custom(Some("tongban".into())),
        timestamp: Some(timestamp),
        page_ranges: None,
        standards,
        tagged: true,
        pretty: false,
    })
}

/// Beijing time of a moment. Civil date from a day count, after Howard Hinnant's `civil_from_days`.
fn moment(made_at_ms: i64) -> Option<Timestamp> {
    let seconds = made_at_ms.checked_add(BEIJING_MS)?.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let year = i32::try_from(year).ok().filter(|year| (0..=9999).contains(year))?;
    let small = |value: i64| u8::try_from(value).ok();
    let datetime = Datetime::from_ymd_hms(
        year,
        small(month)?,
        small(day)?,
        small(second / 3600)?,
        small(second / 60 % 60)?,
        small(second % 60)?,
    )?;
    Timestamp::new_local(datetime, BEIJING_MINUTES)
}

fn told(errors: &[SourceDiagnostic]) -> String {
    errors
        .iter()
        .map(|error| {
            let hints = error.hints.iter().map(|hint| format!(" ({})", hint.v)).collect::<String>();
            format!("{}{hints}", error.message)
        })
        .collect::<Vec<_>>()
        .join("; ")
}
