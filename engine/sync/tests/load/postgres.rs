//! PostgreSQL: the cases that every destination holds to, and what can happen to a server.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use tapwright_sync::destination::{self, Completion, Delivery, Destination, Fault, Mode, Opening};
use tapwright_sync::normalise::{Batch, Normaliser};
use tapwright_sync::state::Draft;

use crate::place::{Place, Schema};
use crate::recorded::every_recording;
use crate::server::{PASSWORD, Server, skipped};
use crate::{every_case, partial, stream, versions};

/// One server for all tests of this program, which ends with it.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start("-c fsync=off -c max_connections=30"))
}

fn schema() -> Schema<'static> {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    Schema::new(server(), NUMBER.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn every_case_holds_in_postgres() {
    if !skipped("every_case_holds_in_postgres") {
        every_case("postgres", &mut || Box::new(schema()));
    }
}

#[test]
fn every_recording_comes_out_the_same_through_a_hub_in_postgres() {
    if !skipped("every_recording_comes_out_the_same_through_a_hub_in_postgres") {
        every_recording("postgres", &mut || Box::new(schema()));
    }
}

#[test]
fn one_version_of_a_key_stays_in_postgres_too() {
    if !skipped("one_version_of_a_key_stays_in_postgres_too") {
        versions::one_version_stays(20, &|| Box::new(schema()));
    }
}

#[test]
fn parts_are_merged_in_their_order_in_postgres_too() {
    if !skipped("parts_are_merged_in_their_order_in_postgres_too") {
        partial::merged_in_their_order(30, &|| Box::new(schema()));
    }
}

#[test]
fn a_look_makes_nothing_in_postgres_and_sees_what_a_run_has_committed() {
    if skipped("a_look_makes_nothing_in_postgres_and_sees_what_a_run_has_committed") {
        return;
    }
    let place = schema();
    let mut there = destination::look(&place.url(), "test").expect("a look");
    assert_eq!(there.load_state().expect("nothing").0.len(), 0);
    server().psql(&format!("CREATE SCHEMA \"{}\"", place.name())).expect("a schema");
    let mut there = destination::look(&place.url(), "test").expect("a look");
    assert_eq!(there.load_state().expect("no state").0.len(), 0);
    assert!(place.columns("_tapwright_state").is_empty(), "a look has made tables");
    let mut run = place.open().expect("a run");
    let mut draft = Draft::default();
    draft.change(&run.load_state().expect("no state"), "notes", |notes| notes.version = Some(7));
    let _ = run.commit(&draft).expect("a commit");
    let mut there = destination::look(&place.url(), "test").expect("a look beside a run");
    assert_eq!(there.load_state().expect("state").of("notes").version, Some(7));
}

/// Loads notes with these ids; `batch` is called after the first batch of two.
fn write(url: &str, ids: std::ops::Range<i64>, between: &mut dyn FnMut()) -> Result<u64, Fault> {
    let mut opened = destination::open(url, "test")?;
    let destination = opened.as_mut();
    let written = load(destination, ids, between);
    if written.is_err() {
        let refused = destination.commit(&Draft::default());
        assert!(matches!(refused, Err(Fault::NoLoad { .. })), "a fault must be taken note of");
        // What is lost with the session needs no rollback.
        let _ = destination.rollback();
    }
    written
}

fn load(destination: &mut dyn Destination, ids: std::ops::Range<i64>, between: &mut dyn FnMut()) -> Result<u64, Fault> {
    let spec = serde_json::json!({"name": "notes", "primary_key": ["id"], "key": "id", "fields": {"id": "integer", "l": ["string"]}});
    let mut normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let tables = normaliser.tables().clone();
    destination.begin(&Opening { stream: "notes", tables: &tables, mode: Mode::Upsert, version: None })?;
    let long = "x".repeat(1_000);
    let records: Vec<String> = ids.map(|id| format!("{{\"id\": {id}, \"l\": [\"{long}\", \"y\"]}}")).collect();
    for half in records.chunks(records.len() / 2) {
        let mut batch = Batch::new();
        half.iter().for_each(|record| normaliser.read(record, &[], &mut batch));
        let received = jiff::Timestamp::UNIX_EPOCH;
        destination.write("notes", &Delivery { tables: &tables, batch: &batch, records: &[], received })?;
        between();
    }
    let written = destination.flush("notes")?;
    destination.finish("notes", Completion::Complete)?;
    let _ = destination.commit(&Draft::default())?;
    Ok(written.new)
}

