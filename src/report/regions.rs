//! Places: codes and names by the years in which they were listed.

/// The regions of China by code and name, with the years of their listing.
#[derive(Debug, Clone, Default)]
pub struct Regions {}
