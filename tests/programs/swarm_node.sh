#!/bin/sh
# swarm_node.sh NAME FOLDER DOCKERD_OPTION...: a Docker engine as if on a machine of its own.
# The caller gives it namespaces for network, mounts, processes and host name.
set -eu
name=$1 folder=$2
shift 2
hostname "$name"
# The machine's own engine has its files in these two.
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/docker
# Under an init, since containers that lose their parent become its children.
exec tini -- dockerd --data-root "$folder/data" --exec-root /run/docker \
    --pidfile /run/docker.pid -H "unix://$folder/docker.sock" --shutdown-timeout 15 \
    "$@"
