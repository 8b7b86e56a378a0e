//! What each fault does, and that it does it at its frame; knows nothing of how.

use super::*;

#[tokio::test]
async fn drop_closes_both_ends_before_the_frame() {
    for (protocol, direction) in ways() {
        for n in 1..=4 {
            let rig = Rig::new(protocol).await;
            let mut ends = rig.started().await;
            rig.proxy.arm(direction, usize::from(n), Fault::Drop);
            let (from, to) = ends.toward(direction);
            send(from, &rig.frames(1..=4)).await;
            expect_last(to, &rig.frames(1..n)).await;
            expect_last(from, &[]).await;
            assert!(rig.proxy.has_struck());
            assert_eq!(rig.proxy.frames(direction), usize::from(n));
        }
    }
}

#[tokio::test]
async fn tear_passes_half_of_the_frame() {
    for (protocol, direction) in ways() {
        for n in 1..=4 {
            let rig = Rig::new(protocol).await;
            let mut ends = rig.started().await;
            rig.proxy.arm(direction, usize::from(n), Fault::Tear);
            let (from, to) = ends.toward(direction);
            send(from, &rig.frames(1..=4)).await;
            let torn = rig.frame(n);
            let arrives = [rig.frames(1..n), torn[..torn.len() / 2].to_vec()].concat();
            expect_last(to, &arrives).await;
            expect_last(from, &[]).await;
            assert!(rig.proxy.has_struck());
        }
    }
}

#[tokio::test]
async fn hold_keeps_its_direction_of_its_connection_waiting() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut bystanders = rig.started().await;
        let mut ends = rig.started().await;
        rig.proxy.arm(direction, 2, Fault::Hold(EVER));
        let (from, to) = ends.toward(direction);
        send(from, &rig.frames(1..=3)).await;
        expect(to, &rig.frame(1)).await;
        send(from, &rig.frame(4)).await;
        send(to, &rig.frame(5)).await;
        expect(from, &rig.frame(5)).await;
        for way in [direction, other(direction)] {
            let (from, to) = bystanders.toward(way);
            send(from, &rig.frame(6)).await;
            expect(to, &rig.frame(6)).await;
        }
        expect_silence(ends.toward(direction).1).await;
        assert!(rig.proxy.has_struck());
    }
}

#[tokio::test]
async fn what_was_held_goes_on_in_order() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        let hold = Fault::Hold(Duration::from_millis(50));
        rig.proxy.arm(direction, 2, hold);
        let (from, to) = ends.toward(direction);
        send(from, &rig.frames(1..=3)).await;
        send(from, &rig.frame(4)).await;
        expect(to, &rig.frames(1..=4)).await;
        assert_eq!(rig.proxy.frames(direction), 4);
    }
}

#[tokio::test]
async fn what_was_held_arrives_although_its_sender_has_gone() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let ends = rig.started().await;
        let hold = Fault::Hold(Duration::from_millis(50));
        rig.proxy.arm(direction, 2, hold);
        let (mut from, mut to) = ends.into(direction);
        send(&mut from, &rig.frames(1..=3)).await;
        drop(from);
        expect_last(&mut to, &rig.frames(1..=3)).await;
    }
}

/// A client that goes with bytes unread resets the connection, and the server's next words find nobody.
#[tokio::test]
async fn what_was_held_arrives_although_its_sender_has_reset() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let Ends {
            mut client,
            mut server,
        } = rig.started().await;
        let hold = Fault::Hold(Duration::from_millis(100));
        rig.proxy.arm(Direction::ToServer, 2, hold);
        send(&mut client, &rig.frames(1..=3)).await;
        expect(&mut server, &rig.frame(1)).await;
        send(&mut server, &rig.frame(4)).await;
        soon(client.readable())
            .await
            .expect("bytes to leave unread");
        drop(client);
        for _ in 0..3 {
            send(&mut server, &rig.frame(5)).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        expect_last(&mut server, &rig.frames(2..=3)).await;
    }
}

#[tokio::test]
async fn lose_answer_passes_all_to_the_server_and_nothing_back() {
    for protocol in PROTOCOLS {
        for n in 1..=3 {
            let rig = Rig::new(protocol).await;
            let mut ends = rig.started().await;
            send(&mut ends.server, &rig.frame(7)).await;
            expect(&mut ends.client, &rig.frame(7)).await;
            rig.proxy.arm(Direction::ToServer, n, Fault::LoseAnswer);
            send(&mut ends.client, &rig.frames(1..=3)).await;
            expect(&mut ends.server, &rig.frames(1..=3)).await;
            assert!(rig.proxy.has_struck());
            // It may think as long as it likes.
            expect_silence(&mut ends.server).await;
            send(&mut ends.client, &rig.frame(4)).await;
            expect(&mut ends.server, &rig.frame(4)).await;
            send(&mut ends.server, &rig.frame(8)).await;
            // The silence after its answer.
            expect_last(&mut ends.server, &[]).await;
            send(&mut ends.server, &rig.frame(9)).await;
            expect_silence(&mut ends.client).await;
            drop(ends.server);
            expect_last(&mut ends.client, &[]).await;
        }
    }
}

