//! What a proxy passes on and counts when no fault is armed, and when it passes nothing; knows nothing of faults.

use super::*;

#[tokio::test]
async fn frames_of_one_segment_count_one_by_one() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        let (from, to) = ends.toward(direction);
        send(from, &rig.frames(1..=5)).await;
        expect(to, &rig.frames(1..=5)).await;
        assert_eq!(rig.proxy.frames(direction), 5);
        assert_eq!(rig.proxy.frames(other(direction)), 0);
        assert!(!rig.proxy.has_struck());
    }
}

#[tokio::test]
async fn a_frame_of_many_segments_counts_once() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        let (from, to) = ends.toward(direction);
        from.set_nodelay(true).expect("segments of one byte");
        for byte in rig.frames(1..=2) {
            send(from, &[byte]).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        expect(to, &rig.frames(1..=2)).await;
        assert_eq!(rig.proxy.frames(direction), 2);
    }
}

#[tokio::test]
async fn a_fault_meets_a_frame_of_many_segments_as_a_whole() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.arm(direction, 2, Fault::Tear);
        let (from, to) = ends.toward(direction);
        from.set_nodelay(true).expect("segments of one byte");
        let frames = rig.frames(1..=2);
        for byte in &frames {
            send(from, &[*byte]).await;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let half = rig.frame(1).len() + rig.frame(2).len() / 2;
        expect_last(to, &frames[..half]).await;
    }
}

#[tokio::test]
async fn a_frame_larger_than_any_buffer_passes() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let (mut from, mut to) = rig.started().await.into(direction);
        let body = vec![7; 5 << 20];
        let frame = match protocol {
            Protocol::Postgres => message(b'd', &body),
            Protocol::MySql => packet(0, &body),
        };
        let sent = frame.clone();
        let sending = tokio::spawn(async move {
            send(&mut from, &sent).await;
            from
        });
        expect(&mut to, &frame).await;
        assert_eq!(rig.proxy.frames(direction), 1);
        drop(sending.await.expect("sent"));
    }
}

#[tokio::test]
async fn all_connections_count_together() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut both = [rig.started().await, rig.started().await];
        rig.proxy.arm(direction, 4, Fault::Drop);
        for which in [0, 1, 0] {
            let (from, to) = both[which].toward(direction);
            send(from, &rig.frame(1)).await;
            expect(to, &rig.frame(1)).await;
        }
        assert!(!rig.proxy.has_struck());
        let (from, to) = both[1].toward(direction);
        send(from, &rig.frame(2)).await;
        expect_last(to, &[]).await;
        assert_eq!(rig.proxy.frames(direction), 4);
    }
}

#[tokio::test]
async fn an_ssl_request_is_answered_by_one_byte() {
    let rig = Rig::new(Protocol::Postgres).await;
    let Ends {
        mut client,
        mut server,
    } = rig.connect().await;
    let request = startup(1234 << 16 | 5679);
    send(&mut client, &request).await;
    expect(&mut server, &request).await;
    send(&mut server, b"N").await;
    expect(&mut client, b"N").await;
    assert_eq!(rig.proxy.frames(Direction::ToClient), 1);
    let both = [startup(3 << 16), message(b'p', b"secret")].concat();
    send(&mut client, &both).await;
    expect(&mut server, &both).await;
    assert_eq!(rig.proxy.frames(Direction::ToServer), 3);
    let both = [message(b'R', &[0; 4]), message(b'Z', b"I")].concat();
    send(&mut server, &both).await;
    expect(&mut client, &both).await;
    assert_eq!(rig.proxy.frames(Direction::ToClient), 3);
}

#[tokio::test]
async fn after_tls_has_begun_its_records_are_the_frames() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let Ends {
            mut client,
            mut server,
        } = rig.connect().await;
        let (request, answer) = match protocol {
            Protocol::Postgres => (startup(1234 << 16 | 5679), &b"S"[..]),
            Protocol::MySql => (packet(1, &[&[0, 8][..], &[0; 30]].concat()), &b""[..]),
        };
        send(&mut client, &request).await;
        expect(&mut server, &request).await;
        send(&mut server, answer).await;
        expect(&mut client, answer).await;
        rig.proxy.clear();
        let records = [record(b"hello"), record(&[9; 300]), record(b"")].concat();
        send(&mut client, &records).await;
        expect(&mut server, &records).await;
        assert_eq!(rig.proxy.frames(Direction::ToServer), 3);
        send(&mut server, &records).await;
        expect(&mut client, &records).await;
        assert_eq!(rig.proxy.frames(Direction::ToClient), 3);
    }
}

#[tokio::test]
async fn what_is_no_frame_ends_the_connection() {
    let rig = Rig::new(Protocol::Postgres).await;
    for direction in DIRECTIONS {
        let mut ends = rig.started().await;
        let (from, to) = ends.toward(direction);
        send(from, &[b'Q', 0, 0, 0, 3]).await;
        expect_last(to, &[]).await;
        expect_last(from, &[]).await;
    }
}

/// A server that dies in the middle of a message has said half of it.
#[tokio::test]
async fn a_half_frame_before_the_end_is_passed_on() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let (mut from, mut to) = rig.started().await.into(direction);
        let bytes = rig.frames(1..=2);
        let torn = &bytes[..bytes.len() - 1];
        send(&mut from, torn).await;
        drop(from);
        expect_last(&mut to, torn).await;
        assert_eq!(rig.proxy.frames(direction), 1);
    }
}

#[tokio::test]
async fn a_client_that_has_said_all_may_still_be_answered() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        send(&mut ends.client, &rig.frame(1)).await;
        ends.client.shutdown().await.expect("half-close");
        expect_last(&mut ends.server, &rig.frame(1)).await;
        send(&mut ends.server, &rig.frame(2)).await;
        expect(&mut ends.client, &rig.frame(2)).await;
    }
}

#[tokio::test]
async fn a_partition_cuts_and_refuses() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.refuse(true);
        // Even one that has not noticed yet passes nothing on.
        send(&mut ends.client, &rig.frame(1)).await;
        expect_cut(&mut ends.client).await;
        expect_cut(&mut ends.server).await;
        expect_cut(&mut rig.client().await).await;
        assert_eq!(rig.proxy.frames(Direction::ToServer), 0);
        rig.proxy.refuse(false);
        let mut ends = rig.started().await;
        // To say so again cuts nothing.
        rig.proxy.refuse(false);
        send(&mut ends.client, &rig.frame(1)).await;
        expect(&mut ends.server, &rig.frame(1)).await;
    }
}

#[tokio::test]
async fn a_short_partition_cuts_too() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.refuse(true);
        rig.proxy.refuse(false);
        expect_cut(&mut ends.client).await;
        expect_cut(&mut ends.server).await;
    }
}

#[tokio::test]
async fn a_client_is_closed_when_there_is_no_server() {
    let rig = Rig::new(Protocol::MySql).await;
    drop(rig.server);
    let mut client = TcpStream::connect(("127.0.0.1", rig.proxy.port()))
        .await
        .expect("connect");
    expect_cut(&mut client).await;
}

#[tokio::test]
async fn everything_ends_with_the_proxy() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        let mut held = rig.started().await;
        rig.proxy.arm(Direction::ToServer, 1, Fault::Hold(EVER));
        send(&mut held.client, &rig.frame(1)).await;
        let port = rig.proxy.port();
        drop(rig.proxy);
        for end in [
            &mut ends.client,
            &mut ends.server,
            &mut held.client,
            &mut held.server,
        ] {
            expect_cut(end).await;
        }
        let refused = async { while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {} };
        soon(refused).await;
    }
}
