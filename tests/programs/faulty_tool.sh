#!/bin/sh
# A program that trust runs, which a test traces, or ends at a system call of its nth run.
#
# Installed under the program's own name (tests/support/trusting_apart.py). TOOLS: the folder of
# the real one. COUNT: a file with a letter for each run so far. TRACE: strace's options for each
# run. FAULT_RUN, FAULT: the run that fails, and strace's options for it. FAULT_CALLER: with a
# program that was killed, its caller is killed too.
tool=$TOOLS/${0##*/}
strace=$TOOLS/strace
export PATH="$TOOLS"
printf x >>"$COUNT"
read -r runs <"$COUNT"
runs=${#runs}
if [ -n "$TRACE" ]; then
    # shellcheck disable=SC2086 # options
    exec "$strace" $TRACE -o "$COUNT.$runs" "$tool" "$@"
fi
[ "$runs" = "$FAULT_RUN" ] || exec "$tool" "$@"
# shellcheck disable=SC2086 # options
"$strace" $FAULT -o "$COUNT.fault" "$tool" "$@"
code=$?
if [ -n "$FAULT_CALLER" ] && grep -q 'killed by SIGKILL' "$COUNT.fault"; then
    kill -9 "$PPID"
fi
exit $code
