//! Logging in from a command-line tool: the browser comes back to an address of this machine (RFC 8252 7.3).
//!
//! The listener is the standard library's: whoever has a runtime waits for it on a thread made for that.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::error::Error;

/// The path that the browser comes back to.
const PATH: &str = "/callback";
/// The longest request that is read, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024;
/// How long one connection may take to say what it wants: browsers open some that they never use.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many connections are waited for at a time.
const MOST_VISITORS: usize = 64;

/// A port of this machine that waits for one callback.
///
/// ```
/// # use authmint_client::{Client, Error, Login, LoginOptions, Loopback};
/// async fn log_in(mut client: impl AsyncFnMut(&str) -> Result<Client, Error>) -> Result<Login, Error> {
///     let loopback = Loopback::bind()?;
///     let client = client(loopback.redirect_uri()).await?;
///     let (address, pending) = client.start(&LoginOptions::new()).await?;
///     println!("open {address}");
///     let query = loopback.wait(std::time::Duration::from_secs(300))?;
///     client.callback(&pending, &query).await
/// }
/// ```
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    redirect_uri: String,
}

impl Loopback {
    /// Listens on a free port of 127.0.0.1, or of `::1` where there is no IPv4.
    ///
    /// # Errors
    /// [`Error::Loopback`] when there is no port.
    pub fn bind() -> Result<Self, Error> {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .or_else(|_| TcpListener::bind((Ipv6Addr::LOCALHOST, 0)))
            .and_then(|listener| listener.local_addr().map(|address| (listener, address)));
        let (listener, address) = bound.map_err(|error| failed(&error))?;
        // RFC 8252 8.3: the address, not localhost, which may lead elsewhere.
        let redirect_uri = match address {
            SocketAddr::V4(address) => format!("http://127.0.0.1:{}{PATH}", address.port()),
            SocketAddr::V6(address) => format!("http://[::1]:{}{PATH}", address.port()),
        };
        Ok(Self { listener, redirect_uri })
    }

    /// The address for [`ClientConfig::redirect_uri`](crate::ClientConfig::redirect_uri). Register `http://127.0.0.1/callback`: the
    /// port may vary.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the browser and answers it; gives what to finish the login with. Blocks the thread.
    ///
    /// # Errors
    /// [`Error::Loopback`] when nobody comes in `time`.
    pub fn wait(self, time: Duration) -> Result<String, Error> {
        let give_up = Instant::now().checked_add(time);
        self.listener.set_nonblocking(true).map_err(|error| failed(&error))?;
        let mut visitors: VecDeque<Visitor> = VecDeque::new();
        while give_up.is_none_or(|give_up| Instant::now() < give_up) {
            match self.listener.accept() {
                Ok((stream, _)) => visitors.extend(Visitor::new(stream)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                // Somebody who went away before they were let in.
                Err(error)
                    if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => {}
                Err(error) => return Err(failed(&error)),
            }
            let mut waiting = VecDeque::new();
            for mut visitor in visitors {
                match visitor.read() {
                    Poll::Pending => waiting.push_back(visitor),
                    Poll::Ready(target) => {
                        if let Some(query) = visitor.answer(target.as_deref()) {
                            return Ok(query);
                        }
                    }
                }
            }
            // Who has said nothing for the longest time makes room.
            if waiting.len() > MOST_VISITORS {
                waiting.pop_front();
            }
            visitors = waiting;
        }
        Err(Error::Loopback("nobody came back from the browser in time".to_owned()))
    }
}

/// A connection that has not said yet what it wants. Nobody waits for it: anyone on this machine can open some and stay silent.
struct Visitor {
    stream: TcpStream,
    read: Vec<u8>,
    since: Instant,
}

impl Visitor {
    fn new(stream: TcpStream) -> Option<Self> {
        stream.set_nonblocking(true).ok()?;
        Some(Self { stream, read: Vec::new(), since: Instant::now() })
    }

    /// Reads what has come, until it is the head of a request: then the target, if it is a GET.
    fn read(&mut self) -> Poll<Option<String>> {
        let mut piece = [0; 1024];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return Poll::Ready(None),
                Ok(count) => self.read.extend_from_slice(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return Poll::Ready(None),
            }
            if self.read.len() > MAX_REQUEST_BYTES {
                return Poll::Ready(None);
            }
        }
        if self.read.windows(4).any(|four| four == b"\r\n\r\n") {
            return Poll::Ready(self.target());
        }
        if self.since.elapsed() > PATIENCE { Poll::Ready(None) } else { Poll::Pending }
    }

