# SPDX-License-Identifier: GPL-2.0
# Folds the call chains of `gauge ... PROFILE_FILE` into stages. A sample belongs to
# the first function, from the innermost outwards, that the table knows; what is below
# it (memcpy, allocation, locks) is its doing.
# Freeing alone depends on who frees: see below.
# A sample that finds the CPU idle is left out; one in an interrupt of idling is not.
#   awk -v instructions=PER_PACKET [-v row=NAME -v json=FILE] -f stages.awk PROFILE
BEGIN {
	split("copy+headers,number+tag,AEAD seal,underlay,checks,AEAD open,delivery,stack,pktgen,other",
	      order, ",")

	# plait
	know("copy+headers", "plait_xmit plait_tx_poll send_gso send_packet send_bundle send_alone " \
		"send_waiting send_by_stack plait_bundle_plan plait_batch_slot plait_batch_slots plait_batch_text plait_batch_hold plait_batch_flush plait_batch_lone " \
		"plait_segment_begin plait_segment_headers")
	know("number+tag", "plait_number_batch")
	know("AEAD seal", "plait_seal_batch plait_gcm_seal")
	know("AEAD open", "plait_open plait_gcm_open")
	know("underlay", "plait_strand_send plait_receive process_backlog veth_poll " \
		"udp_queue_rcv_one_skb udp_unicast_rcv_skb __udp4_lib_rcv udp_rcv")
	know("checks", "plait_check_batch plait_window_accept plait_rx_poll")
	know("delivery", "take packet plait_deliver plait_deliver_place plait_deliver_revert " \
		"plait_deliver_flush finish_assembly built begin append single donated move_away")

	# WireGuard
	know("copy+headers", "wg_xmit wg_packet_send_staged_packets wg_packet_encrypt_worker " \
		"wg_packet_tx_worker")
	know("AEAD seal", "chacha20poly1305_encrypt_sg_inplace")
	know("AEAD open", "chacha20poly1305_decrypt_sg_inplace")
	know("underlay", "wg_socket_send_skb_to_peer send4 wg_receive wg_packet_receive")
	know("checks", "wg_packet_decrypt_worker wg_packet_rx_poll counter_validate")
	know("delivery", "wg_packet_consume_data_done")

	know("pktgen", "pktgen_thread_worker pktgen_xmit")

	# Inner packets that go up, and everything the two programs do.
	know("stack", "napi_gro_receive napi_complete_done gro_normal_list netif_receive_skb_list " \
		"tcp_v4_rcv tcp_sendmsg tcp_recvmsg tcp_write_xmit tcp_tsq_handler tcp_tasklet_func " \
		"tcp_data_snd_check tcp_write_timer tcp_delack_timer " \
		"do_syscall_64 entry_SYSCALL_64_after_hwframe [user]")
	know("idle", "pv_native_safe_halt default_idle default_idle_call cpuidle_idle_call do_idle")
	know("other", "asm_sysvec_apic_timer_interrupt sysvec_apic_timer_interrupt")
}

function know(stage, names,   n, i, name) {
	n = split(names, name, " ")
	for (i = 1; i <= n; i++)
		stage_of[name[i]] = stage
}

{
	count = $1
	n = split($2, frame, ";")
	stage = "other"
	freed = 0
	for (i = 1; i <= n; i++) {
		name = plain(frame[i])
		if (name == "napi_consume_skb")
			freed = 1
		if (name in stage_of) {
			stage = stage_of[name]
			break
		}
	}
	# Inner skbs are freed by the sender, outer ones by whoever receives.
	if (freed && stage != "copy+headers")
		stage = "underlay"
	if (stage == "idle")
		next
	sum[stage] += count
	leaf[stage, plain(frame[1])] += count
	all += count
}

# Compilers split functions: name.part.0, name.constprop.0, name.isra.0.
function plain(name) {
	sub(/\..*/, "", name)
	return name
}

END {
	for (s = 1; s in order; s++) {
		stage = order[s]
		if (!sum[stage])
			continue
		parts = parts (parts ? ", " : "") sprintf("{\"stage\": \"%s\", \"instructions\": %.0f}",
			stage, instructions * sum[stage] / all)
		printf "  %-14s %7.0f  %5.1f %%  ", stage, instructions * sum[stage] / all,
		       100 * sum[stage] / all
		for (k = 0; k < 4; k++) {
			best = ""
			for (key in leaf) {
				split(key, part, SUBSEP)
				if (part[1] == stage && (best == "" || leaf[key] > leaf[best]))
					best = key
			}
			if (best == "" || leaf[best] < all / 400)
				break
			split(best, part, SUBSEP)
			printf " %s %.0f", part[2], instructions * leaf[best] / all
			delete leaf[best]
		}
		printf "\n"
	}
	if (json)
		printf "{\"row\": \"%s\", \"instructions\": %.0f, \"stages\": [%s]}\n", row, instructions,
		       parts >json
}
