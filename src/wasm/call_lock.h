#pragma once

#include <atomic>
#include <mutex>

namespace brink::wasm {

/// Makes the host calls of one process's guest threads take turns. While there is
/// one thread, which is most of the time, a turn costs two loads.
///
/// An attempt holds its turn and gives it back while it waits. One that moves bytes
/// may give it back meanwhile (Turn::release), once it needs nothing that other
/// threads can change.
class CallLock {
 public:
  /// The right to run one attempt.
  class Turn {
   public:
    /// `lock` null: there is only ever one thread.
    explicit Turn(CallLock* lock) : lock_(lock) { retake(); }
    ~Turn() { release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    void release() {
      if (!locked_) return;
      locked_ = false;
      lock_->mutex_.unlock();
    }
    void retake() {
      if (locked_ || lock_ == nullptr || !lock_->threaded_.load(std::memory_order_relaxed)) return;
      lock_->mutex_.lock();
      locked_ = true;
    }

   private:
    friend class CallLock;
    CallLock* lock_;
    bool locked_ = false;
  };

  CallLock() = default;
  CallLock(const CallLock&) = delete;
  CallLock& operator=(const CallLock&) = delete;

  /// From now on there is more than one thread. Called by the one that there is,
  /// in its turn, before it starts the second; repeated calls do nothing.
  void begin_threads(Turn& turn) {
    threaded_.store(true, std::memory_order_relaxed);
    turn.retake();
  }

 private:
  std::mutex mutex_;
  std::atomic<bool> threaded_{false};
};

}  // namespace brink::wasm
