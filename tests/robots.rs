//! robots.txt by RFC 9309: a row of `robots_cases.csv` for what each sentence
//! says, decided by the command that foreign suites use as well.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

use std::collections::BTreeMap;
use std::process::Command;

#[derive(Debug, serde::Deserialize)]
struct Case {
    section: String,
    says: String,
    agent: String,
    /// With `\n`, `\r`, `\t`, `\xHH` and `\\` for what a cell cannot show.
    file: String,
    path: String,
    verdict: String,
    line: Option<u32>,
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let escape = if c == '\\' { rest.next() } else { None };
        match (c, escape) {
            ('\\', Some('n')) => bytes.push(b'\n'),
            ('\\', Some('r')) => bytes.push(b'\r'),
            ('\\', Some('t')) => bytes.push(b'\t'),
            ('\\', Some('\\')) => bytes.push(b'\\'),
            ('\\', Some('x')) => {
                let hex: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap());
            }
            ('\\', other) => panic!("\\{other:?} in {text}"),
            (c, _) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

#[test]
fn every_sentence_of_the_rfc_has_its_cases() {
    let mut cases = csv::Reader::from_path("tests/robots_cases.csv").unwrap();
    let mut by_file: BTreeMap<(String, String), Vec<Case>> = BTreeMap::new();
    for case in cases.deserialize::<Case>() {
        let case = case.unwrap();
        by_file.entry((case.file.clone(), case.agent.clone())).or_default().push(case);
    }
    assert!(by_file.len() > 80, "{}", by_file.len());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("robots.txt");
    let mut wrong = Vec::new();
    for ((text, agent), cases) in by_file {
        std::io::Write::write_all(&mut std::fs::File::create(&file).unwrap(), &unescaped(&text)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongkai"));
        command.arg("robots").arg(&file).args(["--agent", &agent]).args(cases.iter().map(|case| &case.path));
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.lines().count(), cases.len());
        for (case, said) in cases.iter().zip(said.lines()) {
            let line = case.line.map_or("no rule".to_owned(), |line| format!("line {line}: "));
            if !said.starts_with(&format!("{}\t{}\t{line}", case.verdict, case.path)) {
                wrong.push(format!("{} {}: {case:?}\n  said: {said}", case.section, case.says));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
