#!/usr/bin/env bash
# Starts a PostgreSQL server of the demo's own in DIR, with the login demo_admin, on a socket in DIR and no port at all.
# PASSWORD_FILE holds that login's password. Prints the server's process id.
# Usage: demo-postgresql.sh BIN DIR PASSWORD_FILE
set -euo pipefail
bin=$1 dir=$2 password_file=$3

# PostgreSQL's programs refuse to be root; Debian's package has a user for them.
as_owner=()
if [ "$(id -u)" -eq 0 ]; then
  chown postgres "$dir" "$password_file"
  as_owner=(setpriv --reuid postgres --regid postgres --clear-groups)
fi
"${as_owner[@]}" "$bin/initdb" --pgdata "$dir/data" --username demo_admin --pwfile "$password_file" \
  --auth scram-sha-256 --encoding UTF8 --locale C.UTF-8 --no-sync >"$dir.log" 2>&1
"${as_owner[@]}" "$bin/pg_ctl" start --pgdata "$dir/data" --log /dev/null --wait \
  --options "-c listen_addresses='' -c unix_socket_directories='$dir'" >>"$dir.log" 2>&1
head -n 1 "$dir/data/postmaster.pid"
