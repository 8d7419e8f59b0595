/*
 * smi.c - what the tools of SNMP need to read a MIB module here.
 */
#include "smi.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "live.h"
#include "liveplugin.h"
#include "tests/test.h"

/* Moved into place at the end, so that half of it is never taken for all.  Prints why it
 * could not. */
static const char fetch[] =
	"out=$SMI_OUT; [ -e \"$out\" ] && exit 0\n"
	"command -v npm >/dev/null || { echo 'no npm'; exit 1; }\n"
	"tmp=$(mktemp -d \"$out.XXXXXX\") || { echo 'no place for it'; exit 1; }\n"
	"trap 'rm -rf \"$tmp\"' EXIT\n"
	"cd \"$tmp\" && mkdir mibs || exit 1\n"
	"timeout 60 npm pack --silent --fetch-retries=0 net-snmp </dev/null >/dev/null "
	"2>&1 ||\n"
	"	{ echo \"the package net-snmp cannot be had from npm\"; exit 1; }\n"
	"tar -xzf net-snmp-*.tgz\n"
	"for m in SNMPv2-SMI SNMPv2-TC SNMPv2-CONF; do\n"
	"	mv package/lib/mibs/$m.mib mibs/$m ||\n"
	"		{ echo \"the package net-snmp has no $m\"; exit 1; }\n"
	"done 2>/dev/null\n"
	"mv -T mibs \"$out\" 2>/dev/null || [ -e \"$out\" ]\n";

char *smi_shell(const char *command, int *ret_status)
{
	struct liveplugin_answer answer;

	liveplugin_run("/bin/sh", (const char *const[]){"-c", command, NULL}, &answer);
	*ret_status = answer.status;
	return answer.out;
}

const char *smi_need(const char *test)
{
	static char folder[PATH_MAX];
	static char *said; /* once, for all tests of a program */
	static int status;

	assert_true(snprintf(folder, sizeof(folder), "%s/smi", live_build_dir()) <
		    PATH_MAX);
	setenv("SMI_OUT", folder, 1);
	if (!said)
		said = smi_shell(fetch, &status);
	if (status == 0)
		return folder;
	printf("# skip %s: %.*s\n", test, (int)strcspn(said, "\n"), said);
	skip();
	return NULL; /* not reached */
}

const char *smi_module_path(void)
{
	static char path[PATH_MAX];
	const char *source = getenv("STALE_SRC");

	assert_true(snprintf(path, sizeof(path), "%s/snmp/" SMI_MODULE ".txt",
			     source ? source : ".") < PATH_MAX);
	return path;
}

void smi_environment(const char *test)
{
	const char *folder = smi_need(test);
	const char *module = smi_module_path();
	char text[PATH_MAX];

	snprintf(text, sizeof(text), "%.*s:%s", (int)(strrchr(module, '/') - module),
		 module, folder);
	setenv("MIBDIRS", text, 1);
	setenv("MIBS", SMI_MODULE, 1);
	setenv("SMIPATH", folder, 1);
	/* The library wants to write there, and tells so where it does. */
	snprintf(text, sizeof(text), "%s/snmp-state", live_build_dir());
	mkdir(text, 0755);
	setenv("SNMP_PERSISTENT_DIR", text, 1);
	setenv("SNMPCONFPATH", text, 1);
	strncat(text, "/cert_indexes", sizeof(text) - strlen(text) - 1);
	mkdir(text, 0755);
}
