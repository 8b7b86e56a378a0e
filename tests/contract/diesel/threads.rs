//! What blocking code has in place of cancelled futures: panics that unwind through everything, and threads; and what is
//! r2d2's own.

use diesel::r2d2::{self, ConnectionManager, TestCustomizer};

use super::*;

/// Inserts, joins and nests, and panics after so many statements.
#[transactional(lock_timeout = "3s")]
fn many_statements(tx: DbTx<'_>, fuse: &mut u32) -> Result<(), AppError> {
    burn(fuse);
    insert(&mut tx, 1)?;
    burn(fuse);
    joined(&mut tx, fuse)?;
    burn(fuse);
    nested(&mut tx, fuse)?;
    burn(fuse);
    tx.transaction(|tx| {
        burn(fuse);
        insert(tx, 4)?;
        burn(fuse);
        Ok::<_, AppError>(())
    })?;
    burn(fuse);
    Ok(())
}

#[transactional]
fn joined(tx: DbTx<'_>, fuse: &mut u32) -> Result<(), AppError> {
    burn(fuse);
    Ok(insert(&mut tx, 2)?)
}

#[transactional(propagation = nested)]
fn nested(tx: DbTx<'_>, fuse: &mut u32) -> Result<(), AppError> {
    burn(fuse);
    insert(&mut tx, 3)?;
    burn(fuse);
    Ok(())
}

fn burn(fuse: &mut u32) {
    assert!(*fuse > 0, "burnt down");
    *fuse -= 1;
}

#[test]
fn c70_a_panic_after_every_statement_in_turn_leaves_nothing_to_the_next_borrower() {
    let stage = Stage::of(1);
    stage.stamp();
    let before = stage.session();
    for fuse in 0.. {
        let mut left = fuse;
        let ended = caught(|| many_statements(&stage.pool, &mut left));
        assert_unchanged(&before, &stage.session());
        match ended {
            Err(panic) => assert_eq!(panic, "burnt down"),
            Ok(result) => {
                result.unwrap();
                assert!(fuse > 8, "it never panicked");
                break;
            }
        }
        assert_eq!(stage.stored(), [0_i64; 0], "{fuse}");
    }
    assert_eq!(stage.stored(), [1, 2, 3, 4]);
    assert!(stage.is_stamped(), "the connection was closed");
    stage.end();
}

#[test]
fn c70_a_guard_dropped_by_a_panic_rolls_back() {
    let stage = Stage::of(1);
    let before = stage.session();
    let ended = caught(|| {
        let mut open = txkit::begin_blocking(&stage.pool).unwrap();
        insert(&mut open.tx(), 1).unwrap();
        panic!("while it is open");
    });
    ended.unwrap_err();
    assert_unchanged(&before, &stage.session());
    assert_eq!(stage.stored(), [0_i64; 0]);
    stage.end();
}

#[test]
fn c71_a_panic_just_before_commit_rolls_back_and_one_just_after_it_changes_nothing() {
    #[transactional]
    fn before_commit(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 1)?;
        tx.before_commit_blocking(|_| panic!("just before"));
        Ok(())
    }
    #[transactional]
    fn after_commit(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2)?;
        tx.after_commit(|| -> () { panic!("just after") });
        Ok(())
    }
    let stage = Stage::of(1);
    let before = stage.session();
    let ended = caught(|| before_commit(&stage.pool));
    assert!(!matches!(ended, Ok(Ok(()))), "{ended:?}");
    assert_unchanged(&before, &stage.session());
    assert_eq!(stage.stored(), [0_i64; 0]);
    after_commit(&stage.pool).unwrap();
    assert_unchanged(&before, &stage.session());
    assert_eq!(stage.stored(), [2]);
    stage.end();
}

#[test]
fn c70_a_panic_in_someone_elses_transaction_undoes_our_part_alone() {
    #[transactional]
    fn panics(tx: DbTx<'_>) -> Result<(), AppError> {
        insert(&mut tx, 2)?;
        panic!("inside")
    }
    let stage = Stage::of(1);
    let mut conn = stage.lease();
    let mut theirs = begin_by_driver(&mut conn);
    raw_insert(&mut theirs, 1).unwrap();
    caught(|| panics(&mut *theirs)).unwrap_err();
    raw_insert(&mut theirs, 3).unwrap();
    theirs.commit().unwrap();
    drop(conn);
    assert_eq!(stage.stored(), [1, 3]);
    stage.end();
}

