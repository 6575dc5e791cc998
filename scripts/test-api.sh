#!/usr/bin/env bash
# Asks the example for all it answers, right and wrong, and looks at each status. Ends with 0 only if every one is as it
# should be. What it makes it deletes again.
#
#   cargo run --example fastapi_otel     # or docker compose up --build --wait
#   scripts/test-api.sh
#
# APP says where it is; http://localhost:8000 unless set.
set -euo pipefail

app=${APP:-http://localhost:8000}
# Seconds, for an application that is just being started.
patience=${PATIENCE:-30}

command -v curl >/dev/null || { echo "error: curl is missing; install it" >&2; exit 2; }

body=$(mktemp)
trap 'rm -f "$body"' EXIT
asked=0 wrong=0

# Status, method and path, and what else curl should send. The answer is in $body then.
expect() {
  local status=$1 method=$2 path=$3 got
  shift 3
  got=$(curl -sS -o "$body" -w '%{http_code}' -X "$method" "$@" "$app$path") || got="no answer"
  asked=$((asked + 1))
  if [ "$got" = "$status" ]; then
    echo "ok     $status $method $path"
  else
    wrong=$((wrong + 1))
    echo "WRONG  $got instead of $status: $method $path"
    sed 's/^/       /' "$body"
    echo
  fi
}

json() { expect "$1" "$2" "$3" -H "content-type: application/json" -d "$4" "${@:5}"; }
number() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$body"; }
text() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$body"; }

deadline=$((SECONDS + patience))
until curl -fsS -o "$body" "$app/health/ready" 2>/dev/null; do
  [ "$SECONDS" -lt "$deadline" ] || { echo "error: $app is not ready; is the example running?" >&2; exit 1; }
  sleep 1
done

me="me.$$.$SECONDS.$RANDOM@example.org" other="other.$$.$SECONDS.$RANDOM@example.org" password="correct horse"

# What it says about itself.
for path in / /health/live /health/ready /metrics /traces /docs /openapi.json /debug/trace; do
  expect 200 GET "$path"
done

# Accounts.
json 201 POST /users "{\"name\": \"Listed\", \"email\": \"$me\"}"
json 409 POST /users "{\"name\": \"Listed\", \"email\": \"$me\"}"
json 201 POST /signup "{\"name\": \"Me\", \"email\": \"$me\", \"password\": \"$password\"}"
my_number=$(number id)
json 409 POST /signup "{\"name\": \"Me\", \"email\": \"$me\", \"password\": \"$password\"}"
json 422 POST /signup '{"name": "Me", "email": "nobody", "password": "short"}'
json 422 POST /signup '{"name": '
expect 415 POST /signup -H "content-type: text/plain" -d "name=Me"
expect 201 POST /signup -d "name=Other" -d "email=$other" --data-urlencode "password=$password"
other_number=$(number id)
json 200 POST /login "{\"email\": \"$me\", \"password\": \"$password\"}"
mine=(-H "authorization: Bearer $(text access_token)")
expect 200 POST /login -d "username=$other" --data-urlencode "password=$password"
others=(-H "authorization: Bearer $(text access_token)")
json 401 POST /login "{\"email\": \"$me\", \"password\": \"something else\"}"
json 401 POST /login "{\"email\": \"nobody.$me\", \"password\": \"$password\"}"
expect 200 GET /me "${mine[@]}"
expect 401 GET /me
expect 401 GET /me -H "authorization: Bearer nonsense"

# Reading, for everybody.
for path in /users "/users?limit=2&offset=2" "/users?eager=true" "/users/$my_number" \
  /posts "/posts?eager=true" "/posts?eager=joined"; do
  expect 200 GET "$path"
done
expect 422 GET "/posts?limit=0"
expect 422 GET /users/nobody
expect 404 GET /users/999999999
expect 404 GET /posts/999999999
expect 404 GET /nowhere
expect 405 PATCH /posts

# Writing, for those whose it is.
post='{"title": "Light", "content": "Bends."}'
json 401 POST /posts "$post"
json 422 POST /posts '{"title": "", "content": ""}' "${mine[@]}"
json 201 POST /posts "$post" "${mine[@]}"
light=$(number id)
expect 200 GET "/posts/$light"
changed='{"title": "Light", "content": "Waves.", "version": 1}'
json 401 PUT "/posts/$light" "$changed"
json 403 PUT "/posts/$light" "$changed" "${others[@]}"
json 422 PUT "/posts/$light" "$post" "${mine[@]}"
json 200 PUT "/posts/$light" "$changed" "${mine[@]}"
json 409 PUT "/posts/$light" "$changed" "${mine[@]}"
json 404 PUT /posts/999999999 "$changed" "${mine[@]}"
expect 403 DELETE "/posts/$light" "${others[@]}"
expect 204 DELETE "/posts/$light" "${mine[@]}"
expect 404 DELETE "/posts/$light" "${mine[@]}"
expect 403 DELETE "/users/$other_number" "${mine[@]}"
expect 204 DELETE "/users/$my_number" "${mine[@]}"
expect 204 DELETE "/users/$other_number" "${others[@]}"
expect 401 GET /me "${mine[@]}"

echo
echo "$asked requests, $wrong answered wrong"
[ "$wrong" -eq 0 ]
