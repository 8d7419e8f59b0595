/*
 * test_table.c - the hash table of judged files.
 */
#include "tests/test.h"

#include "scan/table.h"

static const int values[2];

static void key_that_was_added_is_found_with_its_value(void **state)
{
	struct table table;
	struct table_slot *slot;
	const struct table_key key = {1, 2, 3};

	(void)state;
	table_init(&table, 42);
	assert_null(table_find(&table, &key));
	assert_int_equal(table_add(&table, &key, &values[1], &slot), 0);
	assert_ptr_equal(slot->value, &values[1]);
	assert_int_equal(slot->stamp, 0);
	assert_ptr_equal(table_find(&table, &key), slot);
	table_release(&table);
}

static void keys_that_differ_in_any_part_are_apart(void **state)
{
	const struct table_key other[] = {{9, 2, 3}, {1, 9, 3}, {1, 2, 9}};
	const struct table_key key = {1, 2, 3};
	struct table_slot *slot;
	struct table table;

	(void)state;
	table_init(&table, 42);
	assert_int_equal(table_add(&table, &key, &values[0], &slot), 0);
	for (size_t i = 0; i < ARRAY_LEN(other); i++)
		assert_null(table_find(&table, &other[i]));
	table_release(&table);
}

static void all_of_many_keys_outlive_growth(void **state)
{
	enum { N = 100000 };
	struct table table;
	struct table_slot *slot;

	(void)state;
	table_init(&table, 42);
	for (uint64_t i = 0; i < N; i++) {
		/* Only the high bits differ: a weak hash would make a list of this. */
		const struct table_key key = {i << 44, 7, 0};

		assert_int_equal(table_add(&table, &key, &values[i & 1], &slot), 0);
		slot->stamp = (uint32_t)i;
	}
	assert_int_equal(table.n, N);
	for (uint64_t i = 0; i < N; i++) {
		const struct table_key key = {i << 44, 7, 0};

		slot = table_find(&table, &key);
		assert_non_null(slot);
		assert_int_equal(slot->stamp, i);
		assert_ptr_equal(slot->value, &values[i & 1]);
	}
	table_release(&table);
}

static void hash_depends_on_every_byte_the_length_and_the_seed(void **state)
{
	char bytes[24] = "0123456789abcdefghijklm";
	const uint64_t h = table_hash(1, bytes, 23);

	(void)state;
	assert_true(h != table_hash(2, bytes, 23));
	assert_true(h != table_hash(1, bytes, 22));
	for (size_t i = 0; i < 23; i++) {
		bytes[i] ^= 1;
		row_number("byte changed", "equal hash", h == table_hash(1, bytes, 23),
			   0);
		bytes[i] ^= 1;
	}
	assert_true(h == table_hash(1, bytes, 23));
	assert_true(table_hash(1, "", 0) != table_hash(1, "\0", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_that_was_added_is_found_with_its_value),
		cmocka_unit_test(keys_that_differ_in_any_part_are_apart),
		cmocka_unit_test(all_of_many_keys_outlive_growth),
		cmocka_unit_test(hash_depends_on_every_byte_the_length_and_the_seed),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
