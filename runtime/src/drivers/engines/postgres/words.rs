//! PostgreSQL's words for lost conflicts, in the languages its server speaks; for drivers that hide the SQLSTATE.
//!
//! They are those of the server's message catalogues (version 15). A name stands in them where `%` is. In a language, or in a
//! later wording, that is not here, a deadlock and a lock timeout are errors like any other; a serialization failure is
//! known by its kind in every language.

use crate::conflict::Conflict;

/// The conflict that a message tells of.
pub(crate) fn conflict(message: &str) -> Option<Conflict> {
    // Nearly all of them are short; what users raise may be long.
    let found = |words: &[&str]| words.iter().any(|words| fits(message, words));
    if found(DEADLOCK) {
        return Some(Conflict::Deadlock);
    }
    found(LOCK_TIMEOUT)
        .then_some(Conflict::LockTimeout)
        .or_else(|| found(SERIALIZATION).then_some(Conflict::Serialization))
}

/// Whether it is these words, with any name in the place of `%`.
fn fits(message: &str, words: &str) -> bool {
    match words.split_once('%') {
        None => message == words,
        Some((before, after)) => message
            .strip_prefix(before)
            .is_some_and(|rest| rest.ends_with(after)),
    }
}

/// 40P01.
const DEADLOCK: &[&str] = &[
    "deadlock detected",
    "Verklemmung (Deadlock) entdeckt",
    "se ha detectado un deadlock",
    "interblocage (deadlock) détecté",
    "rilevato deadlock",
    "デッドロックを検出しました",
    "ნაპოვნია ურთიერთბლოკირება",
    "deadlock 발생했음",
    "обнаружена взаимоблокировка",
    "deadlock upptäckt",
    "виявлено взаємне блокування",
    "检测到死锁",
];

/// 55P03, by `lock_timeout` and by NOWAIT.
const LOCK_TIMEOUT: &[&str] = &[
    "canceling statement due to lock timeout",
    "could not obtain lock on row in relation \"%\"",
    "could not obtain lock on relation \"%\"",
    "could not obtain lock on relation with OID %",
    "storniere Anfrage wegen Zeitüberschreitung einer Sperre",
    "konnte Sperre für Zeile in Relation »%« nicht setzen",
    "konnte Sperre für Relation »%« nicht setzen",
    "cancelando la sentencia debido a que se agotó el tiempo de espera de candados (locks)",
    "no se pudo bloquear un candado en la fila de la relación «%»",
    "no se pudo bloquear un candado en la relación «%»",
    "annulation de la requête à cause du délai écoulé pour l'obtention des verrous",
    "n'a pas pu obtenir un verrou sur la relation « % »",
    "annullamento dell'istruzione a causa di timeout di lock",
    "lock di riga nella relazione \"%\" fallito",
    "lock della relazione \"%\" fallito",
    "ロックのタイムアウトのためステートメントをキャンセルしています",
    "リレーション\"%\"の行ロックを取得できませんでした",
    "リレーション\"%\"のロックを取得できませんでした",
    "გამოსახულება გაუქმდება ბლოკის მოლოდინის ვადის ამოწურვის გამო",
    "ურთიერთობაში \"%\" მწკრივის დაბლოკვის შეცდომა",
    "ბლოკის მიღების შეცდომა ურთიერთობაზე %\"",
    "잠금 대기 시간 초과로 작업을 취소합니다.",
    "\"%\" 릴레이션의 잠금 정보를 구할 수 없음",
    "выполнение оператора отменено из-за тайм-аута блокировки",
    "не удалось получить блокировку строки в таблице \"%\"",
    "не удалось получить блокировку таблицы \"%\"",
    "avbryter sats på grund av lås-timeout",
    "kunde inte låsa rad i relationen \"%\"",
    "kunde inte ta lås på relationen \"%\"",
    "виконання оператора скасовано через тайм-аут блокування",
    "не вдалося отримати блокування у рядку стосовно \"%\"",
    "не вдалося отримати блокування зв'язку \"%\"",
    "由于锁超时，取消语句操作",
    "无法在关系 \"%\"中的记录上获得锁",
    "无法在关系 \"%\" 上获得锁",
];

/// 40001 as CockroachDB and YugabyteDB word it, where a driver does not know the kind.
const SERIALIZATION: &[&str] = &["restart transaction: %"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_the_middle_does_not_matter_and_words_of_others_do_not_fit() {
        let lock = Some(Conflict::LockTimeout);
        assert_eq!(
            conflict("could not obtain lock on row in relation \"item\""),
            lock
        );
        assert_eq!(
            conflict("konnte Sperre für Zeile in Relation »a »b« c« nicht setzen"),
            lock
        );
        assert_eq!(conflict("deadlock detected"), Some(Conflict::Deadlock));
        assert_eq!(
            conflict("Verklemmung (Deadlock) entdeckt"),
            Some(Conflict::Deadlock)
        );
        assert_eq!(conflict("deadlock detected by the fire brigade"), None);
        assert_eq!(
            conflict("duplicate key value violates unique constraint \"deadlock detected\""),
            None
        );
    }
}
