/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between the manager and a pptpctrl, over a SOCK_SEQPACKET socket pair: every message
 * is one struct of exactly its type's length, some carry one descriptor. Owned by the privileged
 * side; both are built from the same source, so the structs travel as they are.
 */
#ifndef PPTPD_IPC_H
#define PPTPD_IPC_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "pptpd/base/address.h"
#include "pptpd/base/log.h"
#include "pptpd/base/node_id.h"

/* Where a pptpctrl finds its end of the socket pair. */
#define IPC_FD 3

/* Tells a pptpctrl that it was started by a manager of another build. */
#define IPC_VERSION 4

/* A tunnel session's name and the digest that proves its ownership. */
#define IPC_SESSION_ID_LEN 16
#define IPC_PROOF_LEN      32

/*
 * Control connections of one client address that a process serves. A NAT may stand in front of many
 * clients, each with a connection of its own.
 */
#define IPC_CONNECTIONS_MAX 1024

/* The hash of an invitation's secret. */
#define IPC_SECRET_HASH_LEN 32

/* Longest checkpoint of a tunnel session: some dozens of bytes for each of 100 calls. */
#define IPC_CHECKPOINT_MAX 8192

/* Longest name of an LRP, without terminator; as in the tunnel's HELLO. */
#define IPC_NAME_MAX 64

enum ipc_type {
	/* From the manager. */
	IPC_SETTINGS = 1,     /* the first message */
	IPC_CONNECTION = 2,   /* + the socket of a control connection or tunnel */
	IPC_CALL_STARTED = 3, /* + the channel's descriptor */
	IPC_CALL_REFUSED = 4,
	IPC_CALL_ENDED = 5,
	IPC_GRE_OPENED = 6,    /* + the raw socket */
	IPC_RELEASED = 7,      /* answer to IPC_IDLE: no connection is on its way, exit */
	IPC_STOP = 8,          /* end everything in order, then exit */
	IPC_ADOPTED = 9,       /* answer to IPC_ADOPT */
	IPC_ADOPTED_CALL = 10, /* + the channel's descriptor, after IPC_ADOPTED for each call */
	IPC_SIGNER = 11, /* + a channel to the signer, before the connection of a TLS tunnel */
	IPC_PEER_VERDICT = 12,  /* answer to IPC_PEER */
	IPC_ENROL_VERDICT = 13, /* answer to IPC_ENROL */
	IPC_LINK = 14, /* + the link, before the first call whose channel is IPC_CHANNEL_PPPOE */

	/* From pptpctrl. */
	IPC_LOG = 32,
	IPC_CALL_START = 33,
	IPC_CALL_STOP = 34,
	IPC_GRE_OPEN = 35,
	IPC_IDLE = 36,
	IPC_PEER_NAME = 37,
	IPC_CHECKPOINT = 38,
	IPC_ADOPT = 39,
	IPC_PEER = 40,
	IPC_ENROL = 41,
	IPC_CALL_PROVEN = 42,
	IPC_CALL_READY = 43,
	IPC_CALL_CANCEL = 44,
	IPC_REORDERED = 45,
};

/* What a pptpctrl serves. */
enum ipc_kind {
	IPC_KIND_DIRECT = 1, /* the control connections of one PPTP client address */
	IPC_KIND_TUNNEL = 2, /* one tunnel of an LRP */
};

/* How the PPP frames of a call reach pppd. */
enum ipc_channel {
	IPC_CHANNEL_PTY = 1,    /* asynchronous HDLC on the master side of a pseudo-terminal */
	IPC_CHANNEL_PPPOE = 2,  /* a PPPoE session on the process's link; no descriptor */
	IPC_CHANNEL_KERNEL = 3, /* the kernel moves the frames itself; no descriptor */
};

struct ipc_settings {
	uint32_t type;
	uint32_t version; /* IPC_VERSION */
	uint32_t kind;    /* enum ipc_kind */
	uint32_t debug;
	uint32_t start_timeout_s;
	uint32_t echo_interval_s;
	uint32_t echo_timeout_s;
	uint32_t max_calls; /* of one control connection, or of the tunnel */
	uint32_t uid, gid;  /* to become before the first byte of a peer is read */
	uint32_t sandbox;   /* enum sandbox_mode */
	uint32_t tls;       /* 0: a plain tunnel */
	uint32_t handshake_timeout_s;
	struct address remote; /* the client's or LRP's */
	struct address local;
};

struct ipc_connection {
	uint32_t type;
};

struct ipc_call_started {
	uint32_t type;
	uint32_t request; /* from ipc_call_start */
	uint16_t call_id; /* the call's name from now on; its PPPoE session ID, too */
	uint16_t channel; /* enum ipc_channel */
	int32_t pppd_pid;
};

