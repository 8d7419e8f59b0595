/*
 * json.h - all of a report as one JSON object on one line (schema 1).  Pure.
 */
#ifndef PLUGIN_JSON_H
#define PLUGIN_JSON_H

#include "buf.h"
#include "verdict.h"

struct json {
	bool show_ignored;
	bool show_args;
};

/* Adds the object and a newline.  Returns 0, or -ENOMEM. */
int json_render(const struct view *view, const struct verdict *verdict,
		const struct json *json, struct buf *out);

#endif
