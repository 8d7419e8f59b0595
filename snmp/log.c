/*
 * log.c - where messages go, and how often the same one does.
 *
 * Syslog is spoken here and not by libc: that may block for ever when nobody takes what
 * was said, and keeps its socket to itself.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"

#define TEXT_MAX      1024                 /* bytes of one message, in printable form */
#define TIMES_MAX     5                    /* the same one in ... */
#define WINDOW_NS     INT64_C(60000000000) /* ... so long */
#define REPEATS_MAX   64                   /* different ones that are remembered */
#define REMEMBERED    160 /* bytes of a message, to say what was left out */
#define SYSLOG_SOCKET "/dev/log"

enum target {
	TARGET_FILE, /* a descriptor: standard error or output, a file */
	TARGET_SYSLOG,
	TARGET_NONE,
};

struct repeat {
	uint64_t hash;
	int64_t since; /* nanoseconds of a clock that never goes back */
	unsigned times, left_out;
	char text[REMEMBERED];
};

static struct {
	enum target target;
	const char *path; /* of a file; borrowed from the value of -L; NULL: standard */
	int standard;     /* error or output */
	int facility;
	int fd; /* -1: not open */
	int level;
	const char *role;
	struct repeat repeats[REPEATS_MAX];
} logging = {.standard = STDERR_FILENO, .fd = -1, .level = LOG_INFO, .role = ""};

static int parse_facility(const char *value, const char **ret_wrong)
{
	int facility = -1;

	if (*value == '\0' || strcmp(value, "d") == 0)
		facility = LOG_DAEMON;
	else if (strcmp(value, "u") == 0)
		facility = LOG_USER;
	else if (*value >= '0' && *value <= '7' && value[1] == '\0')
		facility = (16 + (*value - '0')) << 3; /* LOG_LOCAL0 and those after it */
	if (facility < 0) {
		*ret_wrong = "-Ls takes a facility: d, u or 0 to 7";
		return -EINVAL;
	}
	logging.target = TARGET_SYSLOG;
	logging.facility = facility;
	return 0;
}

static int parse_file(const char *value, const char **ret_wrong)
{
	while (*value == ' ')
		value++;
	if (*value != '/') {
		*ret_wrong = "-Lf takes the absolute path of a file";
		return -EINVAL;
	}
	logging.target = TARGET_FILE;
	logging.path = value;
	return 0;
}

int log_parse(const char *value, const char **ret_wrong)
{
	if (*value == 's')
		return parse_facility(value + 1, ret_wrong);
	if (*value == 'f')
		return parse_file(value + 1, ret_wrong);
	if (*value == '\0' || value[1] != '\0' || !strchr("eon", *value)) {
		*ret_wrong = "-L takes e, o, n, f FILE or s[FACILITY]";
		return -EINVAL;
	}
	logging.target = *value == 'n' ? TARGET_NONE : TARGET_FILE;
	logging.path = NULL;
	logging.standard = *value == 'o' ? STDOUT_FILENO : STDERR_FILENO;
	return 0;
}

/* A link in its place could make us write where another user wants it. */
static int open_file(const char *path)
{
	cleanup_close int fd = open(path,
				    O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW |
					    O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
				    0640);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? take_fd(&fd) : -EINVAL;
}

static int open_syslog(void)
{
	const struct sockaddr_un to = {.sun_family = AF_UNIX, .sun_path = SYSLOG_SOCKET};
	cleanup_close int fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Syslog may come later: what is said until then is lost. */
int log_open(void)
{
	int fd = -1;

	switch (logging.target) {
	case TARGET_FILE:
		fd = logging.path ? open_file(logging.path) : logging.standard;
		if (fd < 0)
			return fd;
		break;
	case TARGET_SYSLOG:
		fd = open_syslog();
		break;
	case TARGET_NONE:
		break;
	}
	log_close();
	logging.fd = fd;
	return 0;
}

void log_close(void)
{
	if (logging.fd > STDERR_FILENO)
		close(logging.fd);
	logging.fd = -1;
}

void log_reopen(void)
{
	int rc = log_open();

	if (rc < 0)
		log_say(LOG_WARNING, "cannot open %s again: %s", logging.path,
			strerror(-rc));
}

int log_fd(void)
{
	return logging.fd;
}

void log_set_level(int level)
{
	logging.level = level;
}

void log_set_role(const char *role)
{
	logging.role = role;
}

/* How many bytes from s on are one character of valid UTF-8 that can be shown; 0: none. */
static size_t printable_len(const unsigned char *s)
{
	size_t more = *s >= 0xf0 ? 3 : *s >= 0xe0 ? 2 : 1;
	uint32_t c = *s & (0x3fU >> more);
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};

	if (*s < 0x80)
		return *s >= 0x20 && *s != 0x7f;
	if (*s < 0xc2 || *s > 0xf4)
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[more] || c < 0xa0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return more + 1;
}

