/*
 * test_cgroup.c - to whom a process belongs: names that try to look like others, every
 * layout that is documented (testdata/cgroup), and what is refused.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>

#include "scan/cgroup.h"

#define NONE      STALE_SCOPE_NONE
#define SYSTEM    STALE_SCOPE_SYSTEM
#define USER      STALE_SCOPE_USER
#define SESSION   STALE_SCOPE_SESSION
#define CONTAINER STALE_SCOPE_CONTAINER
#define NOBODYS   ((uid_t)-1)

#define ID12 "3f29c1a7d0b4"
#define ID64 "3f29c1a7d0b4e86512fa90cc7be4d3158a6027ef41bb9d0c35e8f7261904adb2"
#define ID_B "b81e6d40927f3ac5510d8e2bb6f4c79a03de5178c264fe90a1b37dd82c45e609"

#define OF_1000  "/user.slice/user-1000.slice"
#define MANAGER  OF_1000 "/user@1000.service"
#define POD      "/pod6a1d9b30-7c42-4f0e-9d55-0b7e21c4ff10"
#define KUBE     "/kubepods.slice/kubepods-besteffort.slice"
#define POD_UNIT "kubepods-besteffort-pod6a1d9b30_7c42.slice"

struct want {
	enum stale_scope scope;
	uid_t uid;
	const char *name; /* of a container its id, else the unit */
	const char *runtime;
};

#define NOTHING                                                                          \
	{                                                                                \
		NONE, NOBODYS, "", NULL                                                  \
	}
#define SYS(unit)                                                                        \
	{                                                                                \
		SYSTEM, NOBODYS, unit, NULL                                              \
	}
#define BOX(id, runtime)                                                                 \
	{                                                                                \
		CONTAINER, NOBODYS, id, runtime                                          \
	}

struct row {
	const char *label;
	const char *text;
	struct want want;
};

static void check(const char *label, const struct cgroup_owner *got,
		  const struct want *want)
{
	const bool in_container = want->scope == CONTAINER;

	row_number(label, "scope", got->scope, want->scope);
	row_number(label, "uid", got->uid, want->uid);
	row_text(label, "unit", got->unit.s ? got->unit.s : "", got->unit.len,
		 in_container ? "" : want->name);
	row_text(label, "id", got->id.s ? got->id.s : "", got->id.len,
		 in_container ? want->name : "");
	row_text(label, "runtime", got->runtime, got->runtime ? strlen(got->runtime) : 0,
		 want->runtime);
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *copy = exact_copy(rows[i].text, strlen(rows[i].text));
		struct cgroup_owner owner;

		row_number(rows[i].label, "result",
			   cgroup_parse(copy, strlen(rows[i].text), &owner), 0);
		check(rows[i].label, &owner, &rows[i].want);
		free(copy);
	}
}

