#!/bin/sh
# Writes requirements.txt and requirements-dev.txt: the newest versions in the ranges of
# pyproject.toml, with the hashes of all their files, so that one lock fits every Python and system.
# Run it on Python 3.11, the oldest supported version, because only that needs every backport.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q 'pip-tools>=7.6,<8'

compile() {
  "$folder/venv/bin/pip-compile" -q --no-config --upgrade --generate-hashes --strip-extras \
    --no-header --annotation-style line --no-emit-options --no-emit-index-url \
    --no-emit-trusted-host --no-emit-find-links "$@" pyproject.toml
}
compile --output-file requirements.txt
compile --output-file requirements-dev.txt --extra dev --constraint requirements.txt
