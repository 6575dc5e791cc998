//! The names of PostgreSQL's own types.

/// Whether PostgreSQL has a type of this name, which it finds before any of the program's.
pub(super) fn is_built_in(name: &str) -> bool {
    NAMES.split(' ').any(|known| known == name)
}

const NAMES: &str = "\
    aclitem bit bool box bpchar bytea char cid cidr circle cstring date datemultirange daterange \
    event_trigger float4 float8 gtsvector inet int2 int2vector int4 int4multirange int4range int8 \
    int8multirange int8range internal interval json jsonb jsonpath line lseg macaddr macaddr8 money \
    name numeric nummultirange numrange oid oidvector path pg_lsn pg_snapshot point polygon record refcursor regclass \
    regcollation regconfig regdatabase regdictionary regnamespace regoper regoperator regproc \
    regprocedure regrole regtype text tid time timestamp timestamptz timetz trigger tsmultirange \
    tsquery tsrange tstzmultirange tstzrange tsvector txid_snapshot unknown uuid varbit varchar void \
    xid xid8 xml";

#[cfg(test)]
mod tests {
    use super::is_built_in;

    #[test]
    fn a_name_is_one_whole_word() {
        for name in ["aclitem", "point", "xml", "xid8", "pg_lsn"] {
            assert!(is_built_in(name), "{name}");
        }
        for name in ["", "poin", "point ", "points", "pg_mood"] {
            assert!(!is_built_in(name), "{name}");
        }
    }
}
