#!/bin/bash
# hardening.sh - what the programs are hardened with, and who may say otherwise.
#
# Speaks TAP for tests/run.  Looks at the two programs in $STALE_BUILD, and at objects that
# it builds with other flags and other compilers in a folder of its own below that.

# The functions are called by their names.
# shellcheck disable=SC2317
set -u
cd "$STALE_SRC" || exit 1
. tests/support/tap.sh
. tests/support/hardened.sh
# A hidden one: make looks for dependencies (*.d) in the others.
work=$STALE_BUILD/.hardened
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CC CFLAGS CPPFLAGS LDFLAGS
rm -rf "$work"
mkdir -p "$work"

# each FUNCTION - of both programs.
each()
{
	local program
	for program in check_stale stale-agentx; do
		"$1" "$STALE_BUILD/$program" || return
	done
}

# The programs were built by who runs the tests, perhaps for a debugger.
is_optimized()
{
	grep -qE -e ' -O([1-3sgz]|fast)? ' "$STALE_BUILD/.flags" ||
		{ reason='built without optimization'; return 1; }
}

is_x86_64()
{
	[ "$(uname -m)" = x86_64 ] || { reason='no x86-64'; return 1; }
}

# build NAME MAKE-ARGUMENT... - one object with these flags: without a word, also where
# words are no errors.  It is $work/NAME/plugin/buf.o then, with make's output beside it.
build()
{
	local out=$work/$1
	shift
	make -s O="$out" V=1 "$@" "$out/plugin/buf.o" >"$out.log" 2>&1 ||
		fail "$*: $(tail -n 3 "$out.log")" || return
	! grep -vE '^[^ ]*(gcc|cc|clang) ' "$out.log" || fail "$*: it is not quiet"
}

# was_given NAME FLAG, is_checked NAME: what the object of that name was built with.
was_given()
{
	grep -qwF -e "$2" "$work/$1/.hardening" ||
		fail "$1: no $2, but $(cat "$work/$1/.hardening")"
}

is_fortified()
{
	nm "$work/$1/plugin/buf.o" | grep -q ' U __[a-z]*_chk$'
}

has_protector()
{
	nm "$work/$1/plugin/buf.o" | grep -q ' U __stack_chk_fail$'
}

# link_command MAKE-ARGUMENT... - what the plugin would be linked with.
link_command()
{
	make -n O="$work/linked" "$@" "$work/linked/check_stale" |
		grep -e "-o $work/linked/check_stale "
}

# compiler NAME - a compiler in $work that is told on standard input what it does before
# it does what cc does: "refuse FLAG", "warn FLAG"; it writes down that it was called.
compiler()
{
	local what flag
	{
		printf '#!/bin/sh\necho "$*" >>%s.calls\nfor flag; do case $flag in\n' "$work/$1"
		while read -r what flag; do
			printf '%s) echo "%s: I %s it" >&2\n' "$flag" "$flag" "$what"
			[ "$what" = warn ] || echo 'exit 1'
			echo ';;'
		done
		printf 'esac done\nexec cc "$@"\n'
	} >"$work/$1"
	chmod +x "$work/$1"
}

# The looks themselves: one flag is taken back at a time.
looks='
is_moved_about           -fno-pie -no-pie
is_moved_about           -Wl,-rpath,/tmp
is_bound_at_start        -Wl,-z,lazy
is_bound_at_start        -Wl,-z,norelro
is_either_data_or_code   -Wl,-z,execstack
is_either_data_or_code   -DBOTH
is_checked_for_overflows -fno-stack-protector
is_checked_for_overflows -U_FORTIFY_SOURCE
'

# compile FLAG... - a program with all that is looked for, and these flags.
compile()
{
	cat >"$work/looked.c" <<-'END'
		#include <stdio.h>
		#ifdef BOTH
		__asm__(".section .both, \"awx\"; .byte 0; .previous");
		#endif
		int main(int n, char **v)
		{
			char s[64];
			snprintf(s, n + 8, "%s", v[0]);
			return puts(s);
		}
	END
	cc -O2 -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -pie \
		-Wl,-z,relro,-z,now "$@" -o "$work/looked" "$work/looked.c" 2>"$work/looked.log" ||
		fail "cc $*: $(cat "$work/looked.log")"
}

