# tap.sh - for scripts that speak TAP to tests/run: why a test fails or is skipped.
#
# Sourced from the top of the source tree.  A test is a function: 0 passed, 77 skipped for
# $reason, any other status failed.
# shellcheck shell=bash

# fail WORDS... - why a test fails; told as a comment.
fail()
{
	echo "# $*"
	return 1
}

# same EXPECTED-FILE GOT-FILE
same()
{
	diff -u "$1" "$2" | sed 's/^/# /'
	return "${PIPESTATUS[0]}"
}

# need COMMAND PACKAGE - the reason to skip, where the command is not there.
need()
{
	command -v "$1" >/dev/null || { reason="no $1 (package $2)"; return 1; }
}

# run_tests NAME... - one after the other.
run_tests()
{
	local test nr=0
	echo "1..$#"
	for test; do
		nr=$((nr + 1)) reason=
		"$test"
		case $? in
		0) echo "ok $nr - $test" ;;
		77)
			echo "# skip $test: $reason"
			echo "ok $nr # SKIP $test"
			;;
		*) echo "not ok $nr - $test" ;;
		esac
	done
}