static void names_that_look_like_others_are_taken_as_they_are(void **state)
{
	static const struct row rows[] = {
		{"a folder of the user that fakes a unit with ESC",
		 "0::" MANAGER "/\x1b[2J.service\n",
		 {USER, 1000, "user@1000.service", NULL}},
		{"invalid UTF-8 at the top", "0::/\xff.service\n", NOTHING},
		{"blank in a unit", "0::/system.slice/a b.service\n", NOTHING},
		{"colons in a path", "0::/system.slice/a:b:c.service\n",
		 SYS("a:b:c.service")},
		{"controller in a path", "0::/x:name=systemd:/b.service\n", NOTHING},
		{"LXC name of a bracket and a tab", "0::/lxc.payload.)\t(\n",
		 BOX(")\t(", "lxc")},
		{"LXC name that is a docker id", "0::/lxc/" ID64 "\n", BOX(ID64, "lxc")},
		{"LXC name that is a docker scope",
		 "0::/lxc.payload.docker-" ID64 ".scope\n",
		 BOX("docker-" ID64 ".scope", "lxc")},
		{"LXC name that is a slice above a session",
		 "0::/lxc.payload.a.slice/user-7.slice/session-1.scope\n",
		 BOX("a.slice", "lxc")},
		{"LXC without a name", "0::/lxc.payload.\n", NOTHING},
		{"LXC folder itself", "0::/lxc\n", NOTHING},
		{"machine without a name", "0::/machine.slice/machine-.scope\n",
		 SYS("machine-.scope")},
		{"service called docker", "0::/system.slice/docker.service\n",
		 SYS("docker.service")},
		{"docker scope without an id", "0::/system.slice/docker-compose.scope\n",
		 SYS("docker-compose.scope")},
		{"docker id of 11 digits", "0::/system.slice/docker-3f29c1a7d0b.scope\n",
		 SYS("docker-3f29c1a7d0b.scope")},
		{"docker id of 65 digits", "0::/system.slice/docker-" ID64 "0.scope\n",
		 SYS("docker-" ID64 "0.scope")},
		{"docker id that is not all hex",
		 "0::/system.slice/docker-3f29c1a7d0bg.scope\n",
		 SYS("docker-3f29c1a7d0bg.scope")},
		{"docker id in upper case", "0::/docker/3F29C1A7D0B4\n", NOTHING},
		{"docker alone", "0::/docker\n", NOTHING},
		{"prefix alone", "0::/docker-\n", NOTHING},
		{"short id below nothing known", "0::/x/" ID12 "\n", NOTHING},
		{"short id below what only begins like kubepods",
		 "0::/kubepods2/" ID12 "\n", NOTHING},
		{"separator of the other form", "0::/docker:" ID64 "\n", NOTHING},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void units_are_told_as_systemd_does(void **state)
{
	static const struct row rows[] = {
		{"at the top", "0::/a.service\n", SYS("a.service")},
		{"nested slices", "0::/a.slice/a-b.slice/c.service\n", SYS("c.service")},
		{"folder below a service", "0::/system.slice/a.service/b.service/c\n",
		 SYS("a.service")},
		{"escapes are kept", "0::/system.slice/dev-disk-by\\x2duuid.swap\n",
		 SYS("dev-disk-by\\x2duuid.swap")},
		{"mount", "0::/system.slice/srv.mount\n", SYS("srv.mount")},
		{"socket", "0::/system.slice/x.socket\n", SYS("x.socket")},
		{"timer, which owns no process", "0::/system.slice/x.timer\n", NOTHING},
		{"slice itself", "0::/system.slice\n", NOTHING},
		{"root", "0::/\n", NOTHING},
		{"suffix alone", "0::/system.slice/.service\n", NOTHING},
		{"escaped suffix alone", "0::/system.slice/_.service\n", NOTHING},
		{"escaped name of the kernel", "0::/system.slice/_cpu.service\n",
		 SYS("cpu.service")},
		{"escaped underscore", "0::/system.slice/__a.service\n",
		 SYS("_a.service")},
		{"escaped slice", "0::/_cpu.slice/a.service\n", SYS("a.service")},
		{"no unit", "0::/foo/a.service\n", NOTHING},
		{"removed twice", "0::/a.service (deleted) (deleted)\n", NOTHING},
		{"name that only begins with dots", "0::/..a.service\n",
		 SYS("..a.service")},
		{"reader in the same group", "0::/..\n", NOTHING},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void user_units_are_told_with_the_uid_of_their_manager(void **state)
{
	static const struct row rows[] = {
		{"manager itself",
		 "0::" MANAGER "\n",
		 {USER, 1000, "user@1000.service", NULL}},
		{"manager's own process",
		 "0::" MANAGER "/init.scope\n",
		 {USER, 1000, "user@1000.service", NULL}},
		{"slice of the manager",
		 "0::" MANAGER "/app.slice\n",
		 {USER, 1000, "user@1000.service", NULL}},
		{"unit in slices",
		 "0::" MANAGER "/app.slice/app-x.slice/a@b.service/c\n",
		 {USER, 1000, "a@b.service", NULL}},
		{"unit in no slice",
		 "0::" MANAGER "/dbus.socket\n",
		 {USER, 1000, "dbus.socket", NULL}},
		{"folder that is no unit",
		 "0::" MANAGER "/x/a.service\n",
		 {USER, 1000, "user@1000.service", NULL}},
		{"unit below a unit",
		 "0::" MANAGER "/app.slice/a.service/session-1.scope\n",
		 {USER, 1000, "a.service", NULL}},
		{"root's manager",
		 "0::/user.slice/user-0.slice/user@0.service/a.service\n",
		 {USER, 0, "a.service", NULL}},
		{"largest uid",
		 "0::/user@4294967294.service\n",
		 {USER, 4294967294, "user@4294967294.service", NULL}},
		{"uid that is nobody's", "0::/user@4294967295.service/a.service\n",
		 SYS("user@4294967295.service")},
		{"uid with a fraction", "0::/user@7.5.service\n",
		 SYS("user@7.5.service")},
		{"manager of a name", "0::/user@bob.service\n", SYS("user@bob.service")},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void sessions_are_told_with_the_uid_of_their_slice(void **state)
{
	static const struct row rows[] = {
		{"session",
		 "0::" OF_1000 "/session-3.scope\n",
		 {SESSION, 1000, "session-3.scope", NULL}},
		{"greeter's session",
		 "0::" OF_1000 "/session-c1.scope\n",
		 {SESSION, 1000, "session-c1.scope", NULL}},
		{"folder below a session",
		 "0::" OF_1000 "/session-3.scope/a.service\n",
		 {SESSION, 1000, "session-3.scope", NULL}},
		{"session that is none", "0::" OF_1000 "/session-3-x.scope\n",
		 SYS("session-3-x.scope")},
		{"session of all letters and digits",
		 "0::" OF_1000 "/session-09azAZ.scope\n",
		 {SESSION, 1000, "session-09azAZ.scope", NULL}},
		{"session in no slice", "0::/session-3.scope\n", SYS("session-3.scope")},
		{"session without a number", "0::" OF_1000 "/session-.scope\n",
		 SYS("session-.scope")},
		{"session of no user", "0::/system.slice/session-3.scope\n",
		 SYS("session-3.scope")},
		{"session below a slice of a slice",
		 "0::" OF_1000 "/a.slice/session-3.scope\n", SYS("session-3.scope")},
		{"system unit of a user",
		 "0::" OF_1000 "/user-runtime-dir@1000.service\n",
		 SYS("user-runtime-dir@1000.service")},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void containers_of_docker_and_podman_are_told(void **state)
{
	static const struct row rows[] = {
		{"short id", "0::/docker/" ID12 "\n", BOX(ID12, "docker")},
		{"docker with a parent", "0::/jobs/" ID64 "\n", BOX(ID64, "docker")},
		{"rootless docker",
		 "0::" MANAGER "/user.slice/docker-" ID64 ".scope\n",
		 {CONTAINER, 1000, ID64, "docker"}},
		{"in a session",
		 "0::" OF_1000 "/session-3.scope/lxc/web\n",
		 {CONTAINER, 1000, "web", "lxc"}},
		{"user inside of a container",
		 "0::/system.slice/docker-" ID64 ".scope" MANAGER "/a.service\n",
		 BOX(ID64, "docker")},
		{"user inside of a machine",
		 "0::/machine.slice/machine-web.scope" MANAGER "\n",
		 BOX("web", "systemd-nspawn")},
		{"container in a container", "0::/lxc.payload.a/docker/" ID64 "\n",
		 BOX("a", "lxc")},
		{"podman's cgroupfs", "0::/libpod_parent/libpod-" ID64 "/container\n",
		 BOX(ID64, "podman")},
		{"podman's pod", "0::/libpod_parent/" ID_B "/libpod-" ID64 "\n",
		 BOX(ID64, "podman")},
		{"podman's split",
		 "0::/system.slice/web.service/libpod-payload-" ID64 "\n",
		 BOX(ID64, "podman")},
		{"podman's split, the monitor", "0::/system.slice/web.service/runtime\n",
		 SYS("web.service")},
		{"rootless monitor",
		 "0::" MANAGER "/user.slice/libpod-conmon-" ID64 ".scope\n",
		 {USER, 1000, "libpod-conmon-" ID64 ".scope", NULL}},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void containers_of_containerd_and_kubernetes_are_told(void **state)
{
	static const struct row rows[] = {
		{"nerdctl", "0::/system.slice/nerdctl-" ID64 ".scope\n",
		 BOX(ID64, "containerd")},
		{"nerdctl's cgroupfs", "0::/default/" ID64 "\n", BOX(ID64, "containerd")},
		{"containerd's cgroupfs", "0::/k8s.io/" ID64 "\n",
		 BOX(ID64, "containerd")},
		{"kubepods of docker", "0::" KUBE "/" POD_UNIT "/docker-" ID64 ".scope\n",
		 BOX(ID64, "docker")},
		{"kubepods, short id", "0::/kubepods/besteffort" POD "/" ID12 "\n",
		 BOX(ID12, "kubepods")},
		{"kubepods with a root",
		 "0::/kubelet.slice/kubelet-kubepods.slice/" POD_UNIT "/" ID12 "\n",
		 BOX(ID12, "kubepods")},
		{"CRI-O's cgroupfs", "0::/kubepods" POD "/crio-" ID64 "\n",
		 BOX(ID64, "cri-o")},
		{"CRI-O's monitor",
		 "0::" KUBE "/" POD_UNIT "/crio-conmon-" ID64 ".scope\n",
		 SYS("crio-conmon-" ID64 ".scope")},
		{"pod itself", "0::/kubepods/besteffort" POD "\n", NOTHING},
		{"odd form of docker", "0::/system.slice:docker:" ID64 "\n",
		 BOX(ID64, "docker")},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void containers_of_lxc_and_machines_are_told(void **state)
{
	static const struct row rows[] = {
		{"LXC 3.1", "0::/lxc.payload/web\n", BOX("web", "lxc")},
		{"LXC 3.1, the monitor", "0::/lxc.monitor/web\n", NOTHING},
		{"old nspawn",
		 "0::/machine.slice/systemd-nspawn@w.service/system.slice/a.service\n",
		 BOX("w", "systemd-nspawn")},
		{"nspawn itself", "0::/machine.slice/systemd-nspawn@w.service\n",
		 SYS("systemd-nspawn@w.service")},
		{"machine of an old systemd", "0::/machine.slice/machine-w.scope\n",
		 BOX("w", "systemd-nspawn")},
		{"machine's supervisor", "0::/machine.slice/machine-w.scope/supervisor\n",
		 SYS("machine-w.scope")},
		{"payload's folder called supervisor",
		 "0::/machine.slice/machine-w.scope/payload/supervisor\n",
		 BOX("w", "systemd-nspawn")},
		{"libvirt's LXC", "0::/machine.slice/machine-lxc\\x2d8\\x2dw.scope\n",
		 BOX("lxc\\x2d8\\x2dw", "libvirt-lxc")},
		{"removed", "0::/system.slice/docker-" ID64 ".scope (deleted)\n",
		 BOX(ID64, "docker")},
		{"reader in a namespace", "0::/../docker-" ID64 ".scope\n",
		 BOX(ID64, "docker")},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void lines_are_weighed_against_each_other(void **state)
{
	static const struct row rows[] = {
		{"systemd's line before the unified one",
		 "0::/a.service\n1:name=systemd:/b.service\n", SYS("b.service")},
		{"unified line when systemd's is the root",
		 "1:name=systemd:/\n0::/a.service\n", SYS("a.service")},
		{"systemd's line is the root of a namespace",
		 "1:name=systemd:/../..\n0::/a.service\n", SYS("a.service")},
		{"controllers alone tell no unit", "4:memory:/system.slice/a.service\n",
		 NOTHING},
		{"hierarchy 0 with a controller", "0:cpu:/a.service\n", NOTHING},
		{"hierarchy 1 without", "1::/a.service\n", NOTHING},
		{"name that begins like systemd's", "1:name=systemd2:/a.service\n",
		 NOTHING},
		{"container on the last line",
		 "1:name=systemd:/a.service\n0::/b.service\n9:cpu:/docker/" ID64 "\n",
		 BOX(ID64, "docker")},
		{"first of two containers", "2:cpu:/lxc/a\n1:pids:/lxc/b\n",
		 BOX("a", "lxc")},
		{"lines of no form in between",
		 "\nx\n1:\n0::\n0::a\n-1::/b.service\n0::/c.service\n", SYS("c.service")},
		{"last line cut", "2:cpu:/\n0::/system.slice/docker-" ID64 ".scop",
		 NOTHING},
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void text_without_a_line_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *label;
		const char *text;
	} rows[] = {
		{"nothing", ""},
		{"newline", "\n"},
		{"no path", "0::\n"},
		{"path that is not absolute", "0::a.service\n"},
		{"no id", "::/a.service\n"},
		{"id of 33 bits", "4294967296::/a.service\n"},
		{"one colon", "0:/a.service\n"},
		{"cut", "0::/a.service"},
	};
	struct cgroup_owner owner;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char *copy = exact_copy(rows[i].text, strlen(rows[i].text));

		untouched_init(&owner, sizeof(owner));
		row_number(rows[i].label, "result",
			   cgroup_parse(copy, strlen(rows[i].text), &owner), -EINVAL);
		row_number(rows[i].label, "untouched", untouched(&owner, sizeof(owner)),
			   true);
		free(copy);
	}
}

/* Borrowed from a static buffer until the next call. */
static const char *fixture(const char *name)
{
	static char text[4096];
	const char *src = getenv("STALE_SRC");
	char path[4096];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/testdata/cgroup/%s.txt", src ? src : ".", name);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_true(len > 0 && len < sizeof(text) - 1);
	return text;
}

static void documented_layouts_are_known(void **state)
{
	static const struct {
		const char *name;
		struct want want;
	} files[] = {
		{"v2-service", SYS("ssh.service")},
		{"v2-template", SYS("getty@tty1.service")},
		{"v2-init", SYS("init.scope")},
		{"v2-removed", SYS("apt-daily.service")},
		{"hybrid-service", SYS("cron.service")},
		{"v1-openrc", NOTHING},
		{"v2-session", {SESSION, 1000, "session-3.scope", NULL}},
		{"v2-user-unit", {USER, 1000, "pipewire.service", NULL}},
		{"v2-flatpak",
		 {USER, 1000, "app-flatpak-org.mozilla.firefox-48211.scope", NULL}},
		{"v2-snap", SYS("snap.cups.cupsd.service")},
		{"v1-docker-cgroupfs", BOX(ID64, "docker")},
		{"v2-docker-systemd", BOX(ID64, "docker")},
		{"v2-podman-root", BOX(ID64, "podman")},
		{"v2-podman-user", {CONTAINER, 1000, ID64, "podman"}},
		{"v2-podman-monitor", SYS("libpod-conmon-" ID64 ".scope")},
		{"v1-kubepods-cgroupfs", BOX(ID64, "kubepods")},
		{"v2-kubepods-containerd", BOX(ID64, "containerd")},
		{"v2-kubepods-crio", BOX(ID64, "cri-o")},
		{"v1-containerd-odd", BOX(ID64, "containerd")},
		{"v2-kind", BOX(ID64, "docker")},
		{"v2-incus", BOX("shop_web1", "lxc")},
		{"v2-lxc-monitor", NOTHING},
		{"v1-lxc", BOX("web1", "lxc")},
		{"v2-nspawn", BOX("web1", "systemd-nspawn")},
		{"v2-nspawn-supervisor", SYS("systemd-nspawn@web1.service")},
		{"v2-machine", BOX("web1", "systemd-nspawn")},
		{"v2-qemu", SYS("machine-qemu\\x2d4\\x2ddb1.scope")},
		{"v2-namespaced-reader", SYS("ssh.service")},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *text = fixture(files[i].name);
		struct cgroup_owner owner;

		row_number(files[i].name, "result",
			   cgroup_parse(text, strlen(text), &owner), 0);
		check(files[i].name, &owner, &files[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_look_like_others_are_taken_as_they_are),
		cmocka_unit_test(units_are_told_as_systemd_does),
		cmocka_unit_test(user_units_are_told_with_the_uid_of_their_manager),
		cmocka_unit_test(sessions_are_told_with_the_uid_of_their_slice),
		cmocka_unit_test(containers_of_docker_and_podman_are_told),
		cmocka_unit_test(containers_of_containerd_and_kubernetes_are_told),
		cmocka_unit_test(containers_of_lxc_and_machines_are_told),
		cmocka_unit_test(lines_are_weighed_against_each_other),
		cmocka_unit_test(text_without_a_line_is_refused_and_changes_nothing),
		cmocka_unit_test(documented_layouts_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
