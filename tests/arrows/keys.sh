#!/usr/bin/env bash
# The keys of errors, read from the sources: each has the form AREA.REASON that core/base/error.h promises to scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

keys=$(find core ui -name '*.c' -exec grep -hoPz 'error_(set|errno)\([^,;]+,\s*[^,;]+,\s*"\K[^"]*' {} + | tr '\0' '\n' | sort -u)
count=$(wc -l <<<"$keys")
[ "$count" -gt 100 ] || {
    echo "only $count keys were found: the search is wrong"
    exit 1
}
if grep -vxE '[a-z]+(-[a-z]+)*\.[a-z0-9]+(-[a-z0-9]+)*' <<<"$keys"; then
    echo "these keys are not of the form AREA.REASON"
    exit 1
fi
echo "$count keys, all of the form AREA.REASON"
