//! Who is let in, and what is answered to whom is not.

use std::io::BufReader;
use std::io::Write;
use std::net::TcpStream;

use desk_simulator::ServerOptions;

use crate::asking::{ask, basic, get, receive, send, serve};

const ME: &str = "/api/v2/users/current";

#[tokio::test(flavor = "multi_thread")]
async fn only_known_credentials_are_let_in() {
    let server = serve(5, ServerOptions::default()).await;
    let status = |authorization: &str| ask(&server, "GET", ME, &[("Authorization", authorization)]).status;
    assert_eq!(status(&basic()), 200);
    assert_eq!(status("Bearer desk-bearer"), 200);
    let plaintext = |secret: &str| {
        format!(
            "OAuth oauth_consumer_key=\"desk-key\", oauth_token=\"desk-token\", \
             oauth_signature_method=\"PLAINTEXT\", oauth_signature=\"desk-secret%26{secret}\""
        )
    };
    assert_eq!(status(&plaintext("desk-token-secret")), 200);
    assert_eq!(status(&plaintext("guessed")), 401);
    assert_eq!(status("Basic bm9ib2R5OmF0IGFsbA=="), 401);
    let stranger = ask(&server, "GET", ME, &[]);
    assert_eq!(stranger.status, 401);
    assert!(stranger.json()["message"].is_string());
    assert!(stranger.number("x-rate-limit-remaining") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_json_with_a_message() {
    let server = serve(5, ServerOptions::default()).await;
    for path in ["/users/search", "/cases/1", "/nosuch", "/cases/3003/nosuch", "/users/16/x", "/users/"] {
        let missing = get(&server, path);
        assert_eq!((missing.status, missing.text().as_str()), (404, r#"{"message":"Resource Not Found"}"#));
    }
    for method in ["POST", "PATCH", "DELETE"] {
        let refused = ask(&server, method, "/api/v2/users", &[("Authorization", &basic())]);
        assert_eq!((refused.status, refused.text().as_str()), (405, r#"{"message":"Method Not Allowed"}"#));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_get_is_read_and_ignored() {
    let server = serve(5, ServerOptions::default()).await;
    let mut stream = TcpStream::connect(server.address()).expect("the server listens");
    let mut replies = BufReader::new(stream.try_clone().expect("a second handle"));
    for _ in 0..3 {
        send(&mut stream, "GET", ME, &[("Authorization", &basic()), ("Content-Length", "4")]);
        stream.write_all(b"null").expect("sent");
        assert_eq!(receive(&mut replies).status, 200);
    }
}
