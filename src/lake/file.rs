//! One Parquet file, read and written whole and atomically.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::LakeError;
use super::table::{Row, Table};
use crate::faults::{self, FaultPoint};

/// The version of the tables' schema. Columns are only ever added.
pub const SCHEMA_VERSION: u32 = 2;

/// The one file of a partition.
pub(super) const PART: &str = "part-0.parquet";

/// A file on its way; left behind by a crash, it is removed at the next start.
pub(super) const ON_ITS_WAY: &str = ".part-0.parquet.tmp";

/// Reads a file's rows; none where it is not there.
pub(super) fn read(table: &Table, path: &Path) -> Result<Vec<Row>, LakeError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(LakeError::Io { path: path.to_owned(), source }),
    };
    let damaged = |why: String| LakeError::Damaged { path: path.to_owned(), why };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(error.to_string()))?;
    let fields = builder.metadata().file_metadata().key_value_metadata();
    let version = fields.into_iter().flatten().find(|field| field.key == "gongkai.schema_version");
    let version = version.and_then(|field| field.value.as_ref()?.parse::<u32>().ok());
    let found = version.ok_or_else(|| damaged("it was not written by gongkai".to_owned()))?;
    if found > SCHEMA_VERSION {
        return Err(LakeError::Version { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    let mut rows = Vec::new();
    for batch in builder.build().map_err(|error| damaged(error.to_string()))? {
        let batch = batch.map_err(|error| damaged(error.to_string()))?;
        let more = table.rows(&batch).ok_or_else(|| damaged("a column has another type".to_owned()))?;
        rows.extend(more);
    }
    Ok(rows)
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    New,
    AsBefore,
}

/// Replaces a file by these rows, sorted, whole and atomically; no rows remove
/// it. The same rows give the same bytes, and a file with them is not touched.
pub(super) fn write(
    table: &Table,
    path: &Path,
    mut rows: Vec<Row>,
    catalogue_version: &str,
) -> Result<Written, LakeError> {
    let fail = |source| LakeError::Io { path: path.to_owned(), source };
    if rows.is_empty() {
        return match fs::remove_file(path) {
            Ok(()) => sync_folders(path).map(|()| Written::New).map_err(fail),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Written::AsBefore),
            Err(source) => Err(fail(source)),
        };
    }
    table.sort(&mut rows);
    let bytes = bytes(table, &rows, catalogue_version)
        .map_err(|error| LakeError::Damaged { path: path.to_owned(), why: error.to_string() })?;
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
fn sync_folders(path: &Path) -> std::io::Result<()> {
    path.ancestors().skip(1).take(3).filter(|dir| dir.is_dir()).try_for_each(|dir| File::open(dir)?.sync_all())
}

fn bytes(table: &Table, rows: &[Row], catalogue_version: &str) -> Result<Vec<u8>, parquet::errors::ParquetError> {
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
    let batch = table.record_batch(rows)?;
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build()))?;
    writer.write(&batch)?;
    writer.into_inner()
}
