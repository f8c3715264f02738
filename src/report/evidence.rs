//! What a reading rests on, and how sure that makes it.
//!
//! A number is certain (1.0) where its label, its section and its column are
//! exactly the form's and its cell is a plain number. Each thing that was
//! missing is an [`Evidence`] with a confidence of its own in
//! `config/confidence.csv`; several multiply. A cell that comes out below the
//! threshold there is not guessed but left unread. How the values were measured
//! is told in docs/accuracy.md.

macro_rules! evidence {
    ($($(#[$doc:meta])+ $name:ident => $text:literal),+ $(,)?) => {
        /// What a number's reading rests on, where it is less than everything.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Evidence { $($(#[$doc])+ $name),+ }

        impl Evidence {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The name in `config/confidence.csv`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

evidence! {
    /// Nothing is missing.
    Exact => "exact",
    /// A clipped, lengthened or misspelt label that only one row can mean.
    LabelVariant => "label_variant",
    /// Columns told by the order of their headings, not by their place.
    ColumnsByOrder => "columns_by_order",
    /// A column whose neighbour's heading is blank.
    HeadingLost => "heading_lost",
    /// A table without headings that goes on with the one before.
    GoesOn => "goes_on",
    /// Text without a grid, aligned by labels and counts of cells.
    NoGrid => "no_grid",
    /// A province's own table.
    LocalTable => "local_table",
    /// A letter where a zero is meant.
    LetterForZero => "letter_for_zero",
}

/// The confidence of each evidence, and the threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Confidences {
    values: Vec<f32>,
    threshold: f32,
}

impl Confidences {
    /// Of named values; `threshold` is one of them.
    ///
    /// # Errors
    ///
    /// - a name that is no evidence, an evidence without a value, or a value
    ///   that is not above 0 and at most 1, in words
    pub fn of(rows: Vec<(String, f32)>) -> Result<Self, String> {
        if let Some((name, value)) = rows.iter().find(|(_, value)| !(*value > 0.0 && *value <= 1.0)) {
            return Err(format!("{name} is {value}, which is not above 0 and at most 1"));
        }
        let known = |name: &str| name == "threshold" || Evidence::ALL.iter().any(|of| of.as_str() == name);
        if let Some((name, _)) = rows.iter().find(|(name, _)| !known(name)) {
            return Err(format!("{name} is no evidence"));
        }
        let value = |name: &str| {
            let row = rows.iter().find(|(of, _)| of == name);
            row.map(|(_, value)| *value).ok_or_else(|| format!("{name} has no row"))
        };
        let values = Evidence::ALL.iter().map(|of| value(of.as_str())).collect::<Result<_, _>>()?;
        Ok(Self { values, threshold: value("threshold")? })
    }

    /// How sure a reading is that rests on this.
    #[must_use]
    pub fn of_evidence(&self, evidence: Evidence) -> f32 {
        self.values[evidence as usize]
    }

    /// Below this nothing is given.
    #[must_use]
    pub fn threshold(&self) -> f32 {
        self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let all =
            || Evidence::ALL.iter().map(|of| (of.as_str().to_owned(), 0.9)).chain([("threshold".to_owned(), 0.5)]);
        assert!(Confidences::of(all().collect()).is_ok());
        let words = |rows: Vec<(String, f32)>| Confidences::of(rows).unwrap_err();
        assert_eq!(words(all().skip(1).collect()), "exact has no row");
        assert_eq!(words(all().chain([("guess".to_owned(), 0.9)]).collect()), "guess is no evidence");
        assert_eq!(words(vec![("exact".to_owned(), 1.5)]), "exact is 1.5, which is not above 0 and at most 1");
    }
}
