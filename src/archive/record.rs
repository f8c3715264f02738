//! An exchange as WARC records.

use std::fmt::Write as _;
use std::io::Write as _;

use data_encoding::BASE32;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use sha1::{Digest, Sha1};

use super::{Exchange, Kind, Posted};
use crate::page::hex;

/// A record as a gzip member of its own, so that each can be read alone.
pub(super) fn member(header: &str, block: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(header.as_bytes())?;
    encoder.write_all(block)?;
    encoder.write_all(b"\r\n\r\n")?;
    encoder.finish()
}

/// The record that begins a file.
pub(super) fn warcinfo(file: &str, software: &str, at: Timestamp) -> (String, Vec<u8>) {
    let block = format!("software: {}\r\nformat: WARC File Format 1.1\r\n", one_line(software)).into_bytes();
    let mut header = head("warcinfo", at, &[file.as_bytes(), &block]);
    field(&mut header, "WARC-Filename", file);
    close(&mut header, "application/warc-fields", &block);
    (header, block)
}

/// The record of an answer.
pub(super) fn response(exchange: &Exchange<'_>, at: Timestamp, place: &str) -> (String, String, Vec<u8>) {
    let capture = exchange.capture;
    let url = capture.url().map(ToString::to_string).unwrap_or_default();
    let mut block = http_head(exchange);
    let keeps_payload = exchange.kind == Kind::Response;
    if keeps_payload {
        block.extend_from_slice(&capture.body);
    }
    let record_type = if keeps_payload { "response" } else { "revisit" };
    let mut header = head(record_type, at, &[place.as_bytes(), url.as_bytes(), &block]);
    let id = header.lines().find_map(|line| line.strip_prefix("WARC-Record-ID: ")).unwrap_or_default().to_owned();
    field(&mut header, "WARC-Target-URI", &url);
    if let Some(remote) = exchange.remote {
        field(&mut header, "WARC-IP-Address", &remote.to_string());
    }
    if let Some(trouble) = exchange.tls_trouble {
        // Who answered is less sure than elsewhere; a field of our own.
        field(&mut header, "WARC-Gongkai-TLS-Relaxed", trouble);
    }
    match exchange.kind {
        Kind::Response => field(&mut header, "WARC-Payload-Digest", &sha1_of(&capture.body)),
        Kind::SamePayload { first_at } => {
            field(&mut header, "WARC-Payload-Digest", &sha1_of(&capture.body));
            field(&mut header, "WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest");
            field(&mut header, "WARC-Refers-To-Target-URI", &url);
            field(&mut header, "WARC-Refers-To-Date", &date(first_at));
        }
        Kind::NotModified => {
            field(&mut header, "WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified");
        }
    }
    if let Some(requested) = capture.requested_url.as_ref().filter(|requested| requested.as_str() != url) {
        // Where the redirects that led here began; a field of our own.
        field(&mut header, "WARC-Gongkai-Requested-URI", requested.as_str());
    }
    close(&mut header, "application/http;msgtype=response", &block);
    (header, id, block)
}

/// The record of the request that an answer answers.
pub(super) fn request(exchange: &Exchange<'_>, at: Timestamp, answer_id: &str, software: &str) -> (String, Vec<u8>) {
    let url = exchange.capture.url();
    let target = url.map_or_else(String::new, |url| {
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    });
    let host = url.and_then(|url| url.host_str()).unwrap_or_default();
    let method = if exchange.posted.is_some() { "POST" } else { "GET" };
    let mut block = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\n", one_line(software));
    if let Some(Posted { content_type, text }) = exchange.posted {
        let _ = write!(block, "Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{text}", text.len());
    } else {
        block.push_str("\r\n");
    }
    let block = block.into_bytes();
    let mut header = head("request", at, &[answer_id.as_bytes(), &block]);
    field(&mut header, "WARC-Target-URI", &url.map(ToString::to_string).unwrap_or_default());
    field(&mut header, "WARC-Concurrent-To", answer_id);
    close(&mut header, "application/http;msgtype=request", &block);
    (header, block)
}

/// The status line and header fields. The body's codings were taken off, so
/// their fields are kept under another name and the length is the body's own.
fn http_head(exchange: &Exchange<'_>) -> Vec<u8> {
    let capture = exchange.capture;
    let mut head = format!("HTTP/1.1 {} \r\n", capture.status.unwrap_or(200));
    for (name, value) in &capture.headers {
        let codes = ["content-encoding", "transfer-encoding", "content-length"];
        let prefix = if codes.iter().any(|code| name.eq_ignore_ascii_case(code)) { "X-Archive-Orig-" } else { "" };
        let _ = write!(head, "{prefix}{}: {}\r\n", one_line(name), one_line(value));
    }
    if exchange.kind == Kind::Response {
        let _ = write!(head, "Content-Length: {}\r\n", capture.body.len());
    }
    head.push_str("\r\n");
    head.into_bytes()
}

fn head(record_type: &str, at: Timestamp, identity: &[&[u8]]) -> String {
    let mut digest = Sha1::new();
    digest.update(record_type);
    digest.update(date(at));
    identity.iter().for_each(|part| digest.update(part));
    let digits = hex(&digest.finalize());
    let groups = [&digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..32]];
    // A name-based UUID (RFC 9562 5.5): the same record has the same id.
    format!(
        "WARC/1.1\r\nWARC-Type: {record_type}\r\nWARC-Record-ID: <urn:uuid:{}-{}-5{}-8{}-{}>\r\nWARC-Date: {}\r\n",
        groups[0],
        groups[1],
        groups[2],
        groups[3],
        groups[4],
        date(at)
    )
}

fn field(header: &mut String, name: &str, value: &str) {
    let _ = write!(header, "{name}: {}\r\n", one_line(value));
}

fn close(header: &mut String, content_type: &str, block: &[u8]) {
    field(header, "WARC-Block-Digest", &sha1_of(block));
    field(header, "Content-Type", content_type);
    let _ = write!(header, "Content-Length: {}\r\n\r\n", block.len());
}

/// SHA-1 in base 32: what the tools of the field compare.
fn sha1_of(bytes: &[u8]) -> String {
    format!("sha1:{}", BASE32.encode(&Sha1::digest(bytes)))
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// A value that cannot end its line early.
fn one_line(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
