#!/bin/sh
# The demo's program for generated credentials: esi-cli starts it with them in the environment. It logs in to
# PostgreSQL and prints who it is there; where there is no PostgreSQL it prints how long its password is.
set -eu

if [ -n "${PGUSER:-}" ]; then
  exec psql --no-psqlrc --quiet --tuples-only --no-align --command 'SELECT current_user'
fi
printf '%s' "${LOGIN_PASSWORD:?no LOGIN_PASSWORD in the environment}" | wc -c
