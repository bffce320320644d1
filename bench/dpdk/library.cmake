# SPDX-License-Identifier: GPL-2.0
# plait_dpdk: the few parts of DPDK that are used here, linked statically: shared, EAL would
# load each of the 180 drivers that Debian has. plait_pmd_parts, plait_load_parts: what
# plait_pmd and plait-load are made of, so that tests/dpdk has them too.
include_guard(GLOBAL)
find_package(PkgConfig REQUIRED)
pkg_check_modules(DPDK QUIET libdpdk)
find_library(PLAIT_IPSEC_MB IPSec_MB)
find_package(OpenSSL QUIET COMPONENTS Crypto)
find_package(CLI11 QUIET)
find_package(fmt QUIET)
if(NOT DPDK_FOUND OR NOT PLAIT_IPSEC_MB OR NOT TARGET plait_static OR NOT OpenSSL_FOUND
   OR NOT CLI11_FOUND OR NOT fmt_FOUND)
  message(STATUS "bench/dpdk is left out: it needs libdpdk-dev, libipsec-mb-dev and userspace/")
  return()
endif()

# Drivers enter themselves in lists before main(), so they are taken whole.
function(plait_dpdk_interface name)
  cmake_parse_arguments(arg "" "" "DRIVERS;LIBRARIES;SYSTEM" ${ARGN})
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${DPDK_INCLUDE_DIRS})
  target_compile_options(${name} INTERFACE ${DPDK_CFLAGS_OTHER})
  # 22.11 counts how sessions are made among it.
  target_compile_definitions(${name} INTERFACE ALLOW_EXPERIMENTAL_API)
  list(TRANSFORM arg_DRIVERS REPLACE "(.+)" "${DPDK_LIBDIR}/librte_\\1.a")
  list(TRANSFORM arg_LIBRARIES REPLACE "(.+)" "${DPDK_LIBDIR}/librte_\\1.a")
  target_link_libraries(${name} INTERFACE
    -Wl,--whole-archive ${arg_DRIVERS} -Wl,--no-whole-archive
    -Wl,--start-group ${arg_LIBRARIES} -Wl,--end-group ${arg_SYSTEM} numa bsd dl m pthread)
endfunction()

set(base ethdev net mempool mbuf ring kvargs meter telemetry eal)
plait_dpdk_interface(plait_dpdk_crypto DRIVERS bus_vdev mempool_ring net_ring crypto_ipsec_mb
  LIBRARIES cryptodev security rcu ${base} SYSTEM ${PLAIT_IPSEC_MB})
plait_dpdk_interface(plait_dpdk_net DRIVERS bus_vdev mempool_ring net_ring net_af_packet net_af_xdp
  LIBRARIES ${base} SYSTEM xdp bpf)

set(dir ${CMAKE_CURRENT_LIST_DIR})
add_library(plait_pmd_parts STATIC ${dir}/eal.cpp ${dir}/port.cpp ${dir}/crypto.cpp
  ${dir}/transmit.cpp ${dir}/receive.cpp)
target_include_directories(plait_pmd_parts PUBLIC ${dir})
target_link_libraries(plait_pmd_parts PUBLIC plait_core plait_dpdk_crypto)

add_library(plait_load_parts STATIC ${dir}/eal.cpp ${dir}/port.cpp ${dir}/load/inner.cpp
  ${dir}/load/maker.cpp ${dir}/load/mix.cpp ${dir}/load/options.cpp ${dir}/load/sink.cpp
  ${dir}/../userdp/aead.cpp)
target_include_directories(plait_load_parts PUBLIC ${dir} ${dir}/../userdp)
target_link_libraries(plait_load_parts PUBLIC plait_core plait_static plait_dpdk_net
  OpenSSL::Crypto CLI11::CLI11 fmt::fmt)
