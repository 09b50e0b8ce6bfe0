//! The first account of an installation: an administrator of one agency, who makes all others in the pages.

use std::process::ExitCode;

use tongban_domain::agency::Agency;
use tongban_domain::ids::DivisionCode;
use tongban_domain::permit::{Post, Role};

use super::Admin;
use crate::app::App;
use crate::clock::{Chance, Clock};
use crate::error::{Error, Fault};
use crate::signin;
use crate::store::DbError;
use crate::store::accounts::{self, Account, PostRow};

/// Makes the account and its post.
///
/// # Errors
/// [`Fault`] in words: an unknown division or organ, a weak password, a name that is taken.
pub(super) async fn make(options: Admin) -> Result<ExitCode, Fault> {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']);
    if let Some(problem) = signin::password_problem(options.name.trim(), password) {
        return Err(Fault::plain(problem));
    }
    let app = App::open(options.place.config(), Clock::System, Chance::System).await?;
    let division = DivisionCode::parse(&options.division).map_err(|e| Fault::plain(e.to_string()))?;
    let catalogue = app.catalogue();
    let key = Agency::key_of(&catalogue.tree, division, &options.organ);
    let agency = catalogue.directory.agency(&key).ok_or_else(|| {
        Fault::plain(format!("{division} 没有“{}”，请核对区划代码和机关名称", options.organ))
    })?;
    let now = app.clock.now();
    let account = Account {
        id: app.ids.block(now),
        name: options.name.trim().to_owned(),
        password: signin::hash_password(password).await?,
        kind: "staff".into(),
        display: options.display,
        party: None,
        division: division.to_string(),
        state: "active".into(),
        created_at: now,
    };
    let post = PostRow {
        post: Post {
            id: app.ids.block(now),
            role: Role::Admin,
            agency: agency.key.clone(),
            division,
            scope: agency.scope_path.clone(),
        },
        account: account.id,
        starts: app.today().to_string(),
        ends: None,
    };
    let (name, place) = (account.name.clone(), agency.name.clone());
    let made = app
        .writer
        .plain(move |conn| {
            let (account, post) = (account.clone(), post.clone());
            Box::pin(async move {
                accounts::insert_account(conn, &account).await?;
                accounts::insert_post(conn, &post).await
            })
        })
        .await;
    app.db.close().await;
    match made {
        Ok(_) => {
            println!("已建立管理员 {name}（{place}）。请登录后在“人员”里建立其他账号。");
            Ok(ExitCode::SUCCESS)
        }
        Err(Error::Fault(Fault::Db(DbError::Constraint(_)))) => {
            Err(Fault::plain(format!("登录名 {name} 已经有人用了，请换一个")))
        }
        Err(other) => Err(Fault::plain(other.to_string())),
    }
}
