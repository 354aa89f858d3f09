/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datasets from CSV: what becomes of rows, columns and labels, and each refusal's sentence. */
#include <unistd.h>

#include "classifier/limits.h"
#include "common/moment.h"
#include "tests/unit/test_model_fixture.h"

static char features_path[] = "test_dataset_features.XXXXXX";
static char labels_path[] = "test_dataset_labels.XXXXXX";

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
		tap_require(false, "a file to test with can be written");
	}
}

static void make_path(char *path)
{
	int fd = mkstemp(path);
	tap_require(fd >= 0, "a file to test with can be made");
	close(fd);
}

static status_t read_by_column(const char *text, const char *column, dataset_t **dataset,
                               failure_t *failure)
{
	write_file(features_path, text);
	dataset_source_t source = { .features = features_path, .label_column = column };
	return dataset_read(&source, dataset, failure);
}

static status_t read_by_labels(const char *text, const char *labels, dataset_t **dataset,
                               failure_t *failure)
{
	write_file(features_path, text);
	write_file(labels_path, labels);
	dataset_source_t source = { .features = features_path, .labels = labels_path };
	return dataset_read(&source, dataset, failure);
}

static void test_meta(void)
{
	static const char *const meta[] = {
		"window_start", "window_seconds", "originator", "queriers", "queries", "known_names",
		"known_",
	};
	static const char *const features[] = {
		"home", "queries_per_querier", "queriers_per_as", "known", "Queries", "window",
	};
	for (size_t i = 0; i < sizeof(meta) / sizeof(meta[0]); i++) {
		ok(dataset_column_is_meta(meta[i]), "%s is no feature", meta[i]);
	}
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		ok(!dataset_column_is_meta(features[i]), "%s is a feature", features[i]);
	}
}

static void test_column(void)
{
	dataset_t *dataset;
	failure_t failure = { 0 };
	status_t status = read_by_column("a,queries,kind,b\n1,9,zebra,2.5\n,9,ant,-1e3\n3,9,,4\n"
	                                 "0.1,9,zebra,\n", "kind", &dataset, &failure);
	tap_require(status == STATUS_OK, "a file with a label column is read (%s)", failure.sentence);
	is_int(dataset_rows(dataset), 3, "the row without a label is left out");
	is_int(dataset_left_out(dataset), 1, "and counted");
	is_int(dataset_features(dataset), 2, "label and meta columns are no features");
	is_text(dataset_feature_name(dataset, 0), "a", "first feature");
	is_text(dataset_feature_name(dataset, 1), "b", "second feature");
	is_int(dataset_classes(dataset), 2, "two classes");
	is_text(dataset_class_name(dataset, 0), "ant", "classes are sorted, not in order of rows");
	is_int(dataset_class_rows(dataset, 0), 1, "rows of ant");
	is_int(dataset_class_rows(dataset, 1), 2, "rows of zebra");
	is_int(dataset_labels(dataset)[0], 1, "label of the first row");
	is_int(dataset_labels(dataset)[1], 0, "label of the second row");
	const double *matrix = dataset_matrix(dataset);
	ok(matrix[0] == 1 && matrix[1] == 2.5 && isnan(matrix[2]) && matrix[3] == -1000 &&
	   matrix[4] == 0.1 && isnan(matrix[5]), "the matrix holds the numbers, NaN for empty fields");
	is_int(dataset_class_index(dataset, "zebra"), 1, "a class is found by its name");
	is_int(dataset_class_index(dataset, "cow"), -1, "a class that is not there is not found");
	dataset_destroy(dataset);
}

