// The same star of nodes and the same UDP flows as a vxlane scenario, in ns-3: a hub, a point-to-point link to each node, a datagram a
// millisecond from each flow. What ns-3 offers in the way of speed is taken: routes by index instead of its lists, which are searched from
// front to back (4,096 entries in the hub); one socket a node; no queue discs, no checksums, no traces, no statistics but counts.
//
//   ns3-star FLOWS [--bytes=N] [--scheduler=ns3::MapScheduler] [--delays=FILE] [--lists]
//
// FLOWS is a file of nodes and flows as bench/reference/limit.c takes it. `bytes` is what stands around the IP packet on vxlane's wire: the
// payload here is so much longer (less ns-3's own 2 bytes of PPP) that a packet takes as long. `delays` writes one line a packet. `lists` takes
// the routes that ns-3's own helpers make, as most of its users do.

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include <chrono>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <vector>

using namespace ns3;

namespace {

constexpr uint32_t MAGIC = 0x4c465856, PPP = 2, IP_AND_UDP = 28;
constexpr uint16_t PORT = 7000;
/** Bits a second at which any packet takes no time. */
constexpr uint64_t INFINITE_RATE = 1000000000000000000;

/** The beginning of a file of flows; a row of four words for each node follows, then four words and a start for each flow. */
struct Setting {
  uint32_t magic, nodes, flows, size;
  double interval, latency, nsPerByte, duration, stop;
};

struct Flow {
  uint32_t from, to;
  int64_t start;
};

Setting setting;
std::vector<Flow> flows;
std::vector<Ptr<Socket>> sockets;
uint32_t payload;
uint64_t sent = 0, delivered = 0;
FILE *delays = nullptr;
bool withLists = false;

/** Addresses of nodes: 10.0.0.0 and as many as there are; the hub's ends have none that anybody sends to. */
Ipv4Address AddressOf(uint32_t node) { return Ipv4Address(0x0a000000 + node); }
uint32_t NodeOf(Ipv4Address address) { return address.Get() - 0x0a000000; }
const Ipv4Address HUB("10.255.255.254");

/** Routes of a star, each by one look at a table: at the hub by the destination, at a node out of its one link, or to itself. */
class StarRouting : public Ipv4RoutingProtocol {
public:
  void SetIpv4(Ptr<Ipv4> ipv4) override { m_ipv4 = ipv4; }

  /** For a node: out of its link, or through the loopback to itself. */
  void Leaf(Ipv4Address self) {
    m_self = self;
    m_routes = {RouteTo(1, self), RouteTo(0, self)};
  }

  /** For the hub: one route to each node, over its link. */
  void Hub(uint32_t nodes) {
    m_isHub = true;
    for (uint32_t node = 0; node < nodes; node++) m_routes.push_back(RouteTo(node + 1, HUB));
  }

  Ptr<Ipv4Route> RouteOutput(Ptr<Packet>, const Ipv4Header &header, Ptr<NetDevice>, Socket::SocketErrno &error) override {
    error = Socket::ERROR_NOTERROR;
    return m_routes[header.GetDestination() == m_self ? 1 : 0];
  }

  bool RouteInput(Ptr<const Packet> packet, const Ipv4Header &header, Ptr<const NetDevice> device, UnicastForwardCallback forward,
                  MulticastForwardCallback, LocalDeliverCallback deliver, ErrorCallback) override {
    Ipv4Address target = header.GetDestination();
    if (m_isHub) {
      forward(m_routes[NodeOf(target)], packet, header);
      return true;
    }
    if (target != m_self) return false;
    deliver(packet, header, m_ipv4->GetInterfaceForDevice(device));
    return true;
  }

  void NotifyInterfaceUp(uint32_t) override {}
  void NotifyInterfaceDown(uint32_t) override {}
  void NotifyAddAddress(uint32_t, Ipv4InterfaceAddress) override {}
  void NotifyRemoveAddress(uint32_t, Ipv4InterfaceAddress) override {}
  void PrintRoutingTable(Ptr<OutputStreamWrapper>, Time::Unit) const override {}

private:
  Ptr<Ipv4Route> RouteTo(uint32_t interface, Ipv4Address source) {
    Ptr<Ipv4Route> route = Create<Ipv4Route>();
    route->SetSource(source);
    route->SetGateway(Ipv4Address::GetZero());
    route->SetOutputDevice(m_ipv4->GetNetDevice(interface));
    return route;
  }

