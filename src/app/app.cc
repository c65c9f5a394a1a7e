#include "app/app.h"

#include <utility>

#include "app/init.h"

namespace brink::app {

int run_app(ipc::Channel channel) { return run_init(std::move(channel)); }

}  // namespace brink::app
