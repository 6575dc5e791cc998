//! Addresses, networks and intervals.

use crate::fresh::fresh;
use ormcore::value::{Cidr, Inet, Interval};
use ormcore::{Entity, ErrorKind, Many, entities, sql};
use std::net::IpAddr;

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "machines", insert(NewMachine), patch(MachinePatch))]
struct Machine {
    #[orm(primary_key)]
    address: IpAddr,
    interface: Inet,
    network: Option<Cidr>,
    hosts: Vec<IpAddr>,
    gaps: Vec<Option<Inet>>,
    networks: Option<Vec<Cidr>>,
    uptime: Interval,
    downtime: Option<Interval>,
    #[orm(default = "'{1 year -2 days 00:00:00.000003}'")]
    history: Vec<Interval>,
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn full(own: &str) -> NewMachine {
    NewMachine {
        address: address(own),
        interface: "10.0.0.1/8".parse().expect("an address"),
        network: "2001:db8::/32".parse().ok(),
        hosts: vec![address("::1"), address("255.255.255.255")],
        gaps: vec![None, "::1/64".parse().ok(), "0.0.0.0/0".parse().ok()],
        networks: Some(vec!["::/0".parse().expect("a network")]),
        uptime: Interval {
            months: -13,
            days: 40,
            microseconds: -1,
        },
        downtime: Some(Interval {
            months: i32::MIN,
            days: i32::MAX,
            microseconds: i64::MIN,
        }),
        history: Some(vec![Interval::default()]),
    }
}

fn bare(own: &str) -> NewMachine {
    NewMachine {
        address: address(own),
        interface: Inet::from(address("::")),
        network: None,
        hosts: vec![],
        gaps: vec![],
        networks: None,
        uptime: Interval::default(),
        downtime: None,
        history: None,
    }
}

fn stored(new: NewMachine) -> Machine {
    let default = Interval {
        months: 12,
        days: -2,
        microseconds: 3,
    };
    Machine {
        address: new.address,
        interface: new.interface,
        network: new.network,
        hosts: new.hosts,
        gaps: new.gaps,
        networks: new.networks,
        uptime: new.uptime,
        downtime: new.downtime,
        history: new.history.unwrap_or_else(|| vec![default]),
    }
}

#[tokio::test]
async fn addresses_and_intervals_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![Machine]).await;
    for row in [full("1.2.3.4"), bare("::4")] {
        let one = Machine::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(one, stored(row));
        assert_eq!(Machine::get(one.address).one(&fresh.db).await.unwrap(), one);
    }
    let rows = vec![bare("1::"), full("2::"), bare("3::")];
    let many = Machine::insert_many(rows.clone()).all(&fresh.db).await;
    let expected: Vec<_> = rows.into_iter().map(stored).collect();
    assert_eq!(many.unwrap(), expected);
}

#[tokio::test]
async fn addresses_and_intervals_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![Machine]).await;
    let rows = vec![full("1.2.3.4"), bare("9.9.9.9")];
    Machine::insert_many(rows).execute(&fresh.db).await.unwrap();
    for condition in [
        Machine::ADDRESS.eq(address("1.2.3.4")),
        Machine::ADDRESS.lt(address("9.0.0.0")),
        Machine::ADDRESS.in_([address("1.2.3.4"), address("::")]),
        Machine::INTERFACE.eq(full("::").interface),
        Machine::NETWORK.eq("2001:db8::/32".parse::<Cidr>().expect("a network")),
        Machine::GAPS.eq(full("::").gaps),
        Machine::UPTIME.lt(Interval::default()),
        // To PostgreSQL a year is 12 months and a month 30 days, when it compares.
        Machine::UPTIME.eq(Interval {
            months: -12,
            days: 10,
            microseconds: -1,
        }),
        Machine::DOWNTIME.is_not_null(),
    ] {
        let found = Machine::find().filter(condition).one(&fresh.db).await;
        assert_eq!(found.unwrap().address, address("1.2.3.4"));
    }
    let patch = MachinePatch {
        network: Some(None),
        uptime: Some(Interval::microseconds(7)),
        ..MachinePatch::default()
    };
    let row = Machine::update(address("1.2.3.4"))
        .patch(patch)
        .set(Machine::HOSTS, vec![address("::7")]);
    let row = row.one(&fresh.db).await.unwrap();
    assert_eq!((row.network, row.uptime), (None, Interval::microseconds(7)));
    assert_eq!(row.hosts, [address("::7")]);
}

#[tokio::test]
async fn nothing_is_left_out_in_silence() {
    let fresh = fresh(entities![Machine]).await;
    let own = address("1.2.3.4");
    Machine::insert(full("1.2.3.4"))
        .execute(&fresh.db)
        .await
        .unwrap();
    let change = sql("UPDATE machines SET hosts = '{10.0.0.1/8}'");
    change.execute(&fresh.db).await.unwrap();
    let error = Machine::get(own).one(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    assert!(
        text.contains("column `hosts`") && text.contains("ormcore::value::Inet"),
        "{text}"
    );
    let greatest = Interval {
        months: i32::MAX,
        days: i32::MAX,
        microseconds: i64::MAX,
    };
    let error = Machine::update(own).set(Machine::UPTIME, greatest);
    let error = error.execute(&fresh.db).await.unwrap_err();
    assert!(error.to_string().contains("infinity"), "{error}");
}

#[derive(Entity, Debug)]
#[orm(table = "nets", insert(NewNet))]
struct Net {
    #[orm(primary_key)]
    net: Cidr,
    #[orm(has_many(Lease, key = net))]
    leases: Many<Lease>,
}

#[derive(Entity, Debug)]
#[orm(table = "leases", insert(NewLease))]
struct Lease {
    #[orm(primary_key)]
    address: Inet,
    #[orm(references(Net))]
    net: Cidr,
}

#[tokio::test]
async fn a_network_can_be_a_key() {
    let fresh = fresh(entities![Net, Lease]).await;
    let net = |text: &str| text.parse::<Cidr>().expect("a network");
    let nets = ["10.0.0.0/8", "fd00::/8"].map(|text| NewNet { net: net(text) });
    Net::insert_many(nets.into())
        .execute(&fresh.db)
        .await
        .unwrap();
    let leases = ["10.0.0.1/8", "10.0.0.2/8"].map(|text| NewLease {
        address: text.parse().expect("an address"),
        net: net("10.0.0.0/8"),
    });
    Lease::insert_many(leases.into())
        .execute(&fresh.db)
        .await
        .unwrap();
    let nets = Net::find().with(Net::LEASES).order_by(Net::NET);
    let nets = nets.all(&fresh.db).await.unwrap();
    let leases = nets[0].leases.get().unwrap();
    assert_eq!(leases[1].address.to_string(), "10.0.0.2/8");
    assert!(leases.iter().all(|lease| lease.net == nets[0].net));
    assert!(nets[1].leases.get().unwrap().is_empty());
}
