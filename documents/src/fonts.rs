//! Which fonts there are and which are used for what: the agency's licensed 仿宋 and 小标宋 where a folder holds
//! them, the free Noto faces otherwise. Files are read once and shared by the faces inside.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontStretch, FontStyle, FontVariant, FontWeight};
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
        let body = present(&store, BODY);
        let title = present(&store, TITLE);
        if body.is_empty() {
            let searched = match folders {
                [] => "any folder (none is configured)".to_string(),
                folders => folders.iter().map(|f| f.display().to_string()).collect::<Vec<_>>().join(", "),
            };
            return Err(FontError::NoChinese { searched });
        }
        Ok(Self { store, families: Families { body, title } })
    }

    /// Whether any font can draw this character.
    pub fn covers(&self, c: char) -> bool {
        let book = self.store.book();
        (0..).map_while(|index| book.info(index)).any(|info| info.coverage.contains(u32::from(c)))
    }

    /// The bold title font that has this character, or any font that has it.
    pub fn for_seal(&self, c: char) -> Option<Font> {
        let book = self.store.book();
        let has = |index: &usize| book.info(*index).is_some_and(|info| info.coverage.contains(u32::from(c)));
        self.families
            .title
            .iter()
            .filter_map(|family| book.select(&family.to_lowercase(), bold()))
            .find(has)
            .or_else(|| book.select_fallback(None, bold(), c.encode_utf8(&mut [0; 4])))
            .and_then(|index| self.store.font(index))
    }
}

fn bold() -> FontVariant {
    FontVariant::new(FontStyle::Normal, FontWeight::BOLD, FontStretch::NORMAL)
}

/// Of the wished families those that exist, have Chinese letters and may be embedded; at the end whatever Chinese
/// family there is.
fn present(store: &FontStore, wished: &[&str]) -> Vec<String> {
    let book: &FontBook = store.book();
    let chinese = |index: usize| {
        book.info(index)
            .is_some_and(|info| "行政许可办".chars().all(|c| info.coverage.contains(u32::from(c))))
    };
    let mut names: Vec<String> = Vec::new();
    for name in wished.iter().chain(LAST) {
        let usable = book
            .select(&name.to_lowercase(), FontVariant::default())
            .is_some_and(|index| chinese(index) && may_be_embedded(store, index));
        if usable && !names.iter().any(|known| known == name) {
            names.push((*name).to_string());
        }
    }
    if names.is_empty() {
        for (name, mut faces) in book.families() {
            if faces.any(|index| chinese(index) && may_be_embedded(store, index)) {
                names.push(name.to_string());
                break;
            }
        }
    }
    names
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
