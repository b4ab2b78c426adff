#!/bin/sh
# Puts a program and what it needs to run into a folder that is the root of a
# container: its shared libraries, certificates, a user, and nothing else.
# Usage: rootfs.sh PROGRAM FOLDER
set -eu
program=$1
root=$2
mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/data" "$root/tmp" "$root/proc"
chmod 1777 "$root/tmp"
chmod 700 "$root/data"
install -m 755 "$program" "$root/usr/bin/fovea"
# The libraries as the loader finds them, and the loader itself.
ldd "$program" | grep -o '/[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
echo 'fovea:x:65532:65532::/data:/usr/bin/fovea' > "$root/etc/passwd"
echo 'fovea:x:65532:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
