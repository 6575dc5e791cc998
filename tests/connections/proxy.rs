//! A TCP proxy that understands where PostgreSQL's messages begin and end. It runs on threads of its own, so that it goes
//! on whatever a test does to its runtime.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    upstream: AtomicU16,
    /// The types of the messages clients sent after their start-up.
    sent: Mutex<String>,
    frozen: AtomicBool,
    /// Whether it freezes when a statement without a name is to be parsed.
    fears_the_unnamed: AtomicBool,
    /// Whether the server's answers are kept back.
    holding: AtomicBool,
    dripping: AtomicBool,
    closed: AtomicBool,
    cut: Mutex<Option<Cut>>,
    garbled: Mutex<Option<&'static str>>,
    /// Whether prepared statements have other names at the server.
    renames: AtomicBool,
    /// How many connections there have been.
    connections: AtomicUsize,
    /// What those who connect next are told instead of being let through.
    refusals: Mutex<VecDeque<Refusal>>,
    /// What whoever sends this text first is told instead of being let through.
    failure: Mutex<Option<(&'static str, &'static str)>>,
}

/// Why a connection is not made.
#[derive(Clone, Copy)]
pub(crate) enum Refusal {
    /// The server says so, with this SQLSTATE.
    Told(&'static str),
    /// It is closed without a word.
    Closed,
}

/// Ends the connection of whoever sends this first.
struct Cut {
    at: &'static str,
    /// Whether the server gets to see it.
    delivered: bool,
}

impl Proxy {
    pub(crate) fn to(upstream: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            upstream: upstream.into(),
            ..Shared::default()
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.closed.load(Ordering::SeqCst) {
                    break;
                }
                // A connection that failed is one a client gave up.
                let _ = client.and_then(|client| serve(client, &accepting));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Leads those who connect from now on somewhere else.
    pub(crate) fn redirect(&self, upstream: u16) {
        self.shared.upstream.store(upstream, Ordering::SeqCst);
    }

    /// The types of the messages sent since this was asked last, such as `BES` for Bind, Execute and Sync.
    pub(crate) fn sent(&self) -> String {
        std::mem::take(&mut *self.shared.sent.lock().expect("no panic"))
    }

    /// Waits until just this was sent since it was asked last.
    pub(crate) async fn until_sent(&self, expected: &str) {
        let mut sent = String::new();
        while sent.len() < expected.len() {
            sent += &self.sent();
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert_eq!(sent, expected);
    }

    /// Hands over the server's messages one by one, so that a client has to wait for each.
    pub(crate) fn drip(&self) {
        self.shared.dripping.store(true, Ordering::SeqCst);
    }

    /// Forwards nothing any more, and closes nothing.
    pub(crate) fn freeze(&self, frozen: bool) {
        self.shared.frozen.store(frozen, Ordering::SeqCst);
    }

    /// Freezes as soon as a statement without a name is to be parsed, and says when it has.
    pub(crate) async fn until_unnamed(&self) {
        self.shared.fears_the_unnamed.store(true, Ordering::SeqCst);
        while !self.shared.frozen.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Keeps back the server's answers, while questions go on.
    pub(crate) fn hold(&self, holding: bool) {
        self.shared.holding.store(holding, Ordering::SeqCst);
    }

    /// Spoils this text in the next message that has it, so that the server does not understand it.
    pub(crate) fn garble(&self, text: &'static str) {
        *self.shared.garbled.lock().expect("no panic") = Some(text);
    }

    /// Gives prepared statements other names, as a pooler does that keeps those of several programs apart.
    pub(crate) fn rename(&self) {
        self.shared.renames.store(true, Ordering::SeqCst);
    }

    /// Refuses those who connect next, one for each of these.
    pub(crate) fn refuse(&self, refusals: impl IntoIterator<Item = Refusal>) {
        let mut waiting = self.shared.refusals.lock().expect("no panic");
        waiting.clear();
        waiting.extend(refusals);
    }

    /// How many connections were made since this was asked last, refused ones included.
    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.swap(0, Ordering::SeqCst)
    }

    /// Ends the session of whoever sends this text next, with this SQLSTATE, before the server has received it.
    pub(crate) fn fail(&self, at: &'static str, code: &'static str) {
        *self.shared.failure.lock().expect("no panic") = Some((at, code));
    }

    /// Ends the next connection that sends this text, before or after the server has received it.
    pub(crate) fn cut(&self, at: &'static str, delivered: bool) {
        *self.shared.cut.lock().expect("no panic") = Some(Cut { at, delivered });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    shared.connections.fetch_add(1, Ordering::SeqCst);
    let refusal = shared.refusals.lock().expect("no panic").pop_front();
    match refusal {
        None => {}
        Some(Refusal::Closed) => return Ok(()),
        Some(Refusal::Told(code)) => {
            message(&mut client, 0)?;
            return client.write_all(&fatal(code));
        }
    }
    let server = TcpStream::connect(("127.0.0.1", shared.upstream.load(Ordering::SeqCst)))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (there, back) = (Arc::clone(shared), Arc::clone(shared));
    let muted = Arc::new(AtomicBool::new(false));
    let muted_too = Arc::clone(&muted);
    let (client_too, server_too) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || match there.questions(&client, &server, &muted) {
        Ok(()) => end(&client, &server),
        // Nothing more comes; what the server still says is for the client to hear.
        Err(_) => drop(server.shutdown(Shutdown::Write)),
    });
    thread::spawn(move || {
        let _ = back.answers(&server_too, &client_too, &muted_too);
        end(&server_too, &client_too);
    });
    Ok(())
}

fn end(from: &TcpStream, to: &TcpStream) {
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

impl Shared {
    /// Forwards what the client sends, until it is cut.
    fn questions(
        &self,
        client: &TcpStream,
        server: &TcpStream,
        muted: &AtomicBool,
    ) -> io::Result<()> {
        let (mut from, mut to) = (BufReader::new(client), server);
        // The first message has no type.
        let start = message(&mut from, 0)?;
        self.wait();
        to.write_all(&start)?;
        loop {
            let mut message = message(&mut from, 1)?;
            self.sent
                .lock()
                .expect("no panic")
                .push(char::from(message[0]));
            if message[0] == b'P' && message[5] == 0 {
                let fears = self.fears_the_unnamed.swap(false, Ordering::SeqCst);
                self.frozen.fetch_or(fears, Ordering::SeqCst);
            }
            if self.renames.load(Ordering::SeqCst) {
                message = renamed(message);
            }
            self.wait();
            let garbled = |text: &mut &str| contains(&message, text.as_bytes());
            if let Some(text) = self.garbled.lock().expect("no panic").take_if(garbled) {
                let at = message
                    .windows(text.len())
                    .position(|window| window == text.as_bytes());
                message[at.expect("it is there")] = b'?';
            }
            let is_it = |(at, _): &mut (&str, _)| contains(&message, at.as_bytes());
            let failure = self.failure.lock().expect("no panic").take_if(is_it);
            if let Some((_, code)) = failure {
                muted.store(true, Ordering::SeqCst);
                let mut client = client;
                client.write_all(&fatal(code))?;
                return Ok(());
            }
            let is_it = |cut: &mut Cut| contains(&message, cut.at.as_bytes());
            let cut = self.cut.lock().expect("no panic").take_if(is_it);
            if let Some(cut) = cut {
                muted.store(true, Ordering::SeqCst);
                if cut.delivered {
                    to.write_all(&message)?;
                    // Long enough for the server to act; what is asserted does not depend on it.
                    thread::sleep(Duration::from_millis(300));
                }
                return Ok(());
            }
            to.write_all(&message)?;
        }
    }

    fn answers(
        &self,
        server: &TcpStream,
        client: &TcpStream,
        muted: &AtomicBool,
    ) -> io::Result<()> {
        let (mut from, mut to) = (BufReader::new(server), client);
        loop {
            let message = message(&mut from, 1)?;
            self.wait();
            while self.holding.load(Ordering::SeqCst) && !self.closed.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(2));
            }
            if self.dripping.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_micros(200));
            }
            if muted.load(Ordering::SeqCst) {
                continue;
            }
            to.write_all(&message)?;
        }
    }

