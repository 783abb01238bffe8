//! A ZIP archive of many portals.

use std::collections::HashSet;
use std::io::{Cursor, Read as _};

use crmap_domain::Lang;
use crmap_export::{Content, Form, Gone, OfMany, Portal};

use crate::workbook::{portal, read, written};

/// The files of an archive, as a reader finds them that looks at its end first.
fn files(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut files = Vec::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        let name = file.name().unwrap().into_owned();
        files.push((name, content));
    }
    files
}

fn alone(form: Form, portal: &Portal) -> Vec<u8> {
    let Content::Read(specification) = &portal.content else {
        unreachable!()
    };
    let mut file = Vec::new();
    form.write(specification, Lang::Ru, &mut file).unwrap();
    file
}

#[test]
fn each_portal_has_its_file_as_it_is_alone() {
    for form in Form::ALL {
        let portals = [read(1), read(2)];
        let files = files(&written(OfMany::Archive(form), Lang::Ru, &portals));
        assert_eq!(files.len(), 2, "and no file of errors");
        for (number, (file, portal)) in (1..).zip(files.iter().zip(&portals)) {
            let name = format!(
                "crmap_portal-{number}.bitrix24.ru_2026-11-24.{}",
                form.extension()
            );
            assert_eq!(file.0, name);
            assert_eq!(file.1, alone(form, portal));
        }
    }
}

#[test]
fn sec_56_names_are_unique_and_safe_whatever_addresses_say() {
    let addresses = [
        "a.ru",
        "A.RU",
        "../../etc",
        "c:\\x\r\n\"",
        "con",
        &"д".repeat(300),
        &"д".repeat(300),
    ];
    let portals = (1..).zip(addresses).map(|(number, address)| {
        let mut portal = read(number);
        let Content::Read(specification) = &mut portal.content else {
            unreachable!()
        };
        let specification = std::sync::Arc::make_mut(specification);
        address.clone_into(&mut specification.portal.address);
        portal
    });
    let portals: Vec<_> = portals.collect();
    let files = files(&written(OfMany::Archive(Form::Text), Lang::Ru, &portals));
    let names: Vec<_> = files.iter().map(|(name, _)| name.to_lowercase()).collect();
    assert_eq!(names[1], "crmap_a.ru_2026-11-24_2.txt");
    let unique: HashSet<_> = names.iter().collect();
    assert_eq!(unique.len(), portals.len());
    for name in &names {
        assert!(name.len() <= 124 && name.starts_with("crmap_"), "{name}");
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
            "{name}"
        );
    }
}

#[test]
fn portals_that_are_not_in_it_are_told_with_the_reason() {
    let mut forged = portal(2, Content::Missing(Gone::NeverRead));
    forged.label = "Ярлык\r\nportal-9.bitrix24.ru  Портал отключён".to_owned();
    let portals = [
        read(1),
        forged,
        portal(3, Content::Missing(Gone::Failed)),
        portal(4, Content::Missing(Gone::NotLinked)),
    ];
    let files = files(&written(OfMany::Archive(Form::Csv), Lang::Ru, &portals));
    assert_eq!(files.len(), 2);
    let (name, content) = &files[1];
    assert_eq!(name, "_errors.txt");
    let content = String::from_utf8(content.clone()).unwrap();
    let lines: Vec<_> = content.split("\r\n").collect();
    assert_eq!(lines[..2], ["\u{feff}Не выгружено", ""]);
    assert_eq!(
        lines.len(),
        6,
        "SEC-55: one line each, and the end of the last: {content}"
    );
    assert!(lines[2].starts_with("portal-2.bitrix24.ru  Ярлык\\r\\nportal-9"));
    assert!(lines[3].contains("=Ярлык 3  00000000000000000000000000000003  Прочитанное"));
    assert!(lines[4].ends_with("Портал отключён от кабинета."));
}

#[test]
fn a_file_is_as_old_as_its_reading() {
    let archive = written(OfMany::Archive(Form::Json), Lang::Ru, &[read(1)]);
    let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let at = archive.by_index(0).unwrap().last_modified().unwrap();
    assert_eq!((at.year(), at.month(), at.day()), (2026, 11, 24));
    assert_eq!((at.hour(), at.minute()), (8, 31));
}

/// A reader that sees every byte once, as it comes.
#[test]
fn an_archive_is_read_while_it_comes() {
    let archive = written(OfMany::Archive(Form::Text), Lang::Ru, &[read(1), read(2)]);
    let central = archive
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    let headers = archive[..central]
        .windows(4)
        .filter(|bytes| *bytes == b"PK\x03\x04")
        .count();
    assert_eq!(headers, 2, "what was written once was not gone back to");
}

/// Whoever takes the bytes has gone away.
#[test]
fn it_ends_when_nobody_takes_it_any_more() {
    struct Gone(usize);
    impl std::io::Write for Gone {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0 < bytes.len() {
                return Err(std::io::ErrorKind::BrokenPipe.into());
            }
            self.0 -= bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for form in Form::ALL
        .map(OfMany::Archive)
        .into_iter()
        .chain([OfMany::Workbook])
    {
        let ended = (|| {
            let mut many = crmap_export::Many::begin(form, Lang::Ru, Gone(900))?;
            for number in 1..=50 {
                many.add(&read(number))?;
            }
            many.finish()
        })();
        assert!(ended.is_err(), "{form:?}");
    }
}