static void test_labels(void)
{
	dataset_t *dataset;
	failure_t failure = { 0 };
	status_t status = read_by_labels(
		"window_start,window_seconds,originator,queriers,queries,home,known_names\n"
		"2026-01-01,86400,192.0.2.1,20,30,0.5,1\n"
		"2026-01-01,86400,2001:DB8:0::1,20,30,0.25,1\n"
		"2026-01-01,86400,192.0.2.9,20,30,nonsense in a row without label,1\n"
		"2026-01-02,86400,192.0.2.1,20,30,0.75,1\n"
		"2026-01-02,86400,192.0.2.2,20,30,1,1\n",
		"first_seen,class,address\nx,scan,192.0.2.1\nx,mail,2001:db8::1\nx,ghost,203.0.113.1\n"
		"y,scan,192.0.2.1\nx,mail,192.0.2.2\nx,,192.0.2.9\n", &dataset, &failure);
	tap_require(status == STATUS_OK, "features are joined to labels (%s)", failure.sentence);
	is_int(dataset_rows(dataset), 4, "rows with a label");
	is_int(dataset_left_out(dataset), 1, "an empty class is no label");
	is_int(dataset_features(dataset), 1, "home is the one feature");
	is_int(dataset_classes(dataset), 2, "a class without rows is dropped");
	is_text(dataset_class_name(dataset, 0), "mail", "mail is first");
	is_int(dataset_labels(dataset)[0], 1, "192.0.2.1 is scan");
	is_int(dataset_labels(dataset)[1], 0, "2001:DB8:0::1 is mail: addresses, not texts");
	is_int(dataset_labels(dataset)[2], 1, "192.0.2.1 is scan in its second window too");
	dataset_destroy(dataset);
}

/* What `backscatter label` writes, joined to windows of features. */
static void test_windows(void)
{
	static const char features[] =
		"window_start,window_seconds,originator,x\n"
		"2026-01-01T00:00:00Z,86400,192.0.2.1,1\n"    /* scan on that day */
		"2026-01-02T00:00:00Z,86400,192.0.2.1,2\n"    /* nothing, but the day before */
		"2026-01-03T00:00:00Z,86400,192.0.2.1,3\n"    /* nothing for two days */
		"2026-01-01T00:00:00Z,86400,192.0.2.9,4\n"    /* in the list of mail */
		"2026-01-01T00:00:00Z,86400,198.51.100.7,5\n" /* in the cloud, which scans */
		"2026-01-02T00:00:00Z,86400,198.51.100.7,6\n" /* in the cloud */
		"2026-01-01T00:00:00Z,604800,2001:db8::1,7\n" /* scan and mail in one week */
		"2026-01-01T00:00:00Z,86400,192.0.2.3,8\n";   /* seen, without a class */
	static const char labels[] =
		"window_start,window_seconds,address,class,event,protocol,packets,targets,ports,tool\n"
		",,192.0.2.9,mail,list,,,,,\n"
		",,198.51.100.0/24,cloud,list,,,,,\n"
		"2026-01-01T00:00:00Z,86400,192.0.2.1,scan,network scan heavy,tcp,900,30,1,zmap\n"
		"2026-01-01T00:00:00Z,86400,192.0.2.1,,one flow,udp,17,1,1,\n"
		"2026-01-01T00:00:00Z,86400,192.0.2.3,,small syn,tcp,1,1,1,\n"
		"2026-01-01T00:00:00Z,86400,198.51.100.7,scan,port scan light,tcp,9,1,9,\n"
		"2026-01-02T00:00:00Z,86400,2001:db8::1,scan,network scan light,tcp,9,9,1,\n"
		"2026-01-03T00:00:00Z,86400,2001:db8::1,mail,network scan light,tcp,9,9,1,\n";
	/* With each reach: the rows that are left, as x and class; left out; of these disagreed. */
	static const struct {
		uint64_t days;
		const char *rows;
		size_t left_out, disagreed;
	} wanted[] = {
		{ 0, "1 scan, 4 mail, 5 scan, 6 cloud, ", 4, 1 },
		{ 1, "1 scan, 2 scan, 4 mail, 5 scan, 6 scan, ", 3, 1 },
		{ 2, "1 scan, 2 scan, 3 scan, 4 mail, 5 scan, 6 scan, ", 2, 1 },
	};
	write_file(features_path, features);
	write_file(labels_path, labels);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		dataset_source_t source = {
			.features = features_path, .labels = labels_path,
			.label_reach = wanted[i].days * 86400 * MICROSECONDS,
		};
		dataset_t *dataset;
		failure_t failure = { 0 };
		char rows[256] = "";
		tap_require(dataset_read(&source, &dataset, &failure) == STATUS_OK, "reach %d (%s)",
		            (int)wanted[i].days, failure.sentence);
		for (size_t row = 0; row < dataset_rows(dataset); row++) {
			size_t size = strlen(rows);
			(void)snprintf(rows + size, sizeof(rows) - size, "%g %s, ",
			               dataset_matrix(dataset)[row],
			               dataset_class_name(dataset, dataset_labels(dataset)[row]));
		}
		is_text(rows, wanted[i].rows, "rows with a label");
		is_int(dataset_left_out(dataset), wanted[i].left_out, "rows without");
		is_int(dataset_disagreed(dataset), wanted[i].disagreed, "rows whose labels disagree");
		dataset_destroy(dataset);
	}
}

