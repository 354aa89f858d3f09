/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of services: what is read, what is refused, who holds. */
#include "darknet/label_rule.h"

#include "tests/tap.h"
#include "tests/unit/scratch.h"

/* Writes a list and gives "CLASS=FILE". */
static const char *list(const char *class_name, const char *name, const char *text)
{
	static char options[8][SCRATCH_PATH_MAX + 300];
	static unsigned turn;
	char *option = options[turn++ % 8];
	(void)snprintf(option, sizeof(options[0]), "%s=%s", class_name,
	               scratch_write(name, text, strlen(text)));
	return option;
}

static void find(const label_lists_t *lists, const char *text, const char *class_name)
{
	address_t address;
	listing_t listing;
	tap_require(address_parse(text, &address), "%s is an address", text);
	bool found = label_lists_find(lists, &address, &listing);
	is_text(found ? label_lists_class(lists, listing.list) : "", class_name, "class of %s", text);
}

static void test_lists(void)
{
	label_lists_t *lists = label_lists_create();
	failure_t failure = { 0 };
	tap_require(lists != NULL, "lists");
	is_int(label_lists_read(lists, list("cloud", "cloud", "# ours\n10.0.0.0/8\r\n\n  2001:db8::/32 "
	       "; yours\n10.1.0.0/16#\n"), &failure), STATUS_OK, "comments, blanks and CRLF");
	is_int(label_lists_read(lists, list("mail", "mail", "10.1.0.0/16\n10.1.2.3\n10.1.2.3"),
	       &failure), STATUS_OK, "no newline at the end");
	is_int(label_lists_read(lists, list("empty", "empty", ""), &failure), STATUS_OK,
	       "an empty list");
	label_lists_finish(lists);
	is_int(label_lists_count(lists), 3, "three lists");
	is_int(label_lists_lines(lists), 6, "six lines");
	find(lists, "10.0.0.1", "cloud");
	find(lists, "10.1.9.9", "cloud");  /* the first list */
	find(lists, "10.1.2.3", "mail");   /* the longest prefix */
	find(lists, "2001:db8::1", "cloud");
	find(lists, "192.0.2.1", "");
	find(lists, "::ffff", "");
	label_lists_destroy(lists);
}

static void test_conflicts(void)
{
	label_lists_t *lists = label_lists_create();
	failure_t failure = { 0 };
	tap_require(lists != NULL && label_lists_read(lists, list("a", "a", "10.0.0.0/8\n10.1.0.0/16\n"
	            "192.0.2.0/24\n"), &failure) == STATUS_OK &&
	            label_lists_read(lists, list("b", "b", "10.1.0.0/16\n10.1.2.0/24\n192.0.2.0/24\n"
	            "10.1.2.0/25\n"), &failure) == STATUS_OK &&
	            label_lists_read(lists, list("a", "c", "192.0.2.0/24\n"), &failure) == STATUS_OK,
	            "two classes that disagree");
	label_lists_finish(lists);
	/* Lines in order: 10/8 a, 10.1/16 a, 10.1/16 b, 10.1.2/24 b, 10.1.2/25 b, 192.0.2/24 a, b, a. */
	static const struct { bool conflict, kept; uint32_t holds, other; } wanted[] = {
		{ false, true, 0, 0 }, { false, true, 0, 0 }, { true, false, 0, 1 }, { true, true, 1, 0 },
		{ false, true, 1, 1 }, { false, true, 0, 0 }, { true, false, 0, 1 }, { false, false, 0, 2 },
	};
	tap_require(label_lists_lines(lists) == 8, "eight lines");
	for (uint32_t i = 0; i < 8; i++) {
		listing_t kept, dropped;
		bool conflict = label_lists_conflict(lists, i, &kept, &dropped);
		is_int(conflict, wanted[i].conflict, "line %d", (int)i);
		is_int(label_lists_is_kept(lists, i), wanted[i].kept, "is a row");
		if (conflict) {
			is_int(kept.list, wanted[i].holds, "who holds");
			is_int(dropped.list, wanted[i].other, "who does not");
		}
	}
	label_lists_destroy(lists);
	label_lists_destroy(NULL);
}

