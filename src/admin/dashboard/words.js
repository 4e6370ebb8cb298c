// What the broker's names for reasons mean.

const kDrops = {
  queue_full: "its queue was full",
  self_full: "its own publication, its own queue full",
  slow_reader: "it reads too slowly (QoS 0)",
  no_credit: "another event loop was too busy (QoS 0)",
  not_routable: "published to $share or $queue",
  denied: "the publisher may not publish there",
  denied_delivery: "it may not receive this topic",
  retained_limit: "beyond a limit of retained messages",
  session_ended: "its session ended",
  no_member: "no member of the group could take it",
  unfinished_qos2: "it left amid a QoS 2 delivery",
  too_large: "the topic is too long with its mount point",
  hold_cancelled: "its publisher left while it was held",
  damaged: "damaged in the store",
  memory: "beyond the memory limit (QoS 0)",
};

const kCloses = {
  disconnect: "said goodbye",
  peer_closed: "closed without DISCONNECT",
  network_error: "the network broke",
  keep_alive: "silent for longer than its keep alive",
  connect_timeout: "no whole CONNECT in time",
  malformed_packet: "sent a malformed packet",
  protocol_violation: "broke the protocol",
  packet_too_large: "sent too large a packet",
  unsupported_protocol: "unsupported protocol version",
  client_id_rejected: "client id rejected",
  server_unavailable: "the server is unavailable",
  bad_credentials: "bad user name or password",
  not_authorized: "not authorised",
  locked_out: "locked out after too many failures",
  taken_over: "taken over by a newer connection",
  turned_away: "turned away beyond a limit",
  takeover_limit: "two devices fight for one client id",
  qos_not_supported: "published above the highest QoS",
  topic_too_long: "its topic is too long",
  too_many_awaiting_rel: "too many unfinished QoS 2 publications",
  held: "held for too long",
  connection_limit: "beyond a connection limit",
  memory_limit: "beyond the memory limit",
  tls_error: "TLS failed",
  websocket_error: "broke the WebSocket protocol",
  proxy_header: "missing or wrong PROXY header",
  reconfigured: "no longer allowed since a reload",
  kicked: "kicked by an administrator",
  server_stopping: "the server stopped",
};

const kPauses = {
  unanswered: "too many publications unanswered",
  held: "waits for room in a queue",
  credit: "another event loop is too busy",
  qos2_commit: "a QoS 2 publication is being stored",
  stopping: "the server stops",
  store: "the store fails",
  rate: "beyond its publish rate",
  memory: "beyond the memory limit",
  replays: "too many retained messages to send first",
};

const kVerdicts = {
  subscribed: ["yes", "Yes. It is subscribed, and the message reaches it or its queue."],
  shared: [
    "perhaps",
    "Perhaps. It is subscribed in a shared group only, and one member of the group gets each message.",
  ],
  no_matching_subscription: ["no", "No. None of its subscriptions matches the topic."],
  denied_by_acl: ["no", "No. A subscription matches, but an access rule denies it."],
  queue_full: ["no", "No. Its queue is full."],
  absent_qos0: ["no", "No. It is not connected, and QoS 0 is not kept for absent clients."],
  outbound_full: ["no", "No. It reads too slowly, and what is sent at QoS 0 is dropped meanwhile."],
};

const plain = (name) => name.replaceAll("_", " ");

export const dropReason = (name) => kDrops[name] ?? plain(name);
export const closeReason = (name) => kCloses[name] ?? plain(name);
export const pauseReason = (name) => kPauses[name] ?? plain(name);

// yes | perhaps | no, and the sentence.
export function verdict({ reason, delivered }) {
  return kVerdicts[reason] ?? [delivered ? "yes" : "no", plain(reason)];
}
