//! A wire between the driver and the server that writes down every statement that is sent for execution.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct WireTap {
    port: u16,
    sent: Arc<Mutex<Vec<String>>>,
}

impl WireTap {
    /// A wire to this port of this machine.
    pub(crate) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let sent = Arc::new(Mutex::default());
        let into = Arc::clone(&sent);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", server)).await;
                tokio::spawn(pass(client, server.expect("the server"), Arc::clone(&into)));
            }
        });
        Self { port, sent }
    }

    /// The same database through the wire.
    pub(crate) fn url(&self, url: &str) -> String {
        let port = port_of(url);
        url.replace(&format!(":{port}/"), &format!(":{}/", self.port))
    }

    /// What was sent for execution so far, in order, without what begins and ends sessions and transactions.
    pub(crate) fn sent(&self) -> Vec<String> {
        let own = ["BEGIN", "COMMIT", "ROLLBACK"];
        let mut sent = self.sent.lock().expect("statements").clone();
        sent.retain(|sql| {
            !own.contains(&sql.as_str()) && !sql.starts_with("SELECT current_schema()")
        });
        sent
    }
}

/// The port in a database's address.
pub(crate) fn port_of(url: &str) -> u16 {
    let config: tokio_postgres::Config = url.parse().expect("an address");
    config.get_ports()[0]
}

async fn pass(client: TcpStream, server: TcpStream, sent: Arc<Mutex<Vec<String>>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut to_client).await });
    // The first message has no type.
    let mut typed = false;
    let mut prepared = Prepared::default();
    loop {
        let mut head = vec![0; if typed { 5 } else { 4 }];
        if from_client.read_exact(&mut head).await.is_err() {
            return;
        }
        let length = u32::from_be_bytes(head[head.len() - 4..].try_into().expect("4 bytes"));
        let mut body = vec![0; length as usize - 4];
        if from_client.read_exact(&mut body).await.is_err() {
            return;
        }
        if typed && let Some(sql) = prepared.executed(head[0], &body) {
            sent.lock().expect("statements").push(sql);
        }
        typed = true;
        head.extend(body);
        if to_server.write_all(&head).await.is_err() {
            return;
        }
    }
}

/// What one connection has parsed and bound, by name.
#[derive(Default)]
struct Prepared {
    statements: HashMap<String, String>,
    portals: HashMap<String, String>,
}

impl Prepared {
    /// The statement that this message has executed, if it is one that does.
    fn executed(&mut self, kind: u8, body: &[u8]) -> Option<String> {
        let mut texts = body.split(|byte| *byte == 0);
        let mut text = || String::from_utf8_lossy(texts.next().unwrap_or_default()).into_owned();
        match kind {
            b'P' => {
                let name = text();
                self.statements.insert(name, text());
                None
            }
            b'B' => {
                let portal = text();
                let sql = self.statements.get(&text()).cloned();
                self.portals
                    .insert(portal, sql.expect("a statement that was parsed"));
                None
            }
            b'E' => self.portals.get(&text()).cloned(),
            b'Q' => Some(text()),
            _ => None,
        }
    }
}
