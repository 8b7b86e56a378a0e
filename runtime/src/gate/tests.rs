//! The accounts, without a pool; knows no driver.

use super::*;

fn of(max: u32) -> Arc<Gate> {
    Arc::new(Gate::new(max, false, Box::new(|| true)))
}

#[test]
fn a_pool_at_a_former_pools_address_begins_anew() {
    // Not an address: no pool is there.
    let identity = 1;
    let alive = Arc::new(());
    let former = Arc::downgrade(&alive);
    let first = gate(
        identity,
        2,
        || 0,
        || (true, Box::new(move || former.strong_count() > 0)),
    );
    first.set_test();
    assert!(gate(identity, 2, || 0, || unreachable!("the pool is there")).is_test());
    drop(alive);
    let second = gate(identity, 5, || 0, || (false, Box::new(|| true)));
    assert!(!second.is_test() && !second.has_one_writer());
}

#[test]
fn c74_the_last_one_to_ask_is_refused() {
    let gate = of(3);
    let _a = gate.another(1, || None).expect("two are left");
    let _b = gate.another(1, || None).expect("one is left");
    assert_eq!(gate.another(1, || None).expect_err("all would wait").max, 3);
}

#[test]
fn c74_a_pool_of_one_has_no_second_connection() {
    assert!(of(1).another(1, || None).is_err());
}

#[test]
fn outermost_transactions_leave_one_free_once_a_second_was_seen() {
    let gate = of(3);
    let places: Vec<_> = (0..3)
        .map(|_| gate.try_outermost().expect("nobody needs two"))
        .collect();
    drop(gate.another(1, || None).expect("nobody waits"));
    drop(places);
    let _two: Vec<_> = (0..2)
        .map(|_| gate.try_outermost().expect("room"))
        .collect();
    assert!(gate.try_outermost().is_none());
}

#[test]
fn a_place_given_back_wakes_a_blocking_waiter() {
    let gate = of(2);
    drop(gate.another(1, || None).expect("room"));
    let place = gate.try_outermost().expect("room");
    assert!(
        gate.outermost_blocking(Duration::from_millis(1), || None)
            .is_none()
    );
    let waiter = std::thread::spawn({
        let gate = gate.clone();
        move || {
            gate.outermost_blocking(Duration::from_secs(60), || None)
                .is_some()
        }
    });
    drop(place);
    assert!(waiter.join().expect("no panic"));
}

#[test]
fn one_writer_at_a_time() {
    let gate = of(2);
    let writer = gate.writer().expect("free");
    assert!(gate.writer().is_none());
    drop(writer);
    assert!(gate.writer().is_some());
}

#[test]
fn accounts_that_may_be_of_several_pools_keep_nobody_from_one_with_room() {
    let gate = of(2);
    let first = gate.another(2, || Some(1));
    let first = first.expect("the pool has one to spare");
    assert!(gate.another(1, || None).is_err());
    assert!(gate.another(1, || Some(1)).is_ok());
    drop(first);
    let _place = gate.try_outermost().expect("room");
    let moment = Duration::from_millis(1);
    assert!(gate.outermost_blocking(moment, || None).is_none());
    assert!(gate.outermost_blocking(moment, || Some(3)).is_some());
}

#[test]
fn those_on_their_way_to_a_connection_are_not_overlooked() {
    let gate = of(4);
    drop(gate.another(1, || None).expect("room"));
    let moment = Duration::from_millis(1);
    let enter = || gate.outermost_blocking(moment, || Some(4));
    let mut places: Vec<_> = std::iter::from_fn(enter).collect();
    assert_eq!(places.len(), 3, "of four to spare, one is left free");
    places[0].arrived();
    // It is not to spare any more.
    assert!(gate.outermost_blocking(moment, || Some(3)).is_none());
    // Another pool's, perhaps.
    assert!(gate.outermost_blocking(moment, || Some(4)).is_some());
    drop(places);
    assert!(gate.lock().coming.is_empty());
}

#[test]
fn who_waits_for_a_dead_pool_does_not_keep_others_from_a_living_one() {
    let gate = of(4);
    drop(gate.another(1, || None).expect("room"));
    let enter = || gate.try_outermost();
    let dead: Vec<_> = std::iter::from_fn(enter).collect();
    assert_eq!(dead.len(), 3);
    let patience = Duration::from_secs(60);
    assert!(gate.outermost_blocking(patience, || Some(4)).is_some());
}