static void test_groups(void)
{
	dataset_t *dataset, *subset;
	failure_t failure = { 0 };
	tap_require(read_by_column("x,y,originator,site\n1,p,2001:DB8::1,a\n2,q,,b\n"
	                           "3,p,2001:db8:0::1,b\n4,q,,a\n5,p,192.0.2.1,\n",
	                           "y", &dataset, &failure) == STATUS_BAD_DATA,
	            "the column site holds no numbers");
	const char *text = "x,y,originator,site\n1,p,2001:DB8::1,7\n2,q,,8\n3,p,2001:db8:0::1,8\n"
	                   "4,q,,7\n5,r,192.0.2.1,\n";
	tap_require(read_by_column(text, "y", &dataset, &failure) == STATUS_OK, "now it does");
	const uint64_t *groups = dataset_groups(dataset);
	tap_require(groups != NULL, "originators are the groups where there are some");
	ok(groups[0] == groups[2], "one originator in two spellings is one group");
	ok(groups[1] != groups[3] && groups[1] != groups[0] && groups[4] != groups[0] &&
	   groups[4] != groups[1] && groups[4] != groups[3], "rows without an originator are alone");
	is_int(dataset_features(dataset), 2, "x and site are features");
	is_int(dataset_subset(dataset, (size_t[]) { 3, 0, 3 }, 3, &subset, &failure), STATUS_OK,
	       "a subset");
	is_int(dataset_rows(subset), 3, "has the rows asked for");
	is_int(dataset_classes(subset), 2, "and no class without rows");
	ok(dataset_matrix(subset)[0] == 4 && dataset_matrix(subset)[2] == 1 &&
	   dataset_matrix(subset)[4] == 4, "in the order asked for");
	ok(dataset_labels(subset)[0] == 1 && dataset_labels(subset)[1] == 0, "with their classes");
	is_text(dataset_feature_name(subset, 1), "site", "and features");
	ok(dataset_groups(subset)[0] == groups[3] && dataset_groups(subset)[1] == groups[0],
	   "and groups");
	dataset_destroy(subset);
	is_int(dataset_subset(dataset, (size_t[]) { 0, 2 }, 2, &subset, &failure), STATUS_BAD_DATA,
	       "a subset of one class is none");
	dataset_destroy(dataset);

	dataset_source_t source = {
		.features = features_path, .label_column = "y", .group_column = "site",
	};
	tap_require(dataset_read(&source, &dataset, &failure) == STATUS_OK, "groups by site");
	groups = dataset_groups(dataset);
	ok(groups[0] == groups[3] && groups[1] == groups[2] && groups[0] != groups[1],
	   "rows of one site belong together");
	is_int(dataset_features(dataset), 1, "and site is no feature");
	dataset_destroy(dataset);
	source.group_column = "town";
	is_int(dataset_read(&source, &dataset, &failure), STATUS_BAD_DATA, "no column town");
	ok(strstr(failure.sentence, ": there is no column 'town'") != NULL, "its sentence");
	dataset = fixture_xor(1, 10, 2, 0);
	ok(dataset_groups(dataset) == NULL, "without a group there is no array of them");
	dataset_destroy(dataset);
}

