//! Counts the words of a POST body, streamed, and says hello to a GET.

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    let method = std::env::var("REQUEST_METHOD").unwrap_or_default();
    let mut out = io::stdout().lock();
    match method.as_str() {
        "GET" | "HEAD" => write!(out, "Content-Type: text/plain\r\n\r\nHello from Rust. POST me a text.\n"),
        "POST" => {
            let (mut lines, mut words) = (0u64, 0u64);
            for line in io::stdin().lock().split(b'\n') {
                lines += 1;
                let line = line?;
                words += line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() as u64;
            }
            write!(out, "Content-Type: application/json\r\n\r\n{{\"lines\": {lines}, \"words\": {words}}}\n")
        }
        _ => write!(out, "Status: 405 Method Not Allowed\r\nAllow: GET, HEAD, POST\r\nContent-Type: text/plain\r\n\r\nGET or POST\n"),
    }
}
