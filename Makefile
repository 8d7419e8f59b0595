# GNU make.  CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, PREFIX and DESTDIR belong to whoever
# runs make and are never appended to; what the code itself needs is in OWN_*, so that
# "make CFLAGS=-O0" keeps standard, defines, warnings and dependencies.
#
# What asks pkg-config is expanded in recipes only, that is after "deps" has run: else
# "make deps run" would find nothing on the machine it has just prepared.

## make [VARIABLE=...] TARGET...
##   O=build            where everything built goes; may be absolute
##   SANITIZE=LIST      address,undefined or thread; use an O of its own
##   WERROR=1           warnings are errors       COVERAGE=1  count lines for gcov
##   V=1                show the commands         FUZZ_SECONDS=10  for each fuzz target
##   TEST_JOBS=2        test programs at a time   SOAK_SECONDS=120, SOAK_SEED=N
##   PREFIX=/usr/local  PLUGINDIR SBINDIR DATADIR MANDIR DOCDIR SYSCONFDIR UNITDIR DESTDIR:
##                      where install copies to
##

VERSION := 0.1.0
O       ?= build

# Where the SNMP module is, as C wants it ("1, 3, 6, ..."); empty: as snmp/mib.h says.
MIB_BASE  ?=

PREFIX     ?= /usr/local
PLUGINDIR  ?= $(PREFIX)/lib/nagios/plugins
SBINDIR    ?= $(PREFIX)/sbin
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
DOCDIR     ?= $(DATADIR)/doc/stale
SYSCONFDIR ?= /etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system

CFLAGS       ?= -O2 -g
PKG_CONFIG   ?= pkg-config
INSTALL      ?= install
FUZZ_CC      ?= clang
FUZZ_SECONDS ?= 10

WARNINGS := -Wall -Wextra -Wshadow -Wundef -Wvla -Wformat=2 -Wpointer-arith -Wcast-qual \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wwrite-strings \
	-Wswitch-enum
# -iquote and not -I: scan/elf.h must not stand in for <elf.h>.
OWN_CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' -iquote . -iquote scan -iquote plugin
OWN_CFLAGS   := -std=gnu11 -pthread -fno-common $(WARNINGS) $(if $(WERROR),-Werror)
# What hardens and every linker has; -static and -pie do not go together.
OWN_LDFLAGS  := -pthread -Wl,--as-needed -Wl,-z,relro,-z,now,-z,noexecstack \
	$(if $(filter -static -static-pie -no-pie,$(CFLAGS) $(LDFLAGS)),,-pie)
# What hardens where the compiler has it, tried in this order: see $(O)/.hardening.
# Sanitizers look behind the very functions that FORTIFY puts others in front of.
HARDENING    := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-mbranch-protection=standard $(if $(SANITIZE)$(findstring -fsanitize,$(CFLAGS)),, \
	-D_FORTIFY_SOURCE=3 -D_FORTIFY_SOURCE=2)
# Helper programs of the tests go without: they are there to be looked at.
INSTRUMENT := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer) $(if $(COVERAGE),--coverage)

PLUGIN_DEPS = jansson libcap
PLUGIN_CPPFLAGS = $(shell $(PKG_CONFIG) --cflags $(PLUGIN_DEPS))
PLUGIN_LDLIBS   = $(shell $(PKG_CONFIG) --libs $(PLUGIN_DEPS))
SNMP_CPPFLAGS   = $(patsubst -I%,-isystem %,$(shell $(PKG_CONFIG) --cflags-only-I netsnmp-agent))
SNMP_LDLIBS     = $(shell $(PKG_CONFIG) --libs netsnmp-agent libcap)
TEST_LDLIBS     = $(shell $(PKG_CONFIG) --libs cmocka)