fn count(place: &Schema<'_>) -> usize {
    place.rows("notes__l", &["value".to_owned()]).len()
}

#[test]
fn a_session_that_is_cut_off_amid_its_rows_is_named_and_heals() {
    if skipped("a_session_that_is_cut_off_amid_its_rows_is_named_and_heals") {
        return;
    }
    let place = schema();
    assert_eq!(write(&place.url(), 0..10, &mut || ()).expect("rows"), 10);
    // Another test's sessions must not be cut off.
    let cut = || {
        let sql = "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'SCHEMA' AND l.pid <> pg_backend_pid()";
        server().psql(&sql.replace("SCHEMA", place.name())).expect("cut off");
    };
    let fault = write(&place.url(), 10..3_000, &mut { cut }).expect_err("cut off");
    assert!(matches!(fault, Fault::Lost { .. }), "{fault}");
    assert_eq!(count(&place), 20);
    assert_eq!(write(&place.url(), 0..3_000, &mut || ()).expect("rows"), 2_990);
    assert_eq!(count(&place), 6_000);
}

#[test]
fn two_runs_of_one_connector_do_not_meet() {
    if skipped("two_runs_of_one_connector_do_not_meet") {
        return;
    }
    let place = schema();
    let first = place.open().expect("a schema");
    let fault = place.open().map(|_| ()).expect_err("in use");
    assert!(matches!(fault, Fault::Busy { .. }), "{fault}");
    drop(first);
    place.open().expect("free again");
}

#[test]
fn a_lock_is_waited_for_and_then_named() {
    if skipped("a_lock_is_waited_for_and_then_named") {
        return;
    }
    let place = schema();
    write(&place.url(), 0..4, &mut || ()).expect("rows");
    let holder = std::thread::spawn({
        let sql = format!("BEGIN; LOCK TABLE \"{}\".notes; SELECT pg_sleep(3); COMMIT;", place.name());
        move || server().psql(&sql)
    });
    std::thread::sleep(std::time::Duration::from_millis(700));
    let impatient = format!("{}&options=-c%20lock_timeout%3D300ms", place.url());
    let fault = write(&impatient, 0..8, &mut || ()).expect_err("locked");
    assert!(matches!(fault, Fault::Locked { .. }), "{fault}");
    holder.join().expect("a thread").expect("a lock");
    assert_eq!(write(&place.url(), 0..8, &mut || ()).expect("rows"), 4);
}

/// What the server answers when its disk is full is answered by a trigger.
#[test]
fn a_full_disk_is_named_and_nothing_half_done_stays() {
    if skipped("a_full_disk_is_named_and_nothing_half_done_stays") {
        return;
    }
    let place = schema();
    write(&place.url(), 0..4, &mut || ()).expect("rows");
    let fill = "SET search_path = \"SCHEMA\"; CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS \
        $$BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END$$; \
        CREATE TRIGGER fills BEFORE INSERT ON notes__l FOR EACH ROW EXECUTE FUNCTION fills();";
    server().psql(&fill.replace("SCHEMA", place.name())).expect("a trigger");
    let fault = write(&place.url(), 0..8, &mut || ()).expect_err("full");
    assert!(matches!(fault, Fault::Full { .. }), "{fault}");
    assert_eq!(place.rows("notes", &["id".to_owned()]).len(), 4);
    server().psql(&format!("DROP FUNCTION \"{}\".fills() CASCADE", place.name())).expect("room");
    assert_eq!(write(&place.url(), 0..8, &mut || ()).expect("rows"), 4);
}

