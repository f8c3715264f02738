//! The `gongkai` program: a doorway to the library.

fn main() {}
