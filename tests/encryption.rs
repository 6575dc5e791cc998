//! Encrypted connections, on a server with a certificate of its own. With the feature `tls`:
//! `cargo test --package tests --features tls --test encryption`.

use dev_postgres::Server;
use ormcore::{Config, Db, Error, ErrorKind, Result, sql};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;
use std::{fs, process};

/// A server that speaks TLS as `localhost`, and the authority that says so.
struct Stage {
    server: Server,
    /// Where the files are that clients need.
    files: PathBuf,
}

/// Started once: to start one takes seconds.
static STAGE: LazyLock<Stage> = LazyLock::new(Stage::set);

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

/// A certificate and its key.
fn certificate(authority: &Authority, name: &str) -> (String, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}

impl Stage {
    fn set() -> Self {
        let files = std::env::temp_dir().join(format!("ormcore-encryption-{}", process::id()));
        fs::create_dir_all(&files).expect("a directory");
        let (ours, other) = (authority("ours"), authority("another"));
        let (certificate, key) = certificate(&ours, "localhost");
        let (clients, clients_key) = self::certificate(&ours, "ada");
        for (name, text) in [
            ("ours.pem", ours.pem()),
            ("other.pem", other.pem()),
            ("ada.pem", clients),
            ("ada.key", clients_key),
        ] {
            fs::write(files.join(name), text).expect("a file");
        }
        let server = Server::start().expect("a server");
        let url = server.url("postgres");
        let set = async {
            // Before it speaks TLS: this is the way without.
            let db = Db::connect(&url).await?;
            for (name, text) in [
                ("server.crt", certificate),
                ("server.key", key),
                ("ca.crt", ours.pem()),
            ] {
                // Written by the server, whose own a key has to be.
                let text: String = text.bytes().map(|byte| format!("\\{byte:03o}")).collect();
                let write = format!("umask 077; cat > /dev/null; printf \"{text}\" > {name}");
                let copy = format!("COPY (SELECT 1) TO PROGRAM '{write}'");
                sql(copy).batch(&db).await?;
            }
            // A password in clear text would prove nothing about the channel.
            let sed = "cat > /dev/null; sed s/password/scram-sha-256/ pg_hba.conf > hba && cat hba > pg_hba.conf";
            sql(format!("COPY (SELECT 1) TO PROGRAM '{sed}'"))
                .batch(&db)
                .await?;
            for setting in ["ssl_ca_file = 'ca.crt'", "ssl = on"] {
                sql(format!("ALTER SYSTEM SET {setting}"))
                    .batch(&db)
                    .await?;
            }
            sql!("SELECT pg_reload_conf()").execute(&db).await?;
            // The postmaster reads it in its own time.
            for _ in 0..100 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if is_encrypted(&Db::connect(&url).await?).await? {
                    return Ok(());
                }
            }
            panic!("the server does not speak TLS")
        };
        let done: Result<()> = runtime().block_on(set);
        done.expect("a server that speaks TLS");
        Self { server, files }
    }

    /// The server by this name, with these options.
    fn url(&self, host: &str, options: &str) -> String {
        let url = self.server.url("postgres");
        format!("{}?{options}", url.replace("127.0.0.1", host))
    }

    fn file(&self, name: &str) -> String {
        self.files.join(name).display().to_string()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

/// The stage, and something done on it. The stage is set outside of any runtime.
fn on_stage<T>(act: impl AsyncFnOnce(&Stage) -> Result<T>) {
    let stage = &*STAGE;
    runtime()
        .block_on(act(stage))
        .map(drop)
        .expect("it went well");
}

/// Whether this pool's connection is encrypted, as the server sees it.
async fn is_encrypted(db: &Db) -> Result<bool> {
    sql!("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        .scalar(db)
        .await
}

async fn connects(stage: &Stage, host: &str, options: &str) -> Result<bool> {
    let url = stage.url(host, options);
    is_encrypted(&Db::connect(&url).await?).await
}

async fn refusal(stage: &Stage, host: &str, options: &str) -> Error {
    let refused = connects(stage, host, options).await;
    refused.expect_err("this is not to be trusted")
}

#[test]
fn what_the_server_can_encrypt_is_encrypted_unless_the_url_says_no() {
    on_stage(async |stage| {
        assert!(connects(stage, "localhost", "").await?);
        assert!(connects(stage, "127.0.0.1", "sslmode=prefer").await?);
        assert!(connects(stage, "localhost", "sslmode=require").await?);
        assert!(!connects(stage, "localhost", "sslmode=disable").await?);
        let by_address = "hostaddr=127.0.0.1";
        assert!(connects(stage, "localhost", by_address).await?);
        Ok(())
    });
}

#[test]
fn a_server_that_cannot_is_refused_where_it_has_to() {
    let server = Server::start().expect("a server");
    let required = format!("{}?sslmode=require", server.url("postgres"));
    let act = async {
        let error = Db::connect(&required).await.expect_err("it cannot");
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert!(
            error.to_string().contains("does not support TLS"),
            "{error}"
        );
        let preferred = Db::connect(&server.url("postgres")).await?;
        assert!(!is_encrypted(&preferred).await?);
        Ok::<_, Error>(())
    };
    runtime().block_on(act).expect("it went well");
}

#[test]
fn a_certificate_is_believed_when_a_trusted_authority_signed_it_for_this_host() {
    on_stage(async |stage| {
        let ours = format!("sslrootcert={}", stage.file("ours.pem"));
        let other = format!("sslrootcert={}", stage.file("other.pem"));
        for mode in ["require", "verify-ca", "verify-full"] {
            assert!(connects(stage, "localhost", &format!("sslmode={mode}&{ours}")).await?);
            let error = refusal(stage, "localhost", &format!("sslmode={mode}&{other}")).await;
            assert_eq!(error.kind(), ErrorKind::Connect);
            assert!(error.to_string().contains("certificate"), "{error}");
        }
        // The system knows nothing of our authority.
        refusal(stage, "localhost", "sslmode=verify-full").await;
        refusal(stage, "localhost", "sslmode=require&sslrootcert=system").await;
        // It is the right server, by a name that is not in its certificate.
        assert!(connects(stage, "127.0.0.1", &format!("sslmode=verify-ca&{ours}")).await?);
        let error = refusal(stage, "127.0.0.1", &format!("sslmode=verify-full&{ours}")).await;
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
        Ok(())
    });
}

#[test]
fn a_client_can_show_a_certificate_of_its_own() {
    on_stage(async |stage| {
        let (certificate, key) = (stage.file("ada.pem"), stage.file("ada.key"));
        let who = format!("sslmode=require&sslcert={certificate}&sslkey={key}");
        let db = Db::connect(&stage.url("localhost", &who)).await?;
        let name: Option<String> =
            sql!("SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                .scalar(&db)
                .await?;
        assert_eq!(name.as_deref(), Some("/CN=ada"));
        Ok(())
    });
}

#[test]
fn the_proof_of_a_password_is_bound_to_the_encrypted_channel() {
    on_stage(async |stage| {
        let bound = "sslmode=require&channel_binding=require";
        assert!(connects(stage, "localhost", bound).await?);
        refusal(
            stage,
            "localhost",
            "sslmode=disable&channel_binding=require",
        )
        .await;
        Ok(())
    });
}

#[test]
fn files_that_cannot_be_used_are_named_before_anything_is_sent() {
    on_stage(async |stage| {
        let none = stage.file("none.pem");
        let key = stage.file("ada.key");
        for (options, named) in [
            (
                format!("sslmode=verify-full&sslrootcert={none}"),
                "none.pem",
            ),
            (format!("sslmode=verify-full&sslrootcert={key}"), "ada.key"),
            (
                format!("sslmode=require&sslcert={none}&sslkey={key}"),
                "none.pem",
            ),
            (format!("sslmode=require&sslkey={key}"), "sslcert"),
        ] {
            let error = Config::new(&stage.url("localhost", &options)).expect_err("unusable");
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(error.to_string().contains(named), "{error}");
        }
        Ok(())
    });
}

#[test]
fn what_is_dropped_is_stopped_and_its_connection_serves_the_next() {
    on_stage(async |stage| {
        let config = Config::new(&stage.url("localhost", "sslmode=require"))?;
        let db = config.pool_size(1).connect().await?;
        let pid = sql!("SELECT pg_backend_pid()");
        let before: i32 = pid.scalar(&db).await?;
        let sleeping = sql!("SELECT pg_sleep(60)");
        let late = tokio::time::timeout(Duration::from_millis(200), sleeping.execute(&db)).await;
        assert!(late.is_err(), "it slept for less than it should");
        let after: i32 = sql!("SELECT pg_backend_pid()").scalar(&db).await?;
        assert_eq!(before, after, "the connection was not brought to rest");
        let asleep = sql!(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' AND state = 'active'"
        );
        assert_eq!(asleep.scalar::<i64>(&db).await?, 0);
        Ok(())
    });
}

#[test]
fn listeners_and_locks_have_encrypted_connections_too() {
    on_stage(async |stage| {
        let options = "sslmode=require&application_name=three";
        let db = Db::connect(&stage.url("localhost", options)).await?;
        let mut listener = db.listen(["news"]).await?;
        let lock = db.advisory_lock("leader").await?;
        let open = sql!(
            "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'three'"
        );
        assert_eq!(open.scalars::<bool>(&db).await?, [true; 3]);
        db.notify("news", "42").await?;
        assert!(listener.next().await.is_some());
        lock.release().await?;
        Ok(())
    });
}
