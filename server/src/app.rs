//! The only shared handle of the running program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use jiff::civil::Date;
use tongban_documents::Typesetter;
use tongban_domain::calendar::{Calendar, date_of_ms};
use tongban_domain::ids::DivisionCode;
use tongban_domain::item::CatalogueEntry;

use crate::casework::{self, Writer};
use crate::catalogue::{Catalogue, shipped_calendar, shipped_entries};
use crate::clock::{Chance, Clock, Ids};
use crate::config::Config;
use crate::error::Fault;
use crate::files::Files;
use crate::outside::Outside;
use crate::secrets::Secrets;
use crate::signin::Sessions;
use crate::store::outages::OutageRow;
use crate::store::{Db, accounts, migrate};
use crate::wording::Wording;
use crate::{args, store};

/// What the writer needs: everything but the writer itself.
#[derive(Debug)]
pub struct Core {
    /// Settings.
    pub config: Config,
    /// Database.
    pub db: Db,
    /// Time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// Ids.
    pub ids: Ids,
    /// Node number.
    pub node: u16,
    /// Keys.
    pub secrets: Secrets,
    /// Uploaded and sealed files.
    pub files: Files,
    /// Ways out of the house: mail and SMS.
    pub outside: Outside,
    /// What messages say.
    pub wording: Wording,
    /// Whether every document says that it was made with sample data.
    pub sample: bool,
    catalogue: RwLock<Arc<Catalogue>>,
    outage: RwLock<Option<OutageRow>>,
}

impl Core {
    /// The catalogue as it is now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(&self.catalogue.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another catalogue in its place.
    pub fn swap_catalogue(&self, catalogue: Catalogue) {
        *self.catalogue.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }

    /// Puts another calendar in its place; everything else of the catalogue stays as it is.
    pub fn swap_calendar(&self, calendar: Calendar, version: i64) {
        let mut held = self.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        if version > held.calendar_version {
            *held = Arc::new(Catalogue::clone(&held).with_calendar(calendar, version));
        }
    }

    /// The outage that lasts, as this node last looked.
    pub fn outage(&self) -> Option<OutageRow> {
        self.outage.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows an outage on every page, or none.
    pub fn show_outage(&self, outage: Option<OutageRow>) {
        *self.outage.write().unwrap_or_else(PoisonError::into_inner) = outage;
    }

    /// The place this installation serves: as configured, else the province.
    pub fn home(&self) -> DivisionCode {
        let tree = &self.catalogue().tree;
        let wanted = self.config.division.as_deref();
        wanted
            .and_then(|code| DivisionCode::parse(code).ok())
            .filter(|code| tree.get(*code).is_some())
            .or_else(|| tree.root().map(|r| r.code))
            .unwrap_or_else(|| DivisionCode::from_packed(130_000_000_000))
    }

    /// Today's legal date.
    pub fn today(&self) -> Date {
        date_of_ms(self.clock.now())
    }
}

/// The shared handle.
#[derive(Debug, Clone)]
pub struct App {
    core: Arc<Core>,
    /// The one writer of this node.
    pub writer: Writer,
    /// Sessions known to this node.
    pub sessions: Arc<Sessions>,
    /// Failed sign-ins by name and by address.
    pub attempts: Arc<Mutex<HashMap<String, (u32, i64)>>>,
    typesetter: Arc<OnceLock<Typesetter>>,
}

impl std::ops::Deref for App {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl App {
    /// Opens data, database and catalogue and starts the writer. Jobs and doors are started by the caller.
    ///
    /// # Errors
    /// [`Fault`] in words that say what to do.
    pub async fn open(config: Config, clock: Clock, chance: Chance) -> Result<Self, Fault> {
        std::fs::create_dir_all(&config.data)?;
        let (outside, wording) = (Outside::open(&config)?, Wording::shipped()?);
        let building = std::thread::spawn(|| -> Result<Catalogue, Fault> {
            Catalogue::build(shipped_entries()?.into_iter().map(|e| (1, e)).collect())
        });
        let db = match &config.database_url {
            Some(url) => Db::postgres(url).await?,
            None => Db::sqlite(&config.sqlite_path()).await?,
        };
        migrate::migrate(&db, clock.now()).await?;
        let secrets = secrets(&db, &config).await?;
        let files = Files::open(&config.data.join("files"))?;
        let catalogue = building.join().map_err(|_| Fault::plain("the catalogue could not be built"))??;
        let catalogue = published(&db, clock.now(), catalogue).await?;
        let (calendar, version) = edited_calendar(&mut db.read().await?, i64::MAX).await?;
        let catalogue = catalogue.with_calendar(calendar, version);
        let core = Arc::new(Core {
            sample: config.demo,
            node: config.node,
            ids: Ids::new(config.node),
            catalogue: RwLock::new(Arc::new(catalogue)),
            outage: RwLock::default(),
            config,
            db,
            clock,
            chance,
            secrets,
            files,
            outside,
            wording,
        });
        let writer = casework::start(Arc::clone(&core), core.config.queue).await?;
        Ok(Self {
            core,
            writer,
            sessions: Arc::default(),
            attempts: Arc::default(),
            typesetter: Arc::default(),
        })
    }

