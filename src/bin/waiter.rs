//! The state machine's task.
fn main() {}
