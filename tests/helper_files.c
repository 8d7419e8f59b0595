/*
 * helper_files.c - a process that has everything open that is no deleted regular file,
 * and looks like one.
 *
 *	helper_files DIR
 *
 * In DIR it makes and removes again what has a name.  Says "ready PID" and ends with its
 * standard input or its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

static void say(const char *text, long number)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "%s%ld\n", text, number);

	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		_exit(1);
}

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	say(what, errno);
	_exit(1);
}

static void open_objects(void)
{
	sigset_t signals;
	int pair[2];

	sigemptyset(&signals);
	must(pipe2(pair, O_CLOEXEC), "fail pipe: ");
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "fail socketpair: ");
	must(socket(AF_INET, SOCK_DGRAM, 0), "fail socket: ");
	must(eventfd(0, EFD_CLOEXEC), "fail eventfd: ");
	must(epoll_create1(EPOLL_CLOEXEC), "fail epoll: ");
	must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "fail timerfd: ");
	must(signalfd(-1, &signals, SFD_CLOEXEC), "fail signalfd: ");
	must(inotify_init1(IN_CLOEXEC), "fail inotify: ");
	must(open("/dev/null", O_RDONLY | O_CLOEXEC), "fail null: ");
}

/* Files that never had a name, one of them mapped. */
static void open_nameless(void)
{
	int fd = memfd_create("libx.so.1", MFD_CLOEXEC);

	must(fd, "fail memfd: ");
	must(ftruncate(fd, 4096), "fail memfd: ");
	must(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0,
	     "fail map: ");
	must(mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		     ? -1
		     : 0,
	     "fail map: ");
	/* Not every file system has it. */
	fd = open(".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EOPNOTSUPP)
		must(fd, "fail tmpfile: ");
}

/* Things with a name that are no regular files, and have lost it. */
static void open_removed(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int fd;

	must(mkfifo("fifo", 0600), "fail fifo: ");
	must(open("fifo", O_RDWR | O_CLOEXEC), "fail fifo: ");
	must(unlink("fifo"), "fail fifo: ");
	must(mkdir("folder", 0700), "fail folder: ");
	must(open("folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "fail folder: ");
	must(rmdir("folder"), "fail folder: ");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(fd, (const struct sockaddr *)&address, sizeof(address)),
	     "fail socket: ");
	must(open("socket", O_PATH | O_CLOEXEC), "fail socket: ");
	must(unlink("socket"), "fail socket: ");
	must(symlink("nowhere", "link"), "fail link: ");
	must(open("link", O_PATH | O_NOFOLLOW | O_CLOEXEC), "fail link: ");
	must(unlink("link"), "fail link: ");
	/* Only root may make a device, and not everywhere. */
	if (mknod("device", S_IFCHR | 0600, makedev(1, 3)) < 0)
		return;
	/* Where devices are not to be opened (nodev), its name still is. */
	if (open("device", O_RDONLY | O_CLOEXEC) < 0)
		must(open("device", O_PATH | O_CLOEXEC), "fail device: ");
	must(unlink("device"), "fail device: ");
}

int main(int argc, char **argv)
{
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc != 2)
		return 2;
	must(chdir(argv[1]), "fail chdir: ");
	open_objects();
	open_nameless();
	open_removed();
	say("ready ", getpid());
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
