# hardened.sh - what the compiler and the linker were told, as a program itself shows it.
#
# Each function looks at one file, prints as TAP comments what is missing, and returns 1
# then.  Needs readelf, which gcc needs as well.  Sourced after tap.sh.
# shellcheck shell=bash

# Its own address is another each time; it does not say where libraries are.
is_moved_about()
{
	local header dynamic
	header=$(readelf -hW "$1") dynamic=$(readelf -dW "$1")
	[[ $header =~ Type:\ +DYN ]] || fail "$1: not position independent" || return
	[[ $dynamic =~ \(FLAGS_1\)[^$'\n']*\ PIE ]] || fail "$1: no program" || return
	[[ ! $dynamic =~ \((RPATH|RUNPATH)\) ]] || fail "$1: looks for libraries elsewhere"
}

# What the dynamic linker fills in is filled in at the start, and read-only then.
is_bound_at_start()
{
	readelf -dW "$1" | grep -q '(FLAGS).*BIND_NOW' || fail "$1: not bound at start" || return
	readelf -dW "$1" | grep -q '(FLAGS_1).*NOW' || fail "$1: not bound now" || return
	readelf -lW "$1" | grep -q '^ *GNU_RELRO ' || fail "$1: its table stays writable"
}

# No memory is both to be written and to be executed.
is_either_data_or_code()
{
	readelf -lW "$1" | grep -q '^ *GNU_STACK .* RW  *0x' || fail "$1: stack" || return
	! readelf -lW "$1" | grep -E '^ *[A-Z_]+ .* (RWE|WE|W E) ' || fail "$1: a segment" || return
	! readelf -dW "$1" | grep -q TEXTREL || fail "$1: its code is written to"
}

is_checked_for_overflows()
{
	local symbols
	symbols=$(readelf --dyn-syms -W "$1")
	[[ $symbols =~ \ __stack_chk_fail ]] || fail "$1: no stack protector" || return
	[[ $symbols =~ \ __[a-z]+_chk(@|$'\n') ]] || fail "$1: no FORTIFY"
}

# Pages of the stack are touched one after the other, so that none of them is jumped over.
# x86-64 alone: elsewhere it looks different.
is_checked_for_big_frames()
{
	objdump -d --no-show-raw-insn "$1" | grep -A 1 'sub *\$0x1000,%rsp' |
		grep -q '\(or\|mov\)q *\$0x0,(%rsp)' ||
		fail "$1: big frames are not touched page by page"
}

is_hardened()
{
	is_moved_about "$1" && is_bound_at_start "$1" && is_either_data_or_code "$1" &&
		is_checked_for_overflows "$1"
}
