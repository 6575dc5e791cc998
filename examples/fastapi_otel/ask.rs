//! One GET to this application itself: not worth an HTTP client.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use opentelemetry::TraceId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::telemetry::TRACERESPONSE;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The trace of this request, for [`crate::traces::TraceStore::finished`].
    pub(crate) trace_id: Option<TraceId>,
    pub(crate) body: String,
}

/// Where an application that listens at an address is reached from here: one that listens everywhere, on this machine.
pub(crate) fn from_here(host: IpAddr, port: u16) -> SocketAddr {
    let host = if host.is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        host
    };
    SocketAddr::new(host, port)
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> io::Result<Answer> {
    send(address, path, "").await
}

/// As part of a trace that nobody records, and so without one here.
pub(crate) async fn get_untraced(address: SocketAddr, path: &str) -> io::Result<Answer> {
    let unsampled = "traceparent: 00-00000000000000000000000000000001-0000000000000001-00\r\n";
    send(address, path, unsampled).await
}

async fn send(address: SocketAddr, path: &str, headers: &str) -> io::Result<Answer> {
    let mut connection = TcpStream::connect(address).await?;
    // Version 1.0, because its answer is neither chunked nor kept alive: everything up to the end is the body.
    let request = format!(
        "GET {path} HTTP/1.0\r\nhost: {address}\r\naccept: application/json\r\n{headers}\r\n"
    );
    connection.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await?;
    parse(&String::from_utf8_lossy(&answer)).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("no http answer from {address} to GET {path}"),
        )
    })
}

fn parse(answer: &str) -> Option<Answer> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let (status_line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = status_line.split(' ').nth(1)?.parse().ok()?;
    let header = |wanted: &str| {
        let mut named = headers.lines().filter_map(|line| line.split_once(':'));
        named
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    };
    let trace_id = header(TRACERESPONSE.as_str())
        .and_then(|value| TraceId::from_hex(value.split('-').nth(1)?).ok());
    Some(Answer {
        status,
        trace_id,
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn an_answer_is_its_status_its_trace_and_its_body() {
        let text = "HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\
                    Traceresponse: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n[]\r\n\r\n";
        let answer = parse(text).expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (200, "[]\r\n\r\n"));
        let trace_id = answer.trace_id.expect("a trace").to_string();
        assert_eq!(trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn an_answer_without_a_trace_is_an_answer() {
        assert!(
            parse("HTTP/1.0 404 Not Found\r\n\r\n")
                .expect("an answer")
                .trace_id
                .is_none()
        );
        assert!(parse("nonsense").is_none());
    }
}
