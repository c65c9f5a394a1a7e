#include "open_loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "answer_reader.h"
#include "base/unique_fd.h"

namespace brink::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// Answers still missing this long after the last send are errors.
constexpr std::chrono::seconds kPatience{5};

Result<UniqueFd> connect_to(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!fd || ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return fail(ErrorCode::io_error,
                "cannot connect to 127.0.0.1:" + std::to_string(port) + ": " + std::strerror(errno),
                "start the server first");
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

struct Client {
  UniqueFd fd;
  AnswerReader reader;
  Clock::time_point due;  // of the request in flight
  bool counted = false;
};

class OpenLoop {
 public:
  explicit OpenLoop(const LoadPlan& plan)
      : plan_(plan),
        request_("GET " + plan.target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        clients_(plan.connections) {}

  Result<LoadResult> run() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      TRY_VOID(open(i));
      free_.push_back(i);
    }
    start_ = Clock::now();
    const auto total = count(plan_.warmup + plan_.duration);
    const auto warmup = count(plan_.warmup);
    const auto last = start_ + plan_.warmup + plan_.duration;
    while (next_ < total || free_.size() < clients_.size()) {
      const auto now = Clock::now();
      if (now > last + kPatience) break;
      const auto due = std::min(total, count(now - start_));
      result_.peak_backlog = std::max(result_.peak_backlog, due - std::min(due, next_));
      while (next_ < due && !free_.empty()) {
        TRY_VOID(send(next_, next_ >= warmup));
        ++next_;
      }
      TRY_VOID(receive());
    }
    result_.unsent = total - next_;
    result_.errors += clients_.size() - free_.size();
    return std::move(result_);
  }

 private:
  // How many requests are due in `time` after the start.
  [[nodiscard]] std::uint64_t count(nanoseconds time) const {
    return static_cast<std::uint64_t>(std::chrono::duration<double>(time).count() * plan_.rate);
  }

  Result<void> open(std::size_t index) {
    TRY(clients_[index].fd, connect_to(plan_.port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, clients_[index].fd.get(), &event) != 0) {
      return fail(ErrorCode::io_error, std::string("epoll_ctl: ") + std::strerror(errno));
    }
    return {};
  }

  Result<void> send(std::uint64_t number, bool counted) {
    const std::size_t index = free_.back();
    free_.pop_back();
    Client& client = clients_[index];
    // Due from the moment on that count() includes it.
    client.due = start_ + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(
                              static_cast<double>(number + 1) / plan_.rate));
    client.counted = counted;
    client.reader.begin();
    // The request is smaller than an empty send buffer: it goes in one piece.
    const ssize_t sent = ::send(client.fd.get(), request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request_.size())) return broken(index);
    return {};
  }

  Result<void> receive() {
    std::array<epoll_event, 256> events;
    const int ready = ::epoll_wait(epoll_.get(), events.data(), events.size(), 0);
    for (int i = 0; i < ready; ++i) {
      const auto index = static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64);
      const ssize_t got =
          ::recv(clients_[index].fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) continue;
      const auto state = got <= 0 ? AnswerReader::State::broken
                                  : clients_[index].reader.feed(std::string_view(
                                        buffer_.data(), static_cast<std::size_t>(got)));
      if (state == AnswerReader::State::broken) {
        TRY_VOID(broken(index));
      } else if (state == AnswerReader::State::done) {
        TRY_VOID(finish(index));
      }
    }
    return {};
  }

  Result<void> finish(std::size_t index) {
    Client& client = clients_[index];
    if (client.counted) {
      const auto latency = Clock::now() - client.due;
      result_.latency.add(
          static_cast<std::uint64_t>(std::max<nanoseconds::rep>(0, latency.count())));
      ++(client.reader.status() / 100 == 2 ? result_.good : result_.bad);
    }
    free_.push_back(index);
    if (client.reader.closes()) return open(index);
    return {};
  }

  // A connection that the server closed while idle is only opened anew.
  Result<void> broken(std::size_t index) {
    if (std::find(free_.begin(), free_.end(), index) == free_.end()) {
      ++result_.errors;
      free_.push_back(index);
    }
    return open(index);
  }

  const LoadPlan& plan_;
  std::string request_;
  UniqueFd epoll_;
  std::vector<Client> clients_;
  std::vector<std::size_t> free_;
  std::vector<char> buffer_ = std::vector<char>(1 << 20);
  Clock::time_point start_;
  std::uint64_t next_ = 0;
  LoadResult result_;
};

}  // namespace

Result<LoadResult> run_open_loop(const LoadPlan& plan) {
  if (plan.connections == 0 || plan.connections > 50000 || !(plan.rate > 0) || plan.rate > 1e7) {
    return fail(ErrorCode::usage, "the plan asks for no load, or for too much",
                "use 1 to 50000 connections and up to 10 million requests per second");
  }
  return OpenLoop(plan).run();
}

}  // namespace brink::bench
