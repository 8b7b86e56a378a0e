//! Production code in tests, inside a transaction that is rolled back.
