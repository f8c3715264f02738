//! Which network addresses may be asked at all.
//!
//! A portal's name may resolve to an address inside our own network, by mistake
//! or by malice, and so may every redirect: only globally routable unicast
//! addresses are asked, and the others that the operator lists.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network: an address and how many of its bits count (RFC 4632).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    n_bits: u8,
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no network: it should look like 127.0.0.0/16 or ::1/128")]
pub struct BadCidr(pub String);

impl FromStr for Cidr {
    type Err = BadCidr;

    fn from_str(text: &str) -> Result<Self, BadCidr> {
        let bad = || BadCidr(text.to_owned());
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| bad())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let n_bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| bad()))?;
        if n_bits > most { Err(bad()) } else { Ok(Self { address, n_bits }) }
    }
}

impl Cidr {
    /// Whether an address lies in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.n_bits);
                network.to_bits().checked_shr(shift).unwrap_or(0) == address.to_bits().checked_shr(shift).unwrap_or(0)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.n_bits);
                network.to_bits().checked_shr(shift).unwrap_or(0) == address.to_bits().checked_shr(shift).unwrap_or(0)
            }
            _ => false,
        }
    }
}

/// An address that must not be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The address.
    pub address: IpAddr,
    /// What it is.
    pub why: &'static str,
}

/// How what is said of a refused address begins, and goes on behind it.
const TOLD: (&str, &str) = ("the address ", " is refused: ");

impl Refused {
    /// The address whose refusal these words tell; none where they tell something else.
    #[must_use]
    pub fn told_by(words: &str) -> Option<IpAddr> {
        words.strip_prefix(TOLD.0)?.split_once(TOLD.1)?.0.parse().ok()
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, behind) = TOLD;
        let why = self.why;
        write!(f, "{before}{}{behind}{why}; [crawl] allow_addresses can permit it", self.address)
    }
}

/// Which addresses may be asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressPolicy {
    allowed: Vec<Cidr>,
}

impl AddressPolicy {
    /// Public addresses, and those of the networks given.
    #[must_use]
    pub fn allowing(allowed: Vec<Cidr>) -> Self {
        Self { allowed }
    }

    /// Whether an address may be asked.
    ///
    /// # Errors
    ///
    /// - it is not globally routable unicast (IANA's special-purpose
    ///   registries, RFC 6890) and not allowed
    pub fn check(&self, address: IpAddr) -> Result<(), Refused> {
        if self.allowed.iter().any(|network| network.contains(address)) {
            return Ok(());
        }
        let why = match address {
            IpAddr::V4(address) => special_v4(address),
            IpAddr::V6(address) => special_v6(address),
        };
        why.map_or(Ok(()), |why| Err(Refused { address, why }))
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    Some(match (a, b, c) {
        (0, ..) => "\"this network\"",
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => "a private network",
        (100, 64..=127, _) => "a carrier's shared network",
        (127, ..) => "a loopback address",
        (169, 254, _) => "a link-local address",
        (192, 0, 0) => "reserved for protocols",
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => "reserved for documentation",
        (192, 88, 99) => "reserved for 6to4 relays",
        (198, 18..=19, _) => "reserved for benchmarks",
        (224..=239, ..) => "a multicast address",
        (240..=255, ..) => "reserved",
        _ => return None,
    })
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    // What carries an IPv4 address is refused whole: who wants it can name it.
    Some(match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => "the unspecified address",
        [0, 0, 0, 0, 0, 0, 0, 1] => "a loopback address",
        [0, 0, 0, 0, 0, 0xffff, ..] => "an IPv4-mapped address",
        [0, 0, 0, 0, 0, 0, ..] => "an IPv4-compatible address",
        [0x64, 0xff9b, 0 | 1, ..] => "a NAT64 address",
        [0x100, 0, 0, 0, ..] => "reserved for discarding",
        [0x2001, 0, ..] => "a Teredo address",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0x0fff, ..] => "reserved for documentation",
        [0x2001, 0x2..=0x1ff, ..] => "reserved for protocols",
        [0x2002, ..] => "a 6to4 address",
        [0xfc00..=0xfdff, ..] => "a unique local address",
        [0xfe80..=0xfebf, ..] => "a link-local address",
        [0xfec0..=0xfeff, ..] => "a site-local address",
        [0xff00..=0xffff, ..] => "a multicast address",
        [0x2000..=0x3fff, ..] => return None,
        _ => "not a global unicast address",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_asked() {
        let policy = AddressPolicy::default();
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::7f00:1",
            "64:ff9b::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "4000::1",
        ] {
            assert!(policy.check(address.parse().unwrap()).is_err(), "{address}");
        }
        for address in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "202.96.128.86", "2400:3200::1", "240e::1"] {
            // 240e::/16 is China Telecom's, in 2000::/3.
            assert_eq!(policy.check(address.parse().unwrap()), Ok(()), "{address}");
        }
    }

    #[test]
    fn words_of_a_refusal_name_its_address_and_its_setting() {
        for address in ["127.0.0.1", "::1"].map(|text| text.parse::<IpAddr>().unwrap()) {
            let words = AddressPolicy::default().check(address).unwrap_err().to_string();
            assert_eq!(Refused::told_by(&words), Some(address));
            assert!(words.ends_with("a loopback address; [crawl] allow_addresses can permit it"), "{words}");
        }
        assert_eq!(Refused::told_by("the address book is refused: no"), None);
    }

    #[test]
    fn what_the_operator_lists_may_be_asked_and_nothing_beside_it() {
        let policy = AddressPolicy::allowing(vec!["127.0.0.0/16".parse().unwrap(), "::1".parse().unwrap()]);
        for (address, allowed) in
            [("127.0.200.1", true), ("127.1.0.1", false), ("::1", true), ("::ffff:127.0.0.1", false)]
        {
            assert_eq!(policy.check(address.parse().unwrap()).is_ok(), allowed, "{address}");
        }
        for text in ["127.0.0.0/33", "x/8", "", "1.2.3.4/"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }
}
