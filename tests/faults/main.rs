//! What goes wrong on purpose: driver traps, cancellation, time limits, starving, lost connections, contention.
