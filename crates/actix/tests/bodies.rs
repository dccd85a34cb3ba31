//! Bodies over a socket: one that is broken and one that is too long are told apart; row S47.
#![allow(clippy::unwrap_used)]

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::channel;

use actix_web::{App, HttpServer, rt};
use authmint_actix::{SealingKey, mount};
use authmint_provider::{Provider, ProviderConfig};
use authmint_store::MemoryStore;

#[test]
fn s47_a_broken_body_and_one_that_is_too_long_are_told_apart() {
    let config = ProviderConfig::new("https://op.example".parse().unwrap());
    let key = SealingKey::generate().unwrap();
    let provider = Provider::new(config, Arc::new(MemoryStore::new()), &key).unwrap();
    let (bound, address) = channel();
    std::thread::spawn(move || {
        rt::System::new().block_on(async move {
            let server = HttpServer::new(move || App::new().configure(mount(provider.clone()))).workers(1);
            let server = server.bind("127.0.0.1:0").unwrap();
            bound.send(server.addrs().into_iter().next().unwrap()).unwrap();
            server.run().await.unwrap();
        });
    });
    let at = address.recv().unwrap();
    let long = format!("{:x}\r\n{}\r\n0\r\n\r\n", 65_537, "a".repeat(65_537));
    for (body, status) in [("zz\r\n", "400"), ("5\r\nab", "400"), (&*long, "413"), ("0\r\n\r\n", "401")] {
        let mut stream = TcpStream::connect(at).unwrap();
        let head = "POST /token HTTP/1.1\r\nHost: op.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                    Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {reply}");
    }
}
