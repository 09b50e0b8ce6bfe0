//! Which fonts there are and which are used for what: the agency's licensed 仿宋 and 小标宋 where a folder holds
//! them, the free Noto faces otherwise. Files are read once and shared by the faces inside.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo, FontStretch, FontStyle, FontVariant, FontWeight};
use typst_kit::fonts::{FontPath, FontSource, FontStore};

/// 字体不可用: why no page can be set on this machine.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// No Chinese font at all.
    #[error(
        "no Chinese font found in {searched} or among the system's fonts: install one (Debian or Ubuntu: \
         `apt-get install fonts-noto-cjk`; Fedora: `dnf install google-noto-serif-cjk-fonts`) or name a folder that \
         holds one"
    )]
    NoChinese {
        /// The configured folders, as text.
        searched: String,
    },
    /// A configured folder cannot be read.
    #[error(
        "the font folder {folder} cannot be read: {reason}; create it, or take it out of the configuration"
    )]
    Folder {
        /// The folder as configured.
        folder: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
}

/// Body: 仿宋 first, then 宋, then anything Chinese.
const BODY: &[&str] = &[
    "FangSong_GB2312",
    "仿宋_GB2312",
    "FangSong",
    "仿宋",
    "FZFangSong-Z02",
    "方正仿宋_GBK",
    "STFangsong",
    "华文仿宋",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "思源宋体",
    "Songti SC",
    "SimSun",
    "宋体",
];

/// Titles and seals: 小标宋 first, then a bold 宋.
const TITLE: &[&str] = &[
    "FZXiaoBiaoSong-B05",
    "FZXiaoBiaoSong-B05S",
    "FZXiaoBiaoSong",
    "方正小标宋_GBK",
    "方正小标宋简体",
    "小标宋体",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "思源宋体",
    "Songti SC",
];

/// Behind both lists.
const LAST: &[&str] =
    &["Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei"];

/// The families a template is to use, best first.
#[derive(Serialize, Debug, Clone)]
pub(crate) struct Families {
    pub body: Vec<String>,
    pub title: Vec<String>,
}

/// All fonts of the machine and the choice among them.
pub(crate) struct Fonts {
    pub store: FontStore,
    pub families: Families,
    covered: Covered,
}

/// One bit for every code point that the chosen faces have: the fonts' own lists are slow to ask, letter by letter.
struct Covered(Vec<u64>);

impl Covered {
    fn by(book: &FontBook, families: &[String], variant: FontVariant) -> Self {
        let mut bits = vec![0_u64; 0x11_0000 / 64];
        for name in families {
            let face = book.select(&name.to_lowercase(), variant).and_then(|index| book.info(index));
            for code in face.iter().flat_map(|info| info.coverage.iter()) {
                if let Some(word) = bits.get_mut(code as usize / 64) {
                    *word |= 1 << (code % 64);
                }
            }
        }
        Self(bits)
    }

    fn and(mut self, other: &Covered) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(ours, theirs)| *ours &= theirs);
        self
    }

    fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        self.0.get(code as usize / 64).is_some_and(|word| word >> (code % 64) & 1 == 1)
    }
}

impl Fonts {
    /// Reads the folders, then the system's own; a font in a folder wins over the system's font of that name.
    pub fn load(folders: &[PathBuf]) -> Result<Self, FontError> {
        let mut store = FontStore::new();
        let mut files = HashMap::new();
        for folder in folders {
            std::fs::read_dir(folder)
                .map_err(|reason| FontError::Folder { folder: folder.clone(), reason })?;
            store.extend(typst_kit::fonts::scan(folder).map(|(path, info)| (shared(path, &mut files), info)));
        }
        store.extend(typst_kit::fonts::system().map(|(path, info)| (shared(path, &mut files), info)));
        Self::choose(store, folders)
    }

