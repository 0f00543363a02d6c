#!/bin/sh
# lego's hook for the DNS of tests/support/pebble.py: present or cleanup, name, value.
set -eu
case $1 in
    present) do=set-txt ;;
    cleanup) do=clear-txt ;;
    *) exit 2 ;;
esac
curl -fsS --data "{\"host\": \"$2\", \"value\": \"$3\"}" "$ACME_DNS/$do"
