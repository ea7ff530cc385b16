#!/usr/bin/env bash
# Are the pictures in screenshots/ of this program? --write: they are, from now on.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

shown() { # whatever can change a picture
    find ui themes tests/screen/pictures -type f -print0 | LC_ALL=C sort -z | xargs -0 openssl dgst -r -sha256 |
        openssl dgst -r -sha256 | cut -c 1-64
}

if [ "${1:-}" = --write ]; then
    shown >screenshots/taken-of
    exit
fi
[ "$(shown)" = "$(cat screenshots/taken-of)" ] || {
    echo "the pictures in screenshots/ are of another program: cmake --build build --target screenshots"
    exit 1
}
