#![allow(missing_docs)]
use gongkai::report::contract::{Extras, lines};
fn main() {
    let c = gongkai::Catalogue::embedded();
    for f in std::env::args().skip(1) {
        let r = gongkai::read(&gongkai::Capture::of_bytes(std::fs::read(&f).unwrap()), &c);
        for l in lines(&f, &r, Extras { explain: true, ..Extras::default() }) {
            println!("{l}");
        }
    }
}
