/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of link types. Those that are not supported are there for the sentence by
 * which they are refused; of the registry it has what is met in captures of networks.
 */
#include "capture/link_type.h"

#include <stddef.h>

static const struct {
	uint32_t number;
	const char *name;
	link_type_t link;
} types[] = {
	{ 0, "NULL", LINK_NULL },
	{ 1, "ETHERNET", LINK_ETHERNET },
	{ 6, "IEEE802_5", LINK_OTHER },
	{ 7, "ARCNET_BSD", LINK_OTHER },
	{ 8, "SLIP", LINK_OTHER },
	{ 9, "PPP", LINK_OTHER },
	{ 10, "FDDI", LINK_OTHER },
	/* What DLT_RAW is on most systems; some programs write it as it is. */
	{ 12, "RAW", LINK_RAW },
	{ 50, "PPP_HDLC", LINK_OTHER },
	{ 51, "PPP_ETHER", LINK_OTHER },
	{ 99, "SYMANTEC_FIREWALL", LINK_OTHER },
	{ 100, "ATM_RFC1483", LINK_OTHER },
	{ 101, "RAW", LINK_RAW },
	{ 104, "C_HDLC", LINK_OTHER },
	{ 105, "IEEE802_11", LINK_OTHER },
	{ 107, "FRELAY", LINK_OTHER },
	{ 108, "LOOP", LINK_LOOP },
	{ 109, "ENC", LINK_OTHER },
	{ 113, "LINUX_SLL", LINK_LINUX_COOKED },
	{ 114, "LTALK", LINK_OTHER },
	{ 117, "PFLOG", LINK_OTHER },
	{ 119, "IEEE802_11_PRISM", LINK_OTHER },
	{ 122, "IP_OVER_FC", LINK_OTHER },
	{ 123, "SUNATM", LINK_OTHER },
	{ 127, "IEEE802_11_RADIOTAP", LINK_OTHER },
	{ 129, "ARCNET_LINUX", LINK_OTHER },
	{ 138, "APPLE_IP_OVER_IEEE1394", LINK_OTHER },
	{ 143, "DOCSIS", LINK_OTHER },
	{ 144, "LINUX_IRDA", LINK_OTHER },
	{ 147, "USER0", LINK_OTHER },
	{ 162, "USER15", LINK_OTHER },
	{ 163, "IEEE802_11_AVS", LINK_OTHER },
	{ 166, "PPP_PPPD", LINK_OTHER },
	{ 169, "GPRS_LLC", LINK_OTHER },
	{ 177, "LINUX_LAPD", LINK_OTHER },
	{ 187, "BLUETOOTH_HCI_H4", LINK_OTHER },
	{ 189, "USB_LINUX", LINK_OTHER },
	{ 192, "PPI", LINK_OTHER },
	{ 195, "IEEE802_15_4_WITHFCS", LINK_OTHER },
	{ 197, "ERF", LINK_OTHER },
	{ 201, "BLUETOOTH_HCI_H4_WITH_PHDR", LINK_OTHER },
	{ 204, "PPP_WITH_DIR", LINK_OTHER },
	{ 205, "C_HDLC_WITH_DIR", LINK_OTHER },
	{ 220, "USB_LINUX_MMAPPED", LINK_OTHER },
	{ 224, "FC_2", LINK_OTHER },
	{ 226, "IPNET", LINK_OTHER },
	{ 227, "CAN_SOCKETCAN", LINK_OTHER },
	{ 228, "IPV4", LINK_RAW },
	{ 229, "IPV6", LINK_RAW },
	{ 230, "IEEE802_15_4_NOFCS", LINK_OTHER },
	{ 231, "DBUS", LINK_OTHER },
	{ 239, "NFLOG", LINK_OTHER },
	{ 240, "NETANALYZER", LINK_OTHER },
	{ 242, "IPOIB", LINK_OTHER },
	{ 247, "INFINIBAND", LINK_OTHER },
	{ 249, "USBPCAP", LINK_OTHER },
	{ 251, "BLUETOOTH_LE_LL", LINK_OTHER },
	{ 253, "NETLINK", LINK_OTHER },
	{ 258, "PKTAP", LINK_OTHER },
	{ 274, "ETHERNET_MPACKET", LINK_OTHER },
	{ 276, "LINUX_SLL2", LINK_LINUX_COOKED2 },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

bool link_type_find(uint32_t number, link_type_t *link)
{
	*link = LINK_OTHER;
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].number == number) {
			*link = types[i].link;
		}
	}
	return *link != LINK_OTHER;
}

const char *link_type_name(uint32_t number)
{
	for (size_t i = 0; i < TYPES; i++) {
		if (types[i].number == number) {
			return types[i].name;
		}
	}
	return "without a name";
}
