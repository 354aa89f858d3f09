/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reverse look-ups by c-ares. */
#include "cli/ptr_client.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

#include "common/moment.h"
#include "common/reverse_name.h"

/* What fits into one packet on all usual paths (DNS Flag Day 2020). */
#define EDNS_SIZE 1232

struct ptr_client {
	ares_channel channel;
	ptr_client_done_t done;
	void *context;
	bool closing;
};

/* A question on its way. */
typedef struct {
	ptr_client_t *client;
	void *tag;
} question_t;

static status_t fail(int code, const char *what, failure_t *failure)
{
	return code == ARES_ENOMEM ? failure_no_memory(failure, what) :
	       failure_set(failure, STATUS_SYSTEM, "%s: %s", what, ares_strerror(code));
}

static status_t set_server(ares_channel channel, const address_t *resolver, uint16_t port,
                           failure_t *failure)
{
	struct ares_addr_port_node server = { .udp_port = port, .tcp_port = port };
	if (address_is_ipv4(resolver)) {
		server.family = AF_INET;
		memcpy(&server.addr.addr4, resolver->bytes + 12, 4);
	} else {
		server.family = AF_INET6;
		memcpy(&server.addr.addr6, resolver->bytes, 16);
	}
	int code = ares_set_servers_ports(channel, &server);
	return code == ARES_SUCCESS ? STATUS_OK : fail(code, "cannot set the resolver", failure);
}

status_t ptr_client_open(const address_t *resolver, uint16_t port, unsigned patience,
                         ptr_client_done_t done, void *context, ptr_client_t **out,
                         failure_t *failure)
{
	struct ares_options options = {
		/* Codes such as SERVFAIL are for us to judge. */
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_STAYOPEN | ARES_FLAG_EDNS,
		.timeout = (int)patience,
		.tries = 1,
		.ednspsz = EDNS_SIZE,
	};
	ptr_client_t *client = calloc(1, sizeof(*client));
	if (client == NULL) {
		return failure_no_memory(failure, "the client of the resolver");
	}
	client->done = done;
	client->context = context;
	int code = ares_library_init(ARES_LIB_INIT_ALL);
	if (code == ARES_SUCCESS) {
		code = ares_init_options(&client->channel, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS |
		                         ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
		if (code != ARES_SUCCESS) {
			ares_library_cleanup();
		}
	}
	if (code != ARES_SUCCESS) {
		free(client);
		return fail(code, "cannot start the client of the resolver", failure);
	}
	status_t status = set_server(client->channel, resolver, port, failure);
	if (status != STATUS_OK) {
		ptr_client_close(client);
		return status;
	}
	*out = client;
	return STATUS_OK;
}

static void take(void *argument, int code, int timeouts, unsigned char *message, int size)
{
	question_t *question = argument;
	ptr_client_t *client = question->client;
	ptr_answer_t answer = { .kind = code == ARES_ETIMEOUT ? PTR_SILENT : PTR_UNSENT };
	(void)timeouts;
	if (message != NULL && size > 0) {
		ptr_answer_read(message, (size_t)size, &answer);
	}
	if (!client->closing) {
		client->done(client->context, question->tag, &answer);
	}
	free(question);
}

/* The labels of a reverse name need no escapes. */
static void name_text(const address_t *querier, char text[REVERSE_NAME_MAX])
{
	uint8_t wire[REVERSE_NAME_MAX];
	(void)reverse_name_write(querier, wire);
	size_t size = 0;
	for (const uint8_t *label = wire; *label != 0; label += 1 + *label) {
		memcpy(text + size, label + 1, *label);
		size += *label;
		text[size++] = '.';
	}
	text[size] = '\0';
}

void ptr_client_ask(ptr_client_t *client, const address_t *querier, void *tag)
{
	char name[REVERSE_NAME_MAX];
	question_t *question = malloc(sizeof(*question));
	if (question == NULL) {
		client->done(client->context, tag, &(ptr_answer_t) { .kind = PTR_UNSENT });
		return;
	}
	*question = (question_t) { client, tag };
	name_text(querier, name);
	ares_query(client->channel, name, ns_c_in, ns_t_ptr, take, question);
}

void ptr_client_wait(ptr_client_t *client, uint64_t microseconds, const sigset_t *mask)
{
	ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
	struct pollfd polls[ARES_GETSOCK_MAXNUM];
	nfds_t count = 0;
	/* The bits that ARES_GETSOCK_READABLE and _WRITABLE test, without shifts into the sign. */
	unsigned wanted = (unsigned)ares_getsock(client->channel, sockets, ARES_GETSOCK_MAXNUM);
	for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
		short events = (short)((wanted >> i & 1 ? POLLIN : 0) |
		                       (wanted >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));
		if (events != 0) {
			polls[count++] = (struct pollfd) { .fd = sockets[i], .events = events };
		}
	}
	struct timeval most = { (time_t)(microseconds / MICROSECONDS),
	                        (suseconds_t)(microseconds % MICROSECONDS) }, time;
	const struct timeval *next = ares_timeout(client->channel, &most, &time);
	struct timespec pause = { next->tv_sec, next->tv_usec * 1000 };
	(void)ppoll(polls, count, &pause, mask);
	for (nfds_t i = 0; i < count; i++) {
		short got = polls[i].revents;
		ares_process_fd(client->channel,
		                got & (POLLIN | POLLERR | POLLHUP) ? polls[i].fd : ARES_SOCKET_BAD,
		                got & (POLLOUT | POLLERR | POLLHUP) ? polls[i].fd : ARES_SOCKET_BAD);
	}
	ares_process_fd(client->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void ptr_client_close(ptr_client_t *client)
{
	if (client != NULL) {
		client->closing = true;
		ares_destroy(client->channel);
		ares_library_cleanup();
		free(client);
	}
}
