/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Batches out, answers in, and the table of what is between the two.
 *
 *   slot_of[65536]   query ID -> slot + 1, 0 if no query with that ID waits
 *   slots[128]       ID and time of sending of each query that waits
 *
 * IDs are given in sequence, so that one comes again as late as possible; a free slot is
 * found on a stack. A query takes two array writes, an answer one read and one write.
 */
#include "config.h"

#include "cli/replay_sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/replay_pace.h"
#include "common/generator.h"
#include "common/moment.h"

#define BATCH           32
#define DNS_PORT        53
#define PROXY_FIXED     16
#define PROXY_HEADER    (PROXY_FIXED + 2 * 16 + 2 * 2)
#define DATAGRAM_MAX    (PROXY_HEADER + REPLAY_MESSAGE_MAX)
#define ANSWER_MAX      512  /* Only its header is looked at. */
#define WAIT            20   /* Milliseconds between two looks for what is overdue. */
#define RECEIVE_BUFFER  (1 << 20)

typedef struct {
	uint8_t bytes[DATAGRAM_MAX];
	size_t size;
	size_t id_offset;  /* Of the DNS message. */
	uint64_t due;
} datagram_t;

typedef struct {
	uint64_t sent;
	uint16_t id;
} slot_t;

struct replay_sender {
	int socket;
	char target[ADDRESS_TEXT_MAX + sizeof("@65535")];
	bool refused;                     /* The system said that nobody listens. */
	uint16_t next_id;
	uint16_t slot_of[UINT16_MAX + 1];
	slot_t slots[REPLAY_WINDOW];
	uint16_t free_slots[REPLAY_WINDOW];
	size_t free_count;
	datagram_t batch[BATCH];
	size_t batch_size;
	replay_counts_t counts;
};

static bool on_loopback(const address_t *address)
{
	static const uint8_t ipv6[16] = { [15] = 1 };
	return address_is_ipv4(address) ? address->bytes[12] == 127
	                                : memcmp(address->bytes, ipv6, sizeof(ipv6)) == 0;
}

