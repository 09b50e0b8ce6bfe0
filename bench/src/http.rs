//! A small keep-alive HTTP/1.1 client: one connection, one request at a time, no copies it can do without.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No answer takes longer; what does is a failure.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// GET or POST.
    pub method: &'static str,
    /// Path with query.
    pub path: String,
    /// Bearer token.
    pub token: std::sync::Arc<str>,
    /// Idempotency-Key.
    pub key: String,
    /// JSON body; none when empty.
    pub body: String,
}

impl Request {
    /// A GET.
    pub fn get(path: impl Into<String>, token: &std::sync::Arc<str>) -> Self {
        Self { method: "GET", path: path.into(), token: token.clone(), ..Self::default() }
    }
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the request was fulfilled.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Status and the beginning of the body, for messages.
    pub fn words(&self) -> String {
        let text: String = String::from_utf8_lossy(&self.body).chars().take(600).collect();
        format!("{} {text}", self.status)
    }
}

/// One connection; opened when it is first needed, and again after a failure.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    inn: Vec<u8>,
}

impl Client {
    /// A client of this server.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, out: Vec::with_capacity(4096), inn: Vec::with_capacity(16_384) }
    }

    /// Sends a request and reads its answer.
    pub async fn send(&mut self, request: &Request) -> Result<Answer> {
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let answer = answer.unwrap_or_else(|_| Err(Error::new(ErrorKind::TimedOut, "no answer in 30 s")));
        if answer.is_err() {
            self.stream = None;
        }
        answer
    }

    async fn exchange(&mut self, request: &Request) -> Result<Answer> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        let Some(stream) = self.stream.as_mut() else { return Err(ErrorKind::NotConnected.into()) };
        write_request(&mut self.out, self.address, request);
        stream.write_all(&self.out).await?;
        self.inn.clear();
        let head = loop {
            if let Some(head) = Head::read(&self.inn)? {
                break head;
            }
            fill(stream, &mut self.inn).await?;
        };
        let body = match head.length {
            Length::Known(length) => {
                while self.inn.len() < head.size + length {
                    fill(stream, &mut self.inn).await?;
                }
                self.inn[head.size..head.size + length].to_vec()
            }
            Length::Chunked => loop {
                if let Some(body) = unchunk(&self.inn[head.size..])? {
                    break body;
                }
                fill(stream, &mut self.inn).await?;
            },
        };
        if head.close {
            self.stream = None;
        }
        Ok(Answer { status: head.status, body })
    }
}

