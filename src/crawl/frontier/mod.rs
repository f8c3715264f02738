//! What is known of every URL, host and run, durable.
//!
//! The engine and the commands know the traits [`Frontier`] and [`Batch`] alone;
//! [`SqliteFrontier`] keeps them in one file. What another store has to hold
//! to: what a committed [`Batch`] changed survives a power cut, memory does not
//! grow with the number of URLs, and each question is answered from an index.

mod error;
mod sqlite;
mod trouble;
mod types;

use std::collections::BTreeSet;
use std::fmt::Debug;

use jiff::Timestamp;
use url::Url;

pub use error::FrontierError;
pub use sqlite::{SCHEMA_VERSION, SqliteFrontier};
pub use trouble::{ALL_PORTALS, KnownTrouble, OTHER_SCHEME, Standing, WITHOUT_ROBOTS, by_cause, trouble_key};
pub use types::{
    Ancestor, ArchivePosition, ArchiveRef, ArchivedPage, ArticlePage, CUT_SHORT, Candidate, Due, FirstPages, GUESS,
    HostRecord, LEFT, LostList, MOVED, NewResponse, NewUrl, OUTAGE, OpenRun, PARTLY_READ, PageRequest, PastRun,
    PendingResponse, PortalId, Priority, Queue, RESTS, ResponseId, RobotsRecord, RunId, SeenPayload, SeenUrl, Spent,
    UNREAD, UrlId, UrlState, Validators, Vanished, Version, Visit,
};

use super::address::HostKey;

/// The frontier of one state folder.
///
/// One process at a time (see `ops::lock`); methods block for as long as the
/// store does, mostly well under a millisecond.
pub trait Frontier: Debug + Send {
    /// Begins a group of changes that become durable together.
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, FrontierError>;

    /// Continues the run that was killed, or begins a new one in which every
    /// URL of `portals` whose time has come is due again. What is known of it
    /// stays known until its visit ends.
    fn begin_run(&mut self, portals: &[PortalId], now: Timestamp) -> Result<RunId, FrontierError>;

    /// The newest instant of the state, where that is after `now`, when the run began:
    /// the clock went back, or the state comes from a machine whose clock was ahead. What is due
    /// later because of that is due.
    fn clock_went_back(&mut self, now: Timestamp) -> Result<Option<Timestamp>, FrontierError>;

    /// Gives an entry, and what was found from it, to the portal that names it. Where
    /// the one that had it is not configured any more it was renamed, and all that
    /// it knew passes on: pages, ways, counts, troubles. Who had it before, where
    /// that is another.
    ///
    /// What passed on is to be told to the lake again, under its new name.
    fn pass_on(
        &mut self,
        entry: &PageRequest,
        to: &PortalId,
        is_configured: &dyn Fn(&PortalId) -> bool,
    ) -> Result<Option<PortalId>, FrontierError>;

    /// Makes what was visited of some portals wait again, though its time has not
    /// come; of all portals where none is named.
    fn due_again(&mut self, portals: Option<&[PortalId]>, now: Timestamp) -> Result<(), FrontierError>;

    /// Makes due what a setting refused and refuses no more, as `is_permitted` says of
    /// a host and the words of a refusal: pages of some portals.
    fn permitted(
        &mut self,
        portals: &[PortalId],
        now: Timestamp,
        is_permitted: &dyn Fn(&HostKey, &str) -> bool,
    ) -> Result<(), FrontierError>;

    /// Ends a run with its report.
    fn end_run(&mut self, run: RunId, now: Timestamp, report_json: &str) -> Result<(), FrontierError>;

    /// Notes that a run was stopped with all saved: the next goes on with it.
    fn stop_run(&mut self, run: RunId, report_json: &str) -> Result<(), FrontierError>;

    /// The run that has not ended.
    fn open_run(&self) -> Result<Option<OpenRun>, FrontierError>;

    /// The last run that ended.
    fn last_run(&self) -> Result<Option<PastRun>, FrontierError>;

    /// The hosts and portals that have something waiting, with the earliest
    /// instant at which it is due.
    ///
    /// A few seeks for each of them, however many URLs they have.
    fn waiting(&self) -> Result<Vec<(HostKey, PortalId, Timestamp)>, FrontierError>;

    /// How many URLs wait or are under way, by portal.
    fn n_waiting(&self) -> Result<Vec<(PortalId, u64)>, FrontierError>;

    /// When the next URL of a host and portal is due, if one waits at all.
    fn next_instant(&self, host: &HostKey, portal: &PortalId) -> Result<Option<Timestamp>, FrontierError>;

    /// What is remembered of a host.
    fn host(&self, host: &HostKey) -> Result<Option<HostRecord>, FrontierError>;