    fn choose(store: FontStore, folders: &[PathBuf]) -> Result<Self, FontError> {
        let body = present(&store, &[BODY, TITLE, LAST]);
        let title = present(&store, &[TITLE, BODY, LAST]);
        if body.is_empty() {
            let searched = match folders {
                [] => "any folder (none is configured)".to_string(),
                folders => folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", "),
            };
            return Err(FontError::NoChinese { searched });
        }
        let regular = Covered::by(store.book(), &body, FontVariant::default());
        let covered = regular.and(&Covered::by(store.book(), &title, bold()));
        Ok(Self { store, families: Families { body, title }, covered })
    }

    /// Whether the chosen fonts can draw this character, in body and title. Fonts that were not chosen are never
    /// fallen back to: the compiler finds them for some texts and not for others.
    pub fn covers(&self, c: char) -> bool {
        self.covered.has(c)
    }

    /// The first of the title fonts, in bold, that has this character.
    pub fn for_seal(&self, c: char) -> Option<Font> {
        let book = self.store.book();
        let has = |index: &usize| book.info(*index).is_some_and(|info| info.coverage.contains(u32::from(c)));
        let mut faces =
            self.families.title.iter().filter_map(|family| book.select(&family.to_lowercase(), bold()));
        faces.find(has).and_then(|index| self.store.font(index))
    }
}

fn bold() -> FontVariant {
    FontVariant::new(FontStyle::Normal, FontWeight::BOLD, FontStretch::NORMAL)
}

/// Of the wished families those that exist, have Chinese letters and may be embedded; any Chinese family when there
/// is none of them; and behind them the fonts that hold the rare characters of the supplementary planes.
fn present(store: &FontStore, wished: &[&[&str]]) -> Vec<String> {
    let book: &FontBook = store.book();
    let has = |name: &str, wanted: &dyn Fn(&FontInfo) -> bool| {
        let face = book.select(&name.to_lowercase(), FontVariant::default());
        face.is_some_and(|index| book.info(index).is_some_and(wanted) && may_be_embedded(store, index))
    };
    let all: Vec<&str> = book.families().map(|(name, _)| name).collect();
    let mut names: Vec<&str> =
        wished.iter().copied().flatten().copied().filter(|name| has(name, &is_chinese)).collect();
    if names.is_empty() {
        names.extend(all.iter().copied().find(|name| has(name, &is_chinese)));
    }
    // The families of other regions in the same collection have the same rare characters: one is enough.
    let rare =
        |name: &&str| has(name, &is_rare) && !(name.starts_with("Noto") || name.starts_with("Source Han"));
    if !names.is_empty() {
        names.extend(all.iter().copied().filter(rare));
    }
    let mut seen = std::collections::HashSet::new();
    names.into_iter().filter(|name| seen.insert(name.to_lowercase())).map(String::from).collect()
}

fn is_chinese(info: &FontInfo) -> bool {
    "行政许可办".chars().all(|c| info.coverage.contains(u32::from(c)))
}

/// Fonts such as SimSun-ExtB, BabelStone Han or Plangothic.
fn is_rare(info: &FontInfo) -> bool {
    info.coverage.iter().filter(|code| (0x2_0000..0x3_4000).contains(code)).count() >= 500
}

/// Some licensed fonts forbid embedding; a PDF/A cannot be made with them.
fn may_be_embedded(store: &FontStore, index: usize) -> bool {
    let Some(font) = store.font(index) else { return false };
    ttf_parser::Face::parse(font.data(), font.index())
        .is_ok_and(|face| face.permissions() != Some(ttf_parser::Permissions::Restricted))
}

/// A face inside a file that other faces may share.
struct SharedFace {
    file: Arc<SharedFile>,
    index: u32,
}

struct SharedFile {
    path: PathBuf,
    bytes: OnceLock<Option<Bytes>>,
}

fn shared(found: FontPath, files: &mut HashMap<PathBuf, Arc<SharedFile>>) -> SharedFace {
    let path: &Path = &found.path;
    let file = files
        .entry(path.to_path_buf())
        .or_insert_with(|| Arc::new(SharedFile { path: path.to_path_buf(), bytes: OnceLock::new() }));
    SharedFace { file: Arc::clone(file), index: found.index }
}

impl FontSource for SharedFace {
    fn load(&self) -> Option<Font> {
        let bytes =
            self.file.bytes.get_or_init(|| std::fs::read(&self.file.path).ok().map(Bytes::new)).clone()?;
        Font::new(bytes, self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_chinese_font_the_error_says_what_to_install() {
        let error = Fonts::choose(FontStore::new(), &[PathBuf::from("/srv/fonts")]).err().expect("no fonts");
        assert!(error.to_string().contains("fonts-noto-cjk"), "{error}");
        assert!(error.to_string().contains("/srv/fonts"), "{error}");
    }

    #[test]
    fn a_configured_folder_that_is_missing_is_named() {
        let error = Fonts::load(&[PathBuf::from("/does/not/exist")]).err().expect("no such folder");
        assert!(error.to_string().contains("/does/not/exist"), "{error}");
    }
}