#[test]
fn what_stands_in_the_way_is_named_and_no_password_told() {
    if skipped("what_stands_in_the_way_is_named_and_no_password_told") {
        return;
    }
    let place = schema();
    write(&place.url(), 0..4, &mut || ()).expect("rows");
    server().psql(&format!("CREATE TABLE \"{}\".other (id int)", place.name())).expect("a table");
    let port = server().port();
    for (url, told) in [
        (format!("postgres://tester:wrong@127.0.0.1:{port}/postgres"), "refuses the login"),
        (format!("postgres://tester@127.0.0.1:{port}/postgres?options=-c%20x%3D1"), "refuses the login"),
        (place.url().replace("/postgres?", "/nowhere?"), "create it, or name another"),
        (place.url().replace(&format!(":{port}/"), ":1/"), "cannot reach"),
        (place.url().replace("schema=", "schema=pg_"), "unacceptable schema name"),
    ] {
        let fault = destination::open(&url, "test").map(|_| ()).expect_err("no destination").to_string();
        let secrets = [PASSWORD, "p-w%204", "wrong"];
        assert!(fault.contains(told) && !secrets.iter().any(|secret| fault.contains(secret)), "{fault}");
    }
    let view = format!("CREATE VIEW \"{0}\".v AS SELECT id FROM \"{0}\".notes", place.name());
    server().psql(&view).expect("a view");
    let mut destination = place.open().expect("a schema");
    let spec = serde_json::json!({"name": "notes", "primary_key": ["id"], "fields": {"id": "integer"}});
    let normaliser = Normaliser::new(&stream::read(&spec)).expect("a stream");
    let opening = Opening { stream: "notes", tables: normaliser.tables(), mode: Mode::Rebuild, version: None };
    destination.begin(&opening).expect("a load");
    let fault = destination.finish("notes", Completion::Complete).expect_err("a view hangs on it").to_string();
    assert!(fault.contains("the table `") && fault.contains("v depends on table"), "{fault}");
}

#[test]
fn the_server_proves_who_it_is_as_far_as_is_asked() {
    if skipped("the_server_proves_who_it_is_as_far_as_is_asked") {
        return;
    }
    let authority = server().authority().display().to_string();
    let named = |place: &Schema<'_>| place.url().replace("127.0.0.1", "localhost");
    for (is_named, options, safe) in [
        (false, String::new(), Ok("t")),
        (false, "&sslmode=disable".to_owned(), Ok("f")),
        (false, "&sslmode=require".to_owned(), Ok("t")),
        (false, format!("&sslmode=verify-ca&sslrootcert={authority}"), Ok("t")),
        (false, "&sslmode=verify-ca".to_owned(), Err("UnknownIssuer")),
        (false, format!("&sslmode=verify-full&sslrootcert={authority}"), Err("not valid for name")),
        (true, format!("&sslmode=verify-full&sslrootcert={authority}"), Ok("t")),
        (true, "&sslmode=verify-full".to_owned(), Err("UnknownIssuer")),
        (true, "&sslmode=verify-full&sslrootcert=/nowhere".to_owned(), Err("sslrootcert /nowhere: ")),
    ] {
        let place = schema();
        let address = format!("{}{options}", if is_named { named(&place) } else { place.url() });
        match (destination::open(&address, "test"), safe) {
            (Ok(_open), Ok(safe)) => {
                let sql = "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_locks l USING (pid) WHERE l.locktype = 'advisory' \
                    AND (l.classid::bigint << 32 | l.objid::bigint) = KEY";
                let key = xxhash_rust::xxh3::xxh3_64(format!("tapwright:{}", place.name()).as_bytes()).cast_signed();
                let told = server().psql(&sql.replace("KEY", &format!("({key})"))).expect("an answer");
                assert_eq!(told, safe, "{options}");
            }
            (Err(fault), Err(told)) => {
                assert!(matches!(fault, Fault::Tls { .. }) && fault.to_string().contains(told), "{options}: {fault}");
            }
            (opened, _) => panic!("{options}: {:?}", opened.map(|_| ()).map_err(|fault| fault.to_string())),
        }
    }
}

#[test]
fn a_server_that_goes_away_amid_the_handshake_is_out_of_reach_and_not_unsafe() {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let mut asked = [0; 8];
            let _ = connection.read_exact(&mut asked).and_then(|()| connection.write_all(b"S"));
            // What the client says next is read, so that it meets an end and no reset.
            let _ = connection.read(&mut [0; 4_096]);
        }
    });
    let url = format!("postgres://tester@127.0.0.1:{port}/postgres?sslmode=require");
    let fault = destination::open(&url, "test").map(|_| ()).expect_err("nobody there");
    assert!(matches!(fault, Fault::Unreachable { .. }), "{fault}");
}
