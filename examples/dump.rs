#![allow(missing_docs)]
use gongkai::page;
fn main() {
    for f in std::env::args().skip(1) {
        let c = gongkai::Capture::of_bytes(std::fs::read(&f).unwrap());
        let p = page::decode(&c);
        let a = page::clean(&p);
        println!(
            "== {f} {:?} {:?} titles {:?} limits {:?}",
            p.kind,
            p.decoding,
            p.titles.iter().take(4).collect::<Vec<_>>(),
            p.limits_met
        );
        println!("{:?}", a.surroundings);
        for d in &a.dropped {
            println!(
                "  - {} [{}] {}",
                d.reason.words(),
                d.block.locator,
                d.block.text().chars().take(80).collect::<String>().replace('\n', " ⏎ ")
            );
        }
        for b in &a.blocks {
            let k = match &b.kind {
                page::BlockKind::Heading(..) => "H",
                page::BlockKind::Paragraph(..) => "P",
                page::BlockKind::Table(..) => "T",
                page::BlockKind::List(..) => "L",
                _ => "C",
            };
            println!(
                "  {k} [{}] {}",
                b.locator,
                b.text().chars().take(70).collect::<String>().replace('\n', " ⏎ ").replace('\t', " | ")
            );
        }
    }
}