/* How frames pass on a link. */
enum ipc_link_kind {
	IPC_LINK_TAP = 1,  /* one for each read(2) and write(2) of the descriptor */
	IPC_LINK_RING = 2, /* in memory that the descriptor maps: TPACKET_V2 */
};

/*
 * The memory of a ring: slots of what comes from the kernel, and behind them those of what goes to
 * it; no slot crosses a block. A slot has a header and a frame. What comes is read when pptpctrl is
 * scheduled; what goes is taken by the kernel at once, so that send slots only make batches longer.
 * pptpctrl may map just as much.
 */
#define IPC_RING_SLOT_LEN       2048
#define IPC_RING_DIRECT_RECEIVE 64
#define IPC_RING_DIRECT_SEND    32
#define IPC_RING_TUNNEL_RECEIVE 256
#define IPC_RING_TUNNEL_SEND    64
#define IPC_RING_DIRECT_MEMORY \
	((IPC_RING_DIRECT_RECEIVE + IPC_RING_DIRECT_SEND) * IPC_RING_SLOT_LEN)
#define IPC_RING_TUNNEL_MEMORY \
	((IPC_RING_TUNNEL_RECEIVE + IPC_RING_TUNNEL_SEND) * IPC_RING_SLOT_LEN)

struct ipc_ring {
	uint32_t receive_slots;
	uint32_t send_slots;
	uint32_t slot_len; /* bytes */
};

/* A private Ethernet between this process and the kernel's PPPoE sessions. */
struct ipc_link {
	uint32_t type;
	uint32_t kind;        /* enum ipc_link_kind */
	struct ipc_ring ring; /* of IPC_LINK_RING */
	uint8_t kernel[6];    /* the address of the kernel's end */
	uint8_t child[6];     /* what the sessions think their peer's address is */
};

enum ipc_refusal {
	IPC_REFUSAL_FULL = 1,   /* no free slot or address, or too long a wait for its turn */
	IPC_REFUSAL_SYSTEM = 2, /* pppd could not be started; the manager has logged why */
	IPC_REFUSAL_STOPPING = 3,
	IPC_REFUSAL_CANCELLED = 4, /* as IPC_CALL_CANCEL wished */
};

struct ipc_call_refused {
	uint32_t type;
	uint32_t request;
	uint32_t reason; /* enum ipc_refusal */
};

struct ipc_call_ended {
	uint32_t type;
	int32_t wait_status; /* pppd's, as waitpid(2) gives it */
	uint16_t call_id;
	uint16_t
		denied; /* pppd told the peer that it could not authenticate itself; 0 if unknown */
};

struct ipc_gre_opened {
	uint32_t type;
	int32_t error;   /* 0 and a descriptor, or an errno and none */
	uint32_t sample; /* as asked for */
};

struct ipc_released {
	uint32_t type;
};

struct ipc_stop {
	uint32_t type;
};

struct ipc_adopted {
	uint32_t type;
	uint32_t found; /* 0: no such session, or the proof is wrong */
	uint32_t calls; /* so many IPC_ADOPTED_CALL follow */
	uint32_t checkpoint_len;
	uint8_t checkpoint[IPC_CHECKPOINT_MAX];
};

struct ipc_adopted_call {
	uint32_t type;
	uint16_t call_id;
	uint16_t channel;
	int32_t pppd_pid;
};

struct ipc_signer {
	uint32_t type;
};

/* What the manager says of a node. */
enum ipc_verdict {
	IPC_VERDICT_GOOD = 0,
	IPC_VERDICT_UNKNOWN = 1,  /* not on the list; no such invitation */
	IPC_VERDICT_DISABLED = 2, /* on the list, but not for now */
	IPC_VERDICT_ADDRESS = 3,  /* must not come from this address */
	IPC_VERDICT_BUSY = 4,     /* the manager is stopping */
	IPC_VERDICT_USED = 5,     /* the invitation was taken before */
	IPC_VERDICT_EXPIRED = 6,  /* the invitation was not taken in time */
	IPC_VERDICT_SYSTEM = 7,   /* the manager could not do it, and has logged why */
};

struct ipc_peer_verdict {
	uint32_t type;
	uint32_t verdict;            /* enum ipc_verdict */
	uint32_t max_calls;          /* of the tunnel, in place of the settings' */
	char name[IPC_NAME_MAX + 1]; /* the LRP's on the list, terminated; "" if none is */
};

struct ipc_enrol_verdict {
	uint32_t type;
	uint32_t verdict;            /* enum ipc_verdict */
	char name[IPC_NAME_MAX + 1]; /* under which the node is on the list now; "" unless good */
};

