//! Tables as data: columns, types, descriptions, keys.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Float32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use rust_decimal::Decimal;

/// A table of the lake.
#[derive(Debug)]
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [Column],
    /// The columns that make a row unique; rows are sorted by them.
    pub key: &'static [&'static str],
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub description: &'static str,
    /// What it is measured in; empty for a plain count, and for what is no number.
    pub unit: &'static str,
    /// What null says; empty where it is never null.
    pub null: &'static str,
}

pub(super) const fn column(name: &'static str, kind: Kind, description: &'static str) -> Column {
    Column { name, kind, description, unit: "", null: "" }
}

impl Column {
    pub const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    pub const fn null(self, null: &'static str) -> Self {
        Self { null, ..self }
    }

    /// What the files say of it.
    fn in_words(&self) -> String {
        let unit = if self.unit.is_empty() { String::new() } else { format!("; unit: {}", self.unit) };
        let null = if self.null.is_empty() { String::new() } else { format!("; null: {}", self.null) };
        format!("{}{unit}{null}", self.description)
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Count,
    Share,
    Flag,
    /// Decimal(24,6).
    Amount,
    Date,
    Instant,
}

#[cfg(test)]
impl Kind {
    /// The type as docs/lake.md names it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Count => "int64",
            Self::Share => "float32",
            Self::Flag => "boolean",
            Self::Amount => "decimal(24,6)",
            Self::Date => "date",
            Self::Instant => "timestamp, UTC",
        }
    }
}

/// The order of a table's rows.
#[derive(Debug)]
pub(super) struct Order {
    places: Vec<usize>,
}

impl Order {
    /// How two rows stand. A column holds one kind of cell, and nulls, which
    /// come first.
    pub fn of(&self, a: &Row, b: &Row) -> Ordering {
        let key = |row| self.places.iter().map(move |place| &Row::as_slice(row)[*place]);
        key(a).partial_cmp(key(b)).unwrap_or(Ordering::Equal)
    }
}

/// Digits after the point of an amount.
const SCALE: u32 = 6;
const PRECISION: u8 = 24;

/// A cell.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(super) enum Value {
    Null,
    Text(String),
    Count(i64),
    Share(f32),
    Flag(bool),
    /// In millionths.
    Amount(i128),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970.
    Instant(i64),
}

/// A row: a cell for each column, in the table's order.
pub(super) type Row = Vec<Value>;

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn maybe<T>(value: Option<T>, make: impl Fn(T) -> Self) -> Self {
        value.map_or(Self::Null, make)
    }

    /// An amount with at most six decimal places; more are rounded.
    pub fn amount(value: Decimal) -> Self {
        let mut value = value.round_dp(SCALE);
        value.rescale(SCALE);
        Self::Amount(value.mantissa())
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The days of a date since 1970.
    pub fn as_day(&self) -> Option<i32> {
        if let Self::Date(days) = self { Some(*days) } else { None }
    }

    /// The number of an amount.
    pub fn as_decimal(&self) -> Option<Decimal> {
        if let Self::Amount(millionths) = self {
            Decimal::try_from_i128_with_scale(*millionths, SCALE).ok()
        } else {
            None
        }
    }
}

impl Table {
    /// The place of a column.
    pub fn place(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column.name == name).unwrap_or(usize::MAX)
    }

    /// The rows sorted by key; of rows with one key the last.
    pub fn sorted(&self, mut rows: Vec<Row>) -> Vec<Row> {
        let order = self.order();
        rows.sort_by(|a, b| order.of(a, b));
        rows.reverse();
        rows.dedup_by(|a, b| order.of(a, b).is_eq());
        rows.reverse();
        rows
    }

    /// The order of the table's rows: by its key.
    pub fn order(&self) -> Order {
        Order { places: self.key.iter().map(|name| self.place(name)).collect() }
    }

    pub fn schema(&self) -> Schema {
        let field = |column: &Column| {
            let description = HashMap::from([("description".to_owned(), column.in_words())]);
            Field::new(column.name, data_type(column.kind), true).with_metadata(description)
        };
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>())
    }

    pub fn record_batch(&self, rows: &[Row]) -> Result<RecordBatch, ArrowError> {
        let arrays = self.columns.iter().enumerate().map(|(place, column)| array(column.kind, rows, place));
        RecordBatch::try_new(Arc::new(self.schema()), arrays.collect::<Result<_, _>>()?)
    }

    /// The rows of a batch that an older or the same program wrote: a column
    /// that it did not have is null.
    ///
    /// None where a column has another type: a value must not turn into null.
    pub fn rows(&self, batch: &RecordBatch) -> Option<Vec<Row>> {
        let columns: Vec<_> =
            self.columns.iter().map(|column| (column.kind, batch.column_by_name(column.name))).collect();
        let cell = |at: usize| {
            let value = |(kind, array): &(Kind, Option<&ArrayRef>)| {
                array.map_or(Some(Value::Null), |array| value_at(*kind, array, at))
            };
            columns.iter().map(value).collect()
        };
        (0..batch.num_rows()).map(cell).collect()
    }
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Count => DataType::Int64,
        Kind::Share => DataType::Float32,
        Kind::Flag => DataType::Boolean,
        Kind::Amount => DataType::Decimal128(PRECISION, SCALE as i8),
        Kind::Date => DataType::Date32,
        Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

fn array(kind: Kind, rows: &[Row], place: usize) -> Result<ArrayRef, ArrowError> {
    let cells = rows.iter().map(|row| &row[place]);
    macro_rules! build {
        ($builder:expr, $variant:ident, $take:expr) => {{
            let mut builder = $builder;
            for cell in cells {
                builder.append_option(if let Value::$variant(value) = cell { Some($take(value)) } else { None });
            }
            Arc::new(builder.finish()) as ArrayRef
        }};
    }
    Ok(match kind {
        Kind::Text => build!(StringBuilder::new(), Text, String::as_str),
        Kind::Count => build!(Int64Builder::new(), Count, |n: &i64| *n),
        Kind::Share => build!(Float32Builder::new(), Share, |n: &f32| *n),
        Kind::Flag => build!(BooleanBuilder::new(), Flag, |n: &bool| *n),
        Kind::Date => build!(Date32Builder::new(), Date, |n: &i32| *n),
        Kind::Amount => {
            let builder = Decimal128Builder::new().with_precision_and_scale(PRECISION, SCALE as i8)?;
            build!(builder, Amount, |n: &i128| *n)
        }
        Kind::Instant => {
            let builder = TimestampMicrosecondBuilder::new().with_timezone("UTC");
            build!(builder, Instant, |n: &i64| *n)
        }
    })
}

fn value_at(kind: Kind, array: &ArrayRef, at: usize) -> Option<Value> {
    if array.is_null(at) {
        return Some(Value::Null);
    }
    match kind {
        Kind::Text => array.as_string_opt::<i32>().map(|array| Value::text(array.value(at))),
        Kind::Count => array.as_primitive_opt::<Int64Type>().map(|array| Value::Count(array.value(at))),
        Kind::Share => array.as_primitive_opt::<Float32Type>().map(|array| Value::Share(array.value(at))),
        Kind::Flag => array.as_boolean_opt().map(|array| Value::Flag(array.value(at))),
        Kind::Amount => array.as_primitive_opt::<Decimal128Type>().map(|array| Value::Amount(array.value(at))),
        Kind::Date => array.as_primitive_opt::<Date32Type>().map(|array| Value::Date(array.value(at))),
        Kind::Instant => {
            array.as_primitive_opt::<TimestampMicrosecondType>().map(|array| Value::Instant(array.value(at)))
        }
    }
}
