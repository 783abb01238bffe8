//! A ZIP archive with a file of each of many portals.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write;

use crmap_domain::{Lang, text, visible};
use time::OffsetDateTime;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::words::Words;
use crate::{Content, ExportError, Form, Portal};

/// Tells which portals are not in the archive, and why; there is none where all are.
const MISSING: &str = "_errors.txt";

/// The archive while it is written.
pub struct Archive<W: Write> {
    form: Form,
    lang: Lang,
    zip: ZipWriter<StreamWriter<W>>,
    names: HashSet<String>,
    /// The lines about portals that are not in it.
    missing: String,
}

impl<W: Write + Send> Archive<W> {
    pub(crate) fn begin(form: Form, lang: Lang, out: W) -> Self {
        Self {
            form,
            lang,
            zip: ZipWriter::new_stream(out),
            names: HashSet::new(),
            missing: String::new(),
        }
    }

    pub(crate) fn add(&mut self, portal: &Portal) -> Result<(), ExportError> {
        match &portal.content {
            Content::Read(specification) => {
                let name = text::file_name(specification, self.form.extension());
                let name = self.unique(&name);
                self.zip
                    .start_file(name, options(specification.reading.at))?;
                self.form.write(specification, self.lang, &mut self.zip)?;
                // It leaves now, however small it is.
                Ok(self.zip.flush()?)
            }
            Content::Missing(gone) => {
                self.note(portal, Words::of(self.lang).why(*gone));
                Ok(())
            }
        }
    }

    /// One line about a portal.
    fn note(&mut self, portal: &Portal, why: &str) {
        let names = [&*portal.address, &*portal.label, portal.member_id.as_str()];
        let names = names.into_iter().filter(|name| !name.is_empty());
        for name in names {
            let _never_fails = write!(self.missing, "{}  ", visible(name));
        }
        self.missing.push_str(why);
        self.missing.push_str("\r\n");
    }

    pub(crate) fn finish(mut self) -> Result<(), ExportError> {
        if !self.missing.is_empty() {
            let title = Words::of(self.lang).missing_title;
            self.zip.start_file(MISSING, options_without_time())?;
            write!(self.zip, "\u{feff}{title}\r\n\r\n{}", self.missing)?;
        }
        self.zip.finish()?;
        Ok(())
    }

    /// The name, or with a number where another file of the archive has it already: two portals may
    /// have had the same address.
    fn unique(&mut self, name: &str) -> String {
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let numbered = (2..).map(|number: u32| format!("{stem}_{number}.{extension}"));
        let free = std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| !self.names.contains(name))
            .unwrap_or_default();
        self.names.insert(free.clone());
        free
    }
}

fn options_without_time() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
}

/// The file is as old as its reading, by the portal's own clock.
fn options(at: OffsetDateTime) -> SimpleFileOptions {
    let options = options_without_time();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let time = DateTime::from_date_and_time(
        year,
        at.month().into(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
    );
    time.map_or(options, |time| options.last_modified_time(time))
}
