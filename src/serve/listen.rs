//! Connections: taken, served, and on the end of the service let finish what they have begun.

use std::net::{SocketAddr, TcpListener as Listener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::routes::router;
use super::service::Service;
use crate::error::{Error, Result};

/// How long connections have to finish what they have begun when the service ends.
const GRACE: Duration = Duration::from_secs(10);

/// How long to wait where the system has no room for one more connection.
const NO_ROOM: Duration = Duration::from_millis(50);

/// How many connections may wait to be taken. The 128 of the standard library are too few where a thousand readers come
/// at once: what overflows is dropped by the system, and its sender waits.
const WAITING: i32 = 4096;

/// Listens on an address.
pub(super) fn bind(address: SocketAddr) -> Result<Listener> {
    let listener = listening(address).map_err(|error| {
        Error::from(error)
            .context(format_args!("listening on {address}"))
            .with_hint("Choose another port with --listen, or 0 for any that is free.")
    })?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn listening(address: SocketAddr) -> std::io::Result<Listener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // As the standard library has it: elsewhere it means that several may listen on one address.
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    socket.listen(WAITING)?;
    Ok(socket.into())
}

/// Takes connections until the service is being ended, and then waits for those that are there.
pub(super) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, service: Arc<Service>) {
    let router = router(&service);
    let mut closing = service.closing.clone();
    // Each connection holds a sender: once the last one is gone nothing comes any more.
    let (held, mut all_gone) = mpsc::channel::<()>(1);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = closing.wait_for(|closing| *closing) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (tls, router, service, held) = (tls.clone(), router.clone(), Arc::clone(&service), held.clone());
                tokio::spawn(async move {
                    service.metrics.connections.add(1);
                    connection(stream, tls, router, &service).await;
                    service.metrics.connections.add(-1);
                    drop(held);
                });
            }
            // A client that went away at once, or too many files open.
            Err(_) => tokio::time::sleep(NO_ROOM).await,
        }
    }
    drop((listener, router, held));
    if timeout(GRACE, all_gone.recv()).await.is_err() {
        (service.say)("some requests were not finished in time");
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, service: &Service) {
    // Answers are small, and written at once.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve(stream, router, service).await,
        Some(tls) => {
            // What is no TLS, or too slow for it, goes without an answer.
            if let Ok(Ok(stream)) = timeout(service.patience, tls.accept(stream)).await {
                serve(stream, router, service).await;
            }
        }
    }
}

async fn serve(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, router: Router, service: &Service) {
    let mut closing = service.closing.clone();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(service.patience);
    let serving = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        // How a connection ends is its client's affair.
        _ = serving.as_mut() => return,
        _ = closing.wait_for(|closing| *closing) => {}
    }
    serving.as_mut().graceful_shutdown();
    let _ = serving.await;
}
