#!/bin/sh
# Captures processes of this machine into a fixture: capture.sh CASE "NOTE" PID...
#
# Takes maps, stat, status, cmdline, exe and root, never environ.  Write down in NOTE what
# the process is and what was done to it.  Look at cmdline before you commit it.
set -eu
[ $# -ge 3 ] || { echo "usage: $0 CASE NOTE PID..." >&2; exit 2; }
case_dir=$(dirname "$0")/proc/$1
note=$2
shift 2
mkdir -p "$case_dir"
grep -E '^btime ' /proc/stat >"$case_dir/stat"
for pid; do
	mkdir -p "$case_dir/$pid"
	for file in maps stat status cmdline; do
		cat "/proc/$pid/$file" >"$case_dir/$pid/$file"
	done
	for link in exe root; do
		target=$(readlink "/proc/$pid/$link") || continue
		ln -sfn "$target" "$case_dir/$pid/$link"
	done
done
{
	printf '%s\n\n' "$note"
	printf 'kernel: %s\ndistribution: %s\ndate: %s\npids: %s\n' "$(uname -r)" \
		"$(. /etc/os-release && echo "$PRETTY_NAME")" "$(date +%Y-%m-%d)" "$*"
} >"$case_dir/ORIGIN"