    fn wait(&self) {
        while self.frozen.load(Ordering::SeqCst) && !self.closed.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// One message: its type, if it has one, its length, and the rest.
fn message(from: &mut impl Read, type_bytes: usize) -> io::Result<Vec<u8>> {
    let mut message = vec![0; type_bytes + 4];
    from.read_exact(&mut message)?;
    let length = <[u8; 4]>::try_from(&message[type_bytes..]).expect("four bytes");
    let length = usize::try_from(u32::from_be_bytes(length)).expect("32 bits");
    message.resize(type_bytes + length, 0);
    from.read_exact(&mut message[type_bytes + 4..])?;
    Ok(message)
}

/// The message, with another name of the prepared statement in it.
fn renamed(mut message: Vec<u8>) -> Vec<u8> {
    let ends = |from: usize| message[from..].iter().position(|byte| *byte == 0);
    let at = match message[0] {
        b'P' => 5,
        // Behind the name of the portal.
        b'B' => 5 + ends(5).expect("an end") + 1,
        b'D' | b'C' if message[5] == b'S' => 6,
        _ => return message,
    };
    if message[at] != 0 {
        message.splice(at..at, *b"POOLER_");
        let length = u32::try_from(message.len() - 1).expect("32 bits");
        message[1..5].copy_from_slice(&length.to_be_bytes());
    }
    message
}

/// What a server says that ends a session.
fn fatal(code: &str) -> Vec<u8> {
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mas the test says\0\0");
    let length = u32::try_from(fields.len() + 4).expect("it is short");
    let mut message = vec![b'E'];
    message.extend(length.to_be_bytes());
    message.extend(fields.as_bytes());
    message
}

fn contains(message: &[u8], text: &[u8]) -> bool {
    message.windows(text.len()).any(|window| window == text)
}
