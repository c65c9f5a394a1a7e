#pragma once

#include "http/date_cache.h"
#include "ipc/admission.h"
#include "ipc/metrics.h"
#include "launch/app_version.h"
#include "net/deadline_queue.h"
#include "net/event_loop.h"
#include "wasi/random.h"
#include "wasm/epoch_timer.h"
#include "worker/disk_desk.h"
#include "worker/log_sink.h"
#include "worker/memory_budget.h"
#include "worker/reaper.h"
#include "worker/request_id.h"
#include "worker/scheduler.h"
#include "worker/spool_budget.h"
#include "worker/waiting_room.h"

namespace brink::worker {

/// What every connection and exchange of a worker uses: built once in the role's
/// main function, outlives them all.
struct Services {
  net::EventLoop& loop;
  net::DeadlineQueue& deadlines;
  Scheduler& scheduler;
  wasm::EpochTimer& epochs;
  launch::AppVersion& app;
  WaitingRoom& waiting_room;
  MemoryBudget& memory;
  Reaper& reaper;
  SpoolBudget& spools;
  DiskDesk& disk;
  LogSink& log;
  ipc::Metrics metrics;
  http::DateCache& dates;
  wasi::RandomSource& random;
  RequestIds& request_ids;
};

}  // namespace brink::worker