    /// How many pages a portal has had in the open run.
    fn pages_of(&self, portal: &PortalId) -> Result<u32, FrontierError>;

    /// Whether a URL's last payload was this one. One from before the last is
    /// news: the page says again what it said then.
    fn knows_payload(&self, url: UrlId, sha256: &str) -> Result<Option<SeenPayload>, FrontierError>;

    /// Whether a page's last payload holds reports, or the page is a list that is on
    /// the way to some.
    fn has_reports(&self, url: UrlId) -> Result<bool, FrontierError>;

    /// Whether a URL is one of the redirects that led from `first` to where
    /// `hops` redirects have led: to go there again is to go in a circle.
    fn leads_back(&self, request: &PageRequest, first: &Url, hops: u8) -> Result<bool, FrontierError>;

    /// The responses whose reports are not in the lake yet, oldest first.
    fn not_in_lake(&self, after: Option<ResponseId>, most: u32) -> Result<Vec<PendingResponse>, FrontierError>;

    /// The responses that the lake took, with the ids of the documents that each
    /// held, a space between them.
    fn documents_in_lake(&self) -> Result<Vec<(ResponseId, String)>, FrontierError>;

    /// The ids of all documents that responses held, whether the lake took them, is to
    /// take them or lost them.
    fn documents(&self) -> Result<BTreeSet<String>, FrontierError>;

    /// Where the archive is whole.
    fn archive_position(&self) -> Result<Option<ArchivePosition>, FrontierError>;

    /// How many URLs each portal has in each state; one that waits for its next
    /// visit counts by how its last one ended.
    fn census(&self) -> Result<Vec<(PortalId, UrlState, u64)>, FrontierError>;

    /// How many reports each portal has given, ever: one that changed counts again.
    fn reports_by_portal(&self) -> Result<Vec<(PortalId, u64)>, FrontierError>;

    /// How many files each portal has that its links name as reports and that
    /// cannot be read; portals without any are left out.
    fn unread_by_portal(&self) -> Result<Vec<(PortalId, u64)>, FrontierError>;

    /// All that is known of a URL, looked up by its request.
    fn seen(&self, request: &PageRequest) -> Result<Option<SeenUrl>, FrontierError>;

    /// All hosts that were ever asked, with the state of their gates.
    fn gates(&self) -> Result<Vec<(HostKey, String)>, FrontierError>;

    /// What is used up of the limits.
    fn spent(&self) -> Result<Vec<(String, Spent)>, FrontierError>;

    /// When a run last did all that was due of each portal.
    fn portals_done(&self) -> Result<Vec<(PortalId, Timestamp)>, FrontierError>;

    /// The portals of which a search was whole, as [`Batch::searched`] noted it last.
    fn wholly_searched(&self) -> Result<Vec<PortalId>, FrontierError>;

    /// How many URLs of each host and portal wait.
    fn n_waiting_by_host(&self) -> Result<Vec<(HostKey, PortalId, u64)>, FrontierError>;

    /// The pages that were taken away or brought back, and of which the lake
    /// does not know.
    fn vanished_not_in_lake(&self) -> Result<Vec<Vanished>, FrontierError>;

    /// How the last visit of a URL ended, in words.
    fn last_words(&self, url: UrlId) -> Result<Option<String>, FrontierError>;

    /// The home page from which the way to a page began: where the entry was
    /// moved to, the page that it was moved to.
    fn home_of(&self, url: UrlId) -> Result<Option<Url>, FrontierError>;

    /// Another URL of a portal that brought the same payload before; its text.
    fn twin(&self, portal: &PortalId, url: UrlId, sha256: &str) -> Result<Option<Url>, FrontierError>;

    /// The pages of the article that a URL is a page of, itself among them, in
    /// their order, each with its last payload, or the last up to a response;
    /// none where it stands alone. One that asked not to be read has none.
    fn article_of(&self, url: UrlId, until: Option<ResponseId>) -> Result<Vec<ArticlePage>, FrontierError>;

    /// The newest version of a page that held a document; none where no response is
    /// known to have held it.
    fn version(&self, document: &str) -> Result<Option<Version>, FrontierError>;

    /// The pages of a host that are in the archive, the newest first: for a
    /// person who asks where a link stands.
    fn archived_pages(&self, host: &HostKey, most: u32) -> Result<Vec<ArchivedPage>, FrontierError>;

    /// What a portal is asked for first when it is crawled at an instant, and when
    /// more is due.
    fn first_of(&self, portal: &PortalId, at: Timestamp, most: u32) -> Result<FirstPages, FrontierError>;

    /// Refuses what waits of a portal where `is_meant` says so of its URL; how
    /// many that were.
    fn refuse_waiting(
        &mut self,
        portal: &PortalId,
        words: &str,
        again_at: Timestamp,
        is_meant: &dyn Fn(&Url, Priority) -> bool,
    ) -> Result<usize, FrontierError>;

