//! The forms of files, by the names that addresses and forms of pages use.

use std::io::{BufWriter, Write};

use crmap_domain::{Lang, Specification, json, text};

use crate::{ExportError, write_csv, write_xlsx};

/// A form of the file of one portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Tables of monospaced text, for people.
    Text,
    /// For programs.
    Json,
    /// One flat table, for spreadsheets and databases.
    Csv,
    /// A sheet with tables of Excel.
    Xlsx,
}

/// A form of the file of many portals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfMany {
    /// A ZIP archive with a file of each portal.
    Archive(Form),
    /// One XLSX with the rows of all portals.
    Workbook,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Text, Self::Json, Self::Csv, Self::Xlsx];

    /// Its name: the extension of its files.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form of an [`extension`](Self::extension).
    #[must_use]
    pub fn of(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|form| form.extension() == extension)
    }

    /// What browsers are told that it is.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Writes a specification in this form, in the words of `lang`. The rows stand in the order of
    /// the specification.
    ///
    /// # Errors
    /// [`ExportError`] where `out` takes no more.
    pub fn write(
        self,
        specification: &Specification,
        lang: Lang,
        mut out: impl Write + Send,
    ) -> Result<(), ExportError> {
        match self {
            Self::Text => out.write_all(text::to_text(specification, lang).as_bytes())?,
            Self::Json => {
                let mut out = BufWriter::new(out);
                json::write_json(specification, &mut out)?;
                out.flush()?;
            }
            Self::Csv => write_csv(specification, lang, out)?,
            Self::Xlsx => write_xlsx(specification, lang, out)?,
        }
        Ok(())
    }
}

impl OfMany {
    /// What a workbook is called among the forms.
    const WORKBOOK: &'static str = "workbook";

    /// The form of a name: that of a file of one portal, for an archive of such files, or
    /// `workbook`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            Self::WORKBOOK => Some(Self::Workbook),
            extension => Form::of(extension).map(Self::Archive),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Archive(form) => form.extension(),
            Self::Workbook => Self::WORKBOOK,
        }
    }

    /// The extension of its files.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Archive(_) => "zip",
            Self::Workbook => Form::Xlsx.extension(),
        }
    }

    /// What browsers are told that it is.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Archive(_) => "application/zip",
            Self::Workbook => Form::Xlsx.media_type(),
        }
    }
}