static void refuse(const char *option, status_t status, const char *sentence)
{
	label_lists_t *lists = label_lists_create();
	failure_t failure = { 0 };
	tap_require(lists != NULL, "lists");
	is_int(label_lists_read(lists, option, &failure), status, "refused: %s", sentence);
	ok(strstr(failure.sentence, sentence) != NULL, "its sentence");
	printf("# %s\n", failure.sentence);
	label_lists_destroy(lists);
}

static void test_refusals(void)
{
	char line[LABEL_LIST_LINE_MAX + 3];
	memset(line, ' ', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	refuse(list("a", "bad", "10.0.0.1\n10.0.0\n"), STATUS_BAD_DATA, "bad:2: '10.0.0' is no address");
	refuse(list("a", "bad", "10.0.0.1/33\n"), STATUS_BAD_DATA, "bad:1: '10.0.0.1/33' is no address");
	refuse(list("a", "bad", "10.0.0.1 10.0.0.2\n"), STATUS_BAD_DATA, "bad:1: '10.0.0.1 10.0.0.2'");
	refuse(list("a", "bad", "10.0.0.1,mail\n"), STATUS_BAD_DATA, "bad:1: '10.0.0.1,mail'");
	refuse(list("a", "bad", line), STATUS_BAD_DATA, "bad:1: line above 1000 bytes");
	scratch_write("zero", "10.0.0.1\n\0", 10);
	char option[SCRATCH_PATH_MAX + 16];
	(void)snprintf(option, sizeof(option), "a=%s", scratch_path("zero"));
	refuse(option, STATUS_BAD_DATA, "zero:2: a zero byte");
	(void)snprintf(option, sizeof(option), "a=%s", scratch_path("none"));
	refuse(option, STATUS_SYSTEM, "none': No such file");
	(void)snprintf(option, sizeof(option), "a=%s", scratch_folder);
	refuse(option, STATUS_SYSTEM, "Is a directory");
	refuse("mail", STATUS_CALLER, "CLASS=FILE, not 'mail'");
	refuse("=mail", STATUS_CALLER, "CLASS=FILE, not '=mail'");
	refuse("mail=", STATUS_CALLER, "CLASS=FILE, not 'mail='");
	refuse("ma\til=x", STATUS_CALLER, "CLASS=FILE");
}

static void test_precedence(void)
{
	label_lists_t *lists = label_lists_create();
	failure_t failure;
	tap_require(lists != NULL && label_lists_read(lists, list("mail", "mail", "10.0.0.0/8\n"),
	            &failure) == STATUS_OK &&
	            label_lists_read(lists, list("scan", "scan", ""), &failure) == STATUS_OK, "lists");
	label_lists_finish(lists);
	const listing_t address = { { .length = 128 }, 0 }, network = { { .length = 120 }, 0 };
	const listing_t research = { { .length = 120 }, 1 };
	static const struct { label_preference_t preference; const char *address, *network; }
	wanted[] = {
		{ LABEL_PREFER_ADDRESS, "mail", "scan" },
		{ LABEL_PREFER_LIST, "mail", "mail" },
		{ LABEL_PREFER_DARKNET, "scan", "scan" },
	};
	label_rule_t rule;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		label_preference_t preference = wanted[i].preference;
		const char *name = label_preference_name(preference);
		is_int(label_preference_find(name), preference, "%s is found by its name", name);
		is_text(label_decide(lists, &address, preference, &rule), wanted[i].address,
		        "%s: a listed address", name);
		ok(rule < LABEL_RULES, "is a conflict");
		is_text(label_decide(lists, &network, preference, &rule), wanted[i].network,
		        "%s: a listed network", name);
		ok(rule < LABEL_RULES, "is a conflict");
		is_text(label_decide(lists, &research, preference, &rule), "scan", "a list of scanners");
		is_int(rule, LABEL_RULES, "agrees");
		is_text(label_decide(NULL, NULL, preference, &rule), "scan", "no list");
		is_int(rule, LABEL_RULES, "is no conflict");
	}
	is_int(label_preference_find("both"), LABEL_PREFERENCES, "both is none");
	label_lists_destroy(lists);
}

int main(void)
{
	scratch_begin();
	test_lists();
	test_conflicts();
	test_refusals();
	test_precedence();
	scratch_end();
	return tap_done();
}
