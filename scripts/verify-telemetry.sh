#!/usr/bin/env bash
# Asks the example for its posts in three ways, and Jaeger whether the three traces arrived whole: every statement,
# every parent. Ends with 0 only if they did.
#
#   docker compose up --build --wait && scripts/verify-telemetry.sh
#
# APP and JAEGER say where the two are; http://localhost:8000 and http://localhost:16686 unless set.
set -euo pipefail

app=${APP:-http://localhost:8000}
jaeger=${JAEGER:-http://localhost:16686}
# Exports come in batches, every five seconds unless OTEL_BSP_SCHEDULE_DELAY says otherwise.
patience=${PATIENCE:-30}

for tool in curl jq; do
  command -v "$tool" >/dev/null || { echo "error: $tool is missing; install it" >&2; exit 2; }
done

fail() {
  echo "error: $*" >&2
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Spans become objects with their tags by name and their parent, if they have one.
read -r -d '' spans <<'JQ' || true
def spans: .data[0].spans | map({
  id: .spanID, trace: .traceID, name: .operationName,
  parent: (.references | map(select(.refType == "CHILD_OF")) | first | .spanID),
  tag: (.tags | map({ (.key): .value }) | add)
});
JQ

# Each line that comes out is something that is not as it should be.
read -r -d '' faults <<'JQ' || true
spans as $all
| ($all | map({ (.id): . }) | add) as $by
| [$all[] | select(.parent == null)] as $roots
| [$all[] | select(.tag["span.kind"] == "client" and .tag["db.system.name"] == "postgresql")] as $statements
| [$all[] | select(.name == "db.relationship.load")] as $loads
| [
    (if ($all | length) == $want.spans then empty
     else "\($all | length) spans instead of \($want.spans)" end),
    (if ($statements | length) == $want.statements then empty
     else "\($statements | length) statements instead of \($want.statements)" end),
    (if ($loads | length) == $want.loads then empty
     else "\($loads | length) relationship loads instead of \($want.loads)" end),
    (if ($roots | map([.name, .tag["span.kind"]])) == [["GET /posts", "server"]] then empty
     else "the roots are \($roots | map(.name))" end),
    ($all[] | select(.trace != $want.trace) | "\(.name) is of another trace"),
    ($all[] | select(.parent != null and $by[.parent] == null) | "the parent of \(.name) is missing"),
    ($loads[] | select($by[.parent // ""].name != "GET /posts") | "a load is not below the request"),
    ($loads[] | select(.tag["db.relationship.strategy"] != $want.strategy)
     | "a load is \(.tag["db.relationship.strategy"]) and not \($want.strategy)"),
    ($statements[] | select(.tag["db.collection.name"] == "posts" and $by[.parent // ""].name != "GET /posts")
     | "the statement for posts is not below the request"),
    ($statements[] | select(.tag["db.collection.name"] == "users" and $by[.parent // ""].name != "db.relationship.load")
     | "a statement for users is not below a load"),
    ($statements[] | select(.tag["db.query.text"] == null) | "a statement has no text"),
    ($statements | group_by(.parent)[] | select(length > 1) | "\(length) statements below one load")
  ]
| .[]
JQ

# Path, strategy, and how many spans, statements and loads n posts make.
verify() {
  local path=$1 strategy=$2 head=$work/head body=$work/body trace=$work/trace
  curl -fsS -D "$head" -o "$body" "$app$path" || fail "no answer to GET $app$path; is the example running?"
  local posts id want
  posts=$(jq length "$body")
  [ "$posts" -ge 2 ] || fail "GET $app$path lists $posts posts; there is nothing to see with less than two"
  id=$(tr -d '\r' <"$head" | sed -n 's/^traceresponse: 00-\([0-9a-f]\{32\}\)-.*/\1/p')
  [ -n "$id" ] || fail "GET $app$path was not traced; is OTEL_SDK_DISABLED set?"
  want=$(jq -n --argjson n "$posts" --arg trace "$id" --arg strategy "$strategy" "$3 + {trace: \$trace, strategy: \$strategy}")

  local deadline=$((SECONDS + patience)) found
  while :; do
    # A trace may arrive in parts: what is wrong now may be right in a moment.
    if curl -fsS -o "$trace" "$jaeger/api/traces/$id" 2>"$work/curl"; then
      found=$(jq -r --argjson want "$want" "$spans $faults" "$trace")
      [ -n "$found" ] || break
    else
      found="Jaeger has no such trace ($(tr -d '\n' <"$work/curl"))"
    fi
    [ "$SECONDS" -lt "$deadline" ] || fail "GET $path, trace $id:"$'\n'"$found"
    sleep 1
  done
  echo "GET $path over $posts posts: $(jq -r '"statements \(.statements), spans \(.spans)"' <<<"$want"), every parent in its place"
  echo "  $jaeger/trace/$id"
}

verify "/posts" lazy '{spans: (2 + 2 * $n), statements: (1 + $n), loads: $n}'
verify "/posts?eager=true" selectinload '{spans: 4, statements: 2, loads: 1}'
verify "/posts?eager=joined" joined '{spans: 3, statements: 1, loads: 1}'
