//! One Parquet file, read as a stream, written as one and replaced atomically.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::LakeError;
use super::table::{Row, Table};
use crate::faults::{self, FaultPoint};

/// The version of the tables' schema. Columns are only ever added.
pub const SCHEMA_VERSION: u32 = 4;

/// The one file of a partition.
pub(super) const PART: &str = "part-0.parquet";

/// A file on its way; left behind by a crash, it is removed at the next start.
pub(super) const ON_ITS_WAY: &str = ".part-0.parquet.tmp";

/// The rows of a file in the table's order, read as they are asked for.
pub(super) struct Rows<'t> {
    table: &'t Table,
    path: PathBuf,
    /// None where the file is not there.
    batches: Option<ParquetRecordBatchReader>,
    at_hand: std::vec::IntoIter<Row>,
}

/// Opens a file's rows; none where it is not there.
pub(super) fn rows<'t>(table: &'t Table, path: &Path) -> Result<Rows<'t>, LakeError> {
    let rows = |batches| Rows { table, path: path.to_owned(), batches, at_hand: Vec::new().into_iter() };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(rows(None)),
        Err(source) => return Err(LakeError::Io { path: path.to_owned(), source }),
    };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(path, error.to_string()))?;
    let fields = builder.metadata().file_metadata().key_value_metadata();
    let version = fields.into_iter().flatten().find(|field| field.key == "gongkai.schema_version");
    let version = version.and_then(|field| field.value.as_ref()?.parse::<u32>().ok());
    let found = version.ok_or_else(|| damaged(path, "it was not written by gongkai"))?;
    if found > SCHEMA_VERSION {
        return Err(LakeError::Version { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    Ok(rows(Some(builder.build().map_err(|error| damaged(path, error.to_string()))?)))
}

/// Reads a file to its end, for damage.
pub(super) fn check(table: &Table, path: &Path) -> Result<(), LakeError> {
    let batches = rows(table, path)?.batches;
    batches.into_iter().flatten().try_for_each(|batch| match batch {
        Ok(_) => Ok(()),
        Err(error) => Err(damaged(path, error.to_string())),
    })
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, LakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.at_hand.next() {
                return Some(Ok(row));
            }
            let rows = match self.batches.as_mut()?.next()? {
                Ok(batch) => self.table.rows(&batch).ok_or("a column has another type".to_owned()),
                Err(error) => Err(error.to_string()),
            };
            match rows {
                Ok(rows) => self.at_hand = rows.into_iter(),
                Err(why) => {
                    self.batches = None;
                    return Some(Err(damaged(&self.path, why)));
                }
            }
        }
    }
}

pub(super) fn damaged(path: &Path, why: impl Into<String>) -> LakeError {
    LakeError::Damaged { path: path.to_owned(), why: why.into() }
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    New,
    AsBefore,
}

/// Rows that are turned into columns together: what is held of a file on its
/// way, beside its compressed bytes. Rows are cut by their place alone, so that
/// the same rows give the same bytes.
const ROWS_AT_ONCE: usize = 4096;

/// Replaces a file by these rows, which come in the table's order, whole and
/// atomically; no rows remove it. The same rows give the same bytes, and a file
/// with them is not touched.
pub(super) fn write(
    table: &Table,
    path: &Path,
    rows: impl Iterator<Item = Result<Row, LakeError>>,
    catalogue_version: &str,
) -> Result<Written, LakeError> {
    let fail = |source| LakeError::Io { path: path.to_owned(), source };
    let Some(bytes) = bytes(table, path, rows, catalogue_version)? else {
        return match fs::remove_file(path) {
            Ok(()) => sync_folders(path).map(|()| Written::New).map_err(fail),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Written::AsBefore),
            Err(source) => Err(fail(source)),
        };
    };
    if fs::read(path).is_ok_and(|before| before == bytes) {
        return Ok(Written::AsBefore);
    }
    let dir = path.parent().map_or_else(|| PathBuf::from("."), Path::to_owned);
    fs::create_dir_all(&dir).map_err(fail)?;
    let on_its_way = dir.join(ON_ITS_WAY);
    let mut file = File::create(&on_its_way).map_err(fail)?;
    file.write_all(&bytes).map_err(fail)?;
    faults::pass(FaultPoint::LakeFileWritten).and_then(|()| file.sync_all()).map_err(fail)?;
    faults::pass(FaultPoint::LakeFileSynced).map_err(fail)?;
    fs::rename(&on_its_way, path).map_err(fail)?;
    faults::pass(FaultPoint::LakeFileRenamed).map_err(fail)?;
    sync_folders(path).map_err(fail)?;
    Ok(Written::New)
}

/// Puts on disk what the folders of a partition hold: its file, the province's
/// folder, the year's.
pub(super) fn sync_folders(path: &Path) -> std::io::Result<()> {
    path.ancestors().skip(1).take(3).filter(|dir| dir.is_dir()).try_for_each(|dir| File::open(dir)?.sync_all())
}

/// A file's bytes; none where it has no rows.
fn bytes(
    table: &Table,
    path: &Path,
    mut rows: impl Iterator<Item = Result<Row, LakeError>>,
    catalogue_version: &str,
) -> Result<Option<Vec<u8>>, LakeError> {
    let fail = |error: ParquetError| damaged(path, error.to_string());
    let mut writer: Option<ArrowWriter<Vec<u8>>> = None;
    loop {
        let some: Vec<Row> = rows.by_ref().take(ROWS_AT_ONCE).collect::<Result<_, _>>()?;
        if some.is_empty() {
            break;
        }
        let batch = table.record_batch(&some).map_err(|error| fail(error.into()))?;
        if writer.is_none() {
            let properties = properties(table, catalogue_version).map_err(fail)?;
            writer = Some(ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).map_err(fail)?);
        }
        writer.as_mut().map_or(Ok(()), |writer| writer.write(&batch)).map_err(fail)?;
    }
    writer.map(ArrowWriter::into_inner).transpose().map_err(fail)
}

fn properties(table: &Table, catalogue_version: &str) -> Result<WriterProperties, ParquetError> {
    let field = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_created_by(concat!("gongkai ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(vec![
            field("gongkai.table", table.name.to_owned()),
            field("gongkai.schema_version", SCHEMA_VERSION.to_string()),
            field("gongkai.writer_version", env!("CARGO_PKG_VERSION").to_owned()),
            field("gongkai.catalogue_version", catalogue_version.to_owned()),
        ]));
    for id in ["document_id", "report_id"] {
        if table.columns.iter().any(|column| column.name == id) {
            properties = properties.set_column_bloom_filter_enabled(ColumnPath::from(id), true);
        }
    }
    Ok(properties.build())
}
