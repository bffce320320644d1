// SPDX-License-Identifier: GPL-2.0
// Sending: batches of packets that lie side by side in one buffer, stamped anew each time.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "clock.hpp"
#include "datagrams.hpp"
#include "inbox.hpp"
#include "net.hpp"
#include "pace.hpp"
#include "stamp.hpp"

namespace plaitbench {
namespace {

constexpr std::size_t most_segments = 64;     // the kernel's UDP_MAX_SEGMENTS
constexpr std::size_t most_at_once = 65'000;  // of a super-packet, octets
constexpr std::uint64_t pulse_every_ns = 50 * ms_in_ns;
constexpr std::chrono::milliseconds full_patience{100};

// Packets side by side, and the messages that send them: each packet one, or, if all are of one
// length, as many as UDP_SEGMENT takes.
class Batch {
 public:
  explicit Batch(const Spec& spec)
      : spec_(spec),
        stride_(std::ranges::max(spec.payloads)),
        octets_(stride_ * spec.batch),
        parts_(spec.batch),
        headers_(spec.batch),
        controls_(spec.batch),
        segmented_(spec.payloads.size() == 1 && stride_ * 2 <= most_at_once) {
    // What a path that compresses would make nothing of would be measured too well.
    std::minstd_rand noise(spec.trial + 1U);
    for (auto& octet : octets_)
      octet = static_cast<std::byte>(noise() >> 8);
  }

  // The next packets of the trial. Returns how many messages they are.
  unsigned fill(unsigned packets, std::uint64_t sequence, std::uint64_t probe_every) {
    const std::uint64_t now = now_ns();
    for (unsigned i = 0; i < packets; i++, sequence++) {
      const bool probe = probe_every != 0 && sequence % probe_every == 0;
      write_stamp(std::span(octets_).subspan(i * stride_).first<stamp_size>(),
                  {.trial = spec_.trial,
                   .sequence = static_cast<std::uint32_t>(sequence),
                   .kind = probe ? Kind::probe : Kind::load,
                   .time_ns = now});
    }
    return segmented_ ? as_super_packets(packets) : one_by_one(packets, sequence - packets);
  }

  [[nodiscard]] std::span<mmsghdr> messages(unsigned first, unsigned end) {
    return std::span(headers_).subspan(first, end - first);
  }
  [[nodiscard]] std::uint64_t octets_of(unsigned message) const { return parts_[message].iov_len; }
  [[nodiscard]] unsigned packets_of(unsigned message) const {
    return segmented_ ? static_cast<unsigned>(parts_[message].iov_len / stride_) : 1;
  }
  [[nodiscard]] bool segmented() const { return segmented_; }
  // A device that cannot sum what it sends takes no super-packets.
  void do_without_segmentation() { segmented_ = false; }

 private:
  struct alignas(cmsghdr) Segment {
    char octets[CMSG_SPACE(sizeof(std::uint16_t))] = {};
  };

  void set(unsigned message, std::size_t offset, std::size_t length) {
    parts_[message] = {.iov_base = &octets_[offset], .iov_len = length};
    headers_[message] = {};
    headers_[message].msg_hdr.msg_iov = &parts_[message];
    headers_[message].msg_hdr.msg_iovlen = 1;
  }

  unsigned one_by_one(unsigned packets, std::uint64_t sequence) {
    for (unsigned i = 0; i < packets; i++) {
      set(i, i * stride_, spec_.payloads[(sequence + i) % spec_.payloads.size()]);
    }
    return packets;
  }

