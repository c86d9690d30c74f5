#!/usr/bin/env bash
# Runs Debian's nginx with one worker in a folder of its own until SIGTERM; it answers one secret with fixed bytes.
# Takes the flags that every peer takes, and says beside the address the worker's pid: that is whose CPU counts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

listen=127.0.0.1:0 certificate='' key_file='' store=bench key=key-0 value_size=64
while [ $# -gt 0 ]; do
  case $1 in
    --listen) listen=$2 ;;
    --tls-cert) certificate=$(realpath "$2") ;;
    --tls-key) key_file=$(realpath "$2") ;;
    --store) store=$2 ;;
    --key) key=$2 ;;
    --value-size) value_size=$2 ;;
    # nginx knows no caller: its answer is the same for every token.
    --tokens) ;;
    *)
      echo "nginx-peer.sh: unknown flag $1" >&2
      exit 2
      ;;
  esac
  shift 2
done
if [ -z "$certificate" ] || [ -z "$key_file" ]; then
  echo "usage: nginx-peer.sh --listen HOST:PORT --tls-cert FILE --tls-key FILE [--store S] [--key K] [--value-size N]" >&2
  exit 2
fi

# nginx does not say which port it got for 0, so the kernel is asked for one that is free.
if [ "${listen##*:}" = 0 ]; then
  listen=${listen%:*}:$(python3 -c 'import socket, sys
with socket.socket() as s:
    s.bind((sys.argv[1], 0))
    print(s.getsockname()[1])' "${listen%:*}")
fi

files=$(ulimit -Hn)
[ "$files" != unlimited ] && [ "$files" -le 65536 ] || files=65536
ulimit -Sn "$files"

folder=$(mktemp -d)
nginx=''
clean_up() {
  if [ -n "$nginx" ]; then
    kill "$nginx" 2>/dev/null || true
    wait "$nginx" || true
  fi
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 0' TERM INT

python3 - "$here/nginx/nginx.conf.template" "$folder" "$listen" "$certificate" "$key_file" "$store" "$key" \
  "$value_size" "$files" >"$folder/nginx.conf" <<'PYTHON'
import sys

template, folder, listen, certificate, key_file, store, key, size, files = sys.argv[1:]
size = int(size)
# nginx takes no word longer than its buffer of 4 KiB: a bigger value is put together of variables.
WORD = 3500
value = ((key + ".") * (size // (len(key) + 1) + 1))[:size]
parts = [value[at : at + WORD] for at in range(0, size, WORD)]
if len(parts) <= 1:
    answer = f"return 200 '\"{value}\"\\n';"
else:
    answer = "".join(f"set $part{i} '{part}'; " for i, part in enumerate(parts))
    answer += "return 200 '\"" + "".join(f"${{part{i}}}" for i in range(len(parts))) + "\"\\n';"
text = open(template, encoding="utf-8").read()
for name, replacement in {
    "FOLDER": folder, "LISTEN": listen, "CERTIFICATE": certificate, "KEY_FILE": key_file, "STORE": store, "KEY": key,
    "ANSWER": answer, "FILES": files,
}.items():
    text = text.replace(f"@{name}@", replacement)
print(text)
PYTHON

mkfifo "$folder/log"
nginx -e stderr -p "$folder" -c "$folder/nginx.conf" 2>"$folder/log" &
nginx=$!
# nginx listens before it makes its worker, and tells of the worker: no waiting, no guessing. The rest of the log goes on.
worker=''
exec 3<"$folder/log"
while [ -z "$worker" ] && IFS= read -r line <&3; do
  case $line in
    *'start worker process '*) worker=${line##* } ;;
    *'[notice]'*) ;;
    *) echo "$line" >&2 ;;
  esac
done
[ -n "$worker" ] || exit 1
echo "ready listen=$listen pid=$worker"
cat <&3 >&2 &
wait "$nginx"
