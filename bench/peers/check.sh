#!/usr/bin/env bash
# Starts each peer of the folder given as the one argument (bench/.build without one) and checks an answer of it.
# Exits 1 when any is wrong.
set -euo pipefail
peers=$(cd "$(dirname "$0")" && pwd)
programs=$(realpath -m "${1:-$peers/../.build}")

work=$(mktemp -d)
peer=''
stop_peer() {
  [ -n "$peer" ] || return 0
  kill "$peer" 2>/dev/null || true
  wait "$peer" || true
  peer=''
}
trap 'stop_peer; rm -rf "$work"' EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl"

# Peers take tokens for verified, so a signature of any bytes will do.
python3 - >"$work/tokens" <<'PYTHON'
import base64, json, os, time

def part(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

for i in range(4):
    header = {"alg": "RS256", "kid": "k" * 43, "typ": "JWT"}
    claims = {"iss": "https://issuer.example", "sub": f"system:serviceaccount:bench:app-{i}", "aud": ["bench"],
              "exp": int(time.time()) + 3600, "jti": "j" * 180}
    print(part(json.dumps(header).encode()), part(json.dumps(claims).encode()), part(os.urandom(256)), sep=".")
PYTHON
sed 's/^/x/' "$work/tokens" >"$work/wrong-tokens"

# Starts PROGRAM and sets `address` when it says that it is ready.
start_peer() {
  local line
  rm -f "$work/out"
  mkfifo "$work/out"
  "$1" --listen 127.0.0.1:0 --tls-cert "$work/cert.pem" --tls-key "$work/key.pem" --tokens "$work/tokens" \
    --store bench --key key-0 --value-size "$2" >"$work/out" 2>"$work/log" &
  peer=$!
  exec 3<"$work/out"
  address=''
  if IFS= read -r -t 30 line <&3 && [[ $line =~ ^ready\ listen=([0-9.:]+) ]]; then address=${BASH_REMATCH[1]}; fi
  exec 3<&-
  [ -n "$address" ] || { cat "$work/log" >&2; return 1; }
}

check_ttrpc() {
  python3 "$peers/check_ttrpc.py" "$address" "$work/cert.pem" "$work/tokens" "$@"
}

check_grpc() {
  local load=("$programs/grpc-load" --target "$address" --ca "$work/cert.pem" --connections 2 --in-flight 2
    --warm-up 0 --duration 0.05 --value-size "$1")
  local how
  for how in literal huffman indexed; do
    "${load[@]}" --tokens "$work/tokens" --token-header "$how" >"$work/load" 2>&1 || { cat "$work/load"; return 1; }
  done
  # A load that any answer satisfies would measure nothing.
  if "${load[@]}" --tokens "$work/wrong-tokens" >"$work/load" 2>&1; then echo "a wrong token got an answer"; return 1; fi
  grep -q 'grpc-status other than 0 (16)' "$work/load" || { cat "$work/load"; return 1; }
  if "${load[@]}" --tokens "$work/tokens" --store other >"$work/load" 2>&1; then echo "another store got an answer"; return 1; fi
  grep -q 'grpc-status other than 0 (7)' "$work/load" || { cat "$work/load"; return 1; }
}

# POSTs with the bearer TOKEN; the headers go to $work/headers, the body to $work/body.
post() {
  curl --silent --show-error --max-time 10 --http1.1 --cacert "$work/cert.pem" --header "Authorization: Bearer $1" \
    --data '{}' --dump-header "$work/headers" --output "$work/body" \
    "https://$address/secretstore/bench/secrets/key-0"
}

check_http() {
  local header
  post "$(head -n 1 "$work/tokens")" || return 1
  python3 -c 'import sys; size = int(sys.argv[1]); print("\"" + ("key-0." * (size // 6 + 1))[:size] + "\"")' "$1" |
    cmp - "$work/body" || return 1
  for header in 'HTTP/1.1 200 OK' 'Date: .* GMT' 'Content-Type: application/json' 'Cache-Control: no-store' \
    'X-Request-Id: [0-9a-f]{16}' "Content-Length: $(($1 + 3))"; do
    tr -d '\r' <"$work/headers" | grep -qxE "$header" || { echo "no header $header"; return 1; }
  done
}

check_http_token() {
  check_http "$1" || return 1
  post "x$(head -n 1 "$work/tokens")" || return 1
  grep -q '^HTTP/1.1 401 ' "$work/headers" || { echo "a wrong token got an answer"; return 1; }
}

failed=no
# What this calls is a condition, where the shell's -e does nothing: each step there says itself what its failure does.
check() {
  local name=$1 program=$2 size
  shift 2
  for size in 64 65536; do
    : >"$work/why"
    if start_peer "$program" "$size" && "$1" "$size" "${@:2}" >"$work/why" 2>&1; then
      echo "peers: $name with $size bytes: ok"
    else
      echo "peers: $name with $size bytes: FAILED: $(cat "$work/why" "$work/log")" >&2
      failed=yes
    fi
    stop_peer
  done
}

check floor "$programs/floor" check_ttrpc
check grpc-server "$programs/grpc-server" check_grpc
check http-go "$programs/http-go" check_http_token
check nginx "$peers/nginx-peer.sh" check_http
check ttrpc-go "$programs/ttrpc-go" check_ttrpc refuses

[ "$failed" = no ]
