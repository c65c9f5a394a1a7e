// A streamed answer in C++: the client sees each line when it is flushed.
// Try it with curl -N.
#include <chrono>
#include <ctime>
#include <iostream>

namespace {

using namespace std::chrono_literals;

// The C++ library for WASI has no threads, so no std::this_thread either.
void pause(std::chrono::milliseconds duration) {
  const timespec time{0, static_cast<long>(std::chrono::nanoseconds(duration).count())};
  nanosleep(&time, nullptr);
}

}  // namespace

int main() {
  std::cout << "Content-Type: text/plain; charset=utf-8\r\n\r\n";
  for (int left = 5; left > 0; --left) {
    std::cout << left << " …" << std::endl;
    pause(300ms);
  }
  std::cout << "lift-off\n";
}