#[tokio::test]
async fn lose_answer_before_the_frame_answers_arrive() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.arm(Direction::ToServer, 2, Fault::LoseAnswer);
        send(&mut ends.client, &rig.frame(1)).await;
        expect(&mut ends.server, &rig.frame(1)).await;
        send(&mut ends.server, &rig.frame(7)).await;
        expect(&mut ends.client, &rig.frame(7)).await;
        send(&mut ends.client, &rig.frame(2)).await;
        expect(&mut ends.server, &rig.frame(2)).await;
        send(&mut ends.server, &rig.frame(8)).await;
        drop(ends.server);
        expect_last(&mut ends.client, &[]).await;
    }
}

#[tokio::test]
async fn lose_answer_of_a_server_that_closes_without_one() {
    for protocol in PROTOCOLS {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.arm(Direction::ToServer, 1, Fault::LoseAnswer);
        send(&mut ends.client, &rig.frame(1)).await;
        expect(&mut ends.server, &rig.frame(1)).await;
        drop(ends.server);
        expect_last(&mut ends.client, &[]).await;
    }
}

#[tokio::test]
async fn a_fault_happens_once_and_to_one_connection() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut struck = rig.started().await;
        let mut spared = rig.started().await;
        rig.proxy.arm(direction, 1, Fault::Drop);
        let (from, to) = struck.toward(direction);
        send(from, &rig.frame(1)).await;
        expect_last(to, &[]).await;
        let (from, to) = spared.toward(direction);
        send(from, &rig.frames(1..=3)).await;
        expect(to, &rig.frames(1..=3)).await;
        assert!(rig.proxy.has_struck());
        assert_eq!(rig.proxy.frames(direction), 4);
    }
}

#[tokio::test]
async fn a_fault_can_strike_a_connection_that_is_yet_to_come() {
    let rig = Rig::new(Protocol::Postgres).await;
    rig.proxy.arm(Direction::ToServer, 1, Fault::Drop);
    let mut ends = rig.connect().await;
    send(&mut ends.client, &startup(3 << 16)).await;
    expect_last(&mut ends.server, &[]).await;

    let rig = Rig::new(Protocol::MySql).await;
    rig.proxy.arm(Direction::ToClient, 1, Fault::Drop);
    let mut ends = rig.connect().await;
    send(&mut ends.server, &packet(0, b"greeting")).await;
    expect_last(&mut ends.client, &[]).await;
}

#[tokio::test]
async fn clear_disarms() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.arm(direction, 2, Fault::Drop);
        let (from, to) = ends.toward(direction);
        send(from, &rig.frame(1)).await;
        expect(to, &rig.frame(1)).await;
        rig.proxy.clear();
        send(from, &rig.frames(2..=4)).await;
        expect(to, &rig.frames(2..=4)).await;
        assert!(!rig.proxy.has_struck());
        assert_eq!(rig.proxy.frames(direction), 3);
    }
}

#[tokio::test]
async fn arming_again_forgets_what_was() {
    for (protocol, direction) in ways() {
        let rig = Rig::new(protocol).await;
        let mut ends = rig.started().await;
        rig.proxy.arm(direction, 1, Fault::Hold(Duration::ZERO));
        let (from, to) = ends.toward(direction);
        send(from, &rig.frame(1)).await;
        expect(to, &rig.frame(1)).await;
        assert!(rig.proxy.has_struck());
        rig.proxy.arm(direction, 2, Fault::Drop);
        assert!(!rig.proxy.has_struck());
        assert_eq!(rig.proxy.frames(direction), 0);
        send(from, &rig.frames(1..=2)).await;
        expect_last(to, &rig.frame(1)).await;
    }
}

#[tokio::test]
#[should_panic(expected = "count from 1")]
async fn there_is_no_frame_0() {
    let rig = Rig::new(Protocol::MySql).await;
    rig.proxy.arm(Direction::ToServer, 0, Fault::Drop);
}

#[tokio::test]
#[should_panic(expected = "has an answer")]
async fn the_server_awaits_no_answer() {
    let rig = Rig::new(Protocol::MySql).await;
    rig.proxy.arm(Direction::ToClient, 1, Fault::LoseAnswer);
}
