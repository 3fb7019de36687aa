//! Simulated drives and clock, the reference model, history checking.
