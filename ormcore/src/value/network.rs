//! `inet` and `cidr`: addresses, addresses in their network, and networks.

use super::bytes::Reader;
use super::{DecodeError, KeyValue, values};
use bytes::{BufMut as _, BytesMut};
use postgres_types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// How many bits an address of this family has.
const fn bits(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// Family, prefix, whether it is a `cidr`, and the address with its length before it.
fn read(raw: &[u8]) -> Result<(IpAddr, u8), DecodeError> {
    let mut reader = Reader(raw);
    let [family, prefix, _, length] = reader.array()?;
    let address: IpAddr = match (family, length) {
        (IPV4, 4) => Ipv4Addr::from(reader.array::<4>()?).into(),
        (IPV6, 16) => Ipv6Addr::from(reader.array::<16>()?).into(),
        _ => return Err("the address is neither IPv4 nor IPv6".into()),
    };
    reader.end()?;
    Ok((address, prefix))
}

fn write(address: IpAddr, prefix: u8, is_cidr: bool, out: &mut BytesMut) {
    match address {
        IpAddr::V4(address) => {
            out.put_slice(&[IPV4, prefix, is_cidr.into(), 4]);
            out.put_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            out.put_slice(&[IPV6, prefix, is_cidr.into(), 16]);
            out.put_slice(&address.octets());
        }
    }
}

/// The driver's own decoder leaves the prefix out.
fn host(raw: &[u8]) -> Result<IpAddr, DecodeError> {
    match read(raw)? {
        (address, prefix) if prefix == bits(address) => Ok(address),
        _ => Err("the address has a prefix: read it as ormcore::value::Inet".into()),
    }
}

/// Whether all bits after the prefix are zero.
fn is_network(address: IpAddr, prefix: u8) -> bool {
    let prefix = prefix.into();
    match address {
        IpAddr::V4(address) => address.to_bits().checked_shl(prefix).unwrap_or(0) == 0,
        IpAddr::V6(address) => address.to_bits().checked_shl(prefix).unwrap_or(0) == 0,
    }
}

/// Why an address and a prefix are no `Inet` or `Cidr`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANetwork(&'static str);

impl fmt::Display for NotANetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl StdError for NotANetwork {}

macro_rules! networks {
    ($($(#[$doc:meta])* $name:ident, $sql:literal, $ty:ident, $is_cidr:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            address: IpAddr,
            prefix: u8,
        }

        impl $name {
            /// The address.
            #[must_use]
            pub const fn address(self) -> IpAddr {
                self.address
            }

            /// How many of its leading bits name the network.
            #[must_use]
            pub const fn prefix(self) -> u8 {
                self.prefix
            }

            /// An address, and how many of its leading bits name the network.
            ///
            /// # Errors
            /// When the address has not so many bits, or, for a network, bits that are not zero after them.
            pub fn new(address: IpAddr, prefix: u8) -> Result<Self, NotANetwork> {
                if prefix > bits(address) {
                    return Err(NotANetwork("the prefix is longer than the address"));
                }
                if $is_cidr && !is_network(address, prefix) {
                    return Err(NotANetwork("the address has bits that are not zero after the prefix"));
                }
                Ok(Self { address, prefix })
            }
        }

        /// The address alone: a prefix of all its bits.
        impl From<IpAddr> for $name {
            fn from(address: IpAddr) -> Self {
                Self { address, prefix: bits(address) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}/{}", self.address, self.prefix)
            }
        }

        /// `10.0.0.1/8`, or an address alone.
        impl FromStr for $name {
            type Err = NotANetwork;

            fn from_str(text: &str) -> Result<Self, NotANetwork> {
                let (address, prefix) = match text.split_once('/') {
                    Some((address, prefix)) => (address, Some(prefix)),
                    None => (text, None),
                };
                let address = address.parse().map_err(|_| NotANetwork("the address is neither IPv4 nor IPv6"))?;
                match prefix.map(str::parse) {
                    None => Ok(Self::from(address)),
                    Some(Ok(prefix)) => Self::new(address, prefix),
                    Some(Err(_)) => Err(NotANetwork("the prefix is no number of bits")),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl<'a> FromSql<'a> for $name {
            fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, DecodeError> {
                let (address, prefix) = read(raw)?;
                Ok(Self::new(address, prefix)?)
            }

            fn accepts(ty: &Type) -> bool {
                *ty == Type::$ty
            }
        }

        impl ToSql for $name {
            fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, DecodeError> {
                write(self.address, self.prefix, $is_cidr, out);
                Ok(IsNull::No)
            }

            // PostgreSQL compares a `cidr` as `inet`.
            fn accepts(ty: &Type) -> bool {
                *ty == Type::$ty || *ty == Type::INET
            }

            to_sql_checked!();
        }

        values! {
            $name => $sql, key = |key| KeyValue::other(*key);
        }
    )*};
}

networks! {
    /// An address and the network it is in, as `inet`: `10.0.0.1/8`.
    ///
    /// An address without its network is a `std::net::IpAddr`, which is `inet` too.
    ///
    /// # Examples
    /// ```no_run
    /// use ormcore::value::{Cidr, Inet};
    /// use ormcore::{Db, Entity};
    /// use std::net::IpAddr;
    ///
    /// #[derive(Entity, Debug)]
    /// #[orm(insert(NewMachine))]
    /// struct Machine {
    ///     #[orm(primary_key)]
    ///     address: IpAddr,
    ///     interface: Inet,
    ///     reaches: Vec<Cidr>,
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), Box<dyn std::error::Error>> {
    ///     let db = Db::connect("postgres://localhost/lab").await?;
    ///     let new = NewMachine {
    ///         address: "10.0.0.1".parse()?,
    ///         interface: "10.0.0.1/8".parse()?,
    ///         reaches: vec!["10.0.0.0/8".parse()?, "2001:db8::/32".parse()?],
    ///     };
    ///     Machine::insert(new).execute(&db).await?;
    ///     Ok(())
    /// }
    /// ```
    Inet, "inet", INET, false;
    /// A network, as `cidr`: `10.0.0.0/8`. All bits after the prefix are zero.
    ///
    /// ```
    /// use ormcore::value::Cidr;
    ///
    /// let network: Cidr = "10.0.0.0/8".parse()?;
    /// assert_eq!(network.prefix(), 8);
    /// assert!("10.0.0.1/8".parse::<Cidr>().is_err());
    /// # Ok::<(), ormcore::value::NotANetwork>(())
    /// ```
    Cidr, "cidr", CIDR, true;
}

values! {
    IpAddr => "inet", decode = |_, raw| host(raw), key = |key| KeyValue::other(*key);
}

#[cfg(test)]
mod tests {
    use super::{Cidr, Inet};

    #[test]
    fn what_is_written_is_read() {
        for text in ["10.0.0.1/8", "::1/128", "0.0.0.0/0", "255.255.255.255/32"] {
            assert_eq!(text.parse::<Inet>().unwrap().to_string(), text);
        }
        assert_eq!("::1".parse::<Inet>().unwrap().prefix(), 128);
        for text in ["", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "::/129"] {
            assert!(text.parse::<Inet>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_network_has_nothing_after_its_prefix() {
        for text in [
            "10.0.0.0/8",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.1/32",
            "2001:db8::/32",
        ] {
            assert_eq!(text.parse::<Cidr>().unwrap().to_string(), text);
        }
        for text in ["10.0.0.1/8", "128.0.0.0/0", "::1/127", "2001:db8::/31.5"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }
}
