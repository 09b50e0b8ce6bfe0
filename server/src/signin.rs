//! Signing in: passwords, sessions and who is calling. Pages carry a cookie, the API a bearer token; both are one kind
//! of session and become one kind of [`Caller`].

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;
use tongban_domain::ids::Id;
use tongban_domain::permit::{Actor, Denial, Post, Role};

use crate::app::App;
use crate::error::{Error, Fault};
use crate::secrets::{hex, random};
use crate::store::accounts::{self, Account, SessionRow};
use crate::store::messages::{self, Reader};

/// A session unused for this long is over.
const IDLE_MS: i64 = 2 * 3_600_000;
/// A session is over after this long at the latest.
const ABSOLUTE_MS: i64 = 12 * 3_600_000;
/// How long this node trusts what it knows of a session before it looks again.
const TRUST_MS: i64 = 5_000;
/// Failed attempts by one name, or fifty by one address, before a pause.
const ATTEMPTS_BY_NAME: u32 = 8;
const ATTEMPTS_BY_ADDRESS: u32 = 50;
/// How long the pause is.
const PAUSE_MS: i64 = 5 * 60_000;

/// Hashing is heavy by design: few at once, so that signing in never starves the rest.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// Who is calling.
#[derive(Debug, Clone)]
pub struct Caller {
    /// As the domain sees them.
    pub actor: Actor,
    /// Their session; none when not signed in.
    pub session: Option<Session>,
}

/// A session as requests see it.
#[derive(Debug, Clone)]
pub struct Session {
    /// Hash of its token: its key.
    pub token: String,
    /// Account.
    pub account: Id,
    /// Name shown.
    pub display: String,
    /// Token against forged forms.
    pub csrf: String,
    /// All posts that hold today.
    pub posts: Vec<Post>,
    /// `web` or `api`.
    pub kind: String,
    /// When it ends at the latest.
    pub expires_at: i64,
    /// Home division of the account.
    pub division: String,
    /// Unread messages when this node last looked.
    pub unread: i64,
}

impl Caller {
    /// Nobody.
    pub fn nobody() -> Self {
        Self { actor: Actor::Anonymous, session: None }
    }

    /// The account.
    ///
    /// # Errors
    /// [`Denial::SignIn`] when nobody is signed in.
    pub fn account(&self) -> Result<Id, Error> {
        self.session.as_ref().map(|s| s.account).ok_or(Error::Denial(Denial::SignIn))
    }

    /// The role, when staff.
    pub fn role(&self) -> Option<Role> {
        self.actor.role()
    }
}

/// Sessions known to this node.
#[derive(Debug, Default)]
pub struct Sessions {
    known: Mutex<HashMap<String, (i64, i64, Caller)>>,
}

impl Sessions {
    fn get(&self, token: &str, now: i64) -> Option<Caller> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(token).filter(|(at, _, _)| now - at < TRUST_MS).map(|(_, _, caller)| caller.clone())
    }

    fn put(&self, token: &str, now: i64, caller: &Caller) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > 20_000 {
            known.retain(|_, (at, _, _)| now - *at < TRUST_MS);
        }
        known.insert(token.to_owned(), (now, now, caller.clone()));
    }

    /// Forgets a session at once.
    pub fn forget(&self, token: &str) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
    }

    /// Forgets all sessions, after rights changed.
    pub fn forget_all(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Hash under which a token is stored.
pub fn token_hash(token: &str) -> String {
    tongban_documents::sm3_hex(token.as_bytes())
}

/// Hashes a password.
///
/// # Errors
/// [`Fault`] when hashing fails.
pub async fn hash_password(password: &str) -> Result<String, Fault> {
    let _permit = HASHING.acquire().await.map_err(|e| Fault::plain(e.to_string()))?;
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|e| Fault::plain(e.to_string()))
    })
    .await
    .map_err(|e| Fault::plain(e.to_string()))?
}

/// What is wrong with a new password, with the fix; none when it will do.
pub fn password_problem(name: &str, password: &str) -> Option<&'static str> {
    let length = password.chars().count();
    let mut kinds = password.chars().collect::<Vec<_>>();
    kinds.sort_unstable();
    kinds.dedup();
    match () {
        () if length < 12 => Some("请输入至少12位的密码"),
        () if length > 200 => Some("请把密码改为200位以内"),
        () if kinds.len() < 5 => Some("请换一个密码：不同的字符太少"),
        () if !name.is_empty() && password.to_lowercase().contains(&name.to_lowercase()) => {
            Some("请换一个密码：不能包含用户名")
        }
        () => None,
    }
}

async fn password_fits(password: &str, hash: &str) -> Result<bool, Fault> {
    let _permit = HASHING.acquire().await.map_err(|e| Fault::plain(e.to_string()))?;
    let (password, hash) = (password.to_owned(), hash.to_owned());
    tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await
    .map_err(|e| Fault::plain(e.to_string()))
}

