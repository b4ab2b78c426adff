//! Connections that go out on the word of somebody who is not the operator.
//! Private addresses are refused unless the server was started to allow them:
//! an address that an administrator typed must not become a way into the
//! network behind the server.
//!
//! A name is looked up once, every address it has is checked, and the
//! connection goes to what was checked. Redirects are not followed.

use reqwest::{Client, Url, redirect::Policy};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

/// A client that reaches nothing but the checked addresses of `url`'s host, and
/// ends every request within `within`.
///
/// # Errors
/// In words: what cannot be read, cannot be found, or is private.
pub(crate) async fn client_for(url: &Url, allow_private: bool, within: Duration) -> Result<Client, String> {
    let host = url.host_str().ok_or("the address has no host")?.to_owned();
    let port = url.port_or_known_default().ok_or("the address has no port")?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let resolved = tokio::net::lookup_host((bare, port)).await;
    let resolved: Vec<SocketAddr> =
        resolved.map_err(|error| format!("{host} cannot be found: {error}"))?.collect();
    if !allow_private && let Some(private) = resolved.iter().find(|address| !is_public(address.ip())) {
        return Err(format!(
            "{host} is {}, a private address: allow it with --allow-private-webhooks",
            private.ip()
        ));
    }
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(within)
        .user_agent(concat!("fovea/", env!("CARGO_PKG_VERSION")))
        .resolve_to_addrs(&host, &resolved)
        .build()
        .map_err(|error| error.to_string())
}

/// Whether an address belongs to the open network.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(|| is_public_v6(v6), is_public_v4),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, ..] = v4.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let reserved = a == 0 || a >= 240 || (a == 192 && b == 0) || (a == 198 && (b == 18 || b == 19));
    !(v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_broadcast()
        || v4.is_multicast()
        || v4.is_documentation()
        || shared
        || reserved)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    // Unique local (RFC 4193), link-local (RFC 4291), and the site-local ones
    // of before them (RFC 3879).
    let local = first & 0xfe00 == 0xfc00 || first & 0xff80 == 0xfe80;
    // Addresses that stand for others: 6to4 (RFC 3056), NAT64 (RFC 6052,
    // RFC 8215); and of 2001::/23, for protocols (RFC 2928), Teredo above all.
    let translated = first == 0x2002 || (first == 0x64 && second == 0xff9b);
    let protocols = first == 0x2001 && second < 0x200;
    // For documents (RFC 3849, RFC 9637), to be thrown away (RFC 6666), and for
    // segment routing within a network (RFC 9602).
    let documents = (first == 0x2001 && second == 0xdb8) || (first == 0x3fff && second < 0x1000);
    let discarded = first == 0x100 || first == 0x5f00;
    !(v6.is_loopback()
        || v6.is_unspecified()
        || v6.is_multicast()
        || local
        || translated
        || protocols
        || documents
        || discarded
        || first == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_local_addresses_are_told_apart() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "::10.0.0.1",
            "fec0::1",
            "feff::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:10::1",
            "2001:db8::1",
            "3fff::1",
            "100::1",
            "100:0:0:1::1",
            "64:ff9b:1::a00:1",
            "5f00::1",
            "192.0.0.1",
            "198.51.100.1",
        ] {
            assert!(!is_public(private.parse().expect("an address")), "{private}");
        }
        for public in ["9.9.9.9", "172.32.0.1", "100.128.0.1", "2620:fe::fe", "2001:4860:4860::8888"] {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
    }
}
