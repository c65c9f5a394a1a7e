#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <ctime>
#include <memory>

#include "base/result.h"
#include "wasm/engine.h"

namespace brink::wasm {

/// Advances an engine's epoch while guests run, so that one that computes
/// yields: a timer signal (SIGURG; its default action is to be ignored), since a
/// second thread would make every page-table change of the process dearer.
///
/// Armed at the first run() and disarmed by the first tick that finds no guest
/// running: an idle process never wakes, and a request never pays for it.
/// One thread only, the one that runs the guests. The engine must outlive it.
class EpochTimer {
 public:
  static constexpr std::chrono::milliseconds kTick{2};

  static Result<std::unique_ptr<EpochTimer>> create(const Engine& engine);
  ~EpochTimer();
  EpochTimer(const EpochTimer&) = delete;
  EpochTimer& operator=(const EpochTimer&) = delete;

  /// Marks the time in which a guest runs.
  class Running {
   public:
    explicit Running(EpochTimer& timer) noexcept : timer_(timer) { timer_.enter(); }
    ~Running() { timer_.running_.store(false, std::memory_order_relaxed); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    EpochTimer& timer_;
  };

 private:
  explicit EpochTimer(const Engine& engine) : engine_(engine) {}
  void enter() noexcept;
  static void on_tick(int signal, siginfo_t* info, void* context);

  const Engine& engine_;
  timer_t timer_{};
  std::atomic<bool> running_ = false;
  std::atomic<bool> armed_ = false;
};

}  // namespace brink::wasm
