//! The store on a `PostgreSQL` server, beside what that server does with bare statements, in one run.
//!
//! `SERVER=postgres://… cargo bench --features serve,postgres --bench postgres`, where the URL is that of a database that
//! holds nothing of value: a store is made in it, and a table `bare`. Clients, service and server share the machine.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use eventscope::event::{ExpectedVersion, NewEvent, StreamName};
use eventscope::server::{Address, create_store, open_store};
use eventscope::store::Store;
use eventscope::store::postgres::postgres::{Client, NoTls};

const CLIENTS: usize = 64;
const TIME: Duration = Duration::from_secs(10);
const BATCH: i64 = 1_000;
const BATCHES: i64 = 100;

/// The table of the store, its keys and indexes, without anything that the store does around it.
const BARE: &str = "DROP TABLE IF EXISTS bare; CREATE TABLE bare (LIKE eventscope.events INCLUDING ALL); \
     CREATE SEQUENCE IF NOT EXISTS bare_positions CACHE 50";

fn main() {
    let Ok(url) = std::env::var("SERVER") else {
        println!("left out: SERVER names no database");
        return;
    };
    let address = Address::parse(&url).unwrap();
    if open_store(&address).is_err() {
        create_store(&address).unwrap();
    }
    Client::connect(&url, NoTls).unwrap().batch_execute(BARE).unwrap();
    let bare = rate("bare INSERTs with a commit each, of 64 connections, a second", &|client| {
        let mut connection = Client::connect(&url, NoTls).unwrap();
        let sql = "INSERT INTO bare SELECT nextval('bare_positions'), $1, 'order', $2, $3, 'order.placed', 1, now(), null, \
                   null, null, null, null, $4, null";
        let insert = connection.prepare(sql).unwrap();
        Box::new(move |number| {
            let (id, stream) = (format!("{client}-{number}"), format!("ord-{client}"));
            connection.execute(&insert, &[&id, &stream, &(number + 1), &data(client, number)]).unwrap();
        })
    });
    let service = Service::start(&url);
    let served = rate("single appends of 64 clients of the service, a second", &|client| {
        let mut connection = Http::new(&service.address);
        Box::new(move |number| connection.append(client, number))
    });
    drop(service);
    println!("{:66} {:>10.2}   (promised: 0.5)", "  to bare INSERTs", served / bare);
    let alone = rate("single appends of 64 connections of the library, a second", &|client| {
        let (mut store, stream) = (open_store(&address).unwrap(), StreamName::new("order", format!("lib-{client}")));
        Box::new(move |number| {
            store.append(&stream, ExpectedVersion::Any, &[event(client, number)]).unwrap();
        })
    });
    println!("{:66} {:>10.2}   (each waits for the disk by itself)", "  to bare INSERTs", alone / bare);
    batches(&address, &url);
}

/// What a client does, by number.
type Act = Box<dyn FnMut(i64)>;

/// Has 64 clients do something again and again, and says how often it was done in a second.
fn rate(what: &str, client: &(dyn Fn(usize) -> Act + Sync)) -> f64 {
    let done = AtomicBool::new(false);
    let started = Instant::now();
    let count: i64 = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let done = &done;
                scope.spawn(move || {
                    let (mut act, mut count) = (client(number), 0);
                    while !done.load(Ordering::Relaxed) {
                        act(count);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        thread::sleep(TIME);
        done.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    let rate = count as f64 / started.elapsed().as_secs_f64();
    println!("{what:66} {rate:>10.0}");
    rate
}

fn data(client: usize, number: i64) -> String {
    format!(r#"{{"number":{number},"total":8.00,"customer":"c-{client}","lines":[{{"sku":"cup-blue","qty":2}}]}}"#)
}

fn event(client: usize, number: i64) -> NewEvent {
    NewEvent::new("order.placed", eventscope::event::Json::text(data(client, number)).unwrap())
}

fn batches(address: &Address, url: &str) {
    let mut connection = Client::connect(url, NoTls).unwrap();
    let started = Instant::now();
    for batch in 0..BATCHES {
        let mut copy = connection.copy_in("COPY bare FROM STDIN").unwrap();
        for number in 0..BATCH {
            let position = 1_000_000_000 + batch * BATCH + number;
            let nulls = r"\N	\N	\N	\N	\N";
            let line = format!(
                "{position}\tcopy-{position}\torder\tcopy-{batch}\t{}\torder.placed\t1\t2026-01-01\t{nulls}\t{}\t\\N\n",
                number + 1,
                data(0, number)
            );
            copy.write_all(line.as_bytes()).unwrap();
        }
        copy.finish().unwrap();
    }
    let copied = (BATCHES * BATCH) as f64 / started.elapsed().as_secs_f64();
    println!("{:66} {copied:>10.0}", "COPY of 1,000 rows and a commit, rows a second");
    let mut store = open_store(address).unwrap();
    let started = Instant::now();
    for batch in 0..BATCHES {
        let events: Vec<NewEvent> = (0..BATCH).map(|number| event(0, number)).collect();
        store
            .append(
                &StreamName::new("order", format!("batch-{batch}-{}", started.elapsed().as_nanos())),
                ExpectedVersion::NoStream,
                &events,
            )
            .unwrap();
    }
    let appended = (BATCHES * BATCH) as f64 / started.elapsed().as_secs_f64();
    println!("{:66} {appended:>10.0}", "batches of 1,000, events a second");
    println!("{:66} {:>10.2}   (promised: 0.5)", "  to COPY", appended / copied);
}

/// The service, which ends with this value.
struct Service {
    child: Child,
    address: String,
}

impl Service {
    fn start(url: &str) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let program = env!("CARGO_BIN_EXE_eventscope");
        let child =
            Command::new(program).args(["serve", url, "--listen", &address]).stdout(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        while TcpStream::connect(&address).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "it does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A connection to the service that is kept.
struct Http(BufReader<TcpStream>, String);

impl Http {
    fn new(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream), address.to_owned())
    }

    fn append(&mut self, client: usize, number: i64) {
        let body = format!(
            r#"{{"event_type":"order.placed","aggregate_type":"order","aggregate_id":"http-{client}","payload":{}}}"#,
            data(client, number)
        );
        let (address, length) = (&self.1, body.len());
        let request = format!(
            "POST /events/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut line, mut length) = (String::new(), 0);
        self.0.read_line(&mut line).unwrap();
        assert!(line.contains(" 201 "), "{line}");
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        self.0.read_exact(&mut vec![0; length]).unwrap();
    }
}
