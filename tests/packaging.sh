#!/bin/bash
# packaging.sh - what install, uninstall, dist, deb and rpm give to a stranger.
#
# Speaks TAP for tests/run.  Works in a folder of its own below $STALE_BUILD; packages are
# installed in a root made by debootstrap, never on this machine.

# The functions are called by their names.
# shellcheck disable=SC2317
set -u
cd "$STALE_SRC" || exit 1
. tests/support/tap.sh
. tests/support/hardened.sh
# A hidden one: make looks for dependencies (*.d) in the others.
work=$STALE_BUILD/.packaging
out=$work/build
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
version=$(sed -n 's/^VERSION := //p' Makefile)
rm -rf "$work"
mkdir -p "$work"

files_below()
{
	(cd "$1" && find . ! -type d | LC_ALL=C sort | sed 's,^\.,,')
}

make_quiet()
{
	make O="$out" "$@" >"$work/make.log" 2>&1 || {
		tail -n 20 "$work/make.log" | sed 's/^/# /'
		fail "make $* failed"
	}
}

# The list is by hand: what is added to an installation is to be seen in a diff.
expected_files()
{
	cat <<-END
		/etc/check_stale/ignore.d/default.conf
		/etc/stale-agentx.conf
		/opt/lib/nagios/plugins/check_stale
		/opt/lib/systemd/system/check_stale-textfile.service
		/opt/lib/systemd/system/check_stale-textfile.timer
		/opt/lib/systemd/system/stale-agentx.service
		/opt/sbin/stale-agentx
		/opt/share/bash-completion/completions/check_stale
		/opt/share/doc/stale/examples/README.md
		/opt/share/doc/stale/examples/check_stale.cfg
		/opt/share/doc/stale/examples/icinga2/check_stale.conf
		/opt/share/doc/stale/examples/icinga2/services.conf
		/opt/share/doc/stale/examples/nagios/check_stale.cfg
		/opt/share/doc/stale/examples/snmp/snmp_exporter.yml
		/opt/share/doc/stale/examples/stale.rules.yml
		/opt/share/doc/stale/examples/sudoers.check_stale
		/opt/share/man/man8/check_stale.8
		/opt/share/man/man8/stale-agentx.8
		/opt/share/snmp/mibs/STALE-PROCESS-MIB.txt
	END
}

install_copies_these_files_and_no_others()
{
	make_quiet DESTDIR="$work/dest" PREFIX=/opt install || return
	files_below "$work/dest" >"$work/installed"
	expected_files | same - "$work/installed" || return
	! find "$work/dest" ! -type d -perm /022 | grep . || fail "writable by others"
}

installed_units_name_the_installed_programs()
{
	local units=$work/dest/opt/lib/systemd/system
	grep -q '^ExecStart=/opt/lib/nagios/plugins/check_stale ' \
		"$units/check_stale-textfile.service" || fail "the service of the plugin" || return
	grep -q '^ExecStart=/opt/sbin/stale-agentx ' "$units/stale-agentx.service" ||
		fail "the service of the subagent"
}

installed_programs_are_hardened()
{
	is_hardened "$work/dest/opt/lib/nagios/plugins/check_stale" &&
		is_hardened "$work/dest/opt/sbin/stale-agentx"
}

a_second_install_keeps_the_configuration()
{
	echo '# mine' >>"$work/dest/etc/stale-agentx.conf"
	make_quiet DESTDIR="$work/dest" PREFIX=/opt install || return
	tail -n 1 "$work/dest/etc/stale-agentx.conf" | grep -qx '# mine' || fail "it is lost"
}

uninstall_leaves_only_what_was_changed()
{
	make_quiet DESTDIR="$work/dest" PREFIX=/opt uninstall || return
	files_below "$work/dest" >"$work/left"
	echo /etc/stale-agentx.conf | same - "$work/left"
}

uninstall_leaves_nothing()
{
	rm -rf "$work/dest"
	make_quiet DESTDIR="$work/dest" PREFIX=/opt install &&
		make_quiet DESTDIR="$work/dest" PREFIX=/opt uninstall || return
	files_below "$work/dest" >"$work/left"
	same /dev/null "$work/left"
}

