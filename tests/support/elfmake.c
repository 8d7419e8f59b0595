/*
 * elfmake.c - see elfmake.h.  One page of headers, tables and notes, one page of code.
 */
#include "elfmake.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE      4096U
#define FILE_SIZE 8192U
#define NOTE_AT   1024U
#define DYN_AT    2048U
#define STR_AT    3072U
#define STR_ROOM  256U

struct build_id_note {
	Elf64_Nhdr head;
	char name[4];
	unsigned char id[ELFMAKE_BUILD_ID_LEN];
};

struct image {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[3];
};

static int write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0)
			return -errno;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_new(const char *path, const char *buf, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, buf, len);
	if (r == 0 && fchmod(fd, 0755) < 0)
		r = -errno;
	close(fd);
	return r;
}

static Elf64_Phdr segment(Elf64_Word type, Elf64_Word flags, size_t at, size_t len)
{
	Elf64_Phdr phdr = {
		.p_type = type,
		.p_flags = flags,
		.p_offset = at,
		.p_vaddr = at,
		.p_paddr = at,
		.p_filesz = len,
		.p_memsz = len,
		.p_align = type == PT_LOAD ? PAGE : 8,
	};

	return phdr;
}

static void put_headers(char *file, const struct elfmake *elf)
{
	struct image image = {0};

	memcpy(image.ehdr.e_ident, ELFMAG, SELFMAG);
	image.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	image.ehdr.e_ident[EI_DATA] =
		__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	image.ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	image.ehdr.e_type = ET_DYN;
	image.ehdr.e_machine = EM_X86_64;
	image.ehdr.e_version = EV_CURRENT;
	image.ehdr.e_phoff = offsetof(struct image, phdr);
	image.ehdr.e_ehsize = sizeof(Elf64_Ehdr);
	image.ehdr.e_phentsize = sizeof(Elf64_Phdr);
	image.ehdr.e_phnum = elf->build ? 3 : 2;
	image.phdr[0] = segment(PT_LOAD, PF_R | PF_X, 0, FILE_SIZE);
	image.phdr[1] = segment(PT_DYNAMIC, PF_R, DYN_AT, 4 * sizeof(Elf64_Dyn));
	image.phdr[2] = segment(PT_NOTE, PF_R, NOTE_AT, sizeof(struct build_id_note));
	memcpy(file, &image, sizeof(image));
}

static void put_note(char *file, char build)
{
	struct build_id_note note = {
		.head = {.n_namesz = 4,
			 .n_descsz = ELFMAKE_BUILD_ID_LEN,
			 .n_type = NT_GNU_BUILD_ID},
		.name = "GNU",
	};

	memset(note.id, build, sizeof(note.id));
	memcpy(file + NOTE_AT, &note, sizeof(note));
}

static void put_dynamic(char *file, const char *soname)
{
	Elf64_Dyn dyn[4] = {
		{.d_tag = DT_STRTAB, .d_un.d_ptr = STR_AT},
		{.d_tag = DT_STRSZ, .d_un.d_val = STR_ROOM},
		{.d_tag = soname ? DT_SONAME : DT_NULL, .d_un.d_val = 1},
	};

	memcpy(file + DYN_AT, dyn, sizeof(dyn));
	if (soname)
		memcpy(file + STR_AT + 1, soname, strlen(soname));
}

int elfmake_write(const char *path, const struct elfmake *elf)
{
	char file[FILE_SIZE] = {0};

	if (elf->soname && strlen(elf->soname) > STR_ROOM - 2)
		return -ENAMETOOLONG;
	put_headers(file, elf);
	if (elf->build)
		put_note(file, elf->build);
	put_dynamic(file, elf->soname);
	memset(file + PAGE, elf->fill, PAGE);
	return write_new(path, file, sizeof(file));
}

static int patch_build_id(char *file, size_t len, char build)
{
	struct build_id_note note = {
		.head = {.n_namesz = 4,
			 .n_descsz = ELFMAKE_BUILD_ID_LEN,
			 .n_type = NT_GNU_BUILD_ID},
		.name = "GNU",
	};
	char *at = memmem(file, len, &note, offsetof(struct build_id_note, id));

	if (!at || (size_t)(file + len - at) < sizeof(note))
		return -ENOEXEC;
	memset(at + offsetof(struct build_id_note, id), build, ELFMAKE_BUILD_ID_LEN);
	return 0;
}

static int read_whole(const char *path, char **ret_buf, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *buf;
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	buf = malloc((size_t)st.st_size + 1);
	while (buf && n > 0 && len < (size_t)st.st_size) {
		n = read(fd, buf + len, (size_t)st.st_size - len);
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (!buf || n < 0) {
		free(buf);
		return buf ? -EIO : -ENOMEM;
	}
	*ret_buf = buf;
	*ret_len = len;
	return 0;
}

int elfmake_copy(const char *from, const char *to, char build)
{
	char *buf = NULL;
	size_t len = 0;
	int r = read_whole(from, &buf, &len);

	if (r < 0)
		return r;
	if (build)
		r = patch_build_id(buf, len, build);
	if (r == 0)
		r = write_new(to, buf, len);
	free(buf);
	return r;
}