/* Newlines and other control bytes would make lines of their own, or worse. */
static void make_printable(const char *from, char *to, size_t size)
{
	static const char escaped[] = "\\\n\t\r";
	const unsigned char *s = (const unsigned char *)from;
	size_t n = 0;

	while (*s && n + 5 < size) {
		size_t len = printable_len(s);

		const char *letter = *s ? strchr(escaped, *s) : NULL;

		if (letter) {
			to[n++] = '\\';
			to[n++] = "\\ntr"[letter - escaped];
			s++;
		} else if (len > 0) {
			memcpy(to + n, s, len);
			n += len;
			s += len;
		} else {
			n += (size_t)snprintf(to + n, size - n, "\\x%02x", *s++);
		}
	}
	to[n] = '\0';
}

static int add_head(int level, char *head, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[32] = "";

	if (logging.target == TARGET_SYSLOG) {
		strftime(date, sizeof(date), "%b %e %T", localtime_r(&now, &tm));
		return snprintf(head, size, "<%d>%s stale-agentx[%d]: %s",
				logging.facility | level, date, (int)getpid(),
				logging.role);
	}
	if (logging.path)
		strftime(date, sizeof(date), "%FT%TZ ", gmtime_r(&now, &tm));
	return snprintf(head, size, "%sstale-agentx[%d]: %s", date, (int)getpid(),
			logging.role);
}

/* Standard error is not ours to make non-blocking.  A pipe that can be written to takes
 * PIPE_BUF bytes, and no line has as many. */
static bool is_taken_at_once(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	return poll(&ready, 1, 0) == 1 && ready.revents & POLLOUT;
}

/* One write; what is not taken at once is lost: a log must stop nobody. */
static void put(int level, const char *text)
{
	char line[TEXT_MAX + 256];
	int n = add_head(level, line, sizeof(line));

	if (logging.target == TARGET_SYSLOG) {
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%s", text);
		if (logging.fd >= 0 &&
		    send(logging.fd, line, (size_t)n, MSG_NOSIGNAL) >= 0)
			return;
		log_close();
		logging.fd = open_syslog(); /* it was started again, or only now */
		if (logging.fd >= 0)
			(void)send(logging.fd, line, (size_t)n, MSG_NOSIGNAL);
		return;
	}
	n += snprintf(line + n, sizeof(line) - (size_t)n, "%s\n", text);
	if (is_taken_at_once(logging.fd))
		(void)!write(logging.fd, line, (size_t)n);
}

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

static int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void tell_left_out(struct repeat *repeat)
{
	char line[REMEMBERED + 64];

	if (repeat->left_out > 0) {
		snprintf(line, sizeof(line), "left out %u times: %s", repeat->left_out,
			 repeat->text);
		put(LOG_INFO, line);
	}
	*repeat = (struct repeat){0};
}

static bool is_old(const struct repeat *repeat, int64_t now)
{
	return repeat->times > 0 && now - repeat->since >= WINDOW_NS;
}

/* The place of a message among those that are remembered; the oldest makes room. */
static struct repeat *find_repeat(uint64_t hash, int64_t now)
{
	struct repeat *oldest = &logging.repeats[0];

	for (size_t i = 0; i < REPEATS_MAX; i++) {
		struct repeat *repeat = &logging.repeats[i];

		if (is_old(repeat, now))
			tell_left_out(repeat);
		if (repeat->times > 0 && repeat->hash == hash)
			return repeat;
		if (repeat->times == 0 ||
		    (oldest->times > 0 && repeat->since < oldest->since))
			oldest = repeat;
	}
	tell_left_out(oldest);
	return oldest;
}

static bool may_say(const char *text)
{
	int64_t now = clock_ns();
	uint64_t hash = hash_of(text);
	struct repeat *repeat = find_repeat(hash, now);

	if (repeat->times == 0) {
		repeat->hash = hash;
		repeat->since = now;
		snprintf(repeat->text, sizeof(repeat->text), "%.*s", REMEMBERED - 1,
			 text);
	}
	if (repeat->times == TIMES_MAX) {
		repeat->left_out++;
		return false;
	}
	repeat->times++;
	return true;
}

void log_say(int level, const char *format, ...)
{
	char raw[TEXT_MAX], text[TEXT_MAX];
	va_list args;

	if (level > logging.level || logging.target == TARGET_NONE)
		return;
	if (logging.fd < 0 && logging.target == TARGET_FILE)
		return;
	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	make_printable(raw, text, sizeof(text));
	if (*text && may_say(text))
		put(level, text);
}
