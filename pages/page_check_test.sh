#!/usr/bin/env bash
# tools/page_check.sh on a page of a real excerpt, and on the same page with a fault, which it must see.
set -euo pipefail
tools/page_check.sh pages/example_page.html "$TEST_UNDECLARED_OUTPUTS_DIR/example.png" | tee "$TEST_TMPDIR/said"
if grep -q "no Chromium" "$TEST_TMPDIR/said"; then exit 0; fi
grep -q "all is well: [1-9][0-9]* turns" "$TEST_TMPDIR/said"
sed 's/colours\[row.lane.colour\]/colours.missed/' pages/example_page.html >"$TEST_TMPDIR/wrong.html"
if tools/page_check.sh "$TEST_TMPDIR/wrong.html"; then
  echo "turns in wrong colours were not seen" >&2
  exit 1
fi