async fn fill(stream: &mut TcpStream, into: &mut Vec<u8>) -> Result<()> {
    if stream.read_buf(into).await? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

fn write_request(out: &mut Vec<u8>, address: SocketAddr, request: &Request) {
    use std::io::Write;
    out.clear();
    // Writing to a Vec has no way to fail.
    let _ = write!(out, "{} {} HTTP/1.1\r\nHost: {address}\r\n", request.method, request.path);
    if !request.token.is_empty() {
        let _ = write!(out, "Authorization: Bearer {}\r\n", request.token);
    }
    if !request.key.is_empty() {
        let _ = write!(out, "Idempotency-Key: {}\r\n", request.key);
    }
    if request.method != "GET" {
        let _ = write!(out, "Content-Type: application/json\r\nContent-Length: {}\r\n", request.body.len());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(request.body.as_bytes());
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

#[derive(Debug)]
struct Head {
    status: u16,
    length: Length,
    close: bool,
    size: usize,
}

impl Head {
    fn read(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return Ok(None) };
        let broken = || Error::new(ErrorKind::InvalidData, "not an HTTP/1.1 answer");
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| broken())?;
        let mut lines = head.split("\r\n");
        let status =
            lines.next().and_then(|l| l.get(9..12)).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
        let mut length = Length::Known(0);
        let mut close = false;
        for (name, value) in lines.filter_map(|l| l.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = Length::Known(value.parse().map_err(|_| broken())?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("connection") {
                close = value.eq_ignore_ascii_case("close");
            }
        }
        Ok(Some(Self { status, length, close, size: end + 4 }))
    }
}

/// The whole body, or none while chunks are missing.
fn unchunk(mut bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(line) = bytes.windows(2).position(|w| w == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&bytes[..line])
            .ok()
            .and_then(|s| usize::from_str_radix(s.split(';').next().unwrap_or_default().trim(), 16).ok());
        let size = size.ok_or_else(|| Error::new(ErrorKind::InvalidData, "not a chunk"))?;
        let rest = &bytes[line + 2..];
        if rest.len() < size + 2 {
            return Ok(None);
        }
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(&rest[..size]);
        bytes = &rest[size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// Answers each request on one connection with the next of these; gives the connections and requests it saw.
    async fn mock(answers: Vec<&'static str>) -> (SocketAddr, tokio::task::JoinHandle<(usize, Vec<String>)>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let serving = tokio::spawn(async move {
            let (mut connections, mut seen) = (0, Vec::new());
            let mut answers = answers.into_iter();
            'connection: while answers.len() > 0 {
                let (mut stream, _) = listener.accept().await.expect("accept");
                connections += 1;
                loop {
                    let mut request = vec![0; 65_536];
                    let got = stream.read(&mut request).await.expect("read");
                    if got == 0 {
                        continue 'connection;
                    }
                    seen.push(String::from_utf8_lossy(&request[..got]).into_owned());
                    let Some(answer) = answers.next() else { break 'connection };
                    // In two pieces, so that the client has to wait for the second.
                    let (first, second) = answer.split_at(answer.len() / 2);
                    stream.write_all(first.as_bytes()).await.expect("write");
                    stream.flush().await.expect("flush");
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    stream.write_all(second.as_bytes()).await.expect("write");
                    if answer.contains("close") || answers.len() == 0 {
                        continue 'connection;
                    }
                }
            }
            (connections, seen)
        });
        (address, serving)
    }

    #[tokio::test]
    async fn one_connection_carries_many_requests() {
        let (address, serving) = mock(vec![
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"no\":1}",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3;x=y\r\n:2}\r\n0\r\n\r\n",
            "HTTP/1.1 422 Unprocessable Entity\r\ncontent-length: 2\r\nConnection: close\r\n\r\n{}",
        ])
        .await;
        let mut client = Client::new(address);
        let post = Request {
            method: "POST",
            path: "/api/v1/cases".into(),
            token: "t1".into(),
            key: "k1".into(),
            body: "{\"名\":1}".into(),
        };
        let first = client.send(&post).await.expect("first");
        assert_eq!((first.status, first.json()["no"].as_u64()), (201, Some(1)));
        let second = client.send(&Request::get("/x", &"t2".into())).await.expect("second");
        assert_eq!(second.json()["a"].as_u64(), Some(2));
        let third = client.send(&post).await.expect("third");
        assert!(!third.ok() && third.words().starts_with("422"));
        let (connections, seen) = serving.await.expect("mock");
        assert_eq!(connections, 1);
        assert!(seen[0].starts_with("POST /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1:"));
        assert!(seen[0].contains("Authorization: Bearer t1\r\nIdempotency-Key: k1\r\n"));
        assert!(seen[0].ends_with("Content-Length: 9\r\n\r\n{\"名\":1}"));
        assert!(seen[1].starts_with("GET /x HTTP/1.1\r\n") && !seen[1].contains("Idempotency"));
    }

    #[tokio::test]
    async fn a_server_that_goes_away_is_an_error_and_the_next_request_connects_again() {
        let (address, serving) = mock(vec![
            "HTTP/1.1 200 OK\r\ncontent-length: 90\r\nx: close\r\n\r\n{}",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        ])
        .await;
        let mut client = Client::new(address);
        let get = Request::get("/", &"".into());
        assert_eq!(client.send(&get).await.expect_err("cut off").kind(), ErrorKind::UnexpectedEof);
        assert!(client.send(&get).await.expect("again").ok());
        assert_eq!(serving.await.expect("mock").0, 2);
    }
}