struct ipc_log {
	uint32_t type;
	int32_t severity;
	char text[LOG_LINE_MAX]; /* terminated */
};

struct ipc_call_start {
	uint32_t type;
	uint32_t request;        /* chosen by pptpctrl, comes back in the answer */
	struct in_addr client;   /* the PPTP client, as the control connection or the LRP sees it */
	uint16_t client_call_id; /* what that client calls it */
	uint16_t pad;
};

struct ipc_call_stop {
	uint32_t type;
	uint16_t call_id;
	uint16_t pad;
};

struct ipc_gre_open {
	uint32_t type;
	uint32_t sample; /* only the first bytes of each packet, to look at their order */
};

struct ipc_idle {
	uint32_t type;
	uint32_t connections; /* received since the start */
};

struct ipc_peer_name {
	uint32_t type;
	char name[IPC_NAME_MAX + 1]; /* terminated; letters, digits and ._- only */
};

struct ipc_checkpoint {
	uint32_t type;
	uint32_t len;
	uint8_t session_id[IPC_SESSION_ID_LEN];
	uint8_t proof[IPC_PROOF_LEN]; /* what an ADOPT must show */
	uint8_t data[IPC_CHECKPOINT_MAX];
};

struct ipc_adopt {
	uint32_t type;
	uint8_t session_id[IPC_SESSION_ID_LEN];
	uint8_t proof[IPC_PROOF_LEN];
};

/* The node that proved, in the TLS handshake, to have the key with this ID. Once. */
struct ipc_peer {
	uint32_t type;
	uint8_t node_id[NODE_ID_LEN];
};

/* That node shows the secret of an invitation. Once; such a process has no calls. */
struct ipc_enrol {
	uint32_t type;
	uint8_t node_id[NODE_ID_LEN];
	uint8_t secret_hash[IPC_SECRET_HASH_LEN]; /* SHA-256 */
};

/* pppd of that call has sent a network control frame: the user is who he says. */
struct ipc_call_proven {
	uint32_t type;
	uint16_t call_id;
	uint16_t pad;
};

/* pppd of that call has sent its first frame: it has started. */
struct ipc_call_ready {
	uint32_t type;
	uint16_t call_id;
	uint16_t pad;
};

/*
 * Nobody waits for that call any more. Each request has one answer: one that waits is refused now,
 * one that has started meanwhile is to be stopped as usual.
 */
struct ipc_call_cancel {
	uint32_t type;
	uint32_t request; /* from ipc_call_start */
};

/* Packets of this client overtake each other: the kernel's PPTP channel would drop them. */
struct ipc_reordered {
	uint32_t type;
};

/* Room for any message. */
union ipc_message {
	uint32_t type;
	struct ipc_settings settings;
	struct ipc_connection connection;
	struct ipc_call_started call_started;
	struct ipc_call_refused call_refused;
	struct ipc_call_ended call_ended;
	struct ipc_gre_opened gre_opened;
	struct ipc_released released;
	struct ipc_stop stop;
	struct ipc_adopted adopted;
	struct ipc_adopted_call adopted_call;
	struct ipc_signer signer;
	struct ipc_peer_verdict peer_verdict;
	struct ipc_enrol_verdict enrol_verdict;
	struct ipc_log log;
	struct ipc_call_start call_start;
	struct ipc_call_stop call_stop;
	struct ipc_gre_open gre_open;
	struct ipc_idle idle;
	struct ipc_peer_name peer_name;
	struct ipc_checkpoint checkpoint;
	struct ipc_adopt adopt;
	struct ipc_peer peer;
	struct ipc_enrol enrol;
	struct ipc_call_proven call_proven;
	struct ipc_link link;
	struct ipc_call_ready call_ready;
	struct ipc_call_cancel call_cancel;
	struct ipc_reordered reordered;
};

enum ipc_sender {
	IPC_FROM_MANAGER,
	IPC_FROM_PPTPCTRL,
};

/* The exact length of a message of that type, 0 for an unknown one. */
size_t ipc_len(uint32_t type);

/* The name of a message type for log lines, "?" for an unknown one. */
const char *ipc_type_name(uint32_t type);

/*
 * Receives one message that `sender` may send. Returns 1 with the message and the descriptor (the
 * caller's; -1 for none), 0 when the other end is gone, or a negative errno: -EAGAIN, or -EPROTO
 * for a type that the sender must not send, a wrong length, or a descriptor too many (which is
 * closed).
 */
int ipc_receive(int socket, enum ipc_sender sender, union ipc_message *ret_message, int *ret_fd);

/*
 * Sends one message, whose length follows from its type, with a copy of `passed_fd` unless that is
 * negative. Returns 0 or a negative errno.
 */
int ipc_send(int socket, const void *message, int passed_fd);

#endif