/// A hash nobody's password fits: verified for unknown names, so that answers take the same time.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Checks a name and password; counts failures by name and by address.
///
/// # Errors
/// [`Error::TooMany`] during a pause, [`Error::Invalid`] when they do not fit (never which of the two).
pub async fn check_password(app: &App, name: &str, password: &str, from: IpAddr) -> Result<Account, Error> {
    let now = app.clock.now();
    let counted = [
        (format!("n:{}", name.to_lowercase()), ATTEMPTS_BY_NAME),
        (format!("a:{from}"), ATTEMPTS_BY_ADDRESS),
    ];
    {
        let mut attempts = app.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        attempts.retain(|_, (_, since)| now - *since < PAUSE_MS);
        for (key, most) in &counted {
            if let Some((failed, since)) = attempts.get(key)
                && failed >= most
            {
                return Err(Error::TooMany(((since + PAUSE_MS - now) / 1000).max(1) as u64));
            }
        }
    }
    let account = accounts::by_name(&mut app.db.read().await?, name).await?;
    let hash = account.as_ref().map_or(NOBODY, |a| a.password.as_str());
    let fits = password_fits(password, hash).await?;
    match account.filter(|a| fits && a.state == "active") {
        Some(account) => {
            let mut attempts = app.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            attempts.remove(&counted[0].0);
            Ok(account)
        }
        None => {
            let mut attempts = app.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, _) in counted {
                let entry = attempts.entry(key).or_insert((0, now));
                entry.0 += 1;
            }
            Err(crate::error::invalid(
                "password",
                "账号或密码",
                "请核对账号和密码：两者不相符",
                "name and password do not match",
            ))
        }
    }
}

/// Starts a session; gives the token, which is stored only as a hash.
///
/// # Errors
/// [`Error`].
pub async fn start(
    app: &App,
    account: &Account,
    kind: &'static str,
    post: Option<Id>,
) -> Result<String, Error> {
    let token = hex(&random::<32>());
    let now = app.clock.now();
    let row = SessionRow {
        token: token_hash(&token),
        account: account.id,
        post,
        kind: kind.into(),
        csrf: hex(&random::<16>()),
        created_at: now,
        seen_at: now,
        expires_at: now + ABSOLUTE_MS,
    };
    app.writer
        .plain(move |conn| {
            let row = row.clone();
            Box::pin(async move { accounts::insert_session(conn, &row).await })
        })
        .await?;
    Ok(token)
}

/// Ends a session everywhere.
///
/// # Errors
/// [`Error`].
pub async fn end(app: &App, session: &Session) -> Result<(), Error> {
    let token = session.token.clone();
    app.sessions.forget(&token);
    app.writer
        .plain(move |conn| {
            let token = token.clone();
            Box::pin(async move { accounts::end_session(conn, &token).await })
        })
        .await?;
    Ok(())
}

/// Who a token belongs to; nobody when it is unknown, expired or idle for too long.
///
/// # Errors
/// [`Error`].
pub async fn caller(app: &App, token: &str) -> Result<Caller, Error> {
    let hash = token_hash(token);
    let now = app.clock.now();
    if let Some(caller) = app.sessions.get(&hash, now) {
        return Ok(caller);
    }
    let mut conn = app.db.read().await?;
    let Some(row) = accounts::session(&mut conn, &hash).await? else { return Ok(Caller::nobody()) };
    if row.expires_at <= now || now - row.seen_at > IDLE_MS {
        return Ok(Caller::nobody());
    }
    let Some(account) = accounts::by_id(&mut conn, row.account).await? else { return Ok(Caller::nobody()) };
    let posts = accounts::posts_on(&mut conn, row.account, app.today()).await?;
    let post = posts.iter().find(|p| Some(p.id) == row.post).or_else(|| posts.first()).cloned();
    let unread = messages::unread(&mut conn, Reader { account: row.account, post: post.as_ref() }).await?;
    drop(conn);
    let actor = match post {
        Some(post) => Actor::Staff { account: row.account, post },
        None if account.kind == "applicant" => Actor::Applicant { account: row.account },
        None => return Ok(Caller::nobody()),
    };
    let caller = Caller {
        actor,
        session: Some(Session {
            token: hash.clone(),
            account: row.account,
            display: account.display,
            csrf: row.csrf,
            posts,
            kind: row.kind,
            expires_at: row.expires_at,
            division: account.division,
            unread,
        }),
    };
    app.sessions.put(&hash, now, &caller);
    if now - row.seen_at > 60_000 {
        let app = app.clone();
        tokio::spawn(async move {
            let touched = app
                .writer
                .plain(move |conn| {
                    let hash = hash.clone();
                    Box::pin(async move { accounts::touch_session(conn, &hash, now).await })
                })
                .await;
            if let Err(error) = touched {
                tracing::debug!(%error, "a session was not touched");
            }
        });
    }
    Ok(caller)
}

/// Compares two tokens in constant time.
pub fn same(a: &str, b: &str) -> bool {
    use subtle::ConstantTimeEq;
    a.len() == b.len() && bool::from(a.as_bytes().ct_eq(b.as_bytes()))
}