static status_t socket_open(replay_sender_t *sender, const address_t *address, uint16_t port,
                            failure_t *failure)
{
	struct sockaddr_storage target;
	socklen_t size = address_to_sockaddr(address, port, &target);
	sender->socket = socket(target.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sender->socket < 0) {
		return failure_system(failure, errno, "cannot open a socket for", sender->target);
	}
	/* As much as the system allows; without it the answers of one window still fit. */
	int buffer = RECEIVE_BUFFER;
	(void)setsockopt(sender->socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (connect(sender->socket, (const struct sockaddr *)&target, size) != 0) {
		return failure_system(failure, errno, "cannot connect to", sender->target);
	}
	return STATUS_OK;
}

status_t replay_sender_open(const address_t *address, uint16_t port, replay_sender_t **out,
                            failure_t *failure)
{
	*out = NULL;
	char text[ADDRESS_TEXT_MAX];
	if (!on_loopback(address)) {
		return failure_set(failure, STATUS_UNSUPPORTED,
		                   "queries are replayed to 127.0.0.0/8 or ::1 only, not to %s, "
		                   "because they carry the addresses of others",
		                   address_format(address, text));
	}
	replay_sender_t *sender = calloc(1, sizeof(*sender));
	if (sender == NULL) {
		return failure_no_memory(failure, "the window of queries");
	}
	(void)snprintf(sender->target, sizeof(sender->target), "%s@%u",
	               address_format(address, text), (unsigned)port);
	for (size_t i = 0; i < REPLAY_WINDOW; i++) {
		sender->free_slots[sender->free_count++] = (uint16_t)i;
	}
	generator_t generator = generator_make(moment_now(), 0);
	sender->next_id = (uint16_t)generator_next(&generator);
	status_t status = socket_open(sender, address, port, failure);
	if (status != STATUS_OK) {
		replay_sender_close(sender);
		return status;
	}
	*out = sender;
	return STATUS_OK;
}

/* Takes a query off the table. */
static void slot_free(replay_sender_t *sender, uint16_t slot)
{
	sender->slot_of[sender->slots[slot].id] = 0;
	sender->free_slots[sender->free_count++] = slot;
}

/* Gives up the queries that were sent at `before` or earlier. */
static void slots_expire(replay_sender_t *sender, uint64_t before)
{
	for (uint16_t i = 0; i < REPLAY_WINDOW; i++) {
		const slot_t *slot = &sender->slots[i];
		if (sender->slot_of[slot->id] == i + 1 && slot->sent <= before) {
			slot_free(sender, i);
			sender->counts.unanswered++;
		}
	}
}

static void answer_take(replay_sender_t *sender, const uint8_t *answer, size_t size)
{
	uint16_t slot = 0;
	if (size >= DNS_HEADER && (answer[2] & 0x80) != 0) {
		slot = sender->slot_of[answer[0] << 8 | answer[1]];
	}
	if (slot == 0) {
		sender->counts.strays++;
		return;
	}
	slot_free(sender, slot - 1);
	sender->counts.answered++;
	sender->counts.rcodes[answer[3] & 0x0f]++;
}

/* Takes all answers that are there. */
static void answers_take(replay_sender_t *sender)
{
	uint8_t bytes[BATCH][ANSWER_MAX];
	struct iovec vectors[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	for (size_t i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec) { .iov_base = bytes[i], .iov_len = ANSWER_MAX };
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	int count;
	do {
		count = recvmmsg(sender->socket, messages, BATCH, MSG_DONTWAIT, NULL);
		sender->refused |= count < 0 && errno == ECONNREFUSED;
		for (int i = 0; i < count; i++) {
			answer_take(sender, bytes[i], messages[i].msg_len);
		}
	} while (count == BATCH);
}

/*
 * What waits when nobody listens any more will not be answered. If that is so from the
 * first query on, there is no server at all.
 */
static status_t refusal_judge(replay_sender_t *sender, failure_t *failure)
{
	if (!sender->refused) {
		return STATUS_OK;
	}
	sender->refused = false;
	slots_expire(sender, UINT64_MAX);
	if (sender->counts.answered == 0) {
		return failure_set(failure, STATUS_SYSTEM, "no server listens at %s", sender->target);
	}
	return STATUS_OK;
}

/* Waits for an answer, but not for long. */
static status_t answers_wait(replay_sender_t *sender, failure_t *failure)
{
	struct pollfd poll_socket = { .fd = sender->socket, .events = POLLIN };
	(void)poll(&poll_socket, 1, WAIT);
	answers_take(sender);
	uint64_t now = replay_clock();
	slots_expire(sender, now > REPLAY_PATIENCE ? now - REPLAY_PATIENCE : 0);
	return refusal_judge(sender, failure);
}

/* Writes the header; returns its size. */
static size_t proxy_write(const query_t *query, uint8_t *out)
{
	static const uint8_t fixed[] = {
		0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21,
	};
	bool ipv4 = address_is_ipv4(&query->querier);
	size_t skip = ipv4 ? 12 : 0, width = sizeof(address_t) - skip;
	const uint16_t fields[] = {
		htons((uint16_t)(2 * width + 4)), htons(query->querier_port), htons(DNS_PORT),
	};
	memcpy(out, fixed, sizeof(fixed));
	out[13] = ipv4 ? 0x12 : 0x22;
	memcpy(out + 14, &fields[0], 2);
	memcpy(out + PROXY_FIXED, query->querier.bytes + skip, width);
	memcpy(out + PROXY_FIXED + width, query->server.bytes + skip, width);
	memcpy(out + PROXY_FIXED + 2 * width, &fields[1], 4);
	return PROXY_FIXED + 2 * width + 4;
}

static void datagram_write(replay_sender_t *sender, const query_t *query, uint64_t due)
{
	datagram_t *datagram = &sender->batch[sender->batch_size++];
	size_t header = proxy_write(query, datagram->bytes), size = query->message_size;
	uint8_t *message = datagram->bytes + header;
	bool reduce = query->cut || size > REPLAY_MESSAGE_MAX;
	if (reduce) {
		size = query->question_end;
		sender->counts.reduced++;
	}
	memcpy(message, query->message, size);
	if (reduce) {
		/* No record behind the question. */
		memset(message + 6, 0, 6);
	}
	datagram->id_offset = header;
	datagram->size = header + size;
	datagram->due = due;
}

/* Gives a datagram an ID that no other query has, and enters it into the table. */
static uint16_t datagram_enter(replay_sender_t *sender, datagram_t *datagram, uint64_t now)
{
	while (sender->slot_of[sender->next_id] != 0) {
		sender->next_id++;
	}
	uint16_t id = sender->next_id++, slot = sender->free_slots[--sender->free_count];
	datagram->bytes[datagram->id_offset] = (uint8_t)(id >> 8);
	datagram->bytes[datagram->id_offset + 1] = (uint8_t)id;
	sender->slots[slot] = (slot_t) { .sent = now, .id = id };
	sender->slot_of[id] = slot + 1;
	return slot;
}

static void sent_count(replay_sender_t *sender, const datagram_t *datagram, uint64_t now)
{
	replay_counts_t *counts = &sender->counts;
	if (counts->sent++ == 0) {
		counts->first_due = datagram->due;
	}
	counts->last_sent = now;
	if (now > datagram->due && now - datagram->due > counts->worst_late) {
		counts->worst_late = now - datagram->due;
	}
}

/* Sends `count` datagrams, for which there is room; returns how many are dealt with. */
static size_t datagrams_send(replay_sender_t *sender, datagram_t *datagrams, size_t count)
{
	struct iovec vectors[BATCH];
	struct mmsghdr messages[BATCH] = { 0 };
	uint16_t slots[BATCH];
	uint64_t now = replay_clock();
	for (size_t i = 0; i < count; i++) {
		slots[i] = datagram_enter(sender, &datagrams[i], now);
		vectors[i] = (struct iovec) { datagrams[i].bytes, datagrams[i].size };
		messages[i].msg_hdr.msg_iov = &vectors[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	int sent = sendmmsg(sender->socket, messages, (unsigned)count, 0);
	int reason = sent < 0 ? errno : 0;
	size_t done = sent < 0 ? 0 : (size_t)sent;
	for (size_t i = 0; i < done; i++) {
		sent_count(sender, &datagrams[i], now);
	}
	for (size_t i = done; i < count; i++) {
		slot_free(sender, slots[i]);
	}
	if (reason == ECONNREFUSED) {
		/* Word of an earlier datagram; this one was not tried. */
		sender->refused = true;
	} else if (reason != 0 && reason != EINTR && reason != ENOBUFS && reason != EAGAIN) {
		sender->counts.send_errors++;
		done = 1;
	}
	return done;
}

status_t replay_sender_flush(replay_sender_t *sender, failure_t *failure)
{
	size_t done = 0;
	status_t status = STATUS_OK;
	while (done < sender->batch_size && status == STATUS_OK) {
		size_t count = sender->batch_size - done;
		if (count > sender->free_count) {
			count = sender->free_count;
		}
		size_t now_done = 0;
		if (count > 0) {
			now_done = datagrams_send(sender, sender->batch + done, count);
			done += now_done;
			answers_take(sender);
			status = refusal_judge(sender, failure);
		}
		if (status == STATUS_OK && now_done == 0) {
			status = answers_wait(sender, failure);
		}
	}
	sender->batch_size = 0;
	return status;
}

status_t replay_sender_add(replay_sender_t *sender, const query_t *query, uint64_t due,
                           failure_t *failure)
{
	datagram_write(sender, query, due);
	return sender->batch_size < BATCH ? STATUS_OK : replay_sender_flush(sender, failure);
}

status_t replay_sender_finish(replay_sender_t *sender, failure_t *failure)
{
	status_t status = replay_sender_flush(sender, failure);
	while (status == STATUS_OK && sender->free_count < REPLAY_WINDOW) {
		status = answers_wait(sender, failure);
	}
	return status;
}

const replay_counts_t *replay_sender_counts(const replay_sender_t *sender)
{
	return &sender->counts;
}

void replay_sender_close(replay_sender_t *sender)
{
	if (sender == NULL) {
		return;
	}
	if (sender->socket >= 0) {
		(void)close(sender->socket);
	}
	free(sender);
}
