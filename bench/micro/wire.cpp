// SPDX-License-Identifier: GPL-2.0
// The wire format's pieces one by one: clear header, header tag, inner header, DSN, flow
// bucket. engine.cpp has the batch functions that are made of them.
#include "batch.hpp"

namespace {

using micro::count_items;
using micro::kDgram;
using micro::kMtu;

plait_hdr header() {
  plait_hdr hdr{};
  hdr.type = PLAIT_TYPE_SOURCE;
  hdr.version = PLAIT_VERSION;
  hdr.index = micro::kIndex;
  hdr.pn = plait_pn(0, 1);
  return hdr;
}

void header_write_and_tag(benchmark::State& state) {
  const plait_tag_key key = micro::tag_key();
  std::array<u8, PLAIT_HDR_LEN> out{};
  plait_hdr hdr = header();
  for (auto _ : state) {
    ++hdr.pn;
    plait_hdr_encode(out.data(), &hdr, &key, kDgram);
    benchmark::DoNotOptimize(out);
  }
  count_items(state, 1);
}
BENCHMARK(header_write_and_tag);

// SipHash alone. Each covers the one before, so none can begin before that is done: how long
// one takes. header_write_and_tag, whose datagrams do not wait for each other, is what each of
// many costs.
void header_tag(benchmark::State& state) {
  const plait_tag_key key = micro::tag_key();
  std::array<u8, PLAIT_HDR_LEN> octets{};
  u64 tag = 0;
  for (auto _ : state) {
    plait_put_le64(octets.data() + PLAIT_OFF_STRAND, tag);
    tag = plait_header_tag(&key, octets.data(), kDgram);
  }
  benchmark::DoNotOptimize(tag);
  count_items(state, 1);
}
BENCHMARK(header_tag);

void header_check_form_and_parse(benchmark::State& state) {
  micro::Batch batch(micro::kBatch);
  batch.number();
  plait_hdr hdr{};
  std::size_t i = 0;
  for (auto _ : state) {
    const auto& d = batch.tx[i++ % micro::kBatch];
    if (plait_check_form(d.at, d.len) != PLAIT_OK) {
      state.SkipWithError("a good datagram was refused");
      break;
    }
    plait_hdr_decode(&hdr, d.at);
    benchmark::DoNotOptimize(hdr);
  }
  count_items(state, 1);
}
BENCHMARK(header_check_form_and_parse);

void inner_header_write(benchmark::State& state) {
  std::array<u8, PLAIT_INNER_LEN> out{};
  plait_inner inner{.dsn = 1, .distance = 1, .bucket = 7, .flags = PLAIT_INNER_PARTIAL_CSUM};
  for (auto _ : state) {
    ++inner.dsn;
    plait_inner_encode(out.data(), &inner);
    benchmark::DoNotOptimize(out);
  }
  count_items(state, 1);
}
BENCHMARK(inner_header_write);

void inner_header_parse(benchmark::State& state) {
  std::array<u8, PLAIT_INNER_LEN> octets{};
  plait_inner inner{};
  for (auto _ : state) {
    benchmark::DoNotOptimize(octets);
    plait_inner_decode(&inner, octets.data());
    benchmark::DoNotOptimize(inner);
  }
  count_items(state, 1);
}
BENCHMARK(inner_header_parse);

// Each is the nearest to the one before, as on a lane.
void dsn_extend(benchmark::State& state) {
  u64 dsn = u64{1} << 40;
  for (auto _ : state) {
    dsn = plait_dsn_extend(dsn, static_cast<u32>(dsn) + 1);
    benchmark::DoNotOptimize(dsn);
  }
  count_items(state, 1);
}
BENCHMARK(dsn_extend);

void bucket_of_ipv4_tcp(benchmark::State& state) {
  auto packet = micro::tcp_headers();
  plait_put_be16(packet.data() + 2, packet.size());
  u16 port = 0;
  for (auto _ : state) {
    plait_put_be16(packet.data() + 20, ++port);
    benchmark::DoNotOptimize(plait_flow_hash(packet.data(), packet.size()));
  }
  count_items(state, 1);
}
BENCHMARK(bucket_of_ipv4_tcp);

void bucket_of_ipv6_udp(benchmark::State& state) {
  std::array<u8, PLAIT_IPV6_LEN + PLAIT_UDP_LEN> packet{};
  packet[0] = 0x60;
  packet[5] = PLAIT_UDP_LEN;
  packet[6] = PLAIT_PROTO_UDP;
  u16 port = 0;
  for (auto _ : state) {
    plait_put_be16(packet.data() + PLAIT_IPV6_LEN, ++port);
    benchmark::DoNotOptimize(plait_flow_hash(packet.data(), packet.size()));
  }
  count_items(state, 1);
}
BENCHMARK(bucket_of_ipv6_udp);

// A source symbol full of small packets, walked from end to end; items are packets.
void bundle_walk(benchmark::State& state) {
  auto packet = micro::tcp_headers();
  plait_put_be16(packet.data() + 2, packet.size());
  std::vector<u8> symbol(PLAIT_INNER_LEN);
  const u32 packets = kMtu / packet.size();
  for (u32 i = 0; i < packets; ++i)
    symbol.insert(symbol.end(), packet.begin(), packet.end());
  for (auto _ : state) {
    plait_packet found{};
    u32 off = PLAIT_INNER_LEN, count = 0;
    while (plait_bundle_next(symbol.data(), static_cast<u32>(symbol.size()), &off, &found) == 1)
      ++count;
    benchmark::DoNotOptimize(found);
    if (count != packets) state.SkipWithError("not the packets that are in the symbol");
  }
  count_items(state, packets);
}
BENCHMARK(bundle_walk);

}  // namespace