  Ptr<Ipv4> m_ipv4;
  Ipv4Address m_self;
  std::vector<Ptr<Ipv4Route>> m_routes;
  bool m_isHub = false;
};

/** Makes each node's StarRouting, to be filled when its links are there. */
class StarRoutingHelper : public Ipv4RoutingHelper {
public:
  StarRoutingHelper *Copy() const override { return new StarRoutingHelper(*this); }
  Ptr<Ipv4RoutingProtocol> Create(Ptr<Node>) const override { return CreateObject<StarRouting>(); }
};

[[noreturn]] void Fail(const char *why) {
  std::fprintf(stderr, "ns3-star: %s\n", why);
  std::exit(1);
}

void ReadFlows(const char *path) {
  FILE *file = std::fopen(path, "rb");
  if (file == nullptr || std::fread(&setting, sizeof setting, 1, file) != 1 || setting.magic != MAGIC) Fail("no file of flows there");
  std::unordered_map<uint32_t, uint32_t> nodeOfBlock;
  for (uint32_t node = 0; node < setting.nodes; node++) {
    uint32_t row[4];
    if (std::fread(row, sizeof row, 1, file) != 1) Fail("the file of flows ends early");
    nodeOfBlock[row[2] >> 8] = node;
  }
  for (uint32_t i = 0; i < setting.flows; i++) {
    uint32_t row[4];
    double start;
    if (std::fread(row, sizeof row, 1, file) != 1 || std::fread(&start, sizeof start, 1, file) != 1) Fail("the file of flows ends early");
    flows.push_back({row[3], nodeOfBlock.at(row[1] >> 8), static_cast<int64_t>(start)});
  }
  std::fclose(file);
}

/** One datagram of a flow, and the appointment for its next one. */
void Send(uint32_t flow) {
  Ptr<Packet> packet;
  if (delays == nullptr) packet = Create<Packet>(payload);
  else {
    std::vector<uint8_t> bytes(payload);
    int64_t now = Simulator::Now().GetNanoSeconds();
    std::memcpy(bytes.data(), &flow, 4);
    std::memcpy(bytes.data() + 4, &now, 8);
    packet = Create<Packet>(bytes.data(), payload);
  }
  sent++;
  sockets[flows[flow].from]->SendTo(packet, 0, InetSocketAddress(AddressOf(flows[flow].to), PORT));
  Time next = NanoSeconds(static_cast<int64_t>(setting.interval));
  if ((Simulator::Now() + next).GetNanoSeconds() <= setting.stop) Simulator::Schedule(next, &Send, flow);
}

void Receive(Ptr<Socket> socket) {
  while (Ptr<Packet> packet = socket->Recv()) {
    delivered++;
    if (delays == nullptr) continue;
    uint8_t head[12];
    uint32_t flow;
    int64_t began;
    packet->CopyData(head, 12);
    std::memcpy(&flow, head, 4);
    std::memcpy(&began, head + 4, 8);
    std::fprintf(delays, "%u %lld %lld\n", flow, static_cast<long long>(began), static_cast<long long>(Simulator::Now().GetNanoSeconds() - began));
  }
}

/** A node's way out, and with ns-3's own lists the hub's way to it. */
void Route(Ptr<Ipv4> ip, Ptr<Ipv4> hub, uint32_t node) {
  if (!withLists) return DynamicCast<StarRouting>(ip->GetRoutingProtocol())->Leaf(AddressOf(node));
  Ipv4StaticRoutingHelper routes;
  routes.GetStaticRouting(ip)->SetDefaultRoute(Ipv4Address::GetZero(), 1);
  routes.GetStaticRouting(ip)->AddHostRouteTo(AddressOf(node), 0);
  routes.GetStaticRouting(hub)->AddHostRouteTo(AddressOf(node), node + 1);
}

void MakeStar(NodeContainer &nodes, Ptr<Node> hub) {
  InternetStackHelper stack;
  stack.SetIpv6StackInstall(false);
  if (!withLists) stack.SetRoutingHelper(StarRoutingHelper());
  stack.Install(hub);
  stack.Install(nodes);
  PointToPointHelper link;
  link.SetChannelAttribute("Delay", TimeValue(NanoSeconds(static_cast<int64_t>(setting.latency / 2))));
  link.SetDeviceAttribute("DataRate", DataRateValue(DataRate(static_cast<uint64_t>(8e9 / setting.nsPerByte + 0.5))));
  link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("1000p"));
  Ptr<Ipv4> hubIp = hub->GetObject<Ipv4>();
  for (uint32_t node = 0; node < setting.nodes; node++) {
    NetDeviceContainer ends = link.Install(nodes.Get(node), hub);
    // The hub is the fabric: what reaches it is on its way at once.
    ends.Get(1)->SetAttribute("DataRate", DataRateValue(DataRate(INFINITE_RATE)));
    const Ptr<Ipv4> ips[] = {nodes.Get(node)->GetObject<Ipv4>(), hubIp};
    const Ipv4Address addresses[] = {AddressOf(node), HUB};
    for (int end = 0; end < 2; end++) {
      uint32_t interface = ips[end]->AddInterface(ends.Get(end));
      ips[end]->AddAddress(interface, Ipv4InterfaceAddress(addresses[end], Ipv4Mask::GetOnes()));
      ips[end]->SetUp(interface);
    }
    Route(ips[0], hubIp, node);
    Ptr<Socket> socket = Socket::CreateSocket(nodes.Get(node), UdpSocketFactory::GetTypeId());
    socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
    socket->SetRecvCallback(MakeCallback(&Receive));
    sockets.push_back(socket);
  }
  if (!withLists) DynamicCast<StarRouting>(hubIp->GetRoutingProtocol())->Hub(setting.nodes);
}

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

} // namespace

