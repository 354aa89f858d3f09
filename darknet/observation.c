/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "darknet/observation.h"

observation_t observation_make(const packet_t *packet)
{
	protocol_group_t group = protocol_group(packet);
	bool ports = packet->transport && (group == GROUP_TCP || group == GROUP_UDP);
	observation_t observation = {
		.source = packet->source, .destination = packet->destination,
		.port = ports ? packet->destination_port : 0, .has_port = ports,
		.group = (uint8_t)group, .aside = (uint8_t)taxonomy_aside(packet),
	};
	if (observation.aside == ASIDE_NOT) {
		observation.has_port = taxonomy_has_port(packet);
		observation.probe = taxonomy_is_probe(packet);
		observation.tools = observation.probe ? fingerprint_packet(packet) : 0;
	}
	return observation;
}
