/*
 * texts.c - a list of copies of texts.
 */
#include "texts.h"

#include <string.h>

#include "util.h"

int texts_add(struct texts *texts, const char *text)
{
	const size_t size = strlen(text) + 1;
	char *copy;

	if (util_grow(&texts->list, &texts->room, texts->n + 1, sizeof(char *)) < 0)
		return -ENOMEM;
	copy = malloc(size);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, size);
	((char **)texts->list)[texts->n + 1] = NULL;
	((char **)texts->list)[texts->n] = copy;
	texts->n++;
	return 0;
}

const char *const *texts_list(const struct texts *texts)
{
	return texts->n ? texts->list : NULL;
}

void texts_release(struct texts *texts)
{
	while (texts->n > 0)
		free(((char **)texts->list)[--texts->n]);
	free(texts->list);
	*texts = (struct texts){0};
}
