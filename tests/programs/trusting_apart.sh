#!/bin/sh
# Runs a command where FOLDER is at PLACE, and the system's trust stores are those of FOLDER.
#
# usage, in a mount namespace: trusting_apart.sh FOLDER PLACE COMMAND...
#
# The hooks of update-ca-certificates would change Java's store, and dpkg's triggers.
set -e
mount --bind "$1" "$2"
system=$2/system
shift 2
mount --bind "$system/certs" /etc/ssl/certs
mount --bind "$system/anchors" /usr/local/share/ca-certificates
mount --bind "$system/conf" /etc/ca-certificates.conf
mount --bind "$system/hooks" /etc/ca-certificates/update.d
mount --bind "$system/update-ca-certificates" /usr/sbin/update-ca-certificates
PATH=$RUN_PATH exec "$@"
