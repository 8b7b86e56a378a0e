//! The contract that every adapter keeps, one generic suite for all of them; a case is named after its number.
