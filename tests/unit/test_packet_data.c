/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real captures decoded, held against what tshark makes of their packets. */
#include "config.h"

#include "capture/packet.h"

#include "tests/unit/shared_data.h"

/* Sums over the packets of a file. */
typedef struct {
	uint64_t packets, ipv4, ipv6;
	uint64_t tcp, udp, icmp;         /* With ports or type. */
	uint64_t ports;                  /* Destination ports. */
	uint64_t flags, windows;         /* TCP; the first six flags. */
	uint64_t lengths, identifications; /* IPv4. */
	uint64_t echoes;                 /* ICMP identifiers. */
} sums_t;

/*
 * By tshark 4.0.17, each packet for itself (-o ip.defragment:FALSE -o ipv6.defragment:FALSE
 * -o tcp.desegment_tcp_streams:FALSE), of each field its first value in a packet (-T fields
 * -E occurrence=f): ip.version, ip.proto, tcp.dstport, udp.dstport, icmp.type, icmpv6.type,
 * tcp.flags, tcp.window_size_value, ip.len, ip.id, icmp.ident and icmpv6.echo.identifier of
 * echoes; those of transport only if their protocol follows the first IP header.
 */
static const struct { const char *path; sums_t sums; } expected[] = {
	{ "zeek/testing_btest_Traces_mpls-in-vlan.pcap",
	  { 3, 3, 0, 3, 0, 0, 32988, 64, 25763, 2467, 61875, 0 } },
	{ "zeek/testing_btest_Traces_mixed-vlan-mpls.pcap",
	  { 47, 47, 0, 47, 0, 0, 921474, 799, 690304, 15327, 897992, 0 } },
	{ "zeek/testing_btest_Traces_pppoe.pcap",
	  { 65, 0, 25, 0, 4, 21, 2186, 0, 0, 0, 0, 80870 } },
	{ "zeek/testing_btest_Traces_pppoe-over-qinq.pcap",
	  { 86, 86, 0, 86, 0, 0, 876040, 1610, 350057, 38284, 266652, 0 } },
	{ "zeek/testing_btest_Traces_vntag.pcap",
	  { 3, 3, 0, 0, 0, 0, 0, 0, 0, 300, 132651, 0 } },
	{ "zeek/testing_btest_Traces_vlan-qinqinq.pcap",
	  { 14, 14, 0, 14, 0, 0, 419552, 230, 129577, 5891, 443289, 0 } },
	{ "libtrace/test_traces_10_mpls_ip.pcap",
	  { 10, 10, 0, 0, 0, 10, 0, 0, 0, 840, 45525, 212530 } },
	{ "libtrace/test_traces_ip-in-mpls.pcap.gz",
	  { 10507, 10503, 0, 10481, 0, 22, 51038148, 169606, 252022190, 10476648, 295150162, 467566 } },
	{ "libtrace/test_traces_qinq.pcap",
	  { 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "libtrace/test_traces_vlan.pcap",
	  { 395, 230, 0, 185, 15, 20, 815758, 4152, 5861728, 113363, 4933322, 981150 } },
	{ "libtrace/test_traces_100_packets.pcap",
	  { 100, 100, 0, 92, 7, 0, 1516590, 1618, 2078253, 29068, 3519287, 0 } },
	{ "libtrace/test_traces_100_sll.pcap",
	  { 100, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "bro-simple-scan/testing_pcaps_backscatter.trace",
	  { 4771, 4771, 0, 4741, 2, 28, 14244932, 67590, 20037040, 205542, 10535132, 0 } },
	{ "bro-simple-scan/testing_pcaps_445_scan.pcap",
	  { 21, 21, 0, 21, 0, 0, 9345, 42, 401404, 1068, 234930, 0 } },
	{ "bro-simple-scan/testing_pcaps_multiport_scan.pcap",
	  { 16, 16, 0, 10, 0, 6, 16816, 20, 14600, 808, 415339, 0 } },
	{ "nDPI/tests_cfgs_default_pcap_srvloc.pcap",
	  { 629, 629, 0, 0, 629, 0, 268583, 0, 0, 48319, 27622963, 0 } },
	{ "nDPI/tests_cfgs_default_pcap_tcp_scan.pcapng",
	  { 30, 18, 0, 18, 0, 0, 411592, 258, 275089, 860, 480351, 0 } },
	{ "zeek/testing_btest_Traces_raw_packets.pcap",
	  { 33, 26, 0, 6, 18, 2, 80132, 129, 24574, 5359, 404086, 31208 } },
	{ "zeek/testing_btest_Traces_nmap-vsn.pcap",
	  { 547, 44, 0, 32, 12, 0, 916326, 316, 1337087, 2642, 1425428, 0 } },
	{ "zeek/testing_btest_Traces_tunnels_gre-sample.pcap",
	  { 40, 40, 0, 0, 0, 0, 0, 0, 0, 6171, 0, 0 } },
};

static void add(sums_t *sums, packet_kind_t kind, const packet_t *packet)
{
	sums->packets++;
	if (kind == PACKET_NOT_IP) {
		return;
	}
	sums->ipv4 += !packet->ipv6;
	sums->ipv6 += packet->ipv6;
	if (!packet->ipv6) {
		sums->lengths += packet->ip_length;
		sums->identifications += packet->identification;
	}
	if (!packet->transport) {
		return;
	}
	sums->ports += packet->destination_port;
	switch (packet->protocol) {
	case PROTOCOL_TCP:
		sums->tcp++;
		sums->flags += packet->tcp_flags & 0x3f;
		sums->windows += packet->tcp_window;
		break;
	case PROTOCOL_UDP:
		sums->udp++;
		break;
	default:
		sums->icmp++;
		sums->echoes += packet->icmp_id;
	}
}

static void check(const char *folder, const char *name, const sums_t *wanted)
{
	capture_t *capture;
	failure_t failure = { 0 };
	frame_t frame;
	packet_t packet;
	sums_t sums = { 0 };
	tap_require(capture_open(shared_path(folder, name), &capture, &failure) == STATUS_OK, "%s", name);
	while (capture_next(capture, &frame, &failure) == STATUS_OK) {
		add(&sums, packet_decode(&frame, &packet), &packet);
	}
	capture_close(capture);
	is_int(sums.packets, wanted->packets, "%s: packets", name);
	is_int(sums.ipv4, wanted->ipv4, "%s: IPv4", name);
	is_int(sums.ipv6, wanted->ipv6, "%s: IPv6", name);
	is_int(sums.tcp, wanted->tcp, "%s: TCP", name);
	is_int(sums.udp, wanted->udp, "%s: UDP", name);
	is_int(sums.icmp, wanted->icmp, "%s: ICMP", name);
	is_int(sums.ports, wanted->ports, "%s: sum of destination ports", name);
	is_int(sums.flags, wanted->flags, "%s: sum of TCP flags", name);
	is_int(sums.windows, wanted->windows, "%s: sum of TCP windows", name);
	is_int(sums.lengths, wanted->lengths, "%s: sum of lengths", name);
	is_int(sums.identifications, wanted->identifications, "%s: sum of identifications", name);
	is_int(sums.echoes, wanted->echoes, "%s: sum of echo identifiers", name);
}

int main(void)
{
	const char *folder = shared_folder();
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		check(folder, expected[i].path, &expected[i].sums);
	}
	return tap_done();
}
