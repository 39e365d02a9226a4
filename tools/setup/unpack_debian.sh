#!/bin/sh
# Unpacks Debian packages and their missing dependencies into a folder, without root.
# The system is not changed.
# Usage: tools/setup/unpack_debian.sh FOLDER PACKAGE...
set -eu
command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null

folder=$1
shift
mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs"

apt() {
  apt-get -qq -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" \
    -o Debug::NoLocking=1 -o APT::Sandbox::User= "$@"
}

apt update
packages=$(apt install --simulate --no-install-recommends "$@" | awk '/^Inst/ {print $2}')
cd "$state/debs"
# shellcheck disable=SC2086 # a list of words
apt download $packages
for package in *.deb; do
  dpkg-deb -x "$package" "$folder"
done
