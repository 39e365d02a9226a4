#!/bin/sh
# Writes sbom.json, the CycloneDX list of the locked packages with versions and hashes, and asks the
# database of known vulnerabilities about them. Exit code 1: it knows one; 2: it did not answer.
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/python -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q 'cyclonedx-bom>=7,<8' 'pip-audit>=2.9,<3'

"$folder/venv/bin/cyclonedx-py" requirements requirements.txt \
  --pyproject pyproject.toml --mc-type application --output-reproducible --output-file sbom.json
echo "sbom.json: $(grep -c '"purl"' sbom.json) packages"
"$folder/venv/bin/pip-audit" --requirement requirements.txt --require-hashes --disable-pip \
  --progress-spinner off 2>"$folder/errors" && exit
grep -q 'vulnerabilit' "$folder/errors" && { cat "$folder/errors"; exit 1; }
echo "The database of vulnerabilities did not answer:" >&2
tail -1 "$folder/errors" >&2
exit 2