    /// What waits of some portals.
    fn queue(&self, portals: &[PortalId], now: Timestamp) -> Result<Queue, FrontierError>;

    /// Goes through the URLs whose words name a report, by portal.
    fn candidates(&self, each: &mut dyn FnMut(Candidate)) -> Result<(), FrontierError>;

    /// Goes through the lists of reports that were had: portal, URL, and the outcome
    /// of the payload in words.
    fn lists(&self, each: &mut dyn FnMut(PortalId, String, String)) -> Result<(), FrontierError>;

    /// Goes through the reports' pages that were had and may be half of what they are:
    /// portal, URL, and the outcome of the payload in words.
    fn cut_short(&self, each: &mut dyn FnMut(PortalId, String, String)) -> Result<(), FrontierError>;

    /// Goes through the pages that have a link which reads like the column and leads to
    /// another site: portal, the page's URL, and the link as [`LEFT`] has it.
    fn left_links(&self, each: &mut dyn FnMut(PortalId, String, String)) -> Result<(), FrontierError>;

    /// Goes through the pages of lists that are not to be had.
    fn lost_lists(&self, each: &mut dyn FnMut(LostList)) -> Result<(), FrontierError>;

    /// The portals that wait for the first answer of a host whose robots.txt has
    /// none, with what came instead, in words.
    fn without_robots(&self) -> Result<Vec<(PortalId, String)>, FrontierError>;

    /// What the last answer of a host with something waiting came to, in words.
    fn last_words_of(&self, host: &str) -> Result<Option<String>, FrontierError>;

    /// What is open, news first, then by portal and place.
    fn troubles(&self) -> Result<Vec<KnownTrouble>, FrontierError>;

    /// Notes that a summary told all that is open.
    fn told(&mut self) -> Result<(), FrontierError>;

    /// Notes that a person knows of troubles: those whose key, portal or place
    /// is one of `names`, with what is one trouble with them (see [`by_cause`]), or
    /// all. Gives what was acknowledged.
    fn acknowledge(&mut self, names: &[String]) -> Result<Vec<KnownTrouble>, FrontierError>;

    /// Closes the troubles of portals that the configuration leaves out: nobody can
    /// do anything about them, and no run meets them again.
    fn close_left_out(&mut self, is_configured: &dyn Fn(&PortalId) -> bool) -> Result<(), FrontierError>;

    /// Closes what was not met since `since` and is well again, of the portals
    /// that `was_crawled` names. A closed trouble that comes back is news,
    /// unless a person knows it for the same cause.
    fn close_troubles(
        &mut self,
        since: Timestamp,
        was_crawled: &dyn Fn(&PortalId) -> bool,
    ) -> Result<(), FrontierError>;
}

/// A group of changes: all of them happen, or none.
///
/// Dropped without [`Batch::commit`] it changes nothing.
pub trait Batch: Debug {
    /// Makes the changes durable.
    fn commit(self: Box<Self>) -> Result<(), FrontierError>;

    /// Remembers a URL; true where it was not known.
    ///
    /// A known URL keeps its place, but the better priority and the smaller
    /// depth win.
    fn enqueue(&mut self, new: &NewUrl) -> Result<bool, FrontierError>;

    /// The best URL of a host and portal that is due: by priority in this order,
    /// then by age.
    ///
    /// Asked inside a batch, because it answers for what the batch has changed.
    fn next_due(
        &self,
        host: &HostKey,
        portal: &PortalId,
        order: [Priority; 4],
        now: Timestamp,
    ) -> Result<Option<Due>, FrontierError>;

    /// Notes that a URL's request goes out once this batch is committed.
    fn in_work(&mut self, url: UrlId) -> Result<(), FrontierError>;

    /// Notes how a visit ended.
    fn visited(
        &mut self,
        url: UrlId,
        at: Timestamp,
        status: Option<u16>,
        words: &str,
        visit: &Visit,
    ) -> Result<(), FrontierError>;

    /// Notes what a page is that was found as something else: a column whose
    /// links are reports' is a list, a year on a list a report.
    fn turned_out(&mut self, url: UrlId, priority: Priority) -> Result<(), FrontierError>;

    /// How often in a row a URL's visits have found it unchanged.
    fn n_unchanged(&self, url: UrlId) -> Result<u32, FrontierError>;

    /// Since when a URL has had the documents, or where it has none the payload, that
    /// it had last; of what brings none, a redirect, when it was last seen. An instant
    /// after `now` is none: the clock went back.
    fn unchanged_since(&self, url: UrlId, now: Timestamp) -> Result<Option<Timestamp>, FrontierError>;

