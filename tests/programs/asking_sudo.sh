#!/bin/sh
# A sudo that asks on the terminal, and remembers the right word.
folder=${0%/*}
echo "$*" >>"$folder/log"
case "$*" in
-v)
    printf 'password: ' >/dev/tty
    read -r word </dev/tty
    [ "$word" = right ] && touch "$folder/ticket"
    ;;
"-n true") [ -e "$folder/ticket" ] ;;
*)
    while [ "$1" != -- ]; do shift; done
    shift
    exec "$@"
    ;;
esac