#[test]
fn c31_two_pools_of_equal_settings_are_two_databases() {
    #[transactional(propagation = requires_new)]
    fn record(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id)?)
    }
    #[transactional]
    fn outer(tx: DbTx<'_>, elsewhere: &Pool) -> Result<(), AppError> {
        insert(&mut tx, 1)?;
        record(elsewhere, 10)?;
        Err(AppError::Other)
    }
    let plain = |stage: &Stage| -> Pool {
        let manager = ConnectionManager::new(stage.db.url(&Knobs::default()));
        r2d2::Pool::builder().max_size(2).build(manager).unwrap()
    };
    let (stage, elsewhere) = (Stage::of(1), Stage::of(1));
    let (here, there) = (plain(&stage), plain(&elsewhere));
    outer(&here, &there).unwrap_err();
    assert_eq!(stage.stored(), [0_i64; 0]);
    assert_eq!(elsewhere.stored(), [10]);
    drop((here, there));
    stage.end();
    elsewhere.end();
}

#[test]
fn c65_a_guard_that_is_dropped_in_diesels_test_transaction_is_undone_there_and_then() {
    #[transactional]
    fn put(tx: DbTx<'_>, id: i64) -> Result<(), AppError> {
        Ok(insert(&mut tx, id)?)
    }
    let stage = Stage::of(1);
    let mut conn = stage.rival_connection();
    conn.begin_test_transaction().unwrap();
    put(&mut conn, 1).unwrap();
    let mut guard = txkit::begin_blocking(&mut conn).unwrap();
    insert(&mut guard.tx(), 2).unwrap();
    drop(guard);
    put(&mut conn, 3).unwrap();
    assert_eq!(raw_items(&mut conn).unwrap(), [1, 3]);
    drop(conn);
    assert_eq!(stage.stored(), [0_i64; 0]);
    stage.end();
}

#[test]
fn c65_r2d2s_test_customizer_gives_a_pool_for_tests() {
    struct Orders {
        pool: Pool,
    }
    impl Orders {
        #[transactional(on = self.pool)]
        #[retry_on_conflict]
        fn place(&self, tx: DbTx<'_>, id: i64, log: &Log, fail: bool) -> Result<(), AppError> {
            let [kept, undone] = [log.clone(), log.clone()];
            tx.after_commit(move || kept.add(format!("{id} committed")));
            tx.after_rollback(move |_| undone.add(format!("{id} undone")));
            insert(&mut tx, id)?;
            if fail { Err(AppError::Other) } else { Ok(()) }
        }
        #[read_only(on = self.pool)]
        fn all(&self, tx: DbReadTx<'_>) -> Result<Vec<i64>, AppError> {
            Ok(items(&mut tx)?)
        }
    }
    let (stage, log) = (Stage::of(1), Log::default());
    let pool = r2d2::Pool::builder()
        .max_size(1)
        .connection_customizer(Box::new(TestCustomizer))
        .build(ConnectionManager::new(stage.db.url(&Knobs::default())))
        .unwrap();
    let orders = Orders { pool };
    orders.place(1, &log, false).unwrap();
    orders.place(2, &log, true).unwrap_err();
    orders.place(3, &log, false).unwrap();
    assert_eq!(orders.all().unwrap(), [1, 3]);
    assert_eq!(log.notes(), ["1 committed", "2 undone", "3 committed"]);
    assert_eq!(stage.stored(), [0_i64; 0]);
    drop(orders);
    stage.end();
}

#[test]
fn c72_in_a_thread_of_its_own_a_timeout_ends_the_wait_for_a_connection_no_later_than_the_pool() {
    #[transactional(timeout = "300ms")]
    fn slow(tx: DbTx<'_>, log: &Log) -> Result<(), AppError> {
        log.add("ran");
        Ok(insert(&mut tx, 1)?)
    }
    let stage = Stage::built(|db| impatient_pool(db, 1));
    let hog = stage.lease();
    let (pool, log) = (stage.pool.clone(), Log::default());
    let beside = log.clone();
    let asked = std::time::Instant::now();
    let waiting = spawn(move || slow(&pool, &beside));
    let error = finished(waiting).unwrap_err().transaction();
    assert!(
        asked.elapsed() < std::time::Duration::from_secs(4),
        "it hung"
    );
    assert!(
        matches!(
            error,
            txkit::Error::Acquire { .. } | txkit::Error::Timeout { .. }
        ),
        "{error:?}"
    );
    assert!(log.notes().is_empty());
    drop(hog);
    assert_eq!(stage.stored(), [0_i64; 0]);
    stage.end();
}
