#!/bin/sh
# A sudo that logs how it was called, allows what it is asked where a file `allowed` is
# beside it, and lets nothing of the environment through, as sudo does.
folder=${0%/*}
echo "$*" >>"$folder/log"
if [ "$*" = "-n true" ]; then
    [ -e "$folder/allowed" ]
    exit
fi
while [ "$1" != -- ]; do shift; done
shift
exec env -i PATH="$PATH" "$@"
