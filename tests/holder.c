/*
 * holder.c - a program whose only job is to be a process in a known state.
 *
 *	holder STEP [ARGUMENT]... [STEP [ARGUMENT]...]...
 *
 * It takes the steps in order, says "ready PID" on standard output and then takes more
 * steps from standard input: the same words, each ended by a NUL so that they can hold
 * any byte.  Each is answered with "ok NUMBER" or "fail STEP: ERRNO"; end of file ends it.
 * It dies with its parent, its children die with it.  The steps are in the table at the
 * end; those that race against a scan are in helper_race.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORD     65536
#define MAX_CHILDREN 8
#define MAX_SEGMENTS 64

struct step {
	const char *name;
	int nargs;
	long (*take)(char **arg); /* a number to say, or -errno */
};

static char *argv_start;
static size_t argv_size;
static char **rest; /* words of the command line that are still to be done */
static pid_t children[MAX_CHILDREN];
static size_t nchildren;

static void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static long result(long r)
{
	return r < 0 ? -errno : r;
}

/* "rx" and the like to PROT_ bits. */
static int prot(const char *letters)
{
	return (strchr(letters, 'r') ? PROT_READ : 0) |
	       (strchr(letters, 'w') ? PROT_WRITE : 0) |
	       (strchr(letters, 'x') ? PROT_EXEC : 0);
}

static long map_fd(int fd, const char *letters)
{
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	at = mmap(NULL, (size_t)st.st_size, prot(letters), MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED)
		return -errno;
	close(fd);
	return 0;
}

static long step_map(char **arg)
{
	return map_fd(open(arg[0], O_RDONLY | O_CLOEXEC), arg[1]);
}

/* Stores to it would reach the file. */
static long step_map_shared(char **arg)
{
	int fd = open(arg[0], O_RDWR | O_CLOEXEC);
	const void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	close(fd);
	return at == MAP_FAILED ? -errno : 0;
}

