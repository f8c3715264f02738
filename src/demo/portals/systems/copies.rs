//! Sites that copy another place's reports: a Traditional wiki, a shop.

use crate::demo::page::{Chrome, Script, Style};
use crate::demo::portals::site::{Builder, System};
use crate::demo::portals::systems::next_page::chain;

pub(super) struct Copy {
    host: &'static str,
    chrome: Chrome,
    script: Script,
}

impl Copy {
    pub const MIRROR: Self =
        Self { host: "baike.gongkai-demo.example", chrome: Chrome::Mirror, script: Script::Traditional };
    pub const SHOP: Self = Self { host: "shop.gongkai-demo.example", chrome: Chrome::Shop, script: Script::Simplified };
}

impl System for Copy {
    fn host(&self, _: u8) -> String {
        self.host.to_owned()
    }

    fn years(&self) -> &'static [i16] {
        &[2012, 2015, 2017, 2019, 2021, 2023]
    }

    fn style(&self) -> Style {
        Style { chrome: self.chrome, script: self.script, ..Style::PORTAL }
    }

    fn lists(&self, site: &mut Builder<'_>) {
        chain(site);
    }
}