    /// The core, for tasks of their own.
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The typesetter; fonts are read at first use.
    ///
    /// # Errors
    /// When no Chinese font is installed.
    pub fn typesetter(&self) -> Result<&Typesetter, Fault> {
        if let Some(ready) = self.typesetter.get() {
            return Ok(ready);
        }
        let made = Typesetter::new(&self.config.fonts).map_err(|e| Fault::plain(e.to_string()))?;
        Ok(self.typesetter.get_or_init(|| made))
    }
}

/// The calendar as it ships, with every edit up to a version in its order; and the last version in it.
///
/// # Errors
/// [`Fault`].
pub async fn edited_calendar(conn: &mut store::Conn, until: i64) -> Result<(Calendar, i64), Fault> {
    let edits = store::calendar::edits(conn, until).await?;
    let version = edits.last().map_or(0, |e| e.version);
    let days: Vec<_> = edits.iter().flat_map(|e| e.days.iter().cloned()).collect();
    let years: Vec<i16> = edits.iter().flat_map(|e| e.years.iter().copied()).collect();
    Ok((shipped_calendar()?.edited(days, years), version))
}

/// The keys that belong to the database; their id is written into it at first start.
async fn secrets(db: &Db, config: &Config) -> Result<Secrets, Fault> {
    let mut conn = db.write().await?;
    let known = accounts::setting(&mut conn, "data_key").await?;
    let secrets = Secrets::open(&config.data.join("keys"), config.passphrase.as_deref(), known.as_deref())?;
    if known.is_none() {
        accounts::set_setting(&mut conn, "data_key", secrets.key_id()).await?;
    }
    Ok(secrets)
}

/// The entry versions of this installation: those in the database, and at first start those that ship.
async fn published(db: &Db, now: i64, shipped: Catalogue) -> Result<Catalogue, Fault> {
    let mut conn = db.write().await?;
    let rows =
        conn.rows("SELECT version, body, digest FROM entry_versions ORDER BY entry, version", vec![]).await?;
    if rows.is_empty() {
        conn.begin().await?;
        let rows: Vec<Vec<store::Value>> = shipped
            .entries()
            .map(|entry| {
                let body = serde_json::to_string(&**entry)?;
                let digest = tongban_documents::sm3_hex(body.as_bytes());
                Ok(args![entry.id.as_str(), 1, digest, body, now])
            })
            .collect::<Result<_, serde_json::Error>>()?;
        const COLUMNS: store::dialect::Columns = &[
            ("entry", false),
            ("version", true),
            ("digest", false),
            ("body", false),
            ("published_at", true),
        ];
        let done = async {
            store::dialect::insert(&mut conn, "entry_versions", COLUMNS, "ON CONFLICT DO NOTHING", &rows)
                .await?;
            accounts::set_setting(&mut conn, "catalogue_version", "1").await
        };
        if let Err(error) = done.await {
            conn.rollback().await?;
            return Err(error.into());
        }
        conn.commit().await?;
        return Ok(shipped);
    }
    let mut versions = Vec::with_capacity(rows.len());
    for row in rows {
        if tongban_documents::sm3_hex(row.text(1).as_bytes()) != row.text(2) {
            return Err(Fault::plain("a published item version was changed in the database"));
        }
        let entry: CatalogueEntry = serde_json::from_str(row.text(1))?;
        versions.push((row.int(0) as u32, entry));
    }
    let same = versions.len() == shipped.entries().count()
        && versions.iter().all(|(v, e)| *v == 1 && shipped.entry(&e.id).is_some_and(|s| **s == *e));
    if same { Ok(shipped) } else { Catalogue::build(versions) }
}