what_is_missing_is_seen()
{
	local look flags
	compile || return
	is_hardened "$work/looked" || return
	while read -r look flags; do
		[ -n "$look" ] || continue
		# shellcheck disable=SC2086
		compile $flags || return
		! "$look" "$work/looked" >/dev/null || fail "$look does not see $flags" || return
	done <<<"$looks"
}

programs_are_loaded_anywhere()
{
	each is_moved_about
}

what_the_linker_fills_in_is_read_only_then()
{
	each is_bound_at_start
}

no_memory_is_written_to_and_executed()
{
	each is_either_data_or_code
}

overflows_are_found()
{
	is_optimized || return 77
	each is_checked_for_overflows
}

the_stack_cannot_jump_over_its_end()
{
	is_x86_64 || return 77
	is_optimized || return 77
	each is_checked_for_big_frames
}

the_plugin_loads_a_handful_of_libraries()
{
	ldd "$STALE_BUILD/check_stale" | sed 's/^\s*//; s/\.so.*//; s,.*/,,' |
		grep -vxE 'linux-vdso|linux-gate|ld(64|-linux.*|-musl.*)?|libc|libpthread' |
		LC_ALL=C sort >"$work/loaded"
	printf '%s\n' libcap libjansson | same - "$work/loaded"
}

# A linker may do all of this unasked, and the next one not.
the_linker_is_asked_for_all_of_it()
{
	local command flag
	command=$(link_command)
	for flag in '-pie ' '-z,relro' '-z,now' '-z,noexecstack'; do
		[[ $command == *"$flag"* ]] || fail "no $flag in: $command" || return
	done
}

objects_have_every_flag_of_this_compiler()
{
	build default || return
	has_protector default || fail "no stack protector" || return
	is_fortified default || fail "no FORTIFY" || return
	was_given default -fPIE && was_given default -fstack-protector-strong || return
	is_x86_64 || return 0
	was_given default -fstack-clash-protection || return
	readelf -nW "$work/default/plugin/buf.o" | grep -q 'x86 feature: IBT, SHSTK' ||
		fail "jumps are not checked: $(readelf -nW "$work/default/plugin/buf.o")"
}

# The compiler and libc know it themselves, and best.
fortify_has_the_highest_level()
{
	local level
	for level in 3 2; do
		printf '#include <features.h>\n#if __USE_FORTIFY_LEVEL < %s\n#error\n#endif\n' \
			$level | cc -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$level -Werror -x c -S \
			-o "$work/level.s" - 2>/dev/null && break
	done || { reason='no FORTIFY here'; return 77; }
	was_given default "-D_FORTIFY_SOURCE=$level"
}

without_optimization_nothing_is_said_of_fortify()
{
	# As the headers of glibc do; Debian took that out.
	mkdir -p "$work/include"
	cat >"$work/include/stdlib.h" <<-'END'
		#if defined(_FORTIFY_SOURCE) && _FORTIFY_SOURCE > 0 && !defined(__OPTIMIZE__)
		#warning _FORTIFY_SOURCE requires compiling with optimization (-O)
		#endif
		#include_next <stdlib.h>
	END
	build plain CFLAGS=-O0 CPPFLAGS="-I$work/include" || return
	! grep FORTIFY "$work/plain/.hardening" || fail "it was asked for" || return
	build debug CFLAGS='-Og -g' CPPFLAGS="-I$work/include" || return
	is_fortified debug || fail "-Og is optimization"
}

clang_has_nothing_to_say()
{
	need clang clang || return 77
	build clang CC=clang || return
	has_protector clang && is_fortified clang || fail "not hardened" || return
	build clang-plain CC=clang CFLAGS=-O0
}