  unsigned as_super_packets(unsigned packets) {
    const auto each = static_cast<unsigned>(std::min(most_segments, most_at_once / stride_));
    unsigned message = 0;
    for (unsigned done = 0; done < packets; message++) {
      const unsigned now = std::min(each, packets - done);
      set(message, done * stride_, now * stride_);
      done += now;
      if (now == 1) continue;
      auto& header = headers_[message].msg_hdr;
      header.msg_control = controls_[message].octets;
      header.msg_controllen = sizeof(controls_[message].octets);
      cmsghdr* control = CMSG_FIRSTHDR(&header);
      control->cmsg_level = SOL_UDP;
      control->cmsg_type = UDP_SEGMENT;
      control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto length = static_cast<std::uint16_t>(stride_);
      std::memcpy(CMSG_DATA(control), &length, sizeof(length));
    }
    return message;
  }

  const Spec& spec_;
  std::size_t stride_;
  std::vector<std::byte> octets_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> headers_;
  std::vector<Segment> controls_;
  bool segmented_;
};

// Reads the echoes while another thread sends.
class Echoes {
 public:
  Echoes(int fd, std::uint16_t trial)
      : thread_([this, fd, trial](const std::stop_token& end) { run(fd, trial, end); }) {}

  // Waits for those that are under way.
  Histogram finish() {
    constexpr std::chrono::milliseconds patience{300};
    std::this_thread::sleep_for(patience);
    thread_.request_stop();
    thread_.join();
    return std::move(times_);
  }

 private:
  void run(int fd, std::uint16_t trial, const std::stop_token& end) {
    Inbox inbox;
    while (!end.stop_requested()) {
      inbox.receive(fd, [&](std::span<const std::byte> datagram) {
        const auto stamp = read_stamp(datagram);
        if (stamp && stamp->kind == Kind::echo && stamp->trial == trial) {
          times_.add(since_stamp(stamp->time_ns, now_ns()));
        }
      });
    }
  }

  Histogram times_;
  std::jthread thread_;
};

class DatagramSender {
 public:
  DatagramSender(int fd, const Spec& spec, const Pulse& pulse)
      : fd_(fd), spec_(spec), pulse_(pulse), batch_(spec) {
    set_patience(fd, full_patience, full_patience);
  }

  Sent run() {
    const ThreadUse use;
    const std::uint64_t start = now_ns();
    if (spec_.burst != 0) {
      bursts();
    } else {
      paced(start);
      sent_.seconds = to_seconds(now_ns() - start);
    }
    sent_.thread = use.share();
    sent_.segmentation = batch_.segmented();
    return std::move(sent_);
  }

 private:
  void paced(std::uint64_t start) {
    constexpr std::uint64_t without_rate = 64;
    const std::uint64_t end = start + static_cast<std::uint64_t>(spec_.seconds * 1e9);
    const bool endless = spec_.rate <= 0;
    const auto all = endless ? ~std::uint64_t{0}
                             : static_cast<std::uint64_t>(std::llround(spec_.rate * spec_.seconds));
    const unsigned size = endless ? spec_.batch : batch_for(spec_.rate, spec_.batch);
    if (spec_.probes > 0) {
      probe_every_ = endless ? without_rate
                             : std::max<std::uint64_t>(
                                   1, static_cast<std::uint64_t>(spec_.rate / spec_.probes));
    }
    Pacer pacer(start, spec_.rate);
    std::uint64_t late_ns = 0;
    while (sequence_ < all) {
      wait_until(std::min(pacer.due_ns(), end));
      const std::uint64_t now = now_ns();
      pacer.woke(now);
      if (now >= end) {
        late_ns = endless || now < pacer.due_ns() ? 0 : now - pacer.due_ns();
        break;
      }
      const auto packets = static_cast<unsigned>(std::min<std::uint64_t>(size, all - sequence_));
      send(packets, end);
      pacer.sent(packets);
    }
    // The last packets have their share of the time, too.
    if (sequence_ == all) wait_until(std::min(pacer.due_ns(), end));
    sent_.stalled_seconds = to_seconds(pacer.stalled_ns() + late_ns);
  }

