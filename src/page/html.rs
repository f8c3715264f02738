//! HTML to blocks.
