/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any bytes as a frame: the payload lies inside it. The first byte chooses the link type,
 * the second how many bytes the capture has cut off.
 */
#include <stdlib.h>

#include "capture/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2) {
		return 0;
	}
	frame_t frame = {
		.link = (link_type_t)(data[0] % (LINK_OTHER + 1)),
		.data = data + 2, .size = size - 2, .wire_size = size - 2 + data[1],
	};
	packet_t packet;
	packet_kind_t kind = packet_decode(&frame, &packet);
	const uint8_t *end = frame.data + frame.size;
	if (kind >= PACKET_KINDS || packet_kind_name(kind) == NULL ||
	    (kind == PACKET_WHOLE && packet.payload == NULL) ||
	    packet.payload_size > packet.payload_wire_size) {
		abort();
	}
	if (packet.payload != NULL &&
	    (packet.payload < frame.data || packet.payload > end ||
	     packet.payload_size > (size_t)(end - packet.payload))) {
		abort();
	}
	return 0;
}
