//! The directory's home page does not answer: the portal is there under another
//! scheme, or without `www.`.

use crate::demo::portals::site::{Builder, System};
use crate::demo::portals::systems::next_page::chain;

/// The directory says https; the portal has http alone.
pub(super) struct OtherScheme;

impl System for OtherScheme {
    fn entry(&self, host: &str) -> String {
        format!("https://{host}/")
    }

    fn lists(&self, site: &mut Builder<'_>) {
        chain(site);
    }
}

/// The directory says www; there is no such name.
pub(super) struct BareName;

impl System for BareName {
    fn host(&self, number: u8) -> String {
        format!("gongkai-demo-{number}.gov.cn")
    }

    fn entry(&self, host: &str) -> String {
        format!("http://www.{host}/")
    }

    fn lists(&self, site: &mut Builder<'_>) {
        chain(site);
    }
}
