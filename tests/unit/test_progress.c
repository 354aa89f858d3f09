/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line of progress, on a terminal that the test reads, and its silence elsewhere. */
#include "config.h"

#include "cli/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "common/moment.h"
#include "tests/tap.h"

static int terminal;

/* What was drawn since the last time: what comes until nothing more does. */
static const char *drawn(void)
{
	static char text[4096];
	size_t size = 0;
	struct pollfd wait = { .fd = terminal, .events = POLLIN };
	while (size < sizeof(text) - 1 && poll(&wait, 1, 100) == 1) {
		ssize_t count = read(terminal, text + size, sizeof(text) - 1 - size);
		if (count <= 0) {
			break;
		}
		size += (size_t)count;
	}
	text[size] = '\0';
	return text;
}

/* A line that is drawn so many seconds after the begin. */
static const char *line_after(uint64_t seconds, uint64_t total, uint64_t skipped, uint64_t done)
{
	progress_t progress = progress_begin("reading", "bytes", total);
	progress_skip(&progress, skipped);
	progress.start -= seconds * MICROSECONDS;
	progress_update(&progress, done);
	return drawn();
}

static void holds(const char *line, const char *text)
{
	if (!ok(strstr(line, text) != NULL, "%s", text)) {
		printf("# %s\n", line);
	}
}

static void test_lines(void)
{
	const char *line = line_after(10, 4000, 0, 1000);
	holds(line, "\r\033[Kreading: 1000 bytes, 100 /s, 25 %, ");
	holds(line, " s left");
	holds(line_after(100, 0, 0, 123456789), "reading: 123 Mbytes, 1235 k/s");
	holds(line_after(10, 5000000000, 0, 100000000), "2 %, 8 min ");
	line = line_after(100, UINT64_C(100000000000), 0, 1000000000);
	holds(line, "1 %, 2 h 4");
	holds(line, " min left");
	/* What an earlier run has done gives no rate. */
	line = line_after(10, 4000, 2000, 3000);
	holds(line, "3000 bytes, 100 /s, 75 %, ");
	holds(line_after(10, 4000, 4000, 4000), "4000 bytes, 0 /s");
}

static void test_restraint(void)
{
	progress_t progress = progress_begin("reading", "bytes", 0);
	progress_end(&progress);
	progress_update(&progress, 1);
	holds(drawn(), "reading: 1 bytes");
	progress_update(&progress, 2);
	progress_end(&progress);
	is_text(drawn(), "\r\033[K", "a second line at once is not drawn, and the first is wiped");
}

/* Standard error becomes the terminal. */
static bool open_terminal(void)
{
	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
		return false;
	}
	int end = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	struct termios settings;
	if (end < 0 || tcgetattr(end, &settings) != 0) {
		return false;
	}
	cfmakeraw(&settings);
	return tcsetattr(end, TCSANOW, &settings) == 0 && fcntl(terminal, F_SETFL, O_NONBLOCK) == 0 &&
	       dup2(end, STDERR_FILENO) >= 0;
}

int main(void)
{
	progress_t silent = progress_begin("reading", "bytes", 0);
	silent.on = 0;
	progress_update(&silent, 5);
	ok(silent.shown == 0, "nothing is drawn where there is no terminal");
	if (!open_terminal()) {
		ok(true, "a terminal to draw on # SKIP the system gives none");
		return tap_done();
	}
	test_lines();
	test_restraint();
	return tap_done();
}