objects     = $(patsubst %.c,$(O)/%.o,$(wildcard $(1)))
programs    = $(patsubst %.c,$(O)/%,$(wildcard $(1)))
SCAN_OBJ    := $(call objects,scan/*.c)
MAIN_OBJ    := $(O)/plugin/main.o
PLUGIN_OBJ  := $(filter-out $(MAIN_OBJ),$(call objects,plugin/*.c))
AGENT_MAIN  := $(O)/snmp/main.o
SNMP_OBJ    := $(filter-out $(AGENT_MAIN),$(call objects,snmp/*.c))
SUPPORT_OBJ := $(call objects,tests/support/*.c)
TESTS       := $(call programs,tests/test_*.c tests/live_*.c)
AGENT_TESTS := $(call programs,tests/agent_*.c)
# Scripts that speak TAP; what they test is not built with sanitizers.
SCRIPTS     := $(if $(SANITIZE)$(COVERAGE),,$(patsubst %.sh,$(O)/%,$(wildcard tests/*.sh)))
BENCH       := $(call programs,tests/bench/*.c)
SOAK        := $(O)/tests/soak/soak
SOAK_OBJ    := $(call objects,tests/soak/*.c)
HELPERS     := $(call programs,tests/holder.c tests/helper_*.c)
FUZZERS     := $(call programs,tests/fuzz/fuzz_*.c)
FUZZ_AGENT  := $(call programs,tests/fuzz/fuzz_agent_*.c)

# What, when asked for in the same run, is over before anything else begins, also with -j.
FIRST := $(filter clean deps check-deps,$(MAKECMDGOALS))

Q   := $(if $(filter 1,$(V)),,@)
say  = $(if $(Q),@printf '  %-5s %s\n' $(1) $@)
# Writes $(1) to the target only when that is news: what depends on it is then built anew.
stamp = $(Q)mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' > $@.new; \
	cmp -s $@.new $@ && rm $@.new || mv $@.new $@
# $(call need,MODULES,TARGET): one line about what is missing and the way to get it.
need = @missing=; command -v $(PKG_CONFIG) >/dev/null || missing=' $(PKG_CONFIG)'; \
	for m in $(1); do $(PKG_CONFIG) --exists $$m 2>/dev/null || missing="$$missing $$m"; done; \
	[ -z "$$missing" ] || { echo "missing:$$missing; run 'make $(2)'" >&2; exit 1; }

MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: all run check check-programs lint fuzz bench bench-quick soak coverage install uninstall dist deb rpm clean help \
	deps check-deps have-deps have-check-deps agentx FORCE

## all         build/check_stale (and build/stale-agentx, with Net-SNMP)
all: $(O)/check_stale agentx

$(O)/check_stale: $(MAIN_OBJ) $(O)/libplugin.a $(O)/libscan.a
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(INSTRUMENT) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ $(PLUGIN_LDLIBS) $(LDLIBS)

$(O)/stale-agentx: $(AGENT_MAIN) $(O)/libagent.a $(O)/libscan.a
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(INSTRUMENT) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ $(SNMP_LDLIBS) $(LDLIBS)

# A make of its own, because whether Net-SNMP is there is asked after "deps".
agentx: $(O)/libscan.a
	@if $(PKG_CONFIG) --exists netsnmp-agent 2>/dev/null; then $(MAKE) $(O)/stale-agentx; \
	else echo 'snmp/ is left out: no netsnmp-agent (asked $(PKG_CONFIG))'; fi

$(O)/libscan.a: $(SCAN_OBJ)
$(O)/libplugin.a: $(PLUGIN_OBJ)
$(O)/libagent.a: $(SNMP_OBJ)
$(O)/libtestsupport.a: $(SUPPORT_OBJ)
$(O)/lib%.a: $(O)/.files
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)

$(O)/%.o: %.c $(O)/.hardening
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) @$(O)/.hardening $(OWN_CPPFLAGS) $(MODULE_CPPFLAGS) $(CPPFLAGS) \
		$(OWN_CFLAGS) $(CFLAGS) $(INSTRUMENT) -MMD -MP -c -o $@ $<

$(MAIN_OBJ) $(PLUGIN_OBJ): MODULE_CPPFLAGS = $(PLUGIN_CPPFLAGS)
$(MAIN_OBJ) $(PLUGIN_OBJ): | have-deps
$(AGENT_MAIN) $(SNMP_OBJ) $(AGENT_TESTS:=.o) $(SOAK_OBJ): MODULE_CPPFLAGS = $(SNMP_CPPFLAGS) $(if $(MIB_BASE),-DSTALE_MIB_BASE='$(MIB_BASE)')

# The flags of HARDENING of which the compiler says nothing, beside those before them and
# those of whoever runs make.  It may not know one, have no FORTIFY without optimization,
# or a distribution may ask for another FORTIFY.  Looked at once for each set of flags.
$(O)/.hardening: $(O)/.flags
	$(Q)try() { echo '#include <stdlib.h>' | $(CC) "$$@" $(CPPFLAGS) $(CFLAGS) \
		-x c -S -o $@.s - 2>&1; }; \
	usual=$$(try) || { echo "$$usual" >&2; exit 1; }; \
	set --; for flag in $(HARDENING); do \
		[ "$$(try "$$@" $$flag)" != "$$usual" ] || set -- "$$@" $$flag; done; \
	rm -f $@.?*; echo "$$@" > $@

# Changed flags build everything anew, a removed source file the libraries.
$(O)/.flags: FORCE | $(FIRST)
	$(call stamp,$(CC) $(OWN_CPPFLAGS) $(MIB_BASE) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) $(INSTRUMENT) \
		$(HARDENING) $(OWN_LDFLAGS) $(LDFLAGS) $(LDLIBS))
$(O)/.files: FORCE | $(FIRST)
	$(call stamp,$(SCAN_OBJ) $(PLUGIN_OBJ) $(SNMP_OBJ) $(SUPPORT_OBJ))

## run         check this machine: fails only if there was no answer
run: $(O)/check_stale
	@rc=0; out=$$($< -v) || rc=$$?; printf '%s\n' "$$out"; echo "exit code $$rc"; \
	[ $$rc -le 3 ] && printf '%s\n' "$$out" | head -n 1 | grep -q '^STALE .*|'

## check       build and run all tests; the last line tells the totals
check: all check-programs
	@tests/run $(abspath $(O)) $(TESTS) $(AGENT_TESTS) $(SCRIPTS)
check-programs: $(TESTS) $(AGENT_TESTS) $(SCRIPTS) $(HELPERS) $(BENCH) $(SOAK)

$(SCRIPTS): $(O)/%: %.sh
	$(Q)mkdir -p $(@D) && cp $< $@

$(TESTS): $(O)/%: $(O)/%.o $(O)/libtestsupport.a $(O)/libplugin.a $(O)/libscan.a
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(INSTRUMENT) $(OWN_LDFLAGS) $(WRAP) $(LDFLAGS) -o $@ $^ \
		$(PLUGIN_LDLIBS) $(TEST_LDLIBS) $(LDLIBS)
$(AGENT_TESTS): $(O)/%: $(O)/%.o $(O)/libtestsupport.a $(O)/libagent.a $(O)/libplugin.a $(O)/libscan.a
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(INSTRUMENT) $(OWN_LDFLAGS) $(WRAP) $(LDFLAGS) -o $@ $^ \
		$(SNMP_LDLIBS) $(PLUGIN_LDLIBS) $(TEST_LDLIBS) $(LDLIBS)
# mmap is mmap64 to the linker where off_t is made to have 64 bits.
WRAP_ALLOC := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
$(O)/tests/test_oom: WRAP = $(WRAP_ALLOC),--wrap=mmap64
# What tests/support/faults.c stands in for, by the names that 64 bits and FORTIFY make.
WRAPPED_CALLS := open64 __open64_2 openat64 __openat64_2 syscall read __read_chk pread64 \
	__pread64_chk readlinkat __readlinkat_chk ioctl statx fstatat64 fstat64 fstatfs64 \
	faccessat fdopendir readdir64 scandir64 close mmap64 fork pthread_create unshare \
	sched_getaffinity pipe2 poll __poll_chk waitpid write fsync fchmod renameat \
	ftruncate64 pwrite64 memfd_create fcntl64 sendmsg recvmsg socketpair setsockopt \
	dup dup2
$(O)/tests/test_faults $(O)/tests/live_faults $(O)/tests/test_faults_plugin \
	$(O)/tests/agent_faults_calls: WRAP = $(WRAPPED_CALLS:%=-Wl,--wrap=%)
$(O)/tests/test_alloc $(O)/tests/test_oom_plugin $(O)/tests/test_oom_formats $(O)/tests/agent_oom \
	$(O)/tests/agent_oom_settings: WRAP = $(WRAP_ALLOC)
$(TESTS:=.o) $(AGENT_TESTS:=.o) $(SOAK_OBJ) $(SUPPORT_OBJ): | have-deps have-check-deps

$(HELPERS) $(BENCH): $(O)/%: %.c $(O)/.flags
	$(call say,CCLD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) -MMD -MP -MF $@.d \
		$(LDFLAGS) -o $@ $< -pthread -ldl $(LDLIBS)

## bench       what a check costs, beside the kernel's own floor and the peers
## bench-quick the same with small herds, in half a minute
bench: all $(BENCH)
	@tests/bench/run $(abspath $(O)) full
bench-quick: all $(BENCH)
	@tests/bench/run $(abspath $(O)) quick

## soak        stale-agentx for SOAK_SECONDS while processes and files come and go
SOAK_SECONDS ?= 120
soak: all $(SOAK) $(HELPERS)
	@STALE_BUILD=$(abspath $(O)) STALE_SRC=$(CURDIR) SOAK_SECONDS=$(SOAK_SECONDS) \
		timeout -k 10 $$(($(SOAK_SECONDS) + 300)) $(SOAK)
$(SOAK): $(SOAK_OBJ) $(O)/libtestsupport.a $(O)/libagent.a $(O)/libplugin.a $(O)/libscan.a
	$(call say,LD)
	$(Q)$(CC) $(CFLAGS) $(INSTRUMENT) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^ \
		$(SNMP_LDLIBS) $(PLUGIN_LDLIBS) $(TEST_LDLIBS) $(LDLIBS)

## lint        format, gcc and clang, analyzers, layers, sizes
lint: have-deps have-check-deps
	@tests/lint $(O)/lint $(OWN_CPPFLAGS) $(PLUGIN_CPPFLAGS) $(SNMP_CPPFLAGS)

## fuzz        each fuzz target for FUZZ_SECONDS, from testdata/fuzz/NAME
## fuzz-coverage  what of the code the kept inputs of each reach
fuzz: fuzz-programs
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)
fuzz-programs: $(FUZZERS)
fuzz-coverage: | $(FIRST)
	@$(MAKE) O=$(O)/fuzz-coverage FUZZ_COVERAGE=1 fuzz-counted
fuzz-counted: fuzz-programs
	@tests/fuzz/coverage $(FUZZERS)
.PHONY: fuzz-programs fuzz-coverage fuzz-counted

FUZZ_CFLAGS := -std=gnu11 -O1 -gline-tables-only -fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_CHECKS := $(if $(FUZZ_COVERAGE),-fprofile-instr-generate -fcoverage-mapping,-fsanitize=address \
	-fsanitize=undefined)
$(filter-out $(FUZZ_AGENT),$(FUZZERS)): $(O)/%: $(O)/fuzz/%.o $(O)/fuzz/libplugin.a $(O)/fuzz/libscan.a
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_CHECKS) -o $@ $^ $(PLUGIN_LDLIBS) -lm
$(FUZZ_AGENT): $(O)/%: $(O)/fuzz/%.o $(O)/fuzz/libagent.a $(O)/fuzz/libscan.a
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(FUZZ_CHECKS) -o $@ $^ $(SNMP_LDLIBS)
# The two faces have names in common, and are never in one program.
$(O)/fuzz/libscan.a: $(patsubst $(O)/%,$(O)/fuzz/%,$(SCAN_OBJ))
$(O)/fuzz/libplugin.a: $(patsubst $(O)/%,$(O)/fuzz/%,$(PLUGIN_OBJ))
$(O)/fuzz/libagent.a: $(patsubst $(O)/%,$(O)/fuzz/%,$(SNMP_OBJ))
$(O)/fuzz/lib%.a: $(O)/.files
	$(call say,AR)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)
$(O)/fuzz/%.o: %.c $(O)/fuzz/.flags | have-deps
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(OWN_CPPFLAGS) $(PLUGIN_CPPFLAGS) $(SNMP_CPPFLAGS) $(FUZZ_CFLAGS) \
		-fsanitize=fuzzer-no-link $(FUZZ_CHECKS) -MMD -MP -c -o $@ $<
$(O)/fuzz/.flags: FORCE | $(FIRST)
	$(call stamp,$(FUZZ_CC) $(OWN_CPPFLAGS) $(FUZZ_CFLAGS) $(FUZZ_CHECKS))

## coverage    lines of scan/ and plugin/ that the tests reach
coverage:
	@find $(O)/coverage -name '*.gcda' -delete 2>/dev/null; rc=0; \
	$(MAKE) O=$(O)/coverage COVERAGE=1 CFLAGS='-O0 -g' check || rc=$$?; \
	find $(O)/coverage/scan $(O)/coverage/plugin -name '*.gcno' -exec gcov -n {} + 2>/dev/null | \
	awk -F "[':% ]" '/^File/ { file = $$3 } \
		/^Lines/ && file ~ /^(scan|plugin)\/.*\.c$$/ { \
			dir = file; sub("/.*", "", dir); sum[dir] += $$3 * $$6 / 100; all[dir] += $$6; \
			printf "%6.2f%% of %4d %s\n", $$3, $$6, file } \
		/^Lines/ { file = "" } \
		END { for (dir in all) printf "%6.2f%% of %4d %s/\n", 100 * sum[dir] / all[dir], all[dir], dir }'; \
	exit $$rc

# What install copies, as MODE:SOURCE:TO.  Where a folder of the target is not the one that
# a unit file names, the copy names the right one.
INSTALLED = 0755:$(O)/check_stale:$(PLUGINDIR)/check_stale \
	0644:plugin/check_stale.8:$(MANDIR)/man8/check_stale.8 \
	0644:packaging/completions/check_stale:$(DATADIR)/bash-completion/completions/check_stale \
	0644:packaging/check_stale-textfile.service:$(UNITDIR)/check_stale-textfile.service \
	0644:packaging/check_stale-textfile.timer:$(UNITDIR)/check_stale-textfile.timer \
	$(foreach f,$(EXAMPLES),0644:$(f):$(DOCDIR)/examples/$(f:nrpe/%=%))
EXAMPLES = $(filter-out %.test.yml,$(wildcard nrpe/*.* nrpe/*/*.*)) snmp/snmp_exporter.yml
INSTALLED_AGENT = 0755:$(O)/stale-agentx:$(SBINDIR)/stale-agentx \
	0644:snmp/stale-agentx.8:$(MANDIR)/man8/stale-agentx.8 \
	0644:snmp/STALE-PROCESS-MIB.txt:$(DATADIR)/snmp/mibs/STALE-PROCESS-MIB.txt \
	0644:snmp/stale-agentx.service:$(UNITDIR)/stale-agentx.service