static void test_fold(void)
{
	dataset_t *dataset;
	failure_t failure;
	const char *text = "x,y\n1,scan\n2,mail\n3,cdn\n4,zoo\n5,scan\n";
	tap_require(read_by_column(text, "y", &dataset, &failure) == STATUS_OK, "four classes");
	ok(dataset_fold(dataset, "spam", &failure) == STATUS_BAD_DATA, "spam is none of them");
	is_text(failure.sentence, "no row has the class 'spam'", "its sentence");
	is_int(dataset_classes(dataset), 4, "nothing was changed");
	ok(dataset_fold(dataset, "scan", &failure) == STATUS_OK, "scan against the rest");
	is_int(dataset_classes(dataset), 2, "two classes");
	is_text(dataset_class_name(dataset, 0), "other", "the rest");
	is_text(dataset_class_name(dataset, 1), "scan", "the positive class");
	is_int(dataset_class_rows(dataset, 0), 3, "rows of the rest");
	is_int(dataset_class_rows(dataset, 1), 2, "rows of scan");
	is_int(dataset_labels(dataset)[3], 0, "zoo became the rest");
	is_int(dataset_labels(dataset)[4], 1, "scan stayed scan");
	ok(dataset_fold(dataset, "other", &failure) == STATUS_BAD_DATA, "the rest cannot be positive");
	dataset_destroy(dataset);

	tap_require(read_by_column(text, "y", &dataset, &failure) == STATUS_OK, "again");
	ok(dataset_fold(dataset, "cdn", &failure) == STATUS_OK, "cdn against the rest");
	is_text(dataset_class_name(dataset, 0), "cdn", "order is by name, cdn is first");
	is_int(dataset_labels(dataset)[2], 0, "cdn is class 0");
	is_int(dataset_labels(dataset)[0], 1, "scan is the rest");
	dataset_destroy(dataset);
}

/* A file that is refused, and the end of the sentence behind the path. */
typedef struct {
	const char *what;
	const char *features;
	const char *labels;   /* NULL: label column y */
	const char *sentence;
	bool of_labels;       /* the sentence begins with the labels' path */
} refusal_t;

static const refusal_t refusals[] = {
	{ "a word", "a,y\n1,p\nfoo,q\n", NULL, ":3: column 'a': 'foo' is no number", false },
	{ "digits and more", "a,y\n1x,p\n", NULL, ":2: column 'a': '1x' is no number", false },
	{ "a blank", "a,y\n 1,p\n", NULL, ":2: column 'a': ' 1' is no number", false },
	{ "hexadecimal", "a,y\n0x10,p\n", NULL, ":2: column 'a': '0x10' is no number", false },
	{ "nan", "a,y\nnan,p\n", NULL, ":2: column 'a': 'nan' is no number", false },
	{ "infinity", "a,y\n1,p\n-inf,q\n", NULL, ":3: column 'a': '-inf' is infinite", false },
	{ "too large", "a,y\n1e999,p\n", NULL, ":2: column 'a': '1e999' is infinite", false },
	{ "no rows", "a,y\n", NULL, ": there are no rows", false },
	{ "no labels", "a,y\n1,\n2,\n", NULL, ": no row has a label in column 'y'", false },
	{ "one class", "a,y\n1,p\n2,p\n", NULL,
	  ": all 2 rows have the class 'p': there is nothing to tell apart", false },
	{ "as many classes as rows", "a,y\n1,1.5\n2,2.5\n3,3.5\n", NULL,
	  ": each of the 3 rows has a class of its own: there is nothing to learn from", false },
	{ "no label column", "a,z\n1,p\n", NULL, ": there is no column 'y'", false },
	{ "no feature", "queries,y\n1,p\n", NULL, ": 0 features; there must be 1 to 4096", false },
	{ "a short line", "a,y\n1\n", NULL, ":2: 1 fields, the header has 2", false },
	{ "a control character", "a,y\n1,p\tq\n", NULL, ":2: the name of a class is empty, above 255 "
	  "bytes or has control characters", false },
	{ "no originator", "a,y\n1,2\n", "address,class\n", ": there is no column 'originator'", false },
	{ "a bad originator", "originator,a\n1.2.3,2\n", "address,class\n",
	  ":2: originator '1.2.3' is no address and no /64", false },
	{ "a bad address", "originator,a\n1.2.3.4,2\n", "address,class\n1.2.3.4,p\n1.2.3.256,q\n",
	  ":3: '1.2.3.256' is no address or prefix", true },
	{ "a bad moment of a label", "originator,a\n1.2.3.4,2\n",
	  "window_start,window_seconds,address,class\nnow,1,1.2.3.4,p\n",
	  ":2: window_start 'now' is no moment", true },
	{ "a bad length of a label", "originator,a\n1.2.3.4,2\n",
	  "window_start,window_seconds,address,class\n2026-01-01,1d,1.2.3.4,p\n",
	  ":2: window_seconds '1d' is no number of seconds", true },
	{ "a window of no length", "originator,a\n1.2.3.4,2\n",
	  "window_start,window_seconds,address,class\n2026-01-01,0,1.2.3.4,p\n",
	  ":2: window_seconds '0' is no number of seconds", true },
	{ "half a window of a label", "originator,a\n1.2.3.4,2\n", "window_start,address,class\n",
	  ": there is no column 'window_seconds'", true },
	{ "a bad moment of a row", "originator,window_start,window_seconds,a\n1.2.3.4,now,1,2\n",
	  "window_start,window_seconds,address,class\n2026-01-01,1,1.2.3.4,p\n",
	  ":2: window_start 'now' is no moment", false },
	{ "contradicting labels of a window", "originator,a\n1.2.3.4,2\n",
	  "window_start,window_seconds,address,class\n2026-01-01,1,10.0.0.0/8,p\n"
	  "2026-01-02,1,10.0.0.0/8,p\n2026-01-01T00:00:00Z,1,10.0.0.0/8,q\n",
	  ":4: 10.0.0.0/8 has the class 'q', but 'p' in line 2", true },
	{ "no class column", "originator,a\n1.2.3.4,2\n", "address,kind\n",
	  ": there is no column 'class'", true },
	{ "contradicting labels", "originator,a\n1.2.3.4,2\n",
	  "address,class\n1.2.3.4,p\n::1,q\n1.2.3.4,q\n",
	  ":4: 1.2.3.4 has the class 'q', but 'p' in line 2", true },
};