int main(int argc, char *argv[]) {
  std::string path, delayPath, scheduler = "ns3::MapScheduler";
  uint32_t around = 88;
  CommandLine command(__FILE__);
  command.AddNonOption("flows", "file of nodes and flows", path);
  command.AddValue("bytes", "bytes around an IP packet on vxlane's wire", around);
  command.AddValue("scheduler", "keeper of pending events", scheduler);
  command.AddValue("delays", "file for the delay of each packet", delayPath);
  command.AddValue("lists", "the routes that ns-3's own helpers make", withLists);
  command.Parse(argc, argv);
  ReadFlows(path.c_str());
  if (!delayPath.empty() && (delays = std::fopen(delayPath.c_str(), "w")) == nullptr) Fail("cannot write the file of delays");
  payload = setting.size + around - PPP - IP_AND_UDP;
  auto began = std::chrono::steady_clock::now();
  Simulator::SetScheduler(ObjectFactory(scheduler));
  Simulator::Stop(NanoSeconds(static_cast<int64_t>(setting.duration)));
  NodeContainer nodes(setting.nodes);
  Ptr<Node> hub = CreateObject<Node>();
  MakeStar(nodes, hub);
  for (uint32_t i = 0; i < setting.flows; i++) {
    if (flows[i].start <= setting.stop) Simulator::ScheduleWithContext(nodes.Get(flows[i].from)->GetId(), NanoSeconds(flows[i].start), &Send, i);
  }
  double setUp = Seconds(began);
  began = std::chrono::steady_clock::now();
  std::clock_t cpu = std::clock();
  Simulator::Run();
  double seconds = Seconds(began), cpuSeconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  std::printf("ns3-star nodes=%u flows=%u sent=%llu delivered=%llu events=%llu setUpSeconds=%.3f seconds=%.3f cpuSeconds=%.3f packetsPerSecond=%.0f\n", setting.nodes,
              setting.flows, static_cast<unsigned long long>(sent), static_cast<unsigned long long>(delivered),
              static_cast<unsigned long long>(Simulator::GetEventCount()), setUp, seconds, cpuSeconds, delivered / seconds);
  if (delays != nullptr) std::fclose(delays);
  // Taking 4,096 nodes apart takes longer than the run; the process ends anyway.
  std::fflush(stdout);
  std::_Exit(0);
}
