//! A door between clients and the server, which shuts or spoils one message where a test says so; it knows no tables.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex};

use crate::server::Place;

/// What happens at one message; messages are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends when this message of the client has reached the server, so that its answer is lost.
    CutAfterAsking(usize),
    /// The connection ends before this message of the server reaches the client; rows of a table are not counted.
    CutBeforeAnswer(usize),
    /// The server refuses this statement, or these rows, as on a full disk.
    Refuse(usize),
    /// The process of the server ends before this message of the client reaches it.
    Terminate(usize),
}

/// The words of a refusal that is not the server's own.
pub const REFUSAL: &str = "No space left on device";

/// The other side of the door, on a port of this machine.
pub struct Proxy {
    place: Place,
    port: u16,
    fault: Arc<Mutex<Option<Fault>>>,
}

impl Proxy {
    pub fn to(place: &Place) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let fault = Arc::new(Mutex::new(None));
        let (shared, inside) = (Arc::clone(&fault), place.clone());
        // It ends with the process.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let server = UnixStream::connect(inside.door()).unwrap();
                Pipe::open(client.unwrap(), server, &inside, &shared);
            }
        });
        Self {
            place: place.clone(),
            port,
            fault,
        }
    }

    /// The way through the door, with a password that nobody may print.
    pub fn url(&self, user: &str) -> String {
        let (port, name) = (self.port, &self.place.name);
        format!("postgres://{user}:s3cret@127.0.0.1:{port}/{name}")
    }

    /// The fault happens once, to whichever connection gets there.
    pub fn arm(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    /// Lets everything pass again, and says whether the fault happened.
    pub fn disarm(&self) -> bool {
        self.fault.lock().unwrap().take().is_none()
    }
}

/// One connection through the door.
struct Pipe {
    client: TcpStream,
    server: UnixStream,
    place: Place,
    fault: Arc<Mutex<Option<Fault>>>,
    is_cut: AtomicBool,
    backend: AtomicI32,
}

impl Pipe {
    fn open(
        client: TcpStream,
        server: UnixStream,
        place: &Place,
        fault: &Arc<Mutex<Option<Fault>>>,
    ) {
        client.set_nodelay(true).unwrap();
        let pipe = Arc::new(Self {
            client,
            server,
            place: place.clone(),
            fault: Arc::clone(fault),
            is_cut: AtomicBool::new(false),
            backend: AtomicI32::new(0),
        });
        let other = Arc::clone(&pipe);
        // Either end may go at any time: then so does the other.
        std::thread::spawn(move || {
            let _gone = pipe.questions();
            let _ = pipe.server.shutdown(Shutdown::Write);
        });
        std::thread::spawn(move || {
            let _gone = other.answers();
            let _ = other.client.shutdown(Shutdown::Both);
            let _ = other.server.shutdown(Shutdown::Both);
        });
    }

    fn questions(&self) -> std::io::Result<()> {
        let mut message = bare(&self.client)?;
        loop {
            let due = self.due(|fault| match fault {
                Fault::CutAfterAsking(n) | Fault::Terminate(n) => Some(n),
                Fault::Refuse(n) => spoilt(&message).map(|_| n),
                Fault::CutBeforeAnswer(_) => None,
            });
            match due {
                Some(Fault::CutAfterAsking(_)) => {
                    self.is_cut.store(true, Ordering::SeqCst);
                    (&self.server).write_all(&message)?;
                    return self.client.shutdown(Shutdown::Both);
                }
                Some(Fault::Refuse(_)) => message = spoilt(&message).unwrap_or(message),
                Some(Fault::Terminate(_)) => self.terminate(),
                _ => {}
            }
            (&self.server).write_all(&message)?;
            message = typed(&self.client)?;
        }
    }

    fn answers(&self) -> std::io::Result<()> {
        loop {
            let message = typed(&self.server)?;
            if message[0] == b'K' {
                let number = message[5..9].try_into().map(i32::from_be_bytes);
                self.backend.store(number.unwrap(), Ordering::SeqCst);
            }
            // One row of many is like another, and settings are told only at the start.
            let counts = !matches!(message[0], b'D' | b'S');
            let due = self.due(|fault| match fault {
                Fault::CutBeforeAnswer(n) if counts => Some(n),
                _ => None,
            });
            if due.is_some() {
                return Ok(());
            }
            if !self.is_cut.load(Ordering::SeqCst) {
                (&self.client).write_all(&message)?;
            }
        }
    }

    /// Counts one message, where the fault counts it, and gives the fault when its turn has come.
    fn due(&self, counted: impl Fn(&mut Fault) -> Option<&mut usize>) -> Option<Fault> {
        let mut armed = self.fault.lock().unwrap();
        let left = armed.as_mut().and_then(counted)?;
        *left -= 1;
        if *left > 0 { None } else { armed.take() }
    }

    fn terminate(&self) {
        let backend = self.backend.load(Ordering::SeqCst);
        let mut client = self.place.connect("postgres");
        let end = format!("SELECT pg_terminate_backend({backend}, 60000)");
        client.simple_query(&end).unwrap();
    }
}

/// The first message of a connection, which has no letter before its length.
fn bare(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message)?;
    rest(from, message)
}

fn typed(mut from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 5];
    from.read_exact(&mut message)?;
    rest(from, message)
}

/// What follows a head, which ends with a length that counts itself.
fn rest(mut from: impl Read, mut message: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let head = message.len();
    let length = message[head - 4..].try_into().map(u32::from_be_bytes);
    message.resize(head - 4 + length.unwrap() as usize, 0);
    from.read_exact(&mut message[head..])?;
    Ok(message)
}

/// The message as one that the server refuses; `None` for one that it cannot.
fn spoilt(message: &[u8]) -> Option<Vec<u8>> {
    let failing =
        format!("DO $$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'disk_full'; END $$");
    match message[0] {
        b'Q' => {
            let sql = String::from_utf8_lossy(&message[5..message.len() - 1]);
            // An undoing is not refused, and a role that is refused is done without.
            if sql.starts_with("ROLLBACK") || sql.starts_with("SET LOCAL session_replication_role")
            {
                return None;
            }
            let begins = sql.starts_with("BEGIN") || sql.starts_with("SAVEPOINT");
            // What comes after the beginning fails, which leaves something to be undone.
            let sql = if begins {
                format!("{sql}; {failing}\0")
            } else {
                format!("{failing}\0")
            };
            Some(framed(b'Q', sql.as_bytes()))
        }
        b'P' => {
            let name = message[5..].split(|byte| *byte == 0).next()?;
            // Refused when it is read, and not only when it is run.
            let failing = format!("SELECT '{REFUSAL}'::int");
            let body = [name, b"\0", failing.as_bytes(), b"\0\0\0"].concat();
            Some(framed(b'P', &body))
        }
        b'd' | b'c' => Some(framed(b'f', format!("{REFUSAL}\0").as_bytes())),
        _ => None,
    }
}

fn framed(letter: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [&[letter][..], &length.to_be_bytes(), body].concat()
}
