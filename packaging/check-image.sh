#!/bin/bash
# Tries the container with a program that is there: its root is put together,
# the Dockerfile's last stage is built of it where there is Buildah, the root is
# entered, and the server started in it as the image starts it. With
# FOVEA_BUILD_IMAGE=1 the whole image is built instead, by Docker, Podman or
# Buildah.
# Usage: check-image.sh PROGRAM
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
program=${1:?name the program, such as target/release/fovea}
work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# Every file that the Dockerfile copies or runs is there, and every variable
# that it sets is one that the program knows.
grep -o 'packaging/[a-z.-]*' "$here/Dockerfile" "$here/compose.yaml" | cut -d: -f2 | sort -u | while read -r file; do
    [ -e "$here/$file" ] || { echo "$file is named and not there"; exit 1; }
done
options=$("$program" serve --help)
for name in $(grep -oh 'FOVEA_[A-Z_]*' "$here/Dockerfile" "$here/compose.yaml" "$here/packaging/fovea.default" | sort -u); do
    [ "$name" = FOVEA_ ] || grep -q "$name" <<< "$options" || { echo "$name is set and unknown"; exit 1; }
done

if [ "${FOVEA_BUILD_IMAGE:-}" = 1 ]; then
    for tool in docker podman buildah; do
        if command -v "$tool" >/dev/null && "$tool" info >/dev/null 2>&1; then
            "$tool" build -t fovea "$here"
            echo "the image was built by $tool"
            exit 0
        fi
    done
    echo "neither Docker nor Podman nor Buildah works here"
    exit 1
fi

root=$work/root
sh "$here/packaging/rootfs.sh" "$program" "$root"

# The last stage as it stands, with what the first would have left: Buildah
# needs neither a daemon nor an image of others for it.
if command -v buildah >/dev/null; then
    mkdir -p "$work/context"
    mv "$root" "$work/context/rootfs"
    sed -n '/^FROM scratch/,$p' "$here/Dockerfile" | sed 's/--from=build //' > "$work/context/Dockerfile"
    store=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)
    buildah "${store[@]}" bud --quiet --isolation chroot --format docker -t fovea "$work/context" > "$work/built" 2>&1 \
        || { cat "$work/built"; exit 1; }
    buildah "${store[@]}" inspect --type image fovea > "$work/image.json"
    for words in '"User": "65532:65532"' '/usr/bin/fovea' 'healthcheck' 'FOVEA_DATA_DIR=/data'; do
        grep -q -- "$words" "$work/image.json" || { echo "the image does not say $words"; exit 1; }
    done
    buildah "${store[@]}" rmi --all --force > "$work/built" 2>&1 || true
    mv "$work/context/rootfs" "$root"
    echo "the last stage builds"
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
settings=(FOVEA_DATA_DIR=/data "FOVEA_ADDR=127.0.0.1:$port")
# A container has /proc; so has this one, in a view of the files of its own.
enter='mount --rbind /proc "$1/proc" && shift && exec chroot "$@"'
if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
    chown 65532:65532 "$root/data"
    # The way to the folder must be open to that user.
    chmod 711 "$work"
    walls=(unshare --mount sh -c "$enter" enter "$root" --userspec=65532:65532 "$root" /usr/bin/fovea)
elif unshare --user --map-root-user --mount true 2>/dev/null; then
    walls=(unshare --user --map-root-user --mount sh -c "$enter" enter "$root" "$root" /usr/bin/fovea)
else
    # No root can be entered here: the libraries are tried, not the walls.
    settings[0]=FOVEA_DATA_DIR=$root/data
    loader=$(find "$root" -name 'ld-linux*' | head -1)
    libraries=$(find "$root/lib" "$root/usr/lib" -type d 2>/dev/null | paste -sd:)
    walls=("$loader" --library-path "$libraries" "$root/usr/bin/fovea")
fi
inside() { exec env -i "PATH=$PATH:/usr/sbin:/sbin" "${settings[@]}" "${walls[@]}" "$@"; }
(inside serve) > "$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
    if (inside healthcheck) > "$work/health" 2>&1; then
        grep -q 'setup?secret=' "$work/log" || { echo "no link for the first admin:"; cat "$work/log"; exit 1; }
        echo "the container's root starts, is healthy, and has $(find "$root" -type f | wc -l) files"
        exit 0
    fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
done
echo "the server did not become healthy:"
cat "$work/log" "$work/health"
exit 1