/* Stays open; a FIFO keeps nobody waiting. */
static long step_open(char **arg)
{
	return result(open(arg[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

static long step_memfd(char **arg)
{
	int fd = memfd_create(arg[0], MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return -errno;
	return map_fd(fd, "rx");
}

static long step_tmpfile(char **arg)
{
	int fd = open(arg[0], O_RDWR | O_TMPFILE | O_CLOEXEC, 0700);

	if (fd < 0 || ftruncate(fd, 4096) < 0)
		return -errno;
	return map_fd(fd, "rx");
}

/* A System V segment with a key of its own, mapped executable, gone when we are. */
static long step_sysv(char **arg)
{
	int id =
		shmget((key_t)(0x57a1e000 + getpid()), 4096, IPC_CREAT | IPC_EXCL | 0700);
	const void *at;

	(void)arg;
	if (id < 0)
		return -errno;
	at = shmat(id, NULL, SHM_EXEC);
	shmctl(id, IPC_RMID, NULL);
	return at == (void *)-1 ? -errno : 0;
}

/* What the kernel calls "/dev/zero (deleted)". */
static long step_zero(char **arg)
{
	const void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	return at == MAP_FAILED ? -errno : 0;
}

static long step_cd(char **arg)
{
	return result(chdir(arg[0]));
}

static long step_chroot(char **arg)
{
	return chroot(arg[0]) < 0 || chdir("/") < 0 ? -errno : 0;
}

static long copy_fd(int from, int to)
{
	char buf[16384];
	ssize_t n;

	if (from < 0 || to < 0)
		return -errno;
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (write(to, buf, (size_t)n) != n)
			return -EIO;
	return result(n);
}

static long step_mntns(char **arg)
{
	(void)arg;
	if (unshare(CLONE_NEWNS) < 0)
		return -errno;
	return result(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
}

/* Into the mount namespace of another process. */
static long step_join(char **arg)
{
	char path[64];
	int fd;
	long r;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/mnt", arg[0]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = result(setns(fd, CLONE_NEWNS));
	close(fd);
	return r;
}

static long step_mount(char **arg)
{
	return result(mount("holder", arg[1], arg[0], 0, *arg[2] ? arg[2] : NULL));
}

static long step_bind(char **arg)
{
	return result(mount(arg[0], arg[1], NULL, MS_BIND, NULL));
}

static long step_detach(char **arg)
{
	return result(umount2(arg[0], MNT_DETACH));
}

static long write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -errno : 0;
}

static long step_userns(char **arg)
{
	char map[64];
	uid_t uid = getuid();

	(void)arg;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return -errno;
	die_with_parent(); /* new credentials forget it */
	snprintf(map, sizeof(map), "0 %u 1", uid);
	return write_text("/proc/self/uid_map", map);
}

static long step_setuid(char **arg)
{
	uid_t uid = (uid_t)strtoul(arg[0], NULL, 10);

	if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return -errno;
	die_with_parent();
	/* Or everything in our /proc would be root's, as after a set-uid program. */
	return result(prctl(PR_SET_DUMPABLE, 1));
}

static long step_comm(char **arg)
{
	return result(prctl(PR_SET_NAME, arg[0]));
}

static long step_clear_argv(char **arg)
{
	(void)arg;
	memset(argv_start, 0, argv_size);
	return 0;
}

static long new_child(pid_t *ret_pid)
{
	pid_t parent = getpid();
	pid_t pid;

	if (nchildren == MAX_CHILDREN)
		return -EMFILE;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		die_with_parent();
		if (getppid() != parent)
			_exit(0);
	} else {
		children[nchildren++] = pid;
	}
	*ret_pid = pid;
	return 0;
}

/* A child that has all our mappings and waits. */
static long step_fork(char **arg)
{
	pid_t pid;
	long r = new_child(&pid);

	(void)arg;
	if (r < 0)
		return r;
	while (pid == 0)
		pause();
	return pid;
}

/* A child that has ended and is not waited for. */
static long step_zombie(char **arg)
{
	siginfo_t info;
	pid_t pid;
	long r = new_child(&pid);

	(void)arg;
	if (r < 0)
		return r;
	if (pid == 0)
		_exit(0);
	r = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	return r < 0 ? -errno : pid;
}

/* Puts an anonymous copy of a segment in its place. */
static long remap_segment(uintptr_t start, uintptr_t end)
{
	size_t len = end - start;
	void *from = (void *)start; /* NOLINT(performance-no-int-to-ptr) */
	void *copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (copy == MAP_FAILED)
		return -errno;
	memcpy(copy, from, len);
	if (mprotect(copy, len, PROT_READ | PROT_EXEC) < 0)
		return -errno;
	copy = mremap(copy, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, from);
	return copy == MAP_FAILED ? -errno : 0;
}

/* What hugepage text remappers do to themselves: no executable mapping has a file. */
static long step_remap_text(char **arg)
{
	uintptr_t segment[MAX_SEGMENTS][2];
	FILE *maps = fopen("/proc/self/maps", "re");
	size_t n = 0;
	char line[8192];
	long r = 0;

	(void)arg;
	if (!maps)
		return -errno;
	while (n < MAX_SEGMENTS && fgets(line, sizeof(line), maps)) {
		char *end;

		segment[n][0] = strtoul(line, &end, 16);
		segment[n][1] = strtoul(end + 1, &end, 16);
		n += strchr(line, '/') && end[3] == 'x';
	}
	fclose(maps);
	while (n-- > 0 && r == 0)
		r = remap_segment(segment[n][0], segment[n][1]);
	return r;
}

/* Goes on with the words that are left as a program in memory, as runc runs. */
static long step_exec_memfd(char **arg)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = memfd_create(arg[0], MFD_CLOEXEC);
	long r = copy_fd(from, to);

	if (r < 0)
		return r;
	rest[-1] = arg[0];
	fexecve(to, rest - 1, environ);
	return -errno;
}

/* Goes on as another holder, with none of what it had, which says "ready" again. */
static long step_exec(char **arg)
{
	char *argv[] = {arg[0], NULL};

	execv(arg[0], argv);
	return -errno;
}

static const struct step steps[] = {
	{"map", 2, step_map}, /* FILE LETTERS */
	{"map-shared", 1, step_map_shared},
	{"open", 1, step_open},
	{"memfd", 1, step_memfd},
	{"tmpfile", 1, step_tmpfile},
	{"sysv", 0, step_sysv},
	{"zero", 0, step_zero},
	{"cd", 1, step_cd},
	{"chroot", 1, step_chroot},
	{"mntns", 0, step_mntns},
	{"userns", 0, step_userns},
	{"join", 1, step_join},   /* PID */
	{"mount", 3, step_mount}, /* TYPE DIR OPTIONS */
	{"bind", 2, step_bind},
	{"detach", 1, step_detach},
	{"setuid", 1, step_setuid},
	{"comm", 1, step_comm},
	{"clear-argv", 0, step_clear_argv},
	{"fork", 0, step_fork},
	{"zombie", 0, step_zombie},
	{"remap-text", 0, step_remap_text},
	{"exec", 1, step_exec}, /* FILE */
	{"exec-memfd", 1, step_exec_memfd},
};

static const struct step *find_step(const char *name)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (strcmp(steps[i].name, name) == 0)
			return &steps[i];
	return NULL;
}

static void say(const char *word, const char *name, long number)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s %s%s%ld\n", word, name,
			 *name ? ": " : "", number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static void __attribute__((noreturn)) finish(int status)
{
	for (size_t i = 0; i < nchildren; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	_exit(status);
}

/* One word from standard input, owned by the caller; NULL at the end. */
static char *read_word(void)
{
	char *word = malloc(MAX_WORD);
	size_t n = 0;

	while (word && n < MAX_WORD && read(STDIN_FILENO, word + n, 1) == 1)
		if (word[n++] == '\0')
			return word;
	free(word);
	return NULL;
}

static void serve(void)
{
	char *name;

	while ((name = read_word()) != NULL) {
		const struct step *step = find_step(name);
		char *arg[3] = {NULL};
		long r;

		for (int i = 0; step && i < step->nargs; i++)
			arg[i] = read_word();
		r = step ? step->take(arg) : -EINVAL;
		if (r < 0)
			say("fail", name, -r);
		else
			say("ok", "", r);
		for (int i = 0; i < 3; i++)
			free(arg[i]);
		free(name);
	}
}

static void __attribute__((noreturn)) go_on(void)
{
	while (*rest) {
		const char *name = *rest;
		const struct step *step = find_step(name);
		char **arg = rest + 1;
		long r = step ? 0 : -EINVAL;

		for (int i = 0; step && i < step->nargs; i++)
			if (!arg[i])
				r = -EINVAL;
		if (r == 0) {
			rest += 1 + step->nargs;
			r = step->take(arg);
		}
		if (r < 0) {
			say("fail", name, -r);
			finish(1);
		}
	}
	say("ready", "", getpid());
	serve();
	finish(0);
}

int main(int argc, char **argv)
{
	static char *words[1024];

	die_with_parent();
	if (argc < 1 || argc > 1023)
		return 2;
	argv_start = argv[0];
	argv_size = (size_t)(argv[argc - 1] + strlen(argv[argc - 1]) + 1 - argv[0]);
	for (int i = 0; i < argc; i++)
		words[i] = strdup(argv[i]); /* clear-argv takes the originals away */
	rest = words + 1;
	go_on();
}
