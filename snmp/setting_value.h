/*
 * setting_value.h - what each setting of the daemon's own takes for its value; those that
 * check_stale has too are the core's.
 */
#ifndef SNMP_SETTING_VALUE_H
#define SNMP_SETTING_VALUE_H

#include "setting.h"

/* to: where it goes; value: not empty, NULL where the setting takes none.  Return 0,
 * -EINVAL with what is wrong told to reader, or -ENOMEM. */
int setting_value_foreground(struct setting_reader *reader, struct settings *to,
			     const char *value);
int setting_value_socket(struct setting_reader *reader, struct settings *to,
			 const char *value);
int setting_value_pidfile(struct setting_reader *reader, struct settings *to,
			  const char *value);
int setting_value_config(struct setting_reader *reader, struct settings *to,
			 const char *value);
int setting_value_log(struct setting_reader *reader, struct settings *to,
		      const char *value);
int setting_value_debug(struct setting_reader *reader, struct settings *to,
			const char *value);
int setting_value_version(struct setting_reader *reader, struct settings *to,
			  const char *value);
int setting_value_help(struct setting_reader *reader, struct settings *to,
		       const char *value);
int setting_value_no_watch(struct setting_reader *reader, struct settings *to,
			   const char *value);
int setting_value_interval(struct setting_reader *reader, struct settings *to,
			   const char *value);
int setting_value_timeout(struct setting_reader *reader, struct settings *to,
			  const char *value);
int setting_value_ping_interval(struct setting_reader *reader, struct settings *to,
				const char *value);
int setting_value_max_processes(struct setting_reader *reader, struct settings *to,
				const char *value);
int setting_value_max_files(struct setting_reader *reader, struct settings *to,
			    const char *value);
int setting_value_notify(struct setting_reader *reader, struct settings *to,
			 const char *value);

#endif