static void test_refusals(void)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const refusal_t *refusal = &refusals[i];
		dataset_t *dataset = NULL;
		failure_t failure = { 0 };
		char wanted[FAILURE_SENTENCE_MAX];
		status_t status = refusal->labels == NULL ?
			read_by_column(refusal->features, "y", &dataset, &failure) :
			read_by_labels(refusal->features, refusal->labels, &dataset, &failure);
		snprintf(wanted, sizeof(wanted), "%s%s", refusal->of_labels ? labels_path : features_path,
		         refusal->sentence);
		is_int(status, STATUS_BAD_DATA, "%s: refused", refusal->what);
		is_text(failure.sentence, wanted, "%s: its sentence", refusal->what);
		ok(dataset == NULL, "%s: no dataset", refusal->what);
	}
	dataset_t *dataset;
	failure_t failure = { 0 };
	status_t status = read_by_labels("originator,a\n1.2.3.4,2\n", "address,class\n::1,p\n",
	                                 &dataset, &failure);
	is_int(status, STATUS_BAD_DATA, "no originator with a label: refused");
	ok(strstr(failure.sentence, "no originator has a label in ") != NULL &&
	   strstr(failure.sentence, labels_path) != NULL, "its sentence names the labels");
	dataset_source_t both = { .features = "x", .labels = "y", .label_column = "z" };
	is_int(dataset_read(&both, &dataset, &failure), STATUS_CALLER, "two sources of labels");
}

static void test_limits(void)
{
	dataset_t *dataset = fixture_begin(1);
	failure_t failure;
	uint32_t index;
	status_t status = STATUS_OK;
	char name[16];
	for (size_t i = 0; i < MODEL_CLASSES_MAX && status == STATUS_OK; i++) {
		snprintf(name, sizeof(name), "class %zu", i);
		status = dataset_class(dataset, name, &index, &failure);
	}
	ok(status == STATUS_OK && index == MODEL_CLASSES_MAX - 1, "as many classes as may be");
	status = dataset_class(dataset, "one more", &index, &failure);
	is_int(status, STATUS_BAD_DATA, "one more class is refused");
	ok(dataset_class(dataset, "class 7", &index, NULL) == STATUS_OK && index == 7,
	   "a known class is found all the same");
	char long_name[MODEL_NAME_MAX + 2];
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	dataset_t *other = NULL;
	const char *names[] = { long_name };
	is_int(dataset_create(names, 1, &other, NULL), STATUS_BAD_DATA, "a name that is too long");
	ok(other == NULL, "gives no dataset");
	dataset_destroy(dataset);
	dataset_destroy(NULL);
}

int main(void)
{
	make_path(features_path);
	make_path(labels_path);
	test_meta();
	test_column();
	test_labels();
	test_windows();
	test_groups();
	test_fold();
	test_refusals();
	test_limits();
	unlink(features_path);
	unlink(labels_path);
	return tap_done();
}
