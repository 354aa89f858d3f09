/* SPDX-License-Identifier: GPL-3.0-or-later */
/* write_authority pcap|dnstap QUERIES SEED FILE: the capture of authority.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/authority.h"

int main(int argc, char **argv)
{
	if (argc != 5 || (strcmp(argv[1], "pcap") != 0 && strcmp(argv[1], "dnstap") != 0)) {
		fputs("usage: write_authority pcap|dnstap QUERIES SEED FILE\n", stderr);
		return 2;
	}
	FILE *file = fopen(argv[4], "wb");
	if (file == NULL) {
		perror(argv[4]);
		return 1;
	}
	authority_write(file, strcmp(argv[1], "pcap") == 0 ? AUTHORITY_PCAP : AUTHORITY_DNSTAP,
	                strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
	int failed = ferror(file);
	if (fclose(file) != 0 || failed) {
		perror(argv[4]);
		return 1;
	}
	return 0;
}
