// SPDX-License-Identifier: GPL-2.0
// The server runs in a thread; what it says, the client is told.
#include "local.hpp"

#include <exception>
#include <future>
#include <thread>

#include "server.hpp"

namespace plaitbench {

void run_local(const TwoHostsOptions& options, ClientOptions client, const Stop& stop) {
  const TwoHosts hosts(options);
  std::promise<std::uint16_t> port;
  const std::jthread server([&hosts, &port](const std::stop_token& end) {
    bool listens = false;
    try {
      hosts.on(TwoHosts::Side::server, [&] {
        Server server({}, default_port, Stop(end), [](const std::string&) {});
        port.set_value(server.port());
        listens = true;
        server.run();
      });
    } catch (const Interrupted&) {
      return;  // as it was asked to
    } catch (...) {
      if (!listens) port.set_exception(std::current_exception());
    }
  });
  client.host = hosts.server_address();
  client.port = port.get_future().get();
  client.device = hosts.device();
  hosts.on(TwoHosts::Side::client, [&] { run_client(client, stop); });
}

}  // namespace plaitbench