dist_gives_the_same_bytes_twice_and_builds()
{
	need git git || return 77
	git rev-parse --git-dir >/dev/null 2>&1 || { reason='no git repository'; return 77; }
	make_quiet dist || return
	mv "$out/stale-$version.tar.gz" "$work/first.tar.gz"
	make_quiet dist || return
	cmp "$work/first.tar.gz" "$out/stale-$version.tar.gz" || fail "they differ" || return
	tar -xzf "$work/first.tar.gz" -C "$work" || return
	make -C "$work/stale-$version" -j2 >"$work/make.log" 2>&1 ||
		fail "$(tail -n 5 "$work/make.log")" || return
	"$work/stale-$version/build/check_stale" --version | grep -q "$version" ||
		fail "the program is not of this version"
}

completion_knows_every_option()
{
	"$out/check_stale" --help | grep -oE -e '--[a-z][a-z-]+' | sort -u >"$work/options"
	grep -oE -e '--[a-z][a-z-]+' packaging/completions/check_stale | sort -u |
		grep -vxE -e '--(no-legend|plain|full)' >"$work/completed"
	same "$work/options" "$work/completed"
}

completion_completes()
{
	local file=/usr/share/bash-completion/bash_completion
	[ -e $file ] || { reason='no bash-completion'; return 77; }
	bash -c ". $file; . packaging/completions/check_stale
		compopt() { :; }
		COMP_WORDS=(check_stale --form) COMP_CWORD=1 COMP_LINE='check_stale --form' \
			COMP_POINT=18
		_check_stale; printf '%s\n' \"\${COMPREPLY[@]}\"" >"$work/reply" 2>&1
	echo '--format=' | same - "$work/reply"
}

deb_versions_are_those_of_the_makefile()
{
	head -n 1 packaging/debian/changelog | grep -q "($version)" || fail "debian/changelog"
}

