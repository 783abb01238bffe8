//! The parts of a workbook and how they are joined.

use std::fmt::Write as _;
use std::io::{Read, Seek, Write};

use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::sheet::TablePart;
use super::xml::column;
use crate::ExportError;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const MEDIA: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// Fonts and formats, in the order of [`Style`](super::sheet::Style).
const STYLES: &str = "<fonts count=\"4\">\
<font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
<font><sz val=\"10\"/><name val=\"Consolas\"/><family val=\"3\"/></font>\
<font><b/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
<font><b/><sz val=\"13\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts>\
<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>\
<fill><patternFill patternType=\"gray125\"/></fill></fills>\
<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
<cellXfs count=\"8\">\
<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
<xf numFmtId=\"1\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
<xf numFmtId=\"1\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/>\
<xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>\
<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\"/>\
<xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\" applyFont=\"1\"/>\
<xf numFmtId=\"0\" fontId=\"2\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>\
<xf numFmtId=\"0\" fontId=\"3\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs>\
<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
<dxfs count=\"0\"/>\
<tableStyles count=\"0\" defaultTableStyle=\"TableStyleMedium2\" defaultPivotStyle=\"PivotStyleLight16\"/>";

/// A sheet that is written.
struct Written {
    /// The number in the name of its part.
    number: usize,
    /// What its tab says.
    name: String,
    /// Where it stands among the sheets.
    place: u32,
}

/// The package while it is written.
pub(super) struct Package<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    sheets: Vec<Written>,
    tables: usize,
}

impl<W: Write> Package<W> {
    /// Begins with what does not depend on the sheets, so that the first bytes leave at once.
    pub(super) fn begin(out: W) -> Result<Self, ExportError> {
        let mut package = Self {
            zip: ZipWriter::new_stream(out),
            sheets: Vec::new(),
            tables: 0,
        };
        let styles = format!("<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>");
        package.part("xl/styles.xml", &styles)?;
        package.zip.flush()?;
        Ok(package)
    }

    /// Begins a sheet, which is written to what is given back.
    pub(super) fn begin_sheet(&mut self) -> Result<&mut impl Write, ExportError> {
        self.zip.start_file(self.next_sheet(), options())?;
        Ok(&mut self.zip)
    }

    /// Where the sheet that was begun goes on.
    pub(super) const fn out(&mut self) -> &mut impl Write {
        &mut self.zip
    }

    /// Ends the sheet that was begun.
    pub(super) fn end_sheet(
        &mut self,
        name: String,
        place: u32,
        tables: &[TablePart],
    ) -> Result<(), ExportError> {
        let number = self.sheets.len() + 1;
        self.sheets.push(Written {
            number,
            name,
            place,
        });
        if tables.is_empty() {
            return Ok(());
        }
        let first = self.tables + 1;
        for table in tables {
            self.tables += 1;
            let part = format!("xl/tables/table{}.xml", self.tables);
            let xml = table_xml(table, self.tables);
            self.part(&part, &xml)?;
        }
        let relations =
            (first..=self.tables).map(|table| ("table", format!("../tables/table{table}.xml")));
        let relations = relations_xml(relations);
        self.part(
            &format!("xl/worksheets/_rels/sheet{number}.xml.rels"),
            &relations,
        )
    }

    /// Adds a sheet that was written, and compressed, elsewhere: the only file of an archive.
    pub(super) fn add_sheet(
        &mut self,
        elsewhere: impl Read + Seek,
        name: String,
        place: u32,
        tables: &[TablePart],
    ) -> Result<(), ExportError> {
        let mut elsewhere = ZipArchive::new(elsewhere)?;
        let sheet = elsewhere.by_index_raw(0)?;
        self.zip.raw_copy_file_rename(sheet, self.next_sheet())?;
        self.end_sheet(name, place, tables)
    }

    /// Writes what joins the sheets.
    pub(super) fn finish(mut self) -> Result<(), ExportError> {
        self.sheets.sort_by_key(|sheet| (sheet.place, sheet.number));
        let mut sheets = String::new();
        for (place, sheet) in (1..).zip(&self.sheets) {
            let place: usize = place;
            let _never_fails = write!(
                sheets,
                "<sheet name=\"{}\" sheetId=\"{place}\" r:id=\"rId{}\"/>",
                sheet.name, sheet.number
            );
        }
        let workbook = format!(
            "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><bookViews><workbookView/>\
             </bookViews><sheets>{sheets}</sheets></workbook>"
        );
        self.part("xl/workbook.xml", &workbook)?;
        let sheets = (1..=self.sheets.len())
            .map(|number| ("worksheet", format!("worksheets/sheet{number}.xml")));
        let relations = relations_xml(sheets.chain([("styles", "styles.xml".to_owned())]));
        self.part("xl/_rels/workbook.xml.rels", &relations)?;
        let relations = relations_xml([("officeDocument", "xl/workbook.xml".to_owned())]);
        self.part("_rels/.rels", &relations)?;
        let types = self.content_types();
        self.part("[Content_Types].xml", &types)?;
        self.zip.finish()?;
        Ok(())
    }

    fn content_types(&self) -> String {
        let mut types = format!(
            "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        );
        let mut part = |name: &str, kind: &str| {
            let _never_fails = write!(
                types,
                "<Override PartName=\"/xl/{name}.xml\" ContentType=\"{MEDIA}.{kind}+xml\"/>"
            );
        };
        part("workbook", "sheet.main");
        part("styles", "styles");
        for number in 1..=self.sheets.len() {
            part(&format!("worksheets/sheet{number}"), "worksheet");
        }
        for number in 1..=self.tables {
            part(&format!("tables/table{number}"), "table");
        }
        types.push_str("</Types>");
        types
    }

    fn next_sheet(&self) -> String {
        format!("xl/worksheets/sheet{}.xml", self.sheets.len() + 1)
    }

    fn part(&mut self, name: &str, xml: &str) -> Result<(), ExportError> {
        self.zip.start_file(name, options())?;
        self.zip.write_all(DECLARATION.as_bytes())?;
        self.zip.write_all(xml.as_bytes())?;
        Ok(())
    }
}

/// How all parts are compressed: fast, since a sheet is most of all repetition. The same content
/// gives the same bytes.
pub(super) fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(3))
        .last_modified_time(DateTime::default())
}

fn table_xml(table: &TablePart, id: usize) -> String {
    let TablePart {
        name,
        captions,
        first,
        last,
    } = table;
    let range = format!("A{first}:{}{last}", column(captions.len().max(1) - 1));
    let mut columns = String::new();
    for (number, caption) in (1..).zip(captions) {
        let number: usize = number;
        let _never_fails = write!(columns, "<tableColumn id=\"{number}\" name=\"{caption}\"/>");
    }
    format!(
        "<table xmlns=\"{MAIN}\" id=\"{id}\" name=\"{name}\" displayName=\"{name}\" \
         ref=\"{range}\" totalsRowShown=\"0\"><autoFilter ref=\"{range}\"/>\
         <tableColumns count=\"{}\">{columns}</tableColumns><tableStyleInfo \
         name=\"TableStyleLight9\" showFirstColumn=\"0\" showLastColumn=\"0\" \
         showRowStripes=\"1\" showColumnStripes=\"0\"/></table>",
        captions.len()
    )
}

fn relations_xml(relations: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut xml = format!("<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (number, (kind, target)) in (1..).zip(relations) {
        let number: usize = number;
        let _never_fails = write!(
            xml,
            "<Relationship Id=\"rId{number}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>"
        );
    }
    xml.push_str("</Relationships>");
    xml
}
