//! Counts round trips without a clock: a proxy that lets client and server speak in turns.
//!
//! It takes what the client says until the client's thread has gone to sleep, because then it has said all it can say
//! without hearing; passes it on; and hands back the replies when there is one to each request. Each turn is a round trip.

use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use tokio::runtime::{Builder, Runtime};

#[derive(Default)]
pub(crate) struct Lockstep {
    turns: AtomicU32,
    asleep: Mutex<bool>,
    fell_asleep: Condvar,
    closed: AtomicBool,
}

impl Lockstep {
    /// A runtime whose sleep is known here. What is counted must be spawned: when the future given to `block_on` is woken,
    /// the runtime goes to sleep once more before it looks.
    pub(crate) fn runtime(self: &Arc<Self>) -> Runtime {
        let (sleeps, wakes) = (Arc::clone(self), Arc::clone(self));
        Builder::new_current_thread()
            .enable_all()
            .on_thread_park(move || sleeps.sleep(true))
            .on_thread_unpark(move || wakes.sleep(false))
            .build()
            .expect("a runtime")
    }

    /// Stands before the server at this address: the address to use instead, and its port.
    pub(crate) fn before(self: &Arc<Self>, url: &str) -> (String, u16) {
        let driver: tokio_postgres::Config = url.parse().expect("a URL");
        let upstream = driver.get_ports()[0];
        let port = self.listen(upstream);
        let here = url.replace(&format!(":{upstream}/"), &format!(":{port}/"));
        (here, port)
    }

    fn listen(self: &Arc<Self>, upstream: u16) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::clone(self);
        thread::spawn(move || {
            for client in listener.incoming() {
                let shared = Arc::clone(&shared);
                if shared.closed.load(Ordering::SeqCst) {
                    break;
                }
                // It ends with an error when either side hangs up.
                thread::spawn(move || client.and_then(|client| shared.serve(&client, upstream)));
            }
        });
        port
    }

    /// The round trips since this was asked last.
    pub(crate) fn turns(&self) -> u32 {
        self.turns.swap(0, Ordering::SeqCst)
    }

    pub(crate) fn close(&self, port: u16) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", port));
    }

    fn sleep(&self, asleep: bool) {
        *self.asleep.lock().expect("no panic") = asleep;
        self.fell_asleep.notify_all();
    }

    fn wait_for_sleep(&self) {
        let asleep = self.asleep.lock().expect("no panic");
        let _asleep = self
            .fell_asleep
            .wait_while(asleep, |asleep| !*asleep)
            .expect("no panic");
    }

    fn serve(&self, mut client: &TcpStream, upstream: u16) -> io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", upstream))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut to_server, mut from_server) = (&server, BufReader::new(&server));
        introduce(client, &mut from_server, to_server)?;
        loop {
            let said = self.listen_to(client)?;
            to_server.write_all(&said.bytes)?;
            let (mut replies, mut open) = (Vec::new(), said.requests);
            while open > 0 {
                let reply = message(&mut from_server, 1)?;
                match reply[0] {
                    b'Z' => open -= 1,
                    // It waits for rows to copy, and has forgotten the Sync that came with the request.
                    b'G' => open = 0,
                    _ => {}
                }
                replies.extend(reply);
            }
            if said.awaits {
                self.turns.fetch_add(1, Ordering::SeqCst);
            }
            client.write_all(&replies)?;
        }
    }

    /// All that the client has to say for now.
    fn listen_to(&self, mut client: &TcpStream) -> io::Result<Said> {
        let mut said = Said::default();
        client.peek(&mut [0])?;
        self.wait_for_sleep();
        loop {
            client.set_nonblocking(true)?;
            let ended = client.read_to_end(&mut said.bytes);
            client.set_nonblocking(false)?;
            match ended {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
                Ok(_) => return Err(ErrorKind::UnexpectedEof.into()),
            }
            if said.is_whole() {
                return Ok(said);
            }
            client.peek(&mut [0])?;
        }
    }
}

#[derive(Default)]
struct Said {
    bytes: Vec<u8>,
    /// How many times the server will say that it is ready.
    requests: u32,
    /// Whether anybody waits for it: nobody does when statements are closed.
    awaits: bool,
}

impl Said {
    /// Whether it ends where a message ends; counts the requests in it.
    fn is_whole(&mut self) -> bool {
        (self.requests, self.awaits) = (0, false);
        let mut rest = self.bytes.as_slice();
        while let Some(kind) = rest.first() {
            let length = rest.get(1..5).and_then(|length| length.try_into().ok());
            let length = length.map_or(usize::MAX, |length| u32::from_be_bytes(length) as usize);
            match rest.get(length.saturating_add(1)..) {
                Some(next) => rest = next,
                None => return false,
            }
            self.requests += u32::from(matches!(kind, b'S' | b'Q'));
            self.awaits |= !matches!(kind, b'C' | b'S' | b'X');
        }
        true
    }
}

/// The start, which is not counted: it is the server that asks there.
fn introduce(
    mut client: &TcpStream,
    from_server: &mut impl Read,
    mut to_server: &TcpStream,
) -> io::Result<()> {
    to_server.write_all(&message(&mut client, 0)?)?;
    loop {
        let said = message(from_server, 1)?;
        client.write_all(&said)?;
        match said.as_slice() {
            // All is well, or the proof that it will be.
            [b'R', _, _, _, _, 0, 0, 0, 0 | 12, ..] => {}
            [b'R', ..] => to_server.write_all(&message(&mut client, 1)?)?,
            [b'Z', ..] => return Ok(()),
            _ => {}
        }
    }
}

/// One message: its type, if it has one, its length, and the rest.
fn message(from: &mut impl Read, type_bytes: usize) -> io::Result<Vec<u8>> {
    let mut message = vec![0; type_bytes + 4];
    from.read_exact(&mut message)?;
    let length = <[u8; 4]>::try_from(&message[type_bytes..]).expect("four bytes");
    message.resize(type_bytes + u32::from_be_bytes(length) as usize, 0);
    from.read_exact(&mut message[type_bytes + 4..])?;
    Ok(message)
}