  void bursts() {
    for (unsigned i = 0; i < spec_.repeat; i++) {
      const std::uint64_t start = now_ns();
      const auto end = start + static_cast<std::uint64_t>(Spec::longest_seconds * 1e9);
      for (std::uint64_t left = spec_.burst; left > 0;) {
        const auto packets = static_cast<unsigned>(std::min<std::uint64_t>(spec_.batch, left));
        send(packets, end);
        left -= packets;
      }
      sent_.seconds += to_seconds(now_ns() - start);
      wait_until(now_ns() + spec_.pause_ms * ms_in_ns);
    }
  }

  // Sleeps in steps, so that the pulse goes on.
  void wait_until(std::uint64_t time_ns) {
    for (;;) {
      const std::uint64_t now = now_ns();
      if (now >= pulsed_ns_ + pulse_every_ns) {
        pulse_();
        pulsed_ns_ = now;
      }
      if (now >= time_ns) return;
      sleep_until_ns(std::min(time_ns, now + pulse_every_ns));
    }
  }

  void send(unsigned packets, std::uint64_t end) {
    const std::uint64_t goal = sequence_ + packets;
    while (sequence_ < goal) {
      const unsigned count =
          batch_.fill(static_cast<unsigned>(goal - sequence_), sequence_, probe_every_);
      if (!send_messages(count, end)) return;
    }
  }

  // Returns false if it is over. What was filled is sent when it returns true, or there is no
  // segmentation any more.
  bool send_messages(unsigned count, std::uint64_t end) {
    for (unsigned done = 0; done < count;) {
      const auto rest = batch_.messages(done, count);
      const int sent = sendmmsg(fd_, rest.data(), static_cast<unsigned>(rest.size()), 0);
      if (sent < 0 && errno == EIO && batch_.segmented()) {
        batch_.do_without_segmentation();
        return true;
      }
      if (sent < 0) {
        again(errno);
        if (now_ns() >= end) return false;
        continue;
      }
      refused_ = 0;
      for (const unsigned last = done + static_cast<unsigned>(sent); done < last; done++) {
        sequence_ += batch_.packets_of(done);
        sent_.octets += batch_.octets_of(done);
      }
      sent_.packets = sequence_;
    }
    return true;
  }

  // Before a call that failed is tried again; throws if that is of no use.
  void again(int error) {
    constexpr unsigned most_refused = 100;
    constexpr std::chrono::microseconds moment{50};
    switch (error) {
      case EINTR:
        break;
      case EAGAIN:
        sent_.blocked++;
        break;
      case ENOBUFS:
        sent_.no_buffers++;
        std::this_thread::sleep_for(moment);
        break;
      case ECONNREFUSED:  // an ICMP error to an earlier packet: the next call sends again
        if (++refused_ < most_refused) break;
        throw std::system_error(error, std::generic_category(),
                                "the other side no longer listens on its UDP port");
      case EMSGSIZE:
        throw std::system_error(
            error, std::generic_category(),
            "the path's MTU has become smaller than the packets (\"--sizes mtu\" takes what fits)");
      case EPERM:
        throw std::system_error(error, std::generic_category(),
                                "a firewall on this host drops the test's datagrams");
      default:
        throw std::system_error(error, std::generic_category(), "sending datagrams");
    }
    wait_until(0);
  }

  int fd_;
  const Spec& spec_;
  const Pulse& pulse_;
  Batch batch_;
  Sent sent_;
  std::uint64_t sequence_ = 0;
  std::uint64_t probe_every_ = 0;
  std::uint64_t pulsed_ns_ = 0;
  unsigned refused_ = 0;
};

}  // namespace

Sent send_datagrams(int fd, const Spec& spec, const Pulse& pulse) {
  DatagramSender sender(fd, spec, pulse);
  if (spec.probes <= 0) return sender.run();
  Echoes echoes(fd, spec.trial);
  Sent sent = sender.run();
  sent.round_trips = echoes.finish();
  return sent;
}

}  // namespace plaitbench