# Of the administrator: copied only where there is none, removed only where unchanged.
CONFIGURED = 0644:packaging/ignore-default.conf:$(SYSCONFDIR)/check_stale/ignore.d/default.conf
CONFIGURED_AGENT = 0644:snmp/stale-agentx.conf:$(SYSCONFDIR)/stale-agentx.conf
PLACES = s,/usr/lib/nagios/plugins/,$(PLUGINDIR)/,g; s,/usr/sbin/,$(SBINDIR)/,g

## install     copy programs, manuals, MIB, units, samples; starts and enables nothing
install: all
	@agent=; if [ -x $(O)/stale-agentx ]; then agent=1; fi; set -e; \
	for f in $(INSTALLED) $${agent:+$(INSTALLED_AGENT)}; do \
		mode=$${f%%:*} to=$(DESTDIR)$${f##*:} from=$${f#*:}; from=$${from%:*}; \
		$(INSTALL) -d "$${to%/*}"; $(INSTALL) -m $$mode "$$from" "$$to"; \
		case $$to in *.service) sed '$(PLACES)' "$$from" >"$$to" ;; esac; \
	done; \
	for f in $(CONFIGURED) $${agent:+$(CONFIGURED_AGENT)}; do \
		mode=$${f%%:*} to=$(DESTDIR)$${f##*:} from=$${f#*:}; from=$${from%:*}; \
		$(INSTALL) -d "$${to%/*}"; [ -e "$$to" ] || $(INSTALL) -m $$mode "$$from" "$$to"; \
	done

## uninstall   remove what install copied; a changed configuration stays
uninstall:
	@for f in $(INSTALLED) $(INSTALLED_AGENT); do rm -f "$(DESTDIR)$${f##*:}"; done; \
	for f in $(CONFIGURED) $(CONFIGURED_AGENT); do \
		to=$(DESTDIR)$${f##*:} from=$${f#*:}; from=$${from%:*}; \
		if cmp -s "$$from" "$$to"; then rm -f "$$to"; \
		elif [ -e "$$to" ]; then echo "left, because it was changed: $$to"; fi; \
	done; \
	for d in $(DOCDIR)/examples $(DOCDIR) $(SYSCONFDIR)/check_stale/ignore.d $(SYSCONFDIR)/check_stale; do \
		rmdir "$(DESTDIR)$$d" 2>/dev/null || :; done

## dist        source archive of the last commit, the same bytes each time
dist:
	@mkdir -p $(O)
	git archive --format=tar --prefix=stale-$(VERSION)/ HEAD | gzip -9n > $(O)/stale-$(VERSION).tar.gz

## deb         packages for Debian, below $(O)/deb, with dpkg-buildpackage
deb:
	@packaging/build deb $(abspath $(O)) $(VERSION)
## rpm         packages for Fedora and the like, below $(O)/rpm, with rpmbuild
rpm:
	@packaging/build rpm $(abspath $(O)) $(VERSION)

## clean       remove what was built
clean:
	rm -rf $(O)

## deps        install the packages that the build needs, if any is missing
deps: | $(filter clean check-deps,$(FIRST))
	@tests/deps build
## check-deps  the same, and what the tests, lint and fuzz need
check-deps: | $(filter clean,$(FIRST))
	@tests/deps build test

have-deps: | $(FIRST)
	$(call need,$(PLUGIN_DEPS),deps)
have-check-deps: | $(FIRST)
	$(call need,cmocka netsnmp-agent,check-deps)

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

run check lint fuzz bench bench-quick soak coverage install dist deb rpm: | $(FIRST)

-include $(wildcard $(O)/*/*.d $(O)/*/*/*.d $(O)/*/*/*/*.d)
