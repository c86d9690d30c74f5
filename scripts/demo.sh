#!/usr/bin/env bash
# Shows the main job for real, on loopback: a workload with a service account token gets its secrets
# from a running server, over every wire, and a workload without a grant gets nothing. A login of PostgreSQL is made for
# it, used and taken back; where PostgreSQL's server is not installed, a password is.
# Exits 0 only when all of that was seen to happen.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

step "Building the programs, optimised"
bin=$(scripts/build-release.sh federation-server esi-cli test-oidc-issuer)

work=$(mktemp -d)
server='' issuer='' database=''
clean_up() {
  for process in $server $issuer $database; do kill "$process" 2>/dev/null || true; done
  wait
  if [ -n "$database" ]; then tail --pid="$database" -f /dev/null; fi
  rm -rf "$work" "$work-database"*
}
trap clean_up EXIT
chmod 700 "$work"
mkdir "$work/issuer" "$work/config" "$work/data"

# Waits for the one line on a program's stdout that says that it can serve, and prints what follows NAME=.
ready() {
  local file=$1 name=$2 process=$3
  for _ in $(seq 300); do
    if grep -q "^ready $name=" "$file"; then
      sed -n "s/^ready $name=//p" "$file"
      return
    fi
    kill -0 "$process" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

step "An issuer of service account tokens, as a Kubernetes API server is one"
"$bin/test-oidc-issuer" --directory "$work/issuer" --audience ese-federation \
  --subject system:serviceaccount:demo:app \
  >"$work/issuer.out" 2>"$work/issuer.log" &
issuer=$!
issuer_url=$(ready "$work/issuer.out" issuer "$issuer") || fail "no issuer: $(cat "$work/issuer.log")"
echo "issuer $issuer_url"

step "A CA and a certificate for the server"
quiet_openssl() { openssl "$@" 2>"$work/openssl.log" || fail "openssl: $(cat "$work/openssl.log")"; }
quiet_openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 1 -subj "/CN=demo CA" \
  -keyout "$work/ca.key" -out "$work/ca.crt"
quiet_openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=federation" \
  -keyout "$work/tls.key" -out "$work/tls.csr"
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >"$work/tls.ext"
quiet_openssl x509 -req -in "$work/tls.csr" -CA "$work/ca.crt" -CAkey "$work/ca.key" -CAcreateserial -days 1 \
  -extfile "$work/tls.ext" -out "$work/tls.crt"
# One bundle for both uses of --federated-ca-crt: to verify the server, and for the server to verify the issuer.
cat "$work/ca.crt" "$work/issuer/ca.crt" >"$work/bundle.crt"

pg_bin=${DEMO_PG_BIN-$(find /usr/lib/postgresql -path '*/bin/postgres' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)}
if [ -x "$pg_bin/postgres" ]; then generator=PostgreSql; else generator=Password; fi
pg_password=$(openssl rand -hex 16)
if [ "$generator" = PostgreSql ]; then
  step "A PostgreSQL server, for logins to be made on"
  mkdir -m 700 "$work-database"
  printf '%s' "$pg_password" >"$work-database.password"
  chmod 600 "$work-database.password"
  database=$(scripts/demo-postgresql.sh "$pg_bin" "$work-database" "$work-database.password") ||
    fail "no PostgreSQL: $(cat "$work-database.log")"
  echo "PostgreSQL listens on a socket in $work-database"
fi

step "Manifests, and a secret in the encrypted store"
api_key=$(openssl rand -hex 16)
password=$(openssl rand -hex 16)
umask 077
for manifest in deploy/demo/manifests/*.yaml "deploy/demo/generators/$generator.yaml"; do
  sed -e "s|@ISSUER@|$issuer_url|" -e "s|@API_KEY@|$api_key|" -e "s|@GENERATOR@|$generator|" \
    -e "s|@PG_HOST@|$work-database|" -e "s|@PG_PASSWORD@|$pg_password|" \
    "$manifest" >"$work/config/$(basename "$manifest")"
done
"$bin/federation-server" validate --config "$work/config"
printf '%s' "$password" | "$bin/federation-server" secret put --data "$work/data" demo-local db-password

step "The server"
"$bin/federation-server" serve --config "$work/config" --listen 127.0.0.1:0 --data "$work/data" \
  --tls-cert "$work/tls.crt" --tls-key "$work/tls.key" >"$work/server.out" 2>"$work/server.log" &
server=$!
address=$(ready "$work/server.out" listen "$server") || fail "no server: $(cat "$work/server.log")"
echo "listening on $address"

fetch() {
  local wire=$1 token=$2 file=$3
  "$bin/esi-cli" --mode=init --federated-server-url "https://$address" --federated-transport "$wire" \
    --federated-token "$token" --federated-ca-crt "$work/bundle.crt" \
    --inject-on-env DB_PASSWORD=demo-local.db-password --inject-on-file "$file=demo-fake.api-key" \
    --binary-path "$PWD/deploy/demo/app.sh" --args "$file"
}

digest() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }
expected="DB_PASSWORD $(digest "$password")
api-key $(digest "$api_key")"

for wire in rpc grpc http; do
  step "esi-cli over $wire"
  seen=$(fetch "$wire" "$work/issuer/token" "$work/secrets-$wire/api-key") || fail "nothing came over $wire"
  [ "$seen" = "$expected" ] || fail "what came over $wire is not what was stored"
  echo "arrived over $wire: DB_PASSWORD in the environment, api-key in a file, both as they were stored"
done

step "curl, with the documented API"
token=$(cat "$work/issuer/token")
printf '{"ca.crt":"%s"}' "$(base64 -w 0 "$work/bundle.crt")" >"$work/body.json"
printf 'header = "Authorization: Bearer %s"\n' "$token" >"$work/curl.conf"
answer=$(curl --silent --show-error --cacert "$work/ca.crt" --config "$work/curl.conf" --data "@$work/body.json" \
  "https://$address/secretstore/demo-fake/secrets/api-key")
[ "$answer" = "\"$api_key\"" ] || fail "curl got another answer"
echo "arrived over curl: api-key"

step "A generated $generator credential: made, used, taken back"
# How many credentials the ledger holds.
issued() { "$bin/federation-server" ledger list --data "$work/data" --output json | grep -o '"phase"' | wc -l; }
for wire in rpc http; do
  files=(--inject-on-file "$work/login-$wire/password=demo-login.password")
  inject=LOGIN_PASSWORD=demo-login.password
  if [ "$generator" = PostgreSql ]; then
    files+=(--inject-on-file "$work/login-$wire/user=demo-login.username")
    inject=PGUSER=demo-login.username,PGPASSWORD=demo-login.password
  fi
  seen=$(PGHOST="$work-database" PGDATABASE=postgres "$bin/esi-cli" --mode=init \
    --federated-server-url "https://$address" --federated-transport "$wire" --federated-token "$work/issuer/token" \
    --federated-ca-crt "$work/bundle.crt" --federated-generators "demo/$generator/demo-login" \
    --inject-on-env "$inject" "${files[@]}" --binary-path "$PWD/deploy/demo/login.sh") ||
    fail "no credential over $wire"
  case $generator in
  PostgreSql)
    [ "$seen" = "$(cat "$work/login-$wire/user")" ] || fail "over $wire another login came"
    echo "made over $wire: the program logged in to PostgreSQL as $seen"
    ;;
  Password)
    [ "$seen" -eq 32 ] || fail "over $wire no password of 32 characters came"
    echo "made over $wire: the program has a password of 32 characters"
    ;;
  esac
done
[ "$(issued)" -eq 2 ] || fail "the ledger does not hold the two credentials"
"$bin/federation-server" ledger list --data "$work/data"
answer=$(curl --silent --show-error --cacert "$work/ca.crt" --config "$work/curl.conf" --request DELETE \
  "https://$address/generators/demo/$generator/demo-login")
[ "$answer" = null ] || fail "the revocation was answered $answer"
[ "$(issued)" -eq 0 ] || fail "the ledger still holds a credential"
if [ "$generator" = PostgreSql ]; then
  for wire in rpc http; do
    if PGHOST="$work-database" PGDATABASE=postgres PGUSER=$(cat "$work/login-$wire/user") \
      PGPASSWORD=$(cat "$work/login-$wire/password") deploy/demo/login.sh >/dev/null 2>"$work/psql.log"; then
      fail "a revoked login still works"
    fi
  done
fi
echo "taken back over curl: nothing of it is left, in the ledger or outside"
"$bin/federation-server" audit --data "$work/data" --action credential.revoke-self

step "A service account without a grant"
for wire in rpc grpc http; do
  if fetch "$wire" "$work/issuer/token-other-subject" "$work/stranger-$wire" >"$work/stranger.out" 2>"$work/stranger.err"; then
    fail "a stranger's program was started over $wire"
  fi
  if [ -s "$work/stranger.out" ] || [ -e "$work/stranger-$wire" ]; then fail "a stranger got something over $wire"; fi
  grep -q "Not Found" "$work/stranger.err" || fail "refused over $wire for another reason: $(cat "$work/stranger.err")"
  echo "refused over $wire: the program was not started"
done

step "SIGTERM"
kill -TERM "$server"
status=0
wait "$server" || status=$?
server=''
[ "$status" -eq 0 ] || fail "the server ended with $status: $(tail -n 5 "$work/server.log")"
echo "the server drained and ended with 0"

step "Done: secrets arrived over rpc and over http, and a credential was made, used and revoked"