deb_packages_build_without_errors_of_lintian()
{
	need dpkg-buildpackage dpkg-dev && need dh debhelper && need lintian lintian || return 77
	make_quiet deb || return
	lintian --allow-root --fail-on error "$out"/deb/*.changes >"$work/lintian" 2>&1 ||
		fail "$(grep '^E' "$work/lintian")"
}

deb_packages_have_hardened_programs()
{
	local package
	[ -e "$out/deb" ] || { reason='no packages were built'; return 77; }
	for package in "$out"/deb/*_"$version"_*.deb; do
		dpkg-deb -x "$package" "$work/from-deb" || return
	done
	is_hardened "$work/from-deb/usr/lib/nagios/plugins/check_stale" &&
		is_hardened "$work/from-deb/usr/sbin/stale-agentx" || return
	# Debian's flags take nothing away, and the tree of the package is its own.
	same "$out/.hardening" "$out/deb/stale-$version/build/.hardening"
}

in_root()
{
	chroot "$work/root" env PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# Everything of a package that is left in the root, but for what dpkg itself keeps.
leftovers()
{
	find "$work/root" -xdev \( -name '*check_stale*' -o -name '*stale-agentx*' -o \
		-name 'STALE-*' -o -name '*plugins-stale*' \) -printf '/%P\n' |
		grep -vE '^/var/(log|cache|lib/dpkg)/'
}

make_root()
{
	local code
	code=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	need debootstrap debootstrap || return 77
	[ "$(id -u)" = 0 ] || { reason='needs root'; return 77; }
	[ -n "$code" ] || { reason='no Debian'; return 77; }
	debootstrap --variant=minbase \
		--include=adduser,libcap2-bin,libcap2,libjansson4,snmpd "$code" \
		"$work/root" >"$work/debootstrap.log" 2>&1 || {
		reason="debootstrap: $(tail -n 1 "$work/debootstrap.log")"
		return 77
	}
	printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
	chmod +x "$work/root/usr/sbin/policy-rc.d"
}

deb_packages_install_run_and_purge()
{
	local plugin=/usr/lib/nagios/plugins/check_stale
	[ -e "$out/deb" ] || { reason='no packages were built'; return 77; }
	make_root || return
	cp "$out"/deb/*_"$version"_*.deb "$work/root/"
	in_root sh -c 'dpkg -i /*.deb' >"$work/dpkg.log" 2>&1 ||
		fail "$(tail -n 5 "$work/dpkg.log")" || return
	[ "$(in_root stat -c '%a %U:%G' $plugin)" = '750 root:nagios' ] ||
		fail "rights: $(in_root stat -c '%a %U:%G' $plugin)" || return
	in_root getcap $plugin | tr ',' '\n' | grep -c cap_ | grep -qx 3 ||
		fail "capabilities: $(in_root getcap $plugin)" || return
	in_root $plugin --version | grep -q "$version" || fail "it does not run" || return
	in_root /usr/sbin/stale-agentx --version | grep -q "$version" ||
		fail "the subagent does not run" || return
	in_root id stale-agentx >/dev/null || fail "no user" || return
	installed_packages_keep_what_is_the_administrators || return
	in_root dpkg --purge monitoring-plugins-stale stale-agentx \
		monitoring-plugins-stale-dbgsym stale-agentx-dbgsym >"$work/dpkg.log" 2>&1 ||
		fail "$(tail -n 5 "$work/dpkg.log")" || return
	rm -f "$work"/root/*.deb
	leftovers >"$work/left"
	same /dev/null "$work/left" || return
	! in_root id stale-agentx >/dev/null 2>&1 || fail "the user is left"
}

# Once more over an installation that its administrator has changed.
installed_packages_keep_what_is_the_administrators()
{
	local plugin=/usr/lib/nagios/plugins/check_stale
	echo '# mine' >>"$work/root/etc/check_stale/ignore.d/default.conf"
	in_root dpkg-statoverride --update --add root root 0700 $plugin || return
	in_root sh -c 'dpkg -i /*.deb' >"$work/dpkg.log" 2>&1 ||
		fail "$(tail -n 5 "$work/dpkg.log")" || return
	grep -qx '# mine' "$work/root/etc/check_stale/ignore.d/default.conf" ||
		fail "the configuration is lost" || return
	[ "$(in_root stat -c '%a %U:%G' $plugin)" = '700 root:root' ] ||
		fail "the override is lost" || return
	in_root dpkg-statoverride --remove $plugin
}

rpm_packages_build_with_capabilities()
{
	need rpmbuild rpm || return 77
	make_quiet rpm || return
	set -- "$out"/rpm/*/nagios-plugins-stale-"$version"-*.rpm
	rpm -qp --filecaps "$1" 2>/dev/null | grep 'check_stale.*cap_' | tr ',' '\n' |
		grep -c cap_ | grep -qx 3 || fail "capabilities" || return
	rpm -qplv "$1" 2>/dev/null | grep -q -- '-rwxr-x---.* root *nagios .*/check_stale$' ||
		fail "rights"
}

rpm_packages_have_hardened_programs()
{
	local package
	[ -e "$out/rpm" ] || { reason='no packages were built'; return 77; }
	need rpm2archive rpm2cpio || return 77
	mkdir -p "$work/from-rpm"
	for package in "$out"/rpm/*/*-"$version"-*.rpm; do
		rpm2archive - <"$package" 2>/dev/null | tar -xz -C "$work/from-rpm" || return
	done
	is_hardened "$work"/from-rpm/usr/lib*/nagios/plugins/check_stale &&
		is_hardened "$work/from-rpm/usr/sbin/stale-agentx"
}

run_tests \
	install_copies_these_files_and_no_others \
	installed_units_name_the_installed_programs \
	installed_programs_are_hardened \
	a_second_install_keeps_the_configuration \
	uninstall_leaves_only_what_was_changed \
	uninstall_leaves_nothing \
	dist_gives_the_same_bytes_twice_and_builds \
	completion_knows_every_option \
	completion_completes \
	deb_versions_are_those_of_the_makefile \
	deb_packages_build_without_errors_of_lintian \
	deb_packages_have_hardened_programs \
	deb_packages_install_run_and_purge \
	rpm_packages_build_with_capabilities \
	rpm_packages_have_hardened_programs
rm -rf "$work/root"
