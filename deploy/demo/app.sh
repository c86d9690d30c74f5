#!/bin/sh
# The demo's program: esi-cli starts it with the secrets in place. It prints digests, so that the
# demo can compare what arrived with what was stored without a value in any output.
set -eu

printf '%s' "${DB_PASSWORD:?no DB_PASSWORD in the environment}" | sha256sum | sed 's/ .*//; s/^/DB_PASSWORD /'
sha256sum <"$1" | sed 's/ .*//; s/^/api-key /'
