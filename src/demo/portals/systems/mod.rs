//! The portals' systems, one small file each.
//!
//! | file | what is special |
//! | --- | --- |
//! | `trs` | `createPageHTML`; once with answers of 503, once with tables as one cell a line |
//! | `jpage` | Hanweb's script and its proxy, GBK |
//! | `next_page` | a link to the next page; once with its home page moved |
//! | `numbered` | `index_N.html`, and a pager that says how many |
//! | `boxed` | a box to choose the page from |
//! | `gkmlpt` | Guangdong's platform: JSON by GET |
//! | `laypage` | JSON by POST, with a total |
//! | `form` | a form that is posted with the page's number |
//! | `frames` | the list is in a frame |
//! | `forbids` | robots.txt forbids one of its columns |
//! | `nested` | columns of years and of offices |
//! | `attachments` | reports that are files |
//! | `images` | a frameset, and menus of images |
//! | `script_menu` | a menu that a script builds |
//! | `one_page` | an application that offers a sitemap, another that offers JSON |
//! | `platform` | the column lies on the province's platform |
//! | `entries` | the home page answers under another scheme or name |
//! | `copies` | a Traditional wiki and a shop that copy |

mod attachments;
mod boxed;
mod copies;
mod entries;
mod forbids;
mod form;
mod frames;
mod gkmlpt;
mod images;
mod jpage;
mod laypage;
mod nested;
mod next_page;
mod numbered;
mod one_page;
mod platform;
mod script_menu;
mod trs;

use super::site::System;

/// All systems. The last two share an address, as portals of one platform do.
pub(super) const ALL: [&dyn System; 25] = [
    &trs::Trs::PLAIN,
    &jpage::Jpage,
    &next_page::NextPage::PLAIN,
    &trs::Trs::BUSY,
    &forbids::Forbids,
    &frames::Frames,
    &gkmlpt::Gkmlpt,
    &next_page::NextPage::MOVED,
    &copies::Copy::MIRROR,
    &copies::Copy::SHOP,
    &numbered::Numbered,
    &laypage::Laypage,
    &form::Form,
    &nested::Nested,
    &attachments::Attachments,
    &images::Images,
    &script_menu::ScriptMenu,
    &one_page::WithSitemap,
    &one_page::WithJson,
    &platform::Platform,
    &entries::OtherScheme,
    &entries::BareName,
    &boxed::Boxed,
    &trs::Trs::FLATTENED,
    &trs::Trs::PLAIN,
];