# What CFLAGS and CPPFLAGS are where packages are built.
distributions='
Debian  -Wdate-time -D_FORTIFY_SOURCE=2 -g -O2 -fstack-protector-strong -Wformat -Werror=format-security
Arch    -O2 -pipe -fno-plt -fexceptions -Wp,-D_FORTIFY_SOURCE=3 -fstack-clash-protection
Fedora  -O2 -fexceptions -g -pipe -Wall -Wp,-U_FORTIFY_SOURCE,-D_FORTIFY_SOURCE=3 -fstack-protector-strong
RHEL    -O2 -g -Wp,-D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection
SUSE    -O2 -Wall -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong -g
'

flags_of_distributions_are_not_contradicted()
{
	local name flags
	while read -r name flags; do
		[ -n "$name" ] || continue
		case $name in
		Debian) build Debian CPPFLAGS="${flags%% -g *}" CFLAGS="-g ${flags#* -g }" ;;
		*) build "$name" CFLAGS="$flags" ;;
		esac || return
		is_fortified "$name" || fail "$name: no FORTIFY" || return
	done <<<"$distributions"
}

sanitizers_see_the_functions_themselves()
{
	build san SANITIZE=address && build own-san CFLAGS='-O1 -fsanitize=address' || return
	! is_fortified san || fail "FORTIFY in front of a sanitizer" || return
	! is_fortified own-san || fail "FORTIFY in front of a sanitizer of the user"
}

a_compiler_is_not_given_what_it_has_not()
{
	compiler old <<-END
		refuse -fcf-protection
		refuse -fstack-clash-protection
		warn -D_FORTIFY_SOURCE=3
	END
	build old-cc CC="$work/old" || return
	echo '-fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2' |
		same - "$work/old-cc/.hardening"
}

# It may always say something of the flags that it is given by others.
what_is_always_said_takes_no_flag_away()
{
	compiler talker <<<'warn -g'
	make -s O="$work/talk" CC="$work/talker" "$work/talk/.hardening" >/dev/null 2>&1
	same "$work/default/.hardening" "$work/talk/.hardening"
}

flags_are_tried_once()
{
	local first
	compiler counted </dev/null
	build count CC="$work/counted" || return
	first=$(wc -l <"$work/counted.calls")
	build count CC="$work/counted" || return
	[ "$first" -gt 3 ] && [ "$(wc -l <"$work/counted.calls")" = "$first" ] ||
		fail "$first calls, then $(wc -l <"$work/counted.calls")" || return
	build count CC="$work/counted" CFLAGS=-O1 || return
	[ "$(wc -l <"$work/counted.calls")" = $((2 * first)) ] || fail "other flags: not tried"
}

a_compiler_that_is_not_there_leaves_nothing_behind()
{
	! make O="$work/none" CC=nonesuch "$work/none/plugin/buf.o" >"$work/none.log" 2>&1 ||
		fail "it built something" || return
	grep -q 'nonesuch.*not found' "$work/none.log" || fail "$(cat "$work/none.log")" || return
	[ ! -e "$work/none/.hardening" ] || fail "its flags were found nevertheless"
}

who_runs_make_has_the_last_word()
{
	local how
	build own CFLAGS='-O2 -fno-stack-protector' CPPFLAGS=-U_FORTIFY_SOURCE || return
	! has_protector own || fail "stack protector against the user's will" || return
	! is_fortified own || fail "FORTIFY against the user's will" || return
	for how in -static -static-pie -no-pie; do
		[[ $(link_command LDFLAGS=$how) == *" $how "* ]] || fail "no $how" || return
		[[ $(link_command LDFLAGS=$how) != *' -pie '* ]] || fail "$how and -pie" || return
	done
	[[ $(link_command CFLAGS='-O2 -no-pie') != *' -pie '* ]] || fail "-pie after -no-pie"
}

# calls_of GROUP|CALL - the system calls of a group of systemd, and of the groups in it.
calls_of()
{
	local word
	case $1 in
	@*) systemd-analyze syscall-filter --no-pager "$1" | sed '1d; s/#.*//' |
		while read -r word; do [ -z "$word" ] || calls_of "$word"; done ;;
	*) echo "$1" ;;
	esac
}

