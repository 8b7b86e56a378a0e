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

/// Whether a message says that there was no transaction for SAVEPOINT.
pub(crate) fn is_outside(message: &str) -> bool {
    OUTSIDE
        .iter()
        .any(|words| message == words.replace('%', "SAVEPOINT"))
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

/// 40001. Its kind tells, too, but not where only the text of an error is left; and CockroachDB's.
const SERIALIZATION: &[&str] = &[
    "restart transaction: %",
    "could not serialize access due to concurrent update",
    "could not serialize access due to concurrent delete",
    "could not serialize access due to read/write dependencies among transactions",
    "konnte Zugriff nicht serialisieren wegen gleichzeitiger Aktualisierung",
    "konnte Zugriff nicht serialisieren wegen gleichzeitigem Löschen",
    "konnte Zugriff nicht serialisieren wegen Lese-/Schreib-Abhängigkeiten zwischen Transaktionen",
    "no se pudo serializar el acceso debido a un update concurrente",
    "no se pudo serializar el acceso debido a un delete concurrente",
    "no se pudo serializar el acceso debido a dependencias read/write entre transacciones",
    "n'a pas pu sérialiser un accès à cause d'une mise à jour en parallèle",
    "n'a pas pu sérialiser un accès à cause d'une suppression en parallèle",
    "n'a pas pu sérialiser un accès à cause des dépendances de lecture/écriture\nparmi les transactions",
    "serializzazione dell'accesso fallita a causa di modifiche concorrenti",
    "impossibile serializzare l'accesso a causa dell'eliminazione simultanea",
    "serializzazione dell'accesso fallita a causa di dipendenze di lettura/scrittura tra le transazioni",
    "更新が同時に行われたためアクセスの直列化ができませんでした",
    "削除が同時に行われたためアクセスの直列化ができませんでした",
    "トランザクション間で read/write の依存性があったため、アクセスの直列化ができませんでした",
    "ერთდროული განახლების გამო წვდომის სერიალიზაცია შეუძლებელია",
    "ერთდროული წაშლის გამო წვდომის სერიალიზაცია შეუძლებელია",
    "동시 업데이트 때문에 순차적 액세스가 불가능합니다",
    "동시 삭제 작업 때문에 순차적 액세스가 불가능합니다",
    "트랜잭션간 읽기/쓰기 의존성 때문에 serialize 접근을 할 수 없음",
    "не удалось сериализовать доступ из-за параллельного изменения",
    "не удалось сериализовать доступ из-за параллельного удаления",
    "не удалось сериализовать доступ из-за зависимостей чтения/записи между транзакциями",
    "kunde inte serialisera åtkomst på grund av samtidig uppdatering",
    "kunde inte serialisera åtkomst på grund av samtidig borttagning",
    "kunde inte serialisera åtkomst på grund av läs/skriv-beroenden bland transaktionerna",
    "не вдалося серіалізувати доступ через паралельне оновлення",
    "не вдалося серіалізувати доступ через паралельне видалення",
    "не вдалося серіалізувати доступ через залежність читання/запису серед транзакцій",
    "由于同步更新而无法串行访问",
    "由于同步删除，无法序列化访问",
    "由于多个事务间的读/写依赖而无法串行访问",
];

/// 25P01.
const OUTSIDE: &[&str] = &[
    "% can only be used in transaction blocks",
    "% kann nur in Transaktionsblöcken verwendet werden",
    "la orden % sólo puede ser usada en bloques de transacción",
    "% peut seulement être utilisé dans des blocs de transaction",
    "si può usare % solo entro blocchi di transazione",
    "%はトランザクションブロック内でのみ使用できます",
    "% მხოლოდ ტრანზაქციის ბლოკში შეიძლება იყოს გამოყენებული",
    "% 명령은 트랜잭션 블럭에서만 사용될 수 있음",
    "% может выполняться только внутри блоков транзакций",
    "% kan bara användas i transaktionsblock",
    "% може використовуватися тільки в блоках транзакції",
    "% 只能在事务块中使用",
];

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
