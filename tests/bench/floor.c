/*
 * floor.c - the least work that can answer the question: what the kernel itself costs.
 *
 *	floor query [THREADS]   F: opens the maps of every process, asks PROCMAP_QUERY for each
 *	                        executable mapping of a file, with its name
 *	floor text [THREADS]    T: reads every maps to its end
 *
 * Decides nothing, prints how many mappings (bytes) there were.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* As in linux/fs.h from Linux 6.11 on. */
struct query {
	uint64_t size, query_flags, query_addr;
	uint64_t vma_start, vma_end, vma_flags, vma_page_size, vma_offset, inode;
	uint32_t dev_major, dev_minor, vma_name_size, build_id_size;
	uint64_t vma_name_addr, build_id_addr;
};
#define QUERY       _IOWR('f', 17, struct query)
#define EXECUTABLE  0x04
#define NEXT        0x10
#define FILE_BACKED 0x20

#define PIDS_MAX 65536

static int pids[PIDS_MAX];
static int npids;
static atomic_int next_pid;
static atomic_ulong sum;
static int is_text;

static unsigned long ask(int fd)
{
	char name[4096];
	uint64_t at = 0;
	unsigned long n = 0;

	for (;;) {
		struct query q = {
			.size = sizeof(q),
			.query_flags = EXECUTABLE | NEXT | FILE_BACKED,
			.query_addr = at,
			.vma_name_size = sizeof(name),
			.vma_name_addr = (uint64_t)(uintptr_t)name,
		};

		if (ioctl(fd, QUERY, &q) < 0)
			return n;
		at = q.vma_end;
		n++;
	}
}

static unsigned long drain(int fd)
{
	static __thread char buf[65536];
	unsigned long n = 0;
	ssize_t got;

	while ((got = read(fd, buf, sizeof(buf))) > 0)
		n += (unsigned long)got;
	return n;
}

static void *work(void *arg)
{
	unsigned long n = 0;
	int i;

	while ((i = atomic_fetch_add(&next_pid, 1)) < npids) {
		char path[64];
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/maps", pids[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		n += is_text ? drain(fd) : ask(fd);
		close(fd);
	}
	atomic_fetch_add(&sum, n);
	return arg;
}

static void list_pids(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && npids < PIDS_MAX && (entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			pids[npids++] = (int)strtol(entry->d_name, NULL, 10);
	if (proc)
		closedir(proc);
}

int main(int argc, char **argv)
{
	int nthreads = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;
	pthread_t threads[16];

	if (argc < 2 || nthreads < 1 || nthreads > 16) {
		fprintf(stderr, "usage: floor query|text [THREADS]\n");
		return 2;
	}
	is_text = strcmp(argv[1], "text") == 0;
	list_pids();
	for (int i = 1; i < nthreads; i++)
		if (pthread_create(&threads[i], NULL, work, NULL) != 0)
			return 1;
	work(NULL);
	for (int i = 1; i < nthreads; i++)
		pthread_join(threads[i], NULL);
	printf("%lu\n", (unsigned long)sum);
	return 0;
}