    /// Remembers a response that brought a payload, and makes it its URL's last.
    ///
    /// A payload that was seen at the URL before gives its old row.
    fn response(&mut self, new: &NewResponse<'_>) -> Result<ResponseId, FrontierError>;

    /// Asks once more for a URL that was visited.
    fn ask_again(&self, request: &PageRequest, at: Timestamp) -> Result<(), FrontierError>;

    /// Makes a response the one whose payload a URL has now. The redirects that
    /// led there are past: the URL stands for itself from now on.
    fn last_payload(&self, url: UrlId, response: ResponseId) -> Result<(), FrontierError>;

    /// Notes that the reports of these responses are in the lake.
    fn in_lake(&mut self, responses: &[ResponseId]) -> Result<(), FrontierError>;

    /// Responses that the lake lost: they are to be read again from the archive,
    /// and what was said of their pages is to be said again.
    fn lost_by_lake(&mut self, responses: &[ResponseId]) -> Result<(), FrontierError>;

    /// [`Batch::lost_by_lake`] for all responses that there are.
    fn all_lost_by_lake(&mut self) -> Result<(), FrontierError>;

    /// Writes down what politeness must remember of a host.
    fn gate(&mut self, host: &HostKey, gate_json: &str) -> Result<(), FrontierError>;

    /// Keeps the answer for a host's robots.txt.
    fn robots(&mut self, host: &HostKey, record: &RobotsRecord) -> Result<(), FrontierError>;

    /// Remembers what a report of a portal says, by its digest; true where none
    /// has said that before.
    fn says_news(&mut self, portal: &PortalId, digest: &[u8]) -> Result<bool, FrontierError>;

    /// Counts a page of a portal, and the reports on it that are news.
    fn count(&mut self, portal: &PortalId, n_pages: u32, n_reports: u32) -> Result<(), FrontierError>;

    /// Notes up to where the archive is whole.
    fn archive_position(&mut self, position: &ArchivePosition) -> Result<(), FrontierError>;

    /// Writes down what is used up of a limit.
    fn spent(&mut self, scope: &str, spent: Spent) -> Result<(), FrontierError>;

    /// Notes that a run did all that was due of a portal.
    fn portal_done(&mut self, portal: &PortalId, at: Timestamp) -> Result<(), FrontierError>;

    /// Notes when a search of a portal was whole; none where it is known to have more
    /// than can be read.
    fn searched(&mut self, portal: &PortalId, at: Option<Timestamp>) -> Result<(), FrontierError>;

    /// Notes that a page is gone; one that never held a report is no matter,
    /// and of one that was gone before the first time stands. Whether a page with
    /// reports is gone that was there until now.
    fn vanished(&mut self, url: UrlId, at: Timestamp) -> Result<bool, FrontierError>;

    /// Notes that a page is there, where it was gone.
    fn came_back(&mut self, url: UrlId) -> Result<(), FrontierError>;

    /// Notes that the lake knows of these.
    fn vanished_in_lake(&mut self, told: &[Vanished]) -> Result<(), FrontierError>;

    /// The documents that a URL's last payload held, as [`Batch::documents`]
    /// noted them.
    fn last_documents(&self, url: UrlId) -> Result<Option<String>, FrontierError>;

    /// Notes what a response turned out to hold when it was read anew.
    fn read_anew(&mut self, response: ResponseId, words: &str, n_reports: u32) -> Result<(), FrontierError>;

    /// Notes which documents a response held.
    fn documents(&mut self, response: ResponseId, documents: &str) -> Result<(), FrontierError>;

    /// The pages that led to a URL, the nearest first; itself is step 0.
    fn ancestors(&self, url: UrlId) -> Result<Vec<Ancestor>, FrontierError>;

    /// Remembers that the way to a page led to a report: `steps` lie between
    /// the page and the report, 0 where it is the report's own.
    fn way_worked(&mut self, portal: &PortalId, page: UrlId, steps: u32, now: Timestamp) -> Result<(), FrontierError>;

    /// Whether a request is known to have brought a report, or a file that is
    /// named as one.
    fn is_report(&self, request: &PageRequest) -> Result<bool, FrontierError>;

    /// Whether a request is known at all.
    fn knows(&self, request: &PageRequest) -> Result<bool, FrontierError>;

    /// Forgets a portal's ways where one of their lists does not work any more,
    /// and wakes what rested while they did: the search begins anew. The hosts
    /// that have something to do by it.
    fn way_failed(&mut self, portal: &PortalId, page: UrlId, now: Timestamp) -> Result<Vec<HostKey>, FrontierError>;

    /// Notes a trouble; the same cause at the same place is the same trouble.
    fn trouble(&mut self, portal: &str, place: &str, words: &str, at: Timestamp) -> Result<(), FrontierError>;
}
