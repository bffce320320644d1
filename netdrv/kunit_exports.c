// SPDX-License-Identifier: GPL-2.0
/*
 * What plait_kunit.ko (tests/kunit/) calls of this module. Built with it only, on
 * kernels that have KUnit.
 */

#include <kunit/visibility.h>

#include "plait.h"

/* What a function below is exported by: all in one place, far from their files. */
#define SHOW EXPORT_SYMBOL_IF_KUNIT

/* The engine. */
SHOW(plait_check_batch);
SHOW(plait_number_batch);
SHOW(plait_csum_find);
SHOW(plait_ecn_combine);
SHOW(plait_headers_length);
SHOW(plait_segment_begin);
SHOW(plait_segment_headers);
SHOW(plait_prefix_set_find);
SHOW(plait_window_init);
SHOW(plait_window_accept);

/* Devices. */
SHOW(plait_net_id);
SHOW(plait_setup);
SHOW(plait_configure);

/* Sessions and key epochs. */
SHOW(plait_session_params);
SHOW(plait_session_lookup);
SHOW(plait_session_remove_all);
SHOW(plait_key_install);
SHOW(plait_key_activate);
SHOW(plait_key_remove);
SHOW(plait_key_find);
SHOW(plait_epoch_alloc);
SHOW(plait_epoch_destroy);
SHOW(plait_epoch_lease);
SHOW(plait_epoch_set_limits);
SHOW(plait_epoch_sealed);

/* Ciphers. */
SHOW(plait_aead_init);
SHOW(plait_aead_destroy);
SHOW(plait_gcm_request);
SHOW(plait_seal_batch);
SHOW(plait_open);

/* Prefixes, sockets, strands. */
SHOW(plait_prefixes_replace);
SHOW(plait_prefixes_add);
SHOW(plait_prefixes_del);
SHOW(plait_socket_get);
SHOW(plait_socket_put);
SHOW(plait_strand_install);
SHOW(plait_strand_remove);

/* Lanes. */
SHOW(plait_receive);
SHOW(plait_batch_text);
SHOW(plait_cursor_fits);
SHOW(plait_cursor_begin);
SHOW(plait_cursor_settle);
SHOW(plait_cursor_copy);
SHOW(plait_cursor_pass);
SHOW(plait_pages_turn);
SHOW(plait_pages_release);
SHOW(plait_pages_new_frag);