# let_pass UNIT - the system calls that its filter does not refuse.
let_pass()
{
	local -A may=()
	local words word call
	while read -r words; do
		for word in ${words#\~}; do
			for call in $(calls_of "$word"); do
				may[$call]=${words%%[^~]*}
			done
		done
	done < <(echo @default; sed -n 's/^SystemCallFilter=//p' "$1")
	for call in "${!may[@]}"; do
		[ -n "${may[$call]}" ] || echo "$call"
	done | LC_ALL=C sort
}

# passes UNIT TRACE - would the unit have let pass what strace wrote down?
passes()
{
	sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$2" | LC_ALL=C sort -u >"$2.calls"
	[ "$(wc -l <"$2.calls")" -gt 30 ] || fail "$2 is no trace" || return
	let_pass "$1" | LC_ALL=C comm -23 "$2.calls" - >"$2.refused"
	[ ! -s "$2.refused" ] || fail "$1 refuses: $(tr '\n' ' ' <"$2.refused")"
}

need_tracer()
{
	need strace strace && need systemd-analyze systemd || return
	# A machine may allow no process to look into another.
	strace -o /dev/null true 2>/dev/null || { reason='strace may not trace'; return 1; }
}

the_unit_of_the_plugin_refuses_no_call_of_it()
{
	need_tracer || return 77
	strace -f -qq -o "$work/plugin" "$STALE_BUILD/check_stale" -f prometheus --jobs=2 \
		-o "$work/stale.prom" >/dev/null
	[ -s "$work/stale.prom" ] || fail "there was no check" || return
	passes packaging/check_stale-textfile.service "$work/plugin"
}

# Without a master: it scans and watches folders all the same.
the_unit_of_the_subagent_refuses_no_call_of_it()
{
	local tracer
	need_tracer || return 77
	strace -f -qq -o "$work/agent" timeout --foreground 60 "$STALE_BUILD/stale-agentx" -f \
		-Lf "$work/agent.log" -x "unix:$work/none" -p "$work/pid" &
	tracer=$!
	until grep -q inotify_add_watch "$work/agent" 2>/dev/null; do
		kill -0 $tracer 2>/dev/null || break
		sleep 0.1
	done
	kill "$(cat "$work/pid")"
	wait $tracer
	grep -q inotify_add_watch "$work/agent" || fail "$(cat "$work/agent.log")" || return
	passes snmp/stale-agentx.service "$work/agent"
}

units_leave_little_open()
{
	local unit
	need systemd-analyze systemd || return 77
	for unit in snmp/stale-agentx.service packaging/check_stale-textfile.service; do
		systemd-analyze security --offline=true --threshold=100 --no-pager $unit \
			>"$work/exposure" 2>&1 || { reason='systemd before 250'; return 77; }
		systemd-analyze security --offline=true --threshold=40 --no-pager $unit \
			>/dev/null 2>&1 || fail "$(tail -n 1 "$work/exposure")" || return
	done
}

run_tests \
	what_is_missing_is_seen \
	programs_are_loaded_anywhere \
	what_the_linker_fills_in_is_read_only_then \
	no_memory_is_written_to_and_executed \
	overflows_are_found \
	the_stack_cannot_jump_over_its_end \
	the_plugin_loads_a_handful_of_libraries \
	the_linker_is_asked_for_all_of_it \
	objects_have_every_flag_of_this_compiler \
	fortify_has_the_highest_level \
	without_optimization_nothing_is_said_of_fortify \
	clang_has_nothing_to_say \
	flags_of_distributions_are_not_contradicted \
	sanitizers_see_the_functions_themselves \
	a_compiler_is_not_given_what_it_has_not \
	what_is_always_said_takes_no_flag_away \
	flags_are_tried_once \
	a_compiler_that_is_not_there_leaves_nothing_behind \
	who_runs_make_has_the_last_word \
	the_unit_of_the_plugin_refuses_no_call_of_it \
	the_unit_of_the_subagent_refuses_no_call_of_it \
	units_leave_little_open
rm -rf "$work"
