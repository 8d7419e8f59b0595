/*
 * fuzz_json.c - whatever was found, the object is valid JSON in UTF-8, on one line, and
 * the strings in it are in printable form.
 */
#include <jansson.h>

#include "fuzzview.h"
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Nesting is that of the schema, a handful. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void check(json_t *value)
{
	const char *s = json_string_value(value);
	void *iter = json_object_iter(value);

	for (; s && *s; s++) {
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			abort();
	}
	for (size_t i = 0; i < json_array_size(value); i++)
		check(json_array_get(value, i));
	for (; iter; iter = json_object_iter_next(value, iter))
		check(json_object_iter_value(iter));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzzview f;
	struct json json = {true, true};
	struct buf out = BUF_INIT;
	json_t *root;

	if (fuzzview_make(&f, data, size)) {
		if (json_render(&f.view, &f.verdict, &json, &out) < 0)
			abort();
		root = json_loadb(out.s, out.len,
				  JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
		if (!root || memchr(out.s, '\n', out.len) != out.s + out.len - 1)
			abort();
		check(root);
		json_decref(root);
		buf_release(&out);
	}
	free(f.text);
	f.text = NULL;
	return 0;
}