    fn target(&self) -> Option<String> {
        // Cookies of other programs on this machine may hold any bytes.
        let head = String::from_utf8_lossy(&self.read);
        let mut lines = head.split("\r\n");
        let target = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
        // A provider sends the whole window here. A page that tries all ports, to end a login that is not its own, does so by images,
        // frames and scripts, and browsers say that (Fetch Metadata).
        let asks_for_part = |(name, value): (&str, &str)| {
            name.eq_ignore_ascii_case("sec-fetch-dest") && !value.trim().eq_ignore_ascii_case("document")
        };
        let is_part = lines.filter_map(|line| line.split_once(':')).any(asks_for_part);
        (!is_part).then(|| target.to_owned())
    }

    /// Answers: gives the query if the target is the callback's, anything else is turned away.
    fn answer(mut self, target: Option<&str>) -> Option<String> {
        let query = target.and_then(|target| {
            let (path, query) = target.split_once('?')?;
            (path == PATH).then(|| query.to_owned())
        });
        let (status, text) = match query {
            Some(_) => ("200 OK", "You can close this window and go back to the terminal."),
            None => ("404 Not Found", "There is nothing here."),
        };
        let reply = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{text}",
            text.len()
        );
        // Whether the browser reads it does not change what came. It is short, so it goes out without waiting for anybody.
        let _ = self.stream.write_all(reply.as_bytes());
        query
    }
}

fn failed(error: &std::io::Error) -> Error {
    Error::Loopback(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(address: &str, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        let _ = stream.read_to_string(&mut reply);
        reply
    }

    #[test]
    fn the_first_callback_counts_whatever_else_knocks() {
        let loopback = Loopback::bind().unwrap();
        let address = loopback.redirect_uri().trim_start_matches("http://").trim_end_matches(PATH).to_owned();
        let waiting = std::thread::spawn(move || loopback.wait(Duration::from_secs(20)).unwrap());
        assert!(get(&address, "GET /favicon.ico HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
        assert!(get(&address, "POST /callback?code=x HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404"));
        drop(TcpStream::connect(&address).unwrap());
        assert!(
            get(&address, "GET /callback?code=1&state=2 HTTP/1.1\r\nHost: x\r\n\r\n")
                .starts_with("HTTP/1.1 200")
        );
        assert_eq!(waiting.join().unwrap(), "code=1&state=2");
    }

    #[test]
    fn s29_a_page_that_tries_all_ports_ends_no_login() {
        let loopback = Loopback::bind().unwrap();
        let address = loopback.redirect_uri().trim_start_matches("http://").trim_end_matches(PATH).to_owned();
        let waiting = std::thread::spawn(move || loopback.wait(Duration::from_secs(20)).unwrap());
        let ask = |headers: &str| get(&address, &format!("GET /callback?code=1 HTTP/1.1\r\n{headers}\r\n"));
        for headers in
            ["Sec-Fetch-Dest: image\r\n", "Host: x\r\nsec-fetch-dest:iframe\r\n", "Sec-Fetch-Dest: empty\r\n"]
        {
            assert!(ask(headers).starts_with("HTTP/1.1 404"), "{headers}");
        }
        assert!(ask("Cookie: \u{e9}\r\nSec-Fetch-Dest: document\r\n").starts_with("HTTP/1.1 200"));
        assert_eq!(waiting.join().unwrap(), "code=1");
    }

    #[test]
    fn s47_connections_that_say_nothing_hold_nobody_up() {
        let loopback = Loopback::bind().unwrap();
        let address = loopback.redirect_uri().trim_start_matches("http://").trim_end_matches(PATH).to_owned();
        let waiting = std::thread::spawn(move || loopback.wait(Duration::from_secs(20)).unwrap());
        let silent: Vec<_> = (0..40).map(|_| TcpStream::connect(&address).unwrap()).collect();
        let begun = Instant::now();
        assert!(get(&address, "GET /callback?code=1 HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200"));
        assert_eq!(waiting.join().unwrap(), "code=1");
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
        drop(silent);
    }

    #[test]
    fn nobody_is_waited_for_forever() {
        assert!(matches!(Loopback::bind().unwrap().wait(Duration::from_millis(50)), Err(Error::Loopback(_))));
    }
}
