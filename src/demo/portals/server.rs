//! What a portal serves, and how.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::Seen;
use crate::clock::Clock;
use crate::demo::other::other;
use crate::page::hex;

pub(super) const HTML: &str = "text/html";

/// A page as it is served.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub body: Vec<u8>,
    pub content_type: &'static str,
    pub location: Option<String>,
}

impl Stored {
    pub fn new(body: Vec<u8>, content_type: &'static str) -> Self {
        Self { body, content_type, location: None }
    }

    /// A page that is elsewhere.
    pub fn moved(location: &str) -> Self {
        Self { body: vec![], content_type: HTML, location: Some(location.to_owned()) }
    }
}

/// What is served under one host's name.
#[derive(Debug, Default)]
pub(super) struct Site {
    /// By path and query; a POST's fields stand behind `#`.
    pub pages: HashMap<String, Stored>,
    /// Answers of 503 that are left.
    pub busy: Mutex<u32>,
}

/// An address that listens, with the hosts behind it.
#[derive(Debug)]
pub(super) struct Server {
    pub sites: HashMap<String, Site>,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    pub address: SocketAddr,
    pub clock: Clock,
}

pub(super) async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    let began = server.clock.now();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_owned();
    let mut path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let asked_with = request.headers().get(header::IF_NONE_MATCH).cloned();
    let is_post = request.method() == Method::POST;
    // Bounded: a form is small.
    let fields = to_bytes(request.into_body(), 64 * 1024).await.unwrap_or_default();
    if is_post {
        path = format!("{path}#{}", String::from_utf8_lossy(&fields));
    }
    let response = server.sites.get(&host).map_or_else(not_found, |site| site.answer(&path, asked_with.as_ref()));
    let status = response.status().as_u16();
    let seen = Seen { host, address: server.address, path, began, ended: server.clock.now(), status };
    server.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    response
}

impl Site {
    fn answer(&self, path: &str, asked_with: Option<&HeaderValue>) -> Response {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if *busy > 0 && path != "/robots.txt" {
            *busy -= 1;
            return response(503, HTML, vec![], &[(header::RETRY_AFTER, "1")]);
        }
        let Some(page) = self.pages.get(path) else { return not_found() };
        if let Some(location) = &page.location {
            return response(302, HTML, vec![], &[(header::LOCATION, location)]);
        }
        let etag = format!("\"{}\"", &hex(&Sha256::digest(&page.body))[..16]);
        if asked_with.is_some_and(|tag| tag.as_bytes() == etag.as_bytes()) {
            return response(304, page.content_type, vec![], &[(header::ETAG, &etag)]);
        }
        response(200, page.content_type, page.body.clone(), &[(header::ETAG, &etag)])
    }
}

fn not_found() -> Response {
    response(404, HTML, other("error", ""), &[])
}

fn response(status: u16, content_type: &str, body: Vec<u8>, fields: &[(header::HeaderName, &str)]) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let all = fields.iter().cloned().chain([(header::CONTENT_TYPE, content_type)]);
    for (name, value) in all {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
